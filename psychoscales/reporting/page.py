"""A report as one HTML page: its style, its script and its pictures are inside it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from psychoscales.plots.style import COLOURS, FAINT, INK, QUIET
from psychoscales.reporting.parts import Content
from psychoscales.reporting.words import Words

if TYPE_CHECKING:
    from jinja2 import Template


FOLDER = Path(__file__).parent
ALLOWED = (
    "default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may do: its own style and script, nothing from elsewhere."""


def as_page(report: Content, words: Words) -> str:
    """Return the page; every text in it is escaped."""
    style = f"{_colours()}\n{_file('page.css')}"
    script = _file("page.js")
    allowed = ALLOWED.format(style=_hashed(style), script=_hashed(script))
    return _template().render(
        report=report, words=words, style=Markup(style), script=Markup(script), allowed=allowed
    )


def _colours() -> str:
    named = {"ink": INK, "quiet": QUIET, "faint": FAINT, "main": COLOURS[0], "second": COLOURS[1]}
    return ":root {" + "".join(f" --{name}: {colour};" for name, colour in named.items()) + " }"


def _hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    known = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    known.filters["kind"] = lambda block: type(block).__name__.lower()
    known.filters["data_link"] = _data_link
    return known.from_string(_file("page.html.j2"))


def _data_link(pasted: Any) -> str:
    return f"data:{pasted.kind};charset=utf-8,{quote(pasted.text)}"
