"""tracer: a plain NumPy function becomes a program.

Comes in: a function and real arguments. Goes out: a recording, from which `_core` makes programs. The function runs once, as
a copy that sees stand-ins for NumPy and `math`, on `Tracer` arrays, which answer NumPy's protocols and write down what is asked
of them.
"""

from ._array import Tracer
from ._recording import Recording

__all__ = ["Recording", "Tracer"]
