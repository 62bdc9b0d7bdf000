"""cli room, ``fastcalc fit``: a table and an expression come in, a report (or JSON, and a picture) goes out.

It reads the options, the columns and the model, hands them to `fastcalc.fit`, and prints what comes back; no
mathematics is done here.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .. import __version__
from .._doors import _fit
from .._errors import FastcalcError
from .errors import InputError
from .expression import FUNCTIONS, Expression, compile_expression, is_name
from .table import Table

if TYPE_CHECKING:
    from .._results._nonlinear_fit import Fit

Bounds: TypeAlias = dict[str, tuple[float | None, float | None]]

EPILOG = """\
examples:
  fastcalc fit misra1a.csv 'b1*(1-exp(-b2*x))' --start b1=500,b2=0.0001 --plot misra1a.png
  fastcalc fit decay.csv 'a*exp(-t/tau) + c' --start a=1,tau=5,c=0 --x t --y counts --sigma err --absolute-sigma
  fastcalc fit gas.csv 'n*R*T/V' --start n=1 --fix R=8.314 --y p --json
  fastcalc fit --linear houses.parquet 'price ~ area + rooms'

An expression has numbers, parameters, columns, the constants pi and e, + - * / ** %, parentheses, and calls of
{functions}
'x' stands for the --x column whatever its name.

