"""`Validity against a criterion`: what `psychoscales.criterion` returns, as text, page, picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from psychoscales.counts import Crosstab
from psychoscales.engines.validity.cutoffs import STATISTICS
from psychoscales.errors import UnknownNameError
from psychoscales.plots.roc import Curve, roc_figure
from psychoscales.results import WHERE, Table, Tables, cell, number
from psychoscales.spec.numbers import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = dict[str, Any]
COLUMNS = (
    *(*WHERE, "statistic", "value", "low", "high", "level", "n", "method"),
    *("positives", "negatives", "direction", "truth", "note"),
)
CUTOFF_COLUMNS = (
    *(*WHERE, "cutoff"),
    *(f"{name}{end}" for name in STATISTICS for end in ("", "_low", "_high")),
    *("true_positives", "false_negatives", "false_positives", "true_negatives"),
    *("prevalence", "declared", "direction", "level", "n", "method"),
)
BEST_COLUMNS = (
    *(*WHERE, "criterion", "least", "cutoff", "cutoff_low", "cutoff_high", "above", "ties"),
    *("chosen", "sensitivity", "sensitivity_corrected", "specificity", "specificity_corrected"),
    *("youden", "youden_corrected", "direction", "level", "n", "method", "resamples", "seed"),
    "note",
)
STRATA_COLUMNS = (
    *(*WHERE, "stratum", "band", "lowest", "below", "positives", "negatives"),
    *("lr", "lr_low", "lr_high", "probability", "probability_low", "probability_high"),
    *("prevalence", "source", "level", "n", "method", "note"),
)
REFERENCE_COLUMNS = (
    *(*WHERE, "statistic", "at", "cutoff", "lowest", "highest", "value", "value_low"),
    *("value_high", "reference", "reference_low", "reference_high", "inside", "source"),
    *("criterion", "population", "reference_n", "level", "n", "method", "note"),
)
COMPARISON_COLUMNS = (
    *(*WHERE, "against", "auc", "auc_against", "difference", "difference_low"),
    *("difference_high", "z", "p", "level", "n", "positives", "negatives", "method", "note"),
)
ON_SCORE = frozenset({"cutoff", "above", "lowest", "below", "highest", "least"})
ENDS = ("_low", "_high", "_corrected")
FEW_CUTOFFS = 12
SMALLEST_P = 0.001


@dataclass(frozen=True)
class Folded(Table):
    """A table with a value and the ends of its interval in one cell: 0.857 [0.421, 0.996].

    What is left of a value when it is corrected stands in brackets behind it: 0.857 (0.791).
    """

    def shown(self) -> tuple[list[str], list[list[str]]]:
        """Return the columns that are shown, and their cells as text."""
        ends = {f"{name}{end}" for name in self.columns for end in ENDS}
        names = [name for name in super().shown()[0] if name not in ends]
        return names, [[_folded(name, row) for name in names] for row in self.rows]


def _folded(name: str, row: Mapping[str, Any]) -> str:
    value = row.get(name)
    if isinstance(value, float) and math.isinf(value):
        return "inf"
    if name == "p" and value is not None and value < SMALLEST_P:
        return f"<{SMALLEST_P}"
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    write = plain if name in ON_SCORE else number
    if isinstance(value, float) and name in ON_SCORE and low is None:
        return write(value)
    corrected = row.get(f"{name}_corrected")
    if corrected is not None:
        return f"{cell(name, value)} ({number(corrected)})"
    if value is None or low is None or high is None:
        return cell(name, value)
    return f"{write(value)} [{write(low)}, {write(high)}]"


@dataclass(frozen=True, kw_only=True)
class Criterion(Tables):
    """What `psychoscales.criterion` returns: areas, and further tables.

    Attributes:
        cutoffs: what becomes of decisions at every cut-off.
        best: the best cut-off of each score by several criteria, with what chance has to do
            with it.
        strata: likelihood ratios of bands.
        references: what was found beside what the scale's file says others found.
        comparison: areas of two scores of the same people.
        counts: score -> a table of its values and the truth, which adds up over sites.
        curves: score -> its ROC curve.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ("best", "cutoffs", "strata", "references", "comparison")

    cutoffs: Table
    best: Table
    strata: Table
    references: Table
    comparison: Table
    counts: Mapping[str, Crosstab] = field(default_factory=dict, repr=False, compare=False)
    curves: Mapping[str, Curve] = field(default_factory=dict, repr=False, compare=False)

    def _further(self) -> Iterator[Table]:
        for name in self.FURTHER:
            table = self._few() if name == "cutoffs" else getattr(self, name)
            if table.rows or table.notes:
                yield table

    def _few(self) -> Table:
        """Return the cut-offs that are declared or best, where there are many."""
        if len(self.cutoffs.rows) <= FEW_CUTOFFS:
            return self.cutoffs
        best = {(row["scale"], row["score"], row["cutoff"]) for row in self.best.rows}
        rows = tuple(
            row
            for row in self.cutoffs.rows
            if row["declared"] or (row["scale"], row["score"], row["cutoff"]) in best
        )
        note = f"these are declared or best; .cutoffs has all {len(self.cutoffs.rows):,}"
        notes, given = (note, *self.cutoffs.notes), self.cutoffs
        return Folded(given.title, given.columns, rows, notes, given.hidden)

    def plot(self, score: str | None = None) -> Figure:
        """Draw the ROC curves, of all scores or of one, with the best cut-off by Youden's index.

        Raises:
            UnknownNameError: there is no such curve.
        """
        title = f"Criterion {self.rows[0]['truth']}"
        if score is None:
            return roc_figure(list(self.curves.values()), title)
        whole = [name for name in self.curves if name == score or name.endswith(f"_{score}")]
        if not whole:
            raise UnknownNameError("score to draw", score, self.curves)
        return roc_figure([self.curves[name] for name in whole], title)
