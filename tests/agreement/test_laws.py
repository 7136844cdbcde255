"""Laws of agreement: what may not matter, what must, and what must coincide."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychoscales.engines.reliability.agreement import (
    FORMS,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    icc,
    krippendorff_alpha,
    limits_of_agreement,
    measurement_error,
)
from psychoscales.engines.reliability.agreement.anova import mean_squares
from psychoscales.engines.reliability.agreement.error import variance_interval
from psychoscales.engines.reliability.agreement.intraclass import f_interval, single, stepped_up
from psychoscales.engines.reliability.agreement.kappa import kappa_of_table
from psychoscales.engines.reliability.agreement.weights import agreement_weights
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import Estimate
from tests.conftest import laws

Floats = npt.NDArray[np.float64]
METRICS = ("nominal", "ordinal", "interval", "ratio")
WEIGHTS = ("identity", "linear", "quadratic")


def made(seed: int, n: int = 30, r: int = 3, missing: float = 0.0) -> Floats:
    """Ratings of a two-way model, with holes."""
    rng = np.random.default_rng(seed)
    people, raters = rng.normal(0, 2, (n, 1)), rng.normal(0, 0.7, (1, r))
    ratings: Floats = 10 + people + raters + rng.normal(0, 1, (n, r))
    ratings[rng.random((n, r)) < missing] = np.nan
    return ratings


def categories(seed: int, n: int = 40, r: int = 2, missing: float = 0.0) -> Floats:
    return np.clip(np.rint((made(seed, n, r, missing) - 6) / 2), 0, 3)


def values(estimates: tuple[Estimate, ...]) -> Floats:
    rows = [(each.value, each.low, each.high) for each in estimates]
    return np.array(rows, dtype=float)


def everything(ratings: Floats) -> Floats:
    return values(icc(ratings) + measurement_error(ratings))


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_order_of_people_and_occasions_does_not_matter(missing: float) -> None:
    ratings = made(1, missing=missing)
    mixed = ratings[np.random.default_rng(2).permutation(30)][:, [2, 0, 1]]
    np.testing.assert_allclose(everything(mixed), everything(ratings), rtol=1e-8)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_another_unit_changes_the_error_alone(missing: float) -> None:
    ratings = made(3, missing=missing)
    before, after = icc(ratings), icc(7 - 2.5 * ratings)
    np.testing.assert_allclose(values(after), values(before), rtol=1e-8)
    error, scaled = measurement_error(ratings), measurement_error(7 - 2.5 * ratings)
    np.testing.assert_allclose(values(scaled), 2.5 * values(error), rtol=1e-8)


@pytest.mark.parametrize(("missing", "close"), [(0.0, 1e-9), (0.2, 0.02)])
def test_a_shift_of_one_occasion_is_disagreement_but_not_inconsistency(
    missing: float, close: float
) -> None:
    ratings = made(4, n=80, missing=missing)
    before = {each.coefficient: each.value or 0 for each in icc(ratings)}
    after = {each.coefficient: each.value or 0 for each in icc(ratings + np.array([0, 3, 0]))}
    assert after["ICC(C,1)"] == pytest.approx(before["ICC(C,1)"], rel=close)
    assert after["ICC(A,1)"] < before["ICC(A,1)"] - 0.05
    assert after["ICC(1,1)"] < before["ICC(1,1)"] - 0.05


def test_reml_of_complete_ratings_is_the_analysis_of_variance() -> None:
    ratings = made(5)
    by_anova, by_reml = icc(ratings), icc(ratings, estimator="reml")
    two_way = [at for at, form in enumerate(FORMS.values()) if form.kind != "one_way"]
    for at in two_way:
        assert by_reml[at].value == pytest.approx(by_anova[at].value, rel=1e-9)
    assert {each.method for each in by_reml} == {"reml_profile"}
    np.testing.assert_allclose(
        values(measurement_error(ratings, estimator="reml"))[:, 0],
        values(measurement_error(ratings))[:, 0],
        rtol=1e-9,
    )


def test_reml_is_never_negative() -> None:
    rng = np.random.default_rng(6)
    ratings = rng.normal(size=(12, 3))
    ratings -= ratings.mean(axis=1, keepdims=True) * 0.9
    assert min(each.value or 0 for each in icc(ratings)) < 0
    found = icc(ratings, estimator="reml")
    assert [each.value for each in found] == [0.0] * 6
    assert all(each.low == 0 and (each.high or 0) > 0 for each in found)


def test_a_person_without_ratings_is_nobody() -> None:
    ratings = made(7, missing=0.2)
    padded = np.vstack([ratings, np.full((2, 3), np.nan)])
    np.testing.assert_array_equal(everything(padded), everything(ratings))
    assert icc(padded)[0].n == (~np.isnan(ratings).all(axis=1)).sum()


@given(st.integers(0, 10_000), st.integers(4, 12), st.integers(2, 4))
@laws(60)
def test_intervals_contain_the_value(seed: int, n: int, r: int) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.normal(size=(n, 1)) * rng.random() * 3 + rng.normal(size=(n, r))
    none = 0
    for found in (*icc(ratings), *measurement_error(ratings)):
        if found.low is None:
            assert "no interval" in str(found.note) or found.value is None
            none += 1
        else:
            assert found.low <= (found.value or 0) <= (found.high or 0), found
    assert none <= 1


def test_a_higher_level_is_a_wider_interval() -> None:
    for missing in (0.0, 0.2):
        ratings = made(8, missing=missing)
        for narrow, wide in zip(icc(ratings, level=0.8), icc(ratings, level=0.99), strict=True):
            assert (wide.low or 0) < (narrow.low or 0) < (narrow.high or 0) < (wide.high or 0)


def test_many_tables_at_once_are_as_one_at_a_time() -> None:
    tables = np.stack([made(seed) for seed in range(4)])
    together = mean_squares(tables)
    for kind in ("one_way", "agreement", "consistency"):
        low, high = f_interval(together, kind, 0.9)
        for at, table in enumerate(tables):
            alone = mean_squares(table)
            ends = f_interval(alone, kind, 0.9)
            assert single(together, kind)[at] == pytest.approx(float(single(alone, kind)))
            assert (low[at], high[at]) == pytest.approx((float(ends[0]), float(ends[1])))
    counts = np.array([[[20.0, 5], [4, 9]], [[7, 2], [1, 30]]])
    value, se = kappa_of_table(counts, np.eye(2))
    for at in (0, 1):
        alone_value, alone_se = kappa_of_table(counts[at], np.eye(2))
        assert (value[at], se[at]) == (float(alone_value), float(alone_se))


@pytest.mark.parametrize("r", [2, 3, 6])
def test_intervals_of_mean_squares_cover_what_they_say(r: int) -> None:
    rng, shape = np.random.default_rng(1), (4000, 40, r)
    people, occasions = rng.normal(0, 1.5, (4000, 40, 1)), rng.normal(0, 0.5, (4000, 1, r))
    found = mean_squares(people + occasions + rng.normal(size=shape))
    for kind, error in (("agreement", 1.25), ("consistency", 1.0)):
        truth = 2.25 / (2.25 + error)
        low, high = f_interval(found, kind, 0.95)
        assert 0.94 <= ((low < truth) & (truth < high)).mean() <= 0.96
        low, high = variance_interval(found, kind, 0.95)
        assert 0.94 <= ((low < error) & (error < high)).mean() <= 0.96


def test_means_of_ratings_follow_spearman_and_brown() -> None:
    assert float(stepped_up(0.5, 3)) == pytest.approx(0.75)
    assert np.isnan(stepped_up(-0.5, 3))
    found = {each.coefficient: each.value or 0 for each in icc(made(9, r=4))}
    for kind in "1AC":
        rho = found[f"ICC({kind},1)"]
        assert found[f"ICC({kind},k)"] == pytest.approx(4 * rho / (1 + 3 * rho))


def test_quadratic_kappa_is_a_concordance_correlation_and_nearly_an_icc() -> None:
    pair = categories(10)
    x, y = pair.T
    shift, n = (x.mean() - y.mean()) ** 2, len(x)
    concordance = 2 * np.cov(x, y, ddof=0)[0, 1] / (x.var() + y.var() + shift)
    kappa = cohen_kappa(pair, 4, weights="quadratic").value
    assert kappa == pytest.approx(concordance, rel=1e-12)
    spread = x.var(ddof=1) + y.var(ddof=1)
    error = (x - y).var(ddof=1) / 2
    known = {each.coefficient: each.value for each in icc(pair)}
    agreement = 2 * np.cov(x, y)[0, 1] / (spread + shift - 2 * error / n)
    assert known["ICC(A,1)"] == pytest.approx(agreement, rel=1e-12)


def test_measurement_error_of_two_occasions_is_that_of_the_differences() -> None:
    pair = made(11, r=2)
    found = {each.coefficient: each.value or 0 for each in measurement_error(pair)}
    limits = limits_of_agreement(pair)
    assert found["sem_consistency"] == pytest.approx(limits.sd / np.sqrt(2))
    assert found["sdc_consistency"] == pytest.approx((limits.upper - limits.lower) / 2)
    differences = pair[:, 1] - pair[:, 0]
    within = float((differences**2).mean() / 2)
    assert found["sem_agreement"] == pytest.approx(np.sqrt(within))


def test_limits_swap_with_the_occasions_and_tend_to_each_other() -> None:
    pair = made(12, n=2000, r=2)
    forward, backward = limits_of_agreement(pair), limits_of_agreement(pair[:, ::-1])
    assert backward.upper == pytest.approx(-forward.lower)
    assert backward.ends[1] == pytest.approx((-forward.ends[2][1], -forward.ends[2][0]))
    rough = limits_of_agreement(pair, method="approximate")
    assert np.ravel(rough.ends) == pytest.approx(np.ravel(forward.ends), rel=0.01)
    assert rough.ends[1] != forward.ends[1]


Work = Callable[[Floats], Estimate]
BEYOND_CHANCE: dict[str, Work] = {
    "cohen": lambda x: cohen_kappa(x, 4, weights="linear"),
    "fleiss": lambda x: fleiss_kappa(x, 4),
    "gwet": lambda x: gwet_ac(x, 4, weights="quadratic"),
    **{
        metric: partial(krippendorff_alpha, metric=metric, seed=3, resamples=50)
        for metric in METRICS
    },
}


@pytest.mark.parametrize("name", BEYOND_CHANCE)
def test_order_does_not_matter_to_categories(name: str) -> None:
    work, pair = BEYOND_CHANCE[name], categories(13)
    mixed = pair[np.random.default_rng(1).permutation(len(pair))][:, ::-1]
    np.testing.assert_allclose(values((work(mixed),)), values((work(pair),)), rtol=1e-12)


@pytest.mark.parametrize("name", BEYOND_CHANCE)
def test_identical_ratings_agree_fully(name: str) -> None:
    column = categories(14)[:, :1]
    found = BEYOND_CHANCE[name](np.hstack([column, column]))
    assert found.value == pytest.approx(1, abs=1e-15)
    if found.low is not None:
        assert (found.low, found.high) == (1, 1)


@pytest.mark.parametrize("name", BEYOND_CHANCE)
def test_one_category_alone_is_refused(name: str) -> None:
    pair = np.full((20, 2), 2.0)
    if name == "gwet":
        found = BEYOND_CHANCE[name](pair)
        assert (found.value, found.low) == (1, None)
        assert "zero" in str(found.note)
        return
    with pytest.raises(RefusalError, match="one category"):
        BEYOND_CHANCE[name](pair)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_categories_that_nobody_used_matter_to_gwet_alone(weights: str) -> None:
    pair = categories(15)
    for work in (cohen_kappa, fleiss_kappa):
        few, many = work(pair, 4, weights=weights), work(pair, 6, weights=weights)
        np.testing.assert_allclose(values((many,)), values((few,)), rtol=1e-10)
    few, many = gwet_ac(pair, 4, weights=weights), gwet_ac(pair, 6, weights=weights)
    assert few.value != pytest.approx(many.value, rel=1e-3)


def test_weights_of_two_categories_are_all_the_same() -> None:
    pair = np.minimum(categories(16), 1)
    for work in (cohen_kappa, fleiss_kappa, gwet_ac):
        found = [values((work(pair, 2, weights=weights),)) for weights in WEIGHTS]
        np.testing.assert_allclose(found[1], found[0], rtol=1e-12)
        np.testing.assert_allclose(found[2], found[0], rtol=1e-12)
    alphas = [krippendorff_alpha(pair, metric=metric).value for metric in METRICS]
    assert alphas == pytest.approx([alphas[0]] * 4, rel=1e-12)


def test_nominal_alpha_is_fleiss_kappa_but_for_the_sample_size() -> None:
    ratings = categories(17, r=3)
    kappa, alpha = fleiss_kappa(ratings, 4), krippendorff_alpha(ratings, metric="nominal")
    size = ratings.size
    assert 1 - (alpha.value or 0) == pytest.approx((1 - (kappa.value or 0)) * (size - 1) / size)


def test_with_even_categories_chance_is_even() -> None:
    pair = np.array(
        [(i, i) for i in range(3)] * 5 + [(i, (i + 1) % 3) for i in range(3)] * 2, float
    )
    even = (15 / 21 - 1 / 3) / (1 - 1 / 3)
    for work in (cohen_kappa, fleiss_kappa, gwet_ac):
        assert work(pair, 3).value == pytest.approx(even)


def test_quadratic_weights_are_squared_differences() -> None:
    pair = categories(18)
    alpha = krippendorff_alpha(pair, metric="interval").value or 0
    kappa = fleiss_kappa(pair, 4, weights="quadratic").value or 0
    assert 1 - alpha == pytest.approx((1 - kappa) * (pair.size - 1) / pair.size)
    assert agreement_weights("quadratic", 3).tolist() == [
        [1, 0.75, 0],
        [0.75, 1, 0.75],
        [0, 0.75, 1],
    ]


def test_the_seed_is_the_bootstraps() -> None:
    ratings = categories(19, r=3, missing=0.2)
    one, two, other = (
        krippendorff_alpha(ratings, metric="ordinal", seed=seed) for seed in (5, 5, 6)
    )
    assert one == two
    assert (one.seed, one.method, one.missing) == (5, "bootstrap", "available")
    assert (other.low, other.value) != (one.low, one.value)
    assert other.value == one.value
    bare = krippendorff_alpha(ratings, metric="ordinal")
    assert bare.low is None
    assert "seed" in str(bare.note)


def test_the_bootstrap_is_as_wide_as_the_linearised_interval() -> None:
    ratings = categories(20, n=400, r=3)
    alpha = krippendorff_alpha(ratings, metric="nominal", seed=1)
    kappa = fleiss_kappa(ratings, 4)
    wide, narrow = ((each.high or 0) - (each.low or 0) for each in (alpha, kappa))
    assert wide == pytest.approx(narrow, rel=0.1)


def test_constant_differences_have_no_interval() -> None:
    column = made(21)[:, :1]
    found = {each.coefficient: each for each in icc(np.hstack([column, column + 1.5]))}
    assert found["ICC(C,1)"].value == pytest.approx(1)
    assert (found["ICC(A,1)"].value or 0) < 1
    assert all(each.low is None and "constant" in str(each.note) for each in found.values())
    same = icc(np.hstack([column, column, column]))
    assert [each.value for each in same] == pytest.approx([1] * 6)
    error = {
        each.coefficient: each for each in measurement_error(np.hstack([column, column + 1.5]))
    }
    assert error["sem_consistency"].value == 0
    assert error["sem_agreement"].value == pytest.approx(1.5 / np.sqrt(2))
    assert "constant" in str(error["sem_agreement"].note)
    with pytest.raises(RefusalError, match="constant"):
        limits_of_agreement(np.hstack([column, column + 1.5]))


def test_refusals() -> None:
    with pytest.raises(RefusalError, match="two raters or occasions"):
        icc(np.ones((9, 1)))
    with pytest.raises(RefusalError, match="3 people or more, not 2"):
        icc(np.arange(4.0).reshape(2, 2))
    with pytest.raises(RefusalError, match="no variance between people"):
        icc(np.tile([1.0, 2.0], (9, 1)))
    with pytest.raises(RefusalError, match="all ratings are the same"):
        icc(np.full((9, 2), 4.0), estimator="reml")
    with pytest.raises(RefusalError, match="complete ratings"):
        icc(made(1, missing=0.3), estimator="anova")
    with pytest.raises(RefusalError, match="nobody was rated twice"):
        icc(np.where(np.eye(4, dtype=bool), 2.0, np.nan))
    with pytest.raises(RefusalError, match="fewer than 3 people have two"):
        krippendorff_alpha(np.where(np.eye(4, dtype=bool), 2.0, np.nan), metric="nominal")
    with pytest.raises(RefusalError, match="zero or more"):
        krippendorff_alpha(made(2) - 20, metric="ratio")
    with pytest.raises(RefusalError, match="two categories"):
        gwet_ac(np.zeros((5, 2)), 1)
    with pytest.raises(RefusalError, match="no error"):
        icc(np.array([[1, 1, np.nan], [2, np.nan, 2], [3, 3, 3], [5, 5, 5.0]]))
    with pytest.raises(ValueError, match="category numbers 0 to 2"):
        cohen_kappa(categories(1) + 0.5, 3)
    with pytest.raises(ValueError, match="finite"):
        icc(np.full((4, 2), np.inf))
    with pytest.raises(UnknownNameError, match="quadratic"):
        cohen_kappa(categories(1), 4, weights="quadratc")
    with pytest.raises(UnknownNameError, match="ordinal"):
        krippendorff_alpha(categories(1), metric="ordinl")


@pytest.mark.parametrize("weights", WEIGHTS)
def test_kappa_of_a_rater_with_one_category_has_no_interval(weights: str) -> None:
    other = np.repeat([0, 1, 2, 3, 4], [21, 9, 13, 5, 12])
    found = cohen_kappa(np.column_stack([np.zeros(60), other]), 5, weights=weights)
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.low is None
    assert found.note == "no interval: the standard error is zero"
