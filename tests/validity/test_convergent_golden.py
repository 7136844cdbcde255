"""Correlations, their correction and HTMT against R, on five scales of real answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability.alpha import alpha, alpha_gradient
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.engines.validity.attenuation import Disattenuated, Reliability, disattenuated
from psychoscales.engines.validity.correlation import correlation
from psychoscales.engines.validity.htmt import htmt, htmt2
from psychoscales.engines.validity.variance_extracted import average_variance_extracted
from psychoscales.errors import RefusalError
from tests.coefficients.comparing import assert_close, differences

Floats = npt.NDArray[np.float64]
Golden = Mapping[str, Any]
SCALES = {name: list(range(5 * at, 5 * at + 5)) for at, name in enumerate("ACENO")}
REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
OPTIMISED = 1e-6


@pytest.fixture(name="values")
def _values(golden: Path) -> Golden:
    text = (golden / "convergent" / "expected.json").read_text(encoding="utf-8")
    found: Golden = json.loads(text)
    return found


@pytest.fixture(name="items")
def _items(golden: Path) -> Floats:
    """The keyed answers [n, 25] of the people who answered all."""
    with (golden / "convergent" / "bfi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [f"{scale}{at}" for scale in SCALES for at in range(1, 6)]
    table = np.array([[float(row[name] or "nan") for name in names] for row in rows])
    for name in REVERSED:
        table[:, names.index(name)] = 7 - table[:, names.index(name)]
    complete: Floats = table[~np.isnan(table).any(axis=1)]
    return complete


def corrected(x: Floats, y: Floats) -> Disattenuated:
    """Return the corrected correlation of the sums of two sets of items [n, k]."""
    known = []
    for items in (x, y):
        cov = np.cov(items.T)
        away = items - items.mean(axis=0)
        influence = ((away @ alpha_gradient(cov)) * away).sum(axis=1)
        known.append(Reliability(float(alpha(cov)), influence))
    r = correlation(x.sum(axis=1), y.sum(axis=1))
    return disattenuated(r.value, r.influence, known[0], known[1])


def test_htmt(items: Floats, values: Golden) -> None:
    assert len(items) == values["n"]
    r = correlations(np.cov(items.T))
    compared = 0
    for (i, one), (j, two) in combinations(enumerate(SCALES), 2):
        pair = SCALES[one], SCALES[two]
        compared += assert_close(
            htmt(r, *pair, absolute=True), values["htmt_absolute"][i][j], f"HTMT {one} {two}"
        )
        compared += assert_close(
            htmt2(r, *pair, absolute=True), values["htmt2_absolute"][i][j], f"HTMT2 {one} {two}"
        )
        compared += assert_close(htmt(r, *pair), values["htmt_signed"][i][j], "signed HTMT")
    assert compared == 30


def test_correlations(items: Floats, values: Golden) -> None:
    compared = 0
    for pair in values["pairs"]:
        x, y = (items[:, SCALES[pair[name]]].sum(axis=1) for name in ("first", "second"))
        made = correlation(x, y)
        assert made.n == pair["n"]
        found = [made.value, made.p, made.low, made.high]
        compared += assert_close(found, [pair["r"], pair["p"], *pair["fisher"]], "Pearson")
        free = correlation(x, y, interval="distribution_free")
        compared += assert_close([free.low, free.high], pair["distribution_free"], "free of form")
        rho = correlation(x, y, method="spearman")
        found = [rho.value, rho.p, rho.low, rho.high]
        wanted = [pair["rho"], pair["p_rho"], *pair["bonett_wright"]]
        compared += assert_close(found, wanted, "Spearman")
    assert compared == 100


def test_corrected_correlations(items: Floats, values: Golden) -> None:
    for pair in values["pairs"]:
        made = corrected(*(items[:, SCALES[pair[name]]] for name in ("first", "second")))
        assert_close(made.value, pair["corrected"], "corrected")
        assert_close([made.low, made.high], pair["corrected_ends"], "its interval", 1e-9)


def test_average_variance_extracted(items: Floats, values: Golden) -> None:
    for name, places in SCALES.items():
        found = average_variance_extracted(np.cov(items[:, places].T))
        assert_close(found, values["ave"][name], name, OPTIMISED)


def test_wrong_answers_are_seen(items: Floats, values: Golden) -> None:
    """Signed instead of absolute, arithmetic instead of geometric, one reliability only."""
    r = correlations(np.cov(items.T))
    pair = SCALES["A"], SCALES["O"]
    assert differences(htmt(r, *pair), values["htmt_absolute"][0][4])
    assert differences(htmt(r, *pair, absolute=True), values["htmt2_absolute"][0][4])
    one = values["pairs"][0]
    half = one["r"] / np.sqrt(values["alpha"][one["first"]])
    assert differences(half, one["corrected"])


def test_signed_geometric_means_are_refused(items: Floats) -> None:
    r = correlations(np.cov(items.T))
    assert np.isnan(htmt2(r, SCALES["A"], SCALES["N"]))
    with pytest.raises(RefusalError, match="above 0"):
        disattenuated(0.4, np.zeros(9), Reliability(-0.1), Reliability(0.9))
