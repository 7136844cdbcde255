"""Tables agree with R (golden/tables)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychoscales.protocol.study import study
from tests.protocol.making import NUMBERS, of_numbers

GOLDEN = Path(__file__).parents[1] / "golden" / "tables"
CLOSED = 1e-10


@cache
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    return found


@cache
def run(method: str = "pearson", missing: str = "pairwise") -> dict[str, pd.DataFrame]:
    result = of_numbers(method, missing).run(GOLDEN / "people.csv")
    return {name: table.to_frame() for name, table in result.tables.items()}


def same(found: Any, wanted: Any, where: str) -> None:
    if wanted is None:
        assert found is None or np.isnan(found), where
    else:
        assert found == pytest.approx(wanted, rel=CLOSED, abs=1e-13), where


def test_frequencies() -> None:
    tree = {
        "format": "1.0",
        "id": "counts",
        "version": "1.0.0",
        "title": {"en": "Counts"},
        "options": {"six": [{"code": code, "label": {"en": f"o{code}"}} for code in range(1, 7)]},
        "variables": [
            {"id": name, "label": {"en": name}, "kind": "ordinal", "options": "six"}
            for name in NUMBERS[2:]
        ],
        "analyses": [
            {
                "id": "f",
                "title": {"en": "f"},
                "kind": "frequencies",
                "variables": list(NUMBERS[2:]),
            }
        ],
    }
    frame = study(tree).run(GOLDEN / "people.csv").tables["f"].to_frame()
    for name, wanted in golden()["frequencies"].items():
        mine = frame[frame["variable"] == name]
        assert mine["count"].tolist() == wanted["counts"]
        assert set(mine["n"]) == {wanted["n"]}
        assert set(mine["missing"]) == {wanted["missing"]}


def test_descriptives() -> None:
    frame = run()["means"].set_index("variable")
    assert set(frame.index) == set(golden()["descriptives"])
    for name, wanted in golden()["descriptives"].items():
        for key, value in wanted.items():
            same(frame.loc[name, key], value, f"{name} {key}")


@pytest.mark.parametrize(
    ("method", "missing"),
    [
        ("pearson", "pairwise"),
        ("pearson", "listwise"),
        ("spearman", "pairwise"),
        ("kendall", "pairwise"),
    ],
)
def test_correlations(method: str, missing: str) -> None:
    frame = run(method, missing)["pairs"].set_index(["row", "column"])
    wanted = golden()["correlations"][f"{method}_{missing}"]
    assert len(frame) == len(wanted) == 6
    for cell in wanted:
        found = frame.loc[(cell["row"], cell["column"])]
        for key in ("n", "r", "low", "high", "p", "p_holm", "p_bh"):
            same(found[key], cell[key], f"{method} {cell['row']} {cell['column']} {key}")


def test_regressions() -> None:
    coefficients, models = run()["lines"], run()["lines_models"].set_index("outcome")
    seen = 0
    for outcome, wanted in golden()["regressions"].items():
        for key, value in wanted.items():
            if key != "coefficients":
                same(models.loc[outcome, key], value, f"{outcome} {key}")
        mine = coefficients[coefficients["outcome"] == outcome].set_index("predictor")
        assert list(mine.index) == [row["predictor"] for row in wanted["coefficients"]]
        for row in wanted["coefficients"]:
            for key in ("B", "se", "low", "high", "t", "p", "beta", "vif"):
                value = row.get(key) if not isinstance(row.get(key), dict) else None
                same(mine.loc[row["predictor"], key], value, f"{outcome} {row['predictor']} {key}")
                seen += 1
    assert seen == 64


def test_a_wrong_answer_is_seen() -> None:
    with pytest.raises(AssertionError):
        same(1.0 + 1e-9, 1.0, "")
