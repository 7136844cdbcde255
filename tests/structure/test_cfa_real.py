"""Factor models of real answers agree with what lavaan made of the same files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychoscales.counts import Key, Patterns
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fiml import missing
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.engines.structure.cfa.normal import complete
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.cfa.standardized import standardized
from psychoscales.engines.structure.polychoric import ordinal
from tests.conftest import SHARED
from tests.real.reference import reference
from tests.structure.cfa_cases import LAVAAN, counted

DATA = SHARED / "data"
STEPS: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
WU_ESTABROOK: dict[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "thresholds_loadings": ("thresholds", "loadings"),
    "thresholds_loadings_intercepts": ("thresholds", "loadings", "intercepts"),
}


def folder(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        if os.environ.get("PSYCHOSCALES_REQUIRE_ALL"):
            pytest.fail(f"{path} is not there")
        pytest.skip(f"{path} is not there")
    return path


def agree(of: Fit, wanted: Mapping[str, Any], allowed: float, but: Sequence[str] = ()) -> int:
    """Compare indices; lavaan's stop where its own search does, with default tolerances."""
    compared = 0
    for ours, theirs in LAVAAN.items():
        if theirs not in wanted or wanted[theirs] in (None, "NA") or ours in but:
            continue
        value, golden = of.indices[ours], wanted[theirs]
        small = 1e-8 if "p" in ours.split("_") else 1e-10
        assert value == pytest.approx(golden, rel=allowed, abs=small), ours
        compared += 1
    return compared


def parsed(model: str) -> dict[str, list[str]]:
    lines = [line.split("=~") for line in model.splitlines() if "=~" in line]
    return {name.strip(): [one.strip() for one in items.split("+")] for name, items in lines}


def parsed_items(model: str) -> list[str]:
    return [item for items in parsed(model).values() for item in items]


def block(frame: pd.DataFrame, wanted: Mapping[str, Any], model: str) -> int:
    """Compare every estimator that lavaan was asked for; return how many numbers were."""
    factors = parsed(model)
    answers = frame[parsed_items(model)]
    whole = answers.dropna()
    of = specify(factors)
    sample = complete(*counted(whole.to_numpy(float)))
    compared = 0
    if "ML" in wanted:
        found = fit(of, [sample], "ML")
        compared += agree(found, wanted["ML"]["fit"], 2e-6) + standard(found, wanted["ML"]["std"])
    if "MLR" in wanted:
        compared += agree(fit(of, [sample], "MLR"), wanted["MLR"]["fit"], 1e-4)
    if "FIML" in wanted:
        full = missing(*counted(answers.to_numpy(float)))
        compared += agree(fit(of, [full], "ML"), wanted["FIML"]["fit"], 2e-5)
    if "WLSMV" in wanted:
        sample_of = categorical(whole)
        made = specify(factors, thresholds=[len(each) for each in sample_of.thresholds])
        found = fit(made, [sample_of], "WLSMV")
        compared += agree(found, wanted["WLSMV"]["fit"], 2e-5)
        compared += standard(found, wanted["WLSMV"]["std"])
    return compared


def categorical(rows: pd.DataFrame) -> Any:
    low, high = int(rows.min().min()), int(rows.max().max())
    positions = (rows.to_numpy() - low).astype(np.int8)
    key, items = Key("real", "1", ""), list(rows.columns)
    made = ordinal(Patterns.of(positions, items, [high - low + 1] * len(items), key))
    assert made.acov is not None
    return ordered(made.one_n, made.thresholds, made.correlation, made.acov)


def standard(found: Fit, wanted: Mapping[str, Mapping[str, float]] | None) -> int:
    if not wanted:
        return 0
    compared = 0
    values = standardized(found)
    rows = zip(found.specification.parameters, values.estimate, values.se, strict=True)
    for row, value, se in rows:
        if row.op == "=~":
            assert value == pytest.approx(wanted["est"][row.key], abs=1e-5), row.key
            assert se == pytest.approx(wanted["se"][row.key], abs=1e-5), row.key
            compared += 2
    return compared


def test_five_factors_of_the_bfi() -> None:
    path = folder("rpkg_benchmarks")
    frame, wanted = pd.read_csv(path / "bfi.csv.gz"), reference(path)["bfi"]["five_factor"]
    for item in ("A1", "C4", "C5", "E1", "E2", "O2", "O5"):
        frame[item] = 7 - frame[item]
    assert block(frame, wanted, wanted["model"]) > 100


