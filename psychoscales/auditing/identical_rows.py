"""Do two variables have exactly the same counts, as when a row was copied?"""

from __future__ import annotations

import math
from itertools import combinations

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Frequencies, Published

NAME = "identical_rows"
UNLIKELY = 0.001


def reads(published: Published, _context: Context) -> bool:
    """Return whether there are two rows of frequencies, of two variables, in one table."""
    rows = {(row.analysis, row.variable) for row in published.frequencies}
    return len(rows) > len({analysis for analysis, _ in rows})


def check(published: Published, context: Context) -> list[Finding]:
    r"""Look for rows of one table with the same counts.

    Two independent rows of n people with shares p coincide with a probability of about

    .. math:: (4 \pi n)^{-(k - 1) / 2} \prod_j p_j^{-1/2}

    over the k categories that occur; rows are reported where this, times the number of pairs of
    rows, is below .001. Rows whose n differ contradict themselves: inconsistent. Rows of the same
    n are implausible only, because two variables may have the same counts.

    Source: the local limit theorem for the multinomial distribution.
    """
    found = []
    for analysis in dict.fromkeys(row.analysis for row in published.frequencies):
        rows = [row for row in published.frequencies if row.analysis == analysis]
        pairs = list(combinations(rows, 2))
        for one, two in pairs:
            if one.numbers == two.numbers and one.variable != two.variable:
                chance = min(1.0, coincidence(one) * len(pairs))
                if chance < UNLIKELY:
                    found.append(_copied(published, context, one, two, chance))
    return found


def coincidence(row: Frequencies) -> float:
    """Return about how probable it is that another row with the same shares has these counts."""
    counts = [count for count in row.numbers if count]
    n = sum(counts)
    if len(counts) < 2:
        return 1.0
    log = -(len(counts) - 1) / 2 * math.log(4 * math.pi * n)
    log -= sum(math.log(count / n) for count in counts) / 2
    return min(1.0, math.exp(log))


def _copied(
    published: Published, context: Context, one: Frequencies, two: Frequencies, chance: float
) -> Finding:
    copy, source = (one, two) if two.adds_up and not one.adds_up else (two, one)
    text = (
        f"{copy.variable} has the counts of {source.variable}; by chance that happens about once "
        f"in {_about(1 / chance)}."
    )
    if copy.n.whole != source.n.whole:
        text += (
            f" They sum to {sum(source.numbers)}, which is the n of "
            f"{source.variable if source.adds_up else 'neither'}; {copy.variable} has n = {copy.n}."
            f" The counts of {copy.variable} are missing from the paper."
        )
    different = _different_correlations(published, copy.variable, source.variable)
    if different:
        text += f" They are not one variable: {different}."
    certain = copy.n.whole != source.n.whole and not context.multiple(copy.variable)
    printed = ", ".join(str(count) for count in copy.counts)
    expected = f"other counts, of n = {copy.n}"
    verdict = "inconsistent" if certain else "implausible"
    return Finding(NAME, copy.where, printed, expected, verdict, text)  # type: ignore[arg-type]


def _about(times: float) -> str:
    digits = max(0, math.floor(math.log10(times)))
    return f"{round(times, -digits):,.0f}"


def _different_correlations(published: Published, one: str, two: str) -> str:
    for row in published.correlations:
        for name, other in ((row.column, row.row), (row.row, row.column)):
            twin = published.correlations_of(other, two) if name == one else None
            if twin is not None and not twin.r.span.meets(row.r.span):
                return f"with {other} they correlate {row.r} and {twin.r}"
    return ""
