r"""Agreement beyond chance of two raters or more: Fleiss' kappa, and Gwet's AC1 and AC2.

All are :math:`(p_a - p_e) / (1 - p_e)` with the same observed agreement of pairs of raters,

.. math:: p_a = \frac{1}{n'} \sum_{i: r_i \ge 2} \sum_k
    \frac{r_{ik} (r^*_{ik} - 1)}{r_i (r_i - 1)}, \quad r^*_{ik} = \sum_l w_{kl} r_{il}

where r_ik raters put target i into category k, r_i rated it at all, and n' targets have two
ratings or more. They differ in the agreement expected by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.kappa import NEGLIGIBLE, with_interval
from psychoscales.engines.reliability.agreement.ratings import FEWEST, counted
from psychoscales.engines.reliability.agreement.weights import agreement_weights
from psychoscales.errors import RefusalError
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Chance:
    """What agreement is expected by chance.

    Attributes:
        expected: from prevalences [c] and weights [c, c].
        slope: half of d expected / d prevalences [c].
        names: the coefficient's name for each kind of weights.
    """

    expected: Callable[[Floats, Floats], float]
    slope: Callable[[Floats, Floats], Floats]
    names: Mapping[str, str]


def _gwet(share: Floats, weights: Floats) -> float:
    return _gwet_factor(weights) * float(share @ (1 - share))


def _gwet_slope(share: Floats, weights: Floats) -> Floats:
    return _gwet_factor(weights) * (1 - share)


def _gwet_factor(weights: Floats) -> float:
    return float(weights.sum()) / (len(weights) * (len(weights) - 1))


def _fleiss(share: Floats, weights: Floats) -> float:
    return float(share @ weights @ share)


def _fleiss_slope(share: Floats, weights: Floats) -> Floats:
    return np.asarray(weights @ share)


CHANCE: Mapping[str, Chance] = {
    "fleiss": Chance(
        _fleiss,
        _fleiss_slope,
        {
            "identity": "kappa_fleiss",
            "linear": "kappa_fleiss_linear",
            "quadratic": "kappa_fleiss_quadratic",
        },
    ),
    "gwet": Chance(
        _gwet,
        _gwet_slope,
        {"identity": "ac1", "linear": "ac2_linear", "quadratic": "ac2_quadratic"},
    ),
}


def fleiss_kappa(
    ratings: npt.ArrayLike, categories: int, *, weights: str = "identity", level: float = 0.95
) -> Estimate:
    r"""Return Fleiss' kappa, whose chance agreement is :math:`\sum w_{kl} \pi_k \pi_l`.

    Args, Raises and the interval are as for `gwet_ac`.

    Source:
        Fleiss JL. Measuring nominal scale agreement among many raters. Psychol Bull
        1971;76:378-382. doi:10.1037/h0031619.
    """
    return _coefficient(ratings, categories, "fleiss", weights, level)


def gwet_ac(
    ratings: npt.ArrayLike, categories: int, *, weights: str = "identity", level: float = 0.95
) -> Estimate:
    r"""Return Gwet's AC1, or with weights AC2.

    .. math:: p_e = \frac{\sum w_{kl}}{c (c - 1)} \sum_k \pi_k (1 - \pi_k)

    with :math:`\pi_k` the mean share of category k over targets. The standard error is the
    linearised one over targets; raters are fixed. The interval is Student's t on n - 1 degrees of
    freedom, and is not cut at 1.

    Args:
        ratings: category numbers [n, r], 0 to `categories` - 1 in order, NaN where there is none.
        categories: how many categories there are, used or not; AC depends on it.
        weights: "identity", "linear" or "quadratic".
        level: confidence level, such as .95.

    Raises:
        RefusalError: fewer than three targets have two ratings, or (kappa) all ratings are of
            one category.

    Source:
        Gwet KL. Computing inter-rater reliability and its variance in the presence of high
        agreement. Br J Math Stat Psychol 2008;61:29-48. doi:10.1348/000711006X126600.
    """
    return _coefficient(ratings, categories, "gwet", weights, level)


def _coefficient(
    ratings: npt.ArrayLike, categories: int, by: str, weights: str, level: float
) -> Estimate:
    from scipy.special import stdtrit

    counts, chance = counted(ratings, categories), CHANCE[by]
    value, influence = linearised(counts, agreement_weights(weights, categories), chance)
    n = len(counts)
    se = float(np.sqrt((influence**2).sum() / (n * (n - 1))))
    single = int((counts.sum(axis=1) < 2).sum())
    found = Estimate(
        chance.names[weights], value, n=n, missing="available" if single else "complete"
    )
    quantile = float(stdtrit(n - 1, (1 + level) / 2))
    return with_interval(found, se, quantile, level, "gwet_linearised")


def linearised(counts: Floats, weights: Floats, chance: Chance) -> tuple[float, Floats]:
    """Return a coefficient and each target's influence on it [n], from counts [n, c]."""
    n, rated = len(counts), counts.sum(axis=1)
    pairs = rated * (rated - 1)
    twice = pairs > 0
    if twice.sum() < FEWEST:
        raise RefusalError(f"fewer than {FEWEST} people have two ratings")
    agreeing = (counts * (counts @ weights - 1)).sum(axis=1)
    own = np.where(twice, agreeing / np.where(twice, pairs, 1), 0.0)
    observed = float(own.sum() / twice.sum())
    shares = counts / rated[:, None]
    share = shares.mean(axis=0)
    expected = chance.expected(share, weights)
    if not 1 - expected > NEGLIGIBLE:
        raise RefusalError("not defined: all ratings are one category")
    value = (observed - expected) / (1 - expected)
    slope = chance.slope(share, weights)
    seen = n / float(twice.sum()) * np.where(twice, own - expected, 0.0) / (1 - expected)
    shift = 2 * (1 - value) * (shares @ slope - float(share @ slope)) / (1 - expected)
    return value, seen - shift - value
