"""PHQ-9 of 22,807 adults in four cycles of NHANES, against R."""

from __future__ import annotations

import copy
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import PsychoscalesError
from tests.coefficients.comparing import assert_close
from tests.real.reference import compare, reference

COLUMNS = [f"DPQ0{n}0" for n in range(1, 10)]
CYCLES = ["2011-2012", "2013-2014", "2015-2016", "2017-2018"]
BINDING: dict[str, Any] = {
    "scales": {
        "phq9": {
            "columns": {
                **{f"phq9_{n}": f"DPQ0{n}0" for n in range(1, 10)},
                "phq9_10": "DPQ100",
            },
            "missing": {"7": "refused", "9": "dont_know"},
        }
    },
    "variables": {"sex": {"column": "RIAGENDR", "stored": {"1": "male", "2": "female"}}},
}
BANDS = {
    "minimal": "0-4",
    "mild": "5-9",
    "moderate": "10-14",
    "moderately_severe": "15-19",
    "severe": "20-27",
}


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "nhanes_phq9"


@pytest.fixture(scope="module")
def wanted(folder: Path) -> Any:
    return reference(folder)


@pytest.fixture(scope="module")
def people(folder: Path) -> ps.Responses:
    path = folder / "nhanes_dpq_demo_2011_2018.csv.gz"
    return ps.read(path, "phq9", binding=BINDING, id="SEQN", keep=["CYCLE", "sex", "INDFMPIR"])


@pytest.fixture(scope="module")
def scores(people: ps.Responses) -> pd.DataFrame:
    frame: pd.DataFrame = ps.score(people).to_frame()
    return frame


@pytest.fixture(scope="module")
def raw(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "nhanes_dpq_demo_2011_2018.csv.gz")


def of_cycle(raw: pd.DataFrame, cycle: str) -> ps.Responses:
    return ps.read(raw[raw["CYCLE"] == cycle], "phq9", binding=BINDING, id="SEQN")


def test_there_are_22807_people_and_20499_answered_everything(
    people: ps.Responses, wanted: Any
) -> None:
    assert people.n == wanted["pooled"]["relia"]["n_rows"] == 22_807
    table = ps.reliability(people).to_frame().set_index("coefficient")
    assert table.loc["alpha", "n"] == 20_499
    assert table.loc["alpha", "value"] == pytest.approx(0.8391, abs=5e-5)


def test_items_total_and_alpha_of_all_cycles_are_rs(people: ps.Responses, wanted: Any) -> None:
    assert compare(people, wanted["pooled"]["relia"], COLUMNS) == 54 + 5 + 6


def test_items_total_and_alpha_of_the_last_cycle_are_rs(raw: pd.DataFrame, wanted: Any) -> None:
    last = wanted["J_2017_2018"]["relia"]
    assert compare(of_cycle(raw, "2017-2018"), last, COLUMNS) == 54 + 5 + 6


def test_the_comparison_with_r_sees_one_wrong_answer_and_one_wrong_value(
    folder: Path, raw: pd.DataFrame, wanted: Any
) -> None:
    last = wanted["J_2017_2018"]["relia"]
    other = raw[raw["CYCLE"] == "2017-2018"].reset_index(drop=True)
    at = int(other[COLUMNS].isin([0, 1]).all(axis=1).to_numpy().argmax())
    other.loc[at, "DPQ050"] = 3
    with pytest.raises(AssertionError):
        compare(of_cycle(other, "2017-2018"), last, COLUMNS)
    seen = 0
    for path in (
        ("alpha_complete", "raw"),
        ("alpha_complete", "std"),
        ("alpha_complete", "r_drop", "DPQ090"),
        ("alpha_complete", "alpha_drop", "DPQ010"),
        ("alpha_pairwise", "raw"),
        ("total_complete", "sd"),
        ("item_mean_available", "DPQ040"),
        ("missing_per_item", "DPQ020"),
        ("n_complete",),
    ):
        wrong = copy.deepcopy(last)
        place: Any = wrong
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] *= 1 + 2e-10 if isinstance(place[path[-1]], float) else 2
        with pytest.raises(AssertionError):
            compare(of_cycle(raw, "2017-2018"), wrong, COLUMNS)
        seen += 1
    assert seen == 9
    assert folder.name == "nhanes_phq9"


