"""Limits of noncentrality: which effects a t or an F statistic is compatible with."""

from __future__ import annotations

from collections.abc import Callable

from psychoscales.errors import RefusalError

NEAR = 1e-13
FARTHEST = 1e8


def t_limits(t: float, df: float, level: float) -> tuple[float, float]:
    r"""Return the noncentralities of t that leave (1 - level) / 2 on either side of it.

    .. math:: F(t;\ \nu, \delta_L) = 1 - \alpha/2, \quad F(t;\ \nu, \delta_U) = \alpha/2

    Source:
        Steiger JH, Fouladi RT. Noncentrality interval estimation and the evaluation of
        statistical models. In: What if there were no significance tests? Erlbaum 1997.
    """
    from scipy.special import nctdtr

    if t < 0:
        low, high = t_limits(-t, df, level)
        return -high, -low
    tail = (1 - level) / 2

    def share(delta: float) -> float:
        # The library's sums lose the lower tail of a negative noncentrality: turn the sign.
        if delta < 0:
            return 1 - float(nctdtr(df, -delta, -t))
        return float(nctdtr(df, delta, t))

    step = 1 + 0.1 * t
    low = _solved(share, 1 - tail, t - step, t, step)
    return low, _solved(share, tail, t, t + step, step)


def f_limits(f: float, df1: float, df2: float, level: float) -> tuple[float, float]:
    r"""Return the noncentralities of F that leave (1 - level) / 2 on either side of it.

    An end is 0 where even no effect makes so small an F that unlikely.

    Source:
        Steiger JH. Beyond the F test. Psychol Methods 2004;9:164-182.
        doi:10.1037/1082-989X.9.2.164
    """
    from scipy.special import fdtr, ncfdtr

    def share(delta: float) -> float:
        return float(ncfdtr(df1, df2, delta, f)) if delta > 0 else float(fdtr(df1, df2, f))

    tail, found = (1 - level) / 2, []
    for wanted in (1 - tail, tail):
        if share(0.0) <= wanted:
            found.append(0.0)
        else:
            step = 1 + df1 * f
            found.append(_solved(share, wanted, 0.0, step, step))
    return found[0], found[1]


def _solved(
    share: Callable[[float], float], wanted: float, low: float, high: float, step: float
) -> float:
    """Return where the falling function is `wanted`, searching outwards from low .. high."""
    from scipy.optimize import brentq

    away = step
    while share(low) < wanted and low > 0 - FARTHEST:
        low, away = low - away, 2 * away
    away = step
    while share(high) > wanted and high < FARTHEST:
        high, away = high + away, 2 * away
    ends = share(low) - wanted, share(high) - wanted
    if not ends[0] >= 0 >= ends[1]:
        raise RefusalError("the statistic is too large for a noncentral interval")
    found: float = brentq(
        lambda delta: share(delta) - wanted, low, high, xtol=NEAR * max(1.0, high), rtol=1e-14
    )
    return found
