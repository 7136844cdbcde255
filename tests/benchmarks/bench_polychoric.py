"""How long polychoric correlations take: psychoscales beside lavaan::lavCor, on the same data.

    python tests/benchmarks/bench_polychoric.py [runs]

Twelve six-point items of one common factor. First both are shown to give the same correlations.
Counting the people is timed apart from what is done with the counts; lavCor has no such step. R
times itself inside one Rscript, which has read the data before. At a million people R is not
asked (it takes most of a minute).
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from psychoscales.counts import Key, Patterns
from psychoscales.engines.structure.pairs import resampled_pair_counts
from psychoscales.engines.structure.polychoric import ordinal, polychorics

ITEMS = tuple(f"i{number}" for number in range(1, 13))
CUTS = (-1.6, -0.7, 0.1, 0.8, 1.5)
SEED = 20240608
SIZES, WITH_R = (350, 10_000, 1_000_000), 10_000
RESAMPLES, SAMPLE = 2000, 2694
PROGRAM = """
suppressPackageStartupMessages(library(lavaan))
args <- commandArgs(TRUE); X <- read.csv(args[1]); runs <- as.integer(args[2])
seconds <- sapply(seq_len(runs), function(i)
  system.time(R <<- lavCor(X, ordered = names(X), output = "cor"))[["elapsed"]])
cat(jsonlite::toJSON(list(seconds = seconds, r = unclass(R)), digits = NA))
"""


def positions(n: int, categories: int = 6) -> Any:
    """Return answers int8 [n, 12] of one common factor."""
    rng = np.random.default_rng(SEED)
    latent = rng.standard_normal((n, 1)) + rng.standard_normal((n, 12))
    cuts = np.sqrt(2) * np.array(CUTS[: categories - 1])
    return np.searchsorted(cuts, latent.ravel()).reshape(n, 12).astype(np.int8)


def counted(rows: Any) -> Patterns:
    """Count the answers."""
    return Patterns.of(rows, ITEMS, [6] * 12, Key("bench", "1.0.0", "0" * 64))


def lavaan(rows: Any, runs: int) -> tuple[float, Any]:
    """Return the median milliseconds lavCor takes on these answers, and its correlations."""
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "answers.csv", Path(folder) / "time.R"
        np.savetxt(table, rows, fmt="%d", delimiter=",", header=",".join(ITEMS), comments="")
        script.write_text(PROGRAM, encoding="utf-8")
        command = ["Rscript", str(script), str(table), str(runs)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(answer)
    return 1000 * statistics.median(found["seconds"]), np.array(found["r"])


def timed(work: Callable[[], Any], runs: int) -> tuple[float, float]:
    """Return median milliseconds by the clock and of the processor, after a warm-up."""
    work()
    times = []
    for _ in range(runs):
        gc.collect()
        start, spent = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - start, time.process_time() - spent))
    clock, processor = zip(*times, strict=True)
    return 1000 * statistics.median(clock), 1000 * statistics.median(processor)


def show(what: str, times: tuple[float, float], beside: float | None = None) -> None:
    """Print a line; the ratio is of R's clock to ours."""
    ratio = "" if beside is None else f"{beside / times[0]:8.0f} x lavCor"
    print(f"  {what:40}{times[0]:10.1f}{times[1]:11.1f}{ratio}")


def main(runs: int = 9) -> None:
    """Check against lavaan, then print medians in milliseconds."""
    print(f"{'milliseconds, medians':42}     clock  processor")
    for n in SIZES:
        rows = positions(n)
        patterns = counted(rows)
        theirs: float | None = None
        print(f"{n:,} people, {len(patterns.counts):,} patterns")
        if n <= WITH_R:
            theirs, correlation = lavaan(rows, max(3, runs // 3))
            apart = float(np.abs(ordinal(patterns, acov=False).correlation - correlation).max())
            if apart > 1e-6:
                raise SystemExit(f"the correlations are {apart:.1e} apart")
            print(f"  lavCor{theirs:44.1f}             (correlations {apart:.0e} apart)")
        few = runs if n < 1_000_000 else 3
        show("counting the people", timed(partial(counted, rows), few))
        plain = timed(partial(ordinal, patterns, acov=False), few)
        show("correlations from the counts", plain, theirs)
        show("with asymptotic covariances", timed(partial(ordinal, patterns), few))
    rows = positions(SAMPLE, 5)
    weights = np.random.default_rng(SEED).multinomial(
        SAMPLE, np.full(SAMPLE, 1 / SAMPLE), size=RESAMPLES
    )
    print(f"{RESAMPLES:,} resamples of {SAMPLE:,} people, twelve five-point items")
    pairs = resampled_pair_counts(rows, weights, [5] * 12)
    show("counting", timed(partial(resampled_pair_counts, rows, weights, [5] * 12), 3))
    show("correlations", timed(partial(polychorics, pairs), 3))


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:2]))
