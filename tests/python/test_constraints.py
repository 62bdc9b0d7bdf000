"""python: constraints of `fc.minimize`: spellings, multipliers, what the result says, bad input."""

import os
import signal
import threading
import time
import warnings
from typing import Any

import fastcalc as fc
import numpy as np
import pytest
from scipy.optimize import LinearConstraint, NonlinearConstraint


def bowl(x: Any) -> Any:
    return np.sum(x**2) + np.exp(x[0])


def on_circle(x: Any) -> Any:
    return x[0] ** 2 + x[1] ** 2 - 1


# ---- spellings --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        fc.equality(on_circle),
        [fc.equality(lambda x: x[0] ** 2 + x[1] ** 2, 1)],
        {"type": "eq", "fun": on_circle},
        ({"type": "eq", "fun": lambda x, r: x[0] ** 2 + x[1] ** 2 - r**2, "args": (1.0,)},),
        NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, 1, 1),
        fc.equality(lambda x: np.array([on_circle(x)])),
        fc.equality(lambda x: [on_circle(x)]),
    ],
)
def test_every_spelling_of_an_equation_means_the_same(given: Any) -> None:
    found = fc.minimize(bowl, [1.0, 1.0], constraints=given)
    assert found.success
    # On the circle the sum of squares is 1, so x₀ = −1 makes the exponential least.
    assert found.x == pytest.approx([-1, 0], abs=1e-12)
    assert found.fun == pytest.approx(1 + np.exp(-1), rel=1e-15)


@pytest.mark.parametrize(
    "given",
    [
        fc.inequality(lambda x: 1 - x[0] - x[1]),
        fc.inequality(lambda x: x[0] + x[1], -np.inf, 1),
        {"type": "ineq", "fun": lambda x: 1 - x[0] - x[1]},
        LinearConstraint([[1, 1]], -np.inf, 1),
        NonlinearConstraint(lambda x: x[0] + x[1], -np.inf, [1.0]),
    ],
)
def test_every_spelling_of_an_inequality_means_the_same(given: Any) -> None:
    found = fc.minimize(lambda x: np.sum((x - 2) ** 2), np.zeros(2), constraints=given)
    assert found.success
    assert found.x == pytest.approx([0.5, 0.5], abs=1e-12)


def test_sparse_linear_constraints_and_several_kinds_together() -> None:
    from scipy.sparse import csr_array

    found = fc.minimize(
        lambda x: np.sum((x - 3) ** 2),
        np.zeros(3),
        bounds=[(None, 2), (None, None), (1, 1)],
        constraints=[LinearConstraint(csr_array([[1.0, 1, 1]]), 4, 4), fc.inequality(lambda x: x[1], name="second")],
    )
    assert found.success
    assert found.x == pytest.approx([1.5, 1.5, 1], abs=1e-12)
    assert [np.shape(y) for y in found.multipliers] == [(1,), ()]
    assert found.multipliers[1] == 0


def test_the_start_may_be_a_tree_and_so_is_what_constraints_get() -> None:
    found = fc.minimize(
        lambda p: np.sum((p["a"] - 1) ** 2) + p["b"] ** 2,
        {"a": np.zeros(2), "b": 3.0},
        constraints=fc.equality(lambda p: np.sum(p["a"]) + p["b"], 3),
    )
    assert found.success
    assert found.x["a"] == pytest.approx([4 / 3, 4 / 3], rel=1e-14)
    assert found.x["b"] == pytest.approx(1 / 3, rel=1e-13)
    assert set(found.bound_multipliers) == {"a", "b"}


def test_the_rows_of_a_linear_constraint_are_of_all_numbers_of_a_tree() -> None:
    found = fc.minimize(
        lambda p: np.sum((p["a"] - 1) ** 2) + p["b"] ** 2,
        {"a": np.zeros(2), "b": 3.0},
        constraints=LinearConstraint([[1, 1, 1]], 3, 3),
    )
    assert found.success
    assert found.x["a"] == pytest.approx([4 / 3, 4 / 3], rel=1e-14)


