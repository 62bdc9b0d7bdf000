"""tests: functions that pickle by reference."""

import fastcalc as fc
import numpy as np


def plain(x):
    return np.sum(np.exp(-x) * x)


@fc.compile
def decorated(x):
    """Twice its argument."""
    return 2.0 * x


def imports_from_its_package(x):
    from .module_of_functions import plain as found

    return 2.0 * found(x)
