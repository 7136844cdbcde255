"""The same people at several occasions: rows matched by id, and what could not be matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError
from psychoscales.responses import Responses
from psychoscales.results import people
from psychoscales.scores import Scores
from psychoscales.scoring import score_responses
from psychoscales.verbs.membership import in_order, spellings, text_of

Floats = npt.NDArray[np.float64]
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, eq=False)
class Occasions:
    """Scores of the same people at several occasions.

    Attributes:
        scores: what was scored, an occasion each.
        rows: each person's row at each occasion [n, r]; -1 where the person was not there.
        notes: how many people were matched, and how many not.
    """

    scores: tuple[Scores, ...]
    rows: npt.NDArray[np.int64]
    notes: tuple[str, ...]

    @property
    def r(self) -> int:
        """How many occasions there are."""
        return int(self.rows.shape[1])

    def values(self, scale: str, score: str) -> Floats:
        """Return a score's values [n, r], NaN where there is none."""
        return self._table([part.by_scale[scale].scores[score].value for part in self.scores])

    def places(self, scale: str, result: str) -> Floats:
        """Return a band's levels or a rule's truths as numbers [n, r], NaN where undecided."""
        columns = []
        for part in self.scores:
            one = part.by_scale[scale]
            found = one.bands[result] if result in one.bands else one.rules[result]
            columns.append(np.where(found < 0, np.nan, found.astype(np.float64)))
        return self._table(columns)

    def _table(self, columns: Sequence[Floats]) -> Floats:
        padded = [np.append(column, np.nan) for column in columns]
        return np.column_stack([c[self.rows[:, at]] for at, c in enumerate(padded)])

    def groups(self, by: str) -> tuple[list[tuple[str, npt.NDArray[np.bool_]]], list[str]]:
        """Return the people of each value of a kept column, and what a reader should know.

        A person's value is that of the first occasion the person was at.
        """
        parts = {at: part.responses for at, part in enumerate(self.scores)}
        having = [at for at, part in parts.items() if by in part.kept] or [0]
        columns = {at: parts[at].column(by).tolist() for at in having}
        texts = {
            at: [text_of(each, parts[at].source.text) for each in column]
            for at, column in columns.items()
        }
        spelled = spellings(text for column in texts.values() for text in column)
        said = [
            np.array([*(spelled.get(text) for text in column), None], dtype=object)[
                self.rows[:, at]
            ]
            for at, column in texts.items()
        ]
        value = said[0].copy()
        differs = np.zeros(len(value), dtype=bool)
        for later in said[1:]:
            empty = _blank(value)
            differs |= ~empty & ~_blank(later) & (later != value)
            value[empty] = later[empty]
        notes = []
        lost = int(_blank(value).sum())
        if lost:
            notes.append(f"{people(lost)} without a value of {by}: left out")
        if differs.any():
            count = people(int(differs.sum()))
            notes.append(f"{count} with different values of {by}: the first occasion's is used")
        there = set(value.tolist())
        levels = [level for level in in_order(spelled) if level in there]
        return [(level, np.asarray(value == level, dtype=bool)) for level in levels], notes


def occasions(given: Sequence[Responses], *, everybody: bool = False) -> Occasions:
    """Match people by id.

    Args:
        given: what `read` returned for each occasion, with its column of ids.
        everybody: keep people who were not at every occasion.

    Raises:
        RefusalError: other scales or versions, no ids, ids that are there twice, nobody in common.
    """
    if len(given) < 2:
        raise RefusalError("agreement needs two occasions or raters, or more")
    if not all(isinstance(each, Responses) for each in given):
        raise TypeError("read each occasion first: psychoscales.read(file, scale, id='...')")
    _refuse_other_scales(given)
    places = [_places(each, at) for at, each in enumerate(given)]
    known: dict[str, None] = {}
    for place in places:
        known |= dict.fromkeys(place)
    rows = np.array([[place.get(one, -1) for place in places] for one in known], dtype=np.int64)
    rows = rows.reshape(len(known), len(given))
    always = np.asarray((rows >= 0).all(axis=1), dtype=bool)
    linked = (rows >= 0).sum(axis=1) > 1 if everybody else always
    if not linked.any():
        which = "two occasions" if everybody else "every occasion"
        raise RefusalError(f"no id is at {which}: {_how_written(given)}")
    notes = tuple(_matched(given, places, rows, always, everybody))
    scored = tuple(score_responses(each) for each in given)
    return Occasions(scored, rows if everybody else rows[always], notes)


