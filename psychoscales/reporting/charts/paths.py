"""A factor model: factors on the left, their items on the right, loadings between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from psychoscales.plots.style import INK, QUIET
from psychoscales.reporting.charts.drawing import (
    MAIN,
    cut,
    line,
    mixed,
    percent,
    picture,
    rect,
    tag,
    words,
)

ROW, BOX, GAP, TALL = 34, 26, 14, 46
FACTOR, FROM, TO, END = 21.0, 38.0, 66.0, 99.0
MOST_ARCS = 3
ALONG = 0.8


def path_diagram(
    loadings: Mapping[str, Sequence[tuple[str, float, str]]],
    correlations: Sequence[tuple[str, str, float]],
    description: str,
) -> Markup:
    """Return a path diagram.

    Args:
        loadings: factor -> its items: name, standardized loading, what it says when pointed at.
        correlations: pairs of factors; drawn where they are few.
        description: for who cannot see it.
    """
    lines = sum(max(len(items), 2) for items in loadings.values())
    height = lines * ROW + (len(loadings) - 1) * GAP + 4
    return picture(height, _strokes(loadings, correlations), description)


def _strokes(
    loadings: Mapping[str, Sequence[tuple[str, float, str]]],
    correlations: Sequence[tuple[str, str, float]],
) -> Iterator[Markup]:
    middles, top, numbers = {}, 2.0, list[Markup]()
    for factor, items in loadings.items():
        size = max(len(items), 2) * ROW
        middles[factor] = top + size / 2
        first = top + (size - len(items) * ROW) / 2
        yield from _factor(factor, items, first, middles[factor])
        numbers += _numbers(items, first, middles[factor])
        top += size + GAP
    yield from numbers
    if len(correlations) <= MOST_ARCS:
        for number, (one, other, r) in enumerate(correlations):
            yield from _tie(middles[one], middles[other], r, number)


def _factor(
    factor: str, items: Sequence[tuple[str, float, str]], top: float, middle: float
) -> Iterator[Markup]:
    for number, (item, loading, tip) in enumerate(items):
        y = top + number * ROW + ROW / 2
        size = min(abs(loading), 1.0)
        colour = MAIN if loading >= 0 else "#a34700"
        dash = None if loading >= 0 else "5 4"
        yield line(FROM, middle, TO, y, colour, 0.75 + 2.25 * size, stroke_dasharray=dash)
        yield rect(TO, y - BOX / 2, END - TO, BOX, "#ffffff", tip, stroke=INK, rx=2)
        yield words((TO + END) / 2, y + 4, cut(item, 16), "middle", pointer_events="none")
    yield tag(
        "ellipse",
        cx=percent(FACTOR),
        cy=middle,
        rx=percent(FROM - FACTOR),
        ry=TALL / 2,
        fill=mixed(MAIN, 0.12),
        stroke=INK,
    )
    yield words(FACTOR, middle + 4, cut(factor, 16), "middle")


def _numbers(
    items: Sequence[tuple[str, float, str]], top: float, middle: float
) -> Iterator[Markup]:
    """Loadings stand on their lines, above all of them."""
    for number, (_, loading, _) in enumerate(items):
        y = top + number * ROW + ROW / 2
        place, at = FROM + ALONG * (TO - FROM), middle + ALONG * (y - middle)
        halo = {"paint_order": "stroke", "stroke": "#ffffff", "stroke_width": 4.0}
        yield words(place, at + 4, f"{loading:.2f}", "middle", INK, 12, **halo)


def _tie(first: float, second: float, r: float, number: int) -> Iterator[Markup]:
    """A bracket on the left side, with the correlation."""
    x = 3.0 - number
    for y in (first, second):
        yield line(x, y, FACTOR - (FROM - FACTOR) + 0.2, y, QUIET, 1)
    yield line(x, first, x, second, QUIET, 1)
    middle = (first + second) / 2
    yield words(x + 0.8, middle + 4, f"{r:.2f}", "start", INK, 12)
