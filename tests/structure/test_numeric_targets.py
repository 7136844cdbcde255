"""The numbers that R prints of five items of the bfi come out of the public functions.

Each is written as it was printed, by lavaan 0.6-14 and semTools 0.5-6 (R 4.2.2), and has to agree
to its last digit. N1 to N5 of the bfi; 2,694 people answered all five. (Of categorical omega,
.8387853 in semTools, one digit less: lavaan's search stops 6e-8 before its end.)
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psychoscales as ps
from tests.counting.making import scale_of

GOLDEN = Path(__file__).parents[1] / "golden"
N = [f"n{at}" for at in range(1, 6)]
MODEL = {"neuroticism": N}

# lavaan's default for complete answers of one group has no means, and so has the SRMR it prints.
INDICES: dict[str, dict[str, str]] = {
    "MLR": {
        "n": "2694",
        "chisq": "360.932",
        "chisq_scaled": "313.521",
        "cfi": ".925",
        "cfi_scaled": ".911",
        "cfi_robust": ".925",
        "rmsea": ".163",
        "rmsea_scaled": ".151",
        "rmsea_robust": ".162",
        "srmr": ".056",
    },
    "WLSMV": {
        "n": "2694",
        "chisq": "261.725",
        "chisq_scaled": "547.768",
        "cfi": ".988",
        "cfi_scaled": ".960",
        "cfi_robust": ".914",
        "rmsea": ".138",
        "rmsea_scaled": ".201",
        "rmsea_robust": ".192",
        "srmr": ".059",
    },
    "ULSMV": {"n": "2694", "chisq": "118.537", "chisq_scaled": "461.553"},
}
LOADINGS = {
    "WLSMV": [".8611", ".8377", ".7572", ".6179", ".5490"],
    "ULSMV": [".8144", ".7905", ".7936", ".6219", ".5610"],
}
MARKER_SE = {
    "MLR": [".0174", ".0283", ".0305", ".0297"],
    "WLSMV": [".0144", ".0124", ".0160", ".0174"],
}
UNBIASED = {"usrmr": ".060", "usrmr_low": ".055", "usrmr_high": ".066"}
POLYCHORIC = {("n1", "n2"): ".7635", ("n1", "n5"): ".4181"}
RELIABILITY = {
    "alpha": ".8133031",
    "alpha_ordinal": ".8393548",
    "omega_categorical": ".838785",
    "omega_categorical_model": ".8284103",
    "omega_latent_response": ".862352",
}


def stored() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "efa" / "bfi.csv").rename(columns=str.lower)


@cache
def people() -> ps.Responses:
    return ps.read(stored(), scale_of(N, range(1, 7)))


@cache
def fitted(estimator: Any, identification: Any = "variance") -> ps.Cfa:
    return ps.cfa(people(), model=MODEL, estimator=estimator, identification=identification)


def indices(found: ps.Cfa) -> dict[str, float]:
    return {row["index"]: row["value"] for row in found.fit.rows}


def agrees(value: float, printed: str) -> bool:
    decimals = len(printed.partition(".")[2])
    return round(value, decimals) == float(printed)


def test_the_comparison_sees_the_last_digit() -> None:
    assert agrees(0.92449, ".924")
    assert not agrees(0.92351, ".923")


@pytest.mark.parametrize("estimator", INDICES)
def test_tests_and_indices(estimator: str) -> None:
    found = indices(fitted(estimator))
    asked = INDICES[estimator].items()
    wrong = {name: found[name] for name, printed in asked if not agrees(found[name], printed)}
    assert not wrong


@pytest.mark.parametrize("estimator", LOADINGS)
def test_standardized_loadings(estimator: str) -> None:
    rows = fitted(estimator).loadings.rows
    assert [row["item"] for row in rows] == N
    for row, printed in zip(rows, LOADINGS[estimator], strict=True):
        assert agrees(row["std"], printed), row["item"]


@pytest.mark.parametrize("estimator", MARKER_SE)
def test_standard_errors_beside_a_marker_item(estimator: str) -> None:
    first, *others = fitted(estimator, "marker").loadings.rows
    assert (first["estimate"], first["se"]) == (1, None)
    for row, printed in zip(others, MARKER_SE[estimator], strict=True):
        assert agrees(row["se"], printed), row["item"]


def test_unbiased_srmr() -> None:
    """Of the 2,436 people who answered all 25 items."""
    whole = stored().dropna()
    found = indices(ps.cfa(whole, scale_of(N, range(1, 7)), model=MODEL))
    assert found["n"] == 2436
    for name, printed in UNBIASED.items():
        assert agrees(found[name], printed), name


def test_polychoric_correlations() -> None:
    rows = ps.efa(people(), metric="polychoric").residuals.rows
    found = {(row["item"], row["with_item"]): row["observed"] for row in rows}
    for pair, printed in POLYCHORIC.items():
        assert agrees(found[pair], printed), pair


def test_reliability_from_the_model() -> None:
    table = ps.reliability(people(), coefficients=list(RELIABILITY), interval=None)
    found = {row["coefficient"]: row["value"] for row in table.rows}
    for name, printed in RELIABILITY.items():
        assert agrees(found[name], printed), name


def test_full_weighted_least_squares_agrees_with_lavaan() -> None:
    golden = json.loads((GOLDEN / "cfa_wls" / "expected.json").read_text(encoding="utf-8"))
    data = pd.read_csv(GOLDEN / "cfa_wls" / "bfi.csv")
    models = {
        "N": {"f": [f"N{at}" for at in range(1, 6)]},
        "NE": {"n": [f"N{at}" for at in range(1, 6)], "e": ["E3", "E4", "E5"]},
    }
    for name, model in models.items():
        items = [item for group in model.values() for item in group]
        scale = scale_of([item.lower() for item in items], range(1, 7))
        lower = {factor: [item.lower() for item in group] for factor, group in model.items()}
        frame = data[items].rename(columns=str.lower)
        found, wanted = ps.cfa(frame, scale, model=lower, estimator="WLS"), golden[name]
        rows = found.loadings.rows
        assert [row["estimate"] for row in rows] == pytest.approx(wanted["loading"], abs=2e-6)
        assert [row["se"] for row in rows] == pytest.approx(wanted["se"], rel=1e-5)
        values = {row["index"]: row["value"] for row in found.fit.rows}
        named = {"baseline_chisq": "baseline.chisq", "rmsea_high": "rmsea.ci.upper"}
        for index, theirs in named.items():
            assert values[index] == pytest.approx(wanted["fit"][theirs], rel=1e-5)
        for index in ("chisq", "df", "cfi", "tli", "rmsea", "srmr"):
            assert values[index] == pytest.approx(wanted["fit"][index], rel=1e-5)
        assert not any(index.endswith(("_scaled", "_robust")) for index in values)
        for row, r, se in zip(
            found.factor_correlations.rows,
            wanted["correlation"],
            wanted["correlation_se"],
            strict=True,
        ):
            assert row["correlation"] == pytest.approx(r, abs=2e-6)
            assert row["se"] == pytest.approx(se, rel=1e-5)
    assert f"{golden['N']['fit']['chisq']:.3f}" == "353.013"


def test_full_weights_need_more_people_than_moments() -> None:
    few = ps.simulate("phq9", n=40, seed=3)
    with pytest.raises(ps.RefusalError, match="use WLSMV"):
        ps.cfa(few, estimator="WLS")
