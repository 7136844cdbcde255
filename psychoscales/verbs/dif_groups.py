"""Groups of people to be compared: counted patterns of each, and who was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.errors import MergeError, RefusalError
from psychoscales.responses import Block, key_of, keyed_values
from psychoscales.results import people as people_text
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale
from psychoscales.verbs.kept import read_by
from psychoscales.verbs.keyed import is_called, scores_called
from psychoscales.verbs.membership import groups_called, labelled
from psychoscales.verbs.read import ScaleSource

FEWEST = 20
"""People a group needs to be compared at all: this program's own rule, and a low one."""
ETS_SMALLER, ETS_ALL = 200, 500
"""Fewest people that ETS compares when a test is put together (Zwick 2012)."""
SHOWN = 8


@dataclass(frozen=True, eq=False)
class Grouped:
    """The answers to one score's items, by group.

    Attributes:
        scale, score: what it is a score of.
        patterns: group -> counted complete answers, the reference group first.
        values: for each item, the value of each option, with the score's reversals.
        by: what the groups are of.
        label: where the answers came from.
        notes: who was left out.
    """

    scale: Scale
    score: str
    patterns: Mapping[str, Patterns]
    values: tuple[tuple[float, ...], ...]
    by: str
    label: str
    notes: tuple[str, ...]

    @property
    def where(self) -> dict[str, Any]:
        """The columns that every result begins with."""
        return {"scale": self.scale.id, "score": self.score, "group": None, "occasion": None}

    def refuse_small(self) -> None:
        """Refuse groups that are too small to be compared."""
        sizes = {name: each.n for name, each in self.patterns.items()}
        small = [f"{group} ({n:,})" for group, n in sizes.items() if n < FEWEST]
        if small:
            listed = ", ".join(small[:SHOWN]) + (", ..." if len(small) > SHOWN else "")
            raise RefusalError(
                f"{len(small)} of {len(sizes)} groups of {self.by} have fewer than {FEWEST} people "
                f"who answered all {len(self.values)} items: {listed}; name the groups to compare "
                "with groups=, or keep a column of wider groups"
            )

    @property
    def name(self) -> str:
        """What a reader calls it."""
        return f"{self.scale.id} {self.score}"


@dataclass(frozen=True)
class Wanted:
    """Which groups: `chosen` ones only (None: all), and the reference group (None: the first)."""

    by: str
    chosen: tuple[str, ...] | None
    reference: str | None

    def order(self, found: Sequence[str]) -> list[str]:
        """Return the groups in order, the reference group first."""
        names = list(found)
        if self.chosen is not None:
            names = list(groups_called(self.by, found, self.chosen))
        if self.reference is not None:
            (first,) = groups_called(self.by, found, [self.reference])
            if first not in names:
                raise ValueError(f"the reference group {first!r} is not one of groups=")
            names = [first, *(name for name in names if name != first)]
        if len(set(names)) < 2:
            only = f"everybody is {names[0]!r}" if names else "nobody has a value"
            raise RefusalError(f"{self.by}: {only}; two groups or more are compared")
        return names


def grouped(
    data: Any,
    scale: ScaleSource | None,
    wanted: Wanted,
    score: str | None,
    binding: BindingSource | None,
) -> Iterator[Grouped]:
    """Yield the answers to every score, or to the one that is named, by group.

    `data` is what `read` returned, anything it reads, or a mapping of a group to `Patterns`.
    """
    if isinstance(data, Mapping) and all(isinstance(each, Patterns) for each in data.values()):
        counted = dict(data)
        if not counted:
            raise RefusalError("no groups: give a mapping of each group to its Patterns")
        first = next(iter(counted.values()))
        one = find_scale(scale if scale is not None else first.key.scale)
        for each in counted.values():
            if each.key != key_of(one):
                raise MergeError(f"these patterns are of {each.key}, the scale is {key_of(one)}")
        scores_called([one], score)
        names = wanted.order(list(counted))
        table = {name: counted[name] for name in names}
        yield from _scores(one, score, table, wanted.by, "patterns", ())
        return
    responses = read_by(data, scale, wanted.by, binding)
    scores_called(responses.scales, score)
    levels, place = labelled(responses.column(wanted.by), responses.source.text)
    if not levels:
        raise RefusalError(f"{wanted.by}: nobody has a value")
    names = wanted.order(levels)
    notes = tuple(_left_out(wanted.by, levels, place, names))
    for block in responses.blocks.values():
        members = {name: place == levels.index(name) for name in names}
        table = {name: _part(block, own).patterns() for name, own in members.items()}
        yield from _scores(block.scale, score, table, wanted.by, responses.source.label, notes)


def _part(block: Block, members: npt.NDArray[np.bool_]) -> Block:
    return Block(block.scale, block.positions[members], block.reasons)


def _left_out(
    by: str, levels: Sequence[str], place: npt.NDArray[np.int64], names: Sequence[str]
) -> Iterator[str]:
    blank = int((place < 0).sum())
    if blank:
        yield f"{people_text(blank)} without a value of {by}: left out"
    others = {name: int((place == at).sum()) for at, name in enumerate(levels)}
    beside = [f"{name} ({n:,})" for name, n in others.items() if name not in names]
    if beside:
        yield f"groups of {by} left out: {', '.join(beside)}"


def _scores(
    scale: Scale,
    score: str | None,
    table: Mapping[str, Patterns],
    by: str,
    label: str,
    notes: tuple[str, ...],
) -> Iterator[Grouped]:
    for part in scale.scores:
        if score is not None and not is_called(scale, part, score):
            continue
        values = keyed_values(scale, part.id)
        whole = {name: each.select(tuple(values), part.id) for name, each in table.items()}
        mine = {name: each.complete for name, each in whole.items()}
        sizes = {name: each.n for name, each in mine.items()}
        dropped = sum(each.n for each in whole.values()) - sum(sizes.values())
        yield Grouped(
            scale,
            part.id,
            mine,
            tuple(values.values()),
            by,
            label,
            (*notes, *_sizes(f"{scale.id} {part.id}", by, sizes, dropped, len(values))),
        )


def _sizes(name: str, by: str, sizes: Mapping[str, int], dropped: int, items: int) -> Iterator[str]:
    """Yield who is compared."""
    told = ", ".join(f"{group} {n:,}" for group, n in sizes.items())
    yield (
        f"{name}: people who answered all {items} items, by {by}: {told}; the first is the "
        f"reference group; {dropped:,} left out because an answer is missing"
    )
    if min(sizes.values()) < ETS_SMALLER or sum(sizes.values()) < ETS_ALL:
        yield (
            f"{name}: few people: ETS wants {ETS_SMALLER} in the smaller group and {ETS_ALL} in "
            "all (Zwick 2012); with fewer, much DIF goes unseen"
        )
