"""The binding: how a file stores the answers, and what in it does not fit the scale."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import BindingError, Problem
from psychoscales.responses import Responses
from tests.documents.mood import ITEMS, mood, toml

ANSWERS = {"mood_1": [1, 5, 2], "mood_2": [2, 4, 1], "mood_3": [3, 3, 5], "mood_4": [4, 2, 3]}


def frame() -> pd.DataFrame:
    return pd.DataFrame(ANSWERS)


def read(data: Any, part: Any = None, **more: Any) -> Responses:
    """Read answers to `mood`; `part` is what the binding says of it."""
    keep = more.pop("keep", ())
    return ps.read(data, mood(), binding={"scales": {"mood": part or {}}, **more}, keep=keep)


def codes(read_: Responses) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = read_.to_frame()[list(ITEMS)].to_dict("list")
    return found


def reasons(read_: Responses, item: str) -> list[str | None]:
    block = read_.blocks["mood"]
    places = block.positions[:, ITEMS.index(item)].tolist()
    return [None if place >= 0 else block.reasons[-1 - place] for place in places]


def misfit(part: Any) -> Problem:
    with pytest.raises(BindingError) as caught:
        read(frame(), part)
    (found,) = caught.value.problems
    return found


# misfits


@pytest.mark.parametrize(
    ("part", "path", "found", "near"),
    [
        ({"columns": {"mod_3": "Q3"}}, "columns.mod_3", "item 'mod_3'", "mood_3"),
        ({"reversed": ["mood_1", "mood_22"]}, "reversed[1]", "item 'mood_22'", "mood_2"),
        ({"stored": {"agre": {"A": 1}}}, "stored.agre", "option set 'agre'", "agree"),
        ({"stored": {"agree": {"A": 1, "B": 6}}}, "stored.agree.B", "code '6'", None),
        ({"stored": {"agree": {"A": "extremly"}}}, "stored.agree.A", "code 'extremly'", None),
    ],
    ids=["column", "reversed", "option_set", "code", "label_as_code"],
)
def test_a_name_that_the_scale_does_not_have_is_found(
    part: dict[str, Any], path: str, found: str, near: str | None
) -> None:
    problem = misfit(part)
    assert problem.path == f"scales.mood.{path}"
    assert problem.found.startswith("mood has no ")
    assert problem.found.endswith(found)
    if near is not None:
        assert problem.allowed.endswith(f"did you mean '{near}'?")


def test_all_misfits_come_at_once(tmp_path: Path) -> None:
    part = {"columns": {"mod_3": "Q3", "mood_5": "Q5"}, "reversed": ["x"], "stored": {"y": {}}}
    path = tmp_path / "visit.toml"
    path.write_text(toml({"scales": {"mood": part}}), "utf-8")
    with pytest.raises(BindingError) as caught:
        ps.read(frame(), mood(), binding=path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"{path}: scales.mood.") for line in lines)


def test_an_unknown_key_of_a_binding_names_the_nearest_one() -> None:
    problem = misfit({"colums": {"mood_1": "Q1"}})
    assert problem.path == "scales.mood.colums"
    assert "did you mean 'columns'?" in problem.allowed


def test_a_wrong_type_in_a_binding_says_what_is_expected() -> None:
    problem = misfit({"reversed": "mood_1"})
    assert problem.path == "scales.mood.reversed"
    assert problem.allowed == "expected a list in [ ]"


def test_an_item_that_cannot_be_turned_back_is_refused() -> None:
    tree = mood()
    tree["options"]["agree"][1]["value"] = 2.5
    tree["examples"] = [{"name": "x", "answers": {}, "expect": {"sunk": "not_assessed"}}]
    with pytest.raises(BindingError, match=r"scales\.mood\.reversed\[0\]"):
        ps.read(frame(), tree, binding={"scales": {"mood": {"reversed": ["mood_1"]}}})


def test_an_item_without_values_cannot_be_turned_back() -> None:
    phq9 = pd.DataFrame({f"phq9_{number}": [1, 2] for number in range(1, 11)})
    with pytest.raises(BindingError, match=r"scales\.phq9\.reversed\[0\]"):
        ps.read(phq9, "phq9", binding={"scales": {"phq9": {"reversed": ["phq9_10"]}}})


def test_a_code_in_quotes_is_understood_or_refused() -> None:
    stored = {"A": "1", "B": "2", "C": "3", "D": "4", "E": "5"}
    data = frame().replace({1: "A", 2: "B", 3: "C", 4: "D", 5: "E"}).astype(object)
    with suppress(BindingError):
        assert codes(read(data, {"stored": {"agree": stored}})) == ANSWERS


def test_the_binding_of_a_scale_that_is_not_read_is_no_misfit() -> None:
    more = {"scales": {"mood": {}, "phq9": {"columns": {"anything": "Q1"}}}}
    assert codes(ps.read(frame(), mood(), binding=more)) == ANSWERS


# columns


def test_columns_are_renamed_where_the_binding_says_so() -> None:
    data = frame().rename(columns={"mood_2": "Q2", "mood_4": "last one"})
    assert codes(read(data, {"columns": {"mood_2": "Q2", "mood_4": "last one"}})) == ANSWERS


def test_columns_may_be_bound_crosswise() -> None:
    found = codes(read(frame(), {"columns": {"mood_1": "mood_3", "mood_3": "mood_1"}}))
    assert found["mood_1"] == ANSWERS["mood_3"]
    assert found["mood_3"] == ANSWERS["mood_1"]
    assert found["mood_2"] == ANSWERS["mood_2"]


def test_a_question_stands_before_the_rows_of_a_grid() -> None:
    rows = {name: f"row {number}" for number, name in enumerate(ITEMS[:3], start=1)}
    named = {name: f"How were you? [{row}]" for name, row in rows.items()}
    data = frame().rename(columns=named)
    assert codes(read(data, {"question": "How were you?", "columns": rows})) == ANSWERS
    with pytest.raises(ps.ColumnError, match=r"no column 'How are you\? \[row 1\]'"):
        read(data, {"question": "How are you?", "columns": rows})


def test_a_column_that_is_not_there_names_the_nearest_one() -> None:
    with pytest.raises(ps.ColumnError) as caught:
        read(frame().rename(columns={"mood_3": "moood_3"}))
    assert "no column 'mood_3'; near it: 'moood_3'" in str(caught.value)
    assert "lacks 1 of 4 columns of mood" in str(caught.value)


def test_a_bound_column_that_is_not_there_names_its_item() -> None:
    with pytest.raises(ps.ColumnError, match=r"no column 'Q3' \(item mood_3\)"):
        read(frame(), {"columns": {"mood_3": "Q3"}})


# stored, missing, reversed


def test_what_is_stored_is_mapped_and_nothing_else_is_an_option() -> None:
    stored = {"0": 1, "1": 2, "2": 3, "3": 4, "4": 5}
    assert codes(read(frame() - 1, {"stored": {"agree": stored}})) == ANSWERS
    with pytest.raises(ps.DataError) as caught:
        read(frame(), {"stored": {"agree": stored}})
    assert {(cell.row, cell.column) for cell in caught.value.cells} == {
        (2, "mood_1"),
        (3, "mood_3"),
    }


def test_stored_texts_are_mapped_without_case_and_spaces() -> None:
    stored = {"none": 1, "a bit": 2, "so so": 3, "much": 4, "all": 5}
    written = {1: "None", 2: " a  bit", 3: "SO SO", 4: "much ", 5: "All"}
    data = frame().replace(written).astype(object)
    assert codes(read(data, {"stored": {"agree": stored}})) == ANSWERS


def test_missing_codes_are_missing_for_their_reason() -> None:
    data = frame()
    data.loc[0, "mood_1"], data.loc[1, "mood_1"] = 98, 99
    with pytest.raises(ps.DataError):
        read(data)
    found = read(data, {"missing": {"98": "dont_know", "99": "refused"}})
    assert reasons(found, "mood_1") == ["dont_know", "refused", None]
    assert reasons(found, "mood_2") == [None, None, None]
    scores = ps.score(found).to_frame()
    assert list(scores["mood_total_n_valid"]) == [3, 3, 4]
    assert scores["mood_total"][0] == pytest.approx((4 + 3 + 4) * 4 / 3)


def test_a_missing_code_cannot_be_an_answer_too() -> None:
    with pytest.raises(BindingError, match=r"mood\.missing\.5: '5' is also an answer"):
        read(frame(), {"missing": {"5": "refused"}})
    assert read(frame(), {"missing": {"9": "refused"}}).n == 3


def test_items_reversed_in_the_file_are_turned_back() -> None:
    data = frame()
    data["mood_2"] = 6 - data["mood_2"]
    assert codes(read(data, {"reversed": ["mood_2"]})) == ANSWERS
    assert codes(read(data))["mood_2"] == [4, 2, 5]
    scores = ps.score(read(data, {"reversed": ["mood_2"]})).to_frame()
    assert list(scores["mood_total"]) == [12, 12, 15]


def test_turning_back_leaves_missing_answers_missing() -> None:
    data = frame().astype(float)
    data.loc[1, "mood_2"] = np.nan
    found = read(data, {"reversed": ["mood_2"]})
    assert reasons(found, "mood_2") == [None, "blank", None]
    assert codes(found)["mood_2"][::2] == [4, 5]


def test_a_binding_file_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    data = frame().rename(columns={"mood_1": "Q1"})
    tree = {"scales": {"mood": {"columns": {"mood_1": "Q1"}, "reversed": ["mood_4"]}}}
    path = tmp_path / "visit.toml"
    path.write_text(toml(tree), "utf-8")
    one, other = (ps.read(data, mood(), binding=each) for each in (path, tree))
    assert codes(one) == codes(other)
    assert codes(one)["mood_4"] == [2, 4, 3]


def test_the_binding_says_how_a_text_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "visit.csv"
    path.write_bytes(frame().to_csv(sep=";", index=False).replace("mood_1", "気分").encode("cp932"))
    part = {"columns": {"mood_1": "気分"}}
    assert codes(read(path, part, encoding="cp932", delimiter=";")) == ANSWERS
    with pytest.raises(ps.SourceError, match="encoding"):
        read(path, part, delimiter=";")


# variables


def person(**columns: list[Any]) -> pd.DataFrame:
    return frame().assign(**columns)


def test_a_variable_without_a_binding_is_kept_as_it_is() -> None:
    found = read(person(age=[30, 41, 52], town=["A", None, "B"]), keep=["age", "town"])
    assert found.column("age").tolist() == [30, 41, 52]
    assert found.column("town").tolist() == ["A", None, "B"]


def test_a_variable_s_stored_values_are_mapped() -> None:
    variables = {"sex": {"column": "Q1", "stored": {"1": "male", "2": "female"}}}
    found = read(person(Q1=[2, 1, 2]), variables=variables, keep=["sex"])
    assert found.column("sex").tolist() == ["female", "male", "female"]


def test_a_variable_s_stored_values_may_mean_numbers() -> None:
    variables = {"years": {"stored": {"none": 0, "one": 1, "many": 10}}}
    found = read(person(years=["many", "None", "one"]), variables=variables, keep="years")
    assert found.column("years").tolist() == [10, 0, 1]
    assert found.column("years").dtype.kind in "if"


def test_every_stored_value_that_a_variable_does_not_list_is_reported() -> None:
    variables = {"sex": {"stored": {"1": "male", "2": "female"}}}
    with pytest.raises(ps.DataError) as caught:
        read(person(sex=[1, 3, 4]), variables=variables, keep=["sex"])
    assert {cell.found.strip("'") for cell in caught.value.cells} == {"3", "4"}
    assert {cell.column for cell in caught.value.cells} == {"sex"}
    assert caught.value.cells[0].allowed == "'1', '2'"


@pytest.mark.parametrize(
    ("unit", "written"),
    [("years", ["30 years", "41years", "52"]), ("歳", ["３０歳", "41 歳", "52"])],
)
def test_a_unit_is_taken_off_a_number(unit: str, written: list[str]) -> None:
    found = read(person(age=written), variables={"age": {"unit": unit}}, keep=["age"])
    assert found.column("age").tolist() == [30, 41, 52]
    plain = read(person(age=written), keep=["age"])
    assert plain.column("age").tolist() == written


def test_a_variable_s_missing_codes_are_missing() -> None:
    variables = {"age": {"missing": ["99", "unknown"]}, "town": {"missing": ["-"]}}
    data = person(age=["30", "99", "Unknown"], town=["A", "-", "B"])
    found = read(data, variables=variables, keep=["age", "town"])
    assert found.column("age")[0] == 30
    assert np.isnan(found.column("age")[1:]).all()
    assert found.column("town").tolist() == ["A", None, "B"]


def test_a_numeric_variable_s_missing_code_is_missing() -> None:
    found = read(person(age=[30, 99, 52]), variables={"age": {"missing": ["99"]}}, keep=["age"])
    np.testing.assert_array_equal(found.column("age"), [30, np.nan, 52])


def test_an_unknown_key_of_a_variable_names_the_nearest_one() -> None:
    with pytest.raises(BindingError) as caught:
        read(frame(), variables={"age": {"units": "years"}})
    (found,) = caught.value.problems
    assert found.path == "variables.age.units"
    assert "did you mean 'unit'?" in found.allowed
