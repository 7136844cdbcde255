"""The rows of a criterion's tables: numbers of the engines under the names of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from psychoscales.engines.validity.best_cutoff import (
    Criterion,
    best_cutoff,
    draws,
    resampled,
)
from psychoscales.engines.validity.cutoffs import accuracy, decided
from psychoscales.engines.validity.proportions import ProportionInterval, Ranged, proportion
from psychoscales.engines.validity.roc import AreaInterval, Graded, area, area_interval, compared
from psychoscales.engines.validity.strata import strata
from psychoscales.errors import RefusalError
from psychoscales.spec.claims import Bands, ReferenceValue
from psychoscales.spec.model import in_language
from psychoscales.spec.numbers import plain
from psychoscales.verbs.criterion_data import Counts, Examined, Floats, Material
from psychoscales.verbs.criterion_tables import Row

HALVES = ("sensitivity", "specificity", "youden")
PREDICTIVE = ("ppv", "npv")
LOGS = ("lr_positive", "lr_negative")


@dataclass(frozen=True)
class Asked:
    """What the caller wants of every score."""

    level: float
    interval: ProportionInterval
    auc_interval: AreaInterval
    prevalence: float | None
    cutoffs: tuple[float, ...] | None
    bands: str | tuple[float, ...] | None
    criteria: tuple[Criterion, ...]
    resamples: int
    seed: int


@dataclass(frozen=True, eq=False)
class Held:
    """A score held against the truth: its counts as they are, and turned so that more says yes."""

    one: Examined
    plain: Graded
    turned: Graded

    @property
    def sign(self) -> float:
        """1 where a higher value says positive, -1 where a lower one does."""
        return 1.0 if self.one.direction == "higher" else -1.0

    def own(self, turned: float) -> float:
        """Return a turned value as the score has it."""
        return self.sign * turned + 0.0

    @property
    def declared(self) -> list[tuple[float, str]]:
        """The cut-offs that the scale declares for everybody, and what they divide.

        Where lower values say positive, these are the highest values that people have below one.
        """
        found = []
        for bands in () if self.one.scale is None else self.one.scale.bands:
            if bands.score != self.one.score or bands.for_ is not None:
                continue
            for level in bands.levels[1:]:
                if self.one.direction == "higher":
                    found.append((float(level.from_), f"{bands.id}: {level.id}"))
                    continue
                below = self.plain.values[self.plain.values < level.from_]
                if len(below):
                    found.append((float(below[-1]), f"{bands.id}: below {level.id}"))
        return found


def area_rows(held: Held, asked: Asked, truth: str) -> Iterator[Row]:
    """Yield the rows of the area and the prevalence."""
    graded = held.turned
    base = {
        "level": asked.level,
        "n": graded.n,
        "positives": graded.n1,
        "negatives": graded.n0,
        "direction": held.one.direction,
        "truth": truth,
    }
    found = area(graded)
    row: Row = {**base, "statistic": "auc", "value": found.value}
    try:
        low, high = area_interval(found, graded, asked.level, asked.auc_interval)
        row |= {"low": low, "high": high, "method": asked.auc_interval}
        if low < 0 or high > 1:
            row["note"] = "the interval passes what an area can be: auc_interval='delong_logit'"
    except RefusalError as refusal:
        row |= {"level": None, "note": str(refusal)}
    yield row
    share = _one(proportion([graded.n1], graded.n, asked.level, asked.interval), 0)
    named = dict(zip(("value", "low", "high"), share, strict=True))
    yield {**base, "statistic": "prevalence", **named, "method": asked.interval}


def _one(ranged: Ranged, at: int) -> tuple[float | None, float | None, float | None]:
    """Return one value and its ends; None where there is none."""
    value, low, high = (float(part[at]) for part in ranged)
    return _there(value), _there(low), _there(high)


def _there(value: float) -> float | None:
    return None if np.isnan(value) else value


def cutoff_rows(held: Held, asked: Asked) -> Iterator[Row]:
    """Yield a row for each cut-off: every value, what is declared, or what the caller names."""
    declared: dict[float, list[str]] = {}
    for cutoff, name in held.declared:
        declared.setdefault(cutoff, []).append(name)
    if asked.cutoffs is None:
        wanted = np.unique([*held.plain.values.tolist(), *declared])
    else:
        wanted = np.unique(np.asarray(asked.cutoffs, dtype=np.float64))
    table = decided(held.turned, held.sign * wanted)
    found = accuracy(table, asked.level, asked.interval, asked.prevalence)
    method = f"{asked.interval}; " + ("own" if asked.prevalence is None else "stated")
    share = held.turned.n1 / held.turned.n if asked.prevalence is None else asked.prevalence
    counts = {name: getattr(table, name).tolist() for name in table.__dataclass_fields__}
    for at, cutoff in enumerate(wanted.tolist()):
        row: Row = {"cutoff": cutoff, **{name: column[at] for name, column in counts.items()}}
        for name, ranged in found.items():
            ends = zip(("", "_low", "_high"), _one(ranged, at), strict=True)
            row |= {f"{name}{end}": value for end, value in ends}
        row |= {"prevalence": share, "direction": held.one.direction, "level": asked.level}
        row |= {"n": held.turned.n, "method": method}
        row["declared"] = "; ".join(declared.get(cutoff, ())) or None
        yield row


def best_rows(held: Held, asked: Asked) -> Iterator[Row]:
    """Yield a row for each criterion of what is best."""
    graded = held.turned
    for criterion in asked.criteria:
        row: Row = {"criterion": criterion.name, "least": criterion.least, "n": graded.n}
        row |= {"direction": held.one.direction}
        try:
            best = best_cutoff(graded, criterion)
        except RefusalError as refusal:
            yield {**row, "note": str(refusal)}
            continue
        youden = best.sensitivity + best.specificity - 1
        above = None if best.above is None else held.own(best.above)
        row |= {"cutoff": held.own(best.cutoff), "above": above, "youden": youden}
        row |= {"sensitivity": best.sensitivity, "specificity": best.specificity}
        ties = sorted(held.own(tie) for tie in best.ties)
        row["ties"] = ", ".join(map(plain, ties)) if len(ties) > 1 else None
        said = [] if len(ties) == 1 else ["equally good cut-offs; the most sensitive is shown"]
        if best.above is None:
            said.append("everybody would be positive: nothing is better than no test")
        if asked.resamples:
            drawn = draws(graded, asked.resamples, asked.seed)
            try:
                again = resampled(graded, criterion, best, drawn, asked.level)
            except RefusalError as refusal:
                said.append(str(refusal))
            else:
                ends = sorted((held.own(again.low), held.own(again.high)))
                row |= {"cutoff_low": ends[0], "cutoff_high": ends[1], "chosen": again.chosen}
                optimism = (again.sensitivity, again.specificity)
                for name, excess in zip(HALVES, (*optimism, sum(optimism)), strict=True):
                    row[f"{name}_corrected"] = row[name] - excess
                row |= {"level": asked.level, "method": "bootstrap", "seed": asked.seed}
                row["resamples"] = again.resamples
        yield {**row, "note": "; ".join(said) or None}


def strata_rows(held: Held, asked: Asked) -> Iterator[Row]:
    """Yield a row for each band of each set, or of the bands that the caller names."""
    if isinstance(asked.bands, tuple):
        bounds = [float(bound) for bound in asked.bands]
        yield from _strata(held, asked, bounds, {"source": "this_study"}, None)
        return
    for bands in () if held.one.scale is None else held.one.scale.bands:
        if bands.score != held.one.score or asked.bands not in (None, bands.id):
            continue
        base: Row = {"band": bands.id, "source": "; ".join(bands.source)}
        if bands.for_ is not None:
            group = ", ".join(f"{name} = {value}" for name, value in bands.for_.items())
            yield {**base, "note": f"bands for {group} only, and these are the answers of all"}
            continue
        yield from _strata(
            held, asked, [float(each.from_) for each in bands.levels[1:]], base, bands
        )


def _strata(
    held: Held, asked: Asked, bounds: Sequence[float], base: Row, bands: Bands | None
) -> Iterator[Row]:
    graded = held.plain
    found = strata(graded, bounds, asked.level, asked.prevalence)
    share = graded.n1 / graded.n if asked.prevalence is None else asked.prevalence
    for at in range(len(bounds) + 1):
        lowest = bounds[at - 1] if at else None
        below = bounds[at] if at < len(bounds) else None
        name = bands.levels[at].id if bands is not None else _between(lowest, below)
        row: Row = {**base, "stratum": name, "lowest": lowest, "below": below}
        people = int(found.positives[at] + found.negatives[at])
        row |= {"positives": int(found.positives[at]), "negatives": int(found.negatives[at])}
        for what, ranged in (("lr", found.ratios), ("probability", found.probabilities)):
            ends = zip(("", "_low", "_high"), _one(ranged, at), strict=True)
            row |= {f"{what}{end}": value for end, value in ends}
        row |= {"prevalence": share, "level": asked.level, "n": people, "method": "simel_log"}
        if not people:
            row |= {"level": None, "note": "nobody has a score in this band: no ratio"}
        elif row["lr_low"] is None:
            row |= {"level": None, "note": "people of one class only: no interval"}
        yield row


def _between(lowest: float | None, below: float | None) -> str:
    if lowest is None:
        return f"below {plain(below or 0.0)}"
    return (
        f"{plain(lowest)} or more" if below is None else f"{plain(lowest)} to below {plain(below)}"
    )


def reference_rows(held: Held, asked: Asked) -> Iterator[Row]:
    """Yield what was found beside each value that the scale's file has of this score."""
    scale = held.one.scale
    for reference in () if scale is None else scale.reference_values:
        if reference.score != held.one.score or reference.statistic not in COMPARABLE:
            continue
        row = _published(reference)
        if held.one.direction == "lower":
            yield {**row, "note": "published where higher values say positive"}
            continue
        yield {**row, **_beside(reference, held.plain, asked)}


