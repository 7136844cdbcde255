"""How often the test of an ordinal factor model rejects a model that is true, over many samples.

``python -m tests.simulations.rejection`` writes `docs/rejection.md`. It takes some minutes on one
core; nothing of it runs with the tests.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from psychoscales.counts import Key, Patterns
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import fit
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "rejection.md"
SEED = 20261207
SAMPLES = 2000
LEVEL = 0.05
LOADINGS = np.array([0.50, 0.55, 0.60, 0.65, 0.70, 0.70, 0.75, 0.80, 0.85])
PEOPLE = (300, 1000)
SHAPES = {
    "symmetric": (0.15, 0.35, 0.35, 0.15),
    "skewed": (0.60, 0.22, 0.12, 0.06),
}
ESTIMATORS = ("WLSMV", "ULSMV")
LOW, HIGH = 0.035, 0.065
"""Between these the rates are expected."""


def draw(shape: str, n: int, generator: np.random.Generator) -> Patterns:
    """Return the answers of n people to nine items of one normal factor, cut into four options."""
    k = len(LOADINGS)
    factor = generator.standard_normal((n, 1))
    own = generator.standard_normal((n, k)) * np.sqrt(1 - LOADINGS**2)
    cuts = ndtri(np.cumsum(SHAPES[shape])[:-1])
    rows = np.digitize(LOADINGS * factor + own, cuts).astype(np.int8)
    names = tuple(f"i{at}" for at in range(k))
    return Patterns.of(rows, names, [len(cuts) + 1] * k, Key("simulated", "1", ""))


@dataclass
class Tally:
    """What became of the samples.

    Attributes:
        rejected: p of the scaled and shifted statistic below the level.
        kept: the others that have one.
        refused: no moments, no minimum, or no standard errors.
        heywood: minima with a negative residual variance; they count above as well.
        statistic: sum of the statistics, whose mean ought to be the degrees of freedom.
        squares: sum of their squares, whose variance ought to be twice that.
    """

    rejected: int = 0
    kept: int = 0
    refused: int = 0
    heywood: int = 0
    statistic: float = 0.0
    squares: float = 0.0

    @property
    def samples(self) -> int:
        """Samples with a test."""
        return self.rejected + self.kept

    @property
    def rate(self) -> float:
        """The share of these that reject."""
        return self.rejected / max(self.samples, 1)

    def add(self, chisq: float, p: float) -> None:
        """Count one sample's test."""
        self.rejected += p < LEVEL
        self.kept += not p < LEVEL
        self.statistic += chisq
        self.squares += chisq**2

    def row(self) -> str:
        """Return the tally as cells of a table."""
        n = max(self.samples, 1)
        error = np.sqrt(self.rate * (1 - self.rate) / n)
        mean = self.statistic / n
        variance = self.squares / n - mean**2
        return (
            f"{self.rate:.4f} | {error:.4f} | {mean:.2f} | {variance:.1f} | "
            f"{self.heywood} | {self.refused}"
        )


def tallies(shape: str, n: int, samples: int, seed: int) -> dict[str, Tally]:
    """Return a tally for each estimator of one population and n; both are of the same samples."""
    generator = np.random.default_rng(seed)
    found = {name: Tally() for name in ESTIMATORS}
    for _ in range(samples):
        patterns = draw(shape, n, generator)
        for name, tally in found.items():
            try:
                judged = test_of(patterns, name)
            except RefusalError:
                judged = None
            if judged is None:
                tally.refused += 1
                continue
            chisq, p, heywood = judged
            tally.add(chisq, p)
            tally.heywood += heywood
    return found


def test_of(patterns: Patterns, estimator: str) -> tuple[float, float, bool] | None:
    """Return the scaled and shifted statistic, its p, and whether it is of a Heywood case."""
    known = ordinal(patterns)
    assert known.acov is not None
    sample = ordered(known.one_n, known.thresholds, known.correlation, known.acov)
    model = specify({"f": patterns.items}, thresholds=[len(each) for each in known.thresholds])
    made = fit(model, [sample], estimator)
    if not made.converged:
        return None
    robust = made.tests[1]
    assert robust.df == made.specification.df
    heywood = any("Heywood" in each for each in made.warnings)
    return robust.chisq, robust.p, heywood


INTRODUCTION = """\
# How often a true ordinal model is rejected

The scaled and shifted test of WLSMV and ULSMV at 5 %, in {samples:,} samples a row, seed {seed};
`python -m tests.simulations.rejection` makes this page in about {minutes} minutes.

The model is true: nine items with one normal factor (loadings .50 to .85), cut into four options
with shares .15, .35, .35, .15 (symmetric) or .60, .22, .12, .06 (skewed). It has {df} degrees of
freedom, so that the statistic ought to have a mean of {df} and a variance of {twice}. A test that
keeps its level rejects 5 %: `rate`, with its Monte Carlo standard error. Samples without a test
(`refused`) are in no rate; `heywood` are those with a negative residual variance.

"""


def page(rows: list[str], samples: int, minutes: float) -> str:
    """Return the documentation page."""
    names = ["estimator", "answers", "n", "rate", "MC error", "mean", "variance"]
    names += ["heywood", "refused"]
    k = len(LOADINGS)
    df = k * (k - 3) // 2
    said = INTRODUCTION.format(
        samples=samples, seed=SEED, minutes=max(1, round(minutes)), df=df, twice=2 * df
    )
    return said + "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *rows, ""])


def main(samples: int = SAMPLES) -> int:
    """Run everything and write the page; 1 where a rate lies outside what is expected."""
    start, rows, outside = time.perf_counter(), [], 0
    cases = [(shape, n) for shape in SHAPES for n in PEOPLE]
    for at, (shape, n) in enumerate(cases):
        for name, tally in tallies(shape, n, samples, SEED + at).items():
            rows.append(f"| {name} | {shape} | {n} | {tally.row()} |")
            print(rows[-1], flush=True)
            outside += not LOW <= tally.rate <= HIGH
    PAGE.write_text(page(rows, samples, (time.perf_counter() - start) / 60), encoding="utf-8")
    return int(outside > 0)


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
