"""Resamples of counted people: how many times each pattern of answers is drawn again.

A bootstrap sample of n people is a multinomial draw of the patterns' counts, so that its cost does
not depend on n, and everything about one resample comes from one covariance matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
BATCH = 256
MOST_CELLS = 4_000_000
MOST_LOST = 0.05
"""The share of resamples without a value above which there is no interval."""
FLAT = 1e-12
"""A variance below this share of the usual one is a rounding error."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Distinct rows of values and how many people gave each.

    Attributes:
        values: float [m, k], without gaps.
        counts: int64 [m].
    """

    values: Floats
    counts: Counts

    @property
    def n(self) -> int:
        """People."""
        return int(self.counts.sum())

    @cached_property
    def centred(self) -> Floats:
        """The values less their means [m, k]: smaller numbers, the same covariances."""
        mean = (self.counts / self.counts.sum()) @ self.values
        centred: Floats = self.values - mean
        return centred

    @cached_property
    def products(self) -> Floats:
        """For each row, the products of all pairs of its centred values [m, k (k + 1) / 2]."""
        first, second = np.triu_indices(self.values.shape[1])
        return np.ascontiguousarray(self.centred[:, first] * self.centred[:, second])

    def draws(self, resamples: int, seed: int) -> Iterator[Floats]:
        """Yield batches [b, m] of resamples: how often each row is drawn, n people each time."""
        if resamples < 1:
            raise ValueError(f"at least one resample is needed, not {resamples}")
        if self.n > 2**31 - 1:
            raise RefusalError(f"{self.n:,} people are too many to be drawn again")
        generator = np.random.default_rng(seed)
        share = self.counts / self.n
        size = max(1, min(BATCH, MOST_CELLS // len(share)))
        for start in range(0, resamples, size):
            drawn = generator.multinomial(self.n, share, min(size, resamples - start))
            yield drawn.astype(np.float64)

    def moments(self, draws: Floats) -> tuple[Floats, Floats]:
        """Return the means [b, k] (of centred values) and covariances [b, k, k] of draws [b, m]."""
        k = self.values.shape[1]
        n = draws.sum(axis=1)
        means = (draws @ self.centred) / n[:, None]
        packed = (draws @ self.products) / n[:, None]
        first, second = np.triu_indices(k)
        packed -= means[:, first] * means[:, second]
        packed *= (n / (n - 1))[:, None]
        cov = np.empty((len(draws), k, k))
        cov[:, first, second] = packed
        cov[:, second, first] = packed
        # What everybody of a resample answered alike has no variance, but for rounding.
        usual = self.counts @ self.products[:, first == second] / self.n
        flat = np.diagonal(cov, axis1=1, axis2=2) <= FLAT * usual
        cov[flat] = 0.0
        cov.transpose(0, 2, 1)[flat] = 0.0
        return means, cov

    def quadratic(self, slopes: Floats, means: Floats) -> Floats:
        """Return (x - mean)' S (x - mean) [b, m] for slopes [b, k, k] and means [b, k], but for a
        constant in each row b."""
        first, second = np.triu_indices(slopes.shape[-1])
        packed = slopes[:, first, second] + slopes[:, second, first]
        packed[:, first == second] /= 2
        linear = np.einsum("bij,bj->bi", slopes + slopes.transpose(0, 2, 1), means)
        found: Floats = packed @ self.products.T - linear @ self.centred.T
        return found


def percentiles(drawn: Floats, level: float) -> tuple[float, float]:
    """Return the percentile interval of a coefficient's resampled values [b].

    Source:
        Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman & Hall 1993, ch. 13.
    """
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bias_corrected(
    value: float, drawn: Floats, influence: Floats, counts: Counts, level: float
) -> tuple[float, float]:
    r"""Return the BCa interval: percentiles moved for bias and for how the SE changes with value.

    The acceleration is :math:`a = \frac{\sum u_i^3}{6 (\sum u_i^2)^{3/2}}` of people's influences.

    Args:
        value: the coefficient.
        drawn: its values in the resamples [b].
        influence: u of each pattern [m].
        counts: people per pattern [m].
        level: confidence level.

    Raises:
        RefusalError: all resamples lie on one side of the value.

    Source:
        Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 1987;82:171-185.
        doi:10.1080/01621459.1987.10478410
    """
    from scipy.special import ndtr, ndtri

    # Ties that rounding has parted are still ties.
    same = np.isclose(drawn, value, rtol=1e-9, atol=1e-12)
    below = (np.sum((drawn < value) & ~same) + 0.5 * np.sum(same)) / len(drawn)
    if not 0 < below < 1:
        raise RefusalError("all resamples lie on one side of the value: no BCa interval")
    centred = influence - float(counts @ influence) / float(counts.sum())
    spread = float(counts @ centred**2)
    skew = 0.0 if spread == 0 else float(counts @ centred**3) / (6 * spread**1.5)
    bias = float(ndtri(below))
    ends = bias + ndtri([(1 - level) / 2, (1 + level) / 2])
    shares = ndtr(bias + ends / (1 - skew * ends))
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


def studentized(
    value: float, error: float, drawn: Floats, errors: Floats, level: float
) -> tuple[float, float]:
    r"""Return the studentized bootstrap interval on the scale of log(1 - coefficient).

    Each resample's distance from the value is measured in its own standard error:
    :math:`t_b = (g(\hat\rho_b) - g(\hat\rho)) / se_b`, g the logarithm of the unreliability, on
    which the distribution is nearer to symmetric and no end passes 1.

    Args:
        value, error: the coefficient and its standard error.
        drawn, errors: the same of the resamples [b]; below 1, and above 0.
        level: confidence level.

    Raises:
        RefusalError: the coefficient is 1 or more, or an end is without bounds.

    Source:
        Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman & Hall 1993, sec. 12.5-6.
    """
    if value >= 1:
        raise RefusalError("a coefficient of 1 or more has no studentized interval")
    g, spread = np.log1p(-value), error / (1 - value)
    t = (np.log1p(-drawn) - g) / (errors / (1 - drawn))
    low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
    with np.errstate(over="ignore"):
        ends = -np.expm1(g - np.array([low, high]) * spread)
    if not np.isfinite(ends).all():
        raise RefusalError("the resamples' standard errors are too uneven")
    return float(ends[0]), float(ends[1])
