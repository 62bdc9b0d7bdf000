"""scikit-learn's handwritten digits, 8 × 8 pixels: a network 64-64-32-10 is trained in mini-batches by Adam.

Run `python examples/digits.py [PICTURE.png]`; it needs scikit-learn for the data.
"""

import sys
from itertools import pairwise

import fastcalc as fc
import numpy as np


def layers(sizes, generator):
    """Return weights of the size that keeps tanh out of saturation (Glorot and Bengio 2010), and biases of 0."""
    return [
        {"w": generator.normal(scale=np.sqrt(2 / (a + b)), size=(a, b)), "b": np.zeros(b)} for a, b in pairwise(sizes)
    ]


def scores(params, images):
    """Return ten numbers for each image, the largest for the digit that it is taken for."""
    for layer in params[:-1]:
        images = np.tanh(images @ layer["w"] + layer["b"])
    return images @ params[-1]["w"] + params[-1]["b"]


def loss(params, images, targets, decay):
    """Return the cross entropy; `targets` has a 1 in the column of the digit."""
    z = scores(params, images)
    z = z - np.max(z, axis=1, keepdims=True)
    entropy = np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * targets, axis=1))
    return entropy + decay * sum([np.sum(layer["w"] ** 2) for layer in params])


def main(picture=None, epochs=60):
    """Train on four fifths, print the accuracy on the rest, and draw the loss if a file is named."""
    from sklearn.datasets import load_digits

    generator = np.random.default_rng(0)
    images, digits = load_digits(return_X_y=True)
    order = generator.permutation(len(digits))
    images, digits = images[order] / 16, digits[order]
    train, test = slice(None, 1437), slice(1437, None)
    found = fc.train(
        loss,
        layers((64, 64, 32, 10), generator),
        (images[train], np.eye(10)[digits[train]]),
        args=(1e-4,),
        batch_size=32,
        epochs=epochs,
        learning_rate=2e-3,
    )
    found["accuracy"] = float(np.mean(np.argmax(scores(found.x, images[test]), axis=1) == digits[test]))
    print(f"loss {found.losses[0]:.3f} in the first epoch, {found.losses[-1]:.4f} in the last")
    print(f"test accuracy {found.accuracy:.3f}")
    if picture:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(6, 4))
        ax.semilogy(np.arange(1, len(found.losses) + 1), found.losses)
        ax.set(xlabel="epoch", ylabel="loss", title=f"test accuracy {found.accuracy:.3f}")
        plt.tight_layout()
        plt.savefig(picture, dpi=120)
        plt.close()
    return found


if __name__ == "__main__":
    main(*sys.argv[1:2])
