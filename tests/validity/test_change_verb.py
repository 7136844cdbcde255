"""`psychoscales.change`: people matched by id, an anchor, classes, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import psychoscales as ps
from psychoscales.engines.reliability.agreement import icc
from psychoscales.engines.validity.change import METHODS, minimal_changes, observed, people
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.verbs.change import Change, change
from psychoscales.verbs.change_rows import COLUMNS, COUNTED
from tests.coefficients.comparing import assert_close
from tests.counting.making import document_of

N = 160
ITEMS = [f"phq9_{number}" for number in range(1, 10)]
ORDER = ["worse", "unchanged", "a little better", "much better"]
ANCHOR: dict[str, Any] = {
    "anchor": "felt",
    "improvement": "lower",
    "improved": ORDER[2:],
    "minimal": "a little better",
    "stable": "unchanged",
    "order": ORDER,
}


def frames(n: int = N) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People who answer lower later, some by more; ids that must not be seen anywhere."""
    rng = np.random.default_rng(1)
    first = ps.simulate("phq9", n=n, seed=1).to_frame()
    second = first.copy()
    down = rng.random((n, 9)) < rng.uniform(-0.3, 1, (n, 1))
    up = rng.random((n, 9)) < 0.12
    second[ITEMS] = np.clip(first[ITEMS].to_numpy() - down + up, 0, 3)
    better = first[ITEMS].sum(axis=1) - second[ITEMS].sum(axis=1) + rng.normal(0, 2, n)
    second["felt"] = np.array(ORDER)[np.searchsorted([0, 2, 4], better)]
    second["rating"] = np.searchsorted([0, 2, 4], better) + 1
    second["yes"] = np.where(better > 2, "Yes", "no")
    first["sex"] = np.where(np.arange(n) % 2, "f", "m")
    first["pid"] = second["pid"] = [f"secret-{number}" for number in range(n)]
    return first, second


def read(
    first: pd.DataFrame, second: pd.DataFrame, scale: Any = "phq9"
) -> tuple[ps.Responses, ps.Responses]:
    kept = [name for name in ("felt", "rating", "yes") if name in second]
    return (
        ps.read(first, scale, id="pid", keep=["sex"] if "sex" in first else []),
        ps.read(second, scale, id="pid", keep=kept),
    )


def by_name(table: Change) -> dict[str, dict[str, Any]]:
    return {row["statistic"]: dict(row) for row in table.rows}


def totals(first: pd.DataFrame, second: pd.DataFrame) -> tuple[Any, Any]:
    return first[ITEMS].sum(axis=1).to_numpy(float), second[ITEMS].sum(axis=1).to_numpy(float)


def test_everything_is_there_and_is_the_engines() -> None:
    first, second = frames()
    visits = read(first, second.sample(frac=1, random_state=3))
    table = change(
        *visits,
        **ANCHOR,
        reliability={"ICC of Smith 2015": 0.86},
        anchor_reliability=0.6,
        practice=-0.4,
        critical=1.2,
        cutoff="severity.moderate",
        level=0.9,
        resamples=100,
        seed=5,
    )
    frame = table.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["statistic"]) == [
        "mean_change",
        "effect_size",
        "srm",
        "sem",
        "sdc",
        *(f"rci_{method}" for method in METHODS),
        "clinical_cutoff",
        "auc",
        "anchor_r_spearman",
        "anchor_r_polyserial",
        "guyatt",
        "mic_mean_change",
        "mic_roc_youden",
        "mic_roc_squares",
        "mic_predictive",
        "mic_adjusted",
        "mic_improved_adjusted",
    ]
    found = by_name(table)
    assert set(frame["level"].dropna()) == {0.9}
    assert set(frame["seed"].dropna()) == {5}
    before, after = totals(first, second)
    felt = second["felt"]
    of = people(
        before,
        after,
        -1,
        improved=felt.isin(ORDER[2:]),
        minimal=felt == ORDER[2],
        stable=felt == ORDER[1],
    )
    wanted = minimal_changes(of, anchor_reliability=0.6, level=0.9, resamples=100, seed=5)
    for one in wanted:
        row = found[one.coefficient]
        assert [row["value"], row["low"], row["n"]] == [one.value, one.low, one.n]
    known = observed(before, after, 0.86, -0.4)
    assert_close(found["sdc"]["value"], 1.96 * np.sqrt(2) * known.sem, "sdc")
    assert found["sdc"]["method"] == "ICC of Smith 2015"
    assert found["clinical_cutoff"]["value"] == 10
    for method, work in METHODS.items():
        assert_close(found[f"rci_{method}"]["value"], work(known, 1.2).half, method)
    assert_close(found["mean_change"]["value"], (before - after).mean(), "mean")


