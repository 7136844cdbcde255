r"""Krippendorff's alpha: nominal, ordinal, interval and ratio, with missing ratings.

.. math:: \alpha = 1 - \frac{D_o}{D_e}, \quad
    D_o = \frac{1}{N} \sum_u \frac{1}{m_u - 1} \sum_{c, k} n_{uc} (n_{uk} - [c = k]) \delta^2_{ck},
    \quad D_e = \frac{1}{N (N - 1)} \sum_{c, k} n_c (n_k - [c = k]) \delta^2_{ck}

over units u with :math:`m_u \ge 2` ratings, N of them in all. Ordinal differences are those of
midranks, so that the ordinal alpha is the interval alpha of midranks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.ratings import FEWEST, rated
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.resampling import MOST_LOST
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
PIECE = 1 << 22
RESAMPLES = 2000


def _nominal(values: Floats) -> Floats:
    return np.asarray(values[:, None] != values, dtype=np.float64)


def _interval(values: Floats) -> Floats:
    return np.asarray((values[:, None] - values) ** 2)


def _ratio(values: Floats) -> Floats:
    if (values < 0).any():
        raise RefusalError("ratio differences are of values that are zero or more")
    both = values[:, None] + values
    return np.asarray(((values[:, None] - values) / np.where(both > 0, both, 1.0)) ** 2)


METRICS: Mapping[str, Callable[[Floats], Floats] | None] = {
    "nominal": _nominal,
    "ordinal": None,
    "interval": _interval,
    "ratio": _ratio,
}
"""Squared differences of values [c, c]; those of ordinal values depend on the data."""


@dataclass(frozen=True, eq=False)
class Units:
    """Distinct units with two ratings or more.

    Attributes:
        values: the c values that were given, in order.
        counts: how many raters gave each value, for each distinct unit [u, c].
        people: how many units are like that [u].
    """

    values: Floats
    counts: Floats
    people: npt.NDArray[np.int64]


def units(ratings: npt.ArrayLike) -> Units:
    """Return the distinct units of ratings [n, r].

    Raises:
        RefusalError: fewer than three units have two ratings.
    """
    table = rated(ratings)
    table = table[(~np.isnan(table)).sum(axis=1) >= 2]
    if len(table) < FEWEST:
        raise RefusalError(f"fewer than {FEWEST} people have two ratings")
    rows, people = np.unique(np.sort(table, axis=1), axis=0, return_counts=True)
    there = ~np.isnan(rows)
    values, places = np.unique(rows[there], return_inverse=True)
    counts = np.zeros((len(rows), len(values)))
    np.add.at(counts, (np.nonzero(there)[0], places), 1)
    return Units(values, counts, people)


def krippendorff_alpha(
    ratings: npt.ArrayLike,
    *,
    metric: str,
    level: float = 0.95,
    seed: int | None = None,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return Krippendorff's alpha with the percentile bootstrap interval over units.

    Units are drawn with replacement, and everything is computed anew from each draw. This is
    not Krippendorff's own algorithm, which draws pairs under fixed expected disagreement.

    Args:
        ratings: [n, r] numbers, NaN where there is none; for "nominal" and "ordinal" any numbers
            that tell the categories apart, or order them.
        metric: "nominal", "ordinal", "interval" or "ratio".
        level: confidence level, such as .95.
        seed: of the bootstrap; without one there is no interval.
        resamples: how many draws.

    Raises:
        RefusalError: fewer than three units with two ratings, all ratings of one value, or
            negative values in "ratio".

    Source:
        Krippendorff K. Content analysis: an introduction to its methodology. 3rd ed. Sage 2013.
        Hayes AF, Krippendorff K. Commun Methods Meas 2007;1:77-89. doi:10.1080/19312450709336664.
        Agrees with the example of Krippendorff (2011) to its three printed decimals.
    """
    if metric not in METRICS:
        raise UnknownNameError("metric", metric, METRICS)
    found = units(ratings)
    if len(found.values) < 2:
        raise RefusalError("not defined: all ratings are one category")
    value = float(alphas(found, metric, found.people[None].astype(np.float64))[0])
    n = int(found.people.sum())
    gaps = bool(np.isnan(rated(ratings)).any())
    missing = "available" if gaps else "complete"
    bare = Estimate(f"krippendorff_{metric}", value, n=n, missing=missing)
    if seed is None:
        return replace(bare, note="no interval: the bootstrap needs a seed, such as seed=1")
    draws = _resampled(found, metric, seed, resamples)
    defined = draws[np.isfinite(draws)]
    lost = len(draws) - len(defined)
    if lost > MOST_LOST * len(draws):
        why = f"{lost:,} of {resamples:,} resamples are of one category"
        return replace(bare, seed=seed, note=f"no interval: {why}")
    if not np.ptp(defined) > 0:
        return replace(bare, seed=seed, note="no interval: all resamples have the same value")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return replace(
        bare,
        low=float(low),
        high=float(high),
        level=level,
        method="bootstrap",
        seed=seed,
        note=f"{lost} of {resamples} resamples are of one category: left out" if lost else None,
    )


def alphas(found: Units, metric: str, weights: Floats) -> Floats:
    """Return alpha for each row of weights of the distinct units [b, u]; NaN if undefined."""
    counts, rated_by = found.counts, found.counts.sum(axis=1)
    known = METRICS[metric]
    totals = weights @ counts
    size = totals.sum(axis=1)
    if known is None:
        observed, expected = _of_midranks(counts, rated_by, totals, weights)
    else:
        apart = known(found.values)
        own = ((counts @ apart) * counts).sum(axis=1) / (rated_by - 1)
        observed, expected = weights @ own, ((totals @ apart) * totals).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (size - 1) * observed / expected, np.nan))


def _of_midranks(
    counts: Floats, rated_by: Floats, totals: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """Return sums of squared differences of midranks within units, and over all ratings."""
    ranks = np.cumsum(totals, axis=1) - totals / 2
    first, second = counts @ ranks.T, counts @ (ranks**2).T
    own = 2 * (rated_by[:, None] * second - first**2) / (rated_by - 1)[:, None]
    observed = (weights.T * own).sum(axis=0)
    mean = (totals * ranks).sum(axis=1)
    expected = 2 * (totals.sum(axis=1) * (totals * ranks**2).sum(axis=1) - mean**2)
    return observed, np.where(np.count_nonzero(totals, axis=1) > 1, expected, 0.0)


def _resampled(found: Units, metric: str, seed: int, resamples: int) -> Floats:
    rng = np.random.default_rng(seed)
    n = int(found.people.sum())
    share = found.people / n
    at_once = max(1, PIECE // max(len(share), len(found.values)))
    draws = []
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        weights = rng.multinomial(n, share, size=size).astype(np.float64)
        draws.append(alphas(found, metric, weights))
    return np.concatenate(draws)
