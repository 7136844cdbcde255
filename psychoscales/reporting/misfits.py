"""Rules about models, groups and second measures that a reader should know of before quoting."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.models import Fitted
from psychoscales.reporting.sections.criterion import areas
from psychoscales.reporting.sections.differences import dif_rows
from psychoscales.reporting.sections.retest import is_the_same
from psychoscales.reporting.sections.structure import suggestions
from psychoscales.results import number
from psychoscales.spec.model import Score

LEAST = {"cfi": 0.95}
MOST = {"rmsea": 0.06, "srmr": 0.08}
"""Hu and Bentler 1999."""
FALL = 0.01
"""Of CFI from level to level (Cheung and Rensvold 2002)."""
LEVELS = ("thresholds", "loadings", "intercepts")
"""Of invariance: what comes after them is asked of means and errors, not of the meaning."""
UNLIKE = ("B", "C")
"""Classes of differential item functioning (Jodoin and Gierl 2001)."""
GOOD = 0.7
"""Of an ICC and of an area under the ROC curve (Prinsen et al. 2018)."""
SEVERAL = "one factor is not supported"
"""How the evidence begins its reason."""
Found = Iterator[tuple[str, str]]


def factors(context: Context, score: Score) -> Found:
    found = suggestions(context, score.id).get("parallel_components")
    if found is not None and found != 1:
        yield context.words("worry.factors", count=found), "structure"


def fit(context: Context, score: Score) -> Found:
    own = context.keyed[score.id].patterns.items
    for fitted in context.fits:
        poor = list(_poor(context, fitted)) if fitted.model.is_about(own) else []
        if poor:
            key = "worry.fit" if fitted.model.declared else "worry.fit_one"
            listed = context.words.listed(poor)
            yield context.words(key, model=fitted.model.name, indices=listed), "structure"
    for model in context.unfitted:
        if model.is_about(own):
            yield context.words("worry.unfitted", model=model.name), "refused"


def several(context: Context, score: Score) -> Found:
    """Say where evidence does not interpret alpha, though a model of several factors may fit."""
    rows = () if context.evidence is None else context.evidence.rows
    for row in rows:
        mine = row["score"] == score.id and row["property"] == "internal_consistency"
        if mine and str(row["reason"]).startswith(SEVERAL):
            yield context.words("worry.alpha_several"), "evidence"


def _poor(context: Context, fitted: Fitted) -> Iterator[str]:
    """Yield the indices beyond their bounds, each with its flavour."""
    for index in (*LEAST, *MOST):
        judged = fitted.judged(index)
        if judged is None:
            continue
        flavour, value = judged
        if value < LEAST.get(index, value) or value > MOST.get(index, value):
            named = context.words(f"index.{index}")
            yield f"{context.words(f'worry.index_{flavour}', index=named)} {number(value)}"


def dif(context: Context, score: Score) -> Found:
    unlike = [row["item"] for row in dif_rows(context, score.id) if row["class"] in UNLIKE]
    if unlike:
        items = context.words.listed(unlike)
        yield context.words("worry.dif", by=context.asked.by, items=items), "differences"


def invariance(context: Context, score: Score) -> Found:
    own = context.keyed[score.id].patterns.items
    for model, found in context.invariance:
        rows = [row for row in found.rows if row["level"] in LEVELS]
        falls = [row for row in rows if row["delta_cfi"] is not None and row["delta_cfi"] < -FALL]
        if model.is_about(own) and falls:
            context.cite("cheung2002")
            said = context.words.listed([_fall(context, row) for row in falls])
            told = {"model": model.name, "by": context.asked.by, "falls": said}
            yield context.words("worry.invariance", **told), "differences"


def _fall(context: Context, row: Row) -> str:
    level = row["level"]
    return f"{number(-row['delta_cfi'])} ({context.words(f'worry.equal_{level}')})"


def retest(context: Context, score: Score) -> Found:
    if is_the_same(context, score.id):
        yield context.words("worry.same_retest"), "retest"
    for row in context.rows(context.retest, score.id):
        if row["coefficient"] == "ICC(A,1)" and row["value"] is not None and row["value"] < GOOD:
            said = context.words("worry.icc", icc=number(row["value"]), low=GOOD)
            yield said, "retest"


def criterion(context: Context, score: Score) -> Found:
    truth, by = context.asked.truth, context.asked.by
    if truth in context.results and "criterion" in context.made:
        yield context.words("worry.own_truth", truth=truth), "criterion"
    if by in context.results:
        place = "differences" if "differences" in context.made else "refused"
        yield context.words("worry.own_by", by=by), place
    for row in areas(context, score.id):
        if row["value"] < GOOD:
            said = context.words("worry.auc", auc=number(row["value"]), low=GOOD)
            yield said, "criterion"