def test_what_no_x_can_change_is_infeasible() -> None:
    found = fc.minimize(bowl, [0.5, 0.5], constraints=fc.equality(lambda x: 1.0, name="one"))
    assert found.reason == "infeasible"
    assert "one" in found.message
    assert found.constr_violation == pytest.approx(1)


def test_a_tolerance_of_nothing_ends_where_rounding_does() -> None:
    loose, strict = (
        fc.minimize(bowl, [0.5, 0.5], constraints=fc.inequality(lambda x: x[0] * x[1] - 3), tol=tol)
        for tol in (1e-2, 0.0)
    )
    assert strict.success and strict.nit < 100
    assert strict.kkt_residual < 1e-12
    assert loose.success and "multipliers" not in loose.message  # it has some, as exact as was asked for
    assert loose.nit < strict.nit


@pytest.mark.parametrize(
    ("constraint", "error", "message"),
    [
        (3, TypeError, "constraint 0 is a int: give fc.equality"),
        (fc.equality(lambda x: x[0], np.inf, name="far"), ValueError, "far: a lower bound is inf"),
    ],
)
def test_what_is_no_constraint_is_refused(constraint: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        fc.minimize(bowl, [0.5, 0.5], constraints=constraint)


def test_arguments_reach_the_objective_alone() -> None:
    found = fc.minimize(lambda x, a: np.sum((x - a) ** 2), [0.0, 0.0], args=(2.0,), constraints=fc.equality(np.sum, 1))
    assert found.x == pytest.approx([0.5, 0.5], abs=1e-14)
    found = fc.minimize(
        lambda x, a: np.sum((x - a) ** 2), [0.0, 0.0], args=(np.array([2.0, 0]),), constraints=fc.equality(np.sum, 1)
    )
    assert found.x == pytest.approx([1.5, -0.5], abs=1e-14)


# ---- multipliers ------------------------------------------------------------------------------------------------------------


def shifted(start: Any, constraint: Any, shifts: Any, fun: Any, **more: Any) -> float:
    """The minimum when the value that holds the constraint is moved."""
    moved = fc.Constraint(constraint.fun, constraint.lower + shifts, constraint.upper + shifts)
    return float(fc.minimize(fun, start, constraints=moved, **more).fun)


@pytest.mark.parametrize(
    "constraint",
    [
        fc.equality(lambda x: np.stack([x[0] * x[1] - x[2], np.sum(x**2) - 4])),
        fc.inequality(lambda x: np.stack([x[0] + x[1] * x[2] - 2, x[2] - 1])),
        fc.inequality(lambda x: np.stack([x[0] - x[1] ** 2, x[2]]), -np.inf, np.array([-1.0, -0.5])),
        fc.inequality(lambda x: np.stack([x[0] - x[1] ** 2, x[2]]), -3.0, np.array([-1.0, -0.5])),
    ],
)
def test_a_multiplier_is_the_change_of_the_minimum(constraint: Any) -> None:
    def fun(x: Any) -> Any:
        return np.exp(x[0]) + np.sum((x - np.array([0.5, -1, 0.3])) ** 2) + x[0] * x[2]

    start = np.array([1.0, 1.2, 1.1])
    found = fc.minimize(fun, start, constraints=constraint)
    assert found.success
    assert found.second_order
    # Central differences of 1e-4 leave h² f*‴ / 6.
    for i, multiplier in enumerate(found.multipliers[0]):
        step = 1e-4 * (np.arange(2) == i)
        change = shifted(found.x, constraint, step, fun) - shifted(found.x, constraint, -step, fun)
        assert multiplier == pytest.approx(change / 2e-4, abs=1e-6)
    assert found.kkt_residual <= 1e-9
    gradient = fc.grad(fun)(found.x)
    assert gradient == pytest.approx(fc.jacobian(constraint.fun)(found.x).T @ found.multipliers[0], abs=1e-9)


def test_the_multiplier_of_a_bound_is_the_change_of_the_minimum() -> None:
    def at(low: float, high: float) -> Any:
        return fc.minimize(
            lambda x: np.exp(x[0]) + x[0] * x[1] - 3 * x[1],
            [1.0, 0.5],
            bounds=[(low, 4), (-1, high)],
            constraints=fc.inequality(lambda x: x[0] + x[1], -10),
        )

    found = at(0.2, 1.0)
    assert found.x == pytest.approx([0.2, 1.0], abs=0)
    by_low = (at(0.2 + 1e-4, 1.0).fun - at(0.2 - 1e-4, 1.0).fun) / 2e-4
    by_high = (at(0.2, 1.0 + 1e-4).fun - at(0.2, 1.0 - 1e-4).fun) / 2e-4
    assert found.bound_multipliers == pytest.approx([by_low, by_high], abs=1e-6)
    assert found.bound_multipliers[0] > 0 > found.bound_multipliers[1]


def test_signs_are_those_of_slsqp() -> None:
    from scipy.optimize import minimize

    given = {"type": "eq", "fun": lambda x: x[0] + 2 * x[1] - 1}
    found = fc.minimize(bowl, [1.0, 1.0], constraints=given)
    rival = minimize(bowl, [1.0, 1.0], constraints=given, method="SLSQP", options={"ftol": 1e-12})
    assert found.multipliers[0] == pytest.approx(rival.multipliers[0], abs=1e-5)  # SLSQP takes forward differences


# ---- what the result says ---------------------------------------------------------------------------------------------------


def test_a_saddle_or_maximum_at_the_start_is_left() -> None:
    found = fc.minimize(lambda x: x[0] + x[1], np.sqrt([0.5, 0.5]), constraints=fc.equality(on_circle))
    assert found.x == pytest.approx(-np.sqrt([0.5, 0.5]), abs=1e-12)
    assert found.second_order
    assert found.curvature == pytest.approx(np.sqrt(2), rel=1e-9)  # 2λ, λ = 1/√2


def test_contradictions_are_named_with_the_smallest_violation() -> None:
    found = fc.minimize(
        bowl,
        [1.0, 1.0],
        constraints=[
            fc.equality(lambda x: x[0] + x[1], 1, name="sum"),
            fc.equality(lambda x: x[0] - x[1], 0, name="balance"),
            fc.equality(lambda x: 2 * x[0] + 2 * x[1], 4, name="twice the sum"),
        ],
    )
    assert not found.success
    assert found.status == 5
    assert "sum, twice the sum" in found.message
    assert "balance" not in found.message
    # (s − 1)² + (2s − 4)² is least at s = 9/5: 4/5 and 2/5 are left.
    assert found.constr_violation == pytest.approx(0.8, abs=1e-8)


def test_dependent_constraints_are_named() -> None:
    found = fc.minimize(
        bowl,
        [1.0, 1.0],
        constraints=[fc.equality(np.sum, 1, name="sum"), fc.equality(lambda x: 3 * np.sum(x), 3, name="again")],
    )
    assert found.success
    assert found.dependent in (["sum"], ["again"])
    assert found.dependent[0] in found.message


def test_a_minimum_without_multipliers_says_so() -> None:
    # The circle is a point, where its gradient vanishes: nothing balances the objective's.
    found = fc.minimize(lambda x: x[0], [1.0, 1.0], constraints=fc.equality(lambda x: x[0] ** 2 + x[1] ** 2))
    assert found.x == pytest.approx([0, 0], abs=1e-6)
    assert found.kkt_residual > 1e-3
    assert "no multipliers exist" in found.message


def test_constraints_and_their_activity_have_the_shape_of_the_values() -> None:
    found = fc.minimize(
        lambda x: np.sum((x - 2) ** 2),
        np.zeros(4),
        constraints=fc.inequality(lambda x: x.reshape(2, 2), -9, np.array([[1, 5], [9, 2.5]])),
    )
    assert found.constr[0] == pytest.approx(np.array([[1, 2], [2, 2]]), abs=1e-12)
    assert found.active[0].tolist() == [[1, 0], [0, 0]]
    assert found.multipliers[0] == pytest.approx(np.array([[-2, 0], [0, 0]]), abs=1e-12)


def test_the_path_is_recorded_and_the_callback_told() -> None:
    seen = []
    found = fc.minimize(
        bowl, [1.0, 1.0], constraints=fc.equality(on_circle), path=True, callback=lambda x: seen.append(x.copy())
    )
    assert len(found.path) == found.nit + 1
    assert found.path[-1] == pytest.approx(found.x, abs=1e-8)
    assert len(seen) >= found.nit
    assert found.plot_path() is not None


def test_a_callback_may_end_the_loop_and_what_it_raises_comes_out() -> None:
    def stop(x: Any) -> None:
        raise StopIteration

    found = fc.minimize(bowl, [1.0, 1.0], constraints=fc.equality(on_circle), callback=stop)
    assert found.status == 99

    def fail(x: Any) -> None:
        raise RuntimeError("told")

    with pytest.raises(RuntimeError, match="told"):
        fc.minimize(bowl, [1.0, 1.0], constraints=fc.equality(on_circle), callback=fail)


def test_a_second_branch_of_a_constraint_is_traced() -> None:
    def hinge(x: Any) -> Any:
        return x[0] - 1 if x[0] > 0 else 2 * x[0] - 1

    found = fc.minimize(lambda x: (x[0] - 3) ** 2 + x[1] ** 2, [-5.0, 1.0], constraints=fc.equality(hinge))
    assert found.success
    assert found.x == pytest.approx([1, 0], abs=1e-12)


# ---- what cannot be traced --------------------------------------------------------------------------------------------------


def opaque(x: Any) -> Any:
    return float(str(x[0] ** 2 + x[1] ** 2 - 1))


def test_a_constraint_that_cannot_be_traced_is_differentiated_by_differences_and_said_once() -> None:
    with pytest.warns(fc.FallbackWarning, match="finite differences") as told:
        found = fc.minimize(bowl, [1.0, 1.0], constraints=fc.equality(opaque))
    assert len(told) == 1
    assert found.success
    assert found.x == pytest.approx([-1, 0], abs=1e-6)  # the multipliers have the accuracy of differences
    assert "finite differences" in found.derivative_source


def test_a_jacobian_that_was_given_takes_the_place_of_differences() -> None:
    given = {"type": "eq", "fun": opaque, "jac": lambda x: 2 * x}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fc.minimize(bowl, [1.0, 1.0], constraints=given)
    assert found.success
    assert found.x == pytest.approx([-1, 0], abs=1e-8)
    assert "jac" in found.derivative_source


def test_an_objective_that_cannot_be_traced() -> None:
    with pytest.warns(fc.FallbackWarning):
        found = fc.minimize(lambda x: float(str(np.sum(x**2))), [3.0, 1.0], constraints=fc.equality(np.sum, 1))
    assert found.success
    assert found.x == pytest.approx([0.5, 0.5], abs=1e-6)


# ---- bad input --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"fun": on_circle}, KeyError, "Constraint 0 has no type defined"),
        ({"type": "eq"}, KeyError, "Constraint 0 has no function defined"),
        ({"type": "same", "fun": on_circle}, ValueError, "Unknown constraint type 'same'"),
        ([on_circle], TypeError, r"constraint 0 is a function: give fc.equality"),
        (LinearConstraint([[1, 1, 1]], 0, 0), ValueError, "3 columns for 2 variables"),
        (fc.inequality(on_circle, 2, 1), ValueError, "a lower bound is above its upper bound"),
        (
            fc.equality(lambda x: x, [1.0, 2, 3]),
            ValueError,
            r"gives the shape \(2,\), but its bounds have the shape \(3,\)",
        ),
        (fc.equality(on_circle, np.nan), ValueError, "a bound is NaN"),
        (fc.equality(lambda x: np.log(x[0] - 5)), ValueError, "is nan at the start"),
        (fc.equality(lambda x: "one"), TypeError, "a constraint is a real number or an array of them"),
        (fc.equality(lambda x: x[0] + 1j), TypeError, "a constraint is a real number"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_bad_constraints_are_refused(given: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        fc.minimize(bowl, [1.0, 1.0], constraints=given)


def test_contradictory_bounds_and_a_start_that_is_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="upper bound is less than"):
        fc.minimize(bowl, [1.0, 1.0], bounds=[(2, 1), (0, 1)], constraints=fc.equality(on_circle))
    with pytest.raises(ValueError, match="must be finite"):
        fc.minimize(bowl, [np.nan, 1.0], constraints=fc.equality(on_circle))
    with pytest.raises(ValueError, match="takes no constraints"):
        fc.minimize(bowl, [1.0, 1.0], method="adam", constraints=fc.equality(on_circle))


def test_limits_end_the_loop() -> None:
    assert fc.minimize(bowl, [3.0, 1.0], constraints=fc.equality(on_circle), options={"maxiter": 2}).status == 1
    found = fc.minimize(bowl, [3.0, 1.0], constraints=fc.equality(on_circle), options={"max_time": 0.0})
    assert found.status == 1
    assert "time" in found.message


def test_an_unbounded_objective_is_told() -> None:
    found = fc.minimize(lambda x: x[0] + x[1], [1.0, 2.0], constraints=fc.equality(lambda x: x[0] - x[1]))
    assert not found.success
    assert "falls without bound" in found.message


def test_a_loop_over_large_matrices_is_interrupted_at_once() -> None:
    # Each iteration factors 302 × 302 numbers.
    n = 300

    def slow(x: Any) -> Any:
        return np.sum(np.sin(x[1:] * x[:-1]) ** 2) + 1e-3 * np.sum(x**4)

    constraint = fc.equality(lambda x: np.stack([np.sum(x[::2] ** 2) - 200, np.sum(x[1::2]) - 1]))
    fc.minimize(slow, np.linspace(1, 2, n), constraints=constraint, options={"maxiter": 1})  # traced
    pressed = []

    def press() -> None:
        time.sleep(0.3)
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell ignores it for what it runs in the background
    thread = threading.Thread(target=press)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            for _ in range(1000):  # much longer than the thread waits
                fc.minimize(slow, np.linspace(1, 2, n), constraints=constraint)
        late = time.perf_counter() - pressed[0]
    finally:
        thread.join()
        signal.signal(signal.SIGINT, before)
    assert late < 0.5  # 0.1 s on a machine of its own; the suite runs beside others


def test_a_function_that_gives_its_gradient_too_may_be_constrained():
    def both(x):
        return np.sum((x - 1) ** 2), 2 * (x - 1)

    found = fc.minimize(both, [3.0, 0.0], jac=True, constraints=fc.equality(lambda x: x[0] + x[1], 4))
    np.testing.assert_allclose(found.x, 2, atol=1e-9)
    assert found.multipliers[0] == pytest.approx(2, abs=1e-8)  # f* = (c − 2)² / 2


def test_a_start_at_which_an_equation_has_no_slope_is_left():
    # SciPy's issue 18882: nearest to the origin on 1 + x²/9 = y²/16 are (0, ±4), and ∂/∂(x, y) is 0 at the origin.
    hyperbola = fc.equality(lambda x: 1 + x[0] ** 2 / 9 - x[1] ** 2 / 16)
    found = fc.minimize(lambda x: np.sum(x**2), [0.0, 0.0], constraints=hyperbola)
    assert found.success and found.second_order
    np.testing.assert_allclose(np.abs(found.x), [0, 4], atol=1e-7)
