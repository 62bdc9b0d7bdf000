"""cli room: ``fastcalc fit --linear``, on NIST's Longley and on formulas that are wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from fastcalc.cli import main
from fastcalc.cli.errors import InputError
from fastcalc.cli.linear import Formula
from nist_linear import SETS


@pytest.fixture(scope="module")
def longley(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("linear") / "longley.csv"
    rows = np.column_stack([SETS["Longley"].y, SETS["Longley"].X[:, 1:]])
    np.savetxt(path, rows, "%g", delimiter=",", header="y,x1,x2,x3,x4,x5,x6", comments="")
    return str(path)


def test_longley_is_certified(capsys, longley):
    assert main(["fit", "--linear", longley, "y ~ x1 + x2 + x3 + x4 + x5 + x6", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    reference = SETS["Longley"]
    assert list(answer["params"]) == ["intercept", "x1", "x2", "x3", "x4", "x5", "x6"]
    np.testing.assert_allclose(list(answer["params"].values()), reference.coefficients, rtol=1e-12)
    np.testing.assert_allclose(list(answer["errors"].values()), reference.deviations, rtol=1e-12)
    assert answer["nobs"] == 16 and answer["dof"] == 9


def test_the_report_and_all_other_columns(capsys, longley):
    assert main(["fit", "--linear", longley, "y~."]) == 0
    report = capsys.readouterr().out
    assert "7 coefficients fitted to 16 rows" in report and "intercept = -3482258.6346" in report.replace("e+06", "")


def test_blocks_of_a_long_file_make_one_fit(tmp_path: Path, capsys, rng, monkeypatch):
    data = rng.normal(size=(1000, 3))
    path = tmp_path / "long.csv"
    monkeypatch.setattr("fastcalc.cli.linear._ROWS", 64)
    weights = np.abs(data[:, 2])
    np.savetxt(path, np.column_stack([data[:, :2], weights]), delimiter=";", header="a;b;err", comments="")
    assert main(["fit", "--linear", str(path), "b ~ a - 1", "--sigma", "err", "--absolute-sigma", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    a, b = data[:, 0], data[:, 1]
    np.testing.assert_allclose(
        answer["params"]["a"], np.sum(a * b / weights**2) / np.sum(a**2 / weights**2), rtol=1e-12
    )
    np.testing.assert_allclose(answer["errors"]["a"], 1 / np.sqrt(np.sum(a**2 / weights**2)), rtol=1e-12)


def test_parquet(tmp_path: Path, capsys):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    pyarrow.parquet.write_table(pa.table({"x": [1.0, 2.0, 3.0], "y": [3.0, 5.0, 7.0]}), tmp_path / "t.parquet")
    assert main(["fit", "--linear", str(tmp_path / "t.parquet"), "y ~ x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["params"] == {"intercept": 1.0, "x": 2.0}


def test_dependent_columns_are_told_by_the_report_and_the_exit_code(tmp_path: Path, capsys):
    (tmp_path / "t.csv").write_text("a,twice,y\n1,2,1\n2,4,2\n3,6,4\n")
    assert main(["fit", "--linear", str(tmp_path / "t.csv"), "y ~ a + twice"]) == 1
    assert "twice = 2·a" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("y ~ a + b", Formula("y", ("a", "b"), True)),
        ("y~a-1", Formula("y", ("a",), False)),
        ("y ~ 0 + a", Formula("y", ("a",), False)),
        ("y ~ 1 + a", Formula("y", ("a",), True)),
        ("y ~ .", Formula("y", (), True)),
        ("price ~ a + a", Formula("price", ("a",), True)),
    ],
)
def test_formulas(text, formula):
    assert Formula.of(text) == formula


@pytest.mark.parametrize("text", ["y", "~ a", "y ~", "y ~ a - b", "y ~ a*b", "y ~ log(a)", "y ~ a + + b"])
def test_what_is_no_formula(text):
    with pytest.raises(InputError, match=r"formula|only be a 1"):
        Formula.of(text)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("y ~ x1 + nothing",), "no column 'nothing'"),
        (("nothing ~ x1",), "no column 'nothing'"),
        (("y ~ x1", "--start", "a=1"), "--start belongs to a fit of an expression"),
        (("y ~ x1", "--sigma", "nothing"), "no column 'nothing'"),
    ],
)
def test_wrong_words_are_said(capsys, longley, words, message):
    assert main(["fit", "--linear", longley, *words]) == 2
    assert message in capsys.readouterr().err
