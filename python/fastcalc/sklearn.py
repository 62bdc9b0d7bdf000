"""face: `from fastcalc.sklearn import LinearRegression`."""

try:
    from .backends.sklearn import LinearRegression, Ridge
except ModuleNotFoundError as error:
    raise ImportError('fastcalc.sklearn needs scikit-learn: pip install "fastcalc[sklearn]"') from error

__all__ = ["LinearRegression", "Ridge"]
