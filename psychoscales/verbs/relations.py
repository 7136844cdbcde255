"""The measures that are related, every two of them: correlations and their corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.validity.attenuation import Disattenuated, Reliability, disattenuated
from psychoscales.engines.validity.correlation import Association, correlation
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.scores import Scores
from psychoscales.verbs.measured import Measure, measure, measures

Floats = npt.NDArray[np.float64]
Pair = frozenset[str]


@dataclass(frozen=True)
class Asked:
    """How correlations are asked for.

    Attributes:
        method: "pearson" or "spearman".
        interval: "fisher" or "distribution_free".
        level: of all intervals.
        missing: "pairwise" or "complete".
        coefficient: the reliability that corrects.
        reliability: measure -> a reliability brought along.
    """

    method: str
    interval: str
    level: float
    missing: str
    coefficient: Coefficient
    reliability: Mapping[str, float]


@dataclass(frozen=True)
class Relation:
    """Two measures.

    Attributes:
        first, second: the measures.
        found: their correlation; None where it was refused.
        corrected: the same without measurement error; None where it was refused.
        shared: items that are in both.
        note: what a reader should know.
    """

    first: Measure
    second: Measure
    found: Association | None
    corrected: Disattenuated | None
    shared: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, eq=False)
class Related:
    """All measures and the relations of every two.

    Attributes:
        measures: in order, the ones that are validated first.
        wanted: the pairs that were asked for.
        relations: of every pair of measures.
        reliabilities: measure -> its reliability, or why there is none.
    """

    measures: tuple[Measure, ...]
    wanted: tuple[tuple[str, str], ...]
    relations: Mapping[Pair, Relation]
    reliabilities: Mapping[str, Reliability | str] = field(default_factory=dict)

    def of(self, first: str, second: str) -> Relation:
        """Return the relation of two measures."""
        return self.relations[frozenset((first, second))]

    def reliability(self, name: str) -> float | None:
        """Return a measure's reliability; None where there is none."""
        known = self.reliabilities[name]
        return None if isinstance(known, str) else known.value


def related(
    scored: Scores, score: str | None, against: Sequence[str] | None, asked: Asked
) -> Related:
    """Relate scores with what they are to be compared with.

    Raises:
        UnknownNameError: a score, column or reliability of a name that is not there.
        RefusalError: nothing to compare with, or a column of texts.
    """
    known = measures(scored)
    wanted = _wanted(known, scored, score, against)
    first = dict.fromkeys(one for one, _ in wanted)
    names = tuple({**first, **dict.fromkeys(other for _, other in wanted)})
    for name in asked.reliability:
        if name not in names:
            raise UnknownNameError("measure to give a reliability of", name, names)
    chosen = tuple(known[name] for name in names)
    if asked.missing == "complete":
        there = np.logical_and.reduce([~np.isnan(each.values) for each in chosen])
    else:
        there = np.ones(len(chosen[0].values), dtype=bool)
    reliabilities = {each.name: _reliability(each, asked) for each in chosen}
    relations = {
        frozenset((one.name, two.name)): _relation(one, two, there, reliabilities, asked)
        for at, one in enumerate(chosen)
        for two in chosen[at + 1 :]
    }
    return Related(chosen, wanted, relations, reliabilities)


def _wanted(
    known: Mapping[str, Measure], scored: Scores, score: str | None, against: Sequence[str] | None
) -> tuple[tuple[str, str], ...]:
    """Return the pairs that are asked for, each once."""
    scores = [name for name, each in known.items() if each.score is not None]
    mine = [name for name in scores if score in (None, name, known[name].score_id)]
    if not mine:
        ids = [known[name].score_id or name for name in scores]
        raise UnknownNameError("score", str(score), dict.fromkeys([*scores, *ids]))
    others = scores if against is None else [measure(known, scored, x).name for x in against]
    if score is None and against is not None:
        mine = [name for name in mine if name not in others] or mine
    pairs: dict[Pair, tuple[str, str]] = {}
    for one in mine:
        for other in others:
            if one != other:
                pairs.setdefault(frozenset((one, other)), (one, other))
    if not pairs:
        raise RefusalError(
            "nothing to compare with: name other scores or kept columns of numbers, against=[...]"
        )
    return tuple(pairs.values())


def _reliability(one: Measure, asked: Asked) -> Reliability | str:
    if one.name in asked.reliability:
        return Reliability(float(asked.reliability[one.name]))
    try:
        return one.reliability(asked.coefficient)
    except RefusalError as refusal:
        return str(refusal)


def _relation(
    one: Measure,
    two: Measure,
    there: npt.NDArray[np.bool_],
    reliabilities: Mapping[str, Reliability | str],
    asked: Asked,
) -> Relation:
    shared = tuple(item for item in one.items if item in two.items)
    used = there & ~np.isnan(one.values) & ~np.isnan(two.values)
    try:
        found = correlation(
            one.values[used],
            two.values[used],
            method=asked.method,
            interval=asked.interval,
            level=asked.level,
        )
    except RefusalError as refusal:
        return Relation(one, two, None, None, shared, str(refusal))
    try:
        corrected = _corrected(found, (one, two), used, shared, reliabilities, asked)
        notes = [found.note, corrected.note]
    except RefusalError as refusal:
        corrected, notes = None, [found.note, f"not corrected: {refusal}"]
    note = "; ".join(text for text in notes if text) or None
    return Relation(one, two, found, corrected, shared, note)


def _corrected(
    found: Association,
    pair: tuple[Measure, Measure],
    used: npt.NDArray[np.bool_],
    shared: Sequence[str],
    reliabilities: Mapping[str, Reliability | str],
    asked: Asked,
) -> Disattenuated:
    if shared:
        raise RefusalError(
            f"{len(shared)} items are in both scores, so that their errors correlate and r is "
            "too high"
        )
    if asked.method != "pearson":
        raise RefusalError("the correction is of Pearson's r")
    known = []
    for each in pair:
        one = reliabilities[each.name]
        if isinstance(one, str):
            raise RefusalError(one)
        known.append(one)
    influence = np.full(len(used), np.nan)
    influence[used] = found.influence
    return disattenuated(found.value, influence, known[0], known[1], asked.level)


def matrix_rows(all_of: Related) -> Iterator[dict[str, Any]]:
    """Yield a row of the matrix for each measure: correlations, its own reliability between."""
    for one in all_of.measures:
        row: dict[str, Any] = {"variable": one.name}
        for two in all_of.measures:
            if one.name == two.name:
                row[two.name] = all_of.reliability(one.name)
            else:
                found = all_of.of(one.name, two.name).found
                row[two.name] = None if found is None else found.value
        yield row
