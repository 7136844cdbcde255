"""The golden sequences of measurement invariance, as this package asks for them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

import psychoscales as ps
from psychoscales.verbs.invariance import Invariance, invariance
from tests.counting.making import document_of

GOLDEN = Path(__file__).parents[1] / "golden" / "invariance"
E = [f"e{at}" for at in range(1, 6)]
Y = [f"y{at}" for at in range(1, 7)]
X = [f"x{at}" for at in range(1, 10)]
A = [f"a{at}" for at in range(1, 6)]
FIT = {"chisq": "chisq", "df": "df", "srmr": "srmr", "chisq_scaled": "chisq.scaled"}
VERSIONS = ("cfi", "rmsea")
SHORT = ["y1", "y6", "y2", "y3"]


@functools.cache
def expected() -> Any:
    """Return the golden values."""
    return json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


@functools.cache
def bfi() -> ps.Responses:
    """Extraversion, E1 and E2 reversed by the score, with gender."""
    frame = pd.read_csv(GOLDEN / "bfi.csv").rename(columns=str.lower)
    scale = ps.scale(document_of(E, range(1, 7), reverse=["e1", "e2"]))
    return ps.read(frame, scale, keep=["gender"])


@functools.cache
def mixed(fewer: bool = False) -> ps.Responses:
    """Items of two, three and four options, by site; `fewer`: at most three options."""
    frame = pd.read_csv(GOLDEN / "mixed.csv")
    if fewer:
        frame[Y] = frame[Y].clip(upper=2)
    return ps.read(frame, ps.scale(document_of(Y, range(4))), keep=["site"])


@functools.cache
def occasions() -> tuple[ps.Responses, ps.Responses]:
    """The same people twice; at the second occasion in another order."""
    frame = pd.read_csv(GOLDEN / "occasions.csv")
    scale = ps.scale(document_of(A, range(4)))
    second = frame[["pid", *(f"b{at}" for at in range(1, 6))]].set_axis(["pid", *A], axis=1)
    first = ps.read(frame[["pid", *A]], scale, id="pid")
    return first, ps.read(second.iloc[::-1], scale, id="pid")


@functools.cache
def half_gone() -> tuple[ps.Responses, ps.Responses]:
    """The same people; some were at one occasion only, and are in one of the two files only."""
    frame = pd.read_csv(GOLDEN / "occasions.csv")
    scale = ps.scale(document_of(A, range(4)))
    second = frame[["pid", *(f"b{at}" for at in range(1, 6))]].set_axis(["pid", *A], axis=1)
    first = ps.read(frame.loc[frame["pid"] > 30, ["pid", *A]], scale, id="pid")
    return first, ps.read(second[second["pid"] <= 400].iloc[::-1], scale, id="pid")


def by_gender(**asked: Any) -> Invariance:
    """Return invariance of extraversion by gender."""
    return invariance(bfi(), by="gender", model={"f": E}, key="total", **asked)


def by_site(**asked: Any) -> Invariance:
    """Return invariance of the simulated items by site."""
    return invariance(mixed(), by="site", model={"f": Y}, **asked)


SKIPPING = ["configural", "thresholds", "intercepts", "residuals"]
REPEATED: Mapping[str, Any] = {"model": {"f": A}}
MADE: Mapping[str, Any] = {
    "gender": by_gender,
    "gender_partial": lambda: by_gender(release=["f =~ e3", "e1 | t2", "e4  ~1"]),
    "three_options": lambda: invariance(mixed(fewer=True), by="site", model={"f": SHORT}),
    "mixed": lambda: by_site(levels=SKIPPING),
    "occasions": lambda: invariance(*occasions(), **REPEATED),
    "occasions_MLR": lambda: invariance(*occasions(), estimator="MLR", **REPEATED),
    "occasions_fiml": lambda: invariance(*half_gone(), estimator="MLR", missing="fiml", **REPEATED),
}


@functools.cache
def made(name: str) -> Invariance:
    """Return a golden sequence, tested here."""
    found: Invariance = MADE[name]()
    return found
