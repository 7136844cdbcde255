"""Estimates with their intervals, one below the other on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from psychoscales.plots.style import FAINT, QUIET
from psychoscales.reporting.charts.drawing import (
    MAIN,
    SECOND,
    cut,
    dot,
    line,
    picture,
    ticks,
    words,
)

ROW, FOOT = 42, 24
LEFT, RIGHT = 2.0, 98.0


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
    low, high = ends

    def across(value: float) -> float:
        inside = min(max(value, low), high)
        return LEFT + (RIGHT - LEFT) * (inside - low) / (high - low)

    bottom = len(points) * ROW
    for tick in ticks(low, high, 5):
        yield line(across(tick), 0, across(tick), bottom, FAINT)
        yield words(across(tick), bottom + 16, f"{tick:.2g}", "middle", QUIET, 12)
    if line_at is not None and low < line_at < high:
        yield line(across(line_at), 0, across(line_at), bottom, QUIET, 1, stroke_dasharray="3 3")
    for number, point in enumerate(points):
        top = number * ROW
        colour = SECOND if point.other else MAIN
        yield words(
            0,
            top + 16,
            cut(point.name, 36),
            paint_order="stroke",
            stroke="#ffffff",
            stroke_width=4.0,
        )
        yield words(
            100,
            top + 16,
            point.said,
            "end",
            paint_order="stroke",
            stroke="#ffffff",
            stroke_width=4.0,
        )
        tip = f"{point.name}: {point.said}"
        if point.low is not None and point.high is not None:
            yield line(across(point.low), top + 29, across(point.high), top + 29, colour, 2.5)
        if point.other:
            yield ring(across(point.value), top + 29, colour, tip)
        else:
            yield dot(across(point.value), top + 29, colour, 5.0, tip)


def ring(x: float, y: float, colour: str, tip: str) -> Markup:
    """Return a ring, so that somebody else's estimate differs by more than its colour."""
    return dot(x, y, "#ffffff", 4.5, tip, stroke=colour, stroke_width=2.0)
