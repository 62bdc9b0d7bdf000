"""functions: which way to a Jacobian is the cheaper one. THE COST MODEL STANDS HERE, ONCE.

Comes in: how many directional derivatives and how many adjoints would find all entries. Goes out: a mode. The unit is one run of
the derivative along one direction; ``mode=`` overrides the choice.
"""

from __future__ import annotations

#: What an adjoint costs: the same partial derivatives, and adds to parts of arrays where a direction reads views.
ADJOINT = 2

#: A pattern is looked for up to so many inputs and outputs; beyond, a dense Jacobian is large whatever its pattern, and the search
#: takes its time.
MOST_INPUTS = 2000


def cost(mode: str, count: int) -> int:
    """Return what so many directions (forward) or adjoints (reverse) cost."""
    return count if mode == "forward" else ADJOINT * count


def choose_mode(directions: int, adjoints: int) -> str:
    """Return the cheaper mode."""
    return "forward" if cost("forward", directions) <= cost("reverse", adjoints) else "reverse"


def is_worth_looking_for_a_pattern(inputs: int, outputs: int) -> bool:
    """Whether the pattern of a dense Jacobian can save more than it costs to find."""
    return 4 < inputs <= MOST_INPUTS and outputs <= MOST_INPUTS


def is_worth_using(compressed: int, inputs: int, outputs: int) -> bool:
    """Whether products by a pattern, which cost `compressed`, save so much that entries may be picked from them."""
    return 2 * compressed <= min(cost("forward", inputs), cost("reverse", outputs))
