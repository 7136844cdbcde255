"""A study's own numbers beside the published ones, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from psychoscales.auditing.printed import Printed
from psychoscales.layouts import Cell, Grid, plain
from psychoscales.protocol.document import StudyFile
from psychoscales.protocol.tables.made import Made
from psychoscales.results import Table
from psychoscales.spec.model import in_language

NAME = "comparison"
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
Rows = Iterator[tuple[str, str, str, str, Printed, float | None]]


def compare(study: StudyFile, tables: Mapping[str, Table]) -> Made:
    """Set the published values beside the computed ones.

    A row a published number: `computed` is unrounded (null where it was not computed),
    ``difference = computed - published``, and `agrees` says whether the computed number, rounded
    to the `decimals` that were printed, is the published one; a tie may go either way. Where a
    bound was printed ("<.001"), it says whether the bound holds. Percentages are 0 to 100.
    """
    rows = [_row(*each) for each in _published(study, tables)]
    agree = sum(row["agrees"] is True for row in rows)
    notes = [f"{agree:,} of {len(rows):,} published numbers agree at the decimals printed."]
    others = study.published
    left = len(others.proportions) + len(others.lists) + len(others.alphas)
    if left:
        notes.append(f"{left} published proportions, lists and alphas are of no table: audit them.")
    notes += _relabelled(study, tables)
    notes += [note for note in _first(tables).notes if note.startswith("SYNTHETIC")]
    title = f"{in_language(study.title, 'en')}: published and computed"
    table = Table(title, COLUMNS, tuple(rows), tuple(notes), hidden=("decimals",))
    lines = tuple(
        (
            Cell("text", f"{row['table']}: {row['row']}"),
            Cell("text", row["column"]),
            Cell("text", row["statistic"]),
            Cell("number", row["published"], decimals=row["decimals"]),
            Cell("number", row["computed"], decimals=row["decimals"]),
            Cell("text", {True: "yes", False: "no", None: None}[row["agrees"]]),
        )
        for row in rows
    )
    heads = ("", "Column", "Statistic", "Published", "Computed", "Agrees")
    grid = Grid(plain(title), tuple(map(plain, heads)), lines, tuple(plain(n) for n in notes))
    return Made({NAME: table}, grid)


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
    betas = [abs(r["difference"]) for r in rows if r["statistic"] == "beta" and "difference" in r]
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
        "decimals": printed.decimals,
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
