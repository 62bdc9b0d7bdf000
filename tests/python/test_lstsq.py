"""fastcalc.lstsq: statistics against their definitions, what may come in, what is refused."""

import pickle

import fastcalc as fc
import numpy as np
import pytest
import scipy.stats


@pytest.fixture
def problem(rng):
    X = rng.normal([0.0, 5.0, -2.0], size=(80, 3))
    y = X @ [1.0, -2.0, 0.5] + 4.0 + rng.normal(size=80) * (1 + np.abs(X[:, 0]))
    return X, y


def by_definition(X, y, weights=None):
    """Coefficients, (XᵀWX)⁻¹ and the weighted sum of squares from an orthogonal factor of the weighted rows."""
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    Q, R = np.linalg.qr(X * root[:, None])
    coef = np.linalg.solve(R, Q.T @ (y * root))
    inverse = np.linalg.inv(R) @ np.linalg.inv(R).T
    return coef, inverse, np.sum((root * (y - X @ coef)) ** 2)


def test_a_straight_line_with_sigma_has_the_textbook_errors(rng):
    x = np.linspace(0, 5, 20)
    sigma = 0.1 + 0.05 * x
    y = 1.5 + 2 * x + sigma * rng.normal(size=20)
    fit = fc.lstsq(x, y, sigma=sigma, absolute_sigma=True)
    # Bevington and Robinson, Data Reduction and Error Analysis, eqs. 6.12, 6.23
    w = 1 / sigma**2
    S, Sx, Sy, Sxx, Sxy = w.sum(), (w * x).sum(), (w * y).sum(), (w * x * x).sum(), (w * x * y).sum()
    delta = S * Sxx - Sx**2
    assert fit.names == ("intercept", "slope")
    np.testing.assert_allclose(
        [fit.intercept, fit.slope], [(Sxx * Sy - Sx * Sxy) / delta, (S * Sxy - Sx * Sy) / delta], rtol=1e-13
    )
    np.testing.assert_allclose(fit.stderr, np.sqrt([Sxx / delta, S / delta]), rtol=1e-13)
    np.testing.assert_allclose(fit.chi2, np.sum(((y - fit.intercept - fit.slope * x) / sigma) ** 2), rtol=1e-12)
    relative = fc.lstsq(x, y, sigma=sigma)
    np.testing.assert_allclose(relative.stderr, fit.stderr * np.sqrt(fit.chi2 / 18), rtol=1e-13)
    np.testing.assert_allclose(relative.stderr_absolute, fit.stderr, rtol=1e-15)


def test_a_line_without_sigma_is_linregress(rng):
    x, y = rng.normal(size=30), rng.normal(size=30)
    fit, expected = fc.lstsq(x, y), scipy.stats.linregress(x, y)
    np.testing.assert_allclose(fit.coef, [expected.intercept, expected.slope], rtol=1e-12)
    np.testing.assert_allclose(fit.stderr, [expected.intercept_stderr, expected.stderr], rtol=1e-12)
    np.testing.assert_allclose(fit.p_values[1], expected.pvalue, rtol=1e-10)
    np.testing.assert_allclose(fit.r2, expected.rvalue**2, rtol=1e-10)


