"""The factor models of a report, and what their fit is judged by."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psychoscales.verbs.cfa import Cfa

FEWEST = 4
"""Items from which one factor can be wrong: with three it always fits."""
FLAVOURS = ("robust", "scaled")
"""Of an index, the first that there is; the plain one else. Evidence takes the same."""


@dataclass(frozen=True)
class Model:
    """A factor model.

    Attributes:
        name: what it is called.
        factors: its id among the models of the scale, or factor -> items.
        key: the score whose reversals are used; None where the scale says so.
        items: of all its factors.
        declared: whether the scale declares it; else it is one factor of a score's items.
    """

    name: str
    factors: str | Mapping[str, Sequence[str]]
    key: str | None
    items: frozenset[str]
    declared: bool

    def is_about(self, items: Collection[str]) -> bool:
        """Return whether it says something of a score of these items."""
        return not self.items.isdisjoint(items) if self.declared else self.items == {*items}


@dataclass(frozen=True)
class Fitted:
    """A factor model and its fit."""

    model: Model
    found: Cfa

    @property
    def indices(self) -> dict[str, float]:
        """Every index of fit by name."""
        return {row["index"]: row["value"] for row in self.found.fit.rows}

    def judged(self, index: str) -> tuple[str, float] | None:
        """Return which flavour of an index the fit is judged by, and its value."""
        known = self.indices
        names = {**{each: f"{index}_{each}" for each in FLAVOURS}, "plain": index}
        for flavour, name in names.items():
            value = known.get(name)
            if value is not None and math.isfinite(value):
                return flavour, value
        return None
