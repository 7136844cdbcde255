"""Schmid-Leiman: a general factor and group factors, and the omegas that come from them.

As psych::omega does it: correlations, minres, oblimin without Kaiser's normalisation from a
varimax start, one second-order factor. All steps run on stacks of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.group_factors import extracted, oblique
from psychoscales.engines.reliability.matrices import (
    correlations,
    each,
    summed,
    unpredicted,
    with_diagonal,
)
from psychoscales.engines.reliability.one_factor import HEYWOOD, minres
from psychoscales.engines.structure.extraction import degrees_of_freedom
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEGATIVE = -1e-9
PSYCH_SCALE = 0.01
"""The unit in which psych's search for uniquenesses takes its steps."""


@dataclass(frozen=True, eq=False)
class SchmidLeiman:
    """Schmid-Leiman solutions of a stack of matrices, in the metric of correlations.

    Attributes:
        general: float [..., k], loadings on the general factor; their sum is not negative.
        group: float [..., k, m], loadings on the group factors, which are orthogonal to it.
        uniquenesses: float [..., k].
        second_order: float [..., m], loadings of the first-order factors on the general one.
        factor_correlations: float [..., m, m], of the first-order factors.
        converged: bool [...]; whether extraction, rotation and second order all ended at a
            proper solution. Everything else is NaN where they did not.
        heywood: bool [...]; whether an item, or a first-order factor, had no variance left.
    """

    general: Floats
    group: Floats
    uniquenesses: Floats
    second_order: Floats
    factor_correlations: Floats
    converged: Bools
    heywood: Bools

    @property
    def negative(self) -> Bools:
        """The items whose loading on the general factor is negative [..., k]."""
        return np.asarray(self.general < NEGATIVE)

    @property
    def usable(self) -> Bools:
        """Where there are coefficients: a proper solution, and no negative general loading."""
        return np.asarray(self.converged & ~self.negative.any(axis=-1))

    def problem(self, names: Sequence[str]) -> str | None:
        """Say why the solution of one matrix gives no coefficients; None where it does."""
        groups = self.second_order.shape[-1]
        if bool(self.heywood):
            return (
                f"with {groups} group factors an item or a group factor has no variance of its "
                "own left (a Heywood case); take fewer group factors"
            )
        if not bool(self.converged):
            return (
                f"the search for {groups} group factors did not converge; take fewer group factors"
            )
        if self.negative.any():
            wrong = ", ".join(names[at] for at in np.flatnonzero(self.negative).tolist())
            return (
                f"negative loading on the general factor: {wrong}; nothing is reversed here, so "
                "look at the keying, and at whether there is a general factor"
            )
        return None


def schmid_leiman(cov: Floats, groups: int) -> SchmidLeiman:
    r"""Return Schmid-Leiman solutions of covariance matrices [..., k, k].

    With oblique first-order loadings L, their correlations Phi and second-order loadings gamma
    (one minres factor of Phi):

    .. math:: g = L\gamma, \qquad
        s_{jk} = L_{jk} \sqrt{1 - \gamma_k^2}

    With two group factors a second-order factor is not identified; gamma is then the root of
    their correlation for both, psych's option "equal".

    Raises:
        RefusalError: fewer than two group factors, or more than the items can tell. psych::omega
            gives numbers there too; they depend on where its search began.

    Source:
        Schmid J, Leiman JM. Psychometrika 1957;22:53-61. doi:10.1007/BF02289209. Loadings agree
        with the steps of psych::schmid, each taken to its end in R, to 1e-6.
    """
    k = np.shape(cov)[-1]
    if groups < 2:
        raise RefusalError(
            "omega hierarchical needs two group factors or more; of one factor there is only "
            "omega total"
        )
    if k <= groups or degrees_of_freedom(k, groups) < 0:
        raise RefusalError(
            f"{k} items cannot determine {groups} group factors; take fewer group factors"
        )

    def work(r: Floats) -> tuple[Floats, ...]:
        axes, unique, found, improper = extracted(r, groups)
        parts, good, full = _rotated(axes[found])
        at = np.flatnonzero(found)
        improper[at[full]] = True
        whole = [np.full((len(r), *part.shape[1:]), np.nan) for part in parts]
        for to, part in zip(whole, parts, strict=True):
            to[at[good]] = part[good]
        done = np.isin(np.arange(len(r)), at[good])
        unique = np.where(done[:, None], unique, np.nan)
        return *whole, unique, done.astype(float), improper.astype(float)

    general, group, second, phi, unique, done, improper = each(work, correlations(cov))
    return SchmidLeiman(general, group, unique, second, phi, done == 1.0, improper == 1.0)


