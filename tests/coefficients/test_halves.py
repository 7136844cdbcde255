"""Split halves: named ones, all of them, samples of them."""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability import halves
from psychoscales.engines.reliability.bounds import lambda3, lambda4
from psychoscales.engines.reliability.halves import all_splits, sampled_splits, split_halves
from psychoscales.errors import RefusalError
from tests.coefficients.comparing import assert_close
from tests.coefficients.consistency import (
    SETS,
    correlation,
    covariance,
    golden,
    parallel,
    samples,
)

Floats = npt.NDArray[np.float64]
FORMS: tuple[halves.Form, ...] = ("guttman", "spearman_brown")
NAMED: dict[str, tuple[str, halves.Form, Callable[[Floats], Floats]]] = {
    "split_half_first_last": ("first_last", "spearman_brown", halves.split_half_first_last),
    "split_half_first_last_guttman": (
        "first_last",
        "guttman",
        halves.split_half_first_last_guttman,
    ),
    "split_half_odd_even": ("odd_even", "spearman_brown", halves.split_half_odd_even),
    "split_half_odd_even_guttman": ("odd_even", "guttman", halves.split_half_odd_even_guttman),
}
OVER_ALL: dict[str, Callable[[Floats], Floats]] = {
    "split_half_min": halves.split_half_min,
    "split_half_mean": halves.split_half_mean,
    "split_half_max": halves.split_half_max,
}
EVERY = {**{name: value for name, (_, _, value) in NAMED.items()}, **OVER_ALL}
each_value = pytest.mark.parametrize("name", EVERY)


def test_every_split_half_has_its_estimand() -> None:
    assert set(halves.ESTIMANDS) == set(EVERY)
    assert all(text.count(";") == 2 for text in halves.ESTIMANDS.values())


@pytest.mark.parametrize("name", SETS)
def test_split_halves_are_rs(name: str) -> None:
    compared = 0
    for kind, cov in (("halves", covariance(name)), ("halves_standardized", correlation(name))):
        wanted = golden(name)[kind]
        for one, (which, form, value) in NAMED.items():
            compared += assert_close(value(cov), wanted[which][form], one)
        splits = all_splits(len(cov))
        assert len(splits.halves) == wanted["splits"]
        for form in FORMS:
            found = split_halves(cov, splits, form)
            for end, number in zip(
                ("min", "mean", "max"), (found.lowest, found.mean, found.highest), strict=True
            ):
                compared += assert_close(number, wanted[form][end], f"{form} {end}")
        for one, value in OVER_ALL.items():
            end = one.removeprefix("split_half_")
            compared += assert_close(value(cov), wanted["guttman"][end], one)
    assert compared == 2 * (4 + 6 + 3)


def test_the_other_form_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        assert_close(
            halves.split_half_odd_even(covariance("hs9")),
            golden("hs9")["halves"]["odd_even"]["guttman"],
            "odd even",
        )


