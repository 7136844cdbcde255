"""How exact single scores are: standard errors of measurement, overall and along the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns, frozen
from psychoscales.engines.reliability.estimation import Answers
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile, standard_error
from psychoscales.moments import values_of

Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]

NOT_OF_THE_SUM = {
    "alpha_standardized": "the sum of standardized items",
    "alpha_ordinal": "the sum of latent, normally distributed answers",
    "omega_latent_response": "the sum of latent, normally distributed answers",
    "omega_total_minres_polychoric": "the sum of latent, normally distributed answers",
    "omega_hierarchical": "the general factor alone",
}
"""Coefficients that are not about the score people get, and what they are about."""
TIDY = 9
"""Decimals that sums of item values are told apart by: .1 + .7 is .8."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """A score as the people have it who answered every item.

    Attributes:
        values: every value the score can have, rising [s].
        counts: people who have it [s].
        error_variance: their mean error variance from how their answers differ [s]; NaN where
            nobody has the value, and where the score is of one item.
    """

    values: Floats
    counts: npt.NDArray[np.int64]
    error_variance: Floats

    @property
    def n(self) -> int:
        """People."""
        return int(self.counts.sum())

    @property
    def mean(self) -> float:
        """Their mean score."""
        return float(self.counts @ self.values) / self.n

    @property
    def variance(self) -> float:
        """Their variance, divisor n - 1."""
        if self.n < 2:
            raise RefusalError("a standard deviation needs two people or more")
        return float(self.counts @ (self.values - self.mean) ** 2) / (self.n - 1)


@dataclass(frozen=True)
class Errors:
    """Standard errors of a score, in the score's own units.

    Attributes:
        sem: of measurement, the spread of observed scores around a person's true score.
        see: of estimation, the spread of true scores around Kelley's estimate.
        sdc: smallest change of one person that is more than error.
        sdc_group: smallest change of the mean of as many people.
    """

    sem: float
    see: float
    sdc: float
    sdc_group: float


def of_the_sum(value: Callable[[Floats], Floats], cov: Floats) -> bool:
    """Return whether a coefficient is about the sum of the items as they are.

    One that stays the same when an item that varies is counted double is about standardized
    items.
    """
    doubled, most = np.array(cov), int(np.argmax(np.diag(cov)))
    doubled[most] *= 2
    doubled[:, most] *= 2
    return not np.isclose(float(value(doubled)), float(value(cov)), rtol=1e-6, atol=0)


def distribution(
    patterns: Patterns, values: Sequence[Sequence[float]], slope: float, intercept: float
) -> Distribution:
    r"""Return how people's scores are distributed, with each value's own error variance.

    A score is `intercept` + `slope` times the sum of the item values. Person p's error variance
    is taken from the person's own answers [k], as in an analysis of variance of people by items:

    .. math:: \frac{k}{k - 1} \sum_j (x_{pj} - \bar x_j - \bar x_p + \bar x)^2

    and averaged over the people who have the same score. Over everybody these add up, divided by
    n - 1, to :math:`s_X^2 (1 - \alpha)`. Assumes essentially tau-equivalent items.

    Args:
        patterns: counted answers to the items; people with a missing answer are left out.
        values: for each item, the value of each option.
        slope: what a point of the sum is worth; above 0.
        intercept: the score of the sum 0.

    Raises:
        RefusalError: nobody answered every item.

    Source:
        Feldt LS, Steffen M, Gupta NC. A comparison of five methods for estimating the standard
        error of measurement at specific score levels. Appl Psychol Meas 1985;9:351-361.
        doi:10.1177/014662168500900402. Feldt LS, Qualls AL. Estimation of measurement error
        variance at specific score levels. J Educ Meas 1996;33:141-156.
        doi:10.1111/j.1745-3984.1996.tb00486.x
    """
    complete = patterns.complete
    if complete.n == 0:
        raise RefusalError("nobody answered every item")
    table, people = values_of(complete, values), complete.counts
    sums = np.array([0.0])
    for row in values:
        sums = np.unique(np.round(np.add.outer(sums, np.array(row)).ravel(), TIDY))
    place = np.searchsorted(sums, np.round(table.sum(axis=1), TIDY) - 10**-TIDY / 2)
    counts = np.bincount(place, weights=people, minlength=len(sums))
    k = table.shape[1]
    error = np.full(len(sums), np.nan)
    if k > 1:
        centred = table - people @ table / complete.n
        residual = centred - centred.mean(axis=1, keepdims=True)
        own = slope**2 * k / (k - 1) * (residual**2).sum(axis=1)
        there = counts > 0
        added = np.bincount(place, weights=people * own, minlength=len(sums))
        error[there] = added[there] / counts[there]
    scores = np.round(intercept + slope * sums, TIDY)
    return Distribution(frozen(scores), frozen(counts.astype(np.int64)), frozen(error))


def errors(variance: float, reliability: float, n: int, level: float) -> Errors:
    r"""Return the standard errors of a score and the changes that are more than error.

    .. math::
        SEM = s \sqrt{1 - \rho} \quad SEE = s \sqrt{\rho (1 - \rho)} \quad
        SDC = z \sqrt 2 \, SEM \quad SDC_{group} = SDC / \sqrt n

    Args:
        variance: of the score, in its own units.
        reliability: rho, the share of the variance that is true; from 0 to 1.
        n: people.
        level: .95 makes z 1.96.

    Raises:
        RefusalError: the score has no variance, or the reliability is no share of it.
    """
    if not variance > 0:
        raise RefusalError("no variance: everybody has the same score")
    if not 0 <= reliability <= 1:
        raise RefusalError(
            f"a reliability of {reliability:.3f} is no share of a variance; "
            "check the keying of the items"
        )
    sem = float(np.sqrt(variance * (1 - reliability)))
    sdc = normal_quantile(level) * np.sqrt(2) * sem
    see = sem * float(np.sqrt(reliability))
    return Errors(sem, see, float(sdc), float(sdc / np.sqrt(n)))


def sem_interval(
    reliability: float,
    gradient: Floats,
    answers: Answers,
    level: float,
) -> Interval:
    r"""Return the distribution-free interval of the SEM of a sum, as ends of SEM / its value.

    .. math:: \exp\Big(\pm z \sqrt{\tfrac{1}{n(n-1)} \sum_i (v_i - \bar v)^2}\Big), \quad
        v_i = \frac{d_i' G d_i}{2\, SEM^2}

    with d a person's deviations from the item means and G the derivative of
    :math:`SEM^2 = (\sum C)(1 - \rho(C))` with respect to the covariances C. The sampling errors
    of the standard deviation and of the coefficient go together and are both in it; an interval
    carried over from the coefficient alone is too wide.

    Args:
        reliability: rho, a coefficient of the sum of the items.
        gradient: d rho / d C [k, k], every element of C taken for itself.
        answers: of the people who answered every item.
        level: confidence level, such as .95.

    Raises:
        RefusalError: there is no error variance, or fewer than three people.
    """
    total = float(answers.moments.cov.sum())
    error = total * (1 - reliability)
    if not error > 0:
        raise RefusalError("the standard error is 0: nothing to put an interval around")
    slope = (1 - reliability) - total * gradient
    share = answers.influence(slope) / (2 * error)
    half = normal_quantile(level) * standard_error(share, answers.rows().counts)
    return float(np.exp(-half)), float(np.exp(half))


def carried(reliability: float, low: float, high: float) -> Interval:
    """Return the ends of SEM / its value, from the ends of a reliability; the sd is as known."""
    if not low <= reliability <= high <= 1:
        raise RefusalError(
            f"a reliability of {reliability:g} does not lie in its interval, {low:g} to {high:g}"
            if high <= 1
            else f"the reliability's interval passes 1 ({high:g}): it has no standard error"
        )
    if reliability == 1:
        raise RefusalError("the standard error is 0: nothing to put an interval around")
    ends = np.sqrt((1 - np.array([high, low])) / (1 - reliability))
    return float(ends[0]), float(ends[1])


def observed_intervals(values: Floats, sem: float, level: float) -> tuple[Floats, Floats]:
    """Return X - z SEM and X + z SEM: where observed scores lie around a true score of X."""
    half = normal_quantile(level) * sem
    return values - half, values + half


def true_scores(
    values: Floats, mean: float, reliability: float, see: float, level: float
) -> tuple[Floats, Floats, Floats]:
    r"""Return Kelley's estimate of the true score of each value, and its interval.

    .. math:: \hat T = \bar X + \rho (X - \bar X), \qquad \hat T \pm z \, s \sqrt{\rho (1 - \rho)}

    Assumes that true scores depend on observed ones linearly, with normal errors of one size,
    and that the person is one of the people the mean is of.

    Source:
        Kelley TL. Fundamentals of statistics. Harvard University Press 1947, p. 409.
    """
    estimate = mean + reliability * (values - mean)
    half = normal_quantile(level) * see
    return estimate, estimate - half, estimate + half


def binomial_errors(known: Distribution, sem: float) -> Floats:
    r"""Return the SEM at each value under the binomial error model, adjusted to the overall SEM.

    .. math:: SEM(X)^2 = SEM^2 \frac{(X - L)(U - X)}{\operatorname{mean} (X - L)(U - X)}

    with L and U the lowest and highest possible score: Lord's formula with Keats's adjustment,
    so that the mean of SEM(X)^2 over people is SEM^2. It is 0 at both ends.

    Raises:
        RefusalError: everybody is at an end of the score.

    Source:
        Lord FM. Estimating test reliability. ETS Research Bulletin 1955.
        doi:10.1002/j.2333-8504.1955.tb00054.x. Keats JA. Estimation of error variances of test
        scores. Psychometrika 1957;22:29-41.
    """
    shape = (known.values - known.values[0]) * (known.values[-1] - known.values)
    average = float(known.counts @ shape) / known.n
    if not average > 0:
        raise RefusalError("everybody is at an end of the score: no binomial standard error")
    errors_at: Floats = sem * np.sqrt(shape / average)
    return errors_at
