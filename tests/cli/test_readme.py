"""cli room: the README and the page of the solvers show what really happens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOLVERS = (ROOT / "docs" / "solvers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README + SOLVERS, re.MULTILINE | re.DOTALL)


def without_time(report: str) -> str:
    return re.sub(r"[\d.]+ (µs|ms|s)$", "(time)", report, flags=re.MULTILINE)


EXAMPLES = [body for language, body in BLOCKS if language == "python"]
PRINTED = [body for language, body in BLOCKS if language == "text"]


@pytest.mark.parametrize(("example", "printed"), list(zip(EXAMPLES, PRINTED, strict=True)))
def test_an_example_prints_what_the_page_says(
    example: str, printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})
    assert without_time(capsys.readouterr().out) == without_time(printed)


def test_there_are_two_set_up_commands_of_one_line_each() -> None:
    commands = [body for language, body in BLOCKS if language == "sh"]
    assert len(commands) == 2
    assert all(command.count("\n") == 1 for command in commands)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
