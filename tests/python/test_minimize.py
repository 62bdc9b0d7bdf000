"""face: `minimize`, its arguments and its result."""

import copy
import pickle
import threading
import time
import warnings

import fastcalc as fc
import numpy as np
import pytest

METHODS = ["newton", "newton-cg", "bfgs", "l-bfgs", "gradient-descent"]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def bowl(x, centre=1.0, width=2.0):
    return np.sum((x - centre) ** 2) / width


@pytest.mark.parametrize("method", [None, *METHODS, "momentum", "nesterov", "adam"])
def test_every_method_finds_the_minimum_of_a_bowl(method):
    options = {"learning_rate": 0.05} if method in ("momentum", "nesterov", "adam") else {}
    found = fc.minimize(bowl, [3.0, -2.0], args=(0.5, 2.0), method=method, options=options)
    assert found.success
    np.testing.assert_allclose(found.x, 0.5, atol=1e-7)  # |g| ≤ 1e-8 and a curvature of 1
    assert found.fun == pytest.approx(0, abs=1e-14)
    assert found.derivative_source == "program"


@pytest.mark.parametrize("method", ["newton", "newton-cg", "bfgs", "l-bfgs"])
def test_rosenbrock_in_ten_variables(method):
    found = fc.minimize(rosenbrock, np.zeros(10), method=method)
    assert found.success
    np.testing.assert_allclose(found.x, 1, atol=1e-7)  # |g| ≤ 1e-8, least curvature about 0.5


@pytest.mark.parametrize("method", METHODS)
def test_a_saddle_point_is_left(method):
    found = fc.minimize(lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4, [0.0, 0.0], method=method)
    assert found.success
    np.testing.assert_allclose(np.abs(found.x), [0, np.sqrt(0.5)], atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_a_saddle_point_on_the_way_is_left(method):
    """From (1, 0) the gradient leads to the saddle (0, 0) and has no part across."""
    found = fc.minimize(lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4, [1.0, 0.0], method=method)
    np.testing.assert_allclose(np.abs(found.x), [0, np.sqrt(0.5)], atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", [1, -1])
def test_a_saddle_point_on_a_bound_is_left_inwards(method, side):
    bounds = [(0, None) if side > 0 else (None, 0), (0, 2)]
    found = fc.minimize(lambda x: -(x[0] ** 2) + x[0] ** 4 + x[1] ** 2, [0.0, 1.0], bounds=bounds, method=method)
    assert found.success
    np.testing.assert_allclose(found.x, [side * np.sqrt(0.5), 0], atol=1e-7)


def test_a_flat_minimum_is_no_saddle():
    found = fc.minimize(lambda x: (x[0] + x[1]) ** 2, [1.0, 2.0])
    assert found.success
    assert found.fun < 1e-15


@pytest.mark.parametrize("method", [*METHODS, "adam"])
def test_bounds_hold_and_the_solution_is_stationary_inside_of_them(method):
    found = fc.minimize(rosenbrock, [-1.2, 1.0], method=method, bounds=[(-2, 0.5), (None, 0.1)])
    assert found.success
    assert found.x[1] == 0.1
    assert found.jac[1] < 0
    # with x₁ = 0.1: d/dx₀ = −400 x₀ (0.1 − x₀²) − 2 (1 − x₀) = 400 x₀³ − 38 x₀ − 2 = 0
    roots = np.roots([400, 0, -38, -2])
    assert np.abs(roots - found.x[0]).min() < 1e-8


@pytest.mark.parametrize("method", ["newton", "newton-cg", "bfgs", "l-bfgs"])
def test_many_bounds_at_once(method):
    """min ½|x − c|² + coupling in a box: the conditions of Karush, Kuhn and Tucker."""
    generator = np.random.default_rng(5)
    a = generator.normal(size=(40, 40))
    h, c = a @ a.T / 40 + np.eye(40), generator.normal(size=40)
    found = fc.minimize(lambda x: x @ h @ x / 2 - c @ x, np.zeros(40), method=method, bounds=[(-0.1, 0.2)] * 40)
    gradient = h @ found.x - c
    assert found.success
    assert (found.x >= -0.1).all()
    assert (found.x <= 0.2).all()
    inside = (found.x > -0.1) & (found.x < 0.2)
    assert 0 < inside.sum() < 40
    assert np.abs(gradient[inside]).max() < 1e-7
    assert (gradient[found.x == -0.1] > 0).all()
    assert (gradient[found.x == 0.2] < 0).all()


def test_equal_bounds_fix_a_variable():
    found = fc.minimize(rosenbrock, [0.0, 0.0], bounds=[(None, None), (2.0, 2.0)])
    assert found.success
    assert found.x[1] == 2


def test_a_start_outside_is_moved_inside():
    assert fc.minimize(bowl, [5.0], bounds=[(-1, 0)]).x == [0]


def test_pytrees_come_back_as_they_went_in():
    found = fc.minimize(lambda p: np.sum((p["w"] - 1) ** 2) + (p["b"] - 2) ** 2, {"w": np.zeros((2, 3)), "b": 0.0})
    assert found.x["w"].shape == (2, 3)
    np.testing.assert_allclose(found.x["w"], 1)
    np.testing.assert_allclose(found.x["b"], 2)
    assert found.jac["w"].shape == (2, 3)


def test_a_list_of_arrays_is_a_pytree():
    found = fc.minimize(lambda p: np.sum((p[0] - 1) ** 2) + np.sum((p[1] + p[0]) ** 2), [np.zeros(2), np.zeros(2)])
    np.testing.assert_allclose(found.x[0], 1)
    np.testing.assert_allclose(found.x[1], -1)


def test_a_scalar_start_and_a_result_of_one_element():
    found = fc.minimize(lambda x: (x - 3) ** 2, 0.0)
    assert found.x.shape == (1,)
    assert found.x[0] == pytest.approx(3)


def test_branches_are_followed():
    def f(x):
        if x[0] > 0:
            return (x[0] - 1) ** 2
        return 1 - x[0]

    assert fc.minimize(f, [-3.0]).x[0] == pytest.approx(1)


# ---- derivatives that the caller gives -------------------------------------------------------------------------------------------


def rosenbrock_gradient(x):
    return np.array([-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)])


def rosenbrock_hessian(x):
    return np.array([[1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0]], [-400 * x[0], 200.0]])


