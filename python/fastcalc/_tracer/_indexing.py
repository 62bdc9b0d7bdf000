"""tracer: elements chosen by number or by condition.

Comes in: indices that are arrays, masks, NumPy's functions of both. Goes out: gathers; a mask that depends on traced values is
decided and guarded.
"""

from typing import Any

import numpy as np

from . import _ops, _table
from ._array import Tracer
from ._guards import pinned
from ._operands import as_array, is_traced, term_of, wrapped
from ._refusal import refuse
from ._table import covers
from ._terms import Term, apply, constant, gathered, gathered_by_number, viewed


def _plain(key: Any) -> Any:
    """Return an index that NumPy understands."""
    if type(key) is not Tracer:
        return [_plain(part) for part in key] if isinstance(key, list) and is_traced(key) else key
    if key._truth:
        return pinned(key)
    if key._recording is None:
        return key._real()
    raise refuse(
        "a value used as an index or a count", "index by what does not depend on the arguments, or by int() of it"
    )


def read(array: Tracer, keys: tuple[Any, ...]) -> Any:
    """Return the elements that an index of arrays or masks selects, as a new array."""
    plain = tuple(map(_plain, keys))
    return wrapped(gathered(array._term, lambda real: real[plain]))


def write(array: Tracer, keys: tuple[Any, ...], value: Any) -> None:
    """Overwrite the elements that an index of arrays or masks selects."""
    part = term_of(value)
    if (
        len(keys) == 1
        and getattr(keys[0], "dtype", None) == np.bool_
        and np.shape(part.real if part.recording is None else part.value) == ()
    ):
        mask = as_array(keys[0])
        if mask.shape != array.shape[: mask.ndim]:
            raise IndexError(f"boolean index of shape {mask.shape} for an array of shape {array.shape}")
        mask = mask.reshape(mask.shape + (1,) * (array.ndim - mask.ndim))
        array[...] = np.where(mask, Tracer.holding(part), array)
        return
    plain = tuple(map(_plain, keys))
    numbers = np.arange(array.size).reshape(array.shape)[plain]
    if part.recording is None and array._recording is None:
        real = array._term.real.copy()
        real[plain] = part.real
        array[...] = real
        return
    if not numbers.size:
        return
    part = viewed(part, lambda real: np.broadcast_to(real, numbers.shape))
    source = np.full(array.size, -1)
    source[numbers.ravel()] = np.arange(
        numbers.size
    )  # where an element is named twice the last one counts, as with NumPy
    source = source.reshape(array.shape)
    spread = gathered_by_number(part, np.maximum(source, 0))
    array[...] = np.where(source >= 0, Tracer.holding(spread), array)


_table.read = read
_table.write = write


# Choices -----------------------------------------------------------------------------------------------------------------


