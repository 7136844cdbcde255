"""What a check returns: one place in a paper, what is wrong there, and how certain that is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from psychoscales.results import INDENT, Table, wrapped

Verdict = Literal["impossible", "inconsistent", "implausible", "note", "no_power"]
VERDICTS: dict[Verdict, str] = {
    "impossible": "no data can give this number",
    "inconsistent": "two or more printed numbers contradict each other: one of them is wrong",
    "implausible": "data could give it, but something else is far likelier",
    "note": "nothing is wrong; a reader should know it",
    "no_power": "the check cannot say anything at this n and these decimals",
}


@dataclass(frozen=True)
class Finding:
    """One finding of an audit.

    Attributes:
        check: id of the check.
        where: the place in the paper: "{analysis}: {row}, {column}".
        printed: what stands there.
        expected: what should, or what could, stand there.
        verdict: how certain it is; the words of `VERDICTS`.
        explanation: a plain sentence or more, with what the finding depends on.
    """

    check: str
    where: str
    printed: str
    expected: str
    verdict: Verdict
    explanation: str


@dataclass(frozen=True)
class Findings(Table):
    """The findings of an audit; as text, what has one verdict stands together."""

    def lines(self, width: int) -> Iterator[str]:
        """Yield the findings as lines of text, none longer than `width`."""
        yield from textwrap.wrap(self.title, width)
        for verdict, means in VERDICTS.items():
            mine = [row for row in self.rows if row["verdict"] == verdict]
            if mine:
                yield ""
                yield from _indented(f"{verdict}: {means}", 1, width)
            for row in mine:
                yield from _indented(f"{row['check']}, {row['where']}", 2, width)
                numbers = [f"{key} {row[key]}" for key in ("printed", "expected") if row[key]]
                yield from _indented("; ".join(numbers), 3, width)
                yield from _indented(row["explanation"], 3, width)
        yield ""
        for note in self.notes[len(self.rows) :]:
            yield from wrapped(f"Note. {note}", width)


def _indented(text: str, depth: int, width: int) -> list[str]:
    start = " " * depth * INDENT
    return textwrap.wrap(text, width, initial_indent=start, subsequent_indent=start)
