"""Known groups and correlations of real answers, against R (reference.json)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import psychoscales as ps
from psychoscales.verbs.convergent import convergent
from psychoscales.verbs.groups import groups
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of
from tests.real.reference import reference
from tests.real.test_nhanes import BINDING

NEAR = 1e-9


def known(table: ps.Table, wanted: Any) -> int:
    """Compare the tests of two groups, the second minus the first; R has the first minus it."""
    rows = {row["test"]: row for row in table.rows}
    n1, n2 = wanted["n"].values()
    welch, u, found = wanted["welch"], wanted["wilcoxon"], rows["welch_t"]
    assert found["n"] == n1 + n2
    values = [found["statistic"], found["df"], found["p"]]
    compared = assert_close(values, [-welch["t"], welch["df"], welch["p"]], "Welch's t", NEAR)
    values = [rows["mann_whitney"]["statistic"], rows["mann_whitney"]["p"]]
    compared += assert_close(values, [n1 * n2 - u["W"], u["p"]], "Mann-Whitney", NEAR)
    if wanted["hedges_g"] is not None:
        compared += assert_close(found["value"], -wanted["hedges_g"], "g", NEAR)
    return compared


def correlated(given: ps.Responses, one: str, other: str, wanted: Any) -> int:
    """Compare r with its interval, and rho; return how many numbers were."""
    (row,) = convergent(given, score=one, against=other, resamples=0).rows
    assert row["n"] == wanted["n"]
    compared = assert_close(row["value"], wanted["pearson"], f"r of {one} and {other}", NEAR)
    compared += assert_close([row["low"], row["high"]], wanted["ci95"], "its interval", NEAR)
    if wanted["p"] > 0:
        compared += assert_close(row["p"], wanted["p"], "its p", NEAR)
    (row,) = convergent(given, score=one, against=other, method="spearman", resamples=0).rows
    return compared + assert_close(row["value"], wanted["spearman"], "rho", NEAR)


def test_47_young_people_by_diagnosis_and_against_another_questionnaire(shared: Path) -> None:
    folder = shared / "phq9_isixhosa"
    wanted = reference(folder)
    frame = pd.read_csv(folder / "isixhosa_phq9_ysr.csv.gz", keep_default_na=False)
    frame = frame.rename(columns={f"q{at}": f"phq9_{at}" for at in range(1, 10)})
    frame["depressed"] = np.where(frame["WithDep.class"] == "None", "none", "depressed")
    scores = list(wanted["convergent"])
    given = ps.read(frame, "phq9", keep=["depressed", *scores])
    assert known(groups(given, by="depressed"), wanted["known_withdep"]) == 6
    compared = sum(
        correlated(given, "phq9_total", name, wanted["convergent"][name]) for name in scores
    )
    assert compared == 15


def test_students_stress_beside_depression_and_anxiety(shared: Path) -> None:
    folder = shared / "phq9_gad7_pss_ukm"
    wanted, path = reference(folder), folder / "ukm_phq9_gad7_pss10.csv.gz"
    items = [f"s{at}" for at in range(1, 11)]
    worded = ["s4", "s5", "s7", "s8"]
    stress = scale_of(items, range(5), name="stress", reverse=worded)
    negative = [item for item in items if item not in worded]
    columns = {
        "phq9": {f"phq9_{at}": f"D{at}" for at in range(1, 10)},
        "gad7": {f"gad7_{at}": f"A{at}" for at in range(1, 8)},
        "stress": {item: item.upper() for item in items},
    }
    binding = {"scales": {name: {"columns": part} for name, part in columns.items()}}
    given = ps.read(path, ["phq9", "gad7", stress], binding=binding)
    total = next(name for name in ps.score(given).to_frame() if name.startswith("stress_"))
    compared = 0
    for name, r in (("phq9", "dep_pss"), ("gad7", "anx_pss")):
        compared += correlated(given, f"{name}_total", total, wanted["correlations"][r])
    assert compared == 10
    binding["scales"]["stress"]["columns"] = {item: item.upper() for item in negative}
    few = scale_of(negative, range(5), name="stress")
    given = ps.read(path, ["phq9", "gad7", few], binding=binding)
    rows = convergent(given, resamples=0, absolute=True).htmt.rows
    found = [row["value"] for row in rows if row["statistic"] == "htmt2"]
    r = wanted["htmt"]
    assert_close(found, [r["Dep"][1], r["Dep"][2], r["Anx"][2]], "HTMT2", 1e-8)


def test_type_d_by_sex_and_its_two_scores(shared: Path) -> None:
    folder = shared / "dif_validity_rpkg"
    wanted = reference(folder)["ds14"]
    frame = pd.read_csv(folder / "DS14_typeD.csv.gz")
    frame.columns = frame.columns.str.lower().str.rstrip("*")
    # The reference turned two items round before it was computed.
    negative, social = ([c for c in map(str, frame) if c.startswith(x)] for x in ("na", "si"))
    affect = scale_of(negative, range(5), name="affect")
    inhibition = scale_of(social, range(5), name="inhibition", reverse=["si1", "si3"])
    frame["sex"] = np.where(frame["male"] == 1, "male", "female")
    given = ps.read(frame, [affect, inhibition], keep="sex")
    first, second = (
        next(name for name in ps.score(given).to_frame() if name.startswith(f"{scale}_"))
        for scale in ("affect", "inhibition")
    )
    assert known(groups(given["affect"], by="sex"), wanted["known_sex"]) == 5
    assert correlated(given, first, second, wanted["na_si"]) == 5


def test_height_is_what_the_height_inventory_measures(shared: Path) -> None:
    folder = shared / "dif_validity_rpkg"
    wanted = reference(folder)["height"]
    frame = pd.read_csv(folder / "HeightInventory.csv.gz")
    items = [f"h{at}" for at in range(1, 27)]
    frame.columns = pd.Index([*items, *frame.columns[26:].str.lower()])
    given = ps.read(frame, scale_of(items, (1, 2, 3, 4)), keep=["gender", "heightcm"])
    total = next(name for name in ps.score(given).to_frame() if name.startswith("tiny_"))
    assert known(groups(given, by="gender"), wanted["known_gender"]) == 5
    assert correlated(given, total, "heightcm", wanted["criterion_r_height"]) == 4


def test_depression_of_adults_does_not_go_with_age(shared: Path) -> None:
    folder = shared / "nhanes_phq9"
    wanted = reference(folder)
    path = folder / "nhanes_dpq_demo_2011_2018.csv.gz"
    keep = ["RIAGENDR", "RIDAGEYR", "CYCLE"]
    given = ps.read(path, "phq9", binding=BINDING, keep=keep)
    whole = ps.score(given).to_frame()["phq9_total_status"] == "ok"
    complete = given.to_frame()[whole].reset_index(drop=True)
    people = ps.read(complete, "phq9", keep=keep)
    assert correlated(people, "phq9_total", "RIDAGEYR", wanted["cor_total_age"]) == 5
    last = ps.read(complete[complete["CYCLE"] == "2017-2018"], "phq9", keep=keep)
    # R's groups are female and male: 2 before 1.
    found = groups(last, by="RIAGENDR", order=[2, 1])
    assert known(found, wanted["J_2017_2018"]["known_sex"]) == 5
