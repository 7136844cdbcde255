"""What every kind of table gives back: tidy tables, and the grid they are printed as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psychoscales.layouts import Grid, plain
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.results import Table
from psychoscales.spec.model import in_language


@dataclass(frozen=True)
class Made:
    """One analysis, done.

    Attributes:
        tables: name -> `Table`; the first is called as the analysis.
        grid: the same laid out for print.
    """

    tables: Mapping[str, Table]
    grid: Grid


def title_of(analysis: Analysis) -> str:
    """Return the title of an analysis."""
    return in_language(analysis.title, "en")


def refused(sample: Sample, analysis: Analysis, columns: tuple[str, ...], why: str) -> Made:
    """Return an analysis that could not be done: no rows, and the reason."""
    notes = (f"Not computed: {why}.", *sample.notes)
    table = Table(title_of(analysis), columns, (), notes)
    grid = Grid(plain(table.title), (plain(""),), (), tuple(plain(note) for note in notes))
    return Made({analysis.id: table}, grid)