def test_people_are_classified_and_counted() -> None:
    first, second = frames()
    table = change(
        *read(first, second.iloc[::-1]),
        improvement="lower",
        reliability={"retest": 0.9},
        cutoff=10,
        critical=0.9,
    )
    assert table.counts.columns == COUNTED
    frame, counts = table.people.to_frame(), table.counts.to_frame()
    before, after = totals(first, second)
    assert (frame["before"] == before).all()
    assert (frame["after"] == after).all()
    assert (frame["change"] == before - after).all()
    index = (before - after) / (np.sqrt(2) * before.std(ddof=1) * np.sqrt(0.1))
    assert_close(frame["rci_jacobson_truax"], index, "index")
    wanted = np.select(
        [(index > 0.9) & (before >= 10) & (after < 10), index > 0.9, index < -0.9],
        ["recovered", "improved", "deteriorated"],
        "no_reliable_change",
    )
    assert (frame["category_jacobson_truax"] == wanted).all()
    assert {"recovered", "improved", "deteriorated"} <= set(wanted)
    for row in counts[counts["method"] == "jacobson_truax"].to_dict("records"):
        assert row["n"] == (wanted == row["category"]).sum()
        assert row["share"] == row["n"] / N
    for _, part in counts.groupby("method"):
        assert part["n"].sum() == N
    assert frame["improved"].isna().all()


def test_no_id_and_no_wide_line_comes_out() -> None:
    table = change(*read(*frames()), **ANCHOR, reliability="alpha", cutoff="a", by="sex")
    page = table._repr_html_()
    texts = [str(table), repr(table), page, json.dumps(table.to_dict()), str(table.people)]
    texts += [table.people.to_frame().to_csv(), table.counts.to_frame().to_csv()]
    assert not any("secret" in text for text in texts)
    assert max(len(line) for line in str(table).splitlines()) <= 80
    assert "no reliable change" in page


def test_matching_is_said_in_numbers() -> None:
    first, second = frames()
    first.loc[3:6, ITEMS] = np.nan
    table = change(*read(first.iloc[:-8], second.iloc[1:]), **ANCHOR, resamples=20)
    text = " ".join(str(table).split())
    assert "151 people at both occasions; 1 only at the first, 8 only at the second" in text
    assert "147 people with a score at both occasions; without one at each occasion: 4, 0" in text
    assert by_name(table)["srm"]["n"] == 147
    assert "felt: 65 improved" not in text
    improved = int(second["felt"].iloc[[1, 2, *range(7, N - 8)]].isin(ORDER[2:]).sum())
    assert f"felt: {improved} improved (a little better or much better)" in text.replace(
        "much better or a little better", "a little better or much better"
    )


@pytest.mark.parametrize(
    "anchor",
    [
        {"anchor": "felt", "improved": ORDER[2:], "order": ORDER},
        {"anchor": "rating", "improved": [3, 4]},
        {"anchor": "rating", "improved": (4.0, "3")},
    ],
)
def test_an_anchor_may_be_texts_or_numbers(anchor: dict[str, Any]) -> None:
    visits = read(*frames())
    found = by_name(change(*visits, improvement="lower", resamples=20, **anchor))
    wanted = by_name(change(*visits, **ANCHOR, resamples=20))
    for name in ("auc", "anchor_r_spearman", "anchor_r_polyserial", "mic_predictive"):
        assert found[name]["value"] == wanted[name]["value"]
        assert found[name]["low"] == wanted[name]["low"]


