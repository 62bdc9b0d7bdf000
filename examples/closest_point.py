"""The point of a curve that is closest to a given point: the line between them is perpendicular to the curve.

Run `python examples/closest_point.py [PICTURE.png]`. The curve, a lemniscate, is an equation and has no parameter. It has several
points whose distance is stationary; from each start the nearest minimum is found, and the second-order check tells it from a maximum.
"""

import sys

import fastcalc as fc
import numpy as np

POINT = np.array([0.1, 1.0])


def lemniscate(p):
    """Zero on Bernoulli's curve, the points whose distances from (±1/√2, 0) have the product 1/2."""
    r = p[0] ** 2 + p[1] ** 2
    return r**2 - (p[0] ** 2 - p[1] ** 2)


def solve(start):
    """Return the minimum of the squared distance that is reached from a start."""
    return fc.minimize(lambda p: np.sum((p - POINT) ** 2), start, constraints=fc.equality(lemniscate))


def draw(solutions, file):
    """Draw the curve, the lines to it, and the circle that touches it."""
    import matplotlib.pyplot as plt

    x, y = np.meshgrid(np.linspace(-1.3, 1.3, 300), np.linspace(-0.8, 1.2, 300))
    _, ax = plt.subplots(figsize=(7, 4.6))
    ax.contour(x, y, lemniscate(np.stack([x, y])), levels=[0], colors="k")
    ax.plot(*POINT, "o", color="tab:blue", label="the point")
    for i, found in enumerate(solutions):
        ax.plot(*np.stack([POINT, found.x]).T, "--", color="tab:red")
        ax.plot(*found.x, "*", color="tab:red", ms=13, label=None if i else "closest, nearby")
    angles = np.linspace(0, 2 * np.pi, 200)
    distance = np.sqrt(min(found.fun for found in solutions))
    ax.plot(POINT[0] + distance * np.cos(angles), POINT[1] + distance * np.sin(angles), color="tab:blue", lw=0.8)
    ax.set(aspect="equal", title="The circle of the least distance touches the curve")
    ax.legend(loc="lower left")
    plt.tight_layout()
    plt.savefig(file, dpi=120)
    plt.close()


def main(picture=None):
    """Solve from two starts, print, and draw if a file is named."""
    solutions = [solve(start) for start in ([1.0, 1.0], [-0.7, 0.3])]
    for found in solutions:
        along = np.array([-1, 1]) * fc.grad(lemniscate)(found.x)[::-1]  # the tangent
        print(
            f"{found.x.round(8)}, distance {np.sqrt(found.fun):.8f}, curvature {found.curvature:.3f}; {found.message}"
        )
        print(f"  tangent times the line to the point: {along @ (POINT - found.x):.1e}")
    if picture:
        draw(solutions, picture)
    return solutions


if __name__ == "__main__":
    main(*sys.argv[1:2])
