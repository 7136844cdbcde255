"""What every registered coefficient of internal consistency keeps to."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.reliability import COEFFICIENTS, INTERVALS
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.moments import moments
from tests.coefficients.comparing import assert_close
from tests.counting.making import answers_of, item_names, patterns_of

Floats = npt.NDArray[np.float64]
K = 5
VALUES = ((0.0, 1.0, 2.0, 3.0),) * K

each_coefficient = pytest.mark.parametrize("coefficient", COEFFICIENTS.values(), ids=COEFFICIENTS)


def covariance(k: int, seed: int) -> Floats:
    """Return a covariance matrix of positively related items of different variances."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((400, 1)) + rng.uniform(0.5, 2.0, k) * rng.standard_normal((400, k))
    cov: Floats = np.cov(rows, rowvar=False)
    return cov


def estimate(
    coefficient: Coefficient, patterns: Patterns, values: Any = VALUES, level: float = 0.95
) -> ps.Estimate:
    known = moments(patterns, values)
    return coefficient.estimate(known, (patterns, tuple(values)), "distribution_free", level)


def ends(one: ps.Estimate) -> tuple[float, float, float]:
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    return one.low, one.value, one.high


def width(one: ps.Estimate) -> float:
    low, _, high = ends(one)
    return high - low


def test_the_registry_holds_what_is_swept() -> None:
    assert {"alpha", "alpha_standardized"} <= set(COEFFICIENTS)
    assert all(name == one.id for name, one in COEFFICIENTS.items())
    assert INTERVALS[:2] == ("distribution_free", "feldt")


@each_coefficient
def test_the_gradient_is_that_of_finite_differences(coefficient: Coefficient) -> None:
    compared = 0
    for k, seed in ((3, 1), (5, 2), (8, 3)):
        cov = covariance(k, seed)
        slope = coefficient.gradient(cov)
        for row in range(k):
            for column in range(row, k):
                step = np.zeros((k, k))
                step[row, column] = step[column, row] = 1.0
                h = 1e-5
                up, down = coefficient.value(cov + h * step), coefficient.value(cov - h * step)
                wanted = float((slope * step).sum())
                assert (up - down) / (2 * h) == pytest.approx(wanted, abs=2e-8, rel=1e-6)
                compared += 1
    assert compared == 6 + 15 + 36


@each_coefficient
def test_a_gradient_of_another_place_would_be_seen(coefficient: Coefficient) -> None:
    cov = covariance(5, 2)
    moved = coefficient.gradient(cov * 1.001)
    assert np.abs(moved - coefficient.gradient(cov)).max() > 2e-7


@each_coefficient
def test_the_order_of_the_items_does_not_matter(coefficient: Coefficient) -> None:
    rng = np.random.default_rng(4)
    for k in (3, 6, 10):
        cov = covariance(k, k)
        order = rng.permutation(k)
        assert coefficient.value(cov[np.ix_(order, order)]) == pytest.approx(
            coefficient.value(cov), rel=1e-12
        )


@each_coefficient
def test_parallel_items_give_spearman_brown(coefficient: Coefficient) -> None:
    compared = 0
    for k in (3, 4, 10):
        for r in (0.05, 0.4, 0.9):
            for variance in (0.25, 7.0):
                cov = variance * ((1 - r) * np.eye(k) + r * np.ones((k, k)))
                wanted = k * r / (1 + (k - 1) * r)
                compared += assert_close(coefficient.value(cov), wanted, f"k = {k}, r = {r}")
    assert compared == 18