def rule_rows(scale: str, rule: str, given: Material, asked: Asked) -> Iterator[Row]:
    """Yield what was found beside each value that the scale's file has of a rule."""
    verdicts, states = given.rules[scale, rule], given.truth.states
    here = (verdicts >= 0) & (states >= 0)
    graded = Graded.of(verdicts[here], states[here] == 1, given.weights[here])
    known = next(each.scale for each in given.examined if each.scale and each.scale.id == scale)
    for reference in known.reference_values:
        if reference.rule == rule and reference.statistic in (*HALVES, *PREDICTIVE, *LOGS):
            at_one = reference.model_copy(update={"cutoff": 1.0})
            row = {**_published(reference), "score": rule}
            if min(graded.n0, graded.n1) == 0:
                yield {**row, "note": "with a verdict, people are of one class only"}
            else:
                yield {**row, **_beside(at_one, graded, asked)}


COMPARABLE = ("sensitivity", "specificity", "ppv", "npv", "lr_positive", "lr_negative", "auc")


def _published(reference: ReferenceValue) -> Row:
    lowest, highest = reference.stratum or (None, None)
    at = None if reference.cutoff is None else f"{plain(reference.cutoff)} or more"
    if reference.stratum is not None:
        at = " to ".join(map(plain, reference.stratum))
    return {
        "statistic": reference.statistic,
        "at": at,
        "cutoff": reference.cutoff,
        "lowest": lowest,
        "highest": highest,
        "reference": float(reference.value),
        "reference_low": reference.low,
        "reference_high": reference.high,
        "reference_n": reference.n,
        "criterion": in_language(reference.criterion, "en") or None,
        "population": in_language(reference.population, "en"),
        "source": "; ".join(reference.source),
    }


