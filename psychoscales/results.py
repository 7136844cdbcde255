"""Results: frozen estimates and tables, and the only place where numbers become text."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from psychoscales.frames.out import rows_frame

WHERE = ("scale", "score", "group", "occasion")
PROPORTIONS = frozenset({"floor", "ceiling", "share"})
ENDS = frozenset({"min", "max"})
PROBABILITIES = frozenset({"p", "p_adjusted", "p_holm", "p_bh"})
LEAST_P = 0.001
NAMES = ("coefficient", "statistic", "item")
"""Columns that say what a row is of, in the order in which they are looked for."""
INDENT = 2
WIDEST = 44
HEADINGS = {
    "item_total": "r total",
    "item_rest": "r rest",
    "item_rest_smc": "r rest smc",
    "alpha_if_dropped": "alpha if dropped",
}


@dataclass(frozen=True)
class Estimate:
    """One coefficient: what it is, its value and interval, and how they came to be.

    Attributes:
        coefficient: id of the coefficient ("alpha").
        value: the value, unrounded; None where it was refused.
        low, high: the interval's ends; None where there is none.
        level: the interval's confidence level; None where there is none.
        n: people the value is from; None where pairs of items are of different people.
        metric: what the items are: "raw" values, or "polychoric".
        missing: what became of missing answers: "complete" or "pairwise".
        method: the interval's method.
        seed: of the random numbers, where there are any.
        note: what a reader should know; where the value was refused, why.
        estimand: what it is of: model, numerator, denominator, item metric.
    """

    coefficient: str
    value: float | None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    n: int | None = None
    metric: str = "raw"
    missing: str = "complete"
    method: str | None = None
    seed: int | None = None
    note: str | None = None
    estimand: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the estimate as a row of a table."""
        return asdict(self)


@dataclass(frozen=True)
class Table:
    """Rows of results under named columns, with a title and notes.

    Attributes:
        title: what the table is of.
        columns: the names of the columns, in order.
        rows: one mapping a row; values are unrounded.
        notes: what a reader should know.
        hidden: columns that the text and the page leave out; the frame has them.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def to_frame(self) -> Any:
        """Return a tidy pandas frame of all columns."""
        return rows_frame(self.rows, self.columns)

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` can write; a value that is no number is None."""
        rows = [{name: _plain(row.get(name)) for name in self.columns} for row in self.rows]
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": rows,
            "notes": list(self.notes),
        }

    def shown(self) -> tuple[list[str], list[list[str]]]:
        """Return the columns that are shown, and their cells as text."""
        names = [name for name in self.columns if name not in self.hidden and self._used(name)]
        return names, [[cell(name, row.get(name)) for name in names] for row in self.rows]

    def _used(self, name: str) -> bool:
        return any(_plain(row.get(name)) is not None for row in self.rows)

    def __str__(self) -> str:
        return "\n".join(self.lines(80))

    def lines(self, width: int) -> Iterator[str]:
        """Yield the table as lines of text, none longer than `width` where that can be.

        Rows of one score stand together under its name; notes of single rows stand below.
        """
        names, cells = self.shown()
        yield from textwrap.wrap(self.title, width)
        within = [name for name in names if name in WHERE and WHERE[0] in self.columns]
        kept = [at for at, name in enumerate(names) if name not in (*within, "note")]
        owners = [
            " ".join(row[at] for at, name in enumerate(names) if name in within and row[at])
            for row in cells
        ]
        shown = [[shortened(row[at]) for at in kept] for row in cells]
        yield from blocks([names[at] for at in kept], shown, owners, width)
        for note in dict.fromkeys([*self.notes, *self._of_rows(owners)]):
            yield from wrapped(f"Note. {note}", width)

    def _of_rows(self, owners: Sequence[str]) -> Iterator[str]:
        """Yield the notes of single rows; rows of one owner with the same note share it."""
        said: dict[tuple[str, str], list[str]] = {}
        for owner, row in zip(owners, self.rows, strict=True):
            if row.get("note"):
                program = [str(row[key]) for key in ("program", "prints") if row.get(key)]
                named = next((row[key] for key in NAMES if row.get(key)), "")
                what = " ".join(program) or str(named)
                said.setdefault((owner, str(row["note"])), []).append(what)
        for (owner, note), whats in said.items():
            where = f"{owner} {', '.join(filter(None, whats))}".strip()
            yield f"{where}: {note}" if where else note

    def _repr_html_(self) -> str:
        names, cells = self.shown()
        head = "".join(f"<th>{html.escape(heading(name))}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
            for row in cells
        )
        notes = "".join(f"<p>Note. {html.escape(note)}</p>" for note in self.notes)
        return (
            f"<table><caption>{html.escape(self.title)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"
        )


