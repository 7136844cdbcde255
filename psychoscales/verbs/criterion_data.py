"""What a criterion is computed from: people, or counts of them, with scores and a truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Crosstab
from psychoscales.engines.validity.roc import Graded
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import WHERE
from psychoscales.scores import Scores
from psychoscales.scoring import TIDY, score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale, in_language
from psychoscales.spec.stored import normal, quantity_in
from psychoscales.verbs.kept import read_with
from psychoscales.verbs.measured import numbers_in
from psychoscales.verbs.read import ScaleSource
from psychoscales.verbs.truths import Small, Truth, classed, truth_of

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Direction = Literal["higher", "lower"]
DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True, eq=False)
class Examined:
    """One score that is held against the truth.

    Attributes:
        name: what messages and plots call it.
        values: float [m], NaN where there is none.
        direction: which values say positive.
        scale, score: whose it is; None for the scale of a kept column.
    """

    name: str
    values: Floats
    direction: Direction
    scale: Scale | None
    score: str

    @property
    def where(self) -> dict[str, Any]:
        """The columns that every result begins with."""
        scale = None if self.scale is None else self.scale.id
        return {**dict.fromkeys(WHERE), "scale": scale, "score": self.score}

    @property
    def turned(self) -> Floats:
        """The values, negated where a lower one says positive."""
        return self.values if self.direction == "higher" else 0.0 - self.values

    @property
    def higher(self) -> str:
        """What a higher value means, as the scale says it."""
        return "" if self.scale is None else in_language(self.scale.score(self.score).higher, "en")


@dataclass(frozen=True, eq=False)
class Material:
    """Scores beside a truth, an entry for each person or each cell of a table.

    Attributes:
        truth: who is positive.
        weights: int64 [m], people an entry is.
        examined: the scores.
        rules: scale and rule -> verdicts int8 [m], -1 where undetermined.
        label: where it came from.
        counted: whether these are counts, so that nobody knows who was left out of them.
    """

    truth: Truth
    weights: Counts
    examined: tuple[Examined, ...]
    rules: Mapping[tuple[str, str], Small]
    label: str
    counted: bool = False

    def graded(self, one: Examined) -> Graded:
        """Count a score's values among positives and negatives, as they are."""
        here = (self.truth.states >= 0) & ~np.isnan(one.values)
        return Graded.of(one.values[here], self.truth.states[here] == 1, self.weights[here])

    def lost(self, one: Examined) -> tuple[int, int]:
        """Return how many people have no truth, and how many a truth but no score."""
        unknown = self.truth.states < 0
        incomplete = ~unknown & np.isnan(one.values)
        return int(self.weights[unknown].sum()), int(self.weights[incomplete].sum())


def material(
    data: Any,
    scale: ScaleSource | None,
    truth: str,
    positive: Any,
    score: str | Sequence[str] | None,
    direction: Direction | Mapping[str, Direction],
    binding: BindingSource | None,
) -> Material:
    """Return scores beside the truth, from what a verb was given.

    Raises:
        RefusalError, UnknownNameError: as `criterion`.
    """
    wanted = [score] if isinstance(score, str) else None if score is None else list(score)
    if isinstance(data, Crosstab):
        return _of_counts(data, scale, truth, positive, wanted, direction)
    people = read_with(data, scale, (truth, *(wanted or ())), binding)
    scores = score_responses(people)
    known = dict(_scores(scores, truth))
    chosen = _chosen(known, wanted)
    found = truth_of(scores, truth, positive)
    examined = tuple(_examined(chosen, direction))
    rules = dict(_rules(scores, examined, found))
    weights = np.ones(people.n, dtype=np.int64)
    return Material(found, weights, examined, rules, people.source.label)


def _rules(
    scores: Scores, examined: Sequence[Examined], truth: Truth
) -> Iterator[tuple[tuple[str, str], Small]]:
    """Yield the verdicts of rules that the scales of these scores have published values of."""
    for scale in dict.fromkeys(one.scale for one in examined if one.scale is not None):
        verdicts = scores.by_scale[scale.id].rules
        for rule in dict.fromkeys(each.rule for each in scale.reference_values):
            if rule in verdicts and truth.name != f"{scale.id}_{rule}":
                yield (scale.id, rule), verdicts[rule]


