r"""Intraclass correlations: six forms, from mean squares or from variance components.

With :math:`\sigma_a^2` of targets, :math:`\sigma_b^2` of raters or occasions and
:math:`\sigma_e^2` of the residual, the correlation of single ratings is

.. math::
    ICC(A,1) = \frac{\sigma_a^2}{\sigma_a^2 + \sigma_b^2 + \sigma_e^2}, \quad
    ICC(C,1) = \frac{\sigma_a^2}{\sigma_a^2 + \sigma_e^2}, \quad
    ICC(1,1) = \frac{\sigma_a^2}{\sigma_a^2 + \sigma_w^2}

where the last is of the one-way model, whose residual has the raters in it. The correlation of
means of k ratings is :math:`k \rho / (1 + (k - 1) \rho)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.anova import MeanSquares, mean_squares
from psychoscales.engines.reliability.agreement.components import Sums, reml, sums
from psychoscales.engines.reliability.agreement.profile import of_ratio
from psychoscales.engines.reliability.agreement.ratings import Estimator, by_reml, rated
from psychoscales.errors import RefusalError
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class Form:
    """One form of the intraclass correlation.

    Attributes:
        id: McGraw and Wong's name.
        alias: Shrout and Fleiss's name, as psych::ICC writes it.
        kind: "one_way", "agreement" or "consistency".
        averaged: whether it is about the mean of all k ratings, not about single ones.
    """

    id: str
    alias: str
    kind: str
    averaged: bool


FORMS: Mapping[str, Form] = {
    "ICC(1,1)": Form("ICC(1,1)", "ICC1", "one_way", False),
    "ICC(A,1)": Form("ICC(A,1)", "ICC2", "agreement", False),
    "ICC(C,1)": Form("ICC(C,1)", "ICC3", "consistency", False),
    "ICC(1,k)": Form("ICC(1,k)", "ICC1k", "one_way", True),
    "ICC(A,k)": Form("ICC(A,k)", "ICC2k", "agreement", True),
    "ICC(C,k)": Form("ICC(C,k)", "ICC3k", "consistency", True),
}


def icc(
    ratings: npt.ArrayLike, *, level: float = 0.95, estimator: Estimator | None = None
) -> tuple[Estimate, ...]:
    r"""Return the six forms of the intraclass correlation with their intervals.

    Complete ratings are worked by analysis of variance, and can give negative values; the
    intervals are those of F, exact for normal effects, with Satterthwaite's degrees of freedom
    for ICC(A,1) and ICC(A,k). Incomplete ratings are worked by REML of the two-way crossed random
    model (of the one-way model for ICC(1,1) and ICC(1,k)), which is never negative; the
    intervals are profiles of the restricted likelihood. k is the number of columns.

    Args:
        ratings: [n, r] of n targets by r raters or occasions, NaN where there is none.
        level: confidence level, such as .95.
        estimator: "anova" refuses incomplete ratings; "reml" is used for complete ones too.

    Raises:
        RefusalError: fewer than three targets or two columns; incomplete ratings where
            `estimator` is "anova"; no variance. A form or an interval that alone cannot be given
            is empty, and its note says why.

    Source:
        McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients.
        Psychol Methods 1996;1:30-46. doi:10.1037/1082-989X.1.1.30. Shrout PE, Fleiss JL.
        Intraclass correlations: uses in assessing rater reliability. Psychol Bull 1979;86:420-428.
        doi:10.1037/0033-2909.86.2.420. Agrees with psych::ICC(lmer = FALSE) to 1e-10, and with
        lme4's estimates to 1e-6.
    """
    table = rated(ratings)
    if by_reml(table, estimator):
        return tuple(_by_reml(sums(table), level))
    return tuple(_by_anova(mean_squares(table), level))


def single(found: MeanSquares, kind: str) -> Floats:
    """Return the intraclass correlation of single ratings from mean squares [...].

    NaN where the ratings do not vary between targets.
    """
    n, r = found.n, found.r
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind == "one_way":
            value = (found.target - found.within) / (found.target + (r - 1) * found.within)
        else:
            shared = found.rater - found.error if kind == "agreement" else 0.0
            spread = found.target + (r - 1) * found.error + r / n * shared
            value = (found.target - found.error) / spread
        return np.asarray(np.where(found.target > 0, value, np.nan))


def stepped_up(single_rating: npt.ArrayLike, r: int) -> Floats:
    """Return the correlation of means of r ratings; NaN where there is none."""
    rho = np.asarray(single_rating, dtype=np.float64)
    below = 1 + (r - 1) * rho
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below > 0, r * rho / below, np.nan))


def f_interval(found: MeanSquares, kind: str, level: float) -> Pair:
    """Return the interval of a single rating's correlation from mean squares [...].

    Exact for normal effects in the one-way and the consistency form; with Satterthwaite's degrees
    of freedom in the agreement form. NaN where there is no residual.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (_satterthwaite if kind == "agreement" else _exact)(found, kind, level)
        there = (found.error > 0) & (found.within > 0) & (found.target > 0)
        return np.where(there, low, np.nan), np.where(there, high, np.nan)


