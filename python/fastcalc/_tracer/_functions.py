"""tracer: what is covered of NumPy. Importing this fills the table that the protocols look into, one file a subject."""

from . import _assembly, _indexing, _linalg, _parametric, _products, _reductions, _shapes, _sorting, _stand_ins, _ufuncs
from ._table import table

__all__ = [
    "_assembly",
    "_indexing",
    "_linalg",
    "_parametric",
    "_products",
    "_reductions",
    "_shapes",
    "_sorting",
    "_stand_ins",
    "_ufuncs",
    "table",
]
