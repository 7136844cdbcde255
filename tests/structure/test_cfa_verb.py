"""`psychoscales.cfa`: tables, text, notes and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.verbs.cfa import cfa
from tests.counting.making import document_of
from tests.structure.cfa_cases import GOLDEN, E, N, expected

WHERE = ["scale", "score", "group", "occasion"]
TESTS = ["estimate", "se", "z", "p"]


def people(**asked: Any) -> ps.Responses:
    return ps.simulate("phq9", **{"n": 500, "seed": 3, "loading": 0.6, **asked})


def same_answer(item: str) -> ps.Responses:
    frame = people().to_frame()
    frame[item] = 1
    return ps.read(frame, "phq9")


@cache
def bfi() -> ps.Responses:
    """E1 to E5 and N1 to N5; one score reverses E1 and E2."""
    names = [item.lower() for item in (*E, *N)]
    document = document_of(names, range(1, 7), reverse=["e1", "e2"])
    document["models"] = [
        {
            "id": "two",
            "factors": {"e": names[:5], "n": names[5:]},
            "key": "total",
            "source": "spec_author",
            "note": "made up for a test",
        },
        {
            "id": "one_factor",
            "factors": {"n": names[5:]},
            "source": "spec_author",
            "note": "made up for a test",
        },
    ]
    columns = {item.lower(): item for item in (*E, *N)}
    binding = {"scales": {"tiny": {"columns": columns}}}
    return ps.read(GOLDEN / "cfa_ordinal" / "bfi.csv", ps.scale(document), binding=binding)


def indices(found: Any) -> dict[str, float]:
    return dict(zip(*found.fit.to_frame()[["index", "value"]].to_numpy().T, strict=True))


def test_columns() -> None:
    found = cfa(people())
    assert list(found.fit.to_frame().columns) == [*WHERE, "index", "value"]
    loading = ["factor", "item", *TESTS, "std", "std_se"]
    assert list(found.to_frame().columns) == [*WHERE, *loading]
    threshold = ["item", "threshold", "below", "above", *TESTS]
    assert list(found.thresholds.to_frame().columns) == [*WHERE, *threshold]
    assert list(found.residuals.to_frame().columns) == [
        *WHERE,
        "item",
        "with_item",
        "residual",
        "z",
    ]
    change = ["lhs", "op", "rhs", "mi", "p", "epc", "sepc"]
    assert list(found.modification.to_frame().columns) == [*WHERE, *change]
    pair = ["factor", "with_factor", "correlation", "se", "z", "p"]
    assert list(found.factor_correlations.to_frame().columns) == [*WHERE, *pair]
    assert set(found.to_frame()["score"]) == {"one_factor"}
    sizes = [found.loadings, found.thresholds, found.residuals, found.factor_correlations]
    assert [len(table.rows) for table in sizes] == [9, 27, 36, 0]
    mi = found.modification.to_frame()["mi"]
    assert mi.is_monotonic_decreasing
    json.dumps(found.to_dict())


@pytest.mark.parametrize(
    ("missing", "golden"),
    [("complete", "N_WLSMV"), ("listwise", "N_WLSMV"), ("pairwise", "N_pairwise")],
)
def test_ordinal_items_agree_with_lavaan(missing: Any, golden: str) -> None:
    found = cfa(bfi(), missing=missing)
    wanted = expected("cfa_ordinal")[golden]
    fit, names = indices(found), {"chisq": "chisq", "cfi_robust": "cfi.robust"}
    names |= {"rmsea_scaled": "rmsea.scaled", "chisq_scaled": "chisq.scaled"}
    for ours, theirs in names.items():
        assert fit[ours] == pytest.approx(wanted["fit"][theirs], rel=2e-6)
    assert fit["n"] == (2800 if missing == "pairwise" else 2694)
    for row in found.loadings.rows:
        key = f"f =~ {row['item'].upper()}"
        assert row["std"] == pytest.approx(wanted["std"][key], abs=1e-6)
        assert row["se"] == pytest.approx(wanted["se"][key], abs=1e-6)
    for row in found.thresholds.rows:
        key = f"{row['item'].upper()} | t{row['threshold']}"
        assert row["estimate"] == pytest.approx(wanted["estimate"][key], abs=1e-6)
        assert (row["below"], row["above"]) == (row["threshold"], row["threshold"] + 1)


@pytest.mark.parametrize(
    ("estimator", "missing", "folder", "golden"),
    [("MLM", "complete", "cfa", "N_MLM"), ("MLR", "fiml", "cfa_fiml", "N_MLR")],
)
def test_continuous_items_agree_with_lavaan(
    estimator: Any, missing: Any, folder: str, golden: str
) -> None:
    found = cfa(bfi(), estimator=estimator, missing=missing)
    wanted = expected(folder)[golden]
    fit = indices(found)
    for ours, theirs in {"chisq_scaled": "chisq.scaled", "rmsea_robust": "rmsea.robust"}.items():
        assert fit[ours] == pytest.approx(wanted["fit"][theirs], rel=2e-6)
    assert not found.thresholds.rows
    assert f"of the {int(fit['n']):,} people" in str(found)


def test_a_model_is_keyed_as_it_says() -> None:
    found = cfa(bfi(), model="two")
    wanted = expected("cfa_ordinal")["EN_WLSMV"]
    assert indices(found)["chisq"] == pytest.approx(wanted["fit"]["chisq"], rel=2e-6)
    for row in found.loadings.rows:
        key = f"{row['factor']} =~ {row['item'].upper()}"
        assert row["estimate"] == pytest.approx(wanted["estimate"][key], abs=1e-6)
    (pair,) = found.factor_correlations.rows
    assert pair["correlation"] == pytest.approx(wanted["estimate"]["e ~~ n"], abs=1e-6)
    assert "items keyed as the score total does" in " ".join(str(found).split())
    given = {"e": [name.lower() for name in E], "n": [name.lower() for name in N]}
    plain = cfa(bfi(), model=given, key="none")
    signs = {row["item"]: np.sign(row["estimate"]) for row in plain.loadings.rows}
    assert signs["e1"] == signs["e2"] == -signs["e3"]
    assert indices(plain)["chisq"] == pytest.approx(indices(found)["chisq"], rel=1e-6)
    assert "answers as given" in str(plain)
    same = cfa(bfi(), model=given, key="total")
    assert indices(same)["chisq"] == pytest.approx(indices(found)["chisq"], rel=1e-9)


def test_text_fits() -> None:
    for text in (str(cfa(bfi(), model="two")), str(cfa(people(), estimator="MLR"))):
        assert max(map(len, text.splitlines())) <= 80
        assert "Confirmatory factor analysis" in text
        assert "robust" in text
    assert "<table>" in cfa(people())._repr_html_()


def test_several_scales() -> None:
    both = ps.simulate(["phq9", "gad7"], n=400, seed=2, loading=0.7)
    found = cfa(both)
    assert set(found.fit.to_frame()["scale"]) == {"phq9", "gad7"}
    assert list(found.fits) == ["phq9", "gad7"]
    assert len(found.loadings.rows) == 16
    alone = cfa(both, "gad7")
    rows = [row for row in found.fit.rows if row["scale"] == "gad7"]
    assert {row["index"]: row["value"] for row in rows} == pytest.approx(indices(alone))
    assert max(map(len, str(found).splitlines())) <= 80


def test_counted_answers_give_the_same() -> None:
    counted = ps.count(people().to_frame(), "phq9")
    assert indices(cfa(counted)) == pytest.approx(indices(cfa(people())), nan_ok=True)


def test_options_drawn_together_and_options_nobody_chose() -> None:
    frame = people().to_frame()
    frame["phq9_9"] = frame["phq9_9"].clip(upper=2)
    found = cfa(ps.read(frame, "phq9"))
    assert len(found.thresholds.rows) == 26
    last = [row for row in found.thresholds.rows if row["item"] == "phq9_9"]
    assert [(row["below"], row["above"]) for row in last] == [(0, 1), (1, 2)]


def test_models_that_are_nested_can_be_compared() -> None:
    larger = cfa(bfi(), estimator="MLR")
    equal = {f"n =~ n{at}": "a" for at in (1, 2)} | {f"n =~ n{at}": "b" for at in (3, 4)}
    restricted = cfa(bfi(), estimator="MLR", labels=equal)
    labels = {row["label"] for row in restricted.parameters.rows if row["op"] == "=~"}
    assert labels == {"a", "b", None}
    found = difference(larger.fits["tiny"], restricted.fits["tiny"])
    wanted = expected("cfa")["nested"]["N_MLR"]["satorra_bentler_2001"]
    assert found.chisq == pytest.approx(wanted["chisq_difference"], rel=1e-6)


def test_what_did_not_converge_has_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psychoscales.engines.structure.cfa.estimation.MOST_STEPS", 1)
    found = cfa(people())
    assert not found.converged
    assert set(indices(found)) == {"n", "free"}
    assert not found.modification.rows
    assert not found.residuals.rows
    assert "did not converge" in str(found)


def test_a_heywood_case_is_said() -> None:
    rng = np.random.default_rng(5)
    eta = rng.normal(size=4000)
    latent = np.column_stack(
        [
            eta * b + rng.normal(size=4000) * e
            for b, e in ((1, 0.05), (0.6, 0.8), (0.5, 0.9), (0.4, 0.9))
        ]
    )
    names = ["a", "b", "c", "d"]
    frame = pd.DataFrame(np.digitize(latent, [-0.7, 0.1, 0.9]), columns=names)
    noise = rng.permutation(4000)[:400]
    frame.loc[noise, "b"] = frame.loc[noise, "a"]
    document = document_of(names)
    data = ps.read(frame, ps.scale(document))
    found = cfa(data, model={"f": names}, covariances=[("c", "d")])
    assert "Heywood" in str(found)


SAYS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "model": (lambda: cfa(people(), model="onefactor"), ps.UnknownNameError, "model of phq9"),
    "no models": (
        lambda: cfa(ps.read(pd.DataFrame({"a": [0], "b": [1]}), ps.scale(document_of(["a", "b"])))),
        ps.UnknownNameError,
        "give its factors",
    ),
    "item": (
        lambda: cfa(people(), model={"f": ["phq9_1", "phq_2", "phq9_3"]}),
        ps.UnknownNameError,
        "did you mean 'phq9_2'",
    ),
    "unscored item": (
        lambda: cfa(people(), model={"f": ["phq9_1", "phq9_2", "phq9_10"]}),
        ps.UnknownNameError,
        "scored item of phq9",
    ),
    "list of items": (
        lambda: cfa(people(), model=["phq9_1", "phq9_2"]),  # type: ignore[arg-type]
        ps.RefusalError,
        "a model is factors",
    ),
    "no factors": (lambda: cfa(people(), model={}), ps.RefusalError, "a model is factors"),
    "text of items": (
        lambda: cfa(people(), model={"f": "phq9_1 phq9_2"}),
        ps.RefusalError,
        "has one text, not a list",
    ),
    "constant item": (
        lambda: cfa(same_answer("phq9_4"), estimator="ML"),
        ps.RefusalError,
        "the same answer to phq9_4",
    ),
    "constant item, missing answers": (
        lambda: cfa(same_answer("phq9_4"), estimator="ML", missing="fiml"),
        ps.RefusalError,
        "the same answer to phq9_4",
    ),
    "estimator": (
        lambda: cfa(people(), estimator="WLSM"),  # type: ignore[arg-type]
        ps.UnknownNameError,
        "did you mean 'WLSMV'",
    ),
    "missing": (
        lambda: cfa(people(), missing="list-wise"),  # type: ignore[arg-type]
        ps.UnknownNameError,
        "did you mean 'listwise'",
    ),
    "key of own model": (lambda: cfa(people(), key="total"), TypeError, "says its own"),
    "key": (
        lambda: cfa(bfi(), model={"f": ["e1", "e3", "e4"]}),
        ps.RefusalError,
        "reverses e1: say key='total'",
    ),
    "unknown key": (
        lambda: cfa(bfi(), model={"f": ["e1", "e3", "e4"]}, key="totl"),
        ps.UnknownNameError,
        "did you mean 'total'",
    ),
    "fiml": (lambda: cfa(people(), missing="fiml"), ps.RefusalError, "'complete' or 'pairwise'"),
    "fiml with MLM": (
        lambda: cfa(people(), estimator="MLM", missing="fiml"),
        ps.RefusalError,
        "MLM needs complete answers",
    ),
    "pairwise": (
        lambda: cfa(people(), estimator="ML", missing="pairwise"),
        ps.RefusalError,
        "no single n",
    ),
    "two items": (
        lambda: cfa(people(), model={"f": ["phq9_1", "phq9_2"]}),
        ps.RefusalError,
        "not identified",
    ),
    "every scale refused": (
        lambda: cfa(
            ps.simulate(["phq9", "gad7"], n=400, seed=2), second_order={"g": ["depression"]}
        ),
        (ps.RefusalError, ps.UnknownNameError),  # type: ignore[dict-item]
        "factor|identified",
    ),
}


@pytest.mark.parametrize("case", SAYS)
def test_refused(case: str) -> None:
    work, kind, says = SAYS[case]
    with pytest.raises(kind, match=says):
        work()


def test_factor_scores_of_people() -> None:
    found = cfa(bfi())
    frame = found.scores(bfi())
    assert list(frame.columns) == ["tiny_n"]
    assert len(frame) == 2800
    stored = pd.read_csv(GOLDEN / "cfa_ordinal" / "bfi.csv")[N]
    unanswered = stored.isna().all(axis=1)
    assert frame["tiny_n"].isna().sum() == unanswered.sum()
    wanted = expected("cfa_ordinal")["scores"]
    whole = frame["tiny_n"][stored.notna().all(axis=1)].to_numpy()
    np.testing.assert_allclose(whole[: len(wanted["ebm"])], wanted["ebm"], atol=1e-5)
    turned = cfa(bfi(), model="two", estimator="ML").scores(bfi(), "bartlett")
    plain = cfa(bfi(), model="two", estimator="ML").scores(bfi())
    assert list(turned.columns) == ["tiny_e", "tiny_n"]
    assert turned.corrwith(plain).min() > 0.9
    assert turned["tiny_e"].std() > plain["tiny_e"].std()


def test_factor_scores_keep_ids_and_order() -> None:
    frame = people().to_frame()
    frame["pid"] = [f"p{at}" for at in range(len(frame))]
    data = ps.read(frame, "phq9", id="pid")
    made = cfa(data)
    found = made.scores(data)
    assert list(found.columns) == ["pid", "phq9_depression"]
    assert list(found["pid"]) == list(frame["pid"])
    back = made.scores(ps.read(frame.iloc[::-1], "phq9", id="pid"))
    both = back.set_index("pid")["phq9_depression"].reindex(found["pid"]).to_numpy()
    np.testing.assert_allclose(both, found["phq9_depression"], atol=1e-9)


def test_an_option_nobody_chose_has_no_factor_score() -> None:
    frame = people().to_frame()
    less = frame.copy()
    less["phq9_9"] = less["phq9_9"].clip(upper=2)
    found = cfa(ps.read(less, "phq9"))
    with pytest.raises(ps.RefusalError, match="phq9_9: nobody chose the option of value 3"):
        found.scores(ps.read(frame, "phq9"))
    with pytest.raises(ps.UnknownNameError, match="scale in these responses"):
        found.scores(ps.simulate("gad7", n=20, seed=1))


def test_a_nested_model_is_tested_by_the_right_method() -> None:
    answers = ps.simulate("phq9", n=400, seed=8)
    equal = {f"depression =~ phq9_{at}": "same" for at in range(1, 10)}
    wanted: dict[Literal["WLS", "WLSMV", "MLR"], str] = {
        "WLS": "plain",
        "WLSMV": "satorra_2000",
        "MLR": "satorra_bentler_2001",
    }
    for estimator, method in wanted.items():
        larger = ps.cfa(answers, estimator=estimator)
        restricted = ps.cfa(answers, estimator=estimator, labels=equal)
        (row,) = larger.against(restricted).rows
        assert (row["df_difference"], row["method"]) == (8, method)
        assert 0 < row["p"] < 1
        with pytest.raises(ps.RefusalError, match="give the larger model first"):
            restricted.against(larger)


def test_srmr_is_the_one_that_lavaan_prints_by_default() -> None:
    answers = ps.simulate("gad7", n=300, seed=3, missing=0.02)
    complete = ps.cfa(answers, estimator="ML").fit.to_frame().set_index("index")["value"]
    fiml = ps.cfa(answers, estimator="ML", missing="fiml")
    full = fiml.fit.to_frame().set_index("index")["value"]
    assert complete["srmr"] > complete["srmr_with_means"]
    assert full["srmr"] < full["srmr_no_mean"]


def two_scales(seed: int = 5) -> ps.Responses:
    """Two scales whose factors correlate .6."""
    rng = np.random.default_rng(seed)
    first = rng.standard_normal(600)
    second = 0.6 * first + 0.8 * rng.standard_normal(600)
    columns = {}
    for prefix, count, factor in (("phq9", 9, first), ("gad7", 7, second)):
        for at in range(1, count + 1):
            latent = 0.8 * factor + 0.6 * rng.standard_normal(600)
            columns[f"{prefix}_{at}"] = np.digitize(latent, [-0.5, 0.4, 1.2])
    return ps.read(pd.DataFrame(columns), ["phq9", "gad7"])


def test_a_model_over_two_scales_has_their_factors_correlated() -> None:
    both = two_scales()
    model = {
        "depression": [f"phq9_{at}" for at in range(1, 10)],
        "anxiety": [f"gad7_{at}" for at in range(1, 8)],
    }
    found = ps.cfa(both, model=model)
    (row,) = found.factor_correlations.rows
    assert row["scale"] == "phq9+gad7"
    assert row["correlation"] == pytest.approx(0.6, abs=0.06)
    values = found.fit.to_frame().set_index("index")["value"]
    assert values["df"] == 16 * 15 / 2 - 16 - 1
    assert values["cfi_robust"] > 0.97


@pytest.mark.parametrize("estimator", ["WLSMV", "MLR"])
def test_scores_of_a_model_over_two_scales_are_those_of_one_scale_of_all_items(
    estimator: Literal["WLSMV", "MLR"],
) -> None:
    both = two_scales()
    first = [f"phq9_{at}" for at in range(1, 10)]
    second = [f"gad7_{at}" for at in range(1, 8)]
    model = {"mixed": [second[0], *first], "anxiety": second[1:]}
    whole = ps.read(both.to_frame(), document_of([*first, *second], range(4)))
    wanted = ps.cfa(whole, model=model, estimator=estimator).scores(whole)
    made = ps.cfa(both, model=model, estimator=estimator)
    found = made.scores(both)
    assert list(found) == ["phq9+gad7_mixed", "phq9+gad7_anxiety"]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    np.testing.assert_allclose(made.scores(both.to_frame()), found, atol=1e-12)
    with pytest.raises(ps.UnknownNameError, match="scale in these responses called 'gad7'"):
        made.scores(both["phq9"])


def test_a_model_over_two_scales_names_what_is_wrong() -> None:
    both = two_scales()
    with pytest.raises(ps.UnknownNameError, match="did you mean 'gad7_1'"):
        ps.cfa(both, model={"a": ["phq9_1", "phq9_2"], "b": ["gad7_2", "gad7_11"]})
    twice = ps.read(both.to_frame(), ["phq9", "phq2", "gad7"])
    with pytest.raises(ps.RefusalError, match="both have an item"):
        ps.cfa(twice, model={"a": ["phq9_1", "phq9_2"], "b": ["gad7_1", "gad7_3"]})


def test_reversals_of_two_scales_are_said_for_each() -> None:
    frame = (
        ps.simulate("dd", n=300, seed=1)
        .to_frame()
        .join(ps.simulate("gad7", n=300, seed=2).to_frame())
    )
    both = ps.read(frame, ["dd", "gad7"])
    model = {"a": [f"dd_{at}" for at in range(1, 7)], "b": [f"gad7_{at}" for at in range(1, 8)]}
    with pytest.raises(ps.RefusalError, match="reverses"):
        ps.cfa(both, model=model)
    score = ps.scale("dd").scores[0].id
    found = ps.cfa(both, model=model, key={"dd": score})
    assert any(f"dd: {score}" in note for note in found.fit.notes)


@pytest.mark.parametrize("estimator", ["WLSMV", "ULSMV", "ML", "MLM", "MLR"])
def test_a_model_without_a_minimum_says_so_by_every_estimator(
    estimator: Literal["WLSMV", "ULSMV", "ML", "MLM", "MLR"],
) -> None:
    names = [f"phq9_{at}" for at in range(1, 10)]
    found = ps.cfa(
        ps.simulate("phq9", n=60, seed=1),
        model={"f": names[:3], "g": names[3:6], "h": names[6:]},
        second_order={"t": ["f", "g", "h"]},
        estimator=estimator,
    )
    assert not found.converged
    assert [row["index"] for row in found.fit.rows] == ["n", "free"]
    assert any("identification='marker'" in note for note in found.fit.notes)


@pytest.mark.parametrize(("estimator", "chisq"), [("ML", 1026.98), ("WLSMV", 1206.67)])
def test_a_lower_factor_may_have_to_be_turned_round(
    estimator: Literal["ML", "WLSMV"], chisq: float
) -> None:
    """E1 and E2 as given, so that extraversion goes against neuroticism; values of lavaan."""
    found = ps.cfa(
        bfi(),
        model={"n": [item.lower() for item in N], "e": [item.lower() for item in E]},
        second_order={"h": ["n", "e"]},
        labels={"h =~ n": "a", "h =~ e": "a"},
        key="none",
        estimator=estimator,
    )
    values = found.fit.to_frame().set_index("index")["value"]
    assert values["chisq"] == pytest.approx(chisq, abs=0.006)


def test_a_bifactor_model_is_searched_from_other_beginnings(shared: Path) -> None:
    """Of promis_anxiety_lordif; lavaan's minimum is .149593 765 / 766 times the same."""
    path = shared / "dif_validity_rpkg" / "promis_anxiety_lordif.csv.gz"
    groups = [[f"R{at}" for at in range(first, first + 5)] for first in (6, 1, 16, 11)]
    every = [item for group in groups for item in group]
    factors = {"g": every, **{f"f{at}": group for at, group in enumerate(groups)}}
    low = {name: [item.lower() for item in items] for name, items in factors.items()}
    frame = pd.read_csv(path).rename(columns=str.lower)
    answers = ps.read(frame, document_of(low["g"], range(1, 6)))
    found = ps.cfa(answers, model=low, orthogonal=True)
    assert found.converged
    values = found.fit.to_frame().set_index("index")["value"]
    assert values["chisq"] == pytest.approx(2 * 766 * 0.149593, abs=0.02)


