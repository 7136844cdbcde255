"""The PHQ-9 of 47 young people against the Youth Self-Report, as pROC has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.verbs.criterion import criterion
from psychoscales.verbs.criterion_tables import Criterion
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference

NAMES = {f"q{item}": f"phq9_{item}" for item in range(1, 10)}


@pytest.fixture(scope="module")
def wanted(shared: Path) -> Any:
    return reference(shared / "phq9_isixhosa")["roc_withdep"]


@pytest.fixture(scope="module")
def found(shared: Path) -> Criterion:
    path = shared / "phq9_isixhosa" / "isixhosa_phq9_ysr.csv.gz"
    frame = pd.read_csv(path, keep_default_na=False).rename(columns=NAMES)
    people = ps.read(frame, "phq9", keep=["WithDep.class", "AnxDep.t"])
    positive = ["Borderline", "Clinical"]
    return criterion(people, truth="WithDep.class", positive=positive, resamples=200, seed=4)


def test_the_area_agrees(found: Criterion, wanted: Any) -> None:
    row = found.rows[0]
    assert (row["n"], row["positives"]) == (wanted["n"], wanted["n_pos"])
    assert_close([row["low"], row["value"], row["high"]], wanted["auc_ci95_delong"], "area")


def test_every_coordinate_agrees(found: Criterion, wanted: Any) -> None:
    rows = {row["cutoff"]: row for row in found.cutoffs.rows}
    compared = 0
    for one in wanted["coords"]:
        everybody = np.inf if one["fn"] else -np.inf
        threshold = everybody if one["threshold"] is None else one["threshold"]
        above = [cutoff for cutoff in rows if cutoff > threshold]
        if not above:
            continue
        row = rows[min(above)]
        cells = [row["true_positives"], row["false_positives"]]
        cells += [row["true_negatives"], row["false_negatives"]]
        assert cells == [one["tp"], one["fp"], one["tn"], one["fn"]]
        for name in ("sensitivity", "specificity", "ppv", "npv"):
            if one[name] is None:
                assert row[name] is None
            else:
                compared += assert_close(row[name], one[name], f"{name} at {threshold}")
        youden = one["youden"] - 1
        compared += int(row["youden"] == pytest.approx(youden, abs=1e-12))
    assert compared >= 5 * 11 - 3


def test_the_best_cutoff_agrees(found: Criterion, wanted: Any) -> None:
    (best,) = wanted["best_youden"]
    row = found.best.rows[0]
    assert row["above"] < best["threshold"] < row["cutoff"] == 10
    assert_close(row["sensitivity"], best["sensitivity"], "sensitivity")
    assert_close(row["specificity"], best["specificity"], "specificity")
    assert row["youden_corrected"] < row["youden"]
    assert row["seed"] == 4