def test_a_turned_rating_is_read_by_what_improved_means() -> None:
    first, second = frames()
    wanted = by_name(change(*read(first, second), **ANCHOR, resamples=20))
    second["rating"] = 5 - second["rating"]
    visits = read(first, second)
    found = by_name(change(*visits, "rating", improvement="lower", improved=[1, 2], resamples=20))
    assert found["anchor_r_spearman"]["value"] == wanted["anchor_r_spearman"]["value"]


def test_yes_and_no_need_no_naming() -> None:
    first, second = frames()
    found = by_name(change(*read(first, second), "yes", improvement="lower", resamples=20))
    second["yes"] = (second["yes"] == "Yes").astype(int)
    again = by_name(change(*read(first, second), "yes", improvement="lower", resamples=20))
    second["yes"] = second["yes"] == 1
    third = by_name(change(*read(first, second), "yes", improvement="lower", resamples=20))
    assert found["mic_adjusted"] == again["mic_adjusted"] == third["mic_adjusted"]
    assert found["mic_mean_change"]["value"] is None
    assert "minimal=" in found["mic_mean_change"]["note"]


def test_an_anchor_of_the_earlier_file_will_do() -> None:
    first, second = frames()
    wanted = by_name(change(*read(first, second), "yes", improvement="lower", resamples=20))
    first["yes"], second = second["yes"], second.drop(columns="yes")
    visits = ps.read(first, "phq9", id="pid", keep="yes"), ps.read(second, "phq9", id="pid")
    assert by_name(change(*visits, "yes", improvement="lower", resamples=20)) == wanted


def test_reliability_may_be_of_the_earlier_answers() -> None:
    first, second = frames()
    visits = read(first.iloc[:150], second)
    found = by_name(change(*visits, improvement="lower", reliability="alpha"))
    (alpha,) = ps.reliability(visits[0], coefficients="alpha", interval=None).rows
    sd = totals(first.iloc[:150], second)[0].std(ddof=1)
    assert_close(found["sem"]["value"], sd * np.sqrt(1 - alpha["value"]), "sem")
    assert found["sem"]["method"] == "alpha"


def test_reliability_may_be_of_stable_people() -> None:
    first, second = frames()
    table = change(*read(first, second), **ANCHOR, reliability="ICC(A,1)", resamples=20)
    before, after = totals(first, second)
    same = (second["felt"] == "unchanged").to_numpy()
    wanted = icc(np.column_stack([before[same], after[same]]))[1]
    assert wanted.coefficient == "ICC(A,1)"
    sem = before.std(ddof=1) * np.sqrt(1 - float(wanted.value or 0))
    found = by_name(table)["sem"]
    assert_close(found["value"], sem, "sem")
    assert found["method"] == "ICC(A,1) of stable people"


def test_groups_and_scores() -> None:
    first, second = frames()
    visits = read(first, second)
    table = change(*visits, **ANCHOR, by="sex", resamples=20).to_frame()
    own = change(
        *read(first[first["sex"] == "f"], second[first["sex"] == "f"]), **ANCHOR, resamples=20
    ).to_frame()
    of_women = table[table["group"] == "f"].reset_index(drop=True).drop(columns="group")
    pd.testing.assert_frame_equal(of_women, own.drop(columns="group"))
    assert list(table["group"].unique()) == ["f", "m"]


def test_scores_may_differ_in_their_direction() -> None:
    scale = "ghsq_kobori2021"
    both = [ps.simulate(scale, n=50, seed=seed).to_frame().assign(pid=range(50)) for seed in (1, 2)]
    first, second = (ps.read(frame, scale, id="pid") for frame in both)
    tables = (
        change(first, second, improvement="higher").to_frame(),
        change(first, second, improvement={"formal": "lower", "informal": "higher"}).to_frame(),
    )
    one, other = (
        table[table["statistic"] == "srm"].set_index("score")["value"] for table in tables
    )
    assert_close(one["formal"], -other["formal"], "turned")
    assert abs(one["formal"]) > 0.1
    assert one["informal"] == other["informal"] != 0
    with pytest.raises(UnknownNameError, match="improvement"):
        change(first, second, improvement={"formal": "lower"})
    with pytest.raises(RefusalError, match="score="):
        change(first, second, improvement="lower", reliability={"known": 0.8})
    known = change(first, second, improvement="lower", reliability={"a": 0.8}, score="formal")
    assert by_name(known)["sem"]["method"] == "a"


