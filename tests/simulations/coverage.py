"""How often intervals of reliability hold the true value, over many samples.

``python -m tests.simulations.coverage`` writes `docs/coverage.md`. It takes about half an hour on
one core; nothing of it runs with the tests.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import ndtr, ndtri

from psychoscales.counts import Key, Patterns
from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.reliability.agreement.intraclass import icc
from psychoscales.engines.reliability.estimation import Answers, Asked, estimates
from psychoscales.moments import moments

Floats = npt.NDArray[np.float64]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
SEED = 20261123
SAMPLES, ICC_SAMPLES, RESAMPLES = 2000, 10_000, 999
LEVEL = 0.95
ITEMS = 6
LOADINGS = np.array([0.5, 0.6, 0.65, 0.7, 0.75, 0.8])
INTERVALS = {
    "alpha": (
        *("distribution_free", "feldt", "duhachek_iacobucci"),
        *("bootstrap", "bca", "bootstrap_t"),
    ),
    "omega_total_ml": ("distribution_free", "bca", "bootstrap_t"),
}
SHAPES = {
    "symmetric": (0.15, 0.35, 0.35, 0.15),
    "skewed": (0.70, 0.18, 0.08, 0.04),
}


@dataclass(frozen=True)
class Population:
    """Items with one normal factor, cut into options (or into many, so that they stay normal)."""

    shape: str

    @property
    def cuts(self) -> Floats:
        """Where the latent answers are cut."""
        if self.shape == "normal":
            return np.linspace(-3.5, 3.5, 100)
        return np.asarray(ndtri(np.cumsum(SHAPES[self.shape])[:-1]))

    def draw(self, n: int, generator: np.random.Generator) -> Patterns:
        """Return the answers of n people."""
        factor = generator.standard_normal((n, 1))
        own = generator.standard_normal((n, ITEMS)) * np.sqrt(1 - LOADINGS**2)
        rows = np.digitize(LOADINGS * factor + own, self.cuts).astype(np.int8)
        names = tuple(f"i{at}" for at in range(ITEMS))
        categories = [len(self.cuts) + 1] * ITEMS
        return Patterns.of(rows, names, categories, Key("simulated", "1", ""))

    @property
    def values(self) -> tuple[tuple[float, ...], ...]:
        """The value of each option."""
        return (tuple(float(v) for v in range(len(self.cuts) + 1)),) * ITEMS

    def covariances(self) -> Floats:
        """Return the true covariances: answers are independent given the factor."""
        nodes, weights = hermegauss(120)
        weights = weights / weights.sum()
        spread = np.sqrt(1 - LOADINGS**2)
        above = 1 - ndtr((self.cuts - nodes[:, None, None] * LOADINGS[:, None]) / spread[:, None])
        mean = above.sum(axis=-1)
        odd = 2 * np.arange(1, len(self.cuts) + 1) - 1
        square = weights @ (above * odd).sum(axis=-1)
        grand = weights @ mean
        cov: Floats = (mean * weights[:, None]).T @ mean - np.outer(grand, grand)
        np.fill_diagonal(cov, square - grand**2)
        return cov


@dataclass
class Tally:
    """How often intervals held the truth, missed it on a side, or were refused."""

    held: int = 0
    below: int = 0
    above: int = 0
    refused: int = 0
    width: float = 0.0

    def add(self, low: float | None, high: float | None, truth: float) -> None:
        """Count one interval."""
        if low is None or high is None or not np.isfinite(low + high):
            self.refused += 1
            return
        self.below += high < truth
        self.above += low > truth
        self.held += low <= truth <= high
        self.width += high - low

    @property
    def samples(self) -> int:
        """Samples that gave an interval."""
        return self.held + self.below + self.above

    def row(self) -> str:
        """Return the tally as cells of a table."""
        n = max(self.samples, 1)
        share = self.held / n
        error = np.sqrt(share * (1 - share) / n)
        return (
            f"{share:.3f} | {error:.4f} | {self.above / n:.3f} | {self.below / n:.3f} | "
            f"{self.width / n:.3f} | {self.refused}"
        )


def consistency(shape: str, n: int, samples: int, seed: int) -> Iterator[tuple[str, str, Tally]]:
    """Yield a tally for every coefficient and interval of one population and n."""
    population = Population(shape)
    true = population.covariances()
    generator = np.random.default_rng(seed)
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for sample in range(samples):
        patterns = population.draw(n, generator)
        answers = Answers.of(moments(patterns, population.values), patterns, population.values)
        for name, intervals in INTERVALS.items():
            one = COEFFICIENTS[name]
            truth = one.of(true)
            for interval in intervals:
                asked = Asked(interval, LEVEL, RESAMPLES, seed + sample)
                found = estimates({name: one}, answers, asked)[0]
                tallies[name, interval].add(found.low, found.high, truth)
    for (name, interval), tally in tallies.items():
        yield name, interval, tally


def intraclass(shape: str, n: int, samples: int, seed: int) -> Iterator[tuple[str, str, Tally]]:
    """Yield a tally for the F intervals of three ICCs: 3 occasions, variances 1, 0.1 and 0.5."""
    generator = np.random.default_rng(seed)
    draw: Callable[[tuple[int, ...]], Floats] = generator.standard_normal
    if shape == "skewed":

        def draw(size: tuple[int, ...]) -> Floats:
            return generator.chisquare(2, size) / 2 - 1

    truth = {"ICC(1,1)": 1 / 1.6, "ICC(A,1)": 1 / 1.6, "ICC(C,1)": 1 / 1.5}
    tallies: dict[str, Tally] = defaultdict(Tally)
    for _ in range(samples):
        occasions = np.sqrt(0.1) * generator.standard_normal((1, 3))
        people = draw((n, 1))
        crossed = people + occasions + np.sqrt(0.5) * draw((n, 3))
        nested = people + np.sqrt(0.6) * draw((n, 3))
        for found in (*icc(nested, level=LEVEL)[:1], *icc(crossed, level=LEVEL)[1:]):
            if found.coefficient in truth:
                tallies[found.coefficient].add(found.low, found.high, truth[found.coefficient])
    for name, tally in tallies.items():
        yield name, "F", tally


def page(rows: list[str], minutes: float) -> str:
    """Return the documentation page."""
    names = ["coefficient", "interval", "answers", "n", "coverage", "MC error"]
    names += ["too high", "too low", "width", "refused"]
    head, line = f"| {' | '.join(names)} |", "|---" * len(names) + "|"
    return INTRODUCTION.format(
        samples=SAMPLES, icc=ICC_SAMPLES, resamples=RESAMPLES, seed=SEED, minutes=round(minutes)
    ) + "\n".join([head, line, *rows, ""])


INTRODUCTION = """\
# Coverage of intervals

