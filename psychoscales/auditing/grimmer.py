"""GRIMMER: can n whole numbers have this mean and this SD together?"""

from __future__ import annotations

from fractions import Fraction

from psychoscales.auditing.context import Context, Possible
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.grids import grid, outside
from psychoscales.auditing.printed import Printed
from psychoscales.auditing.published import Descriptives, Published

NAME = "grimmer"


def reads(published: Published, context: Context) -> bool:
    """Return whether there is a mean and SD of values whose steps are known."""
    return any(_open(row, context) for row in published.descriptives)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Ask whether a sum and a sum of squares of n values on the grid give mean and SD.

    In units of the grid the sum S and the sum of squares Q are whole, Q is even where S is, and
    Q = (n - 1) s^2 + S^2 / n (or n s^2 + ..., for programs that divide by n) must round to the
    printed SD within the range of the score. Where whole numbers lie so dense that any SD passes
    the check says that it has no power. Means that GRIM excludes are left to it.

    Source: Anaya J. PeerJ Preprints 2016;4:e2400v1. doi:10.7287/peerj.preprints.2400v1. The third
    condition, on the parity of Q, is that of Allard A (2018), https://aurelienallard.netlify.app
    """
    found, powerless = [], []
    for row in published.descriptives:
        possible = context.possible(row.coded)
        if row.sd is None or possible.step is None or possible.finest is None:
            continue
        if not _open(row, context):
            continue
        if row.n is None or _dense(row, row.sd, possible.finest):
            powerless.append(row)
            continue
        n, printed = row.n.whole, f"mean {row.mean}, SD {row.sd}"
        if not _pairs(possible, n, possible.finest, row.mean, row.sd):
            text = (
                f"No {n} values of this score have this mean and this SD, divided by n - 1 or by "
                "n. It depends on n and on how the score is made."
            )
            found.append(Finding(NAME, row.where, printed, "", "impossible", text))
        elif not _pairs(possible, n, possible.step, row.mean, row.sd):
            text = "Only scores of incomplete answers give this pair; the missing rule allows them."
            found.append(Finding(NAME, row.where, printed, "", "note", text))
    if powerless:
        where = ", ".join(dict.fromkeys(row.analysis for row in powerless))
        shown = ", ".join(str(row.sd) for row in powerless)
        text = "Any SD with these decimals passes: "
        text += "; ".join(_why(row) for row in powerless) + "."
        found.append(Finding(NAME, where, shown, "", "no_power", text))
    return found


def _open(row: Descriptives, context: Context) -> bool:
    """Whether a row has an SD of values whose steps are known, and a mean that they can have."""
    possible = context.possible(row.coded)
    if row.sd is None or row.sd.high < 0 or possible.step is None or possible.finest is None:
        return False
    if outside(row, possible):
        return False
    n = row.n.whole if row.n is not None else 0
    return not n or bool(grid(possible, n, possible.finest).sums(row.mean))


def _why(row: Descriptives) -> str:
    return f"{row.variable}, " + ("n is not printed" if row.n is None else f"n = {row.n}")


def _dense(row: Descriptives, sd: Printed, step: Fraction) -> bool:
    """Whether every rounded SD spans two whole sums of squares, and every mean a sum."""
    if row.n is None or not row.n.whole:
        return True
    n = row.n.whole
    span = (n - 1) * (sd.high**2 - max(sd.low, Fraction(0)) ** 2) / step**2
    return step / n <= 2 * row.mean.half and span >= 2


def _pairs(possible: Possible, n: int, step: Fraction, mean: Printed, sd: Printed) -> int:
    one = grid(possible, n, step)
    return sum(one.pairs(mean, sd, divisor) for divisor in {max(n - 1, 1), n})
