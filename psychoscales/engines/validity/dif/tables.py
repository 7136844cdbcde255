"""Count tables of one item by matching score and group, from counted patterns of each group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns, frozen
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Matching = Literal["total", "rest"]
DECIMALS = 9
"""Matching scores that differ by less than rounding of sums are one stratum."""


@dataclass(frozen=True, eq=False)
class ItemTable:
    """How many people of each group gave each answer to one item, at each matching score.

    Attributes:
        scores: the matching scores, rising [S].
        values: the item's keyed values that somebody gave, rising [J].
        counts: int64 [S, G, J]; the reference group is the first.
    """

    scores: Floats
    values: Floats
    counts: Counts

    @property
    def n(self) -> int:
        """People counted."""
        return int(self.counts.sum())

    def pooled(self, fewest: int | None) -> Counts:
        """Return the counts with neighbouring scores put together [S', G, J].

        From the lowest score upwards, scores are put together until each group has `fewest`
        people there; what is left over at the top joins the last stratum. None pools nothing.
        """
        if fewest is None:
            return self.counts
        sizes = self.counts.sum(axis=2)
        starts, seen = [0], np.zeros(sizes.shape[1], dtype=np.int64)
        for at, row in enumerate(sizes):
            if at and (seen >= fewest).all():
                starts.append(at)
                seen = np.zeros_like(seen)
            seen = seen + row
        if len(starts) > 1 and not (seen >= fewest).all():
            starts.pop()
        return np.add.reduceat(self.counts, starts, axis=0)


@dataclass(frozen=True, eq=False)
class Answers:
    """The distinct rows of complete answers of all groups, one below the other.

    Attributes:
        items: names of the k items.
        groups: names of the G groups, the reference group first.
        keyed: keyed values [M, k].
        group: which group each row is of [M].
        weights: how many people gave it [M].
    """

    items: tuple[str, ...]
    groups: tuple[str, ...]
    keyed: Floats
    group: npt.NDArray[np.int64]
    weights: Counts

    @classmethod
    def of(cls, patterns: Mapping[str, Patterns], values: Sequence[Sequence[float]]) -> Answers:
        """Return the complete answers of groups, keyed by `values` (of each option, each item)."""
        complete = [each.complete for each in patterns.values()]
        first = complete[0]
        columns = [
            np.asarray(row, dtype=np.float64)[
                np.concatenate([each.rows[:, at] for each in complete])
            ]
            for at, row in enumerate(values)
        ]
        sizes = [len(each.counts) for each in complete]
        return cls(
            first.items,
            tuple(patterns),
            frozen(np.column_stack(columns)),
            frozen(np.repeat(np.arange(len(sizes)), sizes)),
            frozen(np.concatenate([each.counts for each in complete])),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """People in each group."""
        counted = np.bincount(self.group, self.weights, len(self.groups))
        return tuple(int(n) for n in counted)

    def matching(self, item: str, anchors: Collection[str], matching: Matching) -> Floats:
        """Return the matching score of each row [M]: the sum of the anchors' keyed values.

        "total" has the studied item in it whether it is an anchor or not; "rest" never has.
        """
        chosen = [name for name in self.items if name in anchors and name != item]
        if matching == "total":
            chosen.append(item)
        elif not chosen:
            raise RefusalError(f"{item} is the only anchor: without it no matching score is left")
        columns = [self.items.index(name) for name in chosen]
        return np.asarray(np.round(self.keyed[:, columns].sum(axis=1), DECIMALS))

    def table(self, item: str, anchors: Collection[str], matching: Matching) -> ItemTable:
        """Count one item by matching score and group."""
        scores, stratum = np.unique(self.matching(item, anchors, matching), return_inverse=True)
        values, answer = np.unique(self.keyed[:, self.items.index(item)], return_inverse=True)
        if len(values) < 2:
            raise RefusalError(f"{item}: everybody gave the same answer ({values[0]:g})")
        shape = (len(scores), len(self.groups), len(values))
        place = np.ravel_multi_index((stratum, self.group, answer), shape)
        counts = np.zeros(int(np.prod(shape)), dtype=np.int64)
        np.add.at(counts, place, self.weights)
        return ItemTable(scores, values, frozen(counts.reshape(shape)))
