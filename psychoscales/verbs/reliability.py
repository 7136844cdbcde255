"""`psychoscales.reliability`: internal consistency of every score, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from psychoscales.engines.items.table import item_rest
from psychoscales.engines.reliability import COEFFICIENTS, DEFAULT, GROUPS
from psychoscales.engines.reliability import coefficients as registered
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.reliability.conventions import CONVENTIONS
from psychoscales.engines.reliability.estimation import (
    INTERVALS,
    RESAMPLES,
    Answers,
    Asked,
    estimates,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import MissingRule, Moments, moments, pairwise_correlations
from psychoscales.results import WHERE, Estimate, Table, people
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.keyed import Keyed, keyed
from psychoscales.verbs.read import ScaleSource

COLUMNS = (*WHERE, *Estimate.__dataclass_fields__)
HIDDEN = ("metric", "missing", "seed", "level", "estimand")
PROGRAM = ("program", "prints")
BINARY = 2
IntervalName = Literal[
    "distribution_free", "feldt", "duhachek_iacobucci", "bootstrap", "bca", "bootstrap_t"
]


def reliability(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    coefficients: str | Sequence[str] | None = None,
    interval: IntervalName | None = "distribution_free",
    level: float = 0.95,
    missing: MissingRule = "complete",
    groups: int = GROUPS,
    resamples: int = RESAMPLES,
    seed: int = 1,
    conventions: bool = False,
    binding: BindingSource | None = None,
) -> Table:
    """Return coefficients of internal consistency, a block for each score.

    Args:
        data: what `read` returned, a frame or a path with `scale`, `Patterns`, or `Moments`.
        scale: the scale, where `data` does not know it.
        score: one score only.
        coefficients: ids of coefficients, or "all"; by default those that most reviewers ask for.
            `psychoscales.reliability` knows them all; each says what it estimates.
        interval: "distribution_free" (the default; holds for skewed answers), "feldt" (exact for
            normal, tau-equivalent items) and "duhachek_iacobucci" (normal answers) of raw alpha
            only; or people drawn again: "bootstrap" (percentiles), "bca", "bootstrap_t"
            (studentized, the best at small n); or None.
        level: confidence level of the interval.
        missing: "complete" uses the people who answered every item of the score; "pairwise"
            every answer, and gives no interval, because pairs have different n.
        groups: group factors of omega_hierarchical and the coefficients beside it.
        resamples: how many times people are drawn again.
        seed: of the random numbers; it is in the result.
        conventions: add what psych, semTools, JASP, jamovi, SPSS and Stata print by default for
            these answers, and why it is another number; those rows have the columns `program` and
            `prints`.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Table` with a row for each coefficient; n is the number of people actually used.

    Raises:
        RefusalError: no coefficient can be given: fewer than two items, no variance, fewer than
            two people. Where only some cannot, their rows are empty and say why.
        UnknownNameError: no coefficient, score or interval is called so.

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq9", n=300, seed=1)
        >>> table = ps.reliability(answers, coefficients=["alpha", "lambda2"]).to_frame()
        >>> list(table["coefficient"])
        ['alpha', 'lambda2']
    """
    if interval is not None and interval not in INTERVALS:
        raise UnknownNameError("interval", interval, INTERVALS)
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    asked = Asked(interval, level, resamples, seed)
    chosen = _chosen(coefficients, groups)
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    if isinstance(data, Moments):
        found = estimates(_without_kr20(chosen), Answers(data), asked)
        rows += [{**dict.fromkeys(WHERE), **each.row()} for each in found]
        labels = [data.metric + " moments"]
    else:
        labels = []
        for each in keyed(data, scale, score, binding):
            made, said = _of_score(each, chosen, asked, missing)
            rows += [*made, *(_conventional(each, level) if conventions else ())]
            notes += said
            labels.append(each.label)
    if rows and all(row.get("value") is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    title = f"Reliability ({', '.join(dict.fromkeys(labels))})"
    if interval is not None:
        title += f", {100 * level:g}% intervals"
    if asked.bootstrap:
        notes.append(f"{resamples:,} resamples, seed {seed}")
    columns = (*COLUMNS, *PROGRAM) if conventions else COLUMNS
    return Table(title, columns, tuple(rows), tuple(notes), HIDDEN)


def _conventional(each: Keyed, level: float) -> list[dict[str, Any]]:
    """Return what other programs print for one score."""
    known: dict[tuple[str, bool], Moments] = {}
    rows = []
    for one in CONVENTIONS:
        empty: dict[str, Any] = dict.fromkeys((*COLUMNS, *PROGRAM))
        try:
            key = one.missing, one.correlations
            if key not in known:
                known[key] = (
                    pairwise_correlations(each.patterns, each.values)
                    if one.correlations
                    else moments(each.patterns, each.values, one.missing)
                )
            made = one.row(known[key], each.patterns.n, level)
        except RefusalError as refusal:
            made = {"coefficient": one.coefficient, "note": str(refusal)}
            made |= {"program": one.program, "prints": one.prints}
        rows.append({**empty, **each.where, **made})
    return rows


def _chosen(asked: str | Sequence[str] | None, groups: int) -> dict[str, Coefficient]:
    """Return the coefficients that are asked for, by id."""
    if asked is None:
        names: Sequence[str] = DEFAULT
    elif asked == "all":
        names = tuple(COEFFICIENTS)
    else:
        names = (asked,) if isinstance(asked, str) else tuple(asked)
    for name in names:
        if name not in COEFFICIENTS:
            raise UnknownNameError("coefficient", name, COEFFICIENTS)
    known = registered(groups)
    return {name: known[name] for name in names}


def _of_score(
    each: Keyed, chosen: Mapping[str, Coefficient], asked: Asked, missing: MissingRule
) -> tuple[list[dict[str, Any]], list[str]]:
    name = f"{each.scale.id} {each.score}"
    if not all(len(set(values)) == BINARY for values in each.values):
        chosen = _without_kr20(chosen)
    try:
        known = moments(each.patterns, each.values, missing)
    except RefusalError as refusal:
        refused = [Estimate(one, None, missing=missing, note=str(refusal)) for one in chosen]
        return [{**each.where, **row.row()} for row in refused], [f"{name}: {refusal}"]
    found = estimates(chosen, Answers.of(known, each.patterns, each.values), asked)
    rows = [{**each.where, **one.row()} for one in found]
    return rows, [*_people(name, known), *_cautions(name, each, known)]


def _without_kr20(chosen: Mapping[str, Coefficient]) -> dict[str, Coefficient]:
    """Alpha is called KR-20 only where every item is known to have two values."""
    return {name: one for name, one in chosen.items() if name != "kr20"}


def _people(name: str, known: Moments) -> list[str]:
    if known.missing == "complete":
        used = f"{people(known.one_n)} who answered all {len(known.names)} items"
        return [f"{name}: of the {used}; {known.dropped:,} left out"]
    low, high = known.pair_n
    sizes = people(low) if low == high else f"{low:,} to {people(high)}"
    return [f"{name}: pairs of items are of {sizes}"]


def _cautions(name: str, each: Keyed, known: Moments) -> list[str]:
    """Say what a reader must know before quoting the coefficients."""
    notes = []
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
    return notes
