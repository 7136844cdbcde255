"""The verbs of validity speak alike: frames, names of scores and groups, rows, intervals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import RefusalError, UnknownNameError

N = 180
ITEMS = [f"gad7_{at}" for at in range(1, 8)]


def frame() -> pd.DataFrame:
    """Answers to the GAD-7 with columns of every kind that could name groups."""
    found: pd.DataFrame = ps.simulate("gad7", n=N, seed=4).to_frame()[ITEMS]
    noise = np.random.default_rng(2).normal(0, 4, N)
    found["ill"] = (found.sum(axis=1) + noise > 11).astype(int)
    found["odd"] = np.arange(N) % 2 == 1
    found["week"] = np.where(np.arange(N) % 3, 10.0, 9.0)
    found["age"] = np.arange(N) % 50 + 18
    found["pid"] = np.arange(N)
    return found


def visits(**columns: Any) -> tuple[ps.Responses, ps.Responses]:
    """Return two occasions; at the second everybody answers lower, or as `columns` say."""
    first = frame()
    second = first.copy()
    fell = np.random.default_rng(5).random((N, 7)) < 0.4
    second[ITEMS] = np.clip(first[ITEMS].to_numpy() - fell, 0, 3)
    fall = (first[ITEMS] - second[ITEMS]).sum(axis=1)
    second["felt"] = np.select([fall % 4 == 3, fall > 2], ["same", "much"], "bit")
    keep = ["odd", "week", "felt"]
    return (
        ps.read(first.assign(**columns), "gad7", id="pid", keep=keep[:2]),
        ps.read(second.assign(**columns), "gad7", id="pid", keep=keep),
    )


VERBS: dict[str, Callable[..., ps.Table]] = {
    "criterion": lambda data, **more: ps.criterion(data, truth="ill", resamples=0, **more),
    "groups": lambda data, **more: ps.groups(data, by="ill", resamples=0, **more),
    "convergent": lambda data, **more: ps.convergent(data, against="age", resamples=0, **more),
    "dif": lambda data, **more: ps.dif(data, by="ill", tests="mantel", **more),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_frame_is_read_with_the_columns_that_are_named(verb: str) -> None:
    kept = ps.read(frame(), "gad7", keep=["ill", "age"])
    assert VERBS[verb](frame(), scale="gad7").to_dict() == VERBS[verb](kept).to_dict()


def test_evidence_reads_a_frame_with_its_columns_too() -> None:
    found = ps.evidence(frame(), "gad7", truth="ill", by="odd").to_frame().set_index("property")
    assert found.loc["criterion_validity", "n"] == N
    assert "group of odd" in found.loc["cross_cultural_validity", "reason"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_score_has_its_id_and_its_whole_name(verb: str) -> None:
    kept = ps.read(frame(), "gad7", keep=["ill", "age"])
    whole = VERBS[verb](kept, score="gad7_total")
    assert whole.to_dict() == VERBS[verb](kept, score="total").to_dict()
    with pytest.raises(UnknownNameError, match="did you mean"):
        VERBS[verb](kept, score="totl")


def test_change_knows_the_whole_name_of_a_score_too() -> None:
    whole = ps.change(*visits(), improvement="lower", score="gad7_total")
    assert whole.to_dict() == ps.change(*visits(), improvement="lower", score="total").to_dict()


@pytest.mark.parametrize("verb", VERBS)
def test_every_row_has_every_column(verb: str) -> None:
    found = VERBS[verb](ps.read(frame(), "gad7", keep=["ill", "age"]))
    assert all(set(found.columns) <= set(row) for row in found.rows)
    several = ps.groups(frame(), "gad7", by="week", resamples=0)
    assert all(set(several.columns) <= set(row) for row in several.rows)


@pytest.mark.parametrize(("by", "labels"), [("odd", ["false", "true"]), ("week", ["9", "10"])])
def test_groups_are_called_and_ordered_alike(by: str, labels: list[str]) -> None:
    given = ps.read(frame(), "gad7", keep=by)
    assert list(ps.groups(given, by=by, resamples=0).groups.to_frame()["group"]) == labels
    row = ps.dif(given, by=by, tests="mantel").rows[0]
    assert [row["reference"], row["focal"]] == labels
    changed = ps.change(*visits(), improvement="lower", by=by, resamples=0)
    assert list(dict.fromkeys(row["group"] for row in changed.rows)) == labels


def test_groups_may_be_named_by_their_values() -> None:
    given = ps.read(frame(), "gad7", keep=["odd", "week"])
    assert ps.dif(given, by="odd", tests="mantel", reference=True).rows[0]["reference"] == "true"
    assert ps.dif(given, by="week", tests="mantel", groups=[10, 9.0]).rows[0]["focal"] == "9"


def test_a_truth_of_true_and_false_is_written_so() -> None:
    found = ps.criterion(frame(), "gad7", truth="odd", resamples=0)
    assert found.notes[0] == "odd: positive is true; negative is false"


def test_the_example_of_a_positive_value_is_not_the_negative_one() -> None:
    given = frame().assign(ill=lambda f: np.where(f["ill"] == 1, "yes", "no"))
    given = given.sort_values("ill", ascending=False)
    with pytest.raises(RefusalError, match=r"positive='yes'"):
        ps.criterion(given, "gad7", truth="ill")
    with pytest.raises(RefusalError, match=r"positive=\.\.\."):
        ps.criterion(given.replace({"ill": {"yes": "MDD", "no": "none"}}), "gad7", truth="ill")


def test_no_interval_without_width() -> None:
    given = frame()
    given.loc[given["odd"], ITEMS] = 1
    rows = ps.groups(given, "gad7", by="odd", resamples=20).groups.rows
    assert [row["low"] is None for row in rows] == [False, True]
    assert rows[1]["mean"] == 7.0
    same = frame()
    same[ITEMS] = 2
    assert ps.groups(given, "gad7", by="odd", resamples=0).plot("total") is not None
    first = ps.read(frame(), "gad7", id="pid")
    found = {row["statistic"]: row for row in ps.change(first, first, improvement="lower").rows}
    assert found["mean_change"]["value"] == found["effect_size"]["value"] == 0
    assert found["mean_change"]["low"] is None
    assert found["effect_size"]["low"] is None
    assert "same amount" in found["mean_change"]["note"]


def test_resamples_that_are_all_alike_make_no_interval() -> None:
    given = frame()
    for at, week in enumerate((8, 9, 10)):
        given.loc[given["pid"] % 3 == at, "week"] = week
        given.loc[given["pid"] % 3 == at, ITEMS] = at
    found = ps.groups(given, "gad7", by="week", order=[8, 9, 10], resamples=20)
    rows = {row["test"]: row for row in found.rows}
    for test in ("kruskal_wallis", "jonckheere_terpstra"):
        assert rows[test]["value"] == pytest.approx(1)
        assert rows[test]["low"] is None
        assert "same value" in rows[test]["note"]


def test_a_constant_score_is_not_called_an_easy_one() -> None:
    given = frame()
    given[ITEMS] = 2
    (row, _) = ps.criterion(given, "gad7", truth="ill", resamples=0).rows
    assert (row["value"], row["low"]) == (0.5, None)
    assert row["note"] == "no interval: everybody has the same score"


def test_no_resamples_is_no_bootstrap() -> None:
    asked: dict[str, Any] = {
        "improvement": "lower",
        "improved": "much",
        "minimal": "bit",
        "stable": "same",
        "order": ["same", "bit", "much"],
    }
    found = ps.change(*visits(), "felt", **asked, resamples=0, interval="bootstrap")
    rows = {row["statistic"]: row for row in found.rows}
    for name in ("srm", "guyatt", "mic_mean_change", "mic_predictive"):
        assert rows[name]["value"] is not None
        assert rows[name]["low"] is None
    asked["stable"] = ["same", "bit"]
    with pytest.raises(RefusalError, match="improved and stable"):
        ps.change(*visits(), "felt", **asked)


def test_the_dictionary_of_change_has_the_counts() -> None:
    found = ps.change(*visits(), improvement="lower", reliability="alpha", resamples=0)
    kept = json.loads(json.dumps(found.to_dict()))
    assert len(kept["counts"]["rows"]) == len(found.counts.rows) > 0


def test_a_band_that_was_refused_is_not_an_unknown_name() -> None:
    first, second = visits()
    found = ps.change(first, second, improvement="lower", reliability={"a low one": 0.05})
    with pytest.raises(RefusalError, match="no band to draw: Hageman and Arrindell"):
        found.plot(method="hageman_arrindell")
    with pytest.raises(UnknownNameError, match="did you mean 'iverson'"):
        found.plot(method="iversen")


@pytest.mark.parametrize("score", [None, "gad7_total"])
def test_a_hypothesis_is_never_dropped(score: str | None) -> None:
    both = ps.simulate(["phq9", "gad7"], n=100, seed=1, correlation=0.5)
    expect: dict[str, Any] = {"with": "phq9_total", "r": [0.3, 0.8]}
    expect |= {} if score is None else {"score": score}
    with pytest.raises(RefusalError, match="about no correlation"):
        ps.convergent(both, against="gad7_total", expect=expect, resamples=0)
    found = ps.convergent(both, score="gad7_total", expect=expect, resamples=0)
    assert found.share_confirmed == 1.0


def test_a_hypothesis_about_another_score_is_never_dropped() -> None:
    made = ps.simulate(["phq9", "gad7"], n=100, seed=1).to_frame().assign(arm=["a", "b"] * 50)
    both = ps.read(made, ["phq9", "gad7"], keep="arm")
    expect = {"score": "phq9_total", "higher": "a"}
    with pytest.raises(RefusalError, match="about phq9_total, and gad7_total is compared"):
        ps.groups(both, by="arm", score="gad7_total", expect=expect)
    found = ps.groups(both, by="arm", expect=expect)
    assert len(found.hypotheses.rows) == 1


def test_a_column_of_whole_numbers_with_gaps_is_a_score() -> None:
    given = frame()
    given["weight"] = pd.array([None if at % 9 == 0 else at % 40 for at in range(N)], dtype="Int64")
    asked: dict[str, Any] = {"truth": "ill", "score": ["gad7_total", "weight"], "resamples": 0}
    found = ps.criterion(given, "gad7", **asked)
    as_floats = given.assign(weight=given["weight"].astype(float))
    assert found.to_dict() == ps.criterion(as_floats, "gad7", **asked).to_dict()
    assert found.rows[2]["n"] == N - 20


def test_na_in_a_file_is_nobodys_group_truth_or_anchor(tmp_path: Path) -> None:
    given = frame()
    given["sex"] = np.where(given["pid"] % 9 == 0, "NA", np.where(given["odd"], "m", "f"))
    lost = int((given["sex"] == "NA").sum())
    for name, low in (("first", 0), ("second", 1)):
        answers = given[ITEMS] if not low else (given[ITEMS] - given[["odd"]].to_numpy()).clip(0)
        given.assign(**answers).to_csv(tmp_path / f"{name}.csv", index=False)
    first, second = (
        ps.read(tmp_path / f"{name}.csv", "gad7", id="pid", keep="sex")
        for name in ("first", "second")
    )
    groups = ps.groups(first, by="sex", resamples=0)
    assert list(groups.groups.to_frame()["group"]) == ["f", "m"]
    said = f"{lost} people without a value of sex: left out"
    for found in (groups, ps.dif(first, by="sex"), ps.invariance(first, by="sex")):
        assert said in found.notes
    held = ps.criterion(first, truth="sex", positive="m", resamples=0)
    assert held.rows[0]["n"] == N - lost
    changed = ps.change(first, second, improvement="lower", by="sex", resamples=0)
    assert list(dict.fromkeys(row["group"] for row in changed.rows)) == ["f", "m"]
    anchored = ps.change(first, second, improvement="lower", anchor="sex", improved="m")
    assert N - lost in anchored.to_frame()["n"].tolist()
    agreed = ps.agreement(first, second, by="sex")
    assert set(agreed.to_frame()["group"].dropna()) == {"f", "m"}


def test_groups_are_what_is_read_alike() -> None:
    given = frame()
    given["sex"] = np.array(["Yes", "yes ", "No", "no"], dtype=object)[np.arange(N) % 4]
    given["site"] = np.array(["10", "9", "2"], dtype=object)[np.arange(N) % 3]
    first = ps.read(given, "gad7", id="pid", keep=["sex", "site"])
    second = ps.read(given.assign(sex=given["sex"].str.lower()), "gad7", id="pid", keep="sex")
    groups = ps.groups(first, by="sex", resamples=0).groups.to_frame()
    assert dict(zip(groups["group"], groups["n"], strict=True)) == {"No": N // 2, "Yes": N // 2}
    assert {row["focal"] for row in ps.dif(first, by="sex", tests="mantel").rows} == {"Yes"}
    agreed = ps.agreement(first, second, by="sex")
    assert set(agreed.to_frame()["group"].dropna()) == {"No", "Yes"}
    assert not any("different values" in note for note in agreed.notes)
    for name in ("yes", "YES", "Yes"):
        assert ps.dif(first, by="sex", tests="mantel", reference=name).rows[0]["focal"] == "No"
        order = ps.groups(first, by="sex", order=["no", name], resamples=0).groups.to_frame()
        assert list(order["group"]) == ["No", "Yes"]
        levels = ["configural"]
        found = ps.invariance(first, by="sex", groups=["no", name], levels=levels)
        assert found.rows[0]["n"] == N
    sites = ps.groups(first, by="site", resamples=0).groups.to_frame()["group"]
    assert list(sites) == ["2", "9", "10"]


def test_groups_of_a_change_may_be_told_at_either_occasion() -> None:
    given = frame().assign(arm=np.where(np.arange(N) % 2, "a", "b"))
    before, after = ps.read(given, "gad7", id="pid"), ps.read(given, "gad7", id="pid", keep="arm")
    found = ps.change(before, after, improvement="lower", by="arm", resamples=0)
    assert {row["group"] for row in found.rows} == {"a", "b"}
    with pytest.raises(UnknownNameError, match="arn"):
        ps.change(before, after, improvement="lower", by="arn", resamples=0)
