"""The worked examples of a scale, run: what was expected, what came out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from psychoscales.decoding import decode
from psychoscales.frames.source import Column
from psychoscales.responses import Block
from psychoscales.results import Table
from psychoscales.scores import FLAG_STATES, STATUSES, ScaleScores, levels_of
from psychoscales.scoring import score_block
from psychoscales.spec.binding import ScaleBinding
from psychoscales.spec.model import Scale

COLUMNS = ("example", "result", "expected", "found", "agrees")
TOLERANCE = 1e-9


def run_examples(scale: Scale) -> Table:
    """Score every worked example of `scale`; a row for each result that one expects."""
    answers = [example.answers for example in scale.examples]
    columns = [_column(item, [sheet.get(item) for sheet in answers]) for item in scale.item_ids]
    people: dict[str, Any] = {}
    for example in scale.examples:
        for name in example.person or {}:
            values = [(each.person or {}).get(name) for each in scale.examples]
            people[name] = np.array(values, dtype=object)
    decoded = decode(scale, ScaleBinding(), columns)
    block = Block(scale, decoded.positions, decoded.reasons)
    scored = score_block(block, people, [])
    rows: list[dict[str, Any]] = []
    for number, example in enumerate(scale.examples):
        found = dict(_found(scored, number))
        for name, expected in example.expect.items():
            rows.append(
                {
                    "example": example.name,
                    "result": name,
                    "expected": expected,
                    "found": found.get(name),
                    "agrees": _agrees(expected, found.get(name)),
                }
            )
    return Table(f"Worked examples of {scale.id} {scale.version}", COLUMNS, tuple(rows))


def _column(name: str, values: list[Any]) -> Column:
    levels = list(dict.fromkeys(value for value in values if value is not None))
    codes = np.array([-1 if value is None else levels.index(value) for value in values])
    return Column(name, levels=tuple(levels), codes=codes)


def _found(scored: ScaleScores, row: int) -> Iterator[tuple[str, Any]]:
    for name, column in scored.scores.items():
        value = float(column.value[row])
        yield name, None if np.isnan(value) else value
        yield f"{name}_n_valid", int(column.n_valid[row])
        yield f"{name}_status", STATUSES[column.status[row]]
    for name, places in scored.bands.items():
        levels = levels_of(scored.scale, name)
        yield name, None if places[row] < 0 else levels[places[row]]
    for name, truths in scored.rules.items():
        yield name, "undetermined" if truths[row] < 0 else bool(truths[row])
    for name, states in scored.flags.items():
        yield name, FLAG_STATES[states[row]]


def _agrees(expected: object, found: object) -> bool:
    if isinstance(expected, float) and isinstance(found, float | int):
        return abs(expected - found) <= TOLERANCE
    return expected == found
