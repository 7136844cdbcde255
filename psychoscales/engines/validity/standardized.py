"""The standardized difference of two means: Hedges' g, in a named standard deviation."""

from __future__ import annotations

import math
from collections.abc import Mapping

from psychoscales.engines.validity.grouped import Effect, Grouped
from psychoscales.engines.validity.noncentral import t_limits
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.intervals import normal_quantile

DEVIATIONS: Mapping[str, str] = {
    "pooled": "pooled SD, noncentral t",
    "average": "average SD, Bonett",
}


def small_sample(df: float) -> float:
    r"""Return Hedges' correction, exactly.

    .. math:: J(\nu) = \frac{\Gamma(\nu / 2)}{\sqrt{\nu / 2}\, \Gamma((\nu - 1) / 2)}

    Most programs take :math:`1 - 3 / (4 \nu - 1)`, which is near it.

    Source:
        Hedges LV. Distribution theory for Glass's estimator of effect size and related
        estimators. J Educ Stat 1981;6:107-128. doi:10.3102/10769986006002107
    """
    if df <= 1:
        raise RefusalError("a standardized difference needs more than three people")
    if df > 1e6:
        return 1 - 3 / (4 * df - 1)
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def hedges_g(two: Grouped, level: float = 0.95, sd: str = "pooled") -> Effect:
    r"""Return Hedges' g of two groups, second minus first, with its interval.

    .. math:: g = J(n_1 + n_2 - 2) \frac{\bar x_2 - \bar x_1}{s}

    "pooled": :math:`s^2` is the variance within groups, and the interval is from the noncentral t
    distribution, which is exact for normal scores of equal variances. "average":
    :math:`s^2 = (s_1^2 + s_2^2) / 2`, and the interval is Bonett's, which does not ask for equal
    variances; it is centred on the uncorrected difference.

    Args:
        two: a score counted in two groups.
        level: confidence level.
        sd: "pooled" or "average".

    Raises:
        RefusalError: neither group varies.

    Source:
        Bonett DG. Confidence intervals for standardized linear contrasts of means. Psychol
        Methods 2008;13:99-109. doi:10.1037/1082-989X.13.2.99. Agrees with the same formulas in
        R to 1e-10, and the noncentral limits with R's pt to 1e-8.
    """
    if sd not in DEVIATIONS:
        raise UnknownNameError("sd of a standardized difference", sd, DEVIATIONS)
    (n1, n2), (v1, v2) = two.n.tolist(), two.variance.tolist()
    difference = float(two.mean[1] - two.mean[0])
    df = n1 + n2 - 2
    variance = ((n1 - 1) * v1 + (n2 - 1) * v2) / df if sd == "pooled" else (v1 + v2) / 2
    if not variance > 0:
        raise RefusalError("no standardized difference: neither group varies")
    d, correction = difference / math.sqrt(variance), small_sample(df)
    if sd == "pooled":
        scale = math.sqrt(1 / n1 + 1 / n2)
        low, high = (correction * scale * end for end in t_limits(d / scale, df, level))
    else:
        of_variances = (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)) / (8 * variance**2)
        of_means = (v1 / (n1 - 1) + v2 / (n2 - 1)) / variance
        half = normal_quantile(level) * math.sqrt(d**2 * of_variances + of_means)
        low, high = d - half, d + half
    return Effect("hedges_g", correction * d, low, high, level, DEVIATIONS[sd])
