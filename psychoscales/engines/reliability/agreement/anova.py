"""Mean squares of complete ratings: people, occasions, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NEGLIGIBLE = 1e-24


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """Mean squares of one table of ratings, or of many of one size.

    Attributes:
        n, r: targets and raters (or occasions).
        target: between targets, n - 1 degrees of freedom.
        rater: between raters, r - 1.
        error: residual of the two-way table without interaction, (n - 1)(r - 1).
        within: within targets, n (r - 1); the one-way residual.
    """

    n: int
    r: int
    target: Floats
    rater: Floats
    error: Floats
    within: Floats


def mean_squares(ratings: Floats) -> MeanSquares:
    """Return the mean squares of complete ratings [..., n, r]; leading axes are kept.

    Sums of squares that are rounding errors only are exact zeros.
    """
    n, r = ratings.shape[-2:]
    x = ratings - ratings.mean(axis=(-2, -1), keepdims=True)
    target = x.mean(axis=-1, keepdims=True)
    rater = x.mean(axis=-2, keepdims=True)
    total = (x**2).sum(axis=(-2, -1))
    noise = n * r * (np.finfo(np.float64).eps * np.abs(ratings).max(axis=(-2, -1))) ** 2

    def cleaned(squares: Floats, df: int) -> Floats:
        some = squares > np.maximum(NEGLIGIBLE * total, 16 * noise)
        return np.asarray(np.where(some, squares, 0.0) / df)

    return MeanSquares(
        n=n,
        r=r,
        target=cleaned(r * (target**2).sum(axis=(-2, -1)), n - 1),
        rater=cleaned(n * (rater**2).sum(axis=(-2, -1)), r - 1),
        error=cleaned(((x - target - rater) ** 2).sum(axis=(-2, -1)), (n - 1) * (r - 1)),
        within=cleaned(((x - target) ** 2).sum(axis=(-2, -1)), n * (r - 1)),
    )
