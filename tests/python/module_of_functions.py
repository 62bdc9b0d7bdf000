"""tests: functions that pickle by reference."""

import fastcalc as fc
import numpy as np


def plain(x):
    return np.sum(np.exp(-x) * x)


@fc.compile
def decorated(x):
    """Twice its argument."""
    return 2.0 * x
