"""`Convergent`: what `psychoscales.convergent` returns, as text, page and picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from psychoscales.engines.validity.expectation import share_confirmed
from psychoscales.results import WHERE, Table, Tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *WHERE,
    "against",
    "value",
    "low",
    "high",
    "level",
    "n",
    "p",
    "corrected",
    "corrected_low",
    "corrected_high",
    "reliability",
    "reliability_against",
    "coefficient",
    "method",
    "interval",
    "missing",
    "note",
)
HIDDEN = ("level", "coefficient", "method", "interval", "missing")
RATIO_COLUMNS = (
    *WHERE,
    "against",
    "statistic",
    "value",
    "low",
    "high",
    "level",
    "n",
    "absolute",
    "method",
    "seed",
    "note",
)
RATIO_HIDDEN = ("level", "absolute", "method", "seed")
AVE_COLUMNS = (*WHERE, "ave", "root_ave", "n", "note")
FORNELL_COLUMNS = (*WHERE, "against", "root_ave", "root_ave_against", "r", "distinct", "note")
TRAIT_COLUMNS = (
    *WHERE,
    "first",
    "second",
    "kind",
    "value",
    "heteromethod_exceeded",
    "heteromethod_of",
    "monomethod_exceeded",
    "monomethod_of",
)


@dataclass(frozen=True, kw_only=True)
class Convergent(Tables):
    """What `psychoscales.convergent` returns: a table of correlations, and more tables.

    Attributes:
        htmt: the heterotrait-monotrait ratios, arithmetic (htmt) and geometric (htmt2).
        ave: the average variance extracted of each score's items.
        fornell_larcker: root AVE of two scores against their corrected correlation.
        matrix: everything with everything, reliabilities on the diagonal.
        multitrait: what each correlation is of, where traits and methods were given.
        hypotheses: what was declared beforehand, and whether it was confirmed.
    """

    FURTHER: ClassVar[tuple[str, ...]] = (
        "htmt",
        "ave",
        "fornell_larcker",
        "matrix",
        "multitrait",
        "hypotheses",
    )

    htmt: Table
    ave: Table
    fornell_larcker: Table
    matrix: Table
    multitrait: Table
    hypotheses: Table

    @property
    def share_confirmed(self) -> float | None:
        """The share of the judged hypotheses that were confirmed; None where none was judged."""
        return share_confirmed([row["confirmed"] for row in self.hypotheses.rows])

    def plot(self) -> Figure:
        """Draw the matrix of correlations, with its numbers."""
        from psychoscales.plots.correlation_map import correlation_map

        names = [str(row["variable"]) for row in self.matrix.rows]
        listed = [[row[name] for name in names] for row in self.matrix.rows]
        values = np.array(listed, dtype=np.float64)
        return correlation_map(names, values, title=self.matrix.title)
