"""tracer: functions that keep their last argument, and look whether it is the same again.

Comes in: conditions that become guards, and what was read of the outside. Goes out: those traced operands that a condition found equal
to something of the outside. On such a path a function gives what it kept: its value there is right, and its derivative is not, since
the path holds at that one argument, or near it, and what was kept knows nothing of it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._array import Tracer
from ._outside import Reads
from ._refusal import refuse, user_line
from ._terms import Term

# Of a condition so many terms are looked at: np.allclose and a norm of a difference have fewer.
_MOST_TERMS = 32


class Kept(NamedTuple):
    """A traced operand equal to something of the outside, and who looked. `exactly`: the path holds there alone, not near it."""

    operand: Term
    exactly: bool
    line: str


def equal_to_outside(condition: Term, reads: Reads) -> Iterator[Kept]:
    """Find in a condition what is compared with, or subtracted from, something of the outside that is equal to it here."""
    if not reads:
        return
    waiting = [condition]
    for _ in range(_MOST_TERMS):
        if not waiting:
            return
        term = waiting.pop()
        exactly = term.work is np.equal or term.work is np.not_equal
        if exactly or term.work is np.subtract:
            a, b = term.operands
            for operand, constant in ((a, b), (b, a)):
                if constant.recording is None and operand.recording is not None and _are_equal(operand, constant):
                    # With 0 differences and sums are compared, and it is among what most functions read: an argument must be 0 itself.
                    if (constant.real.any() or not _is_computed(operand)) and reads.has(constant.real):
                        yield Kept(operand, exactly, user_line())
        if not exactly:  # of what is compared with something else, no part is
            waiting.extend(operand for operand in term.operands if operand.recording is not None)


def refuse_kept(found: Sequence[Kept], inputs: Sequence[Tracer], results: Sequence[Any]) -> None:
    """Refuse to differentiate by `inputs` where the path was chosen because they are what the function keeps."""
    terms = [x._term for x in inputs]
    mine = [kept for kept in found if _depends(kept.operand, terms)]
    if not mine:
        return
    pinned = sum(kept.operand.real.size for kept in mine if kept.exactly)
    whole = [result for result in results if np.size(result)]
    is_constant = whole and not any(isinstance(result, Tracer) and _depends(result._term, terms) for result in whole)
    if is_constant or pinned >= sum(term.real.size for term in terms):
        where = f" ({mine[0].line})" if mine[0].line else ""
        raise refuse(
            f"a derivative where the function finds its argument equal to one that it keeps{where}, and gives what it kept,",
            "differentiate the function without its cache",
        )


def _are_equal(operand: Term, constant: Term) -> bool:
    return operand.shape == constant.shape and bool(np.array_equal(operand.real, constant.real))


def _is_computed(term: Term) -> bool:
    while len(term.operands) == 1 and not isinstance(term.work, np.ufunc):  # a view or a copy
        (term,) = term.operands
    return bool(term.operands)


def _depends(term: Term, inputs: Sequence[Term]) -> bool:
    seen: set[int] = set()
    waiting = [term]
    while waiting:
        term = waiting.pop()
        if any(term is each for each in inputs):
            return True
        if id(term) not in seen:
            seen.add(id(term))
            waiting.extend(term.operands)
    return False
