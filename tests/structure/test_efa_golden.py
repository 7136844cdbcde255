"""Loadings, factor correlations and fit agree with R (golden/efa)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychoscales.engines.structure.efa import Solution, likelihood_fit, residual_fit, solution
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.moments import Moments
from psychoscales.verbs.efa import efa
from tests.coefficients.comparing import assert_close
from tests.structure.bfi import apart, correlation, expected, people

ENDED = 1e-8
OF_PSYCH = {"oblimin": 3e-5, "varimax": 1.5e-3, "promax": 1.5e-3}
"""psych stops this far from the end: its own varimax has a tolerance of 1e-5."""
OF_PSYCH_RMSR = 1e-5
"""Of psych's ML solution of one factor, which stops as early; relative."""
ASKED: dict[str, dict[str, Any]] = {
    "varimax": {},
    "varimax_raw": {"rotation": "varimax", "kaiser": False},
    "oblimin": {},
    "oblimin_kaiser": {"rotation": "oblimin", "kaiser": True},
    "geomin": {},
    "promax": {},
    "promax_spss": {},
}

each_method = pytest.mark.parametrize("method", ["minres", "ml"])


def made(method: str, name: str) -> Solution:
    return solution(correlation(), 5, method=method, **{"rotation": name, **ASKED[name]}, starts=3)


def test_the_goldens_are_the_ones_that_are_swept() -> None:
    golden = expected()
    assert set(golden["ended"]) == set(golden["psych"]) == {"minres", "ml"}
    for method in ("minres", "ml"):
        assert set(golden["ended"][method]) == set(ASKED)
        assert set(golden["psych"][method]) == set(OF_PSYCH)


@each_method
@pytest.mark.parametrize("name", ASKED)
def test_loadings_taken_to_the_end(method: str, name: str) -> None:
    golden, found = expected()["ended"][method][name], made(method, name)
    assert apart(found.loadings, golden["loadings"]) < ENDED
    assert apart(found.factor_correlations, golden["phi"]) < ENDED
    structure = np.array(golden["loadings"]) @ np.array(golden["phi"])
    assert apart(found.structure, structure) < ENDED


@each_method
@pytest.mark.parametrize("name", OF_PSYCH)
def test_loadings_of_psych(method: str, name: str) -> None:
    golden, found = expected()["psych"][method][name], made(method, name)
    assert apart(found.loadings, golden["loadings"]) < OF_PSYCH[name]
    assert apart(found.factor_correlations, golden["phi"]) < OF_PSYCH[name]
    assert apart(found.communality, golden["communality"]) < 1e-5


def test_a_wrong_loading_is_seen() -> None:
    golden = np.array(expected()["ended"]["ml"]["oblimin"]["loadings"])
    wrong = golden.copy()
    wrong[3, 2] += 2e-8
    assert apart(wrong, golden) > ENDED
    assert apart(golden[:, ::-1], golden) > 0.5
    with pytest.raises(AssertionError, match="shape"):
        apart(golden[:, :4], golden)
    wrong[3, 2] = np.nan
    with pytest.raises(AssertionError, match="none"):
        apart(wrong, golden)


def test_principal_axis_ends_at_minres_and_stops_where_spss_does() -> None:
    golden = expected()
    loadings = golden["ended"]["minres"]["varimax"]["loadings"]
    ended = solution(correlation(), 5, method="principal_axis", rotation="varimax")
    assert apart(ended.loadings, loadings) < 1e-7
    stopped = solution(correlation(), 5, method="principal_axis", tolerance=1e-3)
    assert apart(stopped.communality, golden["spss_communality"]) < 1e-10
    assert apart(stopped.communality, ended.communality) > 5e-4


def test_fit_is_psychs() -> None:
    golden, found = expected(), solution(correlation(), 5, method="ml")
    fit = likelihood_fit(correlation(), found, golden["n"]) | residual_fit(found)
    assert set(fit) | {"n"} == set(golden["fit"])
    for name, value in fit.items():
        assert_close(value, golden["fit"][name], name, 1e-6)


def test_fit_of_one_factor_is_psychs() -> None:
    golden, r = expected(), correlation()[15:20, 15:20]
    found = solution(r, 1, method="ml")
    fit = likelihood_fit(r, found, golden["n"]) | residual_fit(found)
    for name, value in fit.items():
        assert_close(
            value, golden["fit_one"][name], name, OF_PSYCH_RMSR if "rmsr" in name else 1e-6
        )


def test_the_verb_returns_the_goldens_values() -> None:
    golden = expected()
    found = efa(people(), factors=5, method="ml", rotation="oblimin", starts=2, seed=7)
    frame = found.to_frame()
    names = [f"factor_{number}" for number in range(1, 6)]
    loadings = golden["ended"]["ml"]["oblimin"]["loadings"]
    assert apart(frame[names], loadings) < ENDED
    assert list(frame["item"]) == [item.lower() for item in golden["items"]]
    assert apart(frame["communality"] + frame["uniqueness"], np.ones(25)) < 1e-12
    phi = np.array(golden["ended"]["ml"]["oblimin"]["phi"])[np.triu_indices(5, 1)]
    assert apart(found.factor_correlations.to_frame()["correlation"], phi) < ENDED
    fit = {row["index"]: row["value"] for row in found.fit.rows}
    assert list(fit) == [*golden["fit"]]
    for name, value in fit.items():
        assert_close(value, golden["fit"][name], name, 1e-6)


def test_polychoric_loadings_of_psych() -> None:
    golden = expected()["polychoric"]
    given = people().blocks["tiny"].patterns().complete
    patterns = given.select([item.lower() for item in golden["items"]])
    r = ordinal(patterns, acov=False).correlation
    found = solution(r, 1).loadings[:, 0]
    assert apart(found, golden["loadings"]) < 2e-5
    raw = solution(correlation()[15:20, 15:20], 1).loadings[:, 0]
    assert apart(raw, golden["loadings"]) > 0.02


def test_moments_give_what_answers_give() -> None:
    n = expected()["n"]
    given = Moments(
        tuple(item.lower() for item in expected()["items"]),
        np.full((25, 25), n),
        np.zeros(25),
        4 * correlation(),
        "complete",
    )
    one, other = efa(given, factors=2, method="ml"), efa(people(), factors=2, method="ml")
    assert apart(one.to_frame()["factor_2"], other.to_frame()["factor_2"]) < 1e-9
    assert one.fit.rows[1]["value"] == pytest.approx(other.fit.rows[1]["value"], rel=1e-9)
