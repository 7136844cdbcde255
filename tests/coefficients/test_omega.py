"""Omega of one factor and coefficient H: laws, goldens, degenerate matrices, speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability import omega
from psychoscales.engines.reliability.bounds import glb, lambda2, lambda3
from psychoscales.engines.reliability.one_factor import maximum_likelihood, minres
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
BY_ML: dict[str, Value] = {
    "omega_total_ml": omega.omega_total_ml,
    "omega_total_ml_model": omega.omega_total_ml_model,
    "composite_reliability": omega.composite_reliability,
    "coefficient_h": omega.coefficient_h,
}
ALL: dict[str, Value] = {**BY_ML, "omega_total_minres": omega.omega_total_minres}
STANDARDIZED = ("composite_reliability", "coefficient_h", "omega_total_minres")
THREE_OR_MORE = tuple(name for name in SETS if name != "two")
HEYWOOD = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.2], [0.6, 0.2, 1.0]])
each_omega = pytest.mark.parametrize("name", ALL)


def test_every_omega_has_its_estimand() -> None:
    assert set(omega.ESTIMANDS) == {*ALL, "ave"}
    assert all(text.count(";") == 2 for text in omega.ESTIMANDS.values())
    assert len(set(omega.ESTIMANDS.values())) == len(ALL) + 1


@pytest.mark.parametrize("name", THREE_OR_MORE)
def test_coefficients_by_ml_are_rs(name: str) -> None:
    cov, wanted = covariance(name), golden(name)["ml"]
    compared = 0
    for one, value in BY_ML.items():
        compared += assert_close(value(cov), wanted[one], one, 1e-10)
        compared += assert_close(value(cov), wanted["lavaan"][one], f"lavaan: {one}", 1e-5)
    compared += assert_close(maximum_likelihood(cov).loadings, wanted["loadings"], "l", 1e-9)
    assert compared == 8 + len(cov)


@pytest.mark.parametrize("name", THREE_OR_MORE)
def test_omega_by_minres_is_rs(name: str) -> None:
    cov, wanted = covariance(name), golden(name)["minres"]
    found = omega.omega_total_minres(cov)
    compared = assert_close(found, wanted["omega_total_minres"], "to its end", 1e-10)
    compared += assert_close(found, wanted["psych"], "psych", 1e-6)
    compared += assert_close(minres(cov).loadings, wanted["loadings"], "loadings", 1e-9)
    assert compared == 2 + len(cov)


def test_another_omega_would_be_seen() -> None:
    wanted = golden("bfi_N")["ml"]
    values = [float(value(covariance("bfi_N"))) for value in ALL.values()]
    assert len({round(value, 3) for value in values}) == len(ALL)
    with pytest.raises(AssertionError):
        assert_close(omega.omega_total_ml_model(covariance("bfi_N")), wanted["omega_total_ml"], "")


def test_a_one_factor_population_gives_its_reliability() -> None:
    cov = one_factor()
    true = sum(LOADINGS) ** 2 / cov.sum()
    for name in ("omega_total_ml", "omega_total_ml_model"):
        assert_close(ALL[name](cov), true, name)
    assert float(lambda3(cov)) < true - 0.01
    sd = np.sqrt(np.diag(cov))
    r = cov / np.outer(sd, sd)
    standardized = (LOADINGS / sd).sum() ** 2 / r.sum()
    for name in ("composite_reliability", "omega_total_minres"):
        assert_close(ALL[name](cov), standardized, name)
    known = (np.square(LOADINGS) / np.array(ERRORS)).sum()
    assert_close(omega.coefficient_h(cov), known / (1 + known), "coefficient H")
    assert_close(maximum_likelihood(cov).loadings, LOADINGS / sd, "loadings")
    assert_close(minres(cov).loadings, LOADINGS / sd, "loadings")


def test_a_negative_loading_is_not_turned_round() -> None:
    loadings = (*LOADINGS[:5], -0.8)
    cov = one_factor(loadings)
    assert_close(omega.omega_total_ml(cov), sum(loadings) ** 2 / cov.sum(), "as it is")
    assert minres(cov).loadings[5] < 0
    assert minres(-1 * (2 * np.eye(6) * np.diag(cov) - cov)).converged.shape == ()


def test_parallel_items_make_all_of_them_spearman_brown() -> None:
    compared = 0
    for k in (3, 5, 10):
        for r in (0.1, 0.5, 0.9):
            cov, wanted = parallel(k, r, 7.0), k * r / (1 + (k - 1) * r)
            for name, value in ALL.items():
                compared += assert_close(value(cov), wanted, name)
    assert compared == 9 * 5


def test_tau_equivalent_items_make_omega_alpha() -> None:
    cov = one_factor((0.7,) * 6, ERRORS)
    for value in (omega.omega_total_ml, omega.omega_total_ml_model, lambda2):
        assert_close(value(cov), lambda3(cov), "alpha")
    assert float(omega.omega_total_minres(cov)) != pytest.approx(float(lambda3(cov)), abs=1e-6)


def test_three_items_have_omega_as_their_greatest_lower_bound() -> None:
    cov = one_factor(LOADINGS[:3], ERRORS[:3])
    assert_close(omega.omega_total_ml(cov), glb(cov), "three items", 2e-9)
    assert_close(omega.omega_total_ml(cov), omega.omega_total_ml_model(cov), "three items")


def test_coefficient_h_is_not_below_composite_reliability() -> None:
    cov = samples(6, 200, seed=1)
    fine = maximum_likelihood(cov).converged
    assert fine.sum() > 150
    above = omega.coefficient_h(cov) - np.maximum(
        omega.composite_reliability(cov), (maximum_likelihood(cov).loadings ** 2).max(axis=-1)
    )
    assert (above[fine] > 0).all()


def test_solutions_are_stationary() -> None:
    cov = samples(7, 60, seed=2)
    sd = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    r = cov / (sd[:, :, None] * sd[:, None, :])
    fit = minres(cov)
    left = r - fit.loadings[:, :, None] * fit.loadings[:, None, :]
    left[:, np.arange(7), np.arange(7)] = 0
    assert fit.converged.mean() > 0.9
    assert np.nanmax(np.abs(left @ fit.loadings[..., None])) < 1e-10
    by_ml = maximum_likelihood(cov)
    loadings, unique = by_ml.loadings[by_ml.converged], by_ml.uniquenesses[by_ml.converged]
    implied = loadings[:, :, None] * loadings[:, None, :] + unique[:, :, None] * np.eye(7)
    inverse = np.linalg.inv(implied)
    slope = inverse @ (implied - r[by_ml.converged]) @ inverse
    assert len(slope) > 50
    assert np.abs(slope @ loadings[..., None]).max() < 1e-7
    assert np.abs(np.diagonal(slope, axis1=1, axis2=2)).max() < 1e-7


def test_a_heywood_case_is_nan_and_is_said() -> None:
    for fit in (minres(HEYWOOD), maximum_likelihood(HEYWOOD)):
        assert (bool(fit.converged), bool(fit.heywood)) == (False, True)
        assert np.isnan(fit.loadings).all()
    for value in ALL.values():
        assert np.isnan(value(HEYWOOD))


def test_two_items_do_not_determine_a_factor() -> None:
    for value in ALL.values():
        assert np.isnan(value(covariance("two")))
    fit = minres(np.stack([covariance("two")] * 3))
    assert (fit.loadings.shape, fit.converged.tolist()) == ((3, 2), [False] * 3)


@each_omega
def test_uncorrelated_items_have_no_factor(name: str) -> None:
    assert np.isnan(ALL[name](np.eye(5)))


@each_omega
def test_the_order_of_items_does_not_matter(name: str) -> None:
    cov = samples(7, 20, seed=5)
    order = np.random.default_rng(1).permutation(7)
    found, wanted = ALL[name](cov[:, order][:, :, order]), ALL[name](cov)
    there = np.isfinite(wanted)
    assert there.sum() > 15
    assert np.array_equal(np.isfinite(found), there)
    assert_close(found[there], wanted[there], name)


@each_omega
def test_a_change_of_scale_does_not_matter(name: str) -> None:
    cov = one_factor() + 0.05 * samples(6, 1, seed=6)[0]
    for factor in (1e-6, 36.0, 1e8):
        assert_close(ALL[name](factor * cov), ALL[name](cov), name)
    each = np.array([1.0, 10.0, 0.2, 3.0, 1e3, 0.05])
    changed = ALL[name](cov * np.outer(each, each))
    if name in STANDARDIZED:
        assert_close(changed, ALL[name](cov), name)
    else:
        assert abs(float(changed) - float(ALL[name](cov))) > 0.01


def test_standardized_coefficients_are_those_of_correlations() -> None:
    for name in STANDARDIZED:
        assert_close(ALL[name](correlation("hs9")), ALL[name](covariance("hs9")), name)


@each_omega
def test_a_stack_is_one_matrix_after_the_other(name: str) -> None:
    cov = samples(5, 6, seed=7)
    together = ALL[name](cov.reshape(2, 3, 5, 5))
    assert together.shape == (2, 3)
    assert_close(together.ravel(), [float(ALL[name](one)) for one in cov], name, 1e-12)
    assert ALL[name](cov[0]).shape == ()


@each_omega
def test_a_matrix_without_an_answer_is_nan_and_leaves_the_others_alone(name: str) -> None:
    cov = samples(4, 2, seed=8)
    flat = np.array(cov[0])
    flat[2] = flat[:, 2] = 0.0
    negative = -np.array(cov[0])
    bad = np.stack([cov[0], np.full((4, 4), np.nan), np.zeros((4, 4)), flat, negative, cov[1]])
    found = ALL[name](bad)
    assert np.isnan(found).tolist() == [False, True, True, True, True, False]
    assert_close(found[[0, 5]], ALL[name](cov), name, 1e-12)


def test_an_item_that_is_the_sum_of_others_has_no_ml_solution() -> None:
    cov = samples(4, 1, seed=9)[0]
    more = np.vstack([np.eye(4), np.ones(4)])
    assert np.isnan(omega.omega_total_ml(more @ cov @ more.T))


@each_omega
def test_a_small_change_of_the_covariances_is_a_small_change(name: str) -> None:
    cov = samples(6, 1, seed=10)[0]
    rng = np.random.default_rng(3)
    turn = rng.standard_normal((6, 6))
    turn = (turn + turn.T) / 2
    slopes = [
        float(ALL[name](cov + h * turn) - ALL[name](cov - h * turn)) / (2 * h)
        for h in (1e-3, 1e-4, 1e-5)
    ]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3)
    assert slopes[1] == pytest.approx(slopes[2], rel=1e-5)
    assert abs(slopes[0]) > 1e-4


def test_two_thousand_matrices_of_twelve_items_converge() -> None:
    fit = maximum_likelihood(samples(12, 2_000, seed=11))
    assert fit.converged.mean() > 0.99
