"""Is every printed number one that such a number can be at all?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from psychoscales.auditing.coding import elsewhere
from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Printed, Span
from psychoscales.auditing.published import Descriptives, Published, RegressionModel

NAME = "possible_values"
SHARE, UNIT = Span(0.0, 1.0), Span(-1.0, 1.0)
PER_CENT, SIZE = Span(0.0, 100.0), Span(0.0, math.inf)


@dataclass(frozen=True)
class Limited:
    """A printed number, what it can be, and why it can be nothing else."""

    where: str
    shown: str
    number: Printed
    limits: Span
    why: str

    @property
    def possible(self) -> bool:
        """Whether anything that rounds to the number lies within its limits."""
        return self.number.span.meets(self.limits)


def reads(published: Published, context: Context) -> bool:
    """Return whether there is a number with limits, or a mean with a minimum or maximum."""
    return any(True for _ in limited(published, context)) or any(
        len(_ordered(row)) > 1 for row in published.descriptives
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare every number with what it can be, whatever the data.

    .. math:: 0 \le p \le 1, \quad -1 \le r \le 1, \quad 0 \le R^2 \le 1, \quad F \ge 0, \quad
        SD \ge 0, \quad \alpha \le 1

    A percentage lies between 0 and 100, and the minimum and maximum of a score in its range.
    What breaks one of these is impossible. A mean lies between the printed minimum and maximum:
    there two numbers contradict each other. A B, beta, loading or t may be of any size, and
    alpha as far below 0 as it likes. Means outside the range of a score are left to `coding` and
    `grim`, which know of other codings.

    Source: the definitions.
    """
    found = [_impossible(one) for one in limited(published, context) if not one.possible]
    return found + [each for row in published.descriptives for each in _out_of_order(row)]


def limited(published: Published, context: Context) -> Iterator[Limited]:
    """Yield every printed number that has limits."""
    for row in published.descriptives:
        if row.sd is not None:
            why = "An SD is never below 0."
            yield Limited(row.where, f"SD {row.sd}", row.sd, SIZE, why)
        yield from _ends(row, context)
    for count in published.frequencies:
        for at, percent in enumerate(count.percents or ()):
            yield _percent(f"{count.where}, category {at + 1}", percent)
    for part in published.proportions:
        yield _percent(part.id, part.percent)
    for cell in published.correlations:
        why = "A correlation lies between -1 and 1."
        yield Limited(cell.where, f"r = {cell.r}", cell.r, UNIT, why)
        yield from _p(cell.where, cell.p)
    for test in published.regressions:
        yield from _p(test.where, test.p)
    for whole in published.regression_models:
        yield from _of_model(whole)
    for one in published.alphas:
        where = f"alpha: {one.score}"
        below = Span(-math.inf, 1.0)
        yield Limited(where, f"alpha = {one.alpha}", one.alpha, below, "Alpha is at most 1.")
        if one.mean_r is not None:
            why = "A mean of correlations lies between -1 and 1."
            yield Limited(where, f"mean r = {one.mean_r}", one.mean_r, UNIT, why)


def _p(where: str, p: Printed | None) -> Iterator[Limited]:
    if p is not None:
        yield Limited(where, f"P = {p}", p, SHARE, "A probability lies between 0 and 1.")


def _percent(where: str, percent: Printed) -> Limited:
    why = "The percentage of a part lies between 0 and 100."
    return Limited(where, f"{percent} per cent", percent, PER_CENT, why)


def _of_model(whole: RegressionModel) -> Iterator[Limited]:
    """Without an intercept, one of the two ways to compute R squared can give less than 0."""
    if whole.r_squared is not None:
        limits = Span(-math.inf, 1.0) if whole.intercept is False else SHARE
        why = "R squared lies between 0 and 1; only an adjusted one can be below 0."
        yield Limited(whole.where, f"R squared = {whole.r_squared}", whole.r_squared, limits, why)
    if whole.f is not None:
        yield Limited(whole.where, f"F = {whole.f}", whole.f, SIZE, "F is never below 0.")


def _ends(row: Descriptives, context: Context) -> Iterator[Limited]:
    """Yield the minimum and maximum of a variable whose range is known."""
    possible, facts = context.possible(row.coded), context.scores.get(row.coded)
    if possible.low is None or possible.high is None:
        return
    for name, number in (("minimum", row.min), ("maximum", row.max)):
        if number is not None:
            why = f"{row.coded} lies between {possible.low:g} and {possible.high:g}."
            why += elsewhere(float(number), facts) if facts is not None else ""
            limits = Span(possible.low, possible.high)
            yield Limited(row.where, f"{name} {number}", number, limits, why)


def _impossible(one: Limited) -> Finding:
    low, high = one.limits.low, one.limits.high
    expected = f"{low:g} to {high:g}"
    if math.isinf(high):
        expected = f"{low:g} or more"
    elif math.isinf(low):
        expected = f"at most {high:g}"
    return Finding(NAME, one.where, one.shown, expected, "impossible", one.why)


def _ordered(row: Descriptives) -> list[tuple[str, Printed]]:
    """Return what is printed of minimum, mean and maximum, in the order they must have."""
    named = (("minimum", row.min), ("mean", row.mean), ("maximum", row.max))
    return [(name, number) for name, number in named if number is not None]


def _out_of_order(row: Descriptives) -> list[Finding]:
    found = []
    for (name, low), (other, high) in combinations(_ordered(row), 2):
        if low.low > high.high:
            text = f"The {name} is larger than the {other}; one of them is wrong."
            shown, expected = f"{name} {low}, {other} {high}", f"{name} at most {high}"
            found.append(Finding(NAME, row.where, shown, expected, "inconsistent", text))
    return found