@pytest.mark.parametrize("weighted", [False, True])
def test_statistics_by_their_definitions(problem, rng, weighted):
    X, y = problem
    weights = rng.uniform(0.1, 3, size=80) if weighted else None
    design = np.column_stack([np.ones(80), X])
    coef, inverse, chi2 = by_definition(design, y, weights)
    fit = fc.lstsq(X, y, weights, intercept=True)
    w = np.ones(80) if weights is None else weights
    total = np.sum(w * (y - np.average(y, weights=w)) ** 2)
    np.testing.assert_allclose(fit.coef, coef, rtol=1e-12)
    np.testing.assert_allclose(fit.chi2, chi2, rtol=1e-12)
    assert fit.dof == 76
    np.testing.assert_allclose(fit.cov, inverse * chi2 / 76, rtol=1e-11)
    np.testing.assert_allclose(fit.r2, 1 - chi2 / total, rtol=1e-12)
    np.testing.assert_allclose(fit.adjusted_r2, 1 - (chi2 / 76) / (total / 79), rtol=1e-12)
    np.testing.assert_allclose(fit.f_value, (total - chi2) / 3 / (chi2 / 76), rtol=1e-11)
    np.testing.assert_allclose(fit.f_p_value, scipy.stats.f.sf(fit.f_value, 3, 76), rtol=1e-9)
    np.testing.assert_allclose(fit.t_values, fit.coef / fit.stderr, rtol=1e-15)
    np.testing.assert_allclose(fit.p_values, 2 * scipy.stats.t.sf(np.abs(fit.t_values), 76), rtol=1e-10)
    half = scipy.stats.t.ppf(0.95, 76) * fit.stderr
    np.testing.assert_allclose(fit.conf_int(0.9), np.column_stack([fit.coef - half, fit.coef + half]), rtol=1e-10)
    scaled = design / np.linalg.norm(design, axis=0)
    if not weighted:
        np.testing.assert_allclose(fit.condition, np.linalg.cond(scaled), rtol=1e-10)
    np.testing.assert_allclose(fit.residuals, y - design @ coef, atol=1e-12)
    # A column of ones in X is an intercept, also for R².
    explicit = fc.lstsq(design, y, weights)
    assert explicit.has_constant
    for name in ("r2", "adjusted_r2", "f_value"):
        np.testing.assert_allclose(getattr(explicit, name), getattr(fit, name), rtol=1e-13)


@pytest.mark.parametrize("weighted", [False, True])
def test_robust_covariances_by_their_definitions(problem, rng, weighted):
    X, y = problem
    weights = rng.uniform(0.1, 3, size=80) if weighted else None
    fit = fc.lstsq(X, y, weights, intercept=True)
    root = np.ones(80) if weights is None else np.sqrt(weights)
    D = np.column_stack([np.ones(80), X]) * root[:, None]
    e = root * y - D @ fit.coef
    bread = np.linalg.inv(D.T @ D)
    h = np.sum(D @ bread * D, axis=1)
    for kind, omega in {"HC0": e**2, "HC1": e**2 * 80 / 76, "HC2": e**2 / (1 - h), "HC3": e**2 / (1 - h) ** 2}.items():
        expected = bread @ (D.T * omega) @ D @ bread
        np.testing.assert_allclose(fit.covariance(kind), expected, rtol=1e-10, atol=1e-15)
        robust = fc.lstsq(X, y, weights, intercept=True, cov=kind)
        np.testing.assert_allclose(robust.stderr, np.sqrt(np.diag(expected)), rtol=1e-10)
        assert kind in robust.report()


def test_ridge_is_the_closed_form_and_spares_the_intercept(problem):
    X, y = problem
    fit = fc.lstsq(X, y, ridge=7.0, intercept=True)
    centred = X - X.mean(axis=0)
    coef = np.linalg.solve(centred.T @ centred + 7.0 * np.eye(3), centred.T @ y)
    np.testing.assert_allclose(fit.slopes, coef, rtol=1e-12)
    np.testing.assert_allclose(fit.intercept, y.mean() - X.mean(axis=0) @ coef, rtol=1e-12)
    singular = np.linalg.svd(centred, compute_uv=False) ** 2
    np.testing.assert_allclose(fit.dof, 80 - 1 - np.sum(singular / (singular + 7.0)), rtol=1e-12)
    np.testing.assert_allclose(fit.chi2, np.sum(fit.residuals**2), rtol=1e-12)


def test_several_targets_are_fits_of_each(problem, rng):
    X, y = problem
    Y = np.column_stack([y, rng.normal(size=80), X[:, 0] ** 2])
    fit = fc.lstsq(X, Y, intercept=True)
    assert fit.coef.shape == (4, 3) and fit.cov.shape == (4, 4, 3)
    for k in range(3):
        one = fc.lstsq(X, Y[:, k], intercept=True)
        for name in ("coef", "stderr", "chi2", "r2", "f_value", "p_values", "residuals", "cov"):
            np.testing.assert_allclose(getattr(fit, name)[..., k], getattr(one, name), rtol=1e-12, atol=1e-13)
    assert fit.predict(X[:5]).shape == (5, 3)
    assert "targets" in repr(fit) and fit.report() and fit._repr_html_()


