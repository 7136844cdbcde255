"""A folder of scales of the user's own, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from psychoscales.spec.catalogue import PATH_VARIABLE
from tests.documents.mood import toml

Put = Callable[[Mapping[str, Any]], Path]


@pytest.fixture(autouse=True)
def _no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have scales of their own; these tests do not see them."""
    monkeypatch.delenv(PATH_VARIABLE, raising=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's, which scales are looked for in."""
    place = tmp_path / "mine"
    place.mkdir()
    monkeypatch.setenv(PATH_VARIABLE, str(place))
    return place


@pytest.fixture
def put(folder: Path) -> Put:
    """Write a scale document into the user's folder, in a file called as its id."""

    def write(tree: Mapping[str, Any]) -> Path:
        path = folder / f"{tree['id']}.toml"
        path.write_text(toml(tree), encoding="utf-8")
        return path

    return write
