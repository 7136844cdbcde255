"""Responses to scores: one kernel on int8 positions, whatever kind of frame they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales import kernel
from psychoscales.kernel import Columns
from psychoscales.responses import Block, Responses, keyed_values
from psychoscales.scores import (
    PIECE,
    Counted,
    Floats,
    ScaleScores,
    ScoreColumn,
    Scores,
    levels_of,
)
from psychoscales.spec.claims import Bands
from psychoscales.spec.model import Scale, Score
from psychoscales.spec.numbers import above_lowest
from psychoscales.spec.stored import same

TIDY = 9
"""Decimals that sums of scores are compared with bands by: .1 + .7 is .8."""


def score_responses(responses: Responses) -> Scores:
    """Score every block of `responses`."""
    notes: list[str] = []
    parts = {
        name: score_block(block, responses.kept, notes) for name, block in responses.blocks.items()
    }
    return Scores(parts, responses, tuple(notes))


def score_block(
    block: Block, kept: Mapping[str, npt.NDArray[Any]], notes: list[str]
) -> ScaleScores:
    """Score one scale; `kept` holds person variables that bands may be for.

    People are scored in pieces that fit the processor's cache, each by the same steps.
    """
    scale, size = block.scale, len(block.positions)
    groups = [_people_of(scale, bands, kept, notes, size) for bands in scale.bands]
    whole = _nobody(block)
    for start in range(0, size, PIECE):
        rows = slice(start, start + PIECE)
        people = [None if group is None else group[rows] for group in groups]
        _score_piece(block.piece(rows), people, whole, rows)
    return whole


def _nobody(block: Block) -> ScaleScores:
    """Return scores that have room for everybody, and say nothing yet."""
    scale, size = block.scale, len(block.positions)
    scores = {}
    for score in scale.scores:
        value = np.empty(size)
        exact = np.empty(size) if score.missing.round != "none" else value
        n_valid, status = np.empty(size, dtype=np.int16), np.empty(size, dtype=np.int8)
        scores[score.id] = ScoreColumn(value, n_valid, status, exact)
    bands = {bands.id: np.full(size, -1, dtype=np.int8) for bands in scale.bands}
    return ScaleScores(block, scores, bands)


def _score_piece(
    piece: Block, groups: Sequence[npt.NDArray[np.bool_] | None], whole: ScaleScores, rows: slice
) -> None:
    scale = piece.scale
    columns = cache(piece.columns)
    done: dict[str, ScoreColumn] = {}
    for score in scale.scores:
        if score.scores is not None:
            one = _composite(scale, score, done)
        else:
            one = _from_items(scale, score, columns(score.items or ()))
        done[score.id] = one
        to = whole.scores[score.id]
        to.value[rows], to.n_valid[rows], to.status[rows] = one.value, one.n_valid, one.status
        if to.exact is not to.value:
            to.exact[rows] = one.exact
    order = sorted(zip(scale.bands, groups, strict=True), key=lambda pair: pair[1] is not None)
    for bands, people in order:
        exact = done[bands.score].exact
        if scale.score(bands.score).scores is not None:
            exact = np.round(exact, TIDY)
        places = kernel.places_above([level.from_ for level in bands.levels[1:]], exact)
        here = whole.bands[bands.id][rows]
        levels = levels_of(scale, bands.id)
        if people is None and levels == tuple(level.id for level in bands.levels):
            here[:] = places
        else:
            moved = np.array([levels.index(level.id) for level in bands.levels], dtype=np.int8)
            wanted = places >= 0 if people is None else people & (places >= 0)
            np.copyto(here, moved[places], where=wanted)


def _from_items(scale: Scale, score: Score, columns: Columns) -> ScoreColumn:
    items = score.items or ()
    keyed = keyed_values(scale, score.id)
    values = [keyed[name] for name in items]
    if score.method == "count":
        least = score.at_least or 0.0
        values = [tuple(float(value >= least) for value in row) for row in values]
    weights = [(score.weights or {}).get(name, 1.0) for name in items]
    if score.method in ("min", "max"):
        total, n_valid = kernel.extreme(columns, values, score.method), kernel.answered(columns)
        return _finish(score, total, n_valid, len(items))
    if score.method == "pomp":
        values = [above_lowest(row) for row in values]
    weighted = [tuple(w * v for v in row) for w, row in zip(weights, values, strict=True)]
    total, n_valid, power = kernel.sums_and_answered(columns, weighted)
    if score.method == "pomp":
        total *= 100.0
        _divide(total, n_valid, columns, [power * max(row) for row in weighted])
    elif score.method == "mean":
        _divide(total, n_valid, columns, [power * weight for weight in weights])
    else:
        _prorate(total, n_valid, columns, weights)
        if power != 1:
            total /= power
    return _finish(score, total, n_valid, len(items))


def _divide(total: Floats, n_valid: Counted, columns: Columns, shares: Sequence[float]) -> None:
    """Divide by the shares of the answered parts alone."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= _answered_share(n_valid, columns, shares)


