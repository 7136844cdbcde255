"""The likelihood of cross tables under a bivariate normal: derivatives, and its maximum.

All tables are worked on at once. Thresholds are given, so that a table has one unknown, its
correlation: Newton steps, kept inside a bracket that the sign of the slope narrows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.bivariate import (
    CHUNK,
    FAR,
    angle_integral,
    association,
    bivariate_density,
    normal_cdf,
    normal_density,
    shortfall,
)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LIMIT = 0.9999
"""The correlation at which a likelihood that still rises is taken to have no maximum."""
CLOSE = 1e-8
"""A Newton step below which the next one would be below rounding."""
NOTHING = 1e-14
"""The width of a bracket in which there is nothing more to look for."""
MOST_STEPS = 100
FLAT = 1e-12
"""Information per person below which a likelihood is flat up to rounding."""
REMOTE = 1e-8
"""Probability of a cell with people below which it is computed anew, to a small relative error."""
FLOOR = 1e-150
"""Probability of a cell that stands for none."""
SHORT = ((0.005, 3), (0.15, 6), (0.6, 12))
"""Gauss-Legendre nodes by the length of a step relative to what is left to a right angle."""


def cells(grid: Floats) -> Floats:
    """Return what lies in each cell, from what lies below its corners.

    Args:
        grid: [m, C-1, D-1] at the crossings of thresholds; it is 0 at the outer edges.

    Returns:
        [m, C, D], which sum to zero.
    """
    m, rows, columns = grid.shape
    across = np.empty((m, rows, columns + 1))
    across[:, :, 0] = grid[:, :, 0]
    np.subtract(grid[:, :, 1:], grid[:, :, :-1], out=across[:, :, 1:-1])
    np.negative(grid[:, :, -1], out=across[:, :, -1])
    inside = np.empty((m, rows + 1, columns + 1))
    inside[:, 0] = across[:, 0]
    np.subtract(across[:, 1:], across[:, :-1], out=inside[:, 1:-1])
    np.negative(across[:, -1], out=inside[:, -1])
    return inside


def shares(thresholds: Floats) -> Floats:
    """Return the probability of each category between thresholds [..., C-1]."""
    below = normal_cdf(thresholds)
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([ends, below, ends + 1], axis=-1), axis=-1)


@dataclass
class Tables:
    """Cross tables, the thresholds they are cut at, and where their correlations stand now.

    Attributes:
        counts: people per cell [m, C, D].
        h, k: thresholds of rows and columns at every crossing [m, C-1, D-1], within `FAR`.
        independent: probabilities of the cells if rho were 0 [m, C, D].
        rho: correlations [m].
        joint: P(X <= h, Y <= k) beyond independence at every crossing [m, C-1, D-1].
    """

    counts: Floats
    h: Floats
    k: Floats
    independent: Floats
    rho: Floats
    joint: Floats

    @classmethod
    def at(cls, counts: Floats, rows: Floats, columns: Floats, rho: Floats) -> Tables:
        """Return tables with thresholds [m, C-1] and [m, D-1] and their probabilities at `rho`."""
        shape = (len(rho), rows.shape[1], columns.shape[1])
        h = np.ascontiguousarray(np.broadcast_to(rows[:, :, None], shape))
        k = np.ascontiguousarray(np.broadcast_to(columns[:, None, :], shape))
        independent = shares(rows)[:, :, None] * shares(columns)[:, None, :]
        return cls(counts, h, k, independent, rho, _joint(h, k, rho))

    def grids(self) -> tuple[Floats, Floats, Floats]:
        """Return probabilities of the cells, and their first and second derivatives [m, C, D].

        Of cells with people the probability has a small relative error however small it is; of
        others it may be rounding, even below 0.
        """
        density, slope = bivariate_density(self.h, self.k, self.rho[:, None, None])
        chance = self.independent + cells(self.joint)
        remote = (self.counts > 0) & (chance < REMOTE)
        if remote.any():
            chance[remote] = _remote_cells(self, *np.nonzero(remote))
        return chance, cells(density), cells(slope)

    def move(self, rho: Floats) -> None:
        """Go to other correlations: integrate only over the step where that is short."""
        start, stop = np.arcsin(self.rho), np.arcsin(rho)
        length = np.abs(stop - start) / (np.pi / 2 - np.maximum(np.abs(start), np.abs(stop)))
        far = length > SHORT[-1][0]
        if far.any():
            near = ~far
            self.joint[far] = _joint(self.h[far], self.k[far], rho[far])
            if near.any():
                self.joint[near] += self._change(near, start[near], stop[near], length[near])
        else:
            self.joint += self._change(slice(None), start, stop, length)
        self.rho = rho

    def _change(self, which: Flags | slice, start: Floats, stop: Floats, length: Floats) -> Floats:
        longest = float(length.max())
        nodes = next(count for limit, count in SHORT if longest <= limit)
        h, k = self.h[which], self.k[which]
        flat = (len(h), -1)
        product, squares = (h * k).reshape(flat), (0.5 * (h * h + k * k)).reshape(flat)
        return angle_integral(product, squares, start, stop, nodes).reshape(h.shape)

    def only(self, kept: Flags) -> Tables:
        """Return some of the tables."""
        parts = (self.counts, self.h, self.k, self.independent, self.rho, self.joint)
        return Tables(*(part[kept] for part in parts))


def _joint(h: Floats, k: Floats, rho: Floats) -> Floats:
    flat = (len(rho), -1)
    return association(h.reshape(flat), k.reshape(flat), rho).reshape(h.shape)


def _remote_cells(
    tables: Tables,
    at: npt.NDArray[np.intp],
    row: npt.NDArray[np.intp],
    column: npt.NDArray[np.intp],
) -> Floats:
    """Return probabilities of single cells, without subtracting numbers much larger than they.

    A cell holds what a perfect correlation puts there (often nothing), and what the four corners
    fall short of it.
    """
    rho = tables.rho[at]
    _, rows, columns = tables.h.shape
    low, high = _span(tables.h[:, :, 0], at, row)
    left, right = _span(tables.k[:, 0], at, column)
    left, right = np.where(rho < 0, 1 - right, left), np.where(rho < 0, 1 - left, right)
    perfect = np.maximum(np.minimum(high, right) - np.maximum(low, left), 0.0)
    moved = np.zeros(len(at))
    for down in (0, 1):
        for across in (0, 1):
            i, j = row - 1 + down, column - 1 + across
            inside = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
            part = at[inside], i[inside], j[inside]
            lacking = shortfall(tables.h[part], tables.k[part], rho[inside])
            moved[inside] += lacking * (1 if down == across else -1)
    chance: Floats = perfect - np.sign(rho) * moved
    return chance


def _span(
    thresholds: Floats, at: npt.NDArray[np.intp], places: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return how many lie below a category's lower and upper end."""
    edge = np.ones((len(thresholds), 1))
    below = np.concatenate([0 * edge, normal_cdf(thresholds), edge], axis=1)
    return below[at, places], below[at, places + 1]


