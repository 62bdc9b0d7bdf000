"""cli room: the command as a user types it, on NIST's Misra1a and on input that is wrong."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import fastcalc
import numpy as np
import pytest
from fastcalc._doors import _fit
from fastcalc.cli import main

MISRA1A = str(Path(__file__).parents[2] / "examples/data/misra1a.csv")
MODEL = "b1*(1-exp(-b2*x))"
START = ("--start", "b1=500,b2=0.0001")

# https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml, to the eleven digits certified there
CERTIFIED = ("b1 = 238.94212918 ± 2.7070075241", "b2 = 5.5015643181e-04 ± 7.2668688436e-06")
CERTIFIED_CHI2 = 1.2455138894e-01


def run(*words: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fastcalc", *words], capture_output=True, encoding="utf-8", timeout=120, **options
    )


@pytest.fixture
def gas(tmp_path: Path) -> str:
    """Columns V, T, p and err, where p = n R T / V with n = 2, to which nothing was added."""
    V, T = np.meshgrid([1.0, 2.0, 4.0], [280.0, 300.0, 320.0])
    rows = np.column_stack([V.ravel(), T.ravel(), (2.0 * 8.314 * T / V).ravel(), np.full(V.size, 0.5)])
    path = tmp_path / "gas.csv"
    np.savetxt(path, rows, delimiter=",", header="V,T,p,err", comments="", fmt="%.17g")
    return str(path)


def test_misra1a_is_certified(tmp_path: Path) -> None:
    picture = tmp_path / "misra1a.png"
    done = run("fit", MISRA1A, MODEL, *START, "--plot", str(picture))
    assert done.returncode == 0, done.stderr
    for line in CERTIFIED:
        assert line in done.stdout
    assert done.stderr == f"fastcalc: wrote {picture}\n"
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_plot_is_written_in_the_format_of_its_name(tmp_path: Path, suffix: str) -> None:
    picture = tmp_path / f"fit.{suffix}"
    assert main(["fit", MISRA1A, MODEL, *START, "--plot", str(picture)]) == 0
    assert picture.read_bytes()[:5] in {b"\x89PNG\r", b"<?xml", b"%PDF-"}


def test_json_holds_everything_and_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", MISRA1A, MODEL, *START, "--bounds", "b1=0:,b2=:1", "--json"]) == 0

    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is not JSON")

    answer = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert set(answer) == {
        "fastcalc", "expression", "data", "parameters", "chi2", "dof", "reduced_chi2", "p_value", "nobs", "rank",
        "covariance", "correlation", "success", "status", "message", "diagnosis", "nit", "nfev", "time",
        "derivative_source",
    }  # fmt: skip
    assert answer["fastcalc"] == fastcalc.__version__
    assert answer["expression"] == MODEL
    assert answer["data"] == {"file": MISRA1A, "x": ["x"], "y": "y", "sigma": None, "absolute_sigma": False}
    b1, b2 = answer["parameters"]["b1"], answer["parameters"]["b2"]
    assert math.isclose(b1["value"], 2.3894212918e02, rel_tol=1e-9)  # nine certified digits, as NIST scores a fit
    assert math.isclose(b2["stderr"], 7.2668688436e-06, rel_tol=1e-6)
    assert {key: b1[key] for key in ("start", "fixed", "lower", "upper")} == {
        "start": 500.0, "fixed": False, "lower": 0.0, "upper": None,
    }  # fmt: skip
    assert (b2["lower"], b2["upper"]) == (None, 1.0)
    assert math.isclose(answer["chi2"], CERTIFIED_CHI2, rel_tol=1e-9)
    assert math.isclose(answer["covariance"][0][0], b1["stderr"] ** 2, rel_tol=1e-12)  # the same number, squared
    assert (answer["dof"], answer["nobs"], answer["rank"], answer["p_value"]) == (12, 14, 2, None)


def test_several_columns_by_name_a_fixed_parameter_and_sigma(gas: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--start", "n=1", "--fix", "R=8.314", "--y", "p", "--sigma", "err", "--absolute-sigma", "--json"]
    assert main(["fit", gas, "n*R*T/V", *words]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["data"] == {"file": gas, "x": ["T", "V"], "y": "p", "sigma": "err", "absolute_sigma": True}
    n, R = answer["parameters"]["n"], answer["parameters"]["R"]
    V, T = np.meshgrid([1.0, 2.0, 4.0], [280.0, 300.0, 320.0])
    slope = 8.314 * T / V  # the model is linear in n: its error is sigma / |slope|
    assert math.isclose(n["value"], 2.0, rel_tol=1e-12)  # data without noise: rounding alone
    assert math.isclose(n["stderr"], 0.5 / np.linalg.norm(slope), rel_tol=1e-12)
    assert (R["value"], R["stderr"], R["fixed"]) == (8.314, 0.0, True)
    assert answer["dof"] == 8


def test_x_stands_for_the_chosen_column_and_a_leading_minus_is_no_option(
    gas: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", gas, "-a*x", "--start", "a=-1", "--x", "T", "--y", "V", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["data"]["x"] == ["T"]
    assert main(["fit", gas, "-a*T", "--start", "a=-1", "--y", "V", "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert first["parameters"] == second["parameters"]


def test_a_table_without_header_is_fitted_by_its_first_two_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plain.txt"
    path.write_text("0 1\n1 3\n2 5\n3 7.5\n", encoding="utf-8")
    assert main(["fit", str(path), "a + b*x", "--start", "a=0,b=0", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["data"]["x"], answer["data"]["y"]) == (["1"], "2")
    b, a = np.polyfit([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.5], 1)
    # An independent solution of a well-conditioned line; either is right to rounding.
    np.testing.assert_allclose([answer["parameters"][name]["value"] for name in "ab"], [a, b], rtol=1e-9)


def test_a_singular_fit_reports_and_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", MISRA1A, "b1*b2*x", "--start", "b1=10,b2=0.01"]) == 1
    report = capsys.readouterr().out
    assert "b1" in report
    assert "combination" in report
    assert main(["fit", MISRA1A, "b1*b2*x", "--start", "b1=10,b2=0.01", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["rank"] == 1
    assert answer["parameters"]["b1"]["stderr"] is None
    assert answer["covariance"][0] == [None, None]


def test_a_fit_that_does_not_converge_reports_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    original = _fit.fit
    monkeypatch.setattr(_fit, "fit", lambda *words, **options: original(*words, **options, max_nfev=2))
    assert main(["fit", MISRA1A, MODEL, *START]) == 1
    assert "Not converged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "required: COMMAND"),
        (("fti",), "invalid choice: 'fti'"),
        (("fit",), "required: DATA, EXPRESSION"),
        (("fit", MISRA1A, MODEL), "--start is missing"),
        (("fit", MISRA1A, MODEL, *START, "--polt", "a.png"), "unrecognized arguments: --polt"),
        (("fit", "absent.csv", MODEL, *START), "cannot read absent.csv: No such file or directory"),
        (("fit", ".", MODEL, *START), ". is not a file"),
        (("fit", MISRA1A, MODEL, *START, "--x", "t"), "no column 't'; its columns are x, y"),
        (("fit", MISRA1A, MODEL, *START, "--sigma", "err"), "no column 'err'"),
        (("fit", MISRA1A, MODEL, *START, "--y", "x"), "the expression uses 'x', the column that is fitted"),
        (("fit", MISRA1A, "b1*y", "--start", "b1=1"), "the expression uses 'y', the column that is fitted"),
        (("fit", MISRA1A, "b1*x", "--start", "b1"), "--start: 'b1' is not NAME=VALUE"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=a"), "--start: 'a' for 'b1' is not a number"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=nan"), "--start: 'nan' for 'b1' is not a finite number"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1,b1=2"), "--start: 'b1' is given twice"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1,"), "--start: '' is not NAME=VALUE"),
        (("fit", MISRA1A, "b1*x", "--start", "exp=1"), "--start: 'exp' cannot name a parameter"),
        (("fit", MISRA1A, "b1*x", "--start", "__import__=1"), "'__import__' cannot name a parameter"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--fix", "b2=1"), "does not use the parameter 'b2'"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--fix", "b1=1"), "holds every parameter"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--bounds", "b2=0:"), "--bounds: 'b2' is not a parameter"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--bounds", "b1=0"), "has no colon"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--bounds", "b1=2:1"), "leaves no room"),
        (("fit", MISRA1A, "b1*x", "--start", "b1=1", "--bounds", "b1=2:3"), "outside of provided bounds"),
        (("fit", MISRA1A, "b1*log(-x)", "--start", "b1=1"), "not finite in the initial point"),
        (("fit", MISRA1A, "b1*x + 1/0", "--start", "b1=1"), "cannot be computed: float division by zero"),
        (("fit", MISRA1A, "b1*x + 9**9**9", "--start", "b1=1"), "cannot be computed"),
        (("fit", MISRA1A, "x*(b1+(-8)**0.5)", "--start", "b1=1"), "complex"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 2
    output = capsys.readouterr()
    assert output.out == ""
    *warned, error = output.err.splitlines()
    assert error.startswith("fastcalc: error: ")
    assert message in error
    assert all(line.startswith("fastcalc: warning: ") for line in warned)


def test_a_malformed_expression_is_pointed_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", MISRA1A, "b1*x^2", "--start", "b1=1"]) == 2
    assert capsys.readouterr().err == (
        "fastcalc: error: '^' is not allowed: use ** for a power (position 5)\n    b1*x^2\n        ^\n"
    )


def test_text_in_a_number_column_is_named_by_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("x,y\n1,2\n2,oops\n", encoding="utf-8")
    assert main(["fit", str(path), "b1*x", "--start", "b1=1"]) == 2
    assert capsys.readouterr().err == f"fastcalc: error: {path}, line 3, column 'y': 'oops' is not a number\n"


def test_more_parameters_than_points_and_sigma_of_zero_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.csv"
    path.write_text("x,y,s\n1,2,0\n", encoding="utf-8")
    assert main(["fit", str(path), "b1*x + b2", "--start", "b1=1,b2=1"]) == 2
    assert "must not exceed the number of data points" in capsys.readouterr().err
    assert main(["fit", str(path), "b1*x", "--start", "b1=1", "--sigma", "s"]) == 2
    assert "`sigma` must be positive" in capsys.readouterr().err


def test_a_plot_that_cannot_be_written_does_not_lose_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, message in [(tmp_path / "absent/fit.png", "No such file"), (tmp_path / "fit.nonsense", "nonsense")]:
        assert main(["fit", MISRA1A, MODEL, *START, "--plot", str(path)]) == 2
        output = capsys.readouterr()
        assert CERTIFIED[0] in output.out
        assert len(output.err.splitlines()) == 1
        assert message in output.err


def test_a_plot_of_several_variables_is_refused_before_the_fit(gas: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", gas, "n*T/V", "--start", "n=1", "--y", "p", "--plot", "gas.png"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "--plot draws one independent variable; the expression uses 2: T, V" in output.err


def test_ctrl_c_exits_with_130_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*words, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(_fit, "fit", interrupted)
    assert main(["fit", MISRA1A, MODEL, *START]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_has_gone_causes_no_traceback() -> None:
    words = [sys.executable, "-m", "fastcalc", "fit", MISRA1A, MODEL, *START]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_terminal_without_the_letters_gets_escapes_instead_of_a_traceback() -> None:
    done = run("fit", MISRA1A, MODEL, *START, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert r"238.94212918 \xb1 2.7070075241" in done.stdout


def test_version_and_help() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"fastcalc {fastcalc.__version__}\n")
    for words in (["--help"], ["fit", "--help"]):
        done = run(*words)
        assert done.returncode == 0
        assert "fastcalc fit" in done.stdout
        assert "--start b1=500,b2=0.0001" in done.stdout
        assert done.stderr == ""
