"""tests: one random generator a test, from a seed that the head of the run prints."""

import os

import numpy as np
import pytest

#: Whether the installed kernel is that of tools/check_sanitized.
UNDER_SANITIZER = any(f"lib{kind}san" in os.environ.get("LD_PRELOAD", "") for kind in "at")

#: For what is measured of the process, its memory and its times.
measures_the_process = pytest.mark.skipif(
    UNDER_SANITIZER, reason="a sanitizer's malloc is its own, keeps what is freed, and every access takes longer"
)

SEED = int(os.environ.get("FASTCALC_TEST_SEED", "20260101"))


def pytest_report_header() -> str:
    return f"fastcalc: random numbers from FASTCALC_TEST_SEED={SEED}"


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)
