"""Scores and scales for the tests of precision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import psychoscales as ps
from psychoscales.engines.reliability.precision import Distribution
from tests.counting.making import document_of

Floats = npt.NDArray[np.float64]
PEOPLE = 10**12


def banded(
    items: Sequence[str],
    codes: Sequence[int],
    cuts: Sequence[float],
    *,
    score: dict[str, Any] | None = None,
    bands: dict[str, Any] | None = None,
) -> ps.Scale:
    """Return a scale of one score with a band set of these cut-offs; `score` overrides."""
    document = document_of(items, codes)
    document["scores"][0] |= score or {}
    low = document["scores"][0]["range"][0]
    levels = [
        {"id": f"from_{at}", "from": float(bound), "label": {"en": f"from {bound:g}"}}
        for at, bound in enumerate([low, *cuts])
    ]
    ours = {"source": "spec_author", "note": "made up for a test"}
    document["bands"] = [
        {"id": "risk", "score": "total", "levels": levels, **ours, **(bands or {})}
    ]
    document["examples"][0]["expect"] = {"total": low}
    return ps.scale(document)


def frame_of(positions: npt.NDArray[np.int8], items: Sequence[str], codes: Sequence[int]) -> Any:
    """Return a frame of codes; negative positions are blank."""
    import pandas as pd

    table = np.where(positions < 0, np.nan, np.asarray(codes, dtype=float)[positions])
    return pd.DataFrame(table, columns=list(items))


def population(values: Floats, shares: Floats) -> Distribution:
    """Return a distribution of so many people that its shares are those of a population."""
    counts = np.round(shares * PEOPLE).astype(np.int64)
    return Distribution(values, counts, np.full(len(values), np.nan))
