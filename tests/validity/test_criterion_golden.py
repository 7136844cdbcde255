"""ROC curves, cut-offs and strata agree with pROC, cutpointr and base R (golden/roc)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from psychoscales.engines.validity import best_cutoff as choosing
from psychoscales.engines.validity import roc
from psychoscales.engines.validity.best_cutoff import Criterion, best_cutoff, resampled
from psychoscales.engines.validity.cutoffs import accuracy, decided
from psychoscales.engines.validity.roc import Graded, area, area_interval, compared
from psychoscales.engines.validity.strata import strata
from tests.coefficients.comparing import assert_close

FOLDER = Path(__file__).parents[1] / "golden" / "roc"
Floats = npt.NDArray[np.float64]
AREAS = (
    "small_a",
    "small_b",
    "small_low",
    "small_low_as_higher",
    "height_first",
    "height_last",
    "ties",
)
WRITTEN = {"ppv_stated": "ppv", "npv_stated": "npv"}
ENDS = {
    "exact": "clopper_pearson",
    "wilson": "wilson",
    "log": "clopper_pearson",
    "newcombe": "wilson",
}


@cache
def expected() -> Any:
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


@cache
def column(name: str) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return a score, turned so that higher says positive, and who is positive."""
    if name == "ties":
        ties = pd.DataFrame(expected()["ties"])
        return ties["x"].to_numpy(float), ties["truth"].to_numpy() == 1
    file, _, score = name.partition("_")
    frame = pd.read_csv(FOLDER / f"{file}.csv")
    if file == "height":
        return frame[score].to_numpy(float), frame["HeightCM"].to_numpy() >= 180
    sign = -1.0 if score == "low" else 1.0
    return sign * frame[score.split("_")[0]].to_numpy(float), frame["truth"].to_numpy() == 1


def graded(name: str) -> Graded:
    return Graded.of(*column(name))


def areas(name: str) -> int:
    wanted, counted = expected()["areas"][name], graded(name)
    found = area(counted)
    assert (counted.n, counted.n1) == (wanted["n"], wanted["positives"])
    compared_ = assert_close(found.value, wanted["auc"], f"{name}: area")
    compared_ += assert_close(found.variance, wanted["variance"], f"{name}: variance")
    for method, level, key in (
        ("delong", 0.95, "delong"),
        ("delong", 0.9, "delong_90"),
        ("delong_logit", 0.95, "delong_logit"),
    ):
        ends = area_interval(found, counted, level, method)  # type: ignore[arg-type]
        compared_ += assert_close(ends, wanted[key], f"{name}: {key}")
    return compared_


@pytest.mark.parametrize("name", AREAS)
def test_areas_agree_with_proc(name: str) -> None:
    assert areas(name) == 8


def test_every_area_is_looked_at() -> None:
    assert set(AREAS) == set(expected()["areas"])


def test_a_wrong_divisor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = roc._share
    monkeypatch.setattr(roc, "_share", lambda values, n: right(values, n) * (1 + 1e-8))
    with pytest.raises(AssertionError, match="variance"):
        areas("small_a")


@pytest.mark.parametrize(
    ("name", "pair"),
    [("small", ("small_a", "small_b")), ("height", ("height_first", "height_last"))],
)
def test_two_areas_of_the_same_people_agree_with_proc(name: str, pair: tuple[str, str]) -> None:
    (first, positive), (second, _) = column(pair[0]), column(pair[1])
    found, wanted = compared(first, second, positive), expected()["comparisons"][name]
    assert_close(found.value, wanted["difference"], "difference")
    assert_close([found.low, found.high], wanted["interval"], "interval")
    assert_close([found.z, found.p], [wanted["z"], wanted["p"]], "test")
    assert found.first == area(graded(pair[0])).value


