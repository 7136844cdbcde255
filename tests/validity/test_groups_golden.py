"""Group comparisons against R, on real answers and on a table small enough to check by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from psychoscales.engines.validity.grouped import Effect, Grouped, by_t
from psychoscales.engines.validity.means import anova, satterthwaite, welch_anova, welch_t
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm
from psychoscales.engines.validity.pairwise import games_howell, welch_holm
from psychoscales.engines.validity.ranks import kruskal_wallis, mann_whitney
from psychoscales.engines.validity.standardized import hedges_g
from psychoscales.engines.validity.trend import jonckheere_terpstra, linear_contrast
from tests.coefficients.comparing import assert_close, differences

Golden = Mapping[str, Any]
LIMITS = 1e-8
"""Limits of noncentrality: both sides seek them, in distributions good to about 1e-12."""
RANGE = 1e-6
"""The studentized range: R's ptukey and qtukey integrate to about that."""


@pytest.fixture(name="values")
def _values(golden: Path) -> Golden:
    text = (golden / "groups" / "expected.json").read_text(encoding="utf-8")
    found: Golden = json.loads(text)["values"]
    return found


def of_bfi(golden: Path, trait: str, by: str) -> Grouped:
    with (golden / "groups" / "bfi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    items = np.array([[float(row[f"{trait}{at}"] or "nan") for at in range(1, 6)] for row in rows])
    if trait == "A":
        items[:, 0] = 7 - items[:, 0]
    group = np.array([float(row[by] or "nan") for row in rows])
    labels = sorted({each for each in group.tolist() if each == each})
    codes = np.full(len(rows), -1)
    for at, label in enumerate(labels):
        codes[group == label] = at
    return Grouped.of(items.sum(axis=1), codes, [f"{label:g}" for label in labels])


def tiny(golden: Path, *labels: str) -> Grouped:
    with (golden / "groups" / "tiny.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["group"] in labels]
    scores = np.array([float(row["score"]) for row in rows])
    codes = np.array([labels.index(row["group"]) for row in rows])
    return Grouped.of(scores, codes, labels)


TWO: dict[str, Callable[[Path], Grouped]] = {
    "N_gender": lambda golden: of_bfi(golden, "N", "gender"),
    "tiny_low_high": lambda golden: tiny(golden, "low", "high"),
}
SEVERAL: dict[str, Callable[[Path], Grouped]] = {
    "A_education": lambda golden: of_bfi(golden, "A", "education"),
    "tiny": lambda golden: tiny(golden, "low", "mid", "high"),
}


def ends(effect: Effect | None) -> list[float | None]:
    assert effect is not None
    return [effect.value, effect.low, effect.high]


@pytest.mark.parametrize("name", TWO)
def test_two_groups(golden: Path, values: Golden, name: str) -> None:
    table, wanted = TWO[name](golden), values[name]
    level = wanted["level"]
    assert table.n.tolist() == wanted["n"]
    assert_close(table.mean, wanted["mean"], "means")
    assert_close(np.sqrt(table.variance), wanted["sd"], "standard deviations")
    assert_close(table.median, wanted["median"], "medians")
    assert_close(table.mean_interval(level)[:, 0], wanted["mean_low"], "intervals of means")
    made, welch = welch_t(table, level), wanted["welch"]
    assert made.df is not None
    assert_close([made.statistic, made.df, made.p], [welch["t"], welch["df"], welch["p"]], "Welch")
    difference = float(table.mean[1] - table.mean[0])
    error, df = satterthwaite(np.array([-1.0, 1.0]), table.variance, table.n.astype(float))
    _, low, high = by_t(difference, error, df, level)
    assert_close([low, high], [welch["low"], welch["high"]], "interval of the difference")
    assert_close(ends(made.effect), wanted["g_pooled"], "g, pooled", LIMITS)
    assert_close(ends(made.effect)[0], wanted["g_pooled"][0], "g itself")
    assert_close(ends(hedges_g(table, level, "average")), wanted["g_average"], "g, average")
    ranked, u = mann_whitney(table, level), wanted["mann_whitney"]
    assert_close([ranked.statistic, ranked.p], [u["u"], u["p"]], "Mann-Whitney")
    assert_close(ends(ranked.effect), wanted["rank_biserial"], "rank-biserial correlation")


@pytest.mark.parametrize("name", SEVERAL)
def test_several_groups(golden: Path, values: Golden, name: str) -> None:
    table, wanted = SEVERAL[name](golden), values[name]
    level = wanted["level"]
    assert table.n.tolist() == wanted["n"]
    f, classic = anova(table, level), wanted["anova"]
    assert_close([f.statistic, f.p], [classic["f"], classic["p"]], "analysis of variance")
    assert_close(ends(f.effect)[0], classic["omega"], "omega squared")
    limits = [classic["low"], classic["high"]]
    assert_close(ends(f.effect)[1:], limits, "limits of omega squared", LIMITS)
    w, other = welch_anova(table), wanted["welch"]
    found = [w.statistic, w.df_error, w.p]
    assert_close(found, [other["f"], other["df_error"], other["p"]], "Welch's")
    h, kruskal = kruskal_wallis(table, None), wanted["kruskal"]
    assert_close([h.statistic, h.p], [kruskal["h"], kruskal["p"]], "Kruskal-Wallis")
    assert_close(ends(h.effect)[0], kruskal["epsilon"], "epsilon squared")
    j, trend = jonckheere_terpstra(table, None), wanted["trend"]
    assert_close([j.statistic, j.p], [trend["z"], trend["p"]], "Jonckheere and Terpstra")
    assert_close(ends(j.effect)[0], trend["tau_b"], "tau-b")
    c, contrast = linear_contrast(table, level), wanted["contrast"]
    keys = ("t", "df", "p", "rise", "low", "high")
    found = [c.statistic, c.df, c.p, *ends(c.effect)]
    assert_close(found, [contrast[key] for key in keys], "linear contrast")


@pytest.mark.parametrize("name", SEVERAL)
def test_pairs(golden: Path, values: Golden, name: str) -> None:
    table, wanted = SEVERAL[name](golden), values[name]
    level, pairs = wanted["level"], wanted["pairs"]
    for made, one in zip(welch_holm(table, level), pairs, strict=True):
        assert (made.first, made.second) == (one["first"], one["second"])
        found = [made.difference, made.t, made.df, made.p, made.p_adjusted]
        keys = ("difference", "t", "df", "p", "p_holm")
        assert_close(found, [one[key] for key in keys], "Welch with Holm")
    for made, one in zip(games_howell(table, level), pairs, strict=True):
        assert made.high is not None
        half = made.high - made.difference
        golden_half = one["half_games_howell"]
        assert_close(half, golden_half, "interval of Games and Howell", RANGE)
        assert made.p_adjusted is not None
        assert made.p_adjusted == pytest.approx(one["p_games_howell"], abs=1e-8, rel=RANGE)


def test_adjusted_p(values: Golden) -> None:
    wanted = values["adjusted"]
    assert_close(holm(wanted["p"]), wanted["holm"], "Holm")
    assert_close(benjamini_hochberg(wanted["p"]), wanted["bh"], "Benjamini and Hochberg")


def test_a_wrong_answer_is_seen(golden: Path, values: Golden) -> None:
    """Student's t instead of Welch's, and the approximate small-sample correction."""
    table, wanted = TWO["tiny_low_high"](golden), values["tiny_low_high"]
    (n1, n2), (v1, v2) = table.n, table.variance
    pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)
    difference = table.mean[1] - table.mean[0]
    student = difference / np.sqrt(pooled * (1 / n1 + 1 / n2))
    assert differences(student, wanted["welch"]["t"])
    approximate = (1 - 3 / (4 * (n1 + n2) - 9)) * difference / np.sqrt(pooled)
    assert differences(approximate, wanted["g_pooled"][0])
