"""Precision: the standard error of a single score, and how safe decisions at cut-offs are."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Cell, Paragraph, Section
from psychoscales.reporting.sections.reliability import called
from psychoscales.reporting.tabling import in_points, score_text, table

COLUMNS = ("coefficient", "value", "interval", "n", "meaning")
ERRORS = ("sem", "sdc", "sdc_group")
CUTOFFS = (
    "level",
    "cutoff",
    "consistency",
    "kappa",
    "accuracy",
    "false_positive",
    "false_negative",
)
SHOWN_METHOD = "livingston_lewis"


def precision(context: Context) -> Section | None:
    """List SEM and smallest detectable change in the units of the score, and decisions."""
    words, found = context.words, context.precision
    if found is None:
        return None
    blocks: list[Block] = []
    decided = False
    for score in context.scores:
        errors = [row for row in context.rows(found, score.id) if row["coefficient"] in ERRORS]
        if not errors:
            continue
        rows = [
            {
                **in_points(context, row, "value"),
                "coefficient": called(context, row["coefficient"]),
                "meaning": words(f"precision.{row['coefficient']}"),
            }
            for row in errors
        ]
        caption = words("precision.caption", score=context.name(score.id))
        blocks.append(table(context, caption, COLUMNS, rows))
        decisions = list(_decisions(context, score.id))
        decided |= bool(decisions)
        blocks += decisions
    if not blocks:
        return None
    read = [words("precision.read"), *([words("precision.decided")] if decided else [])]
    blocks.append(Paragraph(" ".join(read), "note"))
    return Section("precision", words("section.precision"), tuple(blocks))


def _decisions(context: Context, score: str) -> Iterator[Block]:
    words, found = context.words, context.precision
    assert found is not None
    rows = []
    for row in found.cutoffs.rows:
        if row["score"] != score or not _asked(row):
            continue
        if not is_shown(row):
            context.refuse(f"{context.name(score)}: {words('section.precision')}", str(row["note"]))
            continue
        level = row["level"]
        rows.append(
            {
                **row,
                "level": words("precision.all_cutoffs") if level is None else _label(context, row),
                "cutoff": None if level is None else Cell(score_text(row["cutoff"]), row["cutoff"]),
            }
        )
    if rows:
        context.cite("livingston1995")
        caption = words("precision.decisions", score=context.name(score))
        yield table(context, caption, CUTOFFS, rows)


def _asked(row: Row) -> bool:
    return str(row["method"] or "").startswith(SHOWN_METHOD)


def is_shown(row: Row) -> bool:
    """Return whether a row about decisions at a cut-off is in the report."""
    return _asked(row) and row["consistency"] is not None


def _label(context: Context, row: dict[str, object] | object) -> Cell:
    assert hasattr(row, "get")
    for bands in context.scale.bands:
        for level in bands.levels:
            if bands.id == row.get("band") and level.id == row.get("level"):
                return context.told(level.label)
    return Cell(str(row.get("level")))
