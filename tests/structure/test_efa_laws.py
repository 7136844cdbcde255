"""What must hold of factors, whatever the numbers are."""

from __future__ import annotations

import numpy as np
import pytest

from psychoscales.engines.structure import extraction as room
from psychoscales.engines.structure import rotation as turns
from psychoscales.engines.structure.efa import Solution, likelihood_fit, residual_fit, solution
from psychoscales.engines.structure.extraction import (
    CRITERIA,
    degrees_of_freedom,
    extraction,
    most_factors,
)
from psychoscales.engines.structure.rotation import ROTATIONS, rotated
from psychoscales.errors import RefusalError, UnknownNameError
from tests.structure.bfi import Floats, apart, correlation, simple_structure

EVERY_ROTATION = pytest.mark.parametrize("rotation", ROTATIONS)
EVERY_METHOD = pytest.mark.parametrize("method", ["minres", "ml", "principal_axis"])


def implied(found: Solution) -> Floats:
    r: Floats = found.loadings @ found.factor_correlations @ found.loadings.T
    return r


@EVERY_ROTATION
def test_no_rotation_changes_communalities_residuals_or_fit(rotation: str) -> None:
    plain = solution(correlation(), 4, method="ml", rotation="none")
    found = solution(correlation(), 4, method="ml", rotation=rotation)
    assert apart(np.diag(implied(found)), plain.communality) < 1e-10
    assert apart(found.communality, plain.communality) == 0
    assert apart(correlation() - implied(found), plain.residual) < 1e-10
    assert residual_fit(found) == residual_fit(plain)
    fits = [likelihood_fit(correlation(), each, 700) for each in (found, plain)]
    assert fits[0] == pytest.approx(fits[1], rel=1e-12)
    assert found.explained.sum() == pytest.approx(plain.communality.sum(), rel=1e-10)


@EVERY_ROTATION
def test_order_and_sign(rotation: str) -> None:
    found = solution(correlation(), 4, rotation=rotation)
    assert (found.loadings.sum(axis=0) > 0).all()
    assert (np.diff(found.explained) <= 0).all()
    assert apart(np.diag(found.factor_correlations), np.ones(4)) == 0
    assert apart(found.factor_correlations, found.factor_correlations.T) < 1e-14
    oblique = not np.array_equal(found.factor_correlations, np.eye(4))
    assert oblique is ROTATIONS[rotation].oblique


@EVERY_ROTATION
@EVERY_METHOD
def test_items_in_another_order_have_the_same_loadings(rotation: str, method: str) -> None:
    order = np.random.default_rng(4).permutation(25)
    one = solution(correlation(), 3, method=method, rotation=rotation)
    r = correlation()[np.ix_(order, order)]
    other = solution(r, 3, method=method, rotation=rotation)
    assert apart(other.loadings, one.loadings[order]) < 1e-6
    assert apart(other.factor_correlations, one.factor_correlations) < 1e-6


@EVERY_ROTATION
def test_a_reversed_item_has_reversed_loadings(rotation: str) -> None:
    sign = np.ones(25)
    sign[[2, 17]] = -1
    one = solution(correlation(), 3, rotation=rotation)
    other = solution(correlation() * np.outer(sign, sign), 3, rotation=rotation)
    turned = other.loadings * sign[:, None]
    flipped = np.sign((turned * one.loadings).sum(axis=0))
    assert apart(turned * flipped, one.loadings) < 1e-6
    assert apart(other.communality, one.communality) < 1e-8


@pytest.mark.parametrize("rotation", ["varimax", "oblimin", "promax", "promax_spss", "geomin"])
@EVERY_METHOD
def test_orthogonal_simple_structure_comes_back(rotation: str, method: str) -> None:
    found = solution(simple_structure(12, 3, 0.7, 0.0), 3, method=method, rotation=rotation)
    small = np.sort(np.abs(found.loadings), axis=1)
    assert apart(small[:, 2], np.full(12, 0.7)) < 1e-5
    assert small[:, :2].max() < 1e-5
    assert apart(found.factor_correlations, np.eye(3)) < 1e-4


