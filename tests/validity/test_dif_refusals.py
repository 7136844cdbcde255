"""What cannot be compared is refused, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.validity.dif.generalized import mantel
from psychoscales.engines.validity.dif.liu_agresti import liu_agresti
from psychoscales.engines.validity.dif.mantel_haenszel import mantel_haenszel
from psychoscales.engines.validity.dif.nested import nested_models
from psychoscales.engines.validity.dif.ordinal_logistic import proportional_odds
from psychoscales.engines.validity.dif.purification import Criterion, purified
from psychoscales.engines.validity.dif.studied import TESTS, Design, Studied
from psychoscales.engines.validity.dif.tables import ItemTable
from psychoscales.errors import MergeError, RefusalError, UnknownNameError
from psychoscales.verbs.dif import dif
from tests.counting.making import document_of, scale_of
from tests.validity.dif_cases import answers_of, patterns_of, simulated

ITEMS = ("q1", "q2", "q3", "q4")


def frame_of(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(simulated(rng, n, 4, 4), columns=list(ITEMS))
    return frame.assign(sex=np.where(np.arange(n) % 3 == 0, "m", "f"))


def people_of(frame: pd.DataFrame) -> ps.Responses:
    return ps.read(frame, scale_of(ITEMS), keep="sex")


def table_of(counts: Any) -> ItemTable:
    array = np.array(counts, dtype=np.int64)
    s, _, j = array.shape
    return ItemTable(np.arange(s, dtype=float), np.arange(j, dtype=float), array)


def test_one_group_is_no_comparison() -> None:
    with pytest.raises(RefusalError, match="everybody is 'f'; two groups"):
        dif(people_of(frame_of(90).assign(sex="f")), by="sex")
    with pytest.raises(RefusalError, match="sex: nobody has a value"):
        dif(people_of(frame_of(90).assign(sex="")), by="sex")


def test_groups_that_are_too_small_are_named_with_their_people() -> None:
    frame = frame_of(120)
    frame.loc[:18, "sex"] = "x"
    with pytest.raises(RefusalError, match=r"1 of 3 groups of sex have fewer than 20 .* x \(19\)"):
        dif(people_of(frame), by="sex")
    found = dif(people_of(frame), by="sex", groups=["m", "f"], tests="mantel")
    assert any("groups of sex left out: x (19)" in note for note in found.notes)
    frame.loc[19, "sex"] = "x"
    assert len(dif(people_of(frame), by="sex", tests="mantel").rows) == 4


def test_an_item_that_everybody_answered_alike_is_refused_by_name() -> None:
    frame = frame_of(300).assign(q2=1)
    found = dif(people_of(frame), by="sex", tests=["mantel", "logistic_total"])
    notes = {row["item"]: row["note"] for row in found.rows}
    assert notes["q2"] == "q2: everybody gave the same answer (1)"
    assert notes["q1"] is None
    assert {row["family"] for row in found.rows} == {3}
    with pytest.raises(RefusalError, match="q2 was not compared"):
        found.plot("q2")


def test_groups_without_a_score_in_common_are_refused() -> None:
    rng = np.random.default_rng(2)
    low, high = simulated(rng, 40, 4, 4) // 2, simulated(rng, 40, 4, 4) // 2 + 2
    answers = answers_of({"low": low, "high": high}, ITEMS, (0, 1, 2, 3))
    each = Studied.of(answers, "q1", Design(ITEMS, "total"))
    assert not ((each.table.counts.sum(axis=2) > 0).all(axis=1)).any()
    for test in ("mantel", "liu_agresti", "generalized_mantel_haenszel"):
        with pytest.raises(RefusalError, match="no matching score has people of two groups"):
            TESTS[test](each)


def test_no_variance_within_strata_is_refused() -> None:
    counts = np.array([[[5, 0], [3, 0]], [[0, 2], [0, 7]]])
    for work in (mantel_haenszel, lambda c: mantel(c, np.array([0.0, 1.0]))):
        with pytest.raises(RefusalError, match="everybody gave the same answer"):
            work(counts)


def test_an_odds_ratio_without_bound_is_no_effect_but_the_test_stands() -> None:
    counts = table_of([[[5, 4], [9, 0]], [[2, 6], [6, 0]]])
    found = TESTS["mantel_haenszel_corrected"](Studied("a", ("r", "f"), counts))
    assert (found.effect, found.se, found.dif_class) == (None, None, None)
    assert found.p < 0.01
    assert found.note is not None
    assert "0 or infinite" in found.note
    with pytest.raises(RefusalError, match="0 or infinite"):
        liu_agresti(counts.counts)


def test_separation_by_the_score_alone_is_refused() -> None:
    apart = [[[6, 0], [4, 0]], [[5, 0], [6, 0]], [[0, 7], [0, 5]], [[0, 5], [0, 4]]]
    with pytest.raises(RefusalError, match=r"model matching: separation: .*matching can grow"):
        nested_models(table_of(apart), ("r", "f"))


FOCAL = [[[6, 3], [8, 0]], [[5, 4], [9, 0]], [[3, 7], [7, 0]], [[1, 8], [6, 0]]]
"""No man gives the higher answer, at any score."""


def test_a_group_that_tells_answers_apart_is_tested_and_not_estimated() -> None:
    """With a group that always answers alike, the likelihood's bound is that of the others."""
    found = nested_models(table_of(FOCAL), ("women", "men"))
    assert found.group.fit.separated == ("men",)
    counts = np.array(FOCAL, dtype=float)
    x = np.arange(4, dtype=float)[:, None]
    women = proportional_odds(counts[:, 0], (x - x.mean()) / x.std())
    both = proportional_odds(np.vstack([counts[:, 0], counts[:, 1]]), np.vstack([x, x]) - 1.5)
    assert found.matching.fit.loglik == pytest.approx(both.loglik, abs=1e-9)
    for model in (found.group, found.interaction):
        assert model.fit.loglik == pytest.approx(women.loglik, abs=1e-8)
    studied = Studied("a", ("women", "men"), table_of(FOCAL))
    uniform = TESTS["logistic_uniform"](studied)
    assert uniform.statistic == pytest.approx(2 * (women.loglik - both.loglik), abs=1e-7)
    assert uniform.p < 1e-6
    assert (uniform.odds_ratio, uniform.beta_change, uniform.higher) == (None, None, "women")
    assert "men can grow without bound" in (uniform.note or "")
    assert TESTS["logistic_nonuniform"](studied).statistic == pytest.approx(0, abs=1e-7)


