"""Stored columns to option positions: every cell is an option, missing for a reason, or reported.

Nothing is clipped, rounded or dropped. Forgiven are full-width digits, stray spaces and case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import BadCell
from psychoscales.frames.source import BLANK_TEXTS, Column
from psychoscales.kernel import Columns
from psychoscales.spec.binding import ScaleBinding
from psychoscales.spec.model import Item, Option, Scale
from psychoscales.spec.numbers import meets, plain, reflected
from psychoscales.spec.stored import normal, number_in

Positions = npt.NDArray[np.int8]
BLANK = "blank"
NOT_AN_OPTION = "not_an_option"
NOT_APPLICABLE = "not_applicable"
BAD = -128
CHUNK = 1 << 17
MOST_STORED = 20
"""Different values of one option set above which they are no answers stored otherwise."""


@dataclass(frozen=True)
class Decoded:
    """The answers to one scale.

    Attributes:
        positions: int8 [n, k], 0 .. C-1 in declared order; -1 - r where missing for `reasons[r]`.
        reasons: why answers are missing; the first is "blank".
        bad: the cells that are neither an option nor a declared missing code.
        advice: what the bad cells look like taken together.
    """

    positions: Positions
    reasons: tuple[str, ...]
    bad: tuple[BadCell, ...]
    advice: tuple[str, ...]


@dataclass
class Lookup:
    """What may be stored for one item, and the position it stands for."""

    numbers: dict[float, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    allowed: str = ""

    def add(self, stored: object, position: int) -> None:
        """Let `stored` stand for `position`; what was said first stays."""
        text = normal(str(stored))
        number = number_in(text)
        if number is not None:
            self.numbers.setdefault(number, position)
        self.texts.setdefault(text, position)

    def find(self, value: object) -> int:
        """Return the position that `value` stands for, or BAD."""
        if isinstance(value, str | bytes):
            text = normal(value.decode(errors="replace") if isinstance(value, bytes) else value)
            if text == "":
                return -1
            if text in self.texts:
                return self.texts[text]
            number = number_in(text)
            return BAD if number is None else self.numbers.get(number, BAD)
        if isinstance(value, bool | np.bool_):
            return self.texts.get(str(bool(value)).lower(), BAD)
        if isinstance(value, int | float | np.number):
            return -1 if value != value else self.numbers.get(float(value), BAD)
        return self.texts.get(normal(str(value)), BAD)


@dataclass
class Reasons:
    """Reasons for missing answers, each given a negative position as it is met."""

    names: list[str] = field(default_factory=lambda: [BLANK])

    def position(self, name: str) -> int:
        """Return the position that stands for the reason `name`."""
        if name not in self.names:
            self.names.append(name)
        return -1 - self.names.index(name)


def options_in_order(scale: Scale, item: str) -> tuple[Option, ...]:
    """Return the options of an item that have positions: all but those that mean missing."""
    return tuple(option for option in scale.option_set(item) if option.missing is None)


def decode(scale: Scale, binding: ScaleBinding, columns: Sequence[Column]) -> Decoded:
    """Turn stored columns, one for each item of `scale` in its order, into positions."""
    reasons = Reasons()
    size = max(len(column) for column in columns)
    positions = np.empty((size, len(columns)), dtype=np.int8, order="F")
    lookups = [_lookup(scale, binding, item, reasons) for item in scale.items]

    bad: list[BadCell] = []
    unknown: dict[str, Counter[Any]] = {}
    for number, (item, column) in enumerate(zip(scale.items, columns, strict=True)):
        row = positions[:, number]
        if not column.name:
            row[:] = -1
            continue
        if column.numbers is not None:
            _decode_numbers(column.numbers, lookups[number], row)
        else:
            _decode_levels(column, lookups[number], row)
        wrong = np.flatnonzero(row == BAD)
        if len(wrong) and column.missing:
            found = _stored(column, wrong)
            said = np.array([column.says_missing(value) for value in found])
            row[wrong[said]] = -1
            wrong = wrong[~said]
        if len(wrong):
            found = _stored(column, wrong)
            bad += [
                BadCell(int(at) + 1, column.name, shown(value), lookups[number].allowed)
                for at, value in zip(wrong, found, strict=True)
            ]
            unknown.setdefault(item.options, Counter()).update(found)
            row[wrong] = reasons.position(NOT_AN_OPTION)
        if item.id in binding.reversed:
            _turn_back(scale, item, row)
    shifted = dict(_shifts(scale, positions, unknown))
    others = {name: found for name, found in unknown.items() if name not in shifted}
    advice = [*shifted.values(), *_unread(scale, positions, others)]
    for item in in_asking_order(scale.items):
        number = scale.item_ids.index(item.id)
        if item.asked_if is not None and columns[number].name:
            _fill_not_asked(scale, item, positions, number, reasons)
    return Decoded(positions, tuple(reasons.names), tuple(bad), tuple(advice))


def in_asking_order(items: Sequence[Item]) -> list[Item]:
    """Return the items so that each comes after those that decide whether it is asked."""
    done: dict[str, Item] = {}
    rest = list(items)
    while rest:
        ready = [
            item
            for item in rest
            if item.asked_if is None
            or not {other.id for other in rest} & set(item.asked_if.items or ())
        ]
        done |= {item.id: item for item in ready or rest}
        rest = [item for item in rest if item.id not in done]
    return list(done.values())


def _lookup(scale: Scale, binding: ScaleBinding, item: Item, reasons: Reasons) -> Lookup:
    options = scale.option_set(item.id)
    places: dict[int | str, int] = {}
    for option in options:
        if option.missing is not None:
            places[option.code] = reasons.position(option.missing)
        else:
            places[option.code] = sum(place >= 0 for place in places.values())
    lookup = Lookup()
    stored = binding.stored.get(item.options)
    if stored is not None:
        spelt = {str(code): place for code, place in places.items()}
        for text, code in stored.items():
            lookup.add(text, spelt[str(code)])
    for text, reason in binding.missing.items():
        lookup.add(text, reasons.position(reason))
    if stored is None:
        for option in options:
            lookup.add(option.code, places[option.code])
        for option in options:
            for label in (option.label or {}).values():
                lookup.add(label, places[option.code])
    lookup.allowed = _allowed(options, binding, item.options)
    return lookup


def _allowed(options: Iterable[Option], binding: ScaleBinding, name: str) -> str:
    if name in binding.stored:
        text = ", ".join(f"'{stored}'" for stored in binding.stored[name])
    else:
        text = ", ".join(str(option.code) for option in options) + " or their labels"
    if binding.missing:
        text += "; missing: " + ", ".join(f"'{code}'" for code in binding.missing)
    return text


def _decode_numbers(numbers: npt.NDArray[Any], lookup: Lookup, out: Positions) -> None:
    """Compare with every number that may be stored, in bytes that add up to its position.

    Every byte starts as BAD; what is equal to a stored number is moved from there to where that
    number leads, and NaN to "blank".
    """
    steps = [(number, (position - BAD) & 0xFF) for number, position in lookup.numbers.items()]
    equal, byte = np.empty(CHUNK, dtype=bool), np.empty(CHUNK, dtype=np.uint8)
    found = out.view(np.uint8)
    for start in range(0, len(numbers), CHUNK):
        part, here = numbers[start : start + CHUNK], found[start : start + CHUNK]
        same, step_byte = equal[: len(here)], byte[: len(here)]
        as_byte = same.view(np.uint8)
        np.not_equal(part, part, out=same)
        np.multiply(as_byte, np.uint8(-1 - BAD), out=here)
        for number, step in steps:
            np.equal(part, number, out=same)
            np.multiply(as_byte, np.uint8(step), out=step_byte)
            np.add(here, step_byte, out=here)
        np.add(here, np.uint8(BAD & 0xFF), out=here)


def _decode_levels(column: Column, lookup: Lookup, out: Positions) -> None:
    found = [lookup.find(level) for level in column.levels]
    if column.written:
        blank = [str(level).strip() in BLANK_TEXTS for level in column.levels]
        found = [-1 if at == BAD and no else at for at, no in zip(found, blank, strict=True)]
    places = np.array([*found, -1], dtype=np.int8)
    np.take(places, column.codes, out=out, mode="wrap")


def _stored(column: Column, rows: npt.NDArray[np.intp]) -> list[Any]:
    if column.numbers is not None:
        return list(column.numbers[rows].tolist())
    return [column.levels[code] for code in column.codes[rows]]


def shown(value: object) -> str:
    """Return how a stored value is shown in an error."""
    if isinstance(value, str):
        return f"'{value}'"
    return plain(value) if isinstance(value, float) else str(value)


def _numbers(found: Iterable[object]) -> set[float]:
    read = (
        number_in(normal(value)) if isinstance(value, str) else value
        for value in found
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )
    return {float(value) for value in read if value is not None}


def _turn_back(scale: Scale, item: Item, row: Positions) -> None:
    """The file holds this item reversed: put every position where its reflected value is."""
    values = [option.value for option in options_in_order(scale, item.id)]
    known = [value for value in values if value is not None]
    turned = dict(zip(known, reflected(known), strict=True))
    table = np.array([values.index(turned[value]) for value in known], dtype=np.int8)
    there = row >= 0
    row[there] = table[row[there]]


def _unread(
    scale: Scale, positions: Positions, unknown: Mapping[str, Counter[Any]]
) -> Iterator[str]:
    """Say how whole option sets can be read of which most answers are stored otherwise."""
    for name, found in unknown.items():
        items = [at for at, item in enumerate(scale.items) if item.options == name]
        if found.total() <= (positions[:, items] >= 0).sum() or len(found) > MOST_STORED:
            continue
        listed = [plain(v) if isinstance(v, float) else str(v) for v, _ in found.most_common()]
        pairs = ", ".join(f'"{value}" = ...' for value in listed)
        codes = ", ".join(str(option.code) for option in scale.options[name])
        yield (
            f"most answers with options '{name}' are stored in ways that the scale does not know. "
            f"Say in a binding under [scales.{scale.id}] which of {codes} each is: "
            f"stored.{name} = {{ {pairs} }}"
        )


def _shifts(
    scale: Scale, positions: Positions, unknown: Mapping[str, Counter[Any]]
) -> Iterator[tuple[str, str]]:
    """Yield option sets that look stored one higher or lower than the scale's codes, and say so."""
    for name, found in unknown.items():
        wrong = _numbers(found)
        options = [option for option in scale.options[name] if option.missing is None]
        codes = [float(option.code) for option in options if isinstance(option.code, int)]
        seen = set(wrong)
        for number, item in enumerate(scale.items):
            if item.options == name and codes:
                present = np.unique(positions[:, number])
                seen |= {codes[at] for at in present[present >= 0] if at < len(codes)}
        for step in (1, -1):
            moved = {code + step for code in codes}
            if len(codes) == len(options) and wrong and seen <= moved and len(seen) > 1:
                yield name, _shift_advice(scale, name, codes, step)
                break


