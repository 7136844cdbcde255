"""Data that no study wants: nobody there, nobody complete, everybody alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychoscales.errors import BindingError, DataError, RefusalError
from psychoscales.layouts import Cell, Grid, latex, plain
from psychoscales.protocol.study import study
from psychoscales.simulation.totals import integers
from tests.protocol.making import of_numbers, people, small

PRINTED = {
    "descriptives": [{"analysis": "means", "variable": "age", "mean": "40.0", "n": "30"}],
    "correlations": [{"analysis": "pairs", "row": "phq9_total", "column": "age", "r": ".10"}],
    "regressions": [
        {"analysis": "lines", "outcome": "phq9_total", "predictor": "age", "B": "1", "p": "<.001"}
    ],
}


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_a_study_of_hardly_anybody_runs_and_prints(n: int) -> None:
    loaded = study(small(published=PRINTED))
    result = loaded.run(people(30).iloc[:n])
    assert max(map(len, str(result).splitlines())) <= 80
    assert result.n == n
    assert str(loaded.compare(result))
    assert result._repr_html_()


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_three_people_have_a_correlation_and_no_interval(method: str) -> None:
    frame = pd.DataFrame({name: [1.0, 2.0, 4.0] for name in ("y1", "y2", "x1", "x2", "x3")})
    row = of_numbers(method).run(frame).tables["pairs"].rows[0]
    assert (row["n"], row["low"]) == (3, None)
    assert row["r"] == pytest.approx(1.0)


def test_nobody_complete_leaves_the_reason_in_print() -> None:
    frame = people(30).astype({"often": object, "age": object})
    frame.loc[::2, "age"] = None
    frame.loc[1::2, "often"] = None
    text = str(study(small()).run(frame))
    assert "not computed: 0 people are too few for 2 predictors" in text


def test_everybody_alike_leaves_the_reason_in_print() -> None:
    text = str(study(small()).run(people(30).assign(age=40)))
    assert "Left out: everybody has the same value of one of the two." in text
    assert "not computed: everybody has the same value of age" in text


def test_what_was_not_computed_is_compared_with_nothing() -> None:
    loaded = study(small(published=PRINTED))
    compared = loaded.compare(loaded.run(people(30).assign(age=40)))
    frame = compared.to_frame().set_index(["table", "statistic"])
    assert frame.loc[("means", "mean"), "agrees"] is True
    for key in (("pairs", "r"), ("lines", "B"), ("lines", "p")):
        assert frame.loc[key, "computed"] is None or np.isnan(frame.loc[key, "computed"])
        assert frame.loc[key, "agrees"] is None
    assert str(compared).count("not computed") == 3


def test_a_comparison_fits_a_terminal_and_stands_by_table() -> None:
    tree: dict[str, Any] = small(published=PRINTED)
    loaded = study(tree)
    lines = str(loaded.compare(loaded.run(people(30)))).splitlines()
    assert max(map(len, lines)) <= 80
    heads = [line.strip() for line in lines if line.endswith(" agree")]
    assert heads == ["means: 1 of 2 agree", "pairs: 0 of 1 agree", "lines: 0 of 2 agree"]
    assert [line for line in lines if line.split()[:3] == ["age", "p", "<.001"]]
    assert sum(line.endswith("differs") for line in lines) == 4
    assert [line for line in lines if line.split() == ["n", "30", "30", "0"]]


def test_a_long_name_is_broken_in_a_comparison() -> None:
    long = "a_name_that_is_as_long_as_a_line_of_a_terminal_can_hold_or_nearly_so_at_least"
    tree = of_numbers().document.model_dump(mode="json", exclude_none=True)
    for part in (tree["variables"][2], tree["analyses"][1]):
        part.update({"id": long} if "kind" in part and "label" in part else {})
    tree["analyses"] = [tree["analyses"][1] | {"columns": [long]}]
    tree["published"] = {
        "correlations": [{"analysis": "pairs", "row": "y1", "column": long, "r": "0.50"}]
    }
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(9, 5)))
    frame.columns = pd.Index(["y1", "y2", long, "x2", "x3"])
    loaded = study(tree)
    lines = str(loaded.compare(loaded.run(frame))).splitlines()
    assert max(map(len, lines)) <= 80


def test_the_result_of_another_study_is_not_compared() -> None:
    result = of_numbers().run(
        pd.DataFrame({name: [1.0, 2, 4] for name in ("y1", "y2", "x1", "x2", "x3")})
    )
    with pytest.raises(RefusalError, match="a result of study numbers, not of small"):
        study(small()).compare(result)


def test_a_pair_on_both_sides_of_the_diagonal_is_one_test() -> None:
    """Holm over three pairs, whether a matrix shows them once or twice."""
    names = ["y1", "y2", "x1"]
    tree = of_numbers().document.model_dump(mode="json", exclude_none=True)
    whole = tree["analyses"][1] | {"rows": names, "columns": names}
    tree["analyses"] = [whole]
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(40, 5)), columns=["y1", "y2", "x1", "x2", "x3"])
    frame["y2"] += frame["y1"] * 0.5
    result = study(tree).run(frame)
    rows = result.tables["pairs"].rows
    p = sorted(row["p"] for row in rows)
    assert len(rows) == 6
    least = min(rows, key=lambda row: row["p"])
    assert least["p_holm"] == pytest.approx(3 * p[0])
    assert least["p_bh"] == pytest.approx(min(3 * p[0], 3 / 2 * p[2], p[4]))
    assert "of 3 stay below .05" in str(result).replace("\n", " ").replace("  ", " ")


def test_numbers_may_have_an_exponent_and_may_have_to_be_whole() -> None:
    tree = small()
    tree["variables"][2] |= {"range": [0.0, 120.0], "whole": True}
    frame = people(6).astype({"age": float})
    assert study(tree).run(frame).tables["means"].rows[2]["n"] == 6
    frame.loc[2, "age"] = 30.5
    with pytest.raises(DataError, match=r"row 3, age: found 30\.5; allowed: a whole number from 0"):
        study(tree).run(frame)
    del tree["variables"][2]["whole"]
    frame.loc[3, "age"] = 0.00002
    assert study(tree).run(frame).tables["means"].rows[2]["min"] == 0.00002


def test_the_audit_of_a_study_knows_its_methods_and_which_numbers_are_whole() -> None:
    tree = of_numbers("kendall").document.model_dump(mode="json", exclude_none=True)
    tree["analyses"][2]["intercept"] = False
    line = {"analysis": "lines", "outcome": "y1", "predictor": "x1", "B": "0.5"}
    tree["published"] = {
        "descriptives": [{"analysis": "means", "variable": "y1", "mean": "24.371", "n": "30"}],
        "correlations": [
            {"analysis": "pairs", "row": "y1", "column": "x1", "r": ".071", "p": ".596", "n": "30"}
        ],
        "regressions": [line],
        "regression_models": [{"analysis": "lines", "outcome": "y1", "df": "29", "n": "30"}],
    }
    assert study(tree).audit().rows == ()
    tree["analyses"][1]["method"] = "pearson"
    tree["analyses"][2]["intercept"] = True
    tree["variables"][0]["whole"] = True
    found = {row["check"]: row["verdict"] for row in study(tree).audit().rows}
    assert found == {
        "grim": "impossible",
        "p_values": "inconsistent",
        "degrees_of_freedom": "inconsistent",
    }


def test_a_row_of_latex_never_begins_with_an_option() -> None:
    """After a line's end, LaTeX takes [ for how much space to leave, spaces before it or not."""
    rows = tuple((Cell("text", each), Cell("count", 3)) for each in ("  [In]", "[Out]", "*All"))
    notes = (plain("Three."), plain("[Out]: who went."))
    lines = latex(Grid(plain("t"), (plain(""), plain("n")), rows, notes)).splitlines()
    assert r"\quad [In] & 3 \\" in lines
    assert r"{[Out]} & 3 \\" in lines
    assert r"{*All} & 3 \\" in lines
    assert r"\item {[Out]: who went.}" in lines


