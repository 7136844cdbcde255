"""The moments of groups or occasions that are compared, of the same options everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.structure.cfa.fiml import missing as with_missing
from psychoscales.engines.structure.cfa.fit import ORDINAL, Sample
from psychoscales.engines.structure.cfa.normal import complete
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.errors import RefusalError
from psychoscales.moments import values_of
from psychoscales.results import people
from psychoscales.verbs.comparable import Comparable

SHOWN = 6
Cells = list[list[int]]
"""Options of an item, each with those merged into it."""


class Sampled(NamedTuple):
    """The moments of each group, or of all occasions together.

    `thresholds` are, of ordinal items, how many each has; `cells` the values of the options
    between them, merged ones together.
    """

    samples: tuple[Sample, ...]
    thresholds: tuple[int, ...]
    cells: tuple[tuple[tuple[float, ...], ...], ...]
    notes: tuple[str, ...]


def sampled(of: Comparable, estimator: str, rule: str, collapse: bool) -> Sampled:
    """Return the moments that a model is fitted to.

    Args:
        of: the answers.
        estimator: see `cfa.fit.fit`.
        rule: "complete", "pairwise" or "fiml".
        collapse: whether an option that is not used everywhere is merged into its neighbour.

    Raises:
        RefusalError: of ordinal items, an option that is not used everywhere; a group whose
            answers have no such moments.
    """
    used = [each.complete for each in of.patterns] if rule == "complete" else list(of.patterns)
    total = sum(each.n for each in of.patterns)
    for place, each in enumerate(used):
        if each.n == 0:
            where = of.said(place) if of.by else "every occasion"
            raise RefusalError(f"{where}: nobody answered all {len(of.items)} items")
    if estimator not in ORDINAL:
        made = [_continuous(of, at, each, estimator, rule) for at, each in enumerate(used)]
        said = _who(of, [each.n for each in made], total, rule)
        return Sampled(tuple(made), (), (), (said,))
    cells, notes = _shared(of, used, collapse)
    found = [_ordinal(of, at, _merged(each, cells), rule) for at, each in enumerate(used)]
    said = _who(of, [each.n for each, _ in found], total, rule)
    notes += [note for _, own in found for note in own]
    values = tuple(
        tuple(tuple(row[option] for option in cell) for cell in own)
        for own, row in zip(cells, of.of.values, strict=True)
    )
    thresholds = tuple(len(own) - 1 for own in cells)
    return Sampled(tuple(each for each, _ in found), thresholds, values, (said, *notes))


def _continuous(
    of: Comparable, place: int, patterns: Patterns, estimator: str, rule: str
) -> Sample:
    values = values_of(patterns, of.of.values * (len(patterns.items) // len(of.items)))
    try:
        if rule == "fiml":
            return with_missing(values, patterns.counts)
        return complete(values, patterns.counts, estimator != "ML")
    except RefusalError as refusal:
        raise RefusalError(_whose(of, place, str(refusal))) from None


def _ordinal(of: Comparable, place: int, patterns: Patterns, rule: str) -> tuple[Sample, list[str]]:
    missing: Literal["complete", "pairwise"] = "pairwise" if rule == "pairwise" else "complete"
    try:
        found = ordinal(patterns, missing=missing)
        if found.acov is None:
            raise RefusalError("these polychoric correlations have no asymptotic covariances")
        n = found.one_n if found.people is None else found.people
        made = ordered(n, found.thresholds, found.correlation, found.acov)
    except RefusalError as refusal:
        raise RefusalError(_whose(of, place, str(refusal))) from None
    return made, [_whose(of, place, note) for note in found.notes]


def _whose(of: Comparable, place: int, text: str) -> str:
    return f"{of.of.name}, {of.said(place)}: {text}" if of.by else f"{of.of.name}: {text}"


def _shared(
    of: Comparable, used: Sequence[Patterns], collapse: bool
) -> tuple[list[Cells], list[str]]:
    """Return each item's options, merged until every one is used everywhere."""
    cells: list[Cells] = []
    notes: list[str] = []
    lacking: list[str] = []
    for at, item in enumerate(of.items):
        chosen = [_chosen(of, used, place, at) for place in range(len(of.places))]
        anybody = sorted(set().union(*chosen))
        values = of.of.values[at]
        own, merged = _cells(anybody, chosen)
        unused = [f"{value:g}" for option, value in enumerate(values) if option not in anybody]
        if unused:
            notes.append(f"{item}: nobody chose the option of value {', '.join(unused)}")
        for option in anybody:
            short = [of.said(p) for p, options in enumerate(chosen) if option not in options]
            if short:
                lacking.append(f"{item}: nobody of {', '.join(short)} chose {values[option]:g}")
        if len(own) < 2:
            raise RefusalError(f"{item}: no two options are used everywhere: leave it out")
        for cell in merged:
            text = " and ".join(f"{values[option]:g}" for option in cell)
            notes.append(f"{item}: the options of value {text} are taken as one")
        cells.append(own)
    if lacking and not collapse:
        more = f"; and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
        raise RefusalError(
            f"{'; '.join(lacking[:SHOWN])}{more}. Thresholds are compared between options that "
            "are used everywhere: collapse=True takes such an option together with its "
            "neighbour, or leave the item out, or use estimator='MLR'"
        )
    return cells, [f"{of.of.name}: {note}" for note in notes]


