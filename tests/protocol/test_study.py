"""A study run, written and compared; the bundled one on what it publishes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import numpy as np
import pandas as pd
import pytest

from psychoscales.auditing.printed import printed
from psychoscales.errors import MissingExtraError, SourceError
from psychoscales.protocol.comparing import agrees
from psychoscales.protocol.study import study
from tests.protocol.making import people, small

PRINTED = {
    "frequencies": [
        {"analysis": "counts", "variable": "often", "n": "30", "counts": ["10", "10", "11"]}
    ],
    "descriptives": [{"analysis": "means", "variable": "often", "n": "30", "mean": "2.33"}],
    "correlations": [
        {"analysis": "pairs", "row": "phq9_total", "column": "age", "r": ".99", "p": "<.001"}
    ],
    "regression_models": [{"analysis": "lines", "outcome": "phq9_total", "df": "27", "n": "30"}],
    "proportions": [{"id": "rate", "count": "3", "of": "4", "percent": "75"}],
}


def test_compare_sets_cells_side_by_side() -> None:
    loaded = study(small(published=PRINTED))
    result = loaded.run(people(30))
    table = loaded.compare(result)
    frame = table.to_frame()
    wanted = ["table", "row", "column", "statistic", "published", "computed", "difference"]
    assert list(frame.columns) == [*wanted, "decimals", "agrees"]
    assert frame["agrees"].tolist() == [
        True,
        True,
        True,
        False,
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    np.testing.assert_allclose(frame["difference"], frame["computed"] - frame["published"])
    assert "7 of 10 published numbers agree" in table.notes[0]
    assert "1 published proportions" in table.notes[1]


@pytest.mark.parametrize(
    ("computed", "text", "right"),
    [
        (12.3849, "12.38", True),
        (12.3851, "12.38", False),
        (12.385, "12.38", True),
        (12.385, "12.39", True),
        (-0.0404, "-.04", True),
        (0.0404, "-.04", False),
        (-0.0454, "\N{MINUS SIGN}.04", False),
        (23864.0, "23,864", True),
        (20.04, "20", True),
        (20.04, "20.0", True),
        (20.06, "20.0", False),
    ],
)
def test_agreement_is_at_the_decimals_printed(computed: float, text: str, right: bool) -> None:
    assert agrees(computed, printed(text)) is right


def test_printed_numbers_are_read() -> None:
    assert [printed(text).relation for text in ("<.001", ">0.99", "1.46%")] == ["<", ">", "="]
    assert printed("0.040").decimals == 3


def test_everything_is_written_whole(tmp_path: Path) -> None:
    result = study(small()).run(people(30))
    written = result.write(tmp_path / "out")
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)
    names = {path.name for path in written}
    for name in ("counts", "means", "pairs", "lines"):
        for ending in ("csv", "xlsx", "docx", "tex"):
            assert f"small_{name}.{ending}" in names
    assert {"small_lines_models.csv", "small_all.docx"} <= names
    tidy = result.tables["pairs"].to_frame()
    back = pd.read_csv(tmp_path / "out" / "small_pairs.csv")
    np.testing.assert_array_equal(back["r"], tidy["r"])
    book = pd.read_excel(tmp_path / "out" / "small_pairs.xlsx")
    np.testing.assert_allclose(book["r"], tidy["r"], rtol=1e-14)
    document = docx.Document(str(tmp_path / "out" / "small_all.docx"))
    assert len(document.tables) == 5
    assert document.tables[1].cell(0, 1).text in ("n", "Count (%)")


def test_a_missing_extra_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "docx" else real(name)
    )
    result = study(small()).run(people(30))
    with pytest.raises(MissingExtraError, match=r"psychoscales\[word\]"):
        result.write(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert len(result.write(tmp_path / "out", formats=["csv"])) == 6
    with pytest.raises(SourceError, match="not 'pdf'"):
        result.write(tmp_path / "out", formats=["pdf"])  # type: ignore[list-item]
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="no folder"):
        result.write(tmp_path / "file")


def test_the_data_are_left_alone() -> None:
    frame = people(10)
    before = frame.copy(deep=True)
    study(small()).run(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_participation_has_the_rates() -> None:
    tree: dict[str, Any] = small()
    tree["sample"] = {"invited": 200, "visited": 100, "agreed": 80, "answered": 50, "completed": 40}
    frame = study(tree).participation().to_frame().set_index("step")
    assert frame["share"].dropna().to_dict() == {
        "visited": 0.5,
        "agreed": 0.8,
        "answered": 0.25,
        "completed": 0.5,
    }


def paper_frame() -> pd.DataFrame:
    """350 made-up people with the counts of the article's Table 1, and nothing else of it."""
    counts = {
        "signing_in": (26, 146, 95, 23, 20, 31),
        "reaction": (134, 62, 69, 23, 21, 25),
        "u2friend": (118, 99, 72, 15, 21, 9),
        "u2cycle": (177, 83, 59, 11, 2, 1),
        "funcan": (130, 67, 72, 23, 20, 23),
        "column": (168, 84, 62, 14, 5, 3),
    }
    rng = np.random.default_rng(5)
    columns: dict[str, Any] = {}
    for item in [f"phq9_{n}" for n in range(1, 10)]:
        columns[item] = rng.integers(0, 4, 350)
    for item in [f"dd_{n}" for n in range(1, 13)]:
        columns[item] = rng.integers(1, 7, 350)
    for source in ("doctor", "professional", "online", "partner", "friend", "family"):
        columns[f"ghsq_{source}"] = rng.integers(1, 8, 350)
    for name, each in counts.items():
        answers = np.repeat([1.0, 2, 3, 4, 5, 6], each)
        columns[name] = rng.permutation(np.concatenate([answers, [np.nan] * (350 - sum(each))]))
    columns["tenure"] = np.repeat([1, 2, 3, 4, 5], (36, 38, 59, 117, 100))
    columns["gender"] = np.repeat(["woman", "man", "undisclosed"], (219, 118, 13))
    columns["age"] = [f"{age}歳" for age in rng.integers(18, 80, 350)]
    columns["medication"] = np.arange(350) < 308
    columns["psychotherapy"] = (np.arange(350) < 233).astype(int)
    columns["synthetic"] = True
    return pd.DataFrame(columns)


def test_the_bundled_study_runs_and_reproduces_table_1() -> None:
    loaded = study("kobori2021")
    result = loaded.run(paper_frame())
    table = result.tables["table1"].to_frame()
    sums = table.groupby("variable", sort=False)["count"].sum()
    assert sums.tolist() == [341, 334, 334, 333, 335, 336]
    share = table.set_index(["variable", "option"])["share"]
    assert round(100 * share["signing_in", "2"], 1) == 42.8
    assert len(result.tables["table2"].rows) == 24
    assert set(result.tables["table3_models"].to_frame()["df1"]) == {6}
    means = result.tables["table2_descriptives"].to_frame().set_index("variable")["mean"]
    shift = means["dd_kobori2021_1to6_total"] - means["dd_kobori2021_total"]
    assert shift == pytest.approx(12)
    assert "8.0" in str(result)
    treatments = result.tables["sample"].to_frame().set_index("option")["count"]
    assert treatments[["medication", "psychotherapy"]].tolist() == [308, 233]
    rates = loaded.participation().to_frame().set_index("step")["share"]
    assert round(100 * rates["answered"], 2) == 1.47
