"""One common factor, fitted to many correlation matrices at once: minres and maximum likelihood.

Every member of a stack is fitted for itself: its result does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.matrices import (
    correlations,
    definite,
    each,
    off_diagonal,
    solved,
    with_diagonal,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STEPS = 200
FLAT = 3e-11
"""The largest element of a gradient, in the metric of correlations, that counts as zero."""
HEYWOOD = 1e-5
"""A unique share of an item's variance below this is no residual variance (a Heywood case)."""


@dataclass(frozen=True, eq=False)
class OneFactor:
    """One-factor solutions of a stack of matrices, in the metric of correlations.

    Attributes:
        loadings: float [..., k], standardized; their sum is not negative. NaN where the
            solution is not to be used.
        converged: bool [...]; whether a minimum was found with every residual variance
            positive. Where it is False the matrix has no correlations, the model is not
            identified (fewer than three items), or a residual variance went to zero (a
            Heywood case, `heywood`).
        heywood: bool [...]; whether the search ended at an item without residual variance.
    """

    loadings: Floats
    converged: Bools
    heywood: Bools

    @property
    def uniquenesses(self) -> Floats:
        """The share of each item's variance that the factor does not explain [..., k]."""
        return 1.0 - self.loadings**2


def minres(cov: Floats) -> OneFactor:
    r"""Fit one factor to correlations by minimum residuals (unweighted least squares).

    Minimises the squared residuals off the diagonal,
    :math:`\sum_{i < j} (r_{ij} - \lambda_i \lambda_j)^2`, by damped Newton steps.

    psych::fa keeps every uniqueness above .005 and returns the solution at that wall with a
    warning; here such a Heywood case is NaN, and `heywood` says so.

    Args:
        cov: float [..., k, k], covariances or correlations.

    Source:
        Harman HH, Jones WH. Psychometrika 1966;31:351-368. doi:10.1007/BF02289468. Loadings
        agree with the same function minimised to its end in R to 1e-9.
    """
    return _fitted(cov, _minres)


def weighted_least_squares(cov: Floats, weights: Floats) -> OneFactor:
    r"""Fit one factor to correlations by least squares, each pair of items with its weight.

    Minimises :math:`\sum_{i < j} w_{ij} (r_{ij} - \lambda_i \lambda_j)^2`. Of polychoric
    correlations, with the inverses of their sampling variances as weights, these are the loadings
    of WLSMV: one group's thresholds fit exactly, whatever the loadings are.

    Args:
        cov: float [..., k, k], covariances or correlations.
        weights: float [..., k, k], positive; their diagonal and their size do not matter. Where
            one is no number there is no solution.

    Source:
        Muthen B. Psychometrika 1984;49:115-132. doi:10.1007/BF02294210. Loadings agree with
        lavaan's WLSMV, taken to its end, to 1e-6.
    """
    cov = np.asarray(cov, dtype=np.float64)
    off = off_diagonal(np.broadcast_to(weights, cov.shape))
    k = cov.shape[-1]
    # The mean weight of a pair is 1, so that a flat slope is as flat as without weights.
    off *= k * (k - 1) / off.sum(axis=(-2, -1), keepdims=True)
    usable = np.where(np.isfinite(off).all(axis=(-2, -1), keepdims=True), cov, np.nan)
    there = np.isfinite(correlations(usable)).all(axis=(-2, -1)).ravel()
    return _fitted(usable, lambda r: _minres(r, off.reshape(-1, k, k)[there]))


def maximum_likelihood(cov: Floats) -> OneFactor:
    r"""Fit one factor by maximum likelihood, which does not depend on the metric of the items.

    Minimises :math:`\log|\Sigma| + \operatorname{tr}(R \Sigma^{-1})` with
    :math:`\Sigma = \lambda\lambda' + \Theta`, by damped Newton steps from the minres solution.

    In a Heywood case lavaan returns a negative residual variance with a warning, psych::fa and
    factanal the solution at a wall of .005; here it is NaN, and `heywood` says so.

    Args:
        cov: float [..., k, k], covariances or correlations.

    Source:
        Jöreskog KG. Psychometrika 1967;32:443-482. doi:10.1007/BF02289658. Standardized
        loadings agree with the same likelihood minimised in R, from lavaan's, to 1e-9.
    """
    return _fitted(cov, _maximum_likelihood)


