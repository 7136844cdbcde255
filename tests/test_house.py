"""The house: who may import whom, and how large a room may be."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import psychoscales

ROOT = Path(psychoscales.__file__).parent
FLOORS = (
    ("errors",),
    ("spec", "frames", "counts", "plots", "kernel"),
    ("decoding", "responses", "moments", "results", "layouts"),
    ("scores", "scoring", "intervals", "resampling", "simulation"),
    ("engines",),
    ("verbs", "auditing", "appraisal"),
    ("protocol",),
    ("reporting",),
    ("demo", "cli"),
)
"""From the ground up. A room imports from the floors below it, and on its own floor only from
the rooms named before it."""
ENGINES = ("structure", "reliability", "items", "validity")
UNKNOWN_TO_ENGINES = {"spec", "decoding", "responses", "scores", "scoring", "frames", "simulation"}
FRAME_LIBRARIES = {"pandas", "polars", "pyarrow", "narwhals", "dask", "duckdb", "pyspark", "ibis"}
FRAME_LIBRARIES |= {"pyreadstat", "openpyxl"}
EMPTY_NAMES = {"utils", "helpers", "misc", "common", "core", "base"}
MOST_LINES, MOST_FUNCTION_LINES = 400, 60
FEWEST_IMPORTS = 150


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module == "psychoscales":
                yield from (f"psychoscales.{alias.name}" for alias in node.names)
            else:
                yield node.module


def place(name: str) -> tuple[int, int]:
    """Return the floor of a room, and how far along the floor it stands."""
    for floor, rooms in enumerate(FLOORS):
        if name in rooms:
            return floor, rooms.index(name)
    raise AssertionError(f"the room '{name}' stands on no floor: give it one in FLOORS")


def rooms_of(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).with_suffix("").parts)


def own_arrows() -> Iterator[tuple[list[str], list[str]]]:
    """Yield (importing room, imported room) as paths inside the package."""
    for path in modules():
        source = rooms_of(path)
        if source == ["__init__"]:
            continue
        for name in imports(path):
            if name.startswith("psychoscales."):
                target = name.split(".")[1:]
                if target[0] not in ("__version__",):
                    yield source, target


def wrong_way(source: list[str], target: list[str]) -> bool:
    if source[0] == target[0]:
        if source[0] == "engines" and {source[1], target[1]} <= set(ENGINES):
            return ENGINES.index(target[1]) > ENGINES.index(source[1])
        return False
    return place(target[0]) >= place(source[0])


def test_arrows_run_downwards_only() -> None:
    arrows = list(own_arrows())
    assert len(arrows) >= FEWEST_IMPORTS, f"only {len(arrows)} imports were read"
    wrong = [f"{'.'.join(s)} -> {'.'.join(t)}" for s, t in arrows if wrong_way(s, t)]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (["counts"], ["verbs", "read"]),
        (["scores"], ["scoring"]),
        (["engines", "reliability", "alpha"], ["engines", "items", "table"]),
        (["spec", "file"], ["decoding"]),
    ],
)
def test_an_arrow_the_wrong_way_is_seen(source: list[str], target: list[str]) -> None:
    assert wrong_way(source, target)


def module_of(name: str) -> str | None:
    """Return the module that an imported name stands in, if it is one of ours."""
    parts = name.split(".")[1:]
    for end in (len(parts), len(parts) - 1):
        path = ROOT.joinpath(*parts[:end])
        if path.with_suffix(".py").is_file() or (path / "__init__.py").is_file():
            return ".".join(parts[:end])
    return None


def test_no_circle_of_imports() -> None:
    """A package's `__init__` wires its rooms and is left out."""
    graph: dict[str, set[str]] = {}
    for path in modules():
        if path.name != "__init__.py":
            found = (module_of(name) for name in imports(path) if name.startswith("psychoscales."))
            graph[".".join(rooms_of(path))] = {each for each in found if each}
    while leaves := {name for name, to in graph.items() if not to & graph.keys()}:
        graph = {name: to for name, to in graph.items() if name not in leaves}
    assert not graph, f"circles among {sorted(graph)}"


def test_engines_know_numbers_only() -> None:
    known = [(s, t) for s, t in own_arrows() if s[0] == "engines"]
    assert len(known) >= 10
    assert not [(s, t) for s, t in known if t[0] in UNKNOWN_TO_ENGINES]


def test_one_room_knows_data_frames() -> None:
    read, wrong = 0, []
    for path in modules():
        for name in imports(path):
            read += 1
            if name.split(".")[0] in FRAME_LIBRARIES and rooms_of(path)[0] != "frames":
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert read >= FEWEST_IMPORTS
    assert not wrong


def docstring_lines(node: ast.FunctionDef) -> int:
    """Return how long a function's docstring is: arguments, formula and source do not count."""
    first = node.body[0]
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return 0
    return (first.end_lineno or 0) - first.lineno + 1


def test_rooms_and_functions_are_small() -> None:
    large = []
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > MOST_LINES:
            large.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1 - docstring_lines(node)
                if size > MOST_FUNCTION_LINES:
                    large.append(f"{path.relative_to(ROOT)} {node.name}: {size} lines")
    assert not large


def test_rooms_have_names_that_say_something() -> None:
    names = {name for path in modules() for name in rooms_of(path)}
    assert len(names) > 30
    assert not names & EMPTY_NAMES


def test_no_room_has_the_name_of_a_public_function() -> None:
    """Importing a submodule sets an attribute of its package, and would hide the function."""
    for module in pkgutil.walk_packages([str(ROOT)], "psychoscales."):
        importlib.import_module(module.name)
    assert len(psychoscales.__all__) > 20
    for name in psychoscales.__all__:
        assert callable(getattr(psychoscales, name)), name


def test_public_names_are_the_ones_that_type_checkers_see() -> None:
    text = (ROOT / "__init__.py").read_text(encoding="utf-8")
    seen = re.search(r"if TYPE_CHECKING:\n(.*?)\n\n__version__", text, re.DOTALL)
    assert seen is not None
    tree = ast.parse("\n".join(line[4:] for line in seen.group(1).splitlines()))
    named = {alias.name for node in tree.body for alias in node.names}  # type: ignore[attr-defined]
    assert named == set(psychoscales.__all__) == set(psychoscales._HOME)


def test_every_public_name_has_a_docstring() -> None:
    for name in psychoscales.__all__:
        assert (getattr(psychoscales, name).__doc__ or "").strip(), name