def test_oblique_simple_structure_comes_back() -> None:
    found = solution(simple_structure(12, 3, 0.6, 0.4), 3, method="ml", rotation="oblimin")
    assert apart(np.abs(found.loadings).max(axis=1), np.full(12, 0.6)) < 1e-6
    off = found.factor_correlations[np.triu_indices(3, 1)]
    assert apart(off, np.full(3, 0.4)) < 1e-6
    assert abs(likelihood_fit(simple_structure(12, 3, 0.6, 0.4), found, 500)["chisq"]) < 1e-8
    scores = np.linalg.solve(simple_structure(12, 3, 0.6, 0.4), found.structure)
    between = scores.T @ found.structure
    of_scores = between[0, 1] / np.sqrt(between[0, 0] * between[1, 1])
    assert abs(of_scores - 0.4) > 0.05, "correlations of scores are not those of factors"


@EVERY_METHOD
def test_one_factor_of_three_items_has_a_closed_form(method: str) -> None:
    r = np.array([[1, 0.42, 0.35], [0.42, 1, 0.30], [0.35, 0.30, 1]])
    wanted = [np.sqrt(0.42 * 0.35 / 0.30), np.sqrt(0.42 * 0.30 / 0.35), np.sqrt(0.3 * 0.35 / 0.42)]
    found = solution(r, 1, method=method)
    assert apart(found.loadings[:, 0], wanted) < 1e-8
    assert residual_fit(found)["rmsr"] < 1e-8
    assert found.rotation.rotation == "none"


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_derivatives_are_right(method: str) -> None:
    criterion = CRITERIA[method]
    at = np.random.default_rng(2).uniform(0.3, 0.8, 25)
    at = np.log(at) if method == "ml" else at
    _, gradient, hessian = criterion(at, correlation(), 3)
    steps = 1e-5 * np.eye(25)
    slopes = [
        (criterion(at + s, correlation(), 3)[0] - criterion(at - s, correlation(), 3)[0]) / 2e-5
        for s in steps
    ]
    bends = [
        (criterion(at + s, correlation(), 3)[1] - criterion(at - s, correlation(), 3)[1]) / 2e-5
        for s in steps
    ]
    assert apart(gradient, slopes) < 1e-8
    assert apart(hessian, bends) < 1e-8


@pytest.mark.parametrize("name", turns.CRITERIA)
def test_slopes_of_rotations_are_right(name: str) -> None:
    loadings = np.random.default_rng(3).uniform(-0.7, 0.7, (6, 3))
    criterion, found = turns.CRITERIA[name], np.zeros((6, 3))
    for at in np.ndindex(6, 3):
        step = np.zeros((6, 3))
        step[at] = 1e-5
        found[at] = (criterion(loadings + step)[0] - criterion(loadings - step)[0]) / 2e-5
    assert apart(criterion(loadings)[1], found) < 1e-9


@EVERY_METHOD
def test_uniqueness_is_what_is_left_on_the_diagonal(method: str) -> None:
    found = solution(correlation(), 3, method=method)
    assert apart(np.diag(found.residual), found.uniqueness) < 1e-12
    assert apart(found.residual + implied(found), correlation()) < 1e-10


def test_random_starts_find_a_lower_minimum_and_say_so() -> None:
    loadings = extraction(correlation(), 5, "minres").loadings
    one = rotated(loadings, "geomin", kaiser=True)
    many = rotated(loadings, "geomin", kaiser=True, starts=12, seed=5)
    assert (one.starts, one.seed, many.starts, many.seed) == (1, None, 12, 5)
    assert many.first == one.criterion
    assert many.criterion is not None
    assert one.criterion is not None
    assert many.criterion < one.criterion - 1e-4
    assert 1 <= many.reached < 12
    again = rotated(loadings, "geomin", kaiser=True, starts=12, seed=5)
    assert apart(again.loadings, many.loadings) == 0


