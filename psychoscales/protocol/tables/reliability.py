"""Internal consistency of the study's scores."""

from __future__ import annotations

from typing import Any

from psychoscales.errors import RefusalError
from psychoscales.layouts import Cell, Grid, plain, rich
from psychoscales.moments import MissingRule
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.made import Made, title_of
from psychoscales.results import Table
from psychoscales.verbs.reliability import COLUMNS as ESTIMATE
from psychoscales.verbs.reliability import reliability as estimated

COLUMNS = (*ESTIMATE, "variable", "label", "items")
RULES: dict[str, MissingRule] = {"listwise": "complete", "pairwise": "pairwise"}


def reliability(sample: Sample, analysis: Analysis) -> Made:
    """Estimate the internal consistency of scores, each from the people the missing rule keeps.

    The frame has every coefficient that `psychoscales.reliability` gives by default; raw alpha is
    printed.
    """
    rows = [row for name in analysis.variables or () for row in _rows(sample, analysis, name)]
    notes = tuple(dict.fromkeys([*_notes(rows), *sample.notes]))
    table = Table(title_of(analysis), COLUMNS, tuple(rows), notes, hidden=("variable",))
    lines = tuple(_line(row) for row in rows if row["coefficient"] == "alpha")
    heads = (plain(""), plain("Items"), rich("*n*"), plain("alpha"), plain(_interval(analysis)))
    grid = Grid(plain(table.title), heads, lines, tuple(plain(note) for note in notes))
    return Made({analysis.id: table}, grid)


def _rows(sample: Sample, analysis: Analysis, name: str) -> list[dict[str, Any]]:
    scale, score = sample.place(name)
    if scale is None or score is None:
        return []
    known = sample.scales[scale]
    more = {"variable": name, "label": sample.label(name)}
    more_items = {"items": len(known.score(score).members)}
    try:
        found = estimated(
            sample.people[scale],
            score=score,
            missing=RULES[analysis.missing or "listwise"],
            level=analysis.level,
        )
    except RefusalError as refusal:
        empty = dict.fromkeys(ESTIMATE)
        where = {"scale": scale, "score": score, "coefficient": "alpha", "note": str(refusal)}
        return [{**empty, **where, **more, **more_items}]
    return [{**row, **more, **more_items} for row in found.rows]


def _line(row: dict[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell("text", row["label"]),
        Cell("count", row["items"]),
        Cell("count", row["n"]),
        Cell("bounded", row["value"]),
        Cell("bounded_interval", row["low"], row["high"]),
    )


def _interval(analysis: Analysis) -> str:
    return f"{100 * analysis.level:g}% CI"


def _notes(rows: list[dict[str, Any]]) -> list[str]:
    said = [f"{row['label']}: {row['note']}" for row in rows if row.get("note")]
    methods = {row["method"] for row in rows if row.get("method")}
    return [*said, *(f"Intervals: {method.replace('_', ' ')}." for method in sorted(methods))]
