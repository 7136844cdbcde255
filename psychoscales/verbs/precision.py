"""`psychoscales.precision`: how exact single scores are, and decisions made on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.reliability.estimation import Answers, Asked, estimates
from psychoscales.engines.reliability.precision import (
    Distribution,
    Interval,
    binomial_errors,
    carried,
    distribution,
    errors,
    observed_intervals,
    sem_interval,
    true_scores,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import moments
from psychoscales.results import Estimate, Table, number, people
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.model import Score
from psychoscales.spec.numbers import above_lowest
from psychoscales.verbs.cutoffs import CUTOFF_NOTES, cutoff_rows
from psychoscales.verbs.keyed import Keyed, keyed
from psychoscales.verbs.precision_tables import (
    COLUMNS,
    CUTOFF_COLUMNS,
    SCORE_COLUMNS,
    Precision,
    Row,
)
from psychoscales.verbs.read import ScaleSource
from psychoscales.verbs.summed import refuse_other_units, reliability_of_sum, why_no_plain_sum

SCORE_NOTES = (
    "low, high: score - z SEM and + z SEM, the same for everybody; true low, true high: "
    "Kelley's interval of the true score, regressed to the mean of these people. Neither is "
    "cut off at the ends of the score",
    "sem conditional: from how people's answers differ, mean of those who have the score "
    "(Feldt, Steffen and Gupta 1985); sem keats: binomial errors, adjusted to the SEM",
)


def precision(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    score: str | None = None,
    coefficient: str | None = None,
    reliability: float | Estimate | None = None,
    level: float = 0.95,
    missing: Literal["complete"] = "complete",
    binding: BindingSource | None = None,
) -> Precision:
    r"""Return standard errors, intervals of single scores, and how safe decisions at cut-offs are.

    .. math::
        SEM = s \sqrt{1 - \rho}, \qquad SDC = z \sqrt 2 \, SEM, \qquad SDC_{group} = SDC / \sqrt n

    In the units of the score: a sum, a mean or a percent of maximum, without weights.

    Args:
        data: what `read` returned, a frame or a path with `scale`, or `Patterns`.
        scale: the scale, where `data` does not know it.
        score: one score only, by id or as `phq9_total`.
        coefficient: which reliability of these people ("alpha" where none is named); with a
            number as `reliability`, what that number is ("ICC(A,1)").
        reliability: from elsewhere: a number, or an `Estimate`, whose interval is carried over.
        level: of every interval; z is its normal quantile, 1.96 at .95.
        missing: only "complete": people who answered every item of the score.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Precision`: `.to_frame()` has mean, sd, the reliability, sem, see (of estimation), sdc
        and sdc_group; `.scores` and `.cutoffs` are tables; `.plot()` draws.

    Raises:
        RefusalError: nothing can be given; where only some scores cannot, their rows say why.
        UnknownNameError: there is no such coefficient.

    Examples:
        >>> import psychoscales as ps
        >>> found = ps.precision(ps.simulate("phq9", n=300, seed=1), level=0.9)
        >>> list(found.to_frame()["coefficient"])
        ['mean', 'sd', 'alpha', 'sem', 'see', 'sdc', 'sdc_group']
    """
    _check(level, missing)
    given = _given(coefficient, reliability, level)
    scores = list(keyed(data, scale, score, binding))
    if given is not None and len(scores) > 1:
        names = ", ".join(each.score for each in scores)
        raise RefusalError(f"a reliability is of one score; name it with score=: {names}")
    parts = [_part(each, coefficient or "alpha", given, level) for each in scores]
    return _together(parts, [each.label for each in scores], level)


@dataclass(frozen=True)
class _Part:
    """The rows of one score, and what a reader should know of them."""

    rows: list[Row]
    scores: list[Row]
    cutoffs: list[Row]
    notes: list[str]


def _check(level: float, missing: str) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    if missing != "complete":
        raise RefusalError(
            "precision is of the people who have the score: with missing='pairwise' no one group "
            "of people has its standard deviation; use missing='complete'"
        )


def _together(parts: Sequence[_Part], labels: Sequence[str], level: float) -> Precision:
    rows = [row for part in parts for row in part.rows]
    if rows and all(row["value"] is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    values = tuple(row for part in parts for row in part.scores)
    cuts = tuple(row for part in parts for row in part.cutoffs)
    named, percent = ", ".join(dict.fromkeys(labels)), f"{100 * level:g}%"
    along = f"Every possible score, {percent} intervals"
    return Precision(
        title=f"Precision of scores ({named}), {percent} intervals",
        columns=COLUMNS,
        rows=tuple(rows),
        notes=tuple(note for part in parts for note in part.notes),
        hidden=("level", "missing"),
        scores=Table(along, SCORE_COLUMNS, values, SCORE_NOTES, ("n", "true_value")),
        cutoffs=Table("Decisions at cut-offs", CUTOFF_COLUMNS, cuts, CUTOFF_NOTES),
    )


def _part(each: Keyed, coefficient: str, given: Estimate | None, level: float) -> _Part:
    name = f"{each.scale.id} {each.score}"
    try:
        slope, intercept = _line(each.scale.score(each.score), each.values)
        known = distribution(each.patterns, each.values, slope, intercept)
        rho, (low, high), method = (
            _estimated(each, coefficient, level) if given is None else _taken(given)
        )
        if rho.value is None:
            raise RefusalError(rho.note or f"no {rho.coefficient}")
        found = errors(known.variance, rho.value, known.n, level)
    except RefusalError as refusal:
        why = {"coefficient": "sem", "missing": "complete", "note": str(refusal)}
        row = {**dict.fromkeys(COLUMNS), **each.where, **why}
        return _Part([row], [], [], [f"{name}: {refusal}"])
    bare = {**dict.fromkeys(COLUMNS), **each.where}
    everybody: Row = {**bare, "missing": "complete", "n": known.n}
    plainly = {"mean": known.mean, "sd": float(np.sqrt(known.variance))}
    rows: list[Row] = [{**everybody, "coefficient": id_, "value": plainly[id_]} for id_ in plainly]
    rows.append({**bare, **{key: value for key, value in rho.row().items() if key in COLUMNS}})
    for id_, value in vars(found).items():
        row = {**everybody, "coefficient": id_, "value": value}
        if method is not None and id_ != "see":
            ends = {"low": low * value, "high": high * value}
            row |= {**ends, "level": level, "method": method}
        rows.append(row)
    scores = [{**each.where, **row} for row in _scores(known, rho.value, vars(found), level)]
    empty = {**dict.fromkeys(CUTOFF_COLUMNS), **each.where}
    cutoffs = [{**empty, **row} for row in cutoff_rows(each, known, rho.value)]
    return _Part(rows, scores, cutoffs, _notes(name, each, known, rho, given is not None))


def _given(
    coefficient: str | None, reliability: float | Estimate | None, level: float
) -> Estimate | None:
    """Return the reliability that the caller brings along; None where it is to be estimated."""
    named = reliability.coefficient if isinstance(reliability, Estimate) else coefficient
    if named is not None:
        refuse_other_units(named)
    if reliability is None:
        if coefficient is not None and coefficient not in COEFFICIENTS:
            hint = "of a number of your own, give it too: reliability="
            raise UnknownNameError("coefficient", coefficient, COEFFICIENTS, hint)
        return None
    if isinstance(reliability, Estimate):
        if reliability.metric != "raw":
            raise RefusalError(f"a reliability of {reliability.metric} items is not of the score")
        if reliability.level not in (None, level):
            raise RefusalError(
                f"the reliability's interval has level {reliability.level:g}, and level={level:g} "
                "is asked for: use the same"
            )
        if coefficient not in (None, reliability.coefficient):
            raise RefusalError(f"the estimate is of {reliability.coefficient}, not {coefficient}")
        return reliability
    if coefficient is None:
        raise RefusalError("say what the reliability is, as in coefficient='ICC(A,1)'")
    return Estimate(coefficient, float(reliability))


def _taken(given: Estimate) -> tuple[Estimate, Interval, str | None]:
    if given.value is None or given.low is None or given.high is None:
        return given, (1.0, 1.0), None
    return given, carried(given.value, given.low, given.high), "carried"


def _estimated(
    each: Keyed, coefficient: str, level: float
) -> tuple[Estimate, Interval, str | None]:
    """Return the coefficient, and the ends of the SEM divided by its value."""
    known, one = moments(each.patterns, each.values), COEFFICIENTS[coefficient]
    rho = reliability_of_sum(one, known, each.values)
    answers = Answers.of(known, each.patterns, each.values)
    (estimate,) = estimates({coefficient: one}, answers, Asked("distribution_free", level))
    try:
        ends = sem_interval(rho, one.slope(known.cov), answers, level)
    except RefusalError:
        return estimate, (1.0, 1.0), None
    return estimate, ends, "distribution_free_log"


def _line(score: Score, values: tuple[tuple[float, ...], ...]) -> tuple[float, float]:
    """Return what a point of the sum of the items is worth in the score, and the score of sum 0."""
    why = why_no_plain_sum(score)
    if why is None and (score.multiply or 1) <= 0:
        why = "it is multiplied by a number not above 0"
    if why is not None:
        raise RefusalError(f"no standard error of {score.id}: {why}")
    slope, intercept = 1.0, 0.0
    if score.method == "mean":
        slope = 1 / len(values)
    elif score.method == "pomp":
        slope = 100 / sum(max(above_lowest(row)) for row in values)
        intercept = -slope * sum(min(row) for row in values)
    return (score.multiply or 1) * slope, (score.multiply or 1) * intercept


def _scores(
    known: Distribution, rho: float, found: Mapping[str, float], level: float
) -> Iterator[Row]:
    low, high = observed_intervals(known.values, found["sem"], level)
    true, true_low, true_high = true_scores(known.values, known.mean, rho, found["see"], level)
    columns = {
        "value": known.values,
        "n": known.counts,
        "share": known.counts / known.n,
        "low": low,
        "high": high,
        "true_value": true,
        "true_low": true_low,
        "true_high": true_high,
        "sem_conditional": np.sqrt(known.error_variance),
    }
    try:
        columns["sem_keats"] = binomial_errors(known, found["sem"])
    except RefusalError:
        columns["sem_keats"] = np.full(len(known.values), np.nan)
    for at in range(len(known.values)):
        row = {name: column[at].item() for name, column in columns.items()}
        yield {name: None if value != value else value for name, value in row.items()}


def _notes(
    name: str, each: Keyed, known: Distribution, rho: Estimate, from_elsewhere: bool
) -> list[str]:
    left = each.patterns.n - known.n
    which = f"all {len(each.values)} items" if len(each.values) > 1 else "the item"
    notes = [f"{name}: of the {people(known.n)} who answered {which}; {left:,} left out"]
    if from_elsewhere:
        notes.append(
            f"{name}: {rho.coefficient} is from elsewhere and the sd from these people; an "
            "interval carried from it takes the sd as known"
        )
    else:
        notes.append(
            f"{name}: {rho.coefficient} is of one occasion. What changes in people from day to "
            "day is not in the SEM and SDC; COSMIN's measurement error is of a retest: give "
            "reliability= and coefficient='ICC(A,1)'"
        )
    several = len(each.values) > 1
    if several and (from_elsewhere or rho.coefficient != "alpha"):
        own = float(np.nansum(known.error_variance * known.counts)) / (known.n - 1)
        notes.append(
            f"{name}: sem_conditional is from the items: over all people it makes the SEM of "
            f"alpha, {number(float(np.sqrt(own)))}, not the one above"
        )
    return notes
