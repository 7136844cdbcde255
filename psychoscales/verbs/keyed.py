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
        _known(score, [one])
        yield from _scores(one, score, data, "patterns")
        return
    people = responses_of(data, scale, binding)
    _known(score, people.scales)
    for block in people.blocks.values():
        if score is None or any(is_called(block.scale, part, score) for part in block.scale.scores):
            yield from _scores(block.scale, score, block.patterns(), people.source.label)


def is_called(scale: Scale, part: Score, name: str) -> bool:
    """Return whether a score is called so: by its id, or as `phq9_total`."""
    return name in (part.id, f"{scale.id}_{part.id}")


def _known(score: str | None, scales: Iterable[Scale]) -> None:
    scores = [(scale, part) for scale in scales for part in scale.scores]
    if score is not None and not any(is_called(*each, score) for each in scores):
        raise UnknownNameError("score", score, dict.fromkeys(part.id for _, part in scores))


def _scores(scale: Scale, score: str | None, patterns: Patterns, label: str) -> Iterator[Keyed]:
    for part in scale.scores:
        if score is not None and not is_called(scale, part, score):
            continue
        values = keyed_values(scale, part.id)
        mine = patterns.select(tuple(values), keying=part.id)
        yield Keyed(scale, part.id, mine, tuple(values.values()), label)
