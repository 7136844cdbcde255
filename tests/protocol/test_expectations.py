"""Hypotheses declared in a study document, and what became of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps

N = 200


def document(*expect: dict[str, Any]) -> dict[str, Any]:
    numbers = [{"id": name, "label": {"en": name}, "kind": "number"} for name in ("near", "far")]
    analysis = {
        "id": "table1",
        "title": {"en": "Correlations"},
        "kind": "correlations",
        "rows": ["phq2_total"],
        "columns": ["near", "far"],
        "method": "pearson",
        "missing": "pairwise",
        "expect": list(expect),
    }
    return {
        "format": "1.0",
        "id": "mine",
        "version": "1.0.0",
        "title": {"en": "Mine"},
        "scales": ["phq2"],
        "variables": numbers,
        "analyses": [analysis],
    }


def people() -> pd.DataFrame:
    frame: pd.DataFrame = ps.simulate("phq2", n=N, seed=2).to_frame()[["phq9_1", "phq9_2"]]
    total, rng = frame.sum(axis=1), np.random.default_rng(3)
    near = total + rng.normal(0, 1.2, N)
    return frame.assign(near=near, far=rng.normal(0, 1, N))


def verdicts(*expect: dict[str, Any]) -> list[bool | None]:
    result = ps.study(document(*expect)).run(people())
    table = result.tables["table1_hypotheses"]
    assert list(table.columns)[4:6] == ["hypothesis", "found"]
    return [row["confirmed"] for row in table.rows]


def test_hypotheses_are_judged_by_the_correlations_of_the_table() -> None:
    found = verdicts(
        {"with": "near", "r": [0.5, 1.0]},
        {"with": "near", "r": [-0.2, 0.2]},
        {"with": "near", "direction": "positive"},
        {"order": "near > far"},
        {"stronger": "far > near"},
        {"score": "phq2_total", "with": "far", "r": [-0.3, 0.3]},
    )
    assert found == [True, False, True, True, False, True]


def test_the_share_confirmed_is_in_the_title() -> None:
    result = ps.study(document({"order": "near > far"}, {"order": "far > near"})).run(people())
    assert "1 of 2 confirmed (50.0%)" in result.tables["table1_hypotheses"].title


def test_without_hypotheses_there_is_no_table_of_them() -> None:
    result = ps.study(document()).run(people())
    assert "table1_hypotheses" not in result.tables


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"with": "nere", "r": [0.1, 0.2]}, "did you mean 'near'"),
        ({"with": "near", "r": [0.8, 0.2]}, "0.8 to 0.2 is no range"),
        ({"with": "near"}, "one of r, direction, order or stronger"),
        ({"with": "near", "rr": [0.1, 0.2]}, "expect[0]"),
        ({"score": "phq2_totl", "order": "near > far"}, "phq2_total"),
    ],
)
def test_a_mistaken_hypothesis_is_an_error_of_the_document(
    expect: dict[str, Any], said: str
) -> None:
    with pytest.raises(ps.StudyError) as raised:
        ps.study(document(expect))
    assert said in str(raised.value)


def test_an_analysis_that_takes_no_hypotheses_says_so() -> None:
    tree = document()
    tree["analyses"][0] |= {"kind": "descriptives", "expect": [{"order": "near > far"}]}
    with pytest.raises(ps.StudyError, match="has no 'expect'"):
        ps.study(tree)
