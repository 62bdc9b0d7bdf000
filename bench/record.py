"""bench: runs every case and records the figures in the repository.

Comes in: `pytest bench`, and the JSON that pytest-benchmark makes of it. Goes out: `results.json`, and the table in
`README.md`. With arguments for pytest, only the cases that they choose are run, and replace those recorded before.

Usage: python bench/record.py [-k CASES …]
"""

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fastcalc._core

HOME = Path(__file__).parent
BEGIN, END = "<!-- results: written by record.py -->\n", "<!-- end of results -->\n"
PACKAGES = (
    "numpy",
    "scipy",
    "lmfit",
    "iminuit",
    "numba",
    "casadi",
    "jax",
    "autograd",
    "scikit-learn",
    "statsmodels",
    "dask",
)


def run(arguments: list[str]) -> dict[str, Any]:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.json"
        subprocess.run(
            [sys.executable, "-m", "pytest", HOME, "-q", f"--benchmark-json={path}", *arguments],
            cwd=HOME.parent,
            check=True,
        )
        found = json.loads(path.read_text())
    machine = found["machine_info"]
    return {
        "date": found["datetime"][:10],
        "machine": {
            "processor": machine["cpu"]["brand_raw"],
            "cores": os.cpu_count(),
            "engine": fastcalc._core.config()["engine"],
            "python": machine["python_version"],
        },
        "packages": {name: version(name) for name in PACKAGES if find_spec(name)},
        "cases": [
            {"test": case["fullname"], "load": round(load, 1)} | case["extra_info"] for case in found["benchmarks"]
        ],
    }


def table(results: dict[str, Any]) -> str:
    machine = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in results["packages"].items())
    lines = [
        f"{results['date']}; {machine['processor']}, {machine['cores']} cores, {machine['engine']} engine; "
        f"Python {machine['python']}, {packages}.",
        "*Load*: of the machine as the run began.",
        "",
        "| case | fastcalc | best rival | rival ÷ ours | limit | ours ÷ limit | goal | spread | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(cells(case)) + " |" for case in results["cases"]]
    return "\n".join(lines) + "\n"


def cells(case: dict[str, Any]) -> list[str]:
    unit, rival = case["unit"], case["best_rival"]
    bounds = [f"≤ {figure(case['goal'], unit)}"] if case["goal"] else []
    bounds += [f"≤ {case['goal_over_limit']:g} × limit"] if case["goal_over_limit"] else []
    reached = {True: " ✓", False: " ✗", None: ""}[case["goal_met"]]
    return [
        case["title"],
        figure(case["ours"], unit),
        f"{rival}: {figure(case['rivals'][rival], unit)}" if rival else "",
        ratio(case["rival_over_ours"]),
        figure(case["limit"], unit),
        ratio(case["ours_over_limit"]),
        ", ".join(bounds) + reached,
        ratio(case["spread"]),
        f"{case['load']:g}",
    ]


def figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    steps = [(1e6, "MB")] if unit == "bytes" else [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]
    size, name = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    return f"{value / size:.3g} {name}"


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}" if value < 100 else f"{value:.0f}"


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Put the new cases into the old ones' places; the rivals that only the old ones met keep their versions."""
    cases = {case["title"]: case for case in old["cases"]} | {case["title"]: case for case in new["cases"]}
    return new | {"packages": old["packages"] | new["packages"], "cases": list(cases.values())}


def main(arguments: list[str]) -> None:
    results = run(arguments)
    file = HOME / "results.json"
    if arguments:
        results = merged(json.loads(file.read_text()), results)
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    readme = HOME / "README.md"
    head, rest = readme.read_text().split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(head + BEGIN + "\n" + table(results) + "\n" + END + tail)


if __name__ == "__main__":
    main(sys.argv[1:])
