"""What holds of the scores of every valid scale, whatever it looks like and whoever answers it."""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.responses import keyed_values
from psychoscales.spec.numbers import reflected
from tests.conftest import laws
from tests.laws.strategies import (
    METHODS,
    SOURCE,
    Case,
    Code,
    Sheet,
    Tree,
    cases,
    ends_of,
    exact,
    frame_of,
    quarters,
    scales,
    values_of,
)

Answers = Mapping[str, Fraction | None]
COMPLETIONS = 3000
STATUSES = ("ok", "prorated", "too_many_missing")


def scored(tree: Tree, frame: pd.DataFrame, **binding: Any) -> pd.DataFrame:
    """Read and score a frame."""
    bound = {"scales": {tree["id"]: binding}}
    found: pd.DataFrame = ps.score(ps.read(frame, tree, binding=bound)).to_frame()
    return found


def option_of(tree: Tree, item: str, code: Code | None) -> Tree | None:
    """Return the option that a stored code is; None for a blank."""
    options = next(each["options"] for each in tree["items"] if each["id"] == item)
    found: list[Tree] = [option for option in tree["options"][options] if option["code"] == code]
    return found[0] if found else None


def is_missing(tree: Tree, item: str, code: Code | None) -> bool:
    option = option_of(tree, item, code)
    return option is None or "missing" in option


def answers_of(tree: Tree, sheet: Sheet) -> Answers:
    """Return the value of each answer; None where it is missing, or has none."""
    found: dict[str, Fraction | None] = {}
    for item, code in sheet.items():
        option = option_of(tree, item, code)
        there = option is not None and "value" in option
        found[item] = exact(option["value"]) if option is not None and there else None
    return found


# a plain scorer: lists, fractions, and the words of the design


@dataclass(frozen=True)
class Outcome:
    """One score of one person: its value, and the value before rounding."""

    value: Fraction | None
    unrounded: Fraction | None
    n_valid: int
    status: str


@dataclass(frozen=True)
class Member:
    """What one item, or one score, brings into a score."""

    value: Fraction | None
    low: Fraction
    high: Fraction
    weight: Fraction
    partly: bool = False


def needed(missing: Tree, size: int) -> int:
    if "max_missing" in missing:
        return size - int(missing["max_missing"])
    if "min_valid" in missing:
        return int(missing["min_valid"])
    return next(n for n in range(size + 1) if n / size >= missing["min_valid_proportion"])


def members_of(
    tree: Tree, score: Tree, answers: Answers, earlier: Mapping[str, Outcome]
) -> list[Member]:
    members = []
    for name in score.get("items") or score["scores"]:
        weight = exact((score.get("weights") or {}).get(name, 1))
        if "scores" in score:
            part = next(each for each in tree["scores"] if each["id"] == name)
            low, high = (exact(end) for end in part["range"])
            partly = earlier[name].status == "prorated"
            members.append(Member(earlier[name].value, low, high, weight, partly))
            continue
        low, high = ends_of(values_of(tree, name))
        value = answers[name]
        if value is not None and name in score.get("reverse", ()):
            value = low + high - value
        members.append(Member(value, low, high, weight))
    return members


def combined(score: Tree, members: Sequence[Member]) -> Fraction:
    """Return what the method makes of members at least one of which is there."""
    there = [(m, m.value) for m in members if m.value is not None]
    weight = sum((m.weight for m, _ in there), Fraction())
    if score["method"] == "min":
        return min(value for _, value in there)
    if score["method"] == "max":
        return max(value for _, value in there)
    if score["method"] == "mean":
        return sum((m.weight * value for m, value in there), Fraction()) / weight
    if score["method"] == "pomp":
        above = sum((m.weight * (value - m.low) for m, value in there), Fraction())
        return 100 * above / sum((m.weight * (m.high - m.low) for m, _ in there), Fraction())
    if score["method"] == "count":
        there = [(m, Fraction(int(value >= exact(score["at_least"])))) for m, value in there]
    stand_in = sum((m.weight * value for m, value in there), Fraction()) / weight
    total = sum((m.weight * value for m, value in there), Fraction())
    return total + sum((m.weight * stand_in for m in members if m.value is None), Fraction())


def outcome(score: Tree, members: Sequence[Member]) -> Outcome:
    size = len(members)
    valid = sum(member.value is not None for member in members)
    if valid < needed(score["missing"], size):
        return Outcome(None, None, valid, "too_many_missing")
    raw = combined(score, members) * exact(score.get("multiply", 1))
    value = raw
    if valid < size and score["missing"].get("round", "none") == "half_up":
        value = Fraction(math.floor(raw + Fraction(1, 2)))
    if "table" in score:
        table = {exact(key): exact(to) for key, to in score["table"].items()}
        value = raw = table[value]
    whole = valid == size and not any(member.partly for member in members)
    return Outcome(value, raw, valid, "ok" if whole else "prorated")


