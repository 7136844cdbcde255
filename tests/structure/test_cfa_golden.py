"""Confirmatory factor analysis agrees with lavaan 0.6-14."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from psychoscales.engines.structure.cfa import baseline
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.indices import Compared, cfi
from psychoscales.engines.structure.cfa.modification import modifications
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.engines.structure.cfa.ordered import Ordered, ordered
from psychoscales.engines.structure.cfa.residuals import residuals, unbiased_srmr
from psychoscales.engines.structure.cfa.scores import scores
from psychoscales.engines.structure.cfa.specification import Parameter
from psychoscales.engines.structure.cfa.standardized import standardized
from tests.structure.cfa_cases import (
    EQUAL,
    LAVAAN,
    ONE,
    N,
    X,
    expected,
    fits,
    genders,
    neuroticism,
    ordinal_items,
    table,
)

OPTIMISED = 1e-6
# lavaan stops where its gradient is below 1e-6; in these models with many equal parameters the
# discrepancy is so flat that estimates are then still 3e-5 from the minimum.
LOOSE = {f"gender_{name}" for name in ("thresholds", "loadings", "intercepts")}
LOOSE |= {"gender_theta_thresholds", "gender_theta_strict"}
# lavaan writes p as 1 - P, which leaves no more than 16 decimals of it.
DECIMALS = 1e-13
CASES = [
    (folder, name)
    for folder in ("cfa", "cfa_ordinal", "cfa_fiml")
    for name, value in expected(folder).items()
    if isinstance(value, dict) and "fit" in value and name != "N_satterthwaite" and name != "notes"
]


def line(name: str) -> float:
    return 1e-4 if name in LOOSE else OPTIMISED


def key(row: Parameter, groups: int, known: Mapping[str, Any]) -> str | None:
    """Return lavaan's name of a row; a covariance may be written either way round."""
    end = f" ({row.group + 1})" if groups > 1 else ""
    for name in (row.key + end, f"{row.rhs} {row.op} {row.lhs}{end}"):
        if name in known:
            return name
    return None


def compare_rows(of: Fit, found: Any, wanted: Mapping[str, float], allowed: float) -> int:
    compared = 0
    for row, value in zip(of.specification.parameters, found, strict=True):
        name = key(row, of.specification.groups, wanted)
        if name is None:
            assert row.free < 0 or row.label is not None, row
            continue
        assert value == pytest.approx(wanted[name], rel=allowed, abs=allowed), row
        compared += 1
    return compared


def test_every_golden_model_is_fitted() -> None:
    named = {(folder, name) for folder, name in CASES}
    made = {
        (folder, name) for folder in ("cfa", "cfa_ordinal", "cfa_fiml") for name in fits(folder)
    }
    assert named == made
    assert len(CASES) == 35


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_estimates_and_standard_errors(folder: str, name: str) -> None:
    of, wanted = fits(folder)[name], expected(folder)[name]
    assert of.converged
    assert not of.warnings
    free = sum(row.free >= 0 for row in of.specification.parameters)
    assert compare_rows(of, of.estimate, wanted["estimate"], line(name)) >= free
    assert compare_rows(of, of.se, wanted["se"], 3 * line(name)) >= free


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_standardized_estimates(folder: str, name: str) -> None:
    of, wanted = fits(folder)[name], expected(folder)[name]
    found = standardized(of)
    free = sum(row.free >= 0 for row in of.specification.parameters)
    assert compare_rows(of, found.estimate, wanted["std"], line(name)) >= free
    compare_rows(of, found.se, wanted["std_se"], line(name))


def indices(of: Fit, wanted: Mapping[str, float], allowed: float, but: set[str]) -> int:
    compared = 0
    for ours, theirs in LAVAAN.items():
        if theirs not in wanted or ours in but:
            continue
        value, golden = of.indices[ours], wanted[theirs]
        if "p" in ours.split("_"):
            assert value == pytest.approx(golden, rel=20 * allowed, abs=DECIMALS), ours
        else:
            assert value == pytest.approx(golden, rel=2 * allowed, abs=1e-12), ours
        compared += 1
    return compared


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_tests_and_indices(folder: str, name: str) -> None:
    of, wanted = fits(folder)[name], expected(folder)[name]["fit"]
    # In several groups lavaan 0.6-14 forgets the groups' shares in the baseline's factor.
    but = {"cfi_robust", "tli_robust"} if name == "gender_configural" else set()
    assert indices(of, wanted, line(name), but) >= 22


def test_a_wrong_index_is_seen() -> None:
    wanted = dict(expected("cfa")["N_MLR"]["fit"])
    wanted["rmsea.robust"] *= 1 + 1e-5
    with pytest.raises(AssertionError, match="rmsea_robust"):
        indices(fits("cfa")["N_MLR"], wanted, OPTIMISED, set())


