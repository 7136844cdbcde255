"""Does a score rise along ordered groups? Jonckheere and Terpstra's test, and a linear contrast."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.grouped import Comparison, Effect, Grouped, by_t, two_sided
from psychoscales.engines.validity.means import satterthwaite
from psychoscales.engines.validity.ranks import Redrawn, refuse_unordered

Floats = npt.NDArray[np.float64]


def jonckheere(counts: Floats) -> Floats:
    """Return the pairs in which the later group is higher, ties one half, of counts [..., m, g]."""
    earlier = counts.cumsum(axis=-1) - counts
    below = earlier.cumsum(axis=-2) - earlier / 2
    return np.asarray((counts * below).sum(axis=(-2, -1)))


def kendall_tau_b(counts: Floats) -> Floats:
    """Return Kendall's tau-b of score and group number, of counts [..., m, g]."""
    n, ties = counts.sum(axis=-2), counts.sum(axis=-1)
    total = n.sum(axis=-1)
    between = (total**2 - (n**2).sum(axis=-1)) / 2
    untied = (total**2 - (ties**2).sum(axis=-1)) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        tau: Floats = (2 * jonckheere(counts) - between) / np.sqrt(between * untied)
    return tau


def jonckheere_terpstra(groups: Grouped, redrawn: Redrawn | None) -> Comparison:
    r"""Return the Jonckheere-Terpstra test of ordered groups, with Kendall's tau-b.

    J is the number of pairs of people of different groups in which the later group is higher, ties
    one half. The statistic is :math:`z = (J - E J) / \sqrt{\operatorname{var} J}`, with
    :math:`E J = (N^2 - \sum n_i^2) / 4` and the variance over all permutations of the scores, ties
    included; p is two-sided, of the normal approximation, without a continuity correction. It is
    the test of Kendall's tau-b between the score and the number of the group.

    Args:
        groups: a score counted by group, the groups in their order.
        redrawn: how people are drawn again for tau's interval; None for no interval.

    Raises:
        RefusalError: two groups, or what cannot be compared.

    Source:
        Jonckheere AR. A distribution-free k-sample test against ordered alternatives. Biometrika
        1954;41:133-145. doi:10.1093/biomet/41.1-2.133. z agrees with R's cor.test(method =
        "kendall", exact = FALSE) to 1e-10.
    """
    groups.check()
    refuse_unordered(groups)
    counts, n = groups.counts.astype(np.float64), groups.n.astype(np.float64)
    ties, total = counts.sum(axis=1), float(groups.total)
    j = float(jonckheere(counts))
    expected = (total**2 - float((n**2).sum())) / 4

    def first(size: Floats) -> float:
        return float((size * (size - 1) * (2 * size + 5)).sum())

    def second(size: Floats) -> float:
        return float((size * (size - 1) * (size - 2)).sum())

    def third(size: Floats) -> float:
        return float((size * (size - 1)).sum())

    everybody = np.array([total])
    spread = (first(everybody) - first(n) - first(ties)) / 72
    spread += second(n) * second(ties) / (36 * second(everybody))
    spread += third(n) * third(ties) / (8 * third(everybody))
    z = (j - expected) / math.sqrt(spread)
    tau = float(kendall_tau_b(counts))
    effect = Effect("kendall_tau_b", tau)
    if redrawn is not None:
        effect = redrawn.effect("kendall_tau_b", tau, groups, kendall_tau_b)
    p, method = two_sided(z), "normal, for ties"
    return Comparison("jonckheere_terpstra", z, None, None, p, groups.total, effect, method)


def linear_contrast(groups: Grouped, level: float = 0.95) -> Comparison:
    r"""Return the linear contrast of ordered groups, as the rise of the mean per step.

    With the steps from one group to the next taken as equal, :math:`c_i = i - (g + 1) / 2`:

    .. math:: b = \frac{\sum_i c_i \bar x_i}{\sum_i c_i^2}

    Every group's mean counts the same, however many people it is of. Its standard error does not
    ask for equal variances, and has Satterthwaite's degrees of freedom.

    Raises:
        RefusalError: two groups, or what cannot be compared.

    Source:
        Welch BL. Biometrika 1947;34:28-35. doi:10.1093/biomet/34.1-2.28. Agrees with the formulas
        in R to 1e-10.
    """
    groups.check()
    refuse_unordered(groups)
    steps = np.arange(len(groups.labels), dtype=np.float64)
    steps -= steps.mean()
    weights = steps / float(steps @ steps)
    rise = float(weights @ groups.mean)
    error, df = satterthwaite(weights, groups.variance, groups.n.astype(np.float64))
    p, low, high = by_t(rise, error, df, level)
    effect = Effect("rise_per_step", rise, low, high, level, "Student t")
    return Comparison("linear_contrast", rise / error, df, None, p, groups.total, effect)
