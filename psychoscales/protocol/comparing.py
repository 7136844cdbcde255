"""A study's own numbers beside the published ones, cell by cell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from psychoscales.auditing.printed import Printed
from psychoscales.layouts import fixed
from psychoscales.protocol.document import StudyFile
from psychoscales.results import INDENT, Table, wrapped
from psychoscales.spec.model import in_language

COLUMNS = (
    "table",
    "row",
    "column",
    "statistic",
    "published",
    "computed",
    "difference",
    "decimals",
    "agrees",
)
SLACK = 1e-9
MODEL_KEYS = {"n": "n", "df": "df2", "r_squared": "r_squared", "f": "f"}
EMPTY: Mapping[str, str] = MappingProxyType({})
HEADS = ("published", "computed", "difference", "")
SAID = {True: "", False: "differs", None: "not computed"}
Rows = Iterator[tuple[str, str, str, str, Printed, float | None]]


@dataclass(frozen=True)
class Comparison(Table):
    """Published and computed numbers; as text, what belongs to one table stands together.

    The computed number and the difference are shown with a decimal more than was printed, and
    what does not agree at the decimals printed is marked.
    """

    def lines(self, width: int) -> Iterator[str]:
        """Yield the comparison as lines of text, none longer than `width` where that can be."""
        yield from textwrap.wrap(self.title, width)
        cells = {at: _shown(row) for at, row in enumerate(self.rows)}
        widths = [
            max([len(head), *(len(row[at]) for row in cells.values())])
            for at, head in enumerate(HEADS)
        ]
        room = width - 3 * INDENT - sum(2 + each for each in widths)
        stub = max(1, min(max((len(_what(row)) for row in self.rows), default=0), room))
        indexed = list(enumerate(self.rows))
        for name, of_table in groupby(indexed, key=lambda each: each[1]["table"]):
            mine = list(of_table)
            agree = sum(row["agrees"] is True for _, row in mine)
            yield ""
            yield f"{' ' * INDENT}{name}: {agree:,} of {len(mine):,} agree"
            yield from _line("", HEADS, stub, widths)
            for row_name, of_row in groupby(mine, key=lambda each: each[1]["row"]):
                yield " " * 2 * INDENT + row_name
                for at, row in of_row:
                    yield from _line(_what(row), cells[at], stub, widths)
        for note in self.notes:
            yield from wrapped(f"Note. {note}", width)


def _what(row: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (row["column"], row["statistic"])))


def _shown(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a row as text; whole numbers that were printed as such stay so."""
    computed, difference = row["computed"], row["difference"]
    if computed is None:
        return row["printed"], "", "", SAID[None]
    decimals = row["decimals"] + 1
    if row["decimals"] == 0 and float(computed).is_integer():
        decimals = 0
    apart = fixed(difference, decimals)
    return row["printed"], fixed(computed, decimals), apart, SAID[row["agrees"]]


def _line(what: str, cells: tuple[str, ...], stub: int, widths: list[int]) -> Iterator[str]:
    lines = textwrap.wrap(what, stub, subsequent_indent=" ") or [""]
    start = " " * 3 * INDENT
    yield from (start + line for line in lines[:-1])
    others = [text.rjust(each) for text, each in zip(cells[:-1], widths[:-1], strict=True)]
    yield "  ".join([start + lines[-1].ljust(stub), *others, cells[-1]]).rstrip()


def compare(study: StudyFile, tables: Mapping[str, Table]) -> Comparison:
    """Set the published values beside the computed ones.

    A row a published number: `computed` is unrounded (null where it was not computed),
    ``difference = computed - published``, and `agrees` says whether the computed number, rounded
    to the `decimals` that were printed, is the published one; a tie may go either way. Where a
    bound was printed ("<.001"), it says whether the bound holds. Percentages are 0 to 100.
    """
    rows = [_row(*each) for each in _published(study, tables)]
    agree = sum(row["agrees"] is True for row in rows)
    notes = [f"{agree:,} of {len(rows):,} published numbers agree at the decimals printed."]
    if not rows:
        notes = ["The study says of no number in its tables what was published."]
    others = study.published
    left = len(others.proportions) + len(others.lists)
    left += len(others.alphas) - sum(row["statistic"] == "alpha" for row in rows)
    if left:
        notes.append(f"{left} published proportions, lists and alphas are of no table: audit them.")
    notes += _relabelled(study, tables)
    notes += [note for note in _first(tables).notes if note.startswith("SYNTHETIC")]
    title = f"{in_language(study.title, 'en')}: published and computed"
    return Comparison(title, COLUMNS, tuple(rows), tuple(notes), hidden=("decimals",))