def _beside(reference: ReferenceValue, graded: Graded, asked: Asked) -> Row:
    """Return what was found of a published statistic, and whether its value is in the interval."""
    name, n = reference.statistic, graded.n
    method: str = asked.interval
    ends: tuple[float | None, float | None] = (None, None)
    value: float | None
    if name == "auc":
        found, method = area(graded), asked.auc_interval
        value = found.value
        with suppress(RefusalError):
            ends = area_interval(found, graded, asked.level, asked.auc_interval)
    elif reference.stratum is not None:
        method = "simel_log"
        value, *rest = _one(_in_stratum(reference.stratum, graded, asked.level), 0)
        ends = (rest[0], rest[1])
    elif reference.cutoff is None:
        return {"note": "published without a cut-off"}
    else:
        table = decided(graded, [reference.cutoff])
        every = accuracy(table, asked.level, asked.interval, asked.prevalence)
        value, *rest = _one(every[name], 0)
        ends = (rest[0], rest[1])
        n = {"sensitivity": graded.n1, "specificity": graded.n0}.get(name, graded.n)
    row: Row = {"value": value, "value_low": ends[0], "value_high": ends[1], "n": n}
    row |= {"method": method, "level": asked.level, "inside": None}
    if ends[0] is not None and ends[1] is not None:
        row["inside"] = bool(ends[0] <= reference.value <= ends[1])
    if name in PREDICTIVE:
        row["note"] = "predictive values are of one prevalence"
    return row


