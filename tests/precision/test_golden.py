"""Errors, intervals and decisions agree with R (golden/precision) and a published example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.reliability.classification import (
    effective_length,
    livingston_lewis,
    true_scores_beta,
)
from psychoscales.engines.reliability.precision import Distribution, distribution
from psychoscales.verbs.keyed import keyed
from psychoscales.verbs.precision import precision
from psychoscales.verbs.precision_tables import DECISIONS, Precision
from tests.coefficients.comparing import assert_close, differences
from tests.precision.making import banded

GOLDEN = Path(__file__).parents[1] / "golden" / "precision"
DATA_SETS = ("skewed", "binomial", "bfi_n")
INTEGRATED = 1e-8
"""Relative; both sides integrate numerically."""
each_data_set = pytest.mark.parametrize("name", DATA_SETS)


@cache
def golden_of(name: str) -> Mapping[str, Any]:
    data_sets = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["data_sets"]
    assert tuple(data_sets) == DATA_SETS
    found: Mapping[str, Any] = data_sets[name]
    return found


@cache
def answers(name: str) -> ps.Responses:
    golden = golden_of(name)
    items = [item.lower() for item in golden["items"]]
    codes = range(golden["minimum"], golden["maximum"] + 1)
    frame = pd.read_csv(GOLDEN / f"{name}.csv").rename(columns=str.lower)
    return ps.read(frame, banded(items, codes, golden["cuts"]))


@cache
def found_in(name: str) -> Precision:
    return precision(answers(name), level=golden_of(name)["level"])


def known(name: str) -> Distribution:
    (each,) = keyed(answers(name))
    return distribution(each.patterns, each.values, 1.0, 0.0)


@each_data_set
def test_errors_and_their_intervals(name: str) -> None:
    golden, rows = golden_of(name), {row["coefficient"]: row for row in found_in(name).rows}
    assert {row["n"] for row in rows.values()} == {golden["n"]}
    ids = ("mean", "sd", "alpha", "sem", "see", "sdc", "sdc_group")
    assert tuple(rows) == ids
    compared = sum(assert_close(rows[id_]["value"], golden[id_], id_) for id_ in ids)
    for id_ in ("sem", "sdc", "sdc_group"):
        for end in ("low", "high"):
            wanted = golden[f"sem_{end}"] * golden[id_] / golden["sem"]
            compared += assert_close(rows[id_][end], wanted, f"{id_} {end}")
    assert compared == 13


@each_data_set
def test_every_score(name: str) -> None:
    golden, table = golden_of(name), found_in(name).scores.to_frame()
    assert table["n"].tolist() == golden["counts"]
    columns = ("value", "low", "high", "true_low", "true_high", "sem_keats")
    compared = 0
    for column in columns:
        wanted = golden.get(column) or golden["values" if column == "value" else "keats"]
        compared += assert_close(table[column], wanted, column)
    seen = np.array(golden["counts"]) > 0
    own = np.array(golden["conditional"], dtype=float)
    assert (np.isnan(own) == ~seen).all()
    compared += assert_close(table["sem_conditional"][seen], own[seen], "sem_conditional")
    assert table["sem_conditional"][~seen].isna().all()
    assert compared == len(columns) * len(golden["values"]) + int(seen.sum())


@each_data_set
def test_true_scores(name: str) -> None:
    golden = golden_of(name)
    found = true_scores_beta(known(name), golden["alpha"])
    assert_close(effective_length(known(name), golden["alpha"]), golden["length"], "length")
    assert (found.parameters, found.length) == (golden["parameters"], round(golden["length"]))
    assert_close([found.a, found.b, found.low, found.high], golden["beta"], "beta", 1e-9)


@each_data_set
def test_decisions(name: str) -> None:
    golden, compared = golden_of(name), 0
    rows = found_in(name).cutoffs.rows
    for method in ("livingston_lewis", "bivariate_normal"):
        mine = [row for row in rows if row["method"].startswith(method)]
        assert [row["cutoff"] for row in mine] == [*golden["cuts"], None]
        for row, wanted in zip(mine, golden[method], strict=True):
            for column in DECISIONS:
                what = f"{method} {row['cutoff']} {column}"
                compared += assert_close(row[column], wanted[column], what, INTEGRATED)
            if row["cutoff"] is not None:
                expected = wanted["expected"]
                compared += assert_close(row["share_expected"], expected, "expected", INTEGRATED)
    assert compared == 2 * (7 * len(golden["cuts"]) + 6)


def test_both_beta_distributions_are_in_the_goldens() -> None:
    assert {golden_of(name)["parameters"] for name in DATA_SETS} == {2, 4}


def test_a_moved_cutoff_is_seen() -> None:
    golden = golden_of("skewed")
    moved, _ = livingston_lewis(known("skewed"), golden["alpha"], [golden["cuts"][0] + 1])
    assert differences(moved.consistency, golden["livingston_lewis"][0]["consistency"], INTEGRATED)


def test_the_documented_example_of_bbclassify() -> None:
    """Data and values printed in the docstring of the Python program bbclassify (H. Haakstad).

    100 right-or-wrong items, cut-offs 50 and 75; the effective length is 100, so that its
    rounding of cut-offs changes nothing. Its integration is good to seven digits.
    """
    draw = np.random.RandomState(1234)
    true = draw.beta(6, 4, 250) * 0.7 + 0.15
    table = np.array([draw.binomial(1, share, 100) for share in true])
    cov = np.cov(table.T)
    alpha = 100 / 99 * (1 - np.trace(cov) / cov.sum())
    counts = np.bincount(table.sum(axis=1), minlength=101)
    scores = Distribution(np.arange(101.0), counts, np.full(101, np.nan))
    assert_close(effective_length(scores, alpha), 99.96892140618861, "length")
    decided, beta = livingston_lewis(scores, alpha, [50, 75])
    printed = [3.877386083988672, 3.9727308136649238, 0.2681195709670965, 0.8706384086828665]
    assert_close([beta.a, beta.b, beta.low, beta.high], printed, "beta", 1e-9)
    assert_close(decided.accuracy, 0.8438848734448846, "accuracy", 2e-7)
    assert_close(decided.consistency, 0.7811757067805466, "consistency", 2e-7)
