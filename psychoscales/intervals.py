"""Intervals: which hold for what, and the numbers of people they are from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


def normal_quantile(level: float) -> float:
    """Return z of a two-sided interval: 1.96 at level .95."""
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, not {level}")
    return float(ndtri((1 + level) / 2))


def distribution_free(
    value: float, influence: Floats, counts: npt.NDArray[np.int64], level: float
) -> tuple[float, float]:
    r"""Return the Wald interval of a coefficient from each person's influence on it.

    .. math:: value \pm z \sqrt{\frac{1}{n (n - 1)} \sum_i u_i^2}

    where u_i is the coefficient's gradient times person i's deviation from the covariances, so
    that no distribution of the answers is assumed.

    Args:
        value: the coefficient.
        influence: u of each distinct pattern [m].
        counts: people per pattern [m].
        level: confidence level, such as .95.

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
    if se == 0:
        raise RefusalError("nobody's answers differ in what the coefficient is about")
    half = normal_quantile(level) * se
    return value - half, value + half


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