@pytest.mark.parametrize(
    "change",
    [
        lambda X: np.asfortranarray(X),
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X[::-1][::-1],
        lambda X: np.column_stack([X, X])[:, ::2],
        lambda X: X.astype(">f8"),
        lambda X: [row.tolist() for row in X],
        lambda X: {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "d": X[:, 3], "e": X[:, 4]},
    ],
)
def test_any_layout_gives_the_same_bits(rng, change):
    X, y = rng.normal(size=(700, 5)), rng.normal(size=700)
    changed = change(X)
    if isinstance(changed, np.ndarray) and changed.shape[1] == 5 and not np.array_equal(changed, X):
        X = np.ascontiguousarray(changed, float)  # other columns of X
    np.testing.assert_array_equal(fc.lstsq(changed, y).coef, fc.lstsq(X, y).coef)


@pytest.mark.parametrize("dtype", ["f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "f2"])
def test_any_type_of_number(rng, dtype):
    X = rng.integers(0, 2 if dtype == "?" else 100, size=(300, 3)).astype(dtype)
    y = rng.integers(0, 100, size=300)
    np.testing.assert_array_equal(fc.lstsq(X, y).coef, fc.lstsq(X.astype(float), y.astype(float)).coef)


@pytest.mark.parametrize("columns", [1, 7, 8, 9, 16, 23])
@pytest.mark.parametrize("rows", [30, 255, 256, 257, 1000])
def test_every_remainder_of_blocks_and_groups(rng, rows, columns):
    X, y = rng.normal(size=(rows, columns)), rng.normal(size=rows)
    np.testing.assert_allclose(fc.lstsq(X, y).coef, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-9, atol=1e-12)


def test_missing_rows(problem, rng):
    X, y = (each.copy() for each in problem)
    X[3, 1] = y[10] = np.nan
    kept = np.ones(80, bool)
    kept[[3, 10]] = False
    expected = fc.lstsq(X[kept], y[kept], intercept=True)
    for fit in (fc.lstsq(X, y, intercept=True, nan_policy="omit"), fc.lstsq(X, y, intercept=True, where=kept)):
        np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-14)
        assert fit.nobs == 78
        np.testing.assert_allclose(fit.covariance("HC3"), expected.covariance("HC3"), rtol=1e-12)
    weights = kept * rng.uniform(0.5, 2, size=80)
    sums = fc.NormalEquations().update(X, y, weights)
    assert sums.nobs == 78
    np.testing.assert_allclose(sums.sum_of_weights, weights.sum(), rtol=1e-15)
    weights = kept.astype(float)  # what stands in a row of the weight 0 does not matter
    assert fc.lstsq(X, y, weights, intercept=True).nobs == 78


def test_predictions_cover_what_they_promise(rng):
    X = np.column_stack([np.ones(25), rng.normal(size=25)])
    inside, new = 0, np.array([[1.0, 0.7]])
    for _ in range(600):
        fit = fc.lstsq(X, X @ [1.0, 2.0] + rng.normal(size=25))
        centre, half = fit.predict(new, interval=0.8)
        inside += abs(centre[0] - (1 + 2 * 0.7 + rng.normal())) < half[0]
    assert abs(inside / 600 - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 600)  # four standard deviations of the count


def test_dependent_columns_are_named_and_solved_as_asked(rng):
    a, b = rng.normal(size=(2, 50))
    table = {"a": a, "b": b, "total": a + b, "nothing": np.zeros(50)}
    y = a - b + 0.1 * rng.normal(size=50)
    with pytest.warns(np.exceptions.RankWarning, match="'total' is a combination of others: total = a \\+ b") as caught:
        fit = fc.lstsq(table, y)
    assert "'nothing' is zero" in str(caught[0].message)
    X = np.stack(list(table.values()), axis=1)
    np.testing.assert_allclose(fit.coef, np.linalg.lstsq(X, y, rcond=None)[0], atol=1e-13)
    assert fit.rank == 2 and list(fit.dependent) == ["total", "nothing"]
    assert np.isinf(fit.stderr).all()
    with pytest.warns(np.exceptions.RankWarning):
        dropped = fc.lstsq(table, y, deficient="drop")
    two = fc.lstsq(X[:, :2], y)
    np.testing.assert_allclose(dropped.coef, [*two.coef, 0, 0], rtol=1e-14)
    np.testing.assert_allclose(dropped.stderr, [*two.stderr, 0, 0], rtol=1e-13)
    np.testing.assert_allclose(fit.predict(X), two.predict(X[:, :2]), atol=1e-13)
    # What the data determine has its interval, whichever solution was taken.
    for each in (fit, dropped):
        np.testing.assert_allclose(each.predict(X[:3], 0.9)[1], two.predict(X[:3, :2], 0.9)[1], rtol=1e-9)
    with pytest.raises(np.linalg.LinAlgError, match="'total'"):
        fc.lstsq(table, y, deficient="raise")


def test_a_column_that_is_there_twice_is_named(rng):
    a = rng.normal(size=40)
    with pytest.warns(np.exceptions.RankWarning, match="'again' is a combination of others: again = a"):
        fit = fc.lstsq({"a": a, "again": a}, 2.0 * a)
    np.testing.assert_allclose(fit.coef, [1, 1], rtol=1e-14)  # the shortest
    # To the last digit but not quite: a column computed from another is told from one that was measured.
    assert fc.lstsq({"a": a, "near": a * (1 + 1e-12 * rng.normal(size=40))}, 2.0 * a).rank == 2


def test_a_constant_column_beside_an_intercept(rng):
    X = np.column_stack([rng.normal(size=40), np.full(40, 3.0)])
    y = X[:, 0] + 1
    with pytest.warns(np.exceptions.RankWarning, match="x2 = 3·intercept"):
        fit = fc.lstsq(X, y, intercept=True)
    np.testing.assert_allclose(fit.coef, [1, 1, 0], atol=1e-14)  # the shortest slopes, as scikit-learn has them


def test_fewer_rows_than_columns(rng):
    X, y = rng.normal(size=(3, 5)), rng.normal(size=3)
    with pytest.warns(np.exceptions.RankWarning):
        fit = fc.lstsq(X, y)
    np.testing.assert_allclose(fit.coef, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-10)
    assert fit.dof == 0 and np.isnan(fit.reduced_chi2)


def test_a_stream_of_blocks(problem):
    X, y = problem
    fit = fc.lstsq(((X[i : i + 9], y[i : i + 9]) for i in range(0, 80, 9)), intercept=True)
    np.testing.assert_allclose(fit.coef, fc.lstsq(X, y, intercept=True).coef, rtol=1e-15)
    with pytest.raises(ValueError, match="not in memory"):
        _ = fit.residuals


def test_a_stream_that_fails_keeps_what_it_gave(problem):
    X, y = problem
    sums = fc.NormalEquations()

    def blocks():
        yield X[:50], y[:50]
        yield X[50:60, :2], y[50:60]

    with pytest.raises(
        ValueError, match=r"block 1: this block has 2 predictors, but the model has 3.*50 rows before it are kept"
    ):
        sums.update(blocks())
    np.testing.assert_array_equal(sums.solve().coef, fc.NormalEquations().update(X[:50], y[:50]).solve().coef)

    def broken():
        yield X[50:60], y[50:60]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk"):
        sums.update(broken())
    assert sums.nobs == 60


def test_state_pickles(problem):
    X, y = problem
    sums = fc.NormalEquations(intercept=True).update({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]}, y)
    other = pickle.loads(pickle.dumps(sums))
    assert other.names == ("a", "b", "c")
    np.testing.assert_array_equal(other.solve().coef, sums.solve().coef)
    fit = pickle.loads(pickle.dumps(fc.lstsq(X, y)))
    np.testing.assert_array_equal(fit.residuals, fc.lstsq(X, y).residuals)


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        (([[1.0, np.nan]], [1.0]), {}, "row 0, column 'x2' is nan.*nan_policy='omit'"),
        (([[1.0], [2.0]], [1.0, np.inf]), {}, "row 1, column 'y' is inf"),
        (([[1.0], [np.inf]], [1.0, 2.0]), {"nan_policy": "omit"}, "row 1, column 'x1' is inf"),
        (({"a": [1.0, np.nan]}, [1.0, 2.0]), {}, "row 1, column 'a' is nan"),
        (([[1.0], [2.0]], [1.0, 2.0], [1.0, -1.0]), {}, "`weights`.*row 1 has -1.0"),
        (([[1.0], [2.0]], [1.0, 2.0], [1.0, np.nan]), {}, "`weights`.*row 1 has nan"),
        (([[1.0], [2.0]], [1.0, 2.0], [np.inf, 1.0]), {}, "`weights`.*row 0 has inf"),
        (([[1.0], [2.0]], [1.0, 2.0], [0.0, 0.0]), {}, "no rows to fit"),
        (([[1.0], [2.0]], [1.0, 2.0]), {"sigma": [1.0, 0.0]}, "`sigma` must be positive, but is 0.0 in row 1"),
        (([[1.0], [2.0]], [1.0, 2.0], [1.0, 1.0]), {"sigma": [1.0, 1.0]}, "not both"),
        (([[1.0], [2.0]], [1.0, 2.0], [1.0]), {}, "`weights` must be 2 numbers"),
        (([[1.0], [2.0]], [1.0, 2.0, 3.0]), {}, "X has 2 rows and y has 3"),
        (([[1.0j], [2.0]], [1.0, 2.0]), {}, "complex"),
        ((np.zeros((0, 2)), np.zeros(0)), {}, "no rows to fit"),
        ((np.zeros((3, 0)), np.zeros(3)), {}, "no columns"),
        ((np.zeros((3, 2, 2)), np.zeros(3)), {}, "one or two dimensions"),
        (([[1.0], [2.0]], [1.0, 2.0]), {"deficient": "guess"}, "deficient"),
        (([[1.0], [2.0]], [1.0, 2.0]), {"ridge": -1.0}, "ridge"),
        (([[1.0], [2.0]], [1.0, 2.0]), {"cov": "HC9"}, "cov"),
        (([[1.0], [2.0]], [1.0, 2.0]), {"names": ["a", "b"]}, "1 predictors, but the model has 2"),
    ],
)
def test_what_is_refused_says_what_and_where(arguments, named, message):
    with pytest.raises(ValueError, match=message):
        fc.lstsq(*arguments, **named)


