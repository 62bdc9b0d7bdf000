"""backends: scikit-learn's own checks of an estimator, and what is beyond them."""

import pickle

import fastcalc as fc
import numpy as np
import pytest
import scipy.sparse
import sklearn.linear_model
from fastcalc.sklearn import LinearRegression, Ridge
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

# Their data have fewer rows than columns here and there; that this is told is our own business.
with_dependent_columns = pytest.mark.filterwarnings("ignore::numpy.exceptions.RankWarning")


@with_dependent_columns
@parametrize_with_checks(
    [LinearRegression(), LinearRegression(fit_intercept=False), Ridge(), Ridge(alpha=0.1, solver="svd")]
)
def test_scikit_learns_own_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture
def problem(rng):
    X = rng.normal(size=(60, 4)) * [1.0, 10.0, 0.1, 3.0] + [0.0, 5.0, 1.0, -2.0]
    Y = X @ rng.normal(size=(4, 2)) + 0.3 * rng.normal(size=(60, 2)) + [1.0, -7.0]
    return X, Y, rng.uniform(0.5, 2.0, 60)


# Both are backward stable and the condition number is about 10³: far more digits agree than are compared.
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_scikit_learns_attributes_have_its_values_and_shapes(problem, fit_intercept, many, weighted):
    X, Y, w = problem
    y, w = Y if many else Y[:, 0], w if weighted else None
    for ours, theirs in [
        (
            LinearRegression(fit_intercept=fit_intercept),
            sklearn.linear_model.LinearRegression(fit_intercept=fit_intercept),
        ),
        (
            Ridge(3.0, fit_intercept=fit_intercept),
            sklearn.linear_model.Ridge(3.0, fit_intercept=fit_intercept, solver="svd"),
        ),
    ]:
        ours.fit(X, y, w), theirs.fit(X, y, w)
        assert ours.get_params().keys() == theirs.get_params().keys()
        for name in ("coef_", "intercept_", "rank_", "singular_", "n_features_in_"):
            if hasattr(theirs, name):
                assert np.shape(getattr(ours, name)) == np.shape(getattr(theirs, name)), name
                assert_allclose(getattr(ours, name), getattr(theirs, name), **CLOSE, err_msg=name)
        assert_allclose(ours.predict(X), theirs.predict(X), **CLOSE)
        assert_allclose(ours.score(X, y, w), theirs.score(X, y, w), **CLOSE)


@with_dependent_columns
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("shape", [(30, 5), (3, 5)])
def test_with_dependent_columns_the_solution_is_scikit_learns_the_shortest(rng, fit_intercept, shape):
    X = rng.normal(size=shape) + 1.0
    X[:, 4] = X[:, 0] - 2.0 * X[:, 1]
    y = rng.normal(size=len(X))
    ours = LinearRegression(fit_intercept=fit_intercept).fit(X, y)
    theirs = sklearn.linear_model.LinearRegression(fit_intercept=fit_intercept).fit(X, y)
    assert ours.rank_ == theirs.rank_
    assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9, atol=1e-11)
    assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-9, atol=1e-11)
    # A value that is zero is known to the root of eps of the largest, for it comes from XᵀX.
    assert_allclose(ours.singular_, theirs.singular_, rtol=1e-9, atol=1e-7 * theirs.singular_[0])


def test_dependent_columns_are_named(rng):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame(rng.normal(size=(20, 2)), columns=["left", "right"])
    X["both"] = X.left + X.right
    with pytest.warns(np.exceptions.RankWarning, match="both"):
        LinearRegression().fit(X, X.left)


@pytest.mark.parametrize("scale", [1e-3, 1e6])
def test_small_singular_values_are_right(rng, scale):
    # Of XᵀX alone, those of 1e-9 of the largest would be rounding: 1e-18 is below eps.
    left, _ = np.linalg.qr(rng.normal(size=(50, 4)))
    right, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    given = scale * np.array([1.0, 1e-2, 1e-6, 1e-9])
    found = LinearRegression(fit_intercept=False).fit(left * given @ right, rng.normal(size=50)).singular_
    # The product above is itself rounded to eps of the largest.
    assert_allclose(found, given, rtol=1e-12, atol=4e-16 * scale)


def test_parts_give_what_one_fit_gives(problem):
    X, Y, w = problem
    whole = LinearRegression().fit(X, Y, w)
    parts = LinearRegression()
    for rows in (slice(0, 7), slice(7, 40), slice(40, 60)):
        parts.partial_fit(X[rows], Y[rows], w[rows])
    for name in ("coef_", "intercept_", "coef_se_", "coef_cov_", "intercept_se_", "singular_"):
        # The sums agree to 1e-30, and the last rounding may fall on either side.
        assert_allclose(
            getattr(parts, name), getattr(whole, name), rtol=4e-16, atol=1e-300 if name != "coef_cov_" else 1e-18
        )
    assert parts.normal_equations_.nobs == 60
    assert parts.fit(X, Y, w).normal_equations_.nobs == 60  # fit begins anew
    assert parts.partial_fit(X, Y, w).normal_equations_.nobs == 120


