"""Differential item functioning of real answers, against R (reference.json).

R's `polr` ended its search where the log likelihood no longer rose by 1e-8 of itself: its values
are a little below the maximum, never above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.verbs.dif import dif
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of
from tests.real.reference import reference

ENDED = 1e-6
"""How far below the maximum R's log likelihoods may be, relative."""
CHISQ, SHARES = 1e-2, 1e-5
"""What that makes of likelihood ratios and of changes of R2, absolute. That ours are right to more
digits is shown where R searched to the end (tests/golden/dif)."""
MODELS = {
    "matching": "logLik_total",
    "group": "logLik_total_group",
    "interaction": "logLik_interaction",
}


def compared(people: ps.Responses, by: str, wanted: Mapping[str, Any], within: float) -> int:
    """Compare all items of one reference with ours; return how many numbers were."""
    tests = ["uniform", "nonuniform", "total"]
    found = dif(people, by=by, tests=[f"logistic_{name}" for name in tests])
    rows = {(row["item"], row["test"]): row for row in found.rows}
    (part,) = found.parts
    assert len(part.counted) == len(wanted["items"])
    assert {row["n"] for row in found.rows} == {wanted["n"]}
    done = 0
    for (name, studied), r in zip(part.counted.items(), wanted["items"], strict=True):
        for model, theirs in MODELS.items():
            gained = getattr(studied.nested, model).fit.loglik / r[theirs] - 1
            assert -ENDED < gained < 1e-12, f"{name} {model}: R's is higher, or far below"
            done += 1
        for test in tests:
            statistic = rows[name, f"logistic_{test}"]["statistic"]
            assert statistic == pytest.approx(r[f"chi2_{test}"], abs=within), f"{name} {test}"
            done += 1
        uniform, total = rows[name, "logistic_uniform"], rows[name, "logistic_total"]
        assert uniform["effect"] == pytest.approx(r["nagelkerke_delta_uniform"], abs=SHARES)
        assert total["effect"] == pytest.approx(r["nagelkerke_delta_total"], abs=SHARES)
        assert total["mcfadden_change"] == pytest.approx(r["mcfadden_delta_total"], abs=SHARES)
        done += 3
    return done


@pytest.fixture(scope="module")
def anxiety(shared: Path) -> ps.Responses:
    frame = pd.read_csv(shared / "dif_validity_rpkg" / "promis_anxiety_lordif.csv.gz")
    frame.columns = frame.columns.str.lower()
    scale = scale_of([f"r{at}" for at in range(1, 30)], (1, 2, 3, 4, 5))
    return ps.read(frame, scale, keep=["age", "gender", "education"])


@pytest.mark.parametrize("by", ["age", "gender", "education"])
def test_promis_anxiety_is_rs(shared: Path, anxiety: ps.Responses, by: str) -> None:
    wanted = reference(shared / "dif_validity_rpkg")["promis_anxiety"][f"dif_{by}_olr_total"]
    assert compared(anxiety, by, wanted, CHISQ) == 29 * 9


@pytest.fixture(scope="module")
def homeostasis(shared: Path) -> ps.Responses:
    frame = pd.read_csv(shared / "dif_validity_rpkg" / "HCI.csv.gz")
    frame = frame.rename(columns={f"Item {at}": f"i{at}" for at in range(1, 21)})
    return ps.read(frame, scale_of([f"i{at}" for at in range(1, 21)], (0, 1)), keep="gender")


def test_hci_logistic_is_rs(shared: Path, homeostasis: ps.Responses) -> None:
    wanted = reference(shared / "dif_validity_rpkg")["hci"]["dif_logistic_gender"]
    assert compared(homeostasis, "gender", wanted, 1e-8) == 20 * 9


def test_hci_mantel_haenszel_is_rs(shared: Path, homeostasis: ps.Responses) -> None:
    wanted = reference(shared / "dif_validity_rpkg")["hci"]["mh_dif_gender"]
    rows = dif(homeostasis, by="gender", tests="mantel_haenszel_corrected").rows
    assert len(rows) == len(wanted) == 20
    tested = 0
    for row, r in zip(rows, wanted, strict=True):
        assert row["item"] == r["item"]
        assert (row["reference"], r["group_row1"]) == ("0", "0")
        assert_close(row["odds_ratio"], r["mh_or"], row["item"])
        assert_close(row["effect"], r["delta_mh"], row["item"])
        if row["statistic"] > 0:
            assert_close([row["statistic"], row["p"]], [r["mh_chisq_cc"], r["p"]], row["item"])
            tested += 1
    assert tested >= 15


def test_the_general_social_survey_by_gender_is_rs(shared: Path) -> None:
    folder = shared / "gss_mh_stigma"
    items = ["vigsoc", "vignei", "vigfrnd", "vigwork", "viggrp", "vigmar"]
    binding: dict[str, Any] = {
        "variables": {"sex": {"column": "sex", "stored": {"1": "male", "2": "female"}}}
    }
    people = ps.read(
        folder / "gss_mh_module_1996_2006_2018.csv.gz",
        scale_of(items, (1, 2, 3, 4)),
        binding=binding,
        keep="sex",
    )
    assert compared(people, "sex", reference(folder)["dif_gender"], CHISQ) == 6 * 9


NHANES: dict[str, Any] = {
    "scales": {
        "phq9": {
            "columns": {
                **{f"phq9_{n}": f"DPQ0{n}0" for n in range(1, 10)},
                "phq9_10": "DPQ100",
            },
            "missing": {"7": "refused", "9": "dont_know"},
        }
    },
    "variables": {
        "sex": {"column": "RIAGENDR", "stored": {"1": "male", "2": "female"}},
        "language": {"column": "SIALANG", "stored": {"1": "English", "2": "Spanish"}},
    },
}


@pytest.fixture(scope="module")
def adults(shared: Path) -> ps.Responses:
    path = shared / "nhanes_phq9" / "nhanes_dpq_demo_2011_2018.csv.gz"
    return ps.read(path, "phq9", binding=NHANES, id="SEQN", keep=["CYCLE", "sex", "language"])


def test_phq9_by_language_of_20_499_adults_is_rs(shared: Path, adults: ps.Responses) -> None:
    wanted = reference(shared / "nhanes_phq9")["pooled_dif_language"]
    assert wanted["n"] == 20_499
    assert compared(adults, "language", wanted, CHISQ) == 9 * 9


def test_phq9_by_sex_of_one_cycle_is_rs(shared: Path, adults: ps.Responses) -> None:
    frame = adults.to_frame()
    last = frame[frame["CYCLE"] == "2017-2018"]
    people = ps.read(last, "phq9", id="SEQN", keep="sex")
    wanted = reference(shared / "nhanes_phq9")["J_2017_2018"]["dif_sex"]
    assert compared(people, "sex", wanted, CHISQ) == 9 * 9
