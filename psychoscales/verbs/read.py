"""`psychoscales.read`: a file or a frame to checked answers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.decoding import Decoded, decode, shown
from psychoscales.errors import BadCell, ColumnError, DataError, SourceError
from psychoscales.frames.files import Tick, open_file
from psychoscales.frames.source import BLANK_TEXTS, Column, Source, from_frame, is_path
from psychoscales.responses import Block, Responses
from psychoscales.spec.binding import Binding, BindingSource, ScaleBinding, Variable, binding
from psychoscales.spec.catalogue import files, scale
from psychoscales.spec.model import Scale
from psychoscales.spec.stored import normal, quantity_in, same

UNLISTED = object()
EXACT = float(1 << 53)
ScaleSource = str | os.PathLike[str] | Mapping[str, Any] | Scale
TO_MISSING = 'to turn exactly these cells to missing: bad="missing" (--bad missing in a terminal)'


def read(
    source: Any,
    scales: ScaleSource | Sequence[ScaleSource],
    *,
    binding: BindingSource | None = None,
    id: str | None = None,
    keep: str | Sequence[str] = (),
    bad: Literal["error", "missing"] = "error",
) -> Responses:
    """Read answers to one scale or several, and check every cell of them.

    Args:
        source: path of a csv, tsv, xlsx, sav, dta, xpt or parquet file (csv and tsv also .gz), or
            a frame: pandas, polars, pyarrow, DuckDB, PySpark, Dask. It is never changed.
        scales: a scale's id, its file's path, a `Scale` or a mapping; or a list of them.
        binding: path or mapping that says how the file stores the answers; without it, columns
            are called as items, and hold the options' codes or labels.
        id: the column of people's ids; required for a lazy frame, whose rows have no order.
        keep: further columns to keep beside the answers.
        bad: "error" raises one `DataError` that holds every cell that is neither an option nor a
            declared missing code; "missing" makes exactly those cells missing and lists them in
            the result's `bad`.

    Returns:
        `Responses`: n people, an int8 [n, k] block for each scale.

    Raises:
        ColumnError: columns are not there; the nearest names are given.
        DataError: cells hold what the scale does not know.
        BindingError, ScaleError, SourceError: the binding, scale or file is not sound.

    Examples:
        >>> import pandas as pd
        >>> import psychoscales as ps
        >>> frame = pd.DataFrame({f"phq9_{n}": [0, 1, 2] for n in range(1, 10)})
        >>> ps.read(frame, "phq2")
        Responses of 3 people to phq2 1.0.0 (from pandas frame)
    """
    if bad not in ("error", "missing"):
        raise ValueError(f"bad is 'error' or 'missing', not {bad!r}")
    return read_source(source, scales, binding_=binding, id_=id, keep=keep, bad=bad)


def read_source(
    source: Any,
    scales: ScaleSource | Sequence[ScaleSource],
    *,
    binding_: BindingSource | None = None,
    id_: str | None = None,
    keep: str | Sequence[str] = (),
    bad: Literal["error", "missing"] = "error",
    tick: Tick | None = None,
) -> Responses:
    """Do what `read` says; `tick` is told how much of a text file has been read."""
    wanted = several(scales)
    bound = binding(binding_, wanted, files())
    keep = [keep] if isinstance(keep, str) else list(keep)
    _refuse_score_names(wanted, [*keep, *([] if id_ is None else [id_])])
    opened = open_any(source, bound, tick)
    if opened.lazy and id_ is None:
        raise SourceError(
            f"a {opened.label} is lazy and its rows have no order: "
            "read it with its column of ids, psychoscales.read(frame, scale, id=...)"
        )
    places = [columns_of(opened, each, _part(bound, each)) for each in wanted]
    beside = [_kept_column(opened, bound, name) for name in keep]
    id_column = None if id_ is None else _one(opened, id_, "id column")
    names = [name for place in places for name in place if name is not None]
    table = opened.collected([*names, *beside, *([id_column] if id_column else [])])
    blocks: dict[str, Block] = {}
    cells: list[BadCell] = []
    advice: list[str] = []
    for each, place in zip(wanted, places, strict=True):
        columns = [table.column(name) for name in place if name is not None]
        decoded = decode_columns(columns, each, _part(bound, each), place)
        blocks[each.id] = Block(each, _read_only(decoded.positions), decoded.reasons)
        cells += decoded.bad
        advice += decoded.advice
    kept = {
        name: _variable(table, bound.variables.get(name, Variable()), column, cells)
        for name, column in zip(keep, beside, strict=True)
    }
    if cells and bad == "error":
        # Where most answers are stored otherwise, making them missing would lose the answers.
        raise DataError(sorted(cells, key=lambda cell: cell.row), advice or [TO_MISSING])
    ids = None if id_column is None else _ids(table, id_column)
    if opened.lazy and ids is not None and len(set(ids.tolist())) < len(ids):
        raise SourceError(f"{id_}: ids are there twice, and a lazy frame has nothing else to go by")
    return Responses(blocks, kept, ids, id_, tuple(cells), opened)


def _refuse_score_names(scales: Sequence[Scale], names: Sequence[str]) -> None:
    """A column called as a score, or two scores called alike, would be lost in the frame."""
    owners: dict[str, str] = {}
    for each in scales:
        parts = [bands.id for bands in each.bands]
        parts += [rule.id for rule in each.rules] + [flag.id for flag in each.flags]
        for score in each.scores:
            parts += [score.id, f"{score.id}_n_valid", f"{score.id}_status"]
        taken = {f"{each.id}_{part}" for part in parts}
        for name in taken:
            if owners.setdefault(name, each.id) != each.id:
                raise ColumnError(f"{owners[name]} and {each.id} both have a result '{name}'")
        for name in names:
            if name in taken:
                raise ColumnError(f"'{name}' is what a result of {each.id} is called: rename it")


def several(scales: ScaleSource | Sequence[ScaleSource]) -> list[Scale]:
    """Return the scales that are asked for; one, or a list of them, each once."""
    single = isinstance(scales, str | os.PathLike | Mapping | Scale)
    asked: Iterable[Any] = [scales] if single else scales  # type: ignore[assignment]
    found = [scale(each) for each in asked]
    ids = [each.id for each in found]
    if not found or len(set(ids)) < len(ids):
        raise ValueError(f"name one scale or several different ones, not {ids}")
    return found


def open_any(source: Any, bound: Binding, tick: Tick | None = None) -> Source:
    """Open a path as its binding says, or take a frame as it is."""
    if is_path(source):
        return open_file(
            source,
            encoding=bound.encoding,
            delimiter=bound.delimiter,
            sheet=bound.sheet,
            tick=tick,
        )
    return from_frame(source)


def _part(bound: Binding, each: Scale) -> ScaleBinding:
    return bound.scales.get(each.id, ScaleBinding())


def columns_of(opened: Source, each: Scale, part: ScaleBinding) -> list[str | None]:
    """Return the column of every item; None for an unscored item that the file does not have."""
    found: list[str | None] = []
    missing: list[str] = []
    for item in each.items:
        wanted = part.column_of(item.id)
        column = opened.find(wanted)
        if column is None and (item.scored or item.id in part.columns):
            near = opened.near(wanted, found)
            hint = f"; near it: {', '.join(repr(name) for name in near)}" if near else ""
            bound_to = "" if wanted == item.id else f" (item {item.id})"
            missing.append(f"  no column '{wanted}'{bound_to}{hint}")
        if column is not None and column in found:
            first = each.items[found.index(column)].id
            raise ColumnError(f"column '{column}' would be read for {first} and for {item.id}")
        found.append(column)
    if missing:
        listed = ", ".join(opened.names[:12]) + (", ..." if len(opened.names) > 12 else "")
        advice = [
            f"  its columns: {listed}",
            "  say which column is which item in a binding: "
            f'[scales.{each.id}] columns = {{ {each.items[0].id} = "..." }}',
        ]
        needed = sum(item.scored or item.id in part.columns for item in each.items)
        head = f"{opened.label} lacks {len(missing)} of {needed} columns of {each.id}:"
        raise ColumnError("\n".join([head, *missing, *advice]))
    return found


def decode_columns(
    columns: Sequence[Column], each: Scale, part: ScaleBinding, places: Sequence[str | None]
) -> Decoded:
    """Decode one scale's columns; an item that has no column is blank for everybody."""
    there = {column.name: column for column in columns}
    blank = Column("")
    return decode(each, part, [blank if name is None else there[name] for name in places])


