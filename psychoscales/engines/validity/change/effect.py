r"""Standardized change of a group: effect size and standardized response mean.

.. math::
    ES = \frac{\bar d}{s_{before}}, \qquad SRM = \frac{\bar d}{s_d}

with :math:`\bar d` the mean change in the direction of improvement, :math:`s_d` its standard
deviation and :math:`s_{before}` that of the earlier scores, all with divisor n - 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.noncentral import t_limits
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
NEGLIGIBLE = 1e-12


def mean_change(change: Floats, level: float) -> Estimate:
    """Return the mean change, in units of the score, with Student's interval.

    Args:
        change: in the direction of improvement [n].
        level: confidence level, such as .95.
    """
    from scipy.special import stdtrit

    n, mean, sd = len(change), float(change.mean()), float(change.std(ddof=1))
    if not sd > NEGLIGIBLE * float(np.abs(change).max(initial=0.0)):
        note = "no interval: everybody changes by the same amount"
        return Estimate("mean_change", mean, n=n, note=note)
    half = float(stdtrit(n - 1, (1 + level) / 2)) * sd / float(np.sqrt(n))
    return Estimate("mean_change", mean, mean - half, mean + half, level, n, method="student_t")


def effect_size(before: Floats, change: Floats, level: float) -> Estimate:
    r"""Return the mean change in standard deviations of the earlier scores.

    The interval is :math:`ES \pm z \sqrt{ES^2 / (2 (n - 1)) + s_d^2 / ((n - 1) s_{before}^2)}`,
    for normal scores; the two standard deviations may differ.

    Args:
        before: earlier scores [n].
        change: in the direction of improvement [n].
        level: confidence level, such as .95.

    Raises:
        RefusalError: the earlier scores have no variance.

    Source:
        Kazis LE, Anderson JJ, Meenan RF. Effect sizes for interpreting changes in health status.
        Med Care 1989;27:S178-S189. doi:10.1097/00005650-198903001-00015. Bonett DG. Confidence
        intervals for standardized linear contrasts of means. Psychol Methods 2008;13:99-109.
        doi:10.1037/1082-989X.13.2.99.
    """
    n, sd = len(before), float(before.std(ddof=1))
    if not sd > NEGLIGIBLE * float(np.abs(before).max(initial=0.0)):
        raise RefusalError("no effect size: everybody has the same score at the first occasion")
    value = float(change.mean()) / sd
    square = value**2 / (2 * (n - 1)) + float(change.var(ddof=1)) / ((n - 1) * sd**2)
    half = normal_quantile(level) * float(np.sqrt(square))
    if not half > 0:
        note = "no interval: nobody has changed"
        return Estimate("effect_size", value, n=n, note=note)
    return Estimate(
        "effect_size", value, value - half, value + half, level, n, method="bonett_2008"
    )


def standardized_response_mean(change: Floats, level: float) -> Estimate:
    r"""Return the mean change in standard deviations of the change.

    :math:`\sqrt n\, SRM` has a noncentral t distribution with n - 1 degrees of freedom and
    noncentrality :math:`\sqrt n\, \delta`, where changes are normal: the interval's ends are the
    :math:`\delta` under which the SRM found is at its tails.

    Args:
        change: in the direction of improvement [n].
        level: confidence level, such as .95.

    Raises:
        RefusalError: everybody changes by the same amount.

    Source:
        Liang MH, Fossel AH, Larson MG. Comparisons of five health status instruments for
        orthopedic evaluation. Med Care 1990;28:632-642.
    """
    n, sd = len(change), float(change.std(ddof=1))
    if not sd > NEGLIGIBLE * float(np.abs(change).max(initial=0.0)):
        raise RefusalError("no response mean: everybody changes by the same amount")
    value, root = float(change.mean()) / sd, float(np.sqrt(n))
    low, high = (end / root for end in t_limits(value * root, n - 1, level))
    return Estimate("srm", value, low, high, level, n, method="noncentral_t")
