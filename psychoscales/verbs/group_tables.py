"""`Groups`: what `psychoscales.groups` returns, as text, page and picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psychoscales.engines.validity.expectation import share_confirmed
from psychoscales.engines.validity.grouped import Grouped
from psychoscales.errors import UnknownNameError
from psychoscales.results import WHERE, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *WHERE,
    "test",
    "statistic",
    "df",
    "df_error",
    "p",
    "p_adjusted",
    "effect",
    "value",
    "low",
    "high",
    "level",
    "n",
    "method",
    "interval",
    "seed",
    "note",
)
HIDDEN = ("level", "seed", "method", "interval")
GROUP_COLUMNS = (*WHERE, "n", "missing", "mean", "low", "high", "level", "sd", "median")
PAIR_COLUMNS = (
    *WHERE,
    "contrast",
    "first",
    "second",
    "difference",
    "low",
    "high",
    "level",
    "se",
    "t",
    "df",
    "p",
    "p_adjusted",
    "g",
    "g_low",
    "g_high",
    "g_method",
    "n",
    "method",
    "note",
)
PAIR_HIDDEN = ("first", "second", "level", "se", "g_method", "method")


@dataclass(frozen=True, kw_only=True)
class Groups(Table):
    """What `psychoscales.groups` returns: a table of tests and effects, and more tables.

    Attributes:
        groups: n, missing, mean with its interval, sd and median of each group.
        pairs: every two groups: difference of the means (second minus first), test and Hedges' g.
        hypotheses: what was declared beforehand, and whether it was confirmed.
        tabulated: (scale, score) -> the score counted by group.
    """

    groups: Table
    pairs: Table
    hypotheses: Table
    tabulated: Mapping[tuple[str, str], Grouped] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def share_confirmed(self) -> float | None:
        """The share of the judged hypotheses that were confirmed; None where none was judged."""
        return share_confirmed([row["confirmed"] for row in self.hypotheses.rows])

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` can write, the further tables within."""
        further = {name: getattr(self, name).to_dict() for name in self._names()}
        return {**super().to_dict(), **further}

    def lines(self, width: int) -> Iterator[str]:
        """Yield all tables as lines of text."""
        yield from super().lines(width)
        for table in self._further():
            yield ""
            yield from table.lines(width)

    def _repr_html_(self) -> str:
        further = [table._repr_html_() for table in self._further()]
        return "".join([super()._repr_html_(), *further])

    def plot(self, score: str | None = None, *, scale: str | None = None) -> Figure:
        """Draw one score's distribution and mean in each group.

        Args:
            score, scale: which one, where there are several.

        Raises:
            UnknownNameError: there is no such score, or there are several and none is named.
        """
        from psychoscales.plots.known_groups import known_groups

        found = [
            key for key in self.tabulated if scale in (None, key[0]) and score in (None, key[1])
        ]
        if len(found) != 1:
            known = [" ".join(key) for key in self.tabulated]
            asked = " ".join(part for part in (scale, score) if part) or "(not named)"
            raise UnknownNameError("score to draw", asked, known)
        (key,) = found
        one = self.tabulated[key]
        level = next((row["level"] for row in self.groups.rows if row["level"]), 0.95)
        return known_groups(
            one.values,
            one.counts,
            one.labels,
            one.mean,
            one.mean_interval(level),
            title=f"{' '.join(key)}: means with {100 * level:g}% intervals",
        )

    @staticmethod
    def _names() -> tuple[str, ...]:
        return ("groups", "pairs", "hypotheses")

    def _further(self) -> Iterator[Table]:
        for name in self._names():
            table = getattr(self, name)
            if table.rows:
                yield table