def test_bootstrap_intervals_of_effects() -> None:
    visits = read(*frames())
    closed, drawn = (
        by_name(change(*visits, improvement="lower", interval=interval, resamples=200, seed=9))
        for interval in ("closed_form", "bootstrap")
    )
    for name in ("effect_size", "srm"):
        assert_close(drawn[name]["value"], closed[name]["value"], name)
        assert drawn[name]["low"] != closed[name]["low"]
        assert (drawn[name]["method"], drawn[name]["seed"]) == ("bootstrap", 9)


def test_cautions_are_given() -> None:
    first, second = frames()
    rng = np.random.default_rng(2)
    noise = np.where(rng.random(N) < 0.85, "better", "worse")
    better = totals(first, second)[0] - totals(first, second)[1]
    noise[np.argsort(better)[-9:]] = "better"
    noise[np.argsort(better)[:2]] = "worse"
    second["felt"] = noise
    table = change(
        *read(first, second),
        "felt",
        improvement="lower",
        improved="better",
        reliability={"low": 0.3},
        resamples=50,
    )
    text = " ".join(str(table).split())
    assert "A share improved of 0.8" in text
    assert "Revicki et al. (2008) ask for 0.30" in text
    assert "mic_predictive is below sdc" in text
    assert "bootstrap: 50 resamples of people, seed 1" in text
    fine = change(*read(*frames()), **ANCHOR, resamples=20)
    text = " ".join(str(fine).split())
    assert "Revicki" not in text
    assert "A share improved" not in text
    assert "no reliable change without a reliability" in text


def test_the_plot_shows_who_changed() -> None:
    visits = read(*frames())
    table = change(*visits, improvement="lower", reliability="alpha", cutoff=10, by="sex")
    with pytest.raises(ValueError, match="say which score"):
        table.plot()
    figure = table.plot(group="f", method="edwards_nunnally")
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    shown = {text.get_text() for text in figure.legends[0].get_texts()}
    assert "no reliable change" in shown
    assert axes.get_title(loc="left") == "phq9 total f: 80 people"
    with pytest.raises(UnknownNameError, match="method"):
        table.plot(group="f", method="chelune")
    with pytest.raises(UnknownNameError, match="score"):
        table.plot("severity")
    plain = change(*visits, improvement="lower").plot()
    assert not plain.legends


@pytest.mark.parametrize(
    ("more", "error", "why"),
    [
        ({"improvement": "down"}, ValueError, "'lower' or 'higher'"),
        ({"level": 95}, ValueError, "level"),
        ({"critical": 0.0}, ValueError, "critical"),
        ({"interval": "bca"}, UnknownNameError, "interval"),
        ({"score": "totals"}, UnknownNameError, "score"),
        ({"anchor": "fel"}, UnknownNameError, "did you mean 'felt'"),
        ({"anchor": "felt"}, RefusalError, "say which values mean importantly improved"),
        ({"anchor": "felt", "improved": "better"}, UnknownNameError, "value of felt"),
        ({"anchor": "rating", "improved": [3]}, RefusalError, "not at one end"),
        ({"anchor": "felt", "improved": ORDER}, RefusalError, "all are improved"),
        (
            {"anchor": "felt", "improved": ORDER[3], "stable": ORDER[3]},
            RefusalError,
            "both improved and stable",
        ),
        (
            {"anchor": "felt", "improved": ORDER[3], "order": ORDER[1:]},
            RefusalError,
            "lacks worse",
        ),
        ({"improved": "felt"}, TypeError, "of an anchor"),
        ({"anchor": "yes", "anchor_reliability": 1.5}, ValueError, "anchor_reliability"),
        ({"reliability": "alfa"}, UnknownNameError, "did you mean 'alpha'"),
        ({"reliability": {"a": 0.8, "b": 0.9}}, ValueError, "one number"),
        ({"reliability": "ICC(C,1)"}, RefusalError, "stable people"),
        ({"cutoff": "c", "reliability": "alpha"}, RefusalError, "norms="),
        ({"cutoff": "severity.modrate"}, UnknownNameError, "severity.moderate"),
    ],
)
def test_what_is_wrong_is_refused(more: dict[str, Any], error: type, why: str) -> None:
    visits = read(*frames(40))
    with pytest.raises(error, match=why):
        change(*visits, **{"improvement": "lower", "resamples": 20, **more})


