"""Groups of people: their scores, their answers at equal scores, and whether one model holds."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Cell, Paragraph, Section
from psychoscales.reporting.tabling import in_points, table

GROUPS = ("group", "n", "mean", "interval", "sd")
TESTS = ("test", "statistic", "df", "df_error", "p", "effect", "value", "interval", "n")
DIF = ("item", "statistic", "df", "p_adjusted", "effect", "class")
DIF_TEST = "logistic_total"
TOLD = ("people who answered", "few people")
"""Notes of the tests that are about these people; the page has its own words for the rest."""
INVARIANCE = (
    *("equal", "chisq_scaled", "df", "chisq_difference", "df_difference", "p"),
    *("cfi", "delta_cfi", "rmsea", "srmr"),
)


def differences(context: Context) -> Section | None:
    """Compare scores between groups of people, and items at equal scores."""
    words, blocks = context.words, list[Block]()
    if context.asked.by is None:
        return None
    found = context.groups
    for score in context.scores if found is not None else ():
        assert found is not None
        name = context.name(score.id)
        rows = [
            in_points(context, row, "mean", "sd") for row in context.rows(found.groups, score.id)
        ]
        tests = [
            {**row, **{name: _called(context, row.get(name)) for name in ("test", "effect")}}
            for row in context.rows(found, score.id)
        ]
        if rows:
            caption = words("groups.caption", score=name, by=context.asked.by)
            blocks.append(table(context, caption, GROUPS, rows))
        if tests:
            caption = words("groups.tests", score=name, by=context.asked.by)
            signs = [Cell(said) for said in _signs(context, score.id)]
            blocks.append(table(context, caption, TESTS, tests, signs))
    blocks += _dif(context)
    blocks += _invariance(context)
    if not blocks:
        return None
    if context.asked.by in context.results:
        blocks.insert(0, Paragraph(words("worry.own_by", by=context.asked.by), "warning"))
    title = words("section.differences", by=context.asked.by)
    return Section("differences", title, tuple(blocks))


def _signs(context: Context, score: str) -> Iterator[str]:
    """Say which of two groups is subtracted from which; of more there is no sign."""
    pairs = () if context.groups is None else context.groups.pairs.rows
    rows = [row for row in pairs if row["score"] == score]
    if len(rows) == 1:
        (row,) = rows
        yield context.words("groups.sign", first=row["first"], second=row["second"])


def _called(context: Context, name: str | None) -> str:
    key = f"test.{name}"
    return context.words(key) if context.words.has(key) else str(name or "").replace("_", " ")


def dif_rows(context: Context, score: str) -> list[Row]:
    """Return what the test that is shown says of each item of a score."""
    return [
        row
        for row in (() if context.dif is None else context.dif.rows)
        if row["score"] == score and row["test"] == DIF_TEST and row["p"] is not None
    ]


def _dif(context: Context) -> Iterator[Block]:
    words, found = context.words, context.dif
    if found is None:
        return
    for score in context.scores:
        rows = dif_rows(context, score.id)
        if rows:
            caption = words("groups.dif", score=context.name(score.id), by=str(context.asked.by))
            yield table(context, caption, DIF, rows)
    for note in found.notes:
        if any(told in note for told in TOLD):
            said = context.foreign(note)
            yield Paragraph(said.text, "note", said.language)
    yield Paragraph(words("groups.dif_read"), "note")


def _invariance(context: Context) -> Iterator[Block]:
    """Yield a table for each factor model: what equal parameters in all groups cost."""
    words, told = context.words, False
    for model, found in context.invariance:
        rows, notes = [], list[Cell]()
        for row in found.rows:
            level = words(f"level.{row['level']}")
            if row["chisq"] is None:
                what = f"{words('attempt.invariance')}: {model.name}, {level}"
                context.refuse(what, str(row["note"]))
                notes.append(Cell(words("groups.level_refused", level=level)))
            elif row["note"]:
                notes.append(context.foreign(f"{row['level']}: {row['note']}"))
            rows.append({**row, "equal": level})
        caption = words("groups.invariance", model=model.name, by=str(context.asked.by))
        if any(row["chisq"] is not None for row in found.rows):
            told = True
            yield table(context, caption, INVARIANCE, rows, notes)
    if told:
        context.cite("wu2016", "satorra2000")
        yield Paragraph(words("groups.invariance_read"), "note")