def _fitted(cov: Floats, fit: Callable[[Floats], tuple[Floats, Bools, Bools]]) -> OneFactor:
    cov = np.asarray(cov, dtype=np.float64)
    if cov.shape[-1] < 3:
        nothing = np.zeros(cov.shape[:-2], dtype=bool)
        return OneFactor(np.full(cov.shape[:-1], np.nan), nothing, nothing)

    def work(r: Floats) -> tuple[Floats, ...]:
        loadings, converged, heywood = fit(r)
        sign = np.where(loadings.sum(axis=-1) < 0, -1.0, 1.0)
        loadings = np.where(converged[:, None], sign[:, None] * loadings, np.nan)
        return loadings, converged.astype(float), heywood.astype(float)

    loadings, converged, heywood = each(work, correlations(cov))
    return OneFactor(loadings, converged == 1.0, heywood == 1.0)


def _minres(r: Floats, weights: Floats | None = None) -> tuple[Floats, Bools, Bools]:
    """Return loadings [b, k], whether they are a proper minimum, and whether one is 1 or more."""
    loadings = _leading(r)
    minimum = np.zeros(len(r), dtype=bool)
    live = np.arange(len(r))
    damping = np.full(len(r), 1e-3)
    off = off_diagonal(r)
    for _ in range(STEPS):
        here = loadings[live]
        each_weight = None if weights is None else weights[live]
        value, gradient, hessian = _least_squares(off[live], here, each_weight)
        flat = np.abs(gradient).max(axis=-1) <= FLAT
        if flat.any():
            done = live[flat]
            # A saddle is flat too; there the damped step goes on from nowhere, so it stays False.
            minimum[done] = definite(hessian[flat])
            live = live[~flat]
            here, value = here[~flat], value[~flat]
            gradient, hessian = gradient[~flat], hessian[~flat]
        if not len(live):
            break
        size = damping[live] * np.trace(hessian, axis1=-2, axis2=-1)
        damped = with_diagonal(
            hessian, np.diagonal(hessian, axis1=-2, axis2=-1) + np.maximum(size, 0)[:, None]
        )
        step = here - solved(damped, gradient)
        each_weight = None if weights is None else weights[live]
        better = _residual(off[live], step, each_weight) <= value * (1 + 1e-13) + 1e-30
        loadings[live[better]] = step[better]
        damping[live] = np.where(
            better, np.where(damping[live] < 1e-9, 0.0, damping[live] / 10), _raised(damping[live])
        )
    heywood = (loadings**2).max(axis=-1) > 1 - HEYWOOD
    return loadings, minimum & ~heywood, heywood


def _raised(damping: Floats) -> Floats:
    """Return a heavier damping, for members whose last step led upwards."""
    return np.where(damping == 0, 1e-9, np.minimum(damping * 10, 1e6))


def _leading(r: Floats) -> Floats:
    """Return loadings to begin with: about the first principal axis, by powers of R."""
    most = np.argmax((r**2).sum(axis=-1), axis=-1)
    axis = r[np.arange(len(r)), most]
    for _ in range(12):
        axis = (r @ axis[..., None])[..., 0]
        axis = axis / np.sqrt((axis**2).sum(axis=-1, keepdims=True))
    root = np.maximum(np.einsum("bi,bij,bj->b", axis, r, axis) - 0.5, 0.25)
    started: Floats = axis * np.sqrt(root)[:, None]
    return started


def _times(matrices: Floats, vectors: Floats) -> Floats:
    product: Floats = (matrices @ vectors[..., None])[..., 0]
    return product


