"""Items: how they were answered, and how each fits with the others."""

from __future__ import annotations

from collections.abc import Iterator

from psychoscales.decoding import options_in_order
from psychoscales.reporting.charts.answers import Bar, Piece, answers_chart
from psychoscales.reporting.charts.drawing import shades
from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Block, Cell, Figure, Grid, Head, Paragraph, Section
from psychoscales.reporting.small_cells import decimals, together
from psychoscales.reporting.tabling import rounded, share, table

STATISTICS = (
    *("item", "n", "missing", "mean", "sd", "floor", "ceiling"),
    *("item_rest", "item_rest_smc", "alpha_if_dropped"),
)
JOINED = "#9a9a9a"
MOST_BARS = 15
"""On a chart, so that it fits a page with its legend."""


def items(context: Context) -> Section:
    """Show the answers to the items, then a table of statistics for each score."""
    words = context.words
    blocks: list[Block] = [_texts(context), *_charts(context), *_tables(context)]
    blocks.append(Paragraph(words("items.keyed"), "note"))
    return Section("items", words("section.items"), tuple(blocks))


def _asked(context: Context) -> list[str]:
    """Return the items of the scores that the report is about, in the order of the scale."""
    wanted = {item for each in context.keyed.values() for item in each.patterns.items}
    return [item for item in context.patterns.items if item in wanted]


def _texts(context: Context) -> Grid:
    words, scale = context.words, context.scale
    stem = context.told(scale.stem)
    turned = {item for score in context.scores for item in score.reverse}
    rows = []
    for item in _asked(context):
        text = context.told(scale.item(item).text)
        rows.append(
            {
                "item": item,
                "text": text if text.text else Cell(words("items.no_text")),
                "reversed": words("mark.yes") if item in turned else "",
            }
        )
    caption = stem.text or words("items.texts")
    return table(context, caption, ("item", "text", "reversed"), rows)


def _charts(context: Context) -> Iterator[Figure]:
    """A chart for each set of options that can be told apart, or several where items are many."""
    by_set = dict[tuple[str, ...], list[str]]()
    for item in _asked(context):
        if sum(context.answered[item]) >= max(context.asked.small, 1):
            by_set.setdefault(tuple(_labels(context, item)), []).append(item)
    for every in by_set.values():
        for name, own in _parts(context, every):
            yield _chart(context, name, own)


def _parts(context: Context, every: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the items of a chart, so few that it fits a page, and what they are of."""
    if len(every) <= MOST_BARS:
        yield "", every
        return
    rest = list(every)
    for score in sorted(context.scores, key=lambda each: len(each.items or rest)):
        of = [item for item in rest if item in (score.items or ())]
        rest = [item for item in rest if item not in of]
        yield from _chunks(of, context.name(score.id))
    yield from _chunks(rest, "")


def _chunks(items: list[str], name: str) -> Iterator[tuple[str, list[str]]]:
    count = -(-len(items) // MOST_BARS)
    for number in range(count):
        own = items[number * len(items) // count : (number + 1) * len(items) // count]
        yield name if name and count == 1 else f"{name} {own[0]} … {own[-1]}".strip(), own


def _labels(context: Context, item: str) -> list[str]:
    found = []
    for option in options_in_order(context.scale, item):
        label = context.told(option.label).text
        found.append(f"{option.code} {label}".strip() if label else str(option.code))
    return found


def _chart(context: Context, name: str, own: list[str]) -> Figure:
    words, small, counts = context.words, context.asked.small, context.answered
    labels = _labels(context, own[0])
    colours = shades(len(labels))
    bars, rows, joined = [], [], False
    for item in own:
        of, total = counts[item], sum(counts[item])
        pieces, cells = list[Piece](), list[Cell]()
        for first, last in together(of, small):
            count = sum(of[first:last])
            alone = last == first + 1
            joined = joined or not alone
            colour = colours[first] if alone else JOINED
            names = labels[first] if alone else f"{labels[first]} … {labels[last - 1]}"
            whole, percent = share(context, count, total, not 0 < count < small)
            piece = Piece(count / max(total, 1), colour, f"{names}: {percent.text} ({whole.text})")
            pieces.append(piece)
            for place in range(first, last):
                cells += share(context, of[place], total, alone and not 0 < count < small)
        told = context.told(context.scale.item(item).text)
        bars.append(Bar(item, told.text, tuple(pieces), told.language))
        rows.append((Cell(item), *cells))
    title, said = words("items.figure", n=context.patterns.n), words("items.described")
    caption = words("items.behind")
    if name:
        title = words("items.of", part=name, title=title)
        caption = words("items.of", part=name, title=caption)
    legend = list(zip(colours, labels, strict=True))
    if joined:
        legend.append((JOINED, words("items.joined")))
    heads = [Head(words("heads.item"))]
    for label in labels:
        heads += [Head(label, "number"), Head("%", "number")]
    behind = Grid(caption, tuple(heads), tuple(rows))
    return Figure(title, said, answers_chart(bars, said), behind, tuple(legend))


def _tables(context: Context) -> Iterator[Block]:
    """A table for each score; means stand with few decimals beside answers that are hidden."""
    if context.items is None:
        return
    counts, small = context.answered, context.asked.small
    for score in context.scores:
        rows = []
        for found in context.rows(context.items, score.id):
            row = dict(found)
            of = counts[row["item"]]
            groups = together(of, small)
            if len(groups) < len(of):
                places = decimals(row["n"], small)
                row |= {name: rounded(row[name], places) for name in ("mean", "sd")}
            own = context.keyed[score.id]
            values = own.values[own.patterns.items.index(row["item"])]
            for name, end in (("floor", min(values)), ("ceiling", max(values))):
                at = [place for place, value in enumerate(values) if value == end]
                if any((place, place + 1) not in groups for place in at):
                    row[name] = Cell(context.words("small.hidden"))
            rows.append(row)
        caption = context.words("items.caption", score=context.name(score.id))
        if rows:
            yield table(context, caption, STATISTICS, rows)
