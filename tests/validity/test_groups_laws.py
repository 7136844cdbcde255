"""What has to be true of group comparisons, whatever the numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychoscales.engines.validity.expectation import (
    Above,
    Expectation,
    Range,
    falling,
    share_confirmed,
)
from psychoscales.engines.validity.grouped import Comparison, Grouped
from psychoscales.engines.validity.means import anova, welch_anova, welch_t
from psychoscales.engines.validity.multiplicity import ADJUSTMENTS
from psychoscales.engines.validity.noncentral import f_limits, t_limits
from psychoscales.engines.validity.pairwise import _quantile, _quantiles, games_howell, welch_holm
from psychoscales.engines.validity.ranks import (
    Redrawn,
    kruskal_wallis,
    mann_whitney,
    rank_biserial,
)
from psychoscales.engines.validity.standardized import hedges_g, small_sample
from psychoscales.engines.validity.trend import (
    jonckheere,
    jonckheere_terpstra,
    linear_contrast,
)
from psychoscales.errors import RefusalError
from tests.conftest import laws

Floats = npt.NDArray[np.float64]
SMALL = laws(40)


@st.composite
def tables(draw: st.DrawFn, groups: int = 2) -> Grouped:
    """Scores of 3 to 12 people a group, with ties; somebody varies in each."""
    columns = []
    for _ in range(groups):
        rest = draw(st.lists(st.integers(0, 9), min_size=1, max_size=10))
        columns.append([*rest, rest[0] + 1, rest[0] + 2])
    scores = np.array([float(x) for column in columns for x in column])
    codes = np.repeat(np.arange(groups), [len(column) for column in columns])
    return Grouped.of(scores, codes, tuple("abcdefg"[:groups]))


def moved(table: Grouped, slope: float, intercept: float) -> Grouped:
    return replace(table, values=slope * table.values + intercept)


def every(table: Grouped) -> list[Comparison]:
    if len(table.labels) == 2:
        return [welch_t(table), welch_t(table, sd="average"), mann_whitney(table)]
    drawn = Redrawn(20, seed=3)
    return [
        anova(table),
        welch_anova(table),
        kruskal_wallis(table, drawn),
        jonckheere_terpstra(table, drawn),
        linear_contrast(table),
    ]


@SMALL
@given(tables())
def test_swapping_the_groups_turns_every_effect(table: Grouped) -> None:
    swapped = table.pair(1, 0)
    for one, other in zip(every(table), every(swapped), strict=True):
        assert one.p == pytest.approx(other.p, rel=1e-9)
        assert one.effect is not None
        assert other.effect is not None
        assert one.effect.value == pytest.approx(-other.effect.value, abs=1e-12)
        if one.effect.low is not None:
            assert other.effect.high is not None
            assert one.effect.low == pytest.approx(-other.effect.high, rel=1e-7, abs=1e-9)


@SMALL
@given(tables(3), st.integers(-50, 50))
def test_a_constant_changes_nothing(table: Grouped, constant: int) -> None:
    for one, other in zip(every(table), every(moved(table, 1.0, constant)), strict=True):
        assert other.statistic == pytest.approx(one.statistic, rel=1e-7, abs=1e-9)
        assert other.p == pytest.approx(one.p, rel=1e-7, abs=1e-12)
        if one.effect is not None and other.effect is not None:
            assert other.effect.value == pytest.approx(one.effect.value, rel=1e-7, abs=1e-9)


@SMALL
@given(tables(2), st.sampled_from([0.25, 3.0]))
def test_a_unit_changes_no_standardized_effect(table: Grouped, unit: float) -> None:
    for one, other in zip(every(table), every(moved(table, unit, 0.0)), strict=True):
        assert one.effect is not None
        assert other.effect is not None
        assert other.effect.value == pytest.approx(one.effect.value, rel=1e-9, abs=1e-12)
    contrast = linear_contrast(_third(table)).effect
    scaled = linear_contrast(moved(_third(table), unit, 0.0)).effect
    assert contrast is not None
    assert scaled is not None
    assert scaled.value == pytest.approx(unit * contrast.value, rel=1e-9, abs=1e-12)


def _third(table: Grouped) -> Grouped:
    counts = np.column_stack([table.counts, table.counts.sum(axis=1)])
    return Grouped(table.values, counts, (*table.labels, "both"))


@SMALL
@given(tables())
def test_two_groups_are_the_special_case_of_several(table: Grouped) -> None:
    t = welch_t(table)
    f = welch_anova(table)
    assert f.statistic == pytest.approx(t.statistic**2, rel=1e-9, abs=1e-12)
    assert f.p == pytest.approx(t.p, rel=1e-9)
    assert f.df_error == pytest.approx(t.df, rel=1e-9)
    h = kruskal_wallis(table, None)
    n1, n2 = table.n
    away = abs(mann_whitney(table).statistic - n1 * n2 / 2)
    ties = table.counts.sum(axis=1).astype(float)
    total = n1 + n2
    spread = n1 * n2 / 12 * (total + 1 - (ties**3 - ties).sum() / (total * (total - 1)))
    assert h.statistic == pytest.approx(away**2 / spread, rel=1e-9, abs=1e-12)


@SMALL
@given(tables(3))
def test_reversing_the_order_turns_the_trend(table: Grouped) -> None:
    turned = Grouped(table.values, table.counts[:, ::-1], table.labels[::-1])
    for work in (lambda t: jonckheere_terpstra(t, None), linear_contrast):
        one, other = work(table), work(turned)
        assert one.statistic == pytest.approx(-other.statistic, rel=1e-9, abs=1e-12)
    for work in (anova, welch_anova):
        assert work(table).statistic == pytest.approx(work(turned).statistic, rel=1e-9, abs=1e-12)


def test_the_trend_has_the_moments_of_all_permutations() -> None:
    """The mean and variance that the test assumes are those over every arrangement, ties kept."""
    scores, sizes = [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 5.0], (2, 2, 3)
    codes = np.repeat([0, 1, 2], sizes)
    seen = [
        float(jonckheere(Grouped.of(np.array(each), codes, "abc").counts.astype(float)))
        for each in permutations(scores)
    ]
    given_order = Grouped.of(np.array(scores), codes, "abc")
    z = jonckheere_terpstra(given_order, None).statistic
    j = float(jonckheere(given_order.counts.astype(float)))
    assert z == pytest.approx((j - np.mean(seen)) / np.std(seen), rel=1e-10)


@SMALL
@given(tables())
def test_the_rank_biserial_is_of_all_pairs(table: Grouped) -> None:
    first, second = (np.repeat(table.values, table.counts[:, at]) for at in (0, 1))
    pairs = np.sign(second[:, None] - first[None, :])
    assert rank_biserial(table).value == pytest.approx(float(pairs.mean()), abs=1e-12)


def test_groups_that_do_not_overlap_have_no_interval() -> None:
    table = Grouped(
        np.array([1.0, 2.0, 3.0, 4.0]), np.array([[2, 0], [1, 0], [0, 2], [0, 2]]), ("a", "b")
    )
    made = rank_biserial(table)
    assert made.value == 1.0
    assert made.low is None
    assert made.note is not None


@pytest.mark.parametrize(("t", "df"), [(0.0, 12.0), (2.3, 7.0), (-4.1, 300.0), (30.0, 5000.0)])
def test_limits_of_noncentrality_leave_the_tails(t: float, df: float) -> None:
    low, high = t_limits(t, df, 0.9)
    assert stats.nct.cdf(t, df, low) == pytest.approx(0.95, abs=1e-8)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.05, abs=1e-8)
    if t == 0:
        assert low == pytest.approx(-high, rel=1e-9)


def test_limits_of_f_stop_at_no_effect() -> None:
    assert f_limits(0.2, 3, 40, 0.95)[0] == 0
    assert f_limits(0.001, 3, 40, 0.95) == (0.0, 0.0)
    low, high = f_limits(9.0, 3, 40, 0.95)
    assert 0 < low < high
    t_low, t_high = t_limits(3.0, 40, 0.9)
    # Of one degree of freedom F is t squared: where no other tail matters the limits agree.
    f_low, f_high = f_limits(9.0, 1, 40, 0.9)
    assert (f_low, f_high) == pytest.approx((t_low**2, t_high**2), rel=1e-3)


def test_small_sample_correction() -> None:
    assert small_sample(221) == pytest.approx(0.119985448094966 / 0.120394566950361, rel=1e-12)
    assert small_sample(2e6) == pytest.approx(1 - 3 / (8e6 - 1), rel=1e-12)
    assert small_sample(999_999) == pytest.approx(small_sample(1_000_001), rel=1e-9)
    with pytest.raises(RefusalError):
        small_sample(1)


def test_equal_variances_and_sizes_make_both_standard_deviations_one() -> None:
    counts = np.array([[4, 0], [6, 4], [4, 6], [0, 4]])
    table = Grouped(np.arange(4.0), counts, ("a", "b"))
    pooled, average = hedges_g(table), hedges_g(table, sd="average")
    assert pooled.value == pytest.approx(average.value, rel=1e-12)
    assert pooled.method != average.method


@SMALL
@given(tables(3))
def test_pairs_of_two_groups_need_no_adjusting(table: Grouped) -> None:
    (only,) = welch_holm(table.pair(0, 2))
    t = welch_t(table.pair(0, 2))
    assert only.p_adjusted == only.p == pytest.approx(t.p, rel=1e-12)
    (range_of_two,) = games_howell(table.pair(0, 2))
    assert range_of_two.p_adjusted == pytest.approx(t.p, rel=1e-5, abs=1e-7)


def test_the_bootstrap_is_of_its_seed() -> None:
    rng = np.random.default_rng(8)
    table = Grouped.of(rng.integers(0, 12, 90).astype(float), np.repeat([0, 1, 2], 30), "abc")
    one, same, other = (kruskal_wallis(table, Redrawn(200, seed)).effect for seed in (5, 5, 6))
    assert one == same
    assert one is not None
    assert other is not None
    assert (one.low, one.high) != (other.low, other.high)
    assert one.seed == 5
    assert one.low is not None
    assert one.high is not None
    assert 0 <= one.low <= one.high <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_adjusting_keeps_the_order_and_never_lowers(p: list[float]) -> None:
    for name, work in ADJUSTMENTS.items():
        adjusted = work(p)
        assert (adjusted >= np.array(p) - 1e-15).all(), name
        assert (adjusted <= 1).all()
        order = np.argsort(p, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-15).all()
        assert work(p[:1])[0] == p[0]
    assert (ADJUSTMENTS["holm"](p) >= ADJUSTMENTS["bh"](p) - 1e-12).all()


@pytest.mark.parametrize(
    ("counts", "labels", "says"),
    [
        (np.array([[3], [2]]), ("a",), "one group"),
        (np.array([[3, 1], [2, 0]]), ("a", "b"), r"b \(1\)"),
        (np.array([[3, 4]]), ("a", "b"), "same score"),
    ],
)
def test_refusals(counts: npt.NDArray[np.int64], labels: tuple[str, ...], says: str) -> None:
    table = Grouped(np.arange(float(len(counts))), counts, labels)
    for work in (welch_t, anova, mann_whitney):
        with pytest.raises(RefusalError, match=says):
            work(table)


def test_a_group_in_which_nobody_varies() -> None:
    table = Grouped(np.array([1.0, 2.0]), np.array([[3, 2, 4], [0, 2, 0]]), ("a", "b", "c"))
    with pytest.raises(RefusalError, match="a, c"):
        welch_anova(table)
    first, between, second = welch_holm(table)
    assert first.t is not None
    assert second.t is not None
    assert between.note is not None
    assert between.p_adjusted is None
    with pytest.raises(RefusalError, match="two groups"):
        linear_contrast(table.pair(0, 1))


def test_expectations() -> None:
    ordered = Expectation("c > b > a", (), falling(["c", "b", "a"]))
    assert ordered.judged({"a": 1.0, "b": 2.0, "c": 2.5}).confirmed
    assert ordered.judged({"a": 1.0, "b": 2.5, "c": 2.5}).confirmed is False
    assert ordered.judged({"a": 1.0, "c": 2.5}).confirmed is None
    within = Expectation("r .3 to .5", (Range("r", 0.3, 0.5),))
    assert within.judged({"r": 0.5}).confirmed
    assert within.judged({"r": 0.51}).confirmed is False
    assert within.judged({"r": 0.4}, {"r": (0.35, 0.49)}).interval_inside
    assert within.judged({"r": 0.4}, {"r": (0.25, 0.49)}).interval_inside is False
    above = Expectation("positive", (Range("r", 0.0, beyond=True),))
    assert above.judged({"r": 0.0}).confirmed is False
    size = Expectation("|a| > |b|", (), (Above("a", "b", size=True),))
    assert size.judged({"a": -0.6, "b": 0.3}).confirmed
    assert share_confirmed([True, None, False, True]) == pytest.approx(2 / 3)
    assert share_confirmed([None]) is None


def test_quantiles_of_many_pairs_are_those_of_each() -> None:
    rng = np.random.default_rng(8)
    df = rng.uniform(2.5, 90, 40)
    found = np.array([*_quantiles(0.9, 10, df.tolist())])
    for at in (int(df.argmin()), int(df.argmax()), 7, 23):
        assert found[at] == pytest.approx(_quantile(0.9, 10, df[at], 4.0), rel=1e-7)
    alike = [*_quantiles(0.95, 4, [30.0] * 20)]
    assert max(alike) - min(alike) < 1e-9
