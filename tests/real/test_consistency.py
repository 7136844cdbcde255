"""Bounds and omegas of real answers, against R."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from psychoscales.engines.reliability.alpha import alpha
from psychoscales.engines.reliability.bounds import glb, lambda2, lambda3, lambda6
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.engines.reliability.omega import omega_total_minres, omega_total_ml
from psychoscales.engines.reliability.one_factor import minres
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference

Floats = npt.NDArray[np.float64]
BIG5_REVERSED = (
    *("E2", "E4", "E6", "E8", "E10", "N2", "N4", "A1", "A3", "A5", "A7", "C2", "C4", "C6", "C8"),
    *("O2", "O4", "O6"),
)
SAI_REVERSED = (
    *("calm", "secure", "at.ease", "rested", "comfortable", "confident", "relaxed", "content"),
    *("joyful", "pleasant"),
)
One = tuple[str, Floats, Mapping[str, Any], float | None]


def complete(frame: pd.DataFrame, items: Sequence[str], turned: Any = (), ends: int = 0) -> Floats:
    """Return the covariances of the people who answered everything, some items turned round."""
    answers = frame[list(items)].copy()
    for item in set(turned) & set(items):
        answers[item] = ends - answers[item]
    cov: Floats = np.cov(answers.dropna().to_numpy(dtype=np.float64), rowvar=False)
    return cov


def packages(folder: Path) -> Iterator[One]:
    found = reference(folder)
    keys = json.loads((folder / "keys.json").read_text(encoding="utf-8"))["bfi.keys"]
    frame = pd.read_csv(folder / "bfi.csv.gz")
    for scale, key in keys.items():
        items = [item.removeprefix("-") for item in key]
        turned = [item[1:] for item in key if item.startswith("-")]
        cov = complete(frame, items, turned, ends=7)
        yield f"bfi {scale}", cov, found["bfi"]["by_scale"][scale], None
    frame = pd.read_csv(folder / "ability16.csv.gz")
    by_ml = found["ability"]["cfa"]["ML"]["omega_compRelSEM"]["g"]
    yield "ability", complete(frame, list(frame.columns)), found["ability"]["relia"], by_ml
    frame = pd.read_csv(folder / "sai_state_anxiety.csv.gz")
    items = [str(item) for item in frame if item not in ("study", "time", "id")]
    cov = complete(frame[frame["time"] == 1], items, SAI_REVERSED, ends=5)
    yield "sai", cov, found["sai"]["time1"], None


def online(folder: Path) -> Iterator[One]:
    found = reference(folder)
    frame = pd.read_csv(folder / "RSE_data.csv.gz", sep="\t").replace(0, np.nan)
    items = [f"Q{at}" for at in range(1, 11)]
    cov = complete(frame, items, ("Q3", "Q5", "Q8", "Q9", "Q10"), ends=5)
    by_ml = found["RSE"]["cfa_one"]["ML"]["omega_compRelSEM"]["SE"]
    yield "RSE", cov, found["RSE"]["relia"], by_ml
    frame = pd.read_csv(folder / "BIG5_data.csv.gz", sep="\t").replace(0, np.nan)
    for letter in "ENACO":
        items = [f"{letter}{at}" for at in range(1, 11)]
        cov = complete(frame, items, BIG5_REVERSED, ends=6)
        yield f"BIG5 {letter}", cov, found["BIG5"]["by_scale"][letter], None
    frame = pd.read_csv(folder / "TMA_data.csv.gz")
    answers = frame[[f"Q{at}" for at in range(1, 51)]]
    keyed = pd.DataFrame(
        {
            item: (answers[item] == 1) == true
            for item, true in found["TMA"]["key_true_items"].items()
        }
    )
    yield "TMA", complete(keyed, list(keyed.columns)), found["TMA"]["relia"], None
    frame = pd.read_csv(folder / "GCBS_data.csv.gz").replace(0, np.nan)
    cov = complete(frame, [f"Q{at}" for at in range(1, 16)])
    by_ml = found["GCBS"]["one"]["ML"]["omega_compRelSEM"]["C"]
    yield "GCBS", cov, found["GCBS"]["relia"], by_ml


def nhanes(folder: Path) -> Iterator[One]:
    found = reference(folder)
    items = [f"DPQ0{at}0" for at in range(1, 10)]
    frame = pd.read_csv(folder / "nhanes_dpq_demo_2011_2018.csv.gz")
    frame[items] = frame[items].replace([7, 9], np.nan)
    last = frame[frame["CYCLE"] == "2017-2018"]
    for name, people in (("pooled", frame), ("J_2017_2018", last)):
        by_ml = found[name]["cfa_one"]["ML"]["omega_compRelSEM"]["PHQ"]
        yield name, complete(people, items), found[name]["relia"], by_ml


@pytest.mark.parametrize(
    ("folder", "read", "sets", "by_ml"),
    [
        ("rpkg_benchmarks", packages, 7, 1),
        ("openpsychometrics", online, 8, 2),
        ("nhanes_phq9", nhanes, 2, 2),
    ],
)
def test_bounds_and_omegas_are_rs(
    shared: Path, folder: str, read: Any, sets: int, by_ml: int
) -> None:
    seen, compared, with_ml = 0, 0, 0
    for name, cov, wanted, ml in read(shared / folder):
        seen += 1
        assert len(cov) == wanted["n_items"]
        r, guttman = correlations(cov), wanted["guttman"]
        compared += assert_close(alpha(cov), wanted["alpha_complete"]["raw"], f"{name}: alpha")
        compared += assert_close(lambda2(cov), guttman["lambda2"], f"{name}: lambda 2")
        compared += assert_close(lambda3(r), guttman["lambda3"], f"{name}: lambda 3")
        compared += assert_close(lambda6(r), guttman["lambda6"], f"{name}: lambda 6")
        psych = wanted["omega_psych_nfactors1_noflip"]["omega_total"]
        compared += assert_close(omega_total_minres(cov), psych, f"{name}: omega", 1e-5)
        loadings = minres(cov).loadings
        common = loadings.sum() ** 2
        by_model = common / (common + (1 - loadings**2).sum())
        wanted_model = wanted["omega_total_from_fa1_cor"]
        compared += assert_close(by_model, wanted_model, f"{name}: omega by the model", 1e-5)
        if ml is not None:
            with_ml += assert_close(omega_total_ml(cov), ml, f"{name}: compRelSEM", 1e-5)
        assert max(float(lambda2(cov)), float(lambda6(cov))) <= float(glb(cov)) < 1
    assert (seen, compared, with_ml) == (sets, 6 * sets, by_ml)


def test_unkeyed_items_would_be_seen(shared: Path) -> None:
    folder = shared / "rpkg_benchmarks"
    frame = pd.read_csv(folder / "bfi.csv.gz")
    wanted = reference(folder)["bfi"]["by_scale"]["agree"]
    cov = complete(frame, [f"A{at}" for at in range(1, 6)])
    with pytest.raises(AssertionError):
        assert_close(lambda2(cov), wanted["guttman"]["lambda2"], "lambda 2")
    psych = wanted["omega_psych_nfactors1_noflip"]["omega_total"]
    with pytest.raises(AssertionError):
        assert_close(omega_total_minres(cov), psych, "omega", 1e-5)
