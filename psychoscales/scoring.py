"""Responses to scores: one kernel on int8 positions, whatever kind of frame they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales import kernel
from psychoscales.frames.out import Labels, OutColumn, Truths, native_frame, pandas_frame
from psychoscales.kernel import Columns
from psychoscales.responses import Block, Responses, keyed_values
from psychoscales.spec.claims import Bands
from psychoscales.spec.model import Scale, Score
from psychoscales.spec.verdicts import Verdicts, verdicts

Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]
Counted = npt.NDArray[np.int16]
STATUSES = ("ok", "prorated", "too_many_missing")
FLAG_STATES = ("clear", "raised", "not_assessed")
PIECE = 1 << 16


@dataclass(frozen=True, eq=False)
class ScoreColumn:
    """One score of n people.

    Attributes:
        value: float [n], NaN where too many answers are missing.
        n_valid: answers (or part scores) it is from [n].
        status: int8 [n] into STATUSES.
        exact: the value before any rounding that the missing rule asks for; bands are of this.
    """

    value: Floats
    n_valid: Counted
    status: Small
    exact: Floats


@dataclass(frozen=True, eq=False)
class ScaleScores:
    """Everything one scale says of n people.

    Attributes:
        scale: the scale.
        scores: score id -> `ScoreColumn`.
        bands: band set id -> int8 [n] into the set's levels, -1 where there is no score or the
            set is not for this person.
        rules: rule id -> int8 [n]: 1 true, 0 false, -1 undetermined.
        flags: flag id -> int8 [n]: 1 raised, 0 clear, -1 not assessed.
        decided: int8 [n, at least rules and flags]; `rules` and `flags` are columns of it.
    """

    scale: Scale
    scores: Mapping[str, ScoreColumn]
    bands: Mapping[str, Small]
    rules: Mapping[str, Small]
    flags: Mapping[str, Small]
    decided: Small

    def columns(self) -> Iterator[tuple[str, OutColumn]]:
        """Yield the columns of the frame of scores, named `{scale}_{what}`."""
        name = self.scale.id
        for score, column in self.scores.items():
            yield f"{name}_{score}", column.value
            yield f"{name}_{score}_n_valid", column.n_valid
            yield f"{name}_{score}_status", Labels(STATUSES, column.status)
        for band, places in self.bands.items():
            yield f"{name}_{band}", Labels(levels_of(self.scale, band), places, ordered=True)
        for rule, truths in self.rules.items():
            yield f"{name}_{rule}", Truths(truths)
        for flag, states in self.flags.items():
            yield f"{name}_{flag}", Labels(FLAG_STATES, np.where(states < 0, np.int8(2), states))


@dataclass(frozen=True, eq=False)
class Scores:
    """What `psychoscales.score` returns: scores, bands, rules and flags of n people.

    Attributes:
        by_scale: scale id -> `ScaleScores`.
        responses: the answers they are from.
        notes: what a reader of the scores should know.
    """

    by_scale: Mapping[str, ScaleScores]
    responses: Responses
    notes: tuple[str, ...] = ()

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales scored; each knows its id, version and SHA-256."""
        return tuple(part.scale for part in self.by_scale.values())

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a score's values [n] by the name it has in the frame (`phq9_total`)."""
        for scale, part in self.by_scale.items():
            for score, column in part.scores.items():
                if name == f"{scale}_{score}":
                    return column.value
        raise KeyError(name)

    def _columns(self) -> dict[str, OutColumn]:
        people = self.responses
        columns: dict[str, OutColumn] = {}
        if people.ids is not None and people.id_name is not None:
            columns[people.id_name] = people.ids
        columns.update(people.kept)
        for part in self.by_scale.values():
            columns.update(part.columns())
        return columns

    def to_frame(self) -> Any:
        """Return a pandas frame, a row a person in the order read.

        Id and kept columns come first. Statuses, bands and flags are categories; rules are
        nullable booleans, null where undetermined.
        """
        return pandas_frame(self._columns(), self.responses.source.index)

    def to_native(self) -> Any:
        """Return the same as a frame of the caller's kind, lazy where that was lazy."""
        return native_frame(self._columns(), self.responses.source)


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
    whole = _nobody(scale, size)

    def work(rows: slice) -> None:
        people = [None if group is None else group[rows] for group in groups]
        _score_piece(block.piece(rows), people, whole, rows)

    kernel.each(work, [slice(start, start + PIECE) for start in range(0, size, PIECE)], size)
    return whole


