"""A score counted by group: the distinct values, and how many people of each group have each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
FEWEST = 2
"""People a group needs: with fewer there is no variance."""


@dataclass(frozen=True, eq=False)
class Grouped:
    """How many people of each group have each value of a score.

    Everything that is said of groups is a function of it, so that the cost does not depend on the
    number of people once they are counted.

    Attributes:
        values: the distinct values [m], ascending.
        counts: people per value and group [m, g].
        labels: the groups, in their order.
    """

    values: Floats
    counts: Counts
    labels: tuple[str, ...]

    @classmethod
    def of(cls, scores: Floats, codes: npt.NDArray[np.int64], labels: Sequence[str]) -> Grouped:
        """Count `scores` [n] by `codes` [n] into `labels`; NaN and codes below 0 are left out."""
        used = ~np.isnan(scores) & (codes >= 0)
        values, places = np.unique(scores[used], return_inverse=True)
        size = len(values) * len(labels)
        flat = np.bincount(places * len(labels) + codes[used], minlength=size)
        return cls(values, flat.reshape(len(values), len(labels)).astype(np.int64), tuple(labels))

    @property
    def n(self) -> Counts:
        """People per group [g]."""
        people: Counts = self.counts.sum(axis=0)
        return people

    @property
    def total(self) -> int:
        """People of all groups."""
        return int(self.counts.sum())

    @cached_property
    def mean(self) -> Floats:
        """Mean of each group [g]; NaN of an empty group."""
        with np.errstate(invalid="ignore"):
            means: Floats = (self.values @ self.counts) / self.n
        return means

    @cached_property
    def variance(self) -> Floats:
        """Variance of each group, divisor n - 1 [g]; NaN below two people."""
        squares = (self.values[:, None] - np.nan_to_num(self.mean)) ** 2
        with np.errstate(invalid="ignore", divide="ignore"):
            spread: Floats = (squares * self.counts).sum(axis=0) / (self.n - 1)
        return np.where(self.n > 1, spread, np.nan)

    @cached_property
    def median(self) -> Floats:
        """Median of each group [g]; NaN of an empty group."""
        found = np.full(len(self.labels), np.nan)
        for group, n in enumerate(self.n.tolist()):
            if n:
                reached = self.counts[:, group].cumsum()
                middle = np.searchsorted(reached, [(n - 1) // 2 + 1, n // 2 + 1])
                found[group] = self.values[middle].mean()
        return found

    def mean_interval(self, level: float) -> Floats:
        """Return the ends of Student's interval of each group's mean [g, 2]."""
        from scipy.special import stdtrit

        there = self.n > 1
        df = np.where(there, self.n - 1, 1)
        half = stdtrit(df, (1 + level) / 2) * np.sqrt(self.variance / np.maximum(self.n, 1))
        return np.column_stack([self.mean - half, self.mean + half])

    def pair(self, first: int, second: int) -> Grouped:
        """Return two of the groups."""
        counts = self.counts[:, [first, second]]
        there = counts.any(axis=1)
        return Grouped(self.values[there], counts[there], (self.labels[first], self.labels[second]))

    def check(self) -> None:
        """Refuse what groups cannot be compared on.

        Raises:
            RefusalError: one group, a group of fewer than two people, nobody varies.
        """
        if len(self.labels) < 2:
            raise RefusalError("one group only: two or more are compared")
        few = [f"{label} ({n})" for label, n in zip(self.labels, self.n, strict=True) if n < FEWEST]
        if few:
            raise RefusalError(
                f"fewer than two people with a score in {', '.join(few)}: leave the group out, or "
                "join it to another"
            )
        if len(self.values) < 2:
            raise RefusalError("no variance: everybody has the same score")


@dataclass(frozen=True)
class Effect:
    """A size of difference or trend, with its interval.

    Attributes:
        name: "hedges_g", "rank_biserial", ...
        value: unrounded.
        low, high: the interval's ends; None where there is none.
        level: its confidence level.
        method: of the interval; for a standardized difference also which SD it is in.
        seed: of the bootstrap.
        note: why there is no interval.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    level: float | None = None
    method: str | None = None
    seed: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A test of groups, and the effect that goes with it.

    Attributes:
        test: its id.
        statistic: t, U, F, H, or z.
        df: degrees of freedom; of an F test those of the numerator. None of a normal statistic.
        df_error: those of an F test's denominator.
        p: two-sided.
        n: people in all groups.
        effect: None where no effect size belongs to the test.
        method: how p was had.
    """

    test: str
    statistic: float
    df: float | None
    df_error: float | None
    p: float
    n: int
    effect: Effect | None = None
    method: str | None = None


def two_sided(z: float) -> float:
    """Return the two-sided p of a standard normal statistic."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def by_t(value: float, error: float, df: float, level: float) -> tuple[float, float, float]:
    """Return the two-sided p of value / error under Student's t, and the interval's ends."""
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(df, (1 + level) / 2)) * error
    return float(2 * stdtr(df, -abs(value / error))), value - half, value + half
