"""Estimates with their intervals, one below the other on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from psychoscales.plots.style import FAINT, QUIET
from psychoscales.reporting.charts.drawing import (
    MAIN,
    SECOND,
    cut,
    dot,
    line,
    picture,
    tag,
    ticks,
    words,
)

ROW, FOOT = 36, 24
HALO: dict[str, Any] = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 4.0}


@dataclass(frozen=True)
class Layout:
    """Where things stand: from `left` to `right` in percent, in a row from its top in pixels.

    Where there is room, name, point and value stand side by side; else the point stands below,
    and the lines that go down are drawn beside points only.
    """

    kind: str
    left: float
    right: float
    word: float
    point: float
    lines: float
    letters: int

    def across(self, value: float, ends: tuple[float, float]) -> float:
        """Return where a value stands."""
        low, high = ends
        inside = min(max(value, low), high)
        return self.left + (self.right - self.left) * (inside - low) / (high - low)


LAYOUTS = (
    Layout("wide", 38.0, 75.0, 22.0, 18.0, 0.0, 30),
    Layout("narrow", 3.0, 97.0, 13.0, 24.0, 17.0, 36),
)


@dataclass(frozen=True)
class Point:
    """An estimate; `other` where it is somebody else's."""

    name: str
    said: str
    value: float
    low: float | None
    high: float | None
    other: bool = False


def forest(
    points: Sequence[Point], ends: tuple[float, float], line_at: float | None, description: str
) -> Markup:
    """Return a forest plot; `line_at` is drawn across all rows."""
    return picture(len(points) * ROW + FOOT, _strokes(points, ends, line_at), description)


def _strokes(
    points: Sequence[Point], ends: tuple[float, float], line_at: float | None
) -> Iterator[Markup]:
    for layout in LAYOUTS:
        drawn = [*_lines(len(points), ends, line_at, layout)]
        for number, point in enumerate(points):
            drawn += _row(point, number * ROW, ends, layout)
        yield tag("g", Markup("").join(drawn), class_=layout.kind)


def _lines(
    rows: int, ends: tuple[float, float], line_at: float | None, layout: Layout
) -> Iterator[Markup]:
    """Yield the lines that go down, and the numbers below them."""
    marks: list[tuple[float, str, str | None]]
    marks = [(tick, FAINT, None) for tick in ticks(*ends, 5)]
    if line_at is not None and ends[0] < line_at < ends[1]:
        marks.append((line_at, QUIET, "3 3"))
    for value, colour, dash in marks:
        x = layout.across(value, ends)
        for row in range(rows):
            top, bottom = row * ROW + layout.lines, (row + 1) * ROW
            yield line(x, top, x, bottom, colour, 1, stroke_dasharray=dash)
    for tick in ticks(*ends, 5):
        x = layout.across(tick, ends)
        yield words(x, rows * ROW + 16, f"{tick:.2g}", "middle", QUIET, 12)


def _row(point: Point, top: float, ends: tuple[float, float], layout: Layout) -> Iterator[Markup]:
    """Yield an estimate: its name, its interval and point, and what is said of it."""
    colour = SECOND if point.other else MAIN
    yield words(0, top + layout.word, cut(point.name, layout.letters), **HALO)
    yield words(100, top + layout.word, point.said, "end", **HALO)
    tip, y = f"{point.name}: {point.said}", top + layout.point
    if point.low is not None and point.high is not None:
        low, high = (layout.across(end, ends) for end in (point.low, point.high))
        yield line(low, y, high, y, colour, 2.5)
    x = layout.across(point.value, ends)
    yield ring(x, y, colour, tip) if point.other else dot(x, y, colour, 5.0, tip)


def ring(x: float, y: float, colour: str, tip: str) -> Markup:
    """Return a ring, so that somebody else's estimate differs by more than its colour."""
    return dot(x, y, "#ffffff", 4.5, tip, stroke=colour, stroke_width=2.0)
