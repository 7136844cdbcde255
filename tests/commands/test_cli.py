"""The command line as a person meets it: exit codes, messages, and the files that are left."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import psychoscales as ps
from psychoscales import cli
from psychoscales.reporting import report as room

USAGE, FAILED, INTERRUPTED = 2, 1, 130
STUDY = """\
format = "1.0"
id = "mine"
version = "1.0.0"
title.en = "A title that is so long that it does not fit a line of eighty letters by any means"
scales = ["phq2"]

[[variables]]
id = "naps"
label.en = "Naps"
kind = "ordinal"
options = "often"

[options]
often = [
  { code = 1, value = 1, label.en = "Never" },
  { code = 2, value = 2, label.en = "Often" },
]

[[analyses]]
id = "table1"
title.en = "Naps"
kind = "frequencies"
variables = ["naps"]

[[published.frequencies]]
analysis = "table1"
variable = "naps"
n = "30"
counts = ["10", "18"]
percents = ["33.3", "60.0"]
"""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Return a way to run a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PSYCHOSCALES_PATH", raising=False)

    def run(*words: Any) -> Said:
        monkeypatch.setattr(sys, "argv", ["psychoscales", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Return a csv of eighty people's PHQ-2, with ids, a group and naps."""
    random = np.random.default_rng(3)
    lines = ["pid,sex,phq9_1,phq9_2,naps"]
    for number in range(80):
        mood = random.normal()
        one, two = (int(np.clip(round(1.5 + mood + random.normal()), 0, 3)) for _ in range(2))
        lines.append(f"p{number:03d},{'fm'[number % 2]},{one},{two},{1 + number % 2}")
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_report_is_written_and_says_what_is_not_in_it(command: Command, answers: Path) -> None:
    said = command("report", answers, "--scale", "phq2", "--id", "pid", "--by", "sex")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Wrote phq2_report.html\n")
    assert "Omega total (one factor)" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    page = Path("phq2_report.html").read_text(encoding="utf-8")
    assert "Groups: sex" in page
    assert "p001" not in page


def test_a_report_relates_scores_to_further_scales_and_columns(
    command: Command, tmp_path: Path
) -> None:
    both = ps.simulate(["phq9", "gad7"], n=120, seed=1, correlation=0.6).to_frame()
    both.assign(age=range(120), pid=range(120)).to_csv(tmp_path / "both.csv", index=False)
    words: tuple[str, ...] = ("--scale", "phq9", "--beside", "gad7", "-o", "r.md")
    assert command("report", tmp_path / "both.csv", *words).code == 0
    assert "| gad7\\_total |" in Path("r.md").read_text(encoding="utf-8")
    words = (*words, "--against", "gad7_total", "--against", "age", "--id", "pid")
    later = both[[f"phq9_{at}" for at in range(1, 10)]].assign(pid=range(120))
    later.to_csv(tmp_path / "later.csv", index=False)
    words = (*words, "--beside", "phq9", "--retest", str(tmp_path / "later.csv"))
    assert command("report", tmp_path / "both.csv", *words).code == 0
    page = Path("r.md").read_text(encoding="utf-8")
    assert "| gad7\\_total |" in page
    assert "| age |" in page
    assert "agreement of two occasions" in page
    said = command("report", tmp_path / "both.csv", "--scale", "phq9", "--against", "agee")
    assert "did you mean 'age'?" in said.err