def by_hand(tree: Tree, sheet: Sheet) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for score in tree["scores"]:
        members = members_of(tree, score, answers_of(tree, sheet), found)
        made = outcome(score, members)
        if any(found[part].status == "prorated" for part in score.get("scores", ())):
            made = replace(made, status=made.status.replace("ok", "prorated"))
        found[score["id"]] = made
    return found


def test_the_plain_scorer_prorates_by_the_mean_of_what_is_there() -> None:
    one, two = Fraction(1), Fraction(2)
    members = [Member(two, one, two * 2, one), Member(one, one, two * 2, two)]
    members.append(Member(None, one, two * 2, one))
    missing = {"max_missing": 1, "action": "prorate", "source": SOURCE}
    found = outcome({"method": "sum", "missing": missing}, members)
    assert found == Outcome(Fraction(16, 3), Fraction(16, 3), 2, "prorated")
    missing["round"] = "half_up"
    assert outcome({"method": "sum", "missing": missing}, members).value == 5
    missing["max_missing"] = 0
    assert outcome({"method": "sum", "missing": missing}, members).value is None


def test_scores_are_those_of_the_plain_scorer() -> None:
    swept: Counter[str] = Counter()

    @laws(150)
    @given(cases())
    def law(case: Case) -> None:
        frame = scored(case.tree, case.frame)
        kinds = {score["id"]: score for score in case.tree["scores"]}
        for row, sheet in enumerate(case.sheets):
            for name, expected in by_hand(case.tree, sheet).items():
                value = frame[f"drawn_{name}"][row]
                assert frame[f"drawn_{name}_n_valid"][row] == expected.n_valid
                assert frame[f"drawn_{name}_status"][row] == expected.status
                if expected.value is None:
                    assert np.isnan(value)
                else:
                    assert abs(value - float(expected.value)) <= 1e-9
                for seen in (
                    expected.status,
                    kinds[name]["method"],
                    kinds[name]["missing"]["action"],
                ):
                    swept[seen] += 1
                for part in ("table", "multiply", "weights", "reverse", "scores"):
                    swept[part] += part in kinds[name]

    law()
    parts = ("table", "multiply", "weights", "reverse", "scores", "mean_of_valid", "prorate")
    assert all(swept[part] >= 10 for part in (*STATUSES, *METHODS, *parts)), swept


# ranges, bands and statuses


def test_scores_stay_in_the_declared_range() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases())
    def law(case: Case) -> None:
        frame = scored(case.tree, case.frame)
        for score in case.tree["scores"]:
            low, high = score["range"]
            name = f"drawn_{score['id']}"
            there = frame[frame[f"{name}_status"] != "too_many_missing"][name]
            assert ((there >= low - 1e-9) & (there <= high + 1e-9)).all()
            swept["scores"] += len(there)
            swept["ends"] += int(((there == low) | (there == high)).sum())

    law()
    assert swept["scores"] >= 100
    assert swept["ends"] >= 50


def test_the_ends_of_the_range_are_reached() -> None:
    swept = Counter[str]()

    @laws(80)
    @given(scales())
    def law(tree: Tree) -> None:
        for score in tree["scores"]:
            if "scores" in score or "table" in score:
                continue
            sheets: list[dict[str, Code | None]] = []
            for pick in (min, max):
                sheet: dict[str, Code | None] = dict.fromkeys(i["id"] for i in tree["items"])
                for name in score["items"]:
                    row = values_of(tree, name)
                    turned = name in score.get("reverse", ())
                    wanted = (max if (pick is min) == turned else min)(row)
                    sheet[name] = code_of(tree, name, wanted)
                sheets.append(sheet)
            found = scored(tree, frame_of(tree, sheets))[f"drawn_{score['id']}"].tolist()
            assert sorted(found) == pytest.approx(score["range"], abs=1e-9)
            swept["scores"] += 1

    law()
    assert swept["scores"] >= 30


def code_of(tree: Tree, item: str, value: Fraction) -> Code:
    options = next(each["options"] for each in tree["items"] if each["id"] == item)
    row = tree["options"][options]
    code: Code = next(o["code"] for o in row if "value" in o and exact(o["value"]) == value)
    return code


