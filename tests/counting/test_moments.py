"""Moments are those of the rows themselves, exactly, whatever the counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.reliability.estimation import Answers, Asked, estimates
from psychoscales.moments import moments, values_of
from tests.coefficients.comparing import assert_close
from tests.counting.making import answers_of, item_names, moments_of, patterns_of

GOLDEN = Path(__file__).parents[1] / "golden" / "moments"


@cache
def golden(name: str) -> Mapping[str, Any]:
    everything = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    assert set(everything["data_sets"]) == {"tiny", "sparse"}
    found: Mapping[str, Any] = everything["data_sets"][name]
    return found


def rows(name: str, items: list[str] | None = None) -> Any:
    frame = pd.read_csv(GOLDEN / golden(name)["file"])
    assert list(frame.columns) == golden(name)["items"]
    return frame[items or golden(name)["items"]].to_numpy()


def test_complete_moments_of_the_tiny_table() -> None:
    wanted, found = golden("tiny")["complete"], moments_of(rows("tiny"))
    compared = assert_close(found.n, np.full((3, 3), wanted["n"]), "n")
    compared += assert_close(found.mean, wanted["mean"], "mean")
    compared += assert_close(np.sqrt(np.diag(found.cov)), wanted["sd"], "sd")
    compared += assert_close(found.cov, wanted["covariance"], "covariance")
    compared += assert_close(found.correlation, wanted["correlation"], "correlation")
    assert compared == 9 + 3 + 3 + 9 + 9
    assert found.one_n == wanted["n"]
    assert found.dropped == golden("tiny")["n_rows"] - wanted["n"]
    assert found.missing == "complete"


def test_pairwise_moments_of_the_tiny_table() -> None:
    found = moments_of(rows("tiny"), "pairwise")
    wanted, available = golden("tiny")["pairwise"], golden("tiny")["available"]
    compared = assert_close(found.n, wanted["n"], "n")
    compared += assert_close(found.mean, available["mean"], "mean")
    compared += assert_close(np.sqrt(np.diag(found.cov)), available["sd"], "sd")
    compared += assert_close(found.cov, wanted["covariance"], "covariance")
    compared += assert_close(found.correlation, wanted["correlation_cov2cor"], "correlation")
    assert compared == 9 + 3 + 3 + 9 + 9
    assert np.diag(found.n).tolist() == available["n"]
    assert (found.missing, found.dropped) == ("pairwise", 0)


def test_pairwise_moments_of_two_columns_of_the_sparse_table() -> None:
    found, wanted = moments_of(rows("sparse", ["x", "z"]), "pairwise"), golden("sparse")["pairwise"]
    both = np.ix_([0, 2], [0, 2])
    compared = assert_close(found.n, np.array(wanted["n"])[both], "n")
    for field, ours in (("covariance", found.cov), ("correlation_cov2cor", found.correlation)):
        compared += assert_close(ours, np.array(wanted[field], dtype=float)[both], field)
    assert compared == 12
    assert found.correlation[0, 1] > 1


def test_a_pair_that_nobody_answered_is_refused_by_name() -> None:
    with pytest.raises(ps.RefusalError, match="nobody answered both i2 and i3; two are needed"):
        moments_of(rows("sparse"), "pairwise")


def test_a_table_without_a_complete_row_is_refused() -> None:
    with pytest.raises(ps.RefusalError, match="nobody answered every item; two are needed"):
        moments_of(rows("sparse"))


@pytest.mark.parametrize(("k", "seed"), [(2, 1), (5, 2), (9, 3)])
def test_complete_moments_are_numpys(k: int, seed: int) -> None:
    table = answers_of(300, k, seed=seed).astype(float)
    found = moments_of(table)
    compared = assert_close(found.mean, table.mean(axis=0), "mean", 1e-13)
    compared += assert_close(found.cov, np.cov(table.T), "covariance", 1e-12)
    compared += assert_close(found.correlation, np.corrcoef(table.T), "correlation", 1e-12)
    assert compared == k + 2 * k * k


@pytest.mark.parametrize(("k", "seed"), [(2, 4), (5, 5), (9, 6)])
def test_pairwise_moments_are_those_of_the_rows_of_each_pair(k: int, seed: int) -> None:
    table = answers_of(200, k, seed=seed, missing=0.2).astype(float)
    table[table < 0] = np.nan
    found = moments_of(table, "pairwise")
    compared = 0
    for i in range(k):
        compared += assert_close(found.mean[i], np.nanmean(table[:, i]), "mean", 1e-13)
        for j in range(k):
            both = table[~np.isnan(table[:, [i, j]]).any(axis=1)]
            assert found.n[i, j] == len(both) < 200
            wanted = np.cov(both[:, i], both[:, j])[0, 1]
            compared += assert_close(found.cov[i, j], wanted, f"{i}, {j}", 1e-12)
    assert compared == k + k * k


def test_values_need_not_be_whole_numbers() -> None:
    answers = answers_of(200, 3, seed=7)
    values = [(0.0, 0.1, 0.7, 2.5), (1.0, 2.0, 3.0, 4.0), (-1.5, 0.0, 1.5, 3.0)]
    table = np.column_stack([np.array(row)[answers[:, j]] for j, row in enumerate(values)])
    found = moments(patterns_of(answers), values)
    assert assert_close(found.cov, np.cov(table.T), "covariance") == 9
    assert assert_close(found.mean, table.mean(axis=0), "mean") == 3


def test_values_of_patterns_are_looked_up_and_missing_where_there_is_no_answer() -> None:
    patterns = patterns_of([[0, 2], [1, -1]], 3)
    found = values_of(patterns, [(5.0, 6.0, 7.0), (30.0, 20.0, 10.0)])
    assert found.tolist()[0] == [5.0, 10.0]
    assert found[1, 0] == 6.0
    assert np.isnan(found[1, 1])


def exact(table: list[list[int]], weights: list[int]) -> tuple[list[float], list[list[float]]]:
    """Return the means and covariances of weighted rows in exact arithmetic."""
    n, k = sum(weights), len(table[0])
    pairs = list(zip(table, weights, strict=True))
    sums = [sum(w * row[i] for row, w in pairs) for i in range(k)]
    cov = [
        [
            float(
                Fraction(n * sum(w * row[i] * row[j] for row, w in pairs) - sums[i] * sums[j])
                / (n * (n - 1))
            )
            for j in range(k)
        ]
        for i in range(k)
    ]
    return [float(Fraction(total, n)) for total in sums], cov


TABLE = [[0, 3, 1], [3, 3, 2], [1, 0, 0], [2, 1, 3]]
WEIGHTS = {
    "a few": [3, 1, 4, 1],
    "the last ones that fit 64 bits": [2**26, 2**25 + 1, 2**27 - 3, 2**24 + 7],
    "near two to the fortieth": [2**40, 2**40 - 1, 2**40 + 1, 2**39 + 3],
    "beyond what a float counts": [2**53 + 1, 2**53 - 1, 3, 2**52 + 1],
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_moments_of_huge_counts_do_not_overflow(name: str) -> None:
    weights = WEIGHTS[name]
    patterns = patterns_of(TABLE, weights=weights)
    found = moments(patterns, [(0.0, 1.0, 2.0, 3.0)] * 3)
    mean, cov = exact(TABLE, weights)
    assert found.one_n == patterns.n == sum(weights)
    compared = assert_close(found.mean, mean, "mean", 4e-16)
    compared += assert_close(found.cov, cov, "covariance", 4e-16)
    assert compared == 12


def test_huge_values_do_not_overflow() -> None:
    large = 2.0**30
    patterns = patterns_of(TABLE, weights=[5, 6, 7, 8])
    found = moments(patterns, [(0.0, large, 2 * large, 3 * large)] * 3)
    _, cov = exact(TABLE, [5, 6, 7, 8])
    assert assert_close(found.cov / large**2, cov, "covariance", 4e-16) == 9


def test_huge_counts_are_not_rounded_when_they_are_added() -> None:
    one = patterns_of([[0, 1]], weights=[2**53])
    both = one + patterns_of([[0, 1]], weights=[1])
    assert both.n == 2**53 + 1
    assert both.select(["i2"]).n == 2**53 + 1


@pytest.mark.parametrize("name", ["alpha", "alpha_standardized", "omega_total_ml"])
def test_coefficients_of_huge_counts_have_a_narrow_interval_around_the_same_value(
    name: str,
) -> None:
    answers = answers_of(100, 3, seed=8)
    values = ((0.0, 1.0, 2.0, 3.0),) * 3
    few = patterns_of(answers)
    many = patterns_of(answers, weights=np.full(100, 2**40))
    found = [
        estimates({name: COEFFICIENTS[name]}, Answers.of(moments(p, values), p, values), Asked())[0]
        for p in (few, many)
    ]
    assert found[1].value == pytest.approx(found[0].value, rel=1e-12)
    assert found[1].n == 100 * 2**40
    narrow, wide = (one.high - one.low for one in found[::-1] if one.high and one.low)
    assert narrow / wide == pytest.approx(2**-20 * np.sqrt(100 / 99), rel=1e-4)


def test_one_n_is_refused_where_pairs_have_different_people() -> None:
    found = moments_of(rows("tiny"), "pairwise")
    assert found.n.tolist() == [[7, 5, 6], [5, 6, 5], [6, 5, 8]]
    message = "pairwise moments have no single n: pairs are of 5 to 6 people"
    with pytest.raises(ps.RefusalError, match=message):
        _ = found.one_n


def test_an_item_without_variance_has_no_correlation_and_is_named() -> None:
    found = moments_of([[0, 1, 2], [0, 2, 2], [0, 3, 1]])
    with pytest.raises(ps.RefusalError, match="everybody gave the same answer to i1"):
        _ = found.correlation


def test_one_complete_person_is_refused() -> None:
    with pytest.raises(ps.RefusalError, match="answered every item; two are needed"):
        moments_of([[0, 1], [np.nan, 2], [1, np.nan]])


def test_two_people_are_enough() -> None:
    found = moments_of([[0, 1], [2, 2]])
    assert found.cov.tolist() == [[2.0, 1.0], [1.0, 0.5]]
    assert found.names == item_names(2)


def test_an_unknown_rule_for_missing_answers_is_refused() -> None:
    patterns = patterns_of([[0, 1], [1, 2], [2, 3]])
    rule: Any = "listwise"
    with pytest.raises((ValueError, ps.PsychoscalesError), match="listwise"):
        moments(patterns, [(0.0, 1.0, 2.0, 3.0)] * 2, rule)


def test_moments_cannot_be_written_to() -> None:
    found = moments_of(rows("tiny"))
    for array in (found.n, found.mean, found.cov):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