def _in_stratum(stratum: tuple[float, float], graded: Graded, level: float) -> Ranged:
    """Return the likelihood ratio of values from the first to the second number, both included."""
    above = float(np.nextafter(stratum[1], np.inf))
    found = strata(graded, [stratum[0], above], level)
    return Ranged(*(part[1:2] for part in found.ratios))


def comparison_row(first: Examined, second: Examined, given: Material, asked: Asked) -> Row:
    """Return the row of two scores, of the people who have both."""
    states = given.truth.states
    here = (states >= 0) & ~np.isnan(first.values) & ~np.isnan(second.values)
    if not here.any():
        return {"against": second.name, "n": 0, "note": "nobody has both scores and a known truth"}
    columns = (first.turned[here], second.turned[here], states[here].astype(np.float64))
    distinct, many = _counted(columns, given.weights[here])
    is_positive = distinct[:, 2] == 1
    n1, n = int(many[is_positive].sum()), int(many.sum())
    row: Row = {"against": second.name, "n": n, "positives": n1, "negatives": n - n1}
    try:
        firsts, seconds = (
            area(Graded.of(distinct[:, at], is_positive, many)).value for at in (0, 1)
        )
        row |= {"auc": firsts, "auc_against": seconds, "difference": firsts - seconds}
        found = compared(distinct[:, 0], distinct[:, 1], is_positive, many, asked.level)
    except RefusalError as refusal:
        return {**row, "note": str(refusal)}
    row |= {"difference_low": found.low, "difference_high": found.high, "z": found.z, "p": found.p}
    if {firsts, seconds} & {0.0, 1.0}:
        row["note"] = "an area of 0 or 1 has no variance: the interval is of the other alone"
    return {**row, "level": asked.level, "method": "delong_paired"}


def _counted(columns: Sequence[Floats], weights: Counts) -> tuple[Floats, Counts]:
    """Return the distinct rows of some columns [d, c], and how many people each is [d]."""
    code = np.zeros(len(weights), dtype=np.int64)
    known = []
    for column in columns:
        values, places = np.unique(column, return_inverse=True)
        known.append(values)
        code = code * len(values) + places
    codes, places = np.unique(code, return_inverse=True)
    many = np.rint(np.bincount(places, weights, len(codes))).astype(np.int64)
    parts = np.unravel_index(codes, tuple(len(values) for values in known))
    rows = [values[part] for values, part in zip(known, parts, strict=True)]
    return np.column_stack(rows), many
