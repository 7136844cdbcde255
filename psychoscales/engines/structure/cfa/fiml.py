"""The normal likelihood of answers some of which are missing (at random)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import lower
from psychoscales.engines.structure.cfa.normal import Complete, inverse
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MOST_STEPS, EXACT = 500, 1e-10


@dataclass(frozen=True, eq=False)
class Seen:
    """The people with answers to the same items.

    Attributes:
        items: which items they answered.
        weight: their share of all people.
        mean, cov: of these items, divisor the number of these people.
        values, weights: their distinct rows, and the share of all people that gave each.
        places: where the moments of these items stand among those of all items.
    """

    items: Integers
    weight: float
    mean: Floats
    cov: Floats
    values: Floats
    weights: Floats
    places: Integers


@dataclass(frozen=True, eq=False)
class Missing:
    """One group's answers, some of them missing, one entry for each set of answered items.

    Attributes:
        n: people who answered anything.
        seen: a `Seen` for each set of items that somebody answered.
        mean, cov: the saturated model's estimates.
        top: the saturated model's value, which is taken off every other.
    """

    n: int
    seen: tuple[Seen, ...]
    mean: Floats
    cov: Floats
    top: float

    @property
    def loglik(self) -> float:
        """The log likelihood of the saturated model."""
        answers = sum(each.weight * len(each.items) for each in self.seen)
        return -self.n * (self.top + 0.5 * answers * float(np.log(2 * np.pi)))

    def value(self, mean: Floats, cov: Floats) -> float:
        """Return half the discrepancy from the saturated model; inf outside the valid region."""
        return _value(self.seen, mean, cov) - self.top

    def slopes(self, mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
        """Return w [p] and Omega [p, p]: d value = tr(Omega d cov) / 2 - w' d mean."""
        return _slopes(self.seen, mean, cov)

    def expected(self, mean: Floats, cov: Floats) -> Floats:
        """Return the information that would be expected of these missing answers."""
        return _information(self.seen, mean, cov, expected=True)

    def observed(self, mean: Floats, cov: Floats) -> Floats:
        """Return the observed information of the moments, per person."""
        return _information(self.seen, mean, cov, expected=False)

    def meat(self, mean: Floats, cov: Floats) -> Floats:
        """Return the mean outer product of each person's slopes at a mean and covariance."""
        size = len(mean) + len(mean) * (len(mean) + 1) // 2
        blocks = []
        for each in self.seen:
            precision, _ = inverse(cov[np.ix_(each.items, each.items)])
            turned = (each.values - mean[each.items]) @ precision
            r, c = lower(len(each.items), True)
            half = np.where(r == c, 0.5, 1.0)
            slopes = np.zeros((len(turned), size))
            moved = half * (turned[:, r] * turned[:, c] - precision[r, c])
            slopes[:, each.places] = np.hstack([turned, moved])
            blocks.append(slopes * np.sqrt(each.weights)[:, None])
        every = np.vstack(blocks)
        return np.asarray(every.T @ every)


def missing(values: Floats, counts: npt.NDArray[np.int64]) -> Missing:
    """Return the answers with their saturated model, estimated by EM and finished by Newton.

    Args:
        values: distinct rows [m, p], NaN where an answer is missing; rows without any answer
            are left out.
        counts: people per row.

    Raises:
        RefusalError: an item, or a pair of items, that nobody answered, an item without
            variance, or a saturated model that does not converge.
    """
    there = ~np.isnan(values)
    keep = there.any(axis=1)
    values, counts, there = values[keep], counts[keep], there[keep]
    n = int(counts.sum())
    both = there.T.astype(float) @ (there * counts[:, None])
    if not (both > 1).all():
        raise RefusalError("a pair of items was answered by fewer than two people")
    seen = tuple(_groups(values, counts / n, there))
    mean, cov = _start(values, counts, there)
    if not (np.diag(cov) > 0).all():
        raise RefusalError("no variance: everybody gave the same answer to an item")
    mean, cov = _saturated(seen, mean, cov)
    return Missing(n, seen, mean, cov, _value(seen, mean, cov))


def at_moments(of: Missing) -> Complete:
    """Return the saturated estimates as if they were moments of complete answers."""
    return Complete(of.n, of.mean, of.cov, None, inverse(of.cov)[1])


