"""Split-half reliability: of named halves, and over all splits or a seeded sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from math import comb
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.matrices import summed
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Form = Literal["guttman", "spearman_brown"]

MOST_ITEMS = 20
"""Up to so many items every split is tried: 92,378 pairs of halves, 524,288 pairs of parts."""
AT_ONCE = 4096


def every_sign(k: int) -> Iterator[npt.NDArray[np.int8]]:
    """Yield all splits of k items into two parts as rows of -1 and 1 [up to 4096, k].

    The last item is always 1, so that no split comes twice; another item is -1, so that both
    parts have items.
    """
    powers = np.arange(k - 1)
    for start in range(1, 2 ** (k - 1), AT_ONCE):
        number = np.arange(start, min(start + AT_ONCE, 2 ** (k - 1)))
        signs = np.ones((len(number), k), dtype=np.int8)
        signs[:, : k - 1] = 1 - 2 * ((number[:, None] >> powers) & 1)
        yield signs


@dataclass(frozen=True, eq=False)
class Splits:
    """Splits of k items into two halves that are as equal in length as can be.

    Attributes:
        halves: bool [s, k]; the items of the first half, of which there are k // 2.
        complete: whether these are all splits.
        seed: of the sample, where they are not.
    """

    halves: Bools
    complete: bool
    seed: int | None = None


@lru_cache(maxsize=4)
def all_splits(k: int) -> Splits:
    """Return every split of k items into halves: C(k, k/2)/2 of them, C(k, (k-1)/2) if k is odd.

    Raises:
        RefusalError: fewer than two items, or more than 20.
    """
    _enough(k)
    count = comb(k, k // 2) // (1 if k % 2 else 2)
    if k > MOST_ITEMS:
        raise RefusalError(
            f"{k} items have {count:,} splits into halves; all of them are tried for up to "
            f"{MOST_ITEMS} items: ask for a random sample of them, such as splits=10_000"
        )
    # Of an even number the complement of a half is a half: those with item 1 are all.
    chosen = (
        combinations(range(k), k // 2)
        if k % 2
        else ((0, *rest) for rest in combinations(range(1, k), k // 2 - 1))
    )
    members = np.fromiter(chain.from_iterable(chosen), dtype=np.intp, count=count * (k // 2))
    halves = np.zeros((count, k), dtype=bool)
    np.put_along_axis(halves, members.reshape(count, -1), True, axis=1)
    halves.flags.writeable = False
    return Splits(halves, complete=True)


@lru_cache(maxsize=4)
def sampled_splits(k: int, count: int, seed: int) -> Splits:
    """Return `count` random splits of k items into halves, drawn with replacement.

    Raises:
        RefusalError: fewer than two items, or no split asked for.
    """
    _enough(k)
    if count < 1:
        raise RefusalError(f"{count} splits are no sample; ask for one or more")
    order = np.random.default_rng(seed).permuted(np.tile(np.arange(k), (count, 1)), axis=1)
    halves = order < k // 2
    halves.flags.writeable = False
    return Splits(halves, complete=False, seed=seed)


def splits_of(k: int, count: int | None = None, seed: int = 1) -> Splits:
    """Return all splits of k items into halves, or `count` random ones.

    Raises:
        RefusalError: see `all_splits` and `sampled_splits`.
    """
    return all_splits(k) if count is None else sampled_splits(k, count, seed)


def _enough(k: int) -> None:
    if k < 2:
        raise RefusalError("two halves need two items or more")


def split_half(cov: Floats, first: Bools, form: Form) -> Floats:
    r"""Return the reliability by one split of covariance matrices [..., k, k].

    With A and B the sums of the two halves, r their correlation and p the product of the shares
    of items in them (1/4 for halves of equal length):

    .. math:: \text{guttman: } \frac{4 c_{AB}}{\sum C} \qquad \text{spearman_brown: }
        \frac{2 r}{r + \sqrt{r^2 + 4 p (1 - r^2)}}

    The first is due to Guttman, Rulon and Flanagan; it needs no equal variances, and is a lower
    bound. The second is, for equal halves, the familiar 2r / (1 + r); for halves of unequal
    length it is Horst's, which SPSS prints as "unequal length". NaN where a half has no
    variance.

    Args:
        cov: float [..., k, k].
        first: bool [k], the items of one half.
        form: "guttman" or "spearman_brown".

    Raises:
        RefusalError: a half without items.

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Horst P. Educ
        Psychol Meas 1951;11:368-371. The first agrees with psych::splitHalf (halves of equal
        length) to 1e-10.
    """
    first = np.asarray(first, dtype=bool)
    if first.all() or not first.any():
        raise RefusalError("one half has all the items; each needs one or more")
    return np.asarray(_values(cov, first[None], form)[..., 0])


def _values(cov: Floats, halves: Bools, form: Form) -> Floats:
    """Return the reliability by each of s splits [..., s]."""
    cov = np.asarray(cov, dtype=np.float64)
    k = cov.shape[-1]
    total = summed(cov)[..., None]
    inside = halves.astype(np.float64)
    i, j = np.triu_indices(k, 1)
    both = inside[:, i] * inside[:, j]
    variance = np.diagonal(cov, axis1=-2, axis2=-1)
    one = variance @ inside.T + 2 * (cov[..., i, j] @ both.T)
    between = cov.sum(axis=-1) @ inside.T - one
    if form == "guttman":
        return np.asarray(4 * between / total)
    other = total - one - 2 * between
    least = 1e-12 * variance.sum(axis=-1)[..., None]
    product = np.where((one > least) & (other > least), one * other, np.nan)
    r = np.clip(between / np.sqrt(product), -1, 1)
    share = inside.mean(axis=-1)
    p = share * (1 - share)
    with np.errstate(invalid="ignore", divide="ignore"):
        # r = -1 has no reliability.
        value = 2 * r / (r + np.sqrt(r**2 + 4 * p * (1 - r**2)))
    return np.where(np.isfinite(value), value, np.nan)


@dataclass(frozen=True, eq=False)
class SplitHalves:
    """Split-half reliability over many splits.

    Attributes:
        lowest, mean, highest: float [...].
        splits: how many there are.
        complete: whether these are all; otherwise they were drawn with `seed`.
        seed: of the sample.
    """

    lowest: Floats
    mean: Floats
    highest: Floats
    splits: int
    complete: bool
    seed: int | None


def split_halves(cov: Floats, splits: Splits, form: Form = "guttman") -> SplitHalves:
    """Return the lowest, mean and highest reliability by `splits` of matrices [..., k, k].

    Over all splits of an even number of items, the mean in Guttman's form is alpha; of an odd
    number it is alpha times 1 - 1/k^2, as then no two halves are of equal length.

    psych::splitHalf counts, of an odd number of items, only the first half of all splits.
    """
    lowest, highest, added = [], [], []
    for start in range(0, len(splits.halves), AT_ONCE):
        values = _values(cov, splits.halves[start : start + AT_ONCE], form)
        lowest.append(values.min(axis=-1))
        highest.append(values.max(axis=-1))
        added.append(values.sum(axis=-1))
    count = len(splits.halves)
    return SplitHalves(
        np.asarray(np.min(lowest, axis=0)),
        np.asarray(np.sum(added, axis=0) / count),
        np.asarray(np.max(highest, axis=0)),
        count,
        splits.complete,
        splits.seed,
    )


def split_half_first_last(cov: Floats) -> Floats:
    """Return the Spearman-Brown reliability of first against last items; see `split_half`.

    Of an odd number of items the middle one is in the first half, as in SPSS.
    """
    k = np.shape(cov)[-1]
    return _named(cov, np.arange(k) < (k + 1) // 2, "spearman_brown")


def split_half_first_last_guttman(cov: Floats) -> Floats:
    """Return Guttman's split-half coefficient of first against last items; see `split_half`."""
    k = np.shape(cov)[-1]
    return _named(cov, np.arange(k) < (k + 1) // 2, "guttman")


def split_half_odd_even(cov: Floats) -> Floats:
    """Return the Spearman-Brown reliability of odd against even items; see `split_half`."""
    return _named(cov, np.arange(np.shape(cov)[-1]) % 2 == 0, "spearman_brown")


def split_half_odd_even_guttman(cov: Floats) -> Floats:
    """Return Guttman's split-half coefficient of odd against even items; see `split_half`."""
    return _named(cov, np.arange(np.shape(cov)[-1]) % 2 == 0, "guttman")


def _named(cov: Floats, first: Bools, form: Form) -> Floats:
    if len(first) < 2:
        return np.full(np.shape(cov)[:-2], np.nan)
    return split_half(cov, first, form)


def split_half_min(cov: Floats, count: int | None = None, seed: int = 1) -> Floats:
    """Return the lowest of Guttman's coefficients over all splits, or `count` random ones."""
    return split_halves(cov, splits_of(np.shape(cov)[-1], count, seed)).lowest


def split_half_mean(cov: Floats, count: int | None = None, seed: int = 1) -> Floats:
    """Return the mean of Guttman's coefficients over all splits, or `count` random ones."""
    return split_halves(cov, splits_of(np.shape(cov)[-1], count, seed)).mean


def split_half_max(cov: Floats, count: int | None = None, seed: int = 1) -> Floats:
    """Return the highest of Guttman's coefficients over all splits, or `count` random ones."""
    return split_halves(cov, splits_of(np.shape(cov)[-1], count, seed)).highest


ESTIMANDS: Mapping[str, str] = {
    "split_half_first_last": (
        "parallel items; correlation of first with last half, stepped up (Spearman-Brown, "
        "Horst if unequal); raw items"
    ),
    "split_half_first_last_guttman": (
        "no model; 4 covariance of first with last half / observed variance of the sum; raw items"
    ),
    "split_half_odd_even": (
        "parallel items; correlation of odd with even items, stepped up (Spearman-Brown, "
        "Horst if unequal); raw items"
    ),
    "split_half_odd_even_guttman": (
        "no model; 4 covariance of odd with even items / observed variance of the sum; raw items"
    ),
    "split_half_min": (
        "no model; 4 covariance of halves / observed variance of the sum, lowest of all splits; "
        "raw items"
    ),
    "split_half_mean": (
        "no model; 4 covariance of halves / observed variance of the sum, mean of all splits; "
        "raw items"
    ),
    "split_half_max": (
        "no model; 4 covariance of halves / observed variance of the sum, highest of all splits; "
        "raw items"
    ),
}
"""For each function here: model; numerator / denominator; metric of the items."""
