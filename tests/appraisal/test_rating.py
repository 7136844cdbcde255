"""The rules say what COSMIN says, and are applied as they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psychoscales.appraisal.rating import Fact, Rating, explained, holds, ratings
from psychoscales.appraisal.rules import FILE, Condition, Criterion, RuleError, rules

GOOD = {
    "cfi": 0.97,
    "tli": 0.96,
    "rmsea": 0.05,
    "srmr": 0.04,
    "cfi_scaled": 0.96,
    "tli_scaled": 0.955,
    "rmsea_scaled": 0.055,
    "alpha": 0.85,
    "alpha_low": 0.82,
    "icc": 0.81,
    "icc_low": 0.72,
    "sdc": 4.1,
    "sdc_high": 4.8,
    "mic": 5.0,
    "confirmed": 1.0,
    "dif_mcfadden": 0.01,
    "cfi_fall": 0.002,
    "auc": 0.83,
    "auc_low": 0.74,
    "change_auc": 0.8,
    "change_auc_low": 0.71,
    "floor": 0.02,
    "ceiling": 0.0,
    "extreme_share": 0.02,
    "missing_share": 0.01,
}
GOOD |= {f"one_factor_{name}": value for name, value in GOOD.items() if name[:2] in ("cf", "tl")}
GOOD |= {f"one_factor_{name}": GOOD[name] for name in ("rmsea", "rmsea_scaled", "srmr")}


def rated(values: dict[str, float], **missing: str) -> dict[str, Rating]:
    facts = {name: Fact(value, name.upper()) for name, value in values.items()}
    return {one.property.id: one for one in ratings(rules(), facts, missing)}


def marks(values: dict[str, float]) -> dict[str, tuple[str, str]]:
    return {name: (one.rating, one.strict) for name, one in rated(values).items()}


def test_a_good_scale_is_sufficient_throughout() -> None:
    found = marks(GOOD)
    assert len(found) == 10
    described = {"feasibility": ("", ""), "interpretability": ("+", "")}
    assert found == {**dict.fromkeys(found, ("+", "+")), **described}


def test_one_index_is_enough_for_the_rule_and_not_for_the_stricter_line() -> None:
    """N1 to N5 of the bfi: SRMR passes alone."""
    values = {**GOOD, "cfi": 0.914, "tli": 0.83, "rmsea": 0.192, "srmr": 0.059, "rmsea_scaled": 0.2}
    one = rated(values)["structural_validity"]
    assert (one.rating, one.strict) == ("+", "-")
    assert "SRMR 0.059 < 0.08" in one.reason
    assert "CFI 0.914 not > 0.95" in one.reason


def test_alpha_is_of_one_factor_though_a_model_of_several_fits() -> None:
    bad = {"one_factor_cfi": 0.8, "one_factor_tli": 0.7, "one_factor_rmsea": 0.2}
    found = rated({**GOOD, **bad, "one_factor_srmr": 0.12})
    assert found["structural_validity"].rating == "+"
    one = found["internal_consistency"]
    assert (one.rating, one.strict) == ("?", "?")
    assert "one factor is not supported" in one.reason
    assert "ONE_FACTOR_CFI 0.800 not > 0.95" in one.reason
    lacking = {name: value for name, value in GOOD.items() if not name.startswith("one_factor")}
    assert "one factor could not be judged" in rated(lacking)["internal_consistency"].reason
    lenient = rated({**GOOD, **bad, "one_factor_rmsea_scaled": 0.2})["internal_consistency"]
    assert (lenient.rating, lenient.strict) == ("+", "?")


def test_one_condition_that_fails_decides_where_all_are_asked_for() -> None:
    both = Criterion(all=(Condition(statistic="a", below=1.0), Condition(statistic="b", below=1.0)))
    known = {"a": Fact(2.0, "A"), "b": Fact(0.5, "B")}
    assert holds(both, known) is False
    assert holds(both, {"a": known["a"]}) is False
    assert holds(both, {"b": known["b"]}) is None
    only = {**GOOD, "dif_mcfadden": 0.3}
    del only["cfi_fall"]
    assert marks(only)["cross_cultural_validity"] == ("-", "-")


def test_alpha_is_not_interpretable_without_one_factor() -> None:
    bad = {"cfi": 0.8, "tli": 0.7, "rmsea": 0.2, "srmr": 0.12}
    one = rated({**GOOD, **bad})["internal_consistency"]
    assert (one.rating, one.strict) == ("?", "?")
    assert "structural validity is not sufficient (-)" in one.reason
    unknown = {name: value for name, value in GOOD.items() if name not in bad}
    one = rated(unknown)["internal_consistency"]
    assert one.rating == "?"
    assert "not sufficient (?)" in one.reason


def test_the_stricter_line_of_alpha_needs_the_stricter_line_of_structure() -> None:
    one = rated({**GOOD, "rmsea_scaled": 0.1})["internal_consistency"]
    assert (one.rating, one.strict) == ("+", "?")


@pytest.mark.parametrize(
    ("name", "value", "which"),
    [
        ("alpha", 0.699, "internal_consistency"),
        ("icc", 0.69, "reliability"),
        ("sdc", 5.0, "measurement_error"),
        ("confirmed", 0.74, "construct_validity"),
        ("auc", 0.69, "criterion_validity"),
        ("change_auc", 0.69, "responsiveness"),
        ("floor", 0.151, "interpretability"),
    ],
)
def test_a_value_on_the_wrong_side_is_insufficient(name: str, value: float, which: str) -> None:
    assert marks({**GOOD, name: value})[which][0] == "-"
    assert marks(GOOD)[which][0] == "+"


def test_a_bound_that_is_included_is_included() -> None:
    assert marks({**GOOD, "alpha": 0.70})["internal_consistency"][0] == "+"
    at_bounds = {**GOOD, "cfi": 0.95, "tli": 0.9, "rmsea": 0.06, "srmr": 0.08}
    assert marks(at_bounds)["structural_validity"] == ("-", "-")


def test_what_is_missing_is_said() -> None:
    no_mic = {name: value for name, value in GOOD.items() if name != "mic"}
    one = rated(no_mic)["measurement_error"]
    assert one.rating == "?"
    assert one.reason.startswith("no mic; needed: a second occasion of the same people, and a ")
    assert one.fact is not None
    assert one.fact.value == 4.1
    nothing = rated({})
    assert nothing["reliability"].reason == "needed: a second occasion of the same people"
    assert nothing["criterion_validity"].fact is None
    refused = rated({}, structural_validity="the model did not converge")
    assert refused["structural_validity"].reason == "the model did not converge"


def test_another_statistic_of_the_rule_is_shown_where_the_first_is_not_there() -> None:
    values = {name: value for name, value in GOOD.items() if name != "icc"}
    one = rated({**values, "weighted_kappa": 0.75})["reliability"]
    assert (one.rating, one.shown) == ("+", "weighted_kappa")


def condition(**bound: Any) -> Condition:
    return Condition(statistic="x", **bound)


def test_any_is_decided_by_one_and_all_needs_each() -> None:
    both = (condition(above=1.0), Condition(statistic="y", above=1.0))
    known = {"x": Fact(2.0, "x")}
    assert holds(Criterion(any=both), known) is True
    assert holds(Criterion(all=both), known) is None
    assert holds(Criterion(any=both), {"x": Fact(0.0, "x")}) is False
    assert holds(Criterion(any=both), {}) is None
    assert explained(Criterion(any=both), known) == "x 2.000 > 1"


def test_a_file_of_rules_says_what_is_wrong_in_it(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    for wrong, said in (
        (text.replace('source = ["terwee2007"]', 'source = ["terwee07"]'), "terwee07"),
        (text.replace("above = 0.95", "abov = 0.95", 1), "abov"),
        (text.replace('requires = "structural_validity"', 'requires = "feasibility"'), "feasib"),
    ):
        assert wrong != text
        file = tmp_path / "rules.toml"
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(RuleError, match=said):
            rules.__wrapped__(file)


def test_every_rule_has_a_source_and_words_in_both_languages() -> None:
    known = rules()
    cited = {one.id: one for one in known.citations}
    for one in known.properties:
        assert set(one.name) == {"en", "ja"}
        assert all(cited[name].doi for name in one.source)
    assert {question.id for question in known.checklist} >= {"content_validity", "sample_size"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0799, "0.0799 < 0.08"),
        (0.0800000001, "0.0800000001"),
        (0.08, "0.080 not"),
        (0.05, "0.050"),
    ],
)
def test_a_value_is_told_from_its_bound(value: float, said: str) -> None:
    below = Criterion(all=(Condition(statistic="srmr", below=0.08),))
    assert said[:11] in explained(below, {"srmr": Fact(value, "SRMR")})
