"""Workbooks, SPSS, Stata, SAS transport and parquet files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pyreadstat
import pytest

import psychoscales as ps
from tests.reading.forms import ITEMS, ROWS, SCALE, frame, positions, reasons, write

BLANKS: list[list[Any]] = [*ROWS, [None, 1, 2], [3, None, None]]
READ: list[list[int]] = [*ROWS, [-1, 1, 2], [3, -1, -1]]


def workbook(place: Path, rows: list[list[Any]], second: list[list[Any]] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in [list(ITEMS), *rows]:
        sheet.append(row)
    if second is not None:
        other = book.create_sheet("second visit")
        for row in [list(ITEMS), *second]:
            other.append(row)
    book.save(place)
    return place


def write_xlsx(table: pd.DataFrame, place: Path) -> None:
    table.to_excel(place, index=False)


def write_sav(table: pd.DataFrame, place: Path) -> None:
    labels = {item: {0: "Not at all", 3: "Every day"} for item in ITEMS}
    pyreadstat.write_sav(table, place, variable_value_labels=labels)


def write_dta(table: pd.DataFrame, place: Path) -> None:
    table.to_stata(place, write_index=False)


def write_labelled_dta(table: pd.DataFrame, place: Path) -> None:
    labels: Any = {item: {0: "Not at all", 1: "Several days", 3: "Every day"} for item in ITEMS}
    table.to_stata(place, write_index=False, value_labels=labels)


def write_xpt(table: pd.DataFrame, place: Path) -> None:
    named = table.rename(columns=str.upper)
    pyreadstat.write_xport(named, place, file_format_version=5)


def write_parquet(table: pd.DataFrame, place: Path) -> None:
    table.to_parquet(place)


KINDS: dict[str, tuple[str, Callable[[pd.DataFrame, Path], None]]] = {
    "workbook": (".xlsx", write_xlsx),
    "SPSS": (".sav", write_sav),
    "Stata": (".dta", write_dta),
    "Stata with value labels": (".dta", write_labelled_dta),
    "SAS transport": (".xpt", write_xpt),
    "parquet": (".parquet", write_parquet),
}

each_kind = pytest.mark.parametrize(("ending", "written"), KINDS.values(), ids=KINDS)


@each_kind
def test_answers_are_read_from_every_kind_of_file(
    tmp_path: Path, ending: str, written: Callable[[pd.DataFrame, Path], None]
) -> None:
    for place, table, wanted in (
        (tmp_path / f"whole{ending}", frame(), ROWS),
        (tmp_path / f"blanks{ending}", frame(BLANKS).astype(float), READ),
        (tmp_path / f"shout{ending.upper()}", frame(), ROWS),
    ):
        written(table, tmp_path / f"made{ending}")
        (tmp_path / f"made{ending}").rename(place)
        assert positions(place) == wanted


@pytest.mark.parametrize("ending", sorted(dict(KINDS.values())))
def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"broken{ending}", "mood_1,mood_2,mood_3\n0,1,2\n")
    with pytest.raises(ps.SourceError, match=f"broken{ending}"):
        ps.read(path, SCALE)


@each_kind
def test_a_file_of_nobody_has_nobody(
    tmp_path: Path, ending: str, written: Callable[[pd.DataFrame, Path], None]
) -> None:
    path = tmp_path / f"nobody{ending}"
    written(frame([]).astype(float), path)
    assert ps.read(path, SCALE).n == 0


LIBRARIES = [(".xlsx", "openpyxl"), (".sav", "pyreadstat"), (".parquet", "pyarrow")]


@pytest.mark.parametrize(("ending", "library"), LIBRARIES)
def test_a_library_that_is_not_installed_is_said_to_be_in_an_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, library: str
) -> None:
    path = tmp_path / f"a{ending}"
    dict(KINDS.values())[ending](frame(), path)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ps.MissingExtraError) as caught:
        ps.read(path, SCALE)
    assert str(caught.value) == (
        f"reading {ending} files needs an extra: pip install 'psychoscales[io]'"
    )


def test_a_workbook_may_mix_numbers_texts_and_empty_cells(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[1, "2", "Every day"], [None, " ", "NA"], [3.0, "１", "数日"]]
    path = workbook(tmp_path / "a.xlsx", rows)
    assert positions(path) == [[1, 2, 3], [-1, -1, -1], [3, 1, 1]]


def test_a_workbooks_truth_is_no_answer(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [[1, 1, 1], [True, 0, 0], [0, 2, False]])
    with pytest.raises(ps.DataError) as caught:
        ps.read(path, SCALE)
    found = [(cell.row, cell.column, cell.found) for cell in caught.value.cells]
    assert found == [(2, "mood_1", "True"), (3, "mood_3", "False")]


def test_the_first_sheet_is_read_or_the_one_the_binding_names(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ROWS, ROWS[::-1])
    assert positions(path) == ROWS
    assert positions(path, binding={"sheet": "second visit"}) == ROWS[::-1]
    with pytest.raises(ps.SourceError, match=r"a.xlsx .*'third visit' not found"):
        ps.read(path, SCALE, binding={"sheet": "third visit"})


def test_the_zeros_of_a_sas_transport_file_are_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.xpt"
    write_xpt(frame(), path)
    raw = pd.read_sas(path, format="xport")["MOOD_1"]
    assert 0 < raw[0] < 1e-70
    assert positions(path) == ROWS
    people = ps.read(path, SCALE, keep="MOOD_1")
    assert people.column("MOOD_1").tolist() == [row[0] for row in ROWS]


def test_a_small_number_of_a_sas_transport_file_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "a.xpt"
    small = frame().assign(dose=[0.0, 1e-60, 0.5, -1e-60])
    write_xpt(small, path)
    dose = ps.read(path, SCALE, keep="DOSE").column("DOSE")
    assert dose == pytest.approx([0.0, 1e-60, 0.5, -1e-60], rel=1e-12, abs=0)
    assert dose[0] == 0.0


def test_a_stata_file_gives_codes_and_not_its_value_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.dta"
    labels: Any = {item: {0: "Every day", 3: "Not at all"} for item in ITEMS}
    frame().to_stata(path, write_index=False, value_labels=labels)
    assert positions(path) == ROWS


def test_values_that_an_spss_file_says_are_missing_have_the_reasons_of_the_binding(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.sav"
    table = frame([[0, 9, 8], [9, 1, None], [3, 2, 1]]).astype(float)
    said = {item: [{"lo": 8.0, "hi": 9.0}] for item in ITEMS}
    pyreadstat.write_sav(table, path, missing_ranges=said)
    binding = {"scales": {"mood": {"missing": {"8": "dont_know", "9": "refused"}}}}
    assert reasons(path, binding=binding) == [
        ["0", "refused", "dont_know"],
        ["refused", "1", "blank"],
        ["3", "2", "1"],
    ]
    assert [[code < 0 for code in row] for row in positions(path)] == [
        [False, True, True],
        [True, False, True],
        [False, False, False],
    ]


def test_texts_in_parquet_and_sav_are_labels(tmp_path: Path) -> None:
    texts = frame().replace({0: "Not at all", 1: "Several days", 2: "Most days", 3: "Every day"})
    pyreadstat.write_sav(texts, tmp_path / "a.sav")
    texts.astype("category").to_parquet(tmp_path / "a.parquet")
    assert positions(tmp_path / "a.sav") == ROWS
    assert positions(tmp_path / "a.parquet") == ROWS


def test_kept_columns_of_files_with_types_have_their_types(tmp_path: Path) -> None:
    beside = frame().assign(age=[20, 31, 45, 18], country=["NA", "JP", "DE", "NA"])
    write_dta(beside, tmp_path / "a.dta")
    pyreadstat.write_sav(beside, tmp_path / "a.sav")
    write_parquet(beside, tmp_path / "a.parquet")
    for name in ("a.dta", "a.sav", "a.parquet"):
        people = ps.read(tmp_path / name, SCALE, keep=["age", "country"])
        assert np.issubdtype(people.column("age").dtype, np.number)
        assert people.column("age").tolist() == [20, 31, 45, 18]
        assert people.column("country").tolist() == ["NA", "JP", "DE", "NA"]
