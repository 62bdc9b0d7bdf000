"""face: `from fastcalc.dask import lstsq`."""

try:
    from .backends.dask import lstsq, normal_equations
except ModuleNotFoundError as error:
    raise ImportError('fastcalc.dask needs Dask: pip install "fastcalc[dask]"') from error

__all__ = ["lstsq", "normal_equations"]
