"""One small tree of errors: where something is wrong, what was found, what is allowed."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SHOWN_CELLS = 12


def nearest(name: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return the names of `known` that `name` may be a misspelling of, the likeliest first."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), candidate)
    close = difflib.get_close_matches(name.casefold(), list(folded), n=most, cutoff=0.6)
    return tuple(folded[match] for match in close)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` where something near `name` is known, else nothing."""
    close = nearest(name, known, most=1)
    return f"; did you mean '{close[0]}'?" if close else ""


class PsychoscalesError(Exception):
    """Everything this package raises on purpose."""


class UnknownNameError(PsychoscalesError):
    """A name nobody knows: what kind of thing it should be, and the nearest known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        known = tuple(known)
        near = nearest(name, known)
        if near:
            tail = "; did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
        elif known:
            tail = "; known: " + ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
        else:
            tail = "; none is known"
        super().__init__(f"no {kind} called '{name}'{tail}" + (f" ({hint})" if hint else ""))
        self.kind, self.name, self.known, self.nearest = kind, name, known, near


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a document: the path to it, what stands there, what may stand there."""

    path: str
    found: str
    allowed: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.found}" if self.path else self.found
        return f"{text}; {self.allowed}" if self.allowed else text


class DocumentError(PsychoscalesError):
    """Everything wrong in one declarative file, at once.

    `file` names it; `problems` holds a `Problem` for each line of the message.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{file}: {problem}" for problem in problems))
        self.file, self.problems = file, tuple(problems)


class ScaleError(DocumentError):
    """A scale file, or a locale file that adds texts to one, does not say a valid scale."""


class BindingError(DocumentError):
    """A binding does not fit its own form, or the scale it binds."""


class StudyError(DocumentError):
    """A study file does not say a valid study."""


class CatalogueError(PsychoscalesError):
    """The catalogue of scales contradicts itself: two files claim one id, say."""


class SourceError(PsychoscalesError):
    """A data source cannot be opened, or cannot be what it was said to be."""


class ColumnError(PsychoscalesError):
    """Columns that should be in the data are not."""


class BadCell(NamedTuple):
    """One stored value that is neither an option nor a declared missing code.

    `row` counts people from 1 in the order of the source, its header not counted; where only
    distinct answer patterns were seen, as when counting on a database, it is 0.
    """

    row: int
    column: str
    found: str
    allowed: str


class DataError(PsychoscalesError):
    """Stored values that the scale does not know; `cells` holds every one of them."""

    def __init__(self, cells: Sequence[BadCell], advice: Sequence[str] = ()) -> None:
        self.cells, self.advice = tuple(cells), tuple(advice)
        super().__init__("\n".join([*self._lines(), *self.advice]))

    def _lines(self) -> list[str]:
        columns = Counter(cell.column for cell in self.cells)
        count = len(self.cells)
        lines = [
            f"{count} {'value is' if count == 1 else 'values are'} neither an option nor a "
            f"declared missing code, in {len(columns)} column{'s' * (len(columns) != 1)}:"
        ]
        for cell in self.cells[:SHOWN_CELLS]:
            where = f"row {cell.row}, " if cell.row else ""
            lines.append(f"  {where}{cell.column}: found {cell.found}; allowed: {cell.allowed}")
        if count > SHOWN_CELLS:
            lines.append(f"  ... and {count - SHOWN_CELLS} more (all of them in `.cells`)")
        return lines


class MergeError(PsychoscalesError):
    """Counts of different scales, versions, items or keyings cannot be added."""


class RefusalError(PsychoscalesError):
    """No number is right here; the message says why, and what would help."""


class MissingExtraError(PsychoscalesError):
    """A library that is only needed for some jobs is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'psychoscales[{extra}]'")
        self.extra = extra
