r"""Measurement error: the standard error of measurement and the smallest detectable change.

.. math::
    SEM_{agreement} = \sqrt{\sigma_b^2 + \sigma_e^2}, \quad SEM_{consistency} = \sigma_e, \quad
    SDC = 1.96 \sqrt{2}\, SEM

in units of the score. The variances are those of the intraclass correlations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.anova import MeanSquares, mean_squares
from psychoscales.engines.reliability.agreement.components import Sums, reml, sums
from psychoscales.engines.reliability.agreement.profile import of_variance
from psychoscales.engines.reliability.agreement.ratings import Estimator, by_reml, rated
from psychoscales.errors import RefusalError
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
KINDS = ("agreement", "consistency")
NORMAL_95 = 1.96
"""The multiple of a standard deviation that holds 95 % of a normal distribution, as printed."""
SDC = NORMAL_95 * np.sqrt(2)


def measurement_error(
    ratings: npt.ArrayLike, *, level: float = 0.95, estimator: Estimator | None = None
) -> tuple[Estimate, ...]:
    r"""Return SEM and SDC of agreement and of consistency, with intervals.

    Complete ratings: from mean squares. The interval of consistency is that of chi-square on
    (n - 1)(r - 1) degrees of freedom; the interval of agreement is Graybill and Wang's modified
    large-sample interval of :math:`MS_b / n + (n - 1) MS_e / n`. With two occasions the mean
    square of occasions has one degree of freedom, and the upper end is far away: that is what two
    occasions know about occasions. Incomplete ratings: REML, and profiles of its likelihood.

    Args:
        ratings: [n, r] of n targets by r raters or occasions, NaN where there is none.
        level: confidence level, such as .95.
        estimator: "anova" refuses incomplete ratings; "reml" is used for complete ones too.

    Raises:
        RefusalError: fewer than three targets or two columns; incomplete ratings where
            `estimator` is "anova"; no variance.

    Source:
        de Vet HCW, Terwee CB, Knol DL, Bouter LM. When to use agreement versus reliability
        measures. J Clin Epidemiol 2006;59:1033-1039. doi:10.1016/j.jclinepi.2005.10.015.
        Graybill FA, Wang CM. Confidence intervals on nonnegative linear combinations of
        variances. J Am Stat Assoc 1980;75:869-873. doi:10.1080/01621459.1980.10477565.
    """
    table = rated(ratings)
    if by_reml(table, estimator):
        return tuple(_by_reml(sums(table), level))
    return tuple(_by_anova(mean_squares(table), level))


def error_variance(found: MeanSquares, kind: str) -> Floats:
    """Return the error variance from mean squares [...], of "agreement" or "consistency"."""
    if kind == "consistency":
        return found.error
    return np.asarray((found.rater + (found.n - 1) * found.error) / found.n)


def variance_interval(found: MeanSquares, kind: str, level: float) -> tuple[Floats, Floats]:
    """Return the interval of the error variance from mean squares [...]."""
    from scipy.special import chdtri

    n, r = found.n, found.r
    parts = [(found.error, (n - 1) * (r - 1), 1.0)]
    if kind == "agreement":
        parts = [(found.rater, r - 1, 1 / n), (found.error, (n - 1) * (r - 1), (n - 1) / n)]
    value = error_variance(found, kind)
    down, up = np.zeros_like(value), np.zeros_like(value)
    for square, df, share in parts:
        part = (share * square) ** 2
        down = down + part * (1 - df / chdtri(df, (1 - level) / 2)) ** 2
        up = up + part * (df / chdtri(df, (1 + level) / 2) - 1) ** 2
    return value - np.sqrt(down), value + np.sqrt(up)


def _by_anova(found: MeanSquares, level: float) -> Iterator[Estimate]:
    for kind in KINDS:
        variance = float(error_variance(found, kind))
        ends: tuple[float, float] | None = None
        method, note = "anova", "no interval: the differences are constant"
        if float(found.error) > 0:
            low, high = variance_interval(found, kind, level)
            ends, note = (float(low), float(high)), ""
            method = "anova_chi_square" if kind == "consistency" else "anova_mls"
        yield from _rows(
            kind,
            variance,
            ends,
            level,
            Estimate("", None, n=found.n, method=method, note=note or None),
        )


def _by_reml(known: Sums, level: float) -> Iterator[Estimate]:
    found = reml(known)
    for kind in KINDS:
        variance = found.error + (found.rater if kind == "agreement" else 0.0)
        bare = Estimate("", None, n=known.n, missing="available", method="reml")
        ends: tuple[float, float] | None = None
        try:
            ends = of_variance(known, found, kind, level)
            bare = replace(bare, method="reml_profile")
        except RefusalError as refusal:
            bare = replace(bare, note=f"no interval: {refusal}")
        yield from _rows(kind, variance, ends, level, bare)


def _rows(
    kind: str, variance: float, ends: tuple[float, float] | None, level: float, bare: Estimate
) -> Iterator[Estimate]:
    for name, times in (("sem", 1.0), ("sdc", float(SDC))):
        row = replace(bare, coefficient=f"{name}_{kind}", value=times * float(np.sqrt(variance)))
        if ends is not None:
            low, high = (times * float(np.sqrt(max(end, 0.0))) for end in ends)
            row = replace(row, low=low, high=high, level=level)
        yield row
