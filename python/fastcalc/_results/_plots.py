"""Results as pictures; the only module that knows matplotlib, which is imported on the first plot.

Blue and near-black are told apart under every kind of colour blindness (Okabe and Ito's palette), and in grey.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

    from .._data._arguments import Array
    from ._linear_fit import LinearFit
    from ._nonlinear_fit import Fit
    from ._polynomials import TaylorPolynomial
    from ._solutions import OptimizeResult

_BLUE = "#0072B2"
_INK = "#333333"
_GRID_POINTS = 400
_FEW_POINTS = 200
_MOST_CURVES = 5


def plot(fit: Fit, ax: Axes | None, residuals: bool) -> Axes:
    """Draw data, curve and 95 % band; if `residuals`, a panel of them below."""
    x = fit.xdata
    if not isinstance(x, np.ndarray) or x.shape != fit.ydata.shape:
        shape = x.shape if isinstance(x, np.ndarray) else type(x).__name__
        raise ValueError(
            f"plot() draws one x for each y, but xdata is {shape}: plot fit.residuals, or a section by fit.predict."
        )
    if ax is None:
        ax = _new_axes((6.4, 5.6 if residuals else 4.2))
    points = _draw_points(ax, fit, fit.ydata, fit.deviations)
    grid = np.linspace(x.min(), x.max(), _GRID_POINTS)
    centre, half_width = (np.broadcast_to(part, grid.shape) for part in fit.band(grid))  # a model may be constant in x
    (curve,) = ax.plot(grid, centre, color=_BLUE, linewidth=1.8, zorder=3)
    legend: dict[str, Any] = {"data": points, "fit": curve}
    if np.isfinite(half_width).all():
        band = ax.fill_between(grid, centre - half_width, centre + half_width, color=_BLUE, alpha=0.2, linewidth=0)
        legend["95 % confidence band"] = band
    ax.set_title(fit.name)
    ax.set_ylabel("y")
    ax.legend(legend.values(), legend.keys(), frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    lowest = _residual_panel(ax, fit) if residuals else ax
    lowest.set_xlabel("x")
    return ax


def _new_axes(size: tuple[float, float]) -> Axes:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError('Plots need matplotlib: pip install "fastcalc[plot]"') from error
    return plt.subplots(figsize=size, layout="constrained")[1]


def _residual_panel(ax: Axes, fit: Fit) -> Axes:
    """Give the lower quarter of the place that `ax` has to the residuals."""
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(
            "residuals=True divides the place of `ax` in its figure's grid: pass axes made by plt.subplots()."
        )
    grid = place.subgridspec(2, 1, height_ratios=(3, 1))
    ax.set_subplotspec(grid[0])
    ax.tick_params(labelbottom=False)
    panel = ax.figure.add_subplot(grid[1], sharex=ax)
    panel.axhline(0.0, color=_BLUE, linewidth=1.2, zorder=3)
    _draw_points(panel, fit, fit.residuals if fit.deviations is None else fit.residuals / fit.deviations, None)
    panel.set_ylabel("residual" if fit.deviations is None else "residual / σ")
    panel.spines[["top", "right"]].set_visible(False)
    return panel


def _draw_points(ax: Axes, fit: Fit, heights: Array, deviations: Array | None) -> ErrorbarContainer:
    """Few points lie on top of the curve, ringed in white; many lie below it, small and see-through."""
    few = fit.nobs <= _FEW_POINTS
    shown = None if deviations is None else np.where(np.isfinite(deviations), deviations, 0.0)
    return ax.errorbar(
        fit.xdata, heights, shown, fmt="o", color=_INK, capsize=0, elinewidth=0.9, zorder=4 if few else 2,
        markersize=5.5 if few else 1.5, markeredgecolor="white", markeredgewidth=0.7 if few else 0.0,
        alpha=1.0 if few else 0.3,
    )  # fmt: skip


def plot_linear(fit: LinearFit, ax: Axes | None) -> Axes:
    """Draw a straight line with its data and 95 % band, or what was observed against what was fitted."""
    rows = fit._rows
    if rows is None or fit.coef.ndim > 1:
        raise ValueError("plot() draws one target whose rows are in memory: plot y against fit.predict(X).")
    if ax is None:
        ax = _new_axes((6.4, 4.2))
    y = rows.targets[0].reshape(-1)
    style: dict[str, Any] = (
        {"markersize": 5.5, "alpha": 1.0} if y.size <= _FEW_POINTS else {"markersize": 1.5, "alpha": 0.3}
    )
    if len(fit.slopes) == 1:
        x = rows.predictors[0].reshape(-1)
        grid = np.linspace(x.min(), x.max(), _GRID_POINTS)
        centre, half_width = fit.predict(grid, interval=0.95, of="mean")
        ax.plot(grid, centre, color=_BLUE, linewidth=1.8, zorder=3, label="fit")
        if np.isfinite(half_width).all():
            ax.fill_between(
                grid,
                centre - half_width,
                centre + half_width,
                color=_BLUE,
                alpha=0.2,
                linewidth=0,
                label="95 % confidence band",
            )
        ax.set_xlabel(fit.names[-1] if fit.names[-1] != "slope" else "x")
    else:
        x = y - fit.residuals
        ends = [float(x.min()), float(x.max())]
        ax.plot(ends, ends, color=_BLUE, linewidth=1.8, zorder=3, label="observed = fitted")
        ax.set_xlabel("fitted")
    ax.plot(x, y, "o", color=_INK, markeredgecolor="white", markeredgewidth=0.5, label="data", zorder=4, **style)
    ax.set_ylabel("y")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_taylor(
    polynomial: TaylorPolynomial,
    f: Callable[..., Any],
    interval: tuple[float, float] | None,
    orders: Sequence[int] | None,
    ax: Axes | None,
) -> Axes:
    """Draw a function and its Taylor polynomials, the lowest order the lightest."""
    if polynomial.coefficients.ndim > 1:
        raise ValueError("plot() draws one polynomial of one variable: expand at one number x0.")
    x0, highest = float(polynomial.x0), polynomial.order
    if orders is None:
        step = max(1, -(-highest // _MOST_CURVES))
        orders = range(highest % step or min(step, highest), highest + 1, step)
    if max(orders) > highest or min(orders) < 0:
        raise ValueError(f"orders {list(orders)}: the polynomial has the orders 0 to {highest}.")
    grid = np.linspace(*(interval or (x0 - 3, x0 + 3)), _GRID_POINTS)
    with np.errstate(all="ignore"):  # beyond the domain the function is NaN, and is not drawn
        values = np.asarray([f(x) for x in grid], dtype=np.float64)
    if ax is None:
        ax = _new_axes((6.4, 4.2))
    for number, order in enumerate(orders):
        curve = type(polynomial)(polynomial.coefficients[: order + 1], x0)(grid)
        strength = 0.3 + 0.7 * (number + 1) / len(orders)
        ax.plot(grid, curve, color=_BLUE, alpha=strength, linewidth=1.4, label=f"order {order}", zorder=2)
    name = getattr(f, "__name__", "f")
    ax.plot(grid, values, color=_INK, linewidth=2.2, label="f" if name == "<lambda>" else name, zorder=3)
    ax.plot([x0], [polynomial.coefficients[0]], "o", color=_INK, markersize=5.5, markeredgecolor="white", zorder=4)
    # The function sets the scale: beyond its disc of convergence a polynomial leaves every picture.
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (-1.0, 1.0)
    margin = 0.35 * (high - low or 1.0)
    ax.set_ylim(low - margin, high + margin)
    ax.set_xlim(grid[0], grid[-1])
    ax.set_xlabel("x")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_path(result: OptimizeResult, objective: Callable[[Array], float] | None, ax: Axes | None) -> Axes:
    """Draw a way to a minimum: over contours of the objective where it has two variables, else its values."""
    if ax is None:
        ax = _new_axes((6.4, 4.8))
    points, values = result.path, result.path_values
    if points.shape[1] == 2 and objective is not None:
        _contours(objective, points, ax)
        few = len(points) <= _FEW_POINTS
        ax.plot(
            *points.T, "-o" if few else "-", color=_INK, linewidth=1.2, markersize=4, markeredgecolor="white", zorder=3
        )
        ax.plot(*points[0], "o", color=_INK, markersize=7, markeredgecolor="white", zorder=4, label="start")
        ax.plot(*points[-1], "*", color=_BLUE, markersize=14, markeredgecolor="white", zorder=5, label="end")
        ax.set_xlabel("x[0]")
        ax.set_ylabel("x[1]")
        ax.legend(frameon=False)
        return ax
    # Above the lowest value that was met, so that a logarithmic scale shows how fast it is approached.
    height = values - values.min()
    shown = height > 0
    ax.semilogy(np.arange(len(values))[shown], height[shown], color=_BLUE, linewidth=1.6)
    ax.set_xlabel("iteration")
    ax.set_ylabel("objective above the lowest")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _contours(objective: Callable[[Array], float], points: Array, ax: Axes) -> None:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.15 * max(float((high - low).max()), 1e-3)
    axes = [np.linspace(a - margin, b + margin, _GRID_POINTS // 4) for a, b in zip(low, high, strict=True)]
    with np.errstate(all="ignore"):  # beyond the domain the function is NaN, and is not drawn
        heights = np.array([[objective(np.array([x, y])) for x in axes[0]] for y in axes[1]])
    least = np.nanmin(heights[np.isfinite(heights)], initial=np.inf)
    # Even steps of the logarithm of the height: a valley's floor and its walls are both seen.
    ax.contour(*axes, np.log10(heights - least + 1e-3 * (np.nanmax(heights[np.isfinite(heights)]) - least) + 1e-300),
               levels=18, cmap="Greys_r", linewidths=0.8, zorder=1)  # fmt: skip
