"""functions: arguments and results of any structure.

Comes in: numbers, arrays, and dicts, lists, tuples, dataclasses of them. Goes out: their leaves in one row, and the structure
that puts a row of leaves back together.

`optree` is imported when the first structure is met that is more than arrays and numbers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .._tracer import Tracer

_NAMESPACE = "fastcalc"


def is_plain(x: Any) -> bool:
    """Whether `x` is an array or a number, or a list or tuple of plain numbers, which stands for an array."""
    if isinstance(x, list | tuple):
        return not hasattr(x, "_fields") and all(map(_is_number_or_numbers, x))
    return not (isinstance(x, dict) or _is_dataclass(x) or is_fixed(x))


def is_array(x: Any) -> bool:
    """Whether `x` is an array or a number itself."""
    return isinstance(x, Tracer | np.ndarray | np.generic | float | int)


def is_fixed(x: Any) -> bool:
    """Whether `x` is fixed when a function is traced: another value is another trace."""
    return isinstance(x, bool | str | bytes | type(None)) or (callable(x) and not isinstance(x, Tracer))


def _is_number_or_numbers(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return all(map(_is_number_or_numbers, x))
    return isinstance(x, int | float | complex | np.generic)


def _is_dataclass(x: Any) -> bool:
    return dataclasses.is_dataclass(x) and not isinstance(x, type)


@dataclasses.dataclass(frozen=True)
class Made:
    """A result that is no pytree: what a function makes of an array, each time it is called."""

    of: Any
    by: Callable[[Any], Any]


class Structure:
    """How leaves stand in a pytree. Two are equal if the trees are, and what is fixed in them is."""

    __slots__ = ("_fixed", "_tree", "names")

    def __init__(self, tree: Any, fixed: dict[int, tuple[type, Any]], names: list[str]) -> None:
        self._tree = tree
        self._fixed = fixed  # place among all leaves → type and value
        self.names = names  # of the leaves that are not fixed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self._tree == other._tree and self._fixed == other._fixed

    def __hash__(self) -> int:
        return hash(self._tree)

    def unflatten(self, leaves: Sequence[Any]) -> Any:
        """Return the tree with these leaves."""
        import optree

        rest = iter(leaves)
        whole = [self._fixed[i][1] if i in self._fixed else next(rest) for i in range(self._tree.num_leaves)]
        return optree.tree_unflatten(self._tree, whole)


def flatten(arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Any], Structure]:
    """Return the arrays and numbers among arguments, and the structure of the pair of both."""

    def stands_for_an_array(x: Any) -> bool:
        return isinstance(x, list | tuple) and x is not arguments and is_plain(x)

    return _flatten((arguments, named), stands_for_an_array, is_fixed)


def flatten_result(result: Any) -> tuple[list[Any], Structure]:
    """Return what a function returned but None, and its structure. Here each list is a list."""
    return _flatten(result, None, lambda x: x is None)


def _flatten(
    tree: Any, is_leaf: Callable[[Any], bool] | None, is_fixed: Callable[[Any], bool]
) -> tuple[list[Any], Structure]:
    import optree

    while True:
        paths, leaves, spec = optree.tree_flatten_with_path(
            tree, is_leaf=is_leaf, none_is_leaf=True, namespace=_NAMESPACE
        )
        strangers = {type(leaf) for leaf in leaves if _is_dataclass(leaf)}
        if not strangers:
            break
        for stranger in strangers:
            _register(stranger)
    fixed = {i: (type(leaf), leaf) for i, leaf in enumerate(leaves) if is_fixed(leaf)}  # True is not 1
    free = [(path, leaf) for i, (path, leaf) in enumerate(zip(paths, leaves, strict=True)) if i not in fixed]
    return [leaf for _, leaf in free], Structure(spec, fixed, [".".join(map(str, path)) for path, _ in free])


def _register(kind: Any) -> None:
    import optree

    names = [field.name for field in dataclasses.fields(kind)]

    def take_apart(x: Any) -> tuple[list[Any], None, list[str]]:
        return [getattr(x, name) for name in names], None, names

    def put_together(_: object, parts: Iterable[Any]) -> Any:
        made = object.__new__(kind)  # not by its __init__, which may convert arrays
        for name, part in zip(names, parts, strict=True):
            object.__setattr__(made, name, part)
        return made

    try:
        optree.register_pytree_node(kind, take_apart, put_together, namespace=_NAMESPACE)
    except ValueError:  # another thread was faster
        pass
