"""`psychoscales.write`: a table as a file, in APA layout where it is for reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from psychoscales.errors import SourceError
from psychoscales.frames.files import check_can_write, whole, write_frame
from psychoscales.layouts import Cell, Grid, Rich, html, latex, plain, rich, text, word
from psychoscales.results import PROBABILITIES, PROPORTIONS, WHERE, Table, heading, number

SYMBOLS: Mapping[str, str] = {
    "n": "*n*",
    "p": "*p*",
    "p_adjusted": "adjusted *p*",
    "df": "*df*",
    "t": "*t*",
    "z": "*z*",
    "r": "*r*",
    "mean": "*M*",
    "sd": "*SD*",
    "se": "*SE*",
}
BOUNDED = frozenset(
    {
        *("r", "item_total", "item_rest", "item_rest_smc", "alpha_if_dropped"),
        *("std", "std_se", "correlation", "residual", "communality", "uniqueness"),
        *("cfi", "tli", "rmsea", "srmr", "sensitivity", "specificity", "ppv", "npv"),
    }
)
"""Columns that cannot exceed 1, so that APA style writes them without the zero."""


def write(table: Table, path: str | os.PathLike[str]) -> Path:
    """Write a table to a file, whole or not at all; the ending says how.

    csv, xlsx and parquet hold the tidy, unrounded numbers of `to_frame()`; docx, tex, html and txt
    the printed table in APA style: no leading zero where a number cannot exceed 1, p to three
    decimals, symbols in italics, notes underneath.

    Args:
        table: what any function of the package returned as a `Table`.
        path: the file; an existing one is replaced.

    Returns:
        The path written.

    Raises:
        SourceError: an ending that is not known, or a folder that is not there.
        MissingExtraError: xlsx and parquet need the extra [io], docx the extra [word].

    Examples:
        >>> import tempfile
        >>> import psychoscales as ps
        >>> folder = tempfile.mkdtemp()
        >>> table = ps.items(ps.simulate("phq9", n=100, seed=1))
        >>> ps.write(table, f"{folder}/items.tex").name
        'items.tex'
    """
    place = Path(os.fspath(path)).expanduser()
    make = PRINTED.get(place.suffix.lower())
    if make is None:
        try:
            check_can_write(place)
        except SourceError as error:
            raise SourceError(f"{error}; or, as printed, {', '.join(PRINTED)}") from error
        return write_frame(table.to_frame(), place)
    content = make(grid_of(table))
    with whole(place) as unfinished:
        unfinished.write_bytes(content)
    return place


def grid_of(table: Table) -> Grid:
    """Return a table as it is printed: what nobody used is left out, owners become headings."""
    names, _ = table.shown()
    within = [name for name in names if name in WHERE and WHERE[0] in table.columns]
    names = [name for name in names if name not in (*within, "note")]
    heads = tuple(_head(name) for name in names)
    rows = tuple(_rows(table, names, within))
    notes = [*table.notes, *dict.fromkeys(str(r["note"]) for r in table.rows if r.get("note"))]
    return Grid(plain(table.title), heads, rows, tuple(plain(note) for note in notes))


def _head(name: str) -> Rich:
    return rich(SYMBOLS[name]) if name in SYMBOLS else plain(heading(name))


def _rows(table: Table, names: Sequence[str], within: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    before = ""
    for row in table.rows:
        owner = " ".join(str(row[name]) for name in within if row.get(name))
        if owner != before:
            yield (Cell("text", owner),)
            before = owner
        unit = row.get("coefficient") is not None and _small(row.get("value"))
        yield tuple(_cell(name, row.get(name), unit) for name in names)


def _small(value: Any) -> bool:
    return isinstance(value, float) and abs(value) <= 1


def _cell(name: str, value: Any, unit: bool) -> Cell:
    """Choose how a value is written by its column; `unit` says that estimates cannot exceed 1."""
    value = value.item() if hasattr(value, "item") else value
    if value is None:
        return Cell("text")
    if isinstance(value, bool):
        return Cell("text", "yes" if value else "no")
    if isinstance(value, str | tuple | list):
        return Cell("text", str(value))
    if isinstance(value, int):
        return Cell("count", value)
    if name in PROBABILITIES:
        return Cell("p", value)
    if name in PROPORTIONS:
        return Cell("percent", value)
    if (name in BOUNDED or (unit and name in ("value", "low", "high"))) and abs(value) <= 1:
        return Cell("bounded", value, decimals=3)
    return Cell("text", number(value)) if abs(value) >= 100 else Cell("number", value, decimals=3)


def _page(grid: Grid) -> bytes:
    head = '<!doctype html><html lang="en"><meta charset="utf-8">'
    return f"{head}<title>{escape(grid.title.text)}</title>{html(grid)}</html>".encode()


PRINTED: Mapping[str, Callable[[Grid], bytes]] = {
    ".docx": lambda grid: word([grid]),
    ".tex": lambda grid: latex(grid).encode("utf-8"),
    ".html": _page,
    ".txt": lambda grid: f"{text(grid)}\n".encode(),
}
