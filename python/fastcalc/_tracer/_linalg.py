"""tracer: numpy.linalg.

Comes in: NumPy's functions. Goes out: the kernel's operations on matrices (cpp/fastcalc/program/matrices.hpp), whose results are cut
into the arrays that NumPy returns. What NumPy writes in Python on top of these (matrix_power, multi_dot, …) is traced through it.

A derivative is that of NumPy's own function: `cholesky`, `eigh` and `eigvalsh` read the lower triangle, so that the derivative by what
stands above the diagonal is zero.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.linalg import LinAlgError

from .. import _core
from . import _table
from ._operands import as_array, term_of, wrapped
from ._ops import by_name
from ._refusal import refuse
from ._table import covers
from ._terms import record


def _recorded(real: Callable[..., Any], make: Callable[..., _core.Value], *operands: Any) -> Any:
    return wrapped(record(make, real, tuple(term_of(operand) for operand in operands)))


def _made(builder: _core.Builder, name: str, *values: _core.Value) -> _core.Value:
    return builder.matrix(by_name[name].number, list(values))


def _lu(builder: _core.Builder, name: str, a: _core.Value, *values: _core.Value) -> _core.Value:
    return _made(builder, name, _made(builder, "lu", a), *values)


def _part(whole: _core.Value, first: int, shape: tuple[int, ...], *, by_columns: bool = False) -> _core.Value:
    """Return an array of which the numbers stand from `first` on in the last axis."""
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    if by_columns:
        strides = [1, shape[0]]
    step = whole.strides[-1]
    return whole.view(
        whole.shape[:-1] + shape,
        whole.strides[:-1] + tuple(stride * step for stride in strides),
        whole.offset + first * step,
    )


def _matrix(a: Any, *, square: bool = False) -> Any:
    a = as_array(a)
    if a.ndim < 2:
        raise LinAlgError(f"{a.ndim}-dimensional array given. Array must be at least two-dimensional")
    if square and a.shape[-1] != a.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")
    return a


def _result(function: Callable[..., Any], *parts: Any) -> Any:
    """Return the parts as the named tuple that `function` returns."""
    return type(function(np.eye(1)))(*parts)


# By Gaussian elimination ---------------------------------------------------------------------------------------------------


@covers(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    b = as_array(b)
    if b.ndim == 1:
        return _solved(np.linalg.solve, a, b[:, None])[..., 0]
    return _solved(np.linalg.solve, a, b)


def _solved(real: Callable[..., Any], a: Any, b: Any) -> Any:
    a, b = _matrix(a, square=True), _matrix(b)
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"solve: a matrix of order {a.shape[-1]} and a right-hand side of {b.shape[-2]} rows")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    b = np.broadcast_to(b, batch + b.shape[-2:])
    if batch[len(batch) - a.ndim + 2 :] != a.shape[:-2]:
        a = np.broadcast_to(a, batch + a.shape[-2:])
    return _recorded(real, lambda builder, a, b: _lu(builder, "lu_solve", a, b), a, b)


@covers(np.linalg.inv)
def _inv(a: Any) -> Any:
    a = _matrix(a, square=True)
    return _solved(lambda a, _: np.linalg.inv(a), a, np.eye(a.shape[-1]))


@covers(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    for axis in axes or ():
        a = np.moveaxis(a, axis, -1)
    return _solve(a.reshape(b.size, -1), b.ravel()).reshape(a.shape[b.ndim :])


@covers(np.linalg.det)
def _det(a: Any) -> Any:
    return _recorded(np.linalg.det, lambda builder, a: _lu(builder, "lu_det", a), _matrix(a, square=True))


@covers(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    a = _matrix(a, square=True)
    sign, log = (
        _recorded(
            lambda a, place=place: np.linalg.slogdet(a)[place],
            lambda builder, a, place=place: _part(_lu(builder, "lu_slogdet", a), place, ()),
            a,
        )
        for place in (0, 1)
    )
    return _result(np.linalg.slogdet, sign, log)


# Symmetric matrices --------------------------------------------------------------------------------------------------------


@covers(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    a = _matrix(a, square=True)
    lower = np.swapaxes(a, -1, -2) if upper else a
    found = _recorded(np.linalg.cholesky, lambda builder, a: _made(builder, "cholesky", a), lower)
    return np.swapaxes(found, -1, -2) if upper else found


def _lower(name: str, uplo: str) -> None:
    if uplo not in ("L", "l"):
        raise refuse(f"np.linalg.{name} with UPLO={uplo!r}", "give it the lower triangle: np.swapaxes(a, -1, -2)")


@covers(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    _lower("eigvalsh", UPLO)
    return _recorded(np.linalg.eigvalsh, lambda builder, a: _made(builder, "eigvalsh", a), _matrix(a, square=True))


@covers(np.linalg.eigh)
def _eigh(a: Any, UPLO: str = "L") -> Any:
    _lower("eigh", UPLO)
    a = _matrix(a, square=True)
    n = a.shape[-1]
    values = _recorded(lambda a: np.linalg.eigh(a)[0], lambda builder, a: _part(_made(builder, "eigh", a), 0, (n,)), a)
    vectors = _recorded(
        lambda a: np.linalg.eigh(a)[1],
        lambda builder, a: _part(_made(builder, "eigh", a), n, (n, n), by_columns=True),
        a,
    )
    return _result(np.linalg.eigh, values, vectors)


# Any matrix ----------------------------------------------------------------------------------------------------------------


@covers(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = _matrix(a)
    m, n = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise refuse(f"np.linalg.qr with mode={mode!r} of a matrix of this shape", "use mode='reduced'")
    k = min(m, n)
    tall = a[..., :k]
    q = _recorded(
        lambda a: np.linalg.qr(a)[0],
        lambda builder, a: _part(_made(builder, "qr", a), 0, (m, k), by_columns=True),
        tall,
    )
    r = _recorded(lambda a: np.linalg.qr(a)[1], lambda builder, a: _part(_made(builder, "qr", a), m * k, (k, k)), tall)
    if n > m:  # the reflections are those of the first m columns
        r = np.concatenate([r, np.swapaxes(q, -1, -2) @ a[..., m:]], axis=-1)
    return r if mode == "r" else _result(np.linalg.qr, q, r)


@covers(np.linalg.svdvals)
def _svdvals(x: Any, /) -> Any:
    return _recorded(np.linalg.svdvals, lambda builder, a: _made(builder, "svdvals", a), _matrix(x))


@covers(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian:
        raise refuse("np.linalg.svd with hermitian=True", "use np.linalg.eigh")
    if not compute_uv:
        return _svdvals(a)
    a = _matrix(a)
    m, n = a.shape[-2:]
    k = min(m, n)
    if full_matrices and m != n:
        raise refuse("np.linalg.svd with full_matrices=True of a matrix that is not square", "use full_matrices=False")
    places = [(0, (m, k), True), (m * k, (k,), False), (m * k + k, (k, n), True)]
    parts = [
        _recorded(
            lambda a, place=place: np.linalg.svd(a, full_matrices=False)[place],
            lambda builder, a, cut=cut: _part(_made(builder, "svd", a), cut[0], cut[1], by_columns=cut[2]),
            a,
        )
        for place, cut in enumerate(places)
    ]
    return _result(np.linalg.svd, *parts)


@covers(np.linalg.pinv)
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    if hermitian:
        raise refuse("np.linalg.pinv with hermitian=True", "leave it out")
    a = _matrix(a)
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    return _pseudo_inverse(a, max(a.shape[-2:]) * np.finfo(np.float64).eps if rcond is None else rcond)[0]


def _pseudo_inverse(a: Any, rcond: Any) -> tuple[Any, Any]:
    """Return the pseudo-inverse and the rank."""
    if np.ndim(rcond) or not isinstance(rcond, int | float | np.number):
        raise refuse("a threshold rcond that is no plain number", "use one number for all matrices")
    m, n = a.shape[-2:]
    if rcond > max(m, n) * np.finfo(np.float64).eps and m and n:
        # What is cut off may be more than rounding: then the rank of the matrix is not that of its pseudo-inverse, and the rule of
        # the kernel's operation, for matrices of constant rank, does not hold.
        u, singular, vt = _svd(a, full_matrices=False)
        kept = singular > rcond * np.max(singular, axis=-1, keepdims=True)
        inverses = np.where(kept, 1.0 / np.where(kept, singular, 1.0), 0.0)
        return np.swapaxes(vt, -1, -2) @ (inverses[..., None] * np.swapaxes(u, -1, -2)), np.sum(kept, axis=-1)
    inverse = _recorded(
        lambda a, rcond: np.linalg.pinv(a, rcond),
        lambda builder, a, rcond: _part(_made(builder, "pinv", a, rcond), 0, (n, m)),
        a,
        rcond,
    )
    rank = _recorded(
        lambda a, rcond: np.linalg.matrix_rank(a, rtol=rcond),
        lambda builder, a, rcond: _part(_made(builder, "pinv", a, rcond), n * m, ()),
        a,
        rcond,
    )
    return inverse, rank


@covers(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = _matrix(a), as_array(b)
    if a.ndim != 2 or b.ndim not in (1, 2) or len(a) != len(b):
        raise LinAlgError(f"Incompatible dimensions: {a.shape} and {b.shape}")
    m, n = a.shape
    if rcond is None or rcond == -1:
        rcond = np.finfo(np.float64).eps * (max(m, n) if rcond is None else 1)
    inverse, rank = _pseudo_inverse(a, rcond)
    x = inverse @ b
    residuals: Any = np.array([])
    if m > n and rank == n:
        rest = b - a @ x
        residuals = np.sum(rest * rest, axis=0, keepdims=b.ndim == 1)
    return x, residuals, rank, _svdvals(a)


@covers(np.linalg.cond)
def _cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        return _table.own_code(np.linalg.cond)(x, p)
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(_inv(x), p, axis=(-2, -1))


@covers(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = as_array(x)
    if ord is None or (ord == 2 and (x.ndim == 1 or isinstance(axis, int))):
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    return _table.own_code(np.linalg.norm)(x, ord, axis, keepdims)