def test_values_made_missing_are_told_under_every_table() -> None:
    frame = people(6).assign(often=[1, 2, 3, 1, 7, 8])
    result = study(small()).run(frame, bad="missing")
    said = "Values that are no option and were made missing: 2."
    assert all(said in table.notes for table in result.tables.values())


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"agee": {"column": "often"}}, r"variables\.agee: no variable 'agee'.* mean 'age'"),
        ({"sex": {"stored": {"1": "ff"}}}, r"sex\.stored\.1: no option with code 'ff'"),
    ],
)
def test_a_binding_for_another_file_names_what_the_study_has(
    bound: dict[str, Any], said: str
) -> None:
    with pytest.raises(BindingError, match=said):
        study(small()).run(people(6), binding={"variables": bound})


def test_a_dash_is_nobody_s_address() -> None:
    frame = people(6).assign(email=["-", "-", " ", "a@x.org", "A@x.org", "?"])
    result = study(small()).run(frame)
    assert (result.n, result.dropped) == (5, 1)


def test_an_address_in_full_width_letters_is_the_same_and_is_withheld() -> None:
    wide = "ａ＠Ｘ．ｏｒｇ"
    frame = people(3).astype({"often": object}).assign(email=["a@x.org", wide, "b@x.org"])
    result = study(small()).run(frame)
    assert (result.n, result.dropped) == (2, 1)
    frame.loc[2, "often"] = "ｃ＠ｘ．ｏｒｇ"
    with pytest.raises(DataError) as caught:
        study(small()).run(frame)
    assert caught.value.cells[0].found == "(withheld)"


def test_whole_numbers_that_are_all_alike_can_be_drawn() -> None:
    drawn = integers(7, "3.00", "0.00", (1, 5), np.random.default_rng(1))
    assert drawn.tolist() == [3] * 7
    with pytest.raises(ValueError, match="do not fit between 4 and 5"):
        integers(7, "3.00", "0.00", (4, 5), np.random.default_rng(1))
