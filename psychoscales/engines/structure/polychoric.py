"""Polychoric and tetrachoric correlations, from counts of pairs of answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns, frozen
from psychoscales.engines.structure.acov import asymptotic_covariance
from psychoscales.engines.structure.likelihood import LIMIT, correlate
from psychoscales.engines.structure.ordinal import Ordinal
from psychoscales.engines.structure.pairs import PairCounts, pair_counts, pairs_of
from psychoscales.errors import RefusalError
from psychoscales.moments import MissingRule

Floats = npt.NDArray[np.float64]

ZERO_CELLS = ("lavaan", "none", "half", "half_margins")
"""What can be done to empty cells. "lavaan": where one cell of a two by two table is empty, half a
person moves into it, and the margins stay. "half": each empty cell of any table gets half a
person; thresholds stay those of the items (as psych::tetrachoric does). "half_margins": the same,
and the thresholds of a pair are those of its table after that (psych::polychoric, global=FALSE).
"""
FEWEST = 3
"""People that have to have answered both items of a pair."""
NAMED = 5
"""Pairs that a message names."""


class Polychorics(NamedTuple):
    """Thresholds and correlations of many tables, without standard errors.

    Attributes:
        thresholds: [..., k, C-1]; infinite where no answer lies beyond.
        correlation: [..., k, k]; NaN where an item has one answer only.
        at_limit: bool [..., pairs]; correlations that stand at plus or minus 0.9999 because the
            likelihood rises all the way to 1.
    """

    thresholds: Floats
    correlation: Floats
    at_limit: npt.NDArray[np.bool_]


def ordinal(
    patterns: Patterns,
    *,
    missing: MissingRule = "complete",
    zero_cells: str = "lavaan",
    acov: bool = True,
) -> Ordinal:
    r"""Return thresholds and polychoric correlations of counted answers, in two steps.

    Each item's thresholds are normal quantiles of its cumulative proportions; then each pair's
    correlation maximises the likelihood of the pair's cross table with thresholds fixed:

    .. math:: \hat\rho_{ij} = \arg\max_\rho \sum_{a,b} n_{ab} \log P_{ab}(\tau_i, \tau_j, \rho)

    where P are bivariate normal probabilities of the cells. It assumes that the answers are cut
    from two normal variables. Of items with two options it is the tetrachoric correlation.

    Options that nobody chose are left out, as lavaan does with answers stored as numbers.

    Args:
        patterns: counted rows.
        missing: "complete" leaves out people with any missing answer; "pairwise" uses for an
            item everybody who answered it, and for a pair everybody who answered both.
        zero_cells: one of `ZERO_CELLS`.
        acov: whether to compute the asymptotic covariances (see `asymptotic_covariance`).

    Raises:
        RefusalError: fewer than two items; a pair of fewer than three people; an item with one
            answer; a pair whose answers go together perfectly; asymptotic covariances of
            thresholds that differ by pair ("half_margins").

    Source:
        Olsson U. Maximum likelihood estimation of the polychoric correlation coefficient.
        Psychometrika 1979;44:443-460. doi:10.1007/BF02296207. Agrees with lavaan::lavCor to
        1e-6, with psych::polychoric (correct = 0) to 1e-4.
    """
    _check_asked(patterns, missing, zero_cells, acov)
    rows, people, dropped = _people(patterns, missing)
    pairs = pair_counts(rows, people, patterns.categories)
    used = _used(pairs.margins, patterns.items)
    if tuple(len(each) for each in used) != tuple(patterns.categories):
        rows, pairs = _renumbered(rows, used), _without_unused(pairs, used)
    n = _pair_n(pairs, patterns.items)
    found = polychorics(pairs, zero_cells=zero_cells)
    _check_found(found, pairs, patterns.items, zero_cells)
    thresholds = [found.thresholds[at, : len(each) - 1].copy() for at, each in enumerate(used)]
    known = (rows, people, pairs, thresholds, found.correlation)
    return Ordinal(
        names=patterns.items,
        thresholds=tuple(frozen(each) for each in thresholds),
        correlation=frozen(found.correlation),
        n=frozen(n),
        missing=missing,
        acov=frozen(asymptotic_covariance(*known)) if acov else None,
        dropped=dropped,
        zero_cells=zero_cells,
        notes=tuple(_notes(patterns, used, pairs, found.correlation)),
        people=int(people.sum()),
        used=used,
    )


def _check_asked(patterns: Patterns, missing: str, zero_cells: str, acov: bool) -> None:
    if missing not in ("complete", "pairwise"):
        raise ValueError(f"missing is 'complete' or 'pairwise', not '{missing}'")
    if zero_cells not in ZERO_CELLS:
        raise ValueError(f"zero_cells is one of {', '.join(ZERO_CELLS)}, not '{zero_cells}'")
    if acov and zero_cells == "half_margins":
        raise RefusalError(
            "no asymptotic covariances where every pair has thresholds of its own; ask for "
            "acov=False, or for zero_cells='lavaan'"
        )
    if len(patterns.items) < 2:
        raise RefusalError("a correlation needs two items or more")


def polychorics(pairs: PairCounts, *, zero_cells: str = "lavaan") -> Polychorics:
    """Return thresholds and correlations of many tables at once, such as those of resamples.

    Options without answers may be there; they do not change the correlations. An item counts as
    one of two options if none of the tables has answers beyond the first two.

    Args:
        pairs: counts with any leading axes, of any non-negative numbers.
        zero_cells: one of `ZERO_CELLS`.
    """
    *lead, k, widest = pairs.margins.shape
    margins = pairs.margins.reshape(-1, k, widest)
    first, second = pairs_of(k)
    size, count = len(margins), len(first)
    # Pairs before resamples: tables of one pair correlate alike, and so need the same nodes.
    tables = np.swapaxes(pairs.tables.reshape(size, count, widest, widest), 0, 1)
    flat = tables.reshape(-1, widest, widest)
    thresholds = _thresholds(margins)
    rows, columns = (
        np.swapaxes(thresholds[:, side], 0, 1).reshape(-1, widest - 1) for side in (first, second)
    )
    if zero_cells == "lavaan":
        two = np.logical_not(np.any(margins[:, :, 2:], axis=(0, 2)))
        both = np.repeat(two[first] & two[second], size)
        flat = _filled_two_by_two(flat, both)
    elif zero_cells in ("half", "half_margins"):
        people = flat.sum(axis=(1, 2))
        flat = _filled(flat)
        if zero_cells == "half_margins":
            rows, columns = (_thresholds(flat.sum(axis=axis), people) for axis in (2, 1))
    rho, at_limit = correlate(flat, rows, columns)
    correlation = np.ones((size, k, k))
    by_pair = rho.reshape(count, size).T
    correlation[:, first, second] = correlation[:, second, first] = by_pair
    return Polychorics(
        thresholds.reshape(*lead, k, widest - 1),
        correlation.reshape(*lead, k, k),
        at_limit.reshape(count, size).T.reshape(*lead, count),
    )


def _thresholds(margins: npt.NDArray[Any], people: npt.NDArray[Any] | None = None) -> Floats:
    """Normal quantiles of cumulative proportions [..., C-1]; NaN where there is nobody."""
    from scipy.special import ndtri

    below = np.cumsum(margins, axis=-1, dtype=np.float64)
    whole = below[..., -1] if people is None else people
    with np.errstate(invalid="ignore", divide="ignore"):
        share = below[..., :-1] / whole[..., None]
    return np.asarray(ndtri(share), dtype=np.float64)


def _filled_two_by_two(tables: npt.NDArray[Any], both: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Move half a person into the one empty cell of a two by two table; margins stay."""
    corner = tables[:, :2, :2]
    empty = np.asarray(corner == 0)
    one = np.flatnonzero(both & (empty.sum(axis=(1, 2)) == 1))
    if not len(one):
        return tables
    filled = tables.astype(np.float64)
    on_diagonal = empty[one, 0, 0] | empty[one, 1, 1]
    half = np.where(on_diagonal, 0.5, -0.5)
    filled[one, :2, :2] += half[:, None, None] * np.array([[1, -1], [-1, 1]])
    return filled


