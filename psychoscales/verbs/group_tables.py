"""`Groups`: what `psychoscales.groups` returns, as text, page and picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from psychoscales.engines.validity.expectation import share_confirmed
from psychoscales.engines.validity.grouped import Grouped
from psychoscales.errors import UnknownNameError
from psychoscales.results import WHERE, Table, Tables

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
class Groups(Tables):
    """What `psychoscales.groups` returns: a table of tests and effects, and more tables.

    Attributes:
        groups: n, missing, mean with its interval, sd and median of each group.
        pairs: every two groups: difference of the means (second minus first), test and Hedges' g.
        hypotheses: what was declared beforehand, and whether it was confirmed.
        tabulated: (scale, score) -> the score counted by group.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ("groups", "pairs", "hypotheses")

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
