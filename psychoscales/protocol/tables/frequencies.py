"""How many people gave each answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychoscales.layouts import Cell, Grid, Rich, plain, rich
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.made import Made, title_of
from psychoscales.protocol.variables import Answered
from psychoscales.results import Table
from psychoscales.spec.model import in_language

COLUMNS = ("variable", "label", "option", "option_label", "count", "n", "missing", "share")
TICKED = "Several options could be chosen: shares of a variable need not add up to 1."


def frequencies(sample: Sample, analysis: Analysis) -> Made:
    """Count the answers to each variable.

    A row an option: `count` people gave it, of the `n` who answered that variable; `missing` did
    not; ``share = count / n`` (0 to 1; null where nobody answered). Options nobody gave are there,
    with 0. Of a list to tick, `n` is of those whose tick for that option is known.
    """
    rows: list[dict[str, Any]] = []
    lines: list[tuple[Cell, ...]] = []
    headings: list[tuple[str, ...]] = []
    notes = list(sample.notes)
    for name in analysis.variables or ():
        answered = sample.variables[name]
        mine = list(_rows(answered, name, sample.label(name)))
        rows += mine
        headings.append(tuple(row["option_label"] for row in mine))
        lines.append(_line(sample.label(name), mine))
        if answered.variable.kind == "multiple" and TICKED not in notes:
            notes.append(TICKED)
    table = Table(
        title_of(analysis), COLUMNS, tuple(rows), tuple(notes), hidden=("variable", "option")
    )
    return Made({analysis.id: table}, _grid(table, headings, lines, rows, analysis, sample))


def _rows(answered: Answered, name: str, label: str) -> Iterator[dict[str, Any]]:
    ticked = answered.variable.kind == "multiple"
    for place, option in enumerate(answered.options):
        places = answered.places[:, place] if ticked else answered.places
        n = int((places >= 0).sum())
        count = int((places == (1 if ticked else place)).sum())
        yield {
            "variable": name,
            "label": label,
            "option": str(option.code),
            "option_label": in_language(option.label, "en") or str(option.code),
            "count": count,
            "n": n,
            "missing": len(places) - n,
            "share": count / n if n else None,
        }


def _line(label: str, rows: list[dict[str, Any]]) -> tuple[Cell, ...]:
    people = {row["n"] for row in rows}
    n = Cell("count", people.pop()) if len(people) == 1 else Cell("text")
    cells = (Cell("count_percent", row["count"], row["share"]) for row in rows)
    return (Cell("text", label), n, *cells)


def _grid(
    table: Table,
    headings: list[tuple[str, ...]],
    lines: list[tuple[Cell, ...]],
    rows: list[dict[str, Any]],
    analysis: Analysis,
    sample: Sample,
) -> Grid:
    """Variables with the same options share a heading; others stand one option a line."""
    notes: tuple[Rich, ...] = (rich("Values are *n* (%); percentages are of those who answered."),)
    notes += tuple(plain(note) for note in table.notes)
    title = plain(table.title)
    if len(set(headings)) == 1:
        columns: tuple[Rich, ...] = (plain(""), rich("*n*"), *map(plain, headings[0]))
        return Grid(title, columns, tuple(lines), notes)
    body: list[tuple[Cell, ...]] = []
    for name in analysis.variables or ():
        body.append((Cell("text", sample.label(name)),))
        for row in rows:
            if row["variable"] == name:
                stub = Cell("text", f"  {row['option_label']}")
                body.append(
                    (
                        stub,
                        Cell("count", row["n"]),
                        Cell("count_percent", row["count"], row["share"]),
                    )
                )
    return Grid(title, (plain(""), rich("*n*"), plain("Count (%)")), tuple(body), notes)
