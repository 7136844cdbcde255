"""How many people there were at each step: the figures that CHERRIES asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychoscales.layouts import Cell, Grid, plain, rich
from psychoscales.protocol.document import SampleSection, StudyFile
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.made import Made
from psychoscales.results import Table
from psychoscales.spec.model import in_language

NAME = "participation"
COLUMNS = ("step", "label", "n", "rate", "of", "share", "source")
STEPS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("registered", "Registered", None, None),
    ("invited", "Invited", None, None),
    ("visited", "Visited the first page", "view rate", "invited"),
    ("agreed", "Agreed to take part", "participation rate", "visited"),
    ("answered", "Answered", "response rate", "invited"),
    ("completed", "Reached the last page", "completion rate", "agreed"),
)


def participation(study: StudyFile, sample: Sample | None = None) -> Made:
    """Return the participation figures: what the study states, and what the file holds.

    ``share = n / of``: the view rate is of those invited, the participation rate of the visitors,
    the response rate of those invited, the completion rate of those who agreed (Eysenbach 2004).
    """
    rows = list(_stated(study.sample))
    notes: list[str] = []
    if sample is not None:
        rows += list(_held(sample))
        notes += sample.notes
        answered = study.sample.answered
        if answered is not None and answered != sample.n:
            notes.append(
                "The study says that another number of people answered than the file holds."
            )
    title = f"{in_language(study.title, 'en')}: participation"
    hidden = ("step",)
    table = Table(title, COLUMNS, tuple(rows), tuple(notes), hidden)
    return Made({NAME: table}, _grid(table))


def _stated(section: SampleSection) -> Iterator[dict[str, Any]]:
    for step, label, rate, of in STEPS:
        n = getattr(section, step)
        base = getattr(section, of) if of else None
        if n is None:
            continue
        row: dict[str, Any] = {"step": step, "label": label, "n": n, "source": "stated"}
        if rate is not None and base:
            row |= {"rate": rate, "of": base, "share": n / base}
        yield row


def _held(sample: Sample) -> Iterator[dict[str, Any]]:
    yield {"step": "rows", "label": "Entries in the file", "n": sample.rows, "source": "file"}
    if sample.dropped is not None:
        keep = sample.study.sample.duplicates
        which = "first" if keep is None else keep.keep
        yield {
            "step": "duplicates",
            "label": f"Dropped: further entries of a person ({which} kept)",
            "n": sample.dropped,
            "source": "file",
        }
    yield {"step": "analysed", "label": "Analysed", "n": sample.n, "source": "file"}


def _grid(table: Table) -> Grid:
    lines = tuple(
        (
            Cell("text", row["label"]),
            Cell("count", row["n"]),
            Cell("text", row.get("rate")),
            Cell("percent", row.get("share"), decimals=2),
        )
        for row in table.rows
    )
    heads = (plain(""), rich("*n*"), plain("Rate"), plain("%"))
    return Grid(plain(table.title), heads, lines, tuple(plain(note) for note in table.notes))
