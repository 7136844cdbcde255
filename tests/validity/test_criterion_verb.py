"""`psychoscales.criterion`: what it takes, what it refuses, what its tables hold."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.counts import Crosstab
from psychoscales.results import WHERE
from psychoscales.verbs.criterion import criterion
from psychoscales.verbs.criterion_tables import Criterion

N = 240
TOTAL = [f"phq9_{item}" for item in range(1, 10)]


@cache
def simulated(seed: int) -> pd.DataFrame:
    frame: pd.DataFrame = ps.simulate(["phq9", "gad7"], n=N, seed=seed, loading=0.6).to_frame()
    generator = np.random.default_rng(seed)
    severity = frame[TOTAL].sum(axis=1) + generator.normal(0, 5, N)
    frame["mdd"] = (severity > 17).astype(int)
    frame["diagnosis"] = np.where(severity > 17, "Major", np.where(severity > 12, "Minor", "none"))
    frame["wellbeing"] = np.round(30 - severity / 2)
    frame["noise"] = generator.normal(size=N)
    return frame


def people() -> pd.DataFrame:
    """Return answers to two scales, a diagnosis that goes with the first, and other columns."""
    return simulated(3).copy()


def answers(frame: pd.DataFrame | None = None, scales: Any = "phq9") -> ps.Responses:
    keep = ["mdd", "diagnosis", "wellbeing", "noise"]
    return ps.read(people() if frame is None else frame, scales, keep=keep)


def found(data: Any = None, *args: Any, **asked: Any) -> Criterion:
    asked = {"truth": "mdd", "resamples": 50, **asked}
    return criterion(answers() if data is None else data, *args, **asked)


def auc(result: Criterion, score: str = "total") -> Any:
    (row,) = [r for r in result.rows if r["statistic"] == "auc" and r["score"] == score]
    return row


def row_at(result: Criterion, cutoff: float) -> Any:
    (row,) = [r for r in result.cutoffs.rows if r["cutoff"] == cutoff]
    return row


def test_frames_begin_as_all_do() -> None:
    result = found(scale=None, least_sensitivity=0.85)
    frame = result.to_frame()
    wanted = [*WHERE, "statistic", "value", "low", "high", "level", "n", "method"]
    assert list(frame.columns[: len(wanted)]) == wanted
    assert list(frame["statistic"]) == ["auc", "prevalence"]
    assert set(frame["scale"]) == {"phq9"}
    for name in ("cutoffs", "best", "strata", "references", "comparison"):
        assert list(getattr(result, name).to_frame().columns[:4]) == list(WHERE), name
    columns = set(result.cutoffs.columns)
    for name in ("sensitivity", "specificity", "ppv", "npv", "lr_positive", "lr_negative"):
        assert {name, f"{name}_low", f"{name}_high"} <= columns
    assert [row["criterion"] for row in result.best.rows] == [
        "youden",
        "closest_topleft",
        "least_sensitivity",
    ]
    assert result.best.rows[2]["sensitivity"] >= 0.85


def test_text_fits_a_terminal_and_the_rest_says_the_same() -> None:
    result = found(answers(scales=["phq9", "gad7"]))
    text = str(result)
    assert max(map(len, text.splitlines())) <= 80
    titles = ("Best cut-offs", "Decisions at", "Likelihood ratios", "Beside", "Two scores")
    assert all(title in text for title in titles)
    assert ".cutoffs has all" in text
    assert max(map(len, str(result.cutoffs).splitlines())) <= 80
    assert "<table>" in result._repr_html_()
    data = json.loads(json.dumps(result.to_dict()))
    assert len(data["cutoffs"]["rows"]) == len(result.cutoffs.rows)
    assert {row["seed"] for row in data["best"]["rows"]} == {1}


def test_every_value_and_every_declared_cutoff_has_a_row() -> None:
    frame = people()
    frame = frame[frame[TOTAL].sum(axis=1) != 15]
    result = found(answers(frame))
    values = set(frame[TOTAL].sum(axis=1)) | {5, 10, 15, 20}
    assert {row["cutoff"] for row in result.cutoffs.rows} == values
    assert row_at(result, 15)["declared"] == "severity: moderately_severe"
    assert row_at(result, 10)["method"] == "clopper_pearson; own"
    only = found(cutoffs=[12, 9.5])
    assert [row["cutoff"] for row in only.cutoffs.rows] == [9.5, 12]


def test_a_table_is_what_counting_gives() -> None:
    frame = people()
    total, ill = frame[TOTAL].sum(axis=1), frame["mdd"] == 1
    row = row_at(found(prevalence=0.08, interval="wilson"), 14)
    assert row["true_positives"] == (ill & (total >= 14)).sum()
    assert row["false_positives"] == (~ill & (total >= 14)).sum()
    assert row["sensitivity"] == (total[ill] >= 14).mean()
    odds = row["sensitivity"] / (1 - row["specificity"]) * 0.08 / 0.92
    assert row["ppv"] == pytest.approx(odds / (1 + odds))
    assert (row["prevalence"], row["method"]) == (0.08, "wilson; stated")


def test_the_direction_is_asked_for_and_never_turned_round() -> None:
    low = found(score="wellbeing")
    assert auc(low, "wellbeing")["value"] < 0.5
    assert any("below one half" in note and "direction='lower'" in note for note in low.notes)
    asked = found(score="wellbeing", direction="lower")
    assert auc(asked, "wellbeing")["value"] == pytest.approx(1 - auc(low, "wellbeing")["value"])
    assert not any("below one half" in note for note in asked.notes)
    frame = people()
    (best,) = [row for row in asked.best.rows if row["criterion"] == "youden"]
    ill, below = frame["mdd"] == 1, frame["wellbeing"] <= best["cutoff"]
    assert best["sensitivity"] == below[ill].mean()
    assert best["specificity"] == (~below)[~ill].mean()
    assert best["cutoff_low"] <= best["cutoff"] <= best["cutoff_high"]
    assert best["above"] > best["cutoff"]
    assert best["direction"] == "lower"
    both = found(score=["total", "wellbeing"], direction={"wellbeing": "lower"})
    assert [row["direction"] for row in both.rows[::2]] == ["higher", "lower"]
    assert both.comparison.rows[0]["auc_against"] == auc(asked, "wellbeing")["value"]


def test_declared_cutoffs_where_lower_values_say_positive() -> None:
    result = found(direction="lower")
    declared = [row for row in result.cutoffs.rows if row["declared"]]
    assert [(row["cutoff"], row["declared"]) for row in declared] == [
        (4, "severity: below mild"),
        (9, "severity: below moderate"),
        (14, "severity: below moderately_severe"),
        (19, "severity: below severe"),
    ]
    frame = people()
    at_or_below = frame[TOTAL].sum(axis=1) <= 9
    assert declared[1]["sensitivity"] == at_or_below[frame["mdd"] == 1].mean()
    assert {row["note"] for row in result.references.rows if row["score"] == "total"} == {
        "published where higher values say positive"
    }


@pytest.mark.parametrize(
    ("truth", "positive", "same"),
    [
        ("diagnosis", "Major", "mdd"),
        ("diagnosis", " major", "mdd"),
        ("diagnosis", ["Major", "Minor"], None),
        ("mdd", 1, "mdd"),
        ("mdd", "1", "mdd"),
    ],
)
def test_the_positive_value_is_named(truth: str, positive: Any, same: str | None) -> None:
    result = found(truth=truth, positive=positive)
    ill = people()["mdd"].sum()
    assert (auc(result)["positives"] == ill) == (same is not None)
    assert auc(result)["truth"] == truth


def test_positive_zero_turns_the_truth_round() -> None:
    value, other = auc(found())["value"], auc(found(positive=0))["value"]
    assert other == pytest.approx(1 - value)


def test_truths_that_are_written_as_truths() -> None:
    frame = people()
    frame["mdd"] = frame["mdd"] == 1
    assert auc(found(answers(frame)))["value"] == auc(found())["value"]
    frame["mdd"] = np.where(frame["mdd"], 1.0, 0.0)
    frame.loc[:4, "mdd"] = np.nan
    result = found(answers(frame))
    assert auc(result)["n"] == N - 5
    assert any("5 without the truth, 0 without the score" in note for note in result.notes)


def test_incomplete_scores_are_counted_and_said() -> None:
    frame = people()
    frame.loc[:6, TOTAL[:4]] = np.nan
    result = found(answers(frame))
    assert auc(result)["n"] == N - 7
    assert any("0 without the truth, 7 without the score" in note for note in result.notes)


def test_prorated_scores_are_decided_on_as_bands_are() -> None:
    frame = people()
    frame.loc[0, TOTAL[0]] = np.nan
    prorated = frame.loc[0, TOTAL].sum() * 9 / 8
    cutoffs = found(answers(frame)).cutoffs.to_frame()
    assert np.isclose(cutoffs["cutoff"], prorated).any()


def test_results_of_scales_are_truths() -> None:
    both = answers(scales=["phq9", "gad7"])
    rule = found(both, truth="phq9_major_depressive_syndrome", score="gad7_total")
    scored = ps.score(both).to_frame()
    ill = scored["phq9_major_depressive_syndrome"]
    assert auc(rule)["positives"] == ill.sum()
    assert rule.rows[0]["truth"] == "phq9_major_depressive_syndrome"
    assert not any("same scale" in note for note in rule.notes)
    flag = found(both, truth="self_harm", score="phq9_total")
    assert auc(flag)["positives"] == (scored["phq9_self_harm"] == "raised").sum()
    assert any("same scale" in note for note in flag.notes)
    band = found(both, truth="gad7_severity", positive=["moderate", "severe"], score="phq9_total")
    severe = scored["gad7_severity"].isin(["moderate", "severe"])
    assert auc(band)["positives"] == severe.sum()
    with pytest.raises(ps.RefusalError, match="several scales have a result 'severity'"):
        found(both, truth="severity", positive="mild")


def test_two_scores_are_compared_on_the_people_who_have_both() -> None:
    frame = people()
    frame.loc[:9, [f"gad7_{item}" for item in range(1, 8)]] = np.nan
    result = found(answers(frame, scales=["phq9", "gad7"]))
    assert [row["n"] for row in result.rows[::2]] == [N, N - 10]
    (row,) = result.comparison.rows
    assert (row["scale"], row["score"], row["against"]) == ("phq9", "total", "gad7_total")
    assert (row["n"], row["method"]) == (N - 10, "delong_paired")
    assert row["difference"] == pytest.approx(row["auc"] - row["auc_against"])
    assert row["auc"] != result.rows[0]["value"]
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert 0 < row["p"] < 1


def test_a_score_and_itself_under_another_name_have_no_test() -> None:
    frame = people()
    frame["noise"] = np.exp(frame[TOTAL].sum(axis=1) / 5)
    (row,) = found(answers(frame), score=["total", "noise"]).comparison.rows
    assert row["difference"] == 0
    assert row["p"] is None
    assert row["difference_low"] is None
    assert "same order" in row["note"]


def test_counts_give_the_same_as_people() -> None:
    whole = found()
    counted = found(whole.counts["phq9_total"], "phq9", seed=1)
    assert counted.rows[0]["value"] == whole.rows[0]["value"]
    assert counted.rows[0]["low"] == whole.rows[0]["low"]
    assert counted.cutoffs.to_frame().equals(whole.cutoffs.to_frame())
    assert counted.best.to_frame().equals(whole.best.to_frame())
    assert counted.strata.to_frame().equals(whole.strata.to_frame())
    assert any("not known here" in note for note in counted.notes)
    bare = found(whole.counts["phq9_total"])
    assert (bare.rows[0]["scale"], bare.rows[0]["score"]) == (None, "phq9_total")
    assert not bare.strata.rows


def test_counts_of_sites_add_up() -> None:
    frame = people()
    sites = [found(answers(part)) for part in (frame[:90], frame[90:])]
    merged = sites[0].counts["phq9_total"] + sites[1].counts["phq9_total"]
    assert merged == found().counts["phq9_total"]
    assert (
        found(merged, "phq9")
        .to_frame()
        .equals(found(found().counts["phq9_total"], "phq9").to_frame())
    )


def test_a_table_of_two_scores_is_compared() -> None:
    frame = people()
    score, other = frame[TOTAL].sum(axis=1), frame["wellbeing"].clip(lower=0)
    axes = {
        "phq9_total": (score.to_numpy().astype(int), [str(value) for value in range(28)]),
        "wellbeing": (other.to_numpy().astype(int), [f"{value}.0" for value in range(40)]),
        "ill": (frame["mdd"].to_numpy(), ["no", "yes"]),
    }
    table = Crosstab.of(axes)
    way: Any = {"wellbeing": "lower"}
    result = criterion(
        table, "phq9", truth="ill", positive="yes", direction=way, resamples=0, interval="wilson"
    )
    clipped = people().assign(wellbeing=other)
    rows = found(answers(clipped), score=["total", "wellbeing"], direction=way, interval="wilson")
    for name in ("auc", "auc_against", "z", "p", "difference_low"):
        assert result.comparison.rows[0][name] == pytest.approx(rows.comparison.rows[0][name])
    assert result.best.rows[0]["cutoff_low"] is None
    with pytest.raises(ps.UnknownNameError, match="axis"):
        criterion(table, truth="mdd")
    with pytest.raises(ps.RefusalError, match="positive='yes'"):
        criterion(table, truth="ill")
    with pytest.raises(ps.RefusalError, match="no numbers"):
        criterion(table, truth="phq9_total", positive=["20"], score="ill")
    words = Crosstab.of({"ill": axes["ill"], "sex": (frame["mdd"].to_numpy(), ["m", "f"])})
    with pytest.raises(ps.RefusalError, match="no axis but ill"):
        criterion(words, truth="ill", positive="yes")


def test_published_values_stand_beside() -> None:
    result = found()
    rows = [row for row in result.references.rows if row["source"] == "kroenke2001"]
    assert [(row["statistic"], row["reference"]) for row in rows] == [
        ("sensitivity", 0.88),
        ("specificity", 0.88),
    ]
    at_ten = row_at(result, 10)
    for row in rows:
        name = row["statistic"]
        assert row["value"] == at_ten[name]
        ends = (at_ten[f"{name}_low"], at_ten[f"{name}_high"])
        assert (row["value_low"], row["value_high"]) == ends
        assert row["inside"] == (ends[0] <= 0.88 <= ends[1])
        assert row["population"].startswith("US primary care")
    assert [row["n"] for row in rows] == [auc(result)["positives"], auc(result)["negatives"]]
    strata = [row for row in result.references.rows if row["lowest"] == 10]
    frame = people()
    total, ill = frame[TOTAL].sum(axis=1), frame["mdd"] == 1
    between = total.between(10, 14)
    assert strata[0]["value"] == pytest.approx(between[ill].mean() / between[~ill].mean())
    rules = [row for row in result.references.rows if row["score"] == "major_depressive_syndrome"]
    verdict = ps.score(answers()).to_frame()["phq9_major_depressive_syndrome"].astype(bool)
    sensitivity = next(row for row in rows if row["statistic"] == "sensitivity")
    assert rules[0]["statistic"] == "sensitivity"
    assert rules[0]["value"] == verdict[ill].mean()
    assert sensitivity["value"] != rules[0]["value"]


def test_a_scale_without_published_values_says_so() -> None:
    frame = ps.simulate("ghsq", n=120, seed=4).to_frame()
    frame["helped"] = np.random.default_rng(4).random(120) < 0.4
    result = criterion(frame, "ghsq", truth="helped", score="formal", resamples=0)
    assert not result.references.rows
    assert "no published sensitivity" in str(result)


def test_strata_are_declared_or_named() -> None:
    result = found()
    names = [row["stratum"] for row in result.strata.rows]
    assert names == ["minimal", "mild", "moderate", "moderately_severe", "severe"]
    assert {row["band"] for row in result.strata.rows} == {"severity"}
    named = found(bands=[8, 16], prevalence=0.2)
    texts = [row["stratum"] for row in named.strata.rows]
    assert texts == ["below 8", "8 to below 16", "16 or more"]
    frame = people()
    total, ill = frame[TOTAL].sum(axis=1), frame["mdd"] == 1
    ratio = (total[ill] >= 16).mean() / (total[~ill] >= 16).mean()
    assert named.strata.rows[2]["lr"] == pytest.approx(ratio)
    odds = 0.25 * ratio
    assert named.strata.rows[2]["probability"] == pytest.approx(odds / (1 + odds))
    one = found(answers(scales="phq9"), bands="severity")
    assert one.strata.rows == result.strata.rows


def test_empty_bands_have_no_ratio_and_say_why() -> None:
    frame = people()
    frame = frame[frame[TOTAL].sum(axis=1) < 20]
    row = found(answers(frame)).strata.rows[4]
    assert (row["stratum"], row["lr"], row["n"]) == ("severe", None, 0)
    assert "nobody" in row["note"]


def test_few_positives_leave_an_area_without_interval() -> None:
    frame = people()
    frame["mdd"] = (np.arange(N) < 4).astype(int)
    result = found(answers(frame))
    assert auc(result)["value"] is not None
    assert auc(result)["low"] is None
    assert auc(result)["level"] is None
    assert "5 positives" in auc(result)["note"]
    assert {row["cutoff"] for row in result.best.rows} == {None}
    assert row_at(result, 10)["sensitivity_low"] is not None


def test_an_interval_that_passes_one_is_named() -> None:
    frame = people()
    frame["noise"] = frame["mdd"] * 2.0
    frame.loc[frame["mdd"].idxmax(), "noise"] = -1.0
    result = found(answers(frame), score="noise")
    assert auc(result, "noise")["high"] > 1
    assert "delong_logit" in auc(result, "noise")["note"]
    logit = auc(found(answers(frame), score="noise", auc_interval="delong_logit"), "noise")
    assert logit["high"] < 1
    assert logit["note"] is None


def test_ties_are_said() -> None:
    values = np.repeat([1, 2, 3, 4, 1, 2, 3, 4], [5, 2, 2, 1, 1, 2, 3, 4])
    truth = np.repeat([0, 1], 10)
    table = Crosstab.of({"score": (values - 1, ["1", "2", "3", "4"]), "ill": (truth, ["0", "1"])})
    row = criterion(table, truth="ill", resamples=30, seed=5).best.rows[0]
    assert (row["cutoff"], row["ties"], row["seed"]) == (2, "2, 3", 5)
    assert "equally good" in row["note"]


def test_a_score_that_says_nothing_says_so() -> None:
    values = np.repeat([1, 2, 1, 2], [6, 10, 12, 6])
    truth = np.repeat([0, 1], [16, 18])
    table = Crosstab.of({"score": (values - 1, ["1", "2"]), "ill": (truth, ["0", "1"])})
    row = criterion(table, truth="ill", resamples=20).best.rows[0]
    assert (row["cutoff"], row["above"], row["youden"]) == (1, None, 0)
    assert "better than no test" in row["note"]


def test_frames_are_read_with_what_is_asked_for() -> None:
    result = criterion(people(), "phq9", truth="mdd", score=["total", "noise"], resamples=0)
    assert [row["score"] for row in result.rows[::2]] == ["total", "noise"]
    assert criterion(people(), "phq9", truth="self_harm", resamples=0).rows[0]["n"] == N
    with pytest.raises(ps.ColumnError, match="column to keep 'mdx'"):
        criterion(people(), "phq9", truth="mdx")
    with pytest.raises(TypeError, match="say which scale"):
        criterion(people(), truth="mdd")


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"truth": "mdx"}, ps.UnknownNameError, "did you mean 'mdd'"),
        ({"truth": "diagnosis"}, ps.RefusalError, "positive="),
        ({"truth": "diagnosis", "positive": "major depression"}, ps.UnknownNameError, "value of"),
        ({"truth": "noise"}, ps.RefusalError, "cut it in two"),
        ({"truth": "severity"}, ps.RefusalError, "positive="),
        ({"score": "totl"}, ps.UnknownNameError, "did you mean 'total'"),
        ({"score": "diagnosis"}, ps.UnknownNameError, "kept column of numbers"),
        ({"direction": "up"}, ps.UnknownNameError, "direction"),
        ({"direction": {"gad7_total": "lower"}}, ps.UnknownNameError, "direction"),
        ({"bands": "sevrity"}, ps.UnknownNameError, "severity"),
        ({"interval": "wald"}, ps.UnknownNameError, "clopper_pearson"),
        ({"auc_interval": "hanley"}, ps.UnknownNameError, "delong"),
        ({"prevalence": 8}, ValueError, "0.08"),
        ({"level": 95}, ValueError, "0.95"),
        ({"resamples": -1}, ValueError, "0 or more"),
        ({"cutoffs": []}, ValueError, "at least one"),
        ({"least_sensitivity": 1.2}, ValueError, "between 0 and 1"),
        ({"bands": [9, 4]}, ValueError, "rise"),
    ],
)
def test_what_cannot_be_is_refused(asked: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        found(**asked)


def test_one_class_is_refused() -> None:
    frame = people()
    for value in (0, 1):
        with pytest.raises(ps.RefusalError, match="one value only"):
            found(answers(frame.assign(mdd=value)))
    with pytest.raises(ps.RefusalError, match="nobody is negative"):
        found(truth="diagnosis", positive=["Major", "Minor", "none"])
    frame.loc[frame["mdd"] == 1, TOTAL] = np.nan
    with pytest.raises(ps.RefusalError, match="nobody is positive"):
        found(answers(frame))
    frame["mdd"] = np.nan
    with pytest.raises(ps.RefusalError, match="blank for everybody"):
        found(answers(frame))


def test_one_score_of_two_can_be_refused() -> None:
    frame = people()
    frame.loc[frame["mdd"] == 1, TOTAL] = np.nan
    result = found(answers(frame, scales=["phq9", "gad7"]))
    refused, *given = result.rows
    assert (refused["scale"], refused["value"]) == ("phq9", None)
    assert "nobody is positive" in refused["note"]
    assert [row["scale"] for row in given] == ["gad7", "gad7"]
    assert "nobody is positive" in result.comparison.rows[0]["note"]


def test_the_picture_is_drawn() -> None:
    result = found(answers(scales=["phq9", "gad7"]))
    (axes,) = result.plot().axes
    labels = [line.get_label() for line in axes.lines if "AUC" in str(line.get_label())]
    assert labels == [f"{name}, AUC {result.rows[at]['value']:.3f}" for at, name in WHOSE]
    assert len(result.plot("gad7_total").axes[0].lines) == 3
    assert axes.get_title(loc="left") == "Criterion mdd"
    with pytest.raises(ps.UnknownNameError, match="to draw"):
        result.plot("phq8_total")


WHOSE = ((0, "phq9_total"), (2, "gad7_total"))
