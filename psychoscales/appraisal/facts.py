"""The statistics that rules ask for, from the verbs that compute them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from psychoscales.appraisal.rating import Fact
from psychoscales.errors import RefusalError
from psychoscales.responses import Responses
from psychoscales.results import Table
from psychoscales.scores import Scores
from psychoscales.verbs.agreement import agreement
from psychoscales.verbs.cfa import cfa
from psychoscales.verbs.convergent import convergent
from psychoscales.verbs.criterion import criterion
from psychoscales.verbs.dif import dif
from psychoscales.verbs.invariance import invariance
from psychoscales.verbs.keyed import Keyed
from psychoscales.verbs.measured import Measure, measures
from psychoscales.verbs.membership import membership
from psychoscales.verbs.reliability import reliability
from psychoscales.verbs.truths import truth_of

INDICES = ("cfi", "tli", "rmsea", "srmr")
LEVELS = ("configural", "thresholds", "loadings", "intercepts")
FLAVOURS = (("_robust", "robust"), ("_scaled", "scaled"), ("", ""))
FEWEST_IN_GROUP = 100
"""People of each group below which COSMIN's checklist calls the comparison inadequate."""
ESTIMATOR: Literal["WLSMV"] = "WLSMV"


@dataclass(frozen=True)
class Asked:
    """What was given beside the answers; None where nothing was."""

    model: str | None
    retest: Any
    by: str | None
    truth: str | None
    positive: Any
    hypotheses: Table | None
    change: Table | None
    mic: float | None


Facts = dict[str, Fact]
Found = tuple[Facts, list[str]]


def facts_of(scored: Scores, each: Keyed, asked: Asked) -> tuple[Facts, dict[str, str], list[str]]:
    """Return the facts about one score, why others are not there, and notes."""
    facts: Facts = {}
    missing: dict[str, str] = {}
    notes: list[str] = []
    for name, work in WORK.items():
        try:
            found, said = work(scored, each, asked)
        except RefusalError as refusal:
            missing[name] = str(refusal)
            continue
        facts |= found
        notes += said
    return facts, missing, notes


def _structure(scored: Scores, each: Keyed, asked: Asked) -> Found:
    """Fit indices of the factor model that the score is judged by."""
    people, (name, model) = scored.responses, _model(each, asked)
    called = name or "one factor of the score's items"
    facts = _fitted(people, each, name, model)
    whole = facts if _is_one_factor(each, name) else _one_factor(people, each)
    for index, fact in whole.items():
        facts = facts | {f"one_factor_{index}": replace(fact, what=f"one factor: {fact.what}")}
    return facts, [f"structure is judged by {called}, {ESTIMATOR}"]


def _one_factor(people: Responses, each: Keyed) -> Facts:
    """The same of one factor of the score's items; nothing where it cannot be fitted."""
    try:
        return _fitted(people, each, None, {"factor": list(each.patterns.items)})
    except RefusalError:
        return {}


def _is_one_factor(each: Keyed, name: str | None) -> bool:
    return name is None or any(
        one.id == name and len(one.factors) == 1 for one in each.scale.models
    )


def _fitted(people: Responses, each: Keyed, name: str | None, model: Any) -> Facts:
    block, key = people[each.scale.id], each.score if name is None else None
    fitted = cfa(block, model=model, estimator=ESTIMATOR, key=key)
    if not fitted.converged:
        raise RefusalError("the factor model did not converge: no fit index")
    values = {row["index"]: row["value"] for row in fitted.fit.rows}
    if values["df"] == 0:
        raise RefusalError("the factor model has no degrees of freedom: it cannot be tested")
    facts: Facts = {}
    for index in INDICES:
        ending, flavour = next(
            (ending, flavour) for ending, flavour in FLAVOURS if f"{index}{ending}" in values
        )
        facts[index] = _index(values, index, ending, flavour)
        if f"{index}_scaled" in values:
            facts[f"{index}_scaled"] = _index(values, index, "_scaled", "scaled")
    return facts


def _index(values: Mapping[str, Any], index: str, ending: str, flavour: str) -> Fact:
    low, high = (values.get(f"{index}_{end}{ending}") for end in ("low", "high"))
    what = f"{flavour} {index.upper()}".strip()
    return Fact(float(values[f"{index}{ending}"]), what, low, high, int(values["n"]))


def _model(each: Keyed, asked: Asked) -> tuple[str | None, Any]:
    """Return the name of the declared model, or None and the factor that was made."""
    if asked.model is not None:
        return asked.model, asked.model
    items = set(each.patterns.items)
    for one in each.scale.models:
        if {item for members in one.factors.values() for item in members} == items:
            return one.id, one.id
    return None, {"factor": list(each.patterns.items)}


