"""2,000 resamples of 350 people and 12 items: psychoscales, a plain numpy loop, and psych's n.iter.

    python tests/benchmarks/bench_bootstrap.py [resamples]

All give the interval of alpha; psychoscales also that of omega total. psych is run where Rscript is
installed, for a tenth of the resamples, times ten.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

import psychoscales as ps

PEOPLE, SEED, RUNS = 350, 5, 5
FEWER = 10


def answers() -> ps.Responses:
    """Return simulated answers to a scale of twelve six-point items."""
    return ps.simulate("dd_kobori2021", n=PEOPLE, seed=SEED)


def of_alpha(people: ps.Responses, resamples: int) -> ps.Table:
    """Return the percentile interval of alpha."""
    return ps.reliability(people, coefficients="alpha", interval="bootstrap", resamples=resamples)


def of_both(people: ps.Responses, resamples: int) -> ps.Table:
    """Return the percentile intervals of alpha and omega total."""
    both = ["alpha", "omega_total_ml"]
    return ps.reliability(people, coefficients=both, interval="bootstrap", resamples=resamples)


def loop(rows: npt.NDArray[np.float64], resamples: int) -> npt.NDArray[np.float64]:
    """Return the percentile interval of alpha as one writes it without this package."""
    generator, n, k = np.random.default_rng(SEED), len(rows), rows.shape[1]
    found = []
    for _ in range(resamples):
        cov = np.cov(rows[generator.integers(n, size=n)].T)
        found.append(k / (k - 1) * (1 - np.trace(cov) / cov.sum()))
    return np.asarray(np.quantile(found, [0.025, 0.975]))


def psych(rows: npt.NDArray[np.float64], resamples: int) -> float | None:
    """Return the seconds that psych::alpha takes; None where there is no R with psych."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        np.savetxt(file, rows, delimiter=",")
        script = (
            "suppressPackageStartupMessages(library(psych));"
            f'x <- as.matrix(read.csv("{file}", header = FALSE)); set.seed({SEED});'
            f"cat(system.time(alpha(x, n.iter = {resamples}, warnings = FALSE))[['elapsed']])"
        )
        done = subprocess.run(
            ["Rscript", "-e", script], capture_output=True, text=True, check=False
        )
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


def timed(work: Callable[[], object]) -> float:
    """Return the median seconds of some runs."""
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main(resamples: int = 2000) -> None:
    """Time all of them and print a line each."""
    people = answers()
    frame = people.to_frame()
    scale = people.scales[0]
    keyed = scale.score("total")
    rows = frame[list(keyed.members)].to_numpy(dtype=float).copy()
    for item in keyed.reverse:
        at = keyed.members.index(item)
        rows[:, at] = 5 - rows[:, at]
    ours = of_alpha(people, resamples).rows[0]
    low, high = loop(rows, resamples)
    print(
        f"interval of alpha: {ours['low']:.4f} to {ours['high']:.4f}; loop {low:.4f} to {high:.4f}"
    )
    for name, work in {
        "psychoscales, alpha": lambda: of_alpha(people, resamples),
        "psychoscales, alpha and omega total": lambda: of_both(people, resamples),
        "numpy loop, alpha": lambda: loop(rows, resamples),
    }.items():
        print(f"{name:<35} {timed(work):8.3f} s")
    seconds = psych(rows, resamples // FEWER)
    said = "not run: no R with psych" if seconds is None else f"{FEWER * seconds:8.3f} s"
    print(f"psych::alpha(n.iter), alpha         {said}")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
