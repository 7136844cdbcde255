"""What every registered coefficient of internal consistency keeps to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.reliability import COEFFICIENTS, DEFAULT, coefficients, hierarchical
from psychoscales.engines.reliability.coefficient import Coefficient, differences
from psychoscales.engines.reliability.estimation import (
    INTERVALS,
    Answers,
    Asked,
    errors,
    estimates,
)
from psychoscales.moments import moments
from psychoscales.resampling import Counted
from tests.coefficients.comparing import assert_close
from tests.counting.making import answers_of, item_names, patterns_of

Floats = npt.NDArray[np.float64]
K = 5
VALUES = ((0.0, 1.0, 2.0, 3.0),) * K

SPEARMAN_BROWN = (
    *("alpha", "kr20", "alpha_standardized", "lambda2", "lambda3"),
    *("omega_total_ml", "omega_total_ml_model", "omega_total_minres", "composite_reliability"),
)
"""What parallel items make one number."""
GROUPS = 2
KNOWN = coefficients(GROUPS)


def swept(names: Iterable[str]) -> pytest.MarkDecorator:
    """Return a sweep over coefficients; five items determine two group factors, not three."""
    named = {name: KNOWN[name] for name in names}
    return pytest.mark.parametrize("coefficient", named.values(), ids=named)


each_coefficient = swept(KNOWN)
each_smooth = swept(
    name for name, one in KNOWN.items() if one.smooth and name not in hierarchical.ESTIMANDS
)
each_analytic = swept(name for name, one in KNOWN.items() if one.gradient is not None)
each_spearman_brown = swept(SPEARMAN_BROWN)


def covariance(k: int, seed: int) -> Floats:
    """Return a covariance matrix of positively related items of different variances."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((400, 1)) + rng.uniform(0.5, 2.0, k) * rng.standard_normal((400, k))
    cov: Floats = np.cov(rows, rowvar=False)
    return cov


def asked_of(
    coefficient: Coefficient, answers: Answers, interval: str | None, level: float = 0.95
) -> ps.Estimate:
    asked = Asked(interval, level, resamples=200, seed=3)
    return estimates({coefficient.id: coefficient}, answers, asked)[0]


