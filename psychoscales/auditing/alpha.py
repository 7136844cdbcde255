"""Does alpha agree with the number of items and their mean correlation?"""

from __future__ import annotations

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Alpha, Published

NAME = "alpha"
FAR = 0.05


def reads(published: Published, context: Context) -> bool:
    """Return whether an alpha comes with a mean correlation, or items of a scale that is known."""
    return any(
        (row.items is not None and row.score in context.scores)
        or (row.mean_r is not None and _items(row, context) > 1)
        for row in published.alphas
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare alpha with the number of items k and their mean correlation.

    .. math:: \alpha = \frac{k \bar r}{1 + (k - 1) \bar r}

    That is standardized alpha. Raw alpha, which papers print, equals it where all items have one
    SD and is usually within a few hundredths: a difference of up to .05 beyond rounding says
    nothing, a larger one is implausible. The number of items must be the scale's. An alpha above
    1 is left to `possible_values`.

    Source: Cronbach LJ. Psychometrika 1951;16:297-334. doi:10.1007/BF02310555
    """
    found = []
    for row in published.alphas:
        where, facts = f"alpha: {row.score}", context.scores.get(row.score)
        if row.items is not None and facts is not None and row.items.whole != facts.items:
            text = f"The scale has {facts.items} items, if it is the one that was used."
            shown, expected = f"{row.items} items", f"{facts.items} items"
            found.append(Finding(NAME, where, shown, expected, "inconsistent", text))
        found += _of_mean_r(row, where, context)
    return found


def standardized(items: int, mean_r: float) -> float:
    """Return standardized alpha of `items` items with this mean correlation."""
    return items * mean_r / (1 + (items - 1) * mean_r)


def _items(row: Alpha, context: Context) -> int:
    facts = context.scores.get(row.score)
    return row.items.whole if row.items is not None else facts.items if facts else 0


def _of_mean_r(row: Alpha, where: str, context: Context) -> list[Finding]:
    items = _items(row, context)
    if row.mean_r is None or items < 2 or row.mean_r.low > 1 or row.alpha.low > 1:
        return []
    lowest = -1 / (items - 1)
    if float(row.mean_r.high) < lowest:
        text = f"The mean correlation of {items} items lies between {lowest:.3f} and 1."
        shown = f"mean r = {row.mean_r}"
        return [Finding(NAME, where, shown, f"{lowest:.3f} to 1", "impossible", text)]
    low, high = (
        standardized(items, max(float(end), lowest + 1e-9))
        for end in (row.mean_r.low, row.mean_r.high)
    )
    if row.alpha.span.meets(Span(low - FAR, high + FAR)):
        return []
    text = (
        f"{items} items with a mean correlation of {row.mean_r} have a standardized alpha of "
        f"{low:.3f} to {high:.3f}. Raw alpha is as far from it only where the items' SDs differ "
        "greatly."
    )
    expected = f"{low:.3f} to {high:.3f}"
    return [Finding(NAME, where, f"alpha = {row.alpha}", expected, "implausible", text)]
