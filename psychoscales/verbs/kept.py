"""Reading with the columns that a verb asks for beside the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psychoscales.responses import Responses
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.keyed import responses_of
from psychoscales.verbs.read import ScaleSource, read, several


def read_by(
    data: Any, scale: ScaleSource | None, by: str, binding: BindingSource | None
) -> Responses:
    """Return what `read` returns; a frame or a path is read with the column of groups kept."""
    if isinstance(data, Responses) or scale is None:
        return responses_of(data, scale, binding)
    return read(data, scale, binding=binding, keep=[by])


def read_with(
    data: Any,
    scale: ScaleSource | None,
    names: Sequence[str | None],
    binding: BindingSource | None,
) -> Responses:
    """Return what `read` returns; a frame or a path is read with these columns kept.

    Args:
        data, scale, binding: as a verb takes them.
        names: columns or results; a name that a score, band set, rule or flag of the scales has
            is no column, and None is left out.
    """
    if isinstance(data, Responses) or scale is None:
        return responses_of(data, scale, binding)
    scales = several(scale)
    results: set[str] = set()
    for each in scales:
        for parts in (each.scores, each.bands, each.rules, each.flags):
            found = {part.id for part in parts}
            results |= found | {f"{each.id}_{name}" for name in found}
    keep = [name for name in names if name is not None and name not in results]
    return read(data, scales, binding=binding, keep=list(dict.fromkeys(keep)))
