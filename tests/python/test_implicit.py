"""function: the derivative of a solution with respect to what its equations depend on."""

import gc
import weakref

import fastcalc as fc
import numpy as np
import pytest
import scipy.sparse


def differences(f, a, h=1e-5):
    """Central differences; the error is h² times a third derivative, and rounding over h."""
    a = np.asarray(a, float)
    columns = []
    for i in range(a.size):
        e = np.zeros(a.size)
        e[i] = h
        e = e.reshape(a.shape)
        columns.append((np.asarray(f(a + e)) - np.asarray(f(a - e))) / (2 * h))
    return np.stack(columns, axis=-1).reshape(np.shape(f(a)) + a.shape)


def test_the_square_root_as_a_solution():
    def root_of(a):
        return fc.newton(lambda x: x * x - a, 1.0)

    assert root_of(3.0) == pytest.approx(3**0.5, rel=1e-15)
    assert fc.grad(root_of)(3.0) == pytest.approx(0.5 * 3**-0.5, rel=1e-14)
    assert fc.grad(fc.grad(root_of))(3.0) == pytest.approx(-0.25 * 3**-1.5, rel=1e-13)
    assert fc.grad(fc.grad(fc.grad(root_of)))(3.0) == pytest.approx(0.375 * 3**-2.5, rel=1e-12)
    assert fc.grad(root_of)(7.0) == pytest.approx(0.5 * 7**-0.5, rel=1e-14)  # solved anew


def system(x, a, b):
    return [x[0] ** 2 + a * x[1] - b, np.exp(x[1]) - x[0] + a * b]


def test_systems_by_arguments_and_by_closures():
    def by_arguments(p):
        return fc.root(system, [1.0, 0.5], args=(p[0], p[1])).x

    def by_closure(p):
        return fc.root(lambda x: system(x, p[0], p[1]), [1.0, 0.5]).x

    p = np.array([0.4, 2.0])
    expected = differences(by_arguments, p)
    for f in (by_arguments, by_closure):
        np.testing.assert_allclose(fc.jacobian(f)(p), expected, rtol=1e-8)
        np.testing.assert_allclose(fc.jacobian(f, mode="reverse")(p), expected, rtol=1e-8)
        np.testing.assert_allclose(fc.jvp(f)(p, np.array([1.0, -2.0])), expected @ [1, -2], rtol=1e-8)
    second = fc.hessian(lambda p: by_arguments(p)[0])(p)
    np.testing.assert_allclose(second, differences(lambda p: fc.jacobian(by_closure)(p)[0], p), rtol=1e-7)


def test_the_value_is_that_of_the_plain_call():
    f = fc.compile(lambda a: fc.root(lambda x: x**2 - a, np.ones(2)).x)
    for a in (np.array([2.0, 3.0]), np.array([5.0, 7.0])):
        np.testing.assert_allclose(f(a), np.sqrt(a), rtol=1e-15)


def test_a_solution_inside_of_a_solution():
    def inner(b):
        return fc.root_scalar(lambda y: y**3 + y - b, x0=1.0).root

    def outer(a):
        return fc.root_scalar(lambda x: x + inner(x) - a, bracket=(0.0, 5.0)).root

    assert fc.grad(outer)(3.0) == pytest.approx((outer(3.0 + 1e-5) - outer(3.0 - 1e-5)) / 2e-5, rel=1e-9)


def test_arrays_of_equations_and_fixed_points():
    a = np.array([0.2, 0.7])
    kepler = lambda a: np.sum(fc.newton(lambda E: E - 0.5 * np.sin(E) - a, a) ** 2)  # noqa: E731
    np.testing.assert_allclose(fc.grad(kepler)(a), differences(kepler, a), rtol=1e-8)
    assert fc.grad(lambda c: fc.fixed_point(lambda x: np.cos(c * x), 1.0))(1.3) == pytest.approx(
        float(differences(lambda c: fc.fixed_point(lambda x: np.cos(c * x), 1.0), 1.3)), rel=1e-8
    )