def test_improvement_has_no_default() -> None:
    with pytest.raises(TypeError, match="improvement"):
        change(*read(*frames(20)))  # type: ignore[call-arg]


def test_people_must_be_matched() -> None:
    first, second = frames(30)
    bare = ps.read(first, "phq9"), ps.read(second, "phq9")
    with pytest.raises(RefusalError, match="no ids"):
        change(*bare, improvement="lower")
    second["pid"] += "x"
    with pytest.raises(RefusalError, match="no id is at every occasion"):
        change(*read(first, second), improvement="lower")


def test_what_cannot_be_given_says_why() -> None:
    first, second = frames(30)
    first[ITEMS] = second[ITEMS] = 1
    with pytest.raises(RefusalError, match="for everybody"):
        change(*read(first, second.assign(yes="no")), "yes", improvement="lower")
    table = by_name(change(*read(first, second), improvement="lower", reliability={"r": 0.8}))
    assert table["mean_change"]["value"] == 0
    assert change(*read(first, second), improvement="lower").plot("total").axes
    for name in ("effect_size", "srm", "sem"):
        assert table[name]["value"] is None
        assert table[name]["note"]
    first[ITEMS] = np.nan
    with pytest.raises(RefusalError, match="3 people are needed"):
        change(*read(first, second), improvement="lower")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"weights": {"phq9_1": 3}, "range": [0.0, 33.0]}, "it has weights"),
        ({"method": "count", "at_least": 2, "range": [0.0, 9.0]}, "it is a count"),
        ({"method": "max", "range": [0.0, 3.0]}, "it is a max"),
    ],
)
def test_a_coefficient_of_the_sum_is_not_of_another_score(
    changed: dict[str, Any], why: str
) -> None:
    tree = document_of(ITEMS, range(4))
    tree["scores"][0] |= changed
    both = [ps.read(each, tree, id="pid") for each in frames()]
    table = change(both[0], both[1], improvement="lower", reliability="alpha")
    assert "sem" not in by_name(table)
    assert any(f"no alpha of total: {why}" in note for note in table.notes)
    known = change(both[0], both[1], improvement="lower", reliability={"of Smith": 0.8})
    assert by_name(known)["sem"]["value"] > 0


def test_a_reliability_has_a_name() -> None:
    wrong: Any = 0.9
    with pytest.raises(ValueError, match="under its name"):
        change(*read(*frames()), improvement="lower", reliability=wrong)


def test_directions_may_be_told_by_whole_names() -> None:
    for names in ({"phq9_total": "lower"}, {"total": "lower"}):
        directions: Any = names
        found = change(*read(*frames()), improvement=directions)
        assert found.to_dict() == change(*read(*frames()), improvement="lower").to_dict()
    directions = {"phq9_total": "lower", "total": "higher"}
    found = change(*read(*frames()), improvement=directions)
    assert found.to_dict() == change(*read(*frames()), improvement="lower").to_dict()
    directions = {"gad7_total": "lower"}
    with pytest.raises(ps.UnknownNameError, match="'phq9_total'"):
        change(*read(*frames()), improvement=directions)


def test_a_coefficient_that_is_not_of_the_score_is_not_used() -> None:
    for name in ("alpha_standardized", "inter_item_r_max", "ave", "coefficient_h", "kr20"):
        table = change(*read(*frames()), improvement="lower", reliability=name)
        assert "sem" not in by_name(table)
        assert any(f"no reliable change: {name} is" in note for note in table.notes)
    few = change(
        *read(*frames()), **{**ANCHOR, "stable": None}, reliability="ICC(A,1)", resamples=20
    )
    assert "sem" not in by_name(few)
    assert "0 people stable" in " ".join(str(few).split())
