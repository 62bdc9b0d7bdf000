"""tracer: functions of scipy.special that each run asks SciPy for, with the rules of their derivatives.

Comes in: constants and traced arrays. Goes out: the ufunc's own values, and what is known of their derivatives: for most, by the last
argument alone. By the parameters there is no closed form. A rule is in terms of such functions again, so that there is every order.
"""

import sys
from typing import Any

import numpy as np

from ._array import Tracer
from ._called import OutsideFunction, with_rule
from ._operands import term_of
from ._refusal import refuse
from ._slopes import slopes
from ._ufuncs import composed


def _recorded(name: str, *operands: Any) -> Any:
    """Return what a call gives: one array, or a tuple of them."""
    ufunc = getattr(sys.modules["scipy.special"], name)
    terms = [term_of(operand) for operand in operands]
    traced = [k for k, term in enumerate(terms) if term.recording is not None]
    # A whole number stays one: of it some ufuncs have a loop of their own.
    fixed = [
        np.array(term.real if isinstance(operand, Tracer) else operand)
        for term, operand in zip(terms, operands, strict=True)
    ]
    if not traced:
        return ufunc(*fixed)
    rows = slopes[name]
    for k in traced:
        if rows[0][k] is None:
            raise refuse(
                f"a traced {('first', 'second', 'third')[k]} argument of scipy.special.{name}",
                "its derivative there has no closed form: make it a constant",
            )
    results = tuple(_component(ufunc, name, fixed, traced, terms, place) for place in range(ufunc.nout))
    return results if ufunc.nout > 1 else results[0]


def _component(ufunc: Any, name: str, fixed: list[Any], traced: list[int], terms: list[Any], place: int) -> Any:
    """Record one of the results of a call."""
    shapes = [terms[k].shape for k in traced]
    ends = np.cumsum([fixed[k].size for k in traced])
    recording = terms[traced[0]].recording

    def among(given: Any) -> list[Any]:
        """All arguments, those that are traced as given."""
        values = dict(zip(traced, given, strict=True))
        return [values.get(k, constant) for k, constant in enumerate(fixed)]

    def values(flat: Any) -> Any:
        parts = np.split(flat, ends[:-1])
        found = ufunc(*among([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]))
        return found[place] if ufunc.nout > 1 else found

    def rule(inputs: tuple[Any, ...], along: tuple[Any, ...]) -> Any:
        products = [slopes[name][place][k](*among(inputs)) * v for k, v in zip(traced, along, strict=True)]  # type: ignore[misc]
        return sum(products[1:], start=products[0])

    made = np.broadcast_shapes(*(constant.shape for constant in fixed))
    call = OutsideFunction(values, f"scipy.special.{name}", (int(ends[-1]),), made)
    at = tuple(Tracer.holding(terms[k]) for k in traced)
    flat: Any = at[0] if len(at) == 1 else np.concatenate([np.ravel(x) for x in at])
    return with_rule(recording, call.of(flat), at, rule)


for _name in slopes:
    composed[f"special.{_name}"] = lambda *operands, name=_name: _recorded(name, *operands)
