"""Results in words: the report, the one-line and the HTML form of a `Fit`, and the diagnosis in plain language.

A `Fit` comes in, text goes out; nothing is computed here but the wording. Parameters and errors are printed to eleven
significant digits, as NIST certifies its reference problems.
"""

from __future__ import annotations

import math
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ._nonlinear_fit import Fit

_LABEL_WIDTH = 20
_TEXT_WIDTH = 88
_WORTH_NAMING = 0.9  # a correlation from which on the report names it
_TOLD_APART = 0.999  # and from which on two parameters count as indistinguishable
_SIGNIFICANT = 1e-3  # a p-value so near 0 or 1 says that model or sigma is wrong


def number(value: float) -> str:
    """Eleven significant digits, trailing zeros kept; scientific outside 1e-3 … 1e7."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e7 or not math.isfinite(value):
        return f"{value:#.11g}"
    return f"{value:.10e}"


def report(fit: Fit) -> str:
    """Write the whole report."""
    free = len(fit.names) - len(fit.fixed)
    head = f"{fit.name}: {free} parameter{'s' * (free != 1)} fitted to {fit.nobs} data points"
    sections = [[head], _parameter_lines(fit), _summary_lines(fit)]
    if fit.diagnosis:
        remarks = [
            wrap(remark, _TEXT_WIDTH, initial_indent="  - ", subsequent_indent="    ") for remark in fit.diagnosis
        ]
        sections.append(["diagnosis", *(line for remark in remarks for line in remark)])
    return "\n\n".join("\n".join(section) for section in sections)


def _parameter_lines(fit: Fit) -> list[str]:
    """`name = value ± error`, with the relative error and, where sigma leaves the choice, the other error beside it."""
    width = max(map(len, fit.names))
    left, note, other = [], [], []
    alternative = fit.stderr_relative if fit.absolute_sigma else fit.stderr_absolute
    for name, value, error, second in zip(fit.names, fit.x, fit.stderr, alternative, strict=True):
        held = name in fit.fixed
        left.append(f"  {name:>{width}} = {number(value)}" + ("" if held else f" ± {number(error)}"))
        note.append("fixed" if held else "at bound" if name in fit.at_bound else _percent(error, value))
        other.append("" if held else f"± {number(second)}")
    columns = [left, [f"({text})" for text in note]]
    if fit.deviations is not None or fit.absolute_sigma:
        columns[1].insert(0, "")
        columns[0].insert(0, "")
        columns.append([f"if sigma is {'relative' if fit.absolute_sigma else 'absolute'}", *other])
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    return ["  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows]


def _percent(error: float, value: float) -> str:
    if not math.isfinite(error):
        return "not determined"
    if value == 0.0:
        return "–"
    share = 100.0 * error / abs(value)
    return f"{share:.2g} %" if share < 99.5 else f"{share:.0f} %" if share < 1000.0 else "> 1000 %"


def _summary_lines(fit: Fit) -> list[str]:
    rows = [
        ("chi²", number(fit.chi2)),
        ("reduced chi²", number(fit.reduced_chi2)),
        ("degrees of freedom", str(fit.dof)),
        ("errors", _error_convention(fit)),
        ("ended", f"after {_count(fit.nit, 'iteration')}, {_count(fit.nfev, 'evaluation')}, {_duration(fit.time)}"),
        ("because", fit.message),
        ("derivatives", _derivatives(fit.derivative_source)),
    ]
    if not math.isnan(fit.p_value):
        rows.insert(3, ("p-value", f"{fit.p_value:.4g}"))
    pairs = [f"{a}, {b}: {_correlation(r)}" for a, b, r in _correlated(fit, _WORTH_NAMING)]
    if pairs:
        rows.append(("correlations", "; ".join(pairs)))
    lines = []
    for label, text in rows:
        first, *rest = wrap(text, _TEXT_WIDTH - _LABEL_WIDTH)
        lines += [f"  {label:<{_LABEL_WIDTH}}{first}", *(" " * (2 + _LABEL_WIDTH) + more for more in rest)]
    return lines


def _error_convention(fit: Fit) -> str:
    if fit.absolute_sigma:
        return "from sigma, taken as absolute"
    if fit.deviations is not None:
        return "scaled so that reduced chi² = 1 (sigma taken as relative)"
    return "from the scatter of the residuals"


def _derivatives(source: str) -> str:
    return f"exact, by the traced {source}" if source.startswith("program") else source


def _count(number_of: int, noun: str) -> str:
    return f"{number_of} {noun}{'s' * (number_of != 1)}"


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def _correlated(fit: Fit, least: float) -> list[tuple[str, str, float]]:
    """Pairs of parameters whose correlation is at least `least` in size, the strongest first."""
    rows, columns = np.triu_indices(len(fit.names), 1)
    pairs = [(fit.names[i], fit.names[j], float(fit.correlation[i, j])) for i, j in zip(rows, columns, strict=True)]
    return sorted((pair for pair in pairs if abs(pair[2]) >= least), key=lambda pair: -abs(pair[2]))


def _correlation(r: float) -> str:
    # As many decimals as keep it from reading ±1: 0.9988, 0.99996.
    return f"{r:.{max(4, 1 + math.floor(-math.log10(max(1.0 - abs(r), 1e-9))))}f}"


def diagnosis(fit: Fit) -> list[str]:
    """Say what the user must know before trusting the numbers; empty if nothing."""
    remarks = []
    if not fit.success:
        remarks.append(
            f"Not converged: {fit.message} The values are where the loop ended, not a minimum: "
            "start nearer or raise max_nfev."
        )
    remarks += _undetermined(fit)
    remarks += _beyond_float64(fit)
    remarks += [
        f"{a} and {b} cannot be told apart (correlation {_correlation(r)})."
        for a, b, r in _correlated(fit, _TOLD_APART)
    ]
    for name in fit.at_bound:
        remarks.append(f"{name} ended at its bound {fit.params[name]:g}, and its error does not know of the bound.")
    if fit.dof == 0:
        remarks.append(
            "As many free parameters as data points: nothing is left over to estimate errors or the quality of the fit."
        )
    if fit.deviations is None and fit.absolute_sigma:
        remarks.append(
            "absolute_sigma=True without sigma takes each point's standard deviation as 1: give sigma, or leave it out."
        )
    if fit.p_value < _SIGNIFICANT:
        remarks.append(
            f"chi² is {fit.reduced_chi2:.3g} per degree of freedom (p = {fit.p_value:.2g}): "
            "the model does not describe the data, or sigma is too small."
        )
    elif fit.p_value > 1.0 - _SIGNIFICANT:
        remarks.append(
            f"chi² is only {fit.reduced_chi2:.3g} per degree of freedom (p = {fit.p_value:.6g}): "
            "sigma is probably too large."
        )
    if fit.derivative_source != "program":
        remarks.append(f"Derivatives: {fit.derivative_source}. {fit.derivative_note}".rstrip())
    return remarks


def _undetermined(fit: Fit) -> list[str]:
    remarks = []
    for change in fit.undetermined:
        moved = [(name, step) for name, step in zip(fit.names, change.tolist(), strict=True) if step]
        last = moved[-1][0]
        hold = f"hold {'it' if len(moved) == 1 else 'one of them'} by fixed={{{last!r}: {fit.params[last]:.6g}}}."
        if len(moved) == 1:
            remarks.append(f"The data do not determine {last}: near the solution any value fits as well; {hold}")
        else:
            together = _listed([f"{name} by {step:+.4g}" for name, step in moved])
            remarks.append(
                f"The data determine only a combination of {_listed([name for name, _ in moved])}: "
                f"changing {together} together leaves the fit as it is; {hold}"
            )
    return remarks


def _beyond_float64(fit: Fit) -> list[str]:
    determined = np.logical_not(fit.undetermined.any(axis=0)).tolist()
    lost = [
        f"the variance of {name}"
        for name, error, told in zip(fit.names, fit.stderr_absolute, determined, strict=True)
        if told and name not in fit.fixed and not 0.0 < error < math.inf
    ]
    if math.isinf(fit.chi2):
        lost.append("chi²")
    if not lost:
        return []
    return [f"Beyond the range of float64: {', '.join(lost)}. Fit in units that bring data and parameters nearer to 1."]


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]


def line(fit: Fit) -> str:
    """One line for `repr`."""
    values = ", ".join(
        f"{name} = {value:.6g}" + (" (fixed)" if name in fit.fixed else f" ± {error:.2g}")
        for name, value, error in zip(fit.names, fit.x, fit.stderr, strict=True)
    )
    return f"<Fit {fit.name}: {values}; chi²/dof = {fit.reduced_chi2:.4g}{'' if fit.success else '; not converged'}>"


def html(fit: Fit) -> str:
    """Write a small table for notebooks, with the diagnosis below it."""
    errors = ["fixed" if name in fit.fixed else f"± {error:.2g}" for name, error in fit.errors.items()]
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{value:.6g}</td><td>{error}</td></tr>"
        for name, value, error in zip(fit.names, fit.x, errors, strict=True)
    )
    caption = f"{escape(fit.name)}: chi² = {fit.chi2:.6g}, {fit.dof} degrees of freedom"
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in fit.diagnosis)
    return f"<table><caption>{caption}</caption>{cells}</table>" + (f"<ul>{remarks}</ul>" if remarks else "")
