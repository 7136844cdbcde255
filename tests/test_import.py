"""Importing the package is quick, because heavy libraries are imported where they are used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "factor_analyzer",
    "matplotlib",
    "narwhals",
    "pandas",
    "pingouin",
    "scipy.stats",
    "sklearn",
)


def modules_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout))


def test_importing_the_package_imports_no_heavy_library() -> None:
    there = modules_after("import psychoscales")
    assert "psychoscales" in there
    assert not there & set(HEAVY)


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_library_would_be_seen(name: str) -> None:
    statement = f"import sys, types; sys.modules[{name!r}] = types.ModuleType({name!r})"
    assert name in modules_after(statement)


def test_every_public_name_is_there_after_all() -> None:
    there = modules_after(
        "import psychoscales\n"
        "missing = [n for n in psychoscales.__all__ if not hasattr(psychoscales, n)]\n"
        "assert not missing, missing\n"
        "assert len(psychoscales.__all__) > 20"
    )
    assert "psychoscales.verbs.read" in there
