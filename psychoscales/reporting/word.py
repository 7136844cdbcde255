"""A report as a Word file: headings, paragraphs and tables that can be edited."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psychoscales.errors import MissingExtraError
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

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML file may hold."""
SMALL = 8


def write_word(report: Content, words: Words, path: Path) -> None:
    """Write the report to `path`."""
    try:
        from docx import Document
    except ImportError as error:
        raise MissingExtraError("writing .docx files", "word") from error
    document = Document()
    document.core_properties.title = _clean(report.title)
    document.core_properties.author = ""
    document.core_properties.language = report.language
    document.add_heading(_clean(report.title), 0)
    if report.synthetic:
        document.add_paragraph().add_run(words("synthetic.banner")).bold = True
    document.add_paragraph(_clean(report.subtitle))
    for section in report.sections:
        document.add_heading(_clean(section.title), 1)
        for block in section.blocks:
            WRITERS[type(block)](document, block)
    document.save(str(path))


def _clean(text: str) -> str:
    return CONTROL.sub("", text)


def _grid(document: Any, block: Grid) -> None:
    from docx.shared import Pt

    document.add_paragraph(
        _clean(block.caption), style="Caption"
    ).paragraph_format.keep_with_next = True
    if block.heads:
        table = document.add_table(rows=1, cols=len(block.heads), style="Light List Accent 1")
        for place, head in zip(table.rows[0].cells, block.heads, strict=True):
            place.text = _clean(head.text)
        for row in block.rows:
            for place, cell in zip(table.add_row().cells, row, strict=True):
                place.text = _clean(cell.text)
        for row in table.rows:
            for place, head in zip(row.cells, block.heads, strict=True):
                for paragraph in place.paragraphs:
                    paragraph.alignment = 2 if head.numeric else 0
                    for run in paragraph.runs:
                        run.font.size = Pt(SMALL)
    for note in block.notes:
        document.add_paragraph(_clean(note.text))


def _figure(document: Any, block: Figure) -> None:
    _grid(document, block.grid)


def _paragraph(document: Any, block: Paragraph) -> None:
    if block.kind == "heading":
        document.add_heading(_clean(block.text), 2)
    else:
        run = document.add_paragraph().add_run(_clean(block.text))
        run.bold, run.italic = block.kind == "warning", block.kind == "note"


def _facts(document: Any, block: Facts) -> None:
    for term, cell in block.pairs:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_clean(term)}: ").bold = True
        paragraph.add_run(_clean(cell.text))


def _listing(document: Any, block: Listing) -> None:
    for point in block.points:
        said = f"{point.text} {point.link or ''}".rstrip()
        document.add_paragraph(_clean(said), style="List Bullet")


def _pasted(document: Any, block: Pasted) -> None:
    document.add_paragraph(_clean(block.text))


def _cards(document: Any, block: Cards) -> None:
    for card in block.cards:
        document.add_heading(_clean(card.title), 2)
        for name, number, under in card.numbers:
            paragraph = document.add_paragraph(style="List Bullet")
            paragraph.add_run(f"{_clean(name)}: ")
            paragraph.add_run(_clean(number)).bold = True
            paragraph.add_run(f" {_clean(under)}")
        document.add_paragraph().add_run(_clean(block.worry)).bold = True
        for text in [worry.text for worry in card.worries] or [block.none]:
            document.add_paragraph(_clean(text), style="List Bullet")


WRITERS: Mapping[type, Callable[[Any, Any], None]] = {
    Grid: _grid,
    Figure: _figure,
    Paragraph: _paragraph,
    Facts: _facts,
    Listing: _listing,
    Pasted: _pasted,
    Cards: _cards,
}
