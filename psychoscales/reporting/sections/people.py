"""Who answered, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Paragraph, Section
from psychoscales.reporting.tabling import table

COLUMNS = ("score", "items", "complete", "share", "scored", "prorated", "unscored")
ITEMS = ("item", "n", "missing", "share")


def people(context: Context) -> Section:
    """Say how many people there are, and how many answered how much."""
    words = context.words
    found = context.distributions
    blocks: list[Block] = [
        Paragraph(words("people.of", n=found.people, label=context.label, silent=found.silent)),
        table(context, words("people.caption"), COLUMNS, _rows(context)),
    ]
    bad = context.bad(context.scale.item_ids)
    if bad:
        blocks.append(Paragraph(words("people.bad", count=bad), "warning"))
    rows = _missing(context)
    if rows:
        blocks.append(table(context, words("people.items"), ITEMS, rows))
    else:
        blocks.append(Paragraph(words("people.nothing_missing")))
    blocks.append(Paragraph(words("people.exempt"), "note"))
    return Section("people", words("section.people"), tuple(blocks))


def _rows(context: Context) -> Iterator[dict[str, object]]:
    for score, each in context.keyed.items():
        spread = context.distributions.scores[score]
        complete = each.patterns.complete.n
        yield {
            "score": context.name(score),
            "items": len(each.values),
            "complete": complete,
            "share": complete / context.distributions.people,
            "scored": spread.n,
            "prorated": spread.prorated,
            "unscored": spread.unscored,
        }


def _missing(context: Context) -> list[dict[str, object]]:
    """Return a row for each item that somebody did not answer."""
    patterns, rows = context.patterns, []
    absent = (patterns.rows < 0).T.astype(np.int64) @ patterns.counts
    for item, count in zip(patterns.items, absent.tolist(), strict=True):
        if count:
            n = patterns.n - count
            rows.append({"item": item, "n": n, "missing": count, "share": count / patterns.n})
    return rows
