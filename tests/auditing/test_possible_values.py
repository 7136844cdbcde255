"""Numbers that cannot be, whatever the data; and that silence means that something was tested."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import psychoscales as ps
from psychoscales.auditing import CHECKS, audit
from psychoscales.auditing.context import Context, ScoreFacts, VariableFacts, context_of
from psychoscales.auditing.published import read_published
from tests.conftest import laws

KNOWN = context_of([ps.scale("phq9")], {"use": range(1, 6)}, people=200)
CELL = {"analysis": "t2", "row": "a", "column": "b", "r": ".10"}
ROW = {"analysis": "t3", "outcome": "y", "predictor": "a", "t": "1.20"}
WHOLE = {"analysis": "t3", "outcome": "y"}
MEAN = {"analysis": "t1", "variable": "phq9_total", "mean": "10.15"}
PART = {"id": "a", "count": "1", "of": "4"}
COUNTS = {"analysis": "t1", "variable": "use", "n": "4", "counts": ["1", "3"]}


def found(**block: Any) -> list[tuple[str, str]]:
    rows = audit(block, KNOWN, check="possible_values").rows
    return [(row["verdict"], row["expected"]) for row in rows]


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("regression_models", WHOLE | {"r_squared": "1.20"}, "0 to 1"),
        ("regression_models", WHOLE | {"r_squared": "-.30"}, "0 to 1"),
        ("regression_models", WHOLE | {"f": "-2.0"}, "0 or more"),
        ("descriptives", MEAN | {"sd": "-3.0"}, "0 or more"),
        ("descriptives", MEAN | {"max": "29"}, "0 to 27"),
        ("descriptives", MEAN | {"min": "-1"}, "0 to 27"),
        ("correlations", CELL | {"p": "1.37"}, "0 to 1"),
        ("correlations", CELL | {"p": "1.37", "n": "90"}, "0 to 1"),
        ("correlations", CELL | {"p": "-.10"}, "0 to 1"),
        ("correlations", CELL | {"p": ">1.1"}, "0 to 1"),
        ("correlations", CELL | {"r": "-1.02"}, "-1 to 1"),
        ("regressions", ROW | {"p": "-.10"}, "0 to 1"),
        ("proportions", PART | {"percent": "101.2"}, "0 to 100"),
        ("frequencies", COUNTS | {"percents": ["-3.0", "75.0"]}, "0 to 100"),
        ("alphas", {"score": "a", "alpha": "1.02"}, "at most 1"),
        ("alphas", {"score": "a", "alpha": ".80", "mean_r": "1.20"}, "-1 to 1"),
    ],
)
def test_what_cannot_be_is_impossible(kind: str, row: dict[str, str], expected: str) -> None:
    assert found(**{kind: [row]}) == [("impossible", expected)]
    verdicts = [(one["check"], one["verdict"]) for one in audit({kind: [row]}, KNOWN).rows]
    others = {("percentages", "inconsistent")} if "per" in str(row) else set()
    assert set(verdicts) - others - {("grim", "no_power")} == {("possible_values", "impossible")}


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("regression_models", WHOLE | {"r_squared": "1.00", "f": "0.00"}),
        ("regression_models", WHOLE | {"r_squared": "-.00"}),
        ("regression_models", WHOLE | {"r_squared": "-.02", "intercept": False}),
        ("descriptives", MEAN | {"sd": "0.0", "min": "0", "max": "27"}),
        ("descriptives", MEAN | {"min": "10.15", "max": "10.15"}),
        ("correlations", CELL | {"r": "1.00", "p": "<.001"}),
        ("correlations", CELL | {"p": ">.999"}),
        ("correlations", CELL | {"p": "1.000"}),
        ("regressions", ROW | {"beta": "1.20", "B": "-40", "p": ".000"}),
        ("proportions", PART | {"percent": "100"}),
        ("alphas", {"score": "a", "alpha": "-1.40"}),
    ],
)
def test_what_can_be_is_left(kind: str, row: dict[str, str]) -> None:
    assert found(**{kind: [row]}) == []


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({"min": "11"}, ["minimum at most 10.15"]),
        ({"max": "9"}, ["mean at most 9"]),
        ({"min": "20", "max": "12"}, ["minimum at most 10.15", "minimum at most 12"]),
        ({"min": "10"}, []),
    ],
)
def test_minimum_mean_and_maximum_stand_in_this_order(
    ends: dict[str, str], expected: list[str]
) -> None:
    assert found(descriptives=[MEAN | ends]) == [("inconsistent", one) for one in expected]


def test_an_end_of_another_coding_is_named() -> None:
    scales = [ps.scale(name) for name in ("dd_kobori2021", "dd_kobori2021_1to6")]
    row = {"analysis": "t", "variable": "dd_kobori2021_total", "mean": "48.97", "max": "72"}
    (one,) = audit({"descriptives": [row]}, context_of(scales), check="possible_values").rows
    assert "dd_kobori2021_1to6_total (12 to 72)" in one["explanation"]


# -- what was not tested is said


def idle(context: Context | None = None, **block: Any) -> set[str]:
    published = read_published(block)
    known = Context() if context is None else context
    return {name for name, one in CHECKS.items() if not one.reads(published, known)}


@pytest.mark.parametrize(
    ("check", "block"),
    [
        ("p_values", {"correlations": [CELL | {"r": ".05", "p": "<.001"}]}),
        ("p_values", {"correlations": [CELL | {"n": "90"}]}),
        ("p_values", {"correlations": [CELL | {"p": "1.37", "n": "90"}]}),
        ("p_values", {"correlations": [CELL | {"p": ".3", "n": "9", "method": "kendall"}]}),
        (
            "p_values",
            {"regressions": [{"analysis": "t", "outcome": "y", "predictor": "a", "p": ".1"}]},
        ),
        ("r_squared", {"regression_models": [WHOLE | {"r_squared": "1.20"}]}),
        ("r_squared", {"regression_models": [WHOLE | {"r_squared": ".20", "f": "3.0", "df": "9"}]}),
        ("largest_sd", {"descriptives": [MEAN | {"sd": "3.0"}]}),
        ("signs", {"regressions": [ROW]}),
        ("signs", {"regressions": [ROW | {"beta": ".00"}]}),
        ("degrees_of_freedom", {"regression_models": [WHOLE | {"df": "9"}], "regressions": [ROW]}),
        ("degrees_of_freedom", {"correlations": [CELL | {"n": "90"}]}),
        ("identical_rows", {"frequencies": [COUNTS, COUNTS | {"analysis": "t9", "variable": "b"}]}),
        ("alpha", {"alphas": [{"score": "a", "alpha": ".80"}]}),
        ("alpha", {"alphas": [{"score": "a", "alpha": ".80", "mean_r": ".30"}]}),
        (
            "vif",
            {"regressions": [ROW | {"beta": ".2"}], "regression_models": [WHOLE | {"df": "9"}]},
        ),
        ("correlation_matrix", {"correlations": [CELL, CELL | {"column": "c"}]}),
        ("one_predictor", {"regressions": [ROW], "regression_models": [WHOLE | {"df": "9"}]}),
        ("possible_values", {"descriptives": [MEAN]}),
    ],
)
def test_a_check_that_tested_no_row_is_named(check: str, block: dict[str, Any]) -> None:
    assert check in idle(**block)
    assert check in audit(block).notes[-1]


@pytest.mark.parametrize(
    ("check", "block"),
    [
        ("p_values", {"correlations": [CELL | {"p": ".3", "n": "90"}]}),
        ("p_values", {"regressions": [ROW | {"p": ".3"}]}),
        ("largest_sd", {"descriptives": [MEAN | {"sd": "3.0", "min": "0", "max": "20"}]}),
        ("signs", {"regressions": [ROW | {"beta": ".20"}]}),
        (
            "degrees_of_freedom",
            {"regression_models": [WHOLE | {"df": "9", "n": "11"}], "regressions": [ROW]},
        ),
        ("identical_rows", {"frequencies": [COUNTS, COUNTS | {"variable": "b"}]}),
        ("alpha", {"alphas": [{"score": "a", "alpha": ".80", "mean_r": ".30", "items": "9"}]}),
        ("one_predictor", {"regressions": [ROW], "regression_models": [WHOLE | {"f": "1.44"}]}),
        ("possible_values", {"descriptives": [MEAN | {"min": "0"}]}),
    ],
)
def test_a_check_that_tested_a_row_is_not(check: str, block: dict[str, Any]) -> None:
    assert check not in idle(**block)


NUMBERS = st.sampled_from(
    ["-3.0", "-1", "-.30", "0", ".00", ".05", ".97", "1.00", "1.20", "9", "42.6"]
)
FACTS = Context({"y": ScoreFacts("y", 3, 0, 9)}, {"a": VariableFacts("a", (0.0, 1.0))}, people=40)


@laws(150)
@given(st.data())
def test_no_printed_number_breaks_a_check(data: st.DataObject) -> None:
    def some(**fixed: Any) -> dict[str, Any]:
        names = fixed.pop("names")
        return fixed | {name: data.draw(NUMBERS) for name in names if data.draw(st.booleans())}

    count = st.sampled_from(["0", "1", "2", "9", "40"])
    row = {"analysis": "t", "outcome": "y"}
    block = {
        "descriptives": [
            some(analysis="t", variable=one, mean=data.draw(NUMBERS), names=("sd", "min", "max"))
            | {"n": data.draw(count)}
            for one in ("y", "a")
        ],
        "correlations": [
            some(analysis="t", row=one, column=two, r=data.draw(NUMBERS), names=("p",))
            | ({"n": data.draw(count)} if data.draw(st.booleans()) else {})
            for one, two in (("y", "a"), ("a", "b"), ("y", "b"))
        ],
        "regressions": [
            some(**row, predictor=one, names=("B", "beta", "t", "p"))
            for one in ("a", "b")[: data.draw(st.integers(1, 2))]
        ],
        "regression_models": [some(**row, names=("r_squared", "f")) | {"df": data.draw(count)}],
        "alphas": [some(score="y", alpha=data.draw(NUMBERS), names=("mean_r",))],
    }
    audit(block, FACTS)
    audit(block)