def test_kaisers_normalisation_matters_and_is_said() -> None:
    plain = solution(correlation(), 5, rotation="oblimin")
    normal = solution(correlation(), 5, rotation="oblimin", kaiser=True)
    assert (plain.rotation.kaiser, normal.rotation.kaiser) == (False, True)
    assert apart(plain.loadings, normal.loadings) > 0.01


def test_more_factors_than_items_can_tell_are_refused() -> None:
    assert [most_factors(k) for k in (2, 3, 4, 5, 6, 9)] == [0, 1, 1, 2, 3, 5]
    assert degrees_of_freedom(25, 5) == 185
    with pytest.raises(RefusalError, match=r"5 items are too few for 3 factors .* at most 2"):
        solution(correlation()[:5, :5], 3)
    with pytest.raises(ValueError, match="1 or more"):
        solution(correlation(), 0)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="oblimin"):
        solution(correlation(), 2, rotation="oblimim")
    with pytest.raises(UnknownNameError, match="extraction method"):
        solution(correlation(), 2, method="pca")


def test_a_matrix_that_is_none_of_anything() -> None:
    r = np.array([[1, 0.9, 0.1, 0.3], [0.9, 1, 0.9, 0.3], [0.1, 0.9, 1, 0.3], [0.3, 0.3, 0.3, 1]])
    assert np.linalg.eigvalsh(r)[0] < 0
    with pytest.raises(RefusalError, match="positive definite"):
        solution(r, 1, method="ml")
    found = solution(r, 1, method="minres")
    assert found.heywood.tolist() == [False, True, False, False]


def test_a_heywood_case_is_found() -> None:
    r = np.array([[1, 0.8, 0.8], [0.8, 1, 0.4], [0.8, 0.4, 1]])
    for method in ("minres", "ml"):
        found = solution(r, 1, method=method)
        assert found.heywood.tolist() == [True, False, False]
        assert found.extraction.at_bound.tolist() == [True, False, False]


def test_promax_needs_rows_with_something_in_common() -> None:
    r = simple_structure(8, 2, 0.7, 0.2)
    r[0, 1:] = r[1:, 0] = 0
    with pytest.raises(RefusalError, match="no common variance"):
        solution(r, 2, rotation="promax")
    assert solution(r, 2, rotation="oblimin").communality[0] < 1e-12
    with pytest.raises(RefusalError, match="promax_spss normalises"):
        solution(r, 2, rotation="promax_spss", kaiser=False)


def test_a_search_that_does_not_converge_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "STATIONARY", 0.0)
    with pytest.raises(RefusalError, match="oblimin search does not converge"):
        solution(correlation(), 3, rotation="oblimin")
    monkeypatch.setattr(room, "STEPS", 0)
    with pytest.raises(RefusalError, match="does not converge"):
        solution(correlation(), 3)
    monkeypatch.setattr(room, "AXIS_STEPS", 3)
    with pytest.raises(RefusalError, match="principal axis factoring of 3 factors"):
        solution(correlation(), 3, method="principal_axis")


def test_chi_square_is_of_ml_and_of_enough_people() -> None:
    with pytest.raises(RefusalError, match="method='ml', not of minres"):
        likelihood_fit(correlation(), solution(correlation(), 2), 500)
    with pytest.raises(RefusalError, match="10 people are too few"):
        likelihood_fit(correlation(), solution(correlation(), 2, method="ml"), 10)


def test_results_are_frozen() -> None:
    found = solution(correlation(), 2)
    with pytest.raises(ValueError, match="read-only"):
        found.loadings[0, 0] = 1


def test_principal_axis_of_two_items_that_say_the_same_is_minres() -> None:
    """Their matrix has no inverse, and so no squared multiple correlations to begin with."""
    r = simple_structure(5, 1, 0.7, 0.0)
    twice = r[np.ix_([0, 0, 1, 2, 3, 4], [0, 0, 1, 2, 3, 4])]
    assert np.linalg.eigvalsh(twice)[0] < 1e-12
    axis = extraction(twice, 1, "principal_axis").loadings
    assert apart(np.abs(axis), np.abs(extraction(twice, 1, "minres").loadings)) < 1e-6
