"""hock_schittkowski: 88 problems with constraints, each with the minimum that its authors published. Goes out: `problems`, by number."""

from . import all_kinds, bounds_and_inequalities, equations
from .problem import Problem

__all__ = ["Problem", "problems"]

problems: dict[int, Problem] = dict(
    sorted({**equations.problems, **bounds_and_inequalities.problems, **all_kinds.problems}.items())
)