def test_a_product_that_tells_answers_apart_leaves_the_group_its_test() -> None:
    """Every man with a score above the lowest gives the higher answer, and none with the lowest."""
    counts = [[[6, 3], [8, 0]], [[5, 4], [0, 9]], [[3, 7], [0, 7]], [[1, 8], [0, 6]]]
    studied = Studied("a", ("women", "men"), table_of(counts))
    assert "matching x men" in studied.nested.interaction.fit.separated
    uniform = TESTS["logistic_uniform"](studied)
    assert uniform.note is None
    assert uniform.odds_ratio is not None
    total = TESTS["logistic_total"](studied)
    own = np.array(counts, dtype=float)[:, 0]
    x = np.arange(4, dtype=float)[:, None]
    bound = proportional_odds(own, (x - x.mean()) / x.std()).loglik
    wanted = 2 * (bound - studied.nested.matching.fit.loglik)
    assert total.statistic == pytest.approx(wanted, abs=1e-7)
    assert "the test compares the bounds" in (total.note or "")


def test_an_item_told_apart_is_no_anchor_of_a_purified_score() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({f"gad7_{at}": rng.integers(0, 4, 400) for at in range(1, 8)})
    frame["sex"] = np.where(np.arange(400) % 2, "m", "f")
    frame.loc[frame["sex"] == "m", "gad7_3"] = 0
    found = ps.dif(frame, "gad7", by="sex", purify="logistic_total")
    anchors = {row["item"]: row["anchor"] for row in found.rows}
    assert not anchors["gad7_3"]
    rows = [row for row in found.rows if row["item"] == "gad7_3"]
    assert {row["test"] for row in rows if row["p"] is not None} >= {
        "logistic_uniform",
        "logistic_total",
    }
    with pytest.raises(RefusalError, match="no maximum likelihood estimate"):
        found.plot("gad7_3")


def test_predictors_that_follow_from_each_other_are_refused() -> None:
    one_score = np.zeros((2, 2, 2), dtype=np.int64)
    one_score[0, 0], one_score[1, 1] = (5, 5), (4, 6)
    with pytest.raises(RefusalError, match="model group: of matching, f one follows"):
        nested_models(table_of(one_score), ("r", "f"))
    with pytest.raises(RefusalError, match="everybody has the same matching score"):
        nested_models(table_of([[[4, 5], [3, 6]]]), ("r", "f"))