def cutoffs(name: str) -> int:
    """Compare every statistic at every cut-off, and all the intervals; return how much was."""
    rows = expected()["cutoffs"][name]
    table = decided(graded(name), [row["cutoff"] for row in rows])
    stated = accuracy(table, 0.95, prevalence=expected()["prevalence"])
    done = 0
    for at, row in enumerate(rows):
        cells = [getattr(table, field)[at] for field in table.__dataclass_fields__]
        assert cells == row["table"]
        for key, value in row.items():
            what = f"{name} at {row['cutoff']}: {key}"
            statistic, _, kind = key.rpartition("_")
            if key in WRITTEN:
                done += assert_close(stated[WRITTEN[key]].value[at], value, what)
            elif kind == "logit":
                done += _ends(stated[statistic], at, value, what)
            elif kind in ENDS:
                by = accuracy(table, 0.95, ENDS[kind])  # type: ignore[arg-type]
                done += _ends(by[statistic], at, value, what)
            elif key not in ("cutoff", "table"):
                done += assert_close(accuracy(table, 0.95)[key].value[at], value, what)
    return done


def _ends(found: Any, at: int, wanted: list[float | None], what: str) -> int:
    ends = [found.low[at], found.high[at]]
    if None in wanted:
        assert np.isnan(ends).all(), what
        return 0
    return assert_close(ends, wanted, what)


@pytest.mark.parametrize(("name", "numbers"), [("small_a", 175), ("height_first", 140)])
def test_cutoffs_agree_with_r(name: str, numbers: int) -> None:
    assert cutoffs(name) == numbers


def test_another_interval_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENDS, "exact", "wilson")
    with pytest.raises(AssertionError, match="exact"):
        cutoffs("small_a")


CRITERIA = {
    "youden": Criterion("youden"),
    "closest_topleft": Criterion("closest_topleft"),
    "least_sensitivity": Criterion("least_sensitivity", 0.8),
    "least_specificity": Criterion("least_specificity", 0.75),
}


@pytest.mark.parametrize("name", ["small_a", "small_b", "height_first", "ties"])
def test_best_cutoffs_agree_with_cutpointr(name: str) -> None:
    wanted = expected()["best"][name]
    assert set(wanted) == set(CRITERIA)
    for criterion, values in wanted.items():
        found = best_cutoff(graded(name), CRITERIA[criterion])
        assert list(found.ties) == values, criterion
        assert found.cutoff == values[0], criterion


@pytest.mark.parametrize("criterion", ["youden", "closest_topleft"])
def test_optimism_of_given_resamples_agrees_with_r(criterion: str) -> None:
    wanted, counted = expected()["corrected"][criterion], graded("small_a")
    table = pd.read_csv(FOLDER / "draws.csv").pivot(index="draw", columns="value")
    assert list(table["negatives"].columns) == counted.values.tolist()
    drawn = (table["negatives"].to_numpy(float), table["positives"].to_numpy(float))
    best = best_cutoff(counted, CRITERIA[criterion])
    found = resampled(counted, CRITERIA[criterion], best, iter([drawn]), 0.95)
    assert (found.low, found.high) == (wanted["low"], wanted["high"])
    assert found.resamples == len(wanted["cutoffs"]) == 40
    assert_close(found.sensitivity, wanted["sensitivity"], "sensitivity")
    assert_close(found.specificity, wanted["specificity"], "specificity")
    assert found.chosen == np.mean(np.array(wanted["cutoffs"]) == best.cutoff)


def test_a_wrong_optimism_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the negatives of the resamples stood the wrong way round."""
    right = choosing.rates
    monkeypatch.setattr(choosing, "rates", lambda neg, pos: right(neg[..., ::-1], pos))
    with pytest.raises(AssertionError):
        test_optimism_of_given_resamples_agrees_with_r("youden")


@pytest.mark.parametrize("name", ["small_a", "height_first"])
def test_strata_agree_with_r(name: str) -> None:
    wanted = expected()["strata"][name]
    found = strata(graded(name), wanted["bounds"], 0.95)
    done = 0
    for at, row in enumerate(wanted["rows"]):
        assert (found.positives[at], found.negatives[at]) == (row["positives"], row["negatives"])
        done += assert_close(found.ratios.value[at], row["lr"], f"{name}: ratio {at}")
        done += _ends(found.ratios, at, row["interval"], f"{name}: interval {at}")
        value = found.probabilities.value[at]
        done += assert_close(value, row["probability"], f"{name}: probability {at}")
    assert done == 16
