"""How long a million PHQ-9 sheets take: psychoscales beside vectorised pandas, in one process.

    python tests/benchmarks/bench_scoring.py [rows] [runs]

Every version is run in turn, again and again, and the medians are printed, with how many times
as fast as pandas each is (by processor time). First all are shown to give the same totals and
bands.
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


def with_pandas_means(frame: pd.DataFrame) -> tuple[Any, Any]:
    """The other usual way to say the same missing rule: row means, and how many are missing."""
    items = frame[ITEMS]
    total = (items.mean(axis=1) * 9).where(items.isna().sum(axis=1) <= 2)
    return total, pd.cut(total, BOUNDS, right=False, labels=LEVELS)


def with_psychoscales(frame: pd.DataFrame) -> ps.Scores:
    """Read, check every cell, score."""
    return ps.score(ps.read(frame, "phq9"))


def with_frame(frame: pd.DataFrame) -> Any:
    """The same and a frame of it: totals, statuses, bands, two rules and a flag."""
    return with_psychoscales(frame).to_frame()


VERSIONS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas: row sums, missing rule, cut": with_pandas,
    "pandas: row means, isna, cut": with_pandas_means,
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


def timed(work: Callable[[pd.DataFrame], Any], frame: pd.DataFrame) -> tuple[float, float]:
    """Return the milliseconds that one run takes, by the clock and of the processor.

    Where the two differ, other programs were at work: then compare the second.
    """
    gc.collect()
    start, spent = time.perf_counter(), time.process_time()
    work(frame)
    return 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - spent)


def main(rows: int = 1_000_000, runs: int = 15) -> None:
    """Check, warm up, run in turn, print medians in milliseconds and ratios."""
    frame = people(rows)
    check(frame)
    for work in VERSIONS.values():
        timed(work, frame)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in VERSIONS}
    for _ in range(runs):
        for name, work in VERSIONS.items():
            times[name].append(timed(work, frame))
    print(f"{'medians of ' + str(runs) + ' runs in turn':40}   clock  processor  (fastest)  ratio")
    bare = 0.0
    for name, found in times.items():
        clock, processor = (statistics.median(column) for column in zip(*found, strict=True))
        bare = bare or processor
        fastest, ratio = min(found)[0], bare / processor
        print(f"{name:40} {clock:7.1f} {processor:10.1f} {fastest:10.1f} {ratio:6.2f}")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]))
