"""How long a factor model takes: psychoscales beside lavaan (and semopy), on the same answers.

    python tests/benchmarks/bench_cfa.py [runs]

Three factors of four six-point items each, WLSMV and ML, and five factors of five items. First both
are shown to find the same statistics. The time is from counted people to estimates, standard
errors, tests and all fit indices, the baseline model included. R times itself inside one Rscript,
which has read the data before, with fitMeasures() called.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from psychoscales.counts import Key, Patterns
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.normal import complete
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.polychoric import ordinal

CUTS = (-1.6, -0.7, 0.1, 0.8, 1.5)
SEED = 20240608
CASES = (
    ("ML", 3, 4, 1000),
    ("WLSMV", 3, 4, 1000),
    ("WLSMV", 5, 5, 2436),
    ("WLSMV", 1, 9, 100_000),
)
PROGRAM = """
suppressPackageStartupMessages(library(lavaan))
args <- commandArgs(TRUE); X <- read.csv(args[1]); runs <- as.integer(args[2])
go <- function() { f <- if (args[4] == "ML") cfa(args[3], X, std.lv = TRUE, meanstructure = TRUE)
  else cfa(args[3], X, std.lv = TRUE, ordered = names(X)); fitMeasures(f) }
seconds <- sapply(seq_len(runs), function(i) system.time(m <<- go())[["elapsed"]])
cat(jsonlite::toJSON(list(seconds = seconds, chisq = m[["chisq"]]), digits = NA, auto_unbox = TRUE))
"""


def positions(factors: int, each: int, n: int) -> Any:
    """Return answers int8 [n, factors * each] of correlated factors."""
    rng = np.random.default_rng(SEED)
    spread = np.full((factors, factors), 0.4) + 0.6 * np.eye(factors)
    eta = rng.multivariate_normal(np.zeros(factors), spread, n)
    latent = 0.7 * np.repeat(eta, each, axis=1)
    latent += np.sqrt(0.51) * rng.standard_normal(latent.shape)
    return np.searchsorted(CUTS, latent.ravel()).reshape(latent.shape).astype(np.int8)


def fitted(patterns: Patterns, factors: Mapping[str, Sequence[str]], estimator: str) -> Fit:
    """Fit the model to counted people."""
    if estimator == "ML":
        sample = complete(patterns.rows.astype(float), patterns.counts, fourth=False)
        return fit(specify(factors), [sample], estimator)
    found = ordinal(patterns)
    assert found.acov is not None
    answers = ordered(found.one_n, found.thresholds, found.correlation, found.acov)
    steps = [len(row) for row in found.thresholds]
    return fit(specify(factors, thresholds=steps), [answers], estimator)


def lavaan(
    rows: Any, factors: Mapping[str, Sequence[str]], estimator: str, runs: int
) -> tuple[float, float]:
    """Return the median milliseconds lavaan takes, and its statistic."""
    model = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in factors.items())
    names = [item for items in factors.values() for item in items]
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "answers.csv", Path(folder) / "time.R"
        np.savetxt(table, rows, fmt="%d", delimiter=",", header=",".join(names), comments="")
        script.write_text(PROGRAM, encoding="utf-8")
        command = ["Rscript", str(script), str(table), str(runs), model, estimator]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(answer)
    return 1000 * statistics.median(found["seconds"]), float(found["chisq"])


def semopy(
    rows: Any, factors: Mapping[str, Sequence[str]], estimator: str
) -> tuple[float, float] | None:
    """Return the milliseconds semopy takes once, and its statistic; None where it is not there."""
    if importlib.util.find_spec("semopy") is None:
        return None
    module = importlib.import_module("semopy")
    names = [item for items in factors.values() for item in items]
    lines = [f"{name} =~ {' + '.join(items)}" for name, items in factors.items()]
    if estimator != "ML":
        lines.append(f"DEFINE(ordinal) {' '.join(names)}")
    frame = pd.DataFrame(rows.astype(float), columns=names)
    begin = time.perf_counter()
    try:
        model = module.Model("\n".join(lines))
        model.fit(frame, obj="MLW" if estimator == "ML" else "DWLS")
        statistic = float(module.calc_stats(model)["chi2"].iloc[0])
    except Exception as error:  # it fails in many ways, and the others are to be timed all the same
        print(f"       semopy: {type(error).__name__}: {str(error)[:60]}")
        return None
    return 1000 * (time.perf_counter() - begin), statistic


def timed(work: Callable[[], Fit], runs: int) -> tuple[float, float]:
    """Return the median milliseconds, and the statistic."""
    found, seconds = work(), []
    gc.collect()
    for _ in range(runs):
        begin = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - begin)
    return 1000 * statistics.median(seconds), found.indices["chisq"]


def main(runs: int) -> None:
    """Print a line for each case."""
    for estimator, factors, each, n in CASES:
        rows = positions(factors, each, n)
        names = [f"i{at}" for at in range(factors * each)]
        model = {f"f{at}": names[at * each : (at + 1) * each] for at in range(factors)}
        patterns = Patterns.of(rows, names, [6] * len(names), Key("bench", "1.0.0", "0" * 64))
        work = lambda p=patterns, m=model, e=estimator: fitted(p, m, e)  # noqa: E731
        ours, statistic = timed(work, runs)
        theirs, golden = lavaan(rows, model, estimator, max(2, runs // 4))
        assert abs(statistic / golden - 1) < 1e-5, (statistic, golden)
        print(
            f"{estimator:6} {factors} factors of {each} items, n = {n:,}: "
            f"{ours:7.1f} ms, lavaan {theirs:8.1f} ms ({theirs / ours:.0f} times); "
            f"chi-square {statistic:.1f}"
        )
        other = semopy(rows, model, estimator)
        if other is not None:
            print(
                f"       semopy {other[0]:.0f} ms ({other[0] / ours:.0f} times), "
                f"chi-square {other[1]:.1f}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