def test_a_part_that_cannot_be_used_leaves_the_fit_as_it_was(problem):
    X, Y, _ = problem
    model = LinearRegression().fit(X, Y)
    before = model.coef_.copy()
    with pytest.raises(ValueError, match="3 features"):
        model.partial_fit(X[:, :3], Y)
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(np.full_like(X, np.nan), Y)
    with pytest.raises(ValueError, match="weights"):
        model.partial_fit(X, Y, -np.ones(len(X)))
    with pytest.raises(ValueError, match="fit_intercept"):
        model.set_params(fit_intercept=False).partial_fit(X, Y)
    assert_array_equal(model.coef_, before)
    assert model.normal_equations_.nobs == len(X)


@pytest.mark.parametrize("model", [LinearRegression(), Ridge(2.0), LinearRegression(fit_intercept=False)])
def test_errors_are_those_of_lstsq(problem, model):
    X, Y, w = problem
    fit = fc.lstsq(X, Y, w, getattr(model, "alpha", 0.0), model.fit_intercept)
    model = clone(model).fit(X, Y, w)
    first = int(model.fit_intercept)
    assert_allclose(model.coef_se_, fit.stderr[first:].T, rtol=1e-13)
    assert_allclose(np.sqrt(np.diagonal(model.coef_cov_, axis1=1, axis2=2)), model.coef_se_, rtol=1e-13)
    assert_allclose(model.intercept_se_, fit.stderr[0] if first else 0.0, rtol=1e-13)
    y, interval = model.predict(X, return_interval=True, level=0.9)
    centre, half = fit.predict(X, 0.9)
    assert_allclose(y, model.predict(X), rtol=1e-12)
    assert_allclose(interval, np.stack([centre - half, centre + half], axis=1), rtol=1e-11)


def test_intervals_cover_as_often_as_they_say(rng):
    covered = 0
    for _ in range(400):
        X = rng.normal(size=(12, 2))
        y = X @ [1.0, -2.0] + 3.0 + rng.normal(size=12)
        point = rng.normal(size=(1, 2))
        _, interval = LinearRegression().fit(X, y).predict(point, return_interval=True, level=0.8)
        truth = point @ [1.0, -2.0] + 3.0 + rng.normal()
        covered += interval[0, 0] < truth[0] < interval[0, 1]
    assert abs(covered / 400 - 0.8) < 0.08  # four standard deviations of the count


def test_a_fitted_model_holds_no_data_and_travels(problem):
    X, Y, _ = problem
    model = LinearRegression().fit(np.tile(X, (100, 1)), np.tile(Y, (100, 1)))
    packed = pickle.dumps(model)
    assert len(packed) < 20_000
    other = pickle.loads(packed)
    assert_array_equal(other.predict(X), model.predict(X))
    assert other.partial_fit(X, Y).normal_equations_.nobs == 6060


def test_columns_of_very_different_scales_are_no_trouble(rng):
    X = rng.normal(size=(100, 3)) * [1.0, 1e12, 1e-12] + [0.0, 1e12, 0.0]
    truth = np.array([1.0, 1e-12, 1e12])
    found = LinearRegression().fit(X, X @ truth)
    assert_allclose(found.coef_, truth, rtol=1e-13)  # y itself is rounded to 1e-16


def test_it_works_in_pipelines_and_searches(problem):
    X, Y, _ = problem
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.01, 1.0, 1e4]}, cv=3)
    assert search.fit(X, Y).best_params_["ridge__alpha"] < 1e4
    assert search.score(X, Y) > 0.9


@pytest.mark.parametrize(
    ("model", "X", "message"),
    [
        (LinearRegression(positive=True), np.eye(3), r"sklearn\.linear_model\.LinearRegression\(positive=True\)"),
        (Ridge(positive=True), np.eye(3), r"sklearn\.linear_model\.Ridge\(positive=True\)"),
        (Ridge(solver="sag"), np.eye(3), "solver='sag'"),
        (Ridge(alpha=[1.0, 2.0]), np.eye(3), "each target"),
        (Ridge(alpha=-1.0), np.eye(3), "ridge must be"),
        (LinearRegression(n_jobs=0), np.eye(3), "n_jobs"),
        (LinearRegression(), scipy.sparse.eye_array(3).tocsr(), r"X\.toarray\(\)"),
        (LinearRegression(), np.eye(3) * 1j, "[Cc]omplex"),
    ],
)
def test_what_it_cannot_do_is_told(model, X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit(X, np.arange(3.0))


def test_an_estimator_that_was_not_fitted_says_so():
    with pytest.raises(NotFittedError):
        LinearRegression().predict(np.eye(2))


def test_the_namespace_is_found_both_ways():
    assert fc.sklearn.LinearRegression is LinearRegression
