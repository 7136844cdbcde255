"""Tests of groups by ranks: Mann-Whitney and Kruskal-Wallis, and people drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.grouped import Comparison, Effect, Grouped, two_sided
from psychoscales.engines.validity.roc import Graded, area
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile
from psychoscales.resampling import percentiles

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000
BATCH = 250


@dataclass(frozen=True)
class Redrawn:
    """How people are drawn again for an interval.

    Attributes:
        resamples: how many times.
        seed: of the random numbers.
        level: confidence level of the interval.
    """

    resamples: int = RESAMPLES
    seed: int = 1
    level: float = 0.95

    def effect(
        self, name: str, value: float, groups: Grouped, statistic: Callable[[Floats], Floats]
    ) -> Effect:
        """Return the effect with its percentile interval.

        People are drawn again within their groups, so that every resample has the groups' sizes;
        `statistic` is of counts [..., m, g].
        """
        if self.resamples < 1:
            raise ValueError(f"at least one resample is needed, not {self.resamples}")
        generator = np.random.default_rng(self.seed)
        shares = groups.counts / groups.n
        found = []
        for start in range(0, self.resamples, BATCH):
            size = min(BATCH, self.resamples - start)
            drawn = [
                generator.multinomial(n, shares[:, at], size)
                for at, n in enumerate(groups.n.tolist())
            ]
            found.append(statistic(np.stack(drawn, axis=-1).astype(np.float64)))
        values = np.concatenate(found)
        if not np.isfinite(values).all():
            lost = int((~np.isfinite(values)).sum())
            return Effect(name, value, note=f"no interval: {lost:,} resamples have no value")
        if not np.ptp(values) > 0:
            return Effect(name, value, note="no interval: every resample has the same value")
        low, high = percentiles(values, self.level)
        method = "percentile bootstrap"
        return Effect(name, value, low, high, self.level, method, self.seed)


def superior(counts: Floats) -> Floats:
    """Return, of counts [..., m, 2], the share of pairs in which the second group is higher.

    A tie counts one half: the area under the ROC curve.
    """
    first, second = counts[..., 0], counts[..., 1]
    below = first.cumsum(axis=-1) - first / 2
    pairs = first.sum(axis=-1) * second.sum(axis=-1)
    share: Floats = (second * below).sum(axis=-1) / pairs
    return share


def rank_biserial(two: Grouped, level: float = 0.95) -> Effect:
    r"""Return the rank-biserial correlation of two groups, also called Cliff's delta.

    .. math:: r = P(x_2 > x_1) - P(x_2 < x_1) = 2 A - 1

    over all pairs of a person of each group. The interval is on Fisher's z, with the standard
    error of the area A by DeLong, DeLong and Clarke-Pearson: no distribution is assumed, and no
    end passes 1. There is none where the groups do not overlap.

    Source:
        DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated
        receiver operating characteristic curves: a nonparametric approach. Biometrics
        1988;44:837-845. doi:10.2307/2531595. The standard error agrees with pROC's to 1e-10.
    """
    first, second = two.counts.T
    found = area(Graded(two.values, first, second))
    value = 2 * found.value - 1
    if abs(value) == 1:
        note = "the groups do not overlap: no interval"
        return Effect("rank_biserial", value, note=note)
    half = normal_quantile(level) * 2 * math.sqrt(found.variance) / (1 - value**2)
    z = math.atanh(value)
    ends = math.tanh(z - half), math.tanh(z + half)
    return Effect("rank_biserial", value, *ends, level, "DeLong, Fisher z")


def mann_whitney(two: Grouped, level: float = 0.95) -> Comparison:
    r"""Return the Mann-Whitney (Wilcoxon rank-sum) test, with the rank-biserial correlation.

    U is the number of pairs in which the second group is higher, ties one half. p is of the
    normal approximation, its variance for ties, with a continuity correction of one half:

    .. math:: \operatorname{var} U = \frac{n_1 n_2}{12}
        \left[ N + 1 - \frac{\sum_j (t_j^3 - t_j)}{N (N - 1)} \right]

    Raises:
        RefusalError: what cannot be compared.

    Source:
        Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60. doi:10.1214/aoms/1177730491. p agrees
        with R's wilcox.test(exact = FALSE) to 1e-10.
    """
    two.check()
    n1, n2 = two.n.tolist()
    u = float(superior(two.counts.astype(np.float64))) * n1 * n2
    ties = two.counts.sum(axis=1).astype(np.float64)
    total = n1 + n2
    spread = n1 * n2 / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    away = u - n1 * n2 / 2
    z = math.copysign(max(abs(away) - 0.5, 0.0), away) / math.sqrt(spread)
    effect = rank_biserial(two, level)
    method = "normal, for ties, continuity"
    return Comparison("mann_whitney", u, None, None, two_sided(z), total, effect, method)


def kruskal_h(counts: Floats) -> Floats:
    """Return the Kruskal-Wallis H, corrected for ties, of counts [..., m, g]; NaN if all tie."""
    ties, n = counts.sum(axis=-1), counts.sum(axis=-2)
    total = ties.sum(axis=-1)
    ranks = ties.cumsum(axis=-1) - ties / 2 + 0.5
    away = (counts * (ranks - (total[..., None] + 1) / 2)[..., None]).sum(axis=-2)
    h = 12 / (total * (total + 1)) * (away**2 / n).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        corrected: Floats = h / (1 - (ties**3 - ties).sum(axis=-1) / (total**3 - total))
    return corrected


def kruskal_wallis(groups: Grouped, redrawn: Redrawn | None) -> Comparison:
    r"""Return the Kruskal-Wallis test, with epsilon squared of ranks.

    .. math:: \epsilon^2 = \frac{H}{N - 1}

    which is the share of the variance of ranks between groups: 0 to 1, never negative, so that
    its bootstrap interval never reaches 0 and is not a test.

    Args:
        groups: a score counted by group.
        redrawn: how people are drawn again for the interval; None for no interval.

    Raises:
        RefusalError: what cannot be compared.

    Source:
        Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621.
        doi:10.1080/01621459.1952.10483441. H and p agree with R's kruskal.test to 1e-10.
    """
    from scipy.special import chdtrc

    groups.check()
    h, df = float(kruskal_h(groups.counts.astype(np.float64))), len(groups.labels) - 1
    whole = groups.total - 1
    effect = Effect("epsilon_squared", h / whole)
    if redrawn is not None:
        effect = redrawn.effect(
            "epsilon_squared", h / whole, groups, lambda counts: kruskal_h(counts) / whole
        )
    return Comparison("kruskal_wallis", h, df, None, float(chdtrc(df, h)), groups.total, effect)


def refuse_unordered(groups: Grouped) -> None:
    """Refuse a trend of two groups, which is their difference."""
    if len(groups.labels) < 3:
        raise RefusalError("a trend of two groups is their difference")
