"""face: every public name has a docstring whose examples show what really happens."""

import doctest
from operator import attrgetter

import fastcalc as fc
import pytest

BACKENDS = {"dask": fc.dask, "sklearn": fc.sklearn}
PUBLIC = [
    *(name for name in fc.__all__ if name != "__version__"),
    *(f"{name}.{each}" for name, module in BACKENDS.items() for each in module.__all__),
]


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_run(name):
    thing = attrgetter(name)(fc)
    assert thing.__doc__
    finder = doctest.DocTestFinder(recurse=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    shown: list[str] = []
    for example in finder.find(thing, name, module=False, globs={}):
        runner.run(example, out=shown.append)
    assert runner.failures == 0, "".join(shown)
    assert runner.tries > 0 or isinstance(thing, type), "no example"
