"""The note of a scale that one factor does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.reliability.dimensionality import (
    FEWEST_PEOPLE,
    OneFactorFit,
    one_factor_fit,
)
from tests.coefficients.categorical_data import latent_of, simulated, table
from tests.coefficients.comparing import assert_close
from tests.coefficients.test_golden_alpha import responses
from tests.counting.making import item_names, scale_of
from tests.structure.cfa_cases import expected

Floats = npt.NDArray[np.float64]
SAID = "one factor does not fit the ordinal answers well"


def two_factors(n: int, seed: int) -> Floats:
    """Return answers to six items, three of each of two factors that correlate .3."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((n, 1))
    factors = np.sqrt(0.3) * shared + np.sqrt(0.7) * rng.standard_normal((n, 2))
    latent = 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * rng.standard_normal((n, 6))
    return np.digitize(latent, (-1.0, 0.0, 1.0)).astype(np.float64)


def notes(answers: Floats, **more: Any) -> list[str]:
    names = item_names(answers.shape[1])
    table = ps.reliability(pd.DataFrame(answers, columns=list(names)), scale_of(names), **more)
    assert not any(SAID in str(row["note"]) for row in table.rows)
    return [note for note in table.notes if SAID in note]


def test_indices_are_the_robust_ones_of_lavaan() -> None:
    found, wanted = one_factor_fit(latent_of(table("bfi_N"))), expected("cfa_ordinal")
    assert found is not None
    fit = wanted["N_WLSMV"]["fit"]
    compared = assert_close(found.cfi, fit["cfi.robust"], "cfi", 1e-6)
    compared += assert_close(found.rmsea, fit["rmsea.robust"], "rmsea", 1e-6)
    compared += assert_close(found.srmr, fit["srmr"], "srmr", 1e-6)
    assert compared == 3
    assert not found.supported


def test_the_note_names_indices_their_flavour_and_the_bounds() -> None:
    (note,) = (each for each in ps.reliability(responses("bfi_N")).notes if SAID in each)
    for said in ("robust CFI 0.914", "robust RMSEA 0.192", "WLSMV", "SRMR 0.059", "Hu and Bentler"):
        assert said in note


@pytest.mark.parametrize(
    ("cfi", "srmr", "supported"),
    [(0.95, 0.08, True), (0.949, 0.08, False), (0.95, 0.081, False), (1.0, 0.0, True)],
)
def test_both_of_the_pair_count(cfi: float, srmr: float, supported: bool) -> None:
    assert OneFactorFit(cfi, 0.3, srmr).supported == supported


def test_one_factor_is_no_cause_for_a_note_and_two_are() -> None:
    assert notes(two_factors(400, 1))
    for seed in range(5):
        assert not notes(simulated(400, seed, cuts=(-1.0, 0.0, 1.0)))


def test_where_it_is_not_judged_there_is_no_note() -> None:
    answers = two_factors(400, 1)
    assert notes(answers[:FEWEST_PEOPLE])
    assert not notes(answers[: FEWEST_PEOPLE - 1])
    assert not notes(answers, one_factor=False)
    assert not notes(answers, missing="pairwise", interval=None)
    assert not notes(answers[:, [0, 1, 3]])
    holed = answers.copy()
    holed[:, 5] = holed[:, 4]
    assert not notes(holed)


def test_a_fit_without_a_solution_is_no_note() -> None:
    assert one_factor_fit(latent_of(simulated(400, 1)[:, :4])) is not None
    sparse = simulated(400, 2, loadings=(0.999, 0.999, 0.1, 0.1), cuts=(2.2,))
    found = one_factor_fit(latent_of(sparse))
    assert found is None or np.isfinite(found.cfi)
