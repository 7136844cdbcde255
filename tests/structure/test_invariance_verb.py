"""`psychoscales.invariance`: tables, text, notes and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.structure.cfa.fit import fit
from psychoscales.verbs.invariance import invariance
from tests.counting.making import document_of
from tests.structure.invariance_cases import (
    A,
    E,
    Y,
    bfi,
    by_gender,
    by_site,
    half_gone,
    made,
    mixed,
    occasions,
)

LEVELS = ["configural", "thresholds", "loadings", "intercepts", "residuals"]


def test_columns() -> None:
    found = made("gender")
    frame = found.to_frame()
    assert list(frame.columns[:18]) == [
        *("scale", "score", "group", "occasion", "level", "chisq", "df", "chisq_scaled"),
        *("chisq_difference", "df_difference", "p", "cfi", "rmsea", "srmr"),
        *("delta_cfi", "delta_rmsea", "delta_srmr", "method"),
    ]
    assert list(frame["level"]) == LEVELS
    assert list(found.factors.to_frame()["level"]) == [*["intercepts"] * 2, *["residuals"] * 2]
    assert set(found.parameters.to_frame()["group"]) == {"1", "2"}
    json.dumps(found.to_dict())


def test_deltas_are_of_the_version_that_is_shown() -> None:
    fit = made("gender").fit.to_frame().set_index(["level", "index"])["value"]
    frame = made("gender").to_frame().set_index("level")
    change = fit["loadings", "cfi_scaled"] - fit["thresholds", "cfi_scaled"]
    assert frame.loc["loadings", "delta_cfi"] == pytest.approx(change)
    assert set(frame["indices"]) == {"scaled"}
    plain = by_gender(indices="plain").to_frame().set_index("level")
    assert plain.loc["loadings", "rmsea"] == pytest.approx(fit["loadings", "rmsea"])
    assert plain.loc["loadings", "rmsea"] != pytest.approx(fit["loadings", "rmsea_scaled"])
    none = by_gender(indices="robust", levels=["configural", "thresholds"])
    assert none.to_frame()["cfi"].isna().tolist() == [False, True]
    assert any("no robust indices of ordinal items" in note for note in none.notes)
    none.plot()
    robust = by_gender(estimator="MLR").to_frame()
    assert set(robust["indices"]) == {"robust"}
    assert robust["cfi"].notna().all()


def test_text_says_who_and_how() -> None:
    text = str(made("gender"))
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    for said in (
        "by gender: 1 890, 2 1,823; 87 left out because an answer is missing",
        "items keyed as the score total does",
        "Satorra (2000), scaled and shifted",
        "cfi and rmsea are of the scaled statistics",
        "Factors by gender (level: intercepts)",
    ):
        assert said in words
    page = made("gender")._repr_html_()
    assert page.count("<table>") == 2


def test_people_without_a_group_are_counted() -> None:
    frame = bfi().to_frame()
    frame["gender"] = pd.Series(bfi().kept["gender"]).astype(object).to_numpy()
    frame.loc[:9, "gender"] = None
    scale = ps.scale(document_of(E, range(1, 7), reverse=["e1", "e2"]))
    read = ps.read(frame, scale, keep=["gender"])
    found = invariance(read, by="gender", model={"f": E}, key="total", estimator="ML")
    assert any("10 people without a value of gender: left out" in note for note in found.notes)


def test_groups_not_named_are_left_out() -> None:
    frame = mixed().to_frame()
    frame["part"] = [["a", "b", "c"][at % 3] for at in range(len(frame))]
    read = ps.read(frame, ps.scale(document_of(Y, range(4))), keep=["part"])
    found = invariance(read, by="part", groups=["c", "a"], model={"f": Y}, estimator="ML")
    assert any("groups of part left out: b (500)" in note for note in found.notes)
    assert found.tested[0].of.places == ("c", "a")


def test_released_parameters_are_said() -> None:
    found = made("gender_partial")
    assert any("released, equal nowhere: e4 ~1" in note for note in found.notes)
    rows = found.parameters.to_frame().query("level == 'residuals' and rhs == 'e3'")
    assert not rows["equal"].any()
    assert found.fits["tiny", "residuals"].specification.df == 35


def test_everybody_by_full_information() -> None:
    found = by_gender(estimator="MLR", missing="fiml")
    assert any("any of the 5 items (full information), by gender: 1 919" in n for n in found.notes)
    assert found.to_frame()["p"].notna().sum() == 3
    pairs = by_gender(missing="pairwise", levels=["configural", "thresholds"])
    assert any("(pair by pair), by gender: 1 919, 2 1,881" in note for note in pairs.notes)


def test_a_level_that_cannot_be_fitted_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:

    def failing(of: Any, samples: Any, estimator: str) -> Any:
        if sum(row.label is not None and row.op == "=~" for row in of.parameters) and not any(
            row.label is not None and row.op == "~1" for row in of.parameters
        ):
            raise ps.RefusalError("made to fail")
        return fit(of, samples, estimator)

    monkeypatch.setattr("psychoscales.engines.structure.invariance.fit", failing)
    frame = by_gender(estimator="ML").to_frame().set_index("level")
    assert "made to fail" in frame.loc["loadings", "note"]
    assert np.isnan(frame.loc["loadings", "chisq"])
    assert frame.loc["intercepts", "against"] == "configural"
    assert frame.loc["intercepts", "df_difference"] == 8


def test_occasions_have_names() -> None:
    found = made("occasions")
    assert list(found.factors.to_frame()["occasion"][:2]) == ["first", "second"]
    words = " ".join(str(found).split())
    assert "matched by id: 600 people at both occasions" in words
    assert "600 people at 2 occasions" in words


def test_levels_are_drawn() -> None:
    figure = made("gender").plot()
    panels = figure.axes
    assert [axes.get_ylabel() for axes in panels] == ["CFI", "RMSEA", "SRMR"]
    drawn = panels[1].lines[0].get_ydata()
    np.testing.assert_allclose(np.asarray(drawn), made("gender").to_frame()["rmsea"])
    assert [tick.get_text() for tick in panels[2].get_xticklabels()] == LEVELS
    with pytest.raises(ps.UnknownNameError, match="scale to draw"):
        made("gender").plot("phq9")


def few() -> ps.Responses:
    frame = mixed().to_frame()
    frame["part"] = ["a" if at < 12 else "b" for at in range(len(frame))]
    return ps.read(frame, ps.scale(document_of(Y, range(4))), keep=["part"])


def alone() -> ps.Responses:
    frame = mixed().to_frame()
    frame["part"] = "only"
    return ps.read(frame, ps.scale(document_of(Y, range(4))), keep=["part"])


SAYS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "no by": (lambda: invariance(mixed(), model={"f": Y}), TypeError, 'by="sex"'),
    "column": (
        lambda: invariance(mixed(), by="sites", model={"f": Y}),
        ps.UnknownNameError,
        "did you mean 'site'",
    ),
    "group": (lambda: by_gender(groups=[1, 3]), ps.UnknownNameError, "group of gender called '3'"),
    "one group": (
        lambda: invariance(alone(), by="part", model={"f": Y}),
        ps.RefusalError,
        "everybody is 'only'",
    ),
    "small group": (
        lambda: invariance(few(), by="part", model={"f": Y}, estimator="ML"),
        ps.RefusalError,
        r"too few people: part a \(12\); the model has 18 parameters",
    ),
    "band": (
        lambda: invariance(ps.simulate("phq9", n=200, seed=1), by="phq9_severity"),
        ps.RefusalError,
        "made from the answers themselves",
    ),
    "level": (lambda: by_gender(levels=["configural", "metric"]), ps.UnknownNameError, "level"),
    "thresholds of continuous items": (
        lambda: by_gender(estimator="MLR", levels=["configural", "thresholds"]),
        ps.UnknownNameError,
        "level called 'thresholds'",
    ),
    "order of levels": (
        lambda: by_gender(levels=["configural", "intercepts", "loadings"]),
        ps.RefusalError,
        "in this order, 'configural' first",
    ),
    "no configural": (lambda: by_gender(levels=["loadings"]), ps.RefusalError, "'configural'"),
    "levels": (lambda: by_gender(levels="configural"), TypeError, "a list"),
    "release": (
        lambda: by_gender(release=["f =~ e6"]),
        ps.UnknownNameError,
        "did you mean 'f =~ e",
    ),
    "release text": (lambda: by_gender(release="f =~ e3"), TypeError, "a list"),
    "release marker": (
        lambda: by_gender(identification="marker", release=["f =~ e1"]),
        ps.RefusalError,
        "cannot be released",
    ),
    "marker of two options": (
        lambda: invariance(
            mixed(), by="site", model={"f": ["y4", "y1", "y2", "y3"]}, identification="marker"
        ),
        ps.RefusalError,
        "marker y4 has no two equal thresholds",
    ),
    "method": (lambda: by_gender(method="satorra"), ps.UnknownNameError, "satorra_2000"),
    "method of another estimator": (
        lambda: by_gender(method="satorra_bentler_2001"),
        ps.RefusalError,
        "is for MLM, MLR, not for WLSMV",
    ),
    "naive": (lambda: by_gender(method="plain"), ps.RefusalError, "is for ML, not for WLSMV"),
    "satorra with fiml": (
        lambda: by_gender(estimator="MLR", missing="fiml", method="satorra_2000"),
        ps.RefusalError,
        "use satorra_bentler_2001",
    ),
    "indices": (lambda: by_gender(indices="scale"), ps.UnknownNameError, "did you mean 'scaled'"),
    "estimator": (lambda: by_gender(estimator="WLS"), ps.UnknownNameError, "WLSMV"),
    "missing": (lambda: by_gender(missing="fml"), ps.UnknownNameError, "fiml"),
    "fiml": (lambda: by_gender(missing="fiml"), ps.RefusalError, "is for ML and MLR"),
    "occasions by": (
        lambda: invariance(*occasions(), by="sex", model={"f": A}),
        TypeError,
        "leave by and groups out",
    ),
    "first occasion": (
        lambda: invariance(pd.DataFrame(), occasions()[1], model={"f": A}),
        TypeError,
        "read the first occasion too",
    ),
    "scale": (lambda: invariance(pd.DataFrame(), by="site"), TypeError, "which scale"),
}


@pytest.mark.parametrize("case", SAYS)
def test_refused(case: str) -> None:
    work, kind, says = SAYS[case]
    with pytest.raises(kind, match=says):
        work()


def test_all_loadings_released_leave_that_level_untestable() -> None:
    found = by_site(release=[f"f =~ {item}" for item in Y], estimator="ML")
    row = found.to_frame().set_index("level").loc["loadings"]
    assert "not testable: no more loadings are equal" in row["note"]
    assert row["df_difference"] == 0


def test_people_of_one_occasion_are_used_where_missing_answers_are() -> None:
    first, second = half_gone()
    asked: dict[str, Any] = {"model": {"f": A}, "levels": ["configural", "loadings"]}
    both = invariance(first, second, estimator="MLR", **asked)
    everybody = invariance(first, second, estimator="MLR", missing="fiml", **asked)
    pairs = invariance(first, second, missing="pairwise", levels=["configural"], model={"f": A})
    assert both.rows[0]["n"] == 370
    assert everybody.rows[0]["n"] == 600
    assert pairs.rows[0]["n"] == 600
    assert any("200 only at the first, 30 only at the second" in note for note in everybody.notes)
