"""What `precision` takes, gives and refuses."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import Estimate
from psychoscales.verbs.precision import precision
from psychoscales.verbs.precision_tables import COLUMNS, CUTOFF_COLUMNS, SCORE_COLUMNS, Precision
from tests.counting.making import answers_of, item_names, scale_of
from tests.precision.making import banded, frame_of

CODES = (0, 1, 2, 3)
ITEMS = item_names(5)
OTHER = ("kr20", "omega_hierarchical")
"""Refused for reasons of their own: items of four values; the general factor only."""


@pytest.fixture(scope="module")
def phq9() -> ps.Responses:
    shares = {"frequency": (0.6, 0.25, 0.1, 0.05)}
    return ps.simulate("phq9", n=400, seed=6, missing=0.01, probabilities=shares)


@pytest.fixture(scope="module")
def found(phq9: ps.Responses) -> Precision:
    return precision(phq9, level=0.9)


def five(**score: Any) -> Precision:
    frame = frame_of(answers_of(80, 5, seed=1), ITEMS, CODES)
    return precision(frame, banded(ITEMS, CODES, [4, 8], score=score))


def test_frames_have_the_columns_that_were_promised(found: Precision) -> None:
    assert tuple(found.to_frame().columns) == COLUMNS
    assert tuple(found.scores.to_frame().columns) == SCORE_COLUMNS
    assert tuple(found.cutoffs.to_frame().columns) == CUTOFF_COLUMNS
    assert len(found.scores.rows) == 28
    assert [row["level"] for row in found.cutoffs.rows[:5]] == [
        "mild",
        "moderate",
        "moderately_severe",
        "severe",
        None,
    ]
    assert {row["source"] for row in found.cutoffs.rows} == {"kroenke2001"}


def test_everything_is_frozen(found: Precision) -> None:
    with pytest.raises(FrozenInstanceError):
        found.scores = found.cutoffs  # type: ignore[misc]


def test_text_shows_all_three_tables_within_80_columns(found: Precision) -> None:
    text = str(found)
    assert max(len(line) for line in text.splitlines()) <= 80
    for word in ("sdc_group", "sem keats", "kroenke2001", "10 moderate", "all at once", "Peng"):
        assert word in text, word
    assert "true low" in found._repr_html_()
    assert "two-parameter" in found._repr_html_()
    written = json.loads(json.dumps(found.to_dict()))
    assert len(written["scores"]["rows"]) == 28
    assert written["cutoffs"]["rows"][4]["cutoff"] is None


def test_n_is_of_the_people_who_answered_everything(phq9: ps.Responses, found: Precision) -> None:
    complete = int((ps.score(phq9).to_frame()["phq9_total_status"] == "ok").sum())
    assert {row["n"] for row in found.rows} == {complete}
    assert complete < phq9.n
    assert sum(row["n"] for row in found.scores.rows) == complete
    assert {row["n"] for row in found.cutoffs.rows} == {complete}
    (share,) = {row["share"] for row in found.cutoffs.rows if row["cutoff"] == 10}
    above = sum(row["n"] for row in found.scores.rows if row["value"] >= 10)
    assert share == pytest.approx(above / complete)


def test_a_number_from_elsewhere_needs_a_name_and_takes_it(phq9: ps.Responses) -> None:
    with pytest.raises(RefusalError, match="say what the reliability is"):
        precision(phq9, reliability=0.8)
    found = precision(phq9, reliability=0.8, coefficient="ICC(A,1)")
    rows = {row["coefficient"]: row for row in found.rows}
    sd, sem = rows["sd"]["value"], rows["sem"]
    assert sem["value"] == pytest.approx(sd * np.sqrt(0.2), rel=1e-12)
    assert (sem["low"], sem["method"]) == (None, None)
    assert rows["ICC(A,1)"]["value"] == 0.8
    assert rows["ICC(A,1)"]["n"] is None
    assert any("from elsewhere" in note for note in found.notes)
    assert any("sem_conditional is from the items" in note for note in found.notes)


def test_an_estimate_carries_its_interval_over(phq9: ps.Responses) -> None:
    icc = Estimate("ICC(A,1)", 0.8, low=0.7, high=0.9, level=0.95, n=60)
    found = precision(phq9, reliability=icc)
    rows = {row["coefficient"]: row for row in found.rows}
    sd, sdc = rows["sd"]["value"], rows["sdc"]
    assert rows["sem"]["low"] == pytest.approx(sd * np.sqrt(0.1), rel=1e-12)
    assert rows["sem"]["high"] == pytest.approx(sd * np.sqrt(0.3), rel=1e-12)
    assert sdc["high"] / sdc["value"] == pytest.approx(np.sqrt(0.3 / 0.2), rel=1e-12)
    assert (rows["sem"]["method"], rows["ICC(A,1)"]["n"]) == ("carried", 60)
    with pytest.raises(RefusalError, match="use the same"):
        precision(phq9, reliability=icc, level=0.9)
    with pytest.raises(RefusalError, match="not alpha"):
        precision(phq9, reliability=icc, coefficient="alpha")
    wrong = Estimate("ICC(A,1)", 0.8, low=0.85, high=0.9, level=0.95)
    with pytest.raises(RefusalError, match="does not lie in its interval"):
        precision(phq9, reliability=wrong)


@pytest.mark.parametrize("name", ["alpha_standardized", "alpha_ordinal", "omega_hierarchical"])
def test_a_coefficient_in_other_units_is_refused(phq9: ps.Responses, name: str) -> None:
    with pytest.raises(RefusalError, match="not about the score that people get"):
        precision(phq9, coefficient=name)
    with pytest.raises(RefusalError, match="not about the score that people get"):
        precision(phq9, coefficient=name, reliability=0.8)


def test_every_coefficient_is_of_the_sum_or_refused(phq9: ps.Responses) -> None:
    from psychoscales.engines.reliability import COEFFICIENTS

    given: list[str] = []
    refused: list[tuple[str, str]] = []
    for name in COEFFICIENTS:
        try:
            rows = {
                row["coefficient"]: row["value"] for row in precision(phq9, coefficient=name).rows
            }
        except RefusalError as refusal:
            refused.append((name, str(refusal)))
            continue
        assert rows["sem"] == pytest.approx(rows["sd"] * np.sqrt(1 - rows[name]), rel=1e-9), name
        given.append(name)
    assert {"alpha", "lambda2", "glb", "omega_total_ml"} <= set(given)
    assert {"alpha_standardized", "inter_item_r_mean", "omega_total_minres"} <= {
        name for name, _ in refused
    }
    assert all("standardized items" in why or name in OTHER for name, why in refused)


def test_unknown_names(phq9: ps.Responses, found: Precision) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'alpha'"):
        precision(phq9, coefficient="alhpa")
    with pytest.raises(UnknownNameError, match="score"):
        precision(phq9, score="totl")
    with pytest.raises(UnknownNameError, match="score to draw"):
        found.plot("severity")


def test_a_level_that_is_none_and_pairwise_people(phq9: ps.Responses) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        precision(phq9, level=95)
    with pytest.raises(RefusalError, match="no one group"):
        precision(phq9, missing="pairwise")  # type: ignore[arg-type]


def test_a_reliability_is_of_one_score() -> None:
    answers = ps.simulate("ghsq", n=60, seed=2)
    with pytest.raises(RefusalError, match="name it with score="):
        precision(answers, reliability=0.7, coefficient="ICC(A,1)")
    name = answers.scales[0].scores[0].id
    one = precision(answers, score=name, reliability=0.7, coefficient="ICC(A,1)")
    assert {row["score"] for row in one.rows} == {name}


@pytest.mark.parametrize(
    ("score", "why"),
    [
        (
            {"weights": {"i1": 2.0, "i2": 1.0, "i3": 1.0, "i4": 1.0, "i5": 1.0}, "range": [0, 18]},
            "weights",
        ),
        ({"method": "count", "at_least": 2.0, "range": [0, 5]}, "it is a count"),
        ({"method": "max", "range": [0, 3]}, "it is a max"),
        (
            {"table": {str(raw): float(raw) ** 2 for raw in range(16)}, "range": [0, 225]},
            "looked up in a table",
        ),
    ],
)
def test_scores_that_are_no_plain_sum_are_refused(score: dict[str, Any], why: str) -> None:
    score["range"] = [float(end) for end in score["range"]]
    frame = frame_of(answers_of(80, 5, seed=1), ITEMS, CODES)
    scale = banded(ITEMS, CODES, [2], score=score)
    with pytest.raises(RefusalError, match=why):
        precision(frame, scale)


@pytest.mark.parametrize("people", [0, 1])
def test_too_few_people(people: int) -> None:
    frame = frame_of(answers_of(3, 5, seed=1), ITEMS, CODES)
    frame.iloc[people:, 0] = np.nan
    with pytest.raises(RefusalError, match=r"two are needed|nobody answered"):
        precision(frame, banded(ITEMS, CODES, [4]))


def test_a_negative_alpha_is_no_share_of_variance() -> None:
    turned = answers_of(300, 5, seed=1)
    turned[:, :3] = 3 - turned[:, :3]
    frame = frame_of(turned, ITEMS, CODES)
    with pytest.raises(RefusalError, match="check the keying"):
        precision(frame, banded(ITEMS, CODES, [4]))


def test_where_a_model_fails_the_other_rows_stay() -> None:
    frame = frame_of(answers_of(80, 5, seed=1), ITEMS, CODES)
    found = precision(frame, banded(ITEMS, CODES, [4, 8]), reliability=0.02, coefficient="ICC(A,1)")
    rows = found.cutoffs.rows
    assert len(rows) == 6
    normal = [row for row in rows if row["method"] == "bivariate_normal"]
    assert all(row["consistency"] > 0 for row in normal)
    sure = precision(frame, banded(ITEMS, CODES, [4]), reliability=1.0, coefficient="retest r")
    assert [row["method"] for row in sure.cutoffs.rows] == ["livingston_lewis", "bivariate_normal"]
    assert all(row["consistency"] is None and row["note"] for row in sure.cutoffs.rows)
    assert sure.rows[3]["value"] == 0
    assert max(len(line) for line in str(sure).splitlines()) <= 80
    assert np.isnan(sure.cutoffs.to_frame()["kappa"].astype(float)).all()


def test_bands_for_a_group_are_not_used_on_everybody() -> None:
    frame = frame_of(answers_of(80, 5, seed=1), ITEMS, CODES)
    scale = banded(ITEMS, CODES, [4, 8], bands={"for": {"sex": "female"}})
    found = precision(frame, scale)
    assert found.rows[3]["value"] > 0
    assert [row["consistency"] for row in found.cutoffs.rows] == [None] * 3
    assert all("for sex = female only" in row["note"] for row in found.cutoffs.rows)
    assert "sex = female" in str(found)


def test_a_score_of_scores_says_what_to_ask_for() -> None:
    from tests.counting.making import document_of

    document = document_of(ITEMS)
    part = document["scores"][0]
    refuse = {"max_missing": 0, "action": "refuse", "source": "spec_author", "note": "test"}
    document["scores"].append(
        {
            "id": "whole",
            "scores": ["total"],
            "method": "sum",
            "range": part["range"],
            "higher": part["higher"],
            "missing": refuse,
        }
    )
    frame = frame_of(answers_of(80, 5, seed=1), ITEMS, CODES)
    found = precision(frame, ps.scale(document))
    assert found.rows[-1]["score"] == "whole"
    assert found.rows[-1]["value"] is None
    assert "ask for its parts" in found.rows[-1]["note"]
    assert {row["score"] for row in found.scores.rows} == {"total"}


def test_one_item_can_have_a_reliability_from_elsewhere() -> None:
    frame = frame_of(answers_of(80, 1, seed=1), ["i1"], CODES)
    scale = banded(["i1"], CODES, [2])
    with pytest.raises(RefusalError, match="two items"):
        precision(frame, scale)
    found = precision(frame, scale, reliability=0.6, coefficient="retest r")
    assert all(row["sem_conditional"] is None for row in found.scores.rows)
    assert "sem_conditional" not in " ".join(found.notes)


def test_the_picture_has_both_bands_and_every_cutoff(found: Precision) -> None:
    figure = found.plot()
    (axes,) = figure.axes
    assert len(axes.collections) == 2
    assert [text.get_text() for text in axes.texts] == [
        "mild",
        "moderate",
        "moderately_severe",
        "severe",
    ]
    heights = [np.asarray(line.get_ydata(), dtype=float)[0] for line in axes.lines[:4]]
    assert heights == [5, 10, 15, 20]
    several = precision(ps.simulate("ghsq", n=60, seed=2))
    with pytest.raises(ValueError, match=r"say which score to draw.*ghsq informal, ghsq formal"):
        several.plot()
    with pytest.raises(UnknownNameError, match="ghsq informl"):
        several.plot("informl", scale="ghsq")
    assert several.plot(several.rows[0]["score"]).axes[0].get_title(loc="left")


def test_the_picture_of_one_scale_is_not_of_another_with_a_score_of_that_name() -> None:
    frames = [ps.simulate(name, n=60, seed=2).to_frame() for name in ("phq9", "gad7")]
    both = precision(ps.read(pd.concat(frames, axis=1), ["phq9", "gad7"]))
    with pytest.raises(ValueError, match="phq9 total, gad7 total"):
        both.plot("total")
    axes = both.plot("total", scale="gad7").axes[0]
    assert axes.get_title(loc="left") == "gad7 total"
    assert np.asarray(axes.lines[-1].get_xdata(), dtype=float).max() == 21


def test_a_first_item_without_variance_does_not_make_a_coefficient_standardized() -> None:
    names = ("i1", "i2", "i3", "i4")
    answers = np.column_stack([np.ones(80), answers_of(80, 3, seed=4)])
    frame = pd.DataFrame(answers, columns=list(names))
    found = precision(frame, scale_of(names), coefficient="lambda2")
    known = {row["coefficient"]: row["value"] for row in found.rows}
    assert known["sem"] == pytest.approx(known["sd"] * np.sqrt(1 - known["lambda2"]), rel=1e-12)


def test_a_score_of_one_item_is_of_the_item() -> None:
    frame = pd.DataFrame({"i1": [0, 1, 2, 3, 1, 2]})
    found = precision(frame, scale_of(["i1"]), reliability=0.7, coefficient="ICC(A,1)")
    assert found.notes[0] == "tiny total: of the 6 people who answered the item; 0 left out"
