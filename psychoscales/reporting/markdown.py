"""A report as Markdown: the same words and numbers, without the pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from psychoscales.reporting.parts import (
    Cards,
    Content,
    Facts,
    Figure,
    Grid,
    Listing,
    Paragraph,
    Pasted,
)
from psychoscales.reporting.words import Words

MARKS = re.compile(r"([\\`*_\[\]<>|#])")


def as_markdown(report: Content, words: Words) -> str:
    """Return the whole report; signs that Markdown or HTML would take for theirs are escaped."""
    lines = [f"# {plain(report.title)}", ""]
    if report.synthetic:
        lines += [f"**{plain(words('synthetic.banner'))}**", ""]
    lines += [plain(report.subtitle), ""]
    for section in report.sections:
        lines += [f"## {plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*WRITERS[type(block)](block), ""]
    return "\n".join(lines).rstrip() + "\n"


def plain(text: str) -> str:
    """Return a text in which no sign means anything."""
    return MARKS.sub(r"\\\1", " ".join(text.split()))


def _grid(block: Grid) -> Iterator[str]:
    yield f"**{plain(block.caption)}**"
    yield ""
    if block.heads:
        yield "| " + " | ".join(plain(head.text) for head in block.heads) + " |"
        yield "|" + "|".join("---:" if head.numeric else "---" for head in block.heads) + "|"
        for row in block.rows:
            yield "| " + " | ".join(plain(cell.text) for cell in row) + " |"
    for note in block.notes:
        yield ""
        yield plain(note.text)


def _figure(block: Figure) -> Iterator[str]:
    yield f"*{plain(block.description)}*"
    yield ""
    yield from _grid(block.grid)


def _paragraph(block: Paragraph) -> Iterator[str]:
    text = plain(block.text)
    yield {"heading": f"### {text}", "warning": f"> **{text}**"}.get(block.kind, text)


def _facts(block: Facts) -> Iterator[str]:
    yield from (f"- {plain(term)}: {plain(cell.text)}" for term, cell in block.pairs)


def _listing(block: Listing) -> Iterator[str]:
    for point in block.points:
        yield f"- {plain(point.text)}" + (f" <{point.link}>" if point.link else "")


def _pasted(block: Pasted) -> Iterator[str]:
    if block.kind == "text/plain":
        yield f"> {plain(block.text)}"
    else:
        longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        yield f"{fence}bibtex"
        yield from block.text.rstrip().splitlines()
        yield fence


def _cards(block: Cards) -> Iterator[str]:
    for card in block.cards:
        yield f"### {plain(card.title)}"
        yield ""
        for name, number, under in card.numbers:
            yield f"- {plain(name)}: **{plain(number)}** {plain(under)}".rstrip()
        yield ""
        yield plain(block.worry)
        yield ""
        yield from (f"- {plain(worry.text)}" for worry in card.worries)
        if not card.worries:
            yield f"- {plain(block.none)}"
        yield ""


WRITERS: Mapping[type, Callable[[Any], Iterator[str]]] = {
    Grid: _grid,
    Figure: _figure,
    Paragraph: _paragraph,
    Facts: _facts,
    Listing: _listing,
    Pasted: _pasted,
    Cards: _cards,
}
