"""Alpha, its intervals and the item statistics agree with psych and lavaan (golden/alpha)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import norm

import psychoscales as ps
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of

GOLDEN = Path(__file__).parents[1] / "golden" / "alpha"
DATA_SETS = {"bfi_N": 5, "bfi_E": 5, "bfi_A": 5, "ability16": 16}
COEFFICIENTS = {"alpha": "raw_alpha", "alpha_standardized": "std_alpha"}
ITEM_COLUMNS = {
    "n": "n",
    "mean": "mean",
    "sd": "sd",
    "item_total": "raw_r",
    "item_rest": "r_drop",
    "item_rest_smc": "r_cor",
    "alpha_if_dropped": "alpha_if_dropped",
}

each_data_set = pytest.mark.parametrize("name", DATA_SETS)


@cache
def golden_of(name: str) -> Mapping[str, Any]:
    data_sets = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["data_sets"]
    assert set(data_sets) == set(DATA_SETS)
    found: Mapping[str, Any] = data_sets[name]
    return found


def item_id(name: str) -> str:
    return name.lower().replace(".", "_")


def scale_for(name: str) -> ps.Scale:
    golden = golden_of(name)
    return scale_of(
        [item_id(item) for item in golden["items"]],
        range(golden["minimum"], golden["maximum"] + 1),
        reverse=[item_id(item) for item in golden["reversed"]],
    )


def binding_for(name: str) -> dict[str, Any]:
    return {"scales": {"tiny": {"columns": {item_id(i): i for i in golden_of(name)["items"]}}}}


@cache
def responses(name: str) -> ps.Responses:
    return ps.read(GOLDEN / golden_of(name)["file"], scale_for(name), binding=binding_for(name))


def estimates(name: str, **asked: Any) -> dict[str, dict[str, Any]]:
    frame = ps.reliability(responses(name), **asked).to_frame()
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return {row["coefficient"]: row for row in rows}


def test_the_goldens_are_the_ones_that_are_swept() -> None:
    assert {name: len(golden_of(name)["items"]) for name in DATA_SETS} == DATA_SETS


@each_data_set
def test_alpha_of_complete_people(name: str) -> None:
    golden, found = golden_of(name), estimates(name)
    compared = 0
    for coefficient, field in COEFFICIENTS.items():
        row = found[coefficient]
        assert row["n"] == golden["n_complete"]
        compared += assert_close(row["value"], golden["complete"][field], coefficient)
    assert compared == 2
    assert responses(name).n == golden["n_rows"]


@each_data_set
def test_alpha_of_pairwise_covariances_has_no_n_and_no_interval(name: str) -> None:
    golden, found = golden_of(name), estimates(name, missing="pairwise")
    compared = 0
    for coefficient, field in COEFFICIENTS.items():
        row = found[coefficient]
        compared += assert_close(row["value"], golden["pairwise"][field], coefficient)
        assert pd.isna(row["n"])
        assert pd.isna(row["low"])
        assert pd.isna(row["high"])
        assert row["missing"] == "pairwise"
    assert compared == 2


@each_data_set
def test_feldt_interval(name: str) -> None:
    golden, row = golden_of(name)["complete"], estimates(name, interval="feldt")["alpha"]
    compared = assert_close(row["low"], golden["feldt_lower"], "Feldt's lower end")
    compared += assert_close(row["high"], golden["feldt_upper"], "Feldt's upper end")
    assert compared == 2
    assert (row["method"], row["level"]) == ("feldt", 0.95)


@each_data_set
def test_feldt_interval_is_not_given_for_standardized_alpha(name: str) -> None:
    row = estimates(name, interval="feldt")["alpha_standardized"]
    assert pd.isna(row["low"])
    assert "Feldt's interval is of raw alpha" in row["note"]


@each_data_set
def test_distribution_free_standard_error_and_interval(name: str) -> None:
    golden, found = golden_of(name)["adf_complete"], estimates(name)
    compared = 0
    for coefficient, field in COEFFICIENTS.items():
        row, wanted = found[coefficient], golden[field]
        se = (row["high"] - row["low"]) / (2 * norm.ppf(0.975))
        compared += assert_close(se, wanted["se"], f"{coefficient}: standard error")
        compared += assert_close(row["low"], wanted["lower"], f"{coefficient}: lower end")
        compared += assert_close(row["high"], wanted["upper"], f"{coefficient}: upper end")
        assert row["n"] == wanted["n"]
    assert compared == 6


@each_data_set
def test_interval_at_another_level_has_the_same_standard_error(name: str) -> None:
    golden, row = golden_of(name)["adf_complete"]["raw_alpha"], estimates(name, level=0.8)["alpha"]
    se = (row["high"] - row["low"]) / (2 * norm.ppf(0.9))
    assert assert_close(se, golden["se"], "standard error") == 1
    assert row["level"] == 0.8


@each_data_set
def test_item_statistics_of_complete_people(name: str) -> None:
    golden = golden_of(name)
    rows = pd.read_csv(GOLDEN / golden["file"]).dropna(subset=golden["items"])
    table = ps.items(rows, scale_for(name), binding=binding_for(name)).to_frame()
    table = table.set_index("item")
    compared = 0
    for item, wanted in golden["items_complete"].items():
        for column, field in ITEM_COLUMNS.items():
            found = table.loc[item_id(item), column]
            compared += assert_close(found, wanted[field], f"{item}: {column}")
    assert compared == DATA_SETS[name] * len(ITEM_COLUMNS)


@each_data_set
def test_relations_between_items_do_not_change_with_incomplete_people(name: str) -> None:
    golden = golden_of(name)
    table = ps.items(responses(name)).to_frame().set_index("item")
    compared = 0
    for item, wanted in golden["items_complete"].items():
        for column in ("item_total", "item_rest", "item_rest_smc", "alpha_if_dropped"):
            found = table.loc[item_id(item), column]
            compared += assert_close(found, wanted[ITEM_COLUMNS[column]], f"{item}: {column}")
    assert compared == DATA_SETS[name] * 4


@each_data_set
def test_means_are_of_everybody_who_answered_the_item(name: str) -> None:
    golden = golden_of(name)
    raw = pd.read_csv(GOLDEN / golden["file"])[golden["items"]]
    turned = golden["minimum"] + golden["maximum"] - raw[golden["reversed"]]
    raw[golden["reversed"]] = turned
    table = ps.items(responses(name)).to_frame()
    assert assert_close(table["mean"], raw.mean(), "means") == DATA_SETS[name]
    assert assert_close(table["sd"], raw.std(), "sds") == DATA_SETS[name]
    assert table["n"].tolist() == raw.notna().sum().tolist()
    assert table["missing"].tolist() == raw.isna().sum().tolist()
    assert table["n"].max() > golden["n_complete"]


def test_without_the_keying_alpha_is_another_one() -> None:
    golden = golden_of("bfi_A")
    unkeyed = scale_of([item_id(item) for item in golden["items"]], range(1, 7))
    answers = ps.read(GOLDEN / "bfi.csv", unkeyed, binding=binding_for("bfi_A"))
    found = ps.reliability(answers)
    assert found.to_frame()["value"][0] < golden["complete"]["raw_alpha"] - 0.2
    assert "negative correlation with the rest of the items: a1" in " ".join(found.notes)
