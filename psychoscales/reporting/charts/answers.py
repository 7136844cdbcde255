"""How items were answered: a bar for each item, a piece for each option."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from psychoscales.plots.style import QUIET
from psychoscales.reporting.charts.drawing import cut, line, on, picture, rect, ticks, words

ROW, BAR, FOOT = 50, 20, 26
NARROW, WIDE = 38, 104
LEAST_LABELLED = 0.07


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: its share of the people, its colour, and what it says when pointed at."""

    share: float
    colour: str
    tip: str


@dataclass(frozen=True)
class Bar:
    """One item: its name, its text, and its pieces from left to right."""

    name: str
    text: str
    pieces: tuple[Piece, ...]
    language: str | None = None


def answers_chart(bars: Sequence[Bar], description: str) -> Markup:
    """Return stacked bars of the answers to items, each 100 % wide."""
    return picture(len(bars) * ROW + FOOT, _strokes(bars), description)


def _strokes(bars: Sequence[Bar]) -> Iterator[Markup]:
    for number, bar in enumerate(bars):
        top = number * ROW
        for columns, kind in ((NARROW, "narrow"), (WIDE, "wide")):
            label = cut(f"{bar.name}  {bar.text}", columns)
            yield words(0, top + 16, label, class_=kind, lang=bar.language)
        left = 0.0
        for piece in bar.pieces:
            width = 100 * piece.share
            if width > 0:
                yield rect(left, top + 22, width, BAR, piece.colour, piece.tip, stroke="#ffffff")
            if piece.share >= LEAST_LABELLED:
                ink = on(piece.colour)
                share = f"{100 * piece.share:.0f}"
                yield words(left + width / 2, top + 36, share, "middle", ink, 12, class_="quiet")
            left += width
        if bar.pieces:
            yield rect(0, top + 22, 100, BAR, "none", stroke=QUIET, stroke_width=0.75)
    bottom = len(bars) * ROW
    for place in ticks(0, 100, 4):
        anchor = {0: "start", 100: "end"}.get(int(place), "middle")
        yield line(place, bottom - 6, place, bottom)
        yield words(place, bottom + 14, f"{place:.0f}%", anchor, QUIET, 12)