def _residual(off: Floats, loadings: Floats, weights: Floats | None) -> Floats:
    squares = (off - off_diagonal(loadings[:, :, None] * loadings[:, None, :])) ** 2
    if weights is not None:
        squares *= weights
    half: Floats = squares.sum(axis=(-2, -1)) / 4
    return half


def _least_squares(
    off: Floats, loadings: Floats, weights: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return half the squared residuals of the pairs [b], gradient [b, k], Hessian [b, k, k]."""
    outer = off_diagonal(loadings[:, :, None] * loadings[:, None, :])
    gap = off - outer
    left, squares = gap, loadings**2
    others = squares.sum(axis=-1, keepdims=True) - squares
    if weights is not None:
        outer, left, others = weights * outer, weights * gap, _times(weights, squares)
    gradient = -_times(left, loadings)
    return (left * gap).sum(axis=(-2, -1)) / 4, gradient, with_diagonal(outer - left, others)


def _maximum_likelihood(r: Floats) -> tuple[Floats, Bools, Bools]:
    """Return loadings [b, k], whether they are a proper minimum, and whether a Heywood case."""
    k = r.shape[-1]
    loadings = np.clip(_minres(r)[0], -0.95, 0.95)
    unique = 1 - loadings**2
    minimum = np.zeros(len(r), dtype=bool)
    live = np.flatnonzero(definite(r))
    heywood = np.zeros(len(r), dtype=bool)
    damping = np.full(len(r), 1e-3)
    for _ in range(STEPS):
        here, rest = loadings[live], unique[live]
        gradient, hessian, information = _likelihood(r[live], here, rest)
        # Near a wall the deviance is steep: what counts is the slope in steps of its own size.
        steep = np.abs(gradient) * np.concatenate([np.sqrt(rest), rest], axis=-1)
        flat = steep.max(axis=-1) <= FLAT
        if flat.any():
            minimum[live[flat]] = definite(hessian[flat])
        wall = ~flat & (rest.min(axis=-1) < HEYWOOD)
        heywood[live[wall]] = True
        on = ~(flat | wall)
        live, here, rest = live[on], here[on], rest[on]
        if not len(live):
            break
        weight = damping[live][:, None, None]
        step = solved(hessian[on] + weight * information[on], gradient[on])
        moved = here - step[:, :k]
        # A residual variance may shrink to a tenth in one step, and never passes zero.
        left = np.maximum(rest - step[:, k:], rest / 10)
        before, after = _deviance(r[live], here, rest), _deviance(r[live], moved, left)
        better = after <= before + 1e-13 * np.abs(before)
        loadings[live[better]], unique[live[better]] = moved[better], left[better]
        damping[live] = np.where(
            better, np.where(damping[live] < 1e-9, 0.0, damping[live] / 10), _raised(damping[live])
        )
    return loadings, minimum & ~heywood, heywood


def minres_gradient(r: Floats, loadings: Floats, along: Floats) -> Floats:
    """Return d f / d R [..., k, k] of a function of the loadings of a minres solution.

    `along` is d f / d loadings [..., k]; NaN where there is no solution.
    """
    lead, k = loadings.shape[:-1], loadings.shape[-1]
    here, off = loadings.reshape(-1, k), off_diagonal(r).reshape(-1, k, k)
    there = np.asarray(np.isfinite(here).all(axis=-1))
    here = here[there]
    slope = np.full((len(there), k, k), np.nan)
    _, _, hessian = _least_squares(off[there], here)
    moved = solved(hessian, along.reshape(-1, k)[there])
    crossed = moved[:, :, None] * here[:, None, :]
    slope[there] = off_diagonal((crossed + crossed.transpose(0, 2, 1)) / 2)
    return slope.reshape(*lead, k, k)


def likelihood_gradient(cov: Floats, loadings: Floats, unique: Floats, along: Floats) -> Floats:
    r"""Return d f / d C [..., k, k] of a function of a maximum-likelihood solution.

    How the solution moves with the covariances follows from the likelihood's equations: with W
    the inverse of the model's covariances, H the Hessian by loadings and residual variances, and
    (a, b) the solution of :math:`H (a, b) = g`, g the derivatives of f by both,

    .. math:: \tfrac12 (W\lambda (Wa)' + Wa (W\lambda)') + \tfrac12 W \operatorname{diag}(b) W

    Args:
        cov: covariances [..., k, k].
        loadings, unique: the solution [..., k], in the metric of `cov`.
        along: g [..., 2k], by the loadings, then by the residual variances.

    NaN where there is no solution.
    """
    lead, k = loadings.shape[:-1], loadings.shape[-1]
    c, here, u = cov.reshape(-1, k, k), loadings.reshape(-1, k), unique.reshape(-1, k)
    there = np.asarray(np.isfinite(here).all(axis=-1))
    c, here, u = c[there], here[there], u[there]
    slope = np.full((len(there), k, k), np.nan)
    _, hessian, _ = _likelihood(c, here, u)
    moved = solved(hessian, along.reshape(-1, 2 * k)[there])
    sigma = here[:, :, None] * here[:, None, :]
    at = np.arange(k)
    sigma[:, at, at] += u
    w = np.linalg.inv(sigma)
    wl, wa = (w @ here[..., None])[..., 0], (w @ moved[:, :k, None])[..., 0]
    crossed = wl[:, :, None] * wa[:, None, :]
    diagonal = w @ (moved[:, k:, None] * w)
    slope[there] = (crossed + crossed.transpose(0, 2, 1) + diagonal) / 2
    return slope.reshape(*lead, k, k)


def _deviance(r: Floats, loadings: Floats, unique: Floats) -> Floats:
    """Return log|Sigma| + tr(R Sigma^-1) [b], by the one-factor form of the inverse."""
    weighted = loadings / unique
    more = 1 + (loadings * weighted).sum(axis=-1)
    trace = (1 / unique).sum(axis=-1) - np.einsum("bi,bij,bj->b", weighted, r, weighted) / more
    deviance: Floats = np.log(unique).sum(axis=-1) + np.log(more) + trace
    return deviance


def _likelihood(r: Floats, loadings: Floats, unique: Floats) -> tuple[Floats, Floats, Floats]:
    """Return half of gradient, Hessian and expected Hessian of the deviance.

    The parameters are the k loadings, then the k residual variances. With W the inverse of
    Sigma, A = W R W and D = W - A, everything is a product of these with the loadings.
    """
    b, k = loadings.shape
    weighted = loadings / unique
    more = 1 + (loadings * weighted).sum(axis=-1)
    w = -weighted[:, :, None] * weighted[:, None, :] / more[:, None, None]
    at = np.arange(k)
    w[:, at, at] += 1 / unique
    a = w @ r @ w
    d = w - a
    wl = weighted / more[:, None]
    al = (a @ loadings[..., None])[..., 0]
    c, c0 = (loadings * wl).sum(axis=-1), (loadings * al).sum(axis=-1)
    c, c0 = c[:, None, None], c0[:, None, None]
    ww = wl[:, :, None] * wl[:, None, :]
    aw = al[:, :, None] * wl[:, None, :]
    information, hessian = np.empty((2, b, 2 * k, 2 * k))
    information[:, :k, :k] = c * w + ww
    information[:, :k, k:] = w * wl[:, None, :]
    information[:, k:, k:] = w**2 / 2
    hessian[:, :k, :k] = aw + aw.transpose(0, 2, 1) + c * a + c0 * w + d - c * w - ww
    hessian[:, :k, k:] = a * wl[:, None, :] + w * al[:, None, :] - w * wl[:, None, :]
    hessian[:, k:, k:] = a * w - w**2 / 2
    for made in (information, hessian):
        made[:, k:, :k] = made[:, :k, k:].transpose(0, 2, 1)
    gradient = np.concatenate([wl - al, np.diagonal(d, axis1=-2, axis2=-1) / 2], axis=-1)
    return gradient, hessian, information
