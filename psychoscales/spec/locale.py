"""Texts of a scale in one more language, from a file beside it: `locales/{scale}.{language}.toml`.

A translation is text and nothing else: it cannot change a code, a value or a score, and it is no
part of the scale's identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from psychoscales.errors import Problem, ScaleError, did_you_mean
from psychoscales.spec import document
from psychoscales.spec.model import Scale
from psychoscales.spec.scalars import (
    Frozen,
    FrozenDict,
    Id,
    Language,
    Part,
    Sources,
    Str,
    nothing,
)
from psychoscales.spec.stored import same

Texts = Annotated[Mapping[str, Str], *Frozen]


class LocaleLicence(Part):
    """May this translation be used, and who says so."""

    statement: Str
    source: Str | None = None


class Locale(Part):
    """A locale file: labels are keyed by option code, texts by item id."""

    format: Literal["1.0"]
    scale: Id
    language: Language
    licence: LocaleLicence
    source: Sources | None = None
    name: Str | None = None
    construct_: Annotated[Str | None, Field(alias="construct")] = None
    stem: Str | None = None
    items: Texts = nothing()
    options: Annotated[Mapping[Id, Texts], *Frozen] = nothing()


def add_locales(scale: Scale, folders: Iterable[Path]) -> Scale:
    """Return `scale` with the texts of every locale file that `folders` hold for it."""
    for folder in folders:
        for path in sorted(folder.glob(f"{scale.id}.*.toml")):
            scale = _add(scale, _read(path, scale))
    return scale


def _read(path: Path, scale: Scale) -> Locale:
    tree = document.read(path, ScaleError)
    locale, problems = document.validate(Locale, tree)
    if locale is not None:
        problems += _misfits(locale, scale)
    if problems or locale is None:
        raise ScaleError(str(path), problems)
    return locale


def _misfits(locale: Locale, scale: Scale) -> list[Problem]:
    problems: list[Problem] = []

    def known(path: str, what: str, name: str, names: Iterable[str]) -> None:
        names = list(names)
        if name not in names:
            problems.append(
                Problem(path, f"{scale.id} has no {what} '{name}'", did_you_mean(name, names)[2:])
            )

    if locale.scale != scale.id:
        problems.append(Problem("scale", f"found '{locale.scale}'", f"expected '{scale.id}'"))
    if locale.language in scale.languages:
        problems.append(Problem("language", f"{scale.id} has '{locale.language}' already"))
    for name in locale.items:
        known(f"items.{name}", "item", name, scale.item_ids)
    for name, labels in locale.options.items():
        problems += _ambiguous(name, labels, scale)
        known(f"options.{name}", "option set", name, scale.options)
        codes = [str(option.code) for option in scale.options.get(name, ())]
        for code in labels:
            known(f"options.{name}.{code}", "option with code", code, codes)
    return problems


def _ambiguous(name: str, labels: Mapping[str, str], scale: Scale) -> list[Problem]:
    """A label that is read like another option's code or label could mean either."""
    taken: dict[object, str] = {}
    for option in scale.options.get(name, ()):
        for stored in (option.code, *(option.label or {}).values()):
            taken.setdefault(same(stored), str(option.code))
    problems = []
    for code, label in labels.items():
        owner = taken.setdefault(same(label), code)
        if owner != code:
            found = f"'{label}' is also what option {owner} is called"
            problems.append(Problem(f"options.{name}.{code}", found))
    return problems


def _add(scale: Scale, locale: Locale) -> Scale:
    def also(text: Mapping[str, str] | None, more: str | None) -> Mapping[str, str] | None:
        return text if more is None else FrozenDict({**(text or {}), locale.language: more})

    options = {
        name: tuple(
            option.model_copy(
                update={
                    "label": also(option.label, locale.options.get(name, {}).get(str(option.code)))
                }
            )
            for option in row
        )
        for name, row in scale.options.items()
    }
    items = tuple(
        item.model_copy(update={"text": also(item.text, locale.items.get(item.id))})
        for item in scale.items
    )
    update: dict[str, Any] = {
        "options": FrozenDict(options),
        "items": items,
        "name": also(scale.name, locale.name),
        "construct_": also(scale.construct_, locale.construct_),
        "stem": also(scale.stem, locale.stem),
        "languages": (*scale.languages, locale.language),
    }
    return scale.model_copy(update=update)
