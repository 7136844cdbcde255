"""What a coefficient is to the rest: a function of covariances, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
STEP = 1e-3
"""Of the differences, in standard deviations; their error is of its fourth power."""
MOST_CELLS = 4_000_000
ANY = 10_000


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of internal consistency.

    Attributes:
        id: its name in tables.
        estimand: what it is of: model, numerator, denominator, item metric.
        value: of covariance matrices [..., k, k]; [...], NaN where there is none.
        gradient: d value / d covariances [..., k, k]; where None, differences are taken.
        standardized: whether it is of correlations, so that every item must vary.
        smooth: whether small changes of the covariances change it smoothly; without that there
            is no interval but the bootstrap's.
        resampled: with so many items it may still be asked of thousands of resamples.
        differenced: with so many items differences are still taken.
        seed: of the random numbers that the value depends on.
        fewest: items it needs.
        why: says, where there is no value, what is wrong with a matrix.
    """

    id: str
    estimand: str
    value: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats] | None = None
    standardized: bool = False
    smooth: bool = True
    resampled: int = ANY
    differenced: int = ANY
    seed: int | None = None
    fewest: int = 2
    why: Callable[[Floats, Sequence[str]], str] | None = None

    def of(self, cov: Floats, names: Sequence[str] | None = None) -> float:
        """Return the value of one covariance matrix [k, k].

        Raises:
            RefusalError: there is none; the reason names items by `names`.
        """
        check(cov, names, self.fewest, self.standardized)
        value = float(self.value(cov))
        if np.isfinite(value):
            return value
        called = [f"item {at + 1}" for at in range(len(cov))] if names is None else names
        raise RefusalError("it cannot be computed" if self.why is None else self.why(cov, called))

    def slope(self, cov: Floats) -> Floats:
        """Return d value / d C [k, k] of one matrix, every element of C taken for itself.

        Raises:
            RefusalError: the value does not change smoothly, or there are too many items.
        """
        if not self.smooth:
            raise RefusalError("it does not change smoothly: ask for interval='bootstrap'")
        if self.gradient is None and len(cov) > self.differenced:
            raise RefusalError(f"with more than {self.differenced} items it takes too long")
        found = differences(self.value, cov) if self.gradient is None else self.gradient(cov)
        if not np.isfinite(found).all():
            raise RefusalError("how it changes with the covariances cannot be computed")
        return found


def check(
    cov: Floats, names: Sequence[str] | None = None, fewest: int = 2, standardized: bool = False
) -> None:
    """Refuse a covariance matrix that internal consistency cannot be asked of."""
    check_items(len(cov), fewest)
    variance = np.diag(cov)
    flat = np.flatnonzero(~(variance > 0))
    if len(flat) == len(cov):
        raise RefusalError("no variance: everybody gave the same answers")
    if standardized and len(flat):
        called = [f"item {at + 1}" if names is None else names[at] for at in flat.tolist()]
        raise RefusalError(f"no variance: everybody gave the same answer to {', '.join(called)}")
    if not float(cov.sum()) > 1e-12 * float(variance.sum()) * len(cov):
        raise RefusalError("the total score has no variance")


def check_items(k: int, fewest: int = 2) -> None:
    """Refuse too few items."""
    if k < 2:
        raise RefusalError("internal consistency needs two items or more")
    if k < fewest:
        raise RefusalError(f"a factor model needs {fewest} items or more")


def differences(value: Callable[[Floats], Floats], cov: Floats) -> Floats:
    """Return d value / d C [k, k] by central differences of fourth order, all at once.

    It is 0 for items that do not vary: nobody's answer to them differs from the mean.
    """
    k, sd = len(cov), np.sqrt(np.diag(cov))
    first, second = np.triu_indices(k)
    varied = np.flatnonzero((sd[first] > 0) & (sd[second] > 0))
    step = STEP * sd[first] * sd[second]
    weights = {1.0: 8 / 12, -1.0: -8 / 12, 2.0: -1 / 12, -2.0: 1 / 12}
    slope = np.zeros(len(first))
    size = max(1, MOST_CELLS // (k * k))
    for start in range(0, len(varied), size):
        part = varied[start : start + size]
        rows, columns, h = first[part], second[part], step[part]
        at = np.arange(len(rows))
        for many, weight in weights.items():
            moved = np.repeat(cov[None], len(rows), axis=0)
            moved[at, rows, columns] += many * h
            moved[at, columns, rows] = moved[at, rows, columns]
            slope[part] += weight * value(moved) / h
    gradient = np.empty((k, k))
    gradient[first, second] = np.where(first == second, slope, slope / 2)
    gradient[second, first] = gradient[first, second]
    return gradient
