"""Principal axis factoring and promax are SPSS 27's, on published solutions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from psychoscales.engines.structure.efa import solution
from psychoscales.engines.structure.extraction import extraction
from psychoscales.engines.structure.rotation import rotated
from tests.structure.bfi import Floats, apart

SOLUTIONS = {
    "IDS_2": (14, 5),
    "DOSPERT": (40, 10),
    "baseline": (18, 3),
    "case_1a": (6, 3),
    "case_6b": (18, 3),
    "case_11b": (18, 6),
}
SPSS_VARIMAX = 2e-4
"""SPSS's varimax stops this far from its end; promax begins where varimax stopped."""

each_solution = pytest.mark.parametrize("name", SOLUTIONS)


def spss(shared: Path, name: str) -> tuple[Floats, dict[str, Floats]]:
    """Return the correlations, and SPSS's loadings and factor correlations."""
    path = shared / "efa_spss_efatools" / "spss27_efa_and_cormats.json"
    known: Any = json.loads(path.read_text(encoding="utf-8"))
    assert set(known["SPSS_27"]) == set(SOLUTIONS)
    given = known["cormat"][name]
    r = np.array(given["cormat"] if isinstance(given, dict) else given, dtype=float)
    return r, {key: np.array(value) for key, value in known["SPSS_27"][name].items()}


def matched(loadings: Floats, others: Floats) -> tuple[Any, Floats]:
    """Return which columns of `others` are those of `loadings`, and with which sign."""
    lengths = np.sqrt(np.outer((loadings**2).sum(axis=0), (others**2).sum(axis=0)))
    congruence = loadings.T @ others / lengths
    _, columns = linear_sum_assignment(-np.abs(congruence))
    return columns, np.sign(congruence[np.arange(len(columns)), columns])


@each_solution
def test_principal_axis(name: str, shared: Path) -> None:
    r, golden = spss(shared, name)
    assert golden["paf_load"].shape == SOLUTIONS[name]
    found = extraction(r, SOLUTIONS[name][1], "principal_axis", 1e-3).loadings
    assert apart(np.abs(found), np.abs(golden["paf_load"])) < 1e-7
    ended = extraction(r, SOLUTIONS[name][1], "principal_axis").loadings
    assert apart(np.abs(ended), np.abs(golden["paf_load"])) > 1e-4


@each_solution
def test_varimax(name: str, shared: Path) -> None:
    _, golden = spss(shared, name)
    found = rotated(golden["paf_load"], "varimax", kaiser=True).loadings
    columns, signs = matched(golden["var_load"], found)
    assert apart(found[:, columns] * signs, golden["var_load"]) < SPSS_VARIMAX
    other = rotated(golden["paf_load"], "varimax", kaiser=False).loadings
    columns, signs = matched(golden["var_load"], other)
    assert apart(other[:, columns] * signs, golden["var_load"]) > 10 * SPSS_VARIMAX


@each_solution
def test_promax(name: str, shared: Path) -> None:
    _, golden = spss(shared, name)
    for rotation, near in (("promax_spss", True), ("promax", False)):
        found = rotated(golden["paf_load"], rotation)
        columns, signs = matched(golden["pro_load"], found.loadings)
        phi = found.factor_correlations[np.ix_(columns, columns)] * np.outer(signs, signs)
        far = apart(found.loadings[:, columns] * signs, golden["pro_load"])
        assert (max(far, apart(phi, golden["pro_phi"])) < 5 * SPSS_VARIMAX) is near


def test_the_whole_way_from_correlations(shared: Path) -> None:
    r, golden = spss(shared, "baseline")
    found = solution(r, 3, method="principal_axis", rotation="promax_spss", tolerance=1e-3)
    columns, signs = matched(golden["pro_load"], found.loadings)
    assert apart(found.loadings[:, columns] * signs, golden["pro_load"]) < SPSS_VARIMAX