def starting_values(counts: Floats, rows: Floats, columns: Floats) -> Floats:
    r"""Return rough correlations: of normal scores, corrected for the coarse categories.

    For c, the correlation of the categories' mean normal scores, and its slope 1/g at zero
    (both as the normal distribution has them), it is :math:`gc - (g - 1)c^3`.
    """
    scored = []
    for thresholds in (rows, columns):
        density = normal_density(thresholds)
        ends = np.zeros((len(density), 1))
        share = shares(thresholds)
        fall = -np.diff(np.concatenate([ends, density, ends], axis=1), axis=1)
        scores = np.where(share > FLOOR, fall / np.maximum(share, FLOOR), 0.0)
        scored.append((scores, (share * scores**2).sum(axis=1)))
    (across, spread), (down, width) = scored
    products = np.einsum("ma,mab,mb->m", across, counts, down) / counts.sum(axis=(1, 2))
    gain = 1 / np.sqrt(spread * width)
    c = np.clip(products * gain, -1, 1)
    start: Floats = np.clip(gain * c - (gain - 1) * c**3, -0.95, 0.95)
    return start


@dataclass
class Bracket:
    """Where the maximum lies: ends, and whether the slope at an end has been seen."""

    low: Floats
    high: Floats
    low_seen: Flags
    high_seen: Flags

    @classmethod
    def of(cls, m: int) -> Bracket:
        """Return brackets of everything within `LIMIT`."""
        ends = np.full(m, LIMIT)
        return cls(-ends, ends.copy(), np.zeros(m, dtype=bool), np.zeros(m, dtype=bool))

    def narrow(self, rho: Floats, rising: Flags) -> None:
        """Take in that the likelihood rises, or falls, at `rho`."""
        self.low = np.where(rising, rho, self.low)
        self.high = np.where(rising, self.high, rho)
        self.low_seen = self.low_seen | rising
        self.high_seen = self.high_seen | ~rising

    def inside(self, proposed: Floats) -> Floats:
        """Return the proposals, or something inside instead."""
        middle = 0.5 * (self.low + self.high)
        above, below = proposed >= self.high, proposed <= self.low
        taken = np.where(above, np.where(self.high_seen, middle, self.high), proposed)
        taken = np.where(below, np.where(self.low_seen, middle, self.low), taken)
        return np.where(np.isnan(proposed), middle, taken)

    def closed(self) -> Flags:
        """Return which brackets have both ends seen, and next to nothing between them."""
        return self.low_seen & self.high_seen & (self.high - self.low <= NOTHING)

    def only(self, kept: Flags) -> Bracket:
        """Return some of the brackets."""
        low, high = self.low[kept], self.high[kept]
        return Bracket(low, high, self.low_seen[kept], self.high_seen[kept])


