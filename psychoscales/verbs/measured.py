"""Columns of numbers about people: every score, and the kept columns that hold numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.decoding import options_in_order
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.validity.attenuation import Reliability
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import Moments, moments
from psychoscales.responses import Block, key_of, keyed_values
from psychoscales.scores import Scores
from psychoscales.spec.model import Score
from psychoscales.verbs.summed import reliability_of_sum, why_no_plain_sum

Floats = npt.NDArray[np.float64]
PIECE = 1 << 14


@dataclass(frozen=True, eq=False)
class Measure:
    """A score, or a kept column of numbers.

    Attributes:
        name: `{scale}_{score}`, or the column's name.
        values: of everybody [N]; NaN where missing.
        score: the declared score; None of a kept column.
        block: the answers that the score is from.
        keyed: item -> the values of its options, with the score's reversals.
    """

    name: str
    values: Floats
    score: Score | None = None
    block: Block | None = None
    keyed: Mapping[str, tuple[float, ...]] | None = None

    @property
    def items(self) -> tuple[str, ...]:
        """The items of the score; none of a kept column."""
        return tuple(self.keyed or ())

    @property
    def score_id(self) -> str | None:
        """The id of the score; of a kept column None."""
        return None if self.score is None else self.score.id

    @property
    def scale(self) -> str | None:
        """The id of the score's scale."""
        return None if self.block is None else self.block.scale.id

    def positions(self) -> npt.NDArray[np.int8]:
        """Return the options that people chose [N, k]; below 0 where missing."""
        assert self.block is not None
        ids = self.block.scale.item_ids
        return self.block.positions[:, [ids.index(item) for item in self.items]]

    def patterns(self) -> Patterns:
        """Return the counted answers to the score's items."""
        assert self.block is not None
        scale = self.block.scale
        sizes = [len(options_in_order(scale, item)) for item in self.items]
        return Patterns.of(self.positions(), self.items, sizes, key_of(scale))

    @cached_property
    def moments(self) -> Moments:
        """The moments of the keyed items, of the people who answered all of them."""
        if self.keyed is None:
            raise RefusalError(f"{self.name} is no score of items")
        return moments(self.patterns(), tuple(self.keyed.values()))

    def reliability(self, one: Coefficient) -> Reliability:
        """Return the score's reliability, with everybody's influence on it.

        Raises:
            RefusalError: the coefficient is not of this score, or cannot be computed.
        """
        if self.score is None:
            raise RefusalError(
                f"the reliability of {self.name} is not known: give it, as in "
                f"reliability={{'{self.name}': 0.9}}; 1 if it is without error"
            )
        why = why_no_plain_sum(self.score)
        if why is not None:
            raise RefusalError(
                f"no {one.id} of {self.name}: {why}. A known reliability can be given, as in "
                f"reliability={{'{self.name}': 0.9}}"
            )
        known, values = self.moments, tuple((self.keyed or {}).values())
        value = reliability_of_sum(one, known, values)
        try:
            slope = one.slope(known.cov)
        except RefusalError as refusal:
            return Reliability(value, uncertain=str(refusal))
        return Reliability(value, self._influence(slope))

    def _influence(self, slope: Floats) -> Floats:
        """Return each person's influence on a coefficient of this slope [N]."""
        assert self.keyed is not None
        positions, known = self.positions(), self.moments
        tables = [np.array([*row, np.nan]) for row in self.keyed.values()]
        found = np.empty(len(positions))
        for start in range(0, len(positions), PIECE):
            part = np.maximum(positions[start : start + PIECE], -1)
            rows = np.column_stack([table[part[:, at]] for at, table in enumerate(tables)])
            away = rows - known.mean
            found[start : start + PIECE] = ((away @ slope) * away).sum(axis=1)
        return found


def measures(scored: Scores) -> dict[str, Measure]:
    """Return every score and every kept column of numbers, by name."""
    found: dict[str, Measure] = {}
    for scale, part in scored.by_scale.items():
        for score, column in part.scores.items():
            name = f"{scale}_{score}"
            keyed = keyed_values(part.scale, score)
            found[name] = Measure(name, column.value, part.scale.score(score), part.block, keyed)
    for name, values in scored.responses.kept.items():
        numbers = numbers_in(values)
        if numbers is not None:
            found[name] = Measure(name, numbers)
    return found


def measure(known: Mapping[str, Measure], scored: Scores, name: str) -> Measure:
    """Return one of them by name.

    Raises:
        RefusalError: it is a kept column of texts.
        UnknownNameError: nothing is called so.
    """
    if name in known:
        return known[name]
    if name in scored.responses.kept:
        raise RefusalError(
            f"{name} holds texts, not numbers: to compare its groups there is psychoscales.groups"
        )
    hint = f'to keep a column: psychoscales.read(..., keep=["{name}"])'
    raise UnknownNameError("score or kept column", name, known, hint)


def joined(given: Sequence[Measure]) -> tuple[Floats, npt.NDArray[np.int64], dict[str, list[int]]]:
    """Return the keyed answers to all the scores' items, of people who answered every one.

    Returns:
        The distinct rows [m, k], the people of each [m], and for each score the columns of its
        items. An item of two scores has a column for each, so that each has its own keying.
    """
    positions = np.column_stack([each.positions() for each in given])
    positions = positions[(positions >= 0).all(axis=1)]
    names: list[str] = []
    tables: list[Floats] = []
    places: dict[str, list[int]] = {}
    for each in given:
        places[each.name] = list(range(len(names), len(names) + len(each.items)))
        names += [f"{each.name}.{item}" for item in each.items]
        tables += [np.array(row) for row in (each.keyed or {}).values()]
    assert given[0].block is not None
    sizes = [len(table) for table in tables]
    counted = Patterns.of(positions, names, sizes, key_of(given[0].block.scale))
    rows = [table[counted.rows[:, at]] for at, table in enumerate(tables)]
    return np.column_stack(rows), counted.counts, places


def numbers_in(values: npt.NDArray[Any]) -> Floats | None:
    """Return a column as floats, NaN where blank; None where something is no number."""
    if np.issubdtype(values.dtype, np.number) or values.dtype == bool:
        return values.astype(np.float64)
    listed = [np.nan if each is None else each for each in values.tolist()]
    if not all(isinstance(each, int | float) for each in listed):
        return None
    found = np.array(listed, dtype=np.float64)
    return None if np.isnan(found).all() else found
