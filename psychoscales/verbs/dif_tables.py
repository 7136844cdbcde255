"""The tables that `dif` returns, and its picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from psychoscales.engines.validity.dif.classes import RULES
from psychoscales.engines.validity.dif.effect import effects
from psychoscales.engines.validity.dif.nested import MODELS, Model
from psychoscales.engines.validity.dif.purification import Purified
from psychoscales.engines.validity.dif.studied import Design, Studied
from psychoscales.engines.validity.dif.tables import Answers
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.plots.item_characteristic import GroupCurve, item_characteristic
from psychoscales.results import WHERE, Table, wrapped
from psychoscales.verbs.dif_groups import Grouped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *WHERE,
    "item",
    "test",
    "statistic",
    "df",
    "p",
    "p_adjusted",
    "effect",
    "class",
    "higher",
    "effect_name",
    "se",
    "odds_ratio",
    "rule",
    "class_zumbo_thomas",
    "mcfadden_change",
    "cox_snell_change",
    "beta_change",
    "n",
    "strata",
    "anchor",
    "matching",
    "by",
    "reference",
    "focal",
    "adjustment",
    "family",
    "p_holm",
    "p_bh",
    "note",
)
HIDDEN = COLUMNS[COLUMNS.index("effect_name") : -1]
COEFFICIENT_COLUMNS = (*WHERE, "item", "model", "term", "estimate", "se")
EFFECT_COLUMNS = (
    *WHERE,
    "focal",
    "item",
    "items",
    "signed",
    "unsigned",
    "uncancelled",
    "n",
    "note",
)
ANCHOR_COLUMNS = (*WHERE, "item", "anchor", "flagged", "how", "rounds", "converged")
EFFECT_NOTES = {
    "mh_d_dif": "effect of mantel_haenszel: MH D-DIF, -2.35 log odds ratio; below 0 where the "
    "reference group has the higher answers",
    "smd": "effect of mantel: SMD, mean answer of the focal group minus that of reference people "
    "with the same scores, in units of the item",
    "log_odds_ratio": "effect of liu_agresti: log of the common cumulative odds ratio, above 0 "
    "where the reference group has the higher answers",
    "nagelkerke_change": "effect of the logistic tests: change of Nagelkerke's R2",
}
CANCEL = (
    "every item is an anchor, and differences of items that are matched on each other cancel: "
    "the effect on the sum needs other anchors (anchors= or purify=)"
)


@dataclass(frozen=True, eq=False)
class Compared:
    """Everything about one score.

    Attributes:
        given: the people.
        answers: their answers.
        design: anchors, matching, pooling.
        counted: item -> its counts.
        rows: of the table.
        search: purification, where there was one, and by which test.
        named: whether anchors were named.
    """

    given: Grouped
    answers: Answers
    design: Design
    counted: Mapping[str, Studied]
    rows: tuple[dict[str, Any], ...]
    search: Purified | None
    by_test: str | None
    named: bool

    @property
    def summed(self) -> tuple[str, ...]:
        """The items that are no anchors."""
        return tuple(name for name in self.answers.items if name not in self.design.anchors)

    def models(self, name: str) -> dict[str, Model]:
        """Return one of the three models of each item that has them, and estimates in them."""
        found = {}
        for item, studied in self.counted.items():
            try:
                model: Model = getattr(studied.nested, name)
            except RefusalError:
                continue
            if model.separation is None:
                found[item] = model
        return found


@dataclass(frozen=True)
class Dif(Table):
    """What `dif` returns: a row for each test and item.

    Attributes:
        parts: each score: its people, counts and rows.
    """

    parts: tuple[Compared, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def coefficients(self) -> Table:
        """Thresholds and coefficients of the three ordinal logistic models of each item.

        logit P(Y <= j) = threshold j - x'b, of the matching score in its own units.
        """
        return coefficient_table(self.parts)

    @cached_property
    def effects(self) -> Table:
        """Mean difference that DIF makes to the answers of focal people.

        Their expected answers, minus those by the reference group's curve; a row for each item,
        and one for the sum of the items that are no anchors.
        """
        return effect_table(self.parts)

    @cached_property
    def anchors(self) -> Table:
        """Which items people are matched on, and how that came to be."""
        return anchor_table(self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as what `json.dumps` can write."""
        beside = {name: getattr(self, name) for name in ("coefficients", "effects", "anchors")}
        return super().to_dict() | {name: table.to_dict() for name, table in beside.items()}

    def lines(self, width: int) -> Iterator[str]:
        """Yield the table as lines of text, a block for each test."""
        yield from textwrap.wrap(self.title, width)
        for test in dict.fromkeys(row["test"] for row in self.rows):
            rows = tuple(row for row in self.rows if row["test"] == test)
            hidden = (*self.hidden, "test")
            yield ""
            yield from Table(test, self.columns, rows, (), hidden).lines(width)
        yield ""
        for note in self.notes:
            yield from wrapped(f"Note. {note}", width)

    def plot(
        self,
        item: str,
        *,
        scale: str | None = None,
        score: str | None = None,
        model: Literal["matching", "group", "interaction"] = "interaction",
    ) -> Figure:
        """Return the item characteristic curves of the groups as a matplotlib figure.

        Points are the mean answers of people with one matching score, lines the expected answers
        by an ordinal logistic model.

        Args:
            item: which item.
            scale, score: which one, where the table has several.
            model: whose lines.
        """
        if model not in MODELS:
            raise UnknownNameError("model", model, MODELS)
        found = [
            part
            for part in self.parts
            if scale in (None, part.given.scale.id)
            and score in (None, part.given.score)
            and item in part.answers.items
        ]
        if not found:
            known = [name for part in self.parts for name in part.answers.items]
            raise UnknownNameError("item in this table", item, dict.fromkeys(known))
        if len(found) > 1:
            names = ", ".join(part.given.name for part in found)
            raise ValueError(f"say which score to plot (scale=, score=): {names}")
        (part,) = found
        if item not in part.counted:
            raise RefusalError(f"{item} was not compared: its rows say why")
        return _drawn(part, item, model)


