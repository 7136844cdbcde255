r"""Intervals of variance components by the profile of the restricted likelihood.

An end of the interval is where the smallest criterion under :math:`\theta = \theta_0` exceeds the
smallest criterion of all by the quantile of :math:`\chi^2_1`. It is not a method of moments, and
takes incomplete ratings as they are; a lower end at which the likelihood still holds is 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.components import (
    LOWEST,
    TINY,
    Components,
    Sums,
    minimised,
)
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Profile = Callable[[float], float]
FARTHEST = 40.0


def of_ratio(known: Sums, found: Components, kind: str, level: float) -> tuple[float, float]:
    r"""Return the interval of an intraclass correlation of single ratings.

    Args:
        known: sums of the ratings.
        found: the estimates: of the one-way model where kind is "one_way".
        kind: "one_way" and "consistency", :math:`\sigma_a^2 / (\sigma_a^2 + \sigma_e^2)`;
            "agreement", :math:`\sigma_a^2 / (\sigma_a^2 + \sigma_b^2 + \sigma_e^2)`.
        level: confidence level, such as .95.
    """
    shared = found.rater if kind == "agreement" else 0.0
    value = found.target / (shared + found.error)

    def at(odds: float) -> float:
        if kind == "one_way":
            return known.profiled(odds, 0.0)[0]

        def criterion(logs: Floats) -> tuple[float, Floats]:
            b = float(np.exp(logs[0]))
            a = odds * (1 + b) if kind == "agreement" else odds
            best, slope = known.profiled(a, b)
            through_a = odds * float(slope[0]) if kind == "agreement" else 0.0
            return best, np.array([(float(slope[1]) + through_a) * b])

        starts = (_log(found.rater / found.error), -2.0)
        return min(minimised(criterion, np.array([start]))[0] for start in starts)

    limit = at(value) + _allowed(level)

    def above(logit: float) -> float:
        return at(float(np.exp(logit))) - limit

    middle = max(_log(value), LOWEST)
    low = 0.0
    if value > 0 and at(0.0) > limit:
        low = _ratio(_end(above, middle, -1.0))
    return low, _ratio(_end(above, middle, 1.0))


def of_variance(known: Sums, found: Components, kind: str, level: float) -> tuple[float, float]:
    r"""Return the interval of an error variance.

    Args:
        known: sums of the ratings.
        found: the estimates.
        kind: "consistency", :math:`\sigma_e^2`; "agreement", :math:`\sigma_b^2 + \sigma_e^2`.
        level: confidence level, such as .95.
    """
    unit = known.spread**2
    value = (found.error + (found.rater if kind == "agreement" else 0.0)) / unit
    first = np.array([_log(found.target / found.error), _log(found.rater / found.error)])
    last = [first]

    def at(variance: float) -> float:
        def criterion(logs: Floats) -> tuple[float, Floats]:
            a, b = (float(each) for each in np.exp(logs))
            share = 1 + b if kind == "agreement" else 1.0
            best, slope, through = known.at_variance(a, b, variance / share)
            if kind == "agreement":
                slope = slope + np.array([0.0, -through * variance / share**2])
            return best, slope * np.array([a, b])

        tried = [minimised(criterion, start) for start in (last[0], first)]
        best, last[0] = min(tried, key=lambda pair: pair[0])
        return best

    limit, middle = at(value) + _allowed(level), float(np.log(value))

    def above(logarithm: float) -> float:
        return at(float(np.exp(logarithm))) - limit

    low, high = (unit * float(np.exp(_end(above, middle, way))) for way in (-1.0, 1.0))
    return low, high


def _log(ratio: float) -> float:
    return float(np.log(max(ratio, TINY)))


def _ratio(logit: float) -> float:
    return 1 / (1 + float(np.exp(-logit)))


def _allowed(level: float) -> float:
    """Return by how much the criterion may exceed its smallest value within the interval."""
    from scipy.special import chdtri

    return float(chdtri(1, 1 - level))


def _end(above: Profile, middle: float, way: float) -> float:
    """Return where a profile, below its limit at `middle`, reaches it in one direction."""
    from scipy.optimize import brentq

    near, far = middle, middle + way / 4
    while above(far) <= 0:
        near, far = far, far + 2 * (far - near)
        if abs(far) > FARTHEST:
            raise RefusalError("the likelihood holds however far the end is")
    return float(brentq(above, min(near, far), max(near, far), xtol=1e-9, rtol=1e-9))
