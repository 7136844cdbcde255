"""The words of a report in one language, from a translation file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from psychoscales.errors import UnknownNameError

FOLDER = Path(__file__).parent / "locales"


def languages() -> tuple[str, ...]:
    """Return the languages that there is a translation file for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return every text of a language: `part.name` -> text, with `{places}` to fill."""
    if language not in languages():
        raise UnknownNameError("language of reports", language, languages())
    parts = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{part}.{name}": text for part, own in parts.items() for name, text in own.items()}


class Words:
    """Texts by key; a key that the file lacks is an error, never another language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts(language)

    def __call__(self, key: str, /, **places: Any) -> str:
        if key not in self._texts:
            raise UnknownNameError(f"text in {self.language}", key, self._texts)
        return self._texts[key].format(**places)

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self._texts

    def named(self, part: str, name: str) -> str:
        """Return what a name is called in a part of the texts; the name itself where it is not."""
        return self._texts.get(".".join((part, name)), name.replace("_", " "))

    def listed(self, names: list[str]) -> str:
        """Return names with the commas of the language."""
        return self("mark.comma").join(names)
