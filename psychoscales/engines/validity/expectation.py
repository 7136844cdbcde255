"""Hypotheses declared beforehand: ranges and orders of named numbers, and whether they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from psychoscales.results import number

Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Range:
    """That one named number lies between two ends, which belong to the range.

    Attributes:
        name: of the number.
        low, high: the ends; None for no end.
        beyond: whether the ends do not belong to it, as in "above 0".
    """

    name: str
    low: float | None = None
    high: float | None = None
    beyond: bool = False

    def holds(self, value: float) -> bool:
        """Return whether the value is in the range."""
        if self.beyond:
            return (self.low is None or value > self.low) and (
                self.high is None or value < self.high
            )
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Above:
    """That one named number is higher than another.

    Attributes:
        higher, lower: their names.
        size: whether their absolute values are compared.
    """

    higher: str
    lower: str
    size: bool = False

    def holds(self, higher: float, lower: float) -> bool:
        """Return whether it is."""
        return abs(higher) > abs(lower) if self.size else higher > lower


@dataclass(frozen=True)
class Verdict:
    """What became of a hypothesis.

    Attributes:
        expected: the hypothesis in words.
        found: the numbers it is about.
        confirmed: whether the estimates are as expected; None where one of them is not there.
        interval_inside: whether the whole interval lies in the range; None where the hypothesis
            is not of one range, or there is no interval.
    """

    expected: str
    found: str
    confirmed: bool | None
    interval_inside: bool | None = None


@dataclass(frozen=True)
class Expectation:
    """One hypothesis declared before the data were seen: it holds where all its parts do.

    Attributes:
        expected: the hypothesis in words.
        ranges: numbers that lie in a range.
        above: numbers that are higher than others.
    """

    expected: str
    ranges: tuple[Range, ...] = ()
    above: tuple[Above, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The numbers it is about, each once."""
        named = [each.name for each in self.ranges]
        for each in self.above:
            named += [each.higher, each.lower]
        return tuple(dict.fromkeys(named))

    def judged(
        self, values: Mapping[str, float | None], intervals: Mapping[str, Interval] | None = None
    ) -> Verdict:
        """Return whether the values are as expected.

        Args:
            values: name -> estimate; None where there is none.
            intervals: name -> the interval's ends, where there are any.
        """
        known = {name: values.get(name) for name in self.names}
        found = ", ".join(
            f"{name} {'-' if value is None else number(value)}" for name, value in known.items()
        )
        there = {name: value for name, value in known.items() if value is not None}
        if len(there) < len(known):
            return Verdict(self.expected, found, None)
        confirmed = all(each.holds(there[each.name]) for each in self.ranges)
        confirmed &= all(each.holds(there[each.higher], there[each.lower]) for each in self.above)
        return Verdict(self.expected, found, confirmed, self._inside(intervals or {}))

    def _inside(self, intervals: Mapping[str, Interval]) -> bool | None:
        if self.above or not self.ranges:
            return None
        ends = [(each, intervals.get(each.name, (None, None))) for each in self.ranges]
        if any(None in pair for _, pair in ends):
            return None
        return all(each.holds(end) for each, pair in ends for end in pair if end is not None)


def falling(names: Sequence[str], *, size: bool = False) -> tuple[Above, ...]:
    """Return that each named number is higher than the next."""
    return tuple(Above(higher, lower, size) for higher, lower in pairwise(names))


def share_confirmed(verdicts: Sequence[bool | None]) -> float | None:
    """Return the share of the judged hypotheses that were confirmed; None if none was judged."""
    judged = [each for each in verdicts if each is not None]
    return sum(judged) / len(judged) if judged else None
