"""Agreement agrees with psych and lme4, and with what was published (golden/agreement)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychoscales.engines.reliability.agreement import (
    FORMS,
    chance,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    icc,
    intraclass,
    krippendorff_alpha,
    limits_of_agreement,
    measurement_error,
)
from psychoscales.engines.reliability.agreement.components import reml, sums
from psychoscales.engines.reliability.agreement.limits import LimitsMethod
from psychoscales.results import Estimate
from tests.agreement.data import CATEGORIES, INCOMPLETE, NUMBERS, cut, epi_e, epi_n, golden, table
from tests.coefficients.comparing import assert_close

OPTIMISED = 1e-6
WEIGHTS = ("identity", "linear", "quadratic")
KINDS = {"ICC(1,1)": "one_way", "ICC(A,1)": "agreement", "ICC(C,1)": "consistency"}
BALANCED = [(name, 0.95) for name in NUMBERS] + [("shrout_fleiss", 0.9)]


def three(estimate: Estimate) -> list[Any]:
    return [estimate.value, estimate.low, estimate.high]


def balanced(name: str, level: float) -> int:
    """Compare the six forms of complete ratings; return how many numbers were."""
    wanted = golden()["balanced"][name if level == 0.95 else f"{name}_90"]
    assert wanted["forms"] == list(FORMS)
    compared = 0
    for at, found in enumerate(icc(NUMBERS[name](), level=level)):
        ends = [wanted["low"][at], wanted["high"][at]]
        compared += assert_close(found.value, wanted["value"][at], found.coefficient)
        if ends[0] <= wanted["value"][at] <= ends[1]:
            compared += assert_close([found.low, found.high], ends, found.coefficient)
            assert found.level == level
        else:
            assert found.low is None
            assert "no interval" in str(found.note)
    return compared


@pytest.mark.parametrize(("name", "level"), BALANCED)
def test_complete_ratings_agree_with_psych(name: str, level: float) -> None:
    assert balanced(name, level) == (16 if name == "negative" else 18)


def test_a_wrong_formula_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = intraclass.single

    def without_the_sample_size(found: Any, kind: str) -> Any:
        wrong = right(found, "consistency" if kind == "agreement" else kind)
        return np.asarray(wrong)

    monkeypatch.setattr(intraclass, "single", without_the_sample_size)
    with pytest.raises(AssertionError, match="ICC"):
        balanced("epi_n", 0.95)


@pytest.mark.parametrize(("name", "level"), BALANCED)
def test_measurement_error_of_complete_ratings(name: str, level: float) -> None:
    wanted = golden()["balanced"][name if level == 0.95 else f"{name}_90"]
    found = {each.coefficient: each for each in measurement_error(NUMBERS[name](), level=level)}
    compared = 0
    for kind in ("agreement", "consistency"):
        sem = wanted[f"sem_{kind}"]
        compared += assert_close(three(found[f"sem_{kind}"]), sem, f"sem_{kind}")
        sdc = [wanted["sdc_factor"] * value for value in sem]
        compared += assert_close(three(found[f"sdc_{kind}"]), sdc, f"sdc_{kind}")
    assert compared == 12


@pytest.mark.parametrize("name", INCOMPLETE)
def test_variance_components_agree_with_lme4(name: str) -> None:
    wanted, known = golden()["reml"][name], sums(INCOMPLETE[name]())
    total = wanted["target"] + wanted["rater"] + wanted["error"]
    two, one = reml(known), reml(known, raters=False)
    assert (two.n, two.ratings) == (wanted["n"], wanted["ratings"])
    parts = [two.target / total, two.rater / total, two.error / total]
    golden_parts = [wanted[part] / total for part in ("target", "rater", "error")]
    compared = assert_close(parts, golden_parts, "two-way", OPTIMISED)
    compared += assert_close(two.mean, wanted["mean"], "mean", OPTIMISED)
    compared += assert_close(two.criterion, wanted["criterion"], "criterion", 1e-10)
    wanted = wanted["one_way"]
    found, theirs = [one.target, one.error], [wanted["target"], wanted["error"]]
    compared += assert_close(found, theirs, "one-way", OPTIMISED)
    compared += assert_close(one.criterion, wanted["criterion"], "one-way criterion", 1e-10)
    assert compared == 8


@pytest.mark.parametrize("name", INCOMPLETE)
def test_profiles_agree_with_those_of_lme4s_deviance(name: str) -> None:
    wanted = golden()["reml"][name]
    found = {each.coefficient: each for each in icc(INCOMPLETE[name](), estimator="reml")}
    compared = 0
    for form, kind in KINDS.items():
        numbers = [wanted["single"][kind], *wanted["interval"][kind]]
        compared += assert_close(three(found[form]), numbers, form, OPTIMISED)
        assert found[form].method == "reml_profile"
    assert compared == 9


def test_measurement_error_by_reml_agrees_with_lme4() -> None:
    wanted = golden()["reml"]["shrout_fleiss"]
    found = {
        each.coefficient: each
        for each in measurement_error(table("shrout_fleiss"), estimator="reml")
    }
    for name in ("sem_agreement", "sem_consistency"):
        assert assert_close(three(found[name]), wanted[name], name, OPTIMISED) == 3


@pytest.mark.parametrize("name", ["epi_n", "printed"])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_kappa_agrees_with_psych(name: str, weights: str) -> None:
    make, categories = CATEGORIES[name]
    found = cohen_kappa(make(), categories, weights=weights)
    assert assert_close(three(found), golden()["kappa"][name][weights], "kappa") == 3
    assert found.n == golden()["kappa"][name]["n"]


def several(name: str, weights: str) -> int:
    make, categories = CATEGORIES[name]
    wanted, compared = golden()["several"][name][weights], 0
    for work, by in ((fleiss_kappa, "fleiss"), (gwet_ac, "gwet")):
        value, _, *ends = wanted[by]
        found = work(make(), categories, weights=weights)
        compared += assert_close(three(found), [value, *ends], f"{by} {weights}")
    return compared


@pytest.mark.parametrize("name", CATEGORIES)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_fleiss_and_gwet_agree_with_their_formulas(name: str, weights: str) -> None:
    assert several(name, weights) == 6


def test_a_wrong_linearisation_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = chance.CHANCE["gwet"]
    wrong = chance.Chance(right.expected, lambda share, _: 1 - share, right.names)
    monkeypatch.setattr(chance, "CHANCE", {**chance.CHANCE, "gwet": wrong})
    with pytest.raises(AssertionError, match="gwet"):
        several("sai", "linear")


@pytest.mark.parametrize("name", ["krippendorff", "sai_bands", "sai"])
def test_krippendorffs_alpha_agrees_with_coincidence_matrices(name: str) -> None:
    bands = cut(table("sai"), [32, 40, 50])
    ratings = {"krippendorff": table("krippendorff"), "sai_bands": bands, "sai": table("sai")}
    wanted = golden()["alpha"][name]
    for metric in ("nominal", "ordinal", "interval", "ratio"):
        found = krippendorff_alpha(ratings[name], metric=metric)
        assert assert_close(found.value, wanted[metric], metric) == 1


LIMITS = {
    "epi_e": (epi_e, 0.95),
    "epi_n_200": (lambda: epi_n()[:200], 0.95),
    "shrout_fleiss_90": (lambda: table("shrout_fleiss")[:, [0, 3]], 0.9),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("method", ["exact", "approximate"])
def test_limits_of_agreement(name: str, method: LimitsMethod) -> None:
    (make, level), wanted = LIMITS[name], golden()["limits"][name]
    bias, lower, upper = limits_of_agreement(make(), level=level, method=method).estimates()
    assert assert_close(three(bias), wanted["bias"], "bias") == 3
    assert assert_close(three(lower), wanted[method]["lower"], "lower") == 3
    assert assert_close(three(upper), wanted[method]["upper"], "upper") == 3
    assert bias.n == wanted["n"]


def test_published_values() -> None:
    forms = {each.coefficient: three(each) for each in icc(table("shrout_fleiss"))}
    published = {
        "ICC(1,1)": [0.17, -0.13, 0.72],
        "ICC(A,1)": [0.29, 0.02, 0.76],
        "ICC(C,1)": [0.71, 0.34, 0.95],
        "ICC(1,k)": [0.44, -0.88, 0.91],
        "ICC(A,k)": [0.62, 0.07, 0.93],
        "ICC(C,k)": [0.91, 0.68, 0.99],
    }
    assert {name: [round(float(x), 2) for x in row] for name, row in forms.items()} == published
    alphas = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    for metric, value in alphas.items():
        found = krippendorff_alpha(table("krippendorff"), metric=metric)
        assert round(float(found.value or 0), 3) == value
    make, categories = CATEGORIES["printed"]
    assert round(float(cohen_kappa(make(), categories).value or 0), 7) == 0.7964094
