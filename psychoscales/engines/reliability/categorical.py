"""Reliability of ordinal answers: of their sum, and of the normal variables behind them.

Every function takes `Latent` moments, of one set of answers or of a stack of resamples, and
returns [...]: NaN where there are no correlations, the fit of the factor did not converge or a
loading is 1 or more.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.alpha import alpha
from psychoscales.engines.reliability.latent_responses import Latent
from psychoscales.engines.reliability.matrices import summed
from psychoscales.engines.reliability.omega import omega_total_minres
from psychoscales.engines.reliability.one_factor import OneFactor, weighted_least_squares
from psychoscales.engines.structure.bivariate import FAR, association, normal_cdf

Floats = npt.NDArray[np.float64]


def alpha_ordinal(latent: Latent) -> Floats:
    r"""Return ordinal alpha: alpha of the polychoric correlations R.

    .. math:: \frac{k}{k - 1} \left(1 - \frac{k}{\sum R}\right)

    It is about the sum of the normal variables that the answers are taken to be cut from. Nobody
    observes that sum, and the reliability of the score is another, mostly lower, number.

    Source:
        Zumbo BD, Gadermann AM, Zeisser C. Ordinal versions of coefficients alpha and theta for
        Likert rating scales. J Mod Appl Stat Methods 2007;6:21-29. doi:10.22237/jmasm/1177992180.
        Agrees with semTools::reliability (alpha.ord) to 1e-7.
    """
    return alpha(latent.correlation)


def omega_categorical(latent: Latent) -> Floats:
    r"""Return categorical omega of the sum of the items, denominator by polychoric correlations.

    The covariance of two items with latent correlation r, cut at thresholds :math:`\tau`, is

    .. math:: c_{ij}(r) = \sum_{a, b} s_{ia} s_{jb} \left[ \Phi_2(\tau_{ia}, \tau_{jb}; r)
        - \Phi(\tau_{ia}) \Phi(\tau_{jb}) \right]

    with s the differences of neighbouring options' values (1 for answers 1, 2, 3, ...). With the
    standardized loadings of one factor, by WLSMV, and the polychoric correlations r,

    .. math:: \omega = \frac{\sum_{i, j} c_{ij}(\lambda_i \lambda_j)}{\sum_{i, j} c_{ij}(r_{ij})},
        \qquad r_{ii} = 1

    It is the share of the variance of the observed sum that a second form with the same thresholds
    and loadings would share with it, if one normal factor explains the latent responses.

    Source:
        Green SB, Yang Y. Reliability of summed item scores using structural equation modeling: an
        alternative to coefficient alpha. Psychometrika 2009;74:155-167, eq. 21.
        doi:10.1007/s11336-008-9099-3. Agrees with semTools::compRelSEM (of ordinal items) to 1e-7.
    """
    loadings = wlsmv(latent).loadings
    common, within = _shared(latent, loadings)
    # At least two items: their covariances by the polychoric correlations, and their variances.
    observed = 2 * _between(latent, latent.correlation) + _variances(latent)
    return np.asarray((2 * common + within) / np.where(observed > 0, observed, np.nan))


def omega_categorical_model(latent: Latent) -> Floats:
    r"""Return categorical omega of the sum of the items, denominator by the model.

    .. math:: \omega = \frac{\sum_{i, j} c_{ij}(\lambda_i \lambda_j)}
        {\sum_{i \ne j} c_{ij}(\lambda_i \lambda_j) + \sum_i c_{ii}(1)}

    As `omega_categorical`, but divided by the variance that the model implies for the sum.

    Source:
        Green SB, Yang Y. Psychometrika 2009;74:155-167. doi:10.1007/s11336-008-9099-3. Agrees
        with semTools::compRelSEM(obs.var = FALSE) to 1e-7.
    """
    common, within = _shared(latent, wlsmv(latent).loadings)
    implied = 2 * common + _variances(latent)
    return np.asarray((2 * common + within) / np.where(implied > 0, implied, np.nan))


def omega_latent_response(latent: Latent) -> Floats:
    r"""Return omega of the sum of the latent responses, one factor by WLSMV.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}{\sum R}

    with R the polychoric correlations. As ordinal alpha, it is about a sum that nobody observes.

    Source:
        Agrees with semTools::compRelSEM(ord.scale = FALSE) to 1e-7.
    """
    return np.asarray(wlsmv(latent).loadings.sum(axis=-1) ** 2 / summed(latent.correlation))


def omega_total_minres_polychoric(latent: Latent) -> Floats:
    r"""Return omega total of the sum of the latent responses, one factor by minres.

    .. math:: 1 - \frac{\sum_j (1 - \lambda_j^2)}{\sum R}

    Source:
        Agrees with psych::omega(nfactors = 1, poly = TRUE, flip = FALSE) to 1e-5 where all items
        have one number of options; else psych fills the empty cells of cross tables.
    """
    return omega_total_minres(latent.correlation)


def wlsmv(latent: Latent) -> OneFactor:
    """Return one factor's standardized loadings by WLSMV; every resample has its own weights."""
    return weighted_least_squares(latent.correlation, latent.weights)


