"""PHQ-9 of 20,499 adults of NHANES: the cut-off 10."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.verbs.precision import precision
from psychoscales.verbs.precision_tables import Precision
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference
from tests.real.test_nhanes import BINDING


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "nhanes_phq9"


@pytest.fixture(scope="module")
def found(folder: Path) -> Precision:
    path = folder / "nhanes_dpq_demo_2011_2018.csv.gz"
    return precision(ps.read(path, "phq9", binding=BINDING, id="SEQN"))


def test_the_sem_is_that_of_rs_sd_and_alpha(found: Precision, folder: Path) -> None:
    wanted = reference(folder)["pooled"]["relia"]
    rows = {row["coefficient"]: row for row in found.rows}
    assert rows["sem"]["n"] == wanted["n_complete"] == 20_499
    sd, alpha = wanted["total_complete"]["sd"], wanted["alpha_complete"]["raw"]
    assert_close(rows["sem"]["value"], sd * np.sqrt(1 - alpha), "SEM")
    assert rows["sem"]["low"] < rows["sem"]["value"] < rows["sem"]["high"]


def test_decisions_at_10(found: Precision) -> None:
    first, second = (row for row in found.cutoffs.rows if row["cutoff"] == 10)
    assert first["method"] == "livingston_lewis_2p"
    assert second["method"] == "bivariate_normal"
    assert first["share"] == pytest.approx(0.0836, abs=0.01)
    assert abs(first["share_expected"] - first["share"]) < 0.02
    assert 0.9 < first["consistency"] < 0.97
    assert first["consistency"] < first["accuracy"]