def test_minima_by_arguments_and_by_closures():
    def f(x, a):
        return np.sum((x - a) ** 2) + np.sum(x**4) * a[0]

    def by_arguments(a):
        return fc.minimize(f, np.zeros(2), args=(a,)).x

    def by_closure(a):
        return fc.minimize(lambda x: f(x, a), np.zeros(2)).x

    a = np.array([0.7, -1.2])
    for method in (by_arguments, by_closure):
        np.testing.assert_allclose(fc.jacobian(method)(a), differences(by_arguments, a), rtol=1e-7)
    # the envelope theorem: of the minimum's value only the direct dependence on a counts
    value = fc.grad(lambda a: fc.minimize(f, np.zeros(2), args=(a,)).fun)(a)
    np.testing.assert_allclose(value, fc.grad(lambda a: f(by_arguments(a), a))(a), rtol=1e-12)
    np.testing.assert_allclose(value, fc.grad(f, 1)(by_arguments(a), a), rtol=1e-9)


def test_a_failure_inside_is_told():
    with pytest.raises(ValueError, match="no root was found: The modulus"):
        fc.grad(lambda a: fc.newton(lambda x: x * x + a, 1.0))(1.0)


def test_a_singular_solution_has_no_derivative():
    with pytest.raises((np.linalg.LinAlgError, ZeroDivisionError, ValueError)):
        fc.jacobian(lambda a: fc.root(lambda x: [x[0] + x[1] - a, x[0] + x[1] - a], [1.0, 0.0]).x)(2.0)


@pytest.mark.parametrize(
    "solution",
    [
        lambda a: fc.root(lambda x, a: [(x[0] - a) ** 2], [1.0], (a,)).x[0],
        lambda a: fc.root(lambda x, a: [(x[0] - a) ** 2, x[1] - a], [1.0, 1.0], (a,)).x[0],
        lambda a: fc.newton(lambda x, a: (x - a) ** 3, 1.0, args=(a,)),
        lambda a: fc.minimize(lambda x, a: (x[0] - a) ** 4, [1.0], (a,)).x[0],
    ],
    ids=["double root", "double root of a system", "triple root", "flat minimum"],
)
def test_a_solution_without_a_derivative_is_refused(solution):
    """The implicit function theorem asks for a regular Jacobian, here it is singular."""
    with pytest.raises(ValueError, match="has no derivative"):
        fc.grad(solution)(4.0)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_units_make_no_solution_singular(scale):
    def solution(a):
        return fc.root(lambda x: [x[0] ** 2 - a, 1e-12 * (x[1] / scale - 2)], [3 * scale, scale]).x[0]

    assert fc.grad(solution)(scale**2) == pytest.approx(0.5 / scale, rel=1e-9)  # of √a; three steps leave rounding


def test_structures_inside_of_a_trace_are_refused_by_name():
    with pytest.raises(fc.TraceError, match="an array to start from"):
        fc.grad(lambda a: fc.minimize(lambda p: (p["u"] - a) ** 2, {"u": 1.0}).x["u"])(4.0)


@pytest.mark.parametrize(
    "solution",
    [
        lambda f, a: (
            fc.minimize(lambda x: f(x, a), np.zeros(2), method="gradient-descent", options={"learning_rate": 1e-2}).x
        ),
        lambda f, a: fc.minimize(f, np.zeros(2), (a,), "l-bfgs").x,
        lambda f, a: fc.minimize(lambda x: f(x, a), np.zeros(2)).x,
        lambda f, a: fc.root(fc.grad(lambda x: f(x, a)), [9.0, -9.0]).x,
        lambda f, a: fc.newton(lambda x: (x - a) ** 3 + x - a, np.array([9.0, -9.0])),
    ],
    ids=["gradient descent", "l-bfgs", "newton", "root", "newton of elements"],
)
def test_a_search_calls_the_function_for_its_traces_alone(solution):
    calls = []

    def f(x, a):
        calls.append(None)
        return np.sum((x - a) ** 2 * np.array([1.0, 3.0])) + np.sum((x - a) ** 4)

    np.testing.assert_allclose(fc.jacobian(lambda a: solution(f, a))(np.array([1.0, 2.0])), np.eye(2), atol=1e-7)
    assert len(calls) < 20  # gradient descent takes 700 steps


def test_a_minimum_that_asks_for_another_minimum():
    def outer(a):
        def inner(y):
            return fc.minimize(lambda x: (x[0] - y[0] * a) ** 2 + x[0] ** 4, [0.5]).x[0]

        return fc.minimize(lambda y: (y[0] - inner(y)) ** 2 + (y[0] - a) ** 2, [1.0]).x[0]

    assert fc.grad(outer)(1.3) == pytest.approx((outer(1.3 + 1e-5) - outer(1.3 - 1e-5)) / 2e-5, rel=1e-8)


