"""What other programs print: the numbers that they printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.reliability.conventions import CONVENTIONS
from psychoscales.moments import pairwise_correlations
from tests.coefficients.test_golden_alpha import responses
from tests.counting.making import answers_of, patterns_of

PRINTED = {
    ("psych", "raw_alpha"): 0.8139629,
    ("psych", "std.alpha"): 0.8146747,
    ("psych", "G6(smc)"): 0.7991260,
    ("psych", "omega_h"): 0.7286,
    ("psych", "omega.tot"): 0.8519,
    ("psych", "omega.tot, 1 factor"): 0.8190,
    ("semTools", "compRelSEM"): 0.8001,
    ("psych", "omega.tot, 1 factor, poly"): 0.8438,
    ("semTools", "compRelSEM, fiml"): 0.801,
    ("semTools", "compRelSEM, ordered"): 0.838785,
    ("semTools", "compRelSEM, ordered, latent"): 0.862352,
    ("semTools", "reliability, alpha.ord"): 0.8393548,
    ("JASP", "omega"): 0.813,
    ("jamovi", "McDonald's omega"): 0.8185,
    ("jamovi", "Cronbach's alpha"): 0.8133031,
    ("SPSS", "Cronbach's Alpha"): 0.8133031,
}
"""bfi N1 to N5; those of complete people from R with listwise deletion."""


def conventional(**more: Any) -> pd.DataFrame:
    frame: pd.DataFrame = ps.reliability(responses("bfi_N"), conventions=True, **more).to_frame()
    return frame[frame["program"].notna()]


def test_each_program_prints_its_own_number() -> None:
    rows = conventional().set_index(["program", "prints"])
    assert len(rows) == len(CONVENTIONS)
    for where, printed in PRINTED.items():
        decimals = len(str(printed).split(".")[1])
        found = float(str(rows["value"][where]))
        assert round(found, decimals) == printed, where


def test_psych_takes_every_row_as_n() -> None:
    row = conventional().set_index("prints").loc["raw_alpha"]
    assert row["n"] == 2800
    assert (round(row["low"], 7), round(row["high"], 7)) == (0.8028413, 0.8246404)


def test_without_being_asked_there_are_none() -> None:
    table = ps.reliability(responses("bfi_N"))
    assert "program" not in table.columns


def test_every_row_says_why_it_is_another_number() -> None:
    rows = conventional()
    assert rows["note"].str.len().min() > 10
    assert set(rows["program"]) == {"psych", "semTools", "JASP", "jamovi", "SPSS", "Stata"}


def test_the_text_fits_a_terminal() -> None:
    text = str(ps.reliability(responses("bfi_N"), conventions=True))
    assert max(map(len, text.splitlines())) <= 80
    assert "psych raw_alpha: pairwise covariances" in " ".join(text.split())


def test_a_number_that_is_refused_says_so() -> None:
    two = pd.DataFrame({"phq9_1": [0, 1, 2, 3, 1], "phq9_2": [1, 1, 2, 3, 0]})
    frame = ps.reliability(two, "phq2", conventions=True).to_frame().set_index("prints")
    assert pd.isna(frame.loc["compRelSEM", "value"])
    assert "no value" in frame.loc["omega_h", "note"]


def test_pairwise_correlations_are_those_of_pandas() -> None:
    answers = answers_of(300, 4, seed=3, missing=0.15)
    patterns, values = patterns_of(answers), ((0.0, 1.0, 2.0, 3.0),) * 4
    wanted = pd.DataFrame(np.where(answers < 0, np.nan, answers.astype(float))).corr()
    found = pairwise_correlations(patterns, values)
    assert np.allclose(found.cov, wanted, rtol=1e-12)
    assert found.metric == "standardized"
    assert found.n.min() < found.n.max()


def test_pairwise_correlations_of_a_constant_pair_are_refused() -> None:
    patterns = patterns_of([[0, 0, 1], [0, 0, 2], [1, -1, 0]])
    with pytest.raises(ps.RefusalError, match="same answer"):
        pairwise_correlations(patterns, ((0.0, 1.0, 2.0, 3.0),) * 3)