def _start(
    values: Floats, counts: npt.NDArray[np.int64], there: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    weights = there * counts[:, None]
    mean = np.nansum(values * weights, axis=0) / weights.sum(axis=0)
    variance = np.nansum((values - mean) ** 2 * weights, axis=0) / weights.sum(axis=0)
    return mean, np.diag(variance)


def _groups(values: Floats, weights: Floats, there: npt.NDArray[np.bool_]) -> Iterator[Seen]:
    p = values.shape[1]
    rows, columns = lower(p, True)
    place = np.zeros((p, p), dtype=np.int64)
    place[rows, columns] = place[columns, rows] = p + np.arange(len(rows))
    _, which = np.unique(there, axis=0, return_inverse=True)
    for number in range(int(which.max()) + 1):
        mine = which.ravel() == number
        items = np.flatnonzero(there[mine][0])
        inside, weight = values[np.ix_(mine, items)], weights[mine]
        share = float(weight.sum())
        mean = weight @ inside / share
        away = inside - mean
        cov = away.T @ (away * weight[:, None]) / share
        r, c = lower(len(items), True)
        places = np.concatenate([items, place[items[r], items[c]]])
        yield Seen(items, share, mean, cov, inside, weight, places)


def _value(seen: tuple[Seen, ...], mean: Floats, cov: Floats) -> float:
    total = 0.0
    for each in seen:
        precision, log_det = inverse(cov[np.ix_(each.items, each.items)])
        if not np.isfinite(log_det):
            return float("inf")
        away = each.mean - mean[each.items]
        spread = each.cov + np.outer(away, away)
        total += 0.5 * each.weight * (log_det + float((precision * spread).sum()))
    return total


def _slopes(seen: tuple[Seen, ...], mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
    pull, push = np.zeros_like(mean), np.zeros_like(cov)
    for each in seen:
        here = np.ix_(each.items, each.items)
        precision, _ = inverse(cov[here])
        away = each.mean - mean[each.items]
        spread = each.cov + np.outer(away, away)
        pull[each.items] += each.weight * (precision @ away)
        push[here] += each.weight * (precision - precision @ spread @ precision)
    return pull, push


def _information(seen: tuple[Seen, ...], mean: Floats, cov: Floats, expected: bool) -> Floats:
    """Return the information of means and covariances, summed over sets of answered items.

    The sum over sets of products of two matrices is one product of matrices: their elements
    strung out, a row for each set, 0 where an item was not answered.
    """
    p = len(mean)
    left, right = np.zeros((len(seen), p, p)), np.zeros((len(seen), p, p))
    pull = np.zeros((len(seen), p))
    for number, each in enumerate(seen):
        here = np.ix_(np.array([number]), each.items, each.items)
        precision, _ = inverse(cov[np.ix_(each.items, each.items)])
        left[here] = right[here] = precision[None]
        if not expected:
            away = each.mean - mean[each.items]
            spread = each.cov + np.outer(away, away)
            right[here] = (2 * precision @ spread @ precision - precision)[None]
            pull[number, each.items] = precision @ away
    weights = np.array([each.weight for each in seen])
    strung = left.reshape(len(seen), -1)
    total = np.zeros((p + p * (p + 1) // 2,) * 2)
    total[:p, :p] = (weights @ strung).reshape(p, p)
    both = ((strung.T * weights) @ right.reshape(len(seen), -1)).reshape(p, p, p, p)
    r, c = lower(p, True)
    half = np.where(r == c, 0.5, 1.0)
    s, t = r[None, :], c[None, :]
    r, c = r[:, None], c[:, None]
    sums = both[r, s, c, t] + both[r, t, c, s]
    if not expected:
        sums = (sums + both[c, t, r, s] + both[c, s, r, t]) / 2
        mixed = ((pull.T * weights) @ strung).reshape(p, p, p)
        total[:p, p:] = ((mixed[s[0], t[0]] + mixed[t[0], s[0]]) * half[:, None]).T
        total[p:, :p] = total[:p, p:].T
    total[p:, p:] = sums * np.outer(half, half)
    return total


def _saturated(seen: tuple[Seen, ...], mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
    """Return the saturated estimates: EM until it is slow or near, then Newton's method."""
    before = _value(seen, mean, cov)
    for _ in range(MOST_STEPS):
        mean, cov = _expectation(seen, mean, cov)
        value = _value(seen, mean, cov)
        if before - value < 1e-6 * max(1.0, abs(value)):
            break
        before = value
    p = len(mean)
    r, c = lower(p, True)
    for _ in range(MOST_STEPS):
        pull, push = _slopes(seen, mean, cov)
        half = np.where(r == c, 0.5, 1.0)
        gradient = np.concatenate([-pull, half * push[r, c]])
        scale = np.sqrt(np.diag(cov))
        free = np.concatenate([scale, scale[r] * scale[c]])
        if np.abs(gradient * free).max() < EXACT:
            return mean, cov
        step = np.linalg.solve(_information(seen, mean, cov, expected=False), -gradient)
        moved = cov.copy()
        moved[r, c] = moved[c, r] = cov[r, c] + step[p:]
        if _value(seen, mean + step[:p], moved) <= _value(seen, mean, cov) + 1e-12:
            mean, cov = mean + step[:p], moved
        else:
            mean, cov = _expectation(seen, mean, cov)
    raise RefusalError(
        "the means and covariances of the answers with missing ones did not converge: too few "
        "people answered some items together"
    )


def _expectation(seen: tuple[Seen, ...], mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
    """Return the next means and covariances of the EM algorithm."""
    p = len(mean)
    first, second = np.zeros(p), np.zeros((p, p))
    for each in seen:
        here = each.items
        precision, _ = inverse(cov[np.ix_(here, here)])
        regression = cov[:, here] @ precision
        filled = mean + regression @ (each.mean - mean[here])
        left = cov - regression @ cov[here]
        first += each.weight * filled
        spread = regression @ each.cov @ regression.T + left + np.outer(filled, filled)
        second += each.weight * spread
    return first, second - np.outer(first, first)
