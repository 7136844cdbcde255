"""Answers and wishes that are out of the ordinary: what is refused, and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.reliability import EVERY
from psychoscales.engines.reliability.estimation import INTERVALS
from psychoscales.engines.reliability.halves import sampled_splits, split_halves
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import moments
from psychoscales.resampling import Counted, bias_corrected, studentized
from tests.counting.making import answers_of, item_names, moments_of, patterns_of, scale_of

Floats = npt.NDArray[np.float64]


def asked(answers: Any, **more: Any) -> ps.Table:
    """Return the reliability of answers [n, k] of 0 to 3."""
    names = item_names(np.shape(answers)[1])
    return ps.reliability(pd.DataFrame(answers, columns=list(names)), scale_of(names), **more)


def rows(answers: Any, **more: Any) -> pd.DataFrame:
    frame: pd.DataFrame = asked(answers, **more).to_frame().set_index("coefficient")
    return frame


@pytest.mark.parametrize("interval", INTERVALS)
def test_few_people_and_items_without_variance_give_refusals_and_no_warnings(interval: Any) -> None:
    flat = np.column_stack([answers_of(50, 3, seed=1), np.ones(50)])
    same = np.repeat(np.arange(40)[:, None] % 4, 3, axis=1)
    swept = 0
    for answers in (flat, same, *(answers_of(n, 4, seed=2) for n in (2, 3, 4, 5, 6))):
        table = asked(answers, coefficients="all", interval=interval, resamples=100)
        for row in table.rows:
            swept += 1
            assert row["value"] is not None or row["note"], row["coefficient"]
            assert (row["low"] is not None) or row["note"], row["coefficient"]
            assert row["note"] != "it cannot be computed", row["coefficient"]
        assert max(map(len, str(table).splitlines())) <= 80
    assert swept == 7 * (len(EVERY) - 1)


def test_an_item_without_variance_leaves_intervals_of_what_is_of_raw_items() -> None:
    answers = answers_of(80, 4, seed=5)
    constant = np.column_stack([answers, np.full(80, 2)])
    one, other = rows(answers).loc["alpha"], rows(constant, coefficients="lambda1").loc["lambda1"]
    # lambda 1 is alpha but for k / (k - 1), and does not see an item without variance.
    assert other["value"] == pytest.approx(0.75 * one["value"], rel=1e-12)
    assert other["low"] == pytest.approx(0.75 * one["low"], rel=1e-8)


@pytest.mark.parametrize("interval", INTERVALS)
def test_answers_that_agree_in_everything_have_no_interval_of_width_zero(interval: Any) -> None:
    same = np.repeat(np.arange(40)[:, None] % 4, 3, axis=1)
    found = rows(same, coefficients=["alpha", "inter_item_r_mean"], interval=interval)
    assert found["value"].tolist() == pytest.approx([1.0, 1.0], abs=1e-12)
    if interval not in ("feldt", "duhachek_iacobucci"):
        assert found["low"].isna().all()


def test_singular_correlations_are_called_so() -> None:
    once = answers_of(60, 3, seed=3)
    found = rows(np.column_stack([once, once[:, 0]]), coefficients="all")
    for name in ("lambda6", "glb", "omega_total_ml", "coefficient_h"):
        assert "singular" in found["note"][name]


def test_too_few_items_are_too_few_for_what_is_asked() -> None:
    with pytest.raises(RefusalError, match=r"^internal consistency needs two items or more$"):
        asked(answers_of(30, 1, seed=1), coefficients="all")
    two = rows(answers_of(30, 2, seed=1))
    assert two["note"]["omega_total_ml"] == "a factor model needs 3 items or more"


def test_kr20_of_other_items_is_refused_where_it_is_named() -> None:
    answers = answers_of(60, 4, seed=4)
    found = asked(answers, coefficients=["lambda2", "kr20", "alpha"])
    assert [row["coefficient"] for row in found.rows] == ["lambda2", "kr20", "alpha"]
    assert found.rows[1]["value"] is None
    assert "two values" in found.rows[1]["note"]
    for data in (answers, answers[:1]):
        with pytest.raises(RefusalError):
            asked(data, coefficients="kr20")
    assert "kr20" not in rows(answers, coefficients="all").index
    with pytest.raises(RefusalError, match="two values"):
        ps.reliability(moments_of(answers), coefficients="kr20")


def test_wishes_that_make_no_sense_are_refused() -> None:
    answers = answers_of(60, 4, seed=4)
    with pytest.raises(UnknownNameError, match=r"omega_total_ml, omega_total_minres"):
        asked(answers, coefficients=["omega"])
    with pytest.raises(ValueError, match="name one coefficient or more"):
        asked(answers, coefficients=[])
    for wrong in ({"seed": None}, {"seed": -1}, {"groups": 2.5}, {"splits": 0}, {"resamples": 0}):
        (name,) = wrong
        with pytest.raises(ValueError, match=f"{name} is a whole number of "):
            asked(answers, **wrong)
    assert rows(answers, seed=0, interval="bootstrap", resamples=50)["seed"]["alpha"] == 0


def test_moments_say_who_they_are_of_and_which_items_go_the_other_way() -> None:
    answers = answers_of(200, 5, seed=6).astype(float)
    answers[:, 2] = 3 - answers[:, 2]
    answers[:20, 0] = np.nan
    notes = ps.reliability(moments_of(answers), interval=None).notes
    assert notes[0] == "of the 180 people who answered all 5 items; 20 left out"
    assert notes[1].startswith("negative correlation with the rest of the items: i3;")
    for more in ({"conventions": True}, {"score": "total"}):
        with pytest.raises(RefusalError, match="moments know no"):
            ps.reliability(moments_of(answers), **more)


def test_resamples_are_not_mentioned_where_nobody_was_drawn_again() -> None:
    answers = answers_of(60, 4, seed=4)
    said = asked(answers, interval="bootstrap", resamples=50, seed=8).notes
    assert "50 resamples, seed 8" in said
    table = asked(answers, interval="bootstrap", missing="pairwise", resamples=50)
    assert not any("resamples" in note for note in table.notes)


def test_a_sample_of_splits_is_what_the_engine_makes_of_it() -> None:
    answers = answers_of(300, 24, seed=9)
    names = ["split_half_min", "split_half_mean", "split_half_max"]
    with pytest.raises(RefusalError, match=r"such as splits=10_000"):
        asked(answers, coefficients=names)
    table = asked(answers, coefficients=[*names, "alpha"], splits=700, seed=5)
    found = table.to_frame().set_index("coefficient")
    values = ((0.0, 1.0, 2.0, 3.0),) * 24
    cov = moments(patterns_of(answers), values).cov
    wanted = split_halves(cov, sampled_splits(24, 700, seed=5))
    assert found["value"][names].tolist() == pytest.approx(
        [float(wanted.lowest), float(wanted.mean), float(wanted.highest)], rel=1e-12
    )
    assert found["seed"][names].tolist() == [5, 5, 5]
    assert pd.isna(found["seed"]["alpha"])
    assert all("700 random splits" in text for text in found["estimand"][names])
    assert f"{', '.join(names)}: of 700 random splits, seed 5" in table.notes
    assert found["value"]["split_half_mean"] == pytest.approx(found["value"]["alpha"], abs=2e-3)
    other = rows(answers, coefficients=names, splits=700, seed=6)
    assert other["value"]["split_half_min"] != found["value"]["split_half_min"]


def test_a_sample_of_splits_can_be_drawn_again() -> None:
    answers = answers_of(100, 21, seed=2)
    found = rows(
        answers, coefficients="split_half_mean", splits=50, interval="bootstrap", resamples=60
    )
    assert found["low"].iloc[0] < found["value"].iloc[0] < found["high"].iloc[0]


def test_many_items_are_quick_where_the_slope_is_known() -> None:
    answers = answers_of(400, 60, seed=4)
    names = ["omega_total_ml_model", "composite_reliability", "coefficient_h", "lambda6"]
    assert rows(answers, coefficients=names)["low"].notna().all()
    refused = rows(answers, coefficients="omega_hierarchical")["note"]["omega_hierarchical"]
    assert refused == "no interval: with more than 25 items it takes too long"


def test_ties_that_rounding_has_parted_are_ties() -> None:
    rng = np.random.default_rng(1)
    drawn = np.round(rng.normal(0.6, 0.1, 400), 1)
    noise = drawn + 1e-16 * rng.integers(-1, 2, 400)
    influence, counts = rng.normal(size=50), np.ones(50, dtype=np.int64)
    ends = [bias_corrected(0.6, each, influence, counts, 0.9) for each in (drawn, noise)]
    assert ends[0] == pytest.approx(ends[1], abs=1e-12)


def test_alpha_and_lambda_3_have_one_bca_interval_of_five_people() -> None:
    found = rows(
        answers_of(5, 4, seed=2), coefficients=["alpha", "lambda3"], interval="bca", resamples=200
    )
    assert found["low"]["alpha"] == pytest.approx(found["low"]["lambda3"], rel=1e-9)


def test_an_end_without_bounds_is_refused() -> None:
    drawn, errors = np.linspace(0.2, 0.9, 40), np.full(40, 1e-7)
    with pytest.raises(RefusalError, match="too uneven"):
        studentized(0.5, 0.1, drawn, errors, 0.95)


def test_an_interval_that_leaves_out_the_value_says_so() -> None:
    found = rows(
        answers_of(60, 20, seed=4), coefficients="lambda6", interval="bootstrap", resamples=100
    ).iloc[0]
    assert found["value"] < found["low"]
    assert "leaves out the value" in found["note"]


def test_an_item_that_a_resample_answered_alike_has_no_variance_there() -> None:
    answers = answers_of(9, 4, seed=2).astype(float) + 0.1
    rows, counts = np.unique(answers, axis=0, return_counts=True)
    counted = Counted(rows, counts)
    (draws,) = counted.draws(200, seed=3)
    _, cov = counted.moments(draws)
    alike = 0
    for drawn, found in zip(draws.astype(int), cov, strict=True):
        again = np.repeat(rows, drawn, axis=0)
        flat = np.ptp(again, axis=0) == 0
        alike += int(flat.sum())
        assert (found[flat] == 0).all()
        assert (found[:, flat] == 0).all()
        assert (np.diag(found)[~flat] > 0).all()
        assert found == pytest.approx(np.cov(again, rowvar=False), abs=1e-12)
    assert alike > 0
