"""Do the counts of a row sum to its n, and is no n larger than the sample?"""

from __future__ import annotations

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Published

NAME = "row_sums"


def reads(published: Published, _context: Context) -> bool:
    """Return whether there are frequencies."""
    return bool(published.frequencies)


def check(published: Published, context: Context) -> list[Finding]:
    """Compare the sum of every row of counts with its n, and its n with the sample.

    Rows of which several categories may hold of one person need not sum to n, but no count may
    exceed it. It assumes that every category is printed.
    """
    found = []
    for row in published.frequencies:
        total, n = sum(row.numbers), row.n.whole
        if context.multiple(row.variable):
            for at, count in enumerate(row.numbers):
                if count > n:
                    text = f"{count} of {n} people: a part cannot be larger than the whole."
                    where = f"{row.where}, category {at + 1}"
                    found.append(
                        Finding(NAME, where, str(count), f"at most {n}", "inconsistent", text)
                    )
        elif total != n:
            text = (
                f"The counts sum to {total}, {abs(total - n)} {'fewer' if total < n else 'more'} "
                f"than n = {n}. It depends on every category being printed."
            )
            found.append(Finding(NAME, row.where, f"n = {n}", f"n = {total}", "inconsistent", text))
        if context.people is not None and n > context.people:
            text = f"{n} people answered, of {context.people} who took part."
            expected = f"at most {context.people}"
            found.append(Finding(NAME, row.where, f"n = {n}", expected, "inconsistent", text))
    return found
