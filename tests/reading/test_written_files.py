"""What is written does no harm in a spreadsheet, and is otherwise what it was."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from psychoscales.frames.files import write_frame

HARM = ["=1+1", '=HYPERLINK("http://x.example","y")', "+cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "-x"]
HARMLESS = ["-1.5", "+3", "plain", "a=b", "", "'already"]


def frame() -> pd.DataFrame:
    texts = [*HARM, *HARMLESS]
    return pd.DataFrame(
        {
            "=HYPERLINK(1)": range(len(texts)),
            "text": texts,
            "level": pd.Categorical(texts),
            "number": [-1.5] * len(texts),
        }
    )


def test_a_csv_has_no_text_that_runs(tmp_path: Path) -> None:
    path = write_frame(frame(), tmp_path / "x.csv")
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(read.columns) == ["'=HYPERLINK(1)", "text", "level", "number"]
    for column in ("text", "level"):
        assert read[column].tolist() == [*(f"'{text}" for text in HARM), *HARMLESS]
    assert set(read["number"]) == {"-1.5"}


def test_a_workbook_has_texts_and_no_formulas(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = write_frame(frame(), tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(path).active
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert sheet["A1"].value == "=HYPERLINK(1)"
    assert [row[1].value for row in sheet.iter_rows(min_row=2)][:2] == HARM[:2]


def test_the_frame_itself_is_left_as_it_is(tmp_path: Path) -> None:
    given = frame()
    write_frame(given, tmp_path / "x.csv")
    pd.testing.assert_frame_equal(given, frame())
