"""A tiny network, one input, six hidden units, one output, learns a curve from all points at once.

Run `python examples/tiny_network.py [PICTURE.png]`. The parameters are a dict of arrays, the loss is plain NumPy; nothing is
said about derivatives. Gradient descent creeps where second-order methods arrive.
"""

import sys

import fastcalc as fc
import numpy as np

X = np.linspace(-3, 3, 50)
Y = np.sin(X)


def network(p, x):
    """Return what the network makes of each x."""
    hidden = np.tanh(np.outer(x, p["w1"]) + p["b1"])  # (samples, 6)
    return hidden @ p["w2"] + p["b2"]


def loss(p, x, y):
    """Return the mean squared error."""
    return np.mean((network(p, x) - y) ** 2)


def start():
    """Return random weights."""
    generator = np.random.default_rng(1)
    return {"w1": generator.normal(size=6), "b1": np.zeros(6), "w2": 0.1 * generator.normal(size=6), "b2": 0.0}


def main(picture=None):
    """Train by three methods, print how far each comes, and draw if a file is named."""
    runs = {
        "gradient-descent": {"learning_rate": 0.1, "maxiter": 2000},
        "bfgs": {"maxiter": 500},
        "newton": {"maxiter": 500},
    }
    found = {}
    for method, options in runs.items():
        found[method] = fc.minimize(loss, start(), args=(X, Y), method=method, options=options, path=True)
        print(f"{method:16} {found[method].nit:5} steps, mean squared error {found[method].fun:.1e}")
    if picture:
        import matplotlib.pyplot as plt

        _, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
        left.plot(X, Y, "k.", label="data")
        for method, result in found.items():
            left.plot(X, network(result.x, X), label=method)
            right.semilogy(result.path_values, label=method)
        left.legend()
        right.set(xlabel="step", ylabel="mean squared error", xscale="symlog")
        plt.tight_layout()
        plt.savefig(picture, dpi=120)
        plt.close()
    return found


if __name__ == "__main__":
    main(*sys.argv[1:2])
