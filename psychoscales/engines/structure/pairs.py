"""How many people gave each two answers to each two items.

Pairs of items are in the order (1,2), (1,3), ..., (1,k), (2,3), ...: column by column of the
lower triangle of a correlation matrix. Tables have the first item's options as rows; where items
have different numbers of options, the tables are padded with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEVELS = 400
"""The most combinations of answers that items are taken together for: their cross tables have to
stay in the processor's cache."""
SMALL = 6_000_000
"""Rows times squared options up to which one matrix product is quicker than tables of codes."""


class PairCounts(NamedTuple):
    """Cross tables of all pairs of items, and the items' own counts.

    Attributes:
        tables: [..., pairs, C, C], people per two answers.
        margins: [..., k, C], people per answer; of everybody who answered the item.
    """

    tables: npt.NDArray[Any]
    margins: npt.NDArray[Any]


def pairs_of(k: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the first and the second item of every pair."""
    first, second = np.triu_indices(k, 1)
    return first, second


def pair_counts(
    rows: npt.NDArray[np.int8], counts: Counts | None, categories: Sequence[int]
) -> PairCounts:
    """Count every pair of items in one go.

    Args:
        rows: option positions [m, k], -1 where missing; a pair is of those who answered both.
        counts: people per row [m]; None means one each.
        categories: number of options of each item.
    """
    if counts is not None and (counts == 1).all():
        counts = None
    width = sum(categories)
    if len(rows) * width**2 <= SMALL:
        burt = _by_product(rows, counts, categories)
    else:
        burt = _by_codes(rows, counts, categories)
    return _unfolded(np.rint(burt).astype(np.int64), categories)


def resampled_pair_counts(
    rows: npt.NDArray[np.int8], weights: npt.NDArray[Any], categories: Sequence[int]
) -> PairCounts:
    """Count every pair of items in each of many resamples of the same rows.

    Args:
        rows: option positions [m, k], -1 where missing.
        weights: people per row in each resample [B, m], whole numbers below 2^24.
        categories: number of options of each item.

    Returns:
        Counts with a leading axis B; floats that hold whole numbers.
    """
    k, widest = rows.shape[1], max(categories)
    first, second = pairs_of(k)
    # Single precision is exact for whole numbers this small, and twice as quick.
    people = np.ascontiguousarray(weights, dtype=np.float32)
    there = np.arange(widest)
    alone = (rows[:, :, None] == there).astype(np.float32)
    margins = people @ alone.reshape(len(rows), -1)
    tables = np.empty((len(people), len(first), widest, widest), dtype=np.float32)
    for i in range(k - 1):
        mine = first == i
        both = alone[:, None, i, :, None] * alone[:, second[mine], None, :]
        tables[:, mine] = (people @ both.reshape(len(rows), -1)).reshape(
            len(people), -1, widest, widest
        )
    return PairCounts(tables, margins.reshape(len(people), k, widest))


def _by_product(
    rows: npt.NDArray[np.int8], counts: Counts | None, categories: Sequence[int]
) -> Floats:
    """The Burt matrix (all cross tables side by side) as the product of indicators."""
    indicators = np.concatenate(
        [rows[:, [at]] == np.arange(count) for at, count in enumerate(categories)], axis=1
    ).astype(np.float64)
    weighted = indicators if counts is None else indicators * counts[:, None]
    burt: Floats = indicators.T @ weighted
    return burt


def _by_codes(
    rows: npt.NDArray[np.int8], counts: Counts | None, categories: Sequence[int]
) -> Floats:
    """The same from a few large cross tables, each of two groups of items taken together."""
    missing = int(rows.min(initial=0) < 0)
    sizes = [count + missing for count in categories]
    groups = list(_groups(sizes))
    starts = np.concatenate([[0], np.cumsum(categories)])
    codes, indicators, spans = [], [], []
    for group in groups:
        codes.append(_code(rows, group, [sizes[at] for at in group], missing))
        indicators.append(_levels([sizes[at] for at in group], missing))
        spans.append(slice(starts[group[0]], starts[group[-1] + 1]))
    weights = None if counts is None else counts.astype(np.float64)
    burt = np.zeros((starts[-1], starts[-1]))
    for a, code in enumerate(codes):
        own = np.bincount(code, weights, minlength=len(indicators[a]))
        burt[spans[a], spans[a]] = indicators[a].T @ (own[:, None] * indicators[a])
        for b in range(a):
            wide = len(indicators[b])
            joint = np.bincount(code * wide + codes[b], weights, minlength=len(own) * wide)
            block = indicators[a].T @ joint.reshape(-1, wide) @ indicators[b]
            burt[spans[a], spans[b]], burt[spans[b], spans[a]] = block, block.T
    return burt


def _groups(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Yield neighbouring items that together have no more than `LEVELS` combinations."""
    group: list[int] = []
    levels = 1
    for at, size in enumerate(sizes):
        if group and levels * size > LEVELS:
            yield group
            group, levels = [], 1
        group.append(at)
        levels *= size
    yield group


def _code(
    rows: npt.NDArray[np.int8], group: Sequence[int], sizes: Sequence[int], missing: int
) -> npt.NDArray[np.intp]:
    code = np.zeros(len(rows), dtype=np.int32)
    for at, size in zip(group, sizes, strict=True):
        code *= size
        code += rows[:, at]
        code += missing
    return code.astype(np.intp)


def _levels(sizes: Sequence[int], missing: int) -> Floats:
    """Return which options each combination of a group's answers holds [combinations, options]."""
    digits = np.indices(sizes).reshape(len(sizes), -1) - missing
    columns = [digits[at][:, None] == np.arange(size - missing) for at, size in enumerate(sizes)]
    return np.concatenate(columns, axis=1).astype(np.float64)


def _unfolded(burt: Counts, categories: Sequence[int]) -> PairCounts:
    """Cut the Burt matrix into padded tables and margins."""
    k, widest = len(categories), max(categories)
    starts = np.concatenate([[0], np.cumsum(categories)[:-1]])
    options = np.arange(widest)
    used = options < np.asarray(categories)[:, None]
    places = np.where(used, starts[:, None] + options, 0)
    first, second = pairs_of(k)
    rows, columns = places[first][:, :, None], places[second][:, None, :]
    there = used[first][:, :, None] & used[second][:, None, :]
    tables = np.where(there, burt[rows, columns], 0)
    return PairCounts(tables, np.where(used, burt[places, places], 0))
