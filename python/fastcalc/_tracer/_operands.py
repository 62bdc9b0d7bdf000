"""tracer: what a function may be given in place of an array.

Comes in: numbers, arrays, nested lists of traced values. Goes out: terms and traced arrays.
"""

from typing import Any

import numpy as np

from . import _table
from ._array import Tracer
from ._refusal import refuse
from ._terms import Term, at, constant, placed


def term_of(operand: Any) -> Term:
    """Return what `operand` is now; it may be written into afterwards."""
    if type(operand) is Tracer:
        term = operand._term
        if term.recording is None:
            operand._owner._now.held = term.held = True
        return term
    if type(operand) is float or type(operand) is int:
        return constant(operand)
    if isinstance(operand, list | tuple) and is_traced(operand):
        return assembled(operand)
    array = np.array(operand)
    if array.dtype.kind == "c":
        raise refuse("a complex number", "fit the real and the imaginary part side by side")
    if array.dtype.kind == "O" and is_traced(operand):
        return assembled(operand.tolist())
    if array.dtype.kind not in "biuf":
        raise refuse(f"an operand of type {type(operand).__name__}", "use numbers and arrays of numbers")
    return constant(array)


def is_traced(operand: Any) -> bool:
    """Whether there is a traced array in `operand`: itself, or an element of a list, a tuple or an array of objects."""
    if type(operand) is Tracer:
        return True
    if isinstance(operand, np.ndarray):
        return operand.dtype.kind == "O" and any(type(element) is Tracer for element in operand.flat)
    return isinstance(operand, list | tuple) and any(map(is_traced, operand))


def as_array(operand: Any) -> Any:
    """Return `operand` as something with the methods of an array."""
    if type(operand) is Tracer:
        return operand
    if is_traced(operand):
        return Tracer.holding(term_of(operand), number=False)
    return np.asarray(operand)


def wrapped(term: Term) -> Any:
    """Return the result of an operation: NumPy's own number where it is a constant without axes, else a traced array."""
    return term.real[()] if term.recording is None and not term.shape else Tracer.holding(term)


def assembled(parts: Any) -> Term:
    """Return the array of which `parts`, a nested list, are the elements or the sub-arrays."""
    leaves: list[tuple[tuple[int, ...], Any]] = []
    outer = _outline(parts, (), leaves)
    terms = [(place, term_of(leaf)) for place, leaf in leaves]
    inner = terms[0][1].shape if terms else ()
    if any(term.shape != inner for _, term in terms):
        raise ValueError("setting an array element with a sequence: the parts of the array differ in shape")
    truth = bool(terms) and all(term.truth for _, term in terms)
    base: Any = np.zeros(outer + inner, dtype=np.bool_ if truth else np.float64)
    for place, term in terms:
        if term.recording is None:
            base[place] = term.real
    whole = constant(base)
    for place, term in terms:
        if term.recording is not None:
            whole = placed(whole, term, at(*place, Ellipsis))
    return whole


def _outline(parts: Any, place: tuple[int, ...], leaves: list[tuple[tuple[int, ...], Any]]) -> tuple[int, ...]:
    """Return the extents of a nested list, and enter what lies in it."""
    if not isinstance(parts, list | tuple):
        leaves.append((place, parts))
        return ()
    before = len(leaves)
    outlines = {_outline(part, (*place, i), leaves) for i, part in enumerate(parts)}
    if len(outlines) > 1:  # lists beside arrays: each is a part as a whole
        leaves[before:] = [((*place, i), part) for i, part in enumerate(parts)]
        return (len(parts),)
    return (len(parts), *(outlines.pop() if outlines else ()))


_table.term_of = term_of