def _exact(found: MeanSquares, kind: str, level: float) -> Pair:
    from scipy.special import fdtri

    n, r, tail = found.n, found.r, (1 + level) / 2
    below = found.within if kind == "one_way" else found.error
    df1, df2 = n - 1, n * (r - 1) if kind == "one_way" else (n - 1) * (r - 1)
    ratio = found.target / below
    low, high = ratio / fdtri(df1, df2, tail), ratio * fdtri(df2, df1, tail)
    return (low - 1) / (low + r - 1), (high - 1) / (high + r - 1)


def _satterthwaite(found: MeanSquares, kind: str, level: float) -> Pair:
    from scipy.special import fdtri

    n, r, tail = found.n, found.r, (1 + level) / 2
    rho = single(found, kind)
    of_rater = r * rho / (n * (1 - rho)) * found.rater
    of_error = (1 + r * rho * (n - 1) / (n * (1 - rho))) * found.error
    df = (of_rater + of_error) ** 2 / (of_rater**2 / (r - 1) + of_error**2 / ((n - 1) * (r - 1)))
    rest = r * found.rater + (r * n - r - n) * found.error
    above, under = fdtri(n - 1, df, tail), fdtri(df, n - 1, tail)
    low = n * (found.target - above * found.error) / (above * rest + n * found.target)
    high = n * (under * found.target - found.error) / (rest + n * under * found.target)
    return low, high


def _by_anova(found: MeanSquares, level: float) -> Iterator[Estimate]:
    if not float(found.target) > 0:
        raise RefusalError("no variance between people: everybody has the same mean")
    for form in FORMS.values():
        value = single(found, form.kind)
        low, high = f_interval(found, form.kind, level)
        if form.averaged:
            value, low, high = (stepped_up(each, found.r) for each in (value, low, high))
        if not np.isfinite(value):
            yield Estimate(form.id, None, n=found.n, note="the mean squares leave no value")
            continue
        bare = Estimate(form.id, float(value), n=found.n, method="anova")
        if not low <= value <= high:
            exact = not float(found.error) > 0
            why = "the differences are constant" if exact else "people differ too little for one"
            yield replace(bare, note=f"no interval: {why}")
            continue
        method = "anova_satterthwaite" if form.kind == "agreement" else "anova_f"
        yield replace(bare, low=float(low), high=float(high), level=level, method=method)


def _by_reml(known: Sums, level: float) -> Iterator[Estimate]:
    fitted = {kind: _fitted(known, kind, level) for kind in ("one_way", "agreement", "consistency")}
    for form in FORMS.values():
        numbers, why = fitted[form.kind]
        if form.averaged:
            numbers = tuple(float(stepped_up(rho, known.r)) for rho in numbers)
        value, *ends = numbers
        made = Estimate(form.id, value, n=known.n, missing="available", method="reml", note=why)
        if ends:
            low, high = ends
            made = replace(made, low=low, high=high, level=level, method="reml_profile")
        yield made


def _fitted(known: Sums, kind: str, level: float) -> tuple[tuple[float, ...], str | None]:
    """Return the value and its interval; the value alone, and why, where there is none."""
    found = reml(known, raters=kind != "one_way")
    shared = found.rater if kind == "agreement" else 0.0
    value = found.target / (found.target + shared + found.error)
    try:
        return (value, *of_ratio(known, found, kind, level)), None
    except RefusalError as refusal:
        return (value,), f"no interval: {refusal}"
