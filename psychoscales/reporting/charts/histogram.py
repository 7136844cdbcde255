"""How many people have which score, and where the cut-offs are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from psychoscales.plots.style import FAINT, INK, QUIET
from psychoscales.reporting.charts.drawing import cut, line, picture, rect, ticks, words

TOP, HEIGHT, FOOT = 26, 190, 42
LEFT, RIGHT = 9.0, 99.0
LETTERS = 36
"""Columns of a title that fit a narrow screen."""


@dataclass(frozen=True)
class Column:
    """Scores from `low` up to `high`: people for each step of the score, colour, what it says."""

    low: float
    high: float
    height: float
    colour: str
    tip: str


def histogram(
    columns: Sequence[Column],
    cutoffs: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, str]],
    titles: tuple[str, str],
    description: str,
) -> Markup:
    """Return columns of people by score.

    Args:
        columns: side by side, rising.
        cutoffs: place on the axis and name of each cut-off.
        marks: place on the axis and text of the numbers below it.
        titles: what is across, and what is upwards.
        description: for who cannot see it.
    """
    return picture(TOP + HEIGHT + FOOT, _strokes(columns, cutoffs, marks, titles), description)


def _strokes(
    columns: Sequence[Column],
    cutoffs: Sequence[tuple[float, str]],
    marks: Sequence[tuple[float, str]],
    titles: tuple[str, str],
) -> Iterator[Markup]:
    low, high = columns[0].low, columns[-1].high
    most = max(column.height for column in columns) or 1.0
    scale = (RIGHT - LEFT) / (high - low)

    def across(value: float) -> float:
        return LEFT + (value - low) * scale

    bottom = TOP + HEIGHT
    for tick in ticks(0, most, 4):
        y = bottom - HEIGHT * tick / most
        yield line(LEFT, y, RIGHT, y, FAINT)
        yield words(LEFT - 1, y + 4, f"{tick:,g}", "end", QUIET, 12)
    for column in columns:
        size = HEIGHT * column.height / most
        x, width = across(column.low), (column.high - column.low) * scale
        if size > 0:
            yield rect(x, bottom - size, width, size, column.colour, column.tip, stroke="#ffffff")
    yield line(LEFT, bottom, RIGHT, bottom, QUIET)
    for place, name in cutoffs:
        x = across(place)
        yield line(x, TOP - 8, x, bottom, INK, 1, stroke_dasharray="3 3")
        yield words(x, TOP - 12, name, "middle", INK, 12)
    for place, name in marks:
        yield words(across(place), bottom + 16, name, "middle", QUIET, 12)
    yield words((LEFT + RIGHT) / 2, bottom + 36, cut(titles[0], LETTERS), "middle", QUIET, 12)
    yield words(0, 11, titles[1], "start", QUIET, 12)
