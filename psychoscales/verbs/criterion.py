"""`psychoscales.criterion`: does a score tell who has a condition, and from which value on?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from psychoscales.counts import Crosstab
from psychoscales.engines.validity.best_cutoff import Criterion as What
from psychoscales.engines.validity.proportions import ProportionInterval
from psychoscales.engines.validity.roc import AreaInterval, area, curve
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.plots.roc import Curve
from psychoscales.results import number, people
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.numbers import plain
from psychoscales.verbs.criterion_data import Direction, Examined, Material, material
from psychoscales.verbs.criterion_rows import (
    Asked,
    Held,
    area_rows,
    best_rows,
    comparison_row,
    cutoff_rows,
    reference_rows,
    rule_rows,
    strata_rows,
)
from psychoscales.verbs.criterion_tables import (
    BEST_COLUMNS,
    COLUMNS,
    COMPARISON_COLUMNS,
    CUTOFF_COLUMNS,
    REFERENCE_COLUMNS,
    STRATA_COLUMNS,
    Criterion,
    Folded,
    Row,
)
from psychoscales.verbs.read import ScaleSource
from psychoscales.verbs.truths import Truth

INTERVALS = {"clopper_pearson": "Clopper-Pearson (exact)", "wilson": "Wilson"}
AUC_INTERVALS = ("delong", "delong_logit")
MOST_LABELS = 1000


def criterion(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    truth: str,
    positive: Any = None,
    score: str | Sequence[str] | None = None,
    direction: Direction | Mapping[str, Direction] = "higher",
    prevalence: float | None = None,
    interval: ProportionInterval = "clopper_pearson",
    auc_interval: AreaInterval = "delong",
    cutoffs: Sequence[float] | None = None,
    bands: str | Sequence[float] | None = None,
    least_sensitivity: float | None = None,
    least_specificity: float | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 1,
    binding: BindingSource | None = None,
) -> Criterion:
    r"""Hold scores against a criterion: ROC curve, cut-offs, likelihood ratios of bands.

    .. math:: AUC = P(X_1 > X_0) + \tfrac12 P(X_1 = X_0)

    for the scores of a positive and a negative drawn at random. The formulas stand at the
    functions of `psychoscales.engines.validity`, which take counts.

    Args:
        data: what `read` returned, a frame or a path with `scale`, or a `Crosstab` of scores (its
            labels the values) and the truth.
        scale: the scale, where `data` does not know it.
        truth: a kept column, an axis of the table, or a rule, band or flag of a scale.
        positive: the value of the truth, or several, that mean positive; not needed for 0 and 1,
            rules and flags.
        score: one score or several, by id or as `phq9_total`, or kept columns of numbers; all
            scores of the scales without it. Every two are compared.
        direction: which values say positive, "higher" or "lower"; or score -> which. It is never
            turned round by the data.
        prevalence: of the people that predictive values are to be about; without it these
            people's own.
        interval: of proportions, "clopper_pearson" or "wilson".
        auc_interval: "delong", or "delong_logit", which stays between 0 and 1.
        cutoffs: only these; without them every value that somebody has, and what is declared.
        bands: the id of one declared set, or numbers where strata begin; all sets without it.
        least_sensitivity, least_specificity: a further best cut-off each: the most specific one
            with this sensitivity, the most sensitive one with this specificity.
        resamples: of the bootstrap of best cut-offs, within positives and negatives; 0 for none.
        level: of all intervals.
        seed: of the bootstrap.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Criterion`: `.to_frame()` has a row `auc` and a row `prevalence` for each score;
        `.cutoffs`, `.best`, `.strata`, `.references` and `.comparison` are tables; `.counts` has
        tables that add; `.plot()` draws the curves. A cut-off is the lowest value that says
        positive, with direction "lower" the highest one.

    Raises:
        RefusalError: nobody is positive, or nobody negative; which value means positive cannot be
            known. Fewer than five of a class leave the area without interval and best cut-off.
        UnknownNameError: there is no such column, score, value or band set.

    Examples:
        >>> import numpy as np
        >>> import psychoscales as ps
        >>> frame = ps.simulate("phq9", n=200, seed=1).to_frame()
        >>> ill = frame.filter(like="phq9_").iloc[:, :9].sum(axis=1) > 14
        >>> frame["mdd"] = np.where(np.random.default_rng(2).random(200) < 0.8, ill, ~ill)
        >>> found = ps.criterion(frame, "phq9", truth="mdd", resamples=200, seed=3)
        >>> list(found.to_frame()["statistic"])
        ['auc', 'prevalence']
    """
    asked = _asked(
        (level, interval, auc_interval, prevalence),
        (cutoffs, bands),
        (least_sensitivity, least_specificity),
        (resamples, seed),
    )
    given = material(data, scale, truth, positive, score, direction, binding)
    _known_bands(given.examined, asked.bands)
    return _result(given, asked)


def _asked(
    levels: tuple[float, ProportionInterval, AreaInterval, float | None],
    where: tuple[Sequence[float] | None, str | Sequence[float] | None],
    least: tuple[float | None, float | None],
    drawing: tuple[int, int],
) -> Asked:
    level, interval, auc_interval, prevalence = levels
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    if interval not in INTERVALS:
        raise UnknownNameError("interval of proportions", interval, INTERVALS)
    if auc_interval not in AUC_INTERVALS:
        raise UnknownNameError("interval of the area", auc_interval, AUC_INTERVALS)
    if prevalence is not None and not 0 < prevalence < 1:
        raise ValueError(f"prevalence lies between 0 and 1, such as 0.08, not {prevalence}")
    if drawing[0] < 0:
        raise ValueError("resamples is 0 or more")
    cutoffs, bands = where
    criteria = [What("youden"), What("closest_topleft")]
    for name, value in zip(("least_sensitivity", "least_specificity"), least, strict=True):
        if value is not None:
            criteria.append(What(name, value))
    cuts = None if cutoffs is None else tuple(float(each) for each in cutoffs)
    if cuts == ():
        raise ValueError("name at least one cut-off, or none for all of them: cutoffs=None")
    ranges = bands if isinstance(bands, str) or bands is None else tuple(map(float, bands))
    return Asked(level, interval, auc_interval, prevalence, cuts, ranges, tuple(criteria), *drawing)


def _known_bands(examined: Sequence[Examined], bands: object) -> None:
    known = [
        each.id
        for one in examined
        if one.scale is not None
        for each in one.scale.bands
        if each.score == one.score
    ]
    if isinstance(bands, str) and bands not in known:
        raise UnknownNameError("band set of these scores", bands, dict.fromkeys(known))


def _result(given: Material, asked: Asked) -> Criterion:
    """Return all tables; a score that can give nothing has a row that says why."""
    rows: dict[str, list[Row]] = {
        name: [] for name in ("area", "cutoffs", "best", "strata", "references", "comparison")
    }
    notes: list[str] = []
    held: list[Held] = []
    for one in given.examined:
        plainly = given.graded(one)
        turned = plainly if one.direction == "higher" else plainly.turned()
        each = Held(one, plainly, turned)
        parts = {"area": area_rows(each, asked, given.truth.name)}
        parts |= {"cutoffs": cutoff_rows(each, asked), "best": best_rows(each, asked)}
        parts["strata"] = strata_rows(each, asked)
        parts["references"] = reference_rows(each, asked)
        try:
            for name, part in parts.items():
                rows[name] += [{**one.where, **row} for row in part]
        except RefusalError as refusal:
            why: Row = {"statistic": "auc", "truth": given.truth.name, "note": str(refusal)}
            rows["area"].append({**one.where, **why})
            continue
        held.append(each)
        notes += _notes(each, given)
    if not held:
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows["area"])))
    for scale, rule in given.rules:
        where = {**held[0].one.where, "scale": scale, "score": None}
        rows["references"] += [{**where, **row} for row in rule_rows(scale, rule, given, asked)]
    for first, second in combinations(given.examined, 2):
        row = comparison_row(first, second, given, asked)
        rows["comparison"].append({**first.where, **row})
    return _together(given, asked, held, rows, notes)


def _together(
    given: Material,
    asked: Asked,
    held: Sequence[Held],
    rows: Mapping[str, Sequence[Row]],
    notes: Sequence[str],
) -> Criterion:
    def table(title: str, name: str, columns: tuple[str, ...], said: Iterator[str]) -> Folded:
        empty = dict.fromkeys(columns)
        shown = tuple({**empty, **row} for row in rows[name])
        return Folded(title, columns, shown, tuple(said), (*HIDDEN, *ALSO_HIDDEN.get(name, ())))

    percent, truth = f"{100 * asked.level:g}%", given.truth
    title = f"Criterion {truth.name} ({given.label}), {percent} intervals"
    areas = table(title, "area", COLUMNS, iter(notes))
    return Criterion(
        title=title,
        columns=COLUMNS,
        rows=areas.rows,
        notes=tuple(dict.fromkeys([*_of_truth(truth), *notes])),
        hidden=areas.hidden,
        cutoffs=table("Decisions at cut-offs", "cutoffs", CUTOFF_COLUMNS, _of_cutoffs(asked)),
        best=table("Best cut-offs", "best", BEST_COLUMNS, _of_best(asked, rows["best"])),
        strata=table(
            "Likelihood ratios of bands",
            "strata",
            STRATA_COLUMNS,
            _of_strata(asked, rows["strata"]),
        ),
        references=table(
            "Beside published values",
            "references",
            REFERENCE_COLUMNS,
            _of_references(held, rows["references"]),
        ),
        comparison=table(
            "Two scores of the same people", "comparison", COMPARISON_COLUMNS, iter(())
        ),
        counts={each.one.name: _crosstab(each, truth.name) for each in held},
        curves={each.one.name: _curve(each, rows["best"]) for each in held},
    )


HIDDEN = ("level", "direction", "truth", "prevalence", "seed", "resamples", "method")
ALSO_HIDDEN = {
    "cutoffs": ("true_positives", "false_negatives", "false_positives", "true_negatives", "n"),
    "best": ("n", "least"),
    "strata": ("n", "source", "lowest", "below"),
    "references": ("n", "criterion", "population", "reference_n", "cutoff", "lowest", "highest"),
    "comparison": ("positives", "negatives"),
}


def _notes(each: Held, given: Material) -> Iterator[str]:
    one, graded = each.one, each.turned
    unknown, incomplete = given.lost(one)
    text = f"{one.name}: {people(graded.n)}, {graded.n1:,} positive and {graded.n0:,} negative"
    if given.counted:
        text += "; whoever was left out of the counts is not known here"
    else:
        text += f"; left out: {unknown:,} without the truth, {incomplete:,} without the score"
    yield text
    meaning = f" (higher is: {one.higher})" if one.higher else ""
    yield f"{one.name}: {one.direction} values say positive{meaning}"
    value = area(graded).value
    if value < 0.5:
        other = "lower" if one.direction == "higher" else "higher"
        yield (
            f"{one.name}: the area is below one half, {number(value)}: {other} values go with "
            f"positives. It is printed as it is; if that is meant, ask for direction='{other}'"
        )
    if given.truth.scale is not None and given.truth.scale == one.where["scale"]:
        yield (
            f"{one.name}: the truth is made of answers to the same scale, so that this is no "
            "evidence against an outside criterion"
        )


def _of_truth(truth: Truth) -> Iterator[str]:
    yes, no = ", ".join(truth.positive), ", ".join(truth.negative)
    yield f"{truth.name}: positive is {yes}; negative is {no}"


def _of_cutoffs(asked: Asked) -> Iterator[str]:
    yield (
        f"intervals of proportions: {INTERVALS[asked.interval]}; of likelihood ratios: log "
        "(Simel), none where a cell is empty; of youden: Newcombe"
    )
    if asked.prevalence is None:
        yield (
            "ppv and npv are at these people's own share of positives, and hold only where it is "
            "the same: state another with prevalence="
        )
    else:
        yield (
            f"ppv and npv are at the stated prevalence of {asked.prevalence:g}, with logit "
            "intervals (Mercaldo)"
        )
    yield "intervals are of a cut-off chosen beforehand, not of the best one"


def _of_best(asked: Asked, rows: Sequence[Row]) -> Iterator[str]:
    if all(row.get("cutoff") is None for row in rows):
        return
    yield "above: every cut-off above this value and up to the cut-off decides alike here"
    if asked.resamples:
        yield (
            "accuracy at a cut-off chosen by the same people is too high; in brackets: less the "
            "optimism that the bootstrap shows"
        )
        yield (
            f"cutoff [low, high] and chosen, the share that chose the same: {asked.resamples:,} "
            f"resamples within positives and negatives, seed {asked.seed}"
        )


def _of_strata(asked: Asked, rows: Sequence[Row]) -> Iterator[str]:
    at = "these people's own share of positives"
    if asked.prevalence is not None:
        at = f"the stated prevalence of {asked.prevalence:g}"
    if rows:
        yield f"probability: of being positive, at {at}"


def _of_references(held: Sequence[Held], rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield (
            "inside: the published value is in the interval found here. Compare only where "
            "criterion and population are yours: .references names them"
        )
    there = {(row["scale"], row["score"]) for row in rows}
    for each in held:
        where = each.one.where
        if each.one.scale is not None and (where["scale"], where["score"]) not in there:
            yield (
                f"{each.one.name}: the scale's file has no published sensitivity, specificity, "
                "likelihood ratio or area of this score"
            )


def _curve(each: Held, best: Sequence[Row]) -> Curve:
    marks = []
    for row in best:
        mine = row["score"] == each.one.score and row["scale"] == each.one.where["scale"]
        if mine and row["criterion"] == "youden" and row.get("cutoff") is not None:
            marks.append((1 - row["specificity"], row["sensitivity"], plain(row["cutoff"])))
    name = f"{each.one.name}, AUC {area(each.turned).value:.3f}"
    return Curve(name, *curve(each.turned), tuple(marks))


def _crosstab(each: Held, truth: str) -> Crosstab:
    """Return the counts that the curve is of; whole scores have every value of their range."""
    values = each.plain.values
    known = values
    scale = each.one.scale
    if scale is not None and np.array_equal(values, np.rint(values)):
        low, high = scale.score(each.one.score).range
        every = np.arange(low, high + 1)
        known = np.union1d(values, every) if len(every) <= MOST_LABELS else values
    counts = np.zeros((len(known), 2), dtype=np.int64)
    counts[np.searchsorted(known, values)] = np.column_stack(
        [each.plain.negatives, each.plain.positives]
    )
    counts.flags.writeable = False
    labels = tuple(plain(value) for value in known.tolist())
    return Crosstab(((each.one.name, labels), (truth, ("0", "1"))), counts)
