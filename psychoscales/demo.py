"""`psychoscales demo`: a whole study, from a messy form export to tables, comparison and audit.

The people are synthetic. Everything that is written says so in its name and in its rows.
"""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from psychoscales.errors import MissingExtraError
from psychoscales.frames.files import whole, write_frame
from psychoscales.layouts import text
from psychoscales.protocol.study import FORMATS, Bundled, StudyResult, study
from psychoscales.reporting.report import report
from psychoscales.responses import Responses
from psychoscales.results import Table
from psychoscales.verbs.items import items
from psychoscales.verbs.score import score

STUDY = "kobori2021"
SCALE = "phq9"
PRINTED = ("participation", "reliability", "table1", "table2_descriptives", "table2", "table3")
WIDTH = 80


def run_demo(folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Copy a synthetic form export to `folder`, run a study on it, and say what came out.

    Args:
        folder: where files are written; made where it is not there.
        say: called with each piece of text for the person.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = study(STUDY)
    kept = found.bundled()
    answers, binding = (_copied(path, folder) for path in (kept.answers, kept.binding))
    say(_opening(kept, answers, binding))
    people = found.read(answers, binding=binding)
    say(_paragraph(f"Read and scored: {people.n} people, each once. One scale, the PHQ-9:"))
    for table in score(people[SCALE]).tables():
        say(str(table))
    say(_paragraph(f"The study {STUDY} makes its tables of them:"))
    result = found.run(answers, binding=binding)
    for name in PRINTED:
        say(text(result.grids[name]))
    compared, audited = found.compare(result), found.audit()
    say(_compared(compared))
    say(_audited(audited))
    frames = {
        "synthetic_scores": score(people).to_frame().assign(synthetic=True),
        "synthetic_items": items(people).to_frame().assign(synthetic=True),
        "synthetic_comparison": compared.to_frame().assign(synthetic=True),
        f"{STUDY}_audit": audited.to_frame(),
    }
    reports = [_reported(people[name], folder) for name in found.document.scales]
    written, skipped = _written(folder, frames, result)
    say(_closing(folder, [answers, binding, *reports, *written], skipped))
    return [answers, binding, *reports, *written]


def _reported(people: Responses, folder: Path) -> Path:
    """Write the report of one scale, groups compared by gender."""
    path = folder / f"synthetic_{people.scales[0].id}_report.html"
    report(people, by="gender").save(path)
    return path


def _copied(path: Path, folder: Path) -> Path:
    with whole(folder / path.name) as unfinished:
        shutil.copyfile(path, unfinished)
    return folder / path.name


def _paragraph(words: str) -> str:
    return textwrap.fill(words, WIDTH)


def _opening(kept: Bundled, answers: Path, binding: Path) -> str:
    return "\n".join(
        [
            _paragraph(
                "SYNTHETIC people, nobody real, as a form exported their answers: words for the "
                "PHQ-9, ages like '４５' and '24歳', blanks, 'Prefer not to say', and some people "
                "twice under one address. A binding file says how to read it; the scale files "
                "know nothing of it."
            ),
            f"  {answers}",
            f"  {binding}",
            _paragraph(f"They were made to have the numbers that an article prints. {kept.note}"),
        ]
    )


def _compared(table: Table) -> str:
    """Say, for each table of the article, how many of its numbers come out."""
    of = Counter(row["table"] for row in table.rows)
    agree = Counter(row["table"] for row in table.rows if row["agrees"] is True)
    lines = ["Set beside the article, at the decimals it prints:"]
    lines += [f"  {name:<20} {agree[name]:>3} of {count:>3} agree" for name, count in of.items()]
    for note in table.notes[1:]:
        lines += textwrap.wrap(note, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines)


def _audited(table: Table) -> str:
    """Say what the audit finds, a line or two each; the file has the explanations."""
    lines = ["Can the article's numbers be right?"]
    for row in table.rows:
        if row["verdict"] == "no_power":
            continue
        should = f"; should be: {row['expected']}" if row["expected"] else ""
        words = f"{row['verdict']}: {row['where']}: {row['printed'] or row['check']}{should}"
        lines += textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="      ")
    lines.append(f"The reasons: psychoscales audit {STUDY}")
    return "\n".join(lines)


def _written(
    folder: Path, frames: Mapping[str, Any], result: StudyResult
) -> tuple[list[Path], list[str]]:
    written, skipped = [folder / f"{name}.csv" for name in frames], []
    for path, frame in zip(written, frames.values(), strict=True):
        write_frame(frame, path)
    for each in FORMATS:
        try:
            written += result.write(folder / "tables", formats=[each])
        except MissingExtraError as missing:
            words = f"tables as {each}: {missing}"
            skipped += textwrap.wrap(words, WIDTH, initial_indent="  ", subsequent_indent="      ")
    return written, skipped


def _closing(folder: Path, written: Sequence[Path], skipped: Sequence[str]) -> str:
    return "\n".join(_closing_lines(folder, written, skipped))


def _closing_lines(folder: Path, written: Sequence[Path], skipped: Sequence[str]) -> Iterator[str]:
    tables = [path for path in written if path.parent != folder]
    yield "Written:"
    yield from (f"  {path}" for path in written if path.parent == folder)
    endings = ", ".join(dict.fromkeys(path.suffix.removeprefix(".") for path in tables))
    yield f"  {folder / 'tables'}: {len(tables)} files ({endings})"
    if skipped:
        yield "Skipped:"
        yield from skipped
    yield "Next:"
    yield "  psychoscales show phq9                      what a scale file says"
    yield "  psychoscales score YOUR.csv --scale phq9    your own answers"
    yield "  psychoscales new my_scale.toml              a scale of your own"
    yield f"  psychoscales audit {STUDY}               what is wrong with the article"
