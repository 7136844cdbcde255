"""Test-retest: agreement of two occasions of the same people."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Paragraph, Section
from psychoscales.reporting.sections.reliability import called
from psychoscales.reporting.tabling import table

COLUMNS = ("coefficient", "value", "interval", "n")
SHOWN = (
    *("ICC(A,1)", "ICC(C,1)", "sem_agreement", "sdc_agreement"),
    *("bias", "limit_lower", "limit_upper"),
)


def retest(context: Context) -> Section | None:
    """List intraclass correlations, measurement error and limits of agreement."""
    words, found = context.words, context.retest
    if found is None:
        return None
    context.cite("mcgraw1996")
    blocks: list[Block] = []
    for score in context.scores:
        rows = [
            {**row, "coefficient": called(context, row["coefficient"])}
            for row in context.rows(found, score.id)
            if row["coefficient"] in SHOWN
        ]
        if rows:
            caption = words("retest.caption", score=context.name(score.id))
            blocks.append(table(context, caption, COLUMNS, rows))
    if not blocks:
        return None
    blocks.append(Paragraph(words("retest.read"), "note"))
    return Section("retest", words("section.retest"), tuple(blocks))