@pytest.mark.parametrize("cycle", CYCLES)
def test_every_cycle_is_rs(raw: pd.DataFrame, wanted: Any, cycle: str) -> None:
    assert sorted(wanted["by_cycle"]) == CYCLES
    r, answers = wanted["by_cycle"][cycle], of_cycle(raw, cycle)
    assert answers.n == r["n_rows"]
    table = ps.reliability(answers).to_frame().set_index("coefficient")
    assert table.loc["alpha", "n"] == r["n_complete"]
    compared = assert_close(table.loc["alpha", "value"], r["alpha"], "alpha")
    frame = ps.score(answers).to_frame()
    complete = frame.loc[frame["phq9_total_status"] == "ok", "phq9_total"]
    compared += assert_close(complete.mean(), r["mean"], "mean")
    compared += assert_close(complete.std(), r["sd"], "sd")
    assert compared == 3
    assert (complete >= 10).sum() == r["ge10"]


@pytest.mark.parametrize("cycle", CYCLES)
def test_severity_and_algorithm_of_complete_people_are_rs(
    scores: pd.DataFrame, wanted: Any, cycle: str
) -> None:
    here = scores[(scores["CYCLE"] == cycle) & (scores["phq9_total_status"] == "ok")]
    r = wanted["by_cycle"][cycle]
    found = here["phq9_severity"].value_counts()
    assert {BANDS[level]: found[level] for level in BANDS} == r["severity"]
    assert len(here) == r["dsm_algorithm"]["n"]
    assert here["phq9_major_depressive_syndrome"].sum() == r["dsm_algorithm"]["major"]
    assert here["phq9_other_depressive_syndrome"].sum() == r["dsm_algorithm"]["other"]
    assert not here["phq9_major_depressive_syndrome"].isna().any()


def test_the_algorithm_pooled_is_867_and_1211_and_decides_some_incomplete_people(
    scores: pd.DataFrame, wanted: Any
) -> None:
    major, other = "phq9_major_depressive_syndrome", "phq9_other_depressive_syndrome"
    complete = scores["phq9_total_status"] == "ok"
    cycles = wanted["by_cycle"].values()
    assert scores.loc[complete, major].sum() == 867
    assert scores.loc[complete, other].sum() == 1_211
    assert sum(r["dsm_algorithm"]["major"] for r in cycles) == 867
    assert sum(r["dsm_algorithm"]["other"] for r in cycles) == 1_211
    assert scores.loc[~complete & scores["phq9_total_n_valid"].lt(9), major].sum() == 10
    assert scores.loc[~complete, other].sum() == 7
    assert not (scores[major].fillna(False) & scores[other].fillna(False)).any()


def test_nobody_who_answered_nothing_is_decided(scores: pd.DataFrame, wanted: Any) -> None:
    silent = scores[scores["phq9_total_n_valid"] == 0]
    assert len(silent) == wanted["pooled"]["relia"]["n_rows_all_missing"] == 2_204
    assert silent["phq9_major_depressive_syndrome"].isna().all()
    assert set(silent["phq9_self_harm"]) == {"not_assessed"}
    assert set(silent["phq9_total_status"]) == {"too_many_missing"}
    assert silent["phq9_severity"].isna().all()


def test_the_self_harm_flag_counts_item_nine(scores: pd.DataFrame, wanted: Any) -> None:
    counts = wanted["pooled"]["relia"]["category_counts_available"]["DPQ090"]
    found = scores["phq9_self_harm"].value_counts()
    assert found["clear"] == counts["0"]
    assert found["raised"] == counts["1"] + counts["2"] + counts["3"]
    assert found["not_assessed"] == 22_807 - found["clear"] - found["raised"]