def _rotated(axes: Floats) -> tuple[tuple[Floats, ...], Bools, Bools]:
    """Return general and group loadings, gamma and phi; where they are proper; where gamma is 1."""
    pattern, phi, arrived = oblique(axes)
    second, proper, full = _second_order(phi)
    general = (pattern @ second[..., None])[..., 0]
    # Factors have no sign of their own: each is turned the way of the general one.
    whole = np.where(general.sum(axis=-1) < 0, -1.0, 1.0)[:, None]
    general, second = general * whole, second * whole
    sign = np.where(second < 0, -1.0, 1.0)
    group = pattern * (sign * np.sqrt(np.clip(1 - second**2, 0, 1)))[:, None, :]
    phi = phi * sign[:, :, None] * sign[:, None, :]
    return (general, group, second * sign, phi), arrived & proper, full & arrived


def _second_order(phi: Floats) -> tuple[Floats, Bools, Bools]:
    """Return gamma [b, m], whether it is proper, and whether a factor is wholly the general one."""
    if phi.shape[-1] > 2:
        fit = minres(phi)
        return np.where(fit.converged[:, None], fit.loadings, 0.0), fit.converged, fit.heywood
    between = phi[:, 0, 1]
    root = np.sqrt(np.abs(between))
    full = root**2 > 1 - HEYWOOD
    return np.stack([root, np.sign(between) * root], axis=-1), ~full, full


def omega_hierarchical(cov: Floats, groups: int) -> Floats:
    r"""Return omega hierarchical of the sum of standardized items [...].

    .. math:: \frac{\left(\sum_j g_j\right)^2}{\sum R}

    the share of the variance of the sum that one general factor explains. NaN where there is
    no proper solution or an item loads negatively on the general factor; psych::omega flips such
    items unless it is told not to.

    Raises:
        RefusalError: see `schmid_leiman`.

    Source:
        Zinbarg RE, Revelle W, Yovel I, Li W. Psychometrika 2005;70:123-133.
        doi:10.1007/s11336-003-0974-7. Agrees with psych::omega to 1e-4, and with its steps taken
        to their end to 1e-6.
    """
    solution = schmid_leiman(cov, groups)
    return _where(solution, _common(solution) / summed(correlations(cov)))


def omega_total_sl(cov: Floats, groups: int) -> Floats:
    r"""Return omega total of the sum of standardized items, from the group factor model [...].

    .. math:: 1 - \frac{\sum_j u_j^2}{\sum R}

    with u^2 the uniquenesses of `groups` first-order factors.

    Raises:
        RefusalError: see `schmid_leiman`.

    Source:
        Zinbarg RE, Revelle W, Yovel I, Li W. Psychometrika 2005;70:123-133.
        doi:10.1007/s11336-003-0974-7. Agrees with psych::omega to 1e-4, and with its steps taken
        to their end to 1e-6.
    """
    solution = schmid_leiman(cov, groups)
    unique = solution.uniquenesses.sum(axis=-1)
    return _where(solution, 1 - unique / summed(correlations(cov)))


def omega_limit(cov: Floats, groups: int) -> Floats:
    r"""Return asymptotic omega hierarchical of the sum of standardized items [...].

    .. math:: \frac{\left(\sum_j g_j\right)^2}{\sum R - \sum_j u_j^2}

    omega hierarchical divided by omega total: the general factor's share of the reliable
    variance, and omega hierarchical of a test of endlessly many such items.

    Raises:
        RefusalError: see `schmid_leiman`.

    Source:
        Agrees with psych::omega (omega.lim) to 1e-4, and with its steps taken to their end to 1e-6.
    """
    solution = schmid_leiman(cov, groups)
    reliable = summed(correlations(cov)) - solution.uniquenesses.sum(axis=-1)
    return _where(solution, _common(solution) / reliable)


def explained_common_variance(cov: Floats, groups: int) -> Floats:
    r"""Return the general factor's share of the common variance of the items, ECV [...].

    .. math:: \frac{\sum_j g_j^2}{\sum_j g_j^2 + \sum_{jk} s_{jk}^2}

    Raises:
        RefusalError: see `schmid_leiman`.

    Source:
        Reise SP. Multivariate Behav Res 2012;47:667-696. doi:10.1080/00273171.2012.715555.
        Agrees with psych::omega (ECV) to 1e-4, and with its steps taken to their end to 1e-6.
    """
    solution = schmid_leiman(cov, groups)
    general = (solution.general**2).sum(axis=-1)
    return _where(solution, general / (general + (solution.group**2).sum(axis=(-2, -1))))