def correlate(counts: Floats, rows: Floats, columns: Floats) -> tuple[Floats, Flags]:
    """Return the correlation that makes each cross table likeliest, its thresholds given.

    Args:
        counts: people per cell [m, C, D]; empty rows and columns do not matter.
        rows: thresholds of the rows [m, C-1]; equal or infinite where a category is not used.
        columns: thresholds of the columns [m, D-1].

    Returns:
        Correlations [m], and which of them are at the limit: there the likelihood rises all the
        way to a perfect correlation. NaN where a table has one row or one column only.
    """
    rho = np.full(len(counts), np.nan)
    at_limit = np.zeros(len(counts), dtype=bool)
    varies = (counts.any(axis=2).sum(axis=1) > 1) & (counts.any(axis=1).sum(axis=1) > 1)
    usable = np.flatnonzero(varies & ~(np.isnan(rows).any(axis=1) | np.isnan(columns).any(axis=1)))
    size = max(1, CHUNK // max(1, rows.shape[1] * columns.shape[1]))
    for start in range(0, len(usable), size):
        part = usable[start : start + size]
        rho[part], at_limit[part] = _maximum(
            counts[part].astype(np.float64),
            np.clip(rows[part], -FAR, FAR),
            np.clip(columns[part], -FAR, FAR),
        )
    return rho, at_limit


def _maximum(counts: Floats, rows: Floats, columns: Floats) -> tuple[Floats, Flags]:
    found = np.full(len(counts), np.nan)
    at_limit = np.zeros(len(counts), dtype=bool)
    where = np.arange(len(counts))
    tables = Tables.at(counts, rows, columns, starting_values(counts, rows, columns))
    bracket = Bracket.of(len(counts))
    for _ in range(MOST_STEPS):
        rising, proposed = _newton(tables)
        bracket.narrow(tables.rho, rising)
        ended = np.abs(tables.rho) >= LIMIT
        ended &= rising == (tables.rho > 0)
        # A step this small is right even if rounding puts it just outside of the bracket.
        close = np.abs(proposed - tables.rho) <= CLOSE * (1 - tables.rho**2)
        taken = np.where(close, proposed, bracket.inside(proposed))
        done = ended | close | bracket.closed()
        found[where[done]] = np.where(ended, tables.rho, taken)[done]
        at_limit[where[ended]] = True
        if done.all():
            break
        if done.any():
            where, taken = where[~done], taken[~done]
            tables, bracket = tables.only(~done), bracket.only(~done)
        tables.move(taken)
    return found, at_limit


def _newton(tables: Tables) -> tuple[Flags, Floats]:
    """Return whether the likelihoods rise, and the correlations that a Newton step leads to."""
    counts, rho = tables.counts, tables.rho
    chance, first, second = tables.grids()
    lost = ((counts > 0) & (chance < FLOOR)).any(axis=(1, 2))
    chance = np.maximum(chance, FLOOR)
    ratio = first / chance
    weighted = counts / chance
    score = np.einsum("mab,mab->m", weighted, first)
    squares = np.einsum("mab,mab->m", weighted, first * ratio)
    information = squares - np.einsum("mab,mab->m", weighted, second)
    information = np.where(information > 0, information, squares)
    with np.errstate(divide="ignore", invalid="ignore"):
        proposed = rho + score / information
    # Where nothing depends on the correlation any more, no answer is left that contradicts it.
    flat = squares <= FLAT * counts.sum(axis=(1, 2))
    proposed = np.where(flat, np.copysign(LIMIT, rho), proposed)
    # Where answers that were given have become impossible, the correlation is too strong.
    proposed = np.where(lost, np.nan, proposed)
    rising = np.where(flat, rho > 0, score > 0)
    return np.where(lost, rho < 0, rising), proposed