def test_three_factors_of_holzinger_and_swineford() -> None:
    """lavaan printed these without a mean structure: its SRMR has no means in it."""
    path = folder("rpkg_benchmarks")
    wanted = reference(path)["holzinger"]
    rows = pd.read_csv(path / "HolzingerSwineford1939.csv.gz")
    sample = complete(*counted(rows[parsed_items(wanted["model"])].to_numpy(float)))
    found = fit(specify(parsed(wanted["model"])), [sample], "ML")
    assert agree(found, wanted["ML"]["fit"], 2e-6, ("srmr", "free", "aic", "bic")) > 10
    assert found.indices["srmr_no_mean"] == pytest.approx(wanted["ML"]["fit"]["srmr"], rel=1e-6)
    assert found.indices["free"] == wanted["ML"]["fit"]["npar"] + 9
    assert [round(found.indices[name], 3) for name in ("chisq", "cfi", "tli")] == [
        85.306,
        0.931,
        0.896,
    ]
    assert standard(found, wanted["ML"]["std"]) == 18
    marker = specify(parsed(wanted["model"]), identification="marker")
    found, theirs = fit(marker, [sample], "ML"), wanted["ML"]["unstd"]
    rows_of = dict(zip((row.key for row in marker.parameters), found.se, strict=True))
    for key, se in theirs["se"].items():
        assert rows_of[key] == pytest.approx(se, abs=1e-5), key


def test_ability() -> None:
    path = folder("rpkg_benchmarks")
    frame, wanted = pd.read_csv(path / "ability16.csv.gz"), reference(path)["ability"]["cfa"]
    assert block(frame, wanted, wanted["model"]) > 90


@pytest.mark.parametrize("model", ["cfa_one", "cfa_two"])
@pytest.mark.parametrize("cycle", [None, "2017-2018"])
def test_phq9_of_nhanes(cycle: str | None, model: str) -> None:
    path = folder("nhanes_phq9")
    frame = nhanes(path)
    if cycle is not None:
        frame = frame[frame["CYCLE"] == cycle]
    wanted = reference(path)["J_2017_2018" if cycle else "pooled"][model]
    assert len(frame[parsed_items(wanted["model"])].dropna()) == wanted["n"]
    assert block(frame, wanted, wanted["model"]) > 70


def nhanes(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path / "nhanes_dpq_demo_2011_2018.csv.gz")
    items = [name for name in frame.columns if name.startswith("DPQ0")]
    frame[items] = frame[items].where(frame[items] <= 3)
    return frame


def test_type_d() -> None:
    path = folder("dif_validity_rpkg")
    frame, wanted = pd.read_csv(path / "DS14_typeD.csv.gz"), reference(path)["ds14"]["two_factor"]
    frame = frame.rename(columns=lambda name: name.removesuffix("*"))
    for item in ("Si1", "Si3"):
        frame[item] = 4 - frame[item]
    assert block(frame, wanted, wanted["model"]) > 90


def test_promis_anxiety() -> None:
    path = folder("dif_validity_rpkg")
    frame = pd.read_csv(path / "promis_anxiety_lordif.csv.gz")
    wanted = reference(path)["promis_anxiety"]["cfa"]
    assert block(frame, wanted, wanted["model"]) > 100


def test_invariance_of_the_phq9_by_sex() -> None:
    """Continuous and ordinal items, each level and each step between two."""
    path = folder("nhanes_phq9")
    frame, wanted = nhanes(path), reference(path)["pooled_invariance_sex"]
    items = [name for name in frame.columns if name.startswith("DPQ0")]
    frame = frame.dropna(subset=items)
    groups = [frame.loc[frame["RIAGENDR"] == code, items] for code in (2, 1)]
    names = list(wanted["n"])
    assert [wanted["n"][name] for name in names] == [len(group) for group in groups]
    samples = [complete(*counted(group.to_numpy(float))) for group in groups]
    steps = wanted["MLR_lrt_scaled"]
    made = []
    for number, (level, equal) in enumerate(STEPS.items()):
        of = specify({"PHQ": items}, groups=2, equal=equal, identification="marker")
        made.append(fit(of, samples, "MLR"))
        assert agree(made[-1], wanted["MLR"][level], 3e-4) > 15
        if number:
            found = difference(made[-2], made[-1])
            assert found.df == steps["df_diff"][number]
            assert found.chisq == pytest.approx(steps["chisq_diff"][number], rel=1e-4)
    answers = [categorical(group) for group in groups]
    steps = wanted["WLSMV_lrt"]
    made = []
    for number, (level, equal) in enumerate(WU_ESTABROOK.items()):
        of = specify({"PHQ": items}, thresholds=[3] * 9, groups=2, equal=equal)
        made.append(fit(of, answers, "WLSMV"))
        shares = ("cfi_robust", "tli_robust") if level == "configural" else ()
        assert agree(made[-1], wanted["WLSMV_WuEstabrook2016"][level], 1e-4, shares) > 10
        if number:
            found = difference(made[-2], made[-1])
            assert found.df == steps["df_diff"][number]
            assert found.chisq == pytest.approx(steps["chisq_diff"][number], rel=1e-3)