How often 95 % intervals held the true value. {samples:,} samples a row ({icc:,} for the ICC),
{resamples} resamples, seed {seed}; `python -m tests.simulations.coverage` makes this page in about
{minutes} minutes.

Six items with one normal factor (loadings .5 to .8), cut into four options with shares .15, .35,
.35, .15 (symmetric) or .70, .18, .08, .04 (skewed), or hardly cut at all (normal). ICC: three
occasions, variances 1 (people), 0.1 (occasions), 0.5 (rest), normal or exponential; for ICC(1,1)
everybody has occasions of their own. "Too high" is the share of intervals that lie above the true
value, "too low" below it; MC error is the standard error of the coverage. Refused: samples with
no solution of one factor (Heywood cases), or with too few of them among the resamples.

- The default, `distribution_free`, and all resampled intervals hold about 95 % with normal or
  symmetric answers, and at n = 350.
- With skewed answers at n = 100 nothing simple holds 95 %. `bootstrap_t` is the nearest. Below 200
  people the output says so.
- Feldt's interval is exact for normal, tau-equivalent items, and fails with skewed ones whatever
  the n: more people do not help.
- ICC: the F intervals assume normal people and errors, and fail with skewed ones (exponential
  here). That of ICC(A,1) is Satterthwaite's approximation: with three occasions and 350 people it
  is too high in 8 % of samples, because three occasions say little about how occasions differ.

"""


def main(samples: int = SAMPLES, icc_samples: int = ICC_SAMPLES) -> None:
    """Run everything and write the page."""
    start, rows = time.perf_counter(), []
    for at, (shape, n) in enumerate(
        (shape, n) for shape in ("normal", "symmetric", "skewed") for n in (100, 350)
    ):
        for name, interval, tally in consistency(shape, n, samples, SEED + 100_000 * at):
            rows.append(f"| {name} | {interval} | {shape} | {n} | {tally.row()} |")
            print(rows[-1], flush=True)
    for at, (shape, n) in enumerate(
        (shape, n) for shape in ("normal", "skewed") for n in (100, 350)
    ):
        for name, interval, tally in intraclass(shape, n, icc_samples, SEED + at):
            rows.append(f"| {name} | {interval} | {shape} | {n} | {tally.row()} |")
            print(rows[-1], flush=True)
    PAGE.write_text(page(rows, (time.perf_counter() - start) / 60), encoding="utf-8")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
