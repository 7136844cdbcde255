"""What verbs work on: for each score of each scale, counted patterns and the keyed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from psychoscales.counts import Patterns
from psychoscales.errors import MergeError, UnknownNameError
from psychoscales.responses import Responses, key_of, keyed_values
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale, Score
from psychoscales.verbs.read import ScaleSource, read


@dataclass(frozen=True)
class Keyed:
    """The answers to one score's items.

    Attributes:
        scale, score: what it is a score of.
        patterns: counted answers to the score's items.
        values: for each item, the value of each option, with the score's reversals.
        label: where the answers came from.
    """

    scale: Scale
    score: str
    patterns: Patterns
    values: tuple[tuple[float, ...], ...]
    label: str

    @property
    def where(self) -> dict[str, Any]:
        """The columns that every result begins with."""
        return {"scale": self.scale.id, "score": self.score, "group": None, "occasion": None}


def responses_of(
    data: Any, scale: ScaleSource | None, binding: BindingSource | None = None
) -> Responses:
    """Return what `read` returns; a frame or a path is read with the scale first."""
    if isinstance(data, Responses):
        return data if scale is None else data[find_scale(scale).id]
    if scale is None:
        raise TypeError("say which scale the data are of: a second argument, such as 'phq9'")
    return read(data, scale, binding=binding)


def keyed(
    data: Any,
    scale: ScaleSource | None = None,
    score: str | None = None,
    binding: BindingSource | None = None,
) -> Iterator[Keyed]:
    """Yield the answers to every score, or to the one that is named, of what a verb was given."""
    if isinstance(data, Patterns):
        one = find_scale(scale if scale is not None else data.key.scale)
        if key_of(one) != data.key:
            raise MergeError(f"these patterns are of {data.key}, and the scale is {key_of(one)}")
        yield from _scores(scores_called([one], score), data, "patterns")
        return
    people = responses_of(data, scale, binding)
    wanted = scores_called(people.scales, score)
    for block in people.blocks.values():
        mine = [each for each in wanted if each[0] is block.scale]
        if mine:
            yield from _scores(mine, block.patterns(), people.source.label)


def is_called(scale: Scale, part: Score, name: str) -> bool:
    """Return whether a score is called so: by its id, or as `phq9_total`."""
    return name in (part.id, f"{scale.id}_{part.id}")


def scores_called(scales: Iterable[Scale], name: str | None) -> list[tuple[Scale, Score]]:
    """Return every score of some scales, or those that are called so.

    Raises:
        UnknownNameError: none is.
    """
    every = [(scale, part) for scale in scales for part in scale.scores]
    found = [each for each in every if name is None or is_called(*each, name)]
    if name is not None and not found:
        known = [own for scale, part in every for own in (part.id, f"{scale.id}_{part.id}")]
        raise UnknownNameError("score", name, dict.fromkeys(known))
    return found


def _scores(
    wanted: Iterable[tuple[Scale, Score]], patterns: Patterns, label: str
) -> Iterator[Keyed]:
    for scale, part in wanted:
        values = keyed_values(scale, part.id)
        mine = patterns.select(tuple(values), keying=part.id)
        yield Keyed(scale, part.id, mine, tuple(values.values()), label)