@each_coefficient
def test_a_constant_added_to_the_answers_changes_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=5))
    moved = tuple(tuple(v + 10.0 * number for v in row) for number, row in enumerate(VALUES))
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, moved)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_coefficient
def test_a_change_of_scale_changes_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=6))
    wider = tuple(tuple(7.0 * v for v in row) for row in VALUES)
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, wider)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_coefficient
def test_all_items_reversed_change_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=7))
    turned = tuple(row[::-1] for row in VALUES)
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, turned)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_coefficient
def test_the_interval_is_of_the_people_used(coefficient: Coefficient) -> None:
    answers = answers_of(300, K, seed=8, missing=0.05)
    complete = answers[(answers >= 0).all(axis=1)]
    assert 0 < len(complete) < len(answers)
    of_all = estimate(coefficient, patterns_of(answers))
    of_complete = estimate(coefficient, patterns_of(complete))
    assert of_all.n == len(complete)
    assert of_all == of_complete


@each_coefficient
def test_twice_the_people_narrow_the_interval_as_n_says(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(50, K, seed=9))
    once, twice = estimate(coefficient, patterns), estimate(coefficient, patterns + patterns)
    assert (once.n, twice.n) == (50, 100)
    assert twice.value == pytest.approx(once.value, rel=1e-12)
    wanted = np.sqrt((2 * 50 - 1) / (4 * (50 - 1)))
    assert width(twice) / width(once) == pytest.approx(wanted, rel=1e-10)


@each_coefficient
def test_a_higher_level_gives_a_wider_interval_around_the_value(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(200, K, seed=10))
    narrow = ends(estimate(coefficient, patterns, level=0.8))
    wide = ends(estimate(coefficient, patterns, level=0.99))
    assert wide[0] < narrow[0] < narrow[1] == wide[1] < narrow[2] < wide[2]


@each_coefficient
def test_an_estimate_says_how_it_came_to_be(coefficient: Coefficient) -> None:
    one = estimate(coefficient, patterns_of(answers_of(200, K, seed=11)), level=0.9)
    assert one.coefficient == coefficient.id
    assert (one.metric, one.missing, one.method) == ("raw", "complete", "distribution_free")
    assert (one.level, one.n, one.seed, one.note) == (0.9, 200, None, None)


@each_coefficient
def test_without_an_interval_there_is_none(coefficient: Coefficient) -> None:
    known = moments(patterns_of(answers_of(200, K, seed=12)), VALUES)
    one = coefficient.estimate(known, None, None, 0.95)
    assert one.value == pytest.approx(coefficient.value(known.cov), rel=1e-15)
    assert (one.low, one.high, one.level, one.method, one.note) == (None,) * 5


@each_coefficient
def test_one_item_is_refused(coefficient: Coefficient) -> None:
    with pytest.raises(ps.RefusalError, match="needs two items or more"):
        coefficient.value(np.array([[1.0]]))


@each_coefficient
def test_no_variance_at_all_is_refused(coefficient: Coefficient) -> None:
    with pytest.raises(ps.RefusalError, match="no variance"):
        coefficient.value(np.zeros((4, 4)))


@each_coefficient
def test_moments_alone_have_no_distribution_free_interval(coefficient: Coefficient) -> None:
    known = moments(patterns_of(answers_of(200, K, seed=13)), VALUES)
    one = coefficient.estimate(known, None, "distribution_free", 0.95)
    assert one.value is not None
    assert (one.low, one.high, one.method) == (None, None, None)
    assert (
        one.note == "no interval: the distribution-free interval needs patterns, not only moments"
    )


@each_coefficient
def test_feldts_interval_is_for_raw_alpha_alone(coefficient: Coefficient) -> None:
    known = moments(patterns_of(answers_of(200, K, seed=14)), VALUES)
    one = coefficient.estimate(known, None, "feldt", 0.95)
    assert (one.low is not None) == coefficient.feldt == (coefficient.id == "alpha")


def test_feldts_interval_is_refused_for_polychoric_moments() -> None:
    cov = covariance(K, 15)
    n = np.full((K, K), 300)
    known = ps.Moments(item_names(K), n, np.zeros(K), cov, "complete", metric="polychoric")
    one = COEFFICIENTS["alpha"].estimate(known, None, "feldt", 0.95)
    assert one.low is None
    assert one.note == "no interval: Feldt's interval does not hold for polychoric moments"
