"""Eigenvalues beside those of answers that have nothing in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from psychoscales.plots.style import FAINT, QUIET
from psychoscales.reporting.charts.drawing import MAIN, SECOND, dot, line, picture, ticks, words

TOP, HEIGHT, FOOT = 24, 200, 40
LEFT, RIGHT = 9.0, 97.0


def scree(
    observed: Sequence[float],
    reference: Sequence[float],
    titles: tuple[str, str],
    tips: Sequence[str],
    description: str,
) -> Markup:
    """Return a scree plot: eigenvalues with points, the reference as a broken line."""
    strokes = _strokes(observed, reference, titles, tips)
    return picture(TOP + HEIGHT + FOOT, strokes, description)


def _strokes(
    observed: Sequence[float],
    reference: Sequence[float],
    titles: tuple[str, str],
    tips: Sequence[str],
) -> Iterator[Markup]:
    most = max(*observed, *reference)
    least = min(0.0, *observed, *reference)
    count = len(observed)

    def across(place: int) -> float:
        return LEFT + 2 + (RIGHT - LEFT - 4) * place / max(count - 1, 1)

    def down(value: float) -> float:
        return TOP + HEIGHT * (most - value) / (most - least)

    bottom = TOP + HEIGHT
    for tick in ticks(least, most, 5):
        yield line(LEFT, down(tick), RIGHT, down(tick), FAINT)
        yield words(LEFT - 1, down(tick) + 4, f"{tick:g}", "end", QUIET, 12)
    every = max(1, -(-count // 15))
    for place in range(0, count, every):
        yield words(across(place), bottom + 16, str(place + 1), "middle", QUIET, 12)
    for values, colour, dash in ((reference, SECOND, "5 4"), (observed, MAIN, None)):
        for place in range(count - 1):
            ends = across(place), down(values[place]), across(place + 1), down(values[place + 1])
            yield line(*ends, colour, 2, stroke_dasharray=dash)
    for place, value in enumerate(observed):
        yield dot(across(place), down(value), MAIN, 4.5, tips[place])
    yield words((LEFT + RIGHT) / 2, bottom + 34, titles[0], "middle", QUIET, 12)
    yield words(0, 11, titles[1], "start", QUIET, 12)
