"""The same few hundred people, as every kind of data might hold their answers."""

from __future__ import annotations

from typing import Any

import numpy as np

import psychoscales as ps
from tests.counting.making import answers_of, item_names, scale_of

ITEMS = item_names(4)
SCALE = scale_of(ITEMS, reverse=["i3"])
POSITIONS = answers_of(300, 4, seed=20, missing=0.08)
LABELS = np.array(["answer 0", "answer 1", "answer 2", "answer 3", None], dtype=object)

Lists = dict[str, list[Any]]


def wanted() -> ps.Patterns:
    """Return the patterns of these people, counted without any frame."""
    return ps.Patterns.of(
        POSITIONS,
        ITEMS,
        [4] * 4,
        (SCALE.id, SCALE.version, SCALE.sha256),  # type: ignore[arg-type]
    )


def whole_numbers() -> Lists:
    """Answers as whole numbers, None where missing."""
    return _columns([0, 1, 2, 3, None])


def nan_numbers() -> Lists:
    """Answers as floats, NaN where missing: in polars and arrow that is a value, not a null."""
    return _columns([0.0, 1.0, 2.0, 3.0, float("nan")])


def nan_and_null_numbers() -> Lists:
    """Answers as floats, where missing NaN in some rows and None in others."""
    columns = nan_numbers()
    for column in columns.values():
        for row in range(0, len(column), 2):
            column[row] = None if column[row] != column[row] else column[row]
    return columns


def texts() -> Lists:
    """Answers as labels, None where missing."""
    return _columns(LABELS.tolist())


def digits() -> Lists:
    """Answers as digits that are texts, some of them full-width, empty where missing."""
    return _columns(["0", "１", "2", " 3 ", ""])


STORED = {
    "whole numbers": whole_numbers,
    "floats with NaN": nan_numbers,
    "floats with NaN and null": nan_and_null_numbers,
    "labels": texts,
    "digits as texts": digits,
}


def _columns(stored: list[Any]) -> Lists:
    return {item: [stored[at] for at in POSITIONS[:, j]] for j, item in enumerate(ITEMS)}
