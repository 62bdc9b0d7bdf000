"""tracer: random numbers, which a program would repeat.

Comes in: `np.random`, `random`, generators. Goes out: what stands in for them: with a seed of the function's own they give the
same numbers each time, and stay; without one they are refused.
"""

from typing import Any

from ._refusal import refuse


def _refusal(name: str) -> Exception:
    return refuse(f"a random number ({name})", "draw it outside and pass it as an argument, or seed a generator inside")


class Refused:
    """A generator of the outside: its numbers depend on what was drawn before."""

    def __init__(self, generator: Any) -> None:
        self._generator = generator

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._generator)

    def __getattr__(self, name: str) -> Any:
        raise _refusal(f"{type(self._generator).__name__}.{name}")


class SeededOnly:
    """A module of random numbers."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._is_seeded = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if name == "seed":
            return self._seed
        if isinstance(found, type) or name == "default_rng":
            return lambda *seed, **named: self._generator(name, found, seed, named)
        if not callable(found) or self._is_seeded:
            return found
        raise _refusal(f"{self._module.__name__}.{name}")

    def _seed(self, *seed: Any) -> None:
        if not seed or seed[0] is None:
            raise _refusal("seed() of the clock")
        self._module.seed(*seed)
        self._is_seeded = True

    def _generator(self, name: str, make: Any, seed: Any, named: Any) -> Any:
        given = [*seed, *named.values()]
        if not given or given[0] is None:
            raise _refusal(f"{name}() without a seed")
        return given[0] if isinstance(given[0], Refused) else make(*seed, **named)


def function_of_module(function: Any) -> Any:
    """Return what stands in for `np.random.normal` or `random.random` where it was imported by name."""
    name = f"{type(function.__self__).__name__}.{function.__name__}"

    def refused(*args: Any, **kwargs: Any) -> Any:
        raise _refusal(name)

    return refused
