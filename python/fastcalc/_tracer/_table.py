"""tracer: who answers NumPy's protocols.

Comes in: functions and ufuncs that NumPy hands over. Goes out: ours, called.

Each file of this room enters what it covers here. A function that nobody covers, but which NumPy writes in Python, is traced
through NumPy's own code; that too is entered here, by `_stand_ins`.
"""

from collections.abc import Callable
from typing import Any

from ._refusal import nearest, refuse

Function = Callable[..., Any]

#: What each NumPy function does on traced arrays.
table: dict[Any, Function] = {}

#: Set by the files that answer what `Tracer` itself is asked; it stands before them.
call_ufunc: Function
term_of: Function
read: Function
write: Function
decide: Function
pinned_numbers: Function
reduce: Function
accumulate: Function

#: Set by `_stand_ins`: given a function that NumPy writes in Python, returns a copy of that code, else None.
own_code: Callable[[Any], Any]


#: By the name of a NumPy function or a module of them: why it will not be covered, and what to write.
_rewrites: dict[str, str | None] = {
    "np.fft": "its result is complex: multiply by np.cos and np.sin of 2 * np.pi * np.outer(k, np.arange(n)) / n",
    "np.fft.fftshift": None,  # these two are rolls, and NumPy's own code serves
    "np.fft.ifftshift": None,
    "np.linalg.eig": "its result may be complex: np.linalg.eigh of a symmetric matrix is covered",
    "np.linalg.eigvals": "its result may be complex: np.linalg.eigvalsh of a symmetric matrix is covered",
    "np.roots": "its result may be complex: iterate Newton's step on one real root",
    "np.histogram": "counts have no derivative: count data outside, or sum a smooth kernel",
    "np.ma": "a masked array is an object of its own: use np.where, or select by a mask",
}


def covers(*functions: Any) -> Callable[[Function], Function]:
    """Enter the decorated function as what the given NumPy functions do on traced arrays."""

    def enter(ours: Function) -> Function:
        for function in functions:
            table[function] = ours
        return ours

    return enter


def refuse_out(out: Any) -> None:
    """Refuse `out=` of a function that is not a ufunc."""
    if out is not None:
        raise refuse("writing into an array that exists (out=)", "use what the function returns")


def name_of(function: Any) -> str:
    """Return how a user spells a function of NumPy."""
    module = getattr(function, "__module__", None) or "numpy"
    short = module.replace("numpy", "np", 1) if module.startswith("numpy") and "._" not in module else "np"
    return f"{short}.{getattr(function, '__name__', function)}"


def call_function(function: Any, args: Any, kwargs: Any) -> Any:
    """Do what a NumPy function does."""
    ours = table.get(function)
    if ours is not None:
        return ours(*args, **kwargs)
    name = name_of(function)
    rewrite = _rewrites.get(name, _rewrites.get(name.rpartition(".")[0]))
    ours = own_code(function)  # noqa: F821
    if rewrite is not None or ours is None:
        raise refuse(name, rewrite or nearest(function.__name__, [known.__name__ for known in table]))
    try:
        return ours(*args, **kwargs)
    except AttributeError as error:  # its code asks an array for what a traced one does not have
        raise refuse(f"{name} ({error})", nearest(function.__name__, [known.__name__ for known in table])) from error
