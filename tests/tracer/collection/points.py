"""The points at which the functions of this collection are called, and what they read besides."""

import numpy as np

V3 = [np.array([0.3, -0.7, 1.9]), np.array([2.1, 0.4, -1.3]), np.array([-0.2, -0.9, -1.7])]
V5 = [np.array([0.3, -0.7, 1.9, 0.8, -2.2]), np.array([2.1, 0.4, -1.3, 0.1, 0.6])]
POSITIVE = [np.array([0.3, 0.7, 1.9, 2.5]), np.array([4.1, 0.2, 0.9, 1.4])]
NUMBERS = [0.3, 1.7, 2.9, -0.8]
PLUS = [0.3, 1.7, 2.9, 12.5]

GRAVITY = 9.81
WEIGHTS = np.array([0.2, 0.5, 0.3])
TABLE_X = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
TABLE_Y = np.array([1.0, 4.0, 2.0, 2.5, 0.0])
