"""Is the SD larger than a score of this range and this mean can have?"""

from __future__ import annotations

import math

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import rounded
from psychoscales.auditing.published import Descriptives, Published

NAME = "largest_sd"


def reads(published: Published, context: Context) -> bool:
    """Return whether there is an SD of values whose range is known."""
    return any(_ends(row, context) for row in published.descriptives)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare the SD with the largest and, where minimum and maximum are printed, the smallest.

    .. math:: s \le \sqrt{\frac{n}{n - 1} (M - a)(b - M)}, \quad
        s \ge \frac{max - min}{\sqrt{2 (n - 1)}}

    for values from a to b (as printed, else those of the score). Without a printed n the sample's
    size is taken: a larger SD is then implausible, or impossible if two people could not have it.

    Source: Bhatia R, Davis C. Am Math Mon 2000;107:353-357. doi:10.1080/00029890.2000.12005203
    """
    return [each for row in published.descriptives for each in _of_row(row, context)]


def _ends(row: Descriptives, context: Context) -> tuple[float, float] | None:
    """Return the range of a row with an SD; None where SD, mean or n leave nothing to compare."""
    if row.sd is None or row.sd.high < 0 or (row.n is not None and row.n.whole < 2):
        return None
    possible = context.possible(row.coded)
    low = possible.low if row.min is None else float(row.min.low)
    high = possible.high if row.max is None else float(row.max.high)
    if low is None or high is None:
        return None
    return (low, high) if low <= float(row.mean.high) and float(row.mean.low) <= high else None


def largest(row: Descriptives, low: float, high: float, n: int) -> float:
    """Return the largest SD (divisor n - 1) of n values from low to high with the printed mean."""
    mean = min(max((low + high) / 2, float(row.mean.low)), float(row.mean.high))
    size = max(0.0, (mean - low) * (high - mean))
    return math.sqrt(size * n / (n - 1)) if n > 1 else 0.0


def _of_row(row: Descriptives, context: Context) -> list[Finding]:
    ends = _ends(row, context)
    if row.sd is None or ends is None:
        return []
    low, high = ends
    n = row.n.whole if row.n is not None else context.people or 2
    most, printed = largest(row, low, high, n), f"SD {row.sd}"
    if float(row.sd.low) > most * (1 + 1e-9):
        of_two = row.n is not None or float(row.sd.low) > largest(row, low, high, 2)
        text = (
            f"Values from {low:g} to {high:g} with mean {row.mean} have an SD of at most "
            f"{rounded(most, row.sd.decimals)} (n = {n}). It depends on the range"
            + ("." if row.n is not None else f" and, n not being printed, on n being about {n}.")
        )
        expected = f"at most {rounded(most, row.sd.decimals)}"
        verdict = "impossible" if of_two else "implausible"
        return [Finding(NAME, row.where, printed, expected, verdict, text)]  # type: ignore[arg-type]
    if row.min is None or row.max is None or row.n is None:
        return []
    apart = max(0.0, float(row.max.low - row.min.high))
    least = apart / math.sqrt(2 * n)
    if float(row.sd.high) < least * (1 - 1e-9):
        text = (
            f"One person at {row.min} and one at {row.max} alone give {n} people an SD of "
            f"{rounded(least, row.sd.decimals)} or more."
        )
        expected = f"at least {rounded(least, row.sd.decimals)}"
        return [Finding(NAME, row.where, printed, expected, "inconsistent", text)]
    return []