def _common(solution: SchmidLeiman) -> Floats:
    return np.asarray(solution.general.sum(axis=-1) ** 2)


def _where(solution: SchmidLeiman, value: Floats) -> Floats:
    return np.asarray(np.where(solution.usable, value, np.nan))


@dataclass(frozen=True)
class PsychOmega:
    """What psych::omega prints: omega_h, omega.tot, and the items that it reversed for that.

    Attributes:
        hierarchical, total: the two omegas.
        reversed: places of the items that were turned round, from 0.
    """

    hierarchical: float
    total: float
    reversed: tuple[int, ...]


def as_psych_does(cov: Floats, groups: int) -> PsychOmega:
    """Return the omegas of one matrix [k, k] in the way of psych::omega, with its habits.

    Uniquenesses stay between .005 and 1; items that load negatively on the general factor are
    reversed; and there are numbers where the items do not determine so many factors (five items
    and three factors): those of the place at which the search happens to end.

    This is for comparing with what others printed; `omega_hierarchical` refuses all three.

    Raises:
        RefusalError: no more items than factors, or singular correlations.

    Source:
        Agrees with psych::omega: omega.tot to 1e-6; omega_h to 1e-5 where the factors are
        determined, to 1e-3 where they are not.
    """
    r = correlations(cov)
    if len(r) <= groups or not np.isfinite(unpredicted(r[None])).all():
        raise RefusalError(f"psych::omega with {groups} factors has no value for these items")
    axes = _within_bounds(r, groups)
    pattern, phi, arrived = oblique(axes[None])
    if not arrived[0]:
        raise RefusalError(f"the rotation of {groups} factors does not converge")
    second = _within_bounds(phi[0], 1)[:, 0] if groups > 2 else _second_order(phi)[0][0]
    general = pattern[0] @ second
    general = general if general.sum() >= 0 else -general
    sign = np.where(general < 0, -1.0, 1.0)
    total = float(sign @ r @ sign)
    unique = float((1 - (axes**2).sum(axis=1)).sum())
    turned = tuple(np.flatnonzero(sign < 0).tolist())
    return PsychOmega(float(np.abs(general).sum()) ** 2 / total, 1 - unique / total, turned)


def _within_bounds(r: Floats, m: int) -> Floats:
    """Return minres loadings [k, m] by L-BFGS-B, in its steps and to its precision in psych."""
    from scipy.optimize import minimize

    low = np.tril_indices(len(r), -1)

    def loadings(psi: Floats) -> Floats:
        values, axes = np.linalg.eigh(with_diagonal(r, 1 - psi))
        return np.asarray(axes[:, -m:] * np.sqrt(np.maximum(values[-m:], 0)))

    def criterion(scaled: Floats) -> tuple[float, Floats]:
        psi = PSYCH_SCALE * scaled
        known = loadings(psi)
        implied = known @ known.T
        slope = np.diag(implied) + psi - 1
        return float(((r - implied)[low] ** 2).sum()), PSYCH_SCALE * slope

    found = minimize(
        criterion,
        unpredicted(r[None])[0] / PSYCH_SCALE,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.005 / PSYCH_SCALE, 1 / PSYCH_SCALE)] * len(r),
        options={"maxcor": 5, "ftol": 1e7 * np.finfo(float).eps, "gtol": 0.0, "maxiter": 100},
    )
    return loadings(PSYCH_SCALE * np.asarray(found.x, dtype=np.float64))


ESTIMANDS: Mapping[str, str] = {
    "omega_hierarchical": (
        "Schmid-Leiman, minres, oblimin; (sum of general loadings)^2 / sum R observed; "
        "standardized items"
    ),
    "omega_total_sl": (
        "Schmid-Leiman, minres, oblimin; (sum R - sum of uniquenesses) / sum R observed; "
        "standardized items"
    ),
    "omega_limit": (
        "Schmid-Leiman, minres, oblimin; (sum of general loadings)^2 / (sum R - sum of "
        "uniquenesses); standardized items"
    ),
    "explained_common_variance": (
        "Schmid-Leiman, minres, oblimin; squared general loadings / all squared loadings; "
        "standardized items"
    ),
}
"""For each function here: model; numerator / denominator; metric of the items. The number of
group factors is part of the estimand: say it with the value."""