def test_items_missing_are_counted_as_by_r(scores: pd.DataFrame, wanted: Any) -> None:
    found = (9 - scores["phq9_total_n_valid"]).value_counts()
    table = wanted["missing"]["n_by_items_missing"]
    assert {str(key): count for key, count in found.items()} == table


def test_prorated_totals_are_rs(scores: pd.DataFrame, wanted: Any) -> None:
    r = wanted["missing"]["prorated_le2_missing"]
    totals = scores["phq9_total"].dropna()
    assert len(totals) == r["n"]
    compared = assert_close(totals.mean(), r["mean"], "mean")
    compared += assert_close(totals.std(), r["sd"], "sd")
    assert compared == 2
    assert (totals >= 10).sum() == r["n_ge10"]
    moderate = ["moderate", "moderately_severe", "severe"]
    assert scores["phq9_severity"].isin(moderate).sum() == r["n_ge10"]
    assert (scores["phq9_total_status"] == "prorated").sum() == 72 + 7


def test_the_short_forms_have_rs_means(folder: Path, wanted: Any) -> None:
    part = BINDING["scales"]["phq9"]
    compared = 0
    for name, items in (("phq2", 2), ("phq8", 8)):
        columns = {f"phq9_{n}": f"DPQ0{n}0" for n in range(1, items + 1)}
        binding = {"scales": {name: {"columns": columns, "missing": part["missing"]}}}
        frame = ps.score(
            folder / "nhanes_dpq_demo_2011_2018.csv.gz", name, binding=binding
        ).to_frame()
        totals = frame.loc[frame[f"{name}_total_status"] == "ok", f"{name}_total"]
        compared += assert_close(totals.mean(), wanted[f"{name}_mean"], name)
    assert compared == 2


def test_totals_by_sex_are_rs(scores: pd.DataFrame, wanted: Any) -> None:
    complete = scores[scores["phq9_total_status"] == "ok"].groupby("sex")["phq9_total"]
    r = wanted["known_sex_pooled"]
    assert complete.size().to_dict() == r["n"]
    for sex, mean in complete.mean().items():
        assert assert_close(mean, r["mean"][sex], f"mean of {sex}") == 1


def test_kept_columns_are_what_the_file_says(people: ps.Responses, raw: pd.DataFrame) -> None:
    assert people.column("INDFMPIR") == pytest.approx(raw["INDFMPIR"].to_numpy(), nan_ok=True)
    assert people.column("CYCLE").tolist() == raw["CYCLE"].tolist()
    assert people.column("sex").tolist() == [["male", "female"][s - 1] for s in raw["RIAGENDR"]]
    assert people.ids is not None
    assert [float(each) for each in people.ids] == raw["SEQN"].tolist()


def test_a_number_that_r_wrote_as_1e05_is_a_number(folder: Path, raw: pd.DataFrame) -> None:
    path = folder / "nhanes_dpq_demo_2011_2018.csv.gz"
    kept = ps.read(path, "phq9", binding=BINDING, keep="SEQN").column("SEQN")
    assert b"\n1e+05," in gzip.decompress(path.read_bytes())
    assert kept.dtype.kind in "if"
    assert kept.tolist() == raw["SEQN"].tolist()


def stored(people: ps.Responses, item: int) -> dict[str, int]:
    """Return how often each code, each missing code and blank was stored for an item."""
    block = people.blocks["phq9"]
    written = {"refused": "7", "dont_know": "9", "blank": "blank", "not_applicable": "blank"}
    found: dict[str, int] = {}
    for at, count in zip(*np.unique(block.positions[:, item], return_counts=True), strict=True):
        code = str(at) if at >= 0 else written[block.reasons[-1 - at]]
        found[code] = found.get(code, 0) + int(count)
    return found


def counted(table: Mapping[str, int]) -> dict[str, int]:
    """Return R's table of a column; its last entry is what is missing, whatever its name."""
    *codes, blank = table
    return {**{code: table[code] for code in codes}, "blank": table[blank]}