@dataclass(frozen=True)
class Tables(Table):
    """A table that others belong to: they are shown below it, and written within it.

    Attributes:
        FURTHER: names of the attributes that hold them.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ()

    def _further(self) -> Iterator[Table]:
        """Yield the tables that are shown below this one: those that have rows."""
        for name in self.FURTHER:
            table: Table = getattr(self, name)
            if table.rows:
                yield table

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` can write, the further tables within."""
        further = {name: getattr(self, name).to_dict() for name in self.FURTHER}
        return {**super().to_dict(), **further}

    def lines(self, width: int) -> Iterator[str]:
        """Yield all tables as lines of text."""
        yield from super().lines(width)
        for table in self._further():
            yield ""
            yield from table.lines(width)

    def _repr_html_(self) -> str:
        further = [table._repr_html_() for table in self._further()]
        return "".join([super()._repr_html_(), *further])


class Several:
    """A result that is shown as several tables, one below the other."""

    def _shown(self) -> Iterable[Table]:
        """Return the tables that are shown."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n\n".join(str(table) for table in self._shown())

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self._shown())


def blocks(
    names: Sequence[str], cells: Sequence[Sequence[str]], owners: Sequence[str], width: int
) -> Iterator[str]:
    """Yield aligned lines; a table too wide is continued below, its first column repeated.

    A row whose owner is not the one of the row above stands under a line that names the owner.
    """
    if not names:
        return
    numeric = [all(_numeric(row[at]) for row in cells) for at in range(len(names))]
    titles = [heading(name) for name in names]
    widths = [max([len(titles[at]), *(len(row[at]) for row in cells)]) for at in range(len(names))]
    rest = list(range(1, len(names)))
    while True:
        taken, used = [0], INDENT + widths[0]
        while rest and (used + 2 + widths[rest[0]] <= width or len(taken) == 1):
            used += 2 + widths[rest[0]]
            taken.append(rest.pop(0))
        before = ""
        for owner, row in zip(["", *owners], [titles, *cells], strict=True):
            if owner != before:
                yield " " * INDENT + owner
                before = owner
            yield (
                " " * INDENT
                + "  ".join(
                    row[at].rjust(widths[at]) if numeric[at] else row[at].ljust(widths[at])
                    for at in taken
                ).rstrip()
            )
        if not rest:
            return
        yield ""


def shortened(text: str) -> str:
    """Cut a text that would leave no room for the other columns."""
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines, the second and later ones indented."""
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ")


def people(count: int) -> str:
    """Return "1 person", "2 people"."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def heading(name: str) -> str:
    """Return the words a column's name is shown as."""
    return HEADINGS.get(name, name.replace("_", " "))


def cell(name: str, value: Any) -> str:
    """Return the text a value is shown as, by the name of its column."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if name in ENDS:
            return f"{value:,.3f}".rstrip("0").rstrip(".")
        if name in PROPORTIONS:
            return f"{100 * value:.1f}%"
        if name in PROBABILITIES and 0 <= value < LEAST_P:
            return f"<{LEAST_P:g}"
        if name == "level":
            return f"{100 * value:g}%"
        return number(value)
    return str(value)


def number(value: float, decimals: int = 3) -> str:
    """Write a number for a table: three decimals, one where it is a hundred or more."""
    if not math.isfinite(value):
        return ""
    return f"{value:,.{1 if abs(value) >= 100 else decimals}f}"


def _plain(value: Any) -> Any:
    """A numpy scalar becomes Python's own; what is no number becomes None."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return list(value) if isinstance(value, tuple) else value


def _numeric(text: str) -> bool:
    return not text or text[0].isdigit() or (text[0] in "-.<" and text[1:2].isdigit())
