"""Scores: their distribution, bands, rules and flags."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from psychoscales.decoding import options_in_order
from psychoscales.plots.style import COLOURS
from psychoscales.reporting.binning import Binned
from psychoscales.reporting.charts.drawing import shades, ticks
from psychoscales.reporting.charts.histogram import Column, histogram
from psychoscales.reporting.context import Context
from psychoscales.reporting.distributions import Distribution
from psychoscales.reporting.parts import Block, Cell, Figure, Grid, Paragraph, Section
from psychoscales.reporting.sections.scale import by
from psychoscales.reporting.small_cells import shown, together
from psychoscales.reporting.tabling import rounded, score_text, share, table
from psychoscales.scores import levels_of
from psychoscales.spec.claims import Bands, Condition
from psychoscales.spec.model import Score

STATISTICS = ("score", "n", "mean", "sd", "quartiles", "lowest", "highest")
LEVELS = ("level", "starts", "n", "share")
VERDICTS = ("result", "yes", "share", "no", "undecided")
PLAIN, MIXED = COLOURS[4], "#9a9a9a"


def scores(context: Context) -> Section:
    """Show each score's distribution, then bands, rules and flags."""
    statistics = _statistics(context)
    blocks: list[Block] = [statistics] if statistics.rows else []
    for score in context.scores:
        spread = context.distributions.scores[score.id]
        if spread.n >= max(context.asked.small, 1):
            blocks.append(_histogram(context, score, spread))
            blocks += _bands(context, score)
    if not blocks:
        blocks.append(Paragraph(context.words("scores.nobody")))
    blocks += _verdicts(context)
    if context.asked.small > 1:
        blocks.append(Paragraph(context.words("small.rule", small=context.asked.small), "note"))
    return Section("scores", context.words("section.scores"), tuple(blocks))


def _statistics(context: Context) -> Grid:
    rows = []
    for score in context.scores:
        spread = context.distributions.scores[score.id]
        if spread.n < max(context.asked.small, 1):
            few = context.words("small.too_few", n=f"<{max(context.asked.small, 1)}")
            context.refuse(context.name(score.id), few)
            continue
        places = context.places(score.id, spread.n, 2)
        (low, _), (high, _) = (end_share(context, score, end) for end in score.range)
        rows.append(
            {
                "score": context.name(score.id),
                "n": spread.n,
                "mean": rounded(spread.mean, places),
                "sd": rounded(spread.sd, places),
                "quartiles": " / ".join(short(each) for each in spread.quartiles),
                "lowest": low,
                "highest": high,
            }
        )
    return table(context, context.words("scores.caption"), STATISTICS, rows)


def end_share(context: Context, score: Score, end: float) -> tuple[Cell, float | None]:
    """Return the share of people at an end of the score, and its value where it may be shown.

    Nobody there is told from few people only where the end stands alone.
    """
    spread = context.distributions.scores[score.id]
    count, small = spread.at(end), context.asked.small
    beside = context.binned[score.id].around(end) - count
    if count < small and count + beside:
        return Cell(f"<{math.ceil(1000 * small / spread.n) / 10:.1f}%", 0.0), None
    if any(0 < each < small for each in (beside, spread.n - count)):
        return Cell(context.words("small.hidden")), None
    return share(context, count, spread.n, True)[1], count / spread.n


def _of(context: Context, score: str) -> Iterator[Bands]:
    yield from (bands for bands in context.scale.bands if bands.score == score)


def _histogram(context: Context, score: Score, spread: Distribution) -> Figure:
    words, at = context.words, context.cuts(score.id)
    found = context.binned[score.id]
    colours = shades(len(at) + 1) if at else [PLAIN]
    columns, rows = [], []
    for (low, high), count in zip(pairwise(found.edges), found.counts, strict=True):
        whole, percent = share(context, count, spread.n, True)
        inside = [cut for cut in at if low < cut < high]
        colour = MIXED if inside else colours[sum(cut <= low for cut in at)]
        name = _range(found, low, high)
        tip = f"{name}: {whole.text} ({percent.text})"
        columns.append(Column(low, high, count * found.step / (high - low), colour, tip))
        rows.append({"scores": Cell(name, low), "n": whole, "share": percent})
    aside = found.step / 2 if found.exact else 0.0
    marks = [(tick + aside, score_text(tick)) for tick in ticks(*score.range, 7)]
    name = context.name(score.id)
    names = [(cut, score_text(cut)) for cut in at]
    titles = (name, words("scores.upwards"))
    said = words("scores.described", score=name, n=spread.n)
    svg = histogram(columns, names, marks, titles, said)
    caption = words("scores.behind", score=name)
    behind = table(context, caption, ("scores", "n", "share"), rows)
    title = words("scores.figure", score=name, n=spread.n)
    return Figure(title, said, svg, behind, _legend(context, score, at, colours))


