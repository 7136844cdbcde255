"""The strokes that all pictures are made of. Across is in percent of the width, down in pixels."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable

from markupsafe import Markup, escape

from psychoscales.plots.style import COLOURS, INK, QUIET

MAIN, SECOND = COLOURS[0], COLOURS[1]
LETTERS = 13
WHITE, BLACK = "#ffffff", "#000000"


def tag(name: str, inside: str | Markup = "", /, **attributes: object) -> Markup:
    """Return an element; every attribute and every text is escaped."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{said}>{escape(inside)}</{name}>")


def _short(value: object) -> object:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def percent(value: float) -> str:
    """Return a place across."""
    return f"{value:.2f}%"


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    tip: str | None = None,
    **more: object,
) -> Markup:
    """Return a bar; x and width in percent, y and height in pixels."""
    return tag(
        "rect",
        "",
        x=percent(x),
        y=float(y),
        width=percent(width),
        height=float(height),
        fill=fill,
        data_tip=tip,
        **more,
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    stroke: str = QUIET,
    width: float = 1.0,
    **more: object,
) -> Markup:
    """Return a line."""
    return tag(
        "line",
        "",
        x1=percent(x1),
        y1=float(y1),
        x2=percent(x2),
        y2=float(y2),
        stroke=stroke,
        stroke_width=float(width),
        **more,
    )


def dot(
    x: float,
    y: float,
    fill: str = MAIN,
    radius: float = 4.0,
    tip: str | None = None,
    **more: object,
) -> Markup:
    """Return a point."""
    return tag("circle", "", cx=percent(x), cy=float(y), r=radius, fill=fill, data_tip=tip, **more)


def words(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    fill: str = INK,
    size: float = LETTERS,
    **more: object,
) -> Markup:
    """Return a text whose baseline is at y."""
    return tag(
        "text",
        text,
        x=percent(x),
        y=float(y),
        text_anchor=None if anchor == "start" else anchor,
        fill=fill,
        font_size=float(size),
        **more,
    )


def picture(height: float, strokes: Iterable[Markup], description: str) -> Markup:
    """Return the whole picture; a screen reader reads the description."""
    return tag(
        "svg",
        Markup("").join(strokes),
        xmlns="http://www.w3.org/2000/svg",
        width="100%",
        height=float(height),
        role="img",
        aria_label=description,
        font_family="inherit",
        overflow="visible",
    )


def nice_step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 2.5, 5, 10 ... whose steps are `most` at most in the span."""
    rough = span / max(most, 1)
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10.0 * power


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from low to high."""
    step = nice_step(high - low, most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(place * step, 10) for place in range(first, last + 1)]


def mixed(colour: str, share: float) -> str:
    """Return a colour with white: all of the colour where the share is 1."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (part - 255) * share):02x}" for part in parts)


def deeper(colour: str, share: float) -> str:
    """Return a colour with black: all of the colour where the share is 1."""
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(part * share):02x}" for part in parts)


def shades(count: int) -> list[str]:
    """Return colours from light to dark, for what has an order."""
    if count == 1:
        return [MAIN]
    steps = [0.14 + 1.26 * place / (count - 1) for place in range(count)]
    return [mixed(MAIN, step) if step <= 1 else deeper(MAIN, 2 - step) for step in steps]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    total = 0.0
    for place, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
        part = int(colour[place : place + 2], 16) / 255
        total += weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return total


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour: 4.58 at least."""
    return max((BLACK, WHITE), key=lambda each: contrast(each, colour))


def wide(text: str) -> int:
    """Return how many columns a text takes: full-width letters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def cut(text: str, columns: int) -> str:
    """Return a text of so many columns at most, with a mark where something was cut off."""
    text = " ".join(text.split())
    if wide(text) <= columns:
        return text
    kept, used = [], 1
    for each in text:
        used += wide(each)
        if used > columns:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"
