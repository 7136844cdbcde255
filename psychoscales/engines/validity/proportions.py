"""Proportions and ratios of proportions, with intervals, many at once."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.intervals import normal_quantile

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
ProportionInterval = Literal["clopper_pearson", "wilson"]


class Ranged(NamedTuple):
    """Values and the ends of their intervals, float [c] each; NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats


def proportion(
    counts: npt.ArrayLike, of: npt.ArrayLike, level: float, method: ProportionInterval
) -> Ranged:
    r"""Return x / n with its interval; NaN where n is 0.

    "clopper_pearson" holds all probabilities under which neither x or more nor x or fewer is too
    rare: beta quantiles, at least the level always. "wilson" solves the score test,

    .. math:: \frac{x + z^2 / 2}{n + z^2} \pm
        \frac{z}{n + z^2} \sqrt{\frac{x (n - x)}{n} + \frac{z^2}{4}}

    and has the level on average.

    Source:
        Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404.
        Wilson EB. J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953. Agree with
        R's binom.test and prop.test (correct = FALSE) to 1e-10.
    """
    x, n = np.broadcast_arrays(
        np.asarray(counts, dtype=np.float64), np.asarray(of, dtype=np.float64)
    )
    some = n > 0
    trials = np.where(some, n, 1.0)
    hits = np.where(some, x, 0.0)
    if method == "wilson":
        low, high = _wilson(hits, trials, level)
    else:
        low, high = _clopper_pearson(hits, trials, level)
    parts = (hits / trials, low, high)
    return Ranged(*(np.where(some, part, np.nan) for part in parts))


def _wilson(x: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    z = normal_quantile(level)
    middle, reach = (
        (x + z**2 / 2) / (n + z**2),
        z / (n + z**2) * np.sqrt(x * (n - x) / n + z**2 / 4),
    )
    # The ends are 0 and 1 exactly where nobody or everybody is counted; rounding misses them.
    return np.where(x == 0, 0.0, middle - reach), np.where(x == n, 1.0, middle + reach)


def _clopper_pearson(x: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    from scipy.special import betaincinv

    normal_quantile(level)
    tail = (1 - level) / 2
    low = betaincinv(np.maximum(x, 1), n - x + 1, tail)
    high = betaincinv(x + 1, np.maximum(n - x, 1), 1 - tail)
    return np.where(x == 0, 0.0, low), np.where(x == n, 1.0, high)


def ratio(
    first: npt.ArrayLike, of_first: int, second: npt.ArrayLike, of_second: int, level: float
) -> Ranged:
    r"""Return the ratio of two independent proportions with its log interval.

    .. math:: \frac{a / n_1}{b / n_0} \exp\left( \pm z
        \sqrt{\frac1a - \frac1{n_1} + \frac1b - \frac1{n_0}} \right)

    The ratio is infinite where b is 0, and NaN where a is 0 too. There is no interval where either
    is 0, for adding a half to the counts would make it one of other people; and none where both
    proportions are 1, for its standard error would be 0.

    Source:
        Simel DL, Samsa GP, Matchar DB. Likelihood ratios with confidence: sample size estimation
        for diagnostic test studies. J Clin Epidemiol 1991;44:763-770.
        doi:10.1016/0895-4356(91)90128-V
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (a / of_first) / (b / of_second)
        half = normal_quantile(level) * np.sqrt(1 / a - 1 / of_first + 1 / b - 1 / of_second)
        low, high = value * np.exp(-half), value * np.exp(half)
    there = (a > 0) & (b > 0) & ((a < of_first) | (b < of_second))
    return Ranged(value, np.where(there, low, np.nan), np.where(there, high, np.nan))


def probability(ratios: Ranged, prevalence: float) -> Ranged:
    """Return the probability of being positive after a result with these likelihood ratios.

    The odds are the prevalence's times the ratio; the ends of an interval are carried over.
    """
    odds = prevalence / (1 - prevalence)
    found = []
    for part in ratios:
        certain = np.isinf(part)
        raised = odds * np.where(certain, 1.0, part)
        found.append(np.where(certain, 1.0, raised / (1 + raised)))
    return Ranged(*found)
