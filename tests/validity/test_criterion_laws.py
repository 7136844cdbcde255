"""What must hold of areas, cut-offs and strata whatever the numbers are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, mannwhitneyu

from psychoscales.engines.validity.best_cutoff import (
    CRITERIA,
    Criterion,
    best_cutoff,
    draws,
    resampled,
)
from psychoscales.engines.validity.cutoffs import accuracy, decided
from psychoscales.engines.validity.proportions import proportion, ratio
from psychoscales.engines.validity.roc import Graded, area, area_interval, compared, curve
from psychoscales.engines.validity.strata import strata
from psychoscales.errors import RefusalError
from tests.conftest import laws

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
VALUES = np.array([0.0, 1.0, 1.5, 4.0, 9.0])


@st.composite
def people(draw: st.DrawFn) -> tuple[Floats, Truths]:
    """Return scores with many ties, and who is positive; both classes are there."""
    size = draw(st.integers(12, 60))
    places = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    truth = draw(st.lists(st.booleans(), min_size=size - 2, max_size=size - 2))
    return VALUES[places], np.array([True, False, *truth])


@given(people())
def test_the_area_is_mann_and_whitneys_u_over_the_pairs(both: tuple[Floats, Truths]) -> None:
    score, truth = both
    u = mannwhitneyu(score[truth], score[~truth]).statistic if np.ptp(score) else None
    counted = Graded.of(score, truth)
    found = area(counted)
    if u is not None:
        assert found.value == pytest.approx(u / (truth.sum() * (~truth).sum()), rel=1e-12)
    across, upwards = curve(counted)
    assert np.trapezoid(upwards, across) == pytest.approx(found.value, rel=1e-12)


@given(people())
def test_a_turned_score_has_the_rest_of_the_area(both: tuple[Floats, Truths]) -> None:
    counted = Graded.of(*both)
    found, turned = area(counted), area(counted.turned())
    assert turned.value == pytest.approx(1 - found.value, abs=1e-12)
    assert turned.variance == pytest.approx(found.variance, abs=1e-12, nan_ok=True)


@given(people())
def test_only_the_order_of_scores_matters(both: tuple[Floats, Truths]) -> None:
    score, truth = both
    found, other = area(Graded.of(score, truth)), area(Graded.of(np.exp(score) - 7, truth))
    assert (found.value, found.variance) == (other.value, other.variance) or np.isnan(
        found.variance
    )


@given(people(), people())
def test_counts_of_parts_add_up(one: tuple[Floats, Truths], two: tuple[Floats, Truths]) -> None:
    merged = Graded.of(*one) + Graded.of(*two)
    whole = Graded.of(np.concatenate([one[0], two[0]]), np.concatenate([one[1], two[1]]))
    for name in ("values", "negatives", "positives"):
        np.testing.assert_array_equal(getattr(merged, name), getattr(whole, name))
    assert merged.n == len(one[0]) + len(two[0])


@given(people(), st.lists(st.integers(1, 9), min_size=60, max_size=60))
def test_weights_are_people(both: tuple[Floats, Truths], weights: list[int]) -> None:
    score, truth = both
    many = weights[: len(score)]
    weighted = area(Graded.of(score, truth, many))
    repeated = area(Graded.of(np.repeat(score, many), np.repeat(truth, many)))
    assert weighted.value == repeated.value


@given(people())
def test_identical_scores_have_no_test(both: tuple[Floats, Truths]) -> None:
    score, truth = both
    few = min(truth.sum(), (~truth).sum()) < 5
    with pytest.raises(RefusalError, match="5 positives" if few else "same order"):
        compared(score, np.sqrt(score), truth)


def test_comparing_the_other_way_round_changes_the_sign() -> None:
    generator = np.random.default_rng(5)
    truth = generator.random(80) < 0.4
    first, second = generator.integers(0, 6, (2, 80)) + truth
    one, other = compared(first, second, truth), compared(second, first, truth)
    assert one.value == pytest.approx(-other.value)
    assert (one.low, one.z) == pytest.approx((-other.high, -other.z))
    assert one.p == pytest.approx(other.p)
    assert one.value == area(Graded.of(first, truth)).value - area(Graded.of(second, truth)).value


@given(people(), st.lists(st.sampled_from([0.5, 1.0, 1.5, 3.0, 9.0, 10.0]), unique=True))
def test_ratios_of_strata_average_one(both: tuple[Floats, Truths], bounds: list[float]) -> None:
    counted = Graded.of(*both)
    found = strata(counted, sorted(bounds), 0.9)
    there = (found.negatives > 0) & ~np.isnan(found.ratios.value)
    without = found.positives[found.negatives == 0].sum() / counted.n1
    total = (found.ratios.value[there] * found.negatives[there]).sum() / counted.n0
    assert total + without == pytest.approx(1, rel=1e-12)
    assert (found.positives + found.negatives).sum() == counted.n


@given(people(), st.sampled_from(VALUES.tolist()))
def test_two_strata_are_a_cutoff(both: tuple[Floats, Truths], cutoff: float) -> None:
    counted = Graded.of(*both)
    found, two = accuracy(decided(counted, [cutoff]), 0.9), strata(counted, [cutoff], 0.9)
    for part in range(3):
        ours = [found["lr_negative"][part][0], found["lr_positive"][part][0]]
        np.testing.assert_allclose(two.ratios[part], ours)


@given(people(), st.sampled_from(VALUES.tolist()))
def test_stated_prevalence_of_these_people_gives_their_predictive_values(
    both: tuple[Floats, Truths], cutoff: float
) -> None:
    counted = Graded.of(*both)
    table = decided(counted, [cutoff])
    own = accuracy(table, 0.95, "wilson")
    stated = accuracy(table, 0.95, "wilson", prevalence=counted.n1 / counted.n)
    for name in ("ppv", "npv"):
        np.testing.assert_allclose(own[name].value, stated[name].value, rtol=1e-10)
    assert own["sensitivity"] == stated["sensitivity"]


def test_predictive_values_follow_the_prevalence() -> None:
    counted = Graded(np.arange(3.0), np.array([30, 15, 5]), np.array([4, 6, 10]))
    found = [accuracy(decided(counted, [1]), 0.95, prevalence=p) for p in (0.01, 0.1, 0.5)]
    assert (np.diff([each["ppv"].value[0] for each in found]) > 0).all()
    assert (np.diff([each["npv"].value[0] for each in found]) < 0).all()
    for each in found:
        for low, value, high in ((r.low, r.value, r.high) for r in each.values()):
            assert low[0] < value[0] < high[0]


@pytest.mark.parametrize("n", [1, 7, 40])
def test_exact_intervals_end_where_the_count_becomes_too_rare(n: int) -> None:
    counts = np.arange(n + 1)
    _, low, high = proportion(counts, n, 0.9, "clopper_pearson")
    assert (low[0], high[-1]) == (0.0, 1.0)
    np.testing.assert_allclose(binom.sf(counts[1:] - 1, n, low[1:]), 0.05, rtol=1e-9)
    np.testing.assert_allclose(binom.cdf(counts[:-1], n, high[:-1]), 0.05, rtol=1e-9)


def test_wilson_ends_solve_the_score_test() -> None:
    from scipy.special import ndtri

    counts, n = np.arange(10), 9
    value, low, high = proportion(counts, n, 0.8, "wilson")
    z = ndtri(0.9)
    inner = slice(1, -1)
    for end in (low, high):
        score = (value - end)[inner] / np.sqrt(end * (1 - end) / n)[inner]
        np.testing.assert_allclose(np.abs(score), z, rtol=1e-9)
    assert (low[0], high[-1]) == (0.0, 1.0)


def test_nobody_is_no_proportion() -> None:
    for part in proportion([0, 2], [0, 4], 0.95, "wilson"):
        assert np.isnan(part[0])
        assert not np.isnan(part[1])


def test_empty_cells_have_no_interval_of_a_ratio() -> None:
    value, low, high = ratio([0, 3, 0, 5, 3], 5, [2, 0, 0, 6, 2], 6, 0.95)
    np.testing.assert_array_equal(value, [0, np.inf, np.nan, 1, (3 / 5) / (2 / 6)])
    np.testing.assert_array_equal(np.isnan(low), [True, True, True, True, False])
    np.testing.assert_array_equal(np.isnan(high), np.isnan(low))


@laws(60)
@given(people(), st.sampled_from(CRITERIA), st.sampled_from([0.3, 0.7, 0.9]))
def test_best_is_the_best_of_all(both: tuple[Floats, Truths], name: str, least: float) -> None:
    score, truth = both
    criterion = Criterion(name, least if name.startswith("least") else None)
    counted = Graded.of(score, truth)
    rates = {
        value: (np.mean(score[truth] >= value), np.mean(score[~truth] < value))
        for value in np.unique(score)
    }
    merits = {
        "youden": {v: se + sp for v, (se, sp) in rates.items()},
        "closest_topleft": {v: -np.hypot(1 - se, 1 - sp) for v, (se, sp) in rates.items()},
        "least_sensitivity": {v: sp for v, (se, sp) in rates.items() if se >= least - 1e-12},
        "least_specificity": {v: se for v, (se, sp) in rates.items() if sp >= least - 1e-12},
    }[name]
    try:
        found = best_cutoff(counted, criterion)
    except RefusalError:
        assert not merits or min(counted.n0, counted.n1) < 5
        return
    best = max(merits.values())
    wanted = [float(v) for v, merit in merits.items() if merit >= best - 1e-9]
    assert merits[found.cutoff] == pytest.approx(best)
    if criterion.least is None:
        assert list(found.ties) == wanted
        assert found.cutoff == wanted[0]
    assert (found.sensitivity, found.specificity) == pytest.approx(rates[found.cutoff])


def test_a_best_cutoff_of_noise_is_too_good_and_the_bootstrap_says_so() -> None:
    generator = np.random.default_rng(11)
    score, truth = generator.integers(0, 28, 60).astype(float), np.arange(60) < 25
    counted, youden = Graded.of(score, truth), Criterion("youden")
    best = best_cutoff(counted, youden)
    found = resampled(counted, youden, best, draws(counted, 400, 7), 0.9)
    assert found.sensitivity + found.specificity > 0.05
    assert found.low <= best.cutoff <= found.high
    assert 0 < found.chosen < 1
    again = resampled(counted, youden, best, draws(counted, 400, 7), 0.9)
    other = resampled(counted, youden, best, draws(counted, 400, 8), 0.9)
    assert vars(again) == vars(found)
    assert vars(other) != vars(found)


def test_a_resample_chooses_among_the_values_that_it_has() -> None:
    counted = Graded(np.array([1.0, 2.0, 3.0]), np.array([6, 1, 1]), np.array([1, 1, 6]))
    youden = Criterion("youden")
    best = best_cutoff(counted, youden)
    without_two = (np.array([[7.0, 0.0, 1.0]]), np.array([[2.0, 0.0, 6.0]]))
    found = resampled(counted, youden, best, iter([without_two]), 0.95)
    assert (found.low, found.high, found.resamples) == (3, 3, 1)
    assert (found.sensitivity, found.specificity) == (6 / 8 - 6 / 8, 7 / 8 - 7 / 8)


def test_resamples_that_meet_no_criterion_are_not_counted() -> None:
    counted = Graded(np.array([1.0, 2.0]), np.array([9, 1]), np.array([4, 4]))
    criterion = Criterion("least_specificity", 0.8)
    best = best_cutoff(counted, criterion)
    assert best.cutoff == 2
    drawn = (np.array([[9.0, 1.0], [7.0, 3.0]]), np.array([[4.0, 4.0], [5.0, 3.0]]))
    assert resampled(counted, criterion, best, iter([drawn]), 0.95).resamples == 1
    with pytest.raises(RefusalError, match="no resample"):
        resampled(counted, criterion, best, iter([(drawn[0][1:], drawn[1][1:])]), 0.95)


def test_resamples_keep_the_size_of_each_class() -> None:
    counted = Graded(np.arange(4.0), np.array([9, 5, 2, 1]), np.array([1, 0, 4, 9]))
    seen = 0
    for negatives, positives in draws(counted, 300, 2):
        assert set(negatives.sum(axis=1)) == {17}
        assert set(positives.sum(axis=1)) == {14}
        assert not positives[:, 1].any()
        seen += len(negatives)
    assert seen == 300


def test_a_score_without_error_has_no_interval() -> None:
    counted = Graded(np.array([1.0, 2.0]), np.array([9, 0]), np.array([0, 8]))
    assert area(counted).value == 1
    with pytest.raises(RefusalError, match="standard error 0"):
        area_interval(area(counted), counted, 0.95)
    best = best_cutoff(counted, Criterion("youden"))
    assert (best.cutoff, best.above, best.sensitivity, best.specificity) == (2, 1, 1, 1)


def test_few_people_have_an_area_but_no_interval() -> None:
    counted = Graded(np.array([1.0, 2.0]), np.array([9, 4]), np.array([1, 3]))
    assert 0.5 < area(counted).value < 1
    with pytest.raises(RefusalError, match="not 4 and 13"):
        area_interval(area(counted), counted, 0.95)
    with pytest.raises(RefusalError, match="a best cut-off needs 5"):
        best_cutoff(counted, Criterion("youden"))


def test_one_class_only_is_refused() -> None:
    for negatives, positives, lacking in (([3, 4], [0, 0], "positive"), ([0, 0], [2, 9], "negat")):
        counted = Graded(np.array([1.0, 2.0]), np.array(negatives), np.array(positives))
        with pytest.raises(RefusalError, match=f"nobody is {lacking}"):
            area(counted)
        with pytest.raises(RefusalError):
            strata(counted, [2.0], 0.95)


def test_wrong_arguments_are_errors() -> None:
    counted = Graded(np.array([1.0, 2.0]), np.array([9, 4]), np.array([1, 3]))
    with pytest.raises(ValueError, match="missing"):
        Graded.of([1.0, np.nan], [True, False])
    with pytest.raises(ValueError, match="rise"):
        strata(counted, [3.0, 2.0], 0.95)
    with pytest.raises(ValueError, match="need a value"):
        Criterion("least_sensitivity")
    with pytest.raises(ValueError, match="others none"):
        Criterion("youden", 0.5)
    with pytest.raises(ValueError, match="one of youden"):
        Criterion("accuracy")
    with pytest.raises(ValueError, match="at least one"):
        next(draws(counted, 0, 1))
    wide = Graded.of(np.arange(40_000.0), np.arange(40_000) % 2 == 0)
    with pytest.raises(RefusalError, match="round the score"):
        next(draws(wide, 5_000, 1))
