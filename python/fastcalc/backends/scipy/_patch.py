"""backends: the patch itself. Comes in: names of SciPy's functions. Goes out: fastcalc's doors wherever `scipy.optimize` has them.

A stand-in asks at each call whether its name is patched, so one that somebody imported and kept becomes SciPy's own function again
when the patch ends. `patch_scipy` holds until `unpatch_scipy`, a with-block until its end, in any order and from any thread:
a name is patched as long as anybody holds it.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from ..._errors import NotOffered
from ..._functions._locks import new_lock
from ._door import Door
from ._report import log_to_stderr_if_asked, record

__all__ = ["patch_scipy", "patched_scipy", "scipy_is_patched", "unpatch_scipy"]

#: The functions that have a door, and where it is.
_rooms = {
    "curve_fit": "_curve_fit",
    "minimize": "_minimize",
    "root": "_root",
    "root_scalar": "_root_of_one",
    "newton": "_root_of_one",
}

_changing = new_lock()
_holders: collections.Counter[str] = collections.Counter()  # with-blocks that are under way
_kept: set[str] = set()  # by patch_scipy, until unpatch_scipy
_originals: dict[str, Callable[..., Any]] = {}
_stand_ins: dict[str, Callable[..., Any]] = {}

#: Whether fastcalc is at work on a call: what it calls in its turn is SciPy's own.
_is_busy: ContextVar[bool] = ContextVar("fastcalc is at work on a call", default=False)


def patch_scipy(names: str | Iterable[str] | None = None, verbose: bool = True) -> None:
    """Put fastcalc under functions of `scipy.optimize`, for the whole process, until `unpatch_scipy`.

    An experiment, and off by default: other packages' numbers change in their last digits. What fastcalc cannot take (an
    untraceable function, a method or an option that it does not have) goes to SciPy's own code unchanged.

    Parameters
    ----------
    names : str or iterable of str, optional
        Of ``'curve_fit'``, ``'minimize'``, ``'root'``, ``'root_scalar'`` and ``'newton'``; by default all of them. To patch what
        is patched already changes nothing.
    verbose : bool, default True
        Say so on stderr.

    Raises
    ------
    ValueError
        If a name is none of these.

    See Also
    --------
    patched_scipy : The same for a with-block.
    patch_report : What went where, and why.

    Notes
    -----
    A name that was imported before (``from scipy.optimize import curve_fit``) stays SciPy's own function: patch first, then import.
    With ``FASTCALC_VERBOSE=1`` in the environment each call is logged with the reason where SciPy answers it.

    Examples
    --------
    >>> import fastcalc as fc
    >>> fc.patch_scipy("curve_fit", verbose=False)
    >>> fc.scipy_is_patched("curve_fit")
    True
    >>> fc.unpatch_scipy()
    """
    wanted = _names(names)
    log_to_stderr_if_asked()
    with _changing:
        _kept.update(wanted)
        _settle()
    if verbose:
        print(f"fastcalc is under scipy.optimize: {', '.join(wanted)}", file=sys.stderr)


def unpatch_scipy(names: str | Iterable[str] | None = None) -> None:
    """Give `scipy.optimize` its own functions back, but for those that a with-block under way still holds.

    Parameters
    ----------
    names : str or iterable of str, optional
        By default all.

    Examples
    --------
    >>> import fastcalc as fc
    >>> fc.unpatch_scipy()
    >>> fc.scipy_is_patched()
    False
    """
    with _changing:
        _kept.difference_update(_names(names))
        _settle()


@contextlib.contextmanager
def patched_scipy(names: str | Iterable[str] | None = None) -> Iterator[None]:
    """Put fastcalc under functions of `scipy.optimize` for a with-block, in all threads.

    Parameters
    ----------
    names : str or iterable of str, optional
        As for `patch_scipy`.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> import scipy.optimize
    >>> t = np.linspace(0.0, 4.0, 50)
    >>> with fc.patched_scipy():
    ...     popt, pcov = scipy.optimize.curve_fit(lambda t, a, b: a * np.exp(-b * t), t, 2.5 * np.exp(-1.3 * t))
    >>> np.allclose(popt, [2.5, 1.3])
    True
    """
    wanted = _names(names)
    log_to_stderr_if_asked()
    with _changing:
        _holders.update(wanted)
        _settle()
    try:
        yield
    finally:
        with _changing:
            _holders.subtract(wanted)
            _settle()


def scipy_is_patched(name: str | None = None) -> bool:
    """Return whether a function of `scipy.optimize`, or any of them, is fastcalc's at present.

    Parameters
    ----------
    name : str, optional
        By default any.

    Examples
    --------
    >>> import fastcalc as fc
    >>> with fc.patched_scipy("curve_fit"):
    ...     fc.scipy_is_patched("curve_fit")
    True
    """
    return any(map(_is_patched, _names(name)))


def _names(names: str | Iterable[str] | None) -> list[str]:
    wanted = list(_rooms) if names is None else [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in _rooms:
            raise ValueError(f"fastcalc has nothing for scipy.optimize.{name}; it has {', '.join(_rooms)}")
    return wanted


def _is_patched(name: str) -> bool:
    return name in _kept or _holders[name] > 0


def _settle() -> None:
    """Put in place what is held, and SciPy's own back in place of what is not."""
    optimize = import_module("scipy.optimize")
    for name in _rooms:
        if _is_patched(name) and getattr(optimize, name) is not _stand_ins.get(name):
            original = _originals[name] = getattr(optimize, name)
            _stand_ins[name] = _stand_in(name, original)
            _exchange(original, _stand_ins[name])
        elif not _is_patched(name) and name in _stand_ins:
            _exchange(_stand_ins[name], _originals[name])


def _exchange(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Replace a function in all modules of `scipy.optimize` that hold it: they call it by their own global."""
    for module_name, module in list(sys.modules.items()):
        if module_name == "scipy.optimize" or module_name.startswith("scipy.optimize."):
            for name, value in list(vars(module).items()):
                if value is old:
                    setattr(module, name, new)


def _stand_in(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    door: Door = import_module(f".{_rooms[name]}", __package__).doors[name]

    @functools.wraps(original)
    def standing_in(*args: Any, **kwargs: Any) -> Any:
        if _is_busy.get() or not _is_patched(name):
            return original(*args, **kwargs)
        token = _is_busy.set(True)
        try:
            result = door.answer(args, kwargs)
        except NotOffered as refusal:
            reason = str(refusal)
        else:
            record(name, None)
            return result
        finally:
            _is_busy.reset(token)
        record(name, reason)
        return original(*args, **kwargs)

    return standing_in
