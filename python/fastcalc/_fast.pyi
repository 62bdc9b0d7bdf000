from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._core import Program

class Call:
    program: Program
    def __init__(self, program: Program) -> None: ...
    def __call__(self, *arguments: Any) -> NDArray[np.float64]: ...
