"""`psychoscales.efa`: tables, text, notes and refusals."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.moments import Moments
from psychoscales.verbs.efa import efa
from psychoscales.verbs.keyed import keyed
from tests.counting.making import document_of, scale_of
from tests.structure.bfi import apart, people

WHERE = ["scale", "score", "group", "occasion"]


def phq9(**asked: Any) -> ps.Responses:
    return ps.simulate("phq9", **{"n": 300, "seed": 2, "loading": 0.6, **asked})


def test_columns() -> None:
    found = efa(phq9(), factors=2)
    names = ["item", "factor_1", "factor_2", "communality", "uniqueness"]
    assert list(found.to_frame().columns) == [*WHERE, *names]
    assert list(found.fit.to_frame().columns) == [*WHERE, "index", "value"]
    assert list(found.structure.to_frame().columns) == [*WHERE, *names[:3]]
    pair = ["factor", "with_factor", "correlation"]
    assert list(found.factor_correlations.to_frame().columns) == [*WHERE, *pair]
    shares = ["factor", "variance", "share", "cumulative"]
    assert list(found.explained.to_frame().columns) == [*WHERE, *shares]
    left = ["item", "with_item", "observed", "implied", "residual"]
    assert list(found.residuals.to_frame().columns) == [*WHERE, *left]
    assert len(found.residuals.rows) == 36
    for row in found.residuals.rows:
        assert row["observed"] == pytest.approx(row["implied"] + row["residual"])
    assert set(found.to_frame()["scale"]) == {"phq9"}
    assert set(found.to_frame()["score"]) == {"total"}
    assert len(found.explained.rows) == 2
    assert found.explained.rows[1]["cumulative"] == pytest.approx(
        found.to_frame()["communality"].sum() / 9
    )


def test_text_fits_and_leaves_small_loadings_blank() -> None:
    found = efa(people(), factors=5)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "loadings below 0.30 in size are left blank here" in text
    shown = {line.split()[0]: line for line in text.splitlines() if re.match(r"  [aceno]\d ", line)}
    assert len(shown) == 25
    for row in found.loadings.rows:
        numbers = re.findall(r"-?\d\.\d{3}", shown[row["item"]])
        loadings = [row[f"factor_{at}"] for at in range(1, 6)]
        wanted = [f"{value:.3f}" for value in loadings if abs(value) >= 0.3]
        assert numbers == [*wanted, f"{row['communality']:.3f}"]
    assert "364 left out" in text.replace("\n  ", " ")
    assert "<table>" in found._repr_html_()
    json.dumps(found.to_dict())
    assert found.to_dict()["rotation"] == "oblimin"


def test_how_it_was_made_is_said() -> None:
    found = efa(people(), factors=3, rotation="geomin", kaiser=True, starts=4, seed=9)
    (how,) = [note for note in found.loadings.notes if "normalisation" in note]
    assert how.startswith("Pearson correlations, minres, geomin (delta .01) with Kaiser's")
    assert "of 4 starts (seed 9)" in how
    assert (found.method, found.rotation, found.kaiser, found.seed) == ("minres", "geomin", True, 9)
    plain = efa(people(), factors=3, method="principal_axis", rotation="none")
    assert "Pearson correlations, principal axis, not rotated" in plain.loadings.notes
    assert not plain.factor_correlations.rows
    assert plain.seed is None
    alone = efa(people(), factors=3, starts=1)
    assert not [note for note in alone.loadings.notes if "seed" in note]


def test_another_minimum_than_that_of_the_first_start_is_said() -> None:
    asked: dict[str, Any] = {"factors": 5, "rotation": "geomin", "kaiser": True, "seed": 5}
    found = efa(people(), starts=12, **asked)
    assert [note for note in found.loadings.notes if "larger criterion" in note]
    assert not [
        note for note in efa(people(), starts=1, **asked).loadings.notes if "larger" in note
    ]


def test_chi_square_only_where_it_holds() -> None:
    answers = phq9(missing=0.03)
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"method": "minres"}, "chi-square is of method='ml'"),
        ({"method": "ml", "missing": "pairwise"}, "different people"),
        ({"method": "ml", "metric": "polychoric"}, "polychoric"),
    )
    for asked, why in cases:
        found = efa(answers, **asked)
        names = [row["index"] for row in found.fit.rows]
        assert names == ["n", "df", "rmsr", "crmsr"]
        assert why in found.fit.notes[0]
    found = efa(answers, method="ml", missing="pairwise")
    assert found.fit.rows[0]["value"] is None
    values = {row["index"]: row["value"] for row in efa(answers, method="ml").fit.rows}
    assert values["n"] == int((answers.blocks["phq9"].positions[:, :9] >= 0).all(axis=1).sum())
    assert values["df"] == 27
    assert values["chisq"] > 0


def test_polychoric_factors_are_those_of_the_polychoric_matrix() -> None:
    answers = phq9(n=500)
    (each,) = keyed(answers)
    found = ordinal(each.patterns, acov=False)
    r, n = found.correlation, np.full((9, 9), 500)
    given = Moments(found.names, n, np.zeros(9), r, "complete", "polychoric")
    one = efa(answers, factors=2, metric="polychoric")
    other = efa(given, factors=2, metric="polychoric")
    assert apart(one.to_frame()["factor_1"], other.to_frame()["factor_1"]) < 1e-9
    raw = efa(answers, factors=1).to_frame()["factor_1"]
    poly = efa(answers, factors=1, metric="polychoric").to_frame()["factor_1"]
    assert (poly > raw).all()
    with pytest.raises(ps.RefusalError, match="these moments are polychoric, not raw"):
        efa(given)


@pytest.mark.parametrize("metric", ["raw", "polychoric"])
def test_items_are_keyed_as_the_score_that_holds_all_of_them(metric: Any) -> None:
    scale = scale_of(["a", "b", "c", "d"], reverse=["b"])
    answers = ps.simulate(scale, n=400, seed=6)
    loadings = efa(answers, metric=metric).to_frame()["factor_1"]
    assert (loadings > 0.5).all()
    assert set(efa(answers).to_frame()["score"]) == {"total"}


def test_without_such_a_score_items_are_as_answered() -> None:
    answers = ps.simulate("ghsq", n=300, seed=3)
    found = efa(answers)
    assert set(found.to_frame()["score"]) == {None}
    assert "none is reversed" in "".join(found.loadings.notes)
    score = ps.scale("ghsq").scores[0].id
    some = efa(answers, score=score)
    assert set(some.to_frame()["score"]) == {score}
    assert len(some.loadings.rows) < len(found.loadings.rows)


def test_patterns_give_what_answers_give() -> None:
    answers = phq9()
    one, other = efa(answers), efa(answers.blocks["phq9"].patterns())
    assert apart(one.to_frame()["factor_1"], other.to_frame()["factor_1"]) == 0
    assert efa(answers.to_frame(), "phq9").loadings.rows == one.loadings.rows


def test_refusals() -> None:
    both = ps.simulate(["phq9", "gad7"], n=100, seed=1)
    with pytest.raises(ps.RefusalError, match="answers to phq9, gad7; say which scale"):
        efa(both)
    assert len(efa(both, "gad7").loadings.rows) == 7
    with pytest.raises(ps.UnknownNameError, match="score"):
        efa(phq9(), score="totals")
    with pytest.raises(ps.UnknownNameError, match="metric"):
        efa(phq9(), metric="pearson")  # type: ignore[arg-type]
    with pytest.raises(ps.RefusalError, match="9 items are too few for 6 factors"):
        efa(phq9(), factors=6)
    same = pd.DataFrame({"a": [0, 1, 2, 3], "b": [1, 1, 1, 1], "c": [0, 2, 2, 1]})
    with pytest.raises(ps.RefusalError, match="same answer to b"):
        efa(same, scale_of(["a", "b", "c"]))
    with pytest.raises(ValueError, match="starts"):
        efa(phq9(), starts=0)


def test_a_heywood_case_is_named() -> None:
    r = np.array([[1, 0.8, 0.8], [0.8, 1, 0.4], [0.8, 0.4, 1]])
    given = Moments(("p", "q", "s"), np.full((3, 3), 90), np.zeros(3), r, "complete")
    notes = [note for note in efa(given).loadings.notes if "Heywood" in note]
    assert len(notes) == 1
    assert notes[0].startswith("Heywood case: p has the communality")


def test_options_that_are_no_ordered_categories() -> None:
    document = document_of(["a", "b", "c"])
    (options,) = document["options"].values()
    options[1]["value"], options[2]["value"] = 2, 1
    answers = ps.simulate(ps.scale(document), n=100, seed=1)
    assert len(efa(answers).loadings.rows) == 3
    with pytest.raises(ps.RefusalError, match="neither rise nor fall"):
        efa(answers, metric="polychoric")


def test_the_picture_shows_every_loading() -> None:
    found = efa(people(), factors=2)
    figure = found.plot(threshold=0.5)
    panels = figure.axes
    assert [panel.get_title() for panel in panels] == ["factor 1", "factor 2"]
    for at, panel in enumerate(panels, start=1):
        widths = [bar.get_width() for bar in panel.patches]
        assert apart(widths, found.to_frame()[f"factor_{at}"]) == 0
        faint = [bar.get_facecolor()[0] == bar.get_facecolor()[2] for bar in panel.patches]
        assert faint == [abs(width) < 0.5 for width in widths]
    assert len(efa(phq9()).plot().axes) == 1


def test_long_names_leave_the_bars_their_room() -> None:
    from psychoscales.plots.loadings import loadings_figure

    values = np.full((3, 2), 0.5)
    short, long = (
        loadings_figure([name + at for at in "abc"], ["one", "two"], values, 0.3, "title")
        for name in ("item", "a_name_of_an_item_that_is_much_longer_than_others_")
    )
    for figure in (short, long):
        figure.canvas.draw()
        assert figure.axes[0].get_window_extent().width / figure.dpi > 1.2
        assert list(figure.axes[0].get_xticks()) == [-1, -0.5, 0, 0.5, 1]
