"""`psychoscales.count`: distinct answer patterns, counted where the data is."""

from __future__ import annotations

from typing import Any

from psychoscales.counts import Patterns
from psychoscales.errors import DataError
from psychoscales.responses import Block, Responses
from psychoscales.spec.binding import BindingSource, ScaleBinding, binding
from psychoscales.spec.catalogue import files
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.verbs.read import ScaleSource, columns_of, decode_columns, open_any


def count(
    data: Any, scale: ScaleSource | None = None, *, binding: BindingSource | None = None
) -> Patterns:
    """Count the distinct rows of answers to a scale's scored items.

    A lazy frame (polars, DuckDB, PySpark, Dask) is grouped and counted by its own engine, and
    only the distinct rows come here. Counts of parts add up to the counts of the whole:
    ``count(a) + count(b) == count(a and b)``.

    Args:
        data: a frame, a file's path, or what `read` returned.
        scale: the scale; not needed where `data` has been read.
        binding: how the data store the answers.

    Returns:
        `Patterns`: rows int8 [m, k], counts int64 [m]. Rare patterns can identify people.

    Raises:
        DataError: a stored value is neither an option nor a declared missing code.
    """
    if isinstance(data, Responses):
        part = data if scale is None else data[find_scale(scale).id]
        if len(part.blocks) > 1:
            raise TypeError("name the scale to count: these answers are to several")
        return next(iter(part.blocks.values())).patterns()
    if scale is None:
        raise TypeError("say which scale the data are of: a second argument, such as 'phq9'")
    return _count(data, scale, binding)


def _count(data: Any, scale: ScaleSource, source: BindingSource | None) -> Patterns:
    one = find_scale(scale)
    bound = binding(source, [one], files())
    part = bound.scales.get(one.id, ScaleBinding())
    opened = open_any(data, bound)
    places = columns_of(opened, one, part)
    deciding = {name for item in one.items if item.asked_if for name in item.asked_if.items or ()}
    places = [
        place if item.scored or item.id in deciding else None
        for item, place in zip(one.items, places, strict=True)
    ]
    weights = None
    if opened.lazy:
        names = list(dict.fromkeys(place for place in places if place is not None))
        columns, weights = opened.distinct(names)
    else:
        columns = [opened.column(place) for place in dict.fromkeys(places) if place is not None]
    decoded = decode_columns(columns, one, part, places)
    if decoded.bad:
        distinct = dict.fromkeys(cell._replace(row=0) for cell in decoded.bad)
        raise DataError(list(distinct) if opened.lazy else decoded.bad, decoded.advice)
    return Block(one, decoded.positions, decoded.reasons).patterns(weights=weights)
