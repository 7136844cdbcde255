"""Fit indices of answers some of which are missing, corrected to what complete ones would give.

The plain statistic of a likelihood with missing answers is smaller the more is missing, also
where the model is wrong. The corrected one puts the estimates into the complete-data discrepancy
from the saturated means and covariances, and is scaled by its own mean.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa import baseline
from psychoscales.engines.structure.cfa.fiml import Missing, at_moments
from psychoscales.engines.structure.cfa.indices import Compared
from psychoscales.engines.structure.cfa.matrices import Implied
from psychoscales.engines.structure.cfa.normal import Likelihood, moments

Floats = npt.NDArray[np.float64]


def corrected(
    samples: Sequence[Likelihood],
    implied: Sequence[Implied],
    jacobians: Sequence[Floats],
    df: int,
    normal: bool,
) -> Compared:
    """Return the complete-data statistics of model and baseline, and their factors.

    Args:
        samples: the groups' answers.
        implied: what the model implies for them.
        jacobians: derivatives of the moments by the free parameters [moments, q].
        df: degrees of freedom of the model.
        normal: whether answers are taken to be normal (version V6 of the source), or their
            sampling error is estimated without that (V3).

    Source:
        Zhang X, Savalei V. New computations for RMSEA and CFI following FIML and TS estimation
        with missing data. Psychol Methods 2023;28:263-283. doi:10.1037/met0000445
    """
    full = [at_moments(each) if isinstance(each, Missing) else _bare(each) for each in samples]
    lost = [each.observed(each.mean, each.cov) for each in samples]
    spread = [
        curve if normal else each.meat(each.mean, each.cov)
        for each, curve in zip(samples, lost, strict=True)
    ]
    whole = [each.expected(each.mean, each.cov) for each in full]
    p = len(samples[0].mean)
    n = [each.n for each in samples]
    alone = [baseline.alone(each) for each in samples]
    under = sum(2 * one.n * one.value(*at) for one, at in zip(full, alone, strict=True))
    chisq = sum(
        2 * one.n * one.value(at.mean, at.cov) for one, at in zip(full, implied, strict=True)
    )
    base_df = len(samples) * p * (p - 1) // 2
    single = baseline.chosen(p)
    base = sum(
        _trace([single], [h], [meat], [w], [1])
        for h, meat, w in zip(lost, spread, whole, strict=True)
    )
    factor = _trace(jacobians, lost, spread, whole, n) / df
    return Compared(chisq, df, under, base_df, factor, base / base_df)


def _bare(sample: Likelihood) -> Likelihood:
    return moments(sample.n, sample.mean, sample.cov)


def _trace(
    jacobians: Sequence[Floats],
    lost: Sequence[Floats],
    spread: Sequence[Floats],
    whole: Sequence[Floats],
    n: Sequence[int],
) -> float:
    """Return tr(Q' W Q Gamma), where Q takes off what the model fits, over all groups.

    W is the complete-data information, Gamma the sampling error of the saturated moments, and
    Q = I - D (D' H D)^-1 D' H with H the information that is left by the missing answers.
    """
    shares = [each / sum(n) for each in n]
    groups = list(zip(shares, jacobians, lost, spread, whole, strict=True))
    bread = np.linalg.inv(sum(share * (d.T @ h @ d) for share, d, h, _, _ in groups))
    total = 0.0
    curve, filling, mixed = np.zeros_like(bread), np.zeros_like(bread), np.zeros_like(bread)
    for share, jacobian, h, meat, w in groups:
        half = np.linalg.solve(h, meat)
        gamma = np.linalg.solve(h, half.T)
        total += float((w * gamma).sum())
        curve += share * (jacobian.T @ w @ jacobian)
        filling += share * (jacobian.T @ meat @ jacobian)
        mixed += share * (jacobian.T @ w @ half @ jacobian)
    total -= 2 * float((bread * mixed).sum())
    return total + float(((bread @ curve @ bread) * filling).sum())
