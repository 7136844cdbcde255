"""DEBIT: do the mean and the SD of a yes-or-no variable belong together?"""

from __future__ import annotations

import math
from fractions import Fraction

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Descriptives, Published

NAME = "debit"


def reads(published: Published, context: Context) -> bool:
    """Return whether there is a mean and SD of a variable of two values."""
    return any(_binary(row, context) for row in published.descriptives)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare the SD of a variable with two values with the one its mean allows.

    .. math:: s = (b - a) \sqrt{\frac{n}{n - 1} p (1 - p)}, \quad p = \frac{M - a}{b - a}

    with the values a and b; the divisor n is allowed as well. Without a printed n, every n of two
    or more is allowed, which widens the interval upwards.

    Source: Heathers JAJ, Brown NJL. DEBIT: a simple consistency test for binary data (2019).
    https://osf.io/5vb3u/
    """
    found = []
    for row in published.descriptives:
        if row.sd is None or not _binary(row, context):
            continue
        allowed = sd_of_binary(row, context)
        if row.sd.span.meets(allowed):
            continue
        expected = (
            f"{allowed.low:.{row.sd.decimals + 1}f} to {allowed.high:.{row.sd.decimals + 1}f}"
        )
        text = (
            f"With two values the mean decides the SD: {expected}, over the rounding of the mean. "
            "It depends on everybody having one of the two values."
        )
        printed = f"mean {row.mean}, SD {row.sd}"
        found.append(Finding(NAME, row.where, printed, expected, "impossible", text))
    return found


def _binary(row: Descriptives, context: Context) -> bool:
    possible = context.possible(row.coded)
    if row.sd is None or row.sd.high < 0 or not possible.step:
        return False
    if possible.low is None or possible.high is None:
        return False
    return possible.step == Fraction(possible.high - possible.low).limit_denominator(10**6)


def sd_of_binary(row: Descriptives, context: Context) -> Span:
    """Return every SD that the printed mean of two values allows."""
    possible = context.possible(row.coded)
    low, high = float(possible.low or 0), float(possible.high or 0)
    ends = [min(max(float(end), low), high) for end in (row.mean.low, row.mean.high)]
    sizes = [(end - low) * (high - end) for end in ends]
    middle = (low + high) / 2
    if ends[0] <= middle <= ends[1]:
        sizes.append((middle - low) * (high - middle))
    n = row.n.whole if row.n is not None else 2
    larger = n / (n - 1) if n > 1 else 1.0
    return Span(math.sqrt(min(sizes)), math.sqrt(max(sizes) * larger))