def _drawn(part: Compared, item: str, model: str) -> Figure:
    studied = part.counted[item]
    table = studied.table
    drawn: Model = getattr(studied.nested, model)
    if drawn.separation is not None:
        raise RefusalError(f"{item}, model {model}: {drawn.separation}")
    expected = drawn.expected(table.scores)
    people = table.counts.sum(axis=2).astype(np.float64)
    means = (table.counts @ table.values) / np.maximum(people, 1.0)
    curves = [
        GroupCurve(name, people[:, at], means[:, at], expected[:, at])
        for at, name in enumerate(studied.groups)
    ]
    what = "total of the anchors and the item" if part.design.matching == "total" else "rest"
    return item_characteristic(
        table.scores,
        curves,
        title=f"{part.given.name}: {item} by {part.given.by}",
        across=f"matching score ({what})",
        upwards="mean answer",
    )


def coefficient_table(parts: Iterable[Compared]) -> Table:
    """Return the coefficients of all models."""
    rows = []
    for part in parts:
        for name in MODELS:
            for item, model in part.models(name).items():
                for term in model.parameters():
                    row = {**part.given.where, "item": item, "model": name, "term": term.name}
                    rows.append(row | {"estimate": term.estimate, "se": term.se})
    order = {item: at for at, item in enumerate(dict.fromkeys(row["item"] for row in rows))}
    rows.sort(key=lambda row: (row["scale"], row["score"], order[row["item"]]))
    return Table("Ordinal logistic models", COEFFICIENT_COLUMNS, tuple(rows))


