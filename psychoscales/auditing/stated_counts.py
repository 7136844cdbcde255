"""Does a list have as many things as the text says?"""

from __future__ import annotations

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Published

NAME = "stated_counts"


def reads(published: Published, _context: Context) -> bool:
    """Return whether there are lists."""
    return bool(published.lists)


def check(published: Published, _context: Context) -> list[Finding]:
    """Compare the stated number of options, items or groups with the number listed."""
    return [
        Finding(
            NAME,
            row.id,
            str(row.stated),
            str(row.listed),
            "inconsistent",
            f"The text says {row.stated} and lists {row.listed}"
            + (f': "{row.quote}".' if row.quote else "."),
        )
        for row in published.lists
        if row.stated.whole != row.listed
    ]
