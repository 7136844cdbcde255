"""Tests of group means: Welch's t, the classic analysis of variance, and Welch's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.grouped import Comparison, Effect, Grouped, by_t
from psychoscales.engines.validity.noncentral import f_limits
from psychoscales.engines.validity.standardized import hedges_g
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


def satterthwaite(weights: Floats, variance: Floats, n: Floats) -> tuple[float, float]:
    r"""Return the standard error of a weighted sum of means, and its degrees of freedom.

    .. math:: se^2 = \sum_i c_i^2 s_i^2 / n_i, \quad
        \nu = se^4 \Big/ \sum_i \frac{(c_i^2 s_i^2 / n_i)^2}{n_i - 1}

    Raises:
        RefusalError: none of the groups varies.
    """
    parts = weights**2 * variance / n
    square = float(parts.sum())
    if not square > 0:
        raise RefusalError("no standard error: none of these groups varies")
    return float(np.sqrt(square)), square**2 / float((parts**2 / (n - 1)).sum())


def welch_t(two: Grouped, level: float = 0.95, sd: str = "pooled") -> Comparison:
    r"""Return Welch's t test of two groups, second minus first, with Hedges' g.

    .. math:: t = \frac{\bar x_2 - \bar x_1}{\sqrt{s_1^2 / n_1 + s_2^2 / n_2}}

    with Satterthwaite's degrees of freedom. Equal variances are not assumed; that the means are
    about normal is.

    Args:
        two: a score counted in two groups.
        level: confidence level of g.
        sd: the standard deviation that g is in; see `hedges_g`.

    Raises:
        RefusalError: what cannot be compared.

    Source:
        Welch BL. The generalization of Student's problem when several different population
        variances are involved. Biometrika 1947;34:28-35. doi:10.1093/biomet/34.1-2.28. Agrees
        with R's t.test to 1e-10.
    """
    two.check()
    n = two.n.astype(np.float64)
    difference = float(two.mean[1] - two.mean[0])
    error, df = satterthwaite(np.array([-1.0, 1.0]), two.variance, n)
    p, _, _ = by_t(difference, error, df, level)
    effect = hedges_g(two, level, sd)
    return Comparison("welch_t", difference / error, df, None, p, two.total, effect)


def anova(groups: Grouped, level: float = 0.95) -> Comparison:
    r"""Return the classic one-way analysis of variance, with omega squared.

    .. math:: F = \frac{SS_b / (g - 1)}{SS_w / (n - g)}, \quad
        \hat\omega^2 = \frac{(g - 1)(F - 1)}{(g - 1)(F - 1) + n}

    Omega squared is the share of the variance that lies between groups, in the population; an
    estimate below 0 is shown as it is. Its interval is :math:`\delta / (\delta + n)` at the limits
    of the noncentrality of F. Equal variances within groups are assumed.

    Raises:
        RefusalError: what cannot be compared, or nobody varies within a group.

    Source:
        Steiger JH. Beyond the F test. Psychol Methods 2004;9:164-182.
        doi:10.1037/1082-989X.9.2.164. F agrees with R's aov to 1e-10.
    """
    from scipy.special import fdtrc

    groups.check()
    n, total = groups.n.astype(np.float64), groups.total
    df1, df2 = len(n) - 1, total - len(n)
    grand = float(n @ groups.mean) / total
    between = float(n @ (groups.mean - grand) ** 2)
    within = float((n - 1) @ groups.variance)
    if not (within > 0 and df2 > 0):
        raise RefusalError("nobody varies within a group")
    f = (between / df1) / (within / df2)
    omega = df1 * (f - 1) / (df1 * (f - 1) + total)
    low, high = (limit / (limit + total) for limit in f_limits(f, df1, df2, level))
    effect = Effect("omega_squared", omega, low, high, level, "noncentral F")
    return Comparison("anova", f, df1, df2, float(fdtrc(df1, df2, f)), total, effect)


def welch_anova(groups: Grouped) -> Comparison:
    r"""Return Welch's analysis of variance, which does not ask for equal variances.

    With weights :math:`w_i = n_i / s_i^2`, :math:`W = \sum w_i`,
    :math:`\tilde x = \sum w_i \bar x_i / W` and
    :math:`\Lambda = \sum (1 - w_i / W)^2 / (n_i - 1)`:

    .. math:: F = \frac{\sum w_i (\bar x_i - \tilde x)^2 / (g - 1)}
        {1 + 2 (g - 2) \Lambda / (g^2 - 1)}, \quad \nu = \frac{g^2 - 1}{3 \Lambda}

    Raises:
        RefusalError: what cannot be compared, or a group in which nobody varies.

    Source:
        Welch BL. On the comparison of several mean values: an alternative approach. Biometrika
        1951;38:330-336. doi:10.1093/biomet/38.3-4.330. Agrees with R's oneway.test to 1e-10.
    """
    from scipy.special import fdtrc

    groups.check()
    flat = [label for label, v in zip(groups.labels, groups.variance, strict=True) if not v > 0]
    if flat:
        raise RefusalError(f"nobody varies in {', '.join(flat)}: such a mean has endless weight")
    n, g = groups.n.astype(np.float64), len(groups.labels)
    weights = n / groups.variance
    whole = float(weights.sum())
    centre = float(weights @ groups.mean) / whole
    unequal = float(((1 - weights / whole) ** 2 / (n - 1)).sum())
    between = float(weights @ (groups.mean - centre) ** 2) / (g - 1)
    f = between / (1 + 2 * (g - 2) * unequal / (g**2 - 1))
    df2 = (g**2 - 1) / (3 * unequal)
    return Comparison("welch_anova", f, g - 1, df2, float(fdtrc(g - 1, df2, f)), groups.total)
