"""What a cell may hold: codes and labels, forgiven in three small ways, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import psychoscales as ps
from tests.counting.making import document_of
from tests.reading.forms import ITEMS, LABELS, ROWS, SCALE, column, frame, positions, reasons

MISSING = {"scales": {"mood": {"missing": {"7": "refused", "9": "dont_know", "k.A.": "refused"}}}}

ACCEPTED: dict[str, list[Any]] = {
    "a whole number": [1, np.int8(1), np.uint64(1)],
    "a whole number as a float": [1.0, np.float32(1), np.float64(1)],
    "digits": ["1", "01", "1.0", "1.", b"1"],
    "full-width digits": ["１"],
    "stray spaces": [" 1", "1 ", "\t1\n", "\u30001", "１\u3000", "1\u00a0"],
    "a label": ["Several days", "数日", "Einige Tage", "Μερικές μέρες"],
    "a label in another case": ["several days", "SEVERAL DAYS", "einige tage", "ΜΕΡΙΚΈΣ ΜΈΡΕΣ"],
    "a label with stray spaces": [" Several  days ", "Several\u3000days", "Several\u00a0days\n"],
}
REFUSED: dict[str, list[Any]] = {
    "a number between two codes": [1.5, "1.5", np.float64(0.5), "0.999999999"],
    "a number beyond the codes": [4, -1, "4", "-1", 10, "10", 1e300, 255],
    "no number": [float("inf"), float("-inf"), "inf", "nan", "NaN", "None", "null", "N/A", "-"],
    "a number in other signs": ["①", "²", "Ⅰ", "I", "一", "½"],
    "a number in digits of another script": ["١", "१", "𝟏"],
    "a number written otherwise": ["1e0", "0x1", "1,0", "1_0", "0b1", "1 0", "--1", "+-1"],
    "a number and more": ["2x", "x2", "1;", "1/2", "1 (Several days)", "#1", "'1"],
    "a truth": [True, False, np.True_, "True", "true", "FALSE", "yes"],
    "nearly a label": ["Several day", "Several days.", "Severaldays", "Several-days", "Sev days"],
    "part of a label": ["Several", "days", "数", "数日間", "Einige"],
    "two labels": ["Several days, Most days", "Not at all;Several days"],
    "a sign that cannot be seen": ["1\u200b", "\u200b1", "\ufeff1", "Several\u00addays", "1\x00"],
    "full-width letters": ["Ｓeveral days", "ＮＯＴ ＡＴ ＡＬＬ"],
    "another thing": [pd.Timestamp("2024-01-01"), (1,), [1], {1: 1}, 1j],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    found = [
        pytest.param(value, id=f"{kind}: {value!r}")
        for kind, values in table.items()
        for value in values
    ]
    assert len(found) >= 20
    return found


@pytest.mark.parametrize("value", cases(ACCEPTED))
def test_forgiven_are_full_width_digits_stray_spaces_and_case(value: Any) -> None:
    assert positions(column(value, 3)) == [[1, 0, 0], [3, 0, 0]]


@pytest.mark.parametrize("value", cases(REFUSED))
def test_nothing_else_is_forgiven(value: Any) -> None:
    with pytest.raises(ps.DataError) as caught:
        ps.read(column(3, value), SCALE)
    (cell,) = caught.value.cells
    assert (cell.row, cell.column) == (2, "mood_1")


def test_every_label_of_every_language_is_its_option() -> None:
    compared = 0
    for code, texts in LABELS.items():
        for text in texts.values():
            for written in (text, text.upper(), text.lower(), f" {text} "):
                assert positions(column(written)) == [[code, 0, 0]]
                compared += 1
    assert compared == 4 * 4 * 4


def test_answers_of_one_column_may_be_stored_in_several_ways() -> None:
    given = column(0, "1", "２", "Every day", "数日", 3.0, None)
    assert [row[0] for row in positions(given)] == [0, 1, 2, 3, 1, 3, -1]


@pytest.mark.parametrize("first", [[1, True], [True, 1], [0, False], [False, 0]])
def test_a_truth_beside_the_number_that_equals_it_is_refused_and_the_number_is_not(
    first: list[Any],
) -> None:
    with pytest.raises(ps.DataError) as caught:
        ps.read(column(*first), SCALE)
    found = [(cell.row, cell.found) for cell in caught.value.cells]
    at = next(at for at, value in enumerate(first) if isinstance(value, bool))
    assert found == [(at + 1, str(first[at]))]


@pytest.mark.parametrize("dtype", ["bool", "boolean", "bool[pyarrow]", "object"])
def test_a_column_of_truths_is_refused(dtype: Any) -> None:
    truths = frame().assign(mood_2=pd.Series([True, False, True, True], dtype=dtype))
    for given in (truths, pl.from_pandas(truths)):
        with pytest.raises(ps.DataError) as caught:
            ps.read(given, SCALE)
        found = [(cell.row, cell.column, cell.found) for cell in caught.value.cells]
        assert found == [
            (1, "mood_2", "True"),
            (2, "mood_2", "False"),
            (3, "mood_2", "True"),
            (4, "mood_2", "True"),
        ]


def test_one_error_holds_every_bad_cell_of_every_column() -> None:
    given = pd.DataFrame(
        {
            "mood_1": [0, 4, 1, 9, 0],
            "mood_2": ["Most days", "most day", "1.5", "3", ""],
            "mood_3": [0.0, 0.5, np.nan, -1.0, 3.0],
        }
    )
    with pytest.raises(ps.DataError) as caught:
        ps.read(given, SCALE)
    allowed = "0, 1, 2, 3 or their labels"
    assert set(caught.value.cells) == {
        (2, "mood_1", "4", allowed),
        (4, "mood_1", "9", allowed),
        (2, "mood_2", "'most day'", allowed),
        (3, "mood_2", "'1.5'", allowed),
        (2, "mood_3", "0.5", allowed),
        (4, "mood_3", "-1", allowed),
    }
    assert len(caught.value.cells) == 6
    text = str(caught.value)
    assert text.startswith(
        "6 values are neither an option nor a declared missing code, in 3 columns:"
    )
    assert "  row 2, mood_2: found 'most day'; allowed: 0, 1, 2, 3 or their labels" in text
    assert 'bad="missing" (--bad missing in a terminal)' in text


def test_one_bad_cell_is_spoken_of_as_one() -> None:
    with pytest.raises(ps.DataError) as caught:
        ps.read(column(0, 8), SCALE)
    assert str(caught.value).startswith(
        "1 value is neither an option nor a declared missing code, in 1 column:\n"
        "  row 2, mood_1: found 8; allowed: 0, 1, 2, 3 or their labels\n"
    )


def test_a_long_list_of_bad_cells_is_cut_in_the_message_and_whole_in_the_error() -> None:
    with pytest.raises(
        ps.DataError, match=r"\.\.\. and 88 more \(all of them in `\.cells`\)"
    ) as it:
        ps.read(column(*([8] * 100)), SCALE)
    assert [cell.row for cell in it.value.cells] == list(range(1, 101))
    assert str(it.value).count("found 8") == 12


def test_bad_cells_of_several_scales_are_in_one_error() -> None:
    given = pd.DataFrame({f"phq9_{n}": [0, 1] for n in range(1, 10)} | {"mood_1": [0, 5]})
    given = given.assign(mood_2=[1, 2], mood_3=[7, 0], phq9_4=[4, 0])
    with pytest.raises(ps.DataError) as caught:
        ps.read(given, ["phq9", SCALE])
    found = {(cell.row, cell.column, cell.found) for cell in caught.value.cells}
    assert found == {(1, "phq9_4", "4"), (2, "mood_1", "5"), (1, "mood_3", "7")}


def test_bad_as_missing_turns_exactly_these_cells_and_lists_them() -> None:
    given = column(0, "x", 2, 9, None, 3)
    given["mood_2"] = pd.Series([0, 1, "often", 3, 0, 1], dtype=object)
    people = ps.read(given, SCALE, bad="missing")
    assert people.blocks["mood"].positions[:, 0].tolist() == [0, -2, 2, -2, -1, 3]
    assert people.blocks["mood"].positions[:, 1].tolist() == [0, 1, -2, 3, 0, 1]
    assert people.blocks["mood"].reasons == ("blank", "not_an_option")
    assert [(cell.row, cell.column, cell.found) for cell in people.bad] == [
        (2, "mood_1", "'x'"),
        (4, "mood_1", "9"),
        (3, "mood_2", "'often'"),
    ]
    status = ps.score(people).to_frame()["mood_total_status"].tolist()
    assert status == ["ok", "prorated", "prorated", "prorated", "prorated", "ok"]


def test_where_nothing_is_bad_nothing_is_listed() -> None:
    assert ps.read(frame(), SCALE, bad="missing").bad == ()
    assert positions(frame(), bad="missing") == ROWS


def test_bad_can_be_error_or_missing_and_nothing_else() -> None:
    bad: Any = "ignore"
    with pytest.raises(ValueError, match="bad is 'error' or 'missing', not 'ignore'"):
        ps.read(frame(), SCALE, bad=bad)


UP = (
    "these data look shifted by one: options 'answers' are coded 0 to 3, and 1 to 4 is stored. "
    "If so, say in a binding under [scales.mood]: "
    'stored.answers = { "1" = 0, "2" = 1, "3" = 2, "4" = 3 }'
)
DOWN = (
    "these data look shifted by one: options 'answers' are coded 0 to 3, and -1 to 2 is stored. "
    "If so, say in a binding under [scales.mood]: "
    'stored.answers = { "-1" = 0, "0" = 1, "1" = 2, "2" = 3 }'
)


def shifted(rows: list[list[Any]], text: bool = False) -> list[str]:
    given = frame(rows).astype(str) if text else frame(rows)
    with pytest.raises(ps.DataError) as caught:
        ps.read(given, SCALE)
    return [line for line in str(caught.value).splitlines() if "shifted" in line]


@pytest.mark.parametrize("text", [False, True])
def test_data_shifted_by_one_are_recognized(text: bool) -> None:
    assert shifted([[code + 1 for code in row] for row in ROWS], text) == [UP]
    assert shifted([[code - 1 for code in row] for row in ROWS], text) == [DOWN]


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 1, 2], [3, 4, 1]],
        [[1, 2, 3], [4, 5, 1]],
        [[-1, 0, 1], [2, 3, 1]],
        [[1, 2, 3], [4, 1.5, 1]],
        [[7, 1, 2], [0, 3, 9]],
        [[2, 3, 4], [5, 2, 3]],
    ],
)
def test_data_that_are_not_shifted_are_not_said_to_be(rows: list[list[Any]]) -> None:
    assert shifted(rows) == []


def test_the_advice_on_shifted_data_reads_them() -> None:
    stored = {"1": 0, "2": 1, "3": 2, "4": 3}
    binding = {"scales": {"mood": {"stored": {"answers": stored}}}}
    moved = frame([[code + 1 for code in row] for row in ROWS])
    assert positions(moved, binding=binding) == ROWS
    assert positions(moved.astype(float), binding=binding) == ROWS
    assert positions(moved.astype(str), binding=binding) == ROWS


def test_missing_codes_keep_their_reasons() -> None:
    given = column(0, 7, 9, 3, None, "k.a.", "９")
    found = [row[0] for row in reasons(given, binding=MISSING)]
    assert found == ["0", "refused", "dont_know", "3", "blank", "refused", "dont_know"]


def test_missing_codes_of_numbers_keep_their_reasons() -> None:
    given = frame([[0, 7, 9], [7.0, 3, np.nan]])
    assert reasons(given, binding=MISSING) == [
        ["0", "refused", "dont_know"],
        ["refused", "3", "blank"],
    ]


def test_missing_codes_nobody_declared_are_bad_cells() -> None:
    with pytest.raises(ps.DataError) as caught:
        ps.read(column(0, 7, 8), SCALE, binding=MISSING)
    assert [(cell.row, cell.found) for cell in caught.value.cells] == [(3, "8")]
    assert caught.value.cells[0].allowed.endswith("missing: '7', '9', 'k.A.'")


def test_an_option_that_means_missing_has_the_reason_of_the_scale() -> None:
    document = document_of(["a", "b"], (0, 1, 2, 3), max_missing=1)
    document["options"]["answers"].append(
        {"code": 8, "missing": "not_applicable", "label": {"en": "Does not apply"}}
    )
    scale = ps.scale(document)
    given = pd.DataFrame({"a": [8, 0, 3], "b": ["1", "does not apply", "2"]})
    block = ps.read(given, scale).blocks["tiny"]
    assert block.positions.tolist() == [[-2, 1], [0, -2], [3, 2]]
    assert block.reasons == ("blank", "not_applicable")


def test_what_the_binding_lists_as_stored_is_all_that_may_be_stored() -> None:
    stored = {"never": 0, "sometimes": 1, "often": 2, "ALWAYS": 3}
    binding = {"scales": {"mood": {"stored": {"answers": stored}}}}
    given = frame().replace({0: "never", 1: "Sometimes ", 2: "often", 3: "always"})
    assert positions(given, binding=binding) == ROWS
    for other in (1, "1", "Several days"):
        with pytest.raises(ps.DataError) as caught:
            ps.read(
                column("never", other).assign(mood_2="never", mood_3="never"),
                SCALE,
                binding=binding,
            )
        (cell,) = caught.value.cells
        assert (cell.row, cell.allowed) == (2, "'never', 'sometimes', 'often', 'ALWAYS'")


def test_several_stored_texts_may_be_one_option() -> None:
    stored = {"never": 0, "nie": 0, "some": 1, "often": 2, "always": 3, "immer": 3}
    binding = {"scales": {"mood": {"stored": {"answers": stored}}}}
    given = pd.DataFrame({"mood_1": ["never", "nie"], "mood_2": ["always", "immer"]})
    given["mood_3"] = ["some", "often"]
    assert positions(given, binding=binding) == [[0, 3, 1], [0, 3, 2]]


def test_an_item_that_the_file_has_reversed_is_turned_back() -> None:
    binding = {"scales": {"mood": {"reversed": ["mood_2"]}}}
    given = frame().assign(mood_2=[3 - row[1] for row in ROWS])
    assert positions(given, binding=binding) == ROWS
    assert positions(given) != ROWS


def test_a_reversed_item_keeps_its_blanks_and_their_reasons() -> None:
    binding = {"scales": {"mood": {"reversed": ["mood_1"], "missing": {"9": "refused"}}}}
    assert [row[0] for row in reasons(column(0, 1, 9, None, 3), binding=binding)] == [
        "3",
        "2",
        "refused",
        "blank",
        "0",
    ]


def test_a_reversed_item_is_turned_back_before_the_score_reverses_it() -> None:
    document = document_of(["a", "b"], (1, 2, 3, 4, 5), reverse=["b"])
    scale = ps.scale(document)
    as_asked = pd.DataFrame({"a": [1, 5, 3], "b": [5, 2, 3]})
    in_file = as_asked.assign(b=6 - as_asked["b"])
    binding = {"scales": {"tiny": {"reversed": ["b"]}}}
    direct = ps.score(as_asked, scale).to_frame()["tiny_total"].tolist()
    assert direct == [2, 9, 6]
    assert ps.score(in_file, scale, binding=binding).to_frame()["tiny_total"].tolist() == direct
    assert ps.score(in_file, scale).to_frame()["tiny_total"].tolist() != direct


def test_two_columns_are_decoded_each_for_itself() -> None:
    given = pd.DataFrame(
        {"mood_1": [0.0, 1.0, np.nan], "mood_2": ["2", "数日", None], "mood_3": [1, 2, 3]}
    )
    assert positions(given) == [[0, 2, 1], [1, 1, 2], [-1, -1, 3]]
    assert list(given) == list(ITEMS)


def test_only_a_blank_is_filled_where_a_question_was_not_to_be_asked() -> None:
    document = document_of(["any", "how_bad"], max_missing=1)
    asked = {"asked_if": {"items": ["any"], "at_least": 1.0}, "otherwise": 0.0}
    document["items"][1] |= asked
    document["examples"][0]["answers"] = {"any": 0}
    scale = ps.scale(document)
    given = pd.DataFrame({"any": [0, 0, 0, 2, None], "how_bad": [None, 2, 9, None, None]})
    binding = {"scales": {"tiny": {"missing": {"9": "refused"}}}}
    block = ps.read(given, scale, binding=binding).blocks["tiny"]
    refused = -1 - block.reasons.index("refused")
    assert block.positions[:, 1].tolist() == [0, 2, refused, -1, -1]


def test_a_question_that_was_not_to_be_asked_may_have_no_answer_at_all() -> None:
    document = document_of(["any", "how_bad"], max_missing=1)
    asked = {"asked_if": {"items": ["any"], "at_least": 1.0}, "otherwise": "not_applicable"}
    document["items"][1] |= asked
    document["examples"][0]["answers"] = {"any": 0, "how_bad": 0}
    given = pd.DataFrame({"any": [0, 3, None], "how_bad": [None, None, 1]})
    block = ps.read(given, ps.scale(document)).blocks["tiny"]
    assert block.reasons == ("blank", "not_applicable")
    assert block.positions[:, 1].tolist() == [-2, -1, 1]
