"""Tables laid out for print, in the manner of the APA: text, HTML, LaTeX and Word.

Beside `results` this is where numbers become text. A `Grid` says what stands where; a cell holds
the unrounded value and what kind of number it is, and every rendering writes it by one rule:

* no leading zero where a number cannot exceed 1 (r, p, beta, R squared),
* p exact to three decimals, "< .001" below that,
* means, SDs and test statistics to two decimals,
* symbols of statistics in italics, rules above and below and none between, notes underneath.

Source:
    American Psychological Association. Publication manual, 7th edition, 2020; sections 6.36, 6.44
    and 7.8 to 7.21.
"""

from __future__ import annotations

import html as markup
import io
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psychoscales.errors import MissingExtraError
from psychoscales.results import INDENT, wrapped

Style = Literal["plain", "italic", "above"]
Run = tuple[str, Style]
MINUS = "\N{MINUS SIGN}"
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
STARS_NOTE = r"\**p* < .05. \*\**p* < .01. \*\*\**p* < .001."


@dataclass(frozen=True)
class Rich:
    """A text with italics and superscripts."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self.runs)


def plain(text: str) -> Rich:
    """Return a text of the user's: nothing in it is a mark."""
    return Rich(((text, "plain"),))


def rich(text: str) -> Rich:
    r"""Read ``*italic*`` and ``^above^``; a star or a caret that is meant stands after ``\``."""
    runs: list[Run] = []
    for part in re.findall(r"\*(?:\\.|[^*\\])+\*|\^(?:\\.|[^^\\])+\^|(?:\\.|[^*^\\])+", text):
        style: Style = "italic" if part[0] == "*" else "above" if part[0] == "^" else "plain"
        inner = part if style == "plain" else part[1:-1]
        runs.append((re.sub(r"\\(.)", r"\1", inner), style))
    return Rich(tuple(runs))


@dataclass(frozen=True)
class Cell:
    """One value and how it is written.

    Attributes:
        kind: a key of FORMATS.
        value: the unrounded value; None where there is none.
        second: what stands in brackets behind it.
        decimals: as many decimals as these, where the kind's own will not do.
        mark: what stands raised behind it.
    """

    kind: str
    value: Any = None
    second: Any = None
    decimals: int | None = None
    mark: str = ""

    @property
    def text(self) -> str:
        """The cell without its mark; empty where there is no value."""
        if self.value is None or (isinstance(self.value, float) and not math.isfinite(self.value)):
            return ""
        return FORMATS[self.kind](self)


@dataclass(frozen=True)
class Grid:
    """A table as it is to be printed.

    Attributes:
        title: what the table is of.
        columns: the headings; the first is that of the stub.
        rows: cells; a row of one cell is a heading within the table.
        notes: what stands under it.
    """

    title: Rich
    columns: tuple[Rich, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Rich, ...] = ()