def test_every_score_has_one_band_and_a_boundary_belongs_to_the_upper_one() -> None:
    swept: Counter[str] = Counter()

    @laws(140)
    @given(cases())
    def law(case: Case) -> None:
        frame = scored(case.tree, case.frame)
        for bands in case.tree["bands"]:
            found = frame[f"drawn_{bands['id']}"]
            for row, sheet in enumerate(case.sheets):
                unrounded = by_hand(case.tree, sheet)[bands["score"]].unrounded
                if unrounded is None:
                    assert pd.isna(found[row])
                    swept["none"] += 1
                    continue
                reached = [level for level in bands["levels"] if unrounded >= exact(level["from"])]
                assert found[row] == reached[-1]["id"]
                swept[reached[-1]["id"]] += 1
                swept["boundary"] += unrounded == exact(reached[-1]["from"])

    law()
    assert swept["none"] >= 20
    assert swept["boundary"] >= 20
    assert all(swept[f"level_{number}"] >= 3 for number in range(4)), swept


def test_too_many_missing_is_no_number_and_no_band() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases())
    def law(case: Case) -> None:
        frame = scored(case.tree, case.frame)
        for score in case.tree["scores"]:
            name = f"drawn_{score['id']}"
            refused = frame[f"{name}_status"] == "too_many_missing"
            assert (frame[name].isna() == refused).all()
            swept["refused"] += int(refused.sum())
            swept["scored"] += int((~refused).sum())
            for bands in case.tree["bands"]:
                if bands["score"] == score["id"]:
                    assert (frame[f"drawn_{bands['id']}"].isna() == refused).all()
                    swept["bands"] += int(refused.sum())

    law()
    assert min(swept["refused"], swept["scored"]) >= 50
    assert swept["bands"] >= 10


def test_answers_given_and_missing_add_up_to_the_items() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases())
    def law(case: Case) -> None:
        frame = scored(case.tree, case.frame)
        for score in case.tree["scores"]:
            for row, sheet in enumerate(case.sheets):
                for name in score.get("items", ()):
                    swept["missing"] += is_missing(case.tree, name, sheet[name])
                missing = sum(is_missing(case.tree, n, sheet[n]) for n in score.get("items", ()))
                missing += sum(
                    bool(np.isnan(frame[f"drawn_{part}"][row])) for part in score.get("scores", ())
                )
                size = len(score.get("items", score.get("scores")))
                assert frame[f"drawn_{score['id']}_n_valid"][row] + missing == size
                swept["people"] += 1

    law()
    assert swept["people"] >= 150
    assert swept["missing"] >= 80


# order and storage


def test_people_in_another_order_have_the_same_results() -> None:
    @laws(50)
    @given(cases(), st.data())
    def law(case: Case, data: st.DataObject) -> None:
        order = data.draw(st.permutations(range(len(case.sheets))))
        moved = scored(case.tree, case.frame.iloc[order])
        pd.testing.assert_frame_equal(moved, scored(case.tree, case.frame).iloc[order])

    law()


def test_people_far_down_a_long_table_have_the_same_results() -> None:
    tree = fixed(9, range(4))
    tree["scores"][0]["missing"] = {"max_missing": 2, "action": "prorate", "source": SOURCE}
    tree["bands"] = [{"id": "band", "score": "total", "levels": levels(0, 7, 13), "source": SOURCE}]
    when = {"items": ["item_0", "item_8"], "at_least": 3}
    flag = {"id": "flag", "when": when, "level": "note", "message": {"en": "Look."}}
    tree["flags"] = [flag]
    answers = np.random.default_rng(5).integers(-1, 4, size=(1009, 9))
    frame = pd.DataFrame(answers, columns=tree_items(tree)).astype(float)
    frame = frame.mask(frame < 0)
    rows = np.resize(np.arange(1009), (1 << 16) + 4321)
    short = scored(tree, frame).iloc[rows].reset_index(drop=True)
    long = scored(tree, frame.iloc[rows].reset_index(drop=True))
    assert long["drawn_band"].nunique() == long["drawn_flag"].nunique() == 3
    pd.testing.assert_frame_equal(long, short, check_exact=True)


def test_items_and_options_in_another_order_change_nothing() -> None:
    @laws(70)
    @given(cases(), st.randoms(use_true_random=False))
    def law(case: Case, random: Any) -> None:
        tree = copy.deepcopy(case.tree)
        random.shuffle(tree["items"])
        for options in tree["options"].values():
            random.shuffle(options)
        for score in tree["scores"]:
            for key in ("items", "reverse"):
                random.shuffle(score.get(key, []))
        columns = list(case.frame.columns)
        random.shuffle(columns)
        pd.testing.assert_frame_equal(
            scored(tree, case.frame[columns]),
            scored(case.tree, case.frame),
            check_exact=False,
            rtol=0,
            atol=1e-9,
        )

    law()


