"""`psychoscales.reliability`: internal consistency of every score, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from psychoscales.engines.items.table import item_rest
from psychoscales.engines.reliability import DEFAULT, EVERY, GROUPS, registered
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.reliability.conventions import CONVENTIONS
from psychoscales.engines.reliability.dimensionality import judged, one_factor_fit
from psychoscales.engines.reliability.estimation import (
    INTERVALS,
    RESAMPLES,
    Answers,
    Asked,
    Kind,
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
FEW = 200
SMALL = (
    "with few people and skewed answers 95% intervals of this kind held the true value in 92% of "
    "samples of 100; those of interval='bootstrap_t' in 94%"
)
"""Below so many people this is said; the figures are those of the page on coverage."""
NOT_BINARY = "it is of items that are known to have two values; ask for alpha"
NO_BARE_OMEGA = (
    "programs print different numbers under the name omega: omega_total_ml, omega_total_minres "
    "and omega_hierarchical are some of them"
)
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
    splits: int | None = None,
    resamples: int = RESAMPLES,
    seed: int = 1,
    conventions: bool = False,
    one_factor: bool = True,
    binding: BindingSource | None = None,
) -> Table:
    """Return coefficients of internal consistency, a block for each score.

    Args:
        data: what `read` returned, a frame or a path with `scale`, `Patterns`, or `Moments`.
        scale: the scale, where `data` does not know it.
        score: one score only, by id or as `phq9_total`.
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
        splits: random splits that split_half_min, _mean and _max are of, drawn with `seed`; None:
            all splits, which are tried for up to 20 items.
        resamples: how many times people are drawn again.
        seed: of the random numbers, a whole number; it is in the result.
        conventions: add what psych, semTools, JASP, jamovi, SPSS and Stata print by default for
            these answers, and why it is another number; those rows have the columns `program` and
            `prints`.
        one_factor: say in a note where one factor, fitted to the ordinal answers by WLSMV, does
            not fit them (4 to 40 items, 200 people or more). Alpha and omega assume that it
            does; the fit takes about as long as the rest.
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
    _check_whole(groups=groups, splits=splits, resamples=resamples, seed=seed)
    asked = Asked(interval, level, resamples, seed)
    chosen = _chosen(coefficients, registered(groups, splits, seed))
    named = coefficients is not None and coefficients != "all"
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    if isinstance(data, Moments):
        if conventions or score is not None or scale is not None:
            raise RefusalError("moments know no scale, score or program: give answers or patterns")
        rows, notes = _of_moments(data, chosen, asked, named)
        labels = [data.metric + " moments"]
    else:
        labels = []
        for each in keyed(data, scale, score, binding):
            made, said = _of_score(each, chosen, asked, missing, named, one_factor)
            rows += [*made, *(_conventional(each, level) if conventions else ())]
            notes += said
            labels.append(each.label)
    if rows and all(row.get("value") is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    title = f"Reliability ({', '.join(dict.fromkeys(labels))})"
    if interval is not None:
        title += f", {100 * level:g}% intervals"
    if any(row.get("method") == interval for row in rows) and asked.bootstrap:
        notes.append(f"{resamples:,} resamples, seed {seed}")
    sampled = [
        name
        for name, one in chosen.items()
        if isinstance(one, Coefficient) and one.seed is not None
    ]
    if sampled:
        notes.append(f"{', '.join(sampled)}: of {splits:,} random splits, seed {seed}")
    columns = (*COLUMNS, *PROGRAM) if conventions else COLUMNS
    hidden = (*HIDDEN, "method") if conventions else HIDDEN
    return Table(title, columns, tuple(rows), tuple(notes), hidden)


def _conventional(each: Keyed, level: float) -> list[dict[str, Any]]:
    """Return what other programs print for one score."""
    known: dict[tuple[str, bool], Moments] = {}
    answers: dict[str, Answers] = {}
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
            if one.value is not None:
                made = one.row(known[key], each.patterns.n, level)
            else:
                if one.missing not in answers:
                    answers[one.missing] = Answers.of(known[key], each.patterns, each.values)
                made = one.registered(EVERY, answers[one.missing])
        except RefusalError as refusal:
            made = {**one.named, "note": str(refusal)}
        rows.append({**empty, **each.where, **made})
    return rows


def _check_whole(**numbers: int | None) -> None:
    for name, value in numbers.items():
        if name == "splits" and value is None:
            continue
        least = 0 if name == "seed" else 1
        if not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} is a whole number of {least} or more, not {value!r}")


