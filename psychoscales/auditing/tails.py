"""Two-sided p of t and of r, with what rounding leaves open, and corrections for many tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

from psychoscales.auditing.printed import Printed, Span


def p_of_t(t: float, df: float) -> float:
    """Return the two-sided p of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def p_of_f(f: float, df1: float, df2: float) -> float:
    """Return the upper tail of F."""
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, f))


def p_of_r(r: float, n: float) -> float:
    r"""Return the two-sided p of a correlation of n pairs, by t = r sqrt((n - 2) / (1 - r^2))."""
    if abs(r) >= 1:
        return 0.0
    return p_of_t(r * math.sqrt((n - 2) / (1 - r * r)), n - 2)


def p_span_of_r(r: Printed, n: int) -> Span:
    """Return every p that a printed correlation of n pairs allows."""
    size = r.span.magnitude()
    return Span(p_of_r(min(size.high, 1.0), n), p_of_r(min(size.low, 1.0), n))


def p_span_of_t(t: Printed, df: int) -> Span:
    """Return every two-sided p that a printed t allows."""
    size = t.span.magnitude()
    return Span(p_of_t(size.high, df), p_of_t(size.low, df))


def holm(p: Sequence[float]) -> list[float]:
    """Return p adjusted by Holm's step-down method, in the order given.

    Source: Holm S. Scand J Stat 1979;6:65-70. https://www.jstor.org/stable/4615733
    """
    order = sorted(range(len(p)), key=lambda at: p[at])
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, at in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[at]))
        adjusted[at] = largest
    return adjusted


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return p adjusted for the false discovery rate, in the order given.

    Source: Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
    doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    order = sorted(range(len(p)), key=lambda at: p[at])
    adjusted, smallest = [0.0] * len(p), 1.0
    for rank in range(len(p), 0, -1):
        at = order[rank - 1]
        smallest = min(smallest, len(p) / rank * p[at])
        adjusted[at] = smallest
    return adjusted
