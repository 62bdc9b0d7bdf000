"""derive: linear algebra. Both modes agree, with differences too, and can be taken again; what has no answer raises."""

import fastcalc as fc
import mpmath
import numpy as np
import pytest
from fastcalc import _core

OPERATIONS = {row["name"]: row["op"] for row in _core.op_table()}
RNG = np.random.default_rng(1)
A, B = RNG.normal(size=(4, 4)), RNG.normal(size=(4, 3))
TALL, WIDE = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 5))
MANY, MANY_B = RNG.normal(size=(2, 3, 4, 4)), RNG.normal(size=(2, 3, 4, 2))
POSITIVE = MANY @ MANY.swapaxes(-1, -2) + np.eye(4)
RCOND = np.array(1e-15)

CASES = [
    *[("lu_solve", a, b) for a, b in [(A, B), (A, B[:, :1]), (A, MANY_B), (MANY[0], MANY_B), (MANY, MANY_B), (A[:1, :1], B[:1, :1])]],
    ("lu_solve_transposed", A, B), ("lu_solve_transposed", MANY[0], MANY_B),
    *[(name, a) for name in ("lu_det", "lu_slogdet", "cofactors") for a in (A, MANY, A[:1, :1])],
    *[("cholesky", a) for a in (POSITIVE, POSITIVE[0, 0, :1, :1])],
    *[(name, a) for name in ("eigvalsh", "eigh") for a in (A, MANY[0], A[:1, :1])],
    ("qr", TALL), ("qr", MANY),
    *[(name, a) for name in ("svdvals", "svd") for a in (TALL, WIDE, MANY[0], TALL[:1, :1])],
    *[("pinv", a, RCOND) for a in (TALL, WIDE, MANY[0])],
]  # fmt: skip


class Recorded:
    def __init__(self, name, *arrays):
        self.arrays = [np.array(array, order="C") for array in arrays]
        self.builder = _core.Builder()
        self.inputs = [self.builder.input(f"x{i}", array.shape, False) for i, array in enumerate(arrays)]
        operands = list(self.inputs)
        if name.startswith("lu_"):
            operands[0] = self.builder.matrix(OPERATIONS["lu"], operands[:1])
        self.result = self.builder.matrix(OPERATIONS[name], operands)

    def run(self, value):
        return self.builder.finish(value, "f").values(self.arrays)

    def units(self, shape):
        size = int(np.prod(shape))
        return self.builder.constant(np.eye(size).reshape((size, *shape)))

    def forward(self, which, result):
        x = self.inputs[which]
        return self.run(self.builder.tangent(result, [x], [self.units(x.shape)])).reshape(self.arrays[which].size, -1).T

    def reverse(self, which, result):
        moved = self.builder.gradient(result, [self.inputs[which]], self.units(result.shape))[0]
        return self.run(moved).reshape(-1, self.arrays[which].size)


def differences(name, arrays, which, step=1e-6):
    columns = []
    for unit in np.eye(arrays[which].size).reshape(-1, *arrays[which].shape):
        ends = []
        for sign in (1, -1):
            moved = [array + sign * step * unit if i == which else array for i, array in enumerate(arrays)]
            recorded = Recorded(name, *moved)
            ends.append(recorded.run(recorded.result).ravel())
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.array(columns).T


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1].shape}")
def test_both_modes_are_differences_and_second_derivatives_are_symmetric(case):
    name, *arrays = case
    for which in range(1 if name == "pinv" else len(arrays)):
        recorded = Recorded(name, *arrays)
        forward, reverse = recorded.forward(which, recorded.result), recorded.reverse(which, recorded.result)
        # both modes solve with the same matrices, of condition up to 100
        np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-12)
        # a central difference of step 1e-6 is good to 1e-9 of third derivatives and rounding over the step: the condition again
        np.testing.assert_allclose(forward, differences(name, recorded.arrays, which), rtol=1e-6, atol=1e-7)
        weights = np.cos(np.arange(np.prod(recorded.result.shape))).reshape(recorded.result.shape)
        slope = recorded.builder.gradient(
            recorded.result, [recorded.inputs[which]], recorded.builder.constant(weights)
        )[0]
        hessian = recorded.reverse(which, slope)
        np.testing.assert_allclose(hessian, hessian.T, rtol=1e-11, atol=1e-11)  # condition squared
        np.testing.assert_allclose(hessian, recorded.forward(which, slope), rtol=1e-11, atol=1e-11)