def _filled(tables: npt.NDArray[Any]) -> Floats:
    """Put half a person into every empty cell of rows and columns that are not empty."""
    there = tables.any(axis=2, keepdims=True) & tables.any(axis=1, keepdims=True)
    return np.where(there & (tables == 0), 0.5, tables.astype(np.float64))


def _people(
    patterns: Patterns, missing: MissingRule
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64], int]:
    """Return the rows that are used, people per row, and how many people were left out."""
    rows, counts = patterns.rows, patterns.counts
    if not len(rows) or rows.min() >= 0:
        return rows, counts, 0
    keep = np.ones(len(rows), dtype=bool)
    if missing == "complete":
        for column in rows.T:
            keep &= column >= 0
    else:
        # Rows are distinct and in order: nobody's answers stand first if they are there at all.
        keep[0] = (rows[0] >= 0).any()
    return rows[keep], counts[keep], int(counts[~keep].sum())


def _used(margins: npt.NDArray[np.int64], names: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the options of each item that anybody chose; refuse items of which that is one."""
    used = []
    for name, margin in zip(names, margins, strict=True):
        options = np.flatnonzero(margin)
        if len(options) < 2:
            what = "gave the same answer to" if len(options) else "left out"
            raise RefusalError(f"no correlation: everybody {what} {name}")
        used.append(tuple(int(option) for option in options))
    return tuple(used)


def _renumbered(
    rows: npt.NDArray[np.int8], used: tuple[tuple[int, ...], ...]
) -> npt.NDArray[np.int8]:
    """Return the rows with the used options of each item numbered from 0."""
    renumbered = np.full_like(rows, -1)
    for at, options in enumerate(used):
        places = np.searchsorted(options, rows[:, at])
        renumbered[:, at] = np.where(rows[:, at] < 0, -1, places)
    return renumbered


def _without_unused(pairs: PairCounts, used: tuple[tuple[int, ...], ...]) -> PairCounts:
    """Return the counts of used options only, padded with zeros."""
    widest = max(len(options) for options in used)
    # What is beyond an item's last used option is taken from an added row of zeros.
    padded = np.full((len(used), widest), pairs.margins.shape[1])
    for at, options in enumerate(used):
        padded[at, : len(options)] = options
    first, second = pairs_of(len(used))
    tables = np.pad(pairs.tables, ((0, 0), (0, 1), (0, 1)))
    margins = np.pad(pairs.margins, ((0, 0), (0, 1)))
    which = np.arange(len(first))[:, None, None]
    return PairCounts(
        tables[which, padded[first][:, :, None], padded[second][:, None, :]],
        np.take_along_axis(margins, padded, axis=1),
    )


def _pair_n(pairs: PairCounts, names: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """People of every pair [k, k], and on the diagonal of every item; refuse too few."""
    k = pairs.margins.shape[-2]
    first, second = pairs_of(k)
    n = np.diag(pairs.margins.sum(axis=-1))
    n[first, second] = n[second, first] = pairs.tables.sum(axis=(1, 2))
    row, column = divmod(int(np.argmin(n)), len(n))
    if n[row, column] < FEWEST:
        raise RefusalError(
            f"{int(n[row, column])} people answered both {names[row]} and {names[column]}; "
            f"a polychoric correlation needs {FEWEST} or more"
        )
    return n


def _check_found(
    found: Polychorics, pairs: PairCounts, names: tuple[str, ...], zero_cells: str
) -> None:
    first, second = pairs_of(len(names))
    rho = found.correlation[first, second]
    lost = np.flatnonzero(np.isnan(rho))
    if len(lost):
        why = (
            "filling their empty cells leaves more people than there were below a threshold"
            if zero_cells == "half_margins"
            else "the people who answered both gave one and the same answer to one of them"
        )
        raise RefusalError(f"no polychoric correlation of {_named(lost, names)}: {why}")
    perfect = np.flatnonzero(found.at_limit)
    if len(perfect):
        largest = "; ".join(
            f"beyond {LIMIT:g}" if rho[at] > 0 else f"beyond -{LIMIT:g}"
            for at in perfect[: NAMED if len(perfect) <= NAMED else 1]
        )
        people = int(pairs.tables[perfect[0]].sum())
        raise RefusalError(
            f"the answers to {_named(perfect, names)} go together perfectly (the correlation is "
            f"{largest}; {people:,} people): leave one of the items out"
        )


def _named(which: npt.NDArray[np.intp], names: tuple[str, ...]) -> str:
    first, second = pairs_of(len(names))
    shown = [f"{names[first[at]]} and {names[second[at]]}" for at in which[:NAMED]]
    more = f"; and {len(which) - NAMED} more pairs" if len(which) > NAMED else ""
    return "; ".join(shown) + more


def _notes(
    patterns: Patterns, used: tuple[tuple[int, ...], ...], pairs: PairCounts, correlation: Floats
) -> list[str]:
    notes = []
    for name, options, count in zip(patterns.items, used, patterns.categories, strict=True):
        unused = [str(option + 1) for option in range(count) if option not in options]
        if unused:
            notes.append(
                f"{name}: nobody chose option {', '.join(unused)} of {count}; its thresholds "
                f"are between the {len(options)} others"
            )
    sizes = np.array([len(options) for options in used])
    first, second = pairs_of(len(used))
    empty = sizes[first] * sizes[second] - (pairs.tables > 0).sum(axis=(1, 2))
    if empty.any():
        notes.append(
            f"{int((empty > 0).sum())} of {len(empty)} pairs of items have empty cells in their "
            f"cross table, {int(empty.max())} at most"
        )
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    if smallest < np.finfo(float).eps:
        notes.append(
            "the polychoric correlations are not positive definite (smallest eigenvalue "
            f"{smallest:.3g}): together they are those of no population"
        )
    return notes
