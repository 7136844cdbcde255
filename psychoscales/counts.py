"""Integer tables that add: how many people gave each pattern of answers, and cross tables.

Both are small, immutable, and identical however the people were split up and in whatever order
they came, so that a laptop, a cluster and several sites get the same numbers from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.errors import MergeError

Positions = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
DENSE = 1 << 22


class Key(NamedTuple):
    """Which scale the answers are to: counts of different keys are never added."""

    scale: str
    version: str
    sha256: str


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return `array` as one that nobody can write to."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct rows of answers and how many people gave each.

    Attributes:
        rows: int8 [m, k], option positions 0 .. C-1 in declared order, -1 where missing; the rows
            are distinct and in lexicographic order.
        counts: int64 [m], people per row.
        items: names of the k items.
        categories: number of options of each item.
        key: scale id, version and SHA-256.
        keying: the score whose items and reversals these are, or "none" for answers as given.
    """

    rows: Positions
    counts: Counts
    items: tuple[str, ...]
    categories: tuple[int, ...]
    key: Key
    keying: str = "none"

    @classmethod
    def of(
        cls,
        positions: npt.NDArray[np.int8],
        items: Sequence[str],
        categories: Sequence[int],
        key: Key,
        *,
        weights: npt.NDArray[np.int64] | None = None,
        keying: str = "none",
    ) -> Patterns:
        """Count the rows of `positions` [n, k]; `weights` [n] says how many people a row is."""
        rows, counts = _distinct(positions, tuple(categories), weights)
        return cls(frozen(rows), frozen(counts), tuple(items), tuple(categories), key, keying)

    @property
    def n(self) -> int:
        """People counted."""
        return int(self.counts.sum())

    @property
    def complete(self) -> Patterns:
        """The patterns of the people who answered every item."""
        keep = (self.rows >= 0).all(axis=1)
        return self._with(self.rows[keep], self.counts[keep])

    def select(self, items: Sequence[str], keying: str | None = None) -> Patterns:
        """Return the patterns of some of the items, counted anew."""
        lacking = [name for name in items if name not in self.items]
        if lacking:
            raise MergeError(f"{', '.join(lacking)} were not counted; {self!r}")
        columns = [self.items.index(name) for name in items]
        return Patterns.of(
            self.rows[:, columns],
            tuple(items),
            tuple(self.categories[column] for column in columns),
            self.key,
            weights=self.counts,
            keying=self.keying if keying is None else keying,
        )

    def _with(self, rows: Positions, counts: Counts) -> Patterns:
        rest = (self.items, self.categories, self.key, self.keying)
        return Patterns(frozen(rows), frozen(counts), *rest)

    def __add__(self, other: Patterns) -> Patterns:
        _same(self.key, other.key, "scales")
        _same(self.items, other.items, "items")
        _same(self.categories, other.categories, "options")
        _same(self.keying, other.keying, "keyings")
        rows = np.concatenate([self.rows, other.rows])
        weights = np.concatenate([self.counts, other.counts])
        return Patterns.of(
            rows, self.items, self.categories, self.key, weights=weights, keying=self.keying
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Patterns)
            and (self.key, self.items, self.categories, self.keying)
            == (other.key, other.items, other.categories, other.keying)
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.counts, other.counts)
        )

    def __hash__(self) -> int:
        return hash((self.key, self.items, self.keying, self.counts.tobytes()))

    def __repr__(self) -> str:
        return (
            f"Patterns of {self.key.scale} {self.key.version}: {self.n:,} people, "
            f"{len(self.counts):,} distinct patterns of {len(self.items)} items"
        )


def _same(left: object, right: object, what: str) -> None:
    if left != right:
        raise MergeError(f"counts of different {what} cannot be added: {left} and {right}")


def _distinct(
    positions: npt.NDArray[np.int8],
    categories: tuple[int, ...],
    weights: npt.NDArray[np.int64] | None,
) -> tuple[Positions, Counts]:
    """Return the distinct rows in lexicographic order, and how many people each is."""
    n, k = positions.shape
    sizes = np.array([count + 1 for count in categories], dtype=object)
    total = int(sizes.prod()) if k else 1
    if total >= 2**62:
        return _distinct_bytes(positions, weights)
    code = np.zeros(n, dtype=np.int64)
    for column, size in enumerate(sizes):
        np.multiply(code, int(size), out=code)
        np.add(code, np.maximum(positions[:, column], -1) + np.int8(1), out=code)
    codes: npt.NDArray[np.int64]
    if total <= DENSE:
        table = _add_up(code, weights, total)
        codes = np.flatnonzero(table)
        counts = table[codes]
    else:
        codes, inverse = np.unique(code, return_inverse=True)
        counts = _add_up(inverse, weights, len(codes))
        codes, counts = codes[counts > 0], counts[counts > 0]
    rows = np.empty((len(codes), k), dtype=np.int8)
    rest = codes.copy()
    for column in range(k - 1, -1, -1):
        rest, digit = np.divmod(rest, int(sizes[column]))
        rows[:, column] = digit - 1
    return rows, counts


def _distinct_bytes(
    positions: npt.NDArray[np.int8], weights: npt.NDArray[np.int64] | None
) -> tuple[Positions, Counts]:
    """The same for scales so long that a row does not fit into one integer."""
    shifted = np.ascontiguousarray((np.maximum(positions, -1) + np.int8(1)).astype(np.uint8))
    view = shifted.view(np.dtype((np.void, shifted.shape[1]))).ravel()
    _, first, inverse = np.unique(view, return_index=True, return_inverse=True)
    counts = _add_up(inverse, weights, len(first))
    rows = shifted[first].astype(np.int8) - np.int8(1)
    return rows[counts > 0], counts[counts > 0]


def _add_up(
    places: npt.NDArray[np.int64], weights: npt.NDArray[np.int64] | None, size: int
) -> Counts:
    if weights is None:
        return np.bincount(places, minlength=size).astype(np.int64, copy=False)
    table = np.zeros(size, dtype=np.int64)
    np.add.at(table, places, weights)
    return table


@dataclass(frozen=True, eq=False)
class Crosstab:
    """Integer counts over named axes: score by group, item by score by group.

    Attributes:
        axes: for each axis, its name and the labels along it.
        counts: int64, one dimension an axis.
    """

    axes: tuple[tuple[str, tuple[str, ...]], ...]
    counts: Counts

    @classmethod
    def of(cls, columns: Mapping[str, tuple[npt.NDArray[Any], Sequence[str]]]) -> Crosstab:
        """Count people over `columns`: name -> (codes [n], labels); a code below 0 is left out."""
        axes = tuple((name, tuple(labels)) for name, (_, labels) in columns.items())
        shape = tuple(len(labels) for _, labels in axes)
        codes = [np.asarray(column) for column, _ in columns.values()]
        keep = np.logical_and.reduce([code >= 0 for code in codes])
        flat = np.ravel_multi_index(tuple(code[keep] for code in codes), shape)
        size = int(np.prod(shape, dtype=np.int64))
        return cls(axes, frozen(_add_up(np.asarray(flat), None, size).reshape(shape)))

    @property
    def n(self) -> int:
        """People counted."""
        return int(self.counts.sum())

    def __add__(self, other: Crosstab) -> Crosstab:
        _same(self.axes, other.axes, "axes")
        return Crosstab(self.axes, frozen(self.counts + other.counts))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Crosstab)
            and self.axes == other.axes
            and np.array_equal(self.counts, other.counts)
        )

    def __hash__(self) -> int:
        return hash((self.axes, self.counts.tobytes()))
