"""How many people have which score, band or verdict: what is left of people after counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.responses import Block, Responses
from psychoscales.scores import ScaleScores, levels_of
from psychoscales.scoring import TIDY, score_block
from psychoscales.spec.model import Scale

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Distribution:
    """One score.

    Attributes:
        values: distinct scores, rising [s].
        counts: people who have each [s].
        prorated, unscored: people with some, and with too many, answers missing.
    """

    values: Floats
    counts: Counts
    prorated: int
    unscored: int

    @property
    def n(self) -> int:
        """People who have the score."""
        return int(self.counts.sum())

    @cached_property
    def mean(self) -> float:
        """The mean."""
        return float(self.values @ self.counts / self.n)

    @cached_property
    def sd(self) -> float | None:
        """The standard deviation, divisor n - 1."""
        if self.n < 2:
            return None
        return float(np.sqrt(self.counts @ (self.values - self.mean) ** 2 / (self.n - 1)))

    @cached_property
    def quartiles(self) -> tuple[float, ...]:
        """The smallest scores that a quarter, half and three quarters of the people reach."""
        share = np.cumsum(self.counts) / self.n
        places = [int(np.searchsorted(share, quarter - 1e-12)) for quarter in QUARTERS]
        return tuple(float(self.values[place]) for place in places)

    def at(self, value: float) -> int:
        """Return how many people have exactly this score."""
        return int(self.counts[np.abs(self.values - value) < 10.0**-TIDY].sum())

    def below(self, value: float) -> int:
        """Return how many people have a lower score."""
        return int(self.counts[self.values < value - 10.0**-TIDY].sum())


@dataclass(frozen=True, eq=False)
class Distributions:
    """All scores, bands, rules and flags of one scale.

    Attributes:
        scores: score id -> `Distribution`.
        bands: band set id -> people at each of its levels; and people without a band.
        rules: rule id -> people for whom it is false, true, undetermined.
        flags: flag id -> people for whom it is clear, raised, not assessed.
        people: everybody.
        silent: people who answered nothing.
    """

    scores: Mapping[str, Distribution]
    bands: Mapping[str, tuple[int, ...]]
    rules: Mapping[str, tuple[int, int, int]]
    flags: Mapping[str, tuple[int, int, int]]
    people: int
    silent: int


def distributions(scale: Scale, patterns: Patterns, people: Responses | None) -> Distributions:
    """Count scores and verdicts of people, whose bands may need their variables, or of patterns."""
    if people is not None:
        block = people.blocks[scale.id]
        weights = None
        scored = score_block(block, people.kept, [])
    else:
        block, weights = _as_block(scale, patterns), patterns.counts
        scored = score_block(block, {}, [])
    silent = (patterns.rows < 0).all(axis=1)
    return Distributions(
        {score: _distribution(scored, score, weights) for score in scored.scores},
        {name: _levels(scored, name, weights) for name in scored.bands},
        {name: _three(states, weights) for name, states in scored.rules.items()},
        {name: _three(states, weights) for name, states in scored.flags.items()},
        patterns.n,
        int(patterns.counts[silent].sum()),
    )


def _as_block(scale: Scale, patterns: Patterns) -> Block:
    """Distinct answers as if each were one person's; items that are not scored are blank."""
    positions = np.full((len(patterns.rows), len(scale.item_ids)), -1, dtype=np.int8)
    for column, item in enumerate(patterns.items):
        positions[:, scale.item_ids.index(item)] = patterns.rows[:, column]
    return Block(scale, positions, ("blank",))


def _distribution(scored: ScaleScores, score: str, weights: Counts | None) -> Distribution:
    column = scored.scores[score]
    there = ~np.isnan(column.value)
    rounded = np.round(column.value[there], TIDY)
    values, inverse = np.unique(rounded, return_inverse=True)
    own = None if weights is None else weights[there]
    counts = _counted(inverse, own, len(values))
    status = _counted(column.status.astype(np.intp), weights, 3)
    return Distribution(values, counts, int(status[1]), int(status[2]))


def _levels(scored: ScaleScores, band: str, weights: Counts | None) -> tuple[int, ...]:
    size = len(levels_of(scored.scale, band))
    counts = _counted(scored.bands[band].astype(np.intp) + 1, weights, size + 1)
    return (*(int(count) for count in counts[1:]), int(counts[0]))


def _three(states: npt.NDArray[np.int8], weights: Counts | None) -> tuple[int, int, int]:
    counts = _counted(states.astype(np.intp) + 1, weights, 3)
    return int(counts[1]), int(counts[2]), int(counts[0])


def _counted(places: npt.NDArray[np.intp], weights: Counts | None, size: int) -> Counts:
    if weights is None:
        return np.bincount(places, minlength=size).astype(np.int64)
    table = np.zeros(size, dtype=np.int64)
    np.add.at(table, places, weights)
    return table
