"""`psychoscales.reliability`: internal consistency of every score, with intervals."""

from __future__ import annotations

from typing import Any, Literal

from psychoscales.engines.items.table import item_rest
from psychoscales.engines.reliability import COEFFICIENTS, INTERVALS
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import MissingRule, Moments, moments
from psychoscales.results import WHERE, Estimate, Table, people
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.keyed import Keyed, keyed
from psychoscales.verbs.read import ScaleSource

COLUMNS = (*WHERE, *Estimate.__dataclass_fields__)
HIDDEN = ("metric", "missing", "seed", "level")


def reliability(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    interval: Literal["distribution_free", "feldt"] | None = "distribution_free",
    level: float = 0.95,
    missing: MissingRule = "complete",
    binding: BindingSource | None = None,
) -> Table:
    """Return coefficients of internal consistency, a block for each score.

    Args:
        data: what `read` returned, a frame or a path with `scale`, `Patterns`, or `Moments`.
        scale: the scale, where `data` does not know it.
        score: one score only.
        interval: "distribution_free" (the default; holds for skewed answers), "feldt" (exact for
            normal, tau-equivalent items; raw alpha only), or None.
        level: confidence level of the interval.
        missing: "complete" uses the people who answered every item of the score; "pairwise"
            every answer, and gives no interval, because pairs have different n.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Table` with a row for each coefficient; n is the number of people actually used.

    Raises:
        RefusalError: no coefficient can be given: fewer than two items, no variance, fewer than
            two people. Where only some cannot, their rows are empty and say why.

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq9", n=300, seed=1)
        >>> table = ps.reliability(answers).to_frame()
        >>> list(table["coefficient"])
        ['alpha', 'alpha_standardized']
    """
    if interval is not None and interval not in INTERVALS:
        raise UnknownNameError("interval", interval, INTERVALS)
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    if isinstance(data, Moments):
        where = dict.fromkeys(WHERE)
        rows += _estimates(data, None, where, interval, level)
        labels = [data.metric + " moments"]
    else:
        labels = []
        for each in keyed(data, scale, score, binding):
            found, said = _of_score(each, interval, level, missing)
            rows += found
            notes += said
            labels.append(each.label)
    if rows and all(row["value"] is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    title = f"Reliability ({', '.join(dict.fromkeys(labels))})"
    if interval is not None:
        title += f", {100 * level:g}% intervals"
    return Table(title, COLUMNS, tuple(rows), tuple(notes), HIDDEN)


def _of_score(
    each: Keyed, interval: str | None, level: float, missing: MissingRule
) -> tuple[list[dict[str, Any]], list[str]]:
    name = f"{each.scale.id} {each.score}"
    try:
        known = moments(each.patterns, each.values, missing)
    except RefusalError as refusal:
        refused = [Estimate(one, None, missing=missing, note=str(refusal)) for one in COEFFICIENTS]
        return [{**each.where, **row.row()} for row in refused], [f"{name}: {refusal}"]
    rows = _estimates(known, each, each.where, interval, level)
    if missing == "complete":
        used = f"{people(known.one_n)} who answered all {len(known.names)} items"
        notes = [f"{name}: of the {used}; {known.dropped:,} left out"]
    else:
        low, high = known.pair_n
        sizes = people(low) if low == high else f"{low:,} to {people(high)}"
        notes = [f"{name}: pairs of items are of {sizes}"]
    score = each.scale.score(each.score)
    if score.scores is not None:
        notes.append(f"{name}: alpha is of the {len(known.names)} items, not of the part scores")
    if score.method not in ("sum", "mean") or score.weights or score.table:
        notes.append(f"{name}: alpha is of the unweighted item values, not of the score as scored")
    against = [item for item, r in zip(known.names, item_rest(known.cov), strict=True) if r < 0]
    if against:
        notes.append(
            f"{name}: negative correlation with the rest of the items: {', '.join(against)}; "
            "check the keying before quoting alpha"
        )
    return rows, notes


def _estimates(
    known: Moments, each: Keyed | None, where: dict[str, Any], interval: str | None, level: float
) -> list[dict[str, Any]]:
    answers = None if each is None else (each.patterns, each.values)
    rows = []
    for coefficient in COEFFICIENTS.values():
        try:
            estimate = coefficient.estimate(known, answers, interval, level)
        except RefusalError as refusal:
            estimate = Estimate(
                coefficient.id,
                None,
                metric=known.metric,
                missing=known.missing,
                note=str(refusal),
            )
        rows.append({**where, **estimate.row()})
    return rows
