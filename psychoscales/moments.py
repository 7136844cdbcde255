"""Moments of keyed answers: n, means and covariances, from exact integer sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns, frozen
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
MissingRule = Literal["complete", "pairwise"]


@dataclass(frozen=True, eq=False)
class Moments:
    """First and second moments of named columns, and of how many people they are.

    Attributes:
        names: the k columns.
        n: int64 [k, k]; for each pair the people both of whose answers were used. All equal
            where people with a missing answer were left out ("complete").
        mean: float [k], of the people who answered the item.
        cov: float [k, k], divisor n - 1; a pair's means are of the pair's own people.
        missing: "complete" or "pairwise".
        metric: what the columns are: "raw" values, or "polychoric".
        dropped: people left out because an answer was missing.
    """

    names: tuple[str, ...]
    n: npt.NDArray[np.int64]
    mean: Floats
    cov: Floats
    missing: MissingRule
    metric: str = "raw"
    dropped: int = 0

    @property
    def one_n(self) -> int:
        """The n that all of it is from; refused where pairs have different people."""
        if self.n.min() != self.n.max():
            low, high = self.pair_n
            raise RefusalError(
                f"pairwise moments have no single n: pairs are of {low:,} to {high:,} people"
            )
        return int(self.n.flat[0])

    @property
    def pair_n(self) -> tuple[int, int]:
        """The fewest and the most people that a pair of two items is of."""
        k = len(self.n)
        pairs = self.n[~np.eye(k, dtype=bool)] if k > 1 else self.n.ravel()
        return int(pairs.min()), int(pairs.max())

    @property
    def correlation(self) -> Floats:
        """The correlation matrix [k, k]."""
        scale = np.sqrt(np.diag(self.cov))
        if not (scale > 0).all():
            flat = ", ".join(np.array(self.names)[~(scale > 0)])
            raise RefusalError(f"no correlation: everybody gave the same answer to {flat}")
        correlation: Floats = self.cov / np.outer(scale, scale)
        np.fill_diagonal(correlation, 1.0)
        return correlation


def values_of(patterns: Patterns, values: Sequence[Sequence[float]]) -> Floats:
    """Return the values [m, k] of the patterns' positions; NaN where an answer is missing.

    `values` holds, for each item, the value of each of its options in order.
    """
    table = np.full(patterns.rows.shape, np.nan)
    for column, row in enumerate(values):
        padded = np.array([*row, np.nan])
        table[:, column] = padded[patterns.rows[:, column]]
    return table


def moments(
    patterns: Patterns, values: Sequence[Sequence[float]], missing: MissingRule = "complete"
) -> Moments:
    """Return the moments of counted patterns under a scoring of their options.

    Whole-number values are added up as integers and divided once at the end, so that the result
    does not depend on the order or the splitting of people.

    Args:
        patterns: counted rows.
        values: for each item, the value of each of its options (already reversed where keyed).
        missing: "complete" leaves out people with any missing answer; "pairwise" uses for each
            pair everybody who answered both.

    Raises:
        RefusalError: fewer than two people answered (some pair of) the items.
    """
    if missing not in ("complete", "pairwise"):
        raise ValueError(f"missing is 'complete' or 'pairwise', not '{missing}'")
    total = patterns.n
    if missing == "complete":
        patterns = patterns.complete
    table = values_of(patterns, values)
    present = ~np.isnan(table)
    filled = np.where(present, table, 0.0)
    exact = _as_integers(filled, total)
    seen = present.astype(exact.dtype)
    counts = patterns.counts.astype(exact.dtype)[:, None]
    n = seen.T @ (seen * counts)
    firsts = exact.T @ (seen * counts)
    seconds = exact.T @ (exact * counts)
    smallest = int(n.min()) if n.size else 0
    if smallest < 2:
        raise RefusalError(_too_few(patterns.items, n, missing))
    numerator = n * seconds - firsts * firsts.T
    cov = np.asarray(numerator / (n * (n - 1)), dtype=np.float64)
    mean = np.asarray(np.diag(firsts) / np.diag(n), dtype=np.float64)
    return Moments(
        names=patterns.items,
        n=frozen(n.astype(np.int64)),
        mean=frozen(mean),
        cov=frozen(cov),
        missing=missing,
        dropped=total - patterns.n if missing == "complete" else 0,
    )


def pairwise_correlations(patterns: Patterns, values: Sequence[Sequence[float]]) -> Moments:
    """Return each pair's correlation from the pair's own people, as R's `cor` does.

    The correlations of pairwise `moments` divide by the standard deviations of everybody who
    answered an item; here both are of the people who answered the two.
    """
    known = moments(patterns, values, "pairwise")
    table = values_of(patterns, values)
    present = ~np.isnan(table)
    filled = np.where(present, table, 0.0)
    seen = present * patterns.counts[:, None].astype(np.float64)
    # Sums over the people of each pair [k, k]: of the first item, and of its square.
    sums, squares = filled.T @ seen, (filled**2).T @ seen
    n = known.n.astype(np.float64)
    variance = (squares - sums**2 / n) / (n - 1)
    spread = np.sqrt(variance * variance.T)
    if not (spread > 0).all():
        raise RefusalError("no correlation: everybody of some pair gave the same answer")
    r = known.cov / spread
    np.fill_diagonal(r, 1.0)
    return replace(known, cov=frozen(r), metric="standardized")


def _as_integers(filled: Floats, people: int) -> npt.NDArray[Any]:
    """Whole values become integers: 64-bit where no sum can overflow, else Python's own."""
    if not np.array_equal(filled, np.rint(filled)):
        return filled
    largest = float(np.abs(filled).max(initial=1.0))
    if people**2 * largest**2 < 2**62:
        return filled.astype(np.int64)
    return np.array([[int(x) for x in row] for row in filled], dtype=object).reshape(filled.shape)


def _too_few(names: Sequence[str], n: npt.NDArray[Any], missing: str) -> str:
    if missing == "complete":
        count = int(n.flat[0]) if n.size else 0
        return f"{'one person' if count else 'nobody'} answered every item; two are needed"
    row, column = divmod(int(np.argmin(n.astype(np.int64))), n.shape[1])
    pair = f"{names[row]} and {names[column]}"
    count = int(n[row, column])
    return f"{'one person' if count else 'nobody'} answered both {pair}; two are needed"


def ascending(
    patterns: Patterns, values: Sequence[Sequence[float]]
) -> tuple[Patterns, tuple[tuple[float, ...], ...]]:
    """Return the patterns with options numbered by value; options of one value become one."""
    if all((np.diff(row) > 0).all() for row in values):
        return patterns, tuple(tuple(map(float, row)) for row in values)
    rows = patterns.rows.copy()
    steps = []
    for column, row in enumerate(values):
        distinct, place = np.unique(row, return_inverse=True)
        table = np.append(place, -1).astype(np.int8)
        # A missing answer is -1, and so is the last place of the table.
        rows[:, column] = table[rows[:, column]]
        steps.append(tuple(float(value) for value in distinct))
    sizes = [len(row) for row in steps]
    known = (patterns.items, sizes, patterns.key)
    made = Patterns.of(rows, *known, weights=patterns.counts, keying=patterns.keying)
    return made, tuple(steps)
