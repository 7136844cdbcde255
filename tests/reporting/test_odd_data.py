"""Reports on what is at the edge: nobody, few items, no cut-offs, names in refusals."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.appraisal.rules import rules
from psychoscales.errors import RefusalError
from psychoscales.reporting import context
from psychoscales.reporting.parts import Cards, Figure, Grid, Pasted
from psychoscales.reporting.references import methods
from psychoscales.reporting.report import Report, report
from psychoscales.reporting.small_cells import rare
from psychoscales.verbs.groups import groups
from tests.reporting.making import answers, kimochi


def scale(items: int, bands: bool = False) -> dict[str, Any]:
    """Return the small scale with its first items only, none reversed."""
    made = kimochi()
    made["items"] = made["items"][:items]
    ids = [item["id"] for item in made["items"]]
    missing = {"max_missing": 0, "action": "refuse", "source": ["made2020"]}
    made["scores"][0] |= {"items": ids, "range": [0.0, 3.0 * items], "missing": missing}
    del made["scores"][0]["reverse"]
    made["bands"] = made["bands"] if bands else []
    made["examples"] = [
        {"name": "one", "answers": dict.fromkeys(ids, 1), "expect": {"total": float(items)}}
    ]
    return made


def frame(items: int = 4, n: int = 200) -> pd.DataFrame:
    """Return answers to its first items."""
    made: pd.DataFrame = answers(n)[[f"kimochi_{number}" for number in range(1, items + 1)]]
    return made.assign(kimochi_2=3 - made["kimochi_2"]) if items > 1 else made


def method_of(found: Report) -> str:
    """Return the method paragraph."""
    blocks = (block for section in found.sections for block in section.blocks)
    return next(b.text for b in blocks if isinstance(b, Pasted) and b.kind == "text/plain")


def lacking(found: Report) -> set[str]:
    """Return the keys in brackets that the file of references does not have."""
    entries = set(re.findall(r"@\w+\{(\w+),", found.references))
    cited = re.findall(r"\[([a-z]+\d{4}(?:, [a-z]+\d{4})*)\]", found.html())
    return {key for group in cited for key in group.split(", ")} - entries


@pytest.mark.parametrize("blank", ["everything", "one item"])
def test_nobody_has_a_score(blank: str) -> None:
    data = frame().astype(object)
    data.loc[:, list(data.columns) if blank == "everything" else "kimochi_1"] = None
    found = report(data, scale(4))
    assert any("nobody answered every item" in why for why in found.refused.values())
    assert "alpha" not in method_of(found)


@pytest.mark.parametrize("items", [1, 2, 3])
def test_the_method_paragraph_says_what_was_done(items: int) -> None:
    found = report(frame(items), scale(items))
    text = method_of(found)
    assert ("alpha" in text) is (items > 1)
    assert ("omega" in text) is (items > 2)
    assert "parallel analysis" in text or items < 3
    assert "Livingston" not in text, "the scale has no cut-offs"
    assert "at least" not in text, "no answer may be missing"
    assert not lacking(found)


def test_decisions_are_told_where_there_are_cut_offs() -> None:
    found = report(frame(), scale(4, bands=True))
    assert "Livingston and Lewis's method [livingston1995]" in method_of(found)
    assert not lacking(found)


def test_a_criterion_of_few_people_is_not_in_the_method_paragraph() -> None:
    data = frame().assign(case=[1, 1, *[0] * 198])
    assert "ROC" not in method_of(report(data, scale(4), truth="case"))
    data = data.assign(case=[1] * 40 + [0] * 160)
    assert "ROC" in method_of(report(data, scale(4), truth="case"))


def test_the_sources_of_the_rules_of_evidence_are_known() -> None:
    named = {source for each in rules().properties for source in each.source}
    assert "cheung2002" in named
    assert named <= set(methods())


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_refusal_names_no_value_of_few_people(language: str) -> None:
    truth = ["yes", "no", "maybe"] * 66 + ["Mr. Odd's own illness"] * 2
    found = report(frame().assign(t=truth), scale(4), truth="t", language=language)
    assert "Odd" not in found.html()
    assert "Odd" not in found.markdown()
    assert any("make it a column of 0 and 1" in why for why in found.refused.values())


def test_a_refusal_advises_what_a_report_can_be_asked_for() -> None:
    found = report(frame().assign(t=["maybe", "other"] * 100), scale(4), truth="t")
    assert found.refused["Criterion"].endswith("make it a column of 0 and 1 before reading")
    assert "positive=" not in found.html()


def test_another_refusal_keeps_its_reason() -> None:
    truth = np.array([None, None, *[0] * 198], dtype=object)
    found = report(frame().assign(t=truth), scale(4), truth="t")
    assert found.refused
    assert not any("make it a column of 0 and 1" in why for why in found.refused.values())


def test_values_of_few_people() -> None:
    assert rare(["a", "a", "b", None, float("nan")], 2) == ["b"]
    assert rare([1, 1, 2], 1) == []


def test_tests_without_an_effect_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(*args: Any, **kwargs: Any) -> Any:
        found = groups(*args, **kwargs)
        rows = tuple({k: v for k, v in row.items() if k != "effect"} for row in found.rows)
        object.__setattr__(found, "rows", rows)
        return found

    monkeypatch.setattr(context, "groups", bare)
    data = frame().assign(arm=np.where(np.arange(200) % 2, "a", "b"))
    assert "Mann-Whitney" in report(data, scale(4), by="arm").html()


def test_nobody_answered_anything() -> None:
    data = frame().astype(object)
    data.loc[:, :] = None
    found = report(data, scale(4, bands=True))
    blocks = [block for section in found.sections for block in section.blocks]
    assert not [block for block in blocks if isinstance(block, Figure)]
    assert not [block for block in blocks if isinstance(block, Grid) and not block.rows]
    assert not [block for block in blocks if isinstance(block, Grid) and "bands" in block.caption]
    (section,) = (each for each in found.sections if each.id == "refused")
    (grid,) = (block for block in section.blocks if isinstance(block, Grid))
    said = [row[0].text for row in grid.rows]
    assert len(said) == len(set(said))


def test_a_card_counts_what_is_no_option_of_its_own_items() -> None:
    people = ps.simulate("ghsq_kobori2021", n=150, seed=3)
    data = people.to_frame()
    one, other = (score for score in people.scales[0].scores if score.items)
    data.loc[:6, (one.items or ())[0]] = 77
    data.loc[:2, (other.items or ())[0]] = 77
    found = report(ps.read(data, "ghsq_kobori2021", bad="missing"))
    (cards,) = found.sections[0].blocks
    assert isinstance(cards, Cards)
    told = [[w.text for w in c.worries if "no option" in w.text] for c in cards.cards]
    assert [text[0].split()[0] for text in told] == ["7", "3"]
    assert "10 stored values are no option" in found.html()


def test_nobody_at_all() -> None:
    with pytest.raises(RefusalError, match="no people"):
        report(frame().iloc[:0], scale(4), small=1)


def test_a_coefficient_of_few_people_is_nowhere() -> None:
    data = frame(n=12).astype(object)
    data.loc[3:, "kimochi_1"] = None
    made = scale(4)
    made["scores"][0]["missing"] |= {"max_missing": 1, "action": "prorate"}
    found = report(data, made)
    assert found.refused["Mood total: Cronbach's alpha"] == "<5 people, too few to show"
    (cards,) = found.sections[0].blocks
    assert isinstance(cards, Cards)
    assert [name for name, _, _ in cards.cards[0].numbers] == ["People with a score", "Mean"]
    assert not any("Alpha is" in worry.text for worry in cards.cards[0].worries)
    assert "alpha" not in method_of(found).split("standard error")[0]
    assert "alpha" in method_of(report(data, made, small=2))


def test_refused_numbers_are_called_by_their_names() -> None:
    found = report(frame(2), scale(2), language="ja")
    assert list(found.refused) == ["気持ち合計: ω（全体、1 因子）"]


def test_a_few_people_outside_of_the_groups_are_not_found_by_subtraction() -> None:
    frame = ps.simulate("phq9", n=60, seed=4).to_frame().iloc[:, :10]
    for outside, compared in ((0, True), (1, False), (4, False), (5, True)):
        group = np.array(["a", "b"] * 30, dtype=object)
        group[:outside] = "rare"
        answers = ps.read(frame.assign(group=group), "phq9", keep="group")
        made = ps.report(answers, by="group", small=5)
        said = " ".join(made.refused.values())
        assert ("would be theirs" in said) is not compared


def test_decisions_are_explained_only_where_there_are_cut_offs() -> None:
    for name, there in (("phq9", True), ("dd_kobori2021", False)):
        page = ps.report(ps.simulate(name, n=150, seed=6)).html()
        assert ("Livingston and Lewis)" in page) is there, name
