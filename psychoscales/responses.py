"""Checked answers: a block of option positions for each scale, over one table of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Key, Patterns
from psychoscales.decoding import options_in_order
from psychoscales.errors import BadCell, RefusalError, UnknownNameError
from psychoscales.frames.out import Labels, OutColumn, pandas_frame
from psychoscales.frames.source import Source
from psychoscales.kernel import Columns
from psychoscales.spec.model import Scale
from psychoscales.spec.numbers import reflected

Positions = npt.NDArray[np.int8]


def key_of(scale: Scale) -> Key:
    """Return the identity that counts of this scale's answers carry."""
    return Key(scale.id, scale.version, scale.sha256)


def keyed_values(scale: Scale, score: str) -> dict[str, tuple[float, ...]]:
    """Return, for each item of a score, the value of each option with the score's reversals.

    A score over other scores has the items of those, each keyed as there.
    """
    what = scale.score(score)
    if what.scores is not None:
        merged: dict[str, tuple[float, ...]] = {}
        for part in what.scores:
            for name, row in keyed_values(scale, part).items():
                if merged.setdefault(name, row) != row:
                    raise RefusalError(f"{score}: its parts key item {name} in two ways")
        return merged
    table = {}
    for name in what.items or ():
        row = tuple(float(option.value or 0.0) for option in options_in_order(scale, name))
        table[name] = reflected(row) if name in what.reverse else row
    return table


@dataclass(frozen=True, eq=False)
class Block:
    """The answers to one scale.

    Attributes:
        scale: the scale.
        positions: int8 [n, k], an option's place in declared order; -1 - r where the answer is
            missing for `reasons[r]`.
        reasons: why answers are missing; "blank" comes first.
    """

    scale: Scale
    positions: Positions
    reasons: tuple[str, ...]

    def piece(self, rows: slice) -> Block:
        """Return the answers of some of the people."""
        return Block(self.scale, self.positions[rows], self.reasons)

    def columns(self, items: tuple[str, ...]) -> Columns:
        """Return some items' columns for the kernel."""
        rows = [self.positions[:, self.scale.item_ids.index(name)] for name in items]
        return Columns(rows, [len(options_in_order(self.scale, name)) for name in items])

    def patterns(self, weights: npt.NDArray[np.int64] | None = None) -> Patterns:
        """Count the distinct rows of all scored items; `weights` says how many people a row is."""
        names = scored_items(self.scale)
        columns = [self.scale.item_ids.index(name) for name in names]
        categories = [len(options_in_order(self.scale, name)) for name in names]
        rows, key = self.positions[:, columns], key_of(self.scale)
        return Patterns.of(rows, names, categories, key, weights=weights)


def scored_items(scale: Scale) -> tuple[str, ...]:
    """Return the items that can be scored, in the order of the file."""
    return tuple(item.id for item in scale.items if item.scored)


@dataclass(frozen=True, eq=False)
class Responses:
    """What `psychoscales.read` returns: checked answers of n people to one scale or several.

    Attributes:
        blocks: scale id -> `Block`.
        kept: name -> column [n], numbers or texts, of what was kept beside the answers.
        ids: the people's ids; None where no id column was named.
        id_name: the name of the id column.
        bad: the cells that were turned to missing because they are no option.
        source: the table the answers came from.
    """

    blocks: Mapping[str, Block]
    kept: Mapping[str, npt.NDArray[Any]]
    ids: npt.NDArray[Any] | None
    id_name: str | None
    bad: tuple[BadCell, ...]
    source: Source

    @property
    def n(self) -> int:
        """How many people there are, whether they answered anything or not."""
        return len(next(iter(self.blocks.values())).positions)

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales answered."""
        return tuple(block.scale for block in self.blocks.values())

    def __getitem__(self, scale: str) -> Responses:
        """Return the same people's answers to one of the scales."""
        if scale not in self.blocks:
            raise UnknownNameError("scale in these responses", scale, self.blocks)
        blocks = {scale: self.blocks[scale]}
        return Responses(blocks, self.kept, self.ids, self.id_name, self.bad, self.source)

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a kept column by name."""
        if name not in self.kept:
            hint = f'name it when reading: keep=["{name}"]'
            raise UnknownNameError("kept column", name, self.kept, hint)
        return self.kept[name]

    def to_frame(self) -> Any:
        """Return a pandas frame of the stored codes as the scales define them, blank if missing."""
        columns: dict[str, OutColumn] = {}
        if self.ids is not None and self.id_name is not None:
            columns[self.id_name] = self.ids
        columns.update(self.kept)
        for block in self.blocks.values():
            for number, name in enumerate(block.scale.item_ids):
                own = f"{block.scale.id}_{name}" if name in columns else name
                columns[own] = _codes(block, number, name)
        return pandas_frame(columns, self.source.index)

    def __repr__(self) -> str:
        listed = ", ".join(f"{scale.id} {scale.version}" for scale in self.scales)
        beside = f"; kept: {', '.join(self.kept)}" if self.kept else ""
        return f"Responses of {self.n:,} people to {listed} (from {self.source.label}){beside}"


def _codes(block: Block, number: int, name: str) -> OutColumn:
    codes = [option.code for option in options_in_order(block.scale, name)]
    column = block.positions[:, number]
    if all(isinstance(code, int) for code in codes):
        table = np.array([*codes, np.nan])
        return np.asarray(table[np.maximum(column, -1)])
    return Labels(tuple(str(code) for code in codes), np.maximum(column, -1))