def test_labels_are_read_as_their_codes() -> None:
    swept: Counter[str] = Counter()

    @laws(60)
    @given(cases())
    def law(case: Case) -> None:
        written: list[Sheet] = []
        for sheet in case.sheets:
            row: dict[str, Code | None] = {}
            for item, code in sheet.items():
                label = (option_of(case.tree, item, code) or {}).get("label")
                row[item] = code if label is None else label["en"].upper() + " "
                swept["labels"] += label is not None
            written.append(row)
        by_label = scored(case.tree, frame_of(case.tree, written))
        pd.testing.assert_frame_equal(by_label, scored(case.tree, case.frame))

    law()
    assert swept["labels"] >= 300


def test_the_frame_that_is_read_and_scored_is_not_changed() -> None:
    @laws(60)
    @given(cases())
    def law(case: Case) -> None:
        frame = case.frame
        before = frame.copy(deep=True)
        read = ps.read(frame, case.tree)
        positions = read.blocks["drawn"].positions.copy()
        ps.score(read).to_frame()
        pd.testing.assert_frame_equal(frame, before, check_exact=True)
        assert np.array_equal(read.blocks["drawn"].positions, positions)

    law()


# reversal


@given(st.lists(quarters(-9, 9), min_size=2, max_size=7))
@laws(100)
def test_reflecting_values_twice_is_the_identity(values: list[float]) -> None:
    once = reflected(values)
    assert reflected(once) == tuple(values)
    assert (min(once), max(once)) == (min(values), max(values))
    assert once[values.index(min(values))] == max(values)


def mirrored(tree: Tree, sheet: Sheet, items: Sequence[str]) -> Sheet:
    """Return a sheet on which some items are stored reversed; values one apart are a mirror."""
    turned = dict(sheet)
    for item in items:
        value = answers_of(tree, sheet)[item]
        if value is not None:
            low, high = ends_of(values_of(tree, item))
            turned[item] = code_of(tree, item, low + high - value)
    return turned


def test_answers_stored_reversed_are_turned_back() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases(plain=True), st.data())
    def law(case: Case, data: st.DataObject) -> None:
        names = [item["id"] for item in case.tree["items"] if item.get("scored", True)]
        items = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        sheets = [mirrored(case.tree, sheet, items) for sheet in case.sheets]
        swept["moved"] += sum(sheet != old for sheet, old in zip(sheets, case.sheets, strict=True))
        back = scored(case.tree, frame_of(case.tree, sheets), reversed=items)
        pd.testing.assert_frame_equal(back, scored(case.tree, case.frame))

    law()
    assert swept["moved"] >= 50


def only_score(tree: Tree, number: int) -> Tree:
    """Return the scale with one score and nothing that refers to any other."""
    score = copy.deepcopy(tree["scores"][number])
    examples = [{"name": "x", "answers": {}, "expect": {f"{score['id']}_n_valid": 0}}]
    none: Tree = {"bands": [], "rules": [], "flags": [], "examples": examples}
    return tree | none | {"scores": [score]}


def test_a_reversed_item_counts_as_its_mirror_image() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases(plain=True))
    def law(case: Case) -> None:
        tree = only_score(case.tree, 0)
        turned = tree["scores"][0].pop("reverse", [])
        swept["reversed"] += len(turned)
        sheets = [mirrored(tree, sheet, turned) for sheet in case.sheets]
        by_mirror = scored(tree, frame_of(tree, sheets))
        by_key = scored(only_score(case.tree, 0), case.frame)
        pd.testing.assert_frame_equal(by_mirror, by_key)

    law()
    assert swept["reversed"] >= 40


def test_a_score_and_its_opposite_keying_add_up_to_both_ends_of_the_range() -> None:
    swept: Counter[str] = Counter()

    @laws(120)
    @given(cases())
    def law(case: Case) -> None:
        tree = only_score(case.tree, 0)
        score = tree["scores"][0]
        if score["method"] not in ("sum", "mean", "pomp") or "table" in score:
            return
        score["missing"].pop("round", None)
        one = scored(tree, case.frame)["drawn_score_0"]
        turned = score.get("reverse", [])
        score["reverse"] = [name for name in score["items"] if name not in turned]
        other = scored(tree, case.frame)["drawn_score_0"]
        both = (one + other).dropna()
        assert np.allclose(both, sum(score["range"]), rtol=0, atol=1e-9)
        swept["people"] += len(both)

    law()
    assert swept["people"] >= 30


