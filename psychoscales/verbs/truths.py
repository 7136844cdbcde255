"""Who is positive: a kept column, or a rule, band or flag of a scale, as yes, no or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.scores import FLAG_STATES, TRUTHS, ScaleScores, Scores, levels_of
from psychoscales.spec.stored import same
from psychoscales.verbs.membership import text_of

Small = npt.NDArray[np.int8]
Indices = npt.NDArray[np.int64]
Levels = tuple[str, ...]
MOST_NAMED = 12
YES = ("yes", "true", 1.0)


@dataclass(frozen=True, eq=False)
class Truth:
    """The criterion that a score is held against.

    Attributes:
        name: what it is called.
        states: int8 [m], 1 positive, 0 negative, -1 not known.
        positive, negative: the values that mean so.
        scale: the scale whose answers it is made of; None for an outside one.
    """

    name: str
    states: Small
    positive: Levels
    negative: Levels
    scale: str | None = None


def truth_of(scores: Scores, name: str, positive: Any) -> Truth:
    """Return the truth called `name`: a kept column, or a rule, band or flag of a scale.

    Args:
        scores: of the people read.
        name: `mdd`, `phq9_major_depressive_syndrome`, or `severity` where one scale has it.
        positive: the value, or several, that mean positive; None where that is plain: 1 of 0 and
            1, true of a rule, raised of a flag.
    """
    people = scores.responses
    if name in people.kept:
        codes, levels = factorized(people.kept[name], written=people.source.text)
        return classed(name, codes, levels, positive)
    found = [each for each in _results(scores) if name in each[:2]]
    if len(found) > 1:
        whole = ", ".join(each[0] for each in found)
        raise RefusalError(f"several scales have a result '{name}'; name one: {whole}")
    if not found:
        known = [*people.kept, *(each[0] for each in _results(scores))]
        hint = f'a column is kept when reading: keep=["{name}"]'
        raise UnknownNameError("kept column or result", name, known, hint)
    whole, own, part = found[0]
    states, levels, plainly = _result(part, own)
    return classed(whole, states, levels, plainly if positive is None else positive, part.scale.id)


def _results(scores: Scores) -> Iterator[tuple[str, str, ScaleScores]]:
    for scale, part in scores.by_scale.items():
        names = [each.id for each in part.scale.rules if not each.is_count]
        names += [*part.bands, *(each.id for each in part.scale.flags)]
        yield from ((f"{scale}_{name}", name, part) for name in names)


def _result(part: ScaleScores, name: str) -> tuple[npt.NDArray[Any], Levels, str | None]:
    """Return a result's codes and levels, and the level that plainly means positive."""
    if name in part.bands:
        return part.bands[name], levels_of(part.scale, name), None
    if name in part.rules:
        return part.rules[name], TRUTHS[:2], TRUTHS[1]
    return part.flags[name], FLAG_STATES[:2], FLAG_STATES[1]


def factorized(values: npt.NDArray[Any], *, written: bool) -> tuple[Indices, Levels]:
    """Return each value's place among the distinct ones, -1 where blank, and how these are written.

    Values that are read alike are one: 1, "1" and 1.0, "Yes" and "yes".
    """
    if values.dtype.kind in "biuf":
        distinct, places = np.unique(values, return_inverse=True)
    else:
        first: dict[Any, int] = {}
        places = np.array([first.setdefault(each, len(first)) for each in values.tolist()])
        distinct = np.array([*first, None], dtype=object)[:-1]
    found: dict[object, tuple[int, str]] = {}
    table = np.full(len(distinct) + 1, -1, dtype=np.int64)
    for at, value in enumerate(distinct.tolist()):
        text = text_of(value, written)
        if text is not None:
            table[at] = found.setdefault(same(text), (len(found), text))[0]
    return table[places.astype(np.int64)], tuple(text for _, text in found.values())


def classed(
    name: str,
    codes: npt.NDArray[Any],
    levels: Sequence[str],
    positive: Any,
    scale: str | None = None,
) -> Truth:
    """Return a truth of codes [m] into levels, -1 where not known.

    Raises:
        RefusalError: one value only, or which means positive cannot be known.
        UnknownNameError: nobody has the value that is said to mean positive.
    """
    used = set(np.unique(codes[codes >= 0]).tolist())
    known = [str(level) for at, level in enumerate(levels) if at in used]
    if positive is None:
        positive = _plainly(name, known)
    wanted = {same(each) for each in _listed(positive)}
    every = {same(level): str(level) for level in levels}
    for each in wanted - set(every):
        raise UnknownNameError(f"value of {name}", str(each), known)
    yes = tuple(level for level in known if same(level) in wanted)
    no = tuple(level for level in known if same(level) not in wanted)
    if not yes or not no:
        only, lacking = (no, "positive") if no else (yes, "negative")
        text = ", ".join(only[:MOST_NAMED]) or "no value at all"
        raise RefusalError(
            f"{name}: nobody is {lacking}; all the people have {text}. A criterion tells two "
            "classes of people apart"
        )
    table = np.array([*(same(level) in wanted for level in levels), -1], dtype=np.int8)
    return Truth(name, table[np.maximum(codes, -1)], yes, no, scale)


def _plainly(name: str, known: Sequence[str]) -> str:
    if {same(level) for level in known} in ({0.0, 1.0}, {"false", "true"}):
        return next(level for level in known if same(level) in (1.0, "true"))
    if len(known) == 1:
        raise RefusalError(
            f"{name} has one value only, {known[0]}: a criterion tells two classes of people apart"
        )
    if len(known) > MOST_NAMED:
        raise RefusalError(
            f"{name} has {len(known):,} values, and a criterion says yes or no: cut it in two "
            "before reading, or say which values mean yes: positive=[...]"
        )
    example = next((repr(level) for level in known if same(level) in YES), "...")
    raise RefusalError(
        f"{name} is {', '.join(known) or 'blank for everybody'}; say what means that the condition "
        f"is there, such as positive={example}, or several: positive=[...]"
    )


def _listed(positive: Any) -> Iterable[Any]:
    return positive if isinstance(positive, list | tuple | set | frozenset) else [positive]