def _nobody(scale: Scale, size: int) -> ScaleScores:
    """Return the scores of `size` people of whom nothing is known yet."""
    scores = {}
    for score in scale.scores:
        value = np.empty(size)
        exact = np.empty(size) if score.missing.round != "none" else value
        n_valid, status = np.empty(size, dtype=np.int16), np.empty(size, dtype=np.int8)
        scores[score.id] = ScoreColumn(value, n_valid, status, exact)
    bands = {bands.id: np.full(size, -1, dtype=np.int8) for bands in scale.bands}
    names = _compiled(scale).names
    decided = np.empty((size, _compiled(scale).width), dtype=np.int8)
    rules = {rule.id: decided[:, names.index(rule.id)] for rule in scale.rules if rule.id in names}
    flags = {flag.id: decided[:, names.index(flag.id)] for flag in scale.flags}
    return ScaleScores(scale, scores, bands, rules, flags, decided)


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
    for bands, people in zip(scale.bands, groups, strict=True):
        bounds = [level.from_ for level in bands.levels[1:]]
        places = kernel.places_above(bounds, done[bands.score].exact)
        if people is None:
            whole.bands[bands.id][rows] = places
        else:
            shift = np.int8(levels_of(scale, bands.id).index(bands.levels[0].id))
            here = whole.bands[bands.id][rows]
            np.copyto(here, places + shift, where=people & (places >= 0))
    compiled = _compiled(scale)
    if compiled.names:
        codes = columns(compiled.items).added_up(compiled.tables)
        whole.decided[rows] = compiled.decide(codes)


def levels_of(scale: Scale, band: str) -> tuple[str, ...]:
    """Return the level ids of a band set; of all the sets of this id, one after the other."""
    return tuple(level.id for each in scale.bands if each.id == band for level in each.levels)


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
        values = [tuple(v - min(row) for v in row) for row in values]
    weighted = [tuple(w * v for v in row) for w, row in zip(weights, values, strict=True)]
    total, n_valid = kernel.sums_and_answered(columns, weighted)
    if score.method == "pomp":
        total *= 100.0
        share = [max(row) for row in weighted]
        _divide(total, n_valid, columns, share)
    elif score.method == "mean":
        _divide(total, n_valid, columns, weights)
    else:
        whole = set(weights) == {1.0} and all(v.is_integer() for row in values for v in row)
        _prorate(total, n_valid, columns, weights, whole)
    return _finish(score, total, n_valid, len(items))


def _divide(total: Floats, n_valid: Counted, columns: Columns, shares: Sequence[float]) -> None:
    """Divide by the shares of the answered parts alone."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= _answered_share(n_valid, columns, shares)


def _prorate(
    total: Floats, n_valid: Counted, columns: Columns, weights: Sequence[float], whole: bool
) -> None:
    """Let the missing parts be as the answered ones are on average.

    A complete row of whole numbers is multiplied and divided by the same number, which is exact.
    """
    share = _answered_share(n_valid, columns, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        if whole:
            total *= sum(weights)
            total /= share
        else:
            prorated = total * sum(weights) / share
            np.copyto(total, prorated, where=n_valid < len(columns.rows))


def _answered_share(n_valid: Counted, columns: Columns, shares: Sequence[float]) -> Floats:
    """Add up the shares of the parts that each person answered."""
    if len(set(shares)) == 1:
        return n_valid * np.float64(shares[0])
    return kernel.sums(
        columns, [[share] * size for share, size in zip(shares, columns.sizes, strict=True)]
    )


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
        else:
            total = (filled @ weights) / (there @ weights)
            total = total * weights.sum() if score.method == "sum" else total
    return _finish(score, total, n_valid, len(parts))


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
        value = kernel.converted({float(raw): to for raw, to in score.table.items()}, value)
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
        text = str(group).strip().casefold()
        levels, inverse = np.unique(kept[variable].astype(str), return_inverse=True)
        wanted &= np.array([level.strip().casefold() == text for level in levels])[inverse]
    return wanted


@lru_cache(maxsize=64)
def _compiled(scale: Scale) -> Verdicts:
    return verdicts(scale)
