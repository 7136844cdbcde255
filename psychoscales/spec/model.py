"""What a scale is: frozen pieces that a scale file is checked against and turned into."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from psychoscales.errors import UnknownNameError
from psychoscales.spec.claims import (
    Bands,
    Condition,
    Example,
    Flag,
    Model,
    ReferenceValue,
    Rule,
)
from psychoscales.spec.scalars import (
    Bool,
    Code,
    Codes,
    Frozen,
    Id,
    Ids,
    Int,
    Language,
    Number,
    Numbers,
    Part,
    Sources,
    Str,
    Text,
    Version,
    nothing,
)

RESERVED_SOURCES = ("this_study", "spec_author")

Method = Literal["sum", "mean", "count", "min", "max", "pomp"]
TextStatus = Literal["verbatim", "adapted", "reconstructed", "user_supplied"]
Relation = Literal["adaptation", "translation", "recoding", "short_form", "superset"]
Keep = Literal["keep", "drop"]


class InstrumentLicence(Part):
    """May the questionnaire itself be used and its text be shown, and who says so."""

    status: Literal["free", "free_noncommercial", "permission_required", "restricted", "unclear"]
    statement: Str
    source: Sources
    note: Str | None = None


class Licence(Part):
    """Two licences that are two things: the instrument's, and this file's (an SPDX name)."""

    instrument: InstrumentLicence
    spec: Str


class Citation(Part):
    """A source that claims refer to by `id`; `note` says how it was read."""

    id: Id
    text: Str
    doi: Str | None = None
    url: Str | None = None
    note: Str | None = None


class Option(Part):
    """One answer of a response set.

    `code` is what is stored, `value` what is scored. An option has a value, or is `missing` for a
    reason, or has neither and cannot be scored.
    """

    code: Code
    value: Number | None = None
    missing: Id | None = None
    label: Text | None = None
    label_status: Literal["labelled", "unlabelled"] = "labelled"
    codes: Codes | None = None


class Item(Part):
    """One question: its response set, its text where it may be shown, when it is asked."""

    id: Id
    options: Id
    scored: Bool = True
    text: Text | None = None
    asked_if: Condition | None = None
    otherwise: Number | Literal["not_applicable"] | None = None
    codes: Codes | None = None
    note: Text | None = None


class Missing(Part):
    """How many answers a score can do without, and what is then done; there is no default."""

    max_missing: Annotated[Int, Field(ge=0)] | None = None
    min_valid: Annotated[Int, Field(ge=1)] | None = None
    min_valid_proportion: Annotated[Number, Field(gt=0, le=1)] | None = None
    action: Literal["prorate", "mean_of_valid", "refuse"]
    round: Literal["none", "half_up"] = "none"
    source: Sources
    note: Str | None = None


class Score(Part):
    """A total or a subscale, over `items` or over other `scores`."""

    id: Id
    name: Text | None = None
    items: Ids | None = None
    scores: Ids | None = None
    reverse: tuple[Id, ...] = ()
    method: Method
    at_least: Number | None = None
    weights: Numbers | None = None
    multiply: Number | None = None
    table: Numbers | None = None
    range: tuple[Number, Number]
    higher: Text
    missing: Missing
    codes: Codes | None = None
    source: Sources | None = None
    note: Str | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """What the score is made of: its items, or its scores."""
        return self.items or self.scores or ()

    @property
    def fewest_valid(self) -> int:
        """How many of its members the score needs at least."""
        rule, size = self.missing, len(self.members)
        if rule.max_missing is not None:
            return size - rule.max_missing
        if rule.min_valid is not None:
            return rule.min_valid
        return math.ceil((rule.min_valid_proportion or 1.0) * size - 1e-9)


class Extends(Part):
    """Which scale this one was made from, and how it differs in kind."""

    scale: Id
    version: Annotated[Str, Field(pattern=r"^\d+(\.\d+){0,2}$")]
    relation: Relation


class Change(Part):
    """One thing that was changed in the parent scale; printed wherever the scale is reported.

    Changes add up along a line of scales; `of` names the scale that made one, where that is not
    the scale itself, and is filled in when the file is resolved.
    """

    what: Str
    from_: Annotated[Str, Field(alias="from")]
    to: Str
    why: Str
    source: Sources
    note: Str | None = None
    of: Id | None = None


class ItemPatch(Part):
    """What is different in an item that the parent scale has."""

    id: Id
    options: Id | None = None
    scored: Bool | None = None
    text: Text | None = None
    codes: Codes | None = None
    note: Text | None = None


class ScorePatch(Part):
    """What is different in a score that the parent scale has."""

    id: Id
    name: Text | None = None
    range: tuple[Number, Number] | None = None
    higher: Text | None = None
    missing: Missing | None = None
    multiply: Number | None = None
    codes: Codes | None = None
    source: Sources | None = None
    note: Str | None = None


class Patch(Part):
    """Changes of inherited items and scores; the rest of each stays as it was."""

    items: tuple[ItemPatch, ...] = ()
    scores: tuple[ScorePatch, ...] = ()


class Drop(Part):
    """What of the parent scale is not part of this one."""

    items: tuple[Id, ...] = ()
    scores: tuple[Id, ...] = ()


class Inherit(Part):
    """For every kind of claim the parent makes: is it still claimed here?"""

    bands: Keep | None = None
    rules: Keep | None = None
    flags: Keep | None = None
    reference_values: Keep | None = None
    models: Keep | None = None


class Document(Part):
    """What a scale file and a resolved scale have in common; `source` is what to cite for it."""

    format: Literal["1.0"]
    id: Id
    version: Version
    abbreviation: Str | None = None
    respondent: Literal["self", "parent", "teacher", "clinician", "observer"] | None = None
    recall_period: Str | None = None
    codes: Codes | None = None
    stem: Text | None = None
    note: Text | None = None
    source: Sources | None = None
    citations: tuple[Citation, ...] = ()
    options: Annotated[Mapping[Id, tuple[Option, ...]], *Frozen] = nothing()
    items: tuple[Item, ...] = ()
    scores: tuple[Score, ...] = ()
    bands: tuple[Bands, ...] = ()
    rules: tuple[Rule, ...] = ()
    flags: tuple[Flag, ...] = ()
    models: tuple[Model, ...] = ()
    reference_values: tuple[ReferenceValue, ...] = ()
    examples: tuple[Example, ...] = ()
    extends: Extends | None = None
    changes: tuple[Change, ...] = ()


class ScaleFile(Document):
    """A scale as its author writes it; one that extends another says only what differs."""

    name: Text | None = None
    construct_: Annotated[Text | None, Field(alias="construct")] = None
    languages: tuple[Language, ...] | None = None
    text_status: TextStatus | None = None
    licence: Licence | None = None
    patch: Patch | None = None
    drop: Drop | None = None
    inherit: Inherit | None = None


class Scale(Document):
    """A whole scale, everything inherited filled in; `sha256` is its identity.

    The identity is the SHA-256 of the resolved content as canonical JSON (sorted keys, UTF-8, no
    defaults), so that two files that say the same are the same scale. Texts that locale files
    add are not part of it: no translation changes a score.
    """

    name: Text
    construct_: Annotated[Text, Field(alias="construct")]
    languages: tuple[Language, ...]
    text_status: TextStatus
    licence: Licence
    sha256: str = ""
    file: str = ""

    def __hash__(self) -> int:
        return hash(self.sha256)

    def option_set(self, item: str) -> tuple[Option, ...]:
        """Return the options that `item` is answered with."""
        return self.options[self.item(item).options]

    def item(self, name: str) -> Item:
        """Return the item called `name`."""
        for item in self.items:
            if item.id == name:
                return item
        raise UnknownNameError(f"item of {self.id}", name, self.item_ids)

    def score(self, name: str) -> Score:
        """Return the score called `name`."""
        for score in self.scores:
            if score.id == name:
                return score
        raise UnknownNameError(f"score of {self.id}", name, [score.id for score in self.scores])

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item, scored or not, in the order of the file."""
        return tuple(item.id for item in self.items)

    def __str__(self) -> str:
        return (
            f"{self.name_in('en')} ({self.id} {self.version}): {len(self.items)} items; "
            f"scores {', '.join(score.id for score in self.scores)}"
        )

    def name_in(self, language: str) -> str:
        """Return the name in `language`, or in the first language the scale has."""
        return in_language(self.name, language)


def in_language(text: Mapping[str, str] | None, language: str) -> str:
    """Return `text` in `language`, else in the first language it has, else nothing."""
    if not text:
        return ""
    return text.get(language) or next(iter(text.values()))