@covers(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return np.nonzero(as_array(condition))
    terms = term_of(condition), term_of(x), term_of(y)
    return wrapped(apply(_ops.by_name["where"], np.where, terms))


@covers(np.nonzero)
def _nonzero(a: Any) -> Any:
    return np.nonzero(pinned(_condition(a)))


@covers(np.flatnonzero)
def _flatnonzero(a: Any) -> Any:
    return np.flatnonzero(pinned(_condition(a)))


@covers(np.argwhere)
def _argwhere(a: Any) -> Any:
    return np.argwhere(pinned(_condition(a)))


@covers(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.count_nonzero(pinned(_condition(a)), axis=axis, keepdims=keepdims)


def _condition(a: Any) -> Any:
    a = as_array(a)
    return a if a.dtype == np.bool_ else a != 0


@covers(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return as_array(arr).ravel()[np.flatnonzero(_condition(condition))]


@covers(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    return np.take(a, np.flatnonzero(_condition(condition)), axis=axis, out=out)


@covers(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    _table.refuse_out(out)
    plain = _plain(indices)
    return wrapped(gathered(as_array(a)._term, lambda real: np.take(real, plain, axis=axis, mode=mode)))


@covers(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError("list of cases must be same length as list of conditions")
    chosen: Any = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = np.where(condition, choice, chosen)
    return chosen


@covers(np.choose)
def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    _table.refuse_out(out)
    number = np.asarray(_plain(a))
    chosen: Any = choices[0]
    for place in range(1, len(choices)):
        chosen = np.where(number == place, choices[place], chosen)
    return chosen


@covers(np.piecewise)
def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    x = as_array(x)
    if isinstance(condlist, list | tuple) and len(condlist) and (np.ndim(condlist[0]) > 0 or x.ndim == 0):
        conditions = [as_array(condition) for condition in condlist]
    else:
        conditions = [as_array(condlist)]
    if len(funclist) == len(conditions) + 1:
        elsewhere = ~conditions[0]
        for condition in conditions[1:]:
            elsewhere = elsewhere & ~condition
        conditions.append(elsewhere)
    result = np.zeros_like(x)
    for condition, part in zip(conditions, funclist, strict=True):
        if not callable(part):
            result = np.where(condition, part, result)
            continue
        everywhere = _by_element(part, x, args, kw)
        if everywhere is not None:
            result = np.where(condition, everywhere, result)
        elif (mask := pinned(condition)).any():
            result[mask] = part(x[mask], *args, **kw)
    return result


def _by_element(part: Any, x: Tracer, args: Any, kw: Any) -> Any:
    """Return `part(x)` if each of its elements depends on that element of x alone, else None.

    Then to choose from it is to call it for the chosen elements, and needs no guard.
    """
    term = term_of(x)
    if term.recording is None:
        return None
    marked = viewed(term, lambda array: array[...])
    before = term.recording.decisions
    found = part(Tracer.holding(marked, number=False), *args, **kw)
    if type(found) is not Tracer or found._recording is not term.recording or term.recording.decisions != before:
        return None
    stack, seen = [found._term], set[int]()
    while stack:
        top = stack.pop()
        if top is marked or id(top) in seen or _is_without(top, marked, {}):
            continue
        seen.add(id(top))
        if not isinstance(top.work, np.ufunc) and top.work is not np.where:
            return None
        if any(operand.shape not in ((), marked.shape) for operand in top.operands):
            return None
        stack.extend(top.operands)
    return found


def _is_without(term: Term, marked: Term, known: dict[int, bool]) -> bool:
    """Whether a term does not depend on `marked`, and is one number."""
    if term.shape != ():
        return False
    stack = [term]
    while stack:
        top = stack.pop()
        if top is marked:
            return False
        if id(top) not in known:
            known[id(top)] = True
            stack.extend(top.operands)
    return True


# Writes --------------------------------------------------------------------------------------------------------------------


def _own(array: Any, name: str) -> Tracer:
    if type(array) is not Tracer:
        raise refuse(f"{name} on an array that the function did not make", "copy the array first")
    return array


@covers(np.put)
def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    target, places = _own(a, "np.put"), np.asarray(ind).ravel()
    if mode != "raise":
        places = np.clip(places, 0, target.size - 1) if mode == "clip" else places % target.size
    values = as_array(v).ravel()
    target.flat[places] = values[np.arange(places.size) % values.size] if values.size > 1 else values[0]


@covers(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    target, spread = _own(a, "np.putmask"), as_array(values)
    if spread.size > 1 and spread.shape != target.shape:
        spread = spread.ravel()[np.arange(target.size) % spread.size].reshape(target.shape)
    target[...] = np.where(mask, spread, target)


@covers(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    target, values = _own(arr, "np.place"), as_array(vals).ravel()
    places = np.flatnonzero(_condition(mask))
    if places.size:
        target.flat[places] = values[np.arange(places.size) % values.size]


@covers(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    target = _own(a, "np.fill_diagonal")
    pattern = np.zeros(target.shape, dtype=np.int64)
    np.fill_diagonal(pattern, np.arange(1, target.size + 1), wrap=wrap)
    places = np.flatnonzero(pattern)
    values = as_array(val).ravel()
    target.flat[places] = values[np.arange(places.size) % values.size] if values.size > 1 else values[0]


@covers(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    v = as_array(v)
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    extent = v.size + abs(k)
    made = Tracer.holding(constant(np.zeros((extent, extent))), number=False)
    first = k if k >= 0 else -k * extent
    made.ravel()[first :: extent + 1][: v.size] = v
    return made
