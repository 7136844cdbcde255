"""Polychorics agree with lavaan, psych and polycor, and with roots of the score (golden)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychoscales.counts import Patterns
from psychoscales.engines.structure import polychoric
from psychoscales.engines.structure.ordinal import Ordinal, smooth
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.engines.structure.polyserial import polyserial
from psychoscales.errors import RefusalError
from tests.coefficients.comparing import assert_close, differences
from tests.counting.making import patterns_of

GOLDEN = Path(__file__).parents[1] / "golden" / "polychoric"
SETS = {
    "bfi_N": 5,
    "bfi_A_pairwise": 5,
    "bfi_E_pairwise": 5,
    "ability": 16,
    "ability_pairwise": 16,
    "ability_reason": 6,
    "sparse": 5,
    "skewed": 8,
    "skewed_pairwise": 8,
}
WITH_GAMMA = [name for name in SETS if name not in ("ability", "ability_pairwise")]
WHOLE_GAMMA = ["ability_reason", "sparse"]
LAVAAN = 1e-6
PSYCH = 1e-4

each_set = pytest.mark.parametrize("name", SETS)


@cache
def golden() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    return found


def patterns(file: str, items: Any, complete: bool = False) -> Patterns:
    frame = pd.read_csv(GOLDEN / file)[items]
    frame = frame.dropna() if complete else frame
    low, high = int(frame.min().min()), int(frame.max().max())
    return patterns_of((frame - low).fillna(-1).to_numpy().astype(np.int8), high - low + 1)


@cache
def found(name: str) -> Ordinal:
    wanted = golden()["sets"][name]
    rule = "complete" if wanted["missing"] == "listwise" else "pairwise"
    return ordinal(patterns(wanted["file"], wanted["items"]), missing=rule)  # type: ignore[arg-type]


def test_the_goldens_are_the_ones_that_are_swept() -> None:
    assert {name: len(each["items"]) for name, each in golden()["sets"].items()} == SETS
    sets = golden()["sets"].items()
    assert [name for name, each in sets if "gamma_diagonal" in each] == WITH_GAMMA
    assert [name for name, each in sets if "gamma" in each] == WHOLE_GAMMA


@each_set
def test_correlations_are_roots_of_the_score(name: str) -> None:
    wanted = golden()["sets"][name]
    compared = assert_close(lower(found(name).correlation), wanted["correlation"], "roots", 1e-10)
    assert compared == SETS[name] * (SETS[name] - 1) / 2
    assert lower(found(name).n).tolist() == wanted["n_pairs"]
    assert found(name).people == wanted["n_people"]


@each_set
def test_correlations_and_thresholds_are_those_of_lavaan(name: str) -> None:
    wanted = golden()["sets"][name]
    theirs = np.array(wanted["lavaan_correlation"])
    assert np.abs(lower(found(name).correlation) - theirs).max() < LAVAAN
    for mine, each in zip(found(name).thresholds, wanted["thresholds"], strict=True):
        assert_close(mine, np.atleast_1d(each), "thresholds")


def lower(matrix: Any) -> Any:
    """The lower triangle without the diagonal, column by column."""
    return matrix.T[np.triu_indices(len(matrix), 1)]


def gamma_of(name: str) -> Any:
    lower = golden()["sets"][name]["gamma"]
    q = int((np.sqrt(8 * len(lower) + 1) - 1) / 2)
    table = np.zeros((q, q))
    table[np.triu_indices(q)] = lower
    return table + table.T - np.diag(np.diag(table))


def furthest(mine: Any, theirs: Any) -> float:
    """Differences of covariances relative to their two standard deviations."""
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    return float(np.abs((mine - theirs) / scale).max())


@pytest.mark.parametrize("name", WITH_GAMMA)
def test_asymptotic_covariances_are_lavaans(name: str) -> None:
    wanted, mine = golden()["sets"][name], found(name).acov
    assert mine is not None
    assert np.allclose(np.diag(mine), wanted["gamma_diagonal"], rtol=1e-6)
    assert product_difference(mine, wanted) < 1e-6
    assert found(name).people == wanted["nobs"]
    if name in WHOLE_GAMMA:
        assert furthest(mine, gamma_of(name)) < 1e-7


def product_difference(mine: Any, wanted: Mapping[str, Any]) -> float:
    """Of the products with one vector, relative to their largest."""
    product = mine @ np.sin(np.arange(1, len(mine) + 1))
    largest = np.abs(wanted["gamma_product"]).max()
    return float(np.abs(product - wanted["gamma_product"]).max() / largest)


def test_the_comparisons_see_another_order_of_the_correlations() -> None:
    """Row by row instead of column by column."""
    first, second = np.triu_indices(5, 1)
    for name, thresholds in (("bfi_N", 25), ("sparse", 13)):
        order = np.concatenate([np.arange(thresholds), thresholds + np.lexsort((first, second))])
        mine = found(name).acov
        assert mine is not None
        turned = mine[np.ix_(order, order)]
        assert product_difference(turned, golden()["sets"][name]) > 0.01
    assert furthest(turned, gamma_of("sparse")) > 0.01


def test_the_comparison_sees_an_empty_cell_left_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = golden()["sets"]["sparse"]
    monkeypatch.setattr(polychoric, "_filled_two_by_two", lambda tables, _: tables + 1e-7)
    wrong = ordinal(patterns("sparse.csv", wanted["items"]), acov=False)
    assert differences(lower(wrong.correlation), wanted["correlation"], LAVAAN)


def test_published_values_of_bfi() -> None:
    assert round(found("bfi_N").correlation[0, 1], 4) == 0.7635
    assert round(found("bfi_N").correlation[0, 4], 4) == 0.4181
    assert found("bfi_N").one_n == 2694
    assert found("bfi_N").dropped == 106


@pytest.mark.parametrize("name", ["bfi_N", "bfi_A_pairwise"])
def test_psych_without_a_correction(name: str) -> None:
    theirs = np.array(golden()["psych"][name])
    assert np.abs(found(name).correlation - theirs).max() < PSYCH


def test_what_psych_does_to_empty_cells() -> None:
    skewed = patterns("skewed.csv", [f"s{at}" for at in range(1, 9)], complete=True)
    four = skewed.select(skewed.items[:4])
    margins = ordinal(four, zero_cells="half_margins", acov=False).correlation
    theirs = golden()["psych"]["skewed_half_margins"]
    assert_close(margins, golden()["half_margins"], "half_margins", 1e-10)
    assert np.abs(margins - theirs).max() < PSYCH
    assert np.abs(margins - ordinal(four).correlation).max() > 0.005
    sparse = patterns("sparse.csv", [f"p{at}" for at in range(1, 6)])
    half = ordinal(sparse.select(sparse.items[3:]), zero_cells="half", acov=False).correlation
    assert_close(half[0, 1], golden()["half"], "half", 1e-10)
    assert np.abs(half - golden()["psych"]["sparse_half"]).max() < PSYCH
    with pytest.raises(RefusalError, match="more people than there were below a threshold"):
        ordinal(sparse.select(sparse.items[:3]), zero_cells="half_margins", acov=False)
    none = ordinal(sparse.select(sparse.items[:3]), zero_cells="none").correlation
    assert np.abs(none - golden()["psych"]["sparse_none"]).max() < PSYCH


def test_smoothing_is_psychs() -> None:
    improper = np.array(golden()["improper"])
    assert np.linalg.eigvalsh(improper)[0] < 0
    assert assert_close(smooth(improper), golden()["smoothed"], "cor.smooth", 1e-10) == 16


def test_polyserial_correlations() -> None:
    frame = pd.read_csv(GOLDEN / "skewed.csv").dropna()
    compared = 0
    for wanted in golden()["polyserial"]:
        answers = frame[wanted["item"]].to_numpy().astype(np.int8)
        two_step = polyserial(frame["y"].to_numpy(), answers)
        assert two_step.n == wanted["n"]
        compared += assert_close(two_step.correlation, wanted["correlation"], "root", 1e-10)
        compared += assert_close(two_step.correlation, wanted["lavaan"], "lavaan", LAVAAN)
        compared += assert_close(two_step.se, wanted["se"], "standard error", LAVAAN)
        ad_hoc = polyserial(frame["y"].to_numpy(), answers, method="ad_hoc")
        compared += assert_close(ad_hoc.correlation, wanted["ad_hoc"], "polycor", 1e-10)
    assert compared == 12
