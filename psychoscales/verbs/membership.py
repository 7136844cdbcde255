"""Which group each person is in: by a kept column, or by a band set, rule or flag of a scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.frames.source import BLANK_TEXTS
from psychoscales.responses import keyed_values, scored_items
from psychoscales.results import people
from psychoscales.scores import FLAG_STATES, TRUTHS, Scores, levels_of
from psychoscales.spec.stored import same

Codes = npt.NDArray[np.int64]
MOST_GROUPS = 20


@dataclass(frozen=True, eq=False)
class Membership:
    """The groups of people.

    Attributes:
        by: the column's name.
        labels: the groups, in their order.
        codes: each person's place in `labels` [n]; -1 of people in none.
        ordered: whether the order says something: it was declared, or is that of bands.
        items: the items that the groups were made from; empty of a kept column.
        notes: what a reader should know.
    """

    by: str
    labels: tuple[str, ...]
    codes: Codes
    ordered: bool
    items: frozenset[str]
    notes: tuple[str, ...]


def membership(scored: Scores, by: str, order: Sequence[Any] | None = None) -> Membership:
    """Return the groups that people are in.

    Args:
        scored: the scores.
        by: a kept column, or a band set, rule or flag by the name it has in the frame.
        order: all groups, from the one expected lowest to the one expected highest.

    Raises:
        UnknownNameError: nothing is called so, or `order` names no group.
        RefusalError: a column of too many values, an order that leaves a group out.
    """
    results: dict[str, Result] = {}
    if by in scored.responses.kept:
        labels, codes = labelled(scored.responses.kept[by], scored.responses.source.text)
        ordered, items = False, frozenset[str]()
    elif by in (results := _results(scored)):
        labels, codes, ordered, items = results[by]
    else:
        known = (*scored.responses.kept, *results)
        hint = f'to keep a column: psychoscales.read(..., keep=["{by}"])'
        raise UnknownNameError("kept column, band set, rule or flag", by, known, hint)
    seen = np.bincount(codes[codes >= 0], minlength=len(labels)) > 0
    empty = [label for label, there in zip(labels, seen, strict=True) if not there]
    here = tuple(label for label, there in zip(labels, seen, strict=True) if there)
    if len(here) > MOST_GROUPS:
        raise RefusalError(
            f"{by} has {len(here)} different values: cut it into groups before reading, at most "
            f"{MOST_GROUPS}; for a relation with a number there is psychoscales.convergent"
        )
    wanted = here if order is None else _ordered(by, here, [text_of(each) for each in order])
    moved = np.array([*(wanted.index(x) if x in wanted else -1 for x in labels), -1])
    notes = [f"{by}: nobody is {', '.join(empty)}"] if empty else []
    none = int((codes < 0).sum())
    if none:
        notes.append(f"{people(none)} without a value of {by}: left out")
    ordered = ordered or order is not None
    return Membership(by, wanted, moved[codes], ordered, items, tuple(notes))


def text_of(value: Any, written: bool = False) -> str | None:
    """Return a value as the label of a group, so that 7.0 is "7"; None where it is blank.

    `written` says that it stood in a file of texts, where "NA" is a blank.
    """
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return None if not text or (written and text in BLANK_TEXTS) else text


def labelled(column: npt.NDArray[Any], written: bool) -> tuple[tuple[str, ...], Codes]:
    """Return the labels of a kept column in order, and each person's place [n], -1 where blank."""
    values = column.tolist()
    spelled = spellings(values, written)
    labels = in_order(spelled)
    places = {label: at for at, label in enumerate(labels)}
    table = {value: places[label] for value, label in spelled.items()}
    codes = np.array([table.get(each, -1) for each in values], dtype=np.int64)
    return labels, codes


def spellings(values: Iterable[Any], written: bool = False) -> dict[Any, str]:
    """Return the label of each distinct value that is not blank.

    Values that are read alike have one, in the spelling that comes first: "Yes" and "yes", 1 and
    "1".
    """
    first: dict[object, str] = {}
    texts = {each: text_of(each, written) for each in dict.fromkeys(values)}
    return {
        each: first.setdefault(same(text), text) for each, text in texts.items() if text is not None
    }


def in_order(spelled: Mapping[Any, str]) -> tuple[str, ...]:
    """Return labels in order: numbers by size, also written ones, and texts by letter."""
    values: dict[str, Any] = {}
    for value, label in spelled.items():
        values.setdefault(label, value)
    numbers = {label: same(label) for label in values}
    if all(isinstance(number, float) for number in numbers.values()):
        values = numbers
    try:
        return tuple(sorted(values, key=lambda label: values[label]))
    except TypeError:
        return tuple(sorted(values))


def groups_called(by: str, here: Sequence[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of groups by their names, in any spelling that is read alike.

    Raises:
        UnknownNameError: no group is called so.
    """
    known = {same(label): label for label in here}
    listed = list(names)
    for each in listed:
        if same(each) not in known:
            raise UnknownNameError(f"group of {by}", each, here)
    return tuple(dict.fromkeys(known[same(each)] for each in listed))


def _ordered(by: str, here: tuple[str, ...], order: Sequence[str | None]) -> tuple[str, ...]:
    wanted = groups_called(by, here, (each for each in order if each is not None))
    lacking = [each for each in here if each not in wanted]
    if lacking:
        raise RefusalError(
            f"order leaves out {', '.join(lacking)}: name every group of {by}, or read the others "
            "only"
        )
    return wanted


Result = tuple[tuple[str, ...], Codes, bool, frozenset[str]]


def _results(scored: Scores) -> dict[str, Result]:
    """Return the bands, rules and flags by name: labels, codes, ordered or not, items."""
    found: dict[str, Result] = {}
    for scale_id, part in scored.by_scale.items():
        scale = part.scale
        everything = frozenset(scored_items(scale))
        for band, places in part.bands.items():
            cut = [each.score for each in scale.bands if each.id == band]
            items = frozenset(item for score in cut for item in keyed_values(scale, score))
            codes = places.astype(np.int64)
            found[f"{scale_id}_{band}"] = (levels_of(scale, band), codes, True, items)
        for names, decided in ((TRUTHS[:2], part.rules), (FLAG_STATES[:2], part.flags)):
            for name, states in decided.items():
                codes = states.astype(np.int64)
                found[f"{scale_id}_{name}"] = (names, codes, False, everything)
    return found
