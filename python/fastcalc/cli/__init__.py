"""cli room: the command ``fastcalc``. Arguments come in, text and an exit code go out.

One file a concern: `fit` the subcommand, `expression` the model's text, `table` the data file, `errors` what a user
did wrong.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .errors import InputError

DESCRIPTION = "Fit a plain formula to measured data at compiled speed, with exact derivatives."
EPILOG = """\
example:
  fastcalc fit data.csv 'b1*(1-exp(-b2*x))' --start b1=500,b2=0.0001 --plot fit.png

fastcalc fit --help lists every option.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything here does."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments without the program's name; default ``sys.argv[1:]``.

    Returns
    -------
    int
        0: done. 1: the fit did not converge or is singular. 2: bad input, said on stderr. 130: interrupted.
        141: whoever read the output has gone.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # where a terminal lacks "±", it prints \xb1
    words = [_expression_or_option(word) for word in (sys.argv[1:] if argv is None else argv)]
    try:
        options = _parser().parse_args(words)
        return int(options.run(options))
    except InputError as error:
        print(f"fastcalc: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # the interpreter flushes it once more at exit
        return 141


def _expression_or_option(word: str) -> str:
    # All options but -h begin with two dashes. What begins with one is an expression; a blank tells argparse so.
    return f" {word}" if word.startswith("-") and not word.startswith("--") and word != "-h" else word


def _parser() -> argparse.ArgumentParser:
    from .. import __version__
    from . import fit

    parser = _Parser(
        prog="fastcalc",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"fastcalc {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    fit.add_parser(commands)
    return parser
