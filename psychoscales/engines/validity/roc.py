"""The area under the ROC curve: how well a score tells two classes of people apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
AreaInterval = Literal["delong", "delong_logit"]
FEWEST = 5
"""Positives, and negatives, that an interval needs at least."""
NO_VARIANCE = 1e-24
"""A variance of placements below this is rounding error: they all are the same."""


@dataclass(frozen=True, eq=False)
class Graded:
    """How many positives and negatives have each value of a score; a higher value says positive.

    Attributes:
        values: the distinct values, rising [s].
        negatives, positives: people of each class with each value, int64 [s].
    """

    values: Floats
    negatives: Counts
    positives: Counts

    @classmethod
    def of(
        cls,
        values: npt.ArrayLike,
        positive: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> Graded:
        """Count people; `positive` [m] says who is, `weights` [m] how many people an entry is."""
        known, places = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
        if np.isnan(known).any():
            raise ValueError("a value is missing: leave people without a score out before")
        is_positive = np.asarray(positive, dtype=bool)
        many = np.ones(len(places), dtype=np.int64) if weights is None else np.asarray(weights)
        classes = []
        for wanted in (~is_positive, is_positive):
            counts = np.bincount(places[wanted], many[wanted], minlength=len(known))
            classes.append(np.rint(counts).astype(np.int64))
        there = classes[0] + classes[1] > 0
        return cls(known[there], classes[0][there], classes[1][there])

    @property
    def n0(self) -> int:
        """Negatives."""
        return int(self.negatives.sum())

    @property
    def n1(self) -> int:
        """Positives."""
        return int(self.positives.sum())

    @property
    def n(self) -> int:
        """People."""
        return self.n0 + self.n1

    @property
    def few(self) -> str | None:
        """Why there can be no interval of the area; None where there can be one."""
        if min(self.n0, self.n1) >= FEWEST:
            return None
        return (
            f"an interval needs {FEWEST} positives and {FEWEST} negatives or more, not "
            f"{self.n1} and {self.n0}"
        )

    def turned(self) -> Graded:
        """Return the same people where a lower value says positive: all values negated."""
        return Graded(0.0 - self.values[::-1], self.negatives[::-1], self.positives[::-1])

    def __add__(self, other: Graded) -> Graded:
        values = np.concatenate([self.values, other.values])
        values = np.concatenate([values, values])
        many = [self.negatives, other.negatives, self.positives, other.positives]
        positive = np.repeat([False, True], len(values) // 2)
        return Graded.of(values, positive, np.concatenate(many))


@dataclass(frozen=True, eq=False)
class Area:
    """The area under an ROC curve.

    Attributes:
        value: the area.
        variance: DeLong's; NaN where a class has one person only.
        of_positives: the placement of a positive with each value: the share of negatives below,
            ties counted half [s].
        of_negatives: the placement of a negative: the share of positives above [s].
    """

    value: float
    variance: float
    of_positives: Floats
    of_negatives: Floats


def area(graded: Graded) -> Area:
    r"""Return the area under the ROC curve, and DeLong's variance of it.

    .. math::
        A = \frac{1}{n_1 n_0} \sum_{i} \sum_{j} \left( [x_i > y_j] + \tfrac12 [x_i = y_j] \right),
        \qquad \widehat{\operatorname{var}} A = \frac{S_1}{n_1} + \frac{S_0}{n_0}

    over positives i and negatives j: the Mann-Whitney statistic over the number of pairs, so that
    A is the probability that a positive scores higher than a negative, ties counted half.
    :math:`S_1` and :math:`S_0` are the variances (divisors :math:`n_1 - 1` and :math:`n_0 - 1`) of
    the placements of positives and negatives. No distribution of the score is assumed; people are
    independent. Work grows with the number of distinct values, not of people.

    Raises:
        RefusalError: one class only.

    Source:
        DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated
        receiver operating characteristic curves: a nonparametric approach. Biometrics
        1988;44:837-845. doi:10.2307/2531595. Agrees with pROC (auc, var) to 1e-10.
    """
    n0, n1 = graded.n0, graded.n1
    if n0 + n1 == 0:
        raise RefusalError("nobody has both a score and a known truth")
    if min(n0, n1) == 0:
        missing = "negative" if n0 == 0 else "positive"
        raise RefusalError(
            f"nobody is {missing}: a criterion tells two classes of people apart, and here all "
            f"{graded.n:,} are of one"
        )
    below = np.cumsum(graded.negatives) - graded.negatives
    above = n1 - np.cumsum(graded.positives)
    twice_of_positives = 2 * below + graded.negatives
    of_positives = twice_of_positives / (2 * n0)
    of_negatives = (2 * above + graded.positives) / (2 * n1)
    pairs = int(graded.positives @ twice_of_positives)
    value = pairs / (2 * n0 * n1)
    variance = _share(of_positives, graded.positives) + _share(of_negatives, graded.negatives)
    return Area(value, variance, of_positives, of_negatives)


def _share(placements: Floats, counts: Counts) -> float:
    """Return the variance of the mean of one class's placements; NaN of a single person."""
    n = int(counts.sum())
    if n < 2:
        return float("nan")
    deviations = placements - float(counts @ placements) / n
    return float(counts @ deviations**2) / ((n - 1) * n)


