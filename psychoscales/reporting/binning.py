"""Scores put together so that no column of a histogram tells of few people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from psychoscales.reporting.charts.drawing import nice_step
from psychoscales.reporting.distributions import Distribution
from psychoscales.reporting.small_cells import to_the_ends, together
from psychoscales.spec.model import Score

MOST_COLUMNS = 45
CLOSE = 1e-6


@dataclass(frozen=True)
class Binned:
    """A score's people by columns, each from an edge up to, not including, the next.

    Attributes:
        edges: where columns begin, and where the last one ends [b + 1].
        counts: people in each [b].
        step: how wide a column is where it stands alone.
        exact: whether a column that stands alone is of one score.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    step: float
    exact: bool

    def opens(self, at: float) -> bool:
        """Return whether it may be told how many people are below `at`."""
        if at <= self.edges[0] + CLOSE or at > self.edges[-1] - CLOSE:
            return True
        return any(abs(at - edge) < CLOSE for edge in self.edges)

    def around(self, at: float) -> int:
        """Return how many people are in the column that a score is in."""
        for (low, high), count in zip(pairwise(self.edges), self.counts, strict=True):
            if low - CLOSE <= at < high - CLOSE:
                return count
        return 0


def binned(score: Score, spread: Distribution, cuts: Sequence[float], small: int) -> Binned:
    """Return the columns that may be shown; cut-offs are edges where they can be."""
    apart = lattice(score)
    edges, step = steps(score, apart, cuts)
    below = [spread.below(edge) for edge in edges]
    counts = [after - before for before, after in pairwise(below)]
    groups = nested(edges, counts, cuts, small)
    made = [edges[first] for first, _ in groups]
    return Binned(
        (*made, edges[-1]),
        tuple(sum(counts[first:last]) for first, last in groups),
        step,
        step == apart,
    )


def lattice(score: Score) -> float | None:
    """Return how far apart the possible scores are, where answers are whole numbers."""
    if score.method in ("sum", "count") and score.weights is None and score.multiply is None:
        return 1.0
    if score.method == "mean" and score.weights is None and score.scores is None:
        return 1 / len(score.members)
    return None


def steps(score: Score, apart: float | None, cuts: Sequence[float]) -> tuple[list[float], float]:
    """Return edges, one for each possible score or wider where those are many, and their step."""
    low, high = score.range
    span = high - low
    step = apart if apart is not None and span / apart <= MOST_COLUMNS else nice_step(span, 24)
    count = round(span / step) + 1
    edges = {round(low + place * step, 9) for place in range(count + 1)}
    return sorted(edges | {cut for cut in cuts if low < cut <= high}), step


def nested(
    edges: Sequence[float], counts: Sequence[int], cuts: Sequence[float], small: int
) -> list[tuple[int, int]]:
    """Group the columns so that none is of few people, within bands where they can be shown."""
    places = [0, *(place for place, edge in enumerate(edges) if edge in cuts), len(counts)]
    places = sorted(set(places))
    parts = [sum(counts[a:b]) for a, b in pairwise(places)]
    groups = []
    for first, last in together(parts, small):
        start, stop = places[first], places[last]
        groups += [(start + a, start + b) for a, b in together(counts[start:stop], small)]
    return list(to_the_ends(groups, counts))
