"""functions: the derivatives by name. Comes in: a plain NumPy function. Goes out: its derivative, a `Function` of the same arguments.

`_differentiated` says what each of them is; here is what a person calls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._tracer import Recording
from .._tracer._called import with_rule
from .._tracer._derivatives import argument
from ._differentiated import (
    Gradient,
    Hessian,
    HessianVector,
    Jacobian,
    JacobianVector,
    VectorJacobian,
)
from ._function import Function, reference_to
from ._point import Argnums

__all__ = [
    "Linearization",
    "custom_derivative",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linearize",
    "value_and_grad",
    "vjp",
    "where",
]


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Function:
    """Return the gradient of a function that gives one number.

    Parameters
    ----------
    f : callable
        A plain NumPy function. It may itself be made of derivatives.
    argnums : int or tuple of int
        Which of the arguments by position the gradient is taken by.

    Returns
    -------
    Function
        Takes the arguments of `f`. The gradient has the shape and structure of the argument: an array, a number, or a list, tuple,
        dict or dataclass of these; with a tuple of `argnums` it is a tuple. What the function does not depend on has a gradient of 0.

    Raises
    ------
    TypeError
        At a call, if `f` gives something else than one number.
    TraceError
        At a call, if `f` does something that cannot be traced.

    See Also
    --------
    value_and_grad, jacobian, hessian, derivative

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def rosenbrock(x):
    ...     return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> fc.grad(rosenbrock)(np.array([0.0, 1.0, 2.0]))
    array([  -2., -200.,  200.])
    >>> fc.grad(fc.grad(np.sin))(1.0) == -np.sin(1.0)
    np.True_
    """
    return Function(Gradient(f, argnums, valued=False))


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Function:
    """Return a function that gives the value and the gradient of `f`, from one run.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives one number.
    argnums : int or tuple of int
        Which of the arguments by position the gradient is taken by.

    Returns
    -------
    Function
        Takes the arguments of `f`; gives the tuple (value, gradient). See `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """
    return Function(Gradient(f, argnums, valued=True))


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, *, mode: str = "auto", sparse: bool = False) -> Function:
    """Return the Jacobian of a function.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives an array, a number, or a structure of them.
    argnums : int or tuple of int
        Which of the arguments by position it is taken by.
    mode : {"auto", "forward", "reverse"}
        Forward mode takes a pass for each input, reverse mode for each output; "auto" takes what is cheaper, and in each pass as many
        inputs or outputs together as the pattern of the Jacobian allows.
    sparse : bool
        Give a `scipy.sparse.csr_array` of the entries that can be other than zero, found from the function's program. Of one array by
        one array; the matrix has a row for each element of the result and a column for each of the argument. A pass finds all columns
        (forward) or rows (reverse) of one colour, which share no entry's row (column).

    Returns
    -------
    Function
        Takes the arguments of `f`; gives an array of the shape ``f(x).shape + x.shape``. For structures: in the structure of the
        result, for each leaf, the structure of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.jacobian(lambda x: x**2 * x[0])(np.array([1.0, 2.0]))
    array([[3., 0.],
           [4., 4.]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise ValueError(f"mode {mode!r}: it is 'auto', 'forward' or 'reverse'")
    return Function(Jacobian(f, argnums, mode, sparse, valued=False))


def hessian(f: Callable[..., Any], argnums: Argnums = 0, *, sparse: bool = False) -> Function:
    """Return the Hessian of a function that gives one number.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives one number.
    argnums : int or tuple of int
        Which of the arguments by position it is taken by.
    sparse : bool
        Give a `scipy.sparse.csr_array` of the entries that can be other than zero, found from the function's program.

    Returns
    -------
    Function
        Takes the arguments of `f`; gives an exactly symmetric array of the shape ``x.shape + x.shape``. For structures: in the
        structure of the argument, for each leaf, the structure of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return Function(Hessian(f, argnums, sparse))


def jvp(f: Callable[..., Any], argnums: Argnums = 0) -> Function:
    """Return the product of the Jacobian and a direction (forward mode), without the matrix.

    Parameters
    ----------
    f : callable
        A plain NumPy function.
    argnums : int or tuple of int
        Which of the arguments by position the derivative is taken by.

    Returns
    -------
    Function
        ``jvp(f)(x, v, *others)``: `x` and `others` are the arguments of `f`; the direction `v` has the shape and structure of what
        is differentiated. The product has those of the result.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.jvp(np.sin)(np.array([0.0, np.pi]), np.array([1.0, 2.0]))
    array([ 1., -2.])
    """
    return Function(JacobianVector(f, argnums))


def vjp(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Callable[[Any], Any]]]:
    """Return a function that gives the value, and the product of an adjoint and the Jacobian (reverse mode) as a function.

    Parameters
    ----------
    f : callable
        A plain NumPy function.
    argnums : int or tuple of int
        Which of the arguments by position the derivative is taken by.

    Returns
    -------
    callable
        Takes the arguments of `f`; gives ``(value, pull)``. ``pull(adjoint)`` takes an adjoint of the shape and structure of the value
        and gives an array of those of the argument.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> value, pull = fc.vjp(lambda x: x**2)(np.array([1.0, 2.0]))
    >>> value, pull(np.array([1.0, 10.0]))
    (array([1., 4.]), array([ 2., 40.]))
    """
    plain, product = Function(f), Function(VectorJacobian(f, argnums))

    @functools.wraps(f, updated=())
    def value_and_pull(*arguments: Any, **named: Any) -> tuple[Any, Callable[[Any], Any]]:
        kept = [x.copy() if isinstance(x, np.ndarray) else x for x in arguments]
        return plain(*kept, **named), lambda adjoint: product(*kept, adjoint, **named)

    return value_and_pull


def hvp(f: Callable[..., Any], argnums: Argnums = 0) -> Function:
    """Return the product of the Hessian of a function of one number and a direction, without the matrix.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives one number.
    argnums : int or tuple of int
        Which of the arguments by position it is taken by.

    Returns
    -------
    Function
        ``hvp(f)(x, v, *others)``: `x` and `others` are the arguments of `f`, as SciPy's ``hessp`` takes them; the direction `v` has
        the shape and structure of what is differentiated, as the product has.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return Function(HessianVector(f, argnums))


@dataclass(frozen=True)
class Linearization:
    """The first-order model of a function at a point: ``value + jacobian · (x − x0)``.

    Attributes
    ----------
    x0 : ndarray
        The point.
    value : ndarray or float
        The value there.
    jacobian : ndarray
        The Jacobian there, shape ``value.shape + x0.shape``.
    """

    x0: Any
    value: Any
    jacobian: Any

    def __call__(self, x: Any) -> Any:
        """Return the model's value at `x`."""
        step = np.asarray(x, dtype=np.float64) - self.x0
        return self.value + np.tensordot(self.jacobian, step, axes=step.ndim)


def linearize(f: Callable[..., Any], x0: Any, *others: Any) -> Linearization:
    """Return the first-order model of `f` at `x0`.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives an array or a number.
    x0 : array_like
        The point; the first argument of `f`.
    *others
        The other arguments of `f`.

    Returns
    -------
    Linearization
        With `value`, `jacobian`, and callable.

    Examples
    --------
    >>> import fastcalc as fc
    >>> model = fc.linearize(lambda x: x**2, 3.0)
    >>> model.value, model.jacobian, model(3.5)
    (np.float64(9.0), np.float64(6.0), np.float64(12.0))
    """
    x0 = np.array(x0, dtype=np.float64)[()]
    value, matrix = Function(Jacobian(f, 0, "auto", sparse=False, valued=True))(x0, *others)
    return Linearization(x0, value, matrix)


def custom_derivative(
    value: Callable[..., Any], *, jvp: Callable[..., Any] | None = None, vjp: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """Return a function whose derivative is given, instead of taken from what it does.

    Parameters
    ----------
    value : callable
        A plain NumPy function of arrays and numbers by position, that gives one of them.
    jvp : callable, optional
        ``jvp(arguments, directions)``, both tuples, gives the derivative of the value along the directions. It must be linear in them.
    vjp : callable, optional
        ``vjp(arguments, adjoint)`` gives the adjoint times the derivative by each argument, a tuple (for one argument, without the
        tuple). It must be linear in the adjoint. One of the two is needed; the other mode follows from linearity.

    Returns
    -------
    callable
        The function `value`, for use in functions that fastcalc differentiates. Higher derivatives differentiate the rule.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> norm = fc.custom_derivative(
    ...     lambda x: np.sqrt(np.sum(x**2)),
    ...     vjp=lambda arguments, adjoint: adjoint * arguments[0] / np.maximum(norm(arguments[0]), 1e-300),
    ... )
    >>> fc.grad(norm)(np.zeros(2))
    array([0., 0.])
    """
    if (jvp is None) == (vjp is None):
        raise TypeError("custom_derivative needs one rule: jvp or vjp")

    return _WithRule(value, jvp, vjp)


class _WithRule:
    def __init__(self, value: Callable[..., Any], *rules: Callable[..., Any] | None) -> None:
        functools.update_wrapper(self, value, updated=())
        self.value, self.rules = value, rules

    def __call__(self, *arguments: Any) -> Any:
        recording = Recording.active()
        if recording is None:
            return self.value(*arguments)
        inputs = tuple(argument(recording, x) for x in arguments)
        value = recording.result(recording.run(self.value, *inputs))
        jvp, vjp = self.rules
        rule = jvp or vjp
        assert rule is not None
        return with_rule(recording, value, inputs, rule, forward=jvp is not None, traced=True)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return reference_to(self) or (type(self), (self.value, *self.rules))


def where(condition: Any, x: Any, y: Any) -> Any:
    """Choose element by element, as `numpy.where` does; the derivative is that of the chosen one alone.

    Parameters
    ----------
    condition : array_like of bool
        Where it is true, `x` is chosen.
    x, y : array_like
        What is chosen from. A derivative that is not finite in the one that is not chosen does not matter.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.grad(lambda x: fc.where(x > 0, np.sqrt(x), 0.0))(0.0)
    np.float64(0.0)
    """
    return np.where(condition, x, y)
