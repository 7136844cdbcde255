"""What a scale claims of its scores and answers: bands, rules, flags, models, published values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from psychoscales.spec.scalars import (
    Answers,
    Bool,
    Frozen,
    Id,
    Ids,
    Int,
    Number,
    Part,
    Sources,
    Str,
    Text,
)


class Condition(Part):
    """True or false of one person's answers: items or a rule, and one comparison.

    Over several items it is true where at least one of them meets the comparison.
    """

    items: Ids | None = None
    rule: Id | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    equals: Number | Bool | None = None


class CountTerm(Part):
    """How many of `items` have a value that meets the comparison."""

    items: Ids
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    equals: Number | None = None


class Level(Part):
    """One band: from its lower bound up to, not including, the next level's.

    `to` is the highest whole score of the band as published; it is checked, never used.
    """

    id: Id
    from_: Annotated[Number, Field(alias="from")]
    to: Number | None = None
    label: Text


class Bands(Part):
    """A set of bands of one score, as one source gives them, for everybody or for some."""

    id: Id
    score: Id
    for_: Annotated[Answers | None, Field(alias="for")] = None
    levels: Annotated[tuple[Level, ...], Field(min_length=2)]
    source: Sources
    note: Str | None = None


class Rule(Part):
    """A three-valued rule over answers: a count, or `all`, `any` or `not` of conditions."""

    id: Id
    name: Text | None = None
    count: Annotated[tuple[CountTerm, ...], Field(min_length=1)] | None = None
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None
    not_: Annotated[Condition | None, Field(alias="not")] = None
    source: Sources | None = None
    note: Str | None = None

    @property
    def is_count(self) -> bool:
        """Whether the rule is a number that other rules use, not a verdict."""
        return self.count is not None


class Flag(Part):
    """Something a person should look at, raised by answers whatever the total is."""

    id: Id
    when: Condition
    level: Literal["note", "review", "urgent"]
    message: Text
    source: Sources | None = None
    note: Str | None = None


class Model(Part):
    """A factor model; `key` names the score whose reversals it uses, or says none."""

    id: Id
    name: Text | None = None
    factors: Annotated[Mapping[Id, Ids], *Frozen]
    key: Id | None = None
    source: Sources | None = None
    note: Str | None = None


class ReferenceValue(Part):
    """A published value to set one's own beside."""

    statistic: Literal[
        "alpha",
        "omega",
        "retest_r",
        "icc",
        "sensitivity",
        "specificity",
        "ppv",
        "npv",
        "lr_positive",
        "lr_negative",
        "auc",
        "mean",
        "sd",
        "sem",
        "mic",
        "reliable_change",
        "clinically_significant_change",
    ]
    score: Id | None = None
    rule: Id | None = None
    value: Number
    low: Number | None = None
    high: Number | None = None
    n: Int | None = None
    cutoff: Number | None = None
    stratum: tuple[Number, Number] | None = None
    criterion: Text | None = None
    population: Text
    source: Sources
    note: Str | None = None


class Example(Part):
    """A worked answer sheet and what must come of it; an item left out is not answered."""

    name: Str
    answers: Answers
    person: Answers | None = None
    expect: Annotated[Mapping[Id, Bool | Number | Str], *Frozen]
    source: Sources | None = None
    note: Str | None = None
