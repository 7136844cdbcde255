"""Reliability: coefficients with their intervals, beside what others have published."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.reporting.charts.forest import Point, forest
from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Cell, Figure, Paragraph, Section
from psychoscales.reporting.sections.scale import by
from psychoscales.reporting.tabling import interval, table
from psychoscales.results import number
from psychoscales.spec.claims import ReferenceValue

COLUMNS = ("coefficient", "value", "interval", "n", "method", "estimand")
PUBLISHED = ("coefficient", "value", "interval", "n", "population", "source")
COEFFICIENTS = ("alpha", "omega")
NO_RELIABILITY = frozenset({"inter_item_r_mean"})
GOOD = 0.7


def reliability(context: Context) -> Section | None:
    """Draw and list coefficients of internal consistency, a block for each score."""
    words, blocks = context.words, list[Block]()
    for score in context.scores:
        rows = list(context.rows(context.reliability, score.id))
        if rows:
            blocks.append(_figure(context, score.id, rows))
        published = _published(context, score.id)
        if published:
            blocks.append(_others(context, score.id, published))
    if context.reliability is None or not blocks:
        return None
    context.cite("cronbach1951", "mcdonald1999", "maydeuolivares2007")
    cautions = [note for note in context.reliability.notes if "left out" not in note]
    notes = [context.foreign(note) for note in cautions]
    blocks += [Paragraph(note.text, "warning", note.language) for note in notes]
    blocks.append(Paragraph(words("reliability.read"), "note"))
    return Section("reliability", words("section.reliability"), tuple(blocks))


def called(context: Context, coefficient: str) -> str:
    """Return the name of a coefficient."""
    key = f"coefficient.{coefficient}"
    return context.words(key) if context.words.has(key) else coefficient.replace("_", " ")


def _published(context: Context, score: str) -> list[ReferenceValue]:
    return [
        each
        for each in context.scale.reference_values
        if each.score == score and each.statistic in COEFFICIENTS
    ]


def _figure(context: Context, score: str, rows: list[Row]) -> Figure:
    words, points = context.words, []
    for row in rows:
        if row["coefficient"] in NO_RELIABILITY:
            continue
        said = number(row["value"])
        if row["low"] is not None:
            said += f" {interval(row['low'], row['high'])}"
        name = called(context, row["coefficient"])
        points.append(Point(name, said, row["value"], row["low"], row["high"]))
    for each in _published(context, score):
        name = f"{called(context, each.statistic)} [{words.listed(list(each.source))}]"
        points.append(Point(name, number(each.value), each.value, each.low, each.high, True))
    ends = [end for each in points for end in (each.value, each.low, each.high) if end is not None]
    low = max(min(0.6, *(end - 0.02 for end in ends)), -1.0)
    named = context.name(score)
    said = words("reliability.described", score=named)
    svg = forest(points, (low, 1.0), GOOD, said)
    listed = [
        {
            **row,
            "coefficient": called(context, row["coefficient"]),
            "method": _how(context, row),
            "estimand": context.foreign(str(row["estimand"])),
        }
        for row in rows
    ]
    behind = table(context, words("reliability.caption", score=named), COLUMNS, listed)
    return Figure(words("reliability.figure", score=named), said, svg, behind)


def _how(context: Context, row: Row) -> str:
    key = f"interval.{row['method']}"
    return context.words(key) if context.words.has(key) else str(row["method"] or "")


def _others(context: Context, score: str, published: list[ReferenceValue]) -> Block:
    def rows() -> Iterator[dict[str, object]]:
        for each in published:
            yield {
                "coefficient": called(context, each.statistic),
                "value": Cell(f"{each.value:g}", each.value),
                "low": each.low,
                "high": each.high,
                "n": each.n,
                "population": context.told(each.population),
                "source": by(context, each.source).strip(),
            }

    caption = context.words("reliability.published", score=context.name(score))
    return table(context, caption, PUBLISHED, rows())