def test_weights_may_be_large_and_sums_beyond_the_range_of_double_are_told():
    np.testing.assert_array_equal(fc.lstsq([[1.0], [2.0]], [1.0, 2.0], [1e308, 1e308]).coef, [1.0])
    with pytest.raises(OverflowError, match="the weights are too large"):
        fc.lstsq([[1e200], [2e200]], [1.0, 2.0], [1e308, 1e308])


def test_text_is_refused_with_its_column():
    with pytest.raises(TypeError, match="column 'city' holds text"):
        fc.lstsq({"a": [1.0, 2.0], "city": ["Rome", "Oslo"]}, [1.0, 2.0])
    with pytest.raises(TypeError, match="timedelta"):
        fc.lstsq(np.array(["2024-01-01", "2024-01-02"], "datetime64[D]"), [1.0, 2.0])


def test_plots_and_words(problem):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    X, y = problem
    fit = fc.lstsq(X, y, intercept=True)
    assert fit.plot().get_xlabel() == "fitted"
    line = fc.lstsq(X[:, 0], y)
    assert line.plot().get_xlabel() == "x"
    plt.close("all")
    assert "R²" in repr(line) and "slope" in line._repr_html_()
    report = line.report()
    assert "2 coefficients fitted to 80 rows" in report and "95 % interval" in report


