"""Where people stand on the factors of a model that was fitted: a column for each factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.scores import scores
from psychoscales.errors import MergeError, RefusalError
from psychoscales.frames.out import OutColumn, pandas_frame
from psychoscales.responses import Responses, key_of
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.modelled import Fitted, option_values
from psychoscales.verbs.read import read

Positions = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


def factor_scores(
    models: Sequence[Fitted], data: Any, method: str | None, binding: BindingSource | None
) -> Any:
    """Return a pandas frame, a row for each person in input order: id, then {scale}_{factor}.

    Raises:
        MergeError: the answers are to another version of the scale than the model was fitted to.
        RefusalError: see `scores`; or an answer is an option that nobody chose where the model
            was fitted.
    """
    if isinstance(data, Responses):
        people = data
    else:
        scales = [scale for each in models for scale, _ in each.of.parts]
        people = read(data, scales, binding=binding)
    columns: dict[str, OutColumn] = {}
    if people.ids is not None and people.id_name is not None:
        columns[people.id_name] = people.ids
    for each in models:
        found = _of_people(each, people, method)
        for at, factor in enumerate(each.found.specification.factors):
            columns[f"{each.of.id}_{factor}"] = found[:, at]
    return pandas_frame(columns, people.source.index)


def _of_people(each: Fitted, people: Responses, method: str | None) -> Floats:
    answers: dict[str, Positions] = {}
    options: dict[str, tuple[float, ...]] = {}
    for scale, key in each.of.parts:
        (block,) = people[scale.id].blocks.values()
        if key_of(block.scale) != key_of(scale):
            raise MergeError(f"the model is of {key_of(scale)}, not of {key_of(block.scale)}")
        mine = [item for item in each.of.patterns.items if item in scale.item_ids]
        places = [block.scale.item_ids.index(item) for item in mine]
        answers |= dict(zip(mine, np.maximum(block.positions[:, places], -1).T, strict=True))
        options |= option_values(scale, mine, key)
    items = each.of.patterns.items
    rows = np.column_stack([answers[item] for item in items])
    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    values = np.column_stack(
        [np.append(options[item], np.nan)[distinct[:, at]] for at, item in enumerate(items)]
    )
    if each.steps:
        values = _numbered(each, values)
    return scores(each.found, values, method)[which.ravel()]


def _numbered(each: Fitted, values: Floats) -> Floats:
    """Return answers as numbers of the options that anybody chose where the model was fitted."""
    numbered = np.full_like(values, np.nan)
    for at, steps in enumerate(each.steps):
        there = ~np.isnan(values[:, at])
        place = np.searchsorted(steps, values[there, at])
        known = np.append(steps, np.nan)[place] == values[there, at]
        if not known.all():
            lacking = values[there, at][~known][0]
            raise RefusalError(
                f"{each.of.patterns.items[at]}: nobody chose the option of value {lacking:g} "
                "where the model was fitted, so that it has no threshold"
            )
        numbered[there, at] = place
    return numbered
