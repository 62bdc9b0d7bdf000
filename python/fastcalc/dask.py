"""face: `from fastcalc.dask import lstsq, fit`."""

try:
    from .backends.dask import fit, lstsq, normal_equations, train
except ModuleNotFoundError as error:
    raise ImportError('fastcalc.dask needs Dask: pip install "fastcalc[dask]"') from error

__all__ = ["fit", "lstsq", "normal_equations", "train"]