def test_keying_twice_the_other_way_round_is_the_first_keying() -> None:
    swept: Counter[str] = Counter()

    @laws(60)
    @given(scales())
    def law(tree: Tree) -> None:
        score = tree["scores"][0]
        turned = keyed_values(ps.scale(tree), "score_0")
        for name in score["items"]:
            row = tuple(float(value) for value in values_of(tree, name))
            again = turned[name]
            assert (reflected(again) if name in score.get("reverse", ()) else again) == row
            swept["reversed"] += name in score.get("reverse", ())

    law()
    assert swept["reversed"] >= 30


@pytest.mark.parametrize(("low", "high"), [(1.3, 2.8), (-0.4, 0.1), (0.2, 2.7)])
def test_tenths_are_mirrored_to_what_is_written(low: float, high: float) -> None:
    assert reflected((low, high)) == (high, low)


def test_a_reversed_answer_reaches_a_threshold_in_tenths() -> None:
    tree = fixed(2, [-0.4, 0.1])
    tree["scores"][0] |= {"method": "count", "at_least": 0.1, "reverse": ["item_0"]}
    tree["scores"][0]["range"] = [0, 2]
    assert scored(tree, person(tree, 0, 1))["drawn_total"][0] == 2


# rules and flags


def meets(comparison: Tree, value: Fraction | int) -> bool:
    if "at_least" in comparison:
        return value >= exact(comparison["at_least"])
    if "at_most" in comparison:
        return value <= exact(comparison["at_most"])
    if "between" in comparison:
        low, high = comparison["between"]
        return exact(low) <= value <= exact(high)
    return value == exact(comparison["equals"])


def named(tree: Tree, name: str) -> Tree:
    found: Tree = next(rule for rule in tree["rules"] if rule["id"] == name)
    return found


def holds(tree: Tree, condition: Tree, answers: Answers) -> bool:
    """Return whether a condition is true of a complete sheet."""
    if "items" in condition:
        given_ = [answers[name] for name in condition["items"]]
        return any(value is not None and meets(condition, value) for value in given_)
    rule = named(tree, condition["rule"])
    if "count" in rule:
        met = 0
        for term in rule["count"]:
            values = [answers[name] for name in term["items"]]
            met += sum(value is not None and meets(term, value) for value in values)
        return meets(condition, met)
    return decided(tree, rule, answers) is condition.get("equals", True)


def decided(tree: Tree, rule: Tree, answers: Answers) -> bool:
    if "all" in rule:
        return all(holds(tree, condition, answers) for condition in rule["all"])
    if "any" in rule:
        return any(holds(tree, condition, answers) for condition in rule["any"])
    return not holds(tree, rule["not"], answers)


def looked_at(tree: Tree, node: Any) -> set[str]:
    """Return the items that a rule, a condition or a list of them looks at."""
    if isinstance(node, list):
        return set().union(*(looked_at(tree, each) for each in node))
    found = set(node.get("items", ()))
    for key in ("count", "all", "any", "not"):
        found |= looked_at(tree, node[key]) if key in node else set()
    return found | (looked_at(tree, named(tree, node["rule"])) if "rule" in node else set())


def completions(tree: Tree, sheet: Sheet, items: set[str]) -> Iterator[Answers] | None:
    """Yield every way in which the missing answers could have been given; None if too many."""
    answers = answers_of(tree, sheet)
    open_ = sorted(name for name in items if is_missing(tree, name, sheet[name]))
    rows = [values_of(tree, name) for name in open_]
    if math.prod(map(len, rows)) > COMPLETIONS:
        return None
    return (
        {**answers, **dict(zip(open_, chosen, strict=True))} for chosen in product(*map(set, rows))
    )


def test_rules_and_flags_are_decided_where_every_completion_agrees() -> None:
    swept: Counter[str] = Counter()
    words = {"raised": True, "clear": False, "not_assessed": None}

    @laws(140)
    @given(cases())
    def law(case: Case) -> None:
        tree = case.tree
        frame = scored(tree, case.frame)
        verdicts = [rule for rule in tree["rules"] if "count" not in rule]
        for claim in (*verdicts, *tree["flags"]):
            is_flag = "when" in claim
            items = looked_at(tree, claim["when"] if is_flag else claim)
            for row, sheet in enumerate(case.sheets):
                complete = completions(tree, sheet, items)
                if complete is None:
                    swept["left out"] += 1
                    continue
                truths = {
                    holds(tree, claim["when"], answers)
                    if is_flag
                    else decided(tree, claim, answers)
                    for answers in complete
                }
                expected = truths.pop() if len(truths) == 1 else None
                cell = frame[f"drawn_{claim['id']}"][row]
                found = words[cell] if is_flag else None if cell is pd.NA else bool(cell)
                assert found is expected
                swept[f"{'flag' if is_flag else 'rule'} {expected}"] += 1

    law()
    for truth in (True, False, None):
        assert swept[f"rule {truth}"] >= 5, swept
        assert swept[f"flag {truth}"] >= 5, swept
    assert swept["left out"] <= swept.total() / 20, swept


