"""Where people stand on the factors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.cfa.matrices import Implied, Matrices
from psychoscales.errors import RefusalError, UnknownNameError

Floats = npt.NDArray[np.float64]
METHODS = ("regression", "bartlett", "ebm")
MOST_STEPS, EXACT = 100, 1e-10


def scores(of: Fit, answers: Floats, method: str | None = None, group: int = 0) -> Floats:
    r"""Return factor scores of rows of answers [m, factors].

    "regression" is the mean of the factors given the answers, "bartlett" their weighted least
    squares estimate, both of continuous items:

    .. math:: \hat\eta = \kappa + \Phi \Lambda' \Sigma^{-1} (y - \mu), \qquad
        \hat\eta = \kappa + (\Lambda' \Sigma^{-1} \Lambda)^{-1} \Lambda' \Sigma^{-1} (y - \mu)

    "ebm" is the mode of the factors given ordinal answers (empirical Bayes modal), items taken to
    be independent given the factors. Missing answers are left out of a person's score; somebody
    without answers gets NaN. Agrees with lavaan's lavPredict() to 1e-6 (ebm: 1e-4).

    Args:
        of: a fitted model.
        answers: [m, p] values of continuous items, or for each ordinal item the number of
            thresholds below the answer (0 is the lowest option anybody chose); NaN if missing.
        method: of `METHODS`; by default "ebm" for ordinal items, else "regression".
        group: whose parameters to use, from 0.

    Raises:
        RefusalError: the search did not converge, the method does not go with the items or with
            a second-order factor, or a residual variance or the factors' covariance matrix is not
            positive.
    """
    if not of.converged:
        raise RefusalError("no factor scores: the search for estimates did not converge")
    ordinal = of.specification.ordinal
    method = method or ("ebm" if ordinal else "regression")
    if method not in METHODS:
        raise UnknownNameError("factor scores", method, METHODS)
    if (method == "ebm") != ordinal:
        kind = "ordinal" if ordinal else "continuous"
        raise RefusalError(f"factor scores of {kind} items are not '{method}'")
    if method == "bartlett" and of.specification.second_order:
        raise RefusalError(
            "no Bartlett scores: a second-order factor has no items of its own; use 'regression'"
        )
    matrices, implied = of.matrices[group], of.implied[group]
    if np.linalg.eigvalsh(matrices.factor_covariance)[0] <= 1e-12:
        raise RefusalError("no factor scores: the factors' covariance matrix is not positive")
    if ordinal:
        return _modes(matrices, implied, answers)
    return _linear(matrices, implied, answers, method)


def _linear(of: Matrices, implied: Implied, answers: Floats, method: str) -> Floats:
    found = np.full((len(answers), len(of.psi)), np.nan)
    there = ~np.isnan(answers)
    sets, which = np.unique(there, axis=0, return_inverse=True)
    loadings, spread = of.lam, of.factor_covariance
    for number, seen in enumerate(sets):
        if not seen.any():
            continue
        mine = which.ravel() == number
        lam = loadings[seen]
        weighted = np.linalg.solve(implied.cov[np.ix_(seen, seen)], lam)
        away = (answers[np.ix_(mine, seen)] - implied.mean[seen]) @ weighted
        if method == "regression":
            found[mine] = of.factor_mean + away @ spread
            continue
        curve = lam.T @ weighted
        if np.linalg.matrix_rank(curve) == len(curve):
            found[mine] = of.factor_mean + np.linalg.solve(curve, away.T).T
    return found


def _modes(of: Matrices, implied: Implied, answers: Floats) -> Floats:
    """Return the posterior modes by Newton's method; the posterior is log-concave."""
    residual = np.diag(implied.theta)
    if not (residual > 0).all():
        raise RefusalError("no factor scores: a residual variance is not positive (Heywood case)")
    sd, precision = np.sqrt(residual), np.linalg.inv(of.factor_covariance)
    low, high = _bounds(of, answers)
    eta = np.tile(of.factor_mean, (len(answers), 1))
    slope = of.lam / sd[:, None]
    for _ in range(MOST_STEPS):
        at = (of.nu + eta @ of.lam.T) / sd
        pull, bend = _pulls(low / sd - at, high / sd - at)
        away = eta - of.factor_mean
        gradient = pull @ slope - away @ precision
        curve = np.einsum("mi,ij,ik->mjk", bend, slope, slope, optimize=True) + precision
        step = np.linalg.solve(curve, gradient[..., None])[..., 0]
        size = np.abs(step).max(axis=1, keepdims=True)
        eta = eta + step * np.minimum(1.0, 2.0 / np.maximum(size, 1e-300))
        if float(size.max(initial=0.0)) < EXACT:
            break
    eta[np.isnan(answers).all(axis=1)] = np.nan
    return eta


def _bounds(of: Matrices, answers: Floats) -> tuple[Floats, Floats]:
    """Return the thresholds below and above each answer; none is infinite."""
    p = of.tau.shape[0]
    edge = np.full((p, 1), np.inf)
    grid = np.hstack([-edge, np.where(np.isnan(of.tau), np.inf, of.tau), edge])
    there = ~np.isnan(answers)
    position = np.where(there, answers, 0.0)
    most = np.isfinite(of.tau).sum(axis=1)
    if ((position < 0) | (position > most) | (position % 1 != 0)).any():
        raise RefusalError("an answer lies outside the options that the model was fitted to")
    place = position.astype(np.int64)
    low, high = grid[np.arange(p), place], grid[np.arange(p), place + 1]
    return np.where(there, low, -np.inf), np.where(there, high, np.inf)


def _pulls(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the first and (its sign turned) second derivative of log P(low < z < high).

    The derivatives are by the mean of z. The interval is turned to the lower tail first, where
    differences of normal probabilities keep their digits.
    """
    from scipy.special import ndtr

    turned = low > -high
    below, above = np.where(turned, -high, low), np.where(turned, -low, high)
    chance = np.maximum(ndtr(above) - ndtr(below), 1e-300)
    first, second = _density(below), _density(above)
    pull = (first - second) / chance
    with np.errstate(invalid="ignore"):
        ends = np.where(np.isinf(above), 0.0, above * second)
        ends = ends - np.where(np.isinf(below), 0.0, below * first)
    bend = pull**2 + ends / chance
    return np.where(turned, -pull, pull), np.maximum(bend, 0.0)


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * np.minimum(z**2, 1e4)) / np.sqrt(2 * np.pi))
