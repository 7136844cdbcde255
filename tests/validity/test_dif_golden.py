"""Differential item functioning against R: mantelhaen.test, MASS::polr, glm, loops over strata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psychoscales.engines.validity.dif import studied as studied_module
from psychoscales.engines.validity.dif.effect import effects
from psychoscales.engines.validity.dif.generalized import general_association, mean_difference
from psychoscales.engines.validity.dif.liu_agresti import liu_agresti
from psychoscales.engines.validity.dif.mantel_haenszel import mantel_haenszel
from psychoscales.engines.validity.dif.studied import TESTS, Studied
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm
from tests.coefficients.comparing import assert_close
from tests.validity.dif_cases import golden_answers, golden_design, golden_items

CASES = ("promis_gender", "promis_cells", "promis_age", "hci_gender", "hci_anchored")
SEARCHED = 1e-6
"""R's search for the maximum ends with gradients of about 1e-7."""
NUMERIC = 1e-4
"""MASS::polr differentiates numerically for standard errors."""
LOGLIK = 1e-10
CHISQ = 1e-7
"""Absolute: a likelihood ratio is a small difference of log likelihoods of several hundred."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(__file__).parents[1] / "golden" / "dif"


@pytest.fixture(scope="module")
def cases(folder: Path) -> Any:
    found = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["cases"]
    assert tuple(found) == CASES
    return found


def compared(folder: Path, case: Mapping[str, Any], what: Any) -> int:
    """Compare every item of a case by `what`; return how many numbers were."""
    items = golden_items(folder, case)
    assert len(items) == len(case["results"]) >= 10
    return sum(what(each, case["results"][name], name) for name, each in items.items())


def mantel_of(each: Studied, wanted: Mapping[str, Any], name: str) -> int:
    found = TESTS["mantel"](each)
    assert (found.n, found.strata) == (wanted["n"], wanted["strata"]), name
    assert found.df == wanted["mantel"]["df"]
    ours = [found.statistic, found.p]
    return assert_close(ours, [wanted["mantel"]["chisq"], wanted["mantel"]["p"]], f"{name} Mantel")


def pairs_of(each: Studied, wanted: Mapping[str, Any], name: str) -> int:
    size, odds = mean_difference(each.strata, each.table.values), liu_agresti(each.strata)
    ours = [size.smd, size.se, size.standardized]
    r = wanted["smd"]
    done = assert_close(ours, [r["smd"], r["se"], r["standardized"]], f"{name} SMD")
    r = wanted["liu_agresti"]
    ours = [odds.odds_ratio, odds.log, odds.se_log]
    return done + assert_close(ours, [r["psi"], r["log"], r["se"]], f"{name} Liu-Agresti")


def mh_of(each: Studied, wanted: Mapping[str, Any], name: str) -> int:
    found, r = mantel_haenszel(each.strata), wanted["mh"]
    ours = [found.chisq, found.alpha, found.delta, found.se_delta]
    theirs = [r[key] for key in ("chisq", "alpha", "delta", "se_delta")]
    done = assert_close(ours, theirs, f"{name} Mantel-Haenszel")
    p = [TESTS[f"mantel_haenszel_{which}"](each).p for which in ("uncorrected", "corrected")]
    if r["chisq_corrected"] == r["chisq"]:
        assert found.chisq_corrected == 0, "R corrects nothing where the difference is below 1/2"
        assert p[1] == 1
        return done
    ours = [found.chisq_corrected, *p]
    theirs = [r["chisq_corrected"], r["p"], r["p_corrected"]]
    return done + assert_close(ours, theirs, f"{name} corrected")


def general_of(each: Studied, wanted: Mapping[str, Any], name: str) -> int:
    if "general" not in wanted:
        found = general_association(each.strata)
        assert found.df < found.full_df, f"{name}: R stops only where a covariance is singular"
        return 0
    found, r = general_association(each.strata), wanted["general"]
    assert found.df == found.full_df == r["df"]
    p = TESTS["generalized_mantel_haenszel"](each).p
    return assert_close([found.chisq, p], [r["chisq"], r["p"]], f"{name} general association")


def logistic_of(each: Studied, wanted: Mapping[str, Any], name: str) -> int:
    r, models = wanted["logistic"], each.nested
    ours = [model.fit.loglik for model in (models.matching, models.group, models.interaction)]
    done = assert_close(ours, r["loglik"], f"{name} log likelihood", LOGLIK)
    for test in ("uniform", "nonuniform", "total"):
        found = TESTS[f"logistic_{test}"](each)
        assert found.df == r[test]["df"]
        assert found.statistic == pytest.approx(r[test]["chisq"], abs=CHISQ), f"{name} {test}"
        assert found.p == pytest.approx(r[test]["p"], abs=CHISQ)
        assert found.change is not None
        theirs = [r[test][key] for key in ("mcfadden", "nagelkerke", "cox_snell")]
        assert list(found.change) == pytest.approx(theirs, abs=1e-9), f"{name} {test}"
        assert found.effect == found.change.nagelkerke
        done += 5
    assert models.beta_change == pytest.approx(r["beta_change"], abs=SEARCHED)
    table = {term.name: term for term in models.group.parameters()}
    names = each.groups[1:]
    ours = [table["matching"].estimate, *(table[group].estimate for group in names)]
    theirs = [r["group_model"]["score"], *r["group_model"]["group"]]
    assert ours == pytest.approx(theirs, abs=SEARCHED, rel=SEARCHED), f"{name} coefficients"
    errors = [table["matching"].se, *(table[group].se for group in names)]
    done += assert_close(
        errors, [r["group_model"]["score_se"], *r["group_model"]["group_se"]], name, NUMERIC
    )
    table = {term.name: term for term in models.interaction.parameters()}
    products = [table[f"matching x {group}"] for group in names]
    ours = [term.estimate for term in products]
    assert ours == pytest.approx(r["product"]["beta"], abs=SEARCHED), f"{name} interaction"
    done += assert_close([term.se for term in products], r["product"]["se"], name, NUMERIC)
    return done + 1 + len(names) * 2


@pytest.mark.parametrize(
    ("case", "what", "least"),
    [
        *((case, mantel_of, 20) for case in CASES),
        ("promis_gender", pairs_of, 60),
        ("promis_age", pairs_of, 60),
        ("hci_gender", pairs_of, 120),
        ("hci_anchored", pairs_of, 120),
        ("hci_gender", mh_of, 125),
        ("hci_anchored", mh_of, 125),
        ("promis_gender", general_of, 16),
        ("promis_cells", general_of, 20),
        ("promis_age", general_of, 20),
        *((case, logistic_of, 200) for case in CASES),
    ],
)
def test_every_item_is_rs(folder: Path, cases: Any, case: str, what: Any, least: int) -> None:
    assert compared(folder, cases[case], what) >= least


@pytest.mark.parametrize("case", CASES)
def test_effects_on_answers_are_rs(folder: Path, cases: Any, case: str) -> None:
    given = cases[case]
    answers, design = golden_answers(folder, given), golden_design(given)
    items = golden_items(folder, given)
    models = {name: each.nested.interaction for name, each in items.items()}
    found = {(each.item, each.focal): each for each in effects(answers, models, design, ())}
    focal = given["groups"][1:]
    assert len(found) == len(items) * len(focal)
    for name, wanted in given["results"].items():
        for group, r in zip(focal, wanted["logistic"]["effect"], strict=True):
            ours = found[name, group]
            theirs = [r["signed"], r["unsigned"]]
            assert [ours.signed, ours.unsigned] == pytest.approx(theirs, abs=1e-6), name


@pytest.mark.parametrize("case", CASES)
def test_adjusted_p_values_are_rs(cases: Any, case: str) -> None:
    for test, wanted in cases[case]["adjusted"].items():
        items = cases[case]["results"].values()
        part = [each["mantel"] if test == "mantel" else each["logistic"]["total"] for each in items]
        p = np.array([each["p"] for each in part])
        assert_close(holm(p), wanted["holm"], "Holm", 1e-12)
        assert_close(benjamini_hochberg(p), wanted["bh"], "Benjamini-Hochberg", 1e-12)


@pytest.mark.parametrize(
    ("case", "what", "name", "wrong"),
    [
        ("hci_gender", mh_of, "mantel_haenszel", {"CORRECTION": 0.4999}),
        ("hci_gender", mh_of, "mantel_haenszel", {"DELTA": -2.350001}),
        ("promis_gender", mantel_of, "generalized", {"SINGULAR": 1.1}),
    ],
)
def test_a_wrong_number_is_seen(
    folder: Path,
    cases: Any,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    what: Any,
    name: str,
    wrong: dict[str, float],
) -> None:
    import importlib

    module = importlib.import_module(f"psychoscales.engines.validity.dif.{name}")
    for constant, value in wrong.items():
        monkeypatch.setattr(module, constant, value)
    with pytest.raises(AssertionError):
        compared(folder, cases[case], what)


def test_a_group_in_the_wrong_place_is_seen(folder: Path, cases: Any) -> None:
    case = cases["promis_gender"] | {"groups": ["1", "0"]}
    for what in (pairs_of, logistic_of):
        with pytest.raises(AssertionError):
            compared(folder, case, what)


def test_the_other_matching_score_is_seen(folder: Path, cases: Any) -> None:
    case = cases["promis_cells"] | {"matching": "total"}
    for what in (mantel_of, logistic_of):
        with pytest.raises(AssertionError):
            compared(folder, case, what)


def test_every_test_of_the_registry_is_compared() -> None:
    told = {"mantel_haenszel_corrected", "mantel_haenszel_uncorrected", "mantel", "liu_agresti"}
    told |= {"generalized_mantel_haenszel", *studied_module.LOGISTIC}
    assert set(TESTS) == told