def test_an_undetermined_rule_is_not_a_matter_of_bounds_on_counts() -> None:
    tree = fixed(9, range(4))
    items = [f"item_{number}" for number in range(9)]
    tree["rules"] = [
        {"id": "core", "count": [{"items": items[:2], "at_least": 2}]},
        {"id": "all_of_them", "count": [{"items": items, "at_least": 2}]},
        {
            "id": "other",
            "all": [
                {"rule": "core", "at_least": 1},
                {"rule": "all_of_them", "between": [2, 4]},
            ],
            "source": SOURCE,
        },
    ]
    answers: list[int | None] = [None, 0, 2, 2, 2, 2, 0, 0, 0]
    frame = frame_of(tree, [dict(zip(items, answers, strict=True))])
    assert scored(tree, frame)["drawn_other"][0] is np.False_
    frame["item_5"] = 0
    assert scored(tree, frame)["drawn_other"][0] is pd.NA


def test_a_flag_does_not_depend_on_other_items() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases())
    def law(case: Case) -> None:
        before = scored(case.tree, case.frame)
        for flag in case.tree["flags"]:
            items = looked_at(case.tree, flag["when"])
            crossed: list[Sheet] = [
                {name: (sheet if name in items else other)[name] for name in sheet}
                for sheet, other in zip(case.sheets, case.sheets[::-1], strict=True)
            ]
            after = scored(case.tree, frame_of(case.tree, crossed))
            name = f"drawn_{flag['id']}"
            assert list(after[name]) == list(before[name])
            swept["crossed"] += sum(a != b for a, b in zip(crossed, case.sheets, strict=True))

    law()
    assert swept["crossed"] >= 50


# items that are not asked


def test_an_item_that_was_not_asked_counts_as_the_scale_says() -> None:
    swept: Counter[str] = Counter()

    @laws(80)
    @given(cases(), st.data())
    def law(case: Case, data: st.DataObject) -> None:
        names = [item["id"] for item in case.tree["items"] if item.get("scored", True)]
        gate, asked = data.draw(st.permutations(names))[:2]
        least = data.draw(st.sampled_from(values_of(case.tree, gate)))
        value = data.draw(st.sampled_from(values_of(case.tree, asked)))
        tree = copy.deepcopy(case.tree)
        item = next(item for item in tree["items"] if item["id"] == asked)
        item["asked_if"] = {"items": [gate], "at_least": float(least)}
        item["otherwise"] = data.draw(st.sampled_from(["not_applicable", float(value)]))
        sheets: list[Sheet] = [
            {**sheet, asked: None} if row % 2 else sheet for row, sheet in enumerate(case.sheets)
        ]
        filled: list[Sheet] = []
        for sheet in sheets:
            answer = answers_of(case.tree, sheet)[gate]
            skipped = answer is not None and answer < least and sheet[asked] is None
            if skipped and item["otherwise"] != "not_applicable":
                filled.append({**sheet, asked: code_of(case.tree, asked, value)})
            else:
                filled.append(sheet)
            swept[f"{'skipped' if skipped else 'not'} {item['otherwise'] == 'not_applicable'}"] += 1
        by_hand_ = scored(case.tree, frame_of(case.tree, filled))
        pd.testing.assert_frame_equal(scored(tree, frame_of(tree, sheets)), by_hand_)

    law()
    assert swept["skipped True"] >= 3, swept
    assert swept["skipped False"] >= 3, swept


# single cases that laws over drawn scales leave out


