"""Indices of how well a model fits: comparative, per degree of freedom, and of residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import lower

Floats = npt.NDArray[np.float64]
CLOSE, LEVEL = 0.05, 0.90


class Compared(NamedTuple):
    """A model's statistic beside its baseline's.

    Attributes:
        chisq, df: the model's.
        base, base_df: the baseline's.
        factor, base_factor: mean of the statistics over their degrees of freedom where the model
            holds: 1 for chi-squares, the scaling factor for statistics that are to be corrected.
    """

    chisq: float
    df: float
    base: float
    base_df: float
    factor: float = 1.0
    base_factor: float = 1.0

    @property
    def excess(self) -> float:
        """The statistic above what it is on average where the model holds."""
        return self.chisq - self.factor * self.df

    @property
    def base_excess(self) -> float:
        """The same of the baseline."""
        return self.base - self.base_factor * self.base_df


def cfi(of: Compared) -> float:
    r"""Return the comparative fit index.

    .. math:: 1 - \frac{\max(T - c\,df, 0)}{\max(T - c\,df, T_b - c_b\,df_b, 0)}

    Source:
        Bentler PM. Comparative fit indexes in structural models. Psychol Bull 1990;107:238-246.
        doi:10.1037/0033-2909.107.2.238. With c: Brosseau-Liard PE, Savalei V. Adjusting
        incremental fit indices for nonnormality. Multivariate Behav Res 2014;49:460-470.
        doi:10.1080/00273171.2014.933697
    """
    lack = max(of.excess, 0.0)
    most = max(lack, of.base_excess)
    return 1.0 if most <= 0 else 1 - lack / most


def tli(of: Compared) -> float:
    r"""Return the Tucker-Lewis index, not truncated.

    .. math:: 1 - \frac{(T - c\,df) / df}{(T_b - c_b\,df_b) / df_b}

    Source:
        Tucker LR, Lewis C. A reliability coefficient for maximum likelihood factor analysis.
        Psychometrika 1973;38:1-10. doi:10.1007/BF02291170
    """
    if not of.df > 0:
        return 1.0
    if of.base_excess == 0:
        return float("nan")
    return 1 - of.excess * of.base_df / (of.base_excess * of.df)


class Rmsea(NamedTuple):
    """The root mean square error of approximation, its 90 % interval and close-fit test."""

    value: float
    low: float
    high: float
    close_p: float


def rmsea(
    chisq: float, df: float, n: int, groups: int, factor: float = 1.0, tested: float | None = None
) -> Rmsea:
    r"""Return the RMSEA with its interval and the test that it is .05 or less.

    .. math:: \sqrt{\frac{G \max(T - c\,df, 0)}{N\,df}}

    Args:
        chisq: the statistic T.
        df: its degrees of freedom.
        n: N, people; for least squares less the number of groups.
        groups: G.
        factor: c; 1 for chi-squares.
        tested: the statistic that is a chi-square, for interval and test; T otherwise.

    Source:
        Steiger JH. Structural model evaluation and modification. Multivariate Behav Res
        1990;25:173-180. doi:10.1207/s15327906mbr2502_4. With c: Brosseau-Liard PE, Savalei V,
        Li L. Multivariate Behav Res 2012;47:904-930. doi:10.1080/00273171.2012.715252
    """
    from scipy.special import chndtr

    if not df > 0:
        return Rmsea(0.0, 0.0, 0.0, float("nan"))
    if not np.isfinite([chisq, df, factor]).all():
        return Rmsea(*[float("nan")] * 4)
    value = float(np.sqrt(groups * max(chisq - factor * df, 0.0) / (n * df)))
    statistic = chisq if tested is None else tested
    unit = groups * factor / (n * df)
    tails = ((1 + LEVEL) / 2, (1 - LEVEL) / 2)
    low, high = (float(np.sqrt(unit * noncentrality(statistic, df, tail))) for tail in tails)
    close = 1 - float(chndtr(statistic, df, CLOSE**2 / unit)) if statistic > 0 else 1.0
    return Rmsea(value, low, high, close)


def noncentrality(chisq: float, df: float, probability: float) -> float:
    """Return the noncentrality at which a chi-square is below `chisq` with a probability."""
    from scipy.special import chdtr, chndtr

    if chisq <= 0 or float(chdtr(df, chisq)) <= probability:
        return 0.0
    low, high = 0.0, max(chisq, 1.0)
    while float(chndtr(chisq, df, high)) > probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if float(chndtr(chisq, df, middle)) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def robust_to_categories(
    correlations: Sequence[Floats], implied: Sequence[Floats], n: Sequence[int]
) -> tuple[float, float]:
    """Return the normal-theory statistics of polychoric correlations: the model's, the baseline's.

    The estimates stay those of least squares; only the discrepancy is that of maximum
    likelihood, which least squares makes too small where the model is wrong.

    Source:
        Savalei V. Improving fit indices in structural equation modeling with categorical data.
        Multivariate Behav Res 2021;56:390-407. doi:10.1080/00273171.2020.1717922
    """
    chisq = base = 0.0
    for sample, model, people in zip(correlations, implied, n, strict=True):
        known, found = np.linalg.slogdet(sample), np.linalg.slogdet(model)
        if found[0] <= 0:
            return float("nan"), float("nan")
        trace = float(np.trace(np.linalg.solve(model, sample)))
        chisq += people * (float(found[1]) - float(known[1]) + trace - len(sample))
        base -= people * float(known[1])
    return chisq, base


class Residual(NamedTuple):
    """Root mean square residuals under the conventions of the field.

    Attributes:
        srmr: what lavaan and EQS call SRMR: residual covariances over the sample's standard
            deviations, variances and (for continuous items) means counted.
        srmr_no_mean: the same without the means.
        srmr_mplus: what Mplus prints: residual correlations, means and variances.
        crmr: residual correlations only; neither means nor variances are counted.
    """

    srmr: float
    srmr_no_mean: float
    srmr_mplus: float
    crmr: float


def residual(
    cov: Floats, implied: Floats, mean: Floats | None = None, implied_mean: Floats | None = None
) -> Residual:
    r"""Return the standardized root mean square residuals of one group.

    .. math:: \sqrt{\sum_{i \le j} \left(\frac{s_{ij} - \sigma_{ij}}
        {\sqrt{s_{ii} s_{jj}}}\right)^2 \Big/ \frac{p (p + 1)}{2}}

    Args:
        cov: sample covariances (or polychoric correlations) [p, p].
        implied: the model's.
        mean: sample means [p], of continuous items.
        implied_mean: the model's.

    Source:
        Bentler PM. EQS structural equations program manual. Multivariate Software; 1995.
    """
    p = len(cov)
    sd, own = np.sqrt(np.diag(cov)), np.sqrt(np.diag(implied))
    r, c = lower(p, True)
    below = lower(p, False)
    gap = ((cov - implied) / np.outer(sd, sd))[r, c]
    turned = (cov / np.outer(sd, sd) - implied / np.outer(own, own))[below]
    size = p * (p + 1) // 2
    bare, square = float(gap @ gap), float(turned @ turned)
    plain = float(np.sqrt(bare / size))
    crmr = float(np.sqrt(square / (size - p))) if size > p else 0.0
    if mean is None or implied_mean is None:
        return Residual(plain, plain, float("nan"), crmr)
    shift = (mean - implied_mean) / sd
    level = mean / sd - implied_mean / own
    spread = 1 - (own / sd) ** 2
    every = float(shift @ shift)
    mplus = square + float(level @ level) + float(spread @ spread)
    srmr, printed = np.sqrt([(bare + every) / (size + p), mplus / (size + p)])
    return Residual(float(srmr), plain, float(printed), crmr)


def information_criteria(loglik: float, free: int, n: int) -> dict[str, float]:
    """Return AIC, BIC and the sample-size adjusted BIC of a log likelihood."""
    twice = -2 * loglik
    return {
        "loglik": loglik,
        "aic": twice + 2 * free,
        "bic": twice + free * float(np.log(n)),
        "sabic": twice + free * float(np.log((n + 2) / 24)),
    }
