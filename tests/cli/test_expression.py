"""cli room: a model written as text becomes a NumPy function, and nothing else ever does."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from fastcalc.cli.errors import InputError
from fastcalc.cli.expression import FUNCTIONS, MAX_LENGTH, ExpressionError, compile_expression
from scipy import special

NAMESPACE = {name: getattr(np, name, None) or getattr(special, name) for name in FUNCTIONS} | {"pi": np.pi, "e": np.e}

GOOD = [
    "b1*(1-exp(-b2*x))",
    "b1 + b2*x + x**2 - 3.5e-1*x**0.5",
    "-b1*x/+b2",
    "-x**2 + b1 + b2",
    "b1**-b2 * x",
    "x % b1 - 2*b2",
    "b1*sin(2*pi*x) + b2*cos(x)",
    "b1*erf(x/b2) + erfc(x) + expit(-x)",
    "b1*e**(-b2*x)",
    "arctan2(b1*x, b2) + atan2(x, 2) + hypot(x, 1)",
    "maximum(b1*x, b2) + minimum(x, 1) + abs(x - 2)",
    "where(x < b1, b2, x**2)",
    "heaviside(x - b1, 0.5)*b2 + sign(x - 1)",
    "1_000*b1*x + 0x10*b2",
    "b1 * x\n   + b2",
    "\t b1*x + b2  ",
]

MALFORMED = [
    "",
    "   ",
    "b1*(x",
    "b1*x)",
    "b1*",
    "*x",
    "b1**",
    "b1 x",
    "2x",
    "b1*x,b2",
    "0,5*x",
    "b1*x; b2",
    "b1 = x",
    "b1 := x",
    "b1*x # half",
    "b1\\x",
    "b1*x^2",
    "b1//x",
    "b1@x",
    "b1 & x",
    "b1 | x",
    "x << 2",
    "x >> 2",
    "~x",
    "not x",
    "b1 < x",
    "b1*x and b2",
    "x if b1 else b2",
    "1j*x",
    "1e999*x",
    f"1{'0' * 400}*x",
    "True*x",
    "None",
    "...",
    "exp",
    "exp*x",
    "exp()",
    "exp(x, b1)",
    "exp(x=1)",
    "exp(*x)",
    "exp(**x)",
    "b1(x)",
    "x(2)",
    "pi(2)",
    "where(x, 1, 2)",
    "where(x < 1, 2)",
    "where(x is b1, 1, 2)",
    "where(x in b1, 1, 2)",
    "b3*x",
    "exq(x)",
    "b1*x + $",
    "b1*x?",
    "x\0",
    "x\udc80",
    "λ*x",
]

MALICIOUS = [
    "__import__('os').system('true')",
    "__import__",
    "__builtins__",
    "_columns*x",
    "_and(x, x)",
    "eval('1')*x",
    "exec('1')",
    "open('secret')",
    "compile('1', '', 'eval')",
    "getattr(x, 'shape')",
    "globals()",
    "print(x)",
    "np.exp(x)",
    "exp.__class__",
    "x.__class__.__mro__",
    "(1).__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "exp.__globals__['__builtins__']",
    "exp(x).tofile('secret')",
    "x[0]",
    "x[:]",
    "'text'",
    "'a' * 9999999999",
    "b'bytes'",
    "f'{x}'",
    "f'{x.__class__}'",
    "(lambda: x)()",
    "lambda x: x",
    "(y := x)",
    "[x for x in (1, 2)]",
    "{x for x in (1, 2)}",
    "{x: x}",
    "(i for i in x)",
    "[x]",
    "{x}",
    "(x, x)",
    "*x",
    "await x",
    "(yield x)",
    "(yield from x)",
    "import os",
    "from os import *",
    "exp(x)(x)",
    "(exp if x else sin)(x)",
    "exp(exp)",
    "(" * 150 + "x" + ")" * 150 + ")" * 100,
    "(" * 5000,
    "-" * 9000 + "x",
    "-" * 300 + "x",
    "+".join(["x"] * 1000),
    "x" + "**x" * 3000,
    "abs(" * 190 + "exp(" * 190 + "x" + ")" * 380,
    "where(" + " and ".join(["x < 1"] * 2) + " and " + "not " * 400 + "x < 1, 1, 2)",
    "lambda:" * 1400 + "x",
    "x+" * MAX_LENGTH + "x",
]


@pytest.mark.parametrize("text", GOOD)
def test_an_expression_computes_what_python_itself_computes(text: str) -> None:
    x = np.linspace(0.25, 3.0, 7)
    function = compile_expression(text, ["b1", "b2"], ["x"]).function if "b2" in text else None
    assert function is not None
    python = text.strip().replace("\n", " ")
    expected = eval(python, NAMESPACE | {"x": x, "b1": 1.5, "b2": 0.75})
    # Numbers of the text become floats, and x**2 and x**2.0 are one operation in NumPy: the same bits.
    np.testing.assert_array_equal(function(x, 1.5, 0.75), expected)


def test_a_condition_may_be_chained_and_joined() -> None:
    x = np.linspace(-1.0, 2.0, 31)
    between = compile_expression("where(0 <= x < 1 and not x == 0.5 or x > b, 1, 2)", ["b"], ["x"]).function
    expected = np.where((x >= 0) & (x < 1) & (x != 0.5) | (x > 1.75), 1.0, 2.0)
    np.testing.assert_array_equal(between(x, 1.75), expected)


def test_the_function_has_the_signature_and_the_name_of_the_model() -> None:
    function = compile_expression("a*exp(-t/tau) + c", ["tau", "a", "c"], ["t", "y"]).function
    assert list(inspect.signature(function).parameters) == ["t", "tau", "a", "c"]
    assert function.__name__ == "a*exp(-t/tau) + c"
    assert function.__globals__["__builtins__"] == {}


def test_several_variables_are_rows_of_the_first_argument_in_the_order_of_their_use() -> None:
    expression = compile_expression("n*T/V + T", ["n"], ["V", "p", "T"])
    assert expression.variables == ("T", "V")
    columns = np.array([[300.0, 310.0], [2.0, 4.0]])
    np.testing.assert_array_equal(expression.function(columns, 8.0), 8.0 * columns[0] / columns[1] + columns[0])


@pytest.mark.parametrize("text", MALFORMED + MALICIOUS)
def test_whatever_is_not_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        compile_expression(text, [], ["x", "b1", "b2"])
    assert len(str(refusal.value).splitlines()) in (1, 3)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("b1*x^2", 5, r"use \*\*"),
        ("(b1*(x))^2", 9, r"use \*\*"),
        ("b1*(1-exq(x))", 7, "did you mean 'exp'"),
        ("b1*x + c", 8, r"unknown name 'c'.*parameters b1; columns x; functions .*where; constants pi, e"),
        ("b1*x.T", 4, "attribute"),
        ("b1*x[0]", 4, "subscript"),
        ("b1 < x", 1, r"inside where\("),
        ("b1*(x if x else 1)", 5, r"use where\("),
        ("b1*x + 'a'", 8, "only numbers"),
        ("b1*x + (x + 1", 8, "never closed"),
        ("b1(x)", 1, r"not a function: write b1\*"),
        ("b1*exp", 4, r"is a function: write exp\("),
        ("b1*exp(x, 1)", 4, "takes 1 argument, not 2"),
        ("b1*maximum(x)", 4, "takes 2 arguments, not 1"),
        ("µ*x", 1, "unknown name 'μ'"),
        ("b1*x*é + q", 6, "unknown name 'é'"),
        ("b1 + 2", 1, r"uses no column.*0\*x"),
        ("b1*x # half", 6, "'#'"),
    ],
)
def test_the_error_points_at_the_place(text: str, position: int, words: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text, ["b1"], ["x"])
    message, shown, caret = str(refusal.value).splitlines()
    assert re.search(words, message)
    assert message.endswith(f"(position {position})")
    assert shown == f"    {text}"
    assert caret.index("^") - 4 == position - 1


def test_the_error_in_a_long_expression_shows_its_surroundings() -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression("+".join(["x"] * 90) + "+oops", [], ["x"])
    _, shown, caret = str(refusal.value).splitlines()
    assert len(shown) < 120
    assert shown[caret.index("^") :] == "oops"


def test_a_name_with_two_meanings_is_refused() -> None:
    with pytest.raises(ExpressionError, match="both a column and a constant"):
        compile_expression("b*e**x", ["b"], ["x", "e"])
    with pytest.raises(ExpressionError, match="both a column and a parameter"):
        compile_expression("b*x", ["b"], ["x", "b"])


def test_a_parameter_may_bear_the_name_of_a_constant() -> None:
    function = compile_expression("a + e*x", ["a", "e"], ["x"]).function
    assert function(2.0, 1.0, 10.0) == 21.0


def test_a_parameter_that_the_expression_does_not_use_is_refused() -> None:
    with pytest.raises(InputError, match="does not use the parameter 'b3'"):
        compile_expression("b1*x", ["b1", "b3"], ["x"])


def test_huge_powers_overflow_at_once() -> None:
    function = compile_expression("b*x + 9**9**9**9", ["b"], ["x"]).function
    with pytest.raises(OverflowError):
        function(1.0, 1.0)


def test_every_function_on_the_list_is_an_operation_with_a_derivative() -> None:
    ops = (Path(__file__).parents[2] / "cpp/fastcalc/ops/ops.def").read_text(encoding="utf-8")
    known = {*re.findall(r'^(?:UNARY|BINARY)\(\w+,\s*"(?:special\.)?(\w+)"', ops, re.MULTILINE), "where"}
    assert {getattr(NAMESPACE[name], "__name__", "") for name in FUNCTIONS} <= known
