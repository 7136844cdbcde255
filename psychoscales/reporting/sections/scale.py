"""What the scale is, and what was changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Cell, Facts, Listing, Paragraph, Section
from psychoscales.reporting.tabling import score_text, table
from psychoscales.spec.model import RESERVED_SOURCES, Score

CHANGES = ("what", "from", "to", "why", "source")
SOUND = ("verbatim", "adapted")


def scale(context: Context) -> Section:
    """Say what the scale is, how it is scored, whose it is, and how it was changed."""
    words, found = context.words, context.scale
    blocks: list[Block] = [Facts(tuple(_facts(context)))]
    blocks.append(Paragraph(words("scale.scoring"), "heading"))
    points = tuple(Cell(scoring(context, score)) for score in context.scores)
    blocks.append(Listing(points))
    if found.text_status not in SOUND:
        blocks.append(Paragraph(words(f"text_status.{found.text_status}"), "warning"))
    if found.note:
        told = context.told(found.note)
        blocks.append(Paragraph(told.text, "note", told.language))
    return Section("scale", words("section.scale"), (*blocks, *_changes(context)))


def _facts(context: Context) -> Iterator[tuple[str, Cell]]:
    words, found = context.words, context.scale
    named = context.told(found.name)
    yield (
        words("scale.name"),
        Cell(f"{named.text} ({found.id} {found.version})", None, named.language),
    )
    yield words("scale.construct"), context.told(found.construct_)
    if found.respondent is not None:
        yield words("scale.respondent"), Cell(words(f"respondent.{found.respondent}"))
    if found.recall_period is not None:
        yield words("scale.recall"), Cell(recall(context, found.recall_period))
    scored = sum(item.scored for item in found.items)
    yield words("scale.items"), Cell(words("scale.items_of", scored=scored, all=len(found.items)))
    licence = found.licence.instrument
    told = f"{words(f'licence.{licence.status}')}: {licence.statement}"
    yield words("scale.licence"), context.foreign(told + by(context, licence.source))
    status = words(f"text_status.{found.text_status}")
    yield words("scale.texts"), Cell(status)
    yield words("scale.identity"), Cell(f"SHA-256 {found.sha256}")
    if found.source:
        yield words("scale.cite"), Cell(by(context, found.source).strip())


def recall(context: Context, period: str) -> str:
    """Return an ISO 8601 period of one part in words; any other as it is."""
    number, unit = period[1:-1], period[-1:]
    if number.isdigit() and context.words.has(f"recall.{unit}"):
        return context.words(f"recall.{unit}", number=int(number))
    return period


def scoring(context: Context, score: Score) -> str:
    """Say how a score is made, what its ends are, and what becomes of missing answers."""
    words = context.words
    low, high = (score_text(end) for end in score.range)
    kind = "items" if score.items is not None else "scores"
    said = words(
        "scale.score",
        name=context.name(score.id),
        method=words(f"method_of.{score.method}"),
        members=words(f"scale.of_{kind}", count=len(score.members)),
        low=low,
        high=high,
        higher=context.told(score.higher).text,
    )
    if score.reverse:
        said += words("mark.space") + words(
            "scale.reversed", items=words.listed(list(score.reverse))
        )
    return words("mark.space").join([said, missing(context, score)])


def missing(context: Context, score: Score) -> str:
    """Say a score's rule for missing answers, and whose it is."""
    rule, size = score.missing, len(score.members)
    said = context.words(f"missing.{rule.action}", least=score.fewest_valid, size=size)
    return said + by(context, rule.source)


def by(context: Context, sources: Sequence[str]) -> str:
    """Return who says so, in brackets; sources are put among the references."""
    if not sources:
        return ""
    context.cite(*sources)
    named = [
        context.words(f"source.{each}") if each in RESERVED_SOURCES else each for each in sources
    ]
    return f" [{', '.join(named)}]"


def _changes(context: Context) -> Iterator[Block]:
    words, found = context.words, context.scale
    if found.extends is None:
        return
    relation = words(f"relation.{found.extends.relation}")
    parent = f"{found.extends.scale} {found.extends.version}"
    yield Paragraph(words("scale.changed", relation=relation, parent=parent), "heading")
    rows = [
        {
            "what": context.foreign(f"{change.what} ({change.of})" if change.of else change.what),
            "from": context.foreign(change.from_),
            "to": context.foreign(change.to),
            "why": context.foreign(change.why),
            "source": by(context, change.source).strip(),
        }
        for change in found.changes
    ]
    if rows:
        yield table(context, words("scale.changes"), CHANGES, rows)
    else:
        yield Paragraph(words("scale.no_changes"), "note")
