"""Which sums, and sums of squares, of n values on a grid give a printed mean and SD."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from psychoscales.auditing.context import Context, Possible
from psychoscales.auditing.printed import Printed
from psychoscales.auditing.published import Descriptives


@dataclass(frozen=True)
class Grid:
    """n people, each with a value `origin` + `step` j, j = 0 .. `top` (None: no end)."""

    n: int
    origin: Fraction
    step: Fraction
    top: int | None

    @property
    def spacing(self) -> Fraction:
        """The distance between neighbouring means."""
        return self.step / self.n

    def sums(self, mean: Printed) -> range:
        """Return every sum of the j of all people that gives the printed mean."""
        low = math.ceil((mean.low - self.origin) / self.spacing)
        high = math.floor((mean.high - self.origin) / self.spacing)
        if self.top is not None:
            low, high = max(low, 0), min(high, self.n * self.top)
        return range(low, high + 1)

    def squares(self, total: int, sd: Printed, divisor: int) -> range:
        """Return every sum of squares of the j that gives the printed SD, given their sum.

        A sum of squares is even where the sum is, lies above total^2 / n, and is largest where
        people stand at both ends of the range.
        """
        around = Fraction(total * total, self.n)
        low = math.ceil(around + divisor * (max(sd.low, Fraction(0)) / self.step) ** 2)
        high = math.floor(around + divisor * (sd.high / self.step) ** 2)
        each, more = divmod(total, self.n)
        low = max(low, (self.n - more) * each**2 + more * (each + 1) ** 2)
        if self.top is not None:
            full, rest = divmod(total, self.top)
            high = min(high, full * self.top**2 + rest**2)
        return range(low + (low - total) % 2, high + 1, 2)

    def pairs(self, mean: Printed, sd: Printed, divisor: int) -> int:
        """Return how many pairs of a sum and a sum of squares give the printed mean and SD."""
        return sum(len(self.squares(total, sd, divisor)) for total in self.sums(mean))


def grid(possible: Possible, n: int, step: Fraction) -> Grid:
    """Return the grid of n people's values."""
    origin = Fraction(possible.low or 0).limit_denominator(10**6)
    if possible.low is None or possible.high is None:
        return Grid(n, origin, step, None)
    width = Fraction(possible.high).limit_denominator(10**6) - origin
    return Grid(n, origin, step, math.floor(width / step))


def sizes(row: Descriptives, context: Context) -> range:
    """Return every n that a mean and SD can be of: the printed one, else up to the sample's."""
    if row.n is not None:
        return range(row.n.whole, row.n.whole + 1) if row.n.whole else range(0)
    return range(2, (context.people or 1) + 1)


def outside(row: Descriptives, possible: Possible) -> bool:
    """Return whether a printed mean lies outside the values that a person can have."""
    above = possible.high is not None and float(row.mean.low) > possible.high
    return above or (possible.low is not None and float(row.mean.high) < possible.low)
