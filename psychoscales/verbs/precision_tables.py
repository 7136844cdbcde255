"""`Precision`: what `psychoscales.precision` returns, as text, page and picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from psychoscales.errors import UnknownNameError
from psychoscales.results import WHERE, Table, Tables, cell
from psychoscales.spec.numbers import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = dict[str, Any]
COLUMNS = (
    *WHERE,
    "coefficient",
    "value",
    "low",
    "high",
    "level",
    "n",
    "method",
    "missing",
    "note",
)
SCORE_COLUMNS = (
    *WHERE,
    "value",
    "n",
    "share",
    "low",
    "high",
    "true_value",
    "true_low",
    "true_high",
    "sem_conditional",
    "sem_keats",
)
DECISIONS = ("consistency", "chance", "kappa", "accuracy", "false_positive", "false_negative")
CUTOFF_COLUMNS = (
    *WHERE,
    "band",
    "level",
    "cutoff",
    "source",
    *DECISIONS,
    "share",
    "share_expected",
    "n",
    "method",
    "note",
)
SHOWN = ("cut", *DECISIONS[:4], "too_high", "too_low", "note")
METHODS = {
    "livingston_lewis": "Livingston and Lewis",
    "livingston_lewis_4p": "Livingston and Lewis, four-parameter beta",
    "livingston_lewis_2p": "Livingston and Lewis, two-parameter beta",
    "bivariate_normal": "bivariate normal (Peng and Subkoviak)",
}


@dataclass(frozen=True, kw_only=True)
class Precision(Tables):
    """What `psychoscales.precision` returns: a table of errors, and two more tables.

    Attributes:
        scores: every possible value of each score, with its intervals and standard errors.
        cutoffs: every declared cut-off of each score, and all of a set at once (level and cutoff
            are null there), with what becomes of decisions at it.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ("scores", "cutoffs")

    scores: Table
    cutoffs: Table

    def plot(self, score: str | None = None, *, scale: str | None = None) -> Figure:
        """Draw the intervals along one score, and its cut-offs.

        Args:
            score, scale: which one, where there are several.

        Raises:
            UnknownNameError: there is no such score.
            ValueError: there are several, and which is not said.
        """
        from psychoscales.plots.score_intervals import score_intervals

        known = list(dict.fromkeys((row["scale"], row["score"]) for row in self.scores.rows))
        found = [key for key in known if scale in (None, key[0]) and score in (None, key[1])]
        if len(found) != 1:
            names = [" ".join(key) for key in known]
            if not found:
                asked = " ".join(part for part in (scale, score) if part is not None)
                raise UnknownNameError("score to draw", asked, names)
            raise ValueError(f"say which score to draw, score= and scale=: {', '.join(names)}")
        (wanted,) = found
        rows = [row for row in self.scores.rows if (row["scale"], row["score"]) == wanted]
        column = {name: np.array([row[name] for row in rows]) for name in SCORE_COLUMNS[4:]}
        cuts = {
            (row["cutoff"], row["level"]): None
            for row in self.cutoffs.rows
            if (row["scale"], row["score"]) == wanted and row["cutoff"] is not None
        }
        values = column["value"]
        observed = (column["low"], values, column["high"])
        true = (column["true_low"], column["true_value"], column["true_high"])
        return score_intervals(values, observed, true, list(cuts), " ".join(wanted))

    def _further(self) -> Iterator[Table]:
        if self.scores.rows:
            yield self.scores
        blocks: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        for row in self.cutoffs.rows:
            key = (row["scale"], row["score"], row["band"], row["source"], row["method"])
            blocks.setdefault(key, []).append(row)
        notes = self.cutoffs.notes
        for number_, (key, rows) in enumerate(blocks.items(), start=1):
            scale, score, band, source, method = key
            title = f"Decisions at the cut-offs of {band}, {scale} {score} (source: {source})"
            title += f"; {METHODS[method]}" if method else ""
            said = (*_margins(rows), *(notes if number_ == len(blocks) else ()))
            yield Table(title, SHOWN, tuple(_shown(row) for row in rows), said)


def _margins(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say how many people are at or above each cut-off, and how many the model expects."""
    shares = [
        f"{plain(row['cutoff'])}: {cell('share', row['share'])} "
        f"({cell('share', row['share_expected'])})"
        for row in rows
        if row["share_expected"] is not None and row["cutoff"] is not None
    ]
    if shares:
        yield f"people at or above (by the model): {', '.join(shares)}"


def _shown(row: Mapping[str, Any]) -> Row:
    cut = "all at once" if row["level"] is None else f"{plain(row['cutoff'])} {row['level']}"
    too = {"too_high": row["false_positive"], "too_low": row["false_negative"]}
    return {"cut": cut, **too, **{name: row[name] for name in (*DECISIONS, "note")}}