def _first(tables: Mapping[str, Table]) -> Table:
    return next(iter(tables.values()))


def _published(study: StudyFile, tables: Mapping[str, Table]) -> Rows:
    block = study.published
    for frequency in block.frequencies:
        found = _rows(tables, frequency.analysis, variable=frequency.variable)
        where = frequency.analysis, frequency.variable
        if frequency.n is not None:
            yield *where, "", "n", frequency.n, _value(found[0] if found else {}, "n")
        for kind, printed in (("count", frequency.counts), ("percent", frequency.percents or ())):
            for at, text in enumerate(printed):
                row = found[at] if at < len(found) else {}
                value = _value(row, "count" if kind == "count" else "share")
                value = 100 * value if kind == "percent" and value is not None else value
                yield *where, str(row.get("option", at + 1)), kind, text, value
    for described in block.descriptives:
        found = _rows(tables, described.analysis, variable=described.variable)
        for key in ("n", "mean", "sd", "min", "max"):
            text = getattr(described, key)
            if text is not None:
                value = _value(found[0] if found else {}, key)
                yield described.analysis, described.variable, "", key, text, value
    for pair in block.correlations:
        found = _rows(tables, pair.analysis, row=pair.row, column=pair.column)
        for key in ("r", "p", "n"):
            text = getattr(pair, key)
            if text is not None:
                value = _value(found[0] if found else {}, key)
                yield pair.analysis, pair.row, pair.column, key, text, value
    names = [each.id for each in study.analyses if each.kind == "reliability"]
    for one in block.alphas:
        for name in names:
            found = _rows(tables, name, variable=one.score, coefficient="alpha")
            if found:
                yield name, one.score, "", "alpha", one.alpha, _value(found[0], "value")
                break
    yield from _regressions(study, tables)


def _relabelled(study: StudyFile, tables: Mapping[str, Table]) -> list[str]:
    """Say how many regression numbers agree once rows stand under the labels of the cohort."""
    if study.cohort is None or not study.cohort.labels:
        return []
    name = study.cohort.regression
    rows = [_row(*each) for each in _regressions(study, tables, study.cohort.labels)]
    rows = [row for row in rows if row["table"] == name]
    agree = sum(row["agrees"] is True for row in rows)
    order = ", ".join(f"{one} is {other}'s" for one, other in study.cohort.labels.items())
    betas = [
        abs(row["difference"])
        for row in rows
        if row["statistic"] == "beta" and row["difference"] is not None
    ]
    furthest = f"; no beta is off by more than {max(betas):.3f}" if betas else ""
    return [f"{name} with its rows relabelled ({order}): {agree} of {len(rows)} agree{furthest}."]


def _regressions(
    study: StudyFile, tables: Mapping[str, Table], labels: Mapping[str, str] = EMPTY
) -> Rows:
    """Yield the regressions' numbers; `labels` says which variable a printed row is really of."""
    for one in study.published.regressions:
        predictor = labels.get(one.predictor, one.predictor)
        found = _rows(tables, one.analysis, outcome=one.outcome, predictor=predictor)
        for key in ("B", "beta", "t", "p"):
            text = getattr(one, key)
            if text is not None:
                value = _value(found[0] if found else {}, key)
                yield one.analysis, one.outcome, one.predictor, key, text, value
    for model in study.published.regression_models:
        found = _rows(tables, f"{model.analysis}_models", outcome=model.outcome)
        for key, computed in MODEL_KEYS.items():
            text = getattr(model, key)
            if text is not None:
                value = _value(found[0] if found else {}, computed)
                yield model.analysis, model.outcome, "(model)", key, text, value


def _rows(tables: Mapping[str, Table], name: str, **wanted: str) -> list[Mapping[str, Any]]:
    table = tables.get(name)
    rows = table.rows if table is not None else ()
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def _value(row: Mapping[str, Any], key: str) -> float | None:
    value = row.get(key)
    return None if value is None else float(value)


def _row(
    table: str, row: str, column: str, statistic: str, printed: Printed, computed: float | None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "table": table,
        "row": row,
        "column": column or None,
        "statistic": statistic,
        "published": float(printed),
        "computed": computed,
        "difference": None,
        "decimals": printed.decimals,
        "agrees": None,
        "printed": str(printed),
    }
    if computed is not None:
        found["difference"] = computed - float(printed)
        found["agrees"] = agrees(computed, printed)
    return found


def agrees(computed: float, printed: Printed) -> bool:
    """Return whether a number rounds to the printed one, or keeps the printed bound ("<.001")."""
    if printed.relation == "<":
        return computed < float(printed)
    if printed.relation == ">":
        return computed > float(printed)
    return abs(computed - float(printed)) <= float(printed.half) + SLACK
