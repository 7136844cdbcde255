"""A ROC curve: sensitivity against one minus specificity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from psychoscales.plots.style import FAINT, QUIET
from psychoscales.reporting.charts.drawing import MAIN, dot, line, picture, words

TOP, HEIGHT, FOOT = 24, 320, 40
LEFT, RIGHT = 11.0, 97.0


def roc(
    curve: Sequence[tuple[float, float, str]], titles: tuple[str, str], description: str
) -> Markup:
    """Return the curve through points: 1 - specificity, sensitivity, and what a point says.

    Points that say nothing are corners only.
    """
    return picture(TOP + HEIGHT + FOOT, _strokes(curve, titles), description)


def _strokes(
    curve: Sequence[tuple[float, float, str]], titles: tuple[str, str]
) -> Iterator[Markup]:
    def across(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value

    def down(value: float) -> float:
        return TOP + HEIGHT * (1 - value)

    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        yield line(LEFT, down(tick), RIGHT, down(tick), FAINT)
        yield line(across(tick), down(0), across(tick), down(1), FAINT)
        yield words(LEFT - 1, down(tick) + 4, f"{tick:g}", "end", QUIET, 12)
        yield words(across(tick), down(0) + 16, f"{tick:g}", "middle", QUIET, 12)
    yield line(across(0), down(0), across(1), down(1), QUIET, 1, stroke_dasharray="3 3")
    ordered = sorted(curve)
    for (x1, y1, _), (x2, y2, _) in pairwise(ordered):
        yield line(across(x1), down(y1), across(x2), down(y2), MAIN, 2.5)
    for x, y, said in ordered:
        if said:
            yield dot(across(x), down(y), MAIN, 5.0, said)
    yield words((LEFT + RIGHT) / 2, down(0) + 34, titles[0], "middle", QUIET, 12)
    yield words(0, 11, titles[1], "start", QUIET, 12)
