"""Decisions at cut-offs: would people be classed the same twice, and as their true scores are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.precision import Distribution
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
NODES, REACH = 200, 6.0
"""Points of the double exponential rule in each piece, and how far its variable runs."""
QUANTILES = (1e-6, 1e-3, 0.1, 0.5, 0.9, 1 - 1e-3, 1 - 1e-6)
"""Where the range of true scores is divided, so that a narrow distribution is not overlooked."""
SMALLEST = 1e-10
LEGENDRE, FARTHEST = 120, 9.0
"""Points of the Gauss-Legendre rule in each piece, and where normal tails are cut off."""
LOST = 1e-8
"""The most probability that integration may lose."""


@dataclass(frozen=True)
class Decisions:
    """What becomes of decisions at one cut-off, or at several at once.

    Attributes:
        consistency: probability that a person is classed the same on two parallel occasions.
        chance: the same if the two had nothing to do with each other.
        kappa: (consistency - chance) / (1 - chance); NaN where chance is 1.
        accuracy: probability that a person is classed as the true score is.
        false_positive: probability of being classed higher than the true score is; of all people.
        false_negative: of being classed lower; accuracy and the two add up to 1.
        expected: share of people at or above the (lowest) cut-off, by the model.
    """

    consistency: float
    chance: float
    kappa: float
    accuracy: float
    false_positive: float
    false_negative: float
    expected: float


@dataclass(frozen=True)
class TrueBeta:
    """A beta distribution of true scores as proportions of the score's range.

    Attributes:
        a, b: shape.
        low, high: its limits; 0 and 1 where only mean and variance were fitted.
        parameters: 4 or 2, how many were fitted.
        length: the effective test length, a whole number.
    """

    a: float
    b: float
    low: float
    high: float
    parameters: int
    length: int


def effective_length(known: Distribution, reliability: float) -> float:
    r"""Return how many right-or-wrong items would make a score as reliable.

    .. math:: \tilde n = \frac{(\bar X - L)(U - \bar X) - \rho s^2}{s^2 (1 - \rho)}

    Not rounded; L and U are the lowest and highest possible score.

    Source:
        Livingston SA, Lewis C. Estimating the consistency and accuracy of classifications based
        on test scores. J Educ Meas 1995;32:179-197. doi:10.1111/j.1745-3984.1995.tb00462.x
    """
    if not 0 < reliability < 1:
        raise RefusalError(
            f"no effective test length at a reliability of {reliability:g}: it lies between 0 and 1"
        )
    variance, mean = known.variance, known.mean
    room = (mean - known.values[0]) * (known.values[-1] - mean)
    return float((room - reliability * variance) / (variance * (1 - reliability)))


def true_moments(known: Distribution, length: int, most: int) -> Floats:
    r"""Return the raw moments 1 .. `most` of true proportions, by factorial moments.

    .. math:: E\,\tau^r = \frac{E\, y (y - 1) \dots (y - r + 1)}{n (n - 1) \dots (n - r + 1)}

    with y the score stretched to the range 0 to n, the effective length.

    Source:
        Lord FM. A strong true-score theory, with applications. Psychometrika 1965;30:239-270.
        doi:10.1007/BF02289490
    """
    lowest, highest = known.values[0], known.values[-1]
    y = length * (known.values - lowest) / (highest - lowest)
    factorial, moments = np.ones_like(y), np.empty(most)
    bottom = 1.0
    for r in range(most):
        factorial, bottom = factorial * (y - r), bottom * (length - r)
        moments[r] = float(known.counts @ factorial) / known.n / bottom
    return moments


def true_scores_beta(known: Distribution, reliability: float) -> TrueBeta:
    """Return the beta distribution of true scores with the moments that the scores imply.

    Four parameters by four moments; where these give no beta distribution within 0 and 1, or the
    effective length is below 4, two parameters by mean and variance, with limits 0 and 1.

    Raises:
        RefusalError: the effective length is below 2, or no beta distribution has the moments.

    Source:
        Livingston and Lewis 1995. Hanson BA. Method of moments estimates for the four-parameter
        beta compound binomial model and the calculation of classification consistency indexes.
        ACT Research Report 91-5, 1991.
    """
    length = round(effective_length(known, reliability))
    if length < 2:
        raise RefusalError(
            f"the effective test length is {length}: too few for a beta-binomial model"
        )
    if length >= 4:
        found = _four(true_moments(known, length, 4))
        if found is not None:
            return TrueBeta(*found, 4, length)
    mean, second = (float(moment) for moment in true_moments(known, length, 2))
    variance = second - mean**2
    if not 0 < variance < mean * (1 - mean):
        raise RefusalError(
            f"no beta distribution has the moments of the true scores (mean {mean:.4g}, "
            f"variance {variance:.4g}, as proportions)"
        )
    size = mean * (1 - mean) / variance - 1
    return TrueBeta(mean * size, (1 - mean) * size, 0.0, 1.0, 2, length)


def _four(raw: Floats) -> tuple[float, float, float, float] | None:
    """Return a, b, low and high of the beta distribution with four raw moments, if there is one."""
    m1, m2, m3, m4 = (float(moment) for moment in raw)
    variance = m2 - m1**2
    if not variance > 0:
        return None
    skew = (m3 - 3 * m1 * m2 + 2 * m1**3) / variance**1.5
    peak = (m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4) / variance**2
    under = 6 + 3 * skew**2 - 2 * peak
    if under == 0:
        return None
    size = 6 * (peak - skew**2 - 1) / under
    inside = (size + 2) ** 2 * skew**2 + 16 * (size + 1)
    if not (size > 0 and inside > 0):
        return None
    apart = (size + 2) * skew / np.sqrt(inside)
    a, b = float(size / 2 * (1 - apart)), float(size / 2 * (1 + apart))
    if not (a > 0 and b > 0):
        return None
    spread = np.sqrt(variance * (size + 1) / (a * b))
    low, high = float(m1 - a * spread), float(m1 + b * spread)
    return (a, b, low, high) if low >= 0 and high <= 1 else None


def boundaries(known: Distribution, cuts: Sequence[float]) -> Floats:
    """Return for each cut-off the middle between the scores next to it, below and at or above.

    Raises:
        RefusalError: no possible score is below a cut-off, or none reaches it.
    """
    above = np.searchsorted(known.values, np.asarray(cuts) - 1e-9)
    if (above == 0).any() or (above == len(known.values)).any():
        raise RefusalError("a cut-off that no score is below, or none reaches, decides nothing")
    middles: Floats = (known.values[above - 1] + known.values[above]) / 2
    return middles


def livingston_lewis(
    known: Distribution, reliability: float, cuts: Sequence[float]
) -> tuple[Decisions, TrueBeta]:
    r"""Return decisions at rising cut-offs under the beta-binomial model.

    True scores have a beta distribution; given a true proportion tau, the score of each occasion
    is binomial with the effective length n, independently. A person is at or above a cut-off
    with probability

    .. math:: P(y \ge c) = I_\tau(c, n - c + 1), \qquad c = n \frac{m - L}{U - L} + \tfrac12

    with m the middle between the possible scores on both sides of the cut-off and I the
    regularised incomplete beta function: the binomial probability where c is whole, and between
    two binomial probabilities elsewhere, so that no cut-off is moved by rounding. A true score is
    at or above a cut-off if it is no lower than the cut-off itself.

    Args:
        known: of the observed scores.
        reliability: of the score.
        cuts: lower bounds of the upper classes, in the score's units, rising.

    Raises:
        RefusalError: see `true_scores_beta`; or the integration does not reach 1.

    Source:
        Livingston SA, Lewis C. J Educ Meas 1995;32:179-197.
        doi:10.1111/j.1745-3984.1995.tb00462.x. Their last step, stretching the table so that its
        margins are the observed ones, is not taken: `expected` shows what the model says.
    """
    from scipy.special import betainc

    middles = boundaries(known, cuts)
    beta = true_scores_beta(known, reliability)
    lowest, highest = known.values[0], known.values[-1]
    at = beta.length * (middles - lowest) / (highest - lowest) + 0.5
    wanted = (np.asarray(cuts) - lowest) / (highest - lowest)
    split = np.clip((wanted - beta.low) / (beta.high - beta.low), 0, 1)
    decided = _Sums(len(cuts) + 1)
    for number, (start, end) in enumerate(zip([0, *split], [*split, 1], strict=True)):
        tau, weight = _beta_rule(beta.a, beta.b, float(start), float(end))
        proportion = beta.low + (beta.high - beta.low) * tau
        upper = betainc(at, beta.length - at + 1, proportion[:, None])
        decided.add(weight, np.asarray(upper), number)
    return decided.decisions(), beta


def bivariate_normal(known: Distribution, reliability: float, cuts: Sequence[float]) -> Decisions:
    r"""Return decisions at rising cut-offs if scores of two occasions are bivariate normal.

    Their correlation is the reliability, and that of observed with true scores its root. An
    observed score is at or above a cut-off from the middle between the possible scores on both
    sides of it. Agrees for one cut-off with
    :math:`1 - 2 (\Phi(z) - \Phi_2(z, z; \rho))`.

    Raises:
        RefusalError: the reliability is not between 0 and 1, or a cut-off decides nothing.

    Source:
        Peng CJ, Subkoviak MJ. A note on Huynh's normal approximation procedure for estimating
        criterion-referenced reliability. J Educ Meas 1980;17:359-368.
    """
    from scipy.special import ndtr

    if not 0 < reliability < 1:
        raise RefusalError(f"a reliability of {reliability:g} does not lie between 0 and 1")
    sd, root = float(np.sqrt(known.variance)), float(np.sqrt(reliability))
    z = (boundaries(known, cuts) - known.mean) / sd
    true_cuts = np.clip((np.asarray(cuts) - known.mean) / (sd * root), -FARTHEST, FARTHEST)
    decided = _Sums(len(cuts) + 1)
    ends = [-FARTHEST, *true_cuts, FARTHEST]
    nodes, weights = np.polynomial.legendre.leggauss(LEGENDRE)
    for number in range(len(cuts) + 1):
        inner = [float(end) for end in z / root if ends[number] < end < ends[number + 1]]
        pieces = [float(ends[number]), *inner, float(ends[number + 1])]
        for start, end in pairwise(pieces):
            true = start + (end - start) * (nodes + 1) / 2
            density = np.exp(-(true**2) / 2) / np.sqrt(2 * np.pi)
            upper = ndtr((root * true[:, None] - z) / np.sqrt(1 - reliability))
            decided.add(weights * (end - start) / 2 * density, np.asarray(upper), number)
    return decided.decisions()


class _Sums:
    """Class probabilities added up over true scores."""

    def __init__(self, classes: int) -> None:
        self.joint = np.zeros((classes, classes))
        self.same = 0.0

    def add(self, weight: Floats, upper: Floats, true_class: int) -> None:
        """Add true scores of one class: weights [q], P(at or above each cut-off) [q, cuts]."""
        q = len(weight)
        edges = np.hstack([np.ones((q, 1)), upper, np.zeros((q, 1))])
        classed = edges[:, :-1] - edges[:, 1:]
        self.joint[true_class] += weight @ classed
        self.same += float(weight @ (classed**2).sum(axis=1))

    def decisions(self) -> Decisions:
        """Return what the sums say, once it is seen that nothing was lost."""
        lost = abs(1 - float(self.joint.sum()))
        if not lost < LOST:
            raise RefusalError(
                f"integration over true scores misses {lost:.1e} of the probability: "
                "nearly everybody's true score is at an end of the score"
            )
        margin = self.joint.sum(axis=0)
        chance = float(margin @ margin)
        kappa = (self.same - chance) / (1 - chance) if chance < 1 else float("nan")
        return Decisions(
            consistency=self.same,
            chance=chance,
            kappa=kappa,
            accuracy=float(np.trace(self.joint)),
            false_positive=float(np.triu(self.joint, 1).sum()),
            false_negative=float(np.tril(self.joint, -1).sum()),
            expected=1 - float(margin[0]),
        )


def _beta_rule(a: float, b: float, start: float, end: float) -> tuple[Floats, Floats]:
    """Return points and weights of the beta distribution between two proportions.

    The double exponential rule in pieces: its points crowd at the ends of each, where the density
    may be infinite.
    """
    from scipy.special import betaincinv, betaln

    crowded = max(start, SMALLEST), min(end, 1 - SMALLEST)
    inner = [float(x) for x in betaincinv(a, b, QUANTILES) if crowded[0] < x < crowded[1]]
    edges = np.array(sorted({start, *inner, end}))
    t, step = np.linspace(-REACH, REACH, NODES, retstep=True)
    u = np.pi / 2 * np.sinh(t)
    up, down = 1 / (1 + np.exp(-2 * u)), 1 / (1 + np.exp(2 * u))
    width = np.diff(edges)[:, None]
    left = edges[:-1, None] + width * up
    right = (1 - edges[1:, None]) + width * down
    log_density = (a - 1) * np.log(left) + (b - 1) * np.log(right) - float(betaln(a, b))
    weight = float(step) * width * np.pi * np.cosh(t) * up * down * np.exp(log_density)
    return left.ravel(), weight.ravel()
