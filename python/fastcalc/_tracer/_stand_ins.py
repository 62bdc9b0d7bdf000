"""tracer: a function is traced as a copy that sees stand-ins for what NumPy's protocols cannot catch.

Comes in: the function to trace. Goes out: a copy of it: the same code, with globals, closure and defaults in which NumPy, `math`
and `float` are stand-ins that know traced arrays, and in which the user's own functions are copies too. Arrays of the outside are
given read-only, random numbers are refused, and what a function keeps of a trace in outer variables is found: a program could not
repeat it. What cannot be copied (builtins, other people's libraries) runs as it is; there traced arrays answer or refuse.
"""

import builtins
import inspect
import sys
from collections.abc import Callable, Iterable
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from . import _table
from ._array import Tracer
from ._outside import Reads
from ._random import SeededOnly, function_of_module
from ._refusal import forget_refusals, raise_swallowed, refuse
from ._special import composition
from ._values import find_generators, generators, makers, replaced


class Globals(dict[str, Any]):
    """The globals of a module as its copied functions see them; what they assign stays in here until the trace is over."""

    def __init__(self, module: dict[str, Any], stand_ins: "StandIns") -> None:
        self["__builtins__"] = stand_ins.builtins
        for name in (
            "__name__",
            "__package__",
            "__spec__",
        ):  # an import inside of a function looks for them in here alone
            if name in module:
                self[name] = module[name]
        self.module = module
        self._stand_ins = stand_ins

    def __missing__(self, name: str) -> Any:
        value = self.module[name]
        self._stand_ins.note(self.module, name, value)
        return self._stand_ins.of(value)


class Module:
    """A module whose attributes are stand-ins."""

    def __init__(self, module: ModuleType, stand_ins: "StandIns", *, is_users: bool = False) -> None:
        self._module = module
        self._stand_ins = stand_ins
        self._is_users = is_users

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if self._is_users:
            self._stand_ins.note(vars(self._module), name, value)
        return self._stand_ins.of(value)

    def __repr__(self) -> str:
        return repr(self._module)


