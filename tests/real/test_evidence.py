"""Ratings on real sets, each with why, as a person would give them by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psychoscales as ps
from tests.coefficients.test_golden_alpha import responses
from tests.counting.making import document_of
from tests.real.test_nhanes import BINDING

RATED = (
    # set, property, rating, stricter line, why
    ("bfi_N", "structural_validity", "+", "-", "SRMR .059 passes alone; robust CFI .914"),
    ("bfi_N", "internal_consistency", "+", "?", "alpha .81; the stricter line of structure fails"),
    ("bfi_N", "interpretability", "+", None, "2 % at either end"),
    ("phq9", "structural_validity", "+", "-", "robust CFI .959; scaled RMSEA .069"),
    ("phq9", "internal_consistency", "+", "?", "alpha .90"),
    ("phq9", "measurement_error", "?", "?", "no second occasion"),
    ("gad7", "structural_validity", "+", "-", "robust CFI .962; scaled RMSEA .106"),
    ("gad7", "internal_consistency", "+", "?", "alpha .94"),
    ("pss10", "structural_validity", "-", "-", "one factor fails by every index"),
    ("pss10", "internal_consistency", "?", "?", "alpha .83, of what is not one thing"),
    ("pss10_two", "structural_validity", "+", "-", "two factors pass on SRMR .076 alone"),
    ("pss10_two", "internal_consistency", "?", "?", "alpha is of the ten items, which are not one"),
    ("pss10", "reliability", "?", "?", "no second occasion"),
    ("pss10", "criterion_validity", "?", "?", "no gold standard"),
    ("nhanes", "structural_validity", "+", "-", "SRMR and CFI pass; see reference.json"),
    ("nhanes", "internal_consistency", "+", "?", "alpha .84"),
    ("nhanes", "interpretability", "-", None, "more than a quarter of Americans score 0"),
)


@cache
def malaysian(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "phq9_gad7_pss_ukm" / "ukm_phq9_gad7_pss10.csv.gz")


def answers(name: str, shared: Path) -> ps.Responses:
    if name == "bfi_N":
        return responses("bfi_N")
    if name == "nhanes":
        path = shared / "nhanes_phq9" / "nhanes_dpq_demo_2011_2018.csv.gz"
        return ps.read(path, "phq9", binding=BINDING, id="SEQN", keep="sex")
    if name in ("pss10", "pss10_two"):
        items = [f"s{at}" for at in range(1, 11)]
        turned = ["s4", "s5", "s7", "s8"]
        tree = document_of(items, range(5), reverse=turned)
        if name == "pss10_two":
            distress = [item for item in items if item not in turned]
            factors = {"distress": distress, "coping": turned}
            two = {"id": "two", "name": {"en": "two"}, "key": "total", "factors": factors}
            tree["models"] = [{**two, "source": ["this_study"]}]
        scale = ps.scale(tree)
        columns = {item: item.upper() for item in items}
        return ps.read(malaysian(shared), scale, binding={"scales": {"tiny": {"columns": columns}}})
    letter, count = ("D", 9) if name == "phq9" else ("A", 7)
    columns = {f"{name}_{at}": f"{letter}{at}" for at in range(1, count + 1)}
    return ps.read(malaysian(shared), name, binding={"scales": {name: {"columns": columns}}})


@cache
def rated(name: str, shared: Path) -> dict[str, dict[str, Any]]:
    found = ps.evidence(answers(name, shared))
    return {row["property"]: dict(row) for row in found.rows}


@pytest.mark.parametrize(
    ("name", "which", "rating", "strict"), [row[:4] for row in RATED], ids=lambda each: str(each)
)
def test_a_rating_is_the_one_given_by_hand(
    name: str, which: str, rating: str, strict: str | None, shared: Path
) -> None:
    row = rated(name, shared)[which]
    assert (row["rating"], row["strict"]) == (rating, strict), row["reason"]


def test_the_flavour_of_every_index_is_named(shared: Path) -> None:
    reason = rated("bfi_N", shared)["structural_validity"]["reason"]
    assert "robust CFI 0.914 not > 0.95" in reason
    assert "robust RMSEA 0.192 not < 0.06" in reason
    assert "SRMR 0.059 < 0.08" in reason


def test_indices_of_the_failing_scale_are_those_of_the_reference(shared: Path) -> None:
    row = rated("pss10", shared)["structural_validity"]
    assert row["value"] < 0.75
    assert row["n"] == 223
    assert "not >" in row["reason"]
    alpha = rated("pss10", shared)["internal_consistency"]
    assert round(alpha["value"], 2) == 0.83
    assert "alpha is not interpretable" in alpha["reason"]


def test_the_table_of_ratings_has_good_and_bad_scales() -> None:
    marks = {(name, rating) for name, which, rating, *_ in RATED if which == "structural_validity"}
    assert {rating for _, rating in marks} == {"+", "-"}
    assert len({name for name, *_ in RATED}) == 6