@pytest.mark.parametrize("k", [2, 3, 4, 5, 8, 11])
def test_all_splits_are_all_and_none_comes_twice(k: int) -> None:
    splits = all_splits(k)
    rows = {tuple(row) for row in splits.halves.tolist()}
    assert len(rows) == len(splits.halves) == comb(k, k // 2) // (1 if k % 2 else 2)
    assert set(splits.halves.sum(axis=1).tolist()) == {k // 2}
    others = {tuple(not one for one in row) for row in rows}
    assert not rows & others
    assert (splits.complete, splits.seed) == (True, None)


def test_the_mean_of_all_equal_splits_is_alpha() -> None:
    for k in (2, 4, 6, 8):
        cov = samples(k, 10, seed=k)
        assert_close(halves.split_half_mean(cov), lambda3(cov), f"{k} items")
    for k in (3, 5, 9):
        cov = samples(k, 10, seed=k)
        wanted = lambda3(cov) * (1 - 1 / k**2)
        assert_close(halves.split_half_mean(cov), wanted, f"{k} items")


def test_no_split_passes_lambda_4() -> None:
    for k in (4, 7):
        cov = samples(k, 20, seed=30 + k)
        assert (halves.split_half_max(cov) <= lambda4(cov) + 1e-12).all()
        assert (halves.split_half_min(cov) <= halves.split_half_mean(cov)).all()
        assert (halves.split_half_mean(cov) <= halves.split_half_max(cov)).all()


@pytest.mark.parametrize("k", [2, 3, 4, 5, 9])
def test_parallel_items_give_spearman_brown_by_halves_of_any_length(k: int) -> None:
    compared = 0
    for r in (0.05, 0.4, 0.9):
        cov, wanted = parallel(k, r, 3.0), k * r / (1 + (k - 1) * r)
        for size in range(1, k):
            first = np.arange(k) < size
            compared += assert_close(
                halves.split_half(cov, first, "spearman_brown"), wanted, f"{size} of {k}"
            )
    assert compared == 3 * (k - 1)


def test_equal_halves_are_stepped_up_by_the_familiar_formula() -> None:
    for sign in (1.0, -1.0):
        cov = np.eye(4) * 2.0 + 0.3
        cov[:2, 2:] *= sign
        cov[2:, :2] *= sign
        a, b = cov[:2, :2].sum(), cov[2:, 2:].sum()
        r = cov[:2, 2:].sum() / np.sqrt(a * b)
        assert np.sign(r) == sign
        assert_close(halves.split_half_first_last(cov), 2 * r / (1 + r), "2r / (1 + r)")


def test_the_middle_item_is_in_the_first_half() -> None:
    cov = samples(5, 1, seed=2)[0]
    first = np.array([True, True, True, False, False])
    assert_close(
        halves.split_half_first_last(cov), halves.split_half(cov, first, "spearman_brown"), "5"
    )


def test_a_sample_of_splits_is_what_its_seed_says_and_lies_within_all() -> None:
    cov = samples(10, 4, seed=11)
    once, again = sampled_splits(10, 500, seed=7), sampled_splits(10, 500, seed=7)
    other = sampled_splits(10, 500, seed=8)
    assert np.array_equal(once.halves, again.halves)
    assert not np.array_equal(once.halves, other.halves)
    assert set(once.halves.sum(axis=1).tolist()) == {5}
    drawn, every = split_halves(cov, once), split_halves(cov, all_splits(10))
    assert (drawn.splits, drawn.complete, drawn.seed) == (500, False, 7)
    assert (every.splits, every.complete, every.seed) == (126, True, None)
    assert (every.lowest <= drawn.lowest + 1e-12).all()
    assert (drawn.highest <= every.highest + 1e-12).all()
    assert np.abs(drawn.mean - every.mean).max() < 0.02
    assert len(sampled_splits(40, 9, seed=1).halves) == 9


def test_too_many_items_too_few_and_empty_halves_are_refused() -> None:
    with pytest.raises(RefusalError, match=r"21 items have 352,716 splits.*random sample"):
        halves.split_half_mean(parallel(21, 0.3, 1.0))
    with pytest.raises(RefusalError, match="two items or more"):
        all_splits(1)
    with pytest.raises(RefusalError, match="0 splits are no sample"):
        sampled_splits(6, 0, seed=1)
    with pytest.raises(RefusalError, match="each needs one or more"):
        halves.split_half(parallel(4, 0.3, 1.0), np.ones(4, dtype=bool), "guttman")


@pytest.mark.parametrize("name", sorted(OVER_ALL))
def test_the_order_of_items_does_not_matter_over_all_splits(name: str) -> None:
    cov = samples(7, 5, seed=5)
    order = np.random.default_rng(1).permutation(7)
    assert_close(EVERY[name](cov[:, order][:, :, order]), EVERY[name](cov), name, 1e-12)


@each_value
def test_a_change_of_scale_does_not_matter(name: str) -> None:
    cov = samples(6, 5, seed=6)
    for factor in (1e-6, 36.0, 1e8):
        assert_close(EVERY[name](factor * cov), EVERY[name](cov), name, 1e-12)


@each_value
def test_a_stack_is_one_matrix_after_the_other(name: str) -> None:
    cov = samples(5, 6, seed=7)
    together = EVERY[name](cov.reshape(3, 2, 5, 5))
    assert together.shape == (3, 2)
    assert_close(together.ravel(), [float(EVERY[name](one)) for one in cov], name, 1e-13)
    assert EVERY[name](cov[0]).shape == ()


@each_value
def test_a_matrix_without_an_answer_is_nan_and_leaves_the_others_alone(name: str) -> None:
    cov = samples(4, 2, seed=8)
    bad = np.stack([cov[0], np.full((4, 4), np.nan), np.zeros((4, 4)), cov[1]])
    found = EVERY[name](bad)
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert_close(found[[0, 3]], EVERY[name](cov), name, 1e-13)


def test_a_half_without_variance_has_no_correlation() -> None:
    cov = np.zeros((4, 4))
    cov[2:, 2:] = [[1.0, 0.5], [0.5, 1.0]]
    assert np.isnan(halves.split_half_first_last(cov))
    assert float(halves.split_half_first_last_guttman(cov)) == 0