class StandIns:
    """What stands in for the things that one function to be traced can reach."""

    def __init__(self, home: str, reads: Reads | None) -> None:
        find_generators()
        self._home = home
        self.reads = reads  # of the outside; None for NumPy's own code, and when the trace is over
        self._made: dict[int, tuple[Any, Any]] = {}
        self._real: dict[int, Any] = {}  # by identity: what a stand-in stands in for
        self._globals: dict[int, Globals] = {}
        self._cells: dict[int, tuple[CellType, CellType]] = {}  # outer variables, and what is one for the copy
        self._filled: dict[int, Any] = {}  # what was put into those that are not the outer variable itself
        self._attributes: list[dict[str, Any]] = []  # those of objects whose methods are copies
        self.tables: list[tuple[Any, list[Any]]] = []  # copies of tables of functions, and what was put into them
        self.kept: list[Any] = []  # what of the outside the function can write into
        self.builtins = vars(builtins) | {"float": self.of(float), "type": self.of(type), "__import__": self._import}

    def of(self, value: Any) -> Any:
        """Return what stands in for a value of the outside: itself, mostly."""
        make = makers.get(type(value))
        if make is None:
            return value
        known = replaced.get(id(value)) or self._made.get(id(value))
        if known is None:
            made = make(self, value)
            known = self._made[id(value)] = (value, made)
            self._real.setdefault(id(made), value)
        return known[1]

    def note(self, space: dict[str, Any] | CellType, name: str, value: Any) -> None:
        """Note what is read of a module, of an object or of an outer variable."""
        if self.reads is None:
            return
        self.reads.name(space, name, value)
        real = type(value)
        if real not in makers and hasattr(value, "__dict__") and self._is_copied(real.__module__, _file_of(real)):
            self.reads.content(vars(value))  # it is given as it is, so that nobody sees which attributes are read

    def _import(self, name: str, *more: Any) -> Any:
        return self.of(__import__(name, *more))

    # Functions -----------------------------------------------------------------------------------------------------------

    def _is_copied(self, module: str | None, file: str) -> bool:
        top = (module or "").partition(".")[0]
        if top in (self._home, "numpy"):
            return True
        return top not in _foreign and "site-packages" not in file and "dist-packages" not in file

    def function(self, f: FunctionType) -> Any:
        """Return the copy of a function, or itself if it is not the user's own."""
        if is_copy(f):
            return f
        if (f.__module__ or "").partition(".")[0] == "numpy":
            return numpys.copied(f)
        ours = composition(f)
        if ours is not None:
            return ours
        return self.copied(f) if self._is_copied(f.__module__, f.__code__.co_filename) else f

    def copied(self, f: FunctionType) -> Any:
        """Return the copy of a function: the same code in other surroundings."""
        known = self._made.get(id(f))
        if known is not None:
            return known[1]
        scope = self._globals.get(id(f.__globals__))
        if scope is None:
            scope = self._globals[id(f.__globals__)] = Globals(f.__globals__, self)
        closure = tuple(map(self._cell, f.__closure__ or ()))
        copy = FunctionType(
            f.__code__, scope, f.__name__, f.__defaults__ and tuple(map(self._given, f.__defaults__)), closure
        )
        copy.__kwdefaults__ = f.__kwdefaults__ and {
            name: self._given(value) for name, value in f.__kwdefaults__.items()
        }
        copy.__qualname__, copy.__module__, copy.__doc__ = f.__qualname__, f.__module__, f.__doc__
        self._made[id(f)] = (f, copy)  # before its closure is filled: it may call itself
        for outer, inner in zip(f.__closure__ or (), closure, strict=True):
            if inner is not outer and id(outer) not in self._filled:
                inner.cell_contents = self._filled[id(outer)] = self.of(outer.cell_contents)
        return copy

    def _cell(self, outer: CellType) -> CellType:
        """Return the outer variable itself, or another where a stand-in is to be put."""
        known = self._cells.get(id(outer))
        if known is not None:
            return known[1]
        try:
            inner = CellType() if type(outer.cell_contents) in makers else outer
            self.note(outer, "", outer.cell_contents)
        except ValueError:  # empty
            inner = outer
        self._cells[id(outer)] = (outer, inner)
        return inner

    def _given(self, default: Any) -> Any:
        self.kept.append(default)
        if self.reads is not None:
            self.reads.content(default)
        return self.of(default)

    def method(self, method: MethodType) -> Any:
        """Return a bound method of the copied function, bound to an object whose other methods are copies too."""
        if type(method.__self__) in generators:
            return function_of_module(method)
        if type(method.__func__) is not FunctionType:
            return method
        return MethodType(self.of(method.__func__), self.twin(method.__self__))

    def twin(self, thing: Any) -> Any:
        """Return an object that shares its attributes with `thing`, sees stand-ins in them, and has copies of its methods."""
        real = type(thing)
        if (
            isinstance(thing, type)
            or not hasattr(thing, "__dict__")
            or not self._is_copied(real.__module__, _file_of(real))
        ):
            return thing
        known = self._made.get(id(thing))
        if known is not None:
            return known[1]
        methods = {
            name: self.of(member)
            for base in reversed(real.__mro__)
            for name, member in vars(base).items()
            if type(member) in _makers_of_members
        }
        if inspect.getattr_static(real, "__getattribute__") is not object.__getattribute__:
            return thing
        is_users = real.__module__.partition(".")[0] != "fastcalc"  # what a derivative knows of itself does not change
        methods["__getattribute__"] = lambda twin, name: self._attribute(twin, name, is_users)
        try:
            twin: Any = object.__new__(type(real.__name__, (real,), methods))
            object.__setattr__(twin, "__dict__", vars(thing))
        except TypeError:  # a class that allows no other of its kind
            return thing
        self._made[id(thing)] = (thing, twin)
        self._made[id(twin)] = (twin, twin)
        self.kept.append(vars(thing))
        self._attributes.append(vars(thing))
        return twin

    def _attribute(self, twin: Any, name: str, is_users: bool) -> Any:
        value = object.__getattribute__(twin, name)
        attributes = object.__getattribute__(twin, "__dict__")
        if is_users and name in attributes:
            self.note(attributes, name, value)
        return self.of(value)

    def callable(self, f: Any) -> Any:
        """Return what is to be called in place of `f`."""
        if type(f) in makers:
            return self.of(f)
        return self.twin(f) if type(inspect.getattr_static(type(f), "__call__", None)) is FunctionType else f

    def argument(self, value: Any) -> Any:
        """Return what the copy is given for an argument that is not traced."""
        return value if isinstance(value, list | tuple | dict | set) else self.of(value)

    # Modules and arrays ------------------------------------------------------------------------------------------------------

    def module(self, module: ModuleType) -> Any:
        """Return what stands in for a module: of NumPy, `math`, `scipy.special`, or of the user."""
        name = module.__name__
        if name in ("random", "numpy.random"):
            return SeededOnly(module)
        if name in ("math", "scipy", "scipy.special") or name.partition(".")[0] == "numpy":
            return Module(module, self)
        file = getattr(module, "__file__", None)
        return Module(module, self, is_users=True) if file and self._is_copied(name, file) else module

    # After the trace -----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Do to the outer variables what the function did to their copies; refuse what is left of the trace in them."""
        for outer, inner in self._cells.values():
            try:
                content = inner.cell_contents
            except ValueError:
                continue
            _refuse_kept(content, "an outer variable")
            if inner is not outer and content is not self._filled.get(id(outer)):
                outer.cell_contents = self._real.get(id(content), content)
        for kept in self.kept:
            _refuse_kept(kept, "an outer variable, a default argument or an attribute")
        for copy, made in self.tables:
            left = list(copy.values() if type(copy) is dict else copy)
            if len(left) != len(made) or any(ours is not before for ours, before in zip(left, made, strict=True)):
                raise refuse("a table of functions that changes", "make it before the function runs")
        for attributes in self._attributes:
            for name, value in attributes.items():
                attributes[name] = self._real.get(id(value), value)
        for scope in self._globals.values():
            for name, value in scope.items():
                if name != "__builtins__":
                    _refuse_kept(value, f"the global {name}")
                    scope.module[name] = self._real.get(id(value), value)

    def forget(self) -> None:
        """Let go of the copies and of what they reach: they know this object, so that a user's arrays would wait for the collector."""
        self.reads = None
        for known in (self._made, self._real, self._globals, self._cells, self._filled):
            known.clear()
        for seen in (self._attributes, self.tables, self.kept):
            seen.clear()