def test_a_wrong_estimate_is_seen() -> None:
    of, wanted = fits("cfa")["HS_ML"], dict(expected("cfa")["HS_ML"]["estimate"])
    wanted["speed =~ x9"] += 1e-5
    with pytest.raises(AssertionError, match="x9"):
        compare_rows(of, of.estimate, wanted, OPTIMISED)


def test_robust_cfi_of_groups_differs_from_lavaan_by_the_shares_it_forgets() -> None:
    of, wanted = fits("cfa_ordinal")["gender_configural"], expected("cfa_ordinal")
    total = sum(each.n for each in genders())
    right = sum(np.trace(each.gamma[each.count :, each.count :]) for each in genders())
    forgot = sum(
        np.trace(each.gamma[each.count :, each.count :]) * total / each.n for each in genders()
    )
    base = -sum(each.n * np.linalg.slogdet(each.correlation)[1] for each in genders())
    excess = (1 - of.indices["cfi_robust"]) * (base - right)
    theirs = 1 - excess / (base - forgot)
    assert theirs == pytest.approx(wanted["gender_configural"]["fit"]["cfi.robust"], rel=1e-6)


def test_satterthwaite() -> None:
    wanted = expected("cfa_ordinal")["N_satterthwaite"]["fit"]
    found = fits("cfa_ordinal")["N_WLSMV"].tests[2]
    assert found.method == "mean_variance_adjusted"
    assert found.chisq == pytest.approx(wanted["chisq.scaled"], rel=OPTIMISED)
    assert found.df == pytest.approx(wanted["df.scaled"], rel=OPTIMISED)


def test_from_exported_thresholds_correlations_and_gamma() -> None:
    """The fit needs nothing of this package's own polychoric correlations."""
    sample = expected("cfa_ordinal")["N_sample"]
    made = ordered(
        sample["n"],
        list(np.array(sample["thresholds"]).reshape(5, 5)),
        np.array(sample["correlation"]),
        np.array(sample["gamma"]),
    )
    of = fit(specify(ONE, thresholds=[5] * 5), [made], "WLSMV")
    wanted = expected("cfa_ordinal")["N_WLSMV"]
    assert indices(of, wanted["fit"], OPTIMISED, set()) >= 22
    assert compare_rows(of, of.se, wanted["se"], OPTIMISED) >= 30
    for item, loading in zip(N, (0.8611, 0.8377, 0.7572, 0.6179, 0.5490), strict=True):
        row = next(at for at in of.specification.parameters if at.key == f"f =~ {item}")
        assert of.x[row.free] == pytest.approx(loading, abs=6e-5)


NESTED = [
    (pair, method)
    for pair, methods in expected("cfa")["nested"].items()
    for method in methods
    if method != "satorra_2000_exact"
]


@pytest.mark.parametrize(("pair", "method"), NESTED)
def test_nested_models_of_continuous_items(pair: str, method: str) -> None:
    made = fits("cfa")
    if pair.startswith("N_"):
        larger = made[pair]
        restricted = fit(specify(ONE, labels=EQUAL), [neuroticism()], larger.estimator)
    else:
        larger, restricted = (made[f"school_{level}"] for level in pair.split("_"))
    if method == "plain":
        larger, restricted = (
            fit(each.specification, each.samples, "ML") for each in (larger, restricted)
        )
    found = difference(larger, restricted, method)
    wanted = expected("cfa")["nested"][pair][method]
    assert found.df == wanted["df_difference"]
    assert found.chisq == pytest.approx(wanted["chisq_difference"], rel=OPTIMISED)
    assert found.p == pytest.approx(wanted["p"], rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("pair", list(expected("cfa_ordinal")["nested"]))
@pytest.mark.parametrize("satterthwaite", [False, True])
def test_nested_models_of_ordinal_items(pair: str, satterthwaite: bool) -> None:
    made = fits("cfa_ordinal")
    larger, restricted = (
        (made["N_WLSMV"], made["N_equal_loadings"])
        if pair == "N"
        else (made[f"gender_{level}"] for level in pair.split("_"))
    )
    found = difference(larger, restricted, satterthwaite=satterthwaite)
    name = "satorra_2000_satterthwaite" if satterthwaite else "satorra_2000"
    wanted = expected("cfa_ordinal")["nested"][pair][name]
    assert found.method == "satorra_2000"
    assert found.df == pytest.approx(wanted["df_difference"], rel=1e-6)
    assert found.chisq == pytest.approx(wanted["chisq_difference"], rel=3e-6)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("cfa", "HS_ML"), ("cfa", "N_MLR"), ("cfa_ordinal", "N_WLSMV"), ("cfa_ordinal", "EN_WLSMV")],
)
def test_modification_indices(folder: str, name: str) -> None:
    wanted = expected(folder)["modification"][name]
    found = modifications(fits(folder)[name])
    assert len(found) == len(wanted["mi"])
    for each in found:
        ways = (f"{each.lhs} {each.op} {each.rhs}", f"{each.rhs} {each.op} {each.lhs}")
        (at,) = [way for way in ways if way in wanted["mi"]]
        # lavaan's slopes are 0 to 1e-8 only, and count times N.
        assert each.mi == pytest.approx(wanted["mi"][at], rel=2e-5, abs=1e-3)
        assert each.epc == pytest.approx(wanted["epc"][at], rel=1e-5, abs=1e-5)
        assert each.sepc == pytest.approx(wanted["sepc"][at], rel=1e-5, abs=2e-5)