def effect_table(parts: Iterable[Compared]) -> Table:
    """Return the effects on items, and on the sum of those that are no anchors."""
    rows: list[dict[str, Any]] = []
    for part in parts:
        models = part.models("interaction")
        lacking = [name for name in part.summed if name not in models]
        summed = () if lacking else part.summed
        where = part.given.where | dict.fromkeys(EFFECT_COLUMNS[len(WHERE) :])
        found = effects(part.answers, models, part.design, summed)
        rows += [where | vars(each) for each in found]
        if not summed:
            note = f"no model of {', '.join(lacking)}" if lacking else CANCEL
            if part.search is not None and not part.summed:
                note = "no item is flagged: there is nothing to add up"
            rows += [where | {"focal": name, "note": note} for name in part.answers.groups[1:]]
    notes = (
        "focal people's expected answers by the model with interaction, minus those by the "
        "reference group's curve at the same matching score; below 0 where focal people answer "
        "lower. A row without an item is the sum of the items that are no anchors",
    )
    return Table("Effect on answers and on their sum", EFFECT_COLUMNS, tuple(rows), notes)


def anchor_table(parts: Iterable[Compared]) -> Table:
    """Return which items people are matched on, and what each round of purification flagged."""
    rows = []
    for part in parts:
        search = part.search
        how = "named" if part.named else "all items"
        if search is not None:
            how = f"purified by {part.by_test}"
        for item in part.answers.items:
            row = {**part.given.where, "item": item, "anchor": item in part.design.anchors}
            row |= {"how": how, "flagged": None, "rounds": None, "converged": None}
            if search is not None:
                times = [str(at) for at, each in enumerate(search.rounds, start=1) if item in each]
                row |= {"flagged": ", ".join(times), "rounds": len(search.rounds)}
                row |= {"converged": search.converged}
            rows.append(row)
    return Table("Anchors", ANCHOR_COLUMNS, tuple(rows), ("flagged: in which rounds",))


def said_of(parts: Sequence[Compared], adjust: str) -> Iterator[str]:
    """Yield what a reader must know."""
    for part in parts:
        yield from part.given.notes
        yield _matched(part)
        yield from _strata(part)
    rows = [row for part in parts for row in part.rows if row["statistic"] is not None]
    name = {"holm": "Holm", "bh": "Benjamini-Hochberg"}[adjust]
    yield f"p adjusted: {name}, over the items of one score under one test (column family)"
    used = {row["effect_name"] for row in rows}
    yield from (text for key, text in EFFECT_NOTES.items() if key in used)
    rules = {row["rule"] for row in rows}
    if any(row["class_zumbo_thomas"] for row in rows):
        rules.add("zumbo_thomas")
    told = [text for key, text in RULES.items() if key in rules]
    if told:
        yield f"classes, by p as it is: {'; '.join(told)}"


def _matched(part: Compared) -> str:
    name, items = part.given.name, part.design.anchors
    how = "with" if part.design.matching == "total" else "without"
    if part.search is None:
        which = f"the {len(items)} named anchors" if part.named else f"all {len(items)} items"
        text = f"{name}: matched on the sum of {which} {how} the studied item"
        return f"{text}: {', '.join(items)}" if part.named else text
    search = part.search
    rounds = f"{len(search.rounds)} round{'s' * (len(search.rounds) != 1)}"
    ended = "converged" if search.converged else "NOT converged"
    text = (
        f"{name}: matched on the sum of {len(items)} anchors {how} the studied item, purified by "
        f"{part.by_test} ({rounds}, {ended}); out of the anchors: "
        f"{', '.join(part.summed) or 'none'}"
    )
    if search.untested:
        text += f"; could not be tested and stay anchors: {', '.join(search.untested)}"
    return text


def _strata(part: Compared) -> Iterator[str]:
    """Say how many people stand in strata that compare nobody, and what was pooled."""
    name, pool = part.given.name, part.design.pool
    rows = [row for row in part.rows if row["strata"] is not None]
    if pool is not None and part.counted:
        before = [len(each.table.scores) for each in part.counted.values()]
        after = [len(each.strata) for each in part.counted.values()]
        yield (
            f"{name}: neighbouring matching scores pooled until each group has {pool} people: "
            f"{_range(before)} strata became {_range(after)} (stratified tests only)"
        )
    lost = [sum(part.answers.sizes) - row["n"] for row in rows]
    if rows and max(lost):
        yield (
            f"{name}: people at matching scores that only one group has are compared with "
            f"nobody by the stratified tests: {_range(lost)} by item"
        )


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