def is_copy(f: Any) -> bool:
    """Whether a function is the copy of one, or was made by a copy."""
    return type(f) is FunctionType and type(f.__globals__) is Globals


def _refuse_kept(value: Any, where: str) -> None:
    if _holds_trace(value):
        raise refuse(f"a value kept in {where} from call to call", "return it instead")


def _holds_trace(value: Any, depth: int = 2) -> bool:
    if type(value) is Tracer:
        return value._recording is not None
    if not depth or type(value) not in (list, tuple, dict, set):
        return False
    elements = value.values() if type(value) is dict else value
    return any(_holds_trace(element, depth - 1) for element in elements)


def _file_of(real: type) -> str:
    return getattr(sys.modules.get(real.__module__), "__file__", None) or ""


_foreign = sys.stdlib_module_names | {__name__.partition(".")[0]}

_makers_of_members: dict[type, Callable[[StandIns, Any], Any]] = {
    FunctionType: StandIns.function,
    property: lambda stand_ins, p: property(stand_ins.of(p.fget), stand_ins.of(p.fset), p.fdel, p.__doc__),
    staticmethod: lambda stand_ins, method: staticmethod(stand_ins.of(method.__func__)),
    classmethod: lambda stand_ins, method: classmethod(stand_ins.of(method.__func__)),
}
makers.update(_makers_of_members | {MethodType: StandIns.method, ModuleType: StandIns.module})

#: What stands in for things in NumPy's own Python code.
numpys = StandIns("numpy", None)


def numpys_own(function: Any) -> Callable[..., Any] | None:
    """Return a copy of the Python code of a NumPy function, if it has any."""
    code = getattr(function, "__wrapped__", function)
    return numpys.copied(code) if type(code) is FunctionType else None


_table.own_code = numpys_own


def run(
    f: Callable[..., Any],
    args: Iterable[Any],
    kwargs: dict[str, Any],
    reads: Reads,
    made: list[StandIns],
    *,
    is_outermost: bool,
) -> Any:
    """Call a copy of `f`, or `f` where it cannot be copied; note what it reads of the outside.

    What stands in for it there is added to `made`: until the outermost call is over it may be asked again.
    """
    home = (getattr(f, "__module__", None) or type(f).__module__ or "").partition(".")[0]
    stand_ins = StandIns(home, reads)
    made.append(stand_ins)
    copy = stand_ins.callable(f)
    if not is_outermost:
        return _called(copy, stand_ins, args, kwargs)
    forget_refusals()
    try:
        result = _called(copy, stand_ins, args, kwargs)
        raise_swallowed()
        for each in made:
            each.settle()
    finally:
        forget_refusals()
        while made:
            made.pop().forget()
    return result


def _called(copy: Callable[..., Any], stand_ins: StandIns, args: Iterable[Any], kwargs: dict[str, Any]) -> Any:
    named = {name: stand_ins.argument(value) for name, value in kwargs.items()}
    return copy(*map(stand_ins.argument, args), **named)
