"""Laws of change: what must not matter, what must turn round, and what must coincide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from psychoscales.engines.validity.change import (
    METHODS,
    Curve,
    People,
    auc,
    clinical_cutoff,
    effect_size,
    mean_change,
    minimal_changes,
    observed,
    people,
    polyserial_r,
    resampled_effects,
    spearman_r,
    standardized_response_mean,
)
from psychoscales.engines.validity.change.logistic import logistic
from psychoscales.engines.validity.change.mic import middle
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import Estimate
from tests.coefficients.comparing import assert_close
from tests.validity.change_data import Floats, made, normal

LAW = 1e-9
MICS = (
    "mic_mean_change",
    "mic_roc_youden",
    "mic_roc_squares",
    "mic_predictive",
    "mic_adjusted",
    "mic_improved_adjusted",
)


def rows(of: People, **more: int) -> dict[str, list[float | None]]:
    resamples, seed = more.get("resamples", 40), more.get("seed", 3)
    found = minimal_changes(of, anchor_reliability=0.7, level=0.9, resamples=resamples, seed=seed)
    return {each.coefficient: [each.value, each.low, each.high] for each in found}


def mean(of: People) -> Estimate:
    return mean_change(of.change, 0.9)


def effect(of: People) -> Estimate:
    return effect_size(of.before, of.change, 0.9)


def response(of: People) -> Estimate:
    return standardized_response_mean(of.change, 0.9)


def area(of: People) -> Estimate:
    return auc(of.change, of.improved, 0.9)


def ends(estimate: Estimate) -> list[float]:
    return [float(each or 0.0) for each in (estimate.value, estimate.low, estimate.high)]


def curve(changes: Floats, improved: Floats) -> Curve:
    x = np.unique(changes)
    yes, no = (
        np.array([[(changes[improved == said] == v).sum() for v in x]], dtype=float)
        for said in (1, 0)
    )
    return Curve(x, yes, no)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubling_the_scale_doubles_what_is_in_its_units(seed: int) -> None:
    one, two = made(seed), made(seed, unit=2.0)
    first, second = rows(one), rows(two)
    assert set(MICS) < set(first)
    for name in MICS:
        assert_close(second[name], 2 * np.array(first[name], dtype=float), name, LAW)
    assert_close(second["guyatt"], first["guyatt"], "guyatt", LAW)
    for work in (effect, response, area):
        assert_close(ends(work(two)), ends(work(one)), "without a unit", LAW)
    assert_close(ends(mean(two)), [2 * end for end in ends(mean(one))], "mean")


@pytest.mark.parametrize("unit", [0.1, 1 / 3, 1 / 9])
def test_equal_changes_are_equal_whatever_the_subtraction_leaves(unit: float) -> None:
    """Mean scores such as 2.3 - 1.1 and 1.9 - 0.7 differ in their last bits."""
    of = made(4, unit=unit)
    assert len(np.unique(of.after - of.before)) > len(np.unique(of.change))
    assert len(np.unique(of.change)) == len(np.unique(made(4).change))
    whole = rows(made(4))
    for name, values in rows(of).items():
        times = 1.0 if name == "guyatt" else unit
        assert_close(values, times * np.array(whole[name], dtype=float), name, 1e-8)


def test_adding_a_constant_changes_nothing() -> None:
    of = made(5)
    moved = replace(of, before=of.before + 7, after=of.after + 7)
    assert rows(moved) == rows(of)
    first, second = (effect_size(each.before, each.change, 0.9) for each in (of, moved))
    assert_close([second.value, second.low], [first.value, first.low], "effect size")
    for work in METHODS.values():
        verdicts = [
            work(observed(p.before, p.after, 0.95, -0.5), 1.5).verdicts(p.before, p.after, -1)
            for p in (of, moved)
        ]
        assert (verdicts[0] == verdicts[1]).all()
        assert len(np.unique(verdicts[0])) > 1


def test_swapping_the_occasions_turns_the_signs() -> None:
    of = made(6)
    swapped = replace(of, before=of.after, after=of.before)
    assert (swapped.change == -of.change).all()
    for work in (mean, response):
        value, low, high = ends(work(of))
        assert_close(ends(work(swapped)), [-value, -high, -low], "swapped")
    other = auc(swapped.change, of.improved, 0.9)
    assert_close(other.value, 1 - ends(area(of))[0], "area")
    ranks = (of.improved + of.minimal).astype(np.int64)
    for correlation in (spearman_r, polyserial_r):
        there, back = (ends(correlation(each.change, ranks, 0.9)) for each in (of, swapped))
        assert_close(back[0], -there[0], "correlation", 1e-8)
    in_other_sd = ends(effect(swapped))[0] * of.after.std(ddof=1)
    assert_close(in_other_sd, -of.change.mean(), "in the other sd")


def test_turning_the_scale_and_its_direction_changes_nothing() -> None:
    of = made(7)
    turned = replace(of, before=30 - of.before, after=30 - of.after, direction=1)
    assert rows(turned) == rows(of)
    for work in METHODS.values():
        bands = [
            work(observed(p.before, p.after, 0.95, p.direction * 0.5), 1.2) for p in (of, turned)
        ]
        index = [
            band.index(p.before, p.after, p.direction)
            for band, p in zip(bands, (of, turned), strict=True)
        ]
        assert_close(index[1] + 3, index[0] + 3, bands[0].method)
    cuts = [
        clinical_cutoff("c", (p.before.mean(), p.before.std(ddof=1)), (norm, 3.0), p.direction)
        for p, norm in ((of, 4.0), (turned, 26.0))
    ]
    assert_close(30 - cuts[1], cuts[0], "cut-off")


def test_the_order_of_people_does_not_matter() -> None:
    of = made(8)
    assert rows(of.some(np.random.default_rng(1).permutation(of.n))) == rows(of)


@pytest.mark.parametrize(("share", "tolerance"), [(0.5, 1e-9), (0.3, 2e-4), (0.75, 2e-4)])
def test_predictive_mic_of_normal_groups_is_midway(share: float, tolerance: float) -> None:
    """Equal variances: the densities cross midway, whatever the share of improved people."""
    n = 40_000
    yes = round(share * n)
    changes = np.concatenate([normal(yes, 7.0, 2.5), normal(n - yes, 1.0, 2.5)])
    x, place = np.unique(changes, return_inverse=True)
    said = np.arange(n) < yes
    both = [
        np.bincount(place, weights=each, minlength=len(x))[None].astype(float)
        for each in (said, ~said)
    ]
    found = Curve(x, both[0], both[1])
    assert_close(found.predictive()[0], 4.0, "midway", tolerance)
    if share == 0.5:
        assert_close(found.adjusted()[0], 4.0, "adjusted", tolerance)
    else:
        assert abs(found.adjusted()[0] - 4.0) > 0.1
    slope = logistic(x, both[0], both[1])[1][0]
    assert_close(slope, 6.0 / 2.5**2, "slope: distance over variance", 5e-3)
    assert_close(
        auc(changes, said.astype(float), 0.9).value, ndtr(6 / (2.5 * np.sqrt(2))), "area", 1e-4
    )


def test_adjusted_and_predictive_coincide_where_half_are_improved() -> None:
    of = made(9, n=120)
    order = np.argsort(of.improved)
    half = of.some(order[of.n - 2 * int(of.improved.sum()) :])
    assert half.improved.mean() == 0.5
    found = rows(half)
    for name in ("mic_adjusted", "mic_improved_adjusted"):
        assert found[name][0] == found["mic_predictive"][0]
    assert rows(of)["mic_adjusted"][0] != rows(of)["mic_predictive"][0]


def test_logistic_regression_meets_its_own_equations() -> None:
    rng = np.random.default_rng(2)
    x = np.arange(12.0) - 3
    yes, no = rng.integers(0, 5, (30, 12)).astype(float), rng.integers(0, 5, (30, 12)).astype(float)
    first, second = logistic(x, yes, no)
    chance = 1 / (1 + np.exp(-(first[:, None] + second[:, None] * x)))
    rest = yes - (yes + no) * chance
    assert np.abs(rest.sum(1)).max() < 1e-9
    assert np.abs(rest @ x).max() < 1e-8
    alone = logistic(x, yes[7:8], no[7:8])
    assert_close([alone[0][0], alone[1][0]], [first[7], second[7]], "one sample", LAW)


def test_separated_people_have_no_regression() -> None:
    x = np.arange(4.0)
    apart = np.array([[0.0, 0, 3, 2]]), np.array([[2.0, 4, 0, 0]])
    touching = np.array([[0.0, 1, 3, 2]]), np.array([[2.0, 4, 0, 0]])
    crossing = np.array([[1.0, 1, 3, 2]]), np.array([[2.0, 4, 0, 0]])
    none = np.zeros((1, 4)), np.array([[2.0, 4, 1, 1]])
    for yes, no in (apart, apart[::-1], touching, none):
        assert np.isnan(logistic(x, yes, no)[0]).all()
    assert np.isfinite(logistic(x, *crossing)[1]).all()


@pytest.mark.parametrize("seed", range(8))
def test_roc_cuts_by_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    improved = (np.arange(40) % 3 == 0).astype(float)
    changes = np.rint(rng.normal(2 * improved, 2.5))
    values = np.unique(changes)
    cuts = (values[1:] + values[:-1]) / 2
    missed = np.array([(changes[improved == 1] < cut).mean() for cut in cuts])
    wrong = np.array([(changes[improved == 0] >= cut).mean() for cut in cuts])
    found = curve(changes, improved)
    for loss, (places, best) in (
        (missed + wrong, found.youden()),
        (missed**2 + wrong**2, found.squares()),
    ):
        wanted = cuts[loss <= loss.min() + 1e-12]
        assert places[best].tolist() == wanted.tolist()
        assert middle(places, best)[0] == np.median(wanted)


def test_equally_good_cuts_are_said() -> None:
    changes = np.array([0, 0, 0, 0, 1, 2, 3, 3, 3, 3] * 2, dtype=float)
    improved = np.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1] * 2, dtype=float)
    of = people(np.zeros(20), changes, 1, improved=improved)
    row = next(
        e for e in minimal_changes(of, level=0.9, resamples=20, seed=1) if "you" in e.coefficient
    )
    assert row.value == 1.5
    assert str(row.note).startswith("2 cuts are equally good, 0.5 to 2.5: their median")


def test_values_that_nobody_drew_leave_no_cut() -> None:
    x = np.array([0.0, 1.0, 5.0])
    found = Curve(x, np.array([[0.0, 0.0, 4.0]]), np.array([[4.0, 0.0, 0.0]]))
    cuts, best = found.youden()
    assert cuts[best].tolist() == [2.5]


def test_reliable_change_methods_coincide_where_they_must() -> None:
    of = made(10)
    what = observed(of.before, of.after, 0.8, 0.0)
    equal = replace(what, sd_after=what.sd_before, mean_after=what.mean_before)
    jacobson = METHODS["jacobson_truax"](equal, 1.8)
    assert METHODS["iverson"](equal, 1.8).half == pytest.approx(jacobson.half, rel=1e-14)
    assert METHODS["chelune"](equal, 1.8).half == jacobson.half
    nearly = replace(equal, reliability=1 - 1e-12)
    ratio = (
        METHODS["gulliksen_lord_novick"](nearly, 1.8).half
        / METHODS["edwards_nunnally"](nearly, 1.8).half
    )
    assert ratio == pytest.approx(np.sqrt(2), rel=1e-9)
    certain = METHODS["hageman_arrindell"](nearly, 1.8)
    assert certain.half == pytest.approx(METHODS["jacobson_truax"](nearly, 1.8).half, rel=1e-9)
    assert jacobson.half == pytest.approx(1.8 * np.sqrt(2) * equal.sem, rel=1e-14)


def test_resampled_intervals_are_near_the_closed_ones() -> None:
    before = normal(400, 20.0, 5.0)
    rng = np.random.default_rng(5)
    of = people(before, before + rng.normal(2.0, 4.0, 400), 1)
    closed = effect_size(of.before, of.change, 0.9), standardized_response_mean(of.change, 0.9)
    drawn = resampled_effects(of, level=0.9, resamples=2000, seed=4)
    for one, other in zip(closed, drawn, strict=True):
        assert one.coefficient == other.coefficient
        assert_close(other.value, one.value, "value", LAW)
        assert other.seed == 4
        widths = [float(each.high or 0) - float(each.low or 0) for each in (one, other)]
        assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_the_seed_makes_the_interval() -> None:
    of = made(11)
    first, again, other = (rows(of, resamples=60, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first["mic_predictive"][0] == other["mic_predictive"][0]
    assert first["mic_predictive"][1:] != other["mic_predictive"][1:]


def test_the_interval_of_the_predictive_mic_covers_it() -> None:
    rng, within, times = np.random.default_rng(12), 0, 120
    for _ in range(times):
        improved = np.arange(120) % 2 == 0
        changes = np.rint(rng.normal(1 + 4 * improved, 3.0))
        of = people(np.zeros(120), changes, 1, improved=improved)
        low, high = rows(of, resamples=200)["mic_predictive"][1:]
        assert low is not None
        assert high is not None
        within += low <= 3.0 <= high
    assert 0.82 <= within / times <= 0.97


def test_refusals() -> None:
    of = made(13)
    with pytest.raises(RefusalError, match="3 people are needed"):
        people([1.0, 2.0, np.nan], [1.0, np.nan, 3.0], 1)
    with pytest.raises(ValueError, match="direction"):
        people(of.before, of.after, 0)
    with pytest.raises(ValueError, match="1, 0 or NaN"):
        people(of.before, of.after, 1, improved=of.before)
    with pytest.raises(RefusalError, match="same score"):
        effect_size(np.full(9, 4.0), np.arange(9.0), 0.9)
    with pytest.raises(RefusalError, match="same amount"):
        standardized_response_mean(np.full(9, 0.3), 0.9)
    for rho in (0.0, 1.0, -0.2):
        with pytest.raises(RefusalError, match="between 0 and 1"):
            observed(of.before, of.after, rho)
    with pytest.raises(RefusalError, match="first occasion"):
        observed(np.full(9, 4.0), np.arange(9.0), 0.7)
    with pytest.raises(RefusalError, match="practice="):
        METHODS["chelune"](observed(of.before, of.after, 0.8), 1.96)
    with pytest.raises(RefusalError, match="no more than measurement error"):
        METHODS["hageman_arrindell"](observed(of.before, of.before - 2.0, 0.8), 1.96)
    with pytest.raises(RefusalError, match="norms="):
        clinical_cutoff("c", (20.0, 4.0), None, -1)
    with pytest.raises(RefusalError, match="better off"):
        clinical_cutoff("b", (20.0, 4.0), (25.0, 4.0), -1)
    with pytest.raises(UnknownNameError):
        clinical_cutoff("d", (20.0, 4.0), (10.0, 4.0), -1)


def test_what_an_anchor_cannot_give_says_why() -> None:
    of = made(14)
    few = replace(of, improved=(np.arange(of.n) < 4).astype(float))
    wrong = replace(of, improved=1 - of.improved)
    apart = replace(of, after=of.before - np.where(of.improved == 1, 5.0, 1.0))
    for who, name, why in (
        (few, "mic_roc_youden", "4 improved and 86 not improved"),
        (wrong, "mic_predictive", "check `improvement`"),
        (apart, "mic_adjusted", "no maximum"),
        (replace(of, minimal=~of.minimal & False), "mic_mean_change", "minimal="),
        (replace(of, stable=~of.stable & False), "guyatt", "stable="),
    ):
        found = {e.coefficient: e for e in minimal_changes(who, level=0.9, resamples=20, seed=1)}
        assert found[name].value is None
        assert why in str(found[name].note)
    silent = replace(of, improved=np.full(of.n, np.nan))
    with pytest.raises(RefusalError, match="says nothing"):
        minimal_changes(silent, level=0.9, resamples=20, seed=1)


def test_resamples_without_a_value_are_counted() -> None:
    improved = (np.arange(40) < 6).astype(float)
    changes = np.where(improved == 1, 6.0, np.arange(40) % 6)
    changes[0] = 3.0
    of = people(np.zeros(40), changes, 1, improved=improved)
    row = {e.coefficient: e for e in minimal_changes(of, level=0.9, resamples=300, seed=1)}
    assert row["mic_predictive"].value is not None
    assert row["mic_predictive"].low is None
    assert "resamples have no value; no interval" in str(row["mic_predictive"].note)
    assert row["mic_roc_youden"].low is not None