def fixed(items: int, values: Sequence[float]) -> Tree:
    """Return a scale whose one score is the sum of all its items, which must all be there."""
    names = [f"item_{number}" for number in range(items)]
    missing = {"max_missing": 0, "action": "refuse", "source": SOURCE}
    return {
        "format": "1.0",
        "id": "drawn",
        "version": "1.0.0",
        "name": {"en": "Fixed"},
        "construct": {"en": "nothing"},
        "languages": ["en"],
        "text_status": "user_supplied",
        "licence": {
            "instrument": {"status": "free", "statement": "Take it.", "source": SOURCE},
            "spec": "CC0-1.0",
        },
        "citations": [{"id": SOURCE, "text": "A. Nobody. Made up. 2020."}],
        "options": {
            "only": [
                {"code": code, "value": value, "label": {"en": f"label {code}"}}
                for code, value in enumerate(values)
            ]
        },
        "items": [{"id": name, "options": "only"} for name in names],
        "scores": [
            {
                "id": "total",
                "items": names,
                "method": "sum",
                "range": [items * min(values), items * max(values)],
                "higher": {"en": "more"},
                "missing": missing,
            }
        ],
        "examples": [{"name": "blank", "answers": {}, "expect": {"total_n_valid": 0}}],
    }


def tree_items(tree: Tree) -> list[str]:
    return [item["id"] for item in tree["items"]]


def levels(*bounds: float) -> list[Tree]:
    return [
        {"id": f"level_{number}", "from": bound, "label": {"en": f"Level {number}"}}
        for number, bound in enumerate(bounds)
    ]


def person(tree: Tree, *codes: int | None) -> pd.DataFrame:
    return frame_of(tree, [dict(zip(tree_items(tree), codes, strict=True))])


def test_tenths_that_add_up_to_a_boundary_are_in_the_upper_band() -> None:
    tree = fixed(2, [0.0, 0.1, 0.7])
    tree["bands"] = [{"id": "band", "score": "total", "levels": levels(0.0, 0.8), "source": SOURCE}]
    found = scored(tree, person(tree, 2, 1))
    assert found["drawn_total"][0] == pytest.approx(0.8)
    assert found["drawn_band"][0] == "level_1"


def test_half_of_a_range_in_tenths_is_50_percent_of_it() -> None:
    tree = fixed(2, [-1.6, -0.9])
    tree["scores"][0] |= {"method": "pomp", "range": [0, 100]}
    tree["bands"] = [{"id": "band", "score": "total", "levels": levels(0, 50), "source": SOURCE}]
    found = scored(tree, person(tree, 0, 1))
    assert found["drawn_total"][0] == 50
    assert found["drawn_band"][0] == "level_1"


@pytest.mark.parametrize(
    ("last", "unrounded", "rounded", "band"),
    [
        (0, 8 / 3, 3, "level_0"),
        (1, 4, 4, "level_1"),
        (2, 16 / 3, 5, "level_1"),
        (3, 20 / 3, 7, "level_2"),
    ],
)
def test_a_score_is_rounded_where_answers_are_missing_and_its_band_is_not(
    last: int, unrounded: float, rounded: int, band: str
) -> None:
    tree = fixed(4, range(4))
    missing = {"max_missing": 1, "action": "prorate", "source": SOURCE}
    tree["scores"][0]["missing"] = missing
    tree["bands"] = [
        {"id": "band", "score": "total", "levels": levels(0, 3, 5.5), "source": SOURCE}
    ]
    one = person(tree, None, 1, 1, last)
    exact_one = scored(tree, one)
    tree["scores"][0]["missing"] = missing | {"round": "half_up"}
    made = ps.score(ps.read(one, tree))
    found = made.to_frame()
    assert exact_one["drawn_total"][0] == pytest.approx(unrounded)
    assert made.by_scale["drawn"].scores["total"].exact[0] == pytest.approx(unrounded)
    assert found["drawn_total"][0] == rounded
    assert found["drawn_band"][0] == exact_one["drawn_band"][0] == band


@pytest.mark.parametrize(
    ("first", "last", "rounded"), [(0, 1, 2), (1, 2, 5), (1, 4, 8), (3, 4, 11)]
)
def test_halves_are_rounded_up(first: int, last: int, rounded: int) -> None:
    tree = fixed(3, range(5))
    tree["scores"][0]["missing"] = {
        "min_valid": 2,
        "action": "prorate",
        "round": "half_up",
        "source": SOURCE,
    }
    found = scored(tree, person(tree, first, None, last))
    assert (first + last) * 1.5 == rounded - 0.5
    assert found["drawn_total"][0] == rounded