def test_a_solution_and_its_gradient_are_as_good_as_the_condition_of_a_hilbert_matrix_allows():
    n = 6
    hilbert = 1 / (np.arange(n)[:, None] + np.arange(n) + 1)  # condition 1.5e7
    with mpmath.workdps(50):
        exact = mpmath.matrix(hilbert.tolist())
        solution = mpmath.lu_solve(exact, mpmath.ones(n, 1))
        weights = mpmath.lu_solve(exact.T, mpmath.ones(n, 1))
        slope = np.array((-weights * solution.T).tolist(), dtype=float)
    found = fc.grad(lambda a: np.sum(np.linalg.solve(a, np.ones(n))))(hilbert)
    np.testing.assert_allclose(found, slope, atol=1.5e7 * 1e-13 * np.abs(slope).max())


def test_the_gradient_of_a_determinant_is_right_where_the_matrix_is_singular():
    gradient = fc.grad(np.linalg.det)
    singular = np.array([[2.0, 1, 1], [1, 1, 1], [1, 1, 1]])
    cofactors = [[0, 0, 0], [0, 1, -1], [0, -1, 1]]
    np.testing.assert_allclose(gradient(singular), cofactors, atol=1e-15)  # some roundings of numbers up to 3
    np.testing.assert_allclose(gradient(np.diag([1.0, 2, 0])), np.diag([0.0, 0, 2]), atol=1e-15)
    np.testing.assert_array_equal(gradient(np.zeros((3, 3))), np.zeros((3, 3)))


@pytest.mark.parametrize(
    "f",
    [
        np.linalg.inv,
        lambda a: np.linalg.solve(a, np.ones(3)),
        fc.grad(lambda a: np.linalg.slogdet(a)[1]),
        fc.hessian(np.linalg.det),
    ],
)
def test_what_a_singular_matrix_has_not_raises_as_numpy_does(f):
    run = f if isinstance(f, fc.Function) else fc.compile(f)
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        run(np.diag([1.0, 2, 0]))


def test_a_matrix_that_is_not_positive_definite_has_no_cholesky_factor():
    factor = fc.compile(np.linalg.cholesky)
    np.testing.assert_array_equal(factor(np.diag([4.0, 9])), np.diag([2.0, 3]))
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        factor(np.diag([1.0, -1]))


@pytest.mark.parametrize("f", [np.linalg.cholesky, np.linalg.eigvalsh])
def test_what_stands_above_the_diagonal_is_not_read_and_has_no_derivative(f):
    jacobian = fc.jacobian(f)(POSITIVE[0, 0])
    above = np.triu_indices(4, 1)
    np.testing.assert_array_equal(jacobian[..., above[0], above[1]], 0)


def test_equal_eigenvalues_have_a_sum_with_a_derivative():
    np.testing.assert_allclose(fc.grad(lambda a: np.sum(np.linalg.eigvalsh(a)))(2 * np.eye(3)), np.eye(3), atol=1e-15)


def test_one_factorisation_serves_solution_determinant_and_gradient():
    def likelihood(covariance, x):
        return x @ np.linalg.solve(covariance, x) + np.linalg.slogdet(covariance)[1]

    program = fc.grad(likelihood)
    program(POSITIVE[0, 0], B[:, 0])
    precision = np.linalg.inv(POSITIVE[0, 0])
    mean = precision @ B[:, 0]
    np.testing.assert_allclose(program(POSITIVE[0, 0], B[:, 0]), precision - np.outer(mean, mean), rtol=1e-12)


def test_a_taylor_series_through_a_matrix_is_refused():
    with pytest.raises(ValueError, match="lu has no rule for Taylor series"):
        fc.taylor(lambda t: np.linalg.det(t * np.eye(2)), 1.0, 3)


def test_a_sparse_jacobian_knows_that_a_solution_depends_on_all():
    jacobian = fc.jacobian(lambda b: np.linalg.solve(A, b), sparse=True)(B[:, 0])
    np.testing.assert_allclose(jacobian.toarray(), np.linalg.inv(A), rtol=1e-12)
