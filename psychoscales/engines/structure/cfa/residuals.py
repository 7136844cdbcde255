"""Residual covariances, beside their sampling error and on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.estimation import weighted
from psychoscales.engines.structure.cfa.fiml import Missing
from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.cfa.matrices import Implied, lower
from psychoscales.engines.structure.cfa.normal import Likelihood, vech
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile

Floats = npt.NDArray[np.float64]


class Residuals(NamedTuple):
    """One group's residuals of (co)variances.

    Attributes:
        value: [p, p], sample less implied, over the sample's standard deviations; of ordinal
            items, residual polychoric correlations.
        z: the same over their standard errors [p, p]; NaN where there is no sampling error.
    """

    value: Floats
    z: Floats


class Unbiased(NamedTuple):
    """The unbiased standardized root mean square residual, with a normal interval."""

    value: float
    se: float
    low: float
    high: float
    level: float


def residuals(of: Fit) -> tuple[Residuals, ...]:
    """Return standardized residual covariances of every group, and their z.

    Agrees with lavaan's lavResiduals(type = "cor.bentler") of one group: values to 2e-6, z to
    2e-5.

    Raises:
        RefusalError: the search did not converge.
    """
    if not of.converged:
        raise RefusalError("no residuals: the search for estimates did not converge")
    found = []
    for group in range(len(of.samples)):
        gap, error, _ = _gaps(of, group)
        p = len(of.specification.items)
        r, c = lower(p, not of.specification.ordinal)
        value, z = np.zeros((p, p)), np.full((p, p), np.nan)
        value[r, c] = value[c, r] = gap
        se = np.sqrt(np.maximum(np.diag(error), 0.0))
        with np.errstate(invalid="ignore", divide="ignore"):
            z[r, c] = z[c, r] = np.where(se > 1e-8, gap / se, np.nan)
        found.append(Residuals(value, z))
    return tuple(found)


def unbiased_srmr(of: Fit, level: float = 0.90) -> Unbiased:
    r"""Return the unbiased estimate of the population's SRMR.

    .. math:: \frac{1}{k} \sqrt{\frac{\max(e'e - \operatorname{tr} \Xi, 0)}{t}}, \qquad
        k = 1 - \frac{\operatorname{tr} \Xi^2 + 2 e' \Xi e}{4 (e'e)^2}

    with e the t standardized residual covariances and Xi their covariance matrix. Variances
    count in t, also where (for ordinal items) their residuals are 0.

    Args:
        of: a model fitted to one group.
        level: of the interval, which is value plus or minus normal quantiles of its error.

    Raises:
        RefusalError: several groups, no degrees of freedom, or a search that did not converge.

    Source:
        Maydeu-Olivares A. Assessing the size of model misfit in structural equation models.
        Psychometrika 2017;82:533-558. doi:10.1007/s11336-016-9552-7. Agrees with lavaan's
        lavResiduals() to 1e-6.
    """
    if not of.converged:
        raise RefusalError("no unbiased SRMR: the search for estimates did not converge")
    if of.specification.df == 0:
        raise RefusalError("no unbiased SRMR: the model has 0 degrees of freedom and fits anything")
    if len(of.samples) > 1:
        raise RefusalError("the unbiased SRMR is of one group; fit each group by itself")
    gap, error, size = _gaps(of, 0)
    square = float(gap @ gap)
    trace, twice = float(np.trace(error)), float((error * error.T).sum())
    spread = twice + 2 * float(gap @ error @ gap)
    k = 1 - spread / (4 * square**2)
    value = float(np.sqrt(max(square - trace, 0.0) / size)) / k
    se = float(np.sqrt(spread / (2 * size * square))) / abs(k)
    half = normal_quantile(level) * se
    return Unbiased(value, se, value - half, value + half, level)


def _gaps(of: Fit, group: int) -> tuple[Floats, Floats, int]:
    """Return the residuals, their covariance matrix, and how many the field counts."""
    sample, implied = of.samples[group], of.implied[group]
    jacobian = of.layout.jacobian(of.x)[group]
    p = len(of.specification.items)
    if isinstance(sample, Ordered):
        weight = of.pieces[group].weight
        error = sample.gamma / sample.n
        gap, start = sample.vector - implied.vector, sample.count
        unit = np.ones(len(gap))
    else:
        robust = of.estimator != "ML"
        weight = _information(of, sample, implied)
        error = np.asarray(np.linalg.inv(sample.observed(sample.mean, sample.cov)))
        if robust:
            error = error @ sample.meat(sample.mean, sample.cov) @ error
        error = error / sample.n
        gap = np.concatenate([sample.mean - implied.mean, vech(sample.cov - implied.cov)])
        sd = np.sqrt(np.diag(sample.cov))
        r, c = lower(p, True)
        unit, start = np.concatenate([1 / sd, 1 / (sd[r] * sd[c])]), p
    # (I - J A) error (I - J A)', multiplied out: A has far fewer rows than there are residuals.
    a = np.linalg.solve(_curve(of, group, weight), weighted(weight, jacobian).T)
    moved = a @ error
    across = jacobian @ moved
    error = error - across - across.T + jacobian @ (moved @ a.T) @ jacobian.T
    error = error * np.outer(unit, unit)
    return (gap * unit)[start:], error[start:, start:], p * (p + 1) // 2


def _information(of: Fit, sample: Likelihood, at: Implied) -> Floats:
    """Return the information of the moments, of the kind that the standard errors are from."""
    observed = of.estimator == "MLR" or isinstance(sample, Missing)
    kind = sample.observed if observed else sample.expected
    return kind(at.mean, at.cov)


def _curve(of: Fit, group: int, weight: Floats) -> Floats:
    """Return the information that the residuals' error is taken with, over all groups."""
    jacobians = of.layout.jacobian(of.x)
    total = sum(of.n)
    curve = np.zeros((len(of.x),) * 2)
    for number, (sample, at, jacobian) in enumerate(
        zip(of.samples, of.implied, jacobians, strict=True)
    ):
        if number == group:
            mine = weight
        elif isinstance(sample, Ordered):
            mine = of.pieces[number].weight
        else:
            mine = _information(of, sample, at)
        curve += sample.n / total * (jacobian.T @ weighted(mine, jacobian))
    return curve * total / of.n[group]