def _refuse_other_scales(given: Sequence[Responses]) -> None:
    first = {scale.id: scale for scale in given[0].scales}
    for at, each in enumerate(given[1:], start=1):
        other = {scale.id: scale for scale in each.scales}
        if set(first) != set(other):
            example = f"first['{given[0].scales[0].id}']"
            raise RefusalError(
                f"different scales: {', '.join(first)} at the first occasion, "
                f"{', '.join(other)} at the {_ordinal(at)}; take one of them, such as {example}"
            )
        for name, scale in other.items():
            if scale.sha256 != first[name].sha256:
                raise RefusalError(
                    f"different versions of {name}: {first[name].version} at the first occasion, "
                    f"{scale.version} at the {_ordinal(at)} (SHA-256 {first[name].sha256[:8]} and "
                    f"{scale.sha256[:8]}); read both with one scale file"
                )


def _places(given: Responses, at: int) -> dict[str, int]:
    """Return the row of each id, written as text so that 7 is "7"."""
    if given.ids is None:
        raise RefusalError(
            f"the {_ordinal(at)} occasion has no ids: people are matched by id, "
            "psychoscales.read(file, scale, id='...')"
        )
    texts = [text_of(each, given.source.text) for each in given.ids.tolist()]
    twice = [text for text, count in Counter(texts).items() if text is not None and count > 1]
    if twice:
        some = "one id is" if len(twice) == 1 else f"{len(twice):,} ids are"
        raise RefusalError(
            f"the {_ordinal(at)} occasion: {some} there more than once; keep one row a person"
        )
    return {text: row for row, text in enumerate(texts) if text is not None}


def _matched(
    given: Sequence[Responses],
    places: Sequence[dict[str, int]],
    rows: npt.NDArray[np.int64],
    always: npt.NDArray[np.bool_],
    everybody: bool,
) -> Iterator[str]:
    what = "both occasions" if len(given) == 2 else f"all {len(given)} occasions"
    text = f"matched by id: {people(int(always.sum()))} at {what}"
    once = (rows >= 0).sum(axis=1) == 1
    only = [int((once & (rows[:, at] >= 0)).sum()) for at in range(len(given))]
    text += "; " + ", ".join(f"{n:,} only at the {_ordinal(at)}" for at, n in enumerate(only))
    alike = _alike(places) if once.any() else 0
    if alike:
        yield (
            f"{people(alike)} would be matched if leading zeros, capitals and .0 did not count in "
            f"ids: {_how_written(given)}"
        )
    some = int((~always & ~once).sum())
    if some:
        text += f"; {some:,} at some"
    yield text if everybody else f"{text} (not used)"
    for at, (each, place) in enumerate(zip(given, places, strict=True)):
        blank = each.n - len(place)
        if blank:
            yield f"{people(blank)} at the {_ordinal(at)} occasion without an id: left out"


def _how_written(given: Sequence[Responses]) -> str:
    """Say what ids look like at each occasion, without any of them."""
    said = []
    for at, each in enumerate(given):
        texts = [] if each.ids is None else [text_of(one, each.source.text) for one in each.ids]
        shapes = Counter(_shape(text) for text in texts if text is not None)
        usual = ", ".join(shape for shape, _ in shapes.most_common(3))
        said.append(f"{usual or 'nothing'} at the {_ordinal(at)}")
    return f"ids look like {', '.join(said)} (9 a digit, a a letter)"


def _shape(text: str) -> str:
    """Return a text with 9 for its digits and a for its letters."""
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in text)


def _alike(places: Sequence[dict[str, int]]) -> int:
    """Return how many more people would be at two occasions if ids were read generously."""
    plain = [{_plain_id(text) for text in place} for place in places]
    strict = sum(
        count > 1 for count in Counter(text for place in places for text in place).values()
    )
    loose = sum(count > 1 for count in Counter(text for each in plain for text in each).values())
    return max(loose - strict, 0)


def _plain_id(text: str) -> str:
    return text.casefold().removesuffix(".0").lstrip("0") or "0"


def _blank(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return np.array([each is None for each in values.tolist()], dtype=bool)


def _ordinal(at: int) -> str:
    return ORDINALS[at] if at < len(ORDINALS) else f"{at + 1}th"
