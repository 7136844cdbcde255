"""Omega of one factor, in the forms that programs print, and coefficient H.

Every function takes covariance matrices [..., k, k], k of three or more, and returns [...]: NaN
where an item has no variance, the fit did not converge or a residual variance is not positive.
A bare "omega" is none of them: see ESTIMANDS.
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
from psychoscales.engines.reliability.one_factor import (
    likelihood_gradient,
    maximum_likelihood,
    minres,
    minres_gradient,
)

Floats = npt.NDArray[np.float64]


def omega_total_ml(cov: Floats) -> Floats:
    r"""Return omega total of the sum of the items, by maximum likelihood, observed denominator.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}{\sum C}

    with loadings in the metric of the items. It estimates the reliability of the sum if one
    factor fits and errors are uncorrelated.

    Source:
        McDonald RP. Test theory: a unified treatment. Erlbaum, 1999. Agrees with
        semTools::compRelSEM (its default) to 1e-5, which is how far lavaan's search goes, and with
        the same likelihood taken to its end in R to 1e-10.
    """
    loadings = maximum_likelihood(cov).loadings * _sds(cov)
    return np.asarray(loadings.sum(axis=-1) ** 2 / summed(cov))


def omega_total_ml_gradient(cov: Floats) -> Floats:
    """Return d omega_total_ml / d C [..., k, k], every element of C taken for itself."""
    fit, sd = maximum_likelihood(cov), _sds(cov)
    total, common = summed(cov), (fit.loadings * sd).sum(axis=-1)
    along = np.concatenate([np.ones_like(sd), np.zeros_like(sd)], axis=-1)
    slope = likelihood_gradient(cov, fit.loadings * sd, fit.uniquenesses * sd**2, along)
    first = (2 * common / total)[..., None, None] * slope
    gradient: Floats = first - (common**2 / total**2)[..., None, None]
    return gradient


def omega_total_ml_model(cov: Floats) -> Floats:
    r"""Return omega total of the sum of the items, by maximum likelihood, model denominator.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}
        {\left(\sum_j \lambda_j\right)^2 + \sum_j \theta_j}

    As `omega_total_ml`, but divided by the variance that the model implies for the sum.

    Source:
        McDonald RP. Test theory: a unified treatment. Erlbaum, 1999. Agrees with
        semTools::compRelSEM(obs.var = FALSE), which is the form of JASP, to 1e-5, and with the same
        likelihood taken to its end in R to 1e-10.
    """
    fit, sd = maximum_likelihood(cov), _sds(cov)
    common = (fit.loadings * sd).sum(axis=-1) ** 2
    return np.asarray(common / (common + (fit.uniquenesses * sd**2).sum(axis=-1)))


def omega_total_ml_model_gradient(cov: Floats) -> Floats:
    """Return d omega_total_ml_model / d C [..., k, k], every element of C taken for itself."""
    fit, sd = maximum_likelihood(cov), _sds(cov)
    return _by_model_gradient(cov, fit.loadings * sd, fit.uniquenesses * sd**2)


def _by_model_gradient(cov: Floats, loadings: Floats, unique: Floats) -> Floats:
    common = loadings.sum(axis=-1, keepdims=True)
    rest = unique.sum(axis=-1, keepdims=True)
    total = common**2 + rest
    by_loading, by_unique = 2 * common * rest / total**2, -(common**2) / total**2
    same = np.ones_like(loadings)
    along = np.concatenate([by_loading * same, by_unique * same], axis=-1)
    return likelihood_gradient(cov, loadings, unique, along)


def omega_total_minres(cov: Floats) -> Floats:
    r"""Return omega total of the sum of standardized items, by minres.

    .. math:: 1 - \frac{\sum_j (1 - \lambda_j^2)}{\sum R}

    with standardized loadings; it is about the sum of the items after each is divided by its
    standard deviation.

    Source:
        McDonald RP. Test theory: a unified treatment. Erlbaum, 1999. Agrees with
        psych::omega(nfactors = 1, flip = FALSE), which jamovi prints, to 1e-5, and with the same
        least squares taken to their end in R to 1e-10.
    """
    unique = minres(cov).uniquenesses.sum(axis=-1)
    return np.asarray(1 - unique / summed(correlations(cov)))


def omega_total_minres_gradient(cov: Floats) -> Floats:
    """Return d omega_total_minres / d C [..., k, k], every element of C taken for itself."""
    r, loadings = correlations(cov), minres(cov).loadings
    total = summed(r)[..., None]
    by_r = minres_gradient(r, loadings, 2 * loadings / total)
    unique = (1 - loadings**2).sum(axis=-1)[..., None]
    return through_correlations(cov, by_r + (unique / total**2)[..., None])


def composite_reliability(cov: Floats) -> Floats:
    r"""Return composite reliability of standardized items, by maximum likelihood.

    .. math:: \frac{\left(\sum_j \lambda_j\right)^2}
        {\left(\sum_j \lambda_j\right)^2 + \sum_j (1 - \lambda_j^2)}

    with standardized loadings. Of items with one variance it is `omega_total_ml_model`.

    Source:
        Fornell C, Larcker DF. J Mark Res 1981;18:39-50. doi:10.1177/002224378101800104. Agrees
        with the formula of lavaan's standardized loadings to 1e-5.
    """
    fit = maximum_likelihood(cov)
    common = fit.loadings.sum(axis=-1) ** 2
    return np.asarray(common / (common + fit.uniquenesses.sum(axis=-1)))


def composite_reliability_gradient(cov: Floats) -> Floats:
    """Return d composite_reliability / d C [..., k, k], every element of C taken for itself."""
    fit = maximum_likelihood(cov)
    by_r = _by_model_gradient(correlations(cov), fit.loadings, fit.uniquenesses)
    return through_correlations(cov, by_r)


def coefficient_h(cov: Floats) -> Floats:
    r"""Return coefficient H (maximal reliability), by maximum likelihood.

    .. math:: \frac{s}{1 + s}, \quad s = \sum_j \frac{\lambda_j^2}{1 - \lambda_j^2}

    with standardized loadings: the reliability of the best weighted sum of the items, not of
    their plain sum.

    Source:
        Hancock GR, Mueller RO. Rethinking construct reliability within latent variable systems.
        In: Structural equation modeling: present and future. SSI, 2001. Agrees with the formula
        of lavaan's standardized loadings to 1e-5.
    """
    fit = maximum_likelihood(cov)
    known = (fit.loadings**2 / fit.uniquenesses).sum(axis=-1)
    return np.asarray(known / (1 + known))


def coefficient_h_gradient(cov: Floats) -> Floats:
    """Return d coefficient_h / d C [..., k, k], every element of C taken for itself."""
    fit = maximum_likelihood(cov)
    ratio = fit.loadings / fit.uniquenesses
    more = (1 + (fit.loadings * ratio).sum(axis=-1, keepdims=True)) ** 2
    along = np.concatenate([2 * ratio / more, -(ratio**2) / more], axis=-1)
    by_r = likelihood_gradient(correlations(cov), fit.loadings, fit.uniquenesses, along)
    return through_correlations(cov, by_r)


def ave(cov: Floats) -> Floats:
    r"""Return the average variance extracted, by maximum likelihood.

    .. math:: \frac{1}{k} \sum_j \lambda_j^2

    with standardized loadings: the mean share of an item's variance that the factor explains. It
    is about single items, and is no reliability.

    Source:
        Fornell C, Larcker DF. J Mark Res 1981;18:39-50. doi:10.1177/002224378101800104. Agrees
        with the formula of lavaan's standardized loadings to 1e-5; semTools::AVE weights each item
        by its variance.
    """
    fit = maximum_likelihood(cov)
    return np.asarray((fit.loadings**2).mean(axis=-1))


def ave_gradient(cov: Floats) -> Floats:
    """Return d ave / d C [..., k, k], every element of C taken for itself."""
    fit = maximum_likelihood(cov)
    along = np.concatenate([2 * fit.loadings / fit.loadings.shape[-1], 0 * fit.loadings], axis=-1)
    by_r = likelihood_gradient(correlations(cov), fit.loadings, fit.uniquenesses, along)
    return through_correlations(cov, by_r)


def _sds(cov: Floats) -> Floats:
    variance = np.diagonal(np.asarray(cov, dtype=np.float64), axis1=-2, axis2=-1)
    return np.sqrt(np.where(variance > 0, variance, np.nan))


ESTIMANDS: Mapping[str, str] = {
    "omega_total_ml": (
        "one factor, ML; (sum of loadings)^2 / observed variance of the sum; raw items"
    ),
    "omega_total_ml_model": (
        "one factor, ML; (sum of loadings)^2 / variance of the sum by the model; raw items"
    ),
    "omega_total_minres": (
        "one factor, minres; (sum R - sum of uniquenesses) / sum R observed; standardized items"
    ),
    "composite_reliability": (
        "one factor, ML; (sum of loadings)^2 / variance of the sum by the model; standardized items"
    ),
    "coefficient_h": (
        "one factor, ML; reliability of the best weighted sum, by the model; standardized items"
    ),
    "ave": (
        "one factor, ML; mean of the squared standardized loadings (average variance extracted); "
        "single items, so that it is no reliability"
    ),
}
"""For each function here: model; numerator / denominator; metric of the items."""
