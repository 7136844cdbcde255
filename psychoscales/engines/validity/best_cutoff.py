"""The best cut-off by a criterion, how far it can be trusted, and how much it flatters itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.roc import Floats, Graded
from psychoscales.errors import RefusalError

Indices = npt.NDArray[np.int64]
CRITERIA = ("youden", "closest_topleft", "least_sensitivity", "least_specificity")
SAME = 12
"""Decimals to which two cut-offs are equally good: thirds of people are no exact numbers."""
BATCH = 256
MOST_CELLS = 100_000_000
"""Resamples times distinct values: about a quarter of a minute of drawing."""


@dataclass(frozen=True)
class Criterion:
    """What makes a cut-off the best.

    `least` is the sensitivity or specificity to be reached, where `name` says so.
    """

    name: str
    least: float | None = None

    def __post_init__(self) -> None:
        if self.name not in CRITERIA:
            raise ValueError(f"a criterion is one of {', '.join(CRITERIA)}, not {self.name!r}")
        if self.name.startswith("least") != (self.least is not None):
            raise ValueError("least_sensitivity and least_specificity need a value, others none")
        if self.least is not None and not 0 < self.least < 1:
            raise ValueError(f"a least {self.name[6:]} lies between 0 and 1, not {self.least}")

    def merit(self, sensitivity: Floats, specificity: Floats) -> Floats:
        """Return how good cut-offs are [..., s], rounded so that ties are seen; -inf: not at all.

        With a least sensitivity the best is the most specific cut-off that reaches it, and the
        other way round.
        """
        if self.name == "youden":
            found = sensitivity + specificity - 1
        elif self.name == "closest_topleft":
            found = -((1 - sensitivity) ** 2) - (1 - specificity) ** 2
        else:
            first, second = sensitivity, specificity
            if self.name == "least_specificity":
                first, second = second, first
            found = np.where(np.round(first - float(self.least or 0), SAME) >= 0, second, -np.inf)
        return np.round(found, SAME)

    def chosen(self, sensitivity: Floats, specificity: Floats, there: npt.ArrayLike) -> Indices:
        """Return the best of the cut-offs that are `there` [..., s]; -1 where none will do.

        Of equally good ones it is the lowest, which has the highest sensitivity; where the
        sensitivity was what had to be as high as can be, the highest, with the same sensitivity
        and the higher specificity.
        """
        merit = np.where(there, self.merit(sensitivity, specificity), -np.inf)
        if self.name == "least_specificity":
            best = merit.shape[-1] - 1 - merit[..., ::-1].argmax(axis=-1)
        else:
            best = merit.argmax(axis=-1)
        return np.where(np.isneginf(merit.max(axis=-1)), -1, best).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Best:
    """The best cut-off of a score.

    Attributes:
        cutoff: a value at or above it says positive.
        above: the next lower value that somebody has: every cut-off above it and up to `cutoff`
            decides alike for these people; None where `cutoff` is the lowest value.
        ties: all the cut-offs that are as good, rising; one where there is no tie.
        sensitivity, specificity: at the cut-off, among the people it was chosen by.
    """

    cutoff: float
    above: float | None
    ties: tuple[float, ...]
    sensitivity: float
    specificity: float


@dataclass(frozen=True, eq=False)
class Resampled:
    """What became of the choice in resamples.

    Attributes:
        low, high: percentile interval of the cut-off.
        chosen: share of resamples in which it was the same.
        sensitivity, specificity: what these are too high by, on average.
        resamples: how many had a cut-off that meets the criterion.
    """

    low: float
    high: float
    chosen: float
    sensitivity: float
    specificity: float
    resamples: int


def rates(negatives: npt.ArrayLike, positives: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return sensitivity and specificity of a cut-off at each value, of counts [..., s]."""
    of_positives, of_negatives = (
        np.asarray(each, dtype=np.float64) for each in (positives, negatives)
    )
    at_or_above = np.cumsum(of_positives[..., ::-1], axis=-1)[..., ::-1]
    below = np.cumsum(of_negatives, axis=-1) - of_negatives
    return (
        at_or_above / of_positives.sum(axis=-1, keepdims=True),
        below / of_negatives.sum(axis=-1, keepdims=True),
    )