def stars(p: float | None) -> str:
    """Return the stars of a p value: three below .001, two below .01, one below .05."""
    return next((mark for limit, mark in STARS if p is not None and p < limit), "")


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals; what rounds to zero has no sign."""
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def bounded(value: float, decimals: int = 2) -> str:
    """Write a number that cannot exceed 1 in size: without the zero before the point."""
    return re.sub(r"^(-?)0\.", r"\1.", fixed(value, decimals))


def probability(value: float, decimals: int = 3) -> str:
    """Write a p value: three decimals, or that it is below what they can show."""
    least = 10.0**-decimals
    if value < least:
        return f"< {bounded(least, decimals)}"
    return (
        f"> {bounded(1 - least, decimals)}" if value > 1 - least / 2 else bounded(value, decimals)
    )


def _number(cell: Cell) -> str:
    return fixed(cell.value, 2 if cell.decimals is None else cell.decimals)


def _bounded(cell: Cell) -> str:
    return bounded(cell.value, 2 if cell.decimals is None else cell.decimals)


def _probability(cell: Cell) -> str:
    return probability(cell.value, 3 if cell.decimals is None else cell.decimals)


def _count(cell: Cell) -> str:
    return f"{cell.value:,}"


def _percent(cell: Cell) -> str:
    return fixed(100 * cell.value, 1 if cell.decimals is None else cell.decimals)


def _count_percent(cell: Cell) -> str:
    if cell.second is None:
        return _count(cell)
    return f"{_count(cell)} ({fixed(100 * cell.second, 1)})"


def _interval(cell: Cell) -> str:
    write = bounded if cell.kind == "bounded_interval" else fixed
    return f"[{write(cell.value, 2)}, {write(cell.second, 2)}]"


def _end(cell: Cell) -> str:
    """The end of a range: a whole number without decimals."""
    return fixed(cell.value, 0) if float(cell.value).is_integer() else fixed(cell.value, 2)


def _text(cell: Cell) -> str:
    return str(cell.value)


FORMATS: Mapping[str, Callable[[Cell], str]] = {
    "text": _text,
    "number": _number,
    "bounded": _bounded,
    "p": _probability,
    "count": _count,
    "percent": _percent,
    "count_percent": _count_percent,
    "interval": _interval,
    "bounded_interval": _interval,
    "end": _end,
}


def text(grid: Grid, width: int = 80) -> str:
    """Return a grid as text; one too wide is continued below, its first column repeated."""
    return "\n".join(_lines(grid, width))


def _lines(grid: Grid, width: int) -> Iterator[str]:
    yield from textwrap.wrap(grid.title.text, width)
    cells = [[cell.text + cell.mark for cell in row] for row in grid.rows]
    heads = [heading.text for heading in grid.columns]
    widths = [
        max([len(heads[at]), *(len(row[at]) for row in cells if len(row) > 1)])
        for at in range(len(heads))
    ]
    room = width - 2 * INDENT - max(widths[1:], default=0)
    widths[0] = max(1, min(widths[0], max(len(heads[0]), room)))
    rest = list(range(1, len(heads)))
    while True:
        taken, used = [0], INDENT + widths[0]
        while rest and (used + 2 + widths[rest[0]] <= width or len(taken) == 1):
            used += 2 + widths[rest[0]]
            taken.append(rest.pop(0))
        yield " " * INDENT + "-" * (used - INDENT)
        yield from _row(heads, taken, widths)
        yield " " * INDENT + "-" * (used - INDENT)
        for row in cells:
            if len(row) == 1:
                yield " " * INDENT + row[0]
            else:
                yield from _row(row, taken, widths)
        yield " " * INDENT + "-" * (used - INDENT)
        if not rest:
            break
        yield ""
    for number, note in enumerate(grid.notes):
        yield from wrapped(f"{'Note. ' if not number else ''}{note.text}", width)


def _row(row: Sequence[str], taken: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
    stub = textwrap.wrap(row[0], widths[0], subsequent_indent=" ") or [""]
    for line in stub[:-1]:
        yield " " * INDENT + line
    first = stub[-1].ljust(widths[0])
    others = [row[at].rjust(widths[at]) for at in taken[1:]]
    yield (" " * INDENT + "  ".join([first, *others])).rstrip()


def html(grid: Grid) -> str:
    """Return a grid as an HTML table."""
    head = "".join(f"<th>{_html(heading)}</th>" for heading in grid.columns)
    body = []
    for row in grid.rows:
        if len(row) == 1:
            span = len(grid.columns)
            body.append(f'<tr><th colspan="{span}">{markup.escape(row[0].text)}</th></tr>')
            continue
        stub, *others = (_html_cell(cell) for cell in row)
        cells = "".join(f'<td style="text-align:right">{other}</td>' for other in others)
        body.append(f'<tr><th scope="row">{stub}</th>{cells}</tr>')
    notes = "".join(
        f"<p>{'' if number else '<em>Note.</em> '}{_html(note)}</p>"
        for number, note in enumerate(grid.notes)
    )
    return (
        f"<table><caption>{_html(grid.title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>{notes}"
    )


def _html(what: Rich) -> str:
    tags = {"plain": "{}", "italic": "<em>{}</em>", "above": "<sup>{}</sup>"}
    return "".join(tags[style].format(markup.escape(text)) for text, style in what.runs)


def _html_cell(cell: Cell) -> str:
    inner, shown = _indented(cell)
    shown = "&emsp;" * inner + markup.escape(shown)
    return f"{shown}<sup>{markup.escape(cell.mark)}</sup>" if cell.mark else shown


def _indented(cell: Cell) -> tuple[int, str]:
    """Return how deep a cell stands in the stub, by the spaces before it, and the rest of it."""
    shown = _typeset(cell)
    inner = shown.lstrip(" ")
    return (len(shown) - len(inner)) // INDENT, inner


def _typeset(cell: Cell) -> str:
    """A cell's text with true minus signs before its numbers."""
    if cell.kind == "text":
        return cell.text
    return re.sub(r"(?<![\w.])-(?=[\d.])", MINUS, cell.text)


