"""tasks: Ctrl-C during a long minimisation returns within 0.1 s, for traced and for other functions, and the process goes on."""

import pytest
from conftest import measures_the_process
from interrupts import AT_ONCE, seconds_to_return

CHILD = """
def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

def shifted(x, a):
    return rosenbrock(x - a)

def opaque(x):
    return float(repr(float(rosenbrock(x))))

def sleeping(x):
    time.sleep(0.01)
    return opaque(x)

rows = np.linspace(0, 1, 4_000_000)

def over_rows(x):
    return np.sum((np.exp(rows * x[0]) - x[1]) ** 2)

endless = {"maxiter": 10**12, "gtol": 0}
fixed = {**endless, "learning_rate": 1e-9}
runs = {
    "traced, a short step": lambda: [
        fc.minimize(rosenbrock, [0.5, 0.5], method="gradient-descent", options=fixed) for _ in range(10**6)
    ],
    "traced, many variables": lambda: [fc.minimize(rosenbrock, np.full(300_000, 0.5), options=endless) for _ in range(10**6)],
    "traced, a large Hessian": lambda: [
        fc.minimize(rosenbrock, np.full(500, 0.5), method="newton", options=endless) for _ in range(10**6)
    ],
    "traced, a long function": lambda: fc.minimize(over_rows, [0.5, 0.5], method="gradient-descent", options=fixed),
    "traced, searches for a step": lambda: [fc.minimize(rosenbrock, [-1.2, 1.0], method="bfgs") for _ in range(10**9)],
    "many": lambda: [
        fc.minimize_many(shifted, np.zeros((100_000, 2)), args=(np.linspace(0, 1, 100_000),)) for _ in range(10**6)
    ],
    "many, long ones": lambda: fc.minimize_many(
        shifted, np.zeros((4, 2)), args=(np.linspace(0, 1, 4),), method="gradient-descent", options=fixed, threads=2
    ),
    "Python": lambda: fc.minimize(opaque, [0.5, 0.5], method="gradient-descent", options=fixed),
    "Python, Newton": lambda: [fc.minimize(opaque, np.full(40, 0.5), method="newton", options=endless) for _ in range(10**6)],
    "Python, sleeping": lambda: fc.minimize(sleeping, [0.5, 0.5], method="gradient-descent", options=fixed),
}
run = runs[work]
check = lambda: fc.minimize(rosenbrock, [-1.2, 1.0]).success
"""

RUNS = [line.split('"')[1] for line in CHILD.splitlines() if line.startswith('    "') and "lambda" in line]


@measures_the_process
@pytest.mark.parametrize("run", RUNS)
def test_ctrl_c_returns_at_once(run):
    assert seconds_to_return(CHILD, run, 1.5) < AT_ONCE
