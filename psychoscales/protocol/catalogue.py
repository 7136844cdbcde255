"""Where studies are found: bundled files, and the folders `studies` of the user's folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psychoscales.errors import (
    CatalogueError,
    Problem,
    SourceError,
    StudyError,
    UnknownNameError,
)
from psychoscales.protocol.checks import build
from psychoscales.protocol.document import StudyFile, read_tree
from psychoscales.spec.catalogue import PATH_VARIABLE
from psychoscales.spec.model import Scale

FOLDER = "studies"
StudySource = str | os.PathLike[str] | Mapping[str, Any]


def folders() -> dict[str, Path]:
    """Return the folders that may hold study files, each with the way it came to be one.

    They are the package's own, and in each folder of PSYCHOSCALES_PATH its folder ``studies``:
    the folder itself holds scales.
    """
    found = {"bundled": Path(__file__).parent.parent / FOLDER}
    for text in filter(None, os.environ.get(PATH_VARIABLE, "").split(os.pathsep)):
        found[f"{PATH_VARIABLE}: {text}"] = Path(text).expanduser() / FOLDER
    return found


def files() -> dict[str, list[Path]]:
    """Return every study file by the id its name gives it; nothing is opened."""
    found: dict[str, list[Path]] = {}
    for folder in folders().values():
        for path in sorted(folder.glob("*.toml")):
            known = found.setdefault(path.stem, [])
            if path.resolve() not in [other.resolve() for other in known]:
                known.append(path)
    return dict(sorted(found.items()))


def load(source: StudySource) -> tuple[StudyFile, dict[str, Scale], Path | None]:
    """Return a study document, its scales and its folder, by id, by path, or from a mapping.

    A text that ends in ``.toml`` or has a path separator is a path; any other is an id.

    Raises:
        StudyError: the document is not a valid study; every problem is listed at once.
        UnknownNameError: no study has this id; the nearest ids are named.
        CatalogueError: two files claim the id; both are named.
    """
    if isinstance(source, Mapping):
        return *build(source, "<mapping>"), None
    text = os.fspath(source)
    if text.endswith(".toml") or os.sep in text or "/" in text:
        path = Path(text).expanduser()
        if not path.is_file():
            raise SourceError(f"there is no file {path}")
        return *build(read_tree(path), str(path), path.parent), path.parent
    known = files()
    if text not in known:
        hint = f"a file of your own: its path, or a folder '{FOLDER}' in one of {PATH_VARIABLE}"
        raise UnknownNameError("study", text, known, hint)
    if len(known[text]) > 1:
        listed = " and ".join(str(path) for path in known[text])
        raise CatalogueError(f"two files claim the study id '{text}': {listed}")
    path = known[text][0]
    study, scales = build(read_tree(path), str(path), path.parent)
    if study.id != text:
        found = f"found '{study.id}' in a file called {path.name}"
        raise StudyError(str(path), [Problem("id", found, "a study's file is called as its id")])
    return study, scales, path.parent
