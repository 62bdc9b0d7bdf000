"""face: what Cython code cimports, `from fastcalc.fast cimport evaluate, pointer_of`; `fast.pxd` beside this file describes it.

Python code needs nothing of this.
"""

from ._fast import __pyx_capi__

__all__ = ["__pyx_capi__"]
