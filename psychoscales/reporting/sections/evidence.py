"""Evidence: what published rules say of each measurement property."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Cell, Listing, Paragraph, Section
from psychoscales.reporting.sections.scale import by
from psychoscales.reporting.sections.scores import end_share
from psychoscales.reporting.tabling import table
from psychoscales.spec.model import Score, in_language

COLUMNS = ("property", "rating", "strict", "value", "interval", "n", "reason")
RULES = ("property", "rule", "source")
ENDS = frozenset({"extreme_share", "floor", "ceiling"})
MARKS = {"+": "sufficient", "-": "insufficient", "?": "indeterminate"}


def evidence(context: Context) -> Section | None:
    """List a rating for each property of each score, and what a person has to judge."""
    words, found = context.words, context.evidence
    if found is None or found.rules is None:
        return None
    names = {each.id: each.name for each in found.rules.properties}
    context.cite(*found.rules.source)
    blocks: list[Block] = []
    for score in context.scores:
        rows = [
            {
                **_covered(context, score, row),
                "property": context.told(names[row["property"]]),
                "rating": _mark(context, row["rating"]),
                "strict": _mark(context, row["strict"]),
            }
            for row in found.rows
            if row["score"] == score.id
        ]
        caption = words("evidence.caption", score=context.name(score.id))
        blocks.append(table(context, caption, COLUMNS, rows))
    blocks.append(Paragraph(words("evidence.read", rules=found.rules.name), "note"))
    published = [
        {
            "property": context.told(each.name),
            "rule": context.foreign(each.rule),
            "source": by(context, each.source).strip(),
        }
        for each in found.rules.properties
    ]
    blocks.append(table(context, words("evidence.rules"), RULES, published))
    blocks.append(Paragraph(words("evidence.checklist"), "heading"))
    language = context.asked.language
    questions = [Cell(in_language(one.text, language)) for one in found.checklist]
    return Section("evidence", words("section.evidence"), (*blocks, Listing(tuple(questions))))


def _covered(context: Context, score: Score, row: Row) -> Row:
    """Return a row with its reason; of the ends of a score, what may be told of each."""
    ends = score.range if context.distributions.scores[score.id].n else ()
    told = [end_share(context, score, end) for end in ends]
    if row["statistic"] in ENDS and any(share is None for _, share in told):
        names = (context.words("heads.lowest"), context.words("heads.highest"))
        said = [f"{name}: {cell.text}" for name, (cell, _) in zip(names, told, strict=True)]
        value = next((share for _, share in told if share == row["value"]), None)
        return {**row, "value": value, "reason": Cell(context.words.listed(said))}
    return {**row, "reason": context.foreign(row["reason"])}


def _mark(context: Context, rating: str | None) -> Cell:
    """A sign and its word, so that no one has to know or hear the sign."""
    if rating not in MARKS:
        return Cell("")
    order = {"+": 3.0, "?": 2.0, "-": 1.0}
    sign = "−" if rating == "-" else rating
    return Cell(f"{sign} {context.words(f'rating.{MARKS[rating]}')}", order[rating])