def _consistency(_scored: Scores, each: Keyed, _asked: Asked) -> Found:
    """Alpha of the score."""
    table = reliability(
        each.patterns, each.scale, score=each.score, coefficients="alpha", one_factor=False
    )
    row = table.rows[0]
    if row["value"] is None:
        raise RefusalError(str(row["note"]))
    facts = {"alpha": Fact(row["value"], "alpha", row["low"], row["high"], row["n"])}
    if row["low"] is not None:
        facts["alpha_low"] = Fact(row["low"], "lower end of alpha", n=row["n"])
    return facts, []


def _retest(scored: Scores, each: Keyed, asked: Asked) -> Found:
    """ICC and SDC of two occasions, and the minimal important change."""
    facts, notes = _important_change(each, asked)
    if asked.retest is None:
        return facts, notes
    rows = {
        row["coefficient"]: row
        for row in agreement(scored.responses[each.scale.id], asked.retest[each.scale.id]).rows
        if row["score"] == each.score
    }
    for name, coefficient, what in (
        ("icc", "ICC(A,1)", "ICC(A,1)"),
        ("sdc", "sdc_agreement", "SDC (agreement)"),
    ):
        row = rows.get(coefficient)
        if row is None or row["value"] is None:
            continue
        facts[name] = Fact(row["value"], what, row["low"], row["high"], row["n"])
        for end in ("low", "high"):
            if row[end] is not None:
                facts[f"{name}_{end}"] = Fact(row[end], f"{end} end of {what}", n=row["n"])
    return facts, notes


def _important_change(each: Keyed, asked: Asked) -> Found:
    if asked.mic is not None:
        return {"mic": Fact(asked.mic, "MIC as given")}, ["MIC as given"]
    for value in each.scale.reference_values:
        if value.statistic == "mic" and value.score in (None, each.score):
            source = ", ".join(value.source)
            return {"mic": Fact(value.value, f"MIC of {source}")}, [f"MIC of {source}"]
    return {}, []


def _extremes(scored: Scores, each: Keyed, _asked: Asked) -> Found:
    """The shares of people with the lowest and the highest possible score, and missing answers."""
    value = scored.by_scale[each.scale.id].scores[each.score].value
    there = value[~np.isnan(value)]
    answers = each.patterns.rows >= 0
    asked_of = each.patterns.n * answers.shape[1]
    facts: Facts = {}
    if asked_of:
        lost = float(each.patterns.counts @ (~answers).sum(axis=1)) / asked_of
        facts["missing_share"] = Fact(lost, "share of answers missing", n=each.patterns.n)
    limits = each.scale.score(each.score).range
    if len(there) and limits is not None:
        ends = {"floor": min(limits), "ceiling": max(limits)}
        for name, end in ends.items():
            share = float(np.isclose(there, end).mean())
            facts[name] = Fact(share, f"share at {end:g}", n=len(there))
        most = max(facts["floor"].value, facts["ceiling"].value)
        facts["extreme_share"] = Fact(most, "larger of floor and ceiling", n=len(there))
    return facts, []


def _differences(scored: Scores, each: Keyed, asked: Asked) -> Found:
    """Between groups: the largest difference of an item, and the fall of CFI on equal parameters.

    The rule is satisfied by either; what one of them refuses is said and the other one decides.
    """
    if asked.by is None:
        return {}, []
    sizes = np.bincount(1 + membership(scored, asked.by).codes)[1:]
    if len(sizes) and sizes.min() < FEWEST_IN_GROUP:
        raise RefusalError(
            f"fewer than {FEWEST_IN_GROUP} people in a group of {asked.by}: differences as large "
            "as the rule's bounds come by chance"
        )
    facts: Facts = {}
    notes = []
    for work in (_item_differences, _invariance):
        try:
            facts |= work(scored.responses, each, asked, asked.by)
        except RefusalError as refusal:
            notes.append(str(refusal))
    if not facts:
        raise RefusalError("; ".join(notes))
    return facts, notes


def _item_differences(people: Responses, each: Keyed, _asked: Asked, by: str) -> Facts:
    found = dif(people[each.scale.id], by=by, tests="logistic_total", score=each.score)
    rows = [row for row in found.rows if row.get("mcfadden_change") is not None]
    if not rows:
        reasons = dict.fromkeys(str(row["note"]) for row in found.rows if row.get("note"))
        raise RefusalError("; ".join(reasons) or f"no DIF by {by} could be computed")
    worst = max(rows, key=lambda row: float(row["mcfadden_change"]))
    what = f"largest McFadden R2 change by {by} ({worst['item']})"
    return {"dif_mcfadden": Fact(float(worst["mcfadden_change"]), what, n=worst["n"])}


