"""python room: the picture of a fit shows the data, the curve and the band that the numbers say."""

import sys

import fastcalc as fc
import numpy as np
import pytest

matplotlib = pytest.importorskip("matplotlib")
from matplotlib.figure import Figure  # noqa: E402


def decay(t, amplitude, rate):
    return amplitude * np.exp(-rate * t)


T = np.linspace(0.0, 4.0, 30)
Y = decay(T, 2.5, 1.3) + 0.05 * np.sin(37.0 * T**2)


@pytest.fixture
def ax():
    return Figure(layout="constrained").add_subplot()


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_curve_and_band_are_those_of_the_fit(ax):
    fit = fc.fit(decay, T, Y)
    assert fit.plot(ax) is ax
    points, curve = ax.lines
    np.testing.assert_array_equal(points.get_xydata(), np.column_stack([T, Y]))
    x, y = curve.get_data()
    centre, half_width = fit.band(x)
    np.testing.assert_array_equal(y, centre)
    edge = ax.collections[-1].get_paths()[0].vertices
    assert edge[:, 1].min() == (centre - half_width).min()
    assert edge[:, 1].max() == (centre + half_width).max()
    assert (x.min(), x.max()) == (0.0, 4.0)  # the model is not asked outside the data
    assert labels(ax) == ["data", "fit", "95 % confidence band"]
    assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == ("decay", "x", "y")


def test_error_bars_are_sigma(ax):
    sigma = 0.1 + 0.1 * T
    fc.fit(decay, T, Y, sigma=sigma).plot(ax)
    (container,) = ax.containers
    segments = np.array(container.lines[2][0].get_segments())
    np.testing.assert_allclose(segments[:, 1, 1] - segments[:, 0, 1], 2.0 * sigma, rtol=1e-12)


def test_error_bars_of_a_covariance_are_its_diagonal(ax):
    covariance = 0.01 * 0.5 ** np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    fc.fit(decay, T, Y, sigma=covariance).plot(ax)
    segments = np.array(ax.containers[0].lines[2][0].get_segments())
    np.testing.assert_allclose(segments[:, 1, 1] - segments[:, 0, 1], 0.2, rtol=1e-12)


def test_residual_panel_is_in_units_of_sigma(ax):
    fit = fc.fit(decay, T, Y, sigma=0.1)
    fit.plot(ax, residuals=True)
    _, panel = ax.figure.axes
    np.testing.assert_allclose(panel.lines[-1].get_ydata(), fit.residuals / 0.1, rtol=1e-12)
    assert panel.get_ylabel() == "residual / σ"
    assert (ax.get_xlabel(), panel.get_xlabel()) == ("", "x")
    assert panel.get_position().y1 < ax.get_position().y0


def test_model_that_is_constant_in_x_is_a_level_line(ax):
    fc.fit(lambda t, a: a, T, Y).plot(ax)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), np.full(400, Y.mean()), rtol=1e-8)


def test_undetermined_fit_is_drawn_without_a_band(ax):
    fc.fit(lambda t, a, b: (a + b) * t, T, Y).plot(ax)
    assert labels(ax) == ["data", "fit"]


def test_point_without_weight_is_drawn_without_error_bar(ax, tmp_path):
    fc.fit(decay, T, Y, sigma=np.where(T == T[3], np.inf, 0.1)).plot(ax)
    ax.figure.savefig(tmp_path / "fit.png")
    assert ax.get_ylim()[1] < 4.0


def test_many_points_are_drawn_too(ax, tmp_path):
    t = np.linspace(0.0, 4.0, 5000)
    fc.fit(decay, t, decay(t, 2.0, 1.0) + 0.1 * np.sin(1e6 * t)).plot(ax, residuals=True)
    ax.figure.savefig(tmp_path / "fit.png")
    assert (tmp_path / "fit.png").stat().st_size > 10_000


def test_new_figure_without_axes(monkeypatch):
    monkeypatch.setattr(matplotlib, "get_backend", lambda: "agg")
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    ax = fc.fit(decay, T, Y).plot()
    assert ax.figure.number in plt.get_fignums()
    plt.close(ax.figure)


@pytest.mark.parametrize("x", [np.vstack([T, T]), None], ids=["two variables", "no array"])
def test_model_of_something_else_than_one_variable_is_refused(x, ax):
    fit = fc.fit(lambda x, a, b: decay(T, a, b), x, Y)
    with pytest.raises(ValueError, match="draws one x for each y"):
        fit.plot(ax)


def test_residual_panel_needs_a_place_in_a_grid():
    with pytest.raises(ValueError, match=r"plt\.subplots"):
        fc.fit(decay, T, Y).plot(Figure().add_axes((0.1, 0.1, 0.8, 0.8)), residuals=True)


def test_missing_matplotlib_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "fastcalc\[plot\]"'):
        fc.fit(decay, T, Y).plot()


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_a_path_of_two_variables_lies_over_contours(ax):
    found = fc.minimize(rosenbrock, [-1.2, 1.0], path=True)
    assert found.plot_path(ax) is ax
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), found.path)
    assert len(ax.collections[0].get_paths()) > 5
    assert labels(ax) == ["start", "end"]


def test_a_path_of_more_variables_is_the_objective_against_the_iteration(ax):
    found = fc.minimize(rosenbrock, np.zeros(5), path=True)
    found.plot_path(ax)
    x, y = ax.lines[0].get_data()
    np.testing.assert_array_equal(y, (found.path_values - found.path_values.min())[x.astype(int)])
    assert ax.get_yscale() == "log"


def test_a_path_that_was_not_recorded_is_missed_by_name():
    with pytest.raises(ValueError, match="path=True"):
        fc.minimize(rosenbrock, [-1.2, 1.0]).plot_path()
