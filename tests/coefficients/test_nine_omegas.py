"""Nine numbers that are all called omega, of the same five items and the same people."""

from __future__ import annotations

import pytest

import psychoscales as ps
from tests.coefficients.test_golden_alpha import responses

NINE = {
    ("omega_hierarchical", "psych"): 0.729,
    ("omega_total_fiml", "semTools"): 0.801,
    ("omega_total_fiml_model", "JASP"): 0.813,
    ("omega_total_minres", "psych"): 0.819,
    ("omega_categorical_model", None): 0.828,
    ("omega_categorical", "semTools"): 0.839,
    ("omega_total_minres_polychoric", "psych"): 0.844,
    ("omega_total_sl", "psych"): 0.852,
    ("omega_latent_response", "semTools"): 0.862,
}
"""bfi N1 to N5, 2,800 people, of whom 2,694 answered all five; the program whose rule for missing
answers it is, or None where the coefficient itself is the number."""


def test_all_nine_come_out_to_three_decimals() -> None:
    table = ps.reliability(
        responses("bfi_N"),
        coefficients=["omega_categorical_model"],
        interval=None,
        conventions=True,
    )
    found = {
        (str(row["coefficient"]), row.get("program")): row["value"]
        for row in table.rows
        if str(row["coefficient"]).startswith("omega")
    }
    assert {key: round(found[key], 3) for key in NINE} == NINE
    assert len({round(found[key], 3) for key in NINE}) == len(NINE)


@pytest.mark.parametrize("name", ["omega_total_fiml", "omega_total_fiml_model"])
def test_full_information_is_of_more_people(name: str) -> None:
    (one,) = ps.reliability(responses("bfi_N"), coefficients=name, one_factor=False).rows
    assert (one["n"], one["missing"], one["metric"]) == (2800, "fiml", "raw")


def test_every_one_says_what_it_is_of() -> None:
    names = sorted({name for name, _ in NINE})
    rows = ps.reliability(responses("bfi_N"), coefficients=names, interval=None).rows
    said = [row["estimand"] for row in rows if row["value"] is not None]
    assert len(said) == len(set(said)) == len(NINE) - 2
    refused = [row["coefficient"] for row in rows if row["value"] is None]
    assert refused == ["omega_hierarchical", "omega_total_sl"]
