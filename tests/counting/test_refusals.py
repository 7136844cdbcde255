"""Where no number is right, reliability says so, and says what would help."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from tests.counting.making import moments_of, scale_of

SCALE = scale_of(["a", "b", "c"])
SOUND = [[1, 2, 3], [2, 2, 3], [0, 1, 0], [3, 1, 2]]


def frame(rows: Any, names: str = "abc") -> pd.DataFrame:
    return pd.DataFrame(np.asarray(rows, dtype=float), columns=list(names))


ALPHAS = ("alpha", "alpha_standardized")


def refused(message: str) -> Any:
    return pytest.raises(ps.RefusalError, match=re.escape(message))


def by_coefficient(table: ps.Table) -> dict[str, dict[str, Any]]:
    return {row["coefficient"]: dict(row) for row in table.rows}


@pytest.mark.parametrize(
    "rows", [np.empty((0, 3)), [[1, 2, 3]], [[1, 2, 3], [np.nan, 1, 1], [1, np.nan, 2]]]
)
def test_fewer_than_two_complete_people_are_refused(rows: Any) -> None:
    with refused("answered every item; two are needed"):
        ps.reliability(frame(rows), SCALE)


def test_a_pair_answered_by_one_person_is_refused_by_name() -> None:
    rows = [[1, np.nan, 3], [2, 2, 3], [0, np.nan, 0], [3, np.nan, 2]]
    with refused("answered both a and b; two are needed"):
        ps.reliability(frame(rows), SCALE, missing="pairwise")


def test_answers_that_are_all_the_same_are_refused() -> None:
    with refused("no variance: everybody gave the same answers"):
        ps.reliability(frame([[1, 2, 3]] * 5), SCALE)


def test_a_total_that_is_the_same_for_everybody_is_refused() -> None:
    with refused("the total score has no variance"):
        ps.reliability(frame([[1, 2, 1], [2, 1, 1], [3, 0, 1]]), SCALE)


def test_one_item_is_refused() -> None:
    with refused("internal consistency needs two items or more"):
        ps.reliability(frame([[1], [2], [3]], "a"), scale_of(["a"]))


def test_an_item_that_everybody_answers_alike_leaves_raw_alpha_and_is_told() -> None:
    rows = frame([[1, 2, 3], [1, 1, 1], [1, 0, 1], [1, 3, 3]])
    found = by_coefficient(ps.reliability(rows, SCALE))
    two = rows[["b", "c"]]
    share = two.var().sum() / two.sum(axis=1).var()
    assert found["alpha"]["value"] == pytest.approx(3 / 2 * (1 - share))
    assert found["alpha_standardized"]["value"] is None
    assert "everybody gave the same answer" in found["alpha_standardized"]["note"]


def test_two_people_give_a_value_and_no_interval() -> None:
    found = by_coefficient(
        ps.reliability(frame([[1, 2, 3], [0, 1, 1]]), SCALE, coefficients=ALPHAS)
    )
    for row in found.values():
        assert row["value"] is not None
        assert (row["n"], row["low"], row["high"], row["level"]) == (2, None, None, None)
        assert row["note"] == "no interval: an interval needs three people or more, not 2"


@pytest.mark.parametrize("interval", ["distribution_free", "feldt"])
def test_pairwise_gives_values_and_refuses_every_interval(interval: Any) -> None:
    rows = frame([*SOUND, [0, np.nan, 0], [3, 1, np.nan]])
    table = ps.reliability(rows, SCALE, missing="pairwise", interval=interval, coefficients=ALPHAS)
    for row in table.rows:
        assert row["value"] is not None
        assert (row["n"], row["low"], row["high"], row["method"]) == (None,) * 4
        assert row["note"].startswith("no interval: pairwise moments have no single n")
    assert len(table.rows) >= 2


def test_how_many_people_pairs_are_of_is_told_and_not_how_many_answered_one_item() -> None:
    rows = frame([*SOUND, [0, np.nan, 0], [3, 1, np.nan]])
    assert rows["a"].notna().sum() == 6
    table = ps.reliability(rows, SCALE, missing="pairwise")
    assert "tiny total: pairs of items are of 4 to 5 people" in table.notes


def test_pairwise_without_an_interval_has_nothing_to_note() -> None:
    table = ps.reliability(
        frame(SOUND), SCALE, missing="pairwise", interval=None, coefficients=ALPHAS
    )
    assert {row["note"] for row in table.rows} == {None}


def test_how_many_people_were_left_out_is_told() -> None:
    rows = frame([*SOUND, [0, np.nan, 0], [3, 1, np.nan]])
    table = ps.reliability(rows, SCALE, coefficients=ALPHAS)
    assert "tiny total: of the 4 people who answered all 3 items; 2 left out" in table.notes
    assert {row["n"] for row in table.rows} == {4}


def test_items_that_go_against_the_rest_are_named() -> None:
    rows = frame([[0, 3, 0], [1, 1, 1], [2, 1, 2], [3, 0, 3]])
    notes = " ".join(ps.reliability(rows, SCALE).notes)
    assert "negative correlation with the rest of the items: b" in notes
    turned = scale_of(["a", "b", "c"], reverse=["b"])
    notes = " ".join(ps.reliability(rows, turned).notes)
    assert "negatively" not in notes


def test_an_interval_that_does_not_exist_is_named_with_the_nearest() -> None:
    interval: Any = "fedlt"
    with pytest.raises(ps.UnknownNameError, match=r"no interval called 'fedlt'.*'feldt'"):
        ps.reliability(frame(SOUND), SCALE, interval=interval)


def test_a_rule_for_missing_answers_that_does_not_exist_is_refused() -> None:
    missing: Any = "listwise"
    with pytest.raises((ValueError, ps.PsychoscalesError), match="listwise"):
        ps.reliability(frame(SOUND), SCALE, missing=missing)


@pytest.mark.parametrize("interval", ["distribution_free", "feldt"])
@pytest.mark.parametrize("level", [95, 1.0, 0.0, -0.5])
def test_a_level_that_is_no_share_is_refused(interval: Any, level: float) -> None:
    with pytest.raises(ValueError, match="level lies between 0 and 1"):
        ps.reliability(frame(SOUND), SCALE, interval=interval, level=level)


def test_a_score_that_does_not_exist_is_named_with_the_nearest() -> None:
    people = ps.read(frame(SOUND), SCALE)
    for verb in (ps.reliability, ps.items):
        with pytest.raises(ps.UnknownNameError, match=r"no score called 'totl'.*'total'"):
            verb(people, score="totl")


def test_a_score_that_does_not_exist_is_named_for_patterns_too() -> None:
    patterns = ps.count(frame(SOUND), SCALE)
    for verb in (ps.reliability, ps.items):
        with pytest.raises(ps.UnknownNameError, match=r"no score called 'totl'.*'total'"):
            verb(patterns, SCALE, score="totl")


def test_patterns_without_all_items_of_the_score_are_refused_by_name() -> None:
    patterns = ps.count(frame(SOUND), SCALE).select(["a", "b"])
    with pytest.raises(ps.PsychoscalesError, match=r"\bc\b"):
        ps.reliability(patterns, SCALE)


def test_data_without_a_scale_are_refused() -> None:
    for verb in (ps.reliability, ps.items, ps.score):
        with pytest.raises(TypeError, match="say which scale the data are of"):
            verb(frame(SOUND))


def test_moments_are_enough_for_values_and_feldts_interval() -> None:
    known = moments_of(SOUND)
    of_people = by_coefficient(ps.reliability(frame(SOUND), SCALE, interval="feldt"))
    table = ps.reliability(known, interval="feldt")
    found = by_coefficient(table)
    assert set(found) == set(of_people)
    for name, row in found.items():
        for column in ("value", "low", "high", "level", "n", "method"):
            assert row[column] == of_people[name][column]
        assert (row["scale"], row["score"]) == (None, None)


def test_one_score_may_be_asked_for() -> None:
    rows = pd.DataFrame({f"phq9_{n}": [0, 1, 2, (n + 1) % 4] for n in range(1, 10)})
    both = ps.read(rows, ["phq9", "phq2"])
    assert {row["scale"] for row in ps.reliability(both).rows} == {"phq9", "phq2"}
    assert {row["scale"] for row in ps.reliability(both, "phq2").rows} == {"phq2"}
    assert {row["scale"] for row in ps.reliability(both["phq9"]).rows} == {"phq9"}


def test_the_columns_of_the_table_are_the_promised_ones() -> None:
    names = ps.reliability(frame(SOUND), SCALE).to_frame().columns.tolist()
    where = "scale score group occasion "
    promised = where + "coefficient value low high level n metric missing method seed"
    assert " ".join(names).startswith(promised)
    names = ps.items(frame(SOUND), SCALE).to_frame().columns.tolist()
    promised = where + "item n missing mean sd floor ceiling item_total item_rest item_rest_smc"
    assert " ".join(names) == promised + " alpha_if_dropped"
