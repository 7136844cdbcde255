"""Proportional-odds logistic regression of counts, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, log_expit

from psychoscales.counts import frozen
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
MOST_STEPS = 100
MOST_HALVINGS = 40
DECREMENT = 1e-20
"""Steps end when Newton's decrement, relative to the people, is below: at rounding of doubles."""
ROUNDING = 1e-12
"""The same where the log likelihood no longer changes."""
WIDEST = 100.0
"""A standard error (of standardized predictors) above this is of an estimate without bound."""
LIMIT = 1e-11
"""Where an estimate has no bound, steps end when the log likelihood, which has one, rises less."""


@dataclass(frozen=True, eq=False)
class ProportionalOdds:
    r"""A fitted model, :math:`logit P(Y \le j) = \zeta_j - x' \beta`.

    Attributes:
        thresholds: zeta [J - 1], rising.
        coefficients: beta [q]; above 0 where higher x has higher answers.
        covariance: of thresholds and coefficients, from the observed information.
        loglik: log likelihood; its supremum where an estimate has no bound.
        steps: Newton steps.
        separated: the thresholds and terms that can grow without bound, because answers are told
            apart without error: of these there is no maximum likelihood estimate.
    """

    thresholds: Floats
    coefficients: Floats
    covariance: Floats
    loglik: float
    steps: int
    separated: tuple[str, ...] = ()

    def expected(self, predictors: Floats, values: Floats) -> Floats:
        """Return the expected answer at predictors [c, q], for answers of these values [J]."""
        above = expit((predictors @ self.coefficients)[:, None] - self.thresholds)
        return np.asarray(values[0] + above @ np.diff(values))


def proportional_odds(
    counts: Floats, predictors: Floats, terms: tuple[str, ...] = ()
) -> ProportionalOdds:
    """Fit the proportional-odds model; with two answers it is logistic regression.

    The log likelihood is concave in thresholds and coefficients, so there is one maximum, or none.
    Where there is none (separation) it still has a supremum, which tests of models compare.

    Args:
        counts: people with each answer at each set of predictors [c, J]; every answer was given.
        predictors: [c, q], best standardized; q may be 0.
        terms: their names, for messages.

    Raises:
        RefusalError: predictors that follow from each other, no convergence.

    Source:
        McCullagh P. J R Stat Soc B 1980;42:109-142. doi:10.1111/j.2517-6161.1980.tb01109.x.
        Burridge J. J R Stat Soc B 1981;43:41-45 (concavity). Agrees with MASS::polr and R's glm:
        log likelihoods to 1e-10.
    """
    there = counts.sum(axis=1) > 0
    counts, predictors = counts[there].astype(np.float64), predictors[there]
    total = counts.sum()
    shares = counts.sum(axis=0).cumsum()[:-1] / total
    place = np.concatenate([np.log(shares / (1 - shares)), np.zeros(predictors.shape[1])])
    size = counts.shape[1] - 1
    whole = np.column_stack([np.ones(len(counts)), predictors])
    if np.linalg.matrix_rank(whole) < whole.shape[1]:
        raise RefusalError(f"of {', '.join(terms)} one follows from the others")
    value = _loglik(place, counts, predictors)
    steps, settled = 0, False
    while not settled:
        if steps == MOST_STEPS:
            raise RefusalError(f"the search did not converge in {MOST_STEPS} steps")
        gradient, information = _derivatives(place, counts, predictors)
        covariance, wide = _inverse(information)
        direction = covariance @ gradient
        decrement = float(gradient @ direction) / total
        place, after = _stepped(place, direction, value, counts, predictors)
        settled = decrement < DECREMENT or (after == value and decrement < ROUNDING)
        settled |= bool(wide.any()) and after - value < LIMIT
        value, steps = after, steps + 1
    covariance, wide = _inverse(_derivatives(place, counts, predictors)[1])
    terms = terms or tuple(f"predictor {at}" for at in range(1, predictors.shape[1] + 1))
    names = [*(f"threshold {at}" for at in range(1, size + 1)), *terms]
    separated = tuple(name for name, is_wide in zip(names, wide, strict=True) if is_wide)
    estimates = frozen(place[:size]), frozen(place[size:]), frozen(covariance)
    return ProportionalOdds(*estimates, value, steps, separated)


def null_loglik(counts: Floats) -> float:
    """Return the log likelihood with thresholds only, of counts [c, J]."""
    answers = counts.sum(axis=0)
    there = answers[answers > 0]
    return float((there * np.log(there / there.sum())).sum())


def _loglik(place: Floats, counts: Floats, predictors: Floats) -> float:
    """Return the log likelihood; minus infinity where thresholds do not rise.

    The probability of an answer is F(u)(1 - F(l))(1 - exp(l - u)) with u and l the logits at the
    thresholds above and below it: logistic terms for each threshold, and one of the gap.
    """
    size = counts.shape[1] - 1
    gaps = np.diff(place[:size])
    if not (gaps > 0).all():
        return -np.inf
    logits = place[:size] - (predictors @ place[size:])[:, None]
    below = (counts[:, :-1] * log_expit(logits)).sum()
    above = (counts[:, 1:] * log_expit(-logits)).sum()
    between = counts.sum(axis=0)[1:-1] @ np.log(-np.expm1(-gaps))
    return float(below + above + between)


def _derivatives(place: Floats, counts: Floats, predictors: Floats) -> tuple[Floats, Floats]:
    """Return the gradient and the observed information."""
    size = counts.shape[1] - 1
    logits = place[:size] - (predictors @ place[size:])[:, None]
    chance = expit(logits)
    slopes = counts[:, :-1] * (1 - chance) - counts[:, 1:] * chance
    weights = (counts[:, :-1] + counts[:, 1:]) * chance * (1 - chance)
    middle = counts.sum(axis=0)[1:-1]
    ratio = 1 / np.expm1(np.diff(place[:size]))
    pull, bend = middle * ratio, middle * ratio * (1 + ratio)
    gradient = np.concatenate([slopes.sum(axis=0), -predictors.T @ slopes.sum(axis=1)])
    gradient[1:size] += pull
    gradient[: size - 1] -= pull
    own = np.diag(weights.sum(axis=0))
    inner, outer = np.arange(size - 1), np.arange(1, size)
    own[outer, outer] += bend
    own[inner, inner] += bend
    own[outer, inner] -= bend
    own[inner, outer] -= bend
    across = -weights.T @ predictors
    cross = predictors.T @ (weights.sum(axis=1)[:, None] * predictors)
    return gradient, np.block([[own, across], [across.T, cross]])


def _inverse(information: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the covariance, and which estimates have no bound.

    On the way to a maximum at infinity a standard error doubles every other step; it is seen long
    before the information is singular.
    """
    try:
        covariance = np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        raise RefusalError("the information is singular: answers are told apart") from None
    return covariance, ~(np.abs(np.diag(covariance)) <= WIDEST**2)


def _stepped(
    place: Floats, direction: Floats, value: float, counts: Floats, predictors: Floats
) -> tuple[Floats, float]:
    """Return the place after a step, halved until the likelihood does not fall, and its value."""
    for halving in range(MOST_HALVINGS):
        moved = place + direction / 2**halving
        after = _loglik(moved, counts, predictors)
        if after >= value:
            return moved, after
    return place, value
