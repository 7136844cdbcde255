"""The kernel: sums, extremes, bands and codes of int8 positions, in pieces that fit the cache.

Arrays in, arrays out; it knows no scale. A position below 0 is a missing answer. Several short
columns are read as one number, so that one look-up in a table serves all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import DTypeLike

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]
Counted = npt.NDArray[np.int16]
CHUNK = 1 << 16
BYTE = 256


Table = Sequence[Sequence[float]]


class Columns:
    """Some columns of positions, put together so that a look-up in a table serves several.

    Columns stand in one group as long as all their combinations have a number below 256; the
    number of a person's combination is worked out once, for every table that is asked.
    """

    def __init__(self, rows: Sequence[Small], sizes: Sequence[int]) -> None:
        """Take k int8 columns [n], and how many options each has."""
        self.rows, self.sizes = tuple(rows), tuple(sizes)
        self.codes = [self._code(group) for group in _groups(self.sizes)]

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

    def added_up(self, tables: Table, dtype: DTypeLike) -> Array:
        """Return, for each person, the sum over columns of what each table says.

        A column's table has an entry for each position, and last what a missing answer adds.
        """
        joint = _joint(self.sizes, tuple(tuple(table) for table in tables), np.dtype(dtype))
        total = np.empty(len(self.rows[0]), dtype=dtype)
        one = np.empty(CHUNK, dtype=dtype)
        for start in range(0, len(total), CHUNK):
            here = total[start : start + CHUNK]
            for number, (code, table) in enumerate(zip(self.codes, joint, strict=True)):
                part = code[start : start + CHUNK]
                out = one[: len(here)] if number else here
                np.take(table, part, out=out, mode="clip")
                if number:
                    np.add(here, out, out=here)
        return total


@lru_cache(maxsize=1024)
def _groups(sizes: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    groups: list[list[int]] = []
    space = BYTE + 1
    for number, size in enumerate(sizes):
        if space * (size + 1) > BYTE:
            groups.append([])
            space = 1
        groups[-1].append(number)
        space *= size + 1
    return tuple(tuple(group) for group in groups)


@lru_cache(maxsize=256)
def _joint(
    sizes: tuple[int, ...], tables: tuple[tuple[float, ...], ...], dtype: np.dtype[Any]
) -> tuple[Array, ...]:
    """One table a group, in which the number of each combination finds what it adds."""
    joint = []
    for group in _groups(sizes):
        table, number = np.zeros(1, dtype=dtype), np.zeros(1, dtype=np.int64)
        for column in group:
            *values, missing = tables[column]
            one = np.array([missing, *values], dtype=dtype)
            table = np.add.outer(table, one).ravel()
            digits = np.arange(-1, sizes[column])
            number = np.add.outer(number * (sizes[column] + 1), digits).ravel()
        placed = np.zeros(BYTE, dtype=dtype)
        placed[number & 0xFF] = table
        placed.flags.writeable = False
        joint.append(placed)
    return tuple(joint)


def sums(columns: Columns, values: Table) -> Floats:
    """Return, for each person, the sum of the values of the answers given."""
    return columns.added_up([(*row, 0) for row in values], np.float64)


def answered(columns: Columns) -> Counted:
    """Return, for each person, how many answers were given."""
    return columns.added_up([[1] * size + [0] for size in columns.sizes], np.int16)


def decimals(values: Table) -> int:
    """Return the power of ten that makes all values whole; 0 where none up to a million does."""
    for power in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000):
        if all(round(v * power) / power == v for row in values for v in row):
            return power
    return 0


def sums_and_answered(columns: Columns, values: Table) -> tuple[Floats, Counted, int]:
    """Return sums, `answered`, and what the sums are to be divided by.

    Values of a few decimals are added up as whole numbers, so that tenths add up to what they
    should; small ones together with the count of answers, in one pass.
    """
    power = decimals(values)
    if power == 0:
        return sums(columns, values), answered(columns), 1
    ints = tuple(tuple(round(value * power) for value in row) for row in values)
    if min(min(row) for row in ints) < 0 or sum(max(row) for row in ints) >= 1 << 16:
        return sums(columns, ints), answered(columns), power
    both = columns.added_up([(*(v + (1 << 16) for v in row), 0) for row in ints], np.int32)
    halves = both.view(np.int16).reshape(-1, 2)
    low, high = (0, 1) if sys.byteorder == "little" else (1, 0)
    total = halves[:, low].view(np.uint16).astype(np.float64)
    return total, halves[:, high].copy(), power


def extreme(columns: Columns, values: Table, method: str) -> Floats:
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