def _invariance(people: Responses, each: Keyed, asked: Asked, by: str) -> Facts:
    name, model = _model(each, asked)
    key = each.score if name is None else None
    found = invariance(
        people[each.scale.id], by=by, model=model, key=key, levels=LEVELS, estimator=ESTIMATOR
    )
    falls = [row for row in found.rows if row["delta_cfi"] is not None]
    if not falls:
        raise RefusalError(f"no level of invariance by {by} could be compared")
    worst = min(falls, key=lambda row: float(row["delta_cfi"]))
    what = f"largest fall of {worst['indices']} CFI by {by} (equal {worst['level']})"
    return {"cfi_fall": Fact(-float(worst["delta_cfi"]), what, n=worst["n"])}


def _criterion(scored: Scores, each: Keyed, asked: Asked) -> Found:
    """Correlation with a gold standard of numbers, or area under the ROC curve of a yes or no."""
    if asked.truth is None:
        return {}, []
    people, name = scored.responses, f"{each.scale.id}_{each.score}"
    measured = measures(scored).get(asked.truth)
    if asked.positive is None and measured is not None and _is_more_than_yes_or_no(measured):
        _refuse_own(each, asked.truth, None if measured.block is None else measured.block.scale.id)
        against = convergent(people, against=asked.truth, score=name, resamples=0)
        what = f"r with {asked.truth}"
        if (against.rows[0]["value"] or 0) < 0:
            what += " (if that is scored the other way, reverse it before reading)"
        return _with_low("gold_standard_r", against.rows[0], what), []
    truth = truth_of(scored, asked.truth, asked.positive)
    _refuse_own(each, truth.name, truth.scale)
    held = criterion(people, truth=asked.truth, positive=asked.positive, score=name, resamples=0)
    row = next(row for row in held.rows if row["statistic"] == "auc")
    return _with_low("auc", row, f"AUC against {asked.truth}"), []


def _is_more_than_yes_or_no(measured: Measure) -> bool:
    return len(np.unique(measured.values[~np.isnan(measured.values)])) > 2


def _refuse_own(each: Keyed, truth: str, scale: str | None) -> None:
    if scale == each.scale.id:
        raise RefusalError(
            f"{truth} is made of answers to the same scale, and a gold standard is not"
        )


def _responsiveness(_scored: Scores, each: Keyed, asked: Asked) -> Found:
    """Area under the ROC curve of change against its anchor."""
    rows = [
        row
        for row in (() if asked.change is None else asked.change.rows)
        if row["statistic"] == "auc" and (row["scale"], row["score"]) == (each.scale.id, each.score)
    ]
    if not rows:
        return {}, []
    if any(row["group"] is not None for row in rows):
        raise RefusalError("the change is of groups: ask for that of everybody, without by=")
    return _with_low("change_auc", rows[0], "AUC of change"), []


def _hypotheses(_scored: Scores, each: Keyed, asked: Asked) -> Found:
    """The share of hypotheses about the score that were confirmed."""
    given = getattr(asked.hypotheses, "hypotheses", asked.hypotheses)
    rows = () if given is None else given.rows
    mine = [
        row
        for row in rows
        if row.get("score") in (None, each.score) and row.get("scale") in (None, each.scale.id)
    ]
    told = [bool(row["confirmed"]) for row in mine if row.get("confirmed") is not None]
    if not told:
        return {}, []
    what = f"share of hypotheses confirmed ({sum(told)} of {len(told)}):"
    return {"confirmed": Fact(sum(told) / len(told), what, n=len(told))}, []


def _with_low(name: str, row: Mapping[str, Any], what: str) -> Facts:
    if row["value"] is None:
        raise RefusalError(str(row.get("note") or f"no {what}"))
    facts = {name: Fact(row["value"], what, row["low"], row["high"], row["n"])}
    if row["low"] is not None:
        facts[f"{name}_low"] = Fact(row["low"], f"lower end of {what}", n=row["n"])
    return facts


WORK: Mapping[str, Callable[[Scores, Keyed, Asked], Found]] = {
    "structural_validity": _structure,
    "internal_consistency": _consistency,
    "reliability": _retest,
    "construct_validity": _hypotheses,
    "cross_cultural_validity": _differences,
    "criterion_validity": _criterion,
    "responsiveness": _responsiveness,
    "interpretability": _extremes,
}
