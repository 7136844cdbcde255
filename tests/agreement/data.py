"""The data of the golden folder, as arrays [n, r]."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
GOLDEN = Path(__file__).parents[1] / "golden" / "agreement"


@cache
def golden() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    return found


def table(name: str, *columns: str) -> Floats:
    frame = pd.read_csv(GOLDEN / f"{name}.csv")
    return frame[list(columns or frame.columns)].to_numpy(dtype=float)


def without_gaps(ratings: Floats) -> Floats:
    return ratings[~np.isnan(ratings).any(axis=1)]


def cut(ratings: Floats, at: list[float]) -> Floats:
    return np.where(np.isnan(ratings), np.nan, np.searchsorted(at, ratings, side="right"))


def epi_e() -> Floats:
    return without_gaps(table("epi", "e1", "e2"))


def epi_n() -> Floats:
    return without_gaps(table("epi", "n1", "n2"))


def printed() -> Floats:
    """Two abstractors of 100 charts, three categories."""
    counts = {(0, 0): 13, (1, 1): 20, (1, 2): 7, (2, 1): 4, (2, 2): 56}
    rows = [pair for pair, count in counts.items() for _ in range(count)]
    return np.array(rows, dtype=float)


NUMBERS: Mapping[str, Callable[[], Floats]] = {
    "shrout_fleiss": lambda: table("shrout_fleiss"),
    "epi_e": epi_e,
    "epi_n": epi_n,
    "negative": lambda: np.array(golden()["made"], dtype=float),
}
INCOMPLETE: Mapping[str, Callable[[], Floats]] = {
    "shrout_fleiss": lambda: table("shrout_fleiss"),
    "sai": lambda: table("sai"),
    "aibs": lambda: table("aibs"),
}
CATEGORIES: Mapping[str, tuple[Callable[[], Floats], int]] = {
    "krippendorff": (lambda: table("krippendorff") - 1, 5),
    "epi_n": (lambda: cut(epi_n(), [30, 34, 40]), 4),
    "sai": (lambda: cut(table("sai"), [32, 40, 50]), 4),
    "printed": (printed, 3),
}
