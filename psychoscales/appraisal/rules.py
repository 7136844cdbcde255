"""The rules as a document: what is sufficient, by which statistic, and who said so."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from psychoscales.errors import DocumentError
from psychoscales.spec.document import read, validate
from psychoscales.spec.model import Citation
from psychoscales.spec.scalars import Id, Ids, Number, Part, Sources, Str, Text, Version

FILE = Path(__file__).parent / "cosmin.toml"
BOUNDS = ("above", "at_least", "below", "at_most")


class RuleError(DocumentError):
    """The file of rules does not fit its own form."""


class Condition(Part):
    """A statistic against a bound: a number, or another statistic.

    Attributes:
        statistic: what is compared.
        above, at_least, below, at_most: exactly one of them.
    """

    statistic: Id
    above: Number | Id | None = None
    at_least: Number | Id | None = None
    below: Number | Id | None = None
    at_most: Number | Id | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Condition:
        if len([key for key in BOUNDS if getattr(self, key) is not None]) != 1:
            raise ValueError(f"exactly one of {', '.join(BOUNDS)}")
        return self

    @property
    def bound(self) -> tuple[str, float | str]:
        """Return which comparison it is, and with what."""
        return next((key, getattr(self, key)) for key in BOUNDS if getattr(self, key) is not None)


class Criterion(Part):
    """Conditions of which all, or any, must hold."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Criterion:
        if bool(self.all) == bool(self.any):
            raise ValueError("either 'all' or 'any'")
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions."""
        return self.all or self.any

    def of(self, name: str) -> Criterion:
        """Return the same of other statistics, those called `name_cfi` for `cfi`."""
        turned = {
            kind: tuple(
                each.model_copy(update={"statistic": f"{name}_{each.statistic}"})
                for each in getattr(self, kind)
            )
            for kind in ("all", "any")
        }
        return self.model_copy(update=turned)


class Property(Part):
    """A measurement property and when it is sufficient.

    Attributes:
        rule: as published.
        needs: what data are needed to say anything.
        shown: the statistic that stands for it in a table.
        requires: a property that must be sufficient first.
        premise: of what that property's rules must hold too, as its statistics are called:
            `one_factor` of `one_factor_cfi`.
        sufficient: the rule; without it the property is described, not rated.
        strict: this package's own line beside it.
        note: where the rule had to be read.
    """

    id: Id
    name: Text
    source: Sources
    rule: Str
    needs: Str
    shown: Id
    requires: Id | None = None
    premise: Id | None = None
    sufficient: Criterion | None = None
    strict: Criterion | None = None
    note: Str | None = None


class Question(Part):
    """What a person has to judge, because no data set can show it."""

    id: Id
    text: Text


class Rules(Part):
    """A set of rules."""

    format: Literal["1.0"]
    id: Id
    version: Version
    name: Str
    source: Ids
    citations: Annotated[tuple[Citation, ...], Field(min_length=1)]
    properties: Annotated[tuple[Property, ...], Field(min_length=1)]
    checklist: tuple[Question, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Rules:
        cited = {one.id for one in self.citations}
        named = [one.id for one in self.properties]
        for at, one in enumerate(self.properties):
            if lacking := set(one.source) - cited:
                raise ValueError(f"{one.id}: no citation '{min(lacking)}'")
            if one.requires is not None and one.requires not in named[:at]:
                raise ValueError(f"{one.id}: requires '{one.requires}', which is not before it")
        return self


@cache
def rules(path: Path = FILE) -> Rules:
    """Return the rules in a file.

    Raises:
        RuleError: with everything that does not fit.
    """
    found, problems = validate(Rules, read(path, RuleError))
    if found is None or problems:
        raise RuleError(str(path), problems)
    return found