def test_a_progress_bar(problem, capsys):
    pytest.importorskip("tqdm")
    X, y = problem
    fit = fc.lstsq(X, y, progress=True)
    np.testing.assert_array_equal(fit.coef, fc.lstsq(X, y).coef)
    assert "block" in capsys.readouterr().err


@pytest.fixture
def columns(rng):
    return {"a": rng.normal(size=40), "k": rng.integers(0, 5, size=40), "y": rng.normal(size=40)}


def test_pandas_by_names_of_columns(columns):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(columns)
    expected = fc.lstsq(np.column_stack([columns["a"], columns["k"]]), columns["y"], intercept=True)
    fit = fc.lstsq(frame, "y", intercept=True)
    assert fit.names == ("intercept", "a", "k")
    np.testing.assert_array_equal(fit.coef, expected.coef)
    np.testing.assert_array_equal(fc.lstsq(frame[["a", "k"]], frame["y"], intercept=True).coef, expected.coef)
    np.testing.assert_array_equal(fit.predict(frame[["k", "a"]]), fit.predict(frame[["a", "k"]]))  # found by name
    line = fc.lstsq(frame["a"], frame["y"])
    assert line.names == ("intercept", "a")
    frame["k"] = frame["k"].astype("Int64")
    frame.loc[3, "k"] = pd.NA
    assert fc.lstsq(frame, "y", nan_policy="omit").nobs == 39
    frame["city"] = "Rome"
    with pytest.raises(TypeError, match="column 'city' holds text"):
        fc.lstsq(frame, "y")


