"""Guttman's bounds and the greatest lower bound: laws, goldens, certificates."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability import bounds
from psychoscales.errors import RefusalError
from tests.coefficients.comparing import assert_close
from tests.coefficients.consistency import (
    ERRORS,
    LOADINGS,
    SETS,
    correlation,
    covariance,
    golden,
    one_factor,
    parallel,
    samples,
)

Floats = npt.NDArray[np.float64]
Value = Callable[[Floats], Floats]
CLOSED: dict[str, Value] = {
    "lambda1": bounds.lambda1,
    "lambda2": bounds.lambda2,
    "lambda3": bounds.lambda3,
    "lambda4": bounds.lambda4,
    "lambda5": bounds.lambda5,
    "lambda6": bounds.lambda6,
}
ALL: dict[str, Value] = {**CLOSED, "glb": bounds.glb}
each_bound = pytest.mark.parametrize("name", ALL)


def test_every_bound_has_its_estimand() -> None:
    assert set(bounds.ESTIMANDS) == set(ALL)
    assert all(text.count(";") == 2 for text in bounds.ESTIMANDS.values())


@pytest.mark.parametrize("name", SETS)
def test_bounds_of_covariances_and_correlations_are_rs(name: str) -> None:
    compared = 0
    for kind, cov in (("raw", covariance(name)), ("standardized", correlation(name))):
        wanted = golden(name)[kind]
        for one, value in CLOSED.items():
            compared += assert_close(value(cov), wanted[one], f"{kind} {one}")
    assert compared == 12


@pytest.mark.parametrize("name", SETS)
def test_the_greatest_lower_bound_is_that_of_the_dual_problem_in_r(name: str) -> None:
    compared = 0
    for kind, cov in (("glb", covariance(name)), ("glb_standardized", correlation(name))):
        compared += assert_close(bounds.glb(cov), golden(name)[kind], kind, 1e-8)
    assert compared == 2


def test_psychs_glb_fa_is_another_number() -> None:
    assert golden("bfi_O")["psych_glb_fa"] - float(bounds.glb(correlation("bfi_O"))) > 0.03


def test_a_bound_of_the_wrong_matrix_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        assert_close(bounds.lambda2(correlation("hs9")), golden("hs9")["raw"]["lambda2"], "raw")
    with pytest.raises(AssertionError):
        assert_close(bounds.lambda6(covariance("hs9")), golden("hs9")["raw"]["lambda2"], "raw")


@pytest.mark.parametrize("k", [2, 3, 4, 7])
def test_parallel_items_make_most_bounds_spearman_brown(k: int) -> None:
    compared = 0
    for r in (0.1, 0.5, 0.85):
        cov, wanted = parallel(k, r, 2.5), k * r / (1 + (k - 1) * r)
        for name in ("lambda2", "lambda3"):
            compared += assert_close(ALL[name](cov), wanted, name)
        compared += assert_close(bounds.glb(cov), wanted, "glb", 2e-9)
        if k % 2 == 0:
            compared += assert_close(bounds.lambda4(cov), wanted, "lambda4")
        assert float(bounds.lambda1(cov)) < wanted
        assert float(bounds.lambda6(cov)) <= wanted + 1e-12
    assert compared == 3 * (4 if k % 2 == 0 else 3)


def test_no_bound_passes_the_greatest_and_alpha_does_not_pass_lambda_2() -> None:
    for k in (2, 3, 6, 9):
        cov = samples(k, 40, seed=k)
        greatest = bounds.glb(cov)
        assert (greatest < 1).all()
        for name, value in CLOSED.items():
            assert (value(cov) <= greatest + 1e-9).all(), name
        assert (bounds.lambda1(cov) < bounds.lambda3(cov)).all()
        assert (bounds.lambda3(cov) <= bounds.lambda2(cov) + 1e-14).all()


def test_no_bound_passes_the_reliability_of_a_one_factor_population() -> None:
    cov = one_factor()
    true = sum(LOADINGS) ** 2 / cov.sum()
    for name, value in ALL.items():
        assert float(value(cov)) <= true + 1e-9, name
    assert float(bounds.glb(cov)) == pytest.approx(true, abs=2e-9)
    assert float(bounds.lambda3(cov)) < true - 0.01


def test_tau_equivalent_items_have_alpha_and_lambda_2_as_reliability() -> None:
    cov = one_factor((0.7,) * 6, ERRORS)
    true = (6 * 0.7) ** 2 / cov.sum()
    for name in ("lambda2", "lambda3"):
        assert_close(ALL[name](cov), true, name)
    assert_close(bounds.glb(cov), true, "glb", 2e-9)


def test_the_greatest_lower_bound_is_certified_by_both_sides() -> None:
    for k in (2, 4, 8, 15):
        cov = samples(k, 25, seed=100 + k)
        found = bounds.greatest(cov)
        true = cov - found.errors[:, :, None] * np.eye(k)
        roots = np.linalg.eigvalsh(true)
        assert (roots[:, 0] >= -1e-12 * roots[:, -1]).all()
        assert (found.errors >= 0).all()
        assert (found.gap >= 0).all()
        assert (found.gap <= 1e-9).all()
        total = cov.sum(axis=(1, 2))
        assert_close(found.value, 1 - found.errors.sum(axis=1) / total, "value")


def test_the_greatest_lower_bound_is_that_of_cutting_planes() -> None:
    """Linear programmes that forbid one direction of negative variance after the other."""
    from scipy.optimize import linprog

    for k, seed in ((3, 1), (4, 2)):
        cov = samples(k, 1, seed)[0]
        cuts, limits = [np.eye(k)[j] for j in range(k)], [float(cov[j, j]) for j in range(k)]
        for _ in range(400):
            result = linprog(-np.ones(k), A_ub=np.array(cuts), b_ub=np.array(limits))
            errors = np.asarray(result["x"], dtype=np.float64)
            roots, axes = np.linalg.eigh(cov - errors * np.eye(k))
            if roots[0] > -1e-7:
                break
            for axis in axes.T[roots < -1e-7]:
                cuts.append(axis**2)
                limits.append(float(axis @ cov @ axis))
        outer = 1 - float(errors.sum()) / float(cov.sum())
        assert float(bounds.glb(cov)) == pytest.approx(outer, abs=1e-6)


def test_lambda_4_is_the_best_of_all_splits_of_any_length() -> None:
    cov = one_factor((2.0, 0.3, 0.3, 0.3, 0.3), (0.1,) * 5)
    best = max(
        4 * cov[np.ix_(a, b)].sum() / cov.sum()
        for size in (1, 2)
        for a in combinations(range(5), size)
        for b in [[i for i in range(5) if i not in a]]
    )
    assert_close(bounds.lambda4(cov), best, "lambda 4")
    alone = 4 * cov[0, 1:].sum() / cov.sum()
    assert_close(best, alone, "the first item against the rest")


def test_lambda_4_of_more_than_twenty_items_is_refused() -> None:
    with pytest.raises(RefusalError, match=r"1,048,576 splits.*glb"):
        bounds.lambda4(parallel(21, 0.3, 1.0))


@each_bound
def test_the_order_of_items_does_not_matter(name: str) -> None:
    cov = samples(7, 5, seed=5)
    order = np.random.default_rng(1).permutation(7)
    moved = cov[:, order][:, :, order]
    tolerance = 1e-9 if name == "glb" else 1e-12
    assert_close(ALL[name](moved), ALL[name](cov), name, tolerance)


@each_bound
def test_a_change_of_scale_does_not_matter(name: str) -> None:
    cov = samples(7, 5, seed=6)
    tolerance = 1e-9 if name == "glb" else 1e-12
    for factor in (1e-6, 36.0, 1e8):
        assert_close(ALL[name](factor * cov), ALL[name](cov), name, tolerance)


@each_bound
def test_a_stack_is_one_matrix_after_the_other(name: str) -> None:
    cov = samples(5, 6, seed=7)
    together = ALL[name](cov.reshape(2, 3, 5, 5))
    assert together.shape == (2, 3)
    alone = [float(ALL[name](one)) for one in cov]
    assert_close(together.ravel(), alone, name, 1e-9 if name == "glb" else 1e-13)
    assert ALL[name](cov[0]).shape == ()


@each_bound
def test_a_matrix_without_an_answer_is_nan_and_leaves_the_others_alone(name: str) -> None:
    cov = samples(4, 3, seed=8)
    bad = np.stack([cov[0], np.full((4, 4), np.nan), np.zeros((4, 4)), cov[1]])
    found = ALL[name](bad)
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert_close(found[[0, 3]], ALL[name](cov[:2]), name, 1e-9)
    cancelling = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert np.isnan(ALL[name](cancelling))


@pytest.mark.parametrize("name", ["lambda2", "lambda3", "lambda4"])
def test_one_item_has_no_such_bound(name: str) -> None:
    assert np.isnan(ALL[name](np.ones((2, 1, 1)))).all()


@pytest.mark.parametrize("name", ["lambda6", "glb"])
def test_an_item_that_is_the_sum_of_others_has_no_such_bound(name: str) -> None:
    cov = samples(4, 1, seed=9)[0]
    more = np.vstack([np.eye(4), np.ones(4)])
    assert np.isnan(ALL[name](more @ cov @ more.T))
    assert np.isfinite(bounds.lambda2(more @ cov @ more.T))


@each_bound
def test_a_small_change_of_the_covariances_is_a_small_change(name: str) -> None:
    cov = samples(5, 1, seed=10)[0]
    rng = np.random.default_rng(3)
    turn = rng.standard_normal((5, 5))
    turn = (turn + turn.T) / 2
    slopes = [
        float(ALL[name](cov + h * turn) - ALL[name](cov - h * turn)) / (2 * h) for h in (1e-3, 1e-4)
    ]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3, abs=1e-4)
    assert abs(slopes[0]) > 1e-4