SPECIALS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    MINUS: "$-$",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def escaped(text: str) -> str:
    """Return a text as LaTeX shows it letter for letter."""
    return "".join(SPECIALS.get(sign, sign) for sign in text)


def latex(grid: Grid, label: str = "") -> str:
    """Return a grid as a LaTeX table; it needs the packages booktabs and threeparttable."""
    width = len(grid.columns)
    lines = [r"\begin{table}", r"\begin{threeparttable}", rf"\caption{{{_latex(grid.title)}}}"]
    if label:
        lines.append(rf"\label{{{label}}}")
    lines += [rf"\begin{{tabular}}{{l{'r' * (width - 1)}}}", r"\toprule"]
    lines += [" & ".join(_latex(heading) for heading in grid.columns) + r" \\", r"\midrule"]
    for row in grid.rows:
        if len(row) == 1:
            lines.append(rf"\multicolumn{{{width}}}{{l}}{{{escaped(row[0].text)}}} \\")
        else:
            lines.append(" & ".join(map(_latex_cell, row)) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    if grid.notes:
        lines += [r"\begin{tablenotes}", rf"\item \textit{{Note.}} {_latex(grid.notes[0])}"]
        lines += [rf"\item {_guarded(_latex(note))}" for note in grid.notes[1:]]
        lines.append(r"\end{tablenotes}")
    return "\n".join([*lines, r"\end{threeparttable}", r"\end{table}", ""])


def _latex(what: Rich) -> str:
    marks = {"plain": "{}", "italic": r"\textit{{{}}}", "above": r"\textsuperscript{{{}}}"}
    return "".join(marks[style].format(escaped(text)) for text, style in what.runs)


def _latex_cell(cell: Cell) -> str:
    mark = rf"\textsuperscript{{{escaped(cell.mark)}}}" if cell.mark else ""
    inner, text = _indented(cell)
    shown = r"\quad " * inner + escaped(text)
    return _guarded(shown) + mark


def _guarded(shown: str) -> str:
    r"""Keep a text from being read as an option of the ``\\`` or ``\item`` before it."""
    return "{" + shown + "}" if shown.startswith(("[", "*")) else shown


def word(grids: Sequence[Grid]) -> bytes:
    """Return grids, one under the other, as the bytes of a Word document.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    try:
        import docx
    except ImportError as error:
        raise MissingExtraError("writing Word files", "word") from error
    document = docx.Document()
    document.core_properties.author = "psychoscales"
    document.core_properties.comments = ""
    for number, grid in enumerate(grids):
        if number:
            document.add_paragraph()
        _runs(document.add_paragraph(), grid.title)
        _word_table(document, grid)
        for position, note in enumerate(grid.notes):
            paragraph = document.add_paragraph()
            if not position:
                paragraph.add_run("Note. ").italic = True
            _runs(paragraph, note)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def _word_table(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1 + len(grid.rows), cols=len(grid.columns))
    for at, heading in enumerate(grid.columns):
        _runs(table.cell(0, at).paragraphs[0], heading, right=at > 0)
    for number, row in enumerate(grid.rows, 1):
        cells = table.rows[number].cells
        if len(row) == 1:
            cells[0].merge(cells[-1])
        for at, cell in enumerate(row):
            what = Rich(((_typeset(cell), "plain"), (cell.mark, "above")))
            _runs(cells[at].paragraphs[0], what, right=at > 0)
    for number in (0, len(grid.rows)):
        for cell in table.rows[number].cells:
            _ruled(cell, ("top", "bottom") if number == 0 else ("bottom",))


def _runs(paragraph: Any, what: Rich, *, right: bool = False) -> None:
    for text, style in what.runs:
        if text:
            run = paragraph.add_run(text)
            run.italic = style == "italic"
            run.font.superscript = style == "above"
    if right:
        paragraph.alignment = 2


def _ruled(cell: Any, edges: Sequence[str]) -> None:
    """Draw lines along edges of a Word cell, for which python-docx has no words."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for edge in edges:
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "auto")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)
