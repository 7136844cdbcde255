"""What the first screen warns of, and that it says the same as the sections below it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.reporting.models import Fitted, Model
from psychoscales.reporting.parts import Cards, Figure, Grid, Paragraph
from psychoscales.reporting.report import Report, report
from tests.reporting.making import ITEMS, answers, kimochi


def worries(found: Report, card: int = 0) -> list[str]:
    (cards,) = found.sections[0].blocks
    assert isinstance(cards, Cards)
    return [worry.text for worry in cards.cards[card].worries]


def warnings(found: Report, section: str) -> list[str]:
    (one,) = (each for each in found.sections if each.id == section)
    return [b.text for b in one.blocks if isinstance(b, Paragraph) and b.kind == "warning"]


def two_scores(declared: bool) -> dict[str, Any]:
    """Return a scale of two scores of four items each; a model covers the first one only."""
    made = kimochi()
    more = [{**item, "id": f"more_{at}"} for at, item in enumerate(made["items"])]
    made["items"] += more
    first = {key: each for key, each in made["scores"][0].items() if key != "reverse"}
    second = {**first, "id": "other", "items": [item["id"] for item in more]}
    second["name"] = {"en": "Other", "ja": "別の得点"}
    made["scores"] = [first, second]
    made["bands"] = []
    model = {"id": "mood", "factors": {"mood": list(ITEMS)}, "key": "none"}
    made["models"] = [{**model, "source": ["made2020"]}] if declared else []
    given = dict.fromkeys([item["id"] for item in made["items"]], 1)
    made["examples"] = [{"name": "one", "answers": given, "expect": {"total": 4.0}}]
    return made


def misfitting(n: int = 600) -> Any:
    """Return answers to them, the second score's items being of two kinds."""
    frame = answers(n)[list(ITEMS)]
    frame["kimochi_2"] = 3 - frame["kimochi_2"]
    random = np.random.default_rng(2)
    kinds = random.normal(size=(n, 2)) + random.normal(size=(n, 1))
    for at in range(4):
        ease = kinds[:, at // 2] + random.normal(size=n)
        frame[f"more_{at}"] = np.digitize(ease, [-1.0, 0.5, 1.6])
    return frame


@pytest.mark.parametrize("declared", [True, False])
def test_a_score_without_a_model_of_its_own_is_fitted_too(declared: bool) -> None:
    found = report(misfitting(), two_scores(declared))
    (told,) = (text for text in worries(found, 1) if "One factor does not fit" in text)
    assert not any("One factor does not fit" in text for text in worries(found, 0))
    grids = [
        block.grid if isinstance(block, Figure) else block
        for section in found.sections
        for block in section.blocks
    ]
    fits = {g.caption: g for g in grids if isinstance(g, Grid) and "fit (WLSMV)" in g.caption}
    assert ("mood: fit (WLSMV)" in fits) is declared
    (row,) = (row for row in fits["Other: fit (WLSMV)"].rows if row[0].text == "CFI")
    robust = row[[head.text for head in fits["Other: fit (WLSMV)"].heads].index("Robust")].text
    assert f"robust CFI {robust}" in told
    (rated,) = (
        row
        for grid in grids
        if isinstance(grid, Grid) and grid.caption == "Other: measurement properties"
        for row in grid.rows
        if row[0].text == "Structural validity"
    )
    assert any(f"robust CFI {robust}" in cell.text for cell in rated)


def test_an_index_says_its_flavour() -> None:
    def fitted(**values: float) -> Fitted:
        rows = tuple({"index": name, "value": value} for name, value in values.items())
        model = Model("m", "m", None, frozenset("a"), True)
        return Fitted(model, SimpleNamespace(fit=SimpleNamespace(rows=rows)))  # type: ignore[arg-type]

    whole = {"cfi": 0.99, "cfi_scaled": 0.98, "cfi_robust": 0.9}
    assert fitted(**whole).judged("cfi") == ("robust", 0.9)
    assert fitted(**{**whole, "cfi_robust": float("nan")}).judged("cfi") == ("scaled", 0.98)
    assert fitted(cfi=0.99).judged("cfi") == ("plain", 0.99)
    assert fitted().judged("cfi") is None


def test_a_model_that_could_not_be_fitted_is_told() -> None:
    frame = misfitting()
    frame["more_1"] = 2
    found = report(frame, two_scores(True))
    assert any("was refused or did not converge" in text for text in worries(found, 1))
    assert "Everybody gave the same answer to: more_1." in worries(found, 1)
    assert not any("refused or did not" in text for text in worries(found, 0))


def test_items_that_groups_answer_differently_are_named() -> None:
    frame = ps.simulate("phq9", n=900, seed=4).to_frame().iloc[:, :9]
    half = np.arange(900) % 2 == 0
    frame["arm"] = np.where(half, "a", "b")
    frame.loc[half, "phq9_3"] = np.minimum(frame.loc[half, "phq9_3"] + 1, 3)
    found = report(ps.read(frame, "phq9", keep="arm"), by="arm")
    (told,) = (text for text in worries(found) if "DIF" in text)
    assert "phq9_3" in told
    assert "phq9_1" not in told


def test_a_model_that_does_not_hold_in_all_groups_is_told() -> None:
    frame = ps.simulate("phq9", n=1200, seed=4).to_frame().iloc[:, :9]
    half = np.arange(1200) % 2 == 0
    random = np.random.default_rng(1)
    for item in ("phq9_1", "phq9_2", "phq9_3"):
        frame.loc[half, item] = random.permutation(frame.loc[half, item].to_numpy())
    frame["arm"] = np.where(half, "a", "b")
    found = report(ps.read(frame, "phq9", keep="arm"), by="arm")
    (told,) = (text for text in worries(found) if "CFI falls by" in text)
    assert "equal loadings" in told
    frame["arm"] = np.where(random.random(1200) < 0.5, "a", "b")
    same = report(ps.read(frame, "phq9", keep="arm"), by="arm")
    assert not any("CFI falls by" in text for text in worries(same))


def test_a_poor_retest_and_a_poor_criterion_are_told() -> None:
    frame = answers(300)
    second = frame.assign(**{name: np.roll(frame[name], 1) for name in ITEMS})
    frame["case"] = np.arange(300) % 3 == 0
    first = ps.read(frame.assign(case=frame["case"] * 1), kimochi(), id="pid", keep="case")
    found = report(first, truth="case", retest=ps.read(second, kimochi(), id="pid"))
    said = " ".join(worries(found))
    assert "ICC(A,1) of the two occasions is" in said
    assert "The area under the ROC curve is" in said


def test_the_same_answers_given_twice_are_told() -> None:
    first = ps.read(answers(), kimochi(), id="pid")
    found = report(first, retest=first)
    assert any("given twice" in text for text in worries(found))
    assert any("given twice" in text for text in warnings(found, "retest"))
    other = answers()
    other.loc[0, "kimochi_1"] = (other.loc[0, "kimochi_1"] + 1) % 4
    changed = report(first, retest=ps.read(other, kimochi(), id="pid"))
    assert not any("given twice" in text for text in worries(changed))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_criterion_made_of_the_scale_itself_is_told(language: str) -> None:
    people = ps.simulate("phq9", n=400, seed=3)
    truth = "phq9_major_depressive_syndrome"
    found = report(people, truth=truth, by="phq9_severity", language=language)
    (said,) = warnings(found, "criterion")
    assert truth in said
    assert said in worries(found)
    assert any("phq9_severity" in text for text in worries(found))
    alone = report(people)
    assert not any(truth in text for text in worries(alone))


def test_alpha_far_from_omega_is_told() -> None:
    random = np.random.default_rng(3)
    mood = random.normal(size=900)
    frame = ps.simulate("gad7", n=900, seed=4).to_frame().iloc[:, :7]
    for at, weight in enumerate((3.0, 3.0, 3.0, 0.1, 0.1, 0.1, 0.1)):
        ease = weight * mood + random.normal(size=900)
        frame.iloc[:, at] = np.digitize(ease, [-1.0, 0.0, 1.0])
    found = report(frame, "gad7")
    table = ps.reliability(frame, "gad7").to_frame().set_index("coefficient")["value"]
    assert abs(table["omega_total_ml"] - table["alpha"]) > 0.05
    assert any("differ by more than 0.05" in text for text in worries(found))
    assert not any("differ by more" in text for text in worries(report(answers(), kimochi())))
