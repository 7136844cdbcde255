"""Where scales are found: bundled files, the user's folders, installed plug-ins."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from psychoscales.errors import CatalogueError, Problem, ScaleError, SourceError, UnknownNameError
from psychoscales.spec import document, file
from psychoscales.spec.locale import add_locales
from psychoscales.spec.model import Scale

PATH_VARIABLE = "PSYCHOSCALES_PATH"
OTHER_DOCUMENTS = (".binding", ".study")
ENTRY_POINTS = "psychoscales.scales"


def folders() -> dict[str, Path]:
    """Return the folders that hold scale files, each with the way it came to be one of them."""
    found = {"bundled": _bundled() / "scales"}
    for text in filter(None, os.environ.get(PATH_VARIABLE, "").split(os.pathsep)):
        found[f"{PATH_VARIABLE}: {text}"] = Path(text).expanduser()
    for point in _plug_ins(tuple(sys.path)):
        found[f"plug-in {point.name} ({point.value})"] = _plugged_in(point)
    return found


@lru_cache(maxsize=8)
def _plug_ins(_path: tuple[str, ...]) -> tuple[metadata.EntryPoint, ...]:
    """Plug-ins come with installed packages: they change when the import path does."""
    return tuple(metadata.entry_points(group=ENTRY_POINTS))


@lru_cache(maxsize=1)
def _bundled() -> Path:
    return Path(str(resources.files("psychoscales")))


def _plugged_in(point: metadata.EntryPoint) -> Path:
    """A plug-in's entry point names the package whose folder holds its scale files."""
    target = point.load()
    place = target() if callable(target) else target
    return Path(str(resources.files(place))) if hasattr(place, "__spec__") else Path(str(place))


def files() -> dict[str, list[Path]]:
    """Return every scale file by the id its name gives it; nothing is opened."""
    found: dict[str, list[Path]] = {}
    for way, folder in folders().items():
        if not folder.is_dir():
            raise CatalogueError(f"{way}: there is no folder {folder}")
        for path in sorted(folder.glob("*.toml")):
            if path.stem.endswith(OTHER_DOCUMENTS):
                continue
            known = found.setdefault(path.stem, [])
            if path.resolve() not in [other.resolve() for other in known]:
                known.append(path)
    return dict(sorted(found.items()))


def find(name: str) -> Scale:
    """Return the scale called `name`, with the texts that locale files add to it."""
    known = files()
    if name not in known:
        hint = f"a file of your own: its path, or its folder in {PATH_VARIABLE}"
        raise UnknownNameError("scale", name, known, hint)
    return add_locales(_load(name, known), _locale_folders())


def _only(name: str, paths: list[Path]) -> Path:
    if len(paths) > 1:
        listed = " and ".join(str(path) for path in paths)
        raise CatalogueError(f"two files claim the scale id '{name}': {listed}")
    return paths[0]


def _locale_folders() -> list[Path]:
    own = [folder / "locales" for way, folder in folders().items() if way != "bundled"]
    return [_bundled() / "locales", *own]


def _load(name: str, known: Mapping[str, list[Path]], line: tuple[str, ...] = ()) -> Scale:
    path = _only(name, known[name])
    scale = _load_once(path, _state(known), (*line, name))
    if scale.id != name:
        found = f"found '{scale.id}' in a file called {path.name}"
        raise ScaleError(str(path), [Problem("id", found, "a scale's file is called as its id")])
    return scale


def _state(known: Mapping[str, list[Path]]) -> tuple[tuple[str, int, int], ...]:
    """What is known of every scale file without opening it: a change of any is noticed."""
    stats = ((path, path.stat()) for paths in known.values() for path in paths)
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@lru_cache(maxsize=256)
def _load_once(path: Path, _state: object, line: tuple[str, ...]) -> Scale:
    return file.load(path, lambda name: find_plain(name, line))


def find_plain(name: str, line: tuple[str, ...] = ()) -> Scale:
    """Return the scale called `name` as its file says it, without texts from locale files.

    `line` holds the scales that are being loaded because each extends the next.
    """
    if name in line:
        raise CatalogueError(f"{' extends '.join([*line, name])}: no scale can extend itself")
    known = files()
    if name not in known:
        raise UnknownNameError("scale", name, known)
    return _load(name, known, line)


def every() -> Iterator[Scale]:
    """Yield every scale known, by id; two files of one id are an error that names both."""
    for name, paths in files().items():
        if any(_is_scale(path) for path in paths):
            yield find(name)


def _is_scale(path: Path) -> bool:
    """Whether a TOML file means to be a scale: other documents may stand in the same folder."""
    try:
        tree = document.read(path, ScaleError)
    except ScaleError:
        return True
    return "id" in tree and ("items" in tree or "extends" in tree)


def scale(source: str | os.PathLike[str] | Mapping[str, Any] | Scale) -> Scale:
    """Return a `Scale` by its id, by the path of a file, or from a mapping of the same form.

    A text that ends in ``.toml`` or has a path separator is a path; any other is an id.

    Raises:
        ScaleError: the document is not a valid scale; every problem is listed at once.
        UnknownNameError: no scale has this id; the nearest ids are named.
        CatalogueError: two files claim the id; both are named.
    """
    if isinstance(source, Scale):
        return source
    if isinstance(source, Mapping):
        return file.build(source, "<mapping>", find_plain)
    text = os.fspath(source)
    if text.endswith(".toml") or os.sep in text or "/" in text:
        path = Path(text).expanduser()
        if not path.is_file():
            raise SourceError(f"there is no file {path}")
        return add_locales(file.load(path, find_plain), [path.parent / "locales"])
    return find(text)
