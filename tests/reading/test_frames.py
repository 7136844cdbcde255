"""Frames of every library, with every type a column of answers may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.dataframe as dd
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest

import psychoscales as ps
from tests.reading.forms import ITEMS, LABELS, ROWS, SCALE, frame, positions

BLANKS = [*ROWS, [np.nan, 1, 2], [3, np.nan, np.nan]]
READ = [*ROWS, [-1, 1, 2], [3, -1, -1]]
TOTALS = [sum(row) for row in ROWS]

NUMPY = ["int8", "uint8", "int16", "int32", "int64", "uint64", "float32", "float64", "object"]
NULLABLE = ["Int8", "UInt8", "Int64", "Float32", "Float64"]
ARROW = ["int8[pyarrow]", "int64[pyarrow]", "float[pyarrow]", "double[pyarrow]"]
TEXTS = ["str", "string", "string[pyarrow]", "object", "category"]


@pytest.mark.parametrize("dtype", [*NUMPY, *NULLABLE, *ARROW, "category"])
def test_numbers_of_every_pandas_type(dtype: Any) -> None:
    typed = frame().astype(dtype)
    assert set(map(str, typed.dtypes)) == {dtype}
    assert positions(typed) == ROWS


@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "object", *NULLABLE, *ARROW, "category", "Int16"]
)
def test_missing_numbers_of_every_pandas_type(dtype: Any) -> None:
    assert positions(frame(BLANKS).astype(dtype)) == READ


@pytest.mark.parametrize("dtype", TEXTS)
@pytest.mark.parametrize("language", LABELS[0])
def test_labels_of_every_pandas_type(dtype: Any, language: str) -> None:
    labels: Any = {code: texts[language] for code, texts in LABELS.items()}
    texts = frame(BLANKS).replace(labels).astype(object).where(frame(BLANKS).notna(), None)
    assert positions(texts.astype(dtype)) == READ


@pytest.mark.parametrize("blank", [None, np.nan, pd.NA, pd.NaT, "", " ", "\u3000"])
def test_every_kind_of_nothing_in_a_pandas_frame_is_missing(blank: Any) -> None:
    typed = frame().astype(object)
    typed.loc[1, "mood_1"] = blank
    assert positions(typed)[1] == [-1, *ROWS[1][1:]]


def test_a_column_of_nothing_is_missing_for_everybody() -> None:
    nothings: list[Any] = [None, np.nan, pd.NA]
    for nothing in nothings:
        empty = frame().assign(mood_2=nothing)
        assert [row[1] for row in positions(empty)] == [-1] * 4


def test_the_index_of_a_pandas_frame_is_given_back_with_the_scores() -> None:
    indexed = frame().set_axis(["w", "x", "y", "x"], axis=0)
    scores = ps.score(ps.read(indexed, SCALE))
    for found in (scores.to_frame(), scores.to_native()):
        assert found.index.tolist() == ["w", "x", "y", "x"]
        assert found["mood_total"].tolist() == TOTALS
    joined = indexed.iloc[:3].join(scores.to_frame().iloc[:3])
    assert joined["mood_total"].tolist() == TOTALS[:3]
    assert ps.read(indexed, SCALE).to_frame().index.tolist() == ["w", "x", "y", "x"]


def test_a_selection_of_rows_keeps_its_own_labels() -> None:
    chosen = frame()[frame()["mood_1"] > 0]
    found = ps.score(chosen, SCALE).to_frame()
    assert found.index.tolist() == [1, 2, 3]
    assert found["mood_total"].tolist() == TOTALS[1:]


def test_an_index_of_several_levels_is_kept() -> None:
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["site", "visit"])
    found = ps.score(frame().set_axis(index, axis=0), SCALE).to_frame()
    assert found.index.equals(index)


def numbers(kind: str) -> dict[str, list[Any]]:
    missing = {"null": None, "nan": float("nan")}[kind]
    return {
        name: [missing if row[at] < 0 else float(row[at]) for row in READ]
        for at, name in enumerate(ITEMS)
    }


def polars_of(columns: dict[str, list[Any]]) -> Any:
    return pl.DataFrame(columns, strict=False)


def arrow_of(columns: dict[str, list[Any]]) -> Any:
    return pa.table({name: pa.array(column) for name, column in columns.items()})


each_frame = pytest.mark.parametrize("made", [polars_of, arrow_of])


@each_frame
def test_null_is_missing(made: Callable[[Any], Any]) -> None:
    assert positions(made(numbers("null"))) == READ


@each_frame
def test_nan_is_missing_and_no_value(made: Callable[[Any], Any]) -> None:
    given = made(numbers("nan"))
    nulls = given["mood_1"].null_count() if made is polars_of else given["mood_1"].null_count
    assert nulls == 0
    assert positions(given) == READ
    status = ps.score(given, SCALE).to_frame()["mood_total_status"].tolist()
    assert status == ["ok"] * 4 + ["prorated", "too_many_missing"]


@each_frame
def test_labels_in_polars_and_arrow(made: Callable[[Any], Any]) -> None:
    for language in LABELS[0]:
        columns = {
            name: [None if row[at] < 0 else LABELS[row[at]][language] for row in READ]
            for at, name in enumerate(ITEMS)
        }
        assert positions(made(columns)) == READ


def test_polars_integers_categories_and_enums() -> None:
    given = pl.DataFrame(numbers("null"))
    for dtype in (pl.Int8, pl.UInt8, pl.Int64, pl.Float32, pl.String):
        assert positions(given.cast(dtype)) == READ
    texts = given.cast(pl.Int8).cast(pl.String)
    assert positions(texts.cast(pl.Categorical)) == READ
    assert positions(texts.cast(pl.Enum(["0", "1", "2", "3"]))) == READ


def test_arrow_integers_and_dictionaries() -> None:
    given = arrow_of(numbers("null"))
    whole = pa.table({name: given[name].cast(pa.int8()) for name in ITEMS})
    coded = pa.table({n: whole[n].cast(pa.string()).dictionary_encode() for n in ITEMS})
    chunked = pa.concat_tables([whole.slice(0, 2), whole.slice(2)])
    for table in (whole, coded, chunked):
        assert positions(table) == READ


def lazy_polars(columns: dict[str, list[Any]]) -> Any:
    return pl.LazyFrame(columns)


def lazy_duckdb(columns: dict[str, list[Any]]) -> Any:
    connection = duckdb.connect()
    connection.register("answers", arrow_of(columns))
    return connection.sql("select * from answers")


def lazy_dask(columns: dict[str, list[Any]]) -> Any:
    return dd.from_pandas(pd.DataFrame(columns), npartitions=2)


LAZY: dict[str, Callable[[Any], Any]] = {
    "polars": lazy_polars,
    "duckdb": lazy_duckdb,
    "dask": lazy_dask,
}
each_lazy = pytest.mark.parametrize(("library", "made"), LAZY.items(), ids=LAZY)


@each_lazy
def test_a_lazy_frame_without_an_id_is_refused(library: str, made: Callable[[Any], Any]) -> None:
    with pytest.raises(ps.SourceError) as caught:
        ps.read(made(numbers("null")), SCALE)
    assert str(caught.value) == (
        f"a {library} frame is lazy and its rows have no order: "
        "read it with its column of ids, psychoscales.read(frame, scale, id=...)"
    )


@each_lazy
@pytest.mark.parametrize("kind", ["null", "nan"])
def test_a_lazy_frame_with_an_id_is_read(
    library: str, made: Callable[[Any], Any], kind: str
) -> None:
    columns = {"pid": [f"p{row}" for row in range(6)], **numbers(kind), "unused": [0] * 6}
    people = ps.read(made(columns), SCALE, id="pid")
    assert people.ids is not None
    found = dict(zip(people.ids, people.blocks["mood"].positions.tolist(), strict=True))
    assert found == {f"p{row}": wanted for row, wanted in enumerate(READ)}
    assert library in people.source.label


@each_lazy
# narwhals itself warns that its Dask support is going to move to a package of its own.
@pytest.mark.filterwarnings("ignore:Dask support is moving out of Narwhals:FutureWarning")
def test_scores_of_a_lazy_frame_stay_lazy_and_where_they_were(
    library: str, made: Callable[[Any], Any]
) -> None:
    columns = {"pid": list(range(6)), **numbers("null"), "sex": list("fmfmfm")}
    native = ps.score(ps.read(made(columns), SCALE, id="pid", keep="sex")).to_native()
    assert type(native) is type(made(columns))
    brought: Any
    if library == "duckdb":
        brought = native.df()
    elif library == "polars":
        brought = native.collect().to_pandas()
    else:
        brought = native.compute()
    brought = brought.sort_values("pid")
    assert list(brought) == [
        "pid",
        "sex",
        "mood_total",
        "mood_total_n_valid",
        "mood_total_status",
    ]
    assert brought["sex"].tolist() == list("fmfmfm")
    assert brought["mood_total"].tolist()[:5] == [*TOTALS, 4.5]
    assert np.isnan(brought["mood_total"].tolist()[5])
    assert brought["mood_total_status"].tolist()[4:] == ["prorated", "too_many_missing"]


@pytest.mark.parametrize("made", [polars_of, arrow_of, pd.DataFrame])
def test_scores_go_back_to_the_callers_kind_of_frame(made: Callable[[Any], Any]) -> None:
    given = made(numbers("null"))
    native = ps.score(given, SCALE).to_native()
    assert type(native) is type(given)
    totals = native["mood_total"]
    listed = totals.to_pylist() if made is arrow_of else list(totals)
    assert listed[:5] == [*TOTALS, 4.5]
    last = listed[5]
    assert (last is None) if made is not pd.DataFrame else np.isnan(last)


def test_scores_of_a_file_go_back_to_pandas(tmp_path: Any) -> None:
    frame().to_csv(tmp_path / "a.csv", index=False)
    native = ps.score(tmp_path / "a.csv", SCALE).to_native()
    assert isinstance(native, pd.DataFrame)
    assert native["mood_total"].tolist() == TOTALS


def test_a_pandas_frame_is_left_as_it_was() -> None:
    types: list[Any] = ["float64", "object", "Int64", "string"]
    for dtype in types:
        given = frame(BLANKS).astype(dtype).set_axis(list("zyxwvu"), axis=0)
        before = given.copy(deep=True)
        people = ps.read(given, SCALE, keep=["mood_1"])
        scores = ps.score(people).to_frame()
        scores[["mood_1", "mood_total"]] = 99
        ps.score(people).to_native()
        ps.reliability(people)
        people.column("mood_1")[:] = 0
        pd.testing.assert_frame_equal(given, before)


def test_a_frame_of_scores_may_be_changed_and_the_scores_do_not() -> None:
    scores = ps.score(ps.read(frame(), SCALE, keep="mood_1"))
    changed = scores.to_frame()
    changed.loc[0, ["mood_1", "mood_total"]] = 99
    assert scores.to_frame()["mood_total"].tolist() == TOTALS
    assert scores.to_frame()["mood_1"].tolist() == [row[0] for row in ROWS]
    assert scores.column("mood_total").tolist() == TOTALS


def test_a_polars_frame_is_left_as_it_was() -> None:
    given = pl.DataFrame(numbers("nan"))
    before = given.clone()
    people = ps.read(given, SCALE, keep=["mood_1"])
    ps.score(people).to_native()
    polars.testing.assert_frame_equal(given, before)


def test_answers_do_not_change_with_the_frame_they_were_read_from() -> None:
    given = frame()
    people = ps.read(given, SCALE, keep="mood_3")
    given.iloc[:, :] = 0
    assert people.blocks["mood"].positions.tolist() == ROWS
    assert people.column("mood_3").tolist() == [row[2] for row in ROWS]
    with pytest.raises(ValueError, match="read-only"):
        people.blocks["mood"].positions[0, 0] = 1


def test_the_order_and_number_of_columns_do_not_matter() -> None:
    given = frame().assign(extra="x")[["extra", "mood_3", "mood_1", "mood_2"]]
    assert positions(given) == ROWS


@pytest.mark.parametrize("thing", [3, None, {"mood_1": [1]}, np.zeros((2, 3)), [1, 2], frame])
def test_what_is_no_data_is_refused_by_name(thing: Any) -> None:
    with pytest.raises(ps.SourceError, match="is neither a file's path nor a data frame"):
        ps.read(thing, SCALE)


def test_one_column_is_no_frame() -> None:
    with pytest.raises(ps.SourceError, match="Series is neither a file's path nor a data frame"):
        ps.read(frame()["mood_1"], SCALE)
