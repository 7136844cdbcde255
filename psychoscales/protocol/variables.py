"""Variables beside the scales: stored columns to option positions, ticks or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.decoding import BAD, Lookup
from psychoscales.errors import BadCell, ColumnError
from psychoscales.frames.source import BLANK_TEXTS, Column, Source
from psychoscales.protocol.document import StudyVariable
from psychoscales.spec.binding import Variable as Bound
from psychoscales.spec.model import Option
from psychoscales.spec.numbers import plain
from psychoscales.spec.stored import normal, quantity_in

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int16]
MISSING = -1
TICKED = {**dict.fromkeys(("1", "true", "yes", "x", "y", "on"), 1)}
TICKED |= dict.fromkeys(("0", "false", "no", "n", "off"), 0)


@dataclass(frozen=True, eq=False)
class Answered:
    """What n people answered to one variable.

    Attributes:
        variable: what was asked.
        options: the options that can be answered, in declared order.
        places: [n], an option's place, -1 where missing; of a list to tick [n, k], 1, 0 or -1.
        numbers: [n], the numbers answered or the values of the options; NaN where missing or where
            an option has none.
    """

    variable: StudyVariable
    options: tuple[Option, ...]
    places: Places
    numbers: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    def of(self, keep: npt.NDArray[np.bool_]) -> Answered:
        """Return the answers of some of the people."""
        return Answered(self.variable, self.options, self.places[keep], self.numbers[keep])


def read_variable(
    opened: Source,
    variable: StudyVariable,
    options: Mapping[str, tuple[Option, ...]],
    bound: Bound,
    cells: list[BadCell],
) -> Answered:
    """Read one variable; what is no option and no number is added to `cells`."""
    if variable.kind == "number":
        column = _column(opened, bound.column or variable.id, variable)
        numbers = _numbers(column, variable, bound, cells)
        return Answered(variable, (), np.full(len(numbers), MISSING, dtype=np.int16), numbers)
    declared = options[variable.options or ""]
    real = tuple(option for option in declared if option.missing is None)
    if variable.kind == "multiple":
        ticks = [_ticks(opened, variable, option, bound, cells) for option in real]
        table = np.column_stack(ticks)
        return Answered(variable, real, table, np.full(len(table), np.nan))
    column = _column(opened, bound.column or variable.id, variable)
    places = _decoded(column, _lookup(declared, bound), cells)
    values = np.array([*(value_of(option) for option in real), np.nan])
    return Answered(variable, real, places, values[places])


def value_of(option: Option) -> float:
    """Return an option's value, else its code where that is a number; NaN where it has neither."""
    if option.value is not None:
        return option.value
    return float(option.code) if isinstance(option.code, int) else np.nan


def _column(opened: Source, name: str, variable: StudyVariable) -> Column:
    found = opened.find(name)
    if found is None:
        near = opened.near(name)
        hint = f"; did you mean {' or '.join(repr(each) for each in near)}?" if near else ""
        raise ColumnError(
            f"{opened.label} has no column '{name}' (variable {variable.id}){hint}\n  say which "
            f'column it is in a binding: [variables.{variable.id}] column = "..."'
        )
    return opened.column(found)


def _lookup(declared: tuple[Option, ...], bound: Bound) -> Lookup:
    places: dict[str, int] = {}
    for option in declared:
        there = sum(place >= 0 for place in places.values())
        places[str(option.code)] = MISSING if option.missing is not None else there
    lookup = Lookup()
    for text in bound.missing:
        lookup.add(text, MISSING)
    if bound.stored is not None:
        for stored, meaning in bound.stored.items():
            code = plain(meaning) if isinstance(meaning, float) else str(meaning)
            if code in places:
                lookup.add(stored, places[code])
        lookup.allowed = ", ".join(f"'{stored}'" for stored in bound.stored)
    else:
        for option in declared:
            lookup.add(option.code, places[str(option.code)])
        for option in declared:
            for label in (option.label or {}).values():
                lookup.add(label, places[str(option.code)])
        lookup.allowed = ", ".join(str(option.code) for option in declared) + " or their labels"
    return lookup


def _values(column: Column) -> list[Any]:
    if column.numbers is not None:
        return [None if value != value else value for value in column.numbers.tolist()]
    return [None if code < 0 else column.levels[code] for code in column.codes.tolist()]


def _decoded(column: Column, lookup: Lookup, cells: list[BadCell]) -> Places:
    values = _values(column)
    found = {
        value: MISSING if value is None else lookup.find(value) for value in dict.fromkeys(values)
    }
    places = np.array([found[value] for value in values], dtype=np.int16)
    cells += [
        BadCell(row + 1, column.name, _shown(values[row]), lookup.allowed)
        for row in np.flatnonzero(places == BAD).tolist()
    ]
    return np.where(places < 0, np.int16(MISSING), places)


def _ticks(
    opened: Source, variable: StudyVariable, option: Option, bound: Bound, cells: list[BadCell]
) -> Places:
    """One option of a list: 1 ticked, 0 not ticked, -1 not known."""
    column = _column(opened, variable.column_of(option.code), variable)
    lookup = Lookup()
    for text in bound.missing:
        lookup.add(text, MISSING)
    for stored, meaning in (bound.stored or {}).items():
        lookup.add(stored, int(normal(str(meaning)) in ("1", "1.0", "true", "yes")))
    for text, ticked in TICKED.items():
        lookup.add(text, ticked)
    for text in (str(option.code), *(option.label or {}).values()):
        lookup.add(text, 1)
    lookup.allowed = "1 or 0, true or false, yes or no, or the option's label"
    ticks = _decoded(column, lookup, cells)
    texts = ("" if value is None else normal(str(value)) for value in _values(column))
    blank = np.array([text == "" for text in texts], dtype=bool)
    return np.where(blank & (variable.blank == "not_ticked"), np.int16(0), ticks)


def _numbers(column: Column, variable: StudyVariable, bound: Bound, cells: list[BadCell]) -> Floats:
    values = _values(column)
    stored = {normal(text): meaning for text, meaning in (bound.stored or {}).items()}
    missing = {normal(text) for text in bound.missing}
    low, high = variable.range or (-np.inf, np.inf)
    out = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        text = "" if value is None or value in BLANK_TEXTS else _bare(value)
        if text == "" or text in missing:
            continue
        number = _number(text, stored, bound.unit)
        whole = not variable.whole or (number is not None and number.is_integer())
        if number is not None and low <= number <= high and whole:
            out[row] = number
            continue
        allowed = "a whole number" if variable.whole else "a number"
        if variable.range:
            allowed += f" from {plain(low)} to {plain(high)}"
        cells.append(BadCell(row + 1, column.name, _shown(value), allowed))
    return out


def _bare(value: Any) -> str:
    return plain(value) if isinstance(value, float) else normal(str(value))


def _number(text: str, stored: Mapping[str, Any], unit: str | None) -> float | None:
    if text in stored:
        meaning = stored[text]
        return float(meaning) if isinstance(meaning, int | float) else None
    if unit is not None:
        text = text.removesuffix(normal(unit)).strip()
    return quantity_in(text)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return plain(value) if isinstance(value, float) else str(value)
