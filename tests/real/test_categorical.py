"""Reliability of real ordinal answers, against semTools and psych."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from psychoscales.engines.reliability import EVERY
from psychoscales.engines.reliability.estimation import Asked, estimates
from tests.coefficients.categorical_data import answers_to
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference
from tests.real.test_consistency import BIG5_REVERSED

Floats = npt.NDArray[np.float64]
NAMES = {
    "omega_categorical": "omega_categorical_GreenYang",
    "omega_latent_response": "omega_latent_response",
}
One = tuple[str, Floats, float, Any]
"""Name, answers, ordinal alpha, and the one-factor model's values where there is one."""


def keyed(frame: pd.DataFrame, items: Sequence[str], turned: Any = (), ends: int = 0) -> Floats:
    answers = frame[list(items)].astype(float)
    for item in set(turned) & set(items):
        answers[item] = ends - answers[item]
    return answers.to_numpy(dtype=np.float64)


def packages(folder: Path) -> Iterator[One]:
    found = reference(folder)
    keys = json.loads((folder / "keys.json").read_text(encoding="utf-8"))["bfi.keys"]
    frame = pd.read_csv(folder / "bfi.csv.gz")
    for scale, key in keys.items():
        turned = [item[1:] for item in key if item.startswith("-")]
        answers = keyed(frame, [item.removeprefix("-") for item in key], turned, 7)
        yield scale, answers, found["bfi"]["by_scale"][scale]["ordinal_alpha"], None
    frame = pd.read_csv(folder / "ability16.csv.gz")
    one = found["ability"]
    model = one["cfa"]
    yield "ability", keyed(frame, list(frame.columns)), one["relia"]["ordinal_alpha"], model


def online(folder: Path) -> Iterator[One]:
    found = reference(folder)
    frame = pd.read_csv(folder / "RSE_data.csv.gz", sep="\t").replace(0, np.nan)
    items = [f"Q{at}" for at in range(1, 11)]
    answers = keyed(frame, items, ("Q3", "Q5", "Q8", "Q9", "Q10"), 5)
    yield "RSE", answers, found["RSE"]["relia"]["ordinal_alpha"], found["RSE"]["cfa_one"]
    frame = pd.read_csv(folder / "BIG5_data.csv.gz", sep="\t").replace(0, np.nan)
    for letter in "ENACO":
        answers = keyed(frame, [f"{letter}{at}" for at in range(1, 11)], BIG5_REVERSED, 6)
        yield letter, answers, found["BIG5"]["by_scale"][letter]["ordinal_alpha"], None
    frame = pd.read_csv(folder / "GCBS_data.csv.gz").replace(0, np.nan)
    answers, one = keyed(frame, [f"Q{at}" for at in range(1, 16)]), found["GCBS"]
    yield "GCBS", answers, one["relia"]["ordinal_alpha"], one["one"]


def nhanes(folder: Path) -> Iterator[One]:
    found = reference(folder)
    items = [f"DPQ0{at}0" for at in range(1, 10)]
    frame = pd.read_csv(folder / "nhanes_dpq_demo_2011_2018.csv.gz")
    frame[items] = frame[items].replace([7, 9], np.nan)
    for name, people in (
        ("pooled", frame),
        ("J_2017_2018", frame[frame["CYCLE"] == "2017-2018"]),
    ):
        one = found[name]
        yield name, keyed(people, items), one["relia"]["ordinal_alpha"], one["cfa_one"]


def chiu(folder: Path) -> Iterator[One]:
    found = reference(folder)
    frame = pd.read_csv(folder / "PHQ9_data.csv.gz")
    answers = keyed(frame, [f"Item{at}_num" for at in range(1, 10)])
    yield "PHQ-9", answers, found["relia"]["ordinal_alpha"], found["cfa_one"]


def students(folder: Path) -> Iterator[One]:
    found = reference(folder)
    frame = pd.read_csv(folder / "ukm_phq9_gad7_pss10.csv.gz")
    for name, letter, count in (("phq", "D", 9), ("gad", "A", 7)):
        answers, one = keyed(frame, [f"{letter}{at}" for at in range(1, count + 1)]), found[name]
        yield name, answers, one["relia"]["ordinal_alpha"], one["cfa"]


@pytest.mark.parametrize(
    ("folder", "read", "sets", "models"),
    [
        ("rpkg_benchmarks", packages, 6, 1),
        ("openpsychometrics", online, 7, 2),
        ("nhanes_phq9", nhanes, 2, 2),
        ("phq9_chiu", chiu, 1, 1),
        ("phq9_gad7_pss_ukm", students, 2, 2),
    ],
)
def test_ordinal_reliability_is_rs(
    shared: Path, folder: str, read: Any, sets: int, models: int
) -> None:
    seen = alphas = omegas = 0
    for name, answers, alpha, model in read(shared / folder):
        seen += 1
        known = {"alpha_ordinal": EVERY["alpha_ordinal"]} | {one: EVERY[one] for one in NAMES}
        rows = estimates(known, answers_to(answers), Asked(None))
        found = {row.coefficient: row for row in rows}
        # psych searches its correlations to about 1e-5.
        alphas += assert_close(found["alpha_ordinal"].value, alpha, f"{name}: alpha", 1e-5)
        if model is None:
            continue
        for one, theirs in NAMES.items():
            (wanted,) = model["WLSMV"][theirs].values()
            assert found[one].n == model["n"]
            omegas += assert_close(found[one].value, wanted, f"{name}: {one}", 1e-5)
    assert (seen, alphas, omegas) == (sets, sets, 2 * models)
