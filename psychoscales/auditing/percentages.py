"""Is every percentage its count divided by its denominator? If not, which denominators fit?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Printed, rounded
from psychoscales.auditing.published import Frequencies, Proportion, Published

NAME = "percentages"
SHOWN = 4


def reads(published: Published, _context: Context) -> bool:
    """Return whether there are percentages."""
    return any(row.of.whole or row.count.whole for row in published.proportions) or any(
        row.percents and row.n.whole for row in published.frequencies
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare every printed percentage with 100 count / n, exactly.

    Where percentages of a row do not fit its n but all fit another denominator, that is one
    finding about the row; else each percentage that does not fit is one. Some programs make a row
    sum to exactly 100: all are cut off, and those that lost most get a unit more. Where that gives
    the printed row it is a note; where the row sums to 100 with each percentage within one unit of
    what rounding gives, as when one was changed by hand to that end, it is implausible.

    Source: Nuijten MB et al. Behav Res Methods 2016;48:1205-1226, on recomputing what is printed,
    doi:10.3758/s13428-015-0664-2; Balinski ML, Young HP. Fair representation, 2nd ed. 2001, on the
    method of largest remainders.
    """
    found = [each for row in published.proportions for each in _of_proportion(row)]
    for row in published.frequencies:
        found += _of_row(row, context)
    return found


def _share(count: int, n: int) -> Fraction:
    return Fraction(100 * count, n)


def _of_proportion(row: Proportion) -> list[Finding]:
    count, n = row.count.whole, row.of.whole
    printed = f"{row.percent} ({row.count}/{row.of})"
    if not n and not count:
        return []
    if count > n:
        text = f"{row.count} of {row.of}: a part cannot be larger than the whole."
        return [Finding(NAME, row.id, printed, f"at most {row.of}", "impossible", text)]
    exact = _share(count, n)
    if row.percent.holds(exact):
        return []
    text = (
        f"{count} of {n} is {rounded(exact, row.percent.decimals + 2)} per cent."
        f"{_cut(row.percent, exact)} It depends on the count and the denominator being right."
    )
    return [Finding(NAME, row.id, printed, row.percent.like(exact), "inconsistent", text)]


def _cut(percent: Printed, exact: Fraction) -> str:
    cut = f" {percent} is this number cut off instead of rounded."
    return cut if percent.cut_off(exact) else ""


def _of_row(row: Frequencies, context: Context) -> list[Finding]:
    if row.percents is None or not row.n.whole:
        return []
    wrong = _misfits(row.numbers, row.percents, row.n.whole)
    if not wrong:
        return []
    if _made_to_sum(row.percents, row):
        return [_summed(row, row.percents, wrong)]
    fitting = denominators(row, context)
    shown = [f"{row.percents[at]} ({row.numbers[at]}/{row.n})" for at in wrong]
    if fitting and len(row.numbers) > 1:
        others = ", ".join(str(n) for n in fitting[:SHOWN]) + (", ..." * (len(fitting) > SHOWN))
        summed = sum(row.numbers)
        also = f" {summed} is also the sum of the counts." if fitting == [summed] else ""
        text = (
            f"{len(wrong)} of {len(row.numbers)} percentages cannot come from n = {row.n} "
            f"({', '.join(shown)}); all of them fit {others}.{also} It depends on the counts "
            "and percentages being right."
        )
        expected = f"n = {others}"
        return [Finding(NAME, row.where, f"n = {row.n}", expected, "inconsistent", text)]
    found = []
    for at in wrong:
        exact, percent = _share(row.numbers[at], row.n.whole), row.percents[at]
        text = (
            f"{row.numbers[at]} of {row.n} is {rounded(exact, percent.decimals + 2)} per cent."
            f"{_cut(percent, exact)} No other denominator fits the whole row, so that the count "
            "or the percentage is wrong."
        )
        printed = f"{percent} ({row.numbers[at]}/{row.n})"
        where = f"{row.where}, category {at + 1}"
        found.append(Finding(NAME, where, printed, percent.like(exact), "inconsistent", text))
    return found


def _made_to_sum(percents: Sequence[Printed], row: Frequencies) -> bool:
    """Whether a row sums to 100, in counts and in percentages, each within a unit of its own."""
    exact = [_share(count, row.n.whole) for count in row.numbers]
    return (
        row.adds_up
        and len({percent.decimals for percent in percents}) == 1
        and sum(percent.value for percent in percents) == 100
        and all(
            abs(percent.value - share) <= 3 * percent.half
            for percent, share in zip(percents, exact, strict=True)
        )
    )


def largest_remainders(percents: Sequence[Printed], row: Frequencies) -> bool:
    """Return whether cutting off, and a unit more for what lost most, gives these percentages."""
    unit = 2 * percents[0].half
    lost = {False: [Fraction(0)], True: [unit]}
    for count, percent in zip(row.numbers, percents, strict=True):
        share = _share(count, row.n.whole)
        rest = share % unit
        more = (percent.value - (share - rest)) / unit
        if more not in (0, 1):
            return False
        lost[more == 1].append(rest)
    return max(lost[False]) <= min(lost[True])


def _summed(row: Frequencies, percents: Sequence[Printed], wrong: Sequence[int]) -> Finding:
    exact = {at: percents[at].like(_share(row.numbers[at], row.n.whole)) for at in wrong}
    each = ", ".join(f"{percents[at]} for {right}" for at, right in exact.items())
    text = f"Rounded one by one, the row is another ({each}), but printed it sums to exactly 100. "
    shown = ", ".join(f"{percents[at]} ({row.numbers[at]}/{row.n})" for at in wrong)
    expected = ", ".join(exact.values())
    if largest_remainders(percents, row):
        text += "Rounding by largest remainders, which some programs do to that end, gives it."
        return Finding(NAME, row.where, shown, expected, "note", text)
    text += (
        "Rounding by largest remainders would give another row; one was perhaps changed by hand."
    )
    return Finding(NAME, row.where, shown, expected, "implausible", text)


def _misfits(counts: Sequence[int], percents: Sequence[Printed], n: int) -> list[int]:
    return [
        at
        for at, (count, percent) in enumerate(zip(counts, percents, strict=True))
        if not percent.holds(_share(count, n))
    ]


def denominators(row: Frequencies, context: Context) -> list[int]:
    """Return every denominator that all percentages of a row fit, the nearest to n first."""
    if row.percents is None:
        return []
    smallest, largest = max(1, *row.numbers), max(2 * row.n.whole, context.people or 0)
    for count, percent in zip(row.numbers, row.percents, strict=True):
        if percent.high < 0 or (percent.low > 0 and not count):
            return []
        if percent.high > 0:
            smallest = max(smallest, math.ceil(100 * count / percent.high))
        if percent.low > 0:
            largest = min(largest, math.floor(100 * count / percent.low))
    return sorted(range(smallest, largest + 1), key=lambda n: (abs(n - row.n.whole), n))
