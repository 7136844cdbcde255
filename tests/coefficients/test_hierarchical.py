"""Schmid-Leiman and its coefficients: laws, goldens, refusals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability import hierarchical
from psychoscales.engines.reliability.group_factors import extracted, oblique
from psychoscales.engines.reliability.hierarchical import as_psych_does, schmid_leiman
from psychoscales.engines.structure.extraction import extraction
from psychoscales.engines.structure.rotation import rotated
from psychoscales.errors import RefusalError
from tests.coefficients.comparing import assert_close
from tests.coefficients.consistency import correlation, covariance, goldens

Floats = npt.NDArray[np.float64]
ALL: dict[str, Callable[[Floats, int], Floats]] = {
    "omega_hierarchical": hierarchical.omega_hierarchical,
    "omega_total_sl": hierarchical.omega_total_sl,
    "omega_limit": hierarchical.omega_limit,
    "explained_common_variance": hierarchical.explained_common_variance,
}
POSITIVE = ("hs9_2", "hs9_3", "ability16_3", "ability16_4", "bfi_N_2")
GENERAL = np.array([0.6, 0.5, 0.7, 0.55, 0.4, 0.5, 0.65, 0.45, 0.6])
PROPORTION = (0.8, 0.5, 1.1)
each_value = pytest.mark.parametrize("name", ALL)


def bifactor() -> tuple[Floats, Floats, Floats]:
    """Return general loadings, group loadings in proportion to them, and correlations."""
    group = np.zeros((9, 3))
    for at in range(3):
        group[3 * at : 3 * at + 3, at] = PROPORTION[at] * GENERAL[3 * at : 3 * at + 3]
    r = np.outer(GENERAL, GENERAL) + group @ group.T
    np.fill_diagonal(r, 1.0)
    return GENERAL, group, r


def disturbed(many: int, seed: int) -> Floats:
    """Return covariances of samples from the bifactor population, of unlike variances."""
    general, group, r = bifactor()
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(r)
    rows = rng.standard_normal((many, 1000, 9)) @ root.T * np.linspace(0.5, 3, 9)
    rows -= rows.mean(axis=1, keepdims=True)
    assert group.shape == (9, 3)
    assert len(general) == 9
    cov: Floats = rows.transpose(0, 2, 1) @ rows / 999
    return cov


def test_every_coefficient_has_its_estimand() -> None:
    assert set(hierarchical.ESTIMANDS) == set(ALL)
    assert all(text.count(";") == 2 for text in hierarchical.ESTIMANDS.values())


def test_the_goldens_are_the_ones_that_are_swept() -> None:
    assert set(goldens()["hierarchical"]) == {*POSITIVE, "bfi25_5"}


@pytest.mark.parametrize("name", POSITIVE)
def test_coefficients_are_rs(name: str) -> None:
    wanted = goldens()["hierarchical"][name]
    cov, groups = covariance(wanted["set"]), wanted["groups"]
    compared = 0
    for one, value in ALL.items():
        compared += assert_close(value(cov, groups), wanted[one], one, 1e-6)
        compared += assert_close(value(cov, groups), wanted["psych"][one], f"psych: {one}", 1e-4)
    found = schmid_leiman(cov, groups)
    compared += assert_close(found.general, wanted["general"], "general", 1e-6)
    order = np.sort(found.second_order)
    compared += assert_close(order, wanted["second_order"], "second order", 1e-6)
    assert compared == 8 + len(cov) + groups


def test_another_number_of_group_factors_would_be_seen() -> None:
    wanted = goldens()["hierarchical"]["hs9_3"]["omega_hierarchical"]
    with pytest.raises(AssertionError):
        assert_close(hierarchical.omega_hierarchical(covariance("hs9"), 2), wanted, "", 1e-4)


def test_a_population_with_proportional_group_loadings_is_found_again() -> None:
    general, group, r = bifactor()
    total = r.sum()
    common = general.sum() ** 2
    unique = (1 - general**2 - (group**2).sum(axis=1)).sum()
    wanted = {
        "omega_hierarchical": common / total,
        "omega_total_sl": 1 - unique / total,
        "omega_limit": common / (total - unique),
        "explained_common_variance": (general**2).sum() / ((general**2).sum() + (group**2).sum()),
    }
    for one, value in ALL.items():
        assert_close(value(r, 3), wanted[one], one, 1e-7)
    found = schmid_leiman(r, 3)
    assert found.general == pytest.approx(general, abs=1e-7)
    order = [int(np.argmax(np.abs(found.group[3 * at]))) for at in range(3)]
    assert found.group[:, order] == pytest.approx(group, abs=1e-7)
    second = 1 / np.sqrt(1 + np.square(PROPORTION))
    assert found.second_order[order] == pytest.approx(second, abs=1e-7)
    implied = found.general[:, None] * found.general + found.group @ found.group.T
    assert implied + np.diag(found.uniquenesses) == pytest.approx(r, abs=1e-7)


def test_two_group_factors_share_the_root_of_their_correlation() -> None:
    found = schmid_leiman(covariance("bfi_N"), 2)
    root = np.sqrt(found.factor_correlations[0, 1])
    assert found.second_order == pytest.approx([root, root], abs=1e-14)


def test_extraction_and_rotation_are_those_of_one_analysis() -> None:
    for name, groups in (("hs9", 3), ("ability16", 4)):
        r = correlation(name)
        axes, unique, proper, improper = extracted(r[None], groups)
        one = extraction(r, groups, "minres")
        assert (bool(proper[0]), bool(improper[0])) == (True, False)
        assert_close(unique[0], 1 - (one.loadings**2).sum(axis=1), "uniquenesses", 1e-8)
        pattern, phi, arrived = oblique(axes)
        assert arrived.all()
        turned = rotated(one.loadings, "oblimin")
        match = np.abs(pattern[0].T @ turned.loadings).argmax(axis=1)
        assert sorted(match.tolist()) == list(range(groups))
        close = np.abs(turned.loadings[:, match])
        assert np.abs(pattern[0]) == pytest.approx(close, abs=1e-5)
        between = np.abs(turned.factor_correlations[np.ix_(match, match)])
        assert np.abs(phi[0]) == pytest.approx(between, abs=1e-5)


def test_no_turn_of_the_factors_makes_oblimin_smaller() -> None:
    axes, _, _, _ = extracted(correlation("hs9")[None], 3)
    pattern, phi, _ = oblique(axes)

    def crossed(loadings: Floats) -> float:
        squares = loadings**2
        return float((squares.sum(axis=1) ** 2 - (squares**2).sum(axis=1)).sum())

    best, root = crossed(pattern[0]), np.linalg.cholesky(phi[0]).T
    rng = np.random.default_rng(1)
    for _ in range(50):
        turn = root + 1e-3 * rng.standard_normal((3, 3))
        turn /= np.sqrt((turn**2).sum(axis=0))
        moved = pattern[0] @ root.T @ np.linalg.inv(turn).T
        assert crossed(moved) > best


def test_items_keyed_the_other_way_are_named_and_not_turned() -> None:
    wanted = goldens()["hierarchical"]["bfi25_5"]
    cov = covariance("bfi25")
    found = schmid_leiman(cov, 5)
    names = [f"{letter}{at}" for letter in "ACENO" for at in range(1, 6)]
    assert [names[at] for at in np.flatnonzero(found.negative)] == wanted["negative"]
    assert found.general == pytest.approx(np.array(wanted["general"]), abs=1e-6)
    assert (bool(found.converged), bool(found.usable)) == (True, False)
    problem = found.problem(names)
    assert problem is not None
    assert "negative loading on the general factor: N1, N2, N3, N4, N5, O4" in problem
    for value in ALL.values():
        assert np.isnan(value(cov, 5))
    assert schmid_leiman(covariance("hs9"), 3).problem([f"x{at}" for at in range(1, 10)]) is None


def test_a_heywood_case_is_said() -> None:
    r = np.full((6, 6), 0.3)
    r[0, 1] = r[1, 0] = r[2, 3] = r[3, 2] = 0.995
    np.fill_diagonal(r, 1.0)
    found = schmid_leiman(r, 3)
    assert not found.usable
    problem = found.problem(list("abcdef"))
    assert problem is not None
    assert "group factors" in problem


def test_more_factors_than_the_items_can_tell_are_refused() -> None:
    with pytest.raises(RefusalError, match="5 items cannot determine 3 group factors"):
        hierarchical.omega_hierarchical(covariance("bfi_N"), 3)
    with pytest.raises(RefusalError, match="only omega total"):
        hierarchical.omega_total_sl(covariance("bfi_N"), 1)
    with pytest.raises(RefusalError, match="2 items cannot determine 2 group factors"):
        hierarchical.omega_total_sl(covariance("two"), 2)


@pytest.mark.parametrize("name", sorted(goldens()["psych_default"]))
def test_the_way_of_psych_gives_what_psych_prints(name: str) -> None:
    wanted = goldens()["psych_default"][name]
    found = as_psych_does(covariance(name), 3)
    five = len(covariance(name)) == 5
    assert_close(found.hierarchical, wanted["omega_h"], "omega_h", 1e-3 if five else 1e-5)
    assert_close(found.total, wanted["omega_total"], "omega.tot", 1e-6)
    assert list(found.reversed) == wanted["reversed"]
    assert bool(found.reversed) == (name == "bfi25")


def test_the_way_of_psych_has_its_limits_too() -> None:
    with pytest.raises(RefusalError, match="3 factors has no value"):
        as_psych_does(covariance("three"), 3)
    with pytest.raises(RefusalError, match="3 factors has no value"):
        as_psych_does(np.ones((5, 5)), 3)


@each_value
def test_neither_order_nor_scale_of_items_matters(name: str) -> None:
    cov = disturbed(6, seed=1)
    wanted = ALL[name](cov, 3)
    assert np.isfinite(wanted).all()
    order = np.random.default_rng(2).permutation(9)
    assert_close(ALL[name](cov[:, order][:, :, order], 3), wanted, name, 1e-7)
    each = np.array([1.0, 10.0, 0.2, 3.0, 100.0, 0.05, 1.0, 2.0, 7.0])
    assert_close(ALL[name](cov * np.outer(each, each), 3), wanted, name, 1e-7)


@each_value
def test_a_stack_is_one_matrix_after_the_other(name: str) -> None:
    cov = disturbed(6, seed=3)
    together = ALL[name](cov.reshape(2, 3, 9, 9), 3)
    assert together.shape == (2, 3)
    alone = [float(ALL[name](one, 3)) for one in cov]
    assert_close(together.ravel(), alone, name, 1e-8)
    assert ALL[name](cov[0], 3).shape == ()


@each_value
def test_a_matrix_without_an_answer_is_nan_and_leaves_the_others_alone(name: str) -> None:
    cov = disturbed(2, seed=4)
    flat = np.array(cov[0])
    flat[2] = flat[:, 2] = 0.0
    bad = np.stack([cov[0], np.full((9, 9), np.nan), np.zeros((9, 9)), flat, np.eye(9), cov[1]])
    found = ALL[name](bad, 3)
    assert np.isnan(found).tolist() == [False, True, True, True, True, False]
    assert_close(found[[0, 5]], ALL[name](cov, 3), name, 1e-8)


@each_value
def test_a_small_change_of_the_covariances_is_a_small_change(name: str) -> None:
    cov = disturbed(1, seed=5)[0]
    rng = np.random.default_rng(6)
    turn = rng.standard_normal((9, 9))
    turn = (turn + turn.T) / 2
    slopes = [
        float(ALL[name](cov + h * turn, 3) - ALL[name](cov - h * turn, 3)) / (2 * h)
        for h in (1e-4, 3e-5)
    ]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3, abs=5e-5)
    assert abs(slopes[0]) > 1e-3
