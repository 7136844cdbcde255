"""`psychoscales.dif`: do people with the same score, of different groups, answer items alike?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from psychoscales.engines.validity.dif.purification import FLAGS, Criterion, Flag, purified
from psychoscales.engines.validity.dif.studied import (
    TESTS,
    Design,
    Found,
    Studied,
    default_tests,
)
from psychoscales.engines.validity.dif.tables import Answers, Matching
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.dif_groups import Grouped, Wanted, grouped
from psychoscales.verbs.dif_tables import (
    COLUMNS,
    HIDDEN,
    Compared,
    Dif,
    said_of,
)
from psychoscales.verbs.membership import text_of
from psychoscales.verbs.read import ScaleSource

__all__ = ["Dif", "dif"]
MATCHINGS: tuple[Matching, ...] = ("total", "rest")
ADJUSTMENTS = {"holm": holm, "bh": benjamini_hochberg}


def dif(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    by: str | None = None,
    tests: str | Sequence[str] | None = None,
    matching: Matching = "total",
    anchors: Sequence[str] | None = None,
    purify: str | None = None,
    flag: Flag = "p",
    alpha: float = 0.05,
    rounds: int = 10,
    pool: int | None = None,
    adjust: Literal["holm", "bh"] = "holm",
    reference: Any = None,
    groups: Sequence[Any] | None = None,
    score: str | None = None,
    binding: BindingSource | None = None,
) -> Dif:
    r"""Return tests of differential item functioning (DIF) between groups, for every item.

    People are matched on a score; an item has DIF where people with one score answer it
    differently by group. The formulas stand at the functions of
    `psychoscales.engines.validity.dif`, which take counts [S, G, J] of score, group and answer.

    Args:
        data: what `read` returned with `by` kept, anything it reads together with `scale`, or a
            mapping of each group to its `Patterns`.
        scale: the scale, where `data` does not know it.
        by: the kept column of groups; with a mapping of `Patterns`, only a name.
        tests: ids of tests, or "all". By default for two groups "mantel_haenszel_corrected" where
            all items have two options, else "mantel" and "liu_agresti"; for more groups "mantel"
            and "generalized_mantel_haenszel"; and always "logistic_uniform",
            "logistic_nonuniform", "logistic_total". "mantel_haenszel_uncorrected" is the one
            without correction for continuity.
        matching: "total" matches on the sum of the anchors and the studied item, "rest" on the
            sum of the anchors without it.
        anchors: items to match on; all of the score's, where not named.
        purify: id of the test by which items are taken out of the anchors, round by round.
        flag: what takes an item out: "p" or "p_holm" below `alpha`, or "class" (any but A or AA).
        alpha: the level of that.
        rounds: of purification, at most.
        pool: put neighbouring matching scores together until each group has so many people, for
            the stratified tests. None: scores stay as they are.
        adjust: how `p_adjusted` is: "holm" or "bh" (Benjamini-Hochberg). A family is the items of
            one score under one test.
        reference: the group that others are compared with; without it the first in order.
        groups: compare only these.
        score: one score only, by id or as `gad7_total`.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Dif`, a `Table` with a row for each test and item. Its `.coefficients`, `.effects` and
        `.anchors` are tables; `.plot(item)` draws the item characteristic curves.

    Raises:
        RefusalError: one group, groups of fewer than 20 people, one item, or no test can be given.
            Where only some cannot, their rows say why.
        UnknownNameError: there is no such test, score, group, item or kept column.

    Examples:
        >>> import psychoscales as ps
        >>> frame = ps.simulate("gad7", n=400, seed=5).to_frame()
        >>> frame["site"] = ["north", "south"] * 200
        >>> found = ps.dif(ps.read(frame, "gad7", keep="site"), by="site", tests="mantel")
        >>> list(found.to_frame().columns[4:12])
        ['item', 'test', 'statistic', 'df', 'p', 'p_adjusted', 'effect', 'class']
    """
    asked = _Asked(_names(tests), matching, anchors, purify, flag, alpha, rounds, pool, adjust)
    if by is None:
        raise TypeError('say which kept column the groups are in, such as by="sex"')
    chosen = None if groups is None else tuple(text_of(name) or "" for name in groups)
    wanted = Wanted(by, chosen, None if reference is None else text_of(reference))
    parts, refused = _parts(grouped(data, scale, wanted, score, binding), asked)
    rows = [row for part in parts for row in part.rows]
    if rows and all(row["statistic"] is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    labels = ", ".join(dict.fromkeys(part.given.label for part in parts))
    return Dif(
        title=f"Differential item functioning by {by} ({labels})",
        columns=COLUMNS,
        rows=tuple(rows),
        notes=tuple(dict.fromkeys([*said_of(parts, adjust), *refused])),
        hidden=HIDDEN,
        parts=tuple(parts),
    )


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of every score."""

    tests: tuple[str, ...] | None
    matching: Matching
    anchors: Sequence[str] | None
    purify: str | None
    flag: Flag
    alpha: float
    rounds: int
    pool: int | None
    adjust: str

    def __post_init__(self) -> None:
        if self.matching not in MATCHINGS:
            raise UnknownNameError("matching", str(self.matching), MATCHINGS)
        if self.purify is not None and self.purify not in TESTS:
            raise UnknownNameError("test", self.purify, TESTS)
        if self.purify is not None and self.anchors is not None:
            raise ValueError("anchors are either named (anchors=) or searched for (purify=)")
        if self.flag not in FLAGS:
            raise UnknownNameError("flag", str(self.flag), FLAGS)
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha lies between 0 and 1, such as 0.05, not {self.alpha}")
        if self.rounds < 1:
            raise ValueError(f"rounds is 1 or more, not {self.rounds}")
        if self.pool is not None and self.pool < 1:
            raise ValueError(f"pool is 1 or more people, not {self.pool}")
        if self.adjust not in ADJUSTMENTS:
            raise UnknownNameError("adjustment", self.adjust, ADJUSTMENTS)

    def design(self, items: tuple[str, ...]) -> Design:
        """Return the design to begin with; every anchor must be an item."""
        if isinstance(self.anchors, str):
            raise TypeError("anchors is a list of items")
        for name in self.anchors or ():
            if name not in items:
                raise UnknownNameError("item of this score", name, items)
        if self.anchors is not None and not self.anchors:
            raise RefusalError("no anchors: people are matched on one item or more")
        chosen = items if self.anchors is None else tuple(i for i in items if i in self.anchors)
        return Design(chosen, self.matching, self.pool)


def _names(tests: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if tests is None:
        return None
    names = tuple(TESTS) if tests == "all" else (tests,) if isinstance(tests, str) else tests
    for name in names:
        if name not in TESTS:
            raise UnknownNameError("test", name, TESTS)
    return tuple(names)


def _parts(given: Iterable[Grouped], asked: _Asked) -> tuple[list[Compared], list[str]]:
    """Return what was compared, and why other scores were not; refuse where all are refused."""
    parts: list[Compared] = []
    refused: list[str] = []
    for each in given:
        try:
            parts.append(_compared(each, asked))
        except RefusalError as refusal:
            refused.append(f"{each.name}: {refusal}")
    if refused and not parts:
        raise RefusalError("; ".join(refused))
    return parts, refused


def _compared(given: Grouped, asked: _Asked) -> Compared:
    """Return everything about one score."""
    given.refuse_small()
    answers = Answers.of(given.patterns, given.values)
    if len(answers.items) < 2:
        raise RefusalError("it has one item: there is nothing to match people on")
    tests = asked.tests or default_tests(
        len(answers.groups), [len(set(row)) for row in given.values]
    )
    design, search = asked.design(answers.items), None
    if asked.purify is not None:
        criterion = Criterion(asked.purify, asked.flag, asked.alpha)
        search = purified(answers, design, criterion, asked.rounds)
        design = replace(design, anchors=search.anchors)
    counted: dict[str, Studied] = {}
    refused: dict[str, str] = {}
    for item in answers.items:
        try:
            counted[item] = Studied.of(answers, item, design)
        except RefusalError as refusal:
            refused[item] = str(refusal)
    rows = []
    for test in tests:
        found = [
            (item, _of_item(counted[item], test) if item in counted else refused[item])
            for item in answers.items
        ]
        rows += _rows(given, test, found, asked.adjust, design)
    return Compared(
        given,
        answers,
        design,
        counted,
        tuple(rows),
        search,
        asked.purify,
        asked.anchors is not None,
    )


def _of_item(studied: Studied, test: str) -> Found | str:
    try:
        return TESTS[test](studied)
    except RefusalError as refusal:
        return str(refusal)


def _rows(
    given: Grouped,
    test: str,
    found: Sequence[tuple[str, Found | str]],
    adjust: str,
    design: Design,
) -> list[dict[str, Any]]:
    """Return the rows of one test, p-values adjusted over its items."""
    p = np.array([each.p for _, each in found if isinstance(each, Found)])
    adjusted = {name: iter(method(p).tolist()) for name, method in ADJUSTMENTS.items()}
    groups = tuple(given.patterns)
    shared: dict[str, Any] = dict.fromkeys(COLUMNS)
    shared |= {**given.where, "test": test, "adjustment": adjust, "family": len(p)}
    shared |= {"matching": design.matching, "by": given.by, "reference": groups[0]}
    shared |= {"focal": groups[1] if len(groups) == 2 else None}
    rows = []
    for item, each in found:
        row = shared | {"item": item}
        if isinstance(each, str):
            rows.append(row | {"note": each})
            continue
        both = {f"p_{name}": next(values) for name, values in adjusted.items()}
        change = each.change
        row |= both | {
            "statistic": each.statistic,
            "df": each.df,
            "p": each.p,
            "p_adjusted": both[f"p_{adjust}"],
            "effect": each.effect,
            "class": each.dif_class,
            "higher": each.higher,
            "effect_name": each.effect_name,
            "se": each.se,
            "odds_ratio": each.odds_ratio,
            "rule": each.rule,
            "class_zumbo_thomas": each.zumbo_thomas,
            "mcfadden_change": None if change is None else change.mcfadden,
            "cox_snell_change": None if change is None else change.cox_snell,
            "beta_change": each.beta_change,
            "n": each.n,
            "strata": each.strata,
            "anchor": item in design.anchors,
            "note": each.note,
        }
        rows.append(row)
    return rows
