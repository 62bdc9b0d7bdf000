"""What fastcalc raises and warns of that NumPy and SciPy have no class for."""

__all__ = ["FallbackWarning", "FastcalcError", "TraceError"]


class FastcalcError(Exception):
    """Base class of fastcalc's own exceptions."""


class TraceError(FastcalcError, TypeError):
    """A function cannot be traced; the message names the line and the spelling that traces."""


class FallbackWarning(UserWarning):
    """Derivatives are taken by finite differences, since the function could not be traced."""
