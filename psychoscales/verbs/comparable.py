"""Answers to a factor model's items, of groups or occasions that are compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.errors import RefusalError
from psychoscales.responses import Block, Responses, key_of
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale
from psychoscales.verbs.kept import read_by
from psychoscales.verbs.membership import Membership, groups_called, membership, text_of
from psychoscales.verbs.modelled import Modelled, ModelSource, modelled, option_values
from psychoscales.verbs.occasions import ORDINALS, occasions
from psychoscales.verbs.read import ScaleSource


@dataclass(frozen=True, eq=False)
class Comparable:
    """The answers to one model's items in several places, which are groups or occasions.

    Attributes:
        of: the model, and the answers in the first place.
        by: what the groups are of; None of occasions.
        places: the groups' or occasions' names.
        patterns: of groups, each one's counted answers; of occasions, all in one, the items of
            the first occasion first.
        label: where the answers came from.
        notes: who was left out.
    """

    of: Modelled
    by: str | None
    places: tuple[str, ...]
    patterns: tuple[Patterns, ...]
    label: str
    notes: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The model's items."""
        return self.of.patterns.items

    def said(self, place: int) -> str:
        """Return what a reader calls a group or an occasion."""
        return f"{self.by} {self.places[place]}" if self.by else f"{self.places[place]} occasion"


def groups(
    data: Any,
    scale: ScaleSource | None,
    by: str,
    chosen: Sequence[Any] | None,
    model: ModelSource,
    key: str | None,
    binding: BindingSource | None,
) -> Iterator[Comparable]:
    """Yield the answers to a model's items by group, of every scale of the data.

    Raises:
        UnknownNameError: no such column, group, model or item.
        RefusalError: one group only, or groups made from the answers themselves.
    """
    if isinstance(data, Mapping) and data and all(isinstance(x, Patterns) for x in data.values()):
        names = _named(by, tuple(map(str, data)), chosen)
        table = {str(name): each for name, each in data.items()}
        one = find_scale(scale if scale is not None else table[names[0]].key.scale)
        yield _by_group(one, by, {name: table[name] for name in names}, model, key, "patterns", ())
        return
    responses = read_by(data, scale, by, binding)
    member = membership(score_responses(responses), by)
    if member.items:
        raise RefusalError(
            f"{by} is made from the answers themselves: groups that differ in their answers by "
            "definition cannot show whether the items work alike; group by something else"
        )
    names = _named(by, member.labels, chosen)
    notes = (*member.notes, *_beside(member, names))
    for block in responses.blocks.values():
        table = {
            name: _part(block, member.codes == member.labels.index(name)).patterns()
            for name in names
        }
        yield _by_group(block.scale, by, table, model, key, responses.source.label, notes)


def _named(by: str, found: tuple[str, ...], chosen: Sequence[Any] | None) -> tuple[str, ...]:
    names = found
    if chosen is not None:
        names = groups_called(by, found, (str(text_of(each)) for each in chosen))
    if len(names) < 2:
        only = f"everybody is {names[0]!r}" if names else "nobody has a value"
        raise RefusalError(f"{by}: {only}; two groups or more are compared")
    return names


def _beside(member: Membership, names: Sequence[str]) -> Iterator[str]:
    counts = {label: int((member.codes == at).sum()) for at, label in enumerate(member.labels)}
    beside = [f"{label} ({n:,})" for label, n in counts.items() if label not in names]
    if beside:
        yield f"groups of {member.by} left out: {', '.join(beside)}"


def _part(block: Block, members: npt.NDArray[np.bool_]) -> Block:
    return Block(block.scale, block.positions[members], block.reasons)


def _by_group(
    scale: Scale,
    by: str,
    table: Mapping[str, Patterns],
    model: ModelSource,
    key: str | None,
    label: str,
    notes: tuple[str, ...],
) -> Comparable:
    made = [each for part in table.values() for each in modelled(part, scale, model, key, None)]
    patterns = tuple(each.patterns for each in made)
    return Comparable(made[0], by, tuple(table), patterns, label, notes)


def repeated(
    given: Sequence[Responses], model: ModelSource, key: str | None, *, everybody: bool = False
) -> Iterator[Comparable]:
    """Yield the answers of the same people at several occasions, of every scale of the data.

    With `everybody`, people who were not at an occasion have no answers there.

    Raises:
        RefusalError: people cannot be matched by id.
    """
    matched = occasions(given, everybody=everybody)
    names = tuple(ORDINALS[: len(given)])
    label = ", ".join(dict.fromkeys(each.source.label for each in given))
    for name, block in given[0].blocks.items():
        (of,) = modelled(block.patterns(), block.scale, model, key, None)
        columns = [
            _ascending(of, each.blocks[name])[matched.rows[:, at]] for at, each in enumerate(given)
        ]
        items = [f"{item}@{at + 1}" for at in range(len(given)) for item in of.patterns.items]
        together = Patterns.of(
            np.hstack(columns),
            items,
            [len(row) for row in of.values] * len(given),
            key_of(block.scale),
            keying=of.patterns.keying,
        )
        yield Comparable(of, None, names, (together,), label, matched.notes)


def _ascending(of: Modelled, block: Block) -> npt.NDArray[np.int8]:
    """Return the people's answers to the model's items [n + 1, k], options numbered by value."""
    columns = []
    for item, row in option_values(of.scale, of.patterns.items, of.key).items():
        place = np.searchsorted(np.unique(row), row).astype(np.int8)
        column = block.positions[:, block.scale.item_ids.index(item)]
        columns.append(np.append(place, np.int8(-1))[np.maximum(column, -1)])
    # The last row is that of people who were not there.
    return np.vstack([np.column_stack(columns), np.full((1, len(columns)), -1, dtype=np.int8)])