def best_cutoff(graded: Graded, criterion: Criterion) -> Best:
    """Return the best cut-off among the values that people have.

    Raises:
        RefusalError: fewer than five positives or negatives; no cut-off reaches the least
            specificity.

    Source:
        Perkins NJ, Schisterman EF. The inconsistency of "optimal" cutpoints obtained using two
        criteria based on the receiver operating characteristic curve. Am J Epidemiol
        2006;163:670-675. doi:10.1093/aje/kwj063. Agrees with cutpointr (youden, roc01).
    """
    if graded.few:
        raise RefusalError(graded.few.replace("an interval", "a best cut-off", 1))
    sensitivity, specificity = rates(graded.negatives, graded.positives)
    at = int(criterion.chosen(sensitivity, specificity, np.True_))
    if at < 0:
        raise RefusalError(
            f"no cut-off has a specificity of {criterion.least:g}: the highest value is had by "
            f"{int(graded.negatives[-1]):,} of {graded.n0:,} negatives"
        )
    merit = criterion.merit(sensitivity, specificity)
    ties = graded.values[merit == merit[at]] if criterion.least is None else graded.values[[at]]
    return Best(
        float(graded.values[at]),
        float(graded.values[at - 1]) if at else None,
        tuple(ties.tolist()),
        float(sensitivity[at]),
        float(specificity[at]),
    )


def draws(graded: Graded, resamples: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield batches of resampled negatives and positives [b, s], as many of each as there are.

    Raises:
        RefusalError: there are too many distinct values to draw that often.
    """
    if resamples < 1:
        raise ValueError(f"at least one resample is needed, not {resamples}")
    size = len(graded.values)
    if size * resamples > MOST_CELLS:
        raise RefusalError(
            f"{resamples:,} resamples of {size:,} distinct values are too many: ask for fewer, "
            "resamples=, or round the score"
        )
    generator = np.random.default_rng(seed)
    batch = max(1, min(BATCH, 4_000_000 // size))
    for start in range(0, resamples, batch):
        many = min(batch, resamples - start)
        yield tuple(  # type: ignore[misc]
            generator.multinomial(n, counts / n, many).astype(np.float64)
            for counts, n in ((graded.negatives, graded.n0), (graded.positives, graded.n1))
        )


def resampled(
    graded: Graded,
    criterion: Criterion,
    best: Best,
    drawn: Iterator[tuple[Floats, Floats]],
    level: float,
) -> Resampled:
    r"""Return the bootstrap interval of a best cut-off, and the optimism of its accuracy.

    .. math:: \text{optimism} = \frac1B \sum_b \left( Se_b(c_b) - Se(c_b) \right)

    where :math:`c_b` is the best cut-off of resample b, :math:`Se_b` the sensitivity in the
    resample and :math:`Se` the one in the people themselves; the same for specificity, and their
    sum is Youden's. Taken off the apparent value it leaves what to expect of other people, nearly.
    The percentile interval says how little such a choice is held by the data; the best cut-off
    has no normal distribution, and the interval's level is not exact.

    Args:
        graded: the score.
        criterion: what is best.
        best: what `best_cutoff` returned.
        drawn: resamples, from `draws`.
        level: of the interval.

    Source:
        Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med 1996;15:361-387.
        Leeflang MMG, Moons KGM, Reitsma JB, Zwinderman AH. Bias in sensitivity and specificity
        caused by data-driven selection of optimal cutoff values. Clin Chem 2008;54:729-737.
        doi:10.1373/clinchem.2007.096032
    """
    own = rates(graded.negatives, graded.positives)
    chosen, optimism = [], []
    for negatives, positives in drawn:
        there = rates(negatives, positives)
        at = criterion.chosen(*there, negatives + positives > 0)
        rows = np.flatnonzero(at >= 0)
        at = at[rows]
        chosen.append(at)
        optimism.append(
            np.stack([one[rows, at] - mine[at] for one, mine in zip(there, own, strict=True)])
        )
    places, excess = np.concatenate(chosen), np.concatenate(optimism, axis=1)
    if not len(places):
        raise RefusalError("no resample has a cut-off that meets the criterion")
    cutoffs = graded.values[places]
    # 1 - .95 is .05 and a rounding error, which would count one resample too many.
    ends = np.round([(1 - level) / 2, (1 + level) / 2], SAME)
    low, high = np.quantile(cutoffs, ends, method="inverted_cdf")
    sensitivity, specificity = excess.mean(axis=1)
    return Resampled(
        float(low),
        float(high),
        float(np.mean(cutoffs == best.cutoff)),
        float(sensitivity),
        float(specificity),
        len(cutoffs),
    )
