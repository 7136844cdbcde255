"""With one predictor beta, r, t, F and R squared are one number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychoscales.auditing import audit
from tests.auditing.synthetic import text

KEY = {"analysis": "t3", "outcome": "y"}


def block(row: dict[str, str], whole: dict[str, Any], **cell: str) -> dict[str, Any]:
    correlation = {"analysis": "t2", "row": "y", "column": "x", **cell}
    return {
        "regressions": [KEY | {"predictor": "x"} | row],
        "regression_models": [KEY | whole],
        "correlations": [correlation] if cell else [],
    }


def found(row: dict[str, str], whole: dict[str, Any], **cell: str) -> list[tuple[str, str]]:
    rows = audit(block(row, whole, **cell)).rows
    return [(one["check"], one["verdict"]) for one in rows]


ONE = [("one_predictor", "inconsistent")]
PERHAPS = [("one_predictor", "implausible")]
"""Where n and df do not show that there is one predictor, a paper may print one of several."""


@pytest.mark.parametrize(
    ("row", "whole", "cell"),
    [
        ({"beta": ".50"}, {"n": "100"}, {"r": ".10", "n": "100"}),
        ({"beta": "-.10"}, {"n": "100"}, {"r": ".10", "n": "100"}),
        ({"t": "1.20"}, {"f": "9.00"}, {}),
        ({"t": "1.20"}, {"f": "9.00", "df": "98"}, {}),
        ({"beta": ".50", "t": "0.76"}, {"df": "98"}, {}),
        ({"beta": ".50"}, {"r_squared": ".16"}, {}),
        ({}, {"r_squared": ".16", "f": "3.00", "df": "98"}, {}),
        ({"t": "1.20"}, {"f": "9.00", "intercept": False}, {}),
    ],
)
def test_what_must_be_one_number_is_not(
    row: dict[str, str], whole: dict[str, Any], cell: dict[str, str]
) -> None:
    assert found(row, whole, **cell) == PERHAPS
    constant = 0 if whole.get("intercept") is False else 1
    df = int(whole.get("df", whole.get("n", "98")))
    n = df + 1 + constant if "n" not in whole else df
    proven = whole | {"n": str(n), "df": str(n - 1 - constant)}
    if "n" in cell:
        cell = cell | {"n": str(n)}
    assert found(row, proven, **cell) == ONE


def test_collinearity_of_one_predictor_is_a_contradiction() -> None:
    """Beta, t and df give a variance inflation factor of 42.6."""
    whole = {"df": "98", "n": "100", "r_squared": ".006"}
    (one,) = audit(block({"beta": ".500", "t": "0.758"}, whole)).rows
    assert (one["check"], one["verdict"]) == ONE[0]
    assert "All but beta = .500 agree." in one["explanation"]


@pytest.mark.parametrize(
    ("row", "whole", "cell"),
    [
        ({"beta": ".50"}, {"n": "100"}, {"r": ".10"}),
        ({"beta": ".50"}, {}, {"r": ".10", "n": "100"}),
        ({"beta": ".50"}, {"n": "100"}, {"r": ".10", "n": "100", "method": "spearman"}),
        ({"beta": ".50"}, {"n": "100", "intercept": False}, {"r": ".10", "n": "100"}),
        ({"beta": ".50"}, {"n": "40"}, {"r": ".30", "n": "100"}),
        ({"t": "1.20"}, {"f": "9.00", "n": "100", "df": "95"}, {}),
    ],
)
def test_what_may_differ_is_left(
    row: dict[str, str], whole: dict[str, Any], cell: dict[str, str]
) -> None:
    assert not [one for one in found(row, whole, **cell) if one[0] == "one_predictor"]


def test_far_more_than_chance_among_fewer_people_is_implausible() -> None:
    assert found({"beta": ".50"}, {"n": "95"}, r=".10", n="100") == [
        ("one_predictor", "implausible")
    ]


@pytest.mark.parametrize("seed", range(30))
def test_real_regressions_agree(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n, weight = int(draw.integers(5, 300)), draw.normal()
    x = draw.normal(size=n)
    r = float(np.corrcoef(x, weight * x + draw.normal(size=n))[0, 1])
    df, places = n - 2, int(draw.integers(1, 4))
    t = r * (df / (1 - r * r)) ** 0.5
    row = {"beta": text(r, places), "t": text(t, places)}
    whole = {"df": str(df), "f": text(t * t, places), "r_squared": text(r * r, places)}
    made = block(row, whole, r=text(r, places), n=str(n))
    assert audit(made, check="one_predictor").rows == ()
