"""Any table as a file: tidy where it is data, in APA style where it is for reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.layouts import text
from psychoscales.verbs.write import grid_of


@pytest.fixture(scope="module")
def answers() -> ps.Responses:
    return ps.simulate("phq9", n=200, seed=1)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_data_files_hold_unrounded_numbers(
    answers: ps.Responses, tmp_path: Path, ending: str
) -> None:
    table = ps.reliability(answers)
    path = ps.write(table, tmp_path / f"t.{ending}")
    readers: dict[str, Any] = {
        "csv": pd.read_csv,
        "xlsx": pd.read_excel,
        "parquet": pd.read_parquet,
    }
    read = readers[ending](path)
    assert list(read.columns) == list(table.columns)
    assert read["value"].tolist() == pytest.approx([row["value"] for row in table.rows], rel=1e-14)


@pytest.mark.parametrize("ending", ["docx", "tex", "html", "txt"])
def test_every_kind_of_printed_table_is_written(
    answers: ps.Responses, tmp_path: Path, ending: str
) -> None:
    for name, table in {
        "items": ps.items(answers),
        "reliability": ps.reliability(answers, coefficients="all", groups=2),
        "fit": ps.cfa(answers).loadings,
        "evidence": ps.evidence(answers),
        "scores": ps.score(answers).tables()[1],
    }.items():
        path = ps.write(table, tmp_path / f"{name}.{ending}")
        assert path.stat().st_size > 300


def test_numbers_that_cannot_exceed_one_have_no_leading_zero(answers: ps.Responses) -> None:
    table = ps.reliability(answers, coefficients=["alpha", "omega_total_ml"])
    shown = text(grid_of(table))
    value = table.rows[0]["value"]
    assert f" {value:.3f}".replace(" 0.", " .") in shown
    assert "0." not in shown.split("Note.")[0].replace("95%", "")
    items = text(grid_of(ps.items(answers)))
    mean = ps.items(answers).rows[0]["mean"]
    assert f"{mean:.3f}" in items


def test_p_is_written_as_the_style_says() -> None:
    rows = ({"item": "a", "p": 0.0000001, "n": 12}, {"item": "b", "p": 0.0434, "n": 7})
    shown = text(grid_of(ps.Table("Tests", ("item", "p", "n"), rows, ("A note.",))))
    assert "< .001" in shown
    assert ".043" in shown
    assert "Note. A note." in shown


def test_texts_are_escaped_in_a_page(tmp_path: Path) -> None:
    table = ps.Table("<script>x</script>", ("item",), ({"item": "<b>bold</b>"},))
    page = ps.write(table, tmp_path / "t.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<b>" not in page


def test_an_unknown_ending_names_those_that_can_be(tmp_path: Path) -> None:
    table = ps.Table("t", ("item",), ({"item": "a"},))
    with pytest.raises(ps.SourceError, match=r"\.csv.*\.docx"):
        ps.write(table, tmp_path / "t.doc")
    with pytest.raises(ps.SourceError, match="no folder"):
        ps.write(table, tmp_path / "nowhere" / "t.tex")
    assert list(tmp_path.iterdir()) == []
