"""The 25 items that the goldens of exploratory factor analysis are of, and how far numbers lie."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import psychoscales as ps
from psychoscales.moments import moments
from psychoscales.verbs.keyed import keyed
from tests.counting.making import scale_of

Floats = npt.NDArray[np.float64]
GOLDEN = Path(__file__).parents[1] / "golden" / "efa"


@cache
def expected() -> Any:
    return json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


@cache
def people() -> ps.Responses:
    items = expected()["items"]
    columns = {item.lower(): item for item in items}
    scale = scale_of(list(columns), range(1, 7))
    return ps.read(GOLDEN / "bfi.csv", scale, binding={"scales": {"tiny": {"columns": columns}}})


@cache
def answers() -> Floats:
    """Return the complete people's answers [n, 25]."""
    (block,) = people().blocks.values()
    rows = block.positions[(block.positions >= 0).all(axis=1)]
    return rows.astype(np.float64) + 1


@cache
def correlation() -> Floats:
    (each,) = keyed(people())
    return moments(each.patterns, each.values).correlation


def apart(found: Any, golden: Any) -> float:
    """Return the largest difference; fail where shapes differ or a number is none."""
    ours, theirs = np.asarray(found, dtype=float), np.asarray(golden, dtype=float)
    assert ours.shape == theirs.shape, f"shape {ours.shape}, golden {theirs.shape}"
    assert theirs.size, "nothing to compare"
    assert np.isfinite(ours).all(), "a number is none"
    assert np.isfinite(theirs).all(), "a golden value is none"
    return float(np.abs(ours - theirs).max())


def simple_structure(items: int, factors: int, loading: float, between: float) -> Floats:
    """Return correlations [k, k] of items that load on one factor each."""
    pattern = np.zeros((items, factors))
    pattern[np.arange(items), np.arange(items) % factors] = loading
    phi = np.full((factors, factors), between)
    np.fill_diagonal(phi, 1.0)
    r: Floats = pattern @ phi @ pattern.T
    np.fill_diagonal(r, 1.0)
    return r