def _chosen(asked: str | Sequence[str] | None, known: Mapping[str, Kind]) -> dict[str, Kind]:
    """Return the coefficients that are asked for, by id."""
    if asked is None:
        names: Sequence[str] = DEFAULT
    elif asked == "all":
        names = tuple(known)
    else:
        names = (asked,) if isinstance(asked, str) else tuple(asked)
    if not names:
        raise ValueError("name one coefficient or more, or leave `coefficients` out")
    for name in names:
        if name not in known:
            hint = NO_BARE_OMEGA if name in ("omega", "omega_total") else ""
            raise UnknownNameError("coefficient", name, known, hint)
    return {name: known[name] for name in names}


def _of_moments(
    known: Moments, chosen: Mapping[str, Kind], asked: Asked, named: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    found = _found(chosen, Answers(known), asked, binary=False, named=named)
    rows = [{**dict.fromkeys(WHERE), **each.row()} for each in found]
    return rows, [*_people("", known), *_against("", known)]


def _found(
    chosen: Mapping[str, Kind], answers: Answers, asked: Asked, *, binary: bool, named: bool
) -> list[Estimate]:
    """Return the estimates; alpha is called KR-20 only where every item is known to have two
    values, and who names it elsewhere is told."""
    if binary or "kr20" not in chosen:
        return estimates(chosen, answers, asked)
    found = estimates({name: chosen[name] for name in chosen if name != "kr20"}, answers, asked)
    if named:
        refused = Estimate("kr20", None, missing=answers.moments.missing, note=NOT_BINARY)
        found.insert(list(chosen).index("kr20"), refused)
    return found


def _of_score(
    each: Keyed,
    chosen: Mapping[str, Kind],
    asked: Asked,
    missing: MissingRule,
    named: bool,
    one_factor: bool,
) -> tuple[list[dict[str, Any]], list[str]]:
    name = f"{each.scale.id} {each.score}: "
    binary = all(len(set(values)) == BINARY for values in each.values)
    try:
        known = moments(each.patterns, each.values, missing)
    except RefusalError as refusal:
        kept = [one for one in chosen if binary or named or one != "kr20"]
        refused = [Estimate(one, None, missing=missing, note=str(refusal)) for one in kept]
        return [{**each.where, **row.row()} for row in refused], [f"{name}{refusal}"]
    answers = Answers.of(known, each.patterns, each.values)
    found = _found(chosen, answers, asked, binary=binary, named=named)
    rows = [{**each.where, **one.row()} for one in found]
    notes = [*_people(name, known), *_cautions(name, each, known)]
    few = known.missing == "complete" and known.one_n < FEW
    if few and asked.interval == "distribution_free" and any(one.low is not None for one in found):
        notes.append(f"{name}{SMALL}")
    return rows, [*notes, *(_one_factor(name, answers) if one_factor else ())]


def _one_factor(name: str, answers: Answers) -> list[str]:
    """Say that one factor does not fit; nothing where it does, or cannot be judged."""
    if answers.moments.missing != "complete" or not judged(len(answers.moments.names)):
        return []
    try:
        found = one_factor_fit(answers.latent_responses)
    except RefusalError:
        return []
    return [] if found is None or found.supported else [f"{name}{found.note()}"]


def _people(name: str, known: Moments) -> list[str]:
    if known.missing == "complete":
        used = f"{people(known.one_n)} who answered all {len(known.names)} items"
        return [f"{name}of the {used}; {known.dropped:,} left out"]
    low, high = known.pair_n
    sizes = people(low) if low == high else f"{low:,} to {people(high)}"
    return [f"{name}pairs of items are of {sizes}"]


def _cautions(name: str, each: Keyed, known: Moments) -> list[str]:
    """Say what a reader must know before quoting the coefficients."""
    notes = []
    score = each.scale.score(each.score)
    if score.scores is not None:
        notes.append(f"{name}alpha is of the {len(known.names)} items, not of the part scores")
    if score.method not in ("sum", "mean") or score.weights or score.table:
        notes.append(f"{name}alpha is of the unweighted item values, not of the score as scored")
    return [*notes, *_against(name, known)]


def _against(name: str, known: Moments) -> list[str]:
    """Name the items that correlate negatively with the rest."""
    against = [item for item, r in zip(known.names, item_rest(known.cov), strict=True) if r < 0]
    if not against:
        return []
    return [
        f"{name}negative correlation with the rest of the items: {', '.join(against)}; "
        "check the keying before quoting alpha"
    ]
