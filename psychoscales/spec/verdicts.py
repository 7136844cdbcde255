"""Rules and flags, three-valued and exact: decided only where every completion agrees.

Every condition of a rule is about how many of some items meet a comparison. So what a person's
answers say of all the rules is a vector of counts; an answer that is missing adds to it what one
of the item's options would add. The vectors that completions can reach are few, and each is
looked at: no bound is used that a completion could not attain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.spec.claims import Condition, CountTerm, Rule
from psychoscales.spec.model import Scale
from psychoscales.spec.numbers import meets

TRUE, FALSE, UNDETERMINED, UNKNOWN = 1, 0, -1, -2
DENSE = 1 << 20
LARGEST = 1 << 62
"""A rule's counts are packed into one integer below this; a check refuses longer rules."""
Array = npt.NDArray[Any]
Small = npt.NDArray[np.int8]
Terms = tuple[CountTerm | Condition, ...]


@dataclass(frozen=True)
class Tally:
    """One count that rules look at: terms added up, and its place in the vector."""

    terms: Terms
    step: int
    size: int

    def of(self, vector: int) -> int:
        """Return this count of a packed vector of counts."""
        return vector // self.step % self.size


@dataclass(frozen=True)
class Verdicts:
    """The rules and flags of a scale, ready to be decided from packed counts of answers.

    Attributes:
        names: rules that are verdicts, then flags.
        items: the items that any of them looks at.
        adds: for each of these items, what each of its options adds to the packed vector.
        size: one more than the largest packed vector.
    """

    scale: Scale
    names: tuple[str, ...]
    items: tuple[str, ...]
    adds: tuple[tuple[int, ...], ...]
    size: int
    tallies: Mapping[str, Tally]
    _reach: dict[int, Array] = field(default_factory=dict, repr=False, compare=False)
    _dense: list[Small] = field(default_factory=list, repr=False, compare=False)
    _known: dict[int, tuple[bool, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def width(self) -> int:
        """How many columns verdicts are kept in: a power of two, which is copied fastest."""
        return 1 << (len(self.names) - 1).bit_length() if self.names else 0

    @property
    def tables(self) -> tuple[tuple[int, ...], ...]:
        """For each item, what each of its options adds to a code, and last a missing answer."""
        return tuple((*adds, self.size << number) for number, adds in enumerate(self.adds))

    @property
    def vector_tables(self) -> tuple[tuple[int, ...], ...]:
        """The same without the bits of missing answers."""
        return tuple((*adds, 0) for adds in self.adds)

    def decide(self, codes: Array) -> Small:
        """Return int8 [n, >= names]: TRUE, FALSE or UNDETERMINED, for codes as `tables` make them.

        A code is the packed counts of the answers given, and above them a bit for each item of
        `items` whose answer is missing. What a code means is worked out once and kept.
        """
        if not self._dense:
            shape = (self.size << len(self.items), self.width)
            self._dense.append(np.full(shape, UNKNOWN, dtype=np.int8))
        dense = self._dense[0]
        decided: Small = dense.take(codes, axis=0)
        unknown = np.unique(codes[decided[:, 0] == UNKNOWN])
        if len(unknown):
            dense[unknown] = self._decide(unknown % self.size, (unknown // self.size).tolist())
            decided = dense.take(codes, axis=0)
        return decided

    @property
    def small(self) -> bool:
        """Whether a code is so small that every code's meaning can be kept in a table."""
        return self.size << len(self.items) <= DENSE

    def decide_apart(self, vectors: Array, missing: npt.NDArray[np.bool_]) -> Small:
        """Return the same for rules too long for codes: counts [n], and what is missing [n, k]."""
        packed = np.packbits(missing, axis=1)
        keys = np.column_stack([vectors.view(np.uint8).reshape(len(vectors), -1), packed])
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        masks = [sum(1 << int(number) for number in np.flatnonzero(missing[row])) for row in first]
        decided: Small = self._decide(vectors[first], masks)[inverse.ravel()]
        return decided

    def _decide(self, vectors: Array, masks: Sequence[int]) -> Small:
        reach = [self._reachable(mask) for mask in masks]
        sizes = np.array([len(more) for more in reach])
        totals = np.repeat(vectors.astype(np.int64), sizes) + np.concatenate(reach)
        levels, inverse = np.unique(totals, return_inverse=True)
        known = np.array([self._complete(total) for total in levels.tolist()], dtype=np.int8)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        reached = known.reshape(len(levels), len(self.names))[inverse]
        low, high = np.minimum.reduceat(reached, starts), np.maximum.reduceat(reached, starts)
        decided = np.zeros((len(vectors), self.width), dtype=np.int8)
        decided[:, : len(self.names)] = np.where(low == high, low, np.int8(UNDETERMINED))
        return decided

    def _reachable(self, missing: int) -> Array:
        if missing not in self._reach:
            sums = {0}
            for number, adds in enumerate(self.adds):
                if missing >> number & 1:
                    sums = {total + more for total in sums for more in set(adds)}
            self._reach[missing] = np.array(sorted(sums), dtype=np.int64)
        return self._reach[missing]

    def _complete(self, vector: int) -> tuple[bool, ...]:
        if vector not in self._known:
            rules = {rule.id: rule for rule in self.scale.rules}
            whens = {flag.id: flag.when for flag in self.scale.flags}
            self._known[vector] = tuple(
                self._holds(whens[name], vector, name)
                if name in whens
                else self._rule(rules[name], vector)
                for name in self.names
            )
        return self._known[vector]

    def _rule(self, rule: Rule, vector: int) -> bool:
        if rule.all is not None:
            return all(
                self._holds(c, vector, f"{rule.id}.all[{n}]") for n, c in enumerate(rule.all)
            )
        if rule.any is not None:
            return any(
                self._holds(c, vector, f"{rule.id}.any[{n}]") for n, c in enumerate(rule.any)
            )
        assert rule.not_ is not None
        return not self._holds(rule.not_, vector, f"{rule.id}.not")

    def _holds(self, condition: Condition, vector: int, place: str) -> bool:
        if condition.rule is None:
            return self.tallies[place].of(vector) >= 1
        rule = next(rule for rule in self.scale.rules if rule.id == condition.rule)
        if rule.is_count:
            return meets(condition, self.tallies[rule.id].of(vector))
        return self._rule(rule, vector) == (condition.equals is not False)


def verdicts(scale: Scale) -> tuple[Verdicts, ...]:
    """Compile the rules and flags of `scale`, together as far as their codes stay small."""
    names = [rule.id for rule in scale.rules if not rule.is_count]
    names += [flag.id for flag in scale.flags]
    groups: list[Verdicts] = []
    for name in names:
        together = _compile(scale, [*groups[-1].names, name]) if groups else None
        if together is not None and together.size << len(together.items) <= DENSE:
            groups[-1] = together
        else:
            groups.append(_compile(scale, [name]))
    return tuple(groups)


def _compile(scale: Scale, names: Sequence[str]) -> Verdicts:
    terms: dict[str, Terms] = {}
    for name in names:
        terms |= _terms(scale, name)
    tallies: dict[str, Tally] = {}
    step = 1
    for place, counted in terms.items():
        size = 1 + sum(len(term.items or ()) for term in counted)
        tallies[place] = Tally(counted, step, size)
        step *= size
    used = {name for counted in terms.values() for term in counted for name in term.items or ()}
    items = tuple(name for name in scale.item_ids if name in used)
    adds = tuple(_adds(scale, name, tallies) for name in items)
    return Verdicts(scale, tuple(names), items, adds, step, tallies)


def _terms(scale: Scale, name: str) -> dict[str, Terms]:
    """Return every count that a rule or a flag looks at, by the place that looks."""
    flag = next((flag for flag in scale.flags if flag.id == name), None)
    if flag is not None:
        return _looked_at(scale, flag.when, name)
    rule = next(rule for rule in scale.rules if rule.id == name)
    if rule.count is not None:
        return {name: rule.count}
    found: dict[str, Terms] = {}
    for form, conditions in (("all", rule.all), ("any", rule.any)):
        for number, condition in enumerate(conditions or ()):
            found |= _looked_at(scale, condition, f"{name}.{form}[{number}]")
    return found if rule.not_ is None else found | _looked_at(scale, rule.not_, f"{name}.not")


def _looked_at(scale: Scale, condition: Condition, place: str) -> dict[str, Terms]:
    return {place: (condition,)} if condition.rule is None else _terms(scale, condition.rule)


def _adds(scale: Scale, item: str, tallies: Mapping[str, Tally]) -> tuple[int, ...]:
    row = []
    for option in scale.option_set(item):
        if option.missing is not None:
            continue
        met = 0
        for tally in tallies.values():
            for term in tally.terms:
                if term.items and option.value is not None and meets(term, option.value):
                    met += tally.step * term.items.count(item)
        row.append(met)
    return tuple(row)
