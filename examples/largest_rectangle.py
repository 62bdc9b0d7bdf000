"""The largest rectangle that a fence of given length encloses, by a Lagrange multiplier.

Run `python examples/largest_rectangle.py [PICTURE.png]`. At the solution the level line of the area touches the line of rectangles
with that perimeter: the gradients are parallel, and their ratio is the multiplier, by which the area grows with the fence.
"""

import sys

import fastcalc as fc
import numpy as np

FENCE = 10.0


def area(sides):
    """Return the area."""
    return sides[0] * sides[1]


def perimeter(sides):
    """Return the length of the fence."""
    return 2 * sides[0] + 2 * sides[1]


def solve(fence=FENCE):
    """Return the rectangle of the largest area; `minimize` minimises, so the area has a minus sign."""
    return fc.minimize(
        lambda sides: -area(sides),
        [0.5, 4.0],
        bounds=[(0, None), (0, None)],
        constraints=fc.equality(perimeter, fence),
        path=True,
    )


def draw(found, file):
    """Draw level lines of the area, the constraint, and the way to the solution."""
    import matplotlib.pyplot as plt

    a, b = np.meshgrid(np.linspace(0, 5.5, 200), np.linspace(0, 5.5, 200))
    _, ax = plt.subplots(figsize=(5.5, 5))
    lines = ax.contour(a, b, a * b, levels=[1, 2, 4, 6.25, 9, 12], cmap="viridis")
    ax.clabel(lines, fmt="area %g")
    ax.plot([0, FENCE / 2], [FENCE / 2, 0], "k", label=f"perimeter {FENCE:g}")
    ax.plot(*found.path.T, "o-", color="tab:orange", ms=4, label="the way there")
    ax.plot(*found.x, "*", color="tab:red", ms=14, label="the solution")
    ax.quiver(*found.x, *fc.grad(area)(found.x), angles="xy", scale_units="xy", scale=2.5, color="tab:red", width=0.006)
    ax.set(xlabel="side a", ylabel="side b", aspect="equal", title="The level line of the area touches the constraint")
    ax.legend(loc="upper right")
    plt.tight_layout()
    plt.savefig(file, dpi=120)
    plt.close()


def main(picture=None):
    """Solve, print what the multiplier says, and draw if a file is named."""
    found = solve()
    (multiplier,) = found.multipliers
    more = area(solve(FENCE + 0.01).x) - area(found.x)
    print(found.message)
    print(f"sides {found.x.round(10)}, area {-found.fun:.10g}")
    print(f"multiplier: {-multiplier:.6g} of area for each unit of fence; 0.01 more of it gives {more / 0.01:.4g} each")
    kind = "maximum" if found.second_order else "saddle"
    print(f"second order: curvature {found.curvature:.3g} along the constraint, so it is a {kind}")
    if picture:
        draw(found, picture)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:2])
