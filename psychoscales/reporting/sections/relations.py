"""Relations: correlations of scores with other scores and numbers."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Cell, Paragraph, Section
from psychoscales.reporting.tabling import interval, table

COLUMNS = ("against", "value", "interval", "n", "p", "corrected", "corrected_interval")


def relations(context: Context) -> Section | None:
    """List each score's correlations, raw and corrected for attenuation."""
    words, blocks = context.words, list[Block]()
    for score in context.scores:
        rows = []
        for row in context.rows(context.relations.get(score.id), score.id, "against"):
            low, high = row["corrected_low"], row["corrected_high"]
            ends = Cell("") if low is None else Cell(interval(low, high), low)
            rows.append({**row, "corrected_interval": ends})
        if rows:
            caption = words("relations.caption", score=context.name(score.id))
            blocks.append(table(context, caption, COLUMNS, rows))
    if not blocks:
        return None
    context.cite("spearman1904")
    blocks.append(Paragraph(words("relations.read"), "note"))
    return Section("relations", words("section.relations"), tuple(blocks))
