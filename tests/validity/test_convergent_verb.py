"""`psychoscales.convergent`: what it takes, what it gives back, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.results import WHERE
from psychoscales.verbs.convergent import convergent
from psychoscales.verbs.convergent_tables import COLUMNS, RATIO_COLUMNS
from psychoscales.verbs.declared import of_correlations
from tests.coefficients.comparing import assert_close
from tests.real.reference import reference


def answers(
    n: int = 240, missing: float = 0.0, scales: Any = ("phq9", "gad7"), phi: float = 0.6
) -> ps.Responses:
    frame = ps.simulate(list(scales), n=n, seed=5, correlation=phi, missing=missing).to_frame()
    frame["age"] = np.random.default_rng(6).integers(18, 80, n)
    frame["site"] = ["x", "y"] * (n // 2)
    return ps.read(frame, list(scales), keep=["age", "site"])


def test_correlations_raw_and_corrected() -> None:
    found = convergent(answers(), against=["gad7_total", "age"], resamples=0, level=0.9)
    table = found.to_frame()
    assert list(table.columns) == list(COLUMNS)
    assert list(table.columns[:4]) == list(WHERE)
    assert list(table["against"]) == ["gad7_total", "age"]
    assert set(table["scale"]) == {"phq9"}
    first, age = table.to_dict("records")
    alphas = ps.reliability(answers(), coefficients="alpha").to_frame()["value"]
    assert [first["reliability"], first["reliability_against"]] == pytest.approx(list(alphas))
    assert first["corrected"] == pytest.approx(first["value"] / np.sqrt(alphas[0] * alphas[1]))
    assert first["corrected_low"] < first["corrected"] < first["corrected_high"]
    scores = ps.score(answers())
    x, y = scores.column("phq9_total"), scores.column("gad7_total")
    assert first["value"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert np.isnan(age["corrected"])
    assert "reliability={'age': 0.9}" in age["note"]


def test_a_reliability_brought_along_is_used() -> None:
    given = answers()
    known = {"age": 1.0, "gad7_total": 0.5}
    table = convergent(
        given, against=["gad7_total", "age"], reliability=known, coefficient="lambda2", resamples=0
    ).to_frame()
    alpha = ps.reliability(given["phq9"], coefficients="lambda2").to_frame()["value"][0]
    assert list(table["coefficient"]) == ["lambda2"] * 2
    assert table["corrected"][1] == pytest.approx(table["value"][1] / np.sqrt(alpha))
    assert table["corrected"][0] == pytest.approx(table["value"][0] / np.sqrt(alpha * 0.5))
    with pytest.raises(ps.UnknownNameError, match="weight"):
        convergent(given, against="age", reliability={"weight": 1.0})
    beyond = convergent(given, reliability={"gad7_total": 0.05}, resamples=0).rows[0]
    assert beyond["corrected"] > 1
    assert "beyond 1" in beyond["note"]


def test_without_against_every_two_scores_are_related_once() -> None:
    rows = convergent(answers(), resamples=0).to_frame()
    assert list(zip(rows["scale"], rows["against"], strict=True)) == [("phq9", "gad7_total")]
    one = convergent(answers(), score="gad7_total", against="phq9_total", resamples=0).rows
    assert [(row["scale"], row["against"]) for row in one] == [("gad7", "phq9_total")]
    with pytest.raises(ps.RefusalError, match="nothing to compare with"):
        convergent(answers()["phq9"])


def test_other_settings_are_used() -> None:
    given = answers(missing=0.05)
    free = convergent(given, interval="distribution_free", resamples=0).rows[0]
    fisher = convergent(given, resamples=0).rows[0]
    assert free["value"] == fisher["value"]
    assert free["low"] != fisher["low"]
    assert (free["interval"], fisher["interval"]) == ("distribution_free", "fisher")
    rho = convergent(given, method="spearman", resamples=0).rows[0]
    assert (rho["method"], rho["interval"]) == ("spearman", "bonett_wright")
    assert "Pearson" in rho["note"]
    frame = given.to_frame()
    frame.loc[:9, "age"] = np.nan
    holes = ps.read(frame, ["phq9", "gad7"], keep="age")
    both: dict[str, Any] = {"against": ["gad7_total", "age"], "resamples": 0}
    pairwise = convergent(holes, **both).to_frame()["n"]
    complete = convergent(holes, **both, missing="complete").to_frame()["n"]
    assert pairwise[0] != pairwise[1]
    assert complete[0] == complete[1] < pairwise.min()


def test_htmt() -> None:
    given = answers(n=400, missing=0.01, phi=0.9)
    found = convergent(given, resamples=100, seed=4, bootstrap="bca", level=0.8)
    table = found.htmt.to_frame()
    assert list(table.columns) == list(RATIO_COLUMNS)
    assert list(table["statistic"]) == ["htmt", "htmt2"]
    assert list(table["seed"]) == [4, 4]
    assert list(table["method"]) == ["bca"] * 2
    assert (table["n"] < 400).all()
    assert (table["low"] < table["value"]).all()
    assert "signed" in str(found)
    absolute = convergent(answers(), resamples=0, absolute=True).htmt
    assert set(absolute.to_frame()["absolute"]) == {True}
    assert absolute.to_frame()["low"].isna().all()


def test_negative_correlations_are_never_silent() -> None:
    frame = ps.simulate(["phq9", "gad7"], n=150, seed=2, correlation=0.0).to_frame()
    given = ps.read(frame, ["phq9", "gad7"])
    signed, absolute = (convergent(given, absolute=how, resamples=0) for how in (False, True))
    first, second = signed.htmt.rows
    assert first["value"] is not None
    assert second["value"] is None
    assert "no htmt2: no geometric mean" in second["note"]
    assert "absolute=True" in second["note"]
    assert all(row["value"] > 0 for row in absolute.htmt.rows)
    assert absolute.htmt.rows[0]["value"] > first["value"]


def test_shared_items_are_not_corrected() -> None:
    found = convergent(answers(scales=("phq9", "phq2")), resamples=0)
    (row,) = found.rows
    assert row["value"] > 0.6
    assert row["corrected"] is None
    assert "2 items are in both scores" in row["note"]
    assert found.htmt.rows == ()
    assert "phq9_1, phq9_2 in both" in " ".join(found.htmt.notes)
    assert found.fornell_larcker.rows == ()


def test_variance_extracted_and_its_comparison() -> None:
    found = convergent(answers(), resamples=0)
    ave = found.ave.to_frame()
    assert list(ave["scale"]) == ["phq9", "gad7"]
    assert (ave["root_ave"] ** 2).tolist() == pytest.approx(ave["ave"].tolist())
    (row,) = found.fornell_larcker.rows
    assert row["r"] == found.rows[0]["corrected"]
    assert row["distinct"] == (min(ave["root_ave"]) > abs(row["r"]))
    few = convergent(answers(scales=("phq2", "gad7")), resamples=0)
    assert few.ave.rows[0]["ave"] is None
    assert "3 items" in few.ave.rows[0]["note"]


def test_the_matrix_and_its_picture() -> None:
    found = convergent(answers(), against=["gad7_total", "age"], resamples=0)
    table = found.matrix.to_frame()
    names = ["phq9_total", "gad7_total", "age"]
    assert list(table.columns) == [*WHERE, "variable", *names]
    values = table[names].to_numpy(dtype=float)
    assert values[0, 1] == values[1, 0] == found.rows[0]["value"]
    assert values[0, 0] == found.rows[0]["reliability"]
    assert np.isnan(values[2, 2])
    figure = found.plot()
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert f"({values[0, 0]:.2f})" in texts
    assert len(texts) == 8


def test_multitrait_multimethod() -> None:
    given = answers(scales=("phq9", "gad7"))
    names = {"phq9_total": "low mood", "gad7_total": "worry", "age": "age"}
    methods = {"phq9_total": "self", "gad7_total": "self", "age": "register"}
    against = ["gad7_total", "age"]
    found = convergent(given, against=against, traits=names, methods=methods, resamples=0)
    kinds = list(found.multitrait.to_frame()["kind"])
    assert kinds == ["heterotrait_monomethod"] + ["heterotrait_heteromethod"] * 2
    with pytest.raises(ps.RefusalError, match="say both"):
        convergent(given, against=against, traits=names)


def test_hypotheses() -> None:
    expect: list[Any] = [
        "gad7_total > age",
        {"with": "gad7_total", "r": [0.9, None]},
        {"with": "gad7_total", "direction": "positive"},
        {"stronger": "gad7_total > age", "score": "total"},
    ]
    found = convergent(answers(), against=["gad7_total", "age"], expect=expect, resamples=0)
    table = found.hypotheses.to_frame()
    assert list(table["confirmed"]) == [True, False, True, True]
    assert found.share_confirmed == 0.75
    assert table["hypothesis"][1] == "with gad7_total: at least 0.9"
    assert table["hypothesis"][3] == "|gad7_total| > |age|"
    assert table["interval_inside"][2]


@pytest.mark.parametrize(
    ("expect", "error", "says"),
    [
        ({"r": [0, 1]}, ps.RefusalError, "with what"),
        ({"with": "age"}, ps.RefusalError, "one of r, direction"),
        ({"with": "agee", "r": [0, 1]}, ps.UnknownNameError, "age"),
        ({"with": "age", "direction": "up"}, ps.UnknownNameError, "direction"),
        ("gad7_total", ps.RefusalError, "no order"),
        ({"with": "age", "r": [None, None]}, ps.RefusalError, "a range"),
    ],
)
def test_hypotheses_that_say_nothing(expect: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        of_correlations(expect, ["gad7_total", "age"])


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"against": "agee"}, ps.UnknownNameError, "age"),
        ({"against": "site"}, ps.RefusalError, "texts"),
        ({"score": "totl"}, ps.UnknownNameError, "score"),
        ({"coefficient": "alfa"}, ps.UnknownNameError, "alpha"),
        ({"method": "kendall"}, ps.UnknownNameError, "pearson"),
        ({"interval": "wald"}, ps.UnknownNameError, "interval"),
        ({"bootstrap": "basic"}, ps.UnknownNameError, "percentile"),
        ({"missing": "listwise"}, ps.UnknownNameError, "missing rule"),
        ({"level": 0}, ValueError, "between 0 and 1"),
        ({"method": "spearman", "interval": "distribution_free"}, ps.RefusalError, "Pearson"),
        ({"expect": {"score": "x", "with": "gad7_total", "r": [0, 1]}}, ps.UnknownNameError, "x"),
    ],
)
def test_refusals(asked: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        convergent(answers(), **asked, resamples=0)


def test_a_coefficient_of_something_else_corrects_nothing() -> None:
    (row,) = convergent(answers(), coefficient="alpha_standardized", resamples=0).rows
    assert row["corrected"] is None
    assert "not about the score that people get" in row["note"]
    (row,) = convergent(answers(), coefficient="kr20", resamples=0).rows
    assert row["corrected"] is None
    assert "two values" in row["note"]
    rough = convergent(answers(), coefficient="lambda4", resamples=0).rows[0]
    assert rough["corrected"] > rough["value"]
    assert rough["corrected_low"] is None
    assert "no interval of the corrected" in rough["note"]


def test_nobody_varies() -> None:
    frame = answers().to_frame().drop(columns="site")
    frame["age"] = 40
    given = ps.read(frame, "phq9", keep="age")
    with pytest.raises(ps.RefusalError, match="same value"):
        convergent(given, against="age")


def test_results_can_be_kept_and_shown() -> None:
    found = convergent(
        answers(), against=["gad7_total", "age"], resamples=50, expect="gad7_total > age"
    )
    text = str(found)
    assert max(len(line) for line in text.splitlines()) <= 80
    for part in ("Heterotrait", "Average variance", "Fornell", "on the diagonal", "Hypotheses"):
        assert part in text
    kept = json.loads(json.dumps(found.to_dict()))
    assert kept["htmt"]["rows"][0]["against"] == "gad7_total"
    assert "<table>" in found._repr_html_()


def test_real_students(shared: Path) -> None:
    folder = shared / "phq9_gad7_pss_ukm"
    wanted = reference(folder)
    columns = {
        "phq9": {f"phq9_{at}": f"D{at}" for at in range(1, 10)},
        "gad7": {f"gad7_{at}": f"A{at}" for at in range(1, 8)},
    }
    binding = {"scales": {name: {"columns": part} for name, part in columns.items()}}
    path = folder / "ukm_phq9_gad7_pss10.csv.gz"
    given = ps.read(path, ["phq9", "gad7"], binding=binding)
    found = convergent(given, resamples=0, absolute=True)
    (row,), r = found.rows, wanted["correlations"]["dep_anx"]
    assert row["n"] == r["n"]
    numbers = [row["value"], row["low"], row["high"], row["p"]]
    assert_close(numbers, [r["pearson"], *r["ci95"], r["p"]], "correlation", 1e-9)
    rho = convergent(given, method="spearman", resamples=0).rows[0]["value"]
    assert_close(rho, r["spearman"], "Spearman")
    htmt2 = found.htmt.rows[1]
    assert_close(htmt2["value"], wanted["htmt"]["Dep"][1], "HTMT2", 1e-8)
    alphas = [wanted[name]["relia"]["alpha_complete"]["raw"] for name in ("phq", "gad")]
    assert_close(row["corrected"], r["pearson"] / np.sqrt(alphas[0] * alphas[1]), "corrected")


def test_why_there_is_no_htmt_is_printed() -> None:
    frame = ps.simulate(["phq9", "gad7"], n=200, seed=1, correlation=0.7).to_frame()
    frame["gad7_3"] = 1
    found = convergent(ps.read(frame, ["phq9", "gad7"]), score="phq9_total", resamples=0)
    assert found.htmt.rows == ()
    assert "no HTMT: no variance: everybody gave the same answer to gad7_3" in found.notes
