"""Intervals: which hold for what, and the numbers of people they are from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
ROUNDING = 1e-9
"""Standard errors of coefficients below this are rounding errors."""


def normal_quantile(level: float) -> float:
    """Return z of a two-sided interval: 1.96 at level .95."""
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, not {level}")
    return float(ndtri((1 + level) / 2))


def standard_error(influence: Floats, counts: npt.NDArray[np.int64]) -> float:
    r"""Return the distribution-free standard error of a coefficient from people's influence on it.

    .. math:: \sqrt{\frac{1}{n (n - 1)} \sum_i (u_i - \bar u)^2}

    where u_i is the coefficient's gradient times person i's deviation from the covariances, so
    that no distribution of the answers is assumed. The distribution-free interval is the value
    and z of these on either side.

    Args:
        influence: u of each distinct pattern [m], but for a constant.
        counts: people per pattern [m].

    Raises:
        RefusalError: fewer than three people, or nobody varies.

    Source:
        Maydeu-Olivares A, Coffman DL, Hartmann WM. Asymptotically distribution-free (ADF)
        interval estimation of coefficient alpha. Psychol Methods 2007;12:157-176.
        doi:10.1037/1082-989X.12.2.157
    """
    n = int(counts.sum())
    if n < 3:
        raise RefusalError(f"an interval needs three people or more, not {n}")
    centred = influence - float(counts @ influence) / n
    se = float(np.sqrt((counts @ centred**2) / (n * (n - 1))))
    if not se > ROUNDING:
        raise RefusalError("nobody's answers differ in what the coefficient is about")
    return se


def duhachek_iacobucci(alpha: float, cov: Floats, n: int, level: float) -> tuple[float, float]:
    r"""Return Duhachek and Iacobucci's interval of raw alpha: normal answers, any covariances.

    .. math:: \alpha \pm z \sqrt{Q / n}, \quad Q = \frac{2 k^2}{(k - 1)^2 (\sum C)^3} \left[
        \sum C\, (\operatorname{tr} C^2 + (\operatorname{tr} C)^2)
        - 2 \operatorname{tr} C \sum C^2 \right]

    Args:
        alpha: raw alpha of covariances.
        cov: the covariances [k, k].
        n: people.
        level: confidence level, such as .95.

    Source:
        Duhachek A, Iacobucci D. Alpha's standard error (ASE): an accurate and precise confidence
        interval estimate. J Appl Psychol 2004;89:792-808. doi:10.1037/0021-9010.89.5.792. Agrees
        with psych::alpha (ase) to 1e-10.
    """
    k, square = len(cov), cov @ cov
    total, trace = float(cov.sum()), float(np.trace(cov))
    if n < 3:
        raise RefusalError(f"an interval needs three people or more, not {n}")
    inner = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
    half = normal_quantile(level) * float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * inner / n))
    return alpha - half, alpha + half


def feldt(alpha: float, n: int, items: int, level: float) -> tuple[float, float]:
    r"""Return Feldt's interval of raw alpha: exact for normal, tau-equivalent items.

    .. math:: 1 - (1 - \alpha) F_{(1 \pm level)/2;\ n - 1,\ (n - 1)(k - 1)}

    Args:
        alpha: raw alpha of covariances.
        n: people.
        items: number of items, k.
        level: confidence level, such as .95.

    Source:
        Feldt LS, Woodruff DJ, Salih FA. Statistical inference for coefficient alpha. Appl Psychol
        Meas 1987;11:93-103. doi:10.1177/014662168701100107. Agrees with psych::alpha.ci.
    """
    from scipy.special import fdtri

    if n < 3:
        raise RefusalError(f"an interval needs three people or more, not {n}")
    tail, df1, df2 = (1 - level) / 2, n - 1, (n - 1) * (items - 1)
    low = 1 - (1 - alpha) * float(fdtri(df1, df2, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(df1, df2, tail))
    return low, high