def test_two_group_tests_refuse_three_and_dichotomous_ones_four_answers() -> None:
    rng = np.random.default_rng(3)
    groups = {name: simulated(rng, 60, 4, 4) for name in "abc"}
    each = Studied.of(answers_of(groups, ITEMS, (0, 1, 2, 3)), "q1", Design(ITEMS, "total"))
    for test in ("mantel_haenszel_corrected", "liu_agresti"):
        with pytest.raises(RefusalError, match="two groups, and there are 3"):
            TESTS[test](each)
    del groups["c"]
    each = Studied.of(answers_of(groups, ITEMS, (0, 1, 2, 3)), "q1", Design(ITEMS, "total"))
    with pytest.raises(RefusalError, match="two answers, and 4 were given"):
        TESTS["mantel_haenszel_uncorrected"](each)
    with pytest.raises(RefusalError, match="use mantel or liu_agresti"):
        dif(people_of(frame_of(100)), by="sex", tests="mantel_haenszel_corrected")


def test_a_rest_score_of_nothing_is_refused_for_that_item_only() -> None:
    found = dif(people_of(frame_of(200)), by="sex", tests="mantel", matching="rest", anchors=["q3"])
    notes = {row["item"]: row["note"] for row in found.rows}
    assert notes["q3"] is not None
    assert "q3 is the only anchor" in notes["q3"]
    assert notes["q1"] is None


def test_purification_that_leaves_no_anchor_is_refused() -> None:
    rng = np.random.default_rng(4)
    groups = {"r": simulated(rng, 900, 2, 4), "f": simulated(rng, 900, 2, 4, shift=2.0)}
    answers = answers_of(groups, ("a", "b"), (0, 1, 2, 3))
    with pytest.raises(RefusalError, match="flagged every item"):
        purified(answers, Design(("a", "b"), "total"), Criterion("mantel"), 5)


def test_one_item_is_nothing_to_match_on() -> None:
    frame = frame_of(100)[["q1", "sex"]]
    with pytest.raises(RefusalError, match="tiny total: it has one item"):
        dif(ps.read(frame, scale_of(["q1"]), keep="sex"), by="sex")


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"by": "gender"}, UnknownNameError, "keep="),
        ({"by": "sex", "tests": "mantle"}, UnknownNameError, "mantel"),
        ({"by": "sex", "matching": "sum"}, UnknownNameError, "matching"),
        ({"by": "sex", "adjust": "fdr"}, UnknownNameError, "adjustment"),
        ({"by": "sex", "flag": "q"}, UnknownNameError, "flag"),
        ({"by": "sex", "purify": "logistic"}, UnknownNameError, "logistic_total"),
        ({"by": "sex", "anchors": ["q9"]}, UnknownNameError, "item of this score"),
        ({"by": "sex", "anchors": []}, RefusalError, "one item or more"),
        ({"by": "sex", "anchors": "q1"}, TypeError, "list"),
        ({"by": "sex", "anchors": ["q1"], "purify": "mantel"}, ValueError, "either"),
        ({"by": "sex", "groups": ["m", "w"]}, UnknownNameError, "group of sex"),
        ({"by": "sex", "groups": ["m"]}, RefusalError, "two groups"),
        ({"by": "sex", "groups": ["m", "f"], "reference": "x"}, UnknownNameError, "group of sex"),
        ({"by": "sex", "score": "sum"}, UnknownNameError, "score"),
        ({"by": "sex", "pool": 0}, ValueError, "pool"),
        ({"by": "sex", "alpha": 5.0}, ValueError, "alpha"),
        ({"by": "sex", "rounds": 0}, ValueError, "rounds"),
        ({}, TypeError, "by="),
    ],
)
def test_what_nobody_knows_is_refused(
    asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        dif(people_of(frame_of(100)), **asked)


def test_patterns_of_another_scale_are_refused() -> None:
    counted = patterns_of(simulated(np.random.default_rng(5), 50, 4, 4), ITEMS, 4)
    with pytest.raises(MergeError):
        dif({"a": counted, "b": counted}, scale_of(ITEMS), by="site")


def test_a_name_that_is_no_item_of_the_plot_is_refused() -> None:
    found = dif(people_of(frame_of(100)), by="sex", tests="mantel")
    with pytest.raises(UnknownNameError, match="q7"):
        found.plot("q7")
    with pytest.raises(UnknownNameError, match="model"):
        found.plot("q1", model="uniform")  # type: ignore[arg-type]


def test_a_score_that_cannot_be_compared_is_a_note_beside_those_that_can() -> None:
    document = document_of(ITEMS)
    document["scores"].append(
        document["scores"][0] | {"id": "single", "items": ["q1"], "range": [0.0, 3.0]}
    )
    people = ps.read(frame_of(100), ps.scale(document), keep="sex")
    found = dif(people, by="sex", tests="mantel")
    assert {row["score"] for row in found.rows} == {"total"}
    assert any("tiny single: it has one item" in note for note in found.notes)
