"""The same people give the same patterns from every kind of frame, lazy or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.dataframe as dd
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import psychoscales as ps
from tests.counting.people import ITEMS, LABELS, POSITIONS, SCALE, STORED, Lists, wanted


def pandas_numpy(columns: Lists) -> Any:
    return pd.DataFrame(columns)


def pandas_objects(columns: Lists) -> Any:
    return pd.DataFrame(columns, dtype=object)


def pandas_nullable(columns: Lists) -> Any:
    return pd.DataFrame(columns).convert_dtypes()


def pandas_pyarrow(columns: Lists) -> Any:
    return pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow")


def pandas_categories(columns: Lists) -> Any:
    return pd.DataFrame(columns).astype("category")


def polars_eager(columns: Lists) -> Any:
    return pl.DataFrame(columns)


def polars_lazy(columns: Lists) -> Any:
    return pl.LazyFrame(columns)


def arrow_table(columns: Lists) -> Any:
    return pa.table({name: pa.array(column) for name, column in columns.items()})


def duckdb_relation(columns: Lists) -> Any:
    connection = duckdb.connect()
    connection.register("people", arrow_table(columns))
    return connection.sql("select * from people")


def dask_one(columns: Lists) -> Any:
    return dd.from_pandas(pd.DataFrame(columns), npartitions=1)


def dask_several(columns: Lists) -> Any:
    return dd.from_pandas(pd.DataFrame(columns), npartitions=3)


FRAMES: dict[str, Callable[[Lists], Any]] = {
    made.__name__: made
    for made in (
        pandas_numpy,
        pandas_objects,
        pandas_nullable,
        pandas_pyarrow,
        pandas_categories,
        polars_eager,
        polars_lazy,
        arrow_table,
        duckdb_relation,
        dask_one,
        dask_several,
    )
}

each_frame = pytest.mark.parametrize("made", FRAMES.values(), ids=FRAMES)
each_storage = pytest.mark.parametrize("stored", STORED.values(), ids=STORED)


def same_bytes(one: ps.Patterns, other: ps.Patterns) -> bool:
    arrays = ((one.rows, other.rows), (one.counts, other.counts))
    return one == other and all(a.tobytes() == b.tobytes() for a, b in arrays)


def test_the_people_have_every_answer_and_some_are_missing() -> None:
    assert np.unique(POSITIONS).tolist() == [-1, 0, 1, 2, 3]
    assert 100 < len(wanted().counts) < wanted().n == 300


def test_the_comparer_sees_one_person_answering_otherwise() -> None:
    other = POSITIONS.copy()
    other[0, 0] = (other[0, 0] + 2) % 4
    columns = {item: LABELS[other[:, j]].tolist() for j, item in enumerate(ITEMS)}
    assert not same_bytes(ps.count(pandas_numpy(columns), SCALE), wanted())


@each_frame
@each_storage
def test_patterns_are_the_same_from_every_frame(
    made: Callable[[Lists], Any], stored: Callable[[], Lists]
) -> None:
    assert same_bytes(ps.count(made(stored()), SCALE), wanted())


@each_frame
@each_storage
def test_parts_of_a_frame_add_up_to_the_whole(
    made: Callable[[Lists], Any], stored: Callable[[], Lists]
) -> None:
    columns = stored()
    parts = [
        {name: column[piece] for name, column in columns.items()}
        for piece in (slice(0, 40), slice(40, 41), slice(41, 300))
    ]
    counted = [ps.count(made(part), SCALE) for part in parts]
    assert [part.n for part in counted] == [40, 1, 259]
    assert same_bytes(counted[2] + (counted[0] + counted[1]), wanted())


@each_frame
def test_coefficients_are_the_same_from_every_frame(made: Callable[[Lists], Any]) -> None:
    direct = ps.reliability(wanted(), SCALE)
    found = ps.reliability(ps.count(made(STORED["labels"]()), SCALE), SCALE)
    assert found.rows == direct.rows
    assert len(found.rows) >= 2


@each_frame
def test_a_value_that_is_no_option_is_refused_by_every_frame(made: Callable[[Lists], Any]) -> None:
    columns = STORED["whole numbers"]()
    columns["i2"][7] = 8
    columns["i4"][9] = -5
    with pytest.raises(ps.DataError) as caught:
        ps.count(made(columns), SCALE)
    lazy = made in (polars_lazy, duckdb_relation, dask_one, dask_several)
    rows = (0, 0) if lazy else (8, 10)
    found = sorted((cell.column, cell.found, cell.row) for cell in caught.value.cells)
    assert found == [("i2", "8", rows[0]), ("i4", "-5", rows[1])]


def test_a_lazy_frame_names_each_wrong_value_once_however_many_patterns_have_it() -> None:
    columns = STORED["whole numbers"]()
    for row in range(0, 300, 3):
        columns["i2"][row] = 8
    with pytest.raises(ps.DataError, match="i2: found 8") as caught:
        ps.count(polars_lazy(columns), SCALE)
    assert [(cell.row, cell.column, cell.found) for cell in caught.value.cells] == [(0, "i2", "8")]


@each_frame
def test_a_binding_says_how_every_frame_stores_the_answers(made: Callable[[Lists], Any]) -> None:
    words = ["never", "some", "often", "always", "refused"]
    columns = {f"Q{j}": [words[at] for at in POSITIONS[:, j]] for j in range(4)}
    binding = {
        "scales": {
            SCALE.id: {
                "columns": {item: f"Q{j}" for j, item in enumerate(ITEMS)},
                "stored": {"answers": {word: code for code, word in enumerate(words[:4])}},
                "missing": {"refused": "refused"},
            }
        }
    }
    assert same_bytes(ps.count(made(columns), SCALE, binding=binding), wanted())


@each_frame
def test_a_missing_column_is_named_by_every_frame(made: Callable[[Lists], Any]) -> None:
    columns = STORED["whole numbers"]()
    columns["i2x"] = columns.pop("i2")
    with pytest.raises(ps.ColumnError, match="no column 'i2'; near it: 'i2x'"):
        ps.count(made(columns), SCALE)


@each_frame
def test_counting_leaves_out_the_columns_it_does_not_need(made: Callable[[Lists], Any]) -> None:
    columns = STORED["whole numbers"]()
    columns["diary"] = [f"entry {row}" for row in range(300)]
    assert same_bytes(ps.count(made(columns), SCALE), wanted())


@each_frame
def test_one_person_is_one_pattern(made: Callable[[Lists], Any]) -> None:
    columns = {name: column[:1] for name, column in STORED["whole numbers"]().items()}
    found = ps.count(made(columns), SCALE)
    assert found.rows.tolist() == POSITIONS[:1].tolist()
    assert found.counts.tolist() == [1]


NOBODY: dict[str, Callable[[Lists], Any]] = {
    "pandas": lambda columns: pandas_numpy(columns).head(0),
    "pandas, nullable": lambda columns: pandas_nullable(columns).head(0),
    "pandas, columns of no type": lambda columns: pd.DataFrame(columns=list(columns)),
    "polars": lambda columns: polars_eager(columns).head(0),
    "polars, lazy": lambda columns: polars_lazy(columns).head(0),
    "polars, columns of no type": lambda columns: pl.DataFrame({name: [] for name in columns}),
    "arrow": lambda columns: arrow_table(columns).slice(0, 0),
    "duckdb": lambda columns: duckdb_relation(columns).filter("1 = 0"),
    "dask": lambda columns: dd.from_pandas(pandas_numpy(columns).head(0), npartitions=1),
}


@pytest.mark.parametrize("nobody", NOBODY.values(), ids=NOBODY)
@each_storage
def test_a_frame_without_people_has_no_patterns(
    nobody: Callable[[Lists], Any], stored: Callable[[], Lists]
) -> None:
    found = ps.count(nobody(stored()), SCALE)
    assert found.rows.shape == (0, 4)
    assert found.n == 0
    assert found + wanted() == wanted()


def test_two_partitions_of_which_one_has_no_answers_at_all_are_counted() -> None:
    columns = STORED["labels"]()
    for name in ITEMS:
        columns[name][:150] = [None] * 150
    frame = pd.DataFrame(columns)
    found = ps.count(dd.from_pandas(frame, npartitions=2), SCALE)
    assert same_bytes(found, ps.count(frame, SCALE))
    assert found.counts[0] >= 150
    assert found.rows[0].tolist() == [-1] * 4
