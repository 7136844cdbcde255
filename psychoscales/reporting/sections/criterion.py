"""Criterion validity: scores held against what is taken for the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psychoscales.reporting.charts.roc import roc
from psychoscales.reporting.context import Context
from psychoscales.reporting.counted import Row
from psychoscales.reporting.parts import Block, Cell, Figure, Paragraph, Section
from psychoscales.reporting.tabling import interval, score_text, table
from psychoscales.results import number

AREA = ("score", "value", "interval", "n", "positives", "negatives")
CUTOFFS = (
    *("cutoff", "sensitivity", "sensitivity_interval", "specificity", "specificity_interval"),
    *("ppv", "npv", "chosen"),
)
OWN = "the truth is made of answers to the same scale"
"""A note of the verb that the page has a warning for."""
CELLS = ("true_positives", "false_negatives", "false_positives", "true_negatives")


def criterion(context: Context) -> Section | None:
    """Show how well each score tells apart who the truth says is positive."""
    words, found = context.words, context.criterion
    if found is None:
        return None
    context.cite("delong1988")
    blocks: list[Block] = []
    for score in context.scores:
        own, name = areas(context, score.id), context.name(score.id)
        if not own:
            continue
        cuts = [row for row in found.cutoffs.rows if row["score"] == score.id]
        best = dict[float, list[str]]()
        for row in found.best.rows:
            if row["score"] == score.id and row["cutoff"] is not None:
                best.setdefault(row["cutoff"], []).append(row["criterion"])
        open_ = [row for row in cuts if context.binned[score.id].opens(row["cutoff"])]
        first = {*best} | {row["cutoff"] for row in cuts if row["declared"]}
        told = tellable(open_, first, context.asked.small)
        rows = list(_decisions(context, told, best))
        blocks.append(_curve(context, name, told, own[0]))
        rows_of_area = [{**row, "score": name} for row in own]
        blocks.append(table(context, words("criterion.area"), AREA, rows_of_area))
        if rows:
            caption = words("criterion.cutoffs", score=name)
            blocks.append(table(context, caption, CUTOFFS, rows))
    if not blocks:
        return None
    if context.asked.truth in context.results:
        said = words("worry.own_truth", truth=context.asked.truth)
        blocks.insert(0, Paragraph(said, "warning"))
    notes = [context.foreign(note) for note in found.notes if OWN not in note]
    blocks += [Paragraph(each.text, "note", each.language) for each in notes]
    blocks.append(Paragraph(words("criterion.read", small=context.asked.small), "note"))
    title = words("section.criterion", truth=str(context.asked.truth))
    return Section("criterion", title, tuple(blocks))


def areas(context: Context, score: str) -> list[Row]:
    """Return the area under a score's curve; nothing where few people are of one class."""
    found = context.rows(context.criterion, score)
    rows = [row for row in found if row["statistic"] == "auc" and row["value"] is not None]
    if rows and min(rows[0]["positives"], rows[0]["negatives"]) < context.asked.small:
        few = context.words("small.too_few", n=f"<{context.asked.small}")
        context.refuse(f"{context.name(score)}: {context.words('attempt.criterion')}", few)
        return []
    return rows


def _decisions(
    context: Context, told: Sequence[Row], best: Mapping[float, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    """Yield the cut-offs that are declared or best, and by what they are best."""
    words = context.words
    for row in told:
        if not row["declared"] and row["cutoff"] not in best:
            continue
        marks = [words("criterion.declared")] if row["declared"] else []
        marks += [words(f"criterion.best_{by}") for by in best.get(row["cutoff"], ())]
        made: dict[str, Any] = {
            "cutoff": Cell(f"≥ {score_text(row['cutoff'])}", row["cutoff"]),
            "chosen": words.listed(marks),
        }
        for name in ("sensitivity", "specificity", "ppv", "npv"):
            made[name] = row[name]
        for name in ("sensitivity", "specificity"):
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            ends = Cell(interval(low, high), low) if low is not None else Cell("")
            made[f"{name}_interval"] = ends
        yield made


def tellable(cuts: Sequence[Row], first: set[float], small: int) -> list[Row]:
    """Return cut-offs so far apart that no two of them tell of few people between them.

    Those in `first` are taken before the others. People of each class between two cut-offs, and
    beyond the outermost, are nobody or `small` at least.
    """
    kept: list[Row] = []
    for row in sorted(cuts, key=lambda each: (each["cutoff"] not in first, each["cutoff"])):
        steps = [row[name] for name in CELLS]
        for other in kept:
            steps += [abs(row[name] - other[name]) for name in CELLS[::2]]
        if all(step == 0 or step >= small for step in steps):
            kept.append(row)
    return sorted(kept, key=lambda each: float(each["cutoff"]))


def _curve(context: Context, name: str, told: Sequence[Row], area: Row) -> Figure:
    words = context.words
    curve, rows = [(0.0, 0.0, ""), (1.0, 1.0, "")], []
    for row in told:
        x, y = 1 - row["specificity"], row["sensitivity"]
        cut = f"≥ {score_text(row['cutoff'])}"
        tip = f"{cut}: {words('heads.sensitivity')} {number(y)}, "
        curve.append((x, y, tip + f"{words('heads.specificity')} {number(row['specificity'])}"))
        rows.append(
            {
                "cutoff": Cell(cut, row["cutoff"]),
                "sensitivity": y,
                "specificity": row["specificity"],
            }
        )
    said = words("criterion.described", score=name, auc=number(area["value"]))
    titles = words("criterion.across"), words("heads.sensitivity")
    behind = table(context, words("criterion.behind", score=name), CUTOFFS, rows)
    title = words("criterion.figure", score=name)
    return Figure(title, said, roc(curve, titles, said), behind, narrow=True)
