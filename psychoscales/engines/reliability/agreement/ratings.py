"""Ratings of targets by raters (or at occasions): what may be worked with, and what is refused."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Estimator = Literal["anova", "reml"]
FEWEST = 3


def rated(ratings: npt.ArrayLike) -> Floats:
    """Return ratings as floats [n, r] without the targets that nobody rated.

    Raises:
        ValueError: not two dimensions, or infinite values.
        RefusalError: fewer than two raters or occasions, or fewer than three targets.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings are a table [targets, raters], not of shape {table.shape}")
    if np.isinf(table).any():
        raise ValueError("ratings are finite numbers, or NaN where there is none")
    table = table[~np.isnan(table).all(axis=1)]
    if table.shape[1] < 2:
        raise RefusalError("agreement needs two raters or occasions, or more")
    if len(table) < FEWEST:
        raise RefusalError(f"agreement needs {FEWEST} people or more, not {len(table)}")
    return table


def by_reml(table: Floats, estimator: Estimator | None) -> bool:
    """Return whether ratings are worked by REML: where there are gaps, or where that is asked for.

    Raises:
        RefusalError: mean squares are asked for, and there are gaps.
    """
    if estimator not in (None, "anova", "reml"):
        raise ValueError(f"estimator is 'anova' or 'reml', not {estimator!r}")
    gaps = bool(np.isnan(table).any())
    if gaps and estimator == "anova":
        raise RefusalError("mean squares need complete ratings: leave people out, or use 'reml'")
    return gaps or estimator == "reml"


def complete(ratings: npt.ArrayLike) -> Floats:
    """Return the ratings of the targets that everybody rated.

    Raises:
        RefusalError: fewer than three such targets.
    """
    table = rated(ratings)
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) < FEWEST:
        raise RefusalError(
            f"agreement needs {FEWEST} people or more with every rating, not {len(table)}"
        )
    return table


def coded(ratings: npt.ArrayLike, categories: int) -> npt.NDArray[np.int64]:
    """Return category numbers [n, r] as integers, -1 where there is no rating.

    Raises:
        ValueError: a rating is no whole number from 0 to `categories` - 1.
    """
    table = rated(ratings)
    filled = np.where(np.isnan(table), -1.0, table)
    if categories < 2:
        raise RefusalError("agreement on categories needs two categories or more")
    known = ~np.isnan(table)
    within = (filled >= 0) & (filled < categories) & (filled == np.rint(filled))
    if not within[known].all():
        raise ValueError(f"ratings are category numbers 0 to {categories - 1}, or NaN")
    return filled.astype(np.int64)


def counted(ratings: npt.ArrayLike, categories: int) -> Floats:
    """Return how many raters put each target into each category [n, c]."""
    codes = coded(ratings, categories)
    counts = np.zeros((len(codes), categories))
    for column in codes.T:
        there = column >= 0
        counts[np.flatnonzero(there), column[there]] += 1
    return counts