def _prorate(total: Floats, n_valid: Counted, columns: Columns, weights: Sequence[float]) -> None:
    """Let the missing parts be as the answered ones are on average.

    A complete row of whole numbers is multiplied and divided by the same number, which is exact;
    where that is not so, complete rows are left alone.
    """
    share = _answered_share(n_valid, columns, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        if set(weights) == {1.0}:
            total *= len(weights)
            total /= share
        else:
            prorated = total * sum(weights) / share
            np.copyto(total, prorated, where=n_valid < len(columns.rows))


def _answered_share(n_valid: Counted, columns: Columns, shares: Sequence[float]) -> Floats:
    """Add up the shares of the parts that each person answered."""
    if len(set(shares)) == 1:
        return n_valid * np.float64(shares[0])
    worth = [[share] * size for share, size in zip(shares, columns.sizes, strict=True)]
    return kernel.sums(columns, worth)


def _composite(scale: Scale, score: Score, earlier: Mapping[str, ScoreColumn]) -> ScoreColumn:
    parts = [earlier[name].value for name in score.scores or ()]
    table = np.column_stack(parts)
    there = ~np.isnan(table)
    n_valid = there.sum(axis=1).astype(np.int16)
    ranges = {name: scale.score(name).range for name in score.scores or ()}
    weights = np.array([(score.weights or {}).get(name, 1.0) for name in ranges])
    filled = np.where(there, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if score.method in ("min", "max"):
            pick = np.fmin if score.method == "min" else np.fmax
            total = np.asarray(pick.reduce(table, axis=1))
        elif score.method == "count":
            met = (filled >= (score.at_least or 0.0)) & there
            total = (met @ weights) * weights.sum() / (there @ weights)
        elif score.method == "pomp":
            lows, highs = np.array(list(ranges.values())).T
            above = np.where(there, table - lows, 0.0) @ weights
            total = 100.0 * above / ((there * (highs - lows)) @ weights)
        elif score.method == "mean":
            total = (filled @ weights) / (there @ weights)
        else:
            total = filled @ weights
            prorated = total * weights.sum() / (there @ weights)
            total = np.where(n_valid < len(parts), prorated, total)
    made = _finish(score, total, n_valid, len(parts))
    partly = [earlier[name].status == 1 for name in score.scores or ()]
    made.status[np.logical_or.reduce(partly) & (made.status == 0)] = 1
    return made


def _finish(score: Score, total: Floats, n_valid: Counted, size: int) -> ScoreColumn:
    """Apply the missing rule, the multiplier, the rounding and the conversion table, in order."""
    incomplete, few = n_valid < size, n_valid < score.fewest_valid
    status = incomplete.view(np.int8) + few.view(np.int8)
    np.copyto(total, np.nan, where=few)
    if score.multiply is not None:
        total = total * score.multiply
    value = total
    if score.missing.round == "half_up":
        value = np.where(incomplete, np.floor(total + 0.5), total)
    if score.table is not None:
        table = {float(raw): to for raw, to in score.table.items()}
        value = kernel.converted(table, np.floor(value + 0.5))
        total = value
    return ScoreColumn(value, n_valid, status, total)


def _people_of(
    scale: Scale,
    bands: Bands,
    kept: Mapping[str, npt.NDArray[Any]],
    notes: list[str],
    size: int,
) -> npt.NDArray[np.bool_] | None:
    """Return whom a band set is for; None where it is for everybody."""
    if bands.for_ is None:
        return None
    wanted = np.ones(size, dtype=bool)
    for variable, group in bands.for_.items():
        if variable not in kept:
            note = f"{scale.id}: band '{bands.id}' depends on {variable}, which was not kept"
            if note not in notes:
                notes.append(note)
            return np.zeros(size, dtype=bool)
        levels, inverse = np.unique(kept[variable].astype(str), return_inverse=True)
        wanted &= np.array([same(level) == same(group) for level in levels.tolist()])[inverse]
    return wanted
