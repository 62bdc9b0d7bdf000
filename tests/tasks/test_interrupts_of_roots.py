"""tasks: Ctrl-C during a long search for roots returns within 0.1 s, and the process goes on."""

import pytest
from conftest import measures_the_process
from interrupts import AT_ONCE, seconds_to_return

CHILD = """
def cycle(x):
    return x**3 - 2 * x + 2

def pair(x, a):
    return np.array([x[0] ** 2 + x[1] ** 2 - a, np.exp(x[0]) - x[1]])

slow = np.linspace(0, 1, 20000)
runs = {
    "one number": lambda: [fc.newton(cycle, 0.5) for _ in range(10**9)],
    "one number, for ever": lambda: fc.newton(lambda x: x * x + 1, 0.1, safeguard=False, maxiter=10**12),
    "elements": lambda: [fc.newton(lambda x, a: x**2 - a, np.ones(10**6), args=(np.linspace(1, 9, 10**6),)) for _ in range(10**6)],
    "many systems": lambda: [fc.root_many(pair, np.ones((200_000, 2)), args=(np.linspace(2, 9, 200_000),)) for _ in range(10**6)],
    "a long function": lambda: [fc.root(lambda x: np.sum(np.exp(slow * x[0])) * x - 1, [0.5]) for _ in range(10**6)],
    "a sparse system": lambda: [fc.root(lambda x: x**3 + np.roll(x, 1) - 2, np.zeros(10_000)) for _ in range(10**6)],
}
run = runs[work]
check = lambda: abs(fc.newton(cycle, -2.0) + 1.7692923542386314) < 1e-14
"""


@measures_the_process
@pytest.mark.parametrize(
    "run", ["one number", "one number, for ever", "elements", "many systems", "a long function", "a sparse system"]
)
def test_ctrl_c_returns_at_once(run):
    assert seconds_to_return(CHILD, run, 1.5) < AT_ONCE