def test_a_complete_sum_of_seven_scores_is_exact() -> None:
    tree = fixed(7, range(10))
    one = tree["scores"][0]
    missing = one["missing"]
    parts = [
        {**one, "id": f"part_{number}", "items": [f"item_{number}"], "range": [0, 9]}
        for number in range(7)
    ]
    total = {key: one[key] for key in ("id", "method", "range", "higher")}
    total |= {"scores": [part["id"] for part in parts], "missing": missing}
    tree["scores"] = [*parts, total]
    tree["bands"] = [{"id": "band", "score": "total", "levels": levels(0, 61), "source": SOURCE}]
    sheets: list[Sheet] = [
        {f"item_{n}": total // 7 + (n < total % 7) for n in range(7)} for total in range(64)
    ]
    found = scored(tree, frame_of(tree, sheets))
    assert found["drawn_total"].tolist() == list(range(64))
    assert found["drawn_band"].tolist() == ["level_0"] * 61 + ["level_1"] * 3


def test_bands_for_groups_may_share_their_levels() -> None:
    tree = fixed(2, range(5))
    tree["bands"] = [
        {
            "id": "risk",
            "score": "total",
            "for": {"sex": sex},
            "levels": levels(0, cut),
            "source": SOURCE,
        }
        for sex, cut in (("female", 3), ("male", 5))
    ]
    frame = pd.DataFrame({"item_0": [1, 2, 2, 2, 4], "item_1": [1, 2, 2, 4, None]})
    frame["sex"] = ["female", "female", "male", "male", "male"]
    found = ps.score(ps.read(frame, tree, keep="sex")).to_frame()
    assert found["drawn_risk"].tolist()[:4] == ["level_0", "level_1", "level_0", "level_1"]
    assert pd.isna(found["drawn_risk"][4])


def test_bands_for_groups_may_have_different_levels() -> None:
    tree = fixed(2, range(5))
    tree["bands"] = [
        {"id": "risk", "score": "total", "for": {"sex": sex}, "levels": found, "source": SOURCE}
        for sex, found in (("female", levels(0, 3)), ("male", levels(0, 2, 5)[::1]))
    ]
    for number, level in enumerate(tree["bands"][1]["levels"]):
        level["id"] = f"other_{number}"
    frame = pd.DataFrame({"item_0": [1, 2, 2, 2, 0], "item_1": [1, 2, 2, 4, 0]})
    frame["sex"] = ["female", "Female ", "male", "male", "unknown"]
    found = ps.score(ps.read(frame, tree, keep="sex")).to_frame()["drawn_risk"]
    assert found.tolist()[:4] == ["level_0", "level_1", "other_1", "other_2"]
    assert pd.isna(found[4])


def test_levels_that_groups_share_keep_their_order() -> None:
    tree = fixed(2, range(5))
    several = {"female": levels(0, 3), "male": levels(0, 2, 5)}
    several["female"][1]["id"] = "level_2"
    tree["bands"] = [
        {"id": "risk", "score": "total", "for": {"sex": sex}, "levels": found, "source": SOURCE}
        for sex, found in several.items()
    ]
    frame = pd.DataFrame({"item_0": [1, 2, 1, 2, 4], "item_1": [1, 2, 1, 2, 4]})
    frame["sex"] = ["female", "female", "male", "male", "male"]
    found = ps.score(ps.read(frame, tree, keep="sex")).to_frame()["drawn_risk"]
    assert found.tolist() == ["level_0", "level_2", "level_1", "level_1", "level_2"]
    assert found.cat.ordered
    assert list(found.cat.categories) == ["level_0", "level_1", "level_2"]


def test_a_rule_of_forty_conditions_is_decided_or_refused() -> None:
    tree = fixed(40, range(3))
    conditions = [{"items": [name], "at_least": 1} for name in tree_items(tree)]
    tree["rules"] = [{"id": "everything", "all": conditions, "source": SOURCE}]
    with suppress(ps.ScaleError, ps.RefusalError):
        sheets = [dict.fromkeys(tree_items(tree), answer) for answer in (2, 0)]
        found = scored(tree, frame_of(tree, [*sheets, {**sheets[0], "item_9": None}]))
        assert found["drawn_everything"].tolist() == [True, False, pd.NA]


def test_forty_items_may_have_a_flag_each() -> None:
    tree = fixed(40, range(3))
    tree["flags"] = [
        {
            "id": f"flag_{number}",
            "when": {"items": [f"item_{number}"], "at_least": 2},
            "level": "review",
            "message": {"en": "Look."},
        }
        for number in range(40)
    ]
    answers = [None if number == 7 else number % 3 for number in range(40)]
    found = scored(tree, person(tree, *answers))
    states = [found[f"drawn_flag_{number}"][0] for number in range(40)]
    expected = ["raised" if number % 3 == 2 else "clear" for number in range(40)]
    assert states == [*expected[:7], "not_assessed", *expected[8:]]