exit codes: 0 fitted; 1 not converged, or not every parameter is determined (the report says which); 2 bad input.
"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the subcommand and its options."""
    parser = commands.add_parser(
        "fit",
        help="fit an expression to the columns of a table",
        description="Fit an expression to the columns of a table by least squares, with exact derivatives.",
        epilog=EPILOG.format(
            functions=fill(" ".join(sorted(FUNCTIONS)), 100, initial_indent="  ", subsequent_indent="  ")
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        help="table with or without a header; comma, semicolon, tab or blanks; # begins a comment",
    )
    parser.add_argument("expression", metavar="EXPRESSION", help="the model, such as 'b1*(1-exp(-b2*x))'")
    parser.add_argument(
        "--start", metavar="NAME=VALUE,…", default="", help="the parameters and where the search begins"
    )
    parser.add_argument("--x", metavar="COL", help="independent column (default: the one named x, else the first)")
    parser.add_argument(
        "--y", metavar="COL", help="fitted column (default: the one named y, else the first that is left)"
    )
    parser.add_argument("--sigma", metavar="COL", help="column of standard deviations of y")
    parser.add_argument(
        "--absolute-sigma",
        action="store_true",
        help="sigma is in the unit of y: do not rescale the errors by reduced chi²",
    )
    parser.add_argument("--fix", metavar="NAME=VALUE,…", default="", help="hold parameters at these values")
    parser.add_argument(
        "--bounds",
        metavar="NAME=LOW:HIGH,…",
        default="",
        help="keep parameters between bounds; either side may be left out",
    )
    parser.add_argument(
        "--plot",
        metavar="OUT.png",
        help="draw data, curve and 95%% confidence band (any format that matplotlib writes)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print everything as JSON; null stands for a number that does not exist"
    )
    parser.add_argument(
        "--linear",
        action="store_true",
        help="the expression is a formula 'y ~ x1 + x2' of columns (- 1: no intercept; .: all others); DATA may be larger than memory",
    )
    parser.add_argument(
        "--ridge", metavar="λ", type=float, default=0.0, help="with --linear: penalty of the squared coefficients"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fit, print, draw; return the exit code."""
    if options.linear:
        from .linear import run as run_linear

        return run_linear(options)
    if not options.start:
        raise InputError("--start is missing: the parameters and where the search begins, --start a=1,b=2")
    table = Table(options.data)
    start = dict(_assignments("--start", options.start))
    fixed = dict(_assignments("--fix", options.fix))
    start |= fixed
    x, y = _choose_columns(table, options)
    bounds = _bounds(options.bounds, list(start))

    names = {name: name for name in table.names if is_name(name) and name not in FUNCTIONS}
    if "x" not in start:
        names.setdefault("x", x)
    expression = compile_expression(options.expression, list(start), names)
    columns = [names[variable] for variable in expression.variables]
    if y in columns:
        raise InputError(f"the expression uses {y!r}, the column that is fitted: choose the fitted column with --y")
    if options.x and options.x not in columns:
        raise InputError(f"--x names {options.x!r}, a column that the expression does not use")
    _check_plot(options.plot, columns)

    data = table.read([*columns, y, *([options.sigma] if options.sigma else [])])
    xdata = data[0] if len(columns) == 1 else data[: len(columns)]
    sigma = data[-1] if options.sigma else None
    settings = {"sigma": sigma, "absolute_sigma": options.absolute_sigma, "fixed": fixed, "bounds": bounds}
    result = _solve(expression, xdata, data[len(columns)], start, **settings)

    if options.json:
        answer = _as_dict(result, options, columns, y, start, bounds)
        print(json.dumps(plain(answer), indent=2, allow_nan=False, ensure_ascii=False), flush=True)
    else:
        print(result.report(), flush=True)
    if options.plot:
        _draw(result, options.plot, columns[0], y)
    return 0 if result.success and result.rank == len(result.names) - len(result.fixed) else 1


def _assignments(option: str, text: str) -> Iterator[tuple[str, float]]:
    for name, value in _pairs(option, text):
        yield name, _finite(option, name, value)


def _bounds(text: str, parameters: list[str]) -> Bounds:
    bounds: Bounds = {}
    for name, value in _pairs("--bounds", text):
        if name not in parameters:
            raise InputError(f"--bounds: {name!r} is not a parameter; the parameters are {', '.join(parameters)}")
        low, colon, high = (part.strip() for part in value.partition(":"))
        if not colon:
            raise InputError(
                f"--bounds: {name}={value} has no colon: write {name}=LOW:HIGH, {name}=LOW: or {name}=:HIGH"
            )
        lower = _finite("--bounds", name, low) if low else None
        upper = _finite("--bounds", name, high) if high else None
        if lower is not None and upper is not None and lower >= upper:
            raise InputError(
                f"--bounds: {name}={value} leaves no room between the bounds; --fix holds a parameter at a value"
            )
        bounds[name] = (lower, upper)
    return bounds


def _pairs(option: str, text: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for pair in text.split(",") if text.strip() else []:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            raise InputError(f"{option}: {pair.strip()!r} is not NAME=VALUE")
        if not is_name(name) or name in FUNCTIONS:
            raise InputError(
                f"{option}: {name!r} cannot name a parameter: use letters and digits, but no function's name"
            )
        if name in seen:
            raise InputError(f"{option}: {name!r} is given twice")
        seen.add(name)
        yield name, value


def _finite(option: str, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{option}: {text!r} for {name!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(f"{option}: {text!r} for {name!r} is not a finite number")
    return value


def _choose_columns(table: Table, options: argparse.Namespace) -> tuple[str, str]:
    for name in (options.x, options.y, options.sigma):
        if name is not None:
            table.index(name)
    x = options.x or next((name for name in table.names if name == "x"), table.names[0])
    left = [name for name in table.names if name not in (x, options.sigma)]
    y = options.y or ("y" if "y" in left else next(iter(left), None))
    if y is None:
        raise InputError(f"{table.path} has no column to fit beside {', '.join(table.names)}")
    return x, y


def _check_plot(path: str | None, columns: list[str]) -> None:
    """Refuse before the fit what could not be drawn after it."""
    if path is None:
        return
    if len(columns) > 1:
        raise InputError(
            f"--plot draws one independent variable; the expression uses {len(columns)}: {', '.join(columns)}"
        )
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("--plot needs matplotlib: pip install 'fastcalc[plot]'")


def _solve(expression: Expression, *arguments: Any, **options: Any) -> Fit:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            return _fit.fit(expression.function, *arguments, **options)
        except ArithmeticError as error:
            raise InputError(f"the expression cannot be computed: {error.args[-1]}") from error
        except (ValueError, TypeError, FastcalcError) as error:
            raise InputError(" ".join(str(error).split())) from error
        finally:
            for message in dict.fromkeys(str(warning.message) for warning in caught):
                print(f"fastcalc: warning: {message}", file=sys.stderr)


def _as_dict(
    result: Fit, options: argparse.Namespace, columns: list[str], y: str, start: dict[str, float], bounds: Bounds
) -> dict[str, Any]:
    parameters = {}
    for name, begin in start.items():
        lower, upper = bounds.get(name, (None, None))
        parameters[name] = {
            "value": result.params[name],
            "stderr": result.errors[name],
            "start": begin,
            "fixed": name in result.fixed,
            "lower": lower,
            "upper": upper,
        }
    sigma = {"sigma": options.sigma, "absolute_sigma": options.absolute_sigma}
    statistics = ("chi2", "dof", "reduced_chi2", "p_value", "nobs", "rank", "covariance", "correlation")
    course = ("success", "status", "message", "diagnosis", "nit", "nfev", "time", "derivative_source")
    return {
        "fastcalc": __version__,
        "expression": options.expression,
        "data": {"file": options.data, "x": columns, "y": y, **sigma},
        "parameters": parameters,
        **{name: getattr(result, name) for name in statistics + course},
    }


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types: arrays as lists, numbers that JSON lacks (NaN, infinity) as null."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _draw(result: Fit, path: str, x: str, y: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    result.plot(axes)
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    try:
        figure.savefig(path, dpi=150, format=Path(path).suffix[1:] or "png")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None
    print(f"fastcalc: wrote {path}", file=sys.stderr)
