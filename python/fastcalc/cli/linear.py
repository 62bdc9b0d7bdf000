"""cli room, ``fastcalc fit --linear``: a file and a formula come in, the report of a linear fit goes out.

The file is read in blocks, so that it may be larger than memory: text by `table`, Parquet and Arrow by pyarrow.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from .._doors import _lstsq
from .errors import InputError
from .fit import plain
from .table import Table

_ROWS = 1 << 16  # of a text file at a time
_BINARY = (".parquet", ".pq", ".arrow", ".feather")


@dataclass(frozen=True)
class Formula:
    """``y ~ a + b``: a column, and the columns that it is a sum of; ``- 1`` or ``+ 0`` for no intercept; ``.`` for all others."""

    target: str
    predictors: tuple[str, ...]  # empty: all others
    intercept: bool

    @classmethod
    def of(cls, text: str) -> Formula:
        """Read a formula, as R and statsmodels write them."""
        left, tilde, right = (part.strip() for part in text.partition("~"))
        if not tilde or not left or not right:
            raise InputError(f"{text.strip()!r} is no formula: write 'y ~ x1 + x2', with the columns' names")
        predictors, intercept = [], True
        for term in right.replace("-", "+-").removeprefix("+").split("+"):
            minus, name = term.strip().startswith("-"), term.strip().removeprefix("-").strip()
            if name in ("0", "1"):
                intercept = (name == "1") is not minus
            elif minus or not name:
                raise InputError(f"{text.strip()!r}: after - there may only be a 1, for no intercept")
            elif any(mark in name for mark in "*:^()"):
                raise InputError(f"{text.strip()!r}: a formula only adds columns; make {name!r} a column of the file")
            elif name != ".":
                predictors.append(name)
        return cls(left, tuple(dict.fromkeys(predictors)), intercept)


def run(options: argparse.Namespace) -> int:
    """Fit, print; return the exit code."""
    formula = Formula.of(options.expression)
    for name in ("start", "fix", "bounds", "x", "y", "plot"):
        if getattr(options, name):
            raise InputError(f"--{name} belongs to a fit of an expression; with --linear the formula says it all")
    source, names = _source(options, formula)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")  # the report says which columns depend on others
        try:
            fit = _lstsq.lstsq(
                source, formula.target, intercept=formula.intercept, names=names, ridge=options.ridge,
                sigma=options.sigma, absolute_sigma=options.absolute_sigma,
            )  # fmt: skip
        except (ValueError, TypeError, ImportError, OSError) as error:
            raise InputError(" ".join(str(error).split())) from error
    if options.json:
        statistics = (
            "params", "errors", "t_values", "p_values", "cov", "chi2", "dof", "reduced_chi2", "r2", "adjusted_r2", "f_value",
            "f_p_value", "nobs", "rank", "condition", "dependent", "method",
        )  # fmt: skip
        answer = {"fastcalc": __version__, "formula": options.expression, "data": options.data}
        answer |= {name: getattr(fit, name) for name in statistics}
        print(json.dumps(plain(answer), indent=2, allow_nan=False, ensure_ascii=False), flush=True)
    else:
        print(fit.report(), flush=True)
    return 0 if fit.rank == len(fit.names) else 1


def _source(options: argparse.Namespace, formula: Formula) -> tuple[Any, list[str] | None]:
    """Return what `lstsq` reads and the predictors' names."""
    if Path(options.data).suffix.lower() in _BINARY:
        if not Path(options.data).exists():
            raise InputError(f"cannot read {options.data}: no such file")
        return options.data, list(formula.predictors) or None
    table = Table(options.data)
    predictors = formula.predictors or tuple(
        name for name in table.names if name not in (formula.target, options.sigma)
    )
    return _blocks(table, [*predictors, formula.target, *([options.sigma] if options.sigma else [])]), list(predictors)


def _blocks(table: Table, names: list[str]) -> Iterator[dict[str, np.ndarray]]:
    for columns in table.blocks(names, _ROWS):
        yield dict(zip(names, columns, strict=True))
