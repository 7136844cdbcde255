"""Stata, tab-separated and parquet files of large surveys, against R."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of
from tests.real.reference import compare, reference

HERE = Path(__file__).parent
DISTANCE = ["vigsoc", "vignei", "vigfrnd", "vigwork", "viggrp", "vigmar"]
Q = [f"Q{n}" for n in range(1, 11)]
RSE: dict[str, Any] = {"scales": {"rse": {"missing": {"0": "no_answer"}}}}


def gss(shared: Path, name: str, max_missing: int = 0, **asked: Any) -> ps.Responses:
    scale = scale_of(DISTANCE, (1, 2, 3, 4), max_missing=max_missing)
    return ps.read(shared / "gss_mh_stigma" / name, scale, **asked)


def test_a_stata_file_with_value_labels_is_rs(shared: Path) -> None:
    wanted = reference(shared / "gss_mh_stigma")["relia"]
    people = gss(shared, "gss_mh_module_1996_2006_2018.dta")
    assert compare(people, wanted, DISTANCE) == 36 + 5 + 6


def test_three_programs_print_three_alphas_of_one_file(shared: Path) -> None:
    wanted = reference(shared / "gss_mh_stigma")["relia"]
    people = gss(shared, "gss_mh_module_1996_2006_2018.dta")
    table = ps.reliability(people, coefficients="alpha", conventions=True).to_frame()
    alphas = table[table["coefficient"] == "alpha"].set_index("program")
    listwise, pairwise = wanted["alpha_complete"]["raw"], wanted["alpha_pairwise"]["raw"]
    compared = assert_close(alphas["value"]["SPSS"], listwise, "SPSS, listwise")
    compared += assert_close(alphas["value"]["jamovi"], listwise, "jamovi, listwise")
    compared += assert_close(alphas["value"]["psych"], pairwise, "psych, pairwise")
    assert compared == 3
    # Stata printed .8605 in the log that came with the file; its own formula gives .86052524.
    assert alphas["value"]["Stata"] == pytest.approx(0.86052524, abs=5e-9)
    assert {round(value, 4) for value in alphas["value"]} == {0.8629, 0.8603, 0.8605}
    assert alphas["n"]["SPSS"] == wanted["n_complete"] == 3_382
    assert alphas["n"]["psych"] == wanted["n_rows"]
    assert pd.isna(alphas["n"]["Stata"])


def test_the_stata_file_and_its_csv_hold_the_same(shared: Path) -> None:
    keep = ["year", "sex", "age", "vigver"]
    stata = gss(shared, "gss_mh_module_1996_2006_2018.dta", keep=keep)
    text = gss(shared, "gss_mh_module_1996_2006_2018.csv.gz", keep=keep)
    assert np.array_equal(stata.blocks["tiny"].positions, text.blocks["tiny"].positions)
    for name in keep:
        assert np.array_equal(stata.column(name), text.column(name), equal_nan=True)
    assert stata.n == 3_610


def test_the_sources_own_score_is_the_mean_of_the_answers_given(shared: Path) -> None:
    name = "gss_mh_module_1996_2006_2018.dta"
    frame = ps.score(gss(shared, name, max_missing=5, keep="socdist")).to_frame()
    there = frame["socdist"].notna()
    assert there.equals(frame["tiny_total_n_valid"] > 0)
    assert frame.loc[there, "tiny_total"].to_numpy() / 6 == pytest.approx(
        frame.loc[there, "socdist"].to_numpy(dtype=float), rel=1e-6
    )
    assert there.sum() > 3_500
    assert frame.loc[~there, "tiny_total"].isna().all()


@pytest.fixture(scope="module")
def rse(shared: Path) -> ps.Responses:
    path = shared / "openpsychometrics" / "RSE_data.csv.gz"
    keep = ["gender", "age", "country"]
    return ps.read(path, HERE / "rse.toml", binding=RSE, keep=keep)


def test_self_esteem_of_the_open_psychometrics_project_is_rs(
    shared: Path, rse: ps.Responses
) -> None:
    wanted = reference(shared / "openpsychometrics")["RSE"]["relia"]
    assert compare(rse, wanted, Q) == 60 + 5 + 6
    alpha = ps.reliability(rse).to_frame()
    assert alpha["value"][0] == pytest.approx(0.9140, abs=5e-5)
    assert alpha["n"][0] == 46_546


def test_zero_is_no_answer_and_has_its_reason(shared: Path, rse: ps.Responses) -> None:
    block = rse.blocks["rse"]
    assert block.reasons == ("blank", "no_answer")
    with gzip.open(shared / "openpsychometrics" / "RSE_data.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    zeros = sum(row[name] == "0" for row in rows for name in Q)
    assert (block.positions == -2).sum() == zeros > 1_000
    assert not (block.positions == -1).any()
    with pytest.raises(ps.DataError) as caught:
        ps.read(shared / "openpsychometrics" / "RSE_data.csv.gz", HERE / "rse.toml")
    assert len(caught.value.cells) == zeros


def test_the_country_na_is_namibia(shared: Path, rse: ps.Responses) -> None:
    with gzip.open(shared / "openpsychometrics" / "RSE_data.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    countries = rse.column("country").tolist()
    assert countries == [row["country"] or None for row in rows]
    assert countries.count("NA") == sum(row["country"] == "NA" for row in rows) > 0
    assert rse.column("age").tolist() == [int(row["age"]) for row in rows]
    assert rse.column("age").dtype == np.int64


@pytest.fixture(scope="module")
def million(shared: Path) -> Path:
    return shared / "large_rse_1m" / "rse_bootstrap_1m.parquet"


def test_a_million_rows_are_read_and_are_rs(shared: Path, million: Path) -> None:
    wanted = reference(shared / "large_rse_1m")
    people = ps.read(million, HERE / "rse.toml", binding=RSE, keep=["country", "age"])
    assert people.n == wanted["n_rows"] == 1_000_000
    alpha = ps.reliability(people).to_frame()
    assert set(alpha["n"]) == {wanted["n_complete"]}
    assert list(alpha["coefficient"][:2]) == ["alpha", "alpha_standardized"]
    compared = assert_close(alpha["value"][0], wanted["alpha"], "alpha")
    compared += assert_close(alpha["value"][1], wanted["alpha_std"], "standardized alpha")
    assert alpha["value"][0] == pytest.approx(0.91421, abs=5e-6)
    items = ps.items(people).to_frame()
    for at, name in enumerate(Q):
        for column, field in (
            ("mean", "item_mean_available"),
            ("sd", "item_sd_available"),
            ("item_rest", "r_drop"),
        ):
            compared += assert_close(items[column][at], wanted[field][name], f"{name}: {column}")
    frame = ps.score(people).to_frame()
    total = frame["rse_total"].dropna()
    compared += assert_close(total.mean(), wanted["total_mean"], "mean of the total")
    compared += assert_close(total.std(), wanted["total_sd"], "sd of the total")
    assert compared == 2 + 30 + 2
    assert len(frame) == 1_000_000
    country = pd.read_parquet(million, columns=["country"])["country"].astype(object)
    assert people.column("country").tolist() == country.where(country.notna(), None).tolist()


def test_a_million_rows_in_ten_parts_are_the_same_to_the_last_bit(million: Path) -> None:
    frame = pd.read_parquet(million, columns=Q)
    scale = HERE / "rse.toml"
    whole = ps.count(frame, scale, binding=RSE)
    order = np.random.default_rng(1).permutation(10)
    cuts = np.linspace(0, len(frame), 11).astype(int)
    parts = [ps.count(frame.iloc[cuts[i] : cuts[i + 1]], scale, binding=RSE) for i in order]
    merged = parts[0]
    for part in parts[1:]:
        merged = part + merged
    assert merged == whole
    assert merged.rows.tobytes() == whole.rows.tobytes()
    one, other = (ps.reliability(patterns, scale).rows for patterns in (whole, merged))
    assert one == other
    assert one[0]["n"] == 970_147