def _range(found: Binned, low: float, high: float) -> str:
    if not found.exact:
        return f"{short(low)} ≤ x < {short(high)}"
    if high - low <= 1.5 * found.step:
        return short(low)
    return f"{short(low)}–{short(high - found.step)}"


def short(value: float) -> str:
    """Return a place on the axis, with two decimals at most."""
    return score_text(round(value, 2))


def _legend(
    context: Context, score: Score, at: Sequence[float], colours: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the names of the first set of bands, where its cut-offs are all there are."""
    for bands in _of(context, score.id):
        if bands.for_ is None and [float(level.from_) for level in bands.levels[1:]] == list(at):
            named = [context.told(level.label).text for level in bands.levels]
            return tuple(zip(colours, named, strict=True))
    return ()


def _bands(context: Context, score: Score) -> Iterator[Block]:
    words = context.words
    done = set()
    for bands in _of(context, score.id):
        if bands.id in done:
            continue
        done.add(bands.id)
        levels = levels_of(context.scale, bands.id)
        *counts, _ = context.distributions.bands[bands.id]
        visible = _open(context, bands) if bands.for_ is None else None
        seen = shown(counts, context.asked.small) if visible is None else visible
        labels = {
            each.id: each
            for set_ in context.scale.bands
            if set_.id == bands.id
            for each in set_.levels
        }
        rows = []
        for level, count, may in zip(levels, counts, seen, strict=True):
            whole, percent = share(context, count, sum(counts), may)
            start = Cell(score_text(labels[level].from_), float(labels[level].from_))
            rows.append(
                {
                    "level": context.told(labels[level].label),
                    "starts": start if bands.for_ is None else Cell(""),
                    "n": whole,
                    "share": percent,
                }
            )
        source = by(context, bands.source)
        caption = words("scores.bands", score=context.name(score.id), band=bands.id) + source
        yield table(context, caption, LEVELS, rows)


def _open(context: Context, bands: Bands) -> tuple[bool, ...]:
    """Return which levels may be shown: those whose ends all tables may tell of.

    Every set of bands of a score is judged together, because their differences are counts too.
    """
    found = context.binned[bands.score]
    spread, small = context.distributions.scores[bands.score], context.asked.small
    starts = [float("-inf"), *(float(level.from_) for level in bands.levels[1:])]
    stops = [*starts[1:], float("inf")]
    return tuple(
        found.opens(start)
        and found.opens(stop)
        and not 0 < spread.below(stop) - spread.below(start) < small
        for start, stop in zip(starts, stops, strict=True)
    )


def _verdicts(context: Context) -> Iterator[Block]:
    """Rules and flags: yes and no may be hidden, people who could not be judged are always told."""
    words, found = context.words, context.distributions
    named = {rule.id: context.told(rule.name) for rule in context.scale.rules}
    for rule in context.scale.rules:
        context.cite(*(rule.source or ()))
    conditions = {flag.id: flag.when for flag in context.scale.flags}
    rows = []
    for name, (no, yes, undecided) in [*found.rules.items(), *found.flags.items()]:
        seen = shown((no, yes), context.asked.small)
        if name in conditions and not _tells_no_more(context, conditions[name]):
            seen = (False, False)
        told = named.get(name)
        count, percent = share(context, yes, found.people, seen[1])
        rows.append(
            {
                "result": told if told is not None and told.text else name.replace("_", " "),
                "yes": count,
                "share": percent,
                "no": share(context, no, found.people, seen[0])[0],
                "undecided": undecided,
            }
        )
    if rows:
        yield table(context, words("scores.verdicts"), VERDICTS, rows)
        yield Paragraph(words("scores.no_diagnosis"), "note")


def _tells_no_more(context: Context, when: Condition) -> bool:
    """Return whether a condition on one item parts no answers that are shown together."""
    items = when.items or ()
    if len(items) != 1 or items[0] not in context.answered:
        return True
    options = options_in_order(context.scale, items[0])
    met = [_meets(float(option.value or 0.0), when) for option in options]
    groups = together(context.answered[items[0]], context.asked.small)
    return all(len(set(met[first:last])) == 1 for first, last in groups)


def _meets(value: float, when: Condition) -> bool:
    if when.at_least is not None:
        return value >= when.at_least
    if when.at_most is not None:
        return value <= when.at_most
    if when.between is not None:
        return when.between[0] <= value <= when.between[1]
    return value == when.equals
