"""What a factor model is fitted to: its items' answers, keyed as the model says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from psychoscales.counts import Patterns
from psychoscales.decoding import options_in_order
from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.errors import MergeError, RefusalError, UnknownNameError
from psychoscales.moments import ascending
from psychoscales.responses import key_of, keyed_values, scored_items
from psychoscales.spec.binding import BindingSource
from psychoscales.spec.catalogue import scale as find_scale
from psychoscales.spec.model import Scale
from psychoscales.verbs.keyed import responses_of
from psychoscales.verbs.read import ScaleSource

S = TypeVar("S")
T = TypeVar("T")
OWN = "model"
ModelSource = str | Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Modelled:
    """The answers to the items of one factor model.

    Attributes:
        parts: the scales, one as a rule, each with the score whose reversals are used, or "none".
        model: the model's id; "model" where its factors were given by the caller.
        factors: factor -> its items.
        key: the same as a text: the score, "none", or each scale's.
        patterns: counted answers to the model's items, options in ascending order of value.
        values: for each item, the values of its options, ascending.
        label: where the answers came from.
    """

    parts: tuple[tuple[Scale, str], ...]
    model: str
    factors: Mapping[str, Sequence[str]]
    key: str
    patterns: Patterns
    values: tuple[tuple[float, ...], ...]
    label: str

    @property
    def scale(self) -> Scale:
        """The scale; of a model over several the first."""
        return self.parts[0][0]

    @property
    def id(self) -> str:
        """The scale's id, or what several are called together."""
        return "+".join(scale.id for scale, _ in self.parts)

    @property
    def where(self) -> dict[str, Any]:
        """The columns that every result begins with; the model stands in the score's place."""
        return {"scale": self.id, "score": self.model, "group": None, "occasion": None}

    @property
    def name(self) -> str:
        """What the notes call it."""
        return f"{self.id} {self.model}"


class Fitted(NamedTuple):
    """A fitted model with what it was fitted to.

    `steps` are, for each ordinal item, the values of the options that anybody chose; `notes`
    what a reader should know, whose answers it is first.
    """

    of: Modelled
    found: Fit
    steps: tuple[tuple[float, ...], ...]
    notes: tuple[str, ...]


def done(given: Mapping[str, S], work: Callable[[S], T]) -> tuple[list[T], list[str]]:
    """Return what is made of each, and what was refused, with its name.

    Raises:
        RefusalError: everything is refused.
    """
    made, refused = [], []
    for name, each in given.items():
        try:
            made.append(work(each))
        except RefusalError as refusal:
            if len(given) == 1:
                raise
            refused.append(f"{name}: {refusal}")
    if not made:
        raise RefusalError("; ".join(refused))
    return made, refused


def modelled(
    data: Any,
    scale: ScaleSource | None,
    model: ModelSource,
    key: str | None,
    binding: BindingSource | None,
) -> Iterator[Modelled]:
    """Yield the answers to the model's items, of every scale of the data.

    Raises:
        UnknownNameError: a model, an item or a score that the scale does not have.
        RefusalError: factors were given whose items a score reverses, and no `key` says whether
            that holds here.
    """
    if isinstance(data, Patterns):
        one = find_scale(scale if scale is not None else data.key.scale)
        if key_of(one) != data.key:
            raise MergeError(f"these patterns are of {data.key}, and the scale is {key_of(one)}")
        yield _modelled(one, model, key, data, "patterns")
        return
    people = responses_of(data, scale, binding)
    for block in people.blocks.values():
        yield _modelled(block.scale, model, key, block.patterns(), people.source.label)


def _modelled(
    scale: Scale, model: ModelSource, key: str | None, patterns: Patterns, label: str
) -> Modelled:
    factors, used, name = _named(scale, model, key)
    items = tuple(dict.fromkeys(item for group in factors.values() for item in group))
    for item in items:
        if item not in scored_items(scale):
            raise UnknownNameError(f"scored item of {scale.id}", item, scored_items(scale))
    values = option_values(scale, items, used)
    mine = patterns
    if (items, used) != (patterns.items, patterns.keying):
        mine = patterns.select(items, keying=used)
    chosen, steps = ascending(mine, tuple(values.values()))
    return Modelled(((scale, used),), name, factors, used, chosen, steps, label)


def _named(
    scale: Scale, model: ModelSource, key: str | None
) -> tuple[Mapping[str, Sequence[str]], str, str]:
    """Return the factors, whose keying they use, and the model's name."""
    if not isinstance(model, str):
        _check(model)
        return model, keying(scale, model, key), OWN
    if key is not None:
        raise TypeError("key goes with factors; a model of the scale says its own")
    known = {each.id: each for each in scale.models}
    if model not in known:
        hint = "" if known else "give its factors: model={'factor': ['item', ...]}"
        raise UnknownNameError(f"model of {scale.id}", model, known, hint)
    return known[model].factors, known[model].key or "none", model


def _check(model: Any) -> None:
    """Refuse what is no mapping of factors to lists of items."""
    if not isinstance(model, Mapping) or not model:
        raise RefusalError(f"a model is factors, {{'factor': ['item', ...]}}, not {model!r}")
    for factor, items in model.items():
        if isinstance(items, str):
            raise RefusalError(f"the factor '{factor}' has one text, not a list: ['{items}']")


def keying(scale: Scale, factors: Mapping[str, Sequence[str]], key: str | None) -> str:
    """Return the score whose reversals factors of a scale use, or "none"."""
    names = [score.id for score in scale.scores]
    if key is not None:
        if key not in (*names, "none"):
            raise UnknownNameError("score to key by", key, (*names, "none"))
        return key
    used = {item for group in factors.values() for item in group}
    for score in scale.scores:
        turned = [item for item in score.reverse if item in used]
        if turned:
            raise RefusalError(
                f"the score {score.id} reverses {turned[0]}: say key='{score.id}' to use its "
                "reversals, or key='none' for answers as given"
            )
    return "none"


def option_values(scale: Scale, items: Sequence[str], key: str) -> dict[str, tuple[float, ...]]:
    """Return each item's option values; items that the key's score does not have, as given."""
    keyed = keyed_values(scale, key) if key != "none" else {}
    return {
        item: keyed.get(
            item, tuple(float(option.value or 0.0) for option in options_in_order(scale, item))
        )
        for item in items
    }