def test_what_a_search_reads_of_the_trace_is_of_any_structure_and_kind():
    def by_dict(a):
        return fc.minimize(lambda x, d: np.sum((x - d["a"]) ** 2), np.zeros(2), ({"a": a, "name": "centre"},)).x

    def by_branch(a):
        return fc.minimize(lambda x: np.sum((x - a) ** 2) if a[0] > 0 else np.sum((x + a) ** 2), np.zeros(2)).x

    def by_mask_and_list(a):
        return fc.minimize(lambda x: np.sum((x - np.array([a[0], a[a > 0][-1]])) ** 2), np.zeros(2)).x

    for f in (by_dict, by_branch, by_mask_and_list):
        np.testing.assert_allclose(fc.jacobian(f)(np.array([1.0, 2.0])), np.eye(2), atol=1e-12)


def test_a_special_function_of_what_is_traced_outside():
    from scipy.special import betainc

    def solution(a):
        return fc.minimize(lambda x: (x[0] - a) ** 2 + betainc(2.0, 3.0, 1 / (1 + a**2 + x[0] ** 2)), [3.0]).x[0]

    assert fc.grad(solution)(1.3) == pytest.approx(float(differences(solution, 1.3)), rel=1e-7)


def test_what_is_wrong_with_the_function_of_a_search_comes_out():
    for solver in (fc.minimize, fc.root):
        with pytest.raises(ZeroDivisionError):
            fc.grad(lambda a, solver=solver: solver(lambda x: a / 0 + 1 / 0, [1.0]).x[0])(1.0)
    with pytest.raises(fc.TraceError, match="writing into an array of the outside"):
        fc.grad(written_into)(1.0)


def written_into(a):
    kept = a * np.zeros(1)

    def f(x):
        kept[0] = x[0]
        return (kept[0] - a) ** 2

    return fc.minimize(f, [0.5]).x[0]


def test_a_large_system_is_solved_by_the_entries_of_its_jacobian_inside_of_a_trace_too():
    def system(x, a):
        return x + np.concatenate([[0.0], x[:-1] ** 2]) / 4 - a

    matrices = []

    def last(a):
        found = fc.root(system, np.ones(500), (a,))
        matrices.append(found.jac)
        return found.x[-1]

    assert fc.compile(last)(0.5) == pytest.approx(2 * (np.sqrt(1.5) - 1), rel=1e-12)  # x + x²/4 = ½ after some rows
    assert scipy.sparse.issparse(matrices[0])


def test_arguments_of_a_search_inside_of_a_trace_are_those_of_one_outside(capsys):
    seen, results = [], []

    def solution(a, **more):
        results.append(fc.minimize(lambda x: (x[0] - a) ** 2, [1.0], **more))
        return results[-1].x[0]

    assert fc.grad(lambda a: solution(a, callback=seen.append, progress=True, path=True))(2.0) == 1
    assert seen == [results[-1].path[-1]] == [[2.0]]
    assert "minimize" in capsys.readouterr().err
    pair = fc.grad(lambda a: fc.minimize(lambda x: ((x[0] - a) ** 2, 2 * (x - a)), [1.0], jac=True).x[0])
    assert pair(2.0) == 1
    with pytest.raises(ValueError, match="`jac` must be callable"):
        fc.grad(lambda a: solution(a, jac="any text"))(2.0)


def test_nothing_of_a_trace_is_kept_by_the_search_inside_of_it():
    kept = []

    def solution(solve):
        def outer(a):
            def f(x):
                return (x - a) ** 2

            kept.append(weakref.ref(f))
            return solve(f)

        return fc.grad(outer)

    for solve in (
        lambda f: fc.minimize(f, [1.0]).x[0],
        lambda f: fc.root(lambda x: f(x) - 1, [3.0]).x[0],
        lambda f: fc.fixed_point(lambda x: f(x) / 4, 0.5),
    ):
        solution(solve)(2.0)
    gc.collect()
    assert [reference() for reference in kept] == [None] * 3


def test_an_objective_that_gives_an_array_of_one_element_gives_one_number_here_too():
    assert fc.grad(lambda a: fc.minimize(lambda x: (x - a) ** 2, [1.0]).x[0])(2.0) == pytest.approx(1, rel=1e-14)
