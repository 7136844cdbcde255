"""What a reader should know before quoting a number, found by rules that are stated here."""

from __future__ import annotations

from collections.abc import Callable

from psychoscales.reporting import misfits
from psychoscales.reporting.context import Context
from psychoscales.reporting.misfits import Found
from psychoscales.reporting.parts import Worry
from psychoscales.reporting.sections.scores import end_share
from psychoscales.results import number
from psychoscales.spec.model import Score

LEFT_OUT = 0.05
"""Share of people without complete answers from which it is said."""
FEW = 100
END = 0.15
"""Share of people at an end of a score (Terwee et al. 2007)."""
LOW, HIGH = 0.7, 0.95
"""Alpha should lie between (Terwee et al. 2007)."""
WEAK = 0.3
"""Correlation of an item with the rest of its score."""
FAR = 0.05
"""Between alpha and omega total."""


def worries(context: Context, score: Score) -> tuple[Worry, ...]:
    """Return everything that the rules find about a score."""
    return tuple(Worry(text, section) for rule in RULES for text, section in rule(context, score))


def _synthetic(context: Context, _score: Score) -> Found:
    if context.synthetic:
        yield context.words("synthetic.sentence"), "method"


def _adapted(context: Context, _score: Score) -> Found:
    found = context.scale.extends
    if found is not None:
        relation = context.words(f"relation.{found.relation}")
        yield context.words("worry.adapted", relation=relation, parent=found.scale), "scale"
    if context.scale.text_status == "reconstructed":
        yield context.words("worry.reconstructed"), "scale"


def _own_rule(context: Context, score: Score) -> Found:
    if "spec_author" in score.missing.source and context.distributions.scores[score.id].prorated:
        count = context.distributions.scores[score.id].prorated
        yield context.words("worry.own_rule", count=count), "scale"


def _bad(context: Context, score: Score) -> Found:
    count = context.bad(context.keyed[score.id].patterns.items)
    if count:
        yield context.words("people.bad", count=f"{count:,}"), "people"


def _missing(context: Context, score: Score) -> Found:
    patterns = context.keyed[score.id].patterns
    left = patterns.n - patterns.complete.n
    if left > LEFT_OUT * patterns.n:
        share = f"{100 * left / patterns.n:.0f}"
        yield context.words("worry.missing", count=f"{left:,}", share=share), "people"


def _few(context: Context, score: Score) -> Found:
    n = context.keyed[score.id].patterns.complete.n
    if n < FEW:
        context.cite("terwee2007")
        yield context.words("worry.few", n=n, few=FEW), "people"


def _ends(context: Context, score: Score) -> Found:
    if not context.distributions.scores[score.id].n:
        return
    for end, key in zip(score.range, ("lowest", "highest"), strict=True):
        cell, share = end_share(context, score, end)
        if share is not None and share > END:
            context.cite("terwee2007")
            yield context.words(f"worry.{key}", share=cell.text), "scores"


def _alpha(context: Context, score: Score) -> Found:
    for row in context.rows(context.reliability, score.id):
        if row["coefficient"] != "alpha" or row["value"] is None:
            continue
        said = number(row["value"])
        context.cite("terwee2007")
        if row["value"] < LOW:
            yield context.words("worry.alpha_low", alpha=said, low=LOW), "reliability"
        elif row["low"] is not None and row["low"] < LOW:
            yield (
                context.words("worry.alpha_unsure", ends=number(row["low"]), low=LOW),
                "reliability",
            )
        if row["value"] > HIGH:
            yield context.words("worry.alpha_high", alpha=said, high=HIGH), "reliability"


def _omega(context: Context, score: Score) -> Found:
    known = {
        row["coefficient"]: row["value"] for row in context.rows(context.reliability, score.id)
    }
    alpha, omega = (known.get(name) for name in ("alpha", "omega_total_ml"))
    if alpha is not None and omega is not None and abs(omega - alpha) > FAR:
        said = {"alpha": number(alpha), "omega": number(omega), "far": FAR}
        yield context.words("worry.omega", **said), "reliability"


def _constant(context: Context, score: Score) -> Found:
    own = context.keyed[score.id].patterns.items
    answered = {item: context.answered[item] for item in own}
    one = [
        item
        for item, counts in answered.items()
        if sum(count > 0 for count in counts) == 1 and sum(counts) >= context.asked.small
    ]
    if one:
        yield context.words("worry.constant", items=context.words.listed(one)), "items"


def _items(context: Context, score: Score) -> Found:
    rows = context.items.rows if context.items is not None else ()
    own = [row for row in rows if row["score"] == score.id and row.get("item_rest") is not None]
    against = [row["item"] for row in own if row["item_rest"] < 0]
    weak = [row["item"] for row in own if 0 <= row["item_rest"] < WEAK]
    if against:
        yield context.words("worry.against", items=context.words.listed(against)), "items"
    if weak:
        yield context.words("worry.weak", items=context.words.listed(weak), weak=WEAK), "items"


def _flags(context: Context, _score: Score) -> Found:
    for flag in context.scale.flags:
        count = context.distributions.flags[flag.id][1]
        if count and flag.level != "note":
            shown = f"<{context.asked.small}" if count < context.asked.small else f"{count:,}"
            message = context.told(flag.message).text
            yield context.words("worry.flag", count=shown, message=message), "scores"


def _refused(context: Context, score: Score) -> Found:
    if context.reliability is None or context.items is None:
        yield context.words("worry.refused", score=context.name(score.id)), "refused"


RULES: tuple[Callable[[Context, Score], Found], ...] = (
    _synthetic,
    _flags,
    _refused,
    _bad,
    _missing,
    _few,
    _alpha,
    _omega,
    _constant,
    _items,
    _ends,
    misfits.factors,
    misfits.fit,
    misfits.dif,
    misfits.several,
    misfits.invariance,
    misfits.retest,
    misfits.criterion,
    _adapted,
    _own_rule,
)
