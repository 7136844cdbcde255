"""What structure is looked for in: the items of one score or scale, and their correlations."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.decoding import options_in_order
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.errors import MergeError, RefusalError, UnknownNameError
from psychoscales.moments import MissingRule, Moments, moments
from psychoscales.responses import key_of, keyed_values, scored_items
from psychoscales.results import WHERE, people
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale
from psychoscales.verbs.keyed import is_called, responses_of
from psychoscales.verbs.read import ScaleSource

Floats = npt.NDArray[np.float64]
CORRELATIONS = {"raw": "Pearson", "polychoric": "polychoric"}


@dataclass(frozen=True, eq=False)
class Correlated:
    """Correlations of items, and the answers that they are of.

    Attributes:
        where: the columns that every result begins with.
        items: names of the k items.
        correlation: float [k, k].
        n: int64 [k, k], the people that each pair is of.
        metric: "raw" (Pearson) or "polychoric".
        missing: "complete" or "pairwise".
        answers: the patterns and the values of their options; None where there were moments only.
        label: where the answers came from.
        notes: what a reader should know.
    """

    where: dict[str, Any]
    items: tuple[str, ...]
    correlation: Floats
    n: npt.NDArray[np.int64]
    metric: str
    missing: str
    answers: tuple[Patterns, tuple[tuple[float, ...], ...]] | None
    label: str
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the notes call it."""
        return " ".join(str(self.where[part]) for part in WHERE if self.where[part]) or "moments"

    @property
    def fewest(self) -> int:
        """The smallest number of people that a pair of items is of."""
        return int(self.n.min())

    @property
    def one_n(self) -> int | None:
        """The people that all of it is of; None where pairs are of different people."""
        return self.fewest if self.n.min() == self.n.max() else None


def correlated(
    data: Any,
    scale: ScaleSource | None,
    score: str | None,
    metric: str,
    missing: MissingRule,
    binding: BindingSource | None,
) -> Correlated:
    """Return the correlations of the items of one score, or of all scored items.

    Without `score`: the score that holds all scored items, as keyed by it; if there is none, all
    scored items as answered, none of them reversed.

    Raises:
        UnknownNameError: the metric, or the score.
        RefusalError: several scales; answers that have no correlations; `Moments` of another
            metric than the one asked for.
    """
    if metric not in CORRELATIONS:
        raise UnknownNameError("metric", metric, CORRELATIONS)
    if isinstance(data, Moments):
        return _of_moments(data, metric)
    known, patterns, label = _answers(data, scale, binding)
    name, values = _values(known, score)
    mine = patterns.select(tuple(values), keying=name or "none")
    where = {**dict.fromkeys(WHERE), "scale": known.id, "score": name}
    options = tuple(values.values())
    if metric == "polychoric":
        found = ordinal(mine, missing=missing, acov=False)
        sign = np.array([_direction(name, row) for name, row in values.items()])
        r, n, dropped = found.correlation * np.outer(sign, sign), found.n, found.dropped
        said = [f"{known.id}: {note}" for note in found.notes]
    else:
        counted = moments(mine, options, missing)
        r, n, dropped = counted.correlation, counted.n, counted.dropped
        said = []
    made = Correlated(
        where, tuple(values), r, n, metric, missing, (mine, options), label, tuple(said)
    )
    return _with_people(made, dropped, keyed=name is not None)


def normal_theory(given: Correlated) -> int:
    """Return the n of a chi-square; refuse correlations that no chi-square is of."""
    if given.metric != "raw":
        raise RefusalError(f"its distribution is not known for {given.metric} correlations")
    if given.one_n is None:
        raise RefusalError("pairs are of different people, so that there is no one n")
    return given.one_n


def _direction(item: str, values: tuple[float, ...]) -> float:
    """Return 1 where the options' values rise in declared order, -1 where they fall."""
    steps = np.diff(values)
    if (steps > 0).all():
        return 1.0
    if (steps < 0).all():
        return -1.0
    raise RefusalError(
        f"{item}: the values of its options neither rise nor fall in declared order, so that "
        "its options are no ordered categories; use metric='raw'"
    )


def _of_moments(data: Moments, metric: str) -> Correlated:
    if metric != data.metric:
        raise RefusalError(
            f"these moments are {data.metric}, not {metric}; ask for metric='{data.metric}', or "
            "hand over the answers"
        )
    where, label = dict.fromkeys(WHERE), f"{data.metric} moments"
    found = (data.names, data.correlation, data.n, metric, data.missing, None, label, ())
    return _with_people(Correlated(where, *found), data.dropped, keyed=True)


def _with_people(made: Correlated, dropped: int, *, keyed: bool) -> Correlated:
    """Return the same with a note of whose answers it is."""
    k = len(made.items)
    if made.one_n is not None and made.missing == "complete":
        who = f"of the {people(made.one_n)} who answered all {k} items; {dropped:,} left out"
    else:
        low, high = made.fewest, int(made.n.max())
        who = f"pairs of items are of {low:,} to {people(high)}"
    notes = [f"{made.name}: {who}"]
    if not keyed:
        notes.append(f"{made.name}: all scored items, as answered; none is reversed")
    notes += made.notes
    parts = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return Correlated(**{**parts, "notes": tuple(notes)})


def _answers(
    data: Any, scale: ScaleSource | None, binding: BindingSource | None
) -> tuple[Scale, Patterns, str]:
    if isinstance(data, Patterns):
        one = find_scale(scale if scale is not None else data.key.scale)
        if key_of(one) != data.key:
            raise MergeError(f"these patterns are of {data.key}, and the scale is {key_of(one)}")
        return one, data, "patterns"
    given = responses_of(data, scale, binding)
    if len(given.blocks) > 1:
        names = ", ".join(given.blocks)
        raise RefusalError(
            f"these are answers to {names}; say which scale: a second argument, such as "
            f"'{next(iter(given.blocks))}'"
        )
    (block,) = given.blocks.values()
    return block.scale, block.patterns(), given.source.label


def _values(known: Scale, score: str | None) -> tuple[str | None, dict[str, tuple[float, ...]]]:
    """Return the score whose keying it is (None for none), and item -> values of its options."""
    names = [part.id for part in known.scores]
    if score is not None:
        called = [part.id for part in known.scores if is_called(known, part, score)]
        if not called:
            raise UnknownNameError("score", score, names)
        return called[0], keyed_values(known, called[0])
    everything = scored_items(known)
    for name in names:
        with suppress(RefusalError):
            values = keyed_values(known, name)
            if set(values) == set(everything):
                return name, values
    return None, {
        item: tuple(float(option.value or 0.0) for option in options_in_order(known, item))
        for item in everything
    }