def _scores(scores: Scores, truth: str) -> Iterator[tuple[str, Examined]]:
    """Yield every score by its whole name, then the kept columns of numbers."""
    for scale, part in scores.by_scale.items():
        for name, column in part.scores.items():
            whole = f"{scale}_{name}"
            # Bands are of the score before rounding, and a cut-off must mean what its band does.
            values = np.round(column.exact, TIDY)
            yield whole, Examined(whole, values, "higher", part.scale, name)
    for name, kept in scores.responses.kept.items():
        numbers = numbers_in(kept)
        if name != truth and numbers is not None:
            yield name, Examined(name, numbers, "higher", None, name)


def _chosen(known: Mapping[str, Examined], wanted: Sequence[str] | None) -> list[Examined]:
    """Return the scores that are named, by whole name or by id; all scores of scales if none is."""
    if wanted is None:
        return [one for one in known.values() if one.scale is not None]
    found: dict[str, Examined] = {}
    for name in wanted:
        named = [known[name]] if name in known else []
        named = named or [one for one in known.values() if one.scale and one.score == name]
        if not named:
            ids = [one.score for one in known.values() if one.scale is not None]
            hint = "a kept column of numbers will do, too"
            raise UnknownNameError("score", name, dict.fromkeys([*known, *ids]), hint)
        found |= {one.name: one for one in named}
    return list(found.values())


def _examined(
    chosen: Sequence[Examined], direction: Direction | Mapping[str, Direction]
) -> Iterator[Examined]:
    said: Mapping[str, str] = {}
    if isinstance(direction, Mapping):
        said = direction
        names = [name for one in chosen for name in (one.name, one.score)]
        for name in said:
            if name not in names:
                raise UnknownNameError("score with a direction", name, dict.fromkeys(names))
    for one in chosen:
        way = said.get(one.name, said.get(one.score, "higher")) if said else direction
        if way not in DIRECTIONS:
            raise UnknownNameError("direction", str(way), DIRECTIONS)
        yield Examined(one.name, one.values, way, one.scale, one.score)  # type: ignore[arg-type]


def _of_counts(
    table: Crosstab,
    scale: ScaleSource | None,
    truth: str,
    positive: Any,
    wanted: Sequence[str] | None,
    direction: Direction | Mapping[str, Direction],
) -> Material:
    axes = dict(table.axes)
    if truth not in axes:
        raise UnknownNameError("axis of this table", truth, axes)
    cells = np.nonzero(table.counts)
    places = dict(zip(axes, cells, strict=True))
    owner = None if scale is None else find_scale(scale)
    known = {}
    for name, labels in axes.items():
        numbers = [quantity_in(normal(label)) for label in labels]
        if name != truth and None not in numbers:
            values = np.array(numbers, dtype=np.float64)[places[name]]
            known[name] = _axis(name, values, owner)
        elif wanted is not None and name in wanted:
            raise RefusalError(f"the labels along {name} are no numbers: no score")
    chosen = list(known.values()) if wanted is None else _chosen(known, wanted)
    if not chosen:
        raise RefusalError(
            f"no axis but {truth} has numbers along it: {', '.join(axes)}; a score's labels are "
            "its values"
        )
    found = classed(truth, places[truth], axes[truth], positive)
    examined = tuple(_examined(chosen, direction))
    weights = np.asarray(table.counts[cells], dtype=np.int64)
    return Material(found, weights, examined, {}, "counts", counted=True)


def _axis(name: str, values: Floats, owner: Scale | None) -> Examined:
    for part in () if owner is None else owner.scores:
        if owner is not None and name in (part.id, f"{owner.id}_{part.id}"):
            return Examined(f"{owner.id}_{part.id}", values, "higher", owner, part.id)
    return Examined(name, values, "higher", None, name)
