"""Scores of people: values, statuses, bands, rules and flags, as frames and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import UnknownNameError
from psychoscales.frames.out import Labels, OutColumn, Truths, native_frame, pandas_frame
from psychoscales.responses import Block, Responses
from psychoscales.results import Several, Table
from psychoscales.spec.model import Scale
from psychoscales.spec.verdicts import Verdicts, verdicts

Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]
Counted = npt.NDArray[np.int16]
STATUSES = ("ok", "prorated", "too_many_missing")
FLAG_STATES = ("clear", "raised", "not_assessed")
TRUTHS = ("false", "true", "undetermined")
PIECE = 1 << 16
SCORE_COLUMNS = ("score", "n", "mean", "sd", "min", "max", "prorated", "not_scored")
VERDICT_COLUMNS = ("result", "level", "n", "share")


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
    """Everything one scale says of n people; rules and flags are decided when first asked for.

    Attributes:
        block: the answers.
        scores: score id -> `ScoreColumn`.
        bands: band set id -> int8 [n] into the set's levels, -1 where there is no score or the
            set is not for this person.
    """

    block: Block
    scores: Mapping[str, ScoreColumn]
    bands: Mapping[str, Small]

    @property
    def scale(self) -> Scale:
        """The scale."""
        return self.block.scale

    @property
    def rules(self) -> dict[str, Small]:
        """Rule id -> int8 [n]: 1 true, 0 false, -1 undetermined."""
        return {rule.id: self._decided[rule.id] for rule in self.scale.rules if not rule.is_count}

    @property
    def flags(self) -> dict[str, Small]:
        """Flag id -> int8 [n]: 1 raised, 0 clear, -1 not assessed."""
        return {flag.id: self._decided[flag.id] for flag in self.scale.flags}

    @cached_property
    def _decided(self) -> dict[str, Small]:
        found: dict[str, Small] = {}
        size = len(self.block.positions)
        for compiled in _compiled(self.scale):
            decided = np.empty((size, compiled.width), dtype=np.int8)
            for start in range(0, size, PIECE):
                rows = slice(start, start + PIECE)
                columns = self.block.piece(rows).columns(compiled.items)
                if compiled.small:
                    codes = columns.added_up(compiled.tables, np.int32)
                    decided[rows] = compiled.decide(codes)
                else:
                    vectors = columns.added_up(compiled.vector_tables, np.int64)
                    missing = np.column_stack([row < 0 for row in columns.rows])
                    decided[rows] = compiled.decide_apart(vectors, missing)
            found |= {name: decided[:, number] for number, name in enumerate(compiled.names)}
        return found

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
class Scores(Several):
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
        known = [f"{scale}_{s}" for scale, part in self.by_scale.items() for s in part.scores]
        raise UnknownNameError("score", name, known)

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

    def tables(self) -> tuple[Table, ...]:
        """Return, for each scale, a table of its scores and one of its bands, rules and flags."""
        found: list[Table] = []
        for part in self.by_scale.values():
            title = f"{part.scale.name_in('en')} ({part.scale.id} {part.scale.version})"
            found.append(Table(f"{title}: scores", SCORE_COLUMNS, tuple(_score_rows(part))))
            verdicts = tuple(_verdict_rows(part))
            if verdicts:
                found.append(Table(f"{title}: bands, rules and flags", VERDICT_COLUMNS, verdicts))
        return tuple(found)

    def _shown(self) -> tuple[Table, ...]:
        return self.tables()


def _score_rows(part: ScaleScores) -> Iterator[dict[str, Any]]:
    for name, column in part.scores.items():
        value = column.value[~np.isnan(column.value)]
        yield {
            "score": name,
            "n": len(value),
            "mean": value.mean() if len(value) else None,
            "sd": value.std(ddof=1) if len(value) > 1 else None,
            "min": value.min() if len(value) else None,
            "max": value.max() if len(value) else None,
            "prorated": int((column.status == 1).sum()),
            "not_scored": int((column.status == 2).sum()),
        }


def _verdict_rows(part: ScaleScores) -> Iterator[dict[str, Any]]:
    named: list[tuple[str, tuple[str, ...], Small]] = [
        (name, levels_of(part.scale, name), places) for name, places in part.bands.items()
    ]
    named += [(name, TRUTHS, truths) for name, truths in part.rules.items()]
    named += [(name, FLAG_STATES, states) for name, states in part.flags.items()]
    for name, levels, places in named:
        third = len(levels) - 1 if name not in part.bands else -1
        codes = np.where(places < 0, third, places)
        counts = np.bincount(codes[codes >= 0], minlength=len(levels))
        for level, count in zip(levels, counts.tolist(), strict=True):
            share = count / counts.sum() if counts.sum() else None
            yield {"result": name, "level": level, "n": count, "share": share}


def levels_of(scale: Scale, band: str) -> tuple[str, ...]:
    """Return the level ids of a band set; of all the sets of this id, each level once, in order."""
    merged: list[str] = []
    for bands in scale.bands:
        place = 0
        for level in bands.levels if bands.id == band else ():
            if level.id not in merged:
                merged.insert(place, level.id)
            place = merged.index(level.id) + 1
    return tuple(merged)


@lru_cache(maxsize=64)
def _compiled(scale: Scale) -> tuple[Verdicts, ...]:
    return verdicts(scale)
