"""`psychoscales.items`: every item of every score, one row each."""

from __future__ import annotations

from typing import Any

from psychoscales.engines.items import table
from psychoscales.errors import RefusalError
from psychoscales.moments import moments
from psychoscales.results import WHERE, Table, people
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.keyed import Keyed, keyed
from psychoscales.verbs.read import ScaleSource

COLUMNS = (
    *WHERE,
    "item",
    "n",
    "missing",
    "mean",
    "sd",
    "floor",
    "ceiling",
    *table.COMPLETE,
)


def items(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    binding: BindingSource | None = None,
) -> Table:
    """Return item statistics under the keying of each score.

    n, missing, mean, sd (divisor n - 1), floor and ceiling (the proportions at the item's lowest
    and highest keyed value) are of everybody who answered the item. item_total, item_rest (the
    corrected item-total correlation), item_rest_smc and alpha_if_dropped are of the people who
    answered every item of the score. Agrees with psych::alpha (raw.r, r.drop, r.cor, alpha.drop)
    to 1e-10.

    Args:
        data: what `read` returned, a frame or a path with `scale`, or `Patterns`.
        scale: the scale, where `data` does not know it.
        score: one score only, by id or as `phq9_total`.
        binding: how the data store the answers, where they are still to be read.

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq2", n=200, seed=1)
        >>> list(ps.items(answers).to_frame()["item"])
        ['phq9_1', 'phq9_2']
    """
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    labels: list[str] = []
    for each in keyed(data, scale, score, binding):
        found, said = _rows(each)
        rows += found
        notes += said
        labels.append(each.label)
    title = f"Items ({', '.join(dict.fromkeys(labels))})"
    return Table(title, COLUMNS, tuple(rows), tuple(notes))


def _rows(each: Keyed) -> tuple[list[dict[str, Any]], list[str]]:
    rows = [{**each.where, **row} for row in table.answered(each.patterns, each.values)]
    name = f"{each.scale.id} {each.score}"
    try:
        known = moments(each.patterns, each.values)
    except RefusalError as refusal:
        return rows, [f"{name}: {refusal}"]
    columns, refused = table.related(known)
    for number, row in enumerate(rows):
        row |= {column: values[number] for column, values in columns.items()}
    kept = (
        f"{name}: relations between items are of {people(known.one_n)}; "
        f"{known.dropped:,} left out because an answer is missing"
    )
    return rows, [kept, *(f"{name}: {each_refusal}" for each_refusal in refused)]
