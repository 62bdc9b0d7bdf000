"""tracer: products of arrays, and polynomials.

Comes in: NumPy's functions. Goes out: products and sums, in NumPy's own order of operations where it documents one.
"""

from typing import Any

import numpy as np

from . import _ops
from ._operands import as_array, term_of, wrapped
from ._refusal import refuse
from ._table import covers, refuse_out
from ._terms import apply, record


@covers(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    refuse_out(out)
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        return _matmul(a, b)
    return np.tensordot(a, b, axes=(-1, -2 if b.ndim > 1 else 0))


@covers(np.matmul)
def _matmul(a: Any, b: Any) -> Any:
    """Σₖ aᵢₖ bₖⱼ, the axes before those two broadcast."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise ValueError(f"matmul: Input operands have mismatching shapes {a.shape} and {b.shape}")
    left = a if b.ndim == 1 else a[..., None, :]
    right = b if b.ndim == 1 else np.swapaxes(b, -1, -2) if a.ndim == 1 else np.swapaxes(b, -1, -2)[..., None, :, :]
    return _contracted(left, right, (-1,))


def _contracted(x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """Σ x y over `axes` of the two broadcast against each other."""
    rank = max(np.ndim(x), np.ndim(y))
    last = sorted(number % rank for number in axes)
    terms = term_of(x), term_of(y)
    if terms[0].truth and terms[1].truth:
        raise refuse("a product of two arrays of truth values", "make numbers of one first: 1.0 * mask")
    return wrapped(
        record(
            lambda builder, left, right: builder.contract(left, right, last),
            lambda left, right: np.sum(left * right, axis=tuple(last)),
            terms,
        )
    )


@covers(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return _contracted(as_array(a).ravel(), as_array(b).ravel(), (0,))


@covers(np.vecdot, np.linalg.vecdot)
def _vecdot(x: Any, y: Any, *, axis: int = -1) -> Any:
    return _contracted(np.moveaxis(as_array(x), axis, -1), np.moveaxis(as_array(y), axis, -1), (-1,))


@covers(np.inner)
def _inner(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    return a * b if a.ndim == 0 or b.ndim == 0 else np.tensordot(a, b, axes=(-1, -1))


@covers(np.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    refuse_out(out)
    return as_array(a).reshape(-1, 1) * as_array(b).ravel()


@covers(np.kron)
def _kron(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    rank = max(a.ndim, b.ndim)
    a, b = a.reshape((1,) * (rank - a.ndim) + a.shape), b.reshape((1,) * (rank - b.ndim) + b.shape)
    blocks = np.expand_dims(a, tuple(range(1, 2 * rank, 2))) * np.expand_dims(b, tuple(range(0, 2 * rank, 2)))
    return blocks.reshape(tuple(m * n for m, n in zip(a.shape, b.shape, strict=True)))


@covers(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    refuse_out(out)
    return np.sum(np.diagonal(as_array(a), offset, axis1, axis2), axis=-1, dtype=dtype)


@covers(np.einsum)
def _einsum(*operands: Any, out: Any = None, optimize: Any = False, **more: Any) -> Any:
    """Multiply operand by operand and sum away each label as soon as no later operand has it."""
    refuse_out(out)
    subscripts, output, arrays = _labels(operands)
    order = list(dict.fromkeys(label for labels in subscripts for label in labels))
    extent: dict[str, int] = {}
    product: Any = None
    known = ""
    for place, (labels, array) in enumerate(zip(subscripts, arrays, strict=True)):
        array, labels = _without_repeats(array, labels)
        for label, length in zip(labels, array.shape, strict=True):
            if extent.setdefault(label, length) not in (length, 1) and length != 1:
                raise ValueError(f"einsum: the axes named {label} have the lengths {extent[label]} and {length}")
            extent[label] = max(extent[label], length)
        names = "".join(label for label in order if label in known or label in labels)
        array = _spread(array, labels, names)
        before = None if product is None else _spread(product, known, names)
        later = set(output).union(*subscripts[place + 1 :])
        gone = tuple(i for i, label in enumerate(names) if label not in later)
        if gone:  # an axis that is summed away has its whole length in both
            whole = tuple(
                extent[label] if i in gone else length
                for i, (label, length) in enumerate(zip(names, array.shape, strict=True))
            )
            array = np.broadcast_to(array, whole)
        if before is None:
            product = as_array(np.sum(array, axis=gone)) if gone else array
        else:
            product = as_array(_contracted(before, array, gone)) if gone else before * array
        known = "".join(label for label in names if label in later)
    shaped = _spread(product, known, "".join(label for label in order if label in output))
    axes = [label for label in order if label in output]
    result = shaped.transpose([axes.index(label) for label in output])
    return result if result.ndim else result[()]


def _labels(operands: Any) -> tuple[list[str], str, list[Any]]:
    """Return the labels of each operand and of the result, the ellipsis as capital Greek letters, and the operands."""
    if not isinstance(operands[0], str):
        raise refuse("np.einsum with lists of numbers", "write the subscripts as a string")
    text, arrays = operands[0].replace(" ", ""), [as_array(operand) for operand in operands[1:]]
    left, arrow, output = text.partition("->")
    subscripts = left.split(",")
    if len(subscripts) != len(arrays):
        raise ValueError(f"einsum: {len(subscripts)} operands in the subscripts, {len(arrays)} given")
    spare = max(
        [
            array.ndim - len(labels.replace("...", ""))
            for labels, array in zip(subscripts, arrays, strict=True)
            if "..." in labels
        ],
        default=0,
    )
    letters = "".join(chr(0x391 + i) for i in range(spare))
    for place, (labels, array) in enumerate(zip(subscripts, arrays, strict=True)):
        here = array.ndim - len(labels.replace("...", ""))
        if here < 0 or (here and "..." not in labels):
            raise ValueError(f"einsum: the subscripts {labels} do not fit an array of {array.ndim} axes")
        subscripts[place] = labels.replace("...", letters[spare - here :])
    everything = "".join(subscripts)
    if arrow:
        output = output.replace("...", letters)
    else:
        output = letters + "".join(
            sorted(label for label in set(everything) - set(letters) if everything.count(label) == 1)
        )
    return subscripts, output, arrays


def _without_repeats(array: Any, labels: str) -> tuple[Any, str]:
    """Return the diagonal over axes of the same label."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            array = np.diagonal(array, 0, first, second)
            labels = labels[:first] + labels[first + 1 : second] + labels[second + 1 :] + label
    return array, labels


def _spread(array: Any, labels: str, names: str) -> Any:
    """Return the array with its axes in the order of `names`, of length 1 where it has none."""
    present = [label for label in names if label in labels]
    moved = array.transpose([labels.index(label) for label in present])
    return moved[tuple(slice(None) if label in labels else None for label in names)]


# Convolutions: each result is a window of the longer array times the shorter ---------------------------------------------------


@covers(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    if not a.size or not v.size:
        raise ValueError("an array of no elements cannot be correlated")
    if v.size > a.size:
        return _correlate(v, a, mode)[::-1]
    spare = {"valid": 0, "same": v.size // 2, "full": v.size - 1}[mode]
    padded = np.concatenate([np.zeros(spare), a, np.zeros(spare)]) if spare else a
    windows = np.lib.stride_tricks.sliding_window_view(padded, v.size)
    result = _contracted(windows, v, (-1,))
    return result[: a.size] if mode == "same" else result


@covers(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    if v.size > a.size:
        a, v = v, a
    return _correlate(a, v[::-1], mode)


# Polynomials -----------------------------------------------------------------------------------------------------------------


@covers(np.polymul)
def _polymul(a1: Any, a2: Any) -> Any:
    if isinstance(a1, np.poly1d) or isinstance(a2, np.poly1d):
        raise refuse("np.polymul of a polynomial", "np.polymul of arrays")
    return _convolve(*(np.trim_zeros(np.atleast_1d(as_array(a)), "f") for a in (a1, a2)))


@covers(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    """Horner's rule, in NumPy's order of operations."""
    if isinstance(x, np.poly1d):
        raise refuse("np.polyval of a polynomial", "np.polyval of an array")
    x = as_array(x)
    total: Any = np.zeros(x.shape)
    for coefficient in p:
        total = total * x + coefficient
    return total


@covers(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    a = as_array(a)
    edge = [1 if number == axis % a.ndim else extent for number, extent in enumerate(a.shape)]
    ends = [end if end is np._NoValue or np.ndim(end) else np.broadcast_to(end, edge) for end in (prepend, append)]
    parts = [part for part in (ends[0], a, ends[1]) if part is not np._NoValue]
    a = a if len(parts) == 1 else np.concatenate(parts, axis)
    if n == 0:
        return a.copy()
    ahead, behind = [slice(None)] * a.ndim, [slice(None)] * a.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    for _ in range(n):
        a = a[tuple(ahead)] != a[tuple(behind)] if a.dtype == np.bool_ else a[tuple(ahead)] - a[tuple(behind)]
    return a


@covers(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    y = as_array(y)
    ahead, behind = [slice(None)] * y.ndim, [slice(None)] * y.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    width: Any = dx if x is None else np.diff(x) if np.ndim(x) == 1 else np.diff(x, axis=axis)
    if x is not None and np.ndim(x) == 1:
        shape = [1] * y.ndim
        shape[axis] = -1
        width = width.reshape(tuple(shape))
    return np.sum(width * (y[tuple(ahead)] + y[tuple(behind)]) / 2.0, axis=axis)


# Element by element ------------------------------------------------------------------------------------------------------------


@covers(np.clip)
def _clip(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **more: Any
) -> Any:
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is not None:
        a = np.maximum(a, low)
    if high is not None:
        a = np.minimum(a, high)
    return a if out is None else np.positive(a, out=out)


@covers(np.round, np.around)
def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """Scale by a power of ten, round to even, scale back: as NumPy does."""
    refuse_out(out)
    scale = 10.0 ** abs(decimals)
    if decimals == 0:
        return np.rint(a)
    return np.rint(as_array(a) * scale) / scale if decimals > 0 else np.rint(as_array(a) / scale) * scale


@covers(np.sinc)
def _sinc(x: Any) -> Any:
    return wrapped(apply(_ops.by_name["sinc"], np.sinc, (term_of(x),)))


@covers(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    if not copy:
        raise refuse("np.nan_to_num with copy=False", "use what it returns")
    largest = np.finfo(np.float64).max
    x = as_array(x)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, largest if posinf is None else posinf, x)
    return np.where(x == -np.inf, -largest if neginf is None else neginf, x)
