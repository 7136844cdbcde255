"""How long a million PHQ-9 sheets take: psychoscales beside vectorised pandas, in one process.

    python tests/benchmarks/bench_scoring.py [rows] [runs]

Every version is run in turn, again and again, and the medians are printed. First all are shown to
give the same totals and bands.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import psychoscales as ps

ITEMS = [f"phq9_{number}" for number in range(1, 10)]
BOUNDS = [0, 5, 10, 15, 20, np.inf]
LEVELS = ["minimal", "mild", "moderate", "moderately_severe", "severe"]
SEED = 20240607


def people(rows: int) -> pd.DataFrame:
    """Return answers of one common factor as floats, 5 % of them missing."""
    rng = np.random.default_rng(SEED)
    latent = rng.standard_normal((rows, 1)) + rng.standard_normal((rows, 9))
    answers = np.searchsorted([0.3, 1.4, 2.2], latent.ravel()).reshape(rows, 9).astype(float)
    answers[rng.random((rows, 9)) < 0.05] = np.nan
    return pd.DataFrame({name: answers[:, at] for at, name in enumerate(ITEMS)})


def with_pandas(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Score as one does without this package: row sums, a missing rule, pd.cut."""
    items = frame[ITEMS]
    valid = items.count(axis=1)
    total = (items.sum(axis=1) * 9 / valid).where(valid >= 7)
    return total, pd.cut(total, BOUNDS, right=False, labels=LEVELS)


def with_psychoscales(frame: pd.DataFrame) -> ps.Scores:
    """Read, check every cell, score."""
    return ps.score(ps.read(frame, "phq9"))


def with_frame(frame: pd.DataFrame) -> Any:
    """The same and a frame of it: totals, statuses, bands, two rules and a flag."""
    return with_psychoscales(frame).to_frame()


VERSIONS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas: row sums, missing rule, cut": with_pandas,
    "ps.read + ps.score": with_psychoscales,
    "ps.read + ps.score + to_frame": with_frame,
}


def check(frame: pd.DataFrame) -> None:
    """Stop unless both give the same totals and bands."""
    total, band = with_pandas(frame)
    scores = with_psychoscales(frame)
    found = with_frame(frame)
    same_totals = np.array_equal(total, scores.column("phq9_total"), equal_nan=True)
    same_frame = np.array_equal(total, found["phq9_total"], equal_nan=True)
    same_bands = band.astype(object).fillna("") == found["phq9_severity"].astype(object).fillna("")
    if not (same_totals and same_frame and same_bands.all()):
        raise SystemExit("the versions disagree")
    prorated, refused = (found["phq9_total_status"] == s for s in ("prorated", "too_many_missing"))
    print(
        f"{len(frame):,} rows: same totals and bands "
        f"({prorated.sum():,} prorated, {refused.sum():,} not scored)"
    )


def timed(work: Callable[[pd.DataFrame], Any], frame: pd.DataFrame) -> float:
    """Return the milliseconds that one run takes, the garbage collected before."""
    gc.collect()
    start = time.perf_counter()
    work(frame)
    return 1000 * (time.perf_counter() - start)


def main(rows: int = 1_000_000, runs: int = 15) -> None:
    """Check, warm up, run in turn, print medians and ratios."""
    frame = people(rows)
    check(frame)
    for work in VERSIONS.values():
        timed(work, frame)
    times: dict[str, list[float]] = {name: [] for name in VERSIONS}
    for _ in range(runs):
        for name, work in VERSIONS.items():
            times[name].append(timed(work, frame))
    first, *_ = medians = [statistics.median(times[name]) for name in VERSIONS]
    for name, median in zip(VERSIONS, medians, strict=True):
        spread = f"{min(times[name]):.1f} to {max(times[name]):.1f}"
        print(f"{name:40} {median:8.1f} ms  ({spread})  {first / median:5.2f} x pandas' speed")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
