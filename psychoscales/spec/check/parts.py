"""A document half right: its sound parts as models, its ids and paths, and its problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from psychoscales.errors import Problem, did_you_mean
from psychoscales.spec.claims import Bands, Example, Flag, Model, ReferenceValue, Rule
from psychoscales.spec.document import Tree
from psychoscales.spec.inherit import Origins
from psychoscales.spec.model import RESERVED_SOURCES, Citation, Item, Option, Score
from psychoscales.spec.scalars import Part

M = TypeVar("M", bound=BaseModel)
KINDS: Mapping[str, type[Part]] = {
    "citations": Citation,
    "items": Item,
    "scores": Score,
    "bands": Bands,
    "rules": Rule,
    "flags": Flag,
    "models": Model,
    "reference_values": ReferenceValue,
    "examples": Example,
}


@dataclass
class Parts:
    """A resolved tree, seen through the parts of it that are sound.

    A check looks only at sound parts, since the others have been reported already; the ids of
    unsound parts are known all the same, so that one mistake is one line.
    """

    tree: Tree
    origins: Origins
    problems: list[Problem] = field(default_factory=list)

    def say(self, path: str, found: str, allowed: str = "") -> None:
        """Add a problem."""
        self.problems.append(Problem(path, found, allowed))

    def raw(self, kind: str) -> list[Any]:
        """Return the list that stands under `kind`, whatever is in it."""
        value = self.tree.get(kind)
        return list(value) if isinstance(value, list | tuple) else []

    def ids(self, kind: str) -> list[str]:
        """Return the ids given under `kind`, those of unsound parts too."""
        parts = (part for part in self.raw(kind) if isinstance(part, Mapping))
        return [str(part["id"]) for part in parts if "id" in part]

    def path(self, kind: str, number: int, rest: str = "") -> str:
        """Return the path by which the author knows a part."""
        return self.origins.path(kind, number, rest)

    def sound(self, kind: str, model: type[M]) -> Iterator[tuple[str, M]]:
        """Yield (path, part) of every part under `kind` that is what `model` says."""
        for number, raw in enumerate(self.raw(kind)):
            part = attempt(model, raw)
            if part is not None:
                yield self.path(kind, number), part

    def option_sets(self) -> dict[str, tuple[Option, ...] | None]:
        """Return every option set by name; None where it is unsound."""
        raw = self.tree.get("options")
        sets: dict[str, tuple[Option, ...] | None] = {}
        for name, rows in raw.items() if isinstance(raw, Mapping) else ():
            read = [attempt(Option, row) for row in rows] if isinstance(rows, list | tuple) else []
            whole = tuple(option for option in read if option is not None)
            sets[str(name)] = whole if read and len(whole) == len(read) else None
        return sets

    def items(self) -> dict[str, Item]:
        """Return the sound items by id."""
        return {item.id: item for _, item in self.sound("items", Item)}

    def values_of(self, item: str) -> tuple[float, ...] | None:
        """Return the option values of an item; None where item or options are unsound."""
        found = self.items().get(item)
        options = self.option_sets().get(found.options) if found else None
        if options is None:
            return None
        return tuple(option.value for option in options if option.value is not None)

    def known(self, path: str, what: str, name: str, known: Iterable[str]) -> bool:
        """Return whether `name` is one of `known`, and say so where it is not."""
        known = list(known)
        if name in known:
            return True
        listed = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
        self.say(path, f"no {what} '{name}'", f"known: {listed}{did_you_mean(name, known)}")
        return False

    def sourced(self, path: str, sources: Any, note: object, *, required: bool = False) -> None:
        """Check that a claim's sources exist, and that a rule of the author's says why."""
        if sources is not None and not isinstance(sources, list | tuple):
            return
        sources = [source for source in sources or () if isinstance(source, str)]
        if not sources:
            if required:
                self.say(path, "'source' is missing", "a claim has a source")
            return
        known = (*self.ids("citations"), *RESERVED_SOURCES)
        place = f"{path}.source" if path else "source"
        for source in sources:
            self.known(place, "citation", source, known)
        if "spec_author" in sources and not note:
            self.say(place, "found 'spec_author'", "say why in a 'note'")


def attempt(model: type[M], raw: Any) -> M | None:
    """Return `raw` as a `model`, or None where it is not one."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None