def test_polars_by_names_of_columns(columns):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(columns)
    expected = fc.lstsq(np.column_stack([columns["a"], columns["k"]]), columns["y"])
    np.testing.assert_array_equal(fc.lstsq(frame, "y").coef, expected.coef)
    np.testing.assert_array_equal(fc.lstsq(frame["a", "k"], frame["y"]).coef, expected.coef)
    gap = frame.with_columns(pl.when(pl.col("k") == 2).then(None).otherwise(pl.col("k")).alias("k"))
    assert fc.lstsq(gap, "y", nan_policy="omit").nobs == 40 - np.sum(columns["k"] == 2)


@pytest.mark.parametrize("weighted", [False, True])
def test_statsmodels_has_the_same_statistics(problem, rng, weighted):
    sm = pytest.importorskip("statsmodels.api")
    X, y = problem
    weights = rng.uniform(0.5, 2, size=80) if weighted else np.ones(80)
    fit = fc.lstsq(X, y, weights, intercept=True)
    other = sm.WLS(y, sm.add_constant(X), weights).fit()
    pairs = {
        "coef": "params", "stderr": "bse", "t_values": "tvalues", "p_values": "pvalues", "r2": "rsquared",
        "adjusted_r2": "rsquared_adj", "f_value": "fvalue", "f_p_value": "f_pvalue", "reduced_chi2": "scale",
    }  # fmt: skip
    for ours, theirs in pairs.items():
        np.testing.assert_allclose(getattr(fit, ours), getattr(other, theirs), rtol=1e-9, err_msg=ours)
    np.testing.assert_allclose(fit.conf_int(), other.conf_int(), rtol=1e-9)
    for kind in ("HC0", "HC1", "HC2", "HC3"):
        np.testing.assert_allclose(fit.covariance(kind), getattr(other, f"cov_{kind}"), rtol=1e-8)
    frame = other.get_prediction(sm.add_constant(X)[:4]).summary_frame(alpha=0.1)
    if not weighted:  # a new observation has the weight one here
        centre, half = fit.predict(X[:4], interval=0.9)
        np.testing.assert_allclose(centre + half, frame["obs_ci_upper"], rtol=1e-9)
    centre, half = fit.predict(X[:4], interval=0.9, of="mean")
    np.testing.assert_allclose(centre - half, frame["mean_ci_lower"], rtol=1e-9)


def test_of_many_dependent_columns_a_few_are_spelled_out(rng):
    X = rng.normal(size=(20, 60))
    with pytest.warns(np.exceptions.RankWarning) as warned:
        fit = fc.lstsq(X, X[:, 0] + 1.0)
    said = str(warned[0].message)
    assert fit.rank == 20 and len(fit.dependent) == 40
    assert said.count("is a combination of others") == 5 and "(20 terms)" in said
    assert said.endswith("The same holds for 35 other columns: see `dependent`.")