def _shift_advice(scale: Scale, name: str, codes: Sequence[float], step: int) -> str:
    pairs = ", ".join(f'"{plain(code + step)}" = {plain(code)}' for code in codes)
    return (
        f"these data look shifted by one: options '{name}' are coded {plain(min(codes))} to "
        f"{plain(max(codes))}, and {plain(min(codes) + step)} to {plain(max(codes) + step)} is "
        f"stored. If so, say in a binding under [scales.{scale.id}]: "
        f"stored.{name} = {{ {pairs} }}"
    )


def _fill_not_asked(
    scale: Scale, item: Item, positions: Positions, number: int, reasons: Reasons
) -> None:
    """A blank in an item that was not to be asked is what the scale says it is."""
    condition = item.asked_if
    assert condition is not None
    tables = []
    for name in condition.items or ():
        values = [option.value for option in options_in_order(scale, name)]
        met = [value is not None and meets(condition, value) for value in values]
        tables.append([*met, any(met)])
    rows = [positions[:, scale.item_ids.index(name)] for name in condition.items or ()]
    could = Columns(rows, [len(table) - 1 for table in tables]).added_up(tables, bool)
    if item.otherwise == NOT_APPLICABLE:
        fill = reasons.position(NOT_APPLICABLE)
    else:
        values = [option.value for option in options_in_order(scale, item.id)]
        fill = values.index(item.otherwise)  # type: ignore[arg-type]
    row = positions[:, number]
    row[~could & (row == -1)] = fill
