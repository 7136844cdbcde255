"""The arithmetic of declared values: ranges, reflections, comparisons; no data anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol


class Comparison(Protocol):
    """Anything that compares a number: a condition or a count term."""

    @property
    def at_least(self) -> float | None: ...
    @property
    def at_most(self) -> float | None: ...
    @property
    def between(self) -> tuple[float, float] | None: ...
    @property
    def equals(self) -> float | bool | None: ...


COMPARISONS = ("at_least", "at_most", "between", "equals")


def meets(comparison: Comparison, value: float) -> bool:
    """Return whether `value` meets the one comparison that is declared (bounds included)."""
    if comparison.at_least is not None:
        return value >= comparison.at_least
    if comparison.at_most is not None:
        return value <= comparison.at_most
    if comparison.between is not None:
        low, high = comparison.between
        return low <= value <= high
    return value == comparison.equals


def reflected(values: Sequence[float]) -> tuple[float, ...]:
    """Reverse declared option values: minimum + maximum - value, for each value."""
    exact = [Decimal(repr(float(value))) for value in values]
    ends = min(exact) + max(exact)
    return tuple(float(ends - value) for value in exact)


def above_lowest(values: Sequence[float]) -> tuple[float, ...]:
    """Return how far each value is above the lowest: -0.9 is 0.7 above -1.6, to the digit."""
    exact = [Decimal(repr(float(value))) for value in values]
    return tuple(float(value - min(exact)) for value in exact)


def plain(value: float) -> str:
    """Write a declared number the way its author did: 10, not 10.0."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def score_range(
    method: str,
    values: Mapping[str, Sequence[float]],
    *,
    weights: Mapping[str, float] | None = None,
    multiply: float | None = None,
    table: Mapping[str, float] | None = None,
) -> tuple[float, float]:
    """Return the smallest and largest score that the declared option values allow.

    `values` holds, for each item, its option values after any reversal (for a count: 0 and 1).
    """
    weight = {name: (weights or {}).get(name, 1.0) for name in values}
    ends = [
        sorted((weight[name] * min(row), weight[name] * max(row))) for name, row in values.items()
    ]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    if method in ("sum", "count"):
        low, high = sum(lows), sum(highs)
    elif method == "mean":
        total = sum(abs(w) for w in weight.values()) if weights else len(ends)
        low, high = sum(lows) / total, sum(highs) / total
    elif method == "pomp":
        low, high = 0.0, 100.0
    elif method == "min":
        low, high = min(lows), min(highs)
    else:
        low, high = max(lows), max(highs)
    if multiply is not None:
        low, high = sorted((low * multiply, high * multiply))
    if table:
        low, high = min(table.values()), max(table.values())
    return float(low), float(high)