@pytest.mark.parametrize("method", [None, "newton", "newton-cg", "bfgs", "l-bfgs"])
@pytest.mark.parametrize(
    "given",
    [
        {"jac": rosenbrock_gradient},
        {"jac": rosenbrock_gradient, "hess": rosenbrock_hessian},
        {"jac": rosenbrock_gradient, "hessp": lambda x, v: rosenbrock_hessian(x) @ v},
        {"hess": rosenbrock_hessian},
        {"jac": "2-point"},
        {"jac": "cs", "hess": "3-point"},
        {"jac": False},
    ],
)
def test_the_callers_derivatives_are_used(method, given):
    found = fc.minimize(rosenbrock, [-1.2, 1.0], method=method, **given)
    np.testing.assert_allclose(found.x, 1, atol=1e-6)
    assert found.derivative_source == ("jac" if callable(given.get("jac")) else "program")


def test_a_function_that_gives_its_gradient_too():
    found = fc.minimize(lambda x: (rosenbrock(x), rosenbrock_gradient(x)), [-1.2, 1.0], jac=True)
    assert found.success
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


def test_a_gradient_of_the_wrong_size_is_refused():
    with pytest.raises(ValueError, match="3 numbers for 2 variables"):
        fc.minimize(rosenbrock, [0.0, 0.0], jac=lambda x: np.zeros(3))


def untraceable(x):
    return float(np.float64(str(float(x[0])))) ** 2 + (x[1] - 1) ** 2