def answered(k: int, seed: int) -> Answers:
    """Return the answers of 400 people to k related items."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((400, 1)) + 0.9 * rng.standard_normal((400, k))
    patterns = patterns_of(np.digitize(latent, [-1.0, 0.2, 1.1]).astype(np.int8))
    values = ((0.0, 1.0, 2.0, 3.0),) * k
    return Answers.of(moments(patterns, values), patterns, values)


def estimate(
    coefficient: Coefficient, patterns: Patterns, values: Any = VALUES, level: float = 0.95
) -> ps.Estimate:
    answers = Answers.of(moments(patterns, values), patterns, tuple(values))
    return asked_of(coefficient, answers, "distribution_free", level)


def ends(one: ps.Estimate) -> tuple[float, float, float]:
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    return one.low, one.value, one.high


def width(one: ps.Estimate) -> float:
    low, _, high = ends(one)
    return high - low


def test_the_registry_holds_what_is_swept() -> None:
    assert set(SPEARMAN_BROWN) | set(DEFAULT) <= set(COEFFICIENTS)
    assert set(KNOWN) == set(COEFFICIENTS)
    assert all(name == one.id for name, one in COEFFICIENTS.items())
    assert len(COEFFICIENTS) >= 28
    assert INTERVALS[:3] == ("distribution_free", "feldt", "duhachek_iacobucci")


@each_coefficient
def test_a_coefficient_says_what_it_is_of(coefficient: Coefficient) -> None:
    assert len(coefficient.estimand) > 20
    if coefficient.id.startswith("omega_h"):
        assert f"{GROUPS} group factors" in coefficient.estimand


@each_analytic
def test_the_gradient_is_that_of_finite_differences(coefficient: Coefficient) -> None:
    compared = 0
    for k, seed in ((3, 1), (5, 2), (8, 3)):
        cov = covariance(k, seed)
        slope, wanted = coefficient.slope(cov), differences(coefficient.value, cov)
        assert np.allclose(slope, wanted, rtol=1e-6, atol=2e-9)
        compared += slope.size
    assert compared == 9 + 25 + 64


def test_differences_are_those_of_a_known_gradient() -> None:
    cov = covariance(4, 1)
    found = differences(lambda c: (c**3).sum(axis=(-2, -1)), cov)
    assert np.allclose(found, 3 * cov**2, rtol=1e-10)


@each_coefficient
def test_a_stack_gives_what_its_matrices_give(coefficient: Coefficient) -> None:
    stack = np.array([covariance(6, seed) for seed in range(4)]).reshape(2, 2, 6, 6)
    found = coefficient.value(stack)
    assert found.shape == (2, 2)
    each = [[float(coefficient.value(cov)) for cov in row] for row in stack]
    assert np.allclose(found, each, rtol=1e-9, equal_nan=True)


@each_analytic
def test_a_gradient_of_another_place_would_be_seen(coefficient: Coefficient) -> None:
    cov = covariance(5, 2)
    moved = coefficient.slope(cov * 1.001)
    assert not np.allclose(moved, differences(coefficient.value, cov), rtol=1e-6, atol=2e-9)


@swept(name for name in KNOWN if not name.startswith(("split_half_first", "split_half_odd")))
def test_the_order_of_the_items_does_not_matter(coefficient: Coefficient) -> None:
    rng = np.random.default_rng(4)
    for k in (6, 10):
        cov = covariance(k, k)
        order = rng.permutation(k)
        found, wanted = coefficient.value(cov[np.ix_(order, order)]), coefficient.value(cov)
        assert found == pytest.approx(wanted, rel=1e-8, nan_ok=True)


@each_spearman_brown
def test_parallel_items_give_spearman_brown(coefficient: Coefficient) -> None:
    compared = 0
    for k in (3, 4, 10):
        for r in (0.05, 0.4, 0.9):
            for variance in (0.25, 7.0):
                cov = variance * ((1 - r) * np.eye(k) + r * np.ones((k, k)))
                wanted = k * r / (1 + (k - 1) * r)
                compared += assert_close(coefficient.value(cov), wanted, f"k = {k}, r = {r}")
    assert compared == 18


@each_smooth
def test_a_constant_added_to_the_answers_changes_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=5))
    moved = tuple(tuple(v + 10.0 * number for v in row) for number, row in enumerate(VALUES))
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, moved)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_smooth
def test_a_change_of_scale_changes_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=6))
    wider = tuple(tuple(7.0 * v for v in row) for row in VALUES)
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, wider)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_smooth
def test_all_items_reversed_change_nothing(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(300, K, seed=7))
    turned = tuple(row[::-1] for row in VALUES)
    plain, other = estimate(coefficient, patterns), estimate(coefficient, patterns, turned)
    assert ends(other) == pytest.approx(ends(plain), rel=1e-12)


@each_smooth
def test_the_interval_is_of_the_people_used(coefficient: Coefficient) -> None:
    answers = answers_of(300, K, seed=8, missing=0.05)
    complete = answers[(answers >= 0).all(axis=1)]
    assert 0 < len(complete) < len(answers)
    of_all = estimate(coefficient, patterns_of(answers))
    of_complete = estimate(coefficient, patterns_of(complete))
    assert of_all.n == len(complete)
    assert of_all == of_complete


@each_smooth
def test_twice_the_people_narrow_the_interval_as_n_says(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(50, K, seed=9))
    once, twice = estimate(coefficient, patterns), estimate(coefficient, patterns + patterns)
    assert (once.n, twice.n) == (50, 100)
    assert twice.value == pytest.approx(once.value, rel=1e-12)
    wanted = np.sqrt((2 * 50 - 1) / (4 * (50 - 1)))
    assert width(twice) / width(once) == pytest.approx(wanted, rel=1e-10)


@each_smooth
def test_a_higher_level_gives_a_wider_interval_around_the_value(coefficient: Coefficient) -> None:
    patterns = patterns_of(answers_of(200, K, seed=10))
    narrow = ends(estimate(coefficient, patterns, level=0.8))
    wide = ends(estimate(coefficient, patterns, level=0.99))
    assert wide[0] < narrow[0] < narrow[1] == wide[1] < narrow[2] < wide[2]


@each_smooth
def test_an_estimate_says_how_it_came_to_be(coefficient: Coefficient) -> None:
    one = estimate(coefficient, patterns_of(answers_of(200, K, seed=11)), level=0.9)
    assert one.coefficient == coefficient.id
    assert (one.metric, one.missing, one.method) == ("raw", "complete", "distribution_free")
    assert (one.level, one.n, one.seed, one.note) == (0.9, 200, None, None)


@each_coefficient
def test_without_an_interval_there_is_none(coefficient: Coefficient) -> None:
    one = asked_of(coefficient, answered(6, 12), None)
    assert one.value is not None or one.note is not None
    assert (one.low, one.high, one.level, one.method) == (None,) * 4


@swept(name for name in KNOWN if name not in hierarchical.ESTIMANDS)
def test_resampled_intervals_say_what_they_are(coefficient: Coefficient) -> None:
    answers = answered(K, 16)
    for interval in ("bootstrap", "bca", "bootstrap_t"):
        one = asked_of(coefficient, answers, interval, level=0.9)
        if one.low is None:
            assert one.note is not None
            assert interval != "bootstrap"
            continue
        low, value, high = ends(one)
        assert low < value < high or coefficient.id.endswith(("_min", "_max"))
        assert (one.method, one.level, one.seed, one.n) == (interval, 0.9, 3, 400)


@swept(name for name, one in KNOWN.items() if one.resampled < 20)
def test_what_takes_long_is_not_resampled(coefficient: Coefficient) -> None:
    one = asked_of(coefficient, answered(17, 17), "bootstrap")
    assert one.low is None
    assert one.note is not None
    assert "takes too long" in one.note or one.value is None


@each_coefficient
def test_one_item_is_refused(coefficient: Coefficient) -> None:
    with pytest.raises(ps.RefusalError, match=r"needs (two|3) items or more"):
        coefficient.of(np.array([[1.0]]))


@each_coefficient
def test_no_variance_at_all_is_refused(coefficient: Coefficient) -> None:
    with pytest.raises(ps.RefusalError, match="no variance"):
        coefficient.of(np.zeros((5, 5)))


@swept(name for name, one in KNOWN.items() if one.standardized)
def test_an_item_without_variance_is_named(coefficient: Coefficient) -> None:
    cov = covariance(6, 4)
    cov[2] = cov[:, 2] = 0.0
    with pytest.raises(ps.RefusalError, match="the same answer to sleep"):
        coefficient.of(cov, ["mood", "joy", "sleep", "food", "rest", "calm"])


@each_coefficient
def test_a_matrix_of_a_stack_without_variance_is_no_number(coefficient: Coefficient) -> None:
    stack = np.array([covariance(6, 5), np.zeros((6, 6))])
    found = coefficient.value(stack)
    assert np.isnan(found[1])
    assert found[0] == pytest.approx(float(coefficient.value(stack[0])), nan_ok=True)


@each_smooth
def test_moments_alone_have_no_distribution_free_interval(coefficient: Coefficient) -> None:
    one = asked_of(coefficient, Answers(answered(K, 13).moments), "distribution_free")
    assert one.value is not None
    assert (one.low, one.high, one.method) == (None, None, None)
    assert one.note == "no interval: this interval needs patterns, not only moments"


@each_coefficient
def test_feldts_interval_is_for_raw_alpha_alone(coefficient: Coefficient) -> None:
    for interval in ("feldt", "duhachek_iacobucci"):
        one = asked_of(coefficient, answered(K, 14), interval)
        assert (one.low is not None) == (coefficient.id in ("alpha", "kr20"))


def test_normal_intervals_are_refused_for_polychoric_moments() -> None:
    n = np.full((K, K), 300)
    cov = covariance(K, 15)
    known = ps.Moments(item_names(K), n, np.zeros(K), cov, "complete", metric="polychoric")
    one = asked_of(COEFFICIENTS["alpha"], Answers(known), "feldt")
    assert one.low is None
    assert one.note == "no interval: Feldt's interval does not hold for polychoric moments"


@swept(hierarchical.ESTIMANDS)
def test_group_factors_have_intervals_where_they_are_there(coefficient: Coefficient) -> None:
    rng = np.random.default_rng(21)
    general, groups = rng.standard_normal((900, 1)), rng.standard_normal((900, 2))
    shared = general + 0.8 * np.repeat(groups, 4, axis=1)
    latent = shared + rng.standard_normal((900, 8))
    patterns = patterns_of(np.digitize(latent, [-1.5, 0.0, 1.5]).astype(np.int8))
    values = ((0.0, 1.0, 2.0, 3.0),) * 8
    answers = Answers.of(moments(patterns, values), patterns, values)
    compared = 0
    for interval in ("distribution_free", "bootstrap", "bca"):
        low, value, high = ends(asked_of(coefficient, answers, interval))
        assert low < value < high
        assert high - low < 0.3
        compared += 1
    assert compared == 3


def test_more_resamples_than_may_be_lost_are_refused() -> None:
    broken = Coefficient("broken", "nothing", lambda cov: np.full(cov.shape[:-2], np.nan))
    shaky = Coefficient(
        "shaky",
        "alpha, which most resamples lack",
        lambda cov: (
            np.array(0.5) if cov.ndim == 2 else np.where(np.arange(len(cov)) % 3, 0.5, np.nan)
        ),
    )
    answers = answered(K, 18)
    assert asked_of(broken, answers, "bootstrap").note == "it cannot be computed"
    note = asked_of(shaky, answers, "bootstrap").note
    assert note is not None
    assert "of 200 resamples have no value" in note


def test_resamples_depend_on_the_seed_alone() -> None:
    answers = answered(K, 19)
    found = [
        estimates({"alpha": COEFFICIENTS["alpha"]}, answers, Asked("bca", 0.95, 300, seed))[0]
        for seed in (5, 5, 6)
    ]
    assert found[0] == found[1]
    assert found[0].low != found[2].low


def test_resampled_covariances_are_those_of_the_people_drawn() -> None:
    rows = Counted(np.arange(12.0).reshape(4, 3) ** 1.3, np.array([3, 1, 4, 2]))
    draws = next(rows.draws(6, seed=2))
    means, cov = rows.moments(draws)
    assert draws.sum(axis=1).tolist() == [10] * 6
    for one, mean, found in zip(draws.astype(int), means, cov, strict=True):
        people = np.repeat(rows.values, one, axis=0)
        assert np.allclose(found, np.cov(people.T), rtol=1e-10)
        shift = (rows.counts / 10) @ rows.values
        assert np.allclose(mean + shift, people.mean(axis=0))


def test_standard_errors_of_resamples_are_those_of_the_people_drawn() -> None:
    answers = answered(4, 20)
    rows = answers.rows()
    draws = next(rows.draws(3, seed=4))
    means, cov = rows.moments(draws)
    slopes = COEFFICIENTS["alpha"].gradient
    assert slopes is not None
    found = errors(rows, draws, means, slopes(cov))
    for one, error in zip(draws.astype(np.int64), found, strict=True):
        again = Counted(rows.values[one > 0], one[one > 0])
        mean = again.counts @ again.values / again.n
        known = ps.Moments(
            answers.moments.names,
            answers.moments.n,
            mean,
            np.cov(np.repeat(again.values, again.counts, axis=0).T),
            "complete",
        )
        wanted = asked_of(COEFFICIENTS["alpha"], Answers(known, again), "distribution_free")
        assert error == pytest.approx(width(wanted) / (2 * 1.959963984540054), rel=1e-9)
