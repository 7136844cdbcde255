"""Which column is what: items, ids, kept columns, several scales over one table of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import psychoscales as ps
from tests.counting.making import scale_of
from tests.reading.forms import ITEMS, ROWS, SCALE, csv, frame, positions, write

OTHER = scale_of(["sleep_1", "sleep_2"], (1, 2, 3), name="sleep")
QUESTION = "この2週間、どのくらい悩まされていますか？"


def bound(**said: Any) -> dict[str, Any]:
    return {"scales": {"mood": said}}


def test_missing_columns_are_named_all_at_once_with_the_nearest() -> None:
    given = frame().rename(columns={"mood_1": "mod_1", "mood_3": "anger"})
    with pytest.raises(ps.ColumnError) as caught:
        ps.read(given, SCALE)
    head, first, second, *advice = str(caught.value).splitlines()
    assert head == "pandas frame lacks 2 of 3 columns of mood:"
    assert first.startswith("  no column 'mood_1'; near it: 'mod_1'")
    assert second.startswith("  no column 'mood_3'")
    assert advice[0] == "  its columns: mod_1, mood_2, anger"
    assert "[scales.mood] columns = { mood_1 = " in advice[1]


def test_a_column_that_holds_another_item_is_not_proposed() -> None:
    given = frame().rename(columns={"mood_3": "anger"})
    with pytest.raises(ps.ColumnError, match="no column 'mood_3'") as caught:
        ps.read(given, SCALE)
    assert "near it" not in str(caught.value)


def test_a_bound_column_that_is_missing_is_named_with_its_item() -> None:
    with pytest.raises(ps.ColumnError, match=r"no column 'Q1' \(item mood_1\)"):
        ps.read(frame(), SCALE, binding=bound(columns={"mood_1": "Q1"}))


def test_missing_columns_of_a_file_name_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "visit1.csv", csv(header=["mood_1", "mood_2", "mood3"]))
    with pytest.raises(ps.ColumnError, match=r"^visit1\.csv lacks 1 of 3 columns of mood:"):
        ps.read(path, SCALE)


def test_case_and_outer_spaces_of_a_column_are_forgiven_where_one_column_fits() -> None:
    given = frame().set_axis(["MOOD_1", " mood_2 ", "Mood_3"], axis=1)
    assert positions(given) == ROWS
    two = given.assign(mood_1=0)
    assert [row[0] for row in positions(two)] == [0] * 4
    with pytest.raises(ps.ColumnError, match="no column 'mood_1'"):
        ps.read(given.assign(Mood_1=0), SCALE)
    named = ps.read(
        given.assign(pid=1),
        SCALE,
        id=" PID",
        keep="MOOD_2",
        binding=bound(columns={"mood_1": " Mood_1", "mood_3": "MOOD_3 "}),
    )
    assert named.blocks["mood"].positions.tolist() == ROWS
    assert named.column("MOOD_2").tolist() == [row[1] for row in ROWS]


def test_columns_may_be_called_anything_in_a_binding() -> None:
    given = frame().set_axis(["気分", "How are you? [today]", "Q 3"], axis=1)
    columns = dict(zip(ITEMS, given.columns, strict=True))
    assert positions(given, binding=bound(columns=columns)) == ROWS


def test_a_question_of_a_form_export_is_put_around_the_rows_of_its_grid() -> None:
    given = frame().set_axis([f"{QUESTION} [{name}]" for name in "abc"], axis=1)
    columns = dict(zip(ITEMS, "abc", strict=True))
    assert positions(given, binding=bound(columns=columns, question=QUESTION)) == ROWS


def test_an_item_may_be_in_a_column_called_as_another_item() -> None:
    columns = {"mood_1": "mood_2", "mood_2": "mood_1"}
    wanted = [[two, one, three] for one, two, three in ROWS]
    assert positions(frame(), binding=bound(columns=columns)) == wanted


def test_two_items_in_one_column_are_refused() -> None:
    for columns in ({"mood_1": "mood_2"}, {"mood_1": "Q1", "mood_3": "Q1"}):
        with pytest.raises(ps.PsychoscalesError, match=r"mood_[12]|Q1"):
            ps.read(frame().assign(Q1=1), SCALE, binding=bound(columns=columns))


def test_two_options_stored_as_the_same_are_refused() -> None:
    for again in ("０", " 0 "):
        stored = {"0": 0, again: 1, "2": 2, "3": 3}
        with pytest.raises(ps.BindingError, match=r"stored\.answers"):
            ps.read(frame(), SCALE, binding=bound(stored={"answers": stored}))


def test_a_binding_that_names_what_the_scale_has_not_says_all_of_it() -> None:
    said = bound(
        columns={"mod_1": "Q1"},
        reversed=["mood_4"],
        stored={"answer": {"1": 0}, "answers": {"often": 7}},
    )
    with pytest.raises(ps.BindingError) as caught:
        ps.read(frame(), SCALE, binding=said)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert "did you mean 'mood_1'?" in lines[0]
    assert "scales.mood.reversed[0]: mood has no item 'mood_4'" in lines[1]
    assert "did you mean 'answers'?" in lines[2]
    assert "mood has no option with code '7'; allowed: 0, 1, 2, 3" in lines[3]


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ({"encodng": "cp932"}, "encoding"),
        ({"scale": {"mood": {}}}, "scales"),
        ({"scales": {"mood": {"colums": {"mood_1": "Q1"}}}}, "columns"),
        ({"variables": {"age": {"units": "歳"}}}, "unit"),
    ],
)
def test_a_misspelt_key_of_a_binding_is_an_error_that_names_the_nearest(
    said: dict[str, Any], near: str
) -> None:
    with pytest.raises(ps.BindingError, match=f"'{near}'"):
        ps.read(frame(), SCALE, binding=said)


def test_a_binding_may_be_a_file(tmp_path: Path) -> None:
    text = 'format = "1.0"\n[scales.mood.columns]\nmood_1 = "Q1"\n[variables.sex]\ncolumn = "S"\n'
    path = write(tmp_path / "visit1.toml", text)
    given = frame().rename(columns={"mood_1": "Q1"}).assign(S=list("fmfm"))
    people = ps.read(given, SCALE, binding=path, keep="sex")
    assert people.blocks["mood"].positions.tolist() == ROWS
    assert people.column("sex").tolist() == list("fmfm")
    with pytest.raises(ps.BindingError, match=r"visit2\.toml"):
        ps.read(given, SCALE, binding=tmp_path / "visit2.toml")


def test_an_item_column_that_is_twice_in_a_file_is_refused_by_name(tmp_path: Path) -> None:
    text = csv([[*row, 3] for row in ROWS], header=(*ITEMS, "mood_2"))
    with pytest.raises(ps.PsychoscalesError, match="mood_2"):
        ps.read(write(tmp_path / "a.csv", text), SCALE)


def test_an_item_column_that_is_twice_in_a_workbook_is_refused_by_name(tmp_path: Path) -> None:
    twice = frame()
    twice.insert(3, "mood_2", 3, allow_duplicates=True)
    twice.to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(ps.PsychoscalesError, match="mood_2"):
        ps.read(tmp_path / "a.xlsx", SCALE)


def test_an_item_column_that_is_twice_in_a_frame_is_refused_by_name() -> None:
    twice = frame()
    twice.insert(3, "mood_2", 3, allow_duplicates=True)
    arrow = pa.Table.from_arrays([pa.array([0, 1])] * 4, names=[*ITEMS, "mood_2"])
    for given in (twice, arrow):
        with pytest.raises(ps.PsychoscalesError, match="mood_2"):
            ps.read(given, SCALE)


def test_columns_whose_names_are_numbers_are_no_items() -> None:
    with pytest.raises(ps.ColumnError, match="lacks 3 of 3 columns of mood"):
        ps.read(pd.DataFrame(np.zeros((2, 3))), SCALE)
    assert positions(frame().assign(x=1).rename(columns={"x": 0})) == ROWS


def test_columns_of_several_levels_are_no_items() -> None:
    names = pd.MultiIndex.from_product([["visit 1"], ITEMS])
    with pytest.raises(ps.PsychoscalesError):
        ps.read(frame().set_axis(names, axis=1), SCALE)


def test_several_scales_are_read_over_one_table_of_people() -> None:
    given = frame().assign(sleep_1=[1, 2, 3, 1], sleep_2=[3, 3, 1, np.nan], pid=list("abcd"))
    both = ps.read(given, [SCALE, OTHER], id="pid", keep="mood_1")
    assert [scale.id for scale in both.scales] == ["mood", "sleep"]
    assert both.n == 4
    assert both.blocks["mood"].positions.tolist() == ROWS
    assert both.blocks["sleep"].positions.tolist() == [[0, 2], [1, 2], [2, 0], [0, -1]]
    names = list(ps.score(both).to_frame())
    assert names.index("mood_total") < names.index("sleep_total")
    assert names[:2] == ["pid", "mood_1"]


def test_one_of_several_scales_is_taken_by_its_name() -> None:
    given = frame().assign(sleep_1=[1, 2, 3, 1], sleep_2=[3, 3, 1, 1], pid=list("abcd"))
    both = ps.read(given, [SCALE, OTHER], id="pid", keep="mood_1")
    one = both["sleep"]
    assert [scale.id for scale in one.scales] == ["sleep"]
    assert one.blocks["sleep"] is both.blocks["sleep"]
    assert one.ids is both.ids
    assert one.column("mood_1").tolist() == both.column("mood_1").tolist()
    direct = ps.score(ps.read(given, OTHER, id="pid", keep="mood_1")).to_frame()
    pd.testing.assert_frame_equal(ps.score(one).to_frame(), direct)
    pd.testing.assert_frame_equal(ps.score(both, OTHER).to_frame(), direct)
    with pytest.raises(ps.UnknownNameError, match=r"'sleeep'.*did you mean 'sleep'\?"):
        both["sleeep"]


def test_bundled_scales_are_taken_from_one_frame_by_name() -> None:
    given = pd.DataFrame(
        {f"phq9_{n}": [n % 4, 3] for n in range(1, 10)}
        | {f"gad7_{n}": [n % 3, 0] for n in range(1, 8)}
    )
    both = ps.read(given, ["phq9", "gad7"])
    found = ps.score(both["gad7"]).to_frame()
    assert found["gad7_total"].tolist() == [sum(n % 3 for n in range(1, 8)), 0]
    assert not [name for name in found if name.startswith("phq9")]


@pytest.mark.parametrize("scales", [[SCALE, SCALE], []])
def test_scales_are_one_or_several_different_ones(scales: list[ps.Scale]) -> None:
    with pytest.raises(ValueError, match="name one scale or several different ones"):
        ps.read(frame(), scales)


def test_a_scale_that_is_not_known_names_the_nearest() -> None:
    with pytest.raises(ps.UnknownNameError, match="no scale called 'phq-9'; did you mean 'phq9'"):
        ps.read(frame(), "phq-9")


def test_ids_are_kept_as_they_are() -> None:
    for ids in (["007", "08", "9", "x"], [7, 8, 9, 10], [7.5, 8.0, 9.0, 10.0]):
        people = ps.read(frame().assign(pid=ids), SCALE, id="pid")
        assert people.ids is not None
        assert people.ids.tolist() == ids
        scores = ps.score(people).to_frame()
        assert next(iter(scores)) == "pid"
        assert scores["pid"].tolist() == ids


def test_ids_of_a_file_keep_their_leading_zeros(tmp_path: Path) -> None:
    text = csv([[*row, f"00{at}"] for at, row in enumerate(ROWS)], header=(*ITEMS, "pid"))
    people = ps.read(write(tmp_path / "a.csv", text), SCALE, id="pid")
    assert people.ids is not None
    assert people.ids.tolist() == ["000", "001", "002", "003"]


def test_without_an_id_there_is_none() -> None:
    people = ps.read(frame(), SCALE)
    assert (people.ids, people.id_name) == (None, None)
    assert next(iter(ps.score(people).to_frame())) == "mood_total"


def test_ids_are_not_shown_with_people_or_scores() -> None:
    given = frame().assign(pid=["secret-1", "secret-2", "secret-3", "secret-4"])
    people = ps.read(given, SCALE, id="pid")
    scores = ps.score(people)
    shown = [repr(people), str(scores), scores._repr_html_(), str(ps.items(people))]
    shown += [str(ps.reliability(people)), str(ps.reliability(people).to_dict())]
    assert not [text for text in shown if "secret" in text]


def test_an_id_column_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ps.ColumnError, match=r"no id column 'pidd'; did you mean 'pid'\?"):
        ps.read(frame().assign(pid=1), SCALE, id="pidd")


def test_a_column_to_keep_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ps.ColumnError, match=r"no column to keep 'sxe'; did you mean 'sex'\?"):
        ps.read(frame().assign(sex=1), SCALE, keep=["sxe"])


def test_a_kept_column_that_was_not_kept_says_how_to_keep_it() -> None:
    people = ps.read(frame().assign(sex=1, age=2), SCALE, keep="sex")
    with pytest.raises(ps.UnknownNameError, match=r'name it when reading: keep=\["age"\]'):
        people.column("age")
    with pytest.raises(ps.UnknownNameError, match=r"did you mean 'sex'\?"):
        people.column("sexx")


COUNTRIES = ["NA", "JP", "", "NA"]
AGES = ["20", "NA", "", "41"]


def test_the_country_na_is_namibia_and_no_blank(tmp_path: Path) -> None:
    rows = [[*row, c, a] for row, c, a in zip(ROWS, COUNTRIES, AGES, strict=True)]
    path = write(tmp_path / "a.csv", csv(rows, header=(*ITEMS, "country", "age")))
    texts = frame().assign(country=COUNTRIES, age=AGES)
    texts.to_excel(tmp_path / "a.xlsx", index=False)
    for given in (path, tmp_path / "a.xlsx", texts, pl.from_pandas(texts)):
        people = ps.read(given, SCALE, keep=["country", "age"])
        assert people.column("country").tolist() == ["NA", "JP", None, "NA"]
        if not isinstance(given, Path):
            continue
        assert people.column("age").dtype == np.float64
        assert people.column("age").tolist()[::3] == [20.0, 41.0]
        assert np.isnan(people.column("age")[1:3].astype(float)).all()


def test_na_in_an_answer_of_a_file_is_blank(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", csv([["NA", 1, ""], [0, "NaN", 3]]))
    assert positions(path) == [[-1, 1, -1], [0, -1, 3]]


def test_ages_may_have_a_unit(tmp_path: Path) -> None:
    ages = ["56歳", "７歳", " 30 ", "NA"]
    text = csv([[*row, age] for row, age in zip(ROWS, ages, strict=True)], header=(*ITEMS, "年齢"))
    path = write(tmp_path / "a.csv", text)
    binding = {"variables": {"age": {"column": "年齢", "unit": "歳"}}}
    found = ps.read(path, SCALE, binding=binding, keep="age").column("age")
    assert found.tolist()[:3] == [56.0, 7.0, 30.0]
    assert np.isnan(found[3])
    without = ps.read(path, SCALE, keep="年齢").column("年齢")
    assert without.tolist()[0] == "56歳"


def test_what_a_variable_stores_is_given_its_meaning() -> None:
    variable = {
        "column": "RIAGENDR",
        "stored": {"1": "male", "2": "female", "divers": "other"},
        "missing": ["9", "k. A."],
    }
    given = frame().assign(RIAGENDR=[1, 2, 9, np.nan])
    people = ps.read(given, SCALE, binding={"variables": {"sex": variable}}, keep=["sex"])
    assert people.column("sex").tolist() == ["male", "female", None, None]
    texts = frame().assign(RIAGENDR=["1", "２", "Divers", "k.  a."])
    people = ps.read(texts, SCALE, binding={"variables": {"sex": variable}}, keep=["sex"])
    assert people.column("sex").tolist() == ["male", "female", "other", None]


def test_what_a_variable_stores_may_mean_a_number() -> None:
    variable = {"stored": {"yes": 1, "no": 0}}
    given = frame().assign(ill=pd.Series(["yes", "no", "no", None]))
    people = ps.read(given, SCALE, binding={"variables": {"ill": variable}}, keep="ill")
    assert people.column("ill").tolist()[:3] == [1.0, 0.0, 0.0]
    assert np.isnan(people.column("ill")[3])


def test_missing_codes_of_a_number_are_nothing() -> None:
    binding = {"variables": {"age": {"missing": ["888"]}}}
    given = frame().assign(age=[20, 888, 30.5, np.nan])
    found = ps.read(given, SCALE, binding=binding, keep="age").column("age")
    assert found.tolist()[::2] == [20.0, 30.5]
    assert np.isnan(found[[1, 3]]).all()


def test_every_value_that_a_variable_does_not_list_is_in_one_error_with_its_row() -> None:
    binding = {"variables": {"sex": {"stored": {"1": "male", "2": "female"}}}}
    given = frame().assign(sex=[1, 3, 2, 4])
    with pytest.raises(ps.DataError) as caught:
        ps.read(given, SCALE, binding=binding, keep="sex")
    found = [(cell.row, cell.column, cell.found) for cell in caught.value.cells]
    assert found == [(2, "sex", "3"), (4, "sex", "4")]
    assert caught.value.cells[0].allowed == "'1', '2'"


TYPED: dict[str, tuple[list[Any], str]] = {
    "whole numbers": ([1, 2, 3, 4], "int64"),
    "small whole numbers": ([1, 2, 3, 4], "int8"),
    "floats": ([1.5, 2.0, float("nan"), 4.0], "float64"),
    "small floats": ([1.5, 2.0, 3.0, 4.0], "float32"),
    "texts": (["a", "b", "c", "d"], "str"),
    "texts that are digits": (["001", "002", "1", "4"], "str"),
    "truths": ([True, False, True, True], "bool"),
    "days": (list(pd.date_range("2024-01-01", periods=4)), "datetime64[ns]"),
}


@pytest.mark.parametrize(("values", "dtype"), TYPED.values(), ids=TYPED)
def test_kept_columns_of_a_frame_keep_their_types(values: list[Any], dtype: Any) -> None:
    given = frame().assign(extra=pd.Series(values, dtype=dtype))
    scores = ps.score(ps.read(given, SCALE, keep="extra")).to_frame()
    pd.testing.assert_series_equal(scores["extra"], given["extra"], check_dtype=True)


def test_times_of_a_kept_column_stay_in_their_zone() -> None:
    times = pd.date_range("2024-04-01 09:00", periods=4, freq="D", tz="Asia/Tokyo")
    given = frame().assign(visit=times)
    found = ps.score(ps.read(given, SCALE, keep="visit")).to_frame()["visit"]
    assert [str(each) for each in found] == [str(each) for each in times]
    assert str(found[0]) == "2024-04-01 09:00:00+09:00"


LARGE = 2**60 + 1


def test_large_whole_numbers_beside_nothing_are_not_rounded() -> None:
    numbers = [LARGE, None, 7, LARGE + 1]
    nullable = frame().assign(number=pd.array(numbers, dtype="Int64"))
    for given in (nullable, pl.from_pandas(frame()).with_columns(number=pl.Series(numbers))):
        people = ps.read(given, SCALE, keep="number", id="number")
        assert people.ids is not None
        for column in (people.ids, people.column("number")):
            assert [None if pd.isna(x) else int(x) for x in column] == numbers


def test_texts_among_which_are_digits_stay_texts(tmp_path: Path) -> None:
    codes = ["1010", "SW1A", "0042", "x"]
    path = write(
        tmp_path / "a.csv",
        csv([[*r, c] for r, c in zip(ROWS, codes, strict=True)], header=(*ITEMS, "post")),
    )
    for given in (path, frame().assign(post=codes), pl.from_pandas(frame().assign(post=codes))):
        people = ps.read(given, SCALE, keep="post")
        assert people.column("post").tolist() == codes
        assert list(ps.score(people).to_native()["post"]) == codes


def test_numbers_of_a_file_are_numbers(tmp_path: Path) -> None:
    rows = [[*row, at, at / 2, f"t{at}"] for at, row in enumerate(ROWS)]
    path = write(tmp_path / "a.csv", csv(rows, header=(*ITEMS, "whole", "half", "text")))
    people = ps.read(path, SCALE, keep=["text", "half", "whole"])
    assert people.column("whole").dtype == np.int64
    assert people.column("whole").tolist() == [0, 1, 2, 3]
    assert people.column("half").tolist() == [0.0, 0.5, 1.0, 1.5]
    assert people.column("text").tolist() == ["t0", "t1", "t2", "t3"]
    names = list(ps.score(people).to_frame())
    assert names[:3] == ["text", "half", "whole"]


def test_numbers_as_r_writes_them_are_numbers(tmp_path: Path) -> None:
    stored = ["99999", "1e+05", "2.5e-04", "NA"]
    text = csv([[*row, x] for row, x in zip(ROWS, stored, strict=True)], header=(*ITEMS, "x"))
    found = ps.read(write(tmp_path / "a.csv", text), SCALE, keep="x").column("x")
    assert found.tolist()[:3] == [99999.0, 100000.0, 0.00025]
    assert np.isnan(found[3])


def test_people_give_back_their_answers_as_codes() -> None:
    given = frame([[0, 1, np.nan], [3, 2, 1]]).assign(pid=["a", "b"], sex=["f", "m"])
    found = ps.read(given, SCALE, id="pid", keep="sex").to_frame()
    assert list(found) == ["pid", "sex", *ITEMS]
    assert found["pid"].tolist() == ["a", "b"]
    assert found["mood_1"].tolist() == [0.0, 3.0]
    assert np.isnan(found["mood_3"][0])
    assert positions(found) == [[0, 1, -1], [3, 2, 1]]


def test_people_say_who_they_are(tmp_path: Path) -> None:
    path = write(
        tmp_path / "visit1.csv", csv([[*row, "f"] for row in ROWS], header=(*ITEMS, "sex"))
    )
    people = ps.read(path, SCALE, keep="sex")
    assert repr(people) == "Responses of 4 people to mood 1.0.0 (from visit1.csv); kept: sex"


def test_answers_in_words_that_the_scale_does_not_have_are_listed_to_be_bound() -> None:
    words = ["never", "often", "always", "sometimes"]
    given = frame([[words[(row + at) % 4] for at in range(3)] for row in range(8)])
    with pytest.raises(ps.DataError) as caught:
        ps.read(given, SCALE)
    (advice,) = caught.value.advice
    assert "stored in ways that the scale does not know" in advice
    snippet = advice.partition("stored.")[2]
    assert all(f'"{word}" = ...' in snippet for word in words)
    assert 'bad="missing"' not in str(caught.value)
    given.iloc[1:, :] = "1"
    with pytest.raises(ps.DataError) as few:
        ps.read(given, SCALE)
    assert few.value.advice == (ADVICE,)


ADVICE = 'to turn exactly these cells to missing: bad="missing" (--bad missing in a terminal)'


def test_a_binding_of_no_scale_that_is_read_is_refused_and_one_beside_it_is_not() -> None:
    other = {"reversed": ["mood_1"]}
    with pytest.raises(ps.BindingError, match="no scale 'anxiety'"):
        ps.read(frame(), SCALE, binding={"scales": {"anxiety": other}})
    bound = {"scales": {"mood": {"reversed": []}, "anxiety": other}}
    assert positions(ps.read(frame(), SCALE, binding=bound).to_frame()) == ROWS
