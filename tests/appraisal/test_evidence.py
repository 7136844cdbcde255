"""Evidence: what was given is used, what was not is said to be missing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import psychoscales as ps


@pytest.fixture(scope="module")
def visits() -> tuple[ps.Responses, ps.Responses]:
    """Two visits of the same people, the second a little better; a diagnosis, an anchor."""
    first = ps.simulate("phq9", n=300, seed=3).to_frame().iloc[:, :10]
    second, rng = first.copy(), np.random.default_rng(4)
    items = [f"phq9_{at}" for at in range(1, 10)]
    for item in items:
        moved = np.clip(first[item] - rng.integers(0, 2, 300), 0, 3)
        second[item] = np.where(rng.random(300) < 0.5, moved, first[item])
    total = first[items].sum(axis=1)
    diagnosis = np.where(total + rng.normal(0, 4, 300) > 15, "yes", "no")
    fall = total - second[items].sum(axis=1)
    better = np.where(fall + rng.normal(0, 1.5, 300) > 2, "yes", "no")
    kept: dict[str, Any] = {"id": "pid", "keep": ["diagnosis", "better"]}
    frames = [f.assign(pid=range(300), diagnosis=diagnosis, better=better) for f in (first, second)]
    one, two = (ps.read(frame, "phq9", **kept) for frame in frames)
    return one, two


def rows(**asked: Any) -> dict[str, dict[str, Any]]:
    found = ps.evidence(asked.pop("people"), **asked)
    return {row["property"]: dict(row) for row in found.rows}


def test_everything_that_is_given_is_rated(visits: tuple[ps.Responses, ps.Responses]) -> None:
    first, second = visits
    changed = ps.change(first, second, "better", improvement="lower", seed=2)
    found = rows(
        people=first,
        retest=second,
        truth="diagnosis",
        positive="yes",
        change=changed,
        mic=50.0,
    )
    assert found["reliability"]["statistic"] == "icc"
    assert found["reliability"]["rating"] == "+"
    assert found["measurement_error"]["rating"] == "+"
    assert "< mic 50" in found["measurement_error"]["reason"]
    assert found["criterion_validity"]["statistic"] == "auc"
    assert found["criterion_validity"]["rating"] == "+"
    assert found["responsiveness"]["statistic"] == "change_auc"
    assert found["construct_validity"]["rating"] == "?"


def test_a_small_important_change_makes_the_error_too_large(
    visits: tuple[ps.Responses, ps.Responses],
) -> None:
    first, second = visits
    row = rows(people=first, retest=second, mic=0.1)["measurement_error"]
    assert (row["rating"], row["strict"]) == ("-", "-")
    assert "not < mic 0.1" in row["reason"]


def test_without_a_second_occasion_it_says_what_is_needed() -> None:
    found = rows(people=ps.simulate("gad7", n=200, seed=1))
    assert found["reliability"]["reason"] == "needed: a second occasion of the same people"
    assert found["measurement_error"]["value"] is None


def test_three_items_cannot_be_tested_and_alpha_is_not_interpretable() -> None:
    found = ps.evidence(ps.simulate("ghsq_kobori2021", n=200, seed=1), score="formal")
    said = {row["property"]: row for row in found.rows}
    assert "no degrees of freedom" in said["structural_validity"]["reason"]
    assert said["internal_consistency"]["rating"] == "?"
    assert said["internal_consistency"]["value"] is not None


def test_a_score_without_a_declared_model_is_judged_by_one_factor_of_its_items() -> None:
    found = ps.evidence(ps.simulate("dd", n=300, seed=2))
    assert len({row["score"] for row in found.rows}) == len(ps.scale("dd").scores)
    assert any("structure is judged by" in note for note in found.notes)


def test_groups_are_compared_item_by_item_and_as_models(
    visits: tuple[ps.Responses, ps.Responses],
) -> None:
    first, _ = visits
    row = rows(people=first, by="better")["cross_cultural_validity"]
    assert row["statistic"] == "dif_mcfadden"
    assert row["rating"] in "+-"
    assert "largest McFadden R2 change by better" in row["reason"]
    assert "largest fall of scaled CFI by better" in row["reason"]


def test_hypotheses_are_counted() -> None:
    told = tuple({"confirmed": each} for each in (True, True, True, False))
    table = ps.Table("h", ("score", "confirmed"), told)
    row = rows(people=ps.simulate("gad7", n=200, seed=1), hypotheses=table)["construct_validity"]
    assert (row["rating"], row["strict"], row["value"]) == ("+", "-", 0.75)
    assert row["reason"].startswith("share of hypotheses confirmed (3 of 4): 0.750")


def test_the_dictionary_is_json_with_rules_sources_and_checklist() -> None:
    found = ps.evidence(ps.simulate("gad7", n=200, seed=1))
    read = json.loads(json.dumps(found.to_dict()))
    assert read["rules"] == {
        "id": "cosmin2018",
        "version": "1.0.0",
        "name": "COSMIN criteria for good measurement properties",
    }
    assert {row["property"] for row in read["rows"]} >= {"structural_validity", "feasibility"}
    assert len(read["checklist"]) == len(found.checklist) == 6
    assert read["format"] == "1.0"


def test_the_text_fits_a_terminal_and_has_the_checklist() -> None:
    text = str(ps.evidence(ps.simulate("phq9", n=200, seed=1)))
    assert max(map(len, text.splitlines())) <= 80
    assert "For a person to judge:" in text
    assert "+ sufficient" in text


def test_unknown_names_are_errors(visits: tuple[ps.Responses, ps.Responses]) -> None:
    first, _ = visits
    several: list[dict[str, Any]] = [
        {"score": "totl"},
        {"model": "one_facto"},
        {"truth": "diagnosi"},
    ]
    for wrong in several:
        with pytest.raises(ps.UnknownNameError, match="did you mean"):
            ps.evidence(first, **wrong)


@pytest.fixture(scope="module")
def two_scales() -> tuple[ps.Responses, ps.Responses]:
    """Two visits with two scales; an anchor that is about the first."""
    first = ps.simulate(["phq9", "gad7"], n=200, seed=3, correlation=0.5).to_frame()
    second, rng = first.copy(), np.random.default_rng(4)
    items = [f"phq9_{at}" for at in range(1, 10)]
    second[items] = np.clip(first[items] - rng.integers(0, 2, (200, 9)), 0, 3)
    fall = (first[items] - second[items]).sum(axis=1) + rng.normal(0, 1, 200)
    frames = [
        each.assign(pid=range(200), better=(fall > 3).astype(int), sex=np.arange(200) % 2)
        for each in (first, second)
    ]
    one, two = (ps.read(f, ["phq9", "gad7"], id="pid", keep=["better", "sex"]) for f in frames)
    return one, two


def test_what_is_of_one_scale_is_not_taken_for_the_other(
    two_scales: tuple[ps.Responses, ps.Responses],
) -> None:
    first, second = two_scales
    changed = ps.change(first["phq9"], second["phq9"], "better", improvement="lower", resamples=0)
    found = ps.evidence(first, change=changed)
    ratings = {
        row["scale"]: row["rating"] for row in found.rows if row["property"] == "responsiveness"
    }
    assert ratings == {"phq9": "+", "gad7": "?"}


def test_change_of_groups_is_of_nobody_in_particular(
    two_scales: tuple[ps.Responses, ps.Responses],
) -> None:
    first, second = (each["phq9"] for each in two_scales)
    changed = ps.change(first, second, "better", improvement="lower", by="sex", resamples=0)
    row = rows(people=first, change=changed)["responsiveness"]
    assert row["rating"] == "?"
    assert "without by=" in row["reason"]


def test_an_important_change_is_of_one_score(
    two_scales: tuple[ps.Responses, ps.Responses],
) -> None:
    first, _ = two_scales
    with pytest.raises(ps.RefusalError, match="of one score"):
        ps.evidence(first, mic=5)
    found = ps.evidence(first, mic=5, score="gad7_total", retest=first)
    assert {row["scale"] for row in found.rows} == {"gad7"}
    (row,) = [row for row in found.rows if row["property"] == "measurement_error"]
    assert "< mic 5" in row["reason"]


def test_the_scale_is_not_its_own_gold_standard(
    two_scales: tuple[ps.Responses, ps.Responses],
) -> None:
    first, _ = two_scales
    found = ps.evidence(first, truth="phq9_major_depressive_syndrome")
    said = {row["scale"]: row for row in found.rows if row["property"] == "criterion_validity"}
    assert said["phq9"]["rating"] == "?"
    assert "answers to the same scale" in said["phq9"]["reason"]
    assert said["gad7"]["value"] is not None


def test_small_groups_are_not_judged() -> None:
    frame = ps.simulate("phq9", n=180, seed=5).to_frame()
    frame["arm"] = np.random.default_rng(1).permutation(np.arange(180) % 2)
    row = rows(people=ps.read(frame, "phq9", keep="arm"), by="arm")["cross_cultural_validity"]
    assert (row["rating"], row["strict"]) == ("?", "?")
    assert "fewer than 100 people in a group of arm" in row["reason"]
    assert "90" not in row["reason"]


@pytest.mark.parametrize("mic", [-6, 0, float("nan"), float("inf")])
def test_an_important_change_is_a_size(mic: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        ps.evidence(ps.simulate("phq9", n=100, seed=1), mic=mic)


def test_a_gold_standard_of_numbers_is_correlated_with() -> None:
    answers = ps.simulate("phq9", n=300, seed=5).to_frame()
    sums = answers[[f"phq9_{at}" for at in range(1, 10)]].sum(axis=1)
    noise = np.random.default_rng(1).normal(0, 1, 300)
    wide, narrow = sums + sums.std() * noise, sums + 0.3 * sums.std() * noise
    for gold, marks in ((wide, ("+", "-")), (narrow, ("+", "+")), (-narrow, ("-", "-"))):
        row = rows(people=ps.read(answers.assign(gold=gold), "phq9", keep="gold"), truth="gold")
        found = row["criterion_validity"]
        r = float(np.corrcoef(sums, gold)[0, 1])
        assert found["statistic"] == "gold_standard_r"
        assert found["value"] == pytest.approx(r, abs=1e-12)
        low = np.tanh(np.arctanh(r) - 1.959963984540054 / np.sqrt(297))
        assert found["low"] == pytest.approx(low, abs=1e-10)
        assert (found["rating"], found["strict"]) == marks
        assert found["reason"].startswith("r with gold")


def test_a_score_of_the_scale_is_no_gold_standard_of_it(
    two_scales: tuple[ps.Responses, ps.Responses],
) -> None:
    found = ps.evidence(two_scales[0], truth="phq9_total")
    said = {row["scale"]: row for row in found.rows if row["property"] == "criterion_validity"}
    assert "answers to the same scale" in said["phq9"]["reason"]
    assert said["gad7"]["statistic"] == "gold_standard_r"


def test_what_is_still_to_be_read_is_refused(
    visits: tuple[ps.Responses, ps.Responses],
) -> None:
    first, second = visits
    with pytest.raises(TypeError, match="read the second occasion"):
        ps.evidence(first, retest=second.to_frame())
    wrong: Any = second
    with pytest.raises(TypeError, match="change is what a verb returned"):
        ps.evidence(first, change=wrong)
