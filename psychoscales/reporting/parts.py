"""What a report is made of, before it is a page, a text or a Word file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup


@dataclass(frozen=True)
class Cell:
    """A text, what it is sorted by, its language where that is another, and where it leads."""

    text: str
    sort: float | None = None
    language: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Head:
    """The heading of a column, and what the column is of: "number", or texts by their length."""

    text: str
    kind: Literal["number", "short", "medium", "long"] = "short"

    @property
    def numeric(self) -> bool:
        """Whether the column stands to the right."""
        return self.kind == "number"


@dataclass(frozen=True)
class Grid:
    """A table: every row has a cell for every head."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture, what it shows in words, its legend (colour, text), and its numbers."""

    title: str
    description: str
    svg: Markup
    grid: Grid
    legend: tuple[tuple[str, str], ...] = ()
    narrow: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: plain, a `note`, or a `warning`."""

    text: str
    kind: str = "plain"
    language: str | None = None


@dataclass(frozen=True)
class Facts:
    """Terms, and what is said of each."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Listing:
    """Points, one below the other."""

    points: tuple[Cell, ...]


@dataclass(frozen=True)
class Pasted:
    """A text to take away: copied, or saved under a name."""

    label: str
    text: str
    file: str
    kind: str = "text/plain"
    language: str | None = None


@dataclass(frozen=True)
class Worry:
    """Something to know before quoting a number, and the section that has more."""

    text: str
    section: str
    language: str | None = None


@dataclass(frozen=True)
class Card:
    """What comes first: a score, its main numbers, and what to worry about."""

    title: str
    numbers: tuple[tuple[str, str, str], ...]
    worries: tuple[Worry, ...]


@dataclass(frozen=True)
class Cards:
    """The cards of all scores; `worry` heads their lists."""

    cards: tuple[Card, ...]
    worry: str
    none: str


Block = Grid | Figure | Paragraph | Facts | Listing | Pasted | Cards


@dataclass(frozen=True)
class Section:
    """A part of the report under its own heading."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Content:
    """What a report says, whatever it is written as.

    Attributes:
        title: what it is of.
        subtitle: people, data and program.
        language: of its words.
        synthetic: whether the people are made up.
        sections: in order, the summary first.
        refused: what was refused -> why.
        references: BibTeX of everything cited.
    """

    title: str
    subtitle: str
    language: str
    synthetic: bool
    sections: tuple[Section, ...]
    refused: Mapping[str, str]
    references: str
