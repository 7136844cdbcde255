r"""Asymptotic covariances of thresholds and polychoric correlations.

The estimates solve :math:`\sum_i s(x_i; \tau, \rho) = 0`, where s stacks the slopes of each
item's own likelihood (for its thresholds) and of each pair's (for its correlation only). So

.. math:: \hat\vartheta - \vartheta \approx B^{-1} \sum_i s_i, \qquad
    \Gamma = n\, B^{-1} \left(\sum_i s_i s_i'\right) B^{-T}

with B block triangular: an item's thresholds depend on nothing else, a correlation on the
thresholds of its two items. What a person adds to a correlation is therefore looked up by the
two answers, and only the products of these influences need the patterns of answers.

Source: Muthen B. A general structural equation model with dichotomous, ordered categorical, and
continuous latent variable indicators. Psychometrika 1984;49:115-132. doi:10.1007/BF02294210.
Olsson U. Psychometrika 1979;44:443-460. doi:10.1007/BF02296207
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.bivariate import FAR, normal_cdf, normal_density
from psychoscales.engines.structure.likelihood import FLOOR, Tables
from psychoscales.engines.structure.pairs import PairCounts, pairs_of

Floats = npt.NDArray[np.float64]

CHUNK = 8192
"""Patterns whose influences are written down at a time."""


def asymptotic_covariance(
    rows: npt.NDArray[np.int8],
    people: npt.NDArray[np.int64],
    pairs: PairCounts,
    thresholds: Sequence[Floats],
    correlation: Floats,
) -> Floats:
    r"""Return the asymptotic covariances [q, q] of sqrt(n) times thresholds and correlations.

    Both parts of B are estimated by sums of products of slopes. A person with missing answers
    adds to what the answers that are there bear on.

    Args:
        rows: option positions [m, k], -1 where missing; every option of an item is used.
        people: people per row [m]; n is their sum.
        pairs: the counts of pairs of these rows.
        thresholds: of each item [C_j - 1].
        correlation: polychoric correlations [k, k].

    Returns:
        Thresholds item by item, then correlations (2,1), (3,1), ..., (k,1), (3,2), ...: the order
        of lavaan's NACOV. Agrees with it: the diagonal to 1e-6 (lavaan's own optimiser
        stops there), complete and pairwise.
    """
    padded = _padded(thresholds)
    items = threshold_influence(pairs.margins, padded)
    both = correlation_influence(pairs, padded, correlation, items)
    total = _products(rows, people, [len(each) for each in thresholds], items, both)
    return total * float(people.sum())


def _padded(thresholds: Sequence[Floats]) -> Floats:
    widest = max(len(each) for each in thresholds)
    padded = np.full((len(thresholds), widest), FAR)
    for at, each in enumerate(thresholds):
        padded[at, : len(each)] = each
    return padded


def threshold_influence(margins: npt.NDArray[np.int64], thresholds: Floats) -> Floats:
    """Return what each answer adds to its item's thresholds [k, C + 1, C - 1].

    The last row is of a missing answer and is 0, as are columns of thresholds that are not there.
    """
    k, count = thresholds.shape
    below = normal_cdf(np.concatenate([thresholds, np.full((k, 1), FAR)], axis=1))
    chance = np.diff(below, axis=1, prepend=0.0)
    density = normal_density(thresholds)
    slopes = np.zeros((k, count + 2, count))
    at = np.arange(count)
    safe = np.maximum(chance, FLOOR)
    slopes[:, at, at] = density / safe[:, :-1]
    slopes[:, at + 1, at] = -density / safe[:, 1:]
    information = np.einsum("ka,kac,kad->kcd", margins, slopes[:, :-1], slopes[:, :-1])
    # A threshold that is not there has no slope; a one keeps its matrix invertible.
    information[:, at, at] += thresholds >= FAR
    return np.swapaxes(np.linalg.solve(information, np.swapaxes(slopes, 1, 2)), 1, 2)


def correlation_influence(
    pairs: PairCounts, thresholds: Floats, correlation: Floats, items: Floats
) -> Floats:
    """Return what two answers add to their pair's correlation [pairs, C + 1, C + 1].

    The last row and the last column are of a missing answer.
    """
    first, second = pairs_of(len(thresholds))
    h, k, rho = thresholds[first], thresholds[second], correlation[first, second]
    return pair_influence(pairs.tables.astype(np.float64), h, k, rho, items[first], items[second])


def pair_influence(
    counts: Floats, h: Floats, k: Floats, rho: Floats, of_rows: Floats, of_columns: Floats
) -> Floats:
    """Return what two answers add to the correlation of their table [m, C + 1, C + 1].

    Args:
        counts: tables [m, C, C].
        h, k: thresholds of their rows and columns [m, C - 1], `FAR` behind the last one.
        rho: correlations [m].
        of_rows, of_columns: what an answer adds to these thresholds [m, C + 1, C - 1].
    """
    chance, density, _ = Tables.at(counts, h, k, rho).grids()
    chance = np.maximum(chance, FLOOR)
    slope = density / chance
    information = (counts * slope**2).sum(axis=(1, 2))
    weighted = counts * slope / chance
    by_rows = np.einsum("pab,pabc->pc", weighted, _falls(h, k, rho))
    by_columns = np.einsum("pab,pbac->pc", weighted, _falls(k, h, rho))
    table = np.zeros((len(rho), *(np.array(chance.shape[1:]) + 1)))
    table[:, :-1, :-1] = slope
    table -= np.einsum("pc,pac->pa", by_rows, of_rows)[:, :, None]
    table -= np.einsum("pc,pbc->pb", by_columns, of_columns)[:, None, :]
    influence: Floats = table / information[:, None, None]
    return influence


def _falls(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return how cells' probabilities change with the thresholds h [pairs, a, b, threshold].

    Cell (a, b) lies between thresholds a of h and b of k.
    """
    m, count = h.shape
    rest = np.sqrt((1 - rho) * (1 + rho))
    edges = np.zeros((m, count, k.shape[1] + 2))
    edges[:, :, -1] = 1.0
    distance = k[:, None, :] - rho[:, None, None] * h[:, :, None]
    edges[:, :, 1:-1] = normal_cdf(distance / rest[:, None, None])
    edges[:, :, 1:-1] = np.where(k[:, None, :] >= FAR, 1.0, edges[:, :, 1:-1])
    inside = np.diff(edges, axis=2) * normal_density(h)[:, :, None]
    change = np.zeros((m, count + 1, k.shape[1] + 1, count))
    at = np.arange(count)
    change[:, at, :, at] = np.swapaxes(inside, 0, 1)
    change[:, at + 1, :, at] -= np.swapaxes(inside, 0, 1)
    return change


def _products(
    rows: npt.NDArray[np.int8],
    people: npt.NDArray[np.int64],
    counts: Sequence[int],
    items: Floats,
    both: Floats,
) -> Floats:
    """Sum the products of influences over people [q, q]."""
    k, wide = len(counts), both.shape[1]
    first, second = pairs_of(k)
    alone = [items[item, :, at].copy() for item, count in enumerate(counts) for at in range(count)]
    owner = np.repeat(np.arange(k), counts)
    tables = both.reshape(len(first), -1)
    total = np.zeros((len(alone) + len(first),) * 2)
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK].T.astype(np.intp)
        answers = np.where(part < 0, wide - 1, part)
        influence = np.empty((len(total), answers.shape[1]))
        # Every index is within its table; saying "clip" spares a copy of what is taken.
        for at, table in enumerate(alone):
            np.take(table, answers[owner[at]], out=influence[at], mode="clip")
        rowwise = answers * wide
        for at, table in enumerate(tables):
            index = rowwise[first[at]] + answers[second[at]]
            np.take(table, index, out=influence[len(alone) + at], mode="clip")
        influence *= np.sqrt(people[start : start + CHUNK])
        total += influence @ influence.T
    return total
