"""Exploratory factor analysis of a correlation matrix: extraction, rotation, what is left over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.engines.structure.extraction import (
    AXIS_TOLERANCE,
    METHODS,
    Extraction,
    degrees_of_freedom,
    extraction,
)
from psychoscales.engines.structure.rotation import Rotated, rotated
from psychoscales.errors import RefusalError, UnknownNameError

Floats = npt.NDArray[np.float64]
RMSEA_LEVEL = 0.90
HEYWOOD = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Solution:
    """Common factors of k items.

    Factors stand in the order of the variance they explain, the largest first; each has the sign
    that makes the sum of its loadings positive.

    Attributes:
        loadings: float [k, m]; the pattern, where factors correlate.
        factor_correlations: float [m, m], of the factors, not of scores on them.
        structure: float [k, m], correlations of items and factors.
        communality: float [k], of the unrotated loadings; no rotation changes it.
        explained: float [m], variance explained by each factor, in items.
        residual: float [k, k], observed minus implied correlation; the diagonal is the
            uniqueness.
        extraction, rotation: how the loadings were found.
    """

    loadings: Floats
    factor_correlations: Floats
    structure: Floats
    communality: Floats
    explained: Floats
    residual: Floats
    extraction: Extraction
    rotation: Rotated

    @property
    def uniqueness(self) -> Floats:
        """One minus the communality [k]."""
        return 1 - self.communality

    @property
    def heywood(self) -> npt.NDArray[np.bool_]:
        """Items without any variance of their own: at the bound, or with a communality above 1."""
        return np.asarray(self.extraction.at_bound | (self.communality > HEYWOOD))


def solution(
    correlation: Floats,
    factors: int,
    *,
    method: str = "minres",
    rotation: str = "oblimin",
    kaiser: bool | None = None,
    starts: int = 10,
    seed: int = 1,
    tolerance: float = AXIS_TOLERANCE,
) -> Solution:
    r"""Return the rotated factors of a correlation matrix [k, k].

    .. math:: R = \Lambda \Phi \Lambda' + \Psi

    Args:
        correlation: [k, k], Pearson or polychoric.
        factors: how many.
        method, tolerance: see `extraction`.
        rotation, kaiser, starts, seed: see `rotated`.

    Raises:
        UnknownNameError: the method or rotation.
        RefusalError: see `extraction` and `rotated`; a factor without any variance.

    Source:
        Agrees with R code that takes each solution to its end to 1e-8, and with psych::fa as far
        as that goes: 3e-5 (oblimin), 1.5e-3 (varimax, promax).
    """
    if method not in METHODS:
        raise UnknownNameError("extraction method", method, METHODS)
    found = extraction(correlation, factors, method, tolerance)
    strength = (found.loadings**2).sum(axis=0)
    if strength.min() < 1e-8:
        raise RefusalError(
            f"only {int((strength >= 1e-8).sum())} of {factors} factors explain any variance; "
            "take fewer"
        )
    turned = rotated(found.loadings, rotation, kaiser=kaiser, starts=starts, seed=seed)
    pattern, phi = turned.loadings, turned.factor_correlations
    sign = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    explained = np.einsum("fg,ig,if->f", phi, pattern, pattern)
    order = np.argsort(-explained, kind="stable")
    pattern = (pattern * sign)[:, order]
    phi = (phi * np.outer(sign, sign))[np.ix_(order, order)]
    np.fill_diagonal(phi, 1.0)
    implied = found.loadings @ found.loadings.T
    return Solution(
        loadings=frozen(pattern),
        factor_correlations=frozen(phi),
        structure=frozen(pattern @ phi),
        communality=frozen(np.diag(implied).copy()),
        explained=frozen(explained[order]),
        residual=frozen(correlation - implied),
        extraction=found,
        rotation=turned,
    )


def residual_fit(found: Solution) -> dict[str, float]:
    r"""Return df, rmsr and crmsr: how large the residual correlations are.

    .. math:: rmsr = \sqrt{\frac{\sum_{i \ne j} e_{ij}^2}{k (k - 1)}} \qquad
        crmsr = \sqrt{\frac{\sum_{i < j} e_{ij}^2}{df}}

    Agrees with psych::fa (dof, rms, crms). crmsr is NaN where df is 0.
    """
    k, m = found.loadings.shape
    df = degrees_of_freedom(k, m)
    squares = float((found.residual**2).sum() - (np.diag(found.residual) ** 2).sum())
    corrected = float(np.sqrt(squares / 2 / df)) if df else float("nan")
    return {"df": float(df), "rmsr": float(np.sqrt(squares / (k * (k - 1)))), "crmsr": corrected}


def likelihood_fit(correlation: Floats, found: Solution, n: int) -> dict[str, float]:
    r"""Return chi-square and what follows from it, of an "ml" solution.

    With F the ML discrepancy of the implied correlations, :math:`\chi^2 = F (n - 1 - (2k + 5)/6 -
    2m/3)` (Bartlett's factor). RMSEA is :math:`\sqrt{\max(\chi^2 / (df \cdot n) - 1 / (n - 1),
    0)}`, its 90 % interval from the noncentral chi-square divided by :math:`(n - 1) df`; TLI
    compares F / df with the independence model's; bic is :math:`\chi^2 - df \log n`. All as
    psych::fa.

    Args:
        correlation: Pearson correlations [k, k] of complete answers.
        found: with extraction "ml".
        n: people.

    Raises:
        RefusalError: too few people for Bartlett's factor; a solution that is not "ml".
    """
    from scipy.special import chdtrc

    if found.extraction.method != "ml":
        raise RefusalError(f"chi-square is of method='ml', not of {found.extraction.method}")
    k, m = found.loadings.shape
    df = degrees_of_freedom(k, m)
    factor = n - 1 - (2 * k + 5) / 6 - 2 * m / 3
    if factor <= 0:
        raise RefusalError(f"{n} people are too few for chi-square of {k} items and {m} factors")
    implied = correlation - found.residual
    np.fill_diagonal(implied, 1.0)
    ratio = np.linalg.solve(implied, correlation)
    discrepancy = float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - k)
    chisq = max(discrepancy * factor, 0.0)
    fit = {"chisq": chisq, "df": float(df)}
    if df == 0:
        return fit
    low, high = _noncentrality(chisq, df)
    null = -float(np.linalg.slogdet(correlation)[1])
    per_null, per_model = null / (k * (k - 1) / 2), discrepancy / df
    return fit | {
        "p": float(chdtrc(df, chisq)),
        "rmsea": float(np.sqrt(max(chisq / (df * n) - 1 / (n - 1), 0))),
        "rmsea_low": float(np.sqrt(low / (n - 1) / df)),
        "rmsea_high": float(np.sqrt(high / (n - 1) / df)),
        "tli": (per_null - per_model) / (per_null - 1 / factor),
        "bic": float(chisq - df * np.log(n)),
    }


def _noncentrality(chisq: float, df: int) -> tuple[float, float]:
    """Return the 90 % interval of the noncentrality of a chi-square."""
    from scipy.special import chdtr, chndtrinc

    tail = (1 - RMSEA_LEVEL) / 2
    central = float(chdtr(df, chisq))
    low = float(chndtrinc(chisq, df, 1 - tail)) if central > 1 - tail else 0.0
    high = float(chndtrinc(chisq, df, tail)) if central > tail else 0.0
    return low, high
