"""Results in words: the report, the one-line and the HTML form of a `LinearFit`. Numbers come in, text goes out."""

from __future__ import annotations

import itertools
import math
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from ._report import number

if TYPE_CHECKING:
    from ._linear_fit import LinearFit

_TEXT_WIDTH = 88
_FEW_DIGITS = 1e10  # a condition number from which on single rounding errors of the data move the sixth digit

_COLUMNS_SHOWN, _TERMS_SHOWN = 5, 8  # of what depends on what


def report(fit: LinearFit) -> str:
    """Write the whole report."""
    count = len(fit.names)
    head = f"{count} coefficient{'s' * (count != 1)} fitted to {fit.nobs} rows"
    sections = [[head]]
    if fit.coef.ndim == 1:
        sections += [_table(fit), _summary(fit)]
    else:
        width = max(map(len, fit.names))
        rows = zip(fit.names, fit.coef.tolist(), strict=True)
        sections.append(
            [f"  {name:>{width}} = " + "  ".join(f"{value: .6g}" for value in values) for name, values in rows]
        )
    if remarks := diagnosis(fit):
        lines = [wrap(remark, _TEXT_WIDTH, initial_indent="  - ", subsequent_indent="    ") for remark in remarks]
        sections.append(["diagnosis", *(line for remark in lines for line in remark)])
    return "\n\n".join("\n".join(section) for section in sections)


def _table(fit: LinearFit) -> list[str]:
    """`name = value ± error`, t, p and the 95 % interval, column under column."""
    columns = [
        ["", *(f"{name} = {number(value)}" for name, value in fit.params.items())],
        ["", *(f"± {number(error)}" for error in fit.stderr.tolist())],
        ["t", *(f"{t:.4g}" for t in fit.t_values.tolist())],
        ["p", *(f"{p:.3g}" for p in fit.p_values.tolist())],
        ["95 % interval", *(f"{low:.6g} … {high:.6g}" for low, high in fit.conf_int().tolist())],
    ]
    widths = [max(map(len, column)) for column in columns]
    aligned = [
        ("  " + row[0].rjust(widths[0]), *(c.ljust(w) for c, w in zip(row[1:], widths[1:], strict=True)))
        for row in zip(*columns, strict=True)
    ]
    return ["  ".join(row).rstrip() for row in aligned]


def _summary(fit: LinearFit) -> list[str]:
    if fit.cov_type != "classical":
        errors = f"robust ({fit.cov_type})"
    else:
        errors = "sigma absolute" if fit.absolute_sigma else "from the scatter"
    pairs = {
        "chi²": number(fit.chi2),
        "degrees of freedom": f"{fit.dof:.6g}",
        "chi² / dof": number(fit.reduced_chi2),
        "R²": f"{fit.r2:.10g}" + ("" if fit.has_constant else "  (about zero: there is no constant)"),
        "adjusted R²": f"{fit.adjusted_r2:.10g}",
        "F": f"{fit.f_value:.6g}  (p = {fit.f_p_value:.3g})",
        "errors": errors,
        "condition number": f"{fit.condition:.3g}",
        "method": fit.method,
    }
    return [f"  {label:<20}{value}" for label, value in pairs.items()]


def diagnosis(fit: LinearFit) -> list[str]:
    """Say what to know before trusting the numbers."""
    remarks = dependence(fit)
    if fit.dof <= 0:
        remarks.append(
            "As many coefficients as rows: nothing is left over to estimate errors or the quality of the fit."
        )
    if fit.condition > _FEW_DIGITS:
        remarks.append(
            f"The columns are nearly dependent (condition number {fit.condition:.1e}): the coefficients are right for these data, but "
            f"a change of the data in their {max(1, round(16 - math.log10(fit.condition)))}. digit changes all of theirs."
        )
    return remarks


def dependence(fit: LinearFit) -> list[str]:
    """Return a sentence for each column that others give; of many the first ones, and how many more there are."""
    sentences = []
    dependent = fit.dependent
    for name, made_of in itertools.islice(dependent.items(), _COLUMNS_SHOWN):
        if made_of:
            terms = " ".join(
                f"{'-' if value < 0 else '+'} {'' if math.isclose(abs(value), 1.0, rel_tol=1e-5) else f'{abs(value):.6g}·'}{other}"
                for other, value in itertools.islice(made_of.items(), _TERMS_SHOWN)
            )
            more = f" + … ({len(made_of)} terms)" if len(made_of) > _TERMS_SHOWN else ""
            what = f"The column {name!r} is a combination of others: {name} = {terms.removeprefix('+ ')}{more}."
        else:
            what = f"The column {name!r} is zero in all rows."
        then = "it was dropped" if fit.deficient == "drop" else "of all solutions the shortest was taken"
        sentences.append(f"{what} The data do not tell them apart; {then}." if fit.deficient != "raise" else what)
    if len(dependent) > _COLUMNS_SHOWN:
        sentences.append(f"The same holds for {len(dependent) - _COLUMNS_SHOWN} other columns: see `dependent`.")
    return sentences


def line(fit: LinearFit) -> str:
    """One line for `repr`."""
    if fit.coef.ndim > 1:
        return f"<LinearFit of {fit.coef.shape[1]} targets on {', '.join(fit.names)}; {fit.nobs} rows>"
    values = ", ".join(
        f"{name} = {value:.6g} ± {error:.2g}"
        for (name, value), error in zip(fit.params.items(), fit.stderr, strict=True)
    )
    return f"<LinearFit: {values}; R² = {fit.r2:.6g}>"


def html(fit: LinearFit) -> str:
    """Write a small table for notebooks, with the diagnosis below it."""
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in diagnosis(fit))
    below = f"<ul>{remarks}</ul>" if remarks else ""
    if fit.coef.ndim > 1:
        cells = "".join(
            f"<tr><th>{escape(name)}</th>{''.join(f'<td>{value:.6g}</td>' for value in values)}</tr>"
            for name, values in fit.params.items()
        )
        return f"<table><caption>{fit.nobs} rows</caption>{cells}</table>{below}"
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{value:.6g}</td><td>± {error:.2g}</td><td>p = {p:.2g}</td></tr>"
        for (name, value), error, p in zip(fit.params.items(), fit.stderr.tolist(), fit.p_values.tolist(), strict=True)
    )
    return f"<table><caption>{fit.nobs} rows, R² = {fit.r2:.6g}</caption>{cells}</table>{below}"
