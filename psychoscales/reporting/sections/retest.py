"""Test-retest: agreement of two occasions of the same people."""

from __future__ import annotations

from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Paragraph, Section
from psychoscales.reporting.sections.reliability import called
from psychoscales.reporting.tabling import in_points, table

COLUMNS = ("coefficient", "value", "interval", "n")
COEFFICIENTS = ("ICC(A,1)", "ICC(C,1)")
POINTS = ("sem_agreement", "sdc_agreement", "bias", "limit_lower", "limit_upper")
SHOWN = (*COEFFICIENTS, *POINTS)


def retest(context: Context) -> Section | None:
    """List intraclass correlations, measurement error and limits of agreement."""
    words, found = context.words, context.retest
    if found is None:
        return None
    context.cite("mcgraw1996")
    blocks: list[Block] = []
    for score in context.scores:
        rows = [
            {**_rounded(context, row), "coefficient": called(context, row["coefficient"])}
            for row in context.rows(found, score.id)
            if row["coefficient"] in SHOWN
        ]
        if rows:
            caption = words("retest.caption", score=context.name(score.id))
            blocks.append(table(context, caption, COLUMNS, rows))
        if is_the_same(context, score.id):
            blocks.append(Paragraph(words("worry.same_retest"), "warning"))
    if not blocks:
        return None
    blocks.append(Paragraph(words("retest.read"), "note"))
    return Section("retest", words("section.retest"), tuple(blocks))


def is_the_same(context: Context, score: str) -> bool:
    """Return whether nobody's score differs between the occasions."""
    rows = context.rows(context.retest, score)
    return any(row["coefficient"] == "sem_agreement" and row["value"] == 0 for row in rows)


def _rounded(context: Context, row: Row) -> Row:
    """Return a row; what is in points of the score may have few decimals."""
    return row if row["coefficient"] in COEFFICIENTS else in_points(context, row, "value")
