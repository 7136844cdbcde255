"""What is not in the report, and why."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Paragraph, Section
from psychoscales.reporting.tabling import table

COLUMNS = ("what", "why")


def refused(context: Context) -> Section:
    """List every number that was refused, with the reason; and what was not asked for."""
    words = context.words
    rows: list[dict[str, object]] = [
        {"what": one.what, "why": context.foreign(one.why)} for one in context.refused
    ]
    asked = context.asked
    wanted = {
        "retest": asked.retest is None,
        "relations": not context.relations,
        "criterion": asked.truth is None,
        "by": asked.by is None,
    }
    for name, lacking in wanted.items():
        if lacking and not (name == "relations" and asked.against):
            rows.append({"what": words(f"refused.{name}"), "why": words(f"refused.{name}_why")})
    blocks: tuple[Block, ...] = (table(context, words("refused.caption"), COLUMNS, rows),)
    if not context.refused:
        blocks = (Paragraph(words("refused.nothing")), *blocks)
    return Section("refused", words("section.refused"), blocks)
