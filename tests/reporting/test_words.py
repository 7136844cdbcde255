"""Translation files: the same keys and places in every language, none missing, none unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import psychoscales.reporting
from psychoscales.errors import UnknownNameError
from psychoscales.reporting.words import Words, languages, texts

ROOM = Path(psychoscales.reporting.__file__).parent
FEWEST = 150


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def asked_for() -> Iterator[str]:
    """Yield every key in the code and the page, `*` where a part of it is worked out."""
    for path in ROOM.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        within = {
            part
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        for node in ast.walk(tree):
            if node in within:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.fullmatch(r"[a-z_]+\.[A-Za-z_]+", node.value):
                    yield node.value
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    str(part.value) if isinstance(part, ast.Constant) else "*"
                    for part in node.values
                ]
                if re.fullmatch(r"[a-z_]+\.[a-z_*]+", "".join(parts)):
                    yield "".join(parts)
    page = (ROOM / "page.html.j2").read_text(encoding="utf-8")
    yield from re.findall(r'words\("([a-z_.]+)"', page)


def test_languages_have_the_same_keys_and_places() -> None:
    assert {"en", "ja"} <= set(languages())
    english = texts("en")
    assert len(english) > FEWEST
    for language in languages():
        other = texts(language)
        assert set(other) == set(english), language
        wrong = [key for key, text in english.items() if places(text) != places(other[key])]
        assert not wrong, language
        assert all(text for key, text in other.items() if key != "mark.space"), language


def test_every_key_asked_for_is_there() -> None:
    known, keys = texts("en"), set(asked_for())
    parts = {key.split(".")[0] for key in known}
    own = {key for key in keys if key.split(".")[0] in parts}
    assert len(own) > FEWEST
    lacking = [key for key in own if "*" not in key and key not in known]
    assert set(lacking) <= {"page.css", "page.js"}


def test_every_key_is_asked_for() -> None:
    patterns = [re.escape(key).replace(r"\*", ".+") for key in asked_for()]
    unused = [
        key for key in texts("en") if not any(re.fullmatch(pattern, key) for pattern in patterns)
    ]
    assert not [key for key in unused if not key.startswith("heads.")]


def test_headings_are_those_of_columns() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))
    heads = [key.removeprefix("heads.") for key in texts("en") if key.startswith("heads.")]
    assert len(heads) > 60
    assert not [name for name in heads if f'"{name}"' not in code and f".{name}" not in code]


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match=r"no text in ja called 'page\.nothing'"):
        Words("ja")("page.nothing")
    with pytest.raises(UnknownNameError, match=r"no language of reports called 'de'"):
        texts("de")
