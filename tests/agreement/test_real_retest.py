"""Retest and raters of real people agree with what R made of the same files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

import psychoscales as ps
from psychoscales.engines.reliability.agreement import FORMS, icc, limits_of_agreement
from psychoscales.verbs.agreement import agreement
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of


def test_epi_retest_through_a_scale(shared: Path) -> None:
    folder = shared / "rpkg_benchmarks"
    keys = json.loads((folder / "keys.json").read_text(encoding="utf-8"))["epi.keys"]
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["epi_retest"]
    people = pd.read_csv(folder / "epiR_retest.csv.gz").rename(columns=str.lower)
    people["pid"] = people["study"] + " " + people["id"].astype(str)
    compared = 0
    for name in ("E", "N", "L"):
        items = [item.lower().lstrip("-") for item in keys[name]]
        against = [item[1:].lower() for item in keys[name] if item.startswith("-")]
        scale = scale_of(items, (1, 2), reverse=against)
        given = [ps.read(people[people["time"] == time], scale, id="pid") for time in (1, 2)]
        table = agreement(*given).to_frame().set_index("coefficient")
        wanted = reference[name]["retest"]
        assert table.loc["ICC(A,1)", "n"] == wanted["n"]
        for form in FORMS.values():
            values = [wanted["ICC"][form.alias], wanted["lower"][form.alias]]
            values.append(wanted["upper"][form.alias])
            found = table.loc[form.id, ["value", "low", "high"]].to_numpy(dtype=float)
            compared += assert_close(found, values, f"{name} {form.id}")
        sem = [wanted["sem_from_sd_diff"], wanted["mdc95_from_sd_diff"]]
        found = table.loc[["sem_consistency", "sdc_consistency"], "value"].to_numpy(dtype=float)
        compared += assert_close(found, sem, f"{name} error")
        size = sorted(abs(wanted[f"loa_{end}"]) for end in ("lower", "upper"))
        limits = np.abs(table.loc[["limit_lower", "limit_upper"], "value"].to_numpy(dtype=float))
        compared += assert_close(sorted(limits), size, f"{name} limits")
    assert compared == 3 * 22


def test_state_anxiety_retest_of_each_study(shared: Path) -> None:
    folder = shared / "rpkg_benchmarks"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["sai"]
    people = pd.read_csv(folder / "sai_state_anxiety.csv.gz")
    turned = reference["coding"].split("reverse-keyed here: ")[1].split(";")[0].split()
    items = list(people.columns[3:])
    people[turned] = 5 - people[turned]
    people["score"] = people[items].mean(axis=1, skipna=False)
    compared = 0
    for study, wanted in reference["retest_time1_2_by_study"].items():
        wide = people[people["study"] == study].pivot(index="id", columns="time", values="score")
        pair = wide[[1, 2]].dropna().to_numpy()
        assert len(pair) == wanted["n"]
        for found, form in zip(icc(pair), FORMS.values(), strict=True):
            compared += assert_close(found.value, wanted["ICC"][form.alias], f"{study} {form.id}")
            assert_close(found.low, wanted["lower"][form.alias], f"{study} {form.id} low")
        spread = [wanted["mean_diff"], wanted["sd_diff"]]
        limits = limits_of_agreement(pair)
        assert_close([abs(limits.bias), limits.sd], np.abs(spread), study)
    assert compared > 60
