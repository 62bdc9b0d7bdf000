"""Functions in the manner of real user code that must trace, one file a theme.

The program gives the function's values and derivatives at each of the points, whatever paths they take.
Points are the arguments of single calls. The functions are as people write them: with loops, branches, `math`, writes into arrays,
helpers, recursion, classes, caches, prints and globals. `unrepeatable` has those that must be refused.
"""

from . import arrays, branches, containers, functions, mathematics, writes

TRACED = {
    **branches.TRACED,
    **mathematics.TRACED,
    **writes.TRACED,
    **containers.TRACED,
    **functions.TRACED,
    **arrays.TRACED,
}
