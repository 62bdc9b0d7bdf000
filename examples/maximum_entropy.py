"""What is most likely where only averages are known: the distribution of the largest entropy under moments.

Run `python examples/maximum_entropy.py [PICTURE.png]`. A die whose mean is 4.5 instead of 3.5 (E. T. Jaynes' example), and a
temperature: the multipliers are the parameters of the exponential family that the solution belongs to, p ∝ exp(−Σ y_k m_k(x)).
"""

import sys

import fastcalc as fc
import numpy as np

FACES = np.arange(1.0, 7.0)


def minus_entropy(p):
    """Return Σ p ln p."""
    return np.sum(p * np.log(p))


def solve(values, moments):
    """Return the probabilities of the values; `moments` are pairs of a function of the value and its mean."""
    functions = np.array([np.ones(len(values)), *(function(values) for function, _ in moments)])
    means = np.array([1.0, *(mean for _, mean in moments)])
    start = np.full(len(values), 1 / len(values))
    return fc.minimize(
        minus_entropy, start, bounds=[(0, None)] * len(values), constraints=fc.equality(lambda p: functions @ p, means)
    )


def draw(die, grid, density, file):
    """Draw both distributions."""
    import matplotlib.pyplot as plt

    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8))
    left.bar(FACES, die.x, color="tab:orange", label="largest entropy")
    left.plot(FACES, np.full(6, 1 / 6), "k--", label="fair")
    left.set(xlabel="face", ylabel="probability", title="A die with the mean 4.5")
    left.legend()
    step = grid[1] - grid[0]
    right.plot(grid, density.x / step, lw=3, color="tab:orange", label="largest entropy")
    right.plot(grid, np.exp(-0.5 * (grid - 1) ** 2 / 0.25) / np.sqrt(2 * np.pi * 0.25), "k:", label="normal(1, 0.5)")
    right.set(xlabel="x", title="Mean 1 and variance 0.25 known")
    right.legend()
    plt.tight_layout()
    plt.savefig(file, dpi=120)
    plt.close()


def main(picture=None):
    """Solve both problems, print, and draw if a file is named."""
    die = solve(FACES, [(lambda x: x, 4.5)])
    print("die:", die.x.round(6), die.message)
    weights = np.exp(die.multipliers[0][1] * FACES)  # ∂f*/∂mean = ln p + 1 up to the constant
    print("exponential family of the multiplier:", (weights / weights.sum()).round(6))
    grid = np.linspace(-2, 4, 121)
    density = solve(grid, [(lambda x: x, 1.0), (lambda x: (x - 1) ** 2, 0.25)])
    print(f"density: {density.nit} iterations for {len(grid)} probabilities; {density.message}")
    if picture:
        draw(die, grid, density, picture)
    return die, density


if __name__ == "__main__":
    main(*sys.argv[1:2])
