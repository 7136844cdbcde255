"""Factor models that cannot be fitted say why; improper solutions are named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fiml import missing
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.modification import modifications
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.engines.structure.cfa.normal import Complete, complete, moments
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.cfa.residuals import residuals, unbiased_srmr
from psychoscales.engines.structure.cfa.scores import scores
from psychoscales.errors import RefusalError, UnknownNameError
from tests.structure.cfa_cases import (
    ONE,
    THREE,
    N,
    X,
    counted,
    fits,
    holzinger,
    missing_holzinger,
    neuroticism,
    ordinal_items,
    schools,
    table,
)

ONE_COUNT = np.ones(4, dtype=np.int64)


def three_tests() -> Complete:
    rows = table("cfa", "HolzingerSwineford1939.csv")[X[:3]].to_numpy(float)
    return complete(*counted(rows))


SAYS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "two items": (
        lambda: fit(specify({"f": ["a", "b"]}), [moments(9, np.zeros(2), np.eye(2) + 0.3)], "ML"),
        RefusalError,
        "7 free parameters|6 free parameters, 5 moments",
    ),
    "two items a factor, orthogonal": (
        lambda: fit(
            specify({"f": X[:2], "g": X[2:4], "h": X[4:9]}, orthogonal=True), [holzinger()], "ML"
        ),
        RefusalError,
        r"f =~ x1, f =~ x2.* can change together",
    ),
    "no scale": (
        lambda: fit(specify(ONE, free=["f ~~ f"]), [neuroticism()], "ML"),
        RefusalError,
        "'f' has no scale",
    ),
    "no effect": (
        lambda: fit(specify({**THREE, "z": ["x1"]}, fixed={"z =~ x1": 0.0}), [holzinger()], "ML"),
        RefusalError,
        "no moment depends on|can change together",
    ),
    "all fixed": (
        lambda: specify({"f": ["a"]}, fixed={"f =~ a": 1.0, "a ~~ a": 1.0, "a ~1": 0.0}),
        RefusalError,
        "nothing to estimate",
    ),
    "no factor": (lambda: specify({}), RefusalError, "needs a factor"),
    "empty factor": (lambda: specify({"f": []}), RefusalError, "'f' has no indicators"),
    "twice": (lambda: specify({"f": ["a", "a"]}), RefusalError, "twice"),
    "item is factor": (lambda: specify({"a": ["a", "b"]}), RefusalError, "an item and a factor"),
    "unused": (
        lambda: specify({"f": ["a", "b"]}, items=["a", "b", "c"]),
        RefusalError,
        "no factor has the items c",
    ),
    "unknown item": (
        lambda: specify({"f": ["a", "bb"]}, items=["a", "b"]),
        UnknownNameError,
        "no item called 'bb'; did you mean 'b'",
    ),
    "unknown pair": (
        lambda: specify(ONE, covariances=[("N1", "N9")]),
        UnknownNameError,
        "no item called 'N9'",
    ),
    "one pair instead of a list": (
        lambda: specify(ONE, covariances=("N1", "N2")),  # type: ignore[arg-type]
        RefusalError,
        r"pairs of items, \[\('a', 'b'\)\], not 'N1'",
    ),
    "three of a pair": (
        lambda: specify(ONE, covariances=[("N1", "N2", "N3")]),  # type: ignore[list-item]
        RefusalError,
        "pairs of items",
    ),
    "an item instead of a list": (lambda: specify({"f": "N1"}), RefusalError, r"\['N1'\]"),
    "Bartlett scores above factors": (
        lambda: scores(fits("cfa")["HS_second_order"], np.zeros((1, 9)), "bartlett"),
        RefusalError,
        "second-order factor has no items",
    ),
    "own pair": (lambda: specify(ONE, covariances=[("N1", "N1")]), RefusalError, "itself"),
    "unknown parameter": (
        lambda: specify(ONE, labels={"f =~ N7": "a"}),
        UnknownNameError,
        "no parameter called 'f =~ N7'",
    ),
    "unknown equality": (
        lambda: specify(ONE, groups=2, equal=["loading"]),
        UnknownNameError,
        "did you mean 'loadings'",
    ),
    "unknown second-order": (
        lambda: specify(THREE, second_order={"g": ["visual", "verbal"]}),
        UnknownNameError,
        "no factor called 'verbal'",
    ),
    "factor of both": (
        lambda: specify(THREE, second_order={"speed": ["visual", "textual"]}),
        RefusalError,
        "either items or factors",
    ),
    "identification": (
        lambda: specify(ONE, identification="sum"),  # type: ignore[arg-type]
        UnknownNameError,
        "identification",
    ),
    "parameterization": (
        lambda: specify(ONE, parameterization="gamma"),  # type: ignore[arg-type]
        UnknownNameError,
        "parameterization",
    ),
    "thresholds": (lambda: specify(ONE, thresholds=[5, 5]), ValueError, "5 items"),
    "groups": (lambda: specify(ONE, groups=0), ValueError, "1 or more"),
    "samples": (lambda: fit(specify(THREE, groups=3), schools(), "ML"), ValueError, "2 samples"),
    "estimator": (
        lambda: fit(specify(ONE), [neuroticism()], "MLF"),
        UnknownNameError,
        "no estimator called 'MLF'; did you mean",
    ),
    "ordinal by ML": (
        lambda: fit(specify(ONE, thresholds=[5] * 5), [ordinal_items(*N)], "ML"),
        RefusalError,
        "ML is for continuous items",
    ),
    "continuous by WLSMV": (
        lambda: fit(specify(ONE), [neuroticism()], "WLSMV"),
        RefusalError,
        "WLSMV is for ordinal items",
    ),
    "MLM with missing": (
        lambda: fit(specify(THREE), [missing_holzinger()], "MLM"),
        RefusalError,
        "estimator='MLR'",
    ),
    "robust from moments": (
        lambda: fit(specify(ONE), [replace(neuroticism(), gamma=None)], "MLR"),
        RefusalError,
        "need the answers",
    ),
    "constant item": (
        lambda: complete(np.array([[1.0, 2], [1, 3], [1, 4], [1, 9]]), ONE_COUNT),
        RefusalError,
        "same answer to item 1",
    ),
    "sum of items": (
        lambda: complete(np.array([[1.0, 2, 3], [4, 3, 7], [1, 4, 5], [0, 9, 9]]), ONE_COUNT),
        RefusalError,
        "singular",
    ),
    "few people": (
        lambda: complete(np.eye(4), ONE_COUNT),
        RefusalError,
        "4 people are too few",
    ),
    "pair nobody answered": (
        lambda: missing(np.array([[1.0, np.nan], [np.nan, 2], [2, np.nan], [3, 1]]), ONE_COUNT),
        RefusalError,
        "fewer than two people",
    ),
    "no threshold": (
        lambda: ordered(9, [np.zeros(1), np.zeros(0)], np.eye(2), np.eye(2)),
        RefusalError,
        "item 2: no threshold",
    ),
    "no sampling variance": (
        lambda: ordered(9, [np.zeros(1), np.zeros(1)], np.eye(2), np.diag([1.0, 1, 0])),
        RefusalError,
        "merge sparse options",
    ),
    "difference of one model": (
        lambda: difference(fits("cfa")["HS_ML"], fits("cfa")["HS_ML"]),
        RefusalError,
        "give the larger model first",
    ),
    "difference the wrong way": (
        lambda: difference(fits("cfa")["school_metric"], fits("cfa")["school_configural"]),
        RefusalError,
        "give the larger model first",
    ),
    "difference of estimators": (
        lambda: difference(fits("cfa")["HS_ML"], fits("cfa")["HS_MLR"]),
        RefusalError,
        "different estimators",
    ),
    "difference of people": (
        lambda: difference(fits("cfa")["HS_MLR"], fits("cfa")["N_MLR"]),
        RefusalError,
        "different items or people",
    ),
    "plain difference of robust statistics": (
        lambda: difference(fits("cfa")["school_configural"], fits("cfa")["school_metric"], "plain"),
        RefusalError,
        "no chi-square",
    ),
    "2001 of ordinal": (
        lambda: difference(
            fits("cfa_ordinal")["N_WLSMV"],
            fits("cfa_ordinal")["N_equal_loadings"],
            "satorra_bentler_2001",
        ),
        RefusalError,
        "for MLM and MLR",
    ),
    "2010 of other units": (
        lambda: difference(
            fits("cfa")["school_configural"], fits("cfa")["school_metric"], "satorra_bentler_2010"
        ),
        RefusalError,
        "use satorra_2000",
    ),
    "unknown difference": (
        lambda: difference(
            fits("cfa")["school_configural"], fits("cfa")["school_metric"], "satorra_2001"
        ),
        UnknownNameError,
        "did you mean 'satorra_2000'",
    ),
    "2000 of missing answers": (
        lambda: difference(
            fits("cfa_fiml")["HS_MLR"],
            fit(specify(THREE, orthogonal=True), [missing_holzinger()], "MLR"),
            "satorra_2000",
        ),
        RefusalError,
        "complete answers",
    ),
    "scores of another kind": (
        lambda: scores(fits("cfa")["HS_ML"], np.zeros((1, 9)), "ebm"),
        RefusalError,
        "continuous items are not 'ebm'",
    ),
    "unknown scores": (
        lambda: scores(fits("cfa")["HS_ML"], np.zeros((1, 9)), "bartlet"),
        UnknownNameError,
        "did you mean 'bartlett'",
    ),
    "an option nobody chose": (
        lambda: scores(fits("cfa_ordinal")["N_WLSMV"], np.full((1, 5), 6.0)),
        RefusalError,
        "outside the options",
    ),
    "unbiased SRMR without degrees of freedom": (
        lambda: unbiased_srmr(fit(specify({"f": X[:3]}), [three_tests()], "ML")),
        RefusalError,
        "0 degrees of freedom",
    ),
    "unbiased SRMR of groups": (
        lambda: unbiased_srmr(fits("cfa")["school_metric"]),
        RefusalError,
        "one group",
    ),
}


@pytest.mark.parametrize("case", SAYS)
def test_refused(case: str) -> None:
    work, kind, says = SAYS[case]
    with pytest.raises(kind, match=says):
        work()


def test_a_heywood_case_is_named() -> None:
    loading = np.array([1.08, 0.6, 0.5, 0.4])
    cov = np.outer(loading, loading)
    np.fill_diagonal(cov, 1.0)
    # One correlation more than a loading of 1 allows, yet a possible correlation matrix.
    found = fit(specify({"f": ["a", "b", "c", "d"]}), [moments(500, np.zeros(4), cov)], "ML")
    assert found.converged
    assert found.warnings == ("negative residual variance (Heywood case): a",)
    assert found.indices["chisq"] == pytest.approx(0, abs=1e-6)


def test_factors_that_correlate_above_one_are_named() -> None:
    cov = np.full((6, 6), 0.5)
    cov[:3, 3:] = cov[3:, :3] = 0.54
    np.fill_diagonal(cov, 1.0)
    of = specify({"first": list("abc"), "second": list("def")})
    found = fit(of, [moments(400, np.zeros(6), cov)], "ML")
    assert found.converged
    (said,) = found.warnings
    assert said.startswith("the factor covariance matrix is not positive definite: first and ")
    assert said.endswith("second correlate 1.080")


def unfinished() -> Fit:
    """A model whose estimates run away: a third factor that nothing in the moments supports."""
    found = fits("cfa")["HS_ML"]
    return replace(found, converged=False, vcov=None, tests=(), indices={}, pieces=(), bread=None)


def test_without_convergence_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psychoscales.engines.structure.cfa.estimation.MOST_STEPS", 2)
    found = fit(specify(THREE), [holzinger()], "MLR")
    assert not found.converged
    assert found.vcov is None
    assert found.indices == {}
    assert found.tests == ()
    assert "did not converge in 2 steps" in found.warnings[0]
    assert np.isnan(found.se[[row.free >= 0 for row in found.specification.parameters]]).all()
    for work in (modifications, residuals, unbiased_srmr, lambda of: scores(of, np.zeros((1, 9)))):
        with pytest.raises(RefusalError, match="did not converge"):
            work(found)
    with pytest.raises(RefusalError, match="did not converge"):
        difference(found, unfinished())


def test_polychorics_that_are_no_correlation_matrix_give_no_robust_indices() -> None:
    sample = ordinal_items(*N)
    correlation = sample.correlation.copy()
    correlation[0, 1] = correlation[1, 0] = -0.3
    vector = np.concatenate([sample.vector[: sample.count], correlation[np.triu_indices(5, 1)]])
    bad = replace(sample, correlation=correlation, vector=vector)
    assert not bad.positive
    found = fit(specify(ONE, thresholds=[5] * 5), [bad], "WLSMV")
    assert "not positive definite" in found.warnings[-1]
    assert "cfi_robust" not in found.indices
    assert "cfi_scaled" in found.indices


def test_a_loading_that_grows_without_end_is_named() -> None:
    cov = np.eye(6) + 0.4 * np.kron(np.eye(2), 1 - np.eye(3))
    cov[3:, 3:] = np.eye(3)
    cov[4, [3, 5]] = cov[[3, 5], 4] = 0.02
    cov[4, 0] = cov[0, 4] = 0.35
    of = specify({"first": list("abc"), "second": list("def")})
    found = fit(of, [moments(300, np.zeros(6), cov)], "ML")
    assert not found.converged
    assert "second =~ e grows without end: an extreme Heywood case" in found.warnings[0]


@pytest.mark.parametrize("estimator", ["ML", "MLM", "MLR"])
def test_a_saturated_model_fits_and_says_that_this_says_nothing(estimator: str) -> None:
    found = fit(specify({"f": X[:3]}), [three_tests()], estimator)
    assert found.warnings[0].startswith("0 degrees of freedom")
    assert found.indices["chisq"] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.indices["p"])
    for name, value in found.indices.items():
        if name.split("_")[0] in ("cfi", "tli"):
            assert value == pytest.approx(1)
        if name.split("_")[0] == "rmsea" and "close" not in name:
            assert value == 0


def test_a_factor_that_is_its_second_order_factor_is_named() -> None:
    loading = np.repeat([0.999999, 0.5, 0.5], 3) * 0.8
    cov = np.outer(loading, loading) + 0.0
    for block in range(3):
        cov[3 * block : 3 * block + 3, 3 * block : 3 * block + 3] = 0.64
    cov[:3, 3:] *= 1.05
    cov[3:, :3] *= 1.05
    np.fill_diagonal(cov, 1.0)
    of = specify(THREE, second_order={"g": list(THREE)})
    found = fit(of, [moments(300, np.zeros(9), cov)], "ML")
    assert not found.converged
    assert "g =~ visual grows without end" in found.warnings[0]


def test_a_pair_named_both_ways_round_covaries_once() -> None:
    once = specify(ONE, covariances=[("N1", "N2")])
    both = specify(ONE, covariances=[("N1", "N2"), ("N2", "N1")])
    assert (both.df, both.names()) == (once.df, once.names())


def test_an_item_that_is_its_factor_has_no_standardized_changes() -> None:
    """Its residual variance is 0 exactly: nothing can be divided by it, and nothing warns."""
    of = specify(
        {"f": N[:4], "g": N[4:]}, thresholds=[5] * 5, fixed={"g =~ N5": 1.0, "N5 ~*~ N5": 1.0}
    )
    found = fit(of, [ordinal_items(*N)], "WLSMV")
    assert found.converged
    changes = {f"{each.lhs} {each.op} {each.rhs}": each for each in modifications(found)}
    assert np.isnan(changes["N1 ~~ N5"].sepc)
    assert np.isfinite(changes["N1 ~~ N2"].sepc)
