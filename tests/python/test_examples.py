"""face: every public name has a docstring whose examples show what really happens."""

import doctest

import fastcalc as fc
import pytest

PUBLIC = [name for name in fc.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_run(name):
    thing = getattr(fc, name)
    assert thing.__doc__
    finder = doctest.DocTestFinder(recurse=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    shown: list[str] = []
    for example in finder.find(thing, name, module=False, globs={}):
        runner.run(example, out=shown.append)
    assert runner.failures == 0, "".join(shown)
    assert runner.tries > 0 or isinstance(thing, type), "no example"