def _chosen(of: Comparable, used: Sequence[Patterns], place: int, item: int) -> set[int]:
    k = len(of.items)
    column = used[place].rows[:, item] if of.by else used[0].rows[:, place * k + item]
    return {int(option) for option in np.unique(column) if option >= 0}


def _cells(anybody: Sequence[int], chosen: Sequence[set[int]]) -> tuple[Cells, Cells]:
    """Return the options, merged where one is not used everywhere, and the merged ones.

    An option goes with the one below it, the lowest with the one above.
    """
    cells: Cells = [[option] for option in anybody]
    while len(cells) > 1:
        short = (at for at, cell in enumerate(cells) if not all(s & {*cell} for s in chosen))
        at = next(short, None)
        if at is None:
            break
        low = max(at, 1) - 1
        cells[low : low + 2] = [cells[low] + cells[low + 1]]
    return cells, [cell for cell in cells if len(cell) > 1]


def _merged(patterns: Patterns, cells: Sequence[Cells]) -> Patterns:
    """Return the patterns with options numbered by cell."""
    own = [*cells] * (len(patterns.items) // len(cells))
    rows = np.full_like(patterns.rows, -1)
    for column, each in enumerate(own):
        table: npt.NDArray[np.int8] = np.full(128, -1, dtype=np.int8)
        for number, cell in enumerate(each):
            table[cell] = number
        rows[:, column] = table[np.maximum(patterns.rows[:, column], -1)]
    return Patterns.of(
        rows,
        patterns.items,
        [len(each) for each in own],
        patterns.key,
        weights=patterns.counts,
        keying=patterns.keying,
    )


def _who(of: Comparable, n: Sequence[int], total: int, rule: str) -> str:
    """Return whose answers were used; `total` is how many people there were."""
    name, k = of.of.name, len(of.items)
    if of.by:
        told = f"by {of.by}: " + ", ".join(f"{g} {m:,}" for g, m in zip(of.places, n, strict=True))
    else:
        told = f"{people(n[0])} at {len(of.places)} occasions"
    if rule == "complete":
        when = "" if of.by else " every time"
        left = f"{total - sum(n):,} left out because an answer is missing"
        return f"{name}: people who answered all {k} items{when}, {told}; {left}"
    how = "pair by pair" if rule == "pairwise" else "full information"
    return f"{name}: people who answered any of the {k} items ({how}), {told}"
