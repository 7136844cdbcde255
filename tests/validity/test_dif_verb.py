"""`dif`: what goes in, what comes out, and that it is the engine's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.validity.dif.studied import LOGISTIC, TESTS, Design, Studied
from psychoscales.verbs.dif import dif
from tests.counting.making import document_of, scale_of
from tests.validity.dif_cases import answers_of, simulated

ITEMS = ("q1", "q2", "q3", "q4", "q5")
COLUMNS = ["scale", "score", "group", "occasion", "item", "test", "statistic", "df", "p"]
COLUMNS += ["p_adjusted", "effect", "class"]


def frame_of(shift: float = 1.0, options: int = 4, n: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    women, men = simulated(rng, n, 5, options), simulated(rng, n - 80, 5, options, shift=shift)
    frame = pd.DataFrame(np.concatenate([women, men]), columns=list(ITEMS), dtype=object)
    frame["sex"] = ["woman"] * n + ["man"] * (n - 80)
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


def read(frame: pd.DataFrame, options: int = 4, keep: Any = "sex") -> ps.Responses:
    return ps.read(frame, scale_of(ITEMS, tuple(range(options))), keep=keep)


@pytest.fixture(scope="module")
def people() -> ps.Responses:
    return read(frame_of())


def test_the_frame_begins_with_the_stable_columns(people: ps.Responses) -> None:
    found = dif(people, by="sex")
    frame = found.to_frame()
    assert list(frame.columns[:12]) == COLUMNS
    assert list(frame["test"].unique()) == ["mantel", "liu_agresti", *LOGISTIC]
    assert len(frame) == 25
    assert (frame["reference"] == "man").all()
    assert (frame["focal"] == "woman").all()
    assert (frame["family"] == 5).all()
    assert (frame["p_adjusted"] == frame["p_holm"]).all()
    assert (frame["p_adjusted"] >= frame["p"]).all()


def test_its_numbers_are_the_engines_on_the_keyed_answers(people: ps.Responses) -> None:
    frame = frame_of()
    groups = {
        name: frame.loc[frame["sex"] == name, list(ITEMS)].to_numpy(dtype=np.int8)
        for name in ("woman", "man")
    }
    answers = answers_of(groups, ITEMS, (0, 1, 2, 3))
    asked: dict[str, Any] = {"matching": "rest", "anchors": ["q2", "q3", "q5"], "pool": 8}
    rows = dif(people, by="sex", reference="woman", tests="all", adjust="bh", **asked).rows
    compared = 0
    for row in rows:
        each = Studied.of(answers, row["item"], Design(("q2", "q3", "q5"), "rest", 8))
        if row["statistic"] is None:
            assert row["test"].startswith("mantel_haenszel_")
            continue
        wanted = TESTS[row["test"]](each)
        assert (row["statistic"], row["p"], row["effect"]) == (
            wanted.statistic,
            wanted.p,
            wanted.effect,
        )
        assert (row["class"], row["higher"], row["n"]) == (
            wanted.dif_class,
            wanted.higher,
            wanted.n,
        )
        assert row["p_adjusted"] == row["p_bh"]
        assert row["anchor"] == (row["item"] in asked["anchors"])
        compared += 1
    assert compared == 30


def test_two_options_are_tested_by_mantel_and_haenszel() -> None:
    found = dif(read(frame_of(options=2), 2), by="sex").to_frame()
    assert list(found["test"].unique()) == ["mantel_haenszel_corrected", *LOGISTIC]
    first = found.iloc[0]
    assert first["effect_name"] == "mh_d_dif"
    assert first["effect"] == pytest.approx(-2.35 * np.log(first["odds_ratio"]))
    assert first["higher"] == "man"


def test_three_groups_have_their_tests() -> None:
    frame = frame_of()
    frame["site"] = np.arange(len(frame)) % 3
    found = dif(read(frame, keep=["site"]), by="site", reference="2").to_frame()
    assert list(found["test"].unique()) == ["mantel", "generalized_mantel_haenszel", *LOGISTIC]
    assert set(found.loc[found["test"] == "mantel", "df"]) == {2}
    assert set(found.loc[found["test"] == "logistic_total", "df"]) == {4}
    assert found["focal"].isna().all()
    assert (found["reference"] == "2").all()
    effects = dif(read(frame, keep="site"), by="site", anchors=["q3"]).effects.to_frame()
    assert list(effects["focal"].unique()) == ["1", "2"]
    assert effects["item"].isna().sum() == 2


def test_people_without_a_group_or_an_answer_are_left_out_and_counted() -> None:
    frame = frame_of()
    small = frame.drop(index=range(30))
    frame.loc[:9, "sex"] = None
    frame.loc[10:29, "q4"] = None
    one, two = dif(read(frame), by="sex"), dif(read(small), by="sex")
    notes = " ".join(one.notes)
    assert "10 people without a value of sex: left out" in notes
    assert "20 left out because an answer is missing" in notes
    columns = ["statistic", "effect"]
    assert one.to_frame()[columns].equals(two.to_frame()[columns])


def test_groups_may_be_numbers_and_stand_in_their_order() -> None:
    frame = frame_of()
    frame["wave"] = [10.0, 9.0] * (len(frame) // 2)
    frame.loc[3, "wave"] = np.nan
    found = dif(read(frame, keep="wave"), by="wave", tests="mantel")
    assert {(row["reference"], row["focal"]) for row in found.rows} == {("9", "10")}
    assert "1 person without a value of wave: left out" in found.notes


def test_na_is_a_group_and_only_blanks_are_not() -> None:
    frame = frame_of()
    frame["country"] = ["NA", "BR"] * (len(frame) // 2)
    frame.loc[[0, 1, 2], "country"] = ["", None, "  "]
    found = dif(read(frame, keep="country"), by="country", tests="mantel")
    assert {(row["reference"], row["focal"]) for row in found.rows} == {("BR", "NA")}
    assert "3 people without a value of country: left out" in found.notes


def test_counts_of_sites_give_what_the_people_together_give(people: ps.Responses) -> None:
    frame = frame_of()
    wanted = dif(people, by="sex", purify="logistic_total")
    groups: dict[str, Patterns] = {}
    scale = scale_of(ITEMS)
    for name in ("man", "woman"):
        own = frame[frame["sex"] == name]
        groups[name] = ps.count(own.iloc[:90], scale) + ps.count(own.iloc[90:], scale)
    found = dif(groups, scale, by="sex", purify="logistic_total")
    assert found.to_frame().equals(wanted.to_frame())
    assert found.effects.to_frame().equals(wanted.effects.to_frame())
    assert found.coefficients.to_frame().equals(wanted.coefficients.to_frame())


def test_reversed_items_are_keyed_first() -> None:
    frame = frame_of()
    turned = frame.assign(q2=3 - frame["q2"].astype(int))
    plain = dif(read(frame), by="sex").to_frame()
    scale = scale_of(ITEMS, reverse=["q2"])
    keyed = dif(ps.read(turned, scale, keep="sex"), by="sex").to_frame()
    assert keyed.equals(plain)
    unkeyed = dif(read(turned), by="sex").to_frame()
    assert not np.allclose(unkeyed["statistic"], plain["statistic"])


def test_dif_that_was_built_in_is_found_and_purification_says_how(people: ps.Responses) -> None:
    found = dif(people, by="sex", purify="logistic_total", alpha=0.01, rounds=8)
    frame = found.to_frame()
    worst = frame[(frame["item"] == "q1") & (frame["test"] == "liu_agresti")].iloc[0]
    assert (worst["class"], worst["higher"]) == ("C", "man")
    assert not worst["anchor"]
    anchors = found.anchors.to_frame()
    assert list(anchors.loc[~anchors["anchor"], "item"]) == ["q1"]
    assert anchors["converged"].all()
    assert set(anchors["how"]) == {"purified by logistic_total"}
    effects = found.effects.to_frame()
    whole = effects[effects["item"].isna()].iloc[0]
    assert whole["signed"] == pytest.approx(effects.iloc[0]["signed"])
    assert whole["signed"] < -0.2
    assert any("out of the anchors: q1" in note for note in found.notes)


def test_the_sum_has_no_effect_without_anchors_and_says_why(people: ps.Responses) -> None:
    effects = dif(people, by="sex", tests="mantel").effects.to_frame()
    last = effects.iloc[-1]
    assert np.isnan(last["signed"])
    assert "cancel" in last["note"]
    items = effects[effects["item"].notna()]
    assert abs(items["signed"].sum()) < 0.1 * items["signed"].abs().sum()


def test_pooling_is_said_and_leaves_the_models_alone(people: ps.Responses) -> None:
    plain, pooled = dif(people, by="sex"), dif(people, by="sex", pool=12)
    assert any("pooled until each group has 12 people" in note for note in pooled.notes)
    assert not any("pooled" in note for note in plain.notes)
    one, two = plain.to_frame(), pooled.to_frame()
    same = one["test"].isin(LOGISTIC)
    assert one.loc[same, "statistic"].equals(two.loc[same, "statistic"])
    assert not np.allclose(one.loc[~same, "statistic"], two.loc[~same, "statistic"])
    assert two["strata"].max() < one["strata"].max()


def test_a_small_group_is_cautioned() -> None:
    found = dif(read(frame_of(n=150)), by="sex", tests="mantel")
    assert any("ETS wants 200" in note for note in found.notes)
    assert not any("ETS wants" in note for note in dif(read(frame_of()), by="sex").notes)


def test_the_text_fits_and_says_family_rules_and_matching(people: ps.Responses) -> None:
    text = str(dif(people, by="sex", matching="rest", adjust="bh"))
    assert max(len(line) for line in text.splitlines()) <= 80
    flat = " ".join(text.split())
    for words in (
        "p adjusted: Benjamini-Hochberg, over the items of one score under one test",
        "ets_delta: A if",
        "jodoin_gierl: A if",
        "matched on the sum of all 5 items without the studied item",
        "the first is the reference group",
    ):
        assert words in flat
    for table in ("coefficients", "effects", "anchors"):
        lines = str(getattr(dif(people, by="sex"), table)).splitlines()
        assert max(len(line) for line in lines) <= 80


def test_it_is_json_and_html_and_a_picture(people: ps.Responses) -> None:
    found = dif(people, by="sex", anchors=["q3", "q4", "q5"])
    kept = json.loads(json.dumps(found.to_dict()))
    assert {"rows", "coefficients", "effects", "anchors"} <= set(kept)
    assert "<table>" in found._repr_html_()
    figure = found.plot("q1", model="group")
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["man (420)", "woman (500)"]
    lines = [line.get_ydata() for line in axes.lines]
    assert (np.asarray(lines[0]) > np.asarray(lines[1]))[1:-1].all()
    assert axes.get_ylabel() == "mean answer"


def test_a_frame_and_a_scale_are_read_first() -> None:
    frame = frame_of()
    direct = dif(frame, scale_of(ITEMS), by="sex", tests="mantel")
    assert direct.to_frame().equals(dif(read(frame), by="sex", tests="mantel").to_frame())


def test_several_scores_have_their_own_families_and_matching() -> None:
    document = document_of(ITEMS)
    part = document["scores"][0] | {"id": "part", "items": ["q1", "q4", "q5"], "range": [0.0, 9.0]}
    document["scores"].append(part)
    people = ps.read(frame_of(), ps.scale(document), keep="sex")
    found = dif(people, by="sex", tests="mantel")
    table = found.to_frame().set_index(["score", "item"])
    assert dict(table["family"].groupby("score").first()) == {"total": 5, "part": 3}
    assert table.loc[("total", "q4"), "strata"] > table.loc[("part", "q4"), "strata"]
    assert len(found.anchors.rows) == len(found.rows) == 8
    with pytest.raises(ValueError, match="tiny total, tiny part"):
        found.plot("q4")
    assert "part" in found.plot("q4", score="part").axes[0].get_title(loc="left")
