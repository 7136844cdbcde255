"""What a scale file can get wrong: each mistake is one line, at its place, with a way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import psychoscales as ps
from psychoscales.errors import Problem, ScaleError
from tests.documents.conftest import Put
from tests.documents.mood import CLAIMS, ITEMS, Tree, calm, mood, problem, problems, toml


def level(tree: Tree, number: int) -> Tree:
    found: Tree = tree["bands"][0]["levels"][number]
    return found


def test_the_scale_that_is_spoilt_below_is_sound() -> None:
    assert ps.scale(mood()).item_ids == ITEMS


# names


def test_an_unknown_key_names_the_nearest_one() -> None:
    tree = mood()
    tree["items"][1]["optoins"] = "agree"
    found = problem(tree)
    assert found.path == "items[1].optoins"
    assert found.found == "unknown key 'optoins'"
    assert "did you mean 'options'?" in found.allowed


def test_an_unknown_key_at_the_top_names_the_nearest_one() -> None:
    tree = mood()
    tree["respondant"] = "self"
    found = problem(tree)
    assert found.path == "respondant"
    assert "did you mean 'respondent'?" in found.allowed


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("items", 2),
        ("scores", 0),
        ("bands", 0),
        ("rules", 1),
        ("flags", 0),
        ("models", 0),
        ("reference_values", 0),
        ("citations", 0),
        ("examples", 0),
    ],
)
def test_an_unknown_key_is_one_line_wherever_it_stands(kind: str, number: int) -> None:
    tree = mood()
    tree[kind][number]["kolor"] = "red"
    assert problem(tree).path == f"{kind}[{number}].kolor"


def test_an_unknown_key_in_a_score_is_one_line_where_another_score_is_over_it() -> None:
    tree = mood()
    tree["scores"].append({**tree["scores"][0], "id": "twice", "scores": ["total"]})
    del tree["scores"][1]["items"], tree["scores"][1]["reverse"]
    tree["scores"][1]["missing"] = {"max_missing": 0, "action": "refuse", "source": "author2020"}
    assert ps.scale(tree).id == "mood"
    tree["scores"][0]["kolor"] = "red"
    assert problem(tree).path == "scores[0].kolor"


def test_an_unknown_key_in_an_option_is_one_line() -> None:
    tree = mood()
    tree["options"]["agree"][2]["vallue"] = 3.0
    found = problem(tree)
    assert found.path == "options.agree[2].vallue"
    assert "did you mean 'value'?" in found.allowed


def test_a_wrong_reverse_id_names_the_nearest_item() -> None:
    tree = mood()
    tree["scores"][0]["reverse"] = ["mood_2", "moood_3"]
    found = problem(tree)
    assert found.path == "scores[0].reverse[1]"
    assert "no item of this score 'moood_3'" in found.found
    assert "did you mean 'mood_3'?" in found.allowed


def test_reversing_an_item_of_another_score_is_refused() -> None:
    tree = mood()
    tree["scores"][0]["items"] = ["mood_1", "mood_2", "mood_3"]
    tree["scores"][0]["reverse"] = ["mood_4"]
    tree["scores"][0]["range"] = [3.0, 15.0]
    tree["bands"], tree["examples"][0]["expect"] = [], {"lively": True}
    assert problem(tree).path == "scores[0].reverse[0]"


def test_an_unknown_item_of_a_score_names_the_nearest_one() -> None:
    tree = mood()
    tree["scores"][0]["items"][3] = "mod_4"
    found = problem(tree)
    assert found.path == "scores[0].items[3]"
    assert "did you mean 'mood_4'?" in found.allowed


def test_an_unknown_option_set_names_the_nearest_one() -> None:
    tree = mood()
    tree["items"][2]["options"] = "agreee"
    found = problem(tree)
    assert found.path == "items[2].options"
    assert "no option set 'agreee'" in found.found
    assert "did you mean 'agree'?" in found.allowed


def test_a_place_that_is_wrong_twice_over_is_one_line() -> None:
    tree = mood()
    tree["citations"] += [{"id": "Not an id", "text": "A book."} for _ in range(2)]
    found = [each.path for each in problems(tree)]
    assert found == ["citations[1].id", "citations[2].id"]


def test_a_misspelt_key_is_not_missing_too() -> None:
    tree = mood()
    tree["constuct"] = tree.pop("construct")
    found = problem(tree)
    assert found.path == "constuct"
    assert "did you mean 'construct'?" in found.allowed


def test_a_band_of_an_unknown_score_names_the_nearest_one() -> None:
    tree = mood()
    tree["bands"][0]["score"] = "totl"
    found = problem(tree)
    assert found.path == "bands[0].score"
    assert "did you mean 'total'?" in found.allowed


def test_an_unknown_rule_in_a_condition_names_the_nearest_one() -> None:
    tree = mood()
    tree["rules"][1]["all"][0]["rule"] = "sings"
    found = problem(tree)
    assert found.path == "rules[1].all[0].rule"
    assert "did you mean 'signs'?" in found.allowed


def test_an_unknown_item_of_a_flag_names_the_nearest_one() -> None:
    tree = mood()
    tree["flags"][0]["when"]["items"] = ["mood2"]
    found = problem(tree)
    assert found.path == "flags[0].when.items[0]"
    assert "did you mean 'mood_2'?" in found.allowed


def test_an_unknown_item_of_a_model_names_the_nearest_one() -> None:
    tree = mood()
    tree["models"][0]["factors"]["mood"][1] = "mood_22"
    found = problem(tree)
    assert found.path == "models[0].factors.mood[1]"
    assert "did you mean 'mood_2'?" in found.allowed


def test_an_unknown_result_in_an_example_names_the_nearest_one() -> None:
    tree = mood()
    tree["examples"][0]["expect"]["levle"] = "high"
    found = problem(tree)
    assert found.path == "examples[0].expect.levle"
    assert "did you mean 'level'?" in found.allowed


def test_an_unknown_method_names_what_is_allowed() -> None:
    tree = mood()
    tree["scores"][0]["method"] = "summ"
    tree["examples"][0]["expect"] = {"sunk": "clear"}
    found = problem(tree)
    assert found.path == "scores[0].method"
    assert "'sum', 'mean', 'count', 'min', 'max' or 'pomp'" in found.allowed
    assert "did you mean 'sum'?" in found.allowed


@pytest.mark.parametrize("kind", ["items", "scores", "rules", "flags", "models", "citations"])
def test_a_duplicate_id_names_the_first(kind: str) -> None:
    tree = mood()
    tree[kind].append(dict(tree[kind][0]))
    found = problem(tree)
    assert found.path == f"{kind}[{len(tree[kind]) - 1}].id"
    assert found.found.startswith("duplicate id ")
    assert found.allowed == f"{kind}[0] has it"


def test_a_duplicate_band_level_is_an_error() -> None:
    tree = mood()
    level(tree, 2)["id"] = "low"
    tree["examples"][0]["expect"]["level"] = "low"
    found = problem(tree)
    assert found.path == "bands[0].levels[2].id"
    assert "duplicate id 'low'" in found.found


def test_a_score_and_a_flag_of_one_name_would_be_one_column() -> None:
    tree = mood()
    tree["flags"][0]["id"] = "total"
    del tree["examples"][0]["expect"]["sunk"]
    found = problems(tree)
    assert [(each.path, each.found) for each in found][:1] == [
        ("flags", "'total' is also one of scores")
    ]


def test_a_rule_may_not_take_the_name_of_a_score_s_status() -> None:
    tree = mood()
    tree["rules"][1]["id"] = "total_status"
    del tree["examples"][0]["expect"]["lively"]
    found = problem(tree)
    assert found.path == "rules"
    assert "the name of a column of score 'total'" in found.found


# options and answers


def test_a_duplicate_code_names_the_first() -> None:
    tree = mood()
    tree["options"]["agree"][3]["code"] = 2
    tree["examples"][0]["answers"] = {"mood_2": 2}
    found = problem(tree)
    assert found.path == "options.agree[3].code"
    assert found.found == "duplicate code 2"
    assert found.allowed == "[1] has it"


@pytest.mark.parametrize(("first", "second"), [(1, "1"), ("yes", "YES"), ("1", "１")])
def test_codes_that_are_read_alike_are_duplicates(first: int | str, second: int | str) -> None:
    tree = mood()
    tree["options"]["agree"][0]["code"], tree["options"]["agree"][4]["code"] = first, second
    tree["examples"][0]["answers"] = {}
    tree["examples"][0]["expect"] = {"sunk": "not_assessed"}
    found = problem(tree)
    assert found.path == "options.agree[4].code"
    assert "duplicate code" in found.found


def test_a_label_that_is_the_code_of_another_option_is_an_error() -> None:
    tree = mood()
    tree["options"]["agree"][0]["label"]["en"] = "5"
    assert problem(tree).path == "options.agree[0].label.en"


def test_a_label_given_twice_is_an_error_whatever_its_case() -> None:
    tree = mood()
    tree["options"]["agree"][4]["label"]["en"] = "Slightly"
    found = problem(tree)
    assert found.path == "options.agree[4].label.en"
    assert "the label of [1] again" in found.found


def test_a_label_is_required_or_said_not_to_be_there() -> None:
    tree = mood()
    del tree["options"]["agree"][2]["label"]
    found = problem(tree)
    assert found.path == "options.agree[2]"
    assert found.found == "'label' is missing"
    assert 'label_status = "unlabelled"' in found.allowed
    tree["options"]["agree"][2]["label_status"] = "unlabelled"
    assert ps.scale(tree).id == "mood"


def test_an_option_is_not_both_a_value_and_missing() -> None:
    tree = mood()
    tree["options"]["agree"][4]["missing"] = "refused"
    found = problems(tree)
    assert found[0].path == "options.agree[4]"
    assert "both a 'value' and 'missing'" in found[0].found


def test_an_option_of_a_scored_item_has_a_value_or_is_missing() -> None:
    tree = mood()
    tree["options"]["agree"].append({"code": 9, "label": {"en": "no idea"}})
    found = problem(tree)
    assert found.path == "options.agree[5]"
    assert "neither a 'value' nor 'missing'" in found.found


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_is_a_number_that_can_be_added(value: float) -> None:
    tree = mood()
    tree["options"]["agree"][4]["value"] = value
    assert problems(tree)[0].path == "options.agree[4].value"


def test_a_set_with_more_options_than_positions_is_refused() -> None:
    tree = mood()
    tree["options"]["agree"] = [
        {"code": code, "value": float(code), "label": {"en": f"{code} mm"}}
        for code in range(1, 131)
    ]
    tree["scores"][0]["range"] = [4.0, 520.0]
    del level(tree, 2)["to"]
    assert problem(tree).path == "options.agree"


def test_an_answer_outside_its_options_lists_the_codes() -> None:
    tree = mood()
    tree["examples"][0]["answers"]["mood_3"] = 6
    found = problem(tree)
    assert found.path == "examples[0].answers.mood_3"
    assert found.found == "found 6"
    assert found.allowed == "its codes: 1, 2, 3, 4, 5"


def test_what_an_unasked_item_counts_as_is_a_value_of_its_options() -> None:
    tree = mood()
    tree["items"][3]["asked_if"] = {"items": ["mood_1"], "at_least": 2.0}
    tree["items"][3]["otherwise"] = 0.0
    found = problem(tree)
    assert found.path == "items[3].otherwise"
    assert found.found == "found 0"
    assert "(1, 2, 3, 4, 5)" in found.allowed


def test_asked_if_and_otherwise_belong_together() -> None:
    tree = mood()
    tree["items"][3]["asked_if"] = {"items": ["mood_1"], "at_least": 2.0}
    found = problem(tree)
    assert found.path == "items[3]"
    assert "'asked_if' and 'otherwise' belong together" in found.found


def test_items_that_ask_for_one_another_are_an_error() -> None:
    tree = mood()
    for item, other in ((2, "mood_4"), (3, "mood_3")):
        tree["items"][item]["asked_if"] = {"items": [other], "at_least": 2.0}
        tree["items"][item]["otherwise"] = "not_applicable"
    assert {each.path for each in problems(tree)} == {"items[2].asked_if", "items[3].asked_if"}


def test_an_item_that_asks_for_itself_is_an_error() -> None:
    tree = mood()
    tree["items"][3]["asked_if"] = {"items": ["mood_4"], "at_least": 2.0}
    tree["items"][3]["otherwise"] = "not_applicable"
    found = problem(tree)
    assert found.path == "items[3].asked_if.items"
    assert found.found == "'mood_4' cannot depend on itself"


def test_an_item_text_is_required_unless_texts_are_left_to_the_user() -> None:
    tree = mood()
    del tree["items"][1]["text"]
    found = problem(tree)
    assert found.path == "items[1]"
    assert 'text_status = "user_supplied"' in found.allowed
    tree["text_status"] = "user_supplied"
    assert ps.scale(tree).id == "mood"


def test_an_unscored_item_is_in_no_score() -> None:
    tree = mood()
    tree["items"][1]["scored"] = False
    found = problem(tree)
    assert found.path == "scores[0].items[1]"
    assert "'mood_2' is not scored" in found.found


# types


def test_a_wrong_type_says_what_is_expected() -> None:
    tree = mood()
    tree["options"]["agree"][0]["value"] = "1"
    found = problem(tree)
    assert found.path == "options.agree[0].value"
    assert found.found == "found '1'"
    assert found.allowed == "expected a number"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("version", "2.1", "a version of three numbers"),
        ("id", "Mood Scale", "lower-case letters, digits and _"),
        ("languages", "en", "a list in [ ]"),
        ("languages", ["english!"], "a language tag"),
        ("abbreviation", "", "a text that is not empty"),
        ("format", "2.0", "'1.0'"),
    ],
)
def test_a_wrong_form_says_what_is_expected(key: str, value: object, expected: str) -> None:
    tree = mood()
    tree[key] = value
    found = problems(tree)[0]
    assert found.path.startswith(key)
    assert expected in found.allowed


def test_a_text_without_a_language_is_an_error() -> None:
    tree = mood()
    tree["name"] = "Mood Scale"
    found = problem(tree)
    assert found.path == "name"
    assert found.found == "found 'Mood Scale'"


def test_a_number_in_quotes_is_no_limit() -> None:
    tree = mood()
    tree["scores"][0]["missing"]["max_missing"] = "1"
    tree["examples"][0]["expect"] = {"sunk": "clear"}
    found = problem(tree)
    assert found.path == "scores[0].missing.max_missing"
    assert found.allowed == "expected a whole number"


# what must be there


@pytest.mark.parametrize("key", ["name", "construct", "languages", "text_status", "licence"])
def test_what_every_scale_says_is_required(key: str) -> None:
    tree = mood()
    del tree[key]
    found = problem(tree)
    assert found.path == ""
    assert found.found == f"'{key}' is missing"


@pytest.mark.parametrize("key", ["format", "id", "version"])
def test_what_every_file_says_is_required(key: str) -> None:
    tree = mood()
    del tree[key]
    assert "'" + key + "' is missing" in [each.found for each in problems(tree)]


def test_a_worked_example_is_required() -> None:
    tree = mood()
    tree["examples"] = []
    found = problem(tree)
    assert found.found == "[[examples]] is missing"


def test_everything_that_an_empty_file_lacks_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")
    found = {each.found for each in problems(path)}
    assert found == {
        "'format' is missing",
        "'id' is missing",
        "'version' is missing",
        "'name' is missing",
        "'construct' is missing",
        "'languages' is missing",
        "'text_status' is missing",
        "'licence' is missing",
        "[[options.<name>]] is missing",
        "[[items]] is missing",
        "[[scores]] is missing",
        "[[examples]] is missing",
    }


def test_a_text_that_lacks_a_declared_language_is_named() -> None:
    tree = mood()
    tree["languages"] = ["en", "de"]
    found = {each.path: each.found for each in problems(tree)}
    assert set(found.values()) == {"no text in de"}
    assert {"name", "construct", "options.agree[1].label", "items[2].text"} <= set(found)
    assert {"scores[0].higher", "bands[0].levels[0].label", "flags[0].message"} <= set(found)


def test_one_text_that_lacks_a_declared_language_is_one_line() -> None:
    tree = mood()
    tree["languages"] = ["de"]
    texts = [tree["name"], tree["construct"], tree["scores"][0]["higher"]]
    texts += [option["label"] for option in tree["options"]["agree"]]
    texts += [item["text"] for item in tree["items"]]
    texts += [each["label"] for each in tree["bands"][0]["levels"]]
    texts += [tree["flags"][0]["message"], tree["reference_values"][0]["population"]]
    for text in texts:
        text["de"] = text.pop("en")
    assert ps.scale(tree).languages == ("de",)
    del tree["items"][2]["text"]["de"]
    tree["items"][2]["text"]["fr"] = "Question trois"
    assert {(each.path, each.found) for each in problems(tree)} == {
        ("items[2].text", "no text in de"),
        ("items[2].text", "text in fr"),
    }


# scores


def test_the_range_is_computed_again() -> None:
    tree = mood()
    tree["scores"][0]["range"] = [0.0, 20.0]
    found = [each for each in problems(tree) if each.path == "scores[0].range"]
    assert [str(each) for each in found] == [
        "scores[0].range: found [0, 20]; the option values give [4, 20]"
    ]


def test_a_wrong_range_alone_is_one_line() -> None:
    tree = mood()
    tree["scores"][0]["range"] = [0.0, 20.0]
    tree["bands"], tree["examples"][0]["expect"] = [], {"total": 16.0}
    assert problem(tree).path == "scores[0].range"


def test_a_missing_rule_is_required() -> None:
    tree = mood()
    del tree["scores"][0]["missing"]
    tree["examples"][0]["expect"] = {"sunk": "clear"}
    found = problem(tree)
    assert found.path == "scores[0]"
    assert found.found == "'missing' is missing"


@pytest.mark.parametrize(
    ("limits", "count"), [({}, 0), ({"max_missing": 1, "min_valid": 3}, 2)], ids=["none", "two"]
)
def test_a_missing_rule_has_exactly_one_limit(limits: dict[str, int], count: int) -> None:
    tree = mood()
    tree["scores"][0]["missing"] = {"action": "prorate", "source": "author2020", **limits}
    found = problem(tree)
    assert found.path == "scores[0].missing"
    assert found.found == f"{count} limits"
    assert found.allowed == "exactly one of max_missing, min_valid, min_valid_proportion"


@pytest.mark.parametrize(("limit", "value"), [("max_missing", 4), ("min_valid", 5)])
def test_a_missing_rule_leaves_an_answer(limit: str, value: int) -> None:
    tree = mood()
    tree["scores"][0]["missing"] = {limit: value, "action": "prorate", "source": "author2020"}
    found = problem(tree)
    assert found.path == f"scores[0].missing.{limit}"
    assert found.found == "the score has 4 parts"


def test_refusing_with_answers_allowed_to_be_missing_is_a_contradiction() -> None:
    tree = mood()
    tree["scores"][0]["missing"]["action"] = "refuse"
    found = problem(tree)
    assert found.path == "scores[0].missing"
    assert "action 'refuse' with answers allowed to be missing" in found.found
    assert "max_missing = 0" in found.allowed


def test_prorating_over_unequal_ranges_is_refused() -> None:
    tree = mood()
    tree["options"]["yes"] = [
        {"code": code, "value": float(code), "label": {"en": label}}
        for code, label in ((1, "no"), (2, "yes"))
    ]
    tree["items"][0]["options"] = "yes"
    tree["scores"][0]["range"] = [4.0, 17.0]
    tree["bands"], tree["rules"] = [], []
    tree["examples"] = [{"name": "x", "answers": {"mood_1": 2}, "expect": {"sunk": "clear"}}]
    found = problem(tree)
    assert found.path == "scores[0].missing.action"
    assert found.found == "'prorate' over members of different ranges"
    assert "'refuse'" in found.allowed


def test_the_extreme_of_some_answers_is_not_the_extreme_of_all() -> None:
    tree = mood()
    tree["scores"][0]["method"], tree["scores"][0]["range"] = "max", [1.0, 5.0]
    tree["bands"], tree["examples"][0]["expect"] = [], {"total": 5.0}
    found = problem(tree)
    assert found.path == "scores[0].missing.action"
    assert "a max is refused" in found.allowed


def test_the_mean_of_valid_answers_is_no_sum() -> None:
    tree = mood()
    tree["scores"][0]["missing"]["action"] = "mean_of_valid"
    found = problem(tree)
    assert found.path == "scores[0].missing.action"
    assert found.found == "'mean_of_valid' of a sum"


def test_a_count_says_from_which_value_on() -> None:
    tree = mood()
    tree["scores"][0]["method"], tree["scores"][0]["range"] = "count", [0.0, 4.0]
    tree["bands"], tree["examples"][0]["expect"] = [], {"total": 3.0}
    found = problem(tree)
    assert found.path == "scores[0]"
    assert "'count' needs it" in found.found


def test_a_count_over_scores_ranges_from_none_to_all_of_them() -> None:
    tree = mood()
    one = tree["scores"][0]
    whole = {"max_missing": 0, "action": "refuse", "source": ["author2020"]}
    tree["scores"].append(
        {
            "id": "high_scores",
            "scores": ["total"],
            "method": "count",
            "at_least": 12.0,
            "range": [0.0, 1.0],
            "higher": one["higher"],
            "missing": whole,
        }
    )
    assert ps.scale(tree).score("high_scores").range == (0, 1)


def test_an_item_that_is_in_a_score_twice_is_an_error() -> None:
    tree = mood()
    tree["scores"][0] |= {"items": [*ITEMS, "mood_3"], "range": [5.0, 25.0]}
    tree["bands"], tree["examples"][0]["expect"] = [], {"sunk": "clear"}
    found = problem(tree)
    assert found.path == "scores[0].items[4]"
    assert "'mood_3' is in this score twice" in found.found


def test_a_weight_of_an_item_that_is_not_in_the_score_is_refused() -> None:
    tree = mood()
    tree["scores"][0]["weights"] = {"mod_1": 2.0}
    found = problem(tree)
    assert found.path == "scores[0].weights"
    assert "did you mean 'mood_1'?" in found.allowed


def test_a_table_has_an_entry_for_every_raw_score() -> None:
    tree = mood()
    score = tree["scores"][0]
    score["table"] = {str(raw): raw * 2.0 for raw in range(4, 20)}
    score["range"] = [8.0, 38.0]
    score["missing"] = {"max_missing": 0, "action": "refuse", "source": "author2020"}
    tree["bands"], tree["examples"][0]["expect"] = [], {"total": 32.0}
    found = problems(tree)[0]
    assert found.path == "scores[0].table"
    assert found.found == "no entry for 20"


def test_a_table_is_refused_where_raw_scores_are_not_whole() -> None:
    tree = mood()
    tree["options"]["agree"][1]["value"] = 1.5
    tree["scores"][0] |= {
        "table": {str(raw): raw * 2.0 for raw in range(4, 21)},
        "range": [8.0, 40.0],
        "missing": {"max_missing": 0, "action": "refuse", "source": ["author2020"]},
    }
    tree["bands"], tree["examples"][0]["expect"] = [], {"sunk": "clear"}
    assert problem(tree).path == "scores[0].table"


def tabled() -> Tree:
    """Return a valid scale whose total may be prorated, is rounded, and is converted."""
    tree = mood()
    table = {str(raw): raw + 0.5 for raw in range(4, 21)}
    tree["scores"][0] |= {"table": table, "range": [4.5, 20.5]}
    tree["scores"][0]["missing"] = {
        "max_missing": 1,
        "action": "prorate",
        "round": "half_up",
        "source": "author2020",
    }
    tree["bands"], tree["examples"][0]["expect"] = [], {"total": 16.5}
    return tree


def test_rounding_before_a_table_is_of_raw_scores_and_may_lead_anywhere() -> None:
    assert ps.scale(tabled()).score("total").range == (4.5, 20.5)


def test_a_table_over_scores_that_may_be_prorated_is_refused() -> None:
    tree = mood()
    over = {
        "id": "converted",
        "scores": ["total"],
        "method": "sum",
        "table": {str(raw): raw * 10.0 for raw in range(4, 21)},
        "range": [40.0, 200.0],
        "higher": {"en": "better mood"},
        "missing": {"max_missing": 0, "action": "refuse", "source": "author2020"},
    }
    tree["scores"].append(over)
    assert problem(tree).path.startswith("scores[1].")


def test_a_table_over_scores_that_are_always_whole_is_accepted() -> None:
    tree = mood()
    whole = {"max_missing": 0, "action": "refuse", "source": "author2020"}
    tree["scores"][0]["missing"] = whole
    tree["scores"].append({**tree["scores"][0], "id": "again"})
    over = {
        "id": "converted",
        "scores": ["total", "again"],
        "method": "sum",
        "table": {str(raw): raw * 10.0 for raw in range(8, 41)},
        "range": [80.0, 400.0],
        "higher": {"en": "better mood"},
        "missing": whole,
    }
    tree["scores"].append(over)
    assert ps.scale(tree).score("converted").range == (80, 400)


def test_a_table_over_a_score_whose_own_table_has_halves_is_refused() -> None:
    tree = mood()
    whole = {"max_missing": 0, "action": "refuse", "source": "author2020"}
    halves = {str(raw): raw + 0.5 * (4 < raw < 20) for raw in range(4, 21)}
    tree["scores"][0] |= {"table": halves, "missing": whole}
    over = {
        "id": "converted",
        "scores": ["total"],
        "method": "sum",
        "table": {str(raw): raw * 10.0 for raw in range(4, 21)},
        "range": [40.0, 200.0],
        "higher": {"en": "better mood"},
        "missing": whole,
    }
    tree["examples"][0]["expect"] = {"sunk": "clear"}
    assert ps.scale(tree).score("total").range == (4, 20)
    tree["scores"].append(over)
    assert problem(tree).path == "scores[1].table"


def test_rounding_is_refused_where_it_could_leave_the_range() -> None:
    tree = mood()
    tree["options"]["agree"][4]["value"] = 4.5
    tree["scores"][0] |= {"method": "mean", "range": [1.0, 4.5]}
    tree["scores"][0]["missing"]["round"] = "half_up"
    tree["bands"], tree["examples"][0]["expect"] = [], {"sunk": "clear"}
    assert problem(tree).path == "scores[0].missing.round"


def test_a_score_over_scores_names_what_stands_above_it() -> None:
    tree = mood()
    tree["scores"].insert(0, {**tree["scores"][0], "id": "early", "scores": ["total"]})
    del tree["scores"][0]["items"], tree["scores"][0]["reverse"]
    found = problems(tree)
    assert found[0].path == "scores[0].scores[0]"
    assert "no score above this one 'total'" in found[0].found


# bands


def test_a_gap_between_bands_says_what_has_no_band() -> None:
    tree = mood()
    level(tree, 1)["from"] = 11.0
    found = problem(tree)
    assert found.path == "bands[0].levels[1].from"
    assert found.found == "gap: no band for 10"
    assert found.allowed == "'low' ends at 9 and 'middle' starts at 11"


def test_a_gap_below_the_first_band_says_what_has_no_band() -> None:
    tree = mood()
    level(tree, 0)["from"] = 6.0
    found = problem(tree)
    assert found.path == "bands[0].levels[0].from"
    assert found.found == "gap: no band from 4 to 6"
    assert "the lowest 'total'" in found.allowed


def test_an_overlap_of_bands_is_an_error() -> None:
    tree = mood()
    level(tree, 0)["to"] = 10.0
    found = problem(tree)
    assert found.path == "bands[0].levels[0].to"
    assert found.allowed == "overlap: 'middle' starts at 10"


def test_a_last_band_that_ends_early_is_an_error() -> None:
    tree = mood()
    level(tree, 2)["to"] = 19.0
    found = problem(tree)
    assert found.path == "bands[0].levels[2].to"
    assert found.allowed == "the highest score is 20"


def test_bands_rise() -> None:
    tree = mood()
    level(tree, 0).pop("to")
    level(tree, 1)["from"] = 3.0
    found = problem(tree)
    assert found.path == "bands[0].levels[1].from"
    assert found.allowed == "above 4"


def test_a_band_above_every_score_is_an_error() -> None:
    tree = mood()
    level(tree, 1).pop("to")
    level(tree, 2)["from"] = 21.0
    found = problems(tree)
    assert found[0].path == "bands[0].levels[2].from"
    assert found[0].allowed == "the highest score is 20"


# sources


def test_an_unknown_source_names_the_nearest_citation() -> None:
    tree = mood()
    tree["bands"][0]["source"] = "author2002"
    found = problem(tree)
    assert found.path == "bands[0].source"
    assert found.found == "no citation 'author2002'"
    assert "did you mean 'author2020'?" in found.allowed


def test_an_unknown_source_of_a_missing_rule_is_found() -> None:
    tree = mood()
    tree["scores"][0]["missing"]["source"] = ["author2020", "nobody1999"]
    assert problem(tree).path == "scores[0].missing.source"


def test_an_unknown_source_of_the_licence_is_found() -> None:
    tree = mood()
    tree["licence"]["instrument"]["source"] = "nobody1999"
    assert problem(tree).path == "licence.instrument.source"


def test_an_unknown_source_of_the_scale_is_found() -> None:
    tree = mood()
    tree["source"] = "nobody1999"
    assert problem(tree).path == "source"


def test_the_author_of_a_file_says_why() -> None:
    tree = mood()
    tree["scores"][0]["missing"]["source"] = "spec_author"
    found = problem(tree)
    assert found.path == "scores[0].missing.source"
    assert found.found == "found 'spec_author'"
    assert found.allowed == "say why in a 'note'"
    tree["scores"][0]["missing"]["note"] = "Nobody published one."
    assert ps.scale(tree).id == "mood"


def test_a_verdict_without_a_source_is_no_claim() -> None:
    tree = mood()
    del tree["rules"][1]["source"]
    found = problem(tree)
    assert found.path == "rules[1]"
    assert found.found == "'source' is missing"


# rules, flags and models


def test_a_rule_that_depends_on_itself_is_an_error() -> None:
    tree = mood()
    tree["rules"][1]["all"][0] = {"rule": "lively"}
    found = problem(tree)
    assert found.path == "rules[1]"
    assert found.found == "rule 'lively' depends on itself"


def test_a_cycle_of_rules_names_each_of_them() -> None:
    tree = mood()
    source = ["author2020"]
    tree["rules"][1]["all"][0] = {"rule": "second"}
    tree["rules"].append({"id": "second", "not": {"rule": "third"}, "source": source})
    tree["rules"].append({"id": "third", "any": [{"rule": "lively"}], "source": source})
    assert [str(each) for each in problems(tree)] == [
        "rules[1]: rule 'lively' depends on itself",
        "rules[2]: rule 'second' depends on itself",
        "rules[3]: rule 'third' depends on itself",
    ]


def test_a_threshold_that_no_option_reaches_is_an_error() -> None:
    tree = mood()
    tree["rules"][0]["count"][0]["at_least"] = 6.0
    found = problems(tree)
    assert {(each.path, each.found) for each in found} == {
        ("rules[0].count[0].at_least", "no option of 'mood_1' meets it"),
        ("rules[0].count[0].at_least", "no option of 'mood_3' meets it"),
    }
    assert found[0].allowed == "its values: 1, 2, 3, 4, 5"


def test_a_flag_that_no_option_raises_is_an_error() -> None:
    tree = mood()
    tree["flags"][0]["when"]["at_least"] = 5.5
    found = problem(tree)
    assert found.path == "flags[0].when.at_least"
    assert "no option of 'mood_2' meets it" in found.found


def test_a_count_that_no_answers_reach_is_an_error() -> None:
    tree = mood()
    tree["rules"][1]["all"][0]["at_least"] = 3.0
    found = problem(tree)
    assert found.path.startswith("rules[1].all[0]")


def test_a_flag_over_an_item_without_values_is_an_error() -> None:
    tree = mood()
    tree["options"]["colour"] = [
        {"code": 1, "label": {"en": "red"}},
        {"code": 2, "label": {"en": "blue"}},
    ]
    tree["items"].append(
        {"id": "mood_5", "options": "colour", "scored": False, "text": {"en": "Which?"}}
    )
    assert ps.scale(tree).id == "mood"
    tree["flags"][0]["when"] = {"items": ["mood_5"], "at_least": 2.0}
    assert problem(tree).path.startswith("flags[0].when")


@pytest.mark.parametrize("empty", [{"items": [], "at_least": 2.0}, {"rule": "empty"}])
def test_a_condition_over_nothing_is_an_error(empty: dict[str, Any]) -> None:
    tree = mood()
    if "rule" in empty:
        tree["rules"].append({"id": "empty", "all": [], "source": ["author2020"]})
    tree["flags"][0]["when"] = empty
    assert problems(tree)


def test_a_condition_compares_once() -> None:
    tree = mood()
    tree["flags"][0]["when"]["at_most"] = 2.0
    found = problem(tree)
    assert found.path == "flags[0].when"
    assert found.found == "2 comparisons"


def test_a_condition_is_over_items_or_a_rule() -> None:
    tree = mood()
    tree["flags"][0]["when"]["rule"] = "lively"
    found = problem(tree)
    assert found.path == "flags[0].when"
    assert "either 'items' or a 'rule'" in found.found


def test_a_count_is_compared_and_a_verdict_is_not() -> None:
    tree = mood()
    tree["flags"][0]["when"] = {"rule": "lively", "at_least": 2.0}
    assert "rule 'lively' is true or false" in problem(tree).found
    tree["flags"][0]["when"] = {"rule": "signs"}
    assert "rule 'signs' is a count" in problem(tree).found


def test_a_rule_has_one_form() -> None:
    tree = mood()
    tree["rules"][1]["not"] = {"items": ["mood_4"], "at_least": 2.0}
    found = problem(tree)
    assert found.path == "rules[1]"
    assert "exactly one of 'count', 'all', 'any', 'not'" in found.found


def test_a_model_of_reversed_items_says_whose_keying_it_uses() -> None:
    tree = mood()
    del tree["models"][0]["key"]
    found = problem(tree)
    assert found.path == "models[0]"
    assert found.found == "'key' is missing"
    assert found.allowed == "'total' (it reverses 'mood_2'), or 'none'"
    tree["models"][0]["factors"]["mood"].remove("mood_2")
    assert ps.scale(tree).id == "mood"


def test_a_model_s_key_is_a_score_or_none() -> None:
    tree = mood()
    tree["models"][0]["key"] = "totals"
    found = problem(tree)
    assert found.path == "models[0].key"
    assert "did you mean 'total'?" in found.allowed
    tree["models"][0]["key"] = "none"
    assert ps.scale(tree).id == "mood"


def test_a_published_value_lies_in_its_interval() -> None:
    tree = mood()
    tree["reference_values"][0] |= {"low": 0.8, "high": 0.9}
    found = problem(tree)
    assert found.path == "reference_values[0]"
    assert found.found == "0.75 is outside its interval"


@pytest.mark.parametrize(
    ("result", "value"),
    [
        ("level", "hihg"),
        ("sunk", "raisd"),
        ("lively", "maybe"),
        ("total_status", "prorate"),
        ("total", "sixteen"),
    ],
)
def test_an_example_expects_what_can_come(result: str, value: str) -> None:
    tree = mood()
    tree["examples"][0]["expect"][result] = value
    found = problem(tree)
    assert found.path == f"examples[0].expect.{result}"
    assert value in found.found


# extending


def test_a_scale_that_extends_keeps_what_it_does_not_change(put: Put) -> None:
    put(mood())
    scale = ps.scale(calm())
    assert scale.item_ids == ITEMS
    assert scale.score("total").reverse == ("mood_2",)
    assert [bands.id for bands in scale.bands] == ["level"]


def test_a_scale_that_extends_says_what_it_changed(put: Put) -> None:
    put(mood())
    tree = calm()
    del tree["changes"]
    found = problem(tree)
    assert found.found == "[[changes]] is missing"
    assert "says what it changed" in found.allowed


def test_a_scale_that_extends_one_that_extends_says_what_it_changed_itself(put: Put) -> None:
    put(mood())
    put(calm())
    tree = calm() | {"id": "still", "extends": {**calm()["extends"], "scale": "calm"}}
    tree["extends"]["version"] = "1"
    assert len(ps.scale(tree).changes) == 2
    del tree["changes"]
    assert problem(tree).found == "[[changes]] is missing"


@pytest.mark.parametrize("kind", CLAIMS)
def test_whether_a_claim_is_inherited_is_decided(kind: str, put: Put) -> None:
    put(mood())
    tree = calm()
    tree["examples"] = [{"name": "x", "answers": {}, "expect": {"total_n_valid": 0}}]
    del tree["inherit"][kind]
    found = problem(tree)
    assert found.path == f"inherit.{kind}"
    assert "and mood has" in found.found
    assert "'keep' or 'drop'" in found.allowed


def test_a_patch_of_an_unknown_item_names_the_nearest_one(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["patch"] = {"items": [{"id": "mod_3", "text": {"en": "Other words"}}]}
    found = problem(tree)
    assert found.path == "patch.items[0].id"
    assert found.found == "mood has no item 'mod_3'"
    assert "did you mean 'mood_3'?" in found.allowed


def test_a_patch_of_an_unknown_score_names_the_nearest_one(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["patch"] = {"scores": [{"id": "totals", "name": {"en": "Calm"}}]}
    found = problem(tree)
    assert found.path == "patch.scores[0].id"
    assert "did you mean 'total'?" in found.allowed


def test_two_patches_of_one_item_are_a_contradiction(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["patch"] = {
        "items": [
            {"id": "mood_3", "text": {"en": "Other words"}},
            {"id": "mood_3", "note": {"en": "Reworded"}},
        ]
    }
    assert problem(tree).path == "patch.items[1].id"


def test_an_item_that_is_dropped_is_not_patched_too(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["inherit"] = dict.fromkeys(tree["inherit"], "drop")
    tree["drop"] = {"items": ["mood_4"]}
    tree["scores"] = mood()["scores"]
    tree["scores"][0] |= {"items": list(ITEMS[:3]), "range": [3.0, 15.0]}
    tree["examples"] = [{"name": "x", "answers": {}, "expect": {"total_n_valid": 0}}]
    assert ps.scale(tree).item_ids == ITEMS[:3]
    tree["patch"] = {"items": [{"id": "mood_4", "text": {"en": "Other words"}}]}
    assert problem(tree).path == "patch.items[0].id"


def test_an_item_that_exists_is_patched_not_added(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["items"] = [mood()["items"][2]]
    found = problems(tree)
    assert str(found[0]) == (
        "items[0].id: item 'mood_3' exists in mood already; use [[patch.items]] to change it"
    )


def test_dropping_an_unknown_item_names_the_nearest_one(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["drop"] = {"items": ["mood4"]}
    found = problem(tree)
    assert found.path == "drop.items[0]"
    assert "did you mean 'mood_4'?" in found.allowed


def test_dropping_an_item_that_an_inherited_score_needs_names_the_parent(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["drop"] = {"items": ["mood_4"]}
    paths = [each.path for each in problems(tree)]
    assert "scores[0] (inherited from mood).items[3]" in paths


def test_dropping_a_score_drops_nothing_else_of_that_name(put: Put) -> None:
    parent = mood()
    parent["scores"].append({**parent["scores"][0], "id": "second"})
    parent["models"].append({**parent["models"][0], "id": "second"})
    put(parent)
    tree = calm()
    tree["drop"] = {"scores": ["second"]}
    scale = ps.scale(tree)
    assert [score.id for score in scale.scores] == ["total"]
    assert [model.id for model in scale.models] == ["one", "second"]


def test_another_version_of_the_parent_is_an_error(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["extends"]["version"] = "1"
    found = problem(tree)
    assert found.path == "extends.version"
    assert found.found == "found '1'"
    assert found.allowed == "'mood' is now 2.1.0"


@pytest.mark.parametrize("version", ["2", "2.1", "2.1.0"])
def test_a_version_is_named_as_far_as_it_matters(version: str, put: Put) -> None:
    put(mood())
    tree = calm()
    tree["extends"]["version"] = version
    assert ps.scale(tree).id == "calm"


def test_an_unknown_parent_names_the_nearest_scale(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["extends"]["scale"] = "mooood"
    found = problem(tree)
    assert found.path == "extends.scale"
    assert "'mood'" in found.allowed


def test_a_scale_cannot_extend_itself() -> None:
    tree = calm()
    tree["extends"]["scale"] = "calm"
    assert str(problem(tree)) == "extends.scale: 'calm' cannot extend itself"


def test_two_scales_cannot_extend_each_other(put: Put) -> None:
    ours = {"version": "1", "relation": "adaptation"}
    put(calm() | {"id": "mood", "extends": {"scale": "calm", **ours}})
    put(calm() | {"id": "calm", "extends": {"scale": "mood", **ours}})
    found = problem("calm")
    assert found.path == "extends.scale"
    assert "extend" in found.found or "extend" in found.allowed


def test_a_patch_needs_a_parent() -> None:
    tree = mood()
    tree["patch"] = {"items": [{"id": "mood_1", "text": {"en": "Other"}}]}
    found = problem(tree)
    assert found.path == "patch"
    assert found.allowed == "only a scale with 'extends' has it"


def test_changes_need_a_parent() -> None:
    tree = mood()
    tree["changes"] = calm()["changes"]
    found = problem(tree)
    assert found.path == "changes"
    assert "only a scale with 'extends'" in found.allowed


def test_a_mistake_in_a_patch_is_at_the_patch(put: Put) -> None:
    put(mood())
    tree = calm()
    tree["patch"] = {"items": [{"id": "mood_3", "options": "agre"}]}
    found = problem(tree)
    assert found.path == "patch.items[0].options"
    assert "did you mean 'agree'?" in found.allowed


def test_a_change_s_place_is_the_author_s_own(put: Put) -> None:
    put(mood())
    put(calm())
    tree = calm() | {"id": "still", "extends": {**calm()["extends"], "scale": "calm"}}
    tree["extends"]["version"] = "1"
    tree["changes"][0]["source"] = ["nobody1999"]
    assert problem(tree).path == "changes[0].source"


# the file itself


def spoilt(path: Path, text: str) -> tuple[Problem, ...]:
    path.write_text(text, encoding="utf-8")
    return problems(path)


def test_a_stem_under_the_licence_is_to_be_put_above_it(tmp_path: Path) -> None:
    tree = mood()
    licence = tree.pop("licence")
    text = toml(tree) + "[licence]\n" + toml(licence) + 'stem.en = "How are you?"\n'
    assert [str(each) for each in spoilt(tmp_path / "mood.toml", text)] == [
        "licence.stem: 'stem' stands inside [licence]; "
        "put it above the first [table] of the file, where 'stem' belongs"
    ]


def test_an_inline_table_over_several_lines_says_what_to_write(tmp_path: Path) -> None:
    tree = mood()
    score = tree.pop("scores")[0]
    del score["missing"]
    missing = 'missing = { max_missing = 1,\n  action = "prorate",\n  source = "author2020" }\n'
    (found,) = spoilt(tmp_path / "mood.toml", toml(tree) + "[[scores]]\n" + toml(score) + missing)
    line = len((toml(tree) + "[[scores]]\n" + toml(score)).splitlines()) + 1
    assert found.path == f"line {line}"
    assert found.found.startswith("not valid TOML")
    assert "must stand on one line" in found.allowed
    assert f"'missing' (line {line})" in found.allowed
    assert "[scores.missing]" in found.allowed


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    (found,) = spoilt(tmp_path / "mood.toml", 'format = "1.0"\nid = "mood\n')
    assert found.path == "line 2"
    assert found.found.startswith("not valid TOML")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mood.toml"
    path.write_bytes(b"\xef\xbb\xbf" + toml(mood()).encode("utf-8"))
    assert ps.scale(path).sha256 == ps.scale(mood()).sha256


def test_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mood.toml"
    path.write_bytes(toml(mood()).replace("\n", "\r\n").encode("utf-8"))
    assert ps.scale(path).sha256 == ps.scale(mood()).sha256


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mood.toml"
    path.write_bytes(toml(mood() | {"name": {"en": "気分"}}).encode("cp932"))
    (found,) = problems(path)
    assert found.found == "cannot be read: it is not UTF-8 text"


def test_every_line_of_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ScaleError) as caught:
        ps.scale(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.problems) == 12
    assert all(line.startswith(f"{path}: ") for line in lines)


def test_five_mistakes_are_five_lines(tmp_path: Path) -> None:
    tree = mood()
    tree["items"][0]["txt"] = "Question one"
    tree["scores"][0]["reverse"] = ["mood_22"]
    level(tree, 2)["from"] = 16.0
    tree["examples"][0]["answers"]["mood_4"] = 7
    tree["items"].append({**tree["items"][3], "id": "mood_3"})
    path = tmp_path / "mood.toml"
    path.write_text(toml(tree), encoding="utf-8")
    with pytest.raises(ScaleError) as caught:
        ps.scale(path)
    keys = "asked_if, codes, id, note, options, otherwise, scored, text"
    assert str(caught.value).splitlines() == [
        f"{path}: items[0].txt: unknown key 'txt'; allowed: {keys}; did you mean 'text'?",
        f"{path}: items[4].id: duplicate id 'mood_3'; items[2] has it",
        f"{path}: scores[0].reverse[0]: no item of this score 'mood_22'; "
        "known: mood_1, mood_2, mood_3, mood_4; did you mean 'mood_2'?",
        f"{path}: bands[0].levels[2].from: gap: no band for 15; "
        "'middle' ends at 14 and 'high' starts at 16",
        f"{path}: examples[0].answers.mood_4: found 7; its codes: 1, 2, 3, 4, 5",
    ]
