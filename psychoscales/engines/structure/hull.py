"""The hull method: the number of factors after which more of them buy little fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.engines.structure.adequacy import kmo, positive_definite
from psychoscales.engines.structure.extraction import (
    degrees_of_freedom,
    extraction,
    most_factors,
)
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hull:
    """Fit and parsimony of 0, 1, ... factors.

    Attributes:
        factors: the number with the sharpest elbow; where only two solutions are on the hull, so
            that there is no elbow, the one with the better fit.
        df: int [M + 1], degrees of freedom of the solutions.
        fit: float [M + 1], CAF or CFI; NaN where no solution was found.
        on_hull: bool [M + 1], whether a solution is on the upper hull of fit against df.
        elbow: float [M + 1], the scree test value; NaN at the ends and off the hull.
    """

    factors: int
    df: npt.NDArray[np.int64]
    fit: Floats
    on_hull: npt.NDArray[np.bool_]
    elbow: Floats


def hull(correlation: Floats, most: int, n: int | None = None) -> Hull:
    r"""Return the hull of 0 to `most` factors: fit against degrees of freedom.

    Without `n` the factors are minres, and the fit f is the common part accounted for (CAF): one
    minus the Kaiser-Meyer-Olkin measure of the residual correlations. With `n` the factors are
    ML, and f is the comparative fit index of :math:`\chi^2 = (n - 1) F`. Of the solutions on the
    upper hull the one with the largest

    .. math:: st_i = \frac{(f_i - f_{i-1}) / (df_{i-1} - df_i)}{(f_{i+1} - f_i) / (df_i - df_{i+1})}

    is chosen; neither 0 nor `most` can be. Where only two solutions are on the hull, the better
    one is.

    Args:
        correlation: [k, k], positive definite.
        most: the largest number of factors; the method's authors take one more than parallel
            analysis finds, and the choice depends on it.
        n: people, for CFI; of Pearson correlations.

    Raises:
        RefusalError: only one solution is on the hull; CFI reaches 1, its end, before `most`;
            the matrix is not positive definite.

    Source:
        Lorenzo-Seva U, Timmerman ME, Kiers HAL. The hull method for selecting the number of
        common factors. Multivariate Behav Res 2011;46:340-364.
        doi:10.1080/00273171.2011.564527.
    """
    positive_definite(correlation, "hull")
    k = len(correlation)
    most = min(most, most_factors(k))
    df = np.array([degrees_of_freedom(k, m) for m in range(most + 1)])
    fit = np.array(
        [_caf(correlation, m) if n is None else _cfi(correlation, m, n) for m in range(most + 1)]
    )
    kept = _upper(df, fit)
    if len(kept) < 2:
        raise RefusalError("no hull: no number of factors fits better than none")
    if n is not None and fit[kept[-1]] >= 1 and kept[-1] < most:
        raise RefusalError(
            f"no hull: CFI is 1 from {kept[-1]} factors on, so that no elbow can be seen there"
        )
    elbow = np.full(most + 1, np.nan)
    for low, here, high in zip(kept, kept[1:], kept[2:], strict=False):
        before = (fit[here] - fit[low]) / (df[low] - df[here])
        after = (fit[high] - fit[here]) / (df[here] - df[high])
        elbow[here] = before / after
    on_hull = np.isin(np.arange(most + 1), kept)
    factors = int(np.nanargmax(elbow)) if len(kept) > 2 else kept[-1]
    return Hull(factors, frozen(df), frozen(fit), frozen(on_hull), frozen(elbow))


def _caf(correlation: Floats, factors: int) -> float:
    """Return one minus the KMO of what the factors leave; NaN where there is no solution."""
    if factors == 0:
        return 1 - kmo(correlation)[0]
    try:
        loadings = extraction(correlation, factors, "minres").loadings
        left = correlation - loadings @ loadings.T
        np.fill_diagonal(left, 1.0)
        return 1 - kmo(left)[0]
    except RefusalError:
        return float("nan")


def _cfi(correlation: Floats, factors: int, n: int) -> float:
    """Return the comparative fit index of ML factors; NaN where there is no solution."""
    if factors == 0:
        return 0.0
    try:
        loadings = extraction(correlation, factors, "ml").loadings
    except RefusalError:
        return float("nan")
    k = len(correlation)
    implied = loadings @ loadings.T
    np.fill_diagonal(implied, 1.0)
    ratio = np.linalg.solve(implied, correlation)
    chisq = (n - 1) * float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - k)
    null = -(n - 1) * float(np.linalg.slogdet(correlation)[1])
    worst = max(null - k * (k - 1) / 2, chisq - degrees_of_freedom(k, factors), 0.0)
    if worst == 0:
        return 1.0
    return 1 - max(chisq - degrees_of_freedom(k, factors), 0.0) / worst


def _upper(df: Sequence[int] | npt.NDArray[np.int64], fit: Floats) -> list[int]:
    """Return the solutions on the upper hull: each better than all with fewer factors."""
    kept: list[int] = []
    best = -np.inf
    for m, value in enumerate(fit):
        if value > best:
            kept.append(m)
            best = float(value)
    at = 1
    while at < len(kept) - 1:
        low, here, high = kept[at - 1 : at + 2]
        share = (df[low] - df[here]) / (df[low] - df[high])
        if fit[here] <= fit[low] + share * (fit[high] - fit[low]):
            kept.pop(at)
            at = max(1, at - 1)
        else:
            at += 1
    return kept
