"""`psychoscales.groups`: what it takes, what it gives back, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.results import WHERE
from psychoscales.verbs.declared import of_groups
from psychoscales.verbs.group_tables import COLUMNS, GROUP_COLUMNS, PAIR_COLUMNS
from psychoscales.verbs.groups import groups
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference
from tests.real.test_nhanes import BINDING


def answers(n: int = 240, missing: float = 0.0) -> ps.Responses:
    simulated = ps.simulate(["phq9", "gad7"], n=n, seed=5, correlation=0.6, missing=missing)
    frame = simulated.to_frame()
    total = frame[[f"phq9_{at}" for at in range(1, 10)]].sum(axis=1)
    noise = np.random.default_rng(3).normal(0, 5, n)
    frame["ill"] = np.where(total + noise > 14, "yes", "no")
    frame["stage"] = np.digitize(total + noise, [10.0, 17.0]) + 1
    frame["age"] = np.arange(n) % 60 + 18
    frame.loc[:4, "ill"] = None
    return ps.read(frame, ["phq9", "gad7"], keep=["ill", "stage", "age"])


def test_two_groups() -> None:
    given = answers()
    found = groups(given, by="ill", level=0.9)
    table = found.to_frame()
    assert list(table.columns) == list(COLUMNS)
    assert list(table.columns[:4]) == list(WHERE)
    assert list(table["test"]) == ["welch_t", "mann_whitney"] * 2
    assert list(table["effect"]) == ["hedges_g", "rank_biserial"] * 2
    assert (table["level"] == 0.9).all()
    assert (table["value"] > 0).all(), "yes comes after no, and is higher"
    described = found.groups.to_frame()
    assert list(described.columns) == list(GROUP_COLUMNS)
    phq = described[described["scale"] == "phq9"].set_index("group")
    assert list(phq.index) == ["no", "yes"]
    assert phq["n"].sum() + phq["missing"].sum() == 235
    pairs = found.pairs.to_frame()
    assert list(pairs.columns) == list(PAIR_COLUMNS)
    assert list(pairs["contrast"]) == ["yes - no"] * 2
    difference = phq.loc["yes", "mean"] - phq.loc["no", "mean"]
    assert pairs.loc[0, "difference"] == pytest.approx(difference)
    assert pairs.loc[0, "p"] == table.loc[0, "p"]
    assert any("5 people without a value of ill" in note for note in found.notes)


def test_missing_scores_are_counted() -> None:
    given = answers(missing=0.25)
    found = groups(given["gad7"], by="ill")
    described = found.groups.to_frame()
    score = ps.score(given).column("gad7_total")
    assert described["missing"].sum() > 0
    assert described["n"].sum() == int((~np.isnan(score[5:])).sum())
    assert found.rows[0]["n"] == described["n"].sum()


def test_the_order_turns_differences_and_asks_for_a_trend() -> None:
    given = answers()
    up = groups(given["phq9"], by="stage", resamples=50)
    assert list(up.to_frame()["test"]) == ["welch_anova", "anova", "kruskal_wallis"]
    ordered = groups(given["phq9"], by="stage", order=[3, 2, 1], resamples=50, seed=8)
    table = ordered.to_frame().set_index("test")
    assert list(table.index[3:]) == ["linear_contrast", "jonckheere_terpstra"]
    assert table.loc["linear_contrast", "value"] < 0
    assert table.loc["kruskal_wallis", "seed"] == 8
    assert list(ordered.pairs.to_frame()["contrast"]) == ["2 - 3", "1 - 3", "1 - 2"]
    first, turned = up.pairs.to_frame(), ordered.pairs.to_frame()
    assert first.loc[0, "difference"] == pytest.approx(-turned.loc[2, "difference"])
    assert first.loc[0, "g"] == pytest.approx(-turned.loc[2, "g"])
    assert groups(given["phq9"], by="stage", resamples=0).to_frame()["seed"].isna().all()


def test_other_settings_are_used() -> None:
    given = answers()
    by_pair = groups(given["phq9"], by="stage", pairwise="welch_holm", resamples=0).pairs
    assert set(by_pair.to_frame()["method"]) == {"welch_holm"}
    average = groups(given["phq9"], by="ill", sd="average")
    assert average.rows[0]["interval"] == "average SD, Bonett"
    assert "average SD" in str(average)


@pytest.mark.parametrize(("adjust", "factor"), [("holm", 2.0), ("none", 1.0)], ids=["holm", "none"])
def test_p_is_adjusted_across_scores(adjust: Any, factor: float) -> None:
    table = groups(answers(), by="ill", adjust=adjust).to_frame()
    for test in ("welch_t", "mann_whitney"):
        rows = table[table["test"] == test]
        smallest = rows["p"].min()
        assert rows["p_adjusted"].min() == pytest.approx(factor * smallest)


def test_bands_rules_and_flags_are_groups() -> None:
    given = answers()
    found = groups(given, by="phq9_severity", resamples=0)
    table = found.to_frame()
    assert list(table["scale"])[:1] == ["phq9"]
    assert table.loc[0, "statistic"] is None or np.isnan(table.loc[0, "statistic"])
    assert "differ by construction" in found.rows[0]["note"]
    assert set(table[table["scale"] == "gad7"]["test"]) >= {"jonckheere_terpstra", "anova"}
    rule = groups(given, by="phq9_major_depressive_syndrome", score="gad7_total")
    assert set(rule.groups.to_frame()["group"]) == {"false", "true"}
    flag = groups(given, by="phq9_self_harm", score="gad7_total")
    assert set(flag.groups.to_frame()["group"]) == {"clear", "raised"}
    with pytest.raises(ps.RefusalError, match="by construction"):
        groups(given["phq9"], by="phq9_severity")


def test_hypotheses() -> None:
    given = answers()
    found = groups(
        given["phq9"],
        by="ill",
        expect=[{"higher": "yes"}, {"lower": "yes"}, {"higher": "yes", "g": [0.1, 9]}],
    )
    table = found.hypotheses.to_frame()
    assert list(table["confirmed"]) == [True, False, True]
    assert found.share_confirmed == pytest.approx(2 / 3)
    assert "2 of 3 confirmed (66.7%)" in str(found)
    turned = groups(
        given["phq9"], by="ill", order=["yes", "no"], expect={"higher": "yes", "g": [0.1, 9]}
    )
    assert turned.share_confirmed == 1
    assert turned.rows[0]["value"] == pytest.approx(-found.rows[0]["value"])
    staged = groups(
        given,
        by="stage",
        resamples=0,
        expect=["3 > 2 > 1", {"order": [1, 2, 3], "score": "gad7_total"}, {"order": "1 > 3 > 2"}],
    )
    said = staged.hypotheses.to_frame()
    assert list(said["scale"]) == ["phq9"] * 2 + ["gad7"] * 3
    assert list(said["hypothesis"])[:2] == ["3 > 2 > 1", "1 > 3 > 2"]
    assert list(said["confirmed"])[:2] == [True, False]
    assert groups(given, by="ill").share_confirmed is None


@pytest.mark.parametrize(
    ("expect", "error", "says"),
    [
        ({"hihger": "yes"}, ps.UnknownNameError, "higher"),
        ({"higher": "ill"}, ps.UnknownNameError, "group of a hypothesis"),
        ({"higher": "yes", "lower": "no"}, ps.RefusalError, "one of higher, lower or order"),
        ({"score": "total"}, ps.RefusalError, "one of higher, lower or order"),
        ("yes", ps.RefusalError, "no order"),
        ("yes > yes", ps.RefusalError, "two different"),
        ({"higher": "yes", "g": 0.5}, ps.RefusalError, "a range"),
        ({"higher": "yes", "g": [0.9, 0.5]}, ps.RefusalError, "no range"),
        (3, TypeError, "int"),
        ([3], TypeError, "a text or a mapping"),
    ],
)
def test_hypotheses_that_say_nothing(expect: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        of_groups(expect, ["no", "yes"])
    with pytest.raises(ps.RefusalError, match="g is of two groups"):
        of_groups({"higher": "a", "g": [0.2, None]}, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"by": "il"}, ps.UnknownNameError, "did you mean 'ill'"),
        ({"by": "age"}, ps.RefusalError, "60 different values"),
        ({"by": "ill", "order": ["no"]}, ps.RefusalError, "leaves out yes"),
        ({"by": "ill", "order": ["no", "yes", "maybe"]}, ps.UnknownNameError, "maybe"),
        ({"by": "ill", "score": "totl"}, ps.UnknownNameError, "total"),
        ({"by": "ill", "adjust": "bonferroni"}, ps.UnknownNameError, "adjustment"),
        ({"by": "ill", "sd": "control"}, ps.UnknownNameError, "sd of"),
        ({"by": "ill", "pairwise": "tukey"}, ps.UnknownNameError, "pairwise"),
        ({"by": "ill", "level": 95}, ValueError, "between 0 and 1"),
        ({"by": "ill", "expect": {"higher": "yes", "score": "x"}}, ps.UnknownNameError, "score"),
    ],
)
def test_refusals(asked: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        groups(answers(), **asked)


def test_one_group_and_groups_of_one() -> None:
    frame = answers().to_frame()
    frame["one"] = "all"
    frame["few"] = ["x", *["y"] * (len(frame) - 1)]
    given = ps.read(frame, "phq9", keep=["one", "few"])
    with pytest.raises(ps.RefusalError, match="one group only"):
        groups(given, by="one")
    with pytest.raises(ps.RefusalError, match=r"fewer than two people with a score in x \(1\)"):
        groups(given, by="few")


def test_results_can_be_kept_shown_and_drawn() -> None:
    found = groups(answers(), by="stage", resamples=20, expect="3 > 2 > 1")
    text = str(found)
    assert max(len(line) for line in text.splitlines()) <= 80
    for part in ("Groups by stage", "Pairs", "Hypotheses declared beforehand", "welch_anova"):
        assert part in text
    kept = json.loads(json.dumps(found.to_dict()))
    assert kept["pairs"]["rows"][0]["first"] == "1"
    assert "<table>" in found._repr_html_()
    with pytest.raises(ps.UnknownNameError):
        found.plot()
    figure = found.plot("total", scale="gad7")
    (axes,) = figure.axes
    assert [label.get_text().split("\n")[0] for label in axes.get_xticklabels()] == ["1", "2", "3"]


def test_many_values_are_drawn_in_steps() -> None:
    from psychoscales.plots.known_groups import MOST_BINS, _binned

    values = np.sort(np.random.default_rng(1).normal(0, 3, 500))
    places, stacked, height = _binned(values, np.ones((500, 2), dtype=np.int64))
    assert len(places) <= MOST_BINS
    assert stacked.sum() == 1000
    assert np.diff(places).min() == pytest.approx(height / 0.9)
    assert _binned(values[:1], np.ones((1, 2), dtype=np.int64))[2] == 0.9


def _known(table: Any, wanted: Any, sign: float) -> int:
    """Compare tests of two groups with R's, whose differences have this sign."""
    rows = table.set_index("test")
    welch, u = wanted["welch"], wanted["wilcoxon"]
    found = [rows.loc["welch_t", key] for key in ("statistic", "df", "p")]
    compared = assert_close(found, [sign * welch["t"], welch["df"], welch["p"]], "Welch's t", 1e-9)
    n1, n2 = wanted["n"].values()
    statistic = u["W"] if sign > 0 else n1 * n2 - u["W"]
    found = [rows.loc["mann_whitney", key] for key in ("statistic", "p")]
    return compared + assert_close(found, [statistic, u["p"]], "Mann-Whitney", 1e-9)


