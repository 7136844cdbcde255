"""Structure: how many factors the items have, and how well the scale's models fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from psychoscales.plots.style import COLOURS
from psychoscales.reporting.charts.paths import path_diagram
from psychoscales.reporting.charts.scree import scree
from psychoscales.reporting.context import Context
from psychoscales.reporting.models import Fitted
from psychoscales.reporting.parts import Block, Figure, Paragraph, Section
from psychoscales.reporting.tabling import table, value
from psychoscales.results import number
from psychoscales.verbs.retain import Retained

METHODS = ("procedure", "factors")
EIGENVALUES = ("number", "observed", "reference_quantile")
ADEQUACY = ("measure", "value", "df", "p")
FIT = ("index", "value", "scaled", "robust", "rule")
LOADINGS = ("factor", "item", "std", "std_se", "estimate", "se")
CORRELATIONS = ("factor", "with_factor", "correlation", "se")
LOCAL = ("lhs", "op", "rhs", "mi", "sepc")
KIND = "components"
SHOWN = ("chisq", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
MOST_LOCAL = 5
MOST_ITEMS = 24
"""In a picture of a model, so that it fits a page."""
T = TypeVar("T")
NOTICED = 10.0
"""A modification index that is worth a look; 3.84 is one in twenty by chance alone."""


def structure(context: Context) -> Section | None:
    """Show parallel analysis and its like for each score, then each factor model."""
    blocks: list[Block] = []
    for score, found in context.retained.items():
        blocks += _retained(context, score, found)
    for fitted in context.fits:
        blocks += _fitted(context, fitted)
    if not blocks:
        return None
    return Section("structure", context.words("section.structure"), tuple(blocks))


def suggestions(context: Context, score: str) -> dict[str, int | None]:
    """Return how many factors each method suggests."""
    found = context.retained.get(score)
    return {} if found is None else {row["method"]: row["factors"] for row in found.methods.rows}


def _retained(context: Context, score: str, found: Retained) -> Iterator[Block]:
    words, name = context.words, context.name(score)
    rows = []
    for row in found.methods.rows:
        if row["factors"] is None:
            context.refuse(f"{name}: {_called(context, row['method'])}", str(row["note"] or ""))
        else:
            rows.append({"procedure": _called(context, row["method"]), "factors": row["factors"]})
    context.cite("horn1965", "velicer1976", "braeken2017", "lorenzoseva2011")
    figure = _scree(context, name, found)
    if figure is not None:
        yield figure
    yield table(context, words("structure.methods", score=name), METHODS, rows)
    overall = [
        {**row, "measure": words(f"adequacy.{row['measure']}")}
        for row in found.adequacy.rows
        if row["item"] is None
    ]
    if overall:
        yield table(context, words("structure.adequacy", score=name), ADEQUACY, overall)
    for note in found.adequacy.notes:
        context.refuse(f"{name}: {words('adequacy.bartlett')}", note)


def _called(context: Context, method: str) -> str:
    key = f"retain.{method}"
    return context.words(key) if context.words.has(key) else method.replace("_", " ")


def _scree(context: Context, name: str, found: Retained) -> Figure | None:
    words = context.words
    rows = [row for row in found.eigenvalues.rows if row["kind"] == KIND]
    if not rows:
        return None
    tips = [
        f"{row['number']}: {number(row['observed'])} ({words('structure.reference')} "
        f"{number(row['reference_quantile'])})"
        for row in rows
    ]
    said = words("structure.described", score=name)
    svg = scree(
        [row["observed"] for row in rows],
        [row["reference_quantile"] for row in rows],
        (words("heads.number"), words("structure.eigenvalue")),
        tips,
        said,
    )
    behind = table(context, words("structure.behind", score=name), EIGENVALUES, rows)
    legend = (
        (COLOURS[0], words("structure.eigenvalue")),
        (COLOURS[1], words("structure.reference")),
    )
    return Figure(words("structure.scree", score=name), said, svg, behind, legend)


def _fitted(context: Context, fitted: Fitted) -> Iterator[Block]:
    words, found, name = context.words, fitted.found, fitted.model.name
    context.cite("muthen1984", "olsson1979", "hu1999")
    yield from _diagrams(context, fitted)
    caption = words("structure.fit", model=name, estimator=found.estimator)
    yield table(context, caption, FIT, list(_indices(context, fitted)))
    if not fitted.model.declared:
        yield Paragraph(words("structure.not_declared"), "warning")
    if found.factor_correlations.rows:
        caption = words("structure.correlations", model=name)
        yield table(context, caption, CORRELATIONS, found.factor_correlations.rows)
    local = [row for row in found.modification.rows[:MOST_LOCAL] if row["mi"] >= NOTICED]
    if local:
        yield table(context, words("structure.local", model=name), LOCAL, local)
    for note in found.fit.notes:
        told = context.foreign(note)
        yield Paragraph(told.text, "note", told.language)


def _indices(context: Context, fitted: Fitted) -> Iterator[dict[str, Any]]:
    known = fitted.indices
    for name in SHOWN:
        if name not in known:
            continue
        key = f"rule.{name}"
        yield {
            "index": context.words(f"index.{name}"),
            "value": value(name, known[name]),
            "scaled": value(name, known.get(f"{name}_scaled")),
            "robust": value(name, known.get(f"{name}_robust")),
            "rule": context.words(key) if context.words.has(key) else None,
        }


def _diagrams(context: Context, fitted: Fitted) -> Iterator[Figure]:
    """Yield the model's picture, in several parts where it is higher than a page."""
    words, found, name = context.words, fitted.found, fitted.model.name
    loadings: dict[str, list[tuple[str, float, str]]] = {}
    for row in found.loadings.rows:
        text = context.told(context.scale.item(row["item"]).text).text
        tip = f"{row['item']} ← {row['factor']}: {number(row['std'])}. {text}".rstrip(". ")
        loadings.setdefault(row["factor"], []).append((row["item"], row["std"], tip))
    ties = [
        (row["factor"], row["with_factor"], row["correlation"])
        for row in found.factor_correlations.rows
    ]
    said = words("structure.paths_described", model=name)
    for part in parts(loadings):
        inside = [tie for tie in ties if tie[0] in part and tie[1] in part]
        svg = path_diagram(part, inside, said)
        whole, title = len(part) == len(loadings), words("structure.paths", model=name)
        caption = words("structure.loadings", model=name)
        if not whole:
            named = words.listed(list(part))
            title, caption = (
                words("items.of", part=text, title=named) for text in (title, caption)
            )
        rows = [row for row in found.loadings.rows if row["factor"] in part]
        behind = table(context, caption, LOADINGS, rows)
        yield Figure(title, said, svg, behind, narrow=True)


def parts(loadings: Mapping[str, Sequence[T]]) -> list[dict[str, Sequence[T]]]:
    """Return the factors, so many together as fit a page."""
    made: list[dict[str, Sequence[T]]] = [{}]
    for factor, items in loadings.items():
        if made[-1] and sum(map(len, made[-1].values())) + len(items) > MOST_ITEMS:
            made.append({})
        made[-1][factor] = items
    return made
