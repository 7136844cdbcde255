"""Two-sided p of t and of r, with what rounding leaves open."""

from __future__ import annotations

import math

from psychoscales.auditing.printed import Printed, Span, rounded


def p_of_t(t: float, df: float) -> float:
    """Return the two-sided p of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def p_of_r(r: float, n: float) -> float:
    r"""Return the two-sided p of a correlation of n pairs, by t = r sqrt((n - 2) / (1 - r^2))."""
    if abs(r) >= 1:
        return 0.0
    return p_of_t(r * math.sqrt((n - 2) / (1 - r * r)), n - 2)


def p_span_of_r(r: Printed, n: int) -> Span:
    """Return every p that a printed correlation of n pairs allows."""
    size = r.span.magnitude()
    return Span(p_of_r(min(size.high, 1.0), n), p_of_r(min(size.low, 1.0), n))


def p_span_of_t(t: Printed, df: int | None) -> Span:
    """Return every two-sided p that a printed t allows.

    Without df it is those of any df: the tails are lightest for the normal distribution, which is
    that of endlessly many degrees of freedom, and heaviest for one.
    """
    size = t.span.magnitude()
    return Span(p_of_t(size.high, df or math.inf), p_of_t(size.low, df or 1))


def p_text(p: float, decimals: int = 4) -> str:
    """Write a p; one that would round to nothing as what it is below ("< 0.0001")."""
    if 2 * p * 10**decimals >= 1:
        return rounded(p, decimals)
    return f"< {rounded(10.0**-decimals, decimals)}"


def p_between(span: Span, decimals: int = 4) -> str:
    """Write the ends of every p that is allowed; one text where both are the same."""
    low, high = p_text(span.low, decimals), p_text(span.high, decimals)
    return high if low == high else f"{low} to {high}"