def _shared(latent: Latent, loadings: Floats) -> tuple[Floats, Floats]:
    """Return the sum of c_ij(l_i l_j) over pairs i < j, and over items i = j [...]."""
    implied = loadings[..., :, None] * loadings[..., None, :]
    k = loadings.shape[-1]
    at = np.arange(k)
    return _between(latent, implied), _sums(latent, implied, at, at)


def _between(latent: Latent, correlation: Floats) -> Floats:
    """Return the sum of the covariances of all pairs i < j [...]."""
    return _sums(latent, correlation, *np.triu_indices(correlation.shape[-1], 1))


def _sums(
    latent: Latent, correlation: Floats, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]
) -> Floats:
    """Return the sum of the covariances of some pairs [...]; NaN where a correlation is none."""
    r = correlation[..., first, second]
    there = np.isfinite(r)
    cut = np.clip(latent.thresholds, -FAR, FAR)
    width = cut.shape[-1] ** 2
    shape = (*r.shape, *(cut.shape[-1],) * 2)
    h = np.broadcast_to(cut[..., first, :, None], shape).reshape(-1, width)
    k = np.broadcast_to(cut[..., second, None, :], shape).reshape(-1, width)
    lift = latent.steps[first][:, :, None] * latent.steps[second][:, None, :]
    together = association(h, k, np.where(there, r, 0.0).ravel()).reshape(*r.shape, width)
    covariance = (together * lift.reshape(len(first), width)).sum(axis=-1)
    return np.asarray(np.where(there, covariance, np.nan).sum(axis=-1))


def _variances(latent: Latent) -> Floats:
    """Return the sum of the items' variances, as their thresholds have them [...]."""
    below = normal_cdf(np.clip(latent.thresholds, -FAR, FAR))
    both = np.minimum(below[..., :, None], below[..., None, :])
    apart = both - below[..., :, None] * below[..., None, :]
    lift = latent.steps[:, :, None] * latent.steps[:, None, :]
    return np.asarray((apart * lift).sum(axis=(-3, -2, -1)))


ESTIMANDS: Mapping[str, str] = {
    "alpha_ordinal": (
        "alpha of polychoric correlations; sum of the latent responses, which nobody observes"
    ),
    "omega_categorical": (
        "one factor, WLSMV; variance of the raw sum due to the factor / its variance by thresholds "
        "and polychoric correlations; raw items (Green and Yang 2009)"
    ),
    "omega_categorical_model": (
        "one factor, WLSMV; variance of the raw sum due to the factor / its variance by the model; "
        "raw items (Green and Yang 2009)"
    ),
    "omega_latent_response": (
        "one factor, WLSMV; (sum of loadings)^2 / sum of polychoric correlations; latent responses"
    ),
    "omega_total_minres_polychoric": (
        "one factor, minres of polychoric correlations; (sum R - sum of uniquenesses) / sum R; "
        "latent responses"
    ),
}
"""For each function here: model; numerator / denominator; metric of the items."""
