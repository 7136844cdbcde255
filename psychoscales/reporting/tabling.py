"""Rows of results as tables of the report: headings in its language, numbers as they are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psychoscales.reporting.charts.drawing import wide
from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Cell, Grid, Head
from psychoscales.results import cell, number
from psychoscales.spec.numbers import plain

SMALLEST_P = 0.001
PROBABILITIES = frozenset({"p", "p_adjusted"})
INTERVAL = "interval"
WORDS = frozenset({"rating", "strict", "scores"})
"""Columns of words that have an order."""
NARROW = frozenset({"property"})
"""Columns of long texts that leave the room to others."""
SHORT, LONG = 18, 40
"""Columns of letters up to which a text is not broken, and from which it needs much room."""


def table(
    context: Context,
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    notes: Iterable[Cell] = (),
) -> Grid:
    """Return a table of `columns`; `interval` is made of a row's low and high if it is no cell.

    A column that no row has anything in is left out.
    """
    made = [[value(name, _of(row, name)) for name in columns] for row in rows]
    used = [at for at in range(len(columns)) if any(row[at].text for row in made)]
    heads = tuple(_head(context, columns[at], [row[at] for row in made]) for at in used)
    return Grid(caption, heads, tuple(tuple(row[at] for at in used) for row in made), tuple(notes))


def _of(row: Mapping[str, Any], name: str) -> Any:
    if name != INTERVAL or isinstance(row.get(name), Cell):
        return row.get(name)
    low, high = row.get("low"), row.get("high")
    return None if low is None or high is None else Cell(interval(low, high), float(low))


def _head(context: Context, name: str, cells: Sequence[Cell]) -> Head:
    text = context.words(f"heads.{name}")
    if name not in WORDS and any(each.sort is not None for each in cells):
        return Head(text, "number")
    longest = max((wide(each.text) for each in cells), default=0)
    if longest <= SHORT:
        return Head(text, "short")
    return Head(text, "medium" if longest <= LONG or name in NARROW else "long")


def interval(low: float, high: float) -> str:
    """Return an interval's ends."""
    return f"[{number(low)}, {number(high)}]"


def value(name: str, given: Any) -> Cell:
    """Return what stands in a cell, by the name of its column."""
    if isinstance(given, Cell):
        return given
    if isinstance(given, bool) or given is None:
        return Cell(cell(name, given))
    if isinstance(given, int | float):
        if not math.isfinite(given):
            return Cell("")
        if name in PROBABILITIES and given < SMALLEST_P:
            return Cell(f"< {SMALLEST_P:g}", float(given))
        return Cell(cell(name, given), float(given))
    return Cell(str(given))


def rounded(given: float | None, decimals: int) -> Cell:
    """Return a number with so many decimals; zero has no sign."""
    return Cell("") if given is None else Cell(f"{given:z,.{decimals}f}", float(given))


def in_points(context: Context, row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return a row of a score with so few decimals in these columns, and in its interval, that
    nobody whose score is hidden is seen in them."""
    usual = 3
    places = context.places(str(row["score"]), int(row["n"] or 0), usual)
    if places == usual:
        return dict(row)
    made = {**row, **{name: rounded(row[name], places) for name in names}}
    low, high = row.get("low"), row.get("high")
    if low is not None and high is not None:
        made[INTERVAL] = Cell(f"[{low:z,.{places}f}, {high:z,.{places}f}]", float(low))
    return made


def share(context: Context, count: int, total: int, shown: bool) -> tuple[Cell, Cell]:
    """Return a count and its share of all, or what stands there instead."""
    small = context.asked.small
    if shown:
        percent = Cell(f"{100 * count / total:.1f}%", count / total) if total else Cell("")
        return Cell(f"{count:,}", float(count)), percent
    if 0 < count < small:
        return Cell(f"<{small}", float(small) - 0.5), Cell(context.words("small.hidden"))
    return Cell(context.words("small.hidden")), Cell(context.words("small.hidden"))


def score_text(given: float) -> str:
    """Return a score as people write it."""
    return plain(round(given, 6))