@pytest.mark.parametrize("method", [None, "newton", "l-bfgs", "newton-cg"])
def test_what_cannot_be_traced_is_differentiated_by_differences(method):
    def f(x):
        return untraceable(x)

    with pytest.warns(fc.FallbackWarning, match="finite differences"):
        found = fc.minimize(f, [2.0, 3.0], method=method, tol=1e-6)
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(found.x, [0, 1], atol=1e-5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fc.minimize(f, [2.0, 3.0], method=method, tol=1e-6)  # it is said once


def test_a_function_that_changes_falls_back():
    calls = [0]

    def f(x):
        calls[0] += 1
        return np.sum((x - 1) ** 2) + calls[0]

    with pytest.warns(fc.FallbackWarning, match="its own trace"):
        fc.minimize(f, [0.0], options={"maxiter": 3})


def test_a_function_that_keeps_its_last_value_is_not_taken_for_a_constant():
    class Kept:
        x = value = None

        def __call__(self, x):
            if self.x is None or not np.array_equal(self.x, x):
                self.x, self.value = np.array(x, float), bowl(np.array(x, float))
            return self.value

    with pytest.warns(fc.FallbackWarning, match="equal to one that it keeps"):
        found = fc.minimize(Kept(), [0.0, 3.0])
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(found.x, 1, atol=1e-6)  # a second difference of rounded values


def test_a_value_given_at_the_start_alone_is_not_taken_for_a_constant():
    def slope_at_0(x):
        return 2.0 if x[0] == 0 else np.expm1(x[0]) / x[0] + (x[0] - 1) ** 2

    with pytest.warns(fc.FallbackWarning, match="holds at the start alone"):
        found = fc.minimize(slope_at_0, [0.0])
    assert found.derivative_source == "finite differences" and 0 < found.x[0] < 1


def test_whole_numbers_among_the_arguments_are_constants_where_they_must_be():
    def f(x, n):
        return sum(x[0] ** (2 * k) for k in range(1, n)) + (x[1] - 1) ** 2

    found = fc.minimize(f, [1.0, 0.0], args=(3,))
    assert found.derivative_source.startswith("program")
    np.testing.assert_allclose(found.x, [0, 1], atol=1e-7)


# ---- the way, and its end ----------------------------------------------------------------------------------------------------------


def test_both_forms_of_callback_see_each_iteration():
    points, results = [], []

    def by_result(intermediate_result):
        results.append(intermediate_result)

    first = fc.minimize(rosenbrock, [-1.2, 1.0], callback=points.append)
    second = fc.minimize(rosenbrock, [-1.2, 1.0], callback=by_result)
    assert len(points) == first.nit == second.nit == len(results)
    np.testing.assert_array_equal(points[-1], first.x)
    assert results[-1].fun == second.fun


def test_a_callback_may_stop_the_run():
    def stop(x):
        raise StopIteration

    found = fc.minimize(rosenbrock, [-1.2, 1.0], callback=stop)
    assert (found.nit, found.success, found.status) == (1, False, 99)


def test_what_a_callback_raises_comes_out():
    def broken(x):
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        fc.minimize(rosenbrock, [-1.2, 1.0], callback=broken)


def test_the_path_begins_at_the_start_and_ends_at_the_solution():
    found = fc.minimize(rosenbrock, [-1.2, 1.0], path=True)
    assert found.path.shape == (found.nit + 1, 2)
    np.testing.assert_array_equal(found.path[0], [-1.2, 1.0])
    np.testing.assert_array_equal(found.path[-1], found.x)
    np.testing.assert_allclose(found.path_values, [rosenbrock(x) for x in found.path], rtol=1e-12, atol=1e-25)


def test_limits_end_the_run():
    found = fc.minimize(rosenbrock, [-1.2, 1.0], options={"maxiter": 3})
    assert (found.nit, found.success, found.status) == (3, False, 1)
    found = fc.minimize(rosenbrock, [-1.2, 1.0], options={"maxfun": 5})
    assert (found.nfev, found.success, found.status) == (5, False, 1)
    began = time.perf_counter()
    endless = {"max_time": 0.1, "maxiter": 10**12, "learning_rate": 1e-12, "gtol": 0}
    found = fc.minimize(rosenbrock, [-1.2, 1.0], method="gradient-descent", options=endless)
    assert time.perf_counter() - began < 2  # 0.1 s, and what a busy machine adds
    assert "max_time" in found.message


def test_other_threads_run_meanwhile():
    done = []
    options = {"max_time": 0.5, "maxiter": 10**12, "learning_rate": 1e-12, "gtol": 0}
    run = threading.Thread(
        target=lambda: done.append(fc.minimize(bowl, [5.0], method="gradient-descent", options=options))
    )
    run.start()
    ticks = 0
    while run.is_alive():
        time.sleep(0.01)
        ticks += 1
    assert ticks > 5  # of 50
    assert len(done) == 1


def test_the_result_is_read_by_name_and_prints():
    found = fc.minimize(rosenbrock, [-1.2, 1.0])
    assert found["x"] is found.x
    assert "success: True" in repr(found)
    with pytest.raises(AttributeError):
        found.nothing  # noqa: B018
    np.testing.assert_allclose(found.hess, rosenbrock_hessian(found.x), rtol=1e-10)


@pytest.mark.parametrize("method", ["bfgs", "l-bfgs"])
def test_the_inverse_hessian_is_about_that_of_the_solution(method):
    found = fc.minimize(rosenbrock, [-1.2, 1.0], method=method)
    estimate = found.hess_inv if method == "bfgs" else found.hess_inv.todense()
    # quasi-Newton matrices converge slowly: within a fifth of its largest entry
    assert np.abs(estimate - np.linalg.inv(rosenbrock_hessian(found.x))).max() < 0.2


def test_progress_shows_a_bar(capsys):
    fc.minimize(rosenbrock, [-1.2, 1.0], progress=True)
    assert "minimize" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given", [set(), {"jac"}, {"jac", "hess"}, {"jac", "hessp"}], ids=lambda given: " ".join(sorted(given))
)
def test_functions_that_write_into_their_argument_do_no_harm(given):
    def f(x):
        x -= np.arange(3)
        x *= x
        return float(np.sum(x))

    def jac(x):
        x -= np.arange(3)
        x *= 2
        return x

    def hessp(x, v):
        x[:] = np.nan
        v *= 2
        return v

    def hess(x):
        x[:] = np.nan
        return 2 * np.eye(3)

    more = {name: value for name, value in {"jac": jac, "hess": hess, "hessp": hessp}.items() if name in given}
    start = np.full(3, 1.5)
    if given:
        found = fc.minimize(f, start, **more)
    else:
        with pytest.warns(fc.FallbackWarning, match="writing into an argument"):
            found = fc.minimize(f, start)
    np.testing.assert_allclose(found.x, [0, 1, 2], atol=1e-6)
    np.testing.assert_array_equal(start, 1.5)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_result_is_a_dictionary_with_attributes(protocol):
    found = fc.minimize(bowl, np.zeros(2))
    for other in (pickle.loads(pickle.dumps(found, protocol)), copy.copy(found), copy.deepcopy(found)):
        assert type(other) is type(found) and other.keys() == found.keys()
        np.testing.assert_array_equal(other.x, found.x)
    found.note = "mine"
    assert found["note"] == found.note == "mine"
    del found.note
    with pytest.raises(AttributeError, match="note"):
        found.note  # noqa: B018
    found["keys"] = 1  # a method stays a method
    assert "keys" in found.keys()
