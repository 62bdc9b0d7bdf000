"""backends: fastcalc under `scipy.optimize`.

Comes in: a call as SciPy takes it. Goes out: SciPy's result, from fastcalc's loop or from SciPy's own code. A front door (one file
each) is a chain of conditions with their reasons and a translation there and back; `_patch` puts the doors in place, `_report`
counts what went through them, and `methods` is fastcalc as `scipy.optimize.minimize(method=…)`, without a patch.
"""

from . import methods
from ._patch import patch_scipy, patched_scipy, scipy_is_patched, unpatch_scipy
from ._report import patch_report

__all__ = ["methods", "patch_report", "patch_scipy", "patched_scipy", "scipy_is_patched", "unpatch_scipy"]
