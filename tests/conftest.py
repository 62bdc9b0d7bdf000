"""tests: one random generator a test, from a seed that the head of the run prints."""

import os

import numpy as np
import pytest

SEED = int(os.environ.get("FASTCALC_TEST_SEED", "20260101"))


def pytest_report_header() -> str:
    return f"fastcalc: random numbers from FASTCALC_TEST_SEED={SEED}"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)
