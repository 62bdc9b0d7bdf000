"""drop-in: the tests that SciPy ships for `scipy.optimize` under the patch; the tool that counts them says more."""

import pytest
import scipys_own_tests as tool


@pytest.mark.long
def test_scipys_own_tests_pass_with_fastcalc_at_work():
    tests = tool.shipped()
    with_patch, without = tool.watched(tests, patched=True), tool.watched(tests, patched=False)
    broken = {
        test
        for test, outcome in without["outcomes"].items()
        if outcome == "passed" and with_patch["outcomes"].get(test) != "passed"
    }
    assert broken <= set(tool.RECORDED)
    assert sum(bool(report["taken"]) for report in with_patch["reports"].values()) >= 350


def test_the_table_counts_tests_not_calls():
    reports = {
        "a": {"taken": {"root": 3}, "fallen_back": {"root": {"the method lm": 2}}},
        "b": {"taken": {}, "fallen_back": {"root": {"the method lm": 1, "ValueError: x": 1, "ValueError: y": 5}}},
    }
    assert tool.table(reports).splitlines() == [
        "| function | tests that call it | with fastcalc at work |",
        "|---|---:|---:|",
        "| `root` | 2 | 1 |",
        "| together | 2 | 1 |",
        "",
        "| function | SciPy's own code answered, since | tests |",
        "|---|---|---:|",
        "| `root` | the method lm | 2 |",
        "| `root` | input that fastcalc refuses (ValueError) | 1 |",
    ]
