"""The kernel: sums, extremes, bands and codes of int8 positions, in pieces that fit the cache.

Arrays in, arrays out; it knows no scale. A position below 0 is a missing answer. Several short
columns are read as one number, so that one look-up in a table serves all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]
Counted = npt.NDArray[np.int16]
CHUNK = 1 << 16
BYTE = 256


class Columns:
    """Some columns of positions, put together so that a look-up in a table serves several.

    Columns stand in one group as long as all their combinations have a number below 256; the
    number of a person's combination is worked out once, for every table that is asked.
    """

    def __init__(self, rows: Sequence[Small], sizes: Sequence[int]) -> None:
        """Take k int8 columns [n], and how many options each has."""
        self.rows, self.sizes = tuple(rows), tuple(sizes)
        self.groups: list[list[int]] = []
        space = BYTE + 1
        for number, size in enumerate(self.sizes):
            if space * (size + 1) > BYTE:
                self.groups.append([])
                space = 1
            self.groups[-1].append(number)
            space *= size + 1
        self.codes = [self._code(group) for group in self.groups]

    def _code(self, group: Sequence[int]) -> npt.NDArray[np.uint8]:
        code = np.empty(len(self.rows[0]), dtype=np.uint8)
        missing, digit = np.empty(CHUNK, dtype=bool), np.empty(CHUNK, dtype=np.uint8)
        for start in range(0, len(code), CHUNK):
            here = code[start : start + CHUNK]
            size = len(here)
            for place, number in enumerate(group):
                part = self.rows[number][start : start + CHUNK]
                to = digit[:size] if place else here
                np.less(part, 0, out=missing[:size])
                np.multiply(missing[:size].view(np.uint8), np.uint8(0xFF), out=to)
                np.bitwise_or(to, part.view(np.uint8), out=to)
                if place:
                    np.multiply(here, np.uint8(self.sizes[number] + 1), out=here)
                    np.add(here, to, out=here)
        return code

    def added_up(self, tables: Sequence[Array]) -> Array:
        """Return, for each person, the sum over columns of what each table says.

        A column's table has an entry for each position, and last what a missing answer adds.
        """
        joint = [self._joint(group, tables) for group in self.groups]
        total = np.empty(len(self.rows[0]), dtype=tables[0].dtype)
        one = np.empty(CHUNK, dtype=tables[0].dtype)
        for start in range(0, len(total), CHUNK):
            here = total[start : start + CHUNK]
            for number, (code, table) in enumerate(zip(self.codes, joint, strict=True)):
                part = code[start : start + CHUNK]
                out = one[: len(here)] if number else here
                np.take(table, part, out=out, mode="clip")
                if number:
                    np.add(here, out, out=here)
        return total

    def _joint(self, group: Sequence[int], tables: Sequence[Array]) -> Array:
        """One table for all combinations, where each combination's number leads to it."""
        table, number = tables[group[0]][:0], np.zeros(1, dtype=np.int64)
        for place, column in enumerate(group):
            shifted = np.concatenate([tables[column][-1:], tables[column][:-1]])
            table = np.add.outer(table, shifted).ravel() if place else shifted
            digits = np.arange(-1, self.sizes[column])
            number = np.add.outer(number * (self.sizes[column] + 1), digits).ravel()
        placed = np.zeros(BYTE, dtype=table.dtype)
        placed[number & 0xFF] = table
        return placed


def sums(columns: Columns, values: Sequence[Sequence[float]]) -> Floats:
    """Return, for each person, the sum of the values of the answers given."""
    dtype = np.int32 if _whole(values) else np.float64
    tables = [np.array([*row, 0], dtype=dtype) for row in values]
    return columns.added_up(tables).astype(np.float64, copy=False)


def answered(columns: Columns) -> Counted:
    """Return, for each person, how many answers were given."""
    return columns.added_up([np.array([1] * size + [0], dtype=np.int16) for size in columns.sizes])


def _whole(values: Sequence[Sequence[float]]) -> bool:
    return all(float(value).is_integer() for row in values for value in row)


def sums_and_answered(
    columns: Columns, values: Sequence[Sequence[float]]
) -> tuple[Floats, Counted]:
    """Return `sums` and `answered`, in one pass where the values are small whole numbers."""
    reach = sum(max(row) for row in values)
    if min(min(row) for row in values) < 0 or reach >= 1 << 16 or not _whole(values):
        return sums(columns, values), answered(columns)
    tables = [np.array([*(v + (1 << 16) for v in row), 0], dtype=np.int32) for row in values]
    both = columns.added_up(tables)
    halves = both.view(np.int16).reshape(-1, 2)
    low, high = (0, 1) if sys.byteorder == "little" else (1, 0)
    return halves[:, low].view(np.uint16).astype(np.float64), halves[:, high].copy()


def extreme(columns: Columns, values: Sequence[Sequence[float]], method: str) -> Floats:
    """Return each person's smallest ("min") or largest ("max") value; NaN where none is given."""
    pick = np.fmin if method == "min" else np.fmax
    total = np.full(len(columns.rows[0]), np.nan)
    for row, worth in zip(columns.rows, values, strict=True):
        table = np.array([*worth, np.nan])
        pick(total, table[np.maximum(row, -1)], out=total)
    return total


def converted(table: Mapping[float, float], raw: Floats) -> Floats:
    """Look whole raw scores up in a conversion table; NaN stays NaN."""
    keys = np.array(sorted(table))
    values = np.array([table[key] for key in keys.tolist()])
    there = ~np.isnan(raw)
    result = np.full(len(raw), np.nan)
    places = np.searchsorted(keys, raw[there])
    result[there] = values[np.minimum(places, len(keys) - 1)]
    return result


def places_above(bounds: Sequence[float], values: Floats) -> Small:
    """Return how many of `bounds` each value reaches; -1 where there is no value."""
    places = np.zeros(len(values), dtype=np.int8)
    reached = np.empty(CHUNK, dtype=bool)
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        here, size = places[start : start + CHUNK], len(part)
        for bound in bounds:
            np.greater_equal(part, bound, out=reached[:size])
            np.add(here, reached[:size].view(np.int8), out=here)
        np.not_equal(part, part, out=reached[:size])
        np.subtract(here, reached[:size].view(np.int8), out=here)
    return places
