"""Item statistics are what numpy says of the rows themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.items import table
from psychoscales.engines.reliability import COEFFICIENTS
from tests.coefficients.comparing import assert_close
from tests.counting.making import answers_of, item_names, patterns_of, scale_of

Floats = npt.NDArray[np.float64]
SIZES = [(2, 1), (3, 2), (6, 3), (12, 4)]

each_size = pytest.mark.parametrize(("k", "seed"), SIZES)


def rows_of(k: int, seed: int) -> Floats:
    return answers_of(250, k, seed=seed, categories=5).astype(float)


def correlation(x: Any, y: Any) -> float:
    return float(np.corrcoef(x, y)[0, 1])


@each_size
def test_item_total_is_the_correlation_with_the_sum(k: int, seed: int) -> None:
    rows = rows_of(k, seed)
    wanted = [correlation(rows[:, j], rows.sum(axis=1)) for j in range(k)]
    assert assert_close(table.item_total(np.cov(rows.T)), wanted, "item total") == k


@each_size
def test_item_rest_is_the_correlation_with_the_sum_of_the_others(k: int, seed: int) -> None:
    rows = rows_of(k, seed)
    wanted = [correlation(rows[:, j], np.delete(rows, j, 1).sum(axis=1)) for j in range(k)]
    assert assert_close(table.item_rest(np.cov(rows.T)), wanted, "item rest") == k


@each_size
def test_item_rest_smc_puts_explained_variance_in_the_place_of_variance(k: int, seed: int) -> None:
    rows = rows_of(k, seed)
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0, ddof=1)
    r = np.corrcoef(z.T)
    for j in range(k):
        others = np.delete(z, j, 1)
        predicted = others @ np.linalg.lstsq(others, z[:, j], rcond=None)[0]
        r[j, j] = correlation(predicted, z[:, j]) ** 2
    wanted = r.sum(axis=1) / np.sqrt(r.sum())
    assert assert_close(table.item_rest_smc(np.cov(rows.T)), wanted, "smc") == k


@each_size
def test_alpha_if_dropped_is_alpha_of_the_rows_without_the_item(k: int, seed: int) -> None:
    rows = rows_of(k, seed)
    found = table.alpha_if_dropped(np.cov(rows.T))
    if k == 2:
        assert np.isnan(found).all()
        return
    wanted = []
    for j in range(k):
        rest = np.delete(rows, j, 1)
        share = rest.var(axis=0, ddof=1).sum() / rest.sum(axis=1).var(ddof=1)
        wanted.append((k - 1) / (k - 2) * (1 - share))
    assert assert_close(found, wanted, "alpha if dropped") == k


@each_size
def test_alpha_is_that_of_the_variances_of_items_and_sum(k: int, seed: int) -> None:
    rows = rows_of(k, seed)
    z = rows / rows.std(axis=0, ddof=1)
    compared = 0
    for name, data in (("alpha", rows), ("alpha_standardized", z)):
        share = data.var(axis=0, ddof=1).sum() / data.sum(axis=1).var(ddof=1)
        found = COEFFICIENTS[name].value(np.cov(rows.T))
        compared += assert_close(found, k / (k - 1) * (1 - share), name)
    assert compared == 2


def test_answers_are_counted_under_the_keying_of_the_score() -> None:
    answers = answers_of(400, 3, seed=5, missing=0.1)
    values = [(0.0, 1.0, 2.0, 3.0), (3.0, 2.0, 1.0, 0.0), (1.0, 2.0, 4.0, 8.0)]
    found = list(table.answered(patterns_of(answers), values))
    assert [row["item"] for row in found] == list(item_names(3))
    for j, row in enumerate(found):
        there = answers[answers[:, j] >= 0, j]
        keyed = np.array(values[j])[there]
        assert row["n"] == len(there)
        assert row["missing"] == 400 - len(there) > 0
        assert_close(row["mean"], keyed.mean(), "mean")
        assert_close(row["sd"], keyed.std(ddof=1), "sd")
        assert_close(row["floor"], (keyed == min(values[j])).mean(), "floor")
        assert_close(row["ceiling"], (keyed == max(values[j])).mean(), "ceiling")
        assert row["floor"] != row["ceiling"]


def test_an_item_that_nobody_answered_has_no_mean() -> None:
    rows = np.array([[0, -1], [1, -1], [2, -1]])
    _, row = table.answered(patterns_of(rows), [(0.0, 1.0, 2.0, 3.0)] * 2)
    assert (row["n"], row["missing"]) == (0, 3)
    assert all(np.isnan(row[name]) for name in ("mean", "sd", "floor", "ceiling"))


def test_a_singular_matrix_has_no_smc_and_the_rest_all_the_same() -> None:
    scale = scale_of(["a", "b", "c"])
    rows = pd.DataFrame({"a": [0, 1, 2, 3], "b": [0, 1, 2, 3], "c": [1, 0, 3, 3]})
    found = ps.items(rows, scale)
    frame = found.to_frame()
    assert frame["item_rest_smc"].isna().all()
    assert frame["item_rest"].notna().all()
    assert frame["alpha_if_dropped"].notna().all()
    assert any("no item_rest_smc: the correlation matrix is singular" in n for n in found.notes)


def test_an_item_without_variance_has_no_relation_to_the_others() -> None:
    scale = scale_of(["a", "b", "c"])
    rows = pd.DataFrame({"a": [1, 1, 1, 1], "b": [0, 1, 2, 3], "c": [1, 0, 3, 3]})
    frame = ps.items(rows, scale).to_frame().set_index("item")
    assert np.isnan(frame.loc["a", "item_rest"])
    assert frame.loc["b", "item_rest"] == pytest.approx(correlation(rows["b"], rows["c"]))
    assert frame.loc["a", "sd"] == 0
    assert not np.isnan(frame.loc["a", "alpha_if_dropped"])


def test_items_of_two_items_have_no_alpha_if_dropped() -> None:
    rows = pd.DataFrame({"a": [0, 1, 2, 3], "b": [1, 0, 3, 3]})
    frame = ps.items(rows, scale_of(["a", "b"])).to_frame()
    assert frame["alpha_if_dropped"].isna().all()
    assert frame["item_rest"].tolist() == pytest.approx([correlation(rows["a"], rows["b"])] * 2)


def test_an_item_in_two_scores_stands_under_each_of_them() -> None:
    rows = pd.DataFrame({f"gad7_{n}": [0, 1, 2, 3, n % 4] for n in range(1, 8)})
    scale = ps.scale("gad7")
    frame = ps.items(rows, scale).to_frame()
    wanted = [(score.id, item) for score in scale.scores for item in score.items or ()]
    assert list(zip(frame["score"], frame["item"], strict=True)) == wanted
    assert set(frame["scale"]) == {"gad7"}


def test_items_keyed_against_each_other_have_no_corrected_correlation() -> None:
    r = np.full((4, 4), 0.6)
    r[:2, 2:] = r[2:, :2] = -0.6
    np.fill_diagonal(r, 1.0)
    known = ps.Moments(item_names(4), np.full((4, 4), 50), np.zeros(4), r, "complete")
    columns, refused = table.related(known)
    assert np.isnan(columns["item_rest_smc"]).all()
    assert any("look at the keying" in each for each in refused)
