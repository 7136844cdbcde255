"""A scale file to a `Scale`: read, fill in what is inherited, check, and give it an identity."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psychoscales.errors import CatalogueError, Problem, ScaleError, UnknownNameError
from psychoscales.spec import document
from psychoscales.spec.check import check
from psychoscales.spec.document import Tree
from psychoscales.spec.inherit import Origins, fill_in
from psychoscales.spec.model import Scale, ScaleFile
from psychoscales.spec.verdicts import LARGEST, verdicts

Find = Callable[[str], Scale]
MEANT = re.compile(r"did you mean '(.*?)'")
ONLY_IN_FILES = ("patch", "drop", "inherit")


def load(path: Path, find: Find) -> Scale:
    """Read a scale file; `find` gives the scale that it may extend."""
    return build(document.read(path, ScaleError), str(path), find)


def build(tree: Mapping[str, Any], file: str, find: Find) -> Scale:
    """Turn a tree into a `Scale`, or raise one `ScaleError` that holds everything wrong with it."""
    if "analyses" in tree and "items" not in tree:
        advice = "to run it there is: psychoscales study"
        raise ScaleError(file, [Problem("", "this is a study file, and no scale", advice)])
    _, problems = document.validate(ScaleFile, tree)
    origins, whole = Origins(), dict(tree)
    if isinstance(tree.get("extends"), Mapping):
        parent = _parent(tree, find, problems)
        if parent is None:
            raise ScaleError(file, problems)
        whole, origins, more = fill_in(tree, parent)
        problems = problems + more
    elif any(key in tree for key in ONLY_IN_FILES):
        key = next(key for key in ONLY_IN_FILES if key in tree)
        problems.append(Problem(key, f"found '{key}'", "only a scale with 'extends' has it"))
    known = {problem.path for problem in problems}
    meant = {match for problem in problems for match in MEANT.findall(problem.allowed)}
    found = [p for p in check(whole, origins) if not _said(p, known)]
    problems += [p for p in found if not any(p.found == f"'{key}' is missing" for key in meant)]
    if problems:
        raise ScaleError(file, problems)
    scale = Scale.model_validate(whole)
    problems = [
        Problem("rules", f"{', '.join(each.names)}: too many counts at once", "use fewer counts")
        for each in verdicts(scale)
        if each.size >= LARGEST
    ]
    if problems:
        raise ScaleError(file, problems)
    return scale.model_copy(update={"sha256": identity(scale), "file": file})


def _said(problem: Problem, known: set[str]) -> bool:
    """A place that has been complained of once is not complained of twice."""
    return problem.path != "" and problem.path in known


def _parent(tree: Mapping[str, Any], find: Find, problems: list[Problem]) -> Tree | None:
    extends = tree["extends"]
    name, version = str(extends.get("scale")), str(extends.get("version"))
    if name == tree.get("id"):
        problems.append(Problem("extends.scale", f"'{name}' cannot extend itself"))
        return None
    try:
        parent = find(name)
    except (UnknownNameError, CatalogueError, ScaleError) as error:
        problems.append(Problem("extends.scale", f"found '{name}'", str(error)))
        return None
    wanted, actual = version.split("."), parent.version.split(".")
    if actual[: len(wanted)] != wanted:
        problems.append(
            Problem("extends.version", f"found '{version}'", f"'{name}' is now {parent.version}")
        )
    return written(parent)


def written(scale: Scale) -> Tree:
    """Return the resolved content of a scale as a tree, without what defaults say."""
    return scale.model_dump(
        mode="json",
        by_alias=True,
        exclude_defaults=True,
        exclude={"sha256", "file"},
    )


def identity(scale: Scale) -> str:
    """Return the SHA-256 of the resolved canonical JSON (sorted keys, UTF-8, no defaults)."""
    text = json.dumps(written(scale), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
