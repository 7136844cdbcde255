"""Cross tables and answers that are cut from a known bivariate normal, for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, owens_t

from psychoscales.engines.structure.pairs import PairCounts

Floats = npt.NDArray[np.float64]


def owen(h: Any, k: Any, rho: Any) -> Floats:
    """P(X <= h, Y <= k) by Owen's T function: another road than the package's own."""
    h, k, rho = np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in (h, k, rho)))
    root = np.sqrt((1 - rho) * (1 + rho))
    # A point on an axis is moved by less than rounding, for the ratios below.
    x, y = np.where(h == 0, 1e-300, h), np.where(k == 0, 1e-300, k)
    both = owens_t(x, (y - rho * x) / (x * root)) + owens_t(y, (x - rho * y) / (y * root))
    return np.asarray(0.5 * (ndtr(x) + ndtr(y)) - both - 0.5 * (x * y < 0), dtype=float)


def table_of(rho: float, rows: Sequence[float], columns: Sequence[float]) -> Floats:
    """Return the probabilities of the cells that thresholds cut out of the plane [C, D]."""
    h, k = np.asarray(rows, dtype=float), np.asarray(columns, dtype=float)
    below = np.zeros((len(h) + 2, len(k) + 2))
    below[1:-1, 1:-1] = owen(h[:, None], k[None, :], rho)
    below[1:-1, -1], below[-1, 1:-1], below[-1, -1] = ndtr(h), ndtr(k), 1.0
    return np.diff(np.diff(below, axis=0), axis=1)


def pair_of(*tables: Any) -> PairCounts:
    """Return counts of one pair of items, a batch of as many as there are tables."""
    counts = np.stack([np.asarray(table, dtype=float) for table in tables])
    size, rows, columns = counts.shape
    widest = max(rows, columns)
    padded = np.zeros((size, 1, widest, widest))
    padded[:, 0, :rows, :columns] = counts
    return PairCounts(padded, np.stack([padded[:, 0].sum(2), padded[:, 0].sum(1)], axis=1))


def answers(n: int, cuts: Sequence[Sequence[float]], *, loading: float, seed: int) -> Any:
    """Return positions int8 [n, k] of one common factor, each item with thresholds of its own."""
    rng = np.random.default_rng(seed)
    own = np.sqrt(1 - loading**2)
    latent = loading * rng.standard_normal((n, 1)) + own * rng.standard_normal((n, len(cuts)))
    columns = [np.searchsorted(each, latent[:, at]) for at, each in enumerate(cuts)]
    return np.column_stack(columns).astype(np.int8)
