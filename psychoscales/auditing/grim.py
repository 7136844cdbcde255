"""GRIM: can n whole numbers have this mean?"""

from __future__ import annotations

from psychoscales.auditing.context import Context, Possible
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.grids import Grid, grid, outside, sizes
from psychoscales.auditing.printed import Printed, rounded
from psychoscales.auditing.published import Descriptives, Published

NAME = "grim"


def reads(published: Published, context: Context) -> bool:
    """Return whether there is a mean of values whose steps are known, in their range."""
    return any(_stepped(row, context) for row in published.descriptives)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Ask whether a sum of n values on the score's grid gives the printed mean.

    A mean of n values that lie h apart is a multiple of h / n (h = 1 for a sum of integer items,
    1 / k for a mean of k of them; smaller where the missing rule also scores incomplete answers).
    Where h / n is not larger than one unit of the last printed decimal every mean passes, and the
    check says that it has no power. A score's mean outside its range is left to `coding`.

    Source: Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369.
    doi:10.1177/1948550616673876
    """
    found, powerless = [], []
    for row in published.descriptives:
        possible = context.possible(row.coded)
        if not _stepped(row, context) or possible.step is None or possible.finest is None:
            continue
        if outside(row, possible):
            found.append(_outside(row, possible))
            continue
        ns = sizes(row, context)
        finest = [grid(possible, n, possible.finest) for n in ns]
        if finest and not any(one.sums(row.mean) for one in finest):
            found.append(_impossible(row, finest))
        elif not finest or row.n is None or finest[-1].spacing <= 2 * row.mean.half:
            powerless.append((row, grid(possible, ns[-1], possible.step) if ns else None))
        elif not grid(possible, ns[-1], possible.step).sums(row.mean):
            text = (
                f"No {row.n} people who answered everything have this mean; it needs scores of "
                "incomplete answers, which the missing rule of the scale allows."
            )
            found.append(Finding(NAME, row.where, f"mean {row.mean}", "", "note", text))
    return [*found, *_no_power(powerless)]


def _stepped(row: Descriptives, context: Context) -> bool:
    possible = context.possible(row.coded)
    if possible.step is None or possible.finest is None:
        return False
    return row.coded not in context.scores or not outside(row, possible)


def _outside(row: Descriptives, possible: Possible) -> Finding:
    expected = f"{possible.low:g} to {possible.high:g}"
    text = f"{row.coded} lies between {possible.low:g} and {possible.high:g}."
    return Finding(NAME, row.where, f"mean {row.mean}", expected, "impossible", text)


def _impossible(row: Descriptives, grids: list[Grid]) -> Finding:
    one, mean = grids[-1], row.mean
    below = (mean.value - one.origin) // one.spacing * one.spacing + one.origin
    nearest = [rounded(value, mean.decimals + 2) for value in (below, below + one.spacing)]
    known = f"n = {row.n}" if row.n is not None else f"any n up to {one.n}"
    text = (
        f"The values lie {rounded(one.step, 4)} apart, so that with {known} the nearest means are "
        f"{nearest[0]} and {nearest[1]}. It depends on n and on how the score is made."
    )
    expected = " or ".join(nearest)
    return Finding(NAME, row.where, f"mean {row.mean}", expected, "impossible", text)


def _no_power(rows: list[tuple[Descriptives, Grid | None]]) -> list[Finding]:
    if not rows:
        return []
    said = []
    for row, one in rows:
        if one is None:
            said.append(f"{row.variable}: n is not known")
            continue
        n = f"n = {one.n}" if row.n is not None else f"n not printed, at most {one.n}"
        apart = f"means lie {rounded(one.spacing, 4)} apart, {_unit(row.mean)} is printed"
        said.append(f"{row.variable}: {n}; {apart}")
    where = ", ".join(dict.fromkeys(row.analysis for row, _ in rows))
    printed = ", ".join(str(row.mean) for row, _ in rows)
    text = f"Any mean with these decimals passes. {'. '.join(said)}."
    return [Finding(NAME, where, printed, "", "no_power", text)]


def _unit(number: Printed) -> str:
    return rounded(2 * number.half, number.decimals)
