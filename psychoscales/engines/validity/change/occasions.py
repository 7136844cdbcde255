"""The people of two occasions: scores before and after, and what an anchor says of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SAME = 1e-9
FEWEST = 3


@dataclass(frozen=True, eq=False)
class People:
    """Scores of n people at two occasions.

    Attributes:
        before, after: scores [n].
        direction: 1 where higher is better, -1 where lower is.
        improved: 1 or 0 by the anchor, NaN where it says nothing [n].
        minimal, stable: who is minimally improved, and who has not changed, by the anchor [n].
    """

    before: Floats
    after: Floats
    direction: int
    improved: Floats
    minimal: Bools
    stable: Bools

    @property
    def n(self) -> int:
        """People."""
        return len(self.before)

    @cached_property
    def change(self) -> Floats:
        """Change in the direction of improvement [n]; equal changes are one number."""
        return _merged(self.direction * (self.after - self.before))

    def some(self, which: Bools | npt.NDArray[np.intp]) -> People:
        """Return some of the people."""
        return People(
            self.before[which],
            self.after[which],
            self.direction,
            self.improved[which],
            self.minimal[which],
            self.stable[which],
        )


def people(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    direction: int,
    *,
    improved: npt.ArrayLike | None = None,
    minimal: npt.ArrayLike | None = None,
    stable: npt.ArrayLike | None = None,
) -> People:
    """Return the people who have both scores.

    Args:
        before, after: scores [n], NaN where there is none.
        direction: 1 where higher is better, -1 where lower is.
        improved: 1 or 0 by the anchor, NaN where it says nothing [n].
        minimal, stable: true where the anchor says so [n].

    Raises:
        RefusalError: fewer than three people have both scores.
    """
    first, second = (np.asarray(each, dtype=np.float64) for each in (before, after))
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"before and after are of the same n people: {first.shape, second.shape}")
    if direction not in (1, -1):
        raise ValueError(f"direction is 1 (higher is better) or -1, not {direction}")
    n = len(first)
    said = np.full(n, np.nan) if improved is None else np.asarray(improved, dtype=np.float64)
    if not np.isin(said[~np.isnan(said)], (0.0, 1.0)).all():
        raise ValueError("improved is 1, 0 or NaN")
    marks = [
        np.zeros(n, dtype=bool) if each is None else np.asarray(each, dtype=bool)
        for each in (minimal, stable)
    ]
    if any(each.shape != first.shape for each in (said, *marks)):
        raise ValueError(f"what the anchor says is of the same {n} people")
    known = ~np.isnan(first) & ~np.isnan(second)
    found = People(first, second, direction, said, *marks).some(known)
    if found.n < FEWEST:
        raise RefusalError(f"{found.n} have a score at both occasions: {FEWEST} people are needed")
    return found


def _merged(values: Floats) -> Floats:
    """Make one number of values that differ by the error of subtraction only."""
    distinct, place = np.unique(values, return_inverse=True)
    near = SAME * float(np.abs(distinct).max(initial=0.0))
    starts = np.concatenate([[True], np.diff(distinct) > near])
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    return np.asarray(distinct[first][place], dtype=np.float64)
