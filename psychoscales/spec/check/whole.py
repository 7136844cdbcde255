"""Checks of a scale file as a whole: what must be there, names that must differ, languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from psychoscales.spec.check.parts import KINDS, Parts
from psychoscales.spec.document import path_text

REQUIRED = ("name", "construct", "languages", "text_status", "licence")
REQUIRED_LISTS = ("items", "scores", "examples")
TEXTS = frozenset(
    [
        "name",
        "construct",
        "stem",
        "label",
        "text",
        "higher",
        "message",
        "note",
        "population",
        "criterion",
    ]
)
NAMED_KINDS = ("scores", "bands", "rules", "flags")


def check_required(parts: Parts) -> None:
    """Every scale says what it is, how it is answered and scored, and one worked example."""
    for key in REQUIRED:
        if key not in parts.tree:
            parts.say("", f"'{key}' is missing")
    if not parts.tree.get("options"):
        parts.say("", "[[options.<name>]] is missing", "a scale has at least one response set")
    for key in REQUIRED_LISTS:
        if not parts.raw(key):
            parts.say("", f"[[{key}]] is missing", "a scale has at least one")
    extends, changes = parts.tree.get("extends"), parts.raw("changes")
    own = [change for change in changes if not (isinstance(change, Mapping) and "of" in change)]
    if extends and not own:
        parts.say("", "[[changes]] is missing", "a scale that extends another says what it changed")
    if changes and not extends:
        parts.say("changes", "found changes", "only a scale with 'extends' has them")
    for number, change in enumerate(own):
        if isinstance(change, Mapping):
            source = change.get("source")
            listed = [source] if isinstance(source, str) else source
            note = change.get("note") or change.get("why")
            parts.sourced(f"changes[{number}]", listed, note)
    cited = parts.tree.get("source")
    listed = [cited] if isinstance(cited, str) else cited
    parts.sourced("", listed if isinstance(listed, list | tuple) else None, "whole file")
    licence = parts.tree.get("licence")
    if isinstance(licence, Mapping) and isinstance(licence.get("instrument"), Mapping):
        claim = licence["instrument"]
        source = claim.get("source")
        listed = [source] if isinstance(source, str) else source
        parts.sourced("licence.instrument", listed, claim.get("note"))


def check_unique(parts: Parts) -> None:
    """Ids are unique within their kind, and names that become columns across kinds."""
    for kind in KINDS:
        key = "name" if kind == "examples" else "id"
        seen: dict[Any, int] = {}
        for number, part in enumerate(parts.raw(kind)):
            if not isinstance(part, Mapping) or not isinstance(part.get(key), str):
                continue
            name = part[key]
            identity = (name, repr(part.get("for"))) if kind == "bands" else name
            if identity in seen:
                path = parts.path(kind, number, f".{key}")
                parts.say(path, f"duplicate {key} '{name}'", f"{kind}[{seen[identity]}] has it")
            else:
                seen[identity] = number
    taken: dict[str, str] = {}
    for kind in NAMED_KINDS:
        for name in dict.fromkeys(parts.ids(kind)):
            if taken.setdefault(name, kind) != kind:
                parts.say(kind, f"'{name}' is also one of {taken[name]}", "each becomes a column")
    for score in parts.ids("scores"):
        for suffix in ("_n_valid", "_status"):
            if score + suffix in taken:
                kind = taken[score + suffix]
                parts.say(kind, f"'{score}{suffix}' is the name of a column of score '{score}'")


def check_languages(parts: Parts) -> None:
    """Every text that is there has each of the declared languages, and no other."""
    languages = parts.tree.get("languages")
    if not isinstance(languages, list | tuple):
        return
    for path, text in _texts(parts.tree, ()):
        missing = [str(language) for language in languages if language not in text]
        extra = [str(language) for language in text if language not in languages]
        place = _author_path(parts, path)
        if missing:
            parts.say(place, f"no text in {', '.join(missing)}", "'languages' lists it")
        if extra:
            parts.say(place, f"text in {', '.join(extra)}", "'languages' does not list it")


def _texts(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in TEXTS and isinstance(value, Mapping):
                yield (*path, str(key)), value
            else:
                yield from _texts(value, (*path, str(key)))
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _texts(value, (*path, number))


def _author_path(parts: Parts, path: tuple[str | int, ...]) -> str:
    if len(path) > 1 and isinstance(path[0], str) and isinstance(path[1], int):
        return parts.path(path[0], path[1], "." + path_text(path[2:]))
    return path_text(path)
