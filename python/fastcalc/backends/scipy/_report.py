"""backends: what went where. Comes in: each call of a patched function. Goes out: counts, and a line of log for each if asked for."""

from __future__ import annotations

import collections
import logging
import os
from dataclasses import dataclass

from ..._functions._locks import new_lock

__all__ = ["PatchReport", "log", "patch_report", "record"]

log = logging.getLogger("fastcalc")

_counting = new_lock()
_taken: collections.Counter[str] = collections.Counter()
_fallen_back: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)


@dataclass(frozen=True)
class PatchReport:
    """What became of the calls of the patched functions; ``print()`` shows it as a table.

    Attributes
    ----------
    taken : dict of str to int
        By function: calls that fastcalc answered.
    fallen_back : dict of str to dict of str to int
        By function and reason: calls that SciPy's own code answered.
    """

    taken: dict[str, int]
    fallen_back: dict[str, dict[str, int]]

    def __str__(self) -> str:
        lines = []
        for name in sorted({*self.taken, *self.fallen_back}):
            back = self.fallen_back.get(name, {})
            lines.append(f"{name}: {self.taken.get(name, 0)} by fastcalc, {sum(back.values())} by SciPy")
            lines += [f"  {count:5}  {reason}" for reason, count in sorted(back.items(), key=lambda item: -item[1])]
        return "\n".join(lines) or "no call of a patched function yet"


def patch_report(*, clear: bool = False) -> PatchReport:
    """Tell which calls of the patched functions fastcalc answered, and why the others went to SciPy's own code.

    Parameters
    ----------
    clear : bool, default False
        Start counting anew after this report.

    Returns
    -------
    PatchReport
        Counts since the process began or they were last cleared, of all threads.

    See Also
    --------
    patch_scipy : Set ``FASTCALC_VERBOSE=1`` to be told of each call as it happens.

    Examples
    --------
    >>> import fastcalc as fc
    >>> _ = fc.patch_report(clear=True)
    >>> print(fc.patch_report())
    no call of a patched function yet
    """
    with _counting:
        report = PatchReport(dict(_taken), {name: dict(reasons) for name, reasons in _fallen_back.items()})
        if clear:
            _taken.clear()
            _fallen_back.clear()
    return report


def record(name: str, reason: str | None) -> None:
    """Count a call: answered by fastcalc, or by SciPy for a reason."""
    with _counting:
        if reason is None:
            _taken[name] += 1
        else:
            _fallen_back[name][reason] += 1
    log.info("scipy.optimize.%s: %s", name, "fastcalc" if reason is None else f"SciPy's own code, since: {reason}")


def log_to_stderr_if_asked() -> None:
    """Show the log if the environment says ``FASTCALC_VERBOSE=1``."""
    if os.environ.get("FASTCALC_VERBOSE", "0") not in ("", "0") and not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("fastcalc: %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
