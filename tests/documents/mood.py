"""A small scale that uses most of the vocabulary, to be spoilt in one place at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import psychoscales as ps
from psychoscales.errors import DocumentError, Problem

Tree = dict[str, Any]
ITEMS = ("mood_1", "mood_2", "mood_3", "mood_4")
CITATION = "author2020"
CLAIMS = ("bands", "rules", "flags", "reference_values", "models")
LABELS = ("not at all", "slightly", "moderately", "very", "extremely")


def mood() -> Tree:
    """Return a new valid scale document: four items from 1 to 5, the second one reversed.

    Nothing in it is a default written out, and every number that is not a code is a float.
    """
    return {
        "format": "1.0",
        "id": "mood",
        "version": "2.1.0",
        "name": {"en": "Mood Scale"},
        "construct": {"en": "mood"},
        "languages": ["en"],
        "text_status": "adapted",
        "source": [CITATION],
        "licence": {
            "instrument": {"status": "free", "statement": "Use it.", "source": [CITATION]},
            "spec": "CC0-1.0",
        },
        "citations": [{"id": CITATION, "text": "Author A. Mood. J Mood 2020;1:2-3."}],
        "options": {
            "agree": [
                {"code": code, "value": float(code), "label": {"en": label}}
                for code, label in enumerate(LABELS, start=1)
            ]
        },
        "items": [
            {"id": name, "options": "agree", "text": {"en": f"Question {number}"}}
            for number, name in enumerate(ITEMS, start=1)
        ],
        "scores": [
            {
                "id": "total",
                "items": list(ITEMS),
                "reverse": ["mood_2"],
                "method": "sum",
                "range": [4.0, 20.0],
                "higher": {"en": "better mood"},
                "missing": {"max_missing": 1, "action": "prorate", "source": [CITATION]},
            }
        ],
        "bands": [
            {
                "id": "level",
                "score": "total",
                "levels": [
                    {"id": "low", "from": 4.0, "to": 9.0, "label": {"en": "low"}},
                    {"id": "middle", "from": 10.0, "to": 14.0, "label": {"en": "middle"}},
                    {"id": "high", "from": 15.0, "to": 20.0, "label": {"en": "high"}},
                ],
                "source": [CITATION],
            }
        ],
        "rules": [
            {"id": "signs", "count": [{"items": ["mood_1", "mood_3"], "at_least": 4.0}]},
            {
                "id": "lively",
                "all": [
                    {"rule": "signs", "at_least": 1.0},
                    {"items": ["mood_4"], "between": [2.0, 4.0]},
                ],
                "source": [CITATION],
            },
        ],
        "flags": [
            {
                "id": "sunk",
                "when": {"items": ["mood_2"], "at_least": 4.0},
                "level": "review",
                "message": {"en": "Ask."},
            }
        ],
        "models": [{"id": "one", "factors": {"mood": list(ITEMS)}, "key": "total"}],
        "reference_values": [
            {
                "statistic": "alpha",
                "score": "total",
                "value": 0.75,
                "population": {"en": "students"},
                "source": [CITATION],
            }
        ],
        "examples": [
            {
                "name": "a good day",
                "answers": {"mood_1": 5, "mood_2": 2, "mood_3": 4, "mood_4": 3},
                "expect": {"total": 16.0, "level": "high", "lively": True, "sunk": "clear"},
            }
        ],
    }


def calm() -> Tree:
    """Return a new valid document that extends `mood` and keeps every claim."""
    return {
        "format": "1.0",
        "id": "calm",
        "version": "1.0.0",
        "name": {"en": "Calm Scale"},
        "extends": {"scale": "mood", "version": "2", "relation": "adaptation"},
        "inherit": dict.fromkeys(CLAIMS, "keep"),
        "changes": [
            {"what": "name", "from": "mood", "to": "calm", "why": "clearer", "source": [CITATION]}
        ],
        "examples": [
            {"name": "a still day", "answers": {"mood_1": 3}, "expect": {"sunk": "clear"}}
        ],
    }


def toml(tree: Mapping[str, Any]) -> str:
    """Write a document as TOML, a line for each of its keys."""
    return "".join(f"{key} = {_written(value)}\n" for key, value in tree.items())


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{k}" = {_written(v)}' for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def problems(source: Any) -> tuple[Problem, ...]:
    """Return everything that is wrong with a scale."""
    with pytest.raises(DocumentError) as caught:
        ps.scale(source)
    return caught.value.problems


def problem(source: Any) -> Problem:
    """Return the one thing that is wrong with a scale; one mistake is one line."""
    found = problems(source)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]