def area_interval(
    found: Area, graded: Graded, level: float, method: AreaInterval = "delong"
) -> tuple[float, float]:
    r"""Return the interval of an area.

    "delong" is :math:`A \pm z\, se`, and may pass 0 or 1; "delong_logit" is the same of
    :math:`\ln (A / (1 - A))`, whose standard error is :math:`se / (A (1 - A))`, turned back, and
    may not.

    Raises:
        RefusalError: fewer than five of a class; all placements the same, as where the score
            tells the classes apart without error: DeLong's standard error is 0 there.

    Source:
        Pepe MS. The Statistical Evaluation of Medical Tests for Classification and Prediction.
        Oxford University Press 2003, ch. 5 (logit).
    """
    if graded.few:
        raise RefusalError(graded.few)
    if found.variance <= NO_VARIANCE and 0 < found.value < 1:
        raise RefusalError("no interval: everybody has the same score")
    if found.variance <= NO_VARIANCE:
        raise RefusalError(
            f"no interval: the area is {found.value:g} and DeLong's standard error 0, which says "
            "only that these people are too few, or too easy, to see an error"
        )
    half = normal_quantile(level) * float(np.sqrt(found.variance))
    if method == "delong":
        return found.value - half, found.value + half
    there = float(np.log(found.value / (1 - found.value)))
    half /= found.value * (1 - found.value)
    low, high = (1 / (1 + np.exp(-(there + end))) for end in (-half, half))
    return float(low), float(high)


@dataclass(frozen=True)
class Difference:
    """Two areas of the same people, and the first minus the second."""

    first: float
    second: float
    value: float
    low: float
    high: float
    z: float
    p: float


def compared(
    firsts: npt.ArrayLike,
    seconds: npt.ArrayLike,
    positive: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    r"""Compare the areas of two scores of the same people, by DeLong's test.

    .. math:: z = \frac{A - B}{\sqrt{D_1 / n_1 + D_0 / n_0}}

    where :math:`D_1` and :math:`D_0` are the variances of people's two placements' difference,
    among positives and among negatives: what the scores share cancels.

    Args:
        firsts, seconds: the two scores [m], each turned so that a higher one says positive.
        positive: who is positive [m].
        weights: how many people an entry is [m]; one each without it.
        level: of the interval of the difference.

    Raises:
        RefusalError: one class only; fewer than five of a class; the two put everybody in one
            order, so that the difference has no variance.

    Source:
        As `area`. Agrees with pROC::roc.test (paired, method "delong") to 1e-10.
    """
    is_positive = np.asarray(positive, dtype=bool)
    many = np.ones(len(is_positive), dtype=np.int64) if weights is None else np.asarray(weights)
    values = [np.asarray(each, dtype=np.float64) for each in (firsts, seconds)]
    known = [Graded.of(each, is_positive, many) for each in values]
    areas = [area(each) for each in known]
    if known[0].few:
        raise RefusalError(known[0].few)
    places = [np.searchsorted(one.values, each) for one, each in zip(known, values, strict=True)]
    variance = 0.0
    for wanted, of_class in ((is_positive, "of_positives"), (~is_positive, "of_negatives")):
        first, second = (
            getattr(one, of_class)[place[wanted]] for one, place in zip(areas, places, strict=True)
        )
        variance += _share(first - second, many[wanted])
    if variance <= NO_VARIANCE:
        raise RefusalError(
            "no test: the two scores put these people in the same order, so that their difference "
            "has no variance"
        )
    value, error = areas[0].value - areas[1].value, float(np.sqrt(variance))
    half, z = normal_quantile(level) * error, value / error
    from scipy.special import ndtr

    ends = (value - half, value + half)
    return Difference(areas[0].value, areas[1].value, value, *ends, z, float(2 * ndtr(-abs(z))))


def curve(graded: Graded) -> tuple[Floats, Floats]:
    """Return 1 - specificity and sensitivity at every cut-off, from (0, 0) to (1, 1) [s + 1]."""
    found = []
    for counts in (graded.negatives, graded.positives):
        reached = np.concatenate([[0], np.cumsum(counts[::-1])])
        found.append(reached / max(int(reached[-1]), 1))
    return found[0], found[1]
