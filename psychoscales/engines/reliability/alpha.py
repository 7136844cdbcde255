"""Coefficient alpha, raw and standardized, and what the items correlate on average.

Everything here is a function of covariance matrices [..., k, k]: one matrix, or any stack of them.
Where a matrix has no answer, it is NaN; `Coefficient` says why before anybody sees that.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.matrices import (
    correlations,
    summed,
    through_correlations,
)

Floats = npt.NDArray[np.float64]


def _trace(cov: Floats) -> Floats:
    return np.asarray(np.trace(cov, axis1=-2, axis2=-1))


def alpha(cov: Floats) -> Floats:
    r"""Return raw alpha of covariance matrices.

    .. math:: \frac{k}{k - 1} \left(1 - \frac{\operatorname{tr} C}{\sum C}\right)

    It estimates the reliability of the sum of the items if these are essentially tau-equivalent
    and their errors uncorrelated, and a lower bound of it if they are only congeneric. Of items
    with two values it is KR-20.

    Source:
        Cronbach LJ. Psychometrika 1951;16:297-334. doi:10.1007/BF02310555. Agrees with
        psych::alpha (raw_alpha) to 1e-10.
    """
    k = cov.shape[-1]
    return np.asarray(k / (k - 1) * (1 - _trace(cov) / summed(cov)))


def alpha_gradient(cov: Floats) -> Floats:
    """Return d alpha / d C [..., k, k], every element of C taken for itself."""
    k = cov.shape[-1]
    trace, total = _trace(cov)[..., None, None], summed(cov)[..., None, None]
    gradient: Floats = k / (k - 1) * (trace / total**2 - np.eye(k) / total)
    return gradient


def alpha_standardized(cov: Floats) -> Floats:
    r"""Return standardized alpha: alpha of the correlation matrices R.

    .. math:: \frac{k}{k - 1} \left(1 - \frac{k}{\sum R}\right)

    It is about the sum of the items after each is divided by its standard deviation, which is
    not the score that people get.

    Source:
        Agrees with psych::alpha (std.alpha) to 1e-10.
    """
    return alpha(correlations(cov))


def alpha_standardized_gradient(cov: Floats) -> Floats:
    """Return d standardized alpha / d C [..., k, k], through the correlations."""
    k = cov.shape[-1]
    slope = k / (k - 1) * k / summed(correlations(cov)) ** 2
    return np.asarray(slope[..., None, None] * through_correlations(cov, np.ones_like(cov)))


def inter_item_r_mean(cov: Floats) -> Floats:
    r"""Return the mean of the correlations between items.

    .. math:: \bar r = \frac{\sum R - k}{k (k - 1)}

    Source:
        Agrees with psych::alpha (average_r) to 1e-10.
    """
    k = cov.shape[-1]
    return np.asarray((correlations(cov).sum(axis=(-2, -1)) - k) / (k * (k - 1)))


def inter_item_r_mean_gradient(cov: Floats) -> Floats:
    """Return d mean inter-item r / d C [..., k, k]."""
    k = cov.shape[-1]
    return np.asarray(through_correlations(cov, np.ones_like(cov)) / (k * (k - 1)))


def inter_item_r_min(cov: Floats) -> Floats:
    """Return the lowest correlation between two items."""
    return np.asarray(_pairs(cov).min(axis=-1))


def inter_item_r_max(cov: Floats) -> Floats:
    """Return the highest correlation between two items."""
    return np.asarray(_pairs(cov).max(axis=-1))


def _pairs(cov: Floats) -> Floats:
    first, second = np.triu_indices(cov.shape[-1], 1)
    pairs: Floats = correlations(cov)[..., first, second]
    return pairs


ESTIMANDS: Mapping[str, str] = {
    "alpha": "sum of the items; lower bound, exact if they are tau-equivalent; raw items",
    "kr20": "alpha of items with two values (Kuder and Richardson's formula 20)",
    "alpha_standardized": "sum of the standardized items, which nobody's score is",
    "inter_item_r_mean": "mean correlation of two items",
    "inter_item_r_min": "lowest correlation of two items",
    "inter_item_r_max": "highest correlation of two items",
}
