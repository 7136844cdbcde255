"""Data and values of golden/change, and people made by quantiles."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from psychoscales.engines.validity.change import People, people

FOLDER = Path(__file__).parents[1] / "golden" / "change"
Floats = npt.NDArray[np.float64]


@cache
def golden() -> Any:
    """Return the values that make.R wrote."""
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def columns(name: str) -> Floats:
    """Return before, after and anchor [3, n]."""
    file = FOLDER / f"{name}.csv"
    return np.genfromtxt(file, delimiter=",", skip_header=1, filling_values=np.nan).T


def known(name: str) -> People:
    """Return the people of a golden file, as make.R takes them."""
    before, after, anchor = columns(name)
    if name == "made":
        return people(before, after, 1, improved=anchor)
    improved = np.where(np.isnan(anchor), np.nan, anchor >= 4)
    return people(before, after, -1, improved=improved, minimal=anchor == 4, stable=anchor == 3)


def normal(n: int, mean: float, sd: float) -> Floats:
    """Return n quantiles of a normal distribution."""
    return np.asarray(mean + sd * ndtri((np.arange(n) + 0.5) / n), dtype=np.float64)


def made(seed: int, n: int = 90, unit: float = 1.0) -> People:
    """Return people whose scores are multiples of `unit`; a third are improved."""
    rng = np.random.default_rng(seed)
    improved = rng.permutation(np.arange(n) % 3 == 0)
    before = rng.integers(5, 27, n)
    after = before - np.rint(rng.normal(1 + 4 * improved, 3)).astype(int)
    small = improved & (rng.random(n) < 0.7)
    return people(
        unit * before, unit * after, -1, improved=improved, minimal=small, stable=~improved
    )
