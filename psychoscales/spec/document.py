"""Reading a declarative file: TOML to a tree, and a tree's mistakes to lines a person can act on.

Nothing here knows what a scale is; scales, bindings, locales and studies are read through it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from psychoscales.errors import DocumentError, Problem, did_you_mean

Tree = dict[str, Any]
M = TypeVar("M", bound=BaseModel)

EXPECTED = {
    "string_type": "a text in quotes",
    "string_too_short": "a text that is not empty",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false, without quotes",
    "code": "a whole number or a text",
    "tuple_type": "a list in [ ]",
    "mapping_type": "a table",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def read(path: Path, error: type[DocumentError]) -> Tree:
    """Read a TOML file into a tree, or say in a `DocumentError` of kind `error` what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        reason = getattr(cause, "strerror", None) or "it is not UTF-8 text"
        raise error(str(path), [Problem("", f"cannot be read: {reason}")]) from cause
    return parse(text, str(path), error)


def parse(text: str, file: str, error: type[DocumentError]) -> Tree:
    """Parse TOML text; a syntax error names the line, and the way out of the usual traps."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise error(file, [_syntax_problem(text, str(cause))]) from cause


def _syntax_problem(text: str, message: str) -> Problem:
    lines = text.splitlines()
    place = re.search(r"line (\d+)", message)
    number = int(place.group(1)) if place else len(lines)
    allowed = ""
    start = next((n for n in range(number, 0, -1) if _opens_inline_table(lines, n)), None)
    if start is not None and number - start <= 12:
        key = lines[start - 1].split("=")[0].strip()
        allowed = (
            f"an inline table {{ }} must stand on one line: put '{key}' (line {start}) on one "
            f"line, or open a table of its own, such as [scores.{key}]"
        )
    return Problem(f"line {number}", f"not valid TOML: {message}", allowed)


def _opens_inline_table(lines: Sequence[str], number: int) -> bool:
    line = re.sub(r'"(\\.|[^"\\])*"', '""', lines[number - 1]) if number <= len(lines) else ""
    line = line.split("#")[0]
    return "=" in line and line.count("{") > line.count("}")


def path_text(location: Iterable[str | int]) -> str:
    """Write a path into a document the way people read it: ``items[3].options``."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def validate(kind: type[M], tree: Mapping[str, Any]) -> tuple[M | None, list[Problem]]:
    """Check `tree` against `kind`; return the model, or everything that is wrong with the tree."""
    try:
        return kind.model_validate(tree), []
    except ValidationError as error:
        problems: dict[tuple[str, str], Problem] = {}
        for detail in _own(error.errors(include_url=False)):
            problem = _problem(kind, tree, detail)
            key = (problem.path, problem.found)
            known = problems.setdefault(key, problem)
            if problem.allowed not in known.allowed:
                allowed = f"{known.allowed}, or {problem.allowed.removeprefix('expected ')}"
                problems[key] = Problem(known.path, known.found, allowed)
        return None, list(problems.values())


def _own(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what only follows: a list is too short once all of its parts were refused."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            len(place) > len(detail["loc"]) and place[: len(detail["loc"])] == detail["loc"]
            for place in places
        )
    ]


def _problem(kind: type[BaseModel], tree: Mapping[str, Any], detail: ErrorDetails) -> Problem:
    location = _real_steps(tree, detail["loc"])
    path, type_, context = path_text(location), detail["type"], detail.get("ctx", {})
    if type_ == "extra_forbidden":
        return _unknown_key(kind, location)
    if type_ == "missing":
        parent = path_text(location[:-1])
        return Problem(parent, f"'{location[-1]}' is missing")
    found = _shown(detail["input"])
    if type_ == "literal_error":
        allowed = f"allowed: {context.get('expected', '')}"
        if isinstance(detail["input"], str):
            options = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            allowed += did_you_mean(detail["input"], options)
    elif type_ == "string_pattern_mismatch":
        allowed = f"expected {_pattern(str(context.get('pattern', '')))}"
    elif type_ == "too_short":
        allowed = f"expected a list of {context.get('min_length', 1)} or more"
    elif type_ in EXPECTED:
        allowed = f"expected {EXPECTED[type_]}"
    else:
        allowed = detail["msg"][:1].lower() + detail["msg"][1:]
    return Problem(path, f"found {found}", allowed)


def _real_steps(tree: Any, location: Sequence[str | int]) -> tuple[str | int, ...]:
    """Drop the steps that name a branch of a union, which the document's author never wrote."""
    steps: list[str | int] = []
    here: Any = tree
    for number, step in enumerate(location):
        last = number == len(location) - 1
        if isinstance(here, Mapping) and (step in here or last):
            here = here.get(step)
        elif isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            continue
        steps.append(step)
    return tuple(step for step in steps if step != "[key]")


def _unknown_key(kind: type[BaseModel], location: Sequence[str | int]) -> Problem:
    key = str(location[-1])
    path = path_text(location)
    known = _keys_at(kind, location[:-1])
    top = _plain_keys(kind)
    guess = did_you_mean(key, known)
    if not guess and key in top and len(location) > 1:
        header = path_text(location[:-1])
        return Problem(
            path,
            f"'{key}' stands inside [{header}]",
            f"put it above the first [table] of the file, where '{key}' belongs",
        )
    return Problem(path, f"unknown key '{key}'", f"allowed: {', '.join(known)}{guess}")


def _keys_at(kind: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the keys that the model of this place of the document knows."""
    schema = kind.model_json_schema(by_alias=True)
    node: Mapping[str, Any] = schema
    for step in location:
        node = _deref(schema, node)
        if isinstance(step, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(step) or _values(node)
    return sorted(_deref(schema, node).get("properties", {}))


def _plain_keys(kind: type[BaseModel]) -> list[str]:
    """Return the top-level keys that are written as `key = value`, not as tables of their own."""
    schema = kind.model_json_schema(by_alias=True)
    nodes = schema.get("properties", {}).items()
    return [key for key, node in nodes if _deref(schema, node).get("type") != "array"]


def _values(node: Mapping[str, Any]) -> Mapping[str, Any]:
    patterns: Mapping[str, Any] = node.get("patternProperties", {})
    values = node.get("additionalProperties") or next(iter(patterns.values()), None)
    return values if isinstance(values, Mapping) else {}


def _deref(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in node:
            node = schema["$defs"][str(node["$ref"]).rsplit("/", 1)[-1]]
        elif "anyOf" in node:
            node = next((b for b in node["anyOf"] if b.get("type") != "null"), {})
        elif len(node.get("allOf", ())) == 1:
            node = node["allOf"][0]
        else:
            return node


def _pattern(pattern: str) -> str:
    if pattern.startswith("^[a-z][a-z0-9_]"):
        return "lower-case letters, digits and _, beginning with a letter"
    if pattern.startswith("^\\d+\\.\\d+\\.\\d+"):
        return 'a version of three numbers, such as "1.0.0"'
    if pattern.startswith("^[a-z]{2,3}"):
        return 'a language tag, such as "en" or "pt-BR"'
    return f"a text like {pattern}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    return str(value)