def check_stored(people: ps.Responses, tables: Mapping[str, Mapping[str, int]]) -> int:
    assert list(tables) == [*COLUMNS, "DPQ100"]
    for item, table in enumerate(tables.values()):
        assert stored(people, item) == counted(table)
    return sum(len(table) for table in tables.values())


def test_the_comparison_of_counts_sees_one_answer_too_many(raw: pd.DataFrame, wanted: Any) -> None:
    people = of_cycle(raw, "2015-2016")
    seen = 0
    for column, code in (("DPQ010", "0"), ("DPQ060", "9"), ("DPQ100", "6"), ("DPQ090", "7.1")):
        tables = copy.deepcopy(wanted["raw_counts_by_cycle"]["2015-2016"])
        assert check_stored(people, tables) >= 60
        tables[column][code] += 1
        with pytest.raises(AssertionError):
            check_stored(people, tables)
        seen += 1
    assert seen == 4


@pytest.mark.parametrize(
    ("name", "cycle"), [("DPQ_H.XPT", "2013-2014"), ("DPQ_J.XPT", "2017-2018")]
)
def test_sas_transport_files_hold_the_counts_of_the_codebook(
    folder: Path, raw: pd.DataFrame, wanted: Any, name: str, cycle: str
) -> None:
    people = ps.read(folder / name, "phq9", binding=BINDING, id="SEQN")
    compared = check_stored(people, wanted["raw_counts_by_cycle"][cycle])
    assert compared >= 60
    csv = of_cycle(raw, cycle)
    assert np.array_equal(people.blocks["phq9"].positions, csv.blocks["phq9"].positions)
    assert people.ids is not None
    assert csv.ids is not None
    assert np.array_equal(people.ids, csv.ids)


@pytest.mark.parametrize("cycle", CYCLES)
def test_every_cycle_holds_the_counts_of_the_codebook(
    raw: pd.DataFrame, wanted: Any, cycle: str
) -> None:
    assert check_stored(of_cycle(raw, cycle), wanted["raw_counts_by_cycle"][cycle]) >= 60


def test_the_difficulty_question_was_not_asked_where_all_answers_are_zero(
    people: ps.Responses,
) -> None:
    block = people.blocks["phq9"]
    nothing = (block.positions[:, :9] == 0).all(axis=1)
    last = block.positions[:, 9]
    skipped = -1 - block.reasons.index("not_applicable")
    assert nothing.sum() > 5_000
    assert set(last[nothing].tolist()) <= {skipped, 0, 1, 2, 3}
    assert (last[nothing] == skipped).sum() > 5_000
    assert not (last[~nothing & (block.positions[:, :9] > 0).any(axis=1)] == skipped).any()


def test_the_answers_of_four_cycles_add_up_to_all(people: ps.Responses, raw: pd.DataFrame) -> None:
    first, *rest = (ps.count(of_cycle(raw, cycle)) for cycle in CYCLES)
    for each in rest:
        first = each + first
    assert first == ps.count(people)
    assert first.n == 22_807
    assert ps.reliability(first, "phq9").rows == ps.reliability(people).rows


def test_without_the_binding_refused_and_dont_know_are_bad_cells(raw: pd.DataFrame) -> None:
    columns = {"scales": {"phq9": {"columns": BINDING["scales"]["phq9"]["columns"]}}}
    with pytest.raises(ps.DataError) as caught:
        ps.read(raw, "phq9", binding=columns)
    bad = raw[[*COLUMNS, "DPQ100"]].isin([7, 9]).sum().sum()
    assert len(caught.value.cells) == bad > 100
    assert {cell.found for cell in caught.value.cells} == {"7", "9"}
    assert "shifted" not in str(caught.value)
    assert isinstance(caught.value, PsychoscalesError)
    people = ps.read(raw, "phq9", binding=columns, bad="missing")
    assert len(people.bad) == bad
    assert ps.reliability(people).rows[0]["n"] == 20_499
