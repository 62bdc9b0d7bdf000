"""tracer: NumPy's functions on numbers, on arrays without elements, along every axis: NumPy's result or NumPy's error."""

import warnings

import fastcalc as fc
import numpy as np
import pytest

SHAPES = [(), (0,), (1,), (5,), (0, 3), (3, 0), (2, 3), (3, 2), (1, 4), (4, 4), (2, 3, 4)]

REDUCTIONS = [
    np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.ptp, np.any, np.all, np.nansum, np.nanmax, np.nanmean, np.nanvar, np.median,
    np.argmax, np.argmin, np.count_nonzero,
]  # fmt: skip

ALONG = {
    "append": lambda a, axis: np.append(a, a, axis=axis), "array_split": lambda a, axis: np.array_split(a, 2, axis=axis)[1],
    "concatenate": lambda a, axis: np.concatenate([a, a * 2], axis=axis), "cumprod": np.cumprod, "cumsum": np.cumsum,
    "delete": lambda a, axis: np.delete(a, 0, axis=axis), "diff": lambda a, axis: np.diff(a, axis=axis), "expand_dims": np.expand_dims, "flip": np.flip,
    "gradient": lambda a, axis: np.gradient(a, axis=axis), "insert": lambda a, axis: np.insert(a, 0, 5.0, axis=axis),
    "percentile": lambda a, axis: np.percentile(a, 40, axis=axis), "repeat": lambda a, axis: np.repeat(a, 2, axis=axis),
    "roll": lambda a, axis: np.roll(a, 1, axis=axis), "sort": np.sort, "split": lambda a, axis: np.split(a, 2, axis=axis)[0], "squeeze": np.squeeze,
    "stack": lambda a, axis: np.stack([a, a * 2], axis=axis), "take": lambda a, axis: np.take(a, [0, -1], axis=axis),
    "trapezoid": lambda a, axis: np.trapezoid(a, axis=axis), "unwrap": lambda a, axis: np.unwrap(a * 5, axis=axis),
}  # fmt: skip

WHOLE = {
    "atleast_3d": np.atleast_3d, "clip": lambda a: np.clip(a, -0.5, 0.5), "column_stack": lambda a: np.column_stack([a, a]),
    "convolve": lambda a: np.convolve(a, a), "cov": np.cov, "cross": lambda a: np.cross(a, a + 1), "diag": np.diag, "digitize": lambda a: np.digitize(a, [-1.0, 1.0]),
    "dot": lambda a: np.dot(a, a), "dstack": lambda a: np.dstack([a, a]), "ediff1d": np.ediff1d, "einsum": lambda a: np.einsum("...i,...i->...", a, a),
    "fliplr": np.fliplr, "hstack": lambda a: np.hstack([a, a]), "inner": lambda a: np.inner(a, a), "interp": lambda a: np.interp(a, [-1.0, 0.0, 1.0], [3.0, 1.0, 2.0]),
    "kron": lambda a: np.kron(a, a), "linspace": lambda a: np.linspace(a, 1.0, 3), "matmul": lambda a: a @ a, "meshgrid": lambda a: np.meshgrid(a, [1, 2, 3])[0],
    "outer": lambda a: np.outer(a, a), "pad": lambda a: np.pad(a, 1), "piecewise": lambda a: np.piecewise(a, [a > 0], [lambda v: v * v, lambda v: -v]),
    "rot90": np.rot90, "searchsorted": lambda a: np.searchsorted([-1, 0, 1], a), "select": lambda a: np.select([a > 0], [a], a * 2),
    "tensordot": lambda a: np.tensordot(a, a, axes=0), "tile": lambda a: np.tile(a, (2, 1)), "trace": np.trace, "triu": np.triu, "unique": np.unique,
    "vander": np.vander, "vdot": lambda a: np.vdot(a, a), "vstack": lambda a: np.vstack([a, a + 1]), "where": lambda a: np.where(a > 0, a, -a),
}  # fmt: skip


def same(f, rng):
    for shape in SHAPES:
        x = rng.normal(size=shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's own, of means of nothing
            try:
                want = np.asarray(f(x[()]), dtype=float)
            except Exception as error:
                if not shape:  # of a number NumPy's functions disagree whether it has an axis 0
                    continue
                with pytest.raises((type(error), ValueError, TypeError, IndexError)):
                    fc.compile(f)(x)
                continue
            got = np.asarray(fc.compile(f)(x))
        assert got.shape == want.shape, shape
        # sums of up to 24 terms of both signs
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13, err_msg=str(shape))


@pytest.mark.parametrize("axis", [None, 0, -1, 1, -2, (0, 1)])
@pytest.mark.parametrize("function", REDUCTIONS, ids=lambda function: function.__name__)
def test_reductions(function, axis, rng):
    same(lambda a: function(a, axis=axis), rng)
    same(lambda a: function(a, axis=axis, keepdims=True), rng)


@pytest.mark.parametrize("axis", [None, 0, -1, 1, -2])
@pytest.mark.parametrize("name", ALONG)
def test_functions_along_an_axis(name, axis, rng):
    same(lambda a: ALONG[name](a, axis=axis), rng)


@pytest.mark.parametrize("name", WHOLE)
def test_functions_of_the_whole(name, rng):
    same(WHOLE[name], rng)
