"""Every two of several groups: the difference of their means."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.grouped import Effect, Grouped, by_t
from psychoscales.engines.validity.means import satterthwaite
from psychoscales.engines.validity.multiplicity import holm
from psychoscales.engines.validity.standardized import hedges_g
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
NODES = 16


@dataclass(frozen=True)
class Pair:
    """Two groups compared.

    Attributes:
        first, second: their labels.
        difference: mean of the second minus mean of the first; low, high: its interval's ends.
        se: standard error of the difference.
        t, df: Welch's statistic and degrees of freedom.
        p: of this pair alone.
        p_adjusted: for there being several pairs.
        n: people in both groups.
        effect: Hedges' g.
        note: why there is no test.
    """

    first: str
    second: str
    difference: float
    n: int
    low: float | None = None
    high: float | None = None
    se: float | None = None
    t: float | None = None
    df: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect: Effect | None = None
    note: str | None = None


def welch_holm(groups: Grouped, level: float = 0.95, sd: str = "pooled") -> list[Pair]:
    """Return Welch's test of every two groups, p adjusted by Holm over the pairs.

    The intervals are of each pair alone.
    """
    pairs = _pairs(groups, level, sd)
    adjusted = iter(holm([pair.p for pair in pairs if pair.p is not None]).tolist())
    return [pair if pair.p is None else replace(pair, p_adjusted=next(adjusted)) for pair in pairs]


def games_howell(groups: Grouped, level: float = 0.95, sd: str = "pooled") -> list[Pair]:
    r"""Return Games and Howell's comparison of every two groups.

    p and interval are of the studentized range :math:`q = \sqrt 2\, |t|` of g means with Welch's
    t and degrees of freedom, so that they hold for all pairs together; equal variances and sizes
    are not assumed.

    Source:
        Games PA, Howell JF. Pairwise multiple comparison procedures with unequal n's and/or
        variances: a Monte Carlo study. J Educ Stat 1976;1:113-125.
        doi:10.3102/10769986001002113. Agrees with the formula with R's ptukey and qtukey to 1e-6.
    """
    from scipy.stats import studentized_range

    g, found, pairs = len(groups.labels), [], _pairs(groups, level, sd)
    quantiles = _quantiles(level, g, [pair.df for pair in pairs if pair.df is not None])
    for pair in pairs:
        if pair.se is None or pair.df is None:
            found.append(pair)
            continue
        q = math.sqrt(2) * abs(pair.difference) / pair.se
        half = next(quantiles) / math.sqrt(2) * pair.se
        p = min(max(float(studentized_range.sf(q, g, pair.df)), 0.0), 1.0)
        low, high = pair.difference - half, pair.difference + half
        found.append(replace(pair, low=low, high=high, p_adjusted=p))
    return found


def _quantiles(level: float, g: int, df: Sequence[float]) -> Iterator[float]:
    """Yield the quantile of the studentized range for each df.

    Of many df it is sought for a few, and its logarithm, which is smooth along 1 / df, is
    interpolated between these: to 1e-7.
    """
    near = 4.0
    if len(df) <= NODES or min(df) == max(df):
        for each in df:
            near = _quantile(level, g, each, near)
            yield near
        return

    def sought(inverse: Floats) -> Floats:
        found = np.array([_quantile(level, g, 1 / float(each), near) for each in inverse])
        return np.asarray(np.log(found))

    ends = [1 / max(df), 1 / min(df)]
    smooth = np.polynomial.Chebyshev.interpolate(sought, NODES - 1, domain=ends)
    yield from np.exp(smooth(1 / np.asarray(df))).tolist()


def _quantile(level: float, g: int, df: float, near: float) -> float:
    """Return the quantile of the studentized range, sought from that of a pair like it.

    One value of the distribution takes long, and the library's own search asks for many.
    """
    from scipy.optimize import newton
    from scipy.stats import studentized_range

    def away(q: float) -> float:
        # Nearly straight in q, unlike the distribution itself, so that few steps are needed.
        return math.log(max(float(studentized_range.sf(q, g, df)), 1e-300) / (1 - level))

    try:
        return float(newton(away, near, x1=near * 1.01, tol=1e-11, rtol=1e-11, maxiter=30))
    except (RuntimeError, ValueError):
        return float(studentized_range.ppf(level, g, df))


PAIRWISE: Mapping[str, Callable[[Grouped, float, str], list[Pair]]] = {
    "games_howell": games_howell,
    "welch_holm": welch_holm,
}


def _pairs(groups: Grouped, level: float, sd: str) -> list[Pair]:
    """Return Welch's test of every two groups, nothing adjusted."""
    groups.check()
    found = []
    for one, two in combinations(range(len(groups.labels)), 2):
        pair = groups.pair(one, two)
        difference = float(pair.mean[1] - pair.mean[0])
        bare = Pair(groups.labels[one], groups.labels[two], difference, pair.total)
        try:
            n = pair.n.astype(np.float64)
            error, df = satterthwaite(np.array([-1.0, 1.0]), pair.variance, n)
            effect = hedges_g(pair, level, sd)
        except RefusalError as refusal:
            found.append(replace(bare, note=str(refusal)))
            continue
        p, low, high = by_t(difference, error, df, level)
        made = replace(bare, low=low, high=high, se=error, t=difference / error, df=df, p=p)
        found.append(replace(made, effect=effect))
    return found