def test_modification_indices_with_missing_answers() -> None:
    wanted = expected("cfa_fiml")["modification"]
    found = modifications(fits("cfa_fiml")["HS_ML"])
    assert len(found) == len(wanted["mi"])
    for each in found:
        at = f"{each.lhs} {each.op} {each.rhs}"
        assert each.mi == pytest.approx(wanted["mi"][at], rel=1e-4, abs=1e-3)
        assert each.epc == pytest.approx(wanted["epc"][at], rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("cfa", "HS_ML"), ("cfa", "N_MLR"), ("cfa_ordinal", "N_WLSMV"), ("cfa_ordinal", "EN_WLSMV")],
)
def test_unbiased_srmr(folder: str, name: str) -> None:
    wanted, found = expected(folder)["usrmr"][name], unbiased_srmr(fits(folder)[name])
    assert found.value == pytest.approx(wanted["usrmr"], rel=OPTIMISED)
    assert found.se == pytest.approx(wanted["usrmr.se"], rel=OPTIMISED)
    assert found.low == pytest.approx(wanted["usrmr.ci.lower"], rel=OPTIMISED)
    assert found.high == pytest.approx(wanted["usrmr.ci.upper"], rel=OPTIMISED)


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_scores_of_continuous_items(method: str) -> None:
    wanted = expected("cfa")["scores"]
    rows = table("cfa", "HolzingerSwineford1939.csv")[X].to_numpy(float)
    found = scores(fits("cfa")["HS_ML"], rows[np.array(wanted["rows"]) - 1], method)
    np.testing.assert_allclose(found, wanted[method], rtol=0, atol=1e-6)
    wanted = expected("cfa_fiml")["scores"]
    rows = table("cfa_fiml", "HolzingerSwineford1939_missing.csv")[X].to_numpy(float)
    rows = rows[~np.isnan(rows).all(axis=1)][np.array(wanted["rows"]) - 1]
    assert np.isnan(rows).any()
    found = scores(fits("cfa_fiml")["HS_ML"], rows, method)
    np.testing.assert_allclose(found, np.array(wanted[method], dtype=float), rtol=0, atol=1e-6)


def test_scores_of_ordinal_items() -> None:
    wanted = expected("cfa_ordinal")["scores"]
    answers = np.array(wanted["answers"], dtype=float) - 1
    found = scores(fits("cfa_ordinal")["N_WLSMV"], answers)
    np.testing.assert_allclose(found[:, 0], wanted["ebm"], rtol=0, atol=1e-5)


def test_the_baseline_is_the_model_without_loadings() -> None:
    sample = ordinal_items(*N)
    assert isinstance(sample, Ordered)
    weight = 1 / np.diag(sample.gamma)
    under = baseline.ordinal([sample], [weight])
    wanted = expected("cfa_ordinal")["N_WLSMV"]["fit"]
    assert under.chisq == pytest.approx(wanted["baseline.chisq"], rel=OPTIMISED)
    both = Compared(wanted["chisq"], wanted["df"], under.chisq, under.df)
    assert cfi(both) == pytest.approx(wanted["cfi"], rel=OPTIMISED)


@pytest.mark.parametrize("name", ["HS_ML", "HS_MLR"])
def test_residuals_with_missing_answers(name: str) -> None:
    """Their errors are of the observed information, as those of the estimates are."""
    wanted, of = expected("cfa_fiml")["residuals"][name], fits("cfa_fiml")[name]
    (found,) = residuals(of)
    np.testing.assert_allclose(found.value, np.array(wanted["residual"]), rtol=0, atol=2e-6)
    np.testing.assert_allclose(found.z, np.array(wanted["z"], dtype=float), rtol=0, atol=2e-5)
    unbiased = unbiased_srmr(of)
    assert unbiased.value == pytest.approx(wanted["usrmr"]["usrmr"], rel=1e-5)
    assert unbiased.se == pytest.approx(wanted["usrmr"]["usrmr.se"], rel=1e-5)
    assert unbiased.high == pytest.approx(wanted["usrmr"]["usrmr.ci.upper"], rel=1e-5)
