"""Cohen's kappa of two raters, unweighted and weighted, with its large-sample interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.ratings import coded, complete
from psychoscales.engines.reliability.agreement.weights import agreement_weights
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
NAMES = {"identity": "kappa", "linear": "kappa_linear", "quadratic": "kappa_quadratic"}
NEGLIGIBLE = 1e-9
ROUNDING = 1e-14
"""A variance below this is a rounding error: its terms are of the size of 1."""


def cohen_kappa(
    pair: npt.ArrayLike, categories: int, *, weights: str = "identity", level: float = 0.95
) -> Estimate:
    r"""Return Cohen's kappa of two raters, or his weighted kappa.

    .. math:: \kappa_w = \frac{p_o - p_e}{1 - p_e}, \quad p_o = \sum w_{ij} p_{ij}, \quad
        p_e = \sum w_{ij} p_{i.} p_{.j}

    The interval is :math:`\kappa \pm z\,SE` with the standard error of Fleiss, Cohen and Everitt;
    it is for many people, and is not cut at 1.

    Args:
        pair: category numbers [n, 2], 0 to `categories` - 1 in order; people without both are
            left out.
        categories: how many categories there are, used or not.
        weights: "identity", "linear" or "quadratic".
        level: confidence level, such as .95.

    Raises:
        RefusalError: fewer than three people, or both raters used one and the same category
            only.

    Source:
        Cohen J. Psychol Bull 1968;70:213-220. doi:10.1037/h0026256. Fleiss JL, Cohen J, Everitt
        BS. Large sample standard errors of kappa and weighted kappa. Psychol Bull 1969;72:323-327.
        doi:10.1037/h0028106. Agrees with psych::cohen.kappa to 1e-10.
    """
    codes = coded(complete(pair), categories)
    if codes.shape[1] != 2:
        raise ValueError(f"Cohen's kappa is of two raters, not of {codes.shape[1]}")
    flat = np.bincount(codes[:, 0] * categories + codes[:, 1], minlength=categories**2)
    table = flat.reshape(categories, categories).astype(np.float64)
    value, se = (
        float(each) for each in kappa_of_table(table, agreement_weights(weights, categories))
    )
    if not np.isfinite(value):
        raise RefusalError("kappa is not defined: all ratings are one category")
    found = Estimate(NAMES[weights], value, n=len(codes))
    return with_interval(found, se, normal_quantile(level), level, "large_sample")


def with_interval(
    found: Estimate, se: float, quantile: float, level: float, method: str
) -> Estimate:
    """Return the estimate with its Wald interval; without one where the error is zero."""
    if found.value is None or not se > NEGLIGIBLE:
        why = "no interval: the standard error is zero"
        return Estimate(**{**found.row(), "note": why})
    low, high = found.value - quantile * se, found.value + quantile * se
    made = {"low": low, "high": high, "level": level, "method": method}
    return Estimate(**{**found.row(), **made})


def kappa_of_table(tables: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return kappa and its standard error of tables of counts [..., c, c]; NaN if undefined."""
    n = tables.sum(axis=(-2, -1))
    p = tables / n[..., None, None]
    first, second = p.sum(axis=-1), p.sum(axis=-2)
    observed = (weights * p).sum(axis=(-2, -1))
    by_first, by_second = second @ weights.T, first @ weights
    expected = (first * by_first).sum(axis=-1)
    short, miss = 1 - expected, 1 - observed
    moved = (
        weights * short[..., None, None]
        - (by_first[..., :, None] + by_second[..., None, :]) * miss[..., None, None]
    )
    spread = (p * moved**2).sum(axis=(-2, -1)) - (
        observed * expected - 2 * expected + observed
    ) ** 2
    spread = np.where(spread > ROUNDING, spread, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        there = short > NEGLIGIBLE
        value = np.where(there, (observed - expected) / short, np.nan)
        se = np.where(there, np.sqrt(spread / n) / short**2, np.nan)
    return np.asarray(value), np.asarray(se)