def test_a_parameter_is_known_whatever_its_spaces() -> None:
    answers = ps.simulate("phq9", n=200, seed=2)
    one = ps.cfa(answers, fixed={"depression =~ phq9_1": 0.5}, estimator="ML")
    other = ps.cfa(answers, fixed={"depression=~phq9_1": 0.5}, estimator="ML")
    assert one.fit.to_dict() == other.fit.to_dict()


def test_means_of_later_waves_can_be_freed() -> None:
    """Two waves of one factor with equal loadings and intercepts: the later mean is free."""
    rng = np.random.default_rng(3)
    first = rng.standard_normal(800)
    second = 0.5 + 0.7 * first + 0.6 * rng.standard_normal(800)
    columns = {}
    for prefix, factor in (("phq9", first), ("gad7", second)):
        for at in range(1, 4):
            latent = 0.8 * factor + 0.6 * rng.standard_normal(800)
            columns[f"{prefix}_{at}"] = np.digitize(latent, [-0.6, 0.5, 1.4])
    for at in range(4, 10):
        columns[f"phq9_{at}"] = columns["phq9_1"]
        if at < 8:
            columns[f"gad7_{at}"] = columns["gad7_1"]
    answers = ps.read(pd.DataFrame(columns), ["phq9", "gad7"])
    waves = {"a": [f"phq9_{n}" for n in (1, 2, 3)], "b": [f"gad7_{n}" for n in (1, 2, 3)]}
    equal: dict[str, str] = {}
    for at in (1, 2, 3):
        if at > 1:
            equal |= {f"a =~ phq9_{at}": f"l{at}", f"b =~ gad7_{at}": f"l{at}"}
        equal |= {f"phq9_{at} ~1": f"i{at}", f"gad7_{at} ~1": f"i{at}"}
    asked: dict[str, Any] = {"model": waves, "labels": equal, "estimator": "ML"}
    asked["identification"] = "marker"
    closed = ps.cfa(answers, **asked)
    freed = ps.cfa(answers, **asked, free=["b ~1"])
    one, two = (each.fit.to_frame().set_index("index")["value"] for each in (closed, freed))
    assert one["df"] - two["df"] == 1
    assert one["chisq"] - two["chisq"] > 50
    rows = {(row["lhs"], row["op"]): row["estimate"] for row in freed.parameters.rows}
    assert rows["b", "~1"] > 0.2


def test_what_is_freed_is_a_list_and_not_fixed_too() -> None:
    answers = ps.simulate("phq9", n=100, seed=2)
    text: Any = "a ~1"
    with pytest.raises(TypeError, match="free is a list"):
        ps.cfa(answers, estimator="ML", free=text)
    asked: dict[str, Any] = {"free": ["depression=~phq9_1"]}
    with pytest.raises(ValueError, match="in free= and in fixed="):
        ps.cfa(answers, estimator="ML", fixed={"depression =~ phq9_1": 1.0}, **asked)
