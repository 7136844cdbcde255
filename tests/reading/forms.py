"""A small questionnaire in four languages, answers to it, and files that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import psychoscales as ps
from tests.counting.making import scale_of

ITEMS = ("mood_1", "mood_2", "mood_3")
LABELS: dict[int, dict[str, str]] = {
    0: {"en": "Not at all", "ja": "全くない", "de": "Überhaupt nicht", "el": "Καθόλου"},
    1: {"en": "Several days", "ja": "数日", "de": "Einige Tage", "el": "Μερικές μέρες"},
    2: {"en": "Most days", "ja": "半分以上", "de": "Größtenteils", "el": "Συνήθως"},
    3: {"en": "Every day", "ja": "ほとんど毎日", "de": "Täglich", "el": "Κάθε μέρα"},
}
SCALE = scale_of(ITEMS, (0, 1, 2, 3), name="mood", labels=LABELS, max_missing=1)
ROWS = [[0, 1, 2], [3, 3, 0], [1, 2, 3], [2, 0, 1]]
"""Codes that people gave; their positions are the same numbers."""


def frame(rows: Any = ROWS) -> pd.DataFrame:
    """Return answers as a pandas frame."""
    return pd.DataFrame(rows, columns=list(ITEMS))


def column(*values: Any) -> pd.DataFrame:
    """Return answers to the first item as objects; the other items are all answered 0."""
    first = pd.Series(list(values), dtype=object)
    return pd.DataFrame({"mood_1": first, "mood_2": 0, "mood_3": 0})


def positions(source: Any, **asked: Any) -> list[list[int]]:
    """Read answers to the scale, and return the positions they have."""
    people = ps.read(source, SCALE, **asked)
    found: list[list[int]] = people.blocks["mood"].positions.tolist()
    return found


def reasons(source: Any, **asked: Any) -> list[list[str]]:
    """Read answers, and return the code of each, or the reason why it is missing."""
    block = ps.read(source, SCALE, **asked).blocks["mood"]
    return [
        [str(at) if at >= 0 else block.reasons[-1 - at] for at in row]
        for row in block.positions.tolist()
    ]


def csv(rows: Any = ROWS, delimiter: str = ",", header: Any = ITEMS) -> str:
    """Return rows as the text of a file."""
    lines = [delimiter.join(header), *(delimiter.join(str(cell) for cell in row) for row in rows)]
    return "\n".join(lines) + "\n"


def write(place: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a text file as it is, and return its path."""
    place.write_bytes(text.encode(encoding))
    return place
