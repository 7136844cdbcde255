"""The sets of answers that the goldens of ordinal reliability are of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from psychoscales.counts import Key, Patterns
from psychoscales.engines.reliability.estimation import Answers
from psychoscales.engines.reliability.latent_responses import LatentResponses
from psychoscales.moments import moments

Floats = npt.NDArray[np.float64]
GOLDEN = Path(__file__).parents[1] / "golden" / "categorical"
KEY = Key("golden", "1.0.0", "0" * 64)
SKEWED = ("s1", "s2", "s3", "s4", "s6", "s7", "s8")
FILES = {"ability": "ability16.csv", "skewed": "skewed.csv"}
SETS = ("bfi_N", "bfi_E", "bfi_A", "ability", "skewed")


@cache
def expected() -> Any:
    return json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


@cache
def table(name: str) -> Floats:
    """Return a set's answers [n, k], reversed as make.R does, NaN where missing."""
    frame = pd.read_csv(GOLDEN / FILES.get(name, "bfi.csv"))
    for item in ("E1", "E2", "A1"):
        if item in frame:
            frame[item] = 7 - frame[item]
    if name == "skewed":
        frame = frame[list(SKEWED)]
    elif name.startswith("bfi"):
        frame = frame[[f"{name[-1]}{at}" for at in range(1, 6)]]
    return frame.to_numpy(dtype=np.float64)


def counted(
    answers: Floats, *, falling: Sequence[int] = ()
) -> tuple[Patterns, tuple[tuple[float, ...], ...]]:
    """Count answers [n, k]; the options of some items are declared in falling order."""
    positions = np.full(answers.shape, -1, dtype=np.int8)
    values = []
    for at, column in enumerate(answers.T):
        there = ~np.isnan(column)
        known = np.unique(column[there])
        if at in falling:
            positions[there, at] = len(known) - 1 - np.searchsorted(known, column[there])
            known = known[::-1]
        else:
            positions[there, at] = np.searchsorted(known, column[there])
        values.append(tuple(float(value) for value in known))
    names = [f"i{at + 1}" for at in range(answers.shape[1])]
    sizes = [len(row) for row in values]
    return Patterns.of(positions, names, sizes, KEY), tuple(values)


def answers_to(answers: Floats, **more: Any) -> Answers:
    """Return counted answers with their moments."""
    patterns, values = counted(answers, **more)
    return Answers.of(moments(patterns, values), patterns, values)


def latent_of(answers: Floats, **more: Any) -> LatentResponses:
    """Return the latent responses of complete people."""
    patterns, values = counted(answers, **more)
    return LatentResponses.of(patterns, values, "complete")


def simulated(
    n: int, seed: int, *, loadings: Sequence[float] = (0.5, 0.6, 0.7, 0.8), cuts: Any = (-1.0, 0.4)
) -> Floats:
    """Return answers 0, 1, ... of n people to items of one normal factor."""
    rng = np.random.default_rng(seed)
    lam = np.array(loadings)
    own = rng.standard_normal((n, len(lam))) * np.sqrt(1 - lam**2)
    latent = rng.standard_normal((n, 1)) * lam + own
    answers: Floats = np.digitize(latent, cuts).astype(np.float64)
    return answers
