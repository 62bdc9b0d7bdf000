"""cli room, expression: the text of a model comes in, an ordinary NumPy function goes out.

The text is never evaluated. Python's own parser turns it into a tree; the tree is read node by node against a white
list, and each node that is allowed is *built anew*: numbers, names, arithmetic, calls of the functions in one table.
Only the new tree is compiled, in a scope that holds the table's functions and no builtins. Whatever is not on the list
is refused, with its position.

    'b1*(1-exp(-b2*x))'  ──parse──▶  tree  ──build──▶  lambda x, b1, b2: b1 * (1.0 - exp(-b2 * x))
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from .errors import InputError, did_you_mean

MAX_LENGTH = 10_000  # characters
MAX_DEPTH = 200  # nodes one inside the other; a sum of n terms is n deep

CONSTANTS = {"pi": math.pi, "e": math.e}

# Spelled as in NumPy; each has its line in ops.def, so each has an exact derivative.
NUMPY_FUNCTIONS = frozenset(
    """abs sqrt cbrt square reciprocal sign exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2
    sin cos tan asin acos atan atan2 arcsin arccos arctan arctan2 hypot deg2rad rad2deg
    sinh cosh tanh asinh acosh atanh arcsinh arccosh arctanh
    maximum minimum copysign heaviside floor ceil trunc rint where""".split()
)
SPECIAL_FUNCTIONS = frozenset({"erf", "erfc", "expit"})
FUNCTIONS = NUMPY_FUNCTIONS | SPECIAL_FUNCTIONS

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)

REFUSED_OPERATORS = {
    ast.BitXor: ("^", "use ** for a power"),
    ast.FloorDiv: ("//", "use floor(a/b)"),
    ast.MatMult: ("@", "use * for a product"),
    ast.BitAnd: ("&", "use 'and' inside where()"),
    ast.BitOr: ("|", "use 'or' inside where()"),
    ast.LShift: ("<<", "use * 2**n"),
    ast.RShift: (">>", "use / 2**n"),
}
CONDITION_HINT = "belongs inside where(condition, a, b)"
REFUSED_NODES: dict[type[ast.AST], str] = {
    ast.Compare: f"a comparison {CONDITION_HINT}",
    ast.BoolOp: f"'and' or 'or' {CONDITION_HINT}",
    ast.IfExp: "'if … else' is not allowed: use where(condition, a, b)",
    ast.Attribute: "an attribute (a.b) is not allowed: write exp(x), not np.exp(x)",
    ast.Subscript: "a subscript (a[i]) is not allowed: name the column",
    ast.Tuple: "a comma outside a call is not allowed: write the decimal point as '.'",
}

# Names under which the compiled tree finds what the user cannot name: a user's name never begins with an underscore.
LOGIC = {"_and": np.logical_and, "_or": np.logical_or, "_not": np.logical_not}
COLUMNS = "_columns"


class ExpressionError(InputError):
    """The expression is malformed, or asks for something that is not on the white list: says what, and points at it."""

    def __init__(self, message: str, text: str, position: int) -> None:
        first = max(0, position - 60)
        super().__init__(
            f"{message} (position {position + 1})\n    {text[first : first + 100]}\n    {' ' * (position - first)}^"
        )


@dataclass(frozen=True, slots=True)
class Expression:
    """A model written as text: the function, and which columns its first argument holds (several: one row each)."""

    function: Callable[..., Any]
    variables: tuple[str, ...]


def is_name(name: str) -> bool:
    """Say whether an expression can use `name` for a parameter or a column."""
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and unicodedata.is_normalized("NFKC", name)
    )


def compile_expression(text: str, parameters: Sequence[str], columns: Collection[str]) -> Expression:
    """Turn the text of a model into a NumPy function ``f(x, *parameters)``.

    Parameters
    ----------
    text : str
        Arithmetic in parameters, columns, numbers and the functions of the white list.
    parameters : sequence of str
        Names of the parameters, in the order in which the function takes them.
    columns : collection of str
        Names that may stand for independent variables.

    Returns
    -------
    Expression
        With one variable the function's first argument is that variable; with several it holds one variable a row.

    Raises
    ------
    ExpressionError
        The text is not such arithmetic; the message points at the place.

    Examples
    --------
    >>> expression = compile_expression("a*exp(-b*t)", ["a", "b"], ["t", "y"])
    >>> expression.variables
    ('t',)
    >>> float(expression.function(0.0, 3.0, 1.0))
    3.0
    """
    text = re.sub(r"\s", " ", text.strip())
    builder = _Builder(text, parameters, columns)
    body = builder.number(_parse(text), 0)
    variables = tuple(builder.variables)
    if not variables:
        raise ExpressionError("the expression uses no column: for a constant model write b1 + 0*x", text, 0)
    for name in parameters:
        if name not in builder.used_parameters:
            raise InputError(f"the expression does not use the parameter {name!r}")
    first = variables[0]
    if len(variables) > 1:
        first, body = COLUMNS, _Rows(variables).visit(body)
    arguments = ast.arguments([], [ast.arg(name) for name in (first, *parameters)], None, [], [], None, [])
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    scope = (
        {"__builtins__": {}, "__name__": __name__} | LOGIC | {name: _function(name) for name in builder.used_functions}
    )
    function = eval(compile(tree, "<expression>", "eval"), scope)
    function.__name__ = function.__qualname__ = text
    return Expression(function, variables)


def _function(name: str) -> Callable[..., Any]:
    if name in NUMPY_FUNCTIONS:
        return getattr(np, name)  # type: ignore[no-any-return]
    from scipy import special

    return getattr(special, name)  # type: ignore[no-any-return]


def _parse(text: str) -> ast.expr:
    if not text:
        raise ExpressionError("the expression is empty", text, 0)
    if len(text) > MAX_LENGTH:
        raise InputError(f"the expression has {len(text)} characters; at most {MAX_LENGTH} are read")
    if "#" in text:
        raise ExpressionError("'#' is not allowed", text, text.index("#"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        position = min(max((error.offset or 1) - 1, 0), len(text))
        raise ExpressionError(error.msg, text, position) from None
    except (MemoryError, RecursionError):
        raise InputError("the expression is nested too deeply") from None
    except ValueError as error:  # a NUL character, or a byte of the shell's that is not UTF-8
        raise InputError(f"the expression is not text: {error}") from None


class _Builder:
    """Reads the parsed tree against the white list and builds the tree that is compiled."""

    def __init__(self, text: str, parameters: Sequence[str], columns: Collection[str]) -> None:
        self.text = text
        self.parameters = parameters
        self.columns = columns
        self.variables: dict[str, None] = {}  # in the order of their first use
        self.used_parameters: set[str] = set()
        self.used_functions: set[str] = set()

    def number(self, node: ast.expr, depth: int) -> ast.expr:
        """Build what has a number for its value."""
        if depth > MAX_DEPTH:
            raise InputError(f"the expression is nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.constant(node, value)
            case ast.Name():
                return self.name(node)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                return ast.UnaryOp(node.op, self.number(node.operand, depth + 1))
            case ast.BinOp() if isinstance(node.op, OPERATORS):
                return ast.BinOp(self.number(node.left, depth + 1), node.op, self.number(node.right, depth + 1))
            case ast.BinOp():
                symbol, hint = REFUSED_OPERATORS[type(node.op)]
                position = self.text.find(symbol, self.position(node.left, end=True))
                raise ExpressionError(f"{symbol!r} is not allowed: {hint}", self.text, position)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(node, name, depth)
        self.refuse(node)

    def condition(self, node: ast.expr, depth: int) -> ast.expr:
        """Build what is true or false: comparisons, also chained (0 < x < 1), joined by and, or, not."""
        if depth > MAX_DEPTH:
            raise InputError(f"the expression is nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Compare() if all(isinstance(op, COMPARISONS) for op in node.ops):
                sides = [self.number(side, depth + 1) for side in (node.left, *node.comparators)]
                tests = [ast.Compare(a, [op], [b]) for a, op, b in zip(sides, node.ops, sides[1:], strict=False)]
                return _join("_and", tests)
            case ast.BoolOp():
                return _join(
                    "_and" if isinstance(node.op, ast.And) else "_or",
                    [self.condition(part, depth + 1) for part in node.values],
                )
            case ast.UnaryOp(op=ast.Not()):
                return _call("_not", [self.condition(node.operand, depth + 1)])
        raise ExpressionError(
            "where() needs a comparison first, as in where(x < 1, a, b)", self.text, self.position(node)
        )

    def constant(self, node: ast.expr, value: int | float) -> ast.expr:
        # A whole number becomes a float: 9**9**9 must overflow at once, not be computed to 369 million digits.
        if abs(value) > sys.float_info.max:
            raise ExpressionError("the number is too large", self.text, self.position(node))
        return ast.Constant(float(value))

    def name(self, node: ast.Name) -> ast.expr:
        name, position = node.id, self.position(node)
        if name in FUNCTIONS:
            raise ExpressionError(f"{name!r} is a function: write {name}(…)", self.text, position)
        if name in self.columns and (name in self.parameters or name in CONSTANTS):
            other = "a parameter" if name in self.parameters else "a constant"
            raise ExpressionError(f"{name!r} is both a column and {other}: rename one of them", self.text, position)
        if name in self.parameters:
            self.used_parameters.add(name)
        elif name in self.columns:
            self.variables[name] = None
        elif name in CONSTANTS:
            return ast.Constant(CONSTANTS[name])
        else:
            self.unknown(name, position)
        return ast.Name(name, ast.Load())

    def call(self, node: ast.Call, name: str, depth: int) -> ast.expr:
        position = self.position(node)
        if name not in FUNCTIONS:
            if name in self.parameters or name in self.columns or name in CONSTANTS:
                raise ExpressionError(
                    f"{name!r} is not a function: write {name}*(…) for a product", self.text, position
                )
            self.unknown(name, position)
        if node.keywords:
            raise ExpressionError(f"{name}() takes no keyword arguments", self.text, self.position(node.keywords[0]))
        function = _function(name)
        arity = function.nin if isinstance(function, np.ufunc) else 3
        if len(node.args) != arity:
            raise ExpressionError(
                f"{name}() takes {arity} argument{'s' * (arity > 1)}, not {len(node.args)}", self.text, position
            )
        self.used_functions.add(name)
        if name == "where":
            test, *choices = node.args
            return _call(
                name, [self.condition(test, depth + 1), *(self.number(choice, depth + 1) for choice in choices)]
            )
        return _call(name, [self.number(argument, depth + 1) for argument in node.args])

    def unknown(self, name: str, position: int) -> NoReturn:
        known = [
            ("parameters", self.parameters),
            ("columns", self.columns),
            ("functions", sorted(FUNCTIONS)),
            ("constants", CONSTANTS),
        ]
        listing = "; ".join(f"{kind} {', '.join(names)}" for kind, names in known if names)
        nearest = did_you_mean(name, [each for _, names in known for each in names])
        raise ExpressionError(f"unknown name {name!r}{nearest}; known are {listing}", self.text, position)

    def refuse(self, node: ast.expr) -> NoReturn:
        reason = REFUSED_NODES.get(
            type(node), "only numbers, names, + - * / ** %, parentheses and calls of known functions are allowed"
        )
        raise ExpressionError(reason, self.text, self.position(node))

    def position(self, node: ast.expr | ast.keyword, *, end: bool = False) -> int:
        """Return the place of `node` in the text: the parser counts UTF-8 bytes, a reader counts characters."""
        offset = node.end_col_offset if end else node.col_offset
        return len(self.text.encode()[:offset].decode())


class _Rows(ast.NodeTransformer):
    """Replaces each of several variables by its row of the first argument."""

    def __init__(self, variables: Sequence[str]) -> None:
        self.row = {name: row for row, name in enumerate(variables)}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.row:
            return node
        return ast.Subscript(ast.Name(COLUMNS, ast.Load()), ast.Constant(self.row[node.id]), ast.Load())


def _call(name: str, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), arguments, [])


def _join(name: str, tests: Sequence[ast.expr]) -> ast.expr:
    joined, *others = tests
    for test in others:
        joined = _call(name, [joined, test])
    return joined
