"""backends: fits of Dask collections, on one machine or a cluster.

Comes in: Dask arrays and data frames. Goes out: what the same call gives in memory. All of it is one pattern: of each block of rows a
small state, where the block lies; the states added up in a tree of fixed shape; the solution from the sum, here. So rows never
travel, the bits do not depend on how many workers there are or which of them is lost, and a lost block is computed again.
"""

from ._fit import fit
from ._lstsq import lstsq, normal_equations
from ._train import train

__all__ = ["fit", "lstsq", "normal_equations", "train"]