def test_a_report_has_the_ending_and_language_that_are_asked_for(
    command: Command, answers: Path
) -> None:
    said = command("report", answers, "--scale", "phq2", "--language", "ja", "-o", "r.md")
    assert said.code == 0
    assert "信頼性" in Path("r.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--scale", "phq2", "-o", "r.pdf"), FAILED, "saved as .html, .htm, .md, .docx"),
        (("--scale", "phq2", "-o", "nowhere/r.html"), FAILED, "there is no folder"),
        (("--scale", "phq2", "--by", "sexx"), FAILED, "did you mean 'sex'?"),
        (("--scale", "phq_2"), FAILED, "did you mean 'phq2'"),
        (("--scale", "phq2", "--small", "0"), USAGE, "is not in the range x>=1"),
        (("--scale", "phq2", "--language", "fr"), USAGE, "'fr' is not one of"),
        (("--scale", "phq2", "--retest", "later.csv"), USAGE, "--retest needs --id"),
        ((), USAGE, "Missing option '--scale'"),
    ],
)
def test_a_report_that_cannot_be_made(
    command: Command, answers: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    said = command("report", answers, *words)
    assert said.code == code
    assert message in said.err
    assert "Traceback" not in said.err
    assert names(answers.parent) == {"answers.csv"}


def test_the_place_is_looked_at_before_any_work(
    command: Command, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the answers were read")

    monkeypatch.setattr("psychoscales.verbs.read.read_source", never)
    assert command("report", answers, "--scale", "phq2", "-o", "r.pdf").code == FAILED
    monkeypatch.setattr(room, "find_spec", lambda _: None)
    said = command("report", answers, "--scale", "phq2", "-o", "r.docx")
    assert said.code == FAILED
    assert "psychoscales[word]" in said.err


def test_too_few_people_and_nobody(command: Command, answers: Path) -> None:
    head, *rows = answers.read_text(encoding="utf-8").splitlines()
    answers.write_text("\n".join([head, *rows[:3]]) + "\n", encoding="utf-8")
    said = command("report", answers, "--scale", "phq2")
    assert said.code == FAILED
    assert "--small 1 in a terminal" in said.err
    assert command("report", answers, "--scale", "phq2", "--small", 1).code == 0
    answers.write_text(head + "\n", encoding="utf-8")
    said = command("report", answers, "--scale", "phq2", "--small", 1)
    assert said.code == FAILED
    assert "no people" in said.err


def test_bad_cells_are_listed_or_made_missing(command: Command, answers: Path) -> None:
    text = answers.read_text(encoding="utf-8")
    first = text.splitlines()[1]
    answers.write_text(text.replace(first, "p000,f,99,1,1"), encoding="utf-8")
    said = command("report", answers, "--scale", "phq2")
    assert said.code == FAILED
    assert "row 1, phq9_1: found '99'" in said.err
    assert "--bad missing" in said.err
    assert command("report", answers, "--scale", "phq2", "--bad", "missing").code == 0
    assert "1 stored values are no option" in Path("phq2_report.html").read_text(encoding="utf-8")


def test_an_interrupted_report_leaves_the_old_one(
    command: Command, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("phq2_report.html").write_text("the old one", encoding="utf-8")

    def interrupted(*_: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(room, "as_page", interrupted)
    said = command("report", answers, "--scale", "phq2")
    assert said.code == INTERRUPTED
    assert "nothing was left half written" in said.err
    assert names(answers.parent) == {"answers.csv", "phq2_report.html"}
    assert Path("phq2_report.html").read_text(encoding="utf-8") == "the old one"


def test_a_study_is_described_run_and_written(command: Command, answers: Path) -> None:
    Path("mine.toml").write_text(STUDY, encoding="utf-8")
    said = command("study", "mine.toml")
    assert said.code == 0
    assert "table1: frequencies" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    said = command("study", "mine.toml", answers, "-o", "tables", "--compare")
    assert said.code == 0
    assert "40 (50.0)" in said.out
    assert "published and computed" in said.out
    assert {"mine_table1.csv", "mine_table1.tex"} <= names(Path("tables"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "ordinal"', 'kind = "ordnal"', "did you mean 'ordinal'?"),
        ('["naps"]', '["nap"]', "did you mean 'naps'?"),
        ("[options]", "[options", "mine.toml: line"),
    ],
)
def test_mistakes_of_a_study_are_named(
    command: Command, answers: Path, old: str, new: str, message: str
) -> None:
    Path("mine.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
    for words in (("study", "mine.toml", answers, "-o", "tables"), ("audit", "mine.toml")):
        said = command(*words)
        assert said.code == FAILED
        assert message in said.err
    assert not Path("tables").exists()


def test_a_study_whose_data_are_not_there(command: Command, answers: Path) -> None:
    Path("mine.toml").write_text(STUDY, encoding="utf-8")
    said = command("study", "mine.toml", "answer.csv")
    assert said.code == FAILED
    assert "no file answer.csv" in said.err
    text = answers.read_text(encoding="utf-8").replace("naps", "nap")
    answers.write_text(text, encoding="utf-8")
    said = command("study", "mine.toml", answers)
    assert said.code == FAILED
    assert "did you mean 'nap'?" in said.err
    assert command("study", "kobori").code == FAILED


def test_an_audit_says_what_cannot_be(command: Command) -> None:
    Path("mine.toml").write_text(STUDY, encoding="utf-8")
    said = command("audit", "mine.toml")
    assert (said.code, said.err) == (0, "")
    assert "inconsistent" in said.out
    assert "table1: naps" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert "no study called 'nobody'" in command("audit", "nobody").err
    assert command("audit").code == USAGE


@pytest.mark.parametrize(
    "name", ["demo", "list", "show", "check", "new", "score", "report", "study", "audit"]
)
def test_help_fits_a_terminal(command: Command, name: str) -> None:
    said = command(name, "--help")
    assert said.code == 0
    assert re.match(rf"Usage: .* {name} ", said.out)
    assert max(map(len, said.out.splitlines())) <= 80
    assert f"  {name} " in command("--help").out