def _one(opened: Source, name: str, what: str) -> str:
    column = opened.find(name)
    if column is None:
        near = opened.near(name)
        hint = f"; did you mean {' or '.join(repr(each) for each in near)}?" if near else ""
        raise ColumnError(f"{opened.label} has no {what} '{name}'{hint}")
    return column


def _kept_column(opened: Source, bound: Binding, name: str) -> str:
    return _one(opened, bound.variables.get(name, Variable()).column or name, "column to keep")


def _read_only(array: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    array.flags.writeable = False
    return array


def _ids(table: Source, column: str) -> npt.NDArray[Any]:
    """Ids as they are; those of a text file are whole numbers only if written as such."""
    values = table.as_given(column)
    written = [value for value in values.tolist() if isinstance(value, str)]
    plain = all(re.fullmatch(r"0|-?[1-9][0-9]{0,17}", value) for value in written)
    if table.text and plain and len(written) == len(values):
        return np.array([int(value) for value in written], dtype=np.int64)
    return values


def _plain(column: Column) -> npt.NDArray[Any]:
    """A column as it is: numbers where all of it is numbers, else texts and None."""
    if column.numbers is not None:
        return column.numbers.copy()
    padded = np.array([*column.levels, None], dtype=object)
    return np.asarray(padded[column.codes])


def _variable(
    table: Source, variable: Variable, column: str, cells: list[BadCell]
) -> npt.NDArray[Any]:
    """A kept column: stored values mapped, units taken off, numbers where all of it is numbers.

    What a declared mapping does not list is added to `cells`, and becomes missing.
    """
    if variable.stored is None and variable.unit is None and not variable.missing:
        return _if_numbers(table.as_given(column)) if table.text else table.as_given(column)
    values = _plain(table.column(column)).tolist()
    meaning = {level: _meaning(level, variable) for level in dict.fromkeys(values)}
    if variable.stored is not None:
        allowed = ", ".join(f"'{key}'" for key in variable.stored)
        for row, value in enumerate(values, start=1):
            if meaning[value] is UNLISTED:
                cells.append(BadCell(row, column, shown(value), allowed))
    known = [None if meaning[value] is UNLISTED else meaning[value] for value in values]
    return _if_numbers(np.array([*known, None], dtype=object)[:-1])


def _if_numbers(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return numbers where every value that is not blank is one; else the values as they are.

    A text with a leading zero is no number, but a name: 007, 0123.
    """
    table: dict[Any, float | None] = {}
    for value in dict.fromkeys(values.tolist()):
        if value is None or value in BLANK_TEXTS or value != value:
            table[value] = np.nan
        elif isinstance(value, str):
            named = value.strip().startswith("0") and value.strip("0 ")[:1] not in ("", ".")
            number = None if named else quantity_in(normal(value))
            table[value] = None if number is not None and abs(number) > EXACT else number
        else:
            table[value] = float(value) if isinstance(value, int | float) else None
    known = [number for number in table.values() if number == number]
    if None in known or not known:
        blank = [None if value == "" else value for value in values.tolist()]
        return np.array([*blank, None], dtype=object)[:-1]
    numbers = np.array([table[value] for value in values.tolist()], dtype=float)
    whole = not np.isnan(numbers).any() and np.array_equal(numbers, np.rint(numbers))
    return numbers.astype(np.int64) if whole else numbers


def _meaning(level: Any, variable: Variable) -> Any:
    if level is None or level != level or level == "":
        return None
    if same(level) in {same(code) for code in variable.missing}:
        return None
    if variable.stored is not None:
        stored = {same(key): value for key, value in variable.stored.items()}
        return stored.get(same(level), UNLISTED)
    text = normal(str(level))
    if variable.unit is not None:
        text = text.removesuffix(normal(variable.unit)).strip()
    return text if quantity_in(text) is not None else str(level)
