"""Numbers as a paper prints them: the text, and the true values that round to it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

PATTERN = re.compile(r"(?P<relation>[<>]?)=?(?P<number>-?(\d+(\.\d*)?|\.\d+))%?")
THOUSANDS = re.compile(r"(?<![\d.,])([1-9]\d{0,2}(?:,\d{3})+)(?![\d,])")
SLACK = 1e-9


@dataclass(frozen=True)
class Span:
    """The numbers between `low` and `high`, both included; ends may be infinite."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        slack = SLACK * max(1.0, abs(value))
        return self.low - slack <= value <= self.high + slack

    def meets(self, other: Span) -> bool:
        """Return whether some number lies in both."""
        slack = SLACK * max(1.0, abs(self.low) if math.isfinite(self.low) else 1.0)
        return self.low <= other.high + slack and other.low <= self.high + slack

    def over(self, other: Span) -> Span:
        """Return the magnitudes of quotients: of the magnitudes of this by those of `other`."""
        one, two = self.magnitude(), other.magnitude()
        low = 0.0 if math.isinf(two.high) else one.low / two.high if two.high else math.inf
        return Span(low, one.high / two.low if two.low else math.inf)

    def times(self, other: Span) -> Span:
        """Return every product of a number of this and one of `other`; both finite."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Span(min(ends), max(ends))

    def magnitude(self) -> Span:
        """Return the absolute values."""
        ends = sorted((abs(self.low), abs(self.high)))
        return Span(0.0 if self.low <= 0 <= self.high else ends[0], ends[1])


@dataclass(frozen=True)
class Printed:
    """A number as it was printed.

    `low` and `high` bound the true values that round to it: half a unit of the last printed
    decimal either way, both ends included, because a tie goes up in some programs and to the even
    digit in others. Cutting off is not rounding: a check may say that it explains a number, but
    it excuses none.

    Attributes:
        text: as printed, such as "-.04".
        value: exactly what the text says.
        decimals: how many were printed; 2 for "-.04".
        relation: "=", or "<" or ">" where only a bound was printed ("<.001").
    """

    text: str
    value: Fraction
    decimals: int
    relation: Literal["=", "<", ">"] = "="

    @property
    def half(self) -> Fraction:
        """Half a unit of the last decimal."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def low(self) -> Fraction:
        """The smallest number that rounds to this one."""
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        """The largest number that rounds to this one."""
        return self.value + self.half

    @property
    def span(self) -> Span:
        """The true values that the text allows, as floats."""
        if self.relation == "<":
            return Span(-math.inf, float(self.value))
        if self.relation == ">":
            return Span(float(self.value), math.inf)
        return Span(float(self.low), float(self.high))

    @property
    def sign(self) -> int:
        """1 or -1 as printed; 0 where every printed digit is 0."""
        return (self.value > 0) - (self.value < 0)

    @property
    def whole(self) -> int:
        """The number where it is a whole one."""
        return int(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        return self.text

    def holds(self, exact: Fraction | float) -> bool:
        """Return whether `exact` rounds to this; a fraction exactly, a float within 1e-9."""
        if isinstance(exact, Fraction) and self.relation == "=":
            return self.low <= exact <= self.high
        return float(exact) in self.span

    def cut_off(self, exact: Fraction) -> bool:
        """Return whether cutting `exact` off after the printed decimals gives this."""
        return Fraction(math.trunc(exact * 10**self.decimals), 10**self.decimals) == self.value

    def like(self, exact: Fraction | float) -> str:
        """Write another number with as many decimals as this one has."""
        return rounded(exact, self.decimals)


def rounded(exact: Fraction | float, decimals: int) -> str:
    """Write a number with so many decimals, ties away from zero."""
    if not isinstance(exact, Fraction) and not math.isfinite(exact):
        return str(exact)
    scaled = abs(Fraction(exact)) * 10**decimals
    units = math.floor(scaled + Fraction(1, 2))
    text = str(units).rjust(decimals + 1, "0")
    text = f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text
    return f"-{text}" if exact < 0 and units else text


def printed(text: str) -> Printed:
    """Read a number as printed: "12.38", "-.04", "23,864", "1.46%", "<.001".

    Raises:
        ValueError: it is no number. "0,048" is none: a comma parts thousands only.
    """
    plain = text.replace("\N{MINUS SIGN}", "-").replace(" ", "")
    plain = THOUSANDS.sub(lambda grouped: grouped[0].replace(",", ""), plain)
    found = PATTERN.fullmatch(plain)
    if found is None:
        raise ValueError(f"'{text}' is no printed number")
    number = found["number"]
    relation: Any = found["relation"] or "="
    decimals = len(number.partition(".")[2])
    return Printed(text, Fraction(number), decimals, relation)


def _read(value: Any) -> Printed | None:
    if isinstance(value, Printed):
        return value
    try:
        return printed(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _bound(value: Any) -> Printed:
    number = _read(value)
    if number is None:
        raise PydanticCustomError(
            "printed_bound",
            "a p as printed, in quotes so that it keeps its decimals: '.034', '<.05' or '>.05'; "
            "leave it out where only words are printed",
        )
    return number


def _exact(value: Any) -> Printed:
    number = _read(value)
    if number is None:
        raise PydanticCustomError(
            "printed",
            "a number as printed, in quotes so that it keeps its decimals, such as '0.048'",
        )
    if number.relation != "=":
        raise PydanticCustomError("printed_exact", "a number, not a bound; only p may be '<.001'")
    return number


def _count(value: Any) -> Printed:
    number = _exact(value)
    if number.decimals or number.value < 0:
        raise PydanticCustomError("printed_count", "a count as printed, in quotes, such as '341'")
    return number


_WRITTEN = (PlainSerializer(str), WithJsonSchema({"type": "string"}))
Value = Annotated[Printed, PlainValidator(_exact), *_WRITTEN]
Bound = Annotated[Printed, PlainValidator(_bound), *_WRITTEN]
Count = Annotated[Printed, PlainValidator(_count), *_WRITTEN]
