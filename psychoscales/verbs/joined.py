"""One factor model over several scales: the answers of one person to all of them in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from psychoscales.counts import Key, Patterns
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import ascending
from psychoscales.responses import Block, Responses, key_of, scored_items
from psychoscales.spec.model import Scale
from psychoscales.verbs.modelled import OWN, Modelled, keying, option_values

Factors = Mapping[str, Sequence[str]]


def spans(people: Responses, factors: Factors) -> bool:
    """Return whether the factors have items of more than one of the scales."""
    items = {item for group in factors.values() for item in group}
    own = [items & set(scored_items(block.scale)) for block in people.blocks.values()]
    return sum(bool(part) for part in own) > 1 and not any(part == items for part in own)


def joined(people: Responses, factors: Factors, key: str | Mapping[str, str] | None) -> Modelled:
    """Return the answers to a model's items from all the scales that have them.

    Raises:
        UnknownNameError: an item that no scale has.
        RefusalError: an item that several have, or a scale whose items a score reverses and no
            `key` says whether that holds here.
    """
    items = list(dict.fromkeys(item for group in factors.values() for item in group))
    owners = {item: _owner(item, people) for item in items}
    used = [block for block in people.blocks.values() if block in owners.values()]
    values: dict[str, tuple[float, ...]] = {}
    parts: list[tuple[Scale, str]] = []
    for block in used:
        name = block.scale.id
        mine = [item for item in items if owners[item] is block]
        asked = key if key is None or isinstance(key, str) else key.get(name, "none")
        parts.append((block.scale, keying(block.scale, {"items": mine}, asked)))
        values |= option_values(block.scale, mine, parts[-1][1])
    values = {item: values[item] for item in items}
    said = ", ".join(f"{scale.id}: {each}" for scale, each in parts)
    rows = np.column_stack([_column(owners[item], item) for item in items])
    known = [key_of(block.scale) for block in used]
    both = Key(*("+".join(parts) for parts in zip(*known, strict=True)))
    sizes = [len(values[item]) for item in items]
    patterns = Patterns.of(rows, items, sizes, both, keying=said)
    chosen, steps = ascending(patterns, tuple(values.values()))
    shown = "none" if {each for _, each in parts} == {"none"} else said
    return Modelled(tuple(parts), OWN, factors, shown, chosen, steps, people.source.label)


def _owner(item: str, people: Responses) -> Block:
    having = [block for block in people.blocks.values() if item in scored_items(block.scale)]
    if len(having) > 1:
        names = " and ".join(block.scale.id for block in having)
        raise RefusalError(f"{names} both have an item '{item}': a model cannot tell them apart")
    if not having:
        known = [name for block in people.blocks.values() for name in scored_items(block.scale)]
        raise UnknownNameError("scored item of these scales", item, known)
    return having[0]


def _column(block: Block, item: str) -> np.typing.NDArray[np.int8]:
    column: np.typing.NDArray[np.int8] = block.positions[:, block.scale.item_ids.index(item)]
    return column