def test_real_students(shared: Path) -> None:
    folder = shared / "phq9_gad7_pss_ukm"
    wanted = reference(folder)["known_gender"]
    columns = {f"phq9_{at}": f"D{at}" for at in range(1, 10)}
    given = ps.read(
        folder / "ukm_phq9_gad7_pss10.csv.gz",
        "phq9",
        binding={"scales": {"phq9": {"columns": columns}}},
        keep="Gender",
    )
    table = groups(given, by="Gender")
    assert _known(table.to_frame(), wanted, -1.0) == 5
    assert_close(-table.rows[0]["value"], wanted["hedges_g"], "g", 1e-9)


def test_real_adults(shared: Path) -> None:
    folder = shared / "nhanes_phq9"
    wanted = reference(folder)
    path = folder / "nhanes_dpq_demo_2011_2018.csv.gz"
    given = ps.read(path, "phq9", binding=BINDING, keep=["RIAGENDR", "DMDEDUC2"])
    # R compares the people who answered all nine items; those prorated are left out here too.
    whole = ps.score(given).to_frame()["phq9_total_status"] == "ok"
    frame = given.to_frame()[whole].reset_index(drop=True)
    frame["DMDEDUC2"] = frame["DMDEDUC2"].where(frame["DMDEDUC2"] < 7)
    complete = ps.read(frame, "phq9", keep=["RIAGENDR", "DMDEDUC2"])
    table = groups(complete, by="RIAGENDR", order=[2, 1]).to_frame()
    assert _known(table, wanted["known_sex_pooled"], -1.0) == 5
    several, education = groups(complete, by="DMDEDUC2"), wanted["known_education_pooled"]
    rows = several.to_frame().set_index("test")
    assert list(several.groups.to_frame()["n"]) == list(education["n"].values())
    assert_close(rows.loc["anova", "statistic"], education["anova"]["F"], "F", 1e-9)
    welch = [rows.loc["welch_anova", key] for key in ("statistic", "df_error")]
    golden = [education["welch_anova"]["F"], education["welch_anova"]["df"]["denom df"]]
    assert_close(welch, golden, "Welch's F", 1e-9)
    h = rows.loc["kruskal_wallis", "statistic"]
    assert_close(h, education["kruskal"]["H"], "H", 1e-9)
