"""`psychoscales.groups`: do scores differ between groups that are known to differ?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from psychoscales.engines.validity.grouped import Comparison, Grouped
from psychoscales.engines.validity.means import anova, welch_anova, welch_t
from psychoscales.engines.validity.multiplicity import ADJUSTMENT_NAMES, ADJUSTMENTS
from psychoscales.engines.validity.pairwise import PAIRWISE, Pair
from psychoscales.engines.validity.ranks import RESAMPLES, Redrawn, kruskal_wallis, mann_whitney
from psychoscales.engines.validity.standardized import DEVIATIONS
from psychoscales.engines.validity.trend import jonckheere_terpstra, linear_contrast
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.responses import keyed_values
from psychoscales.results import WHERE, Table
from psychoscales.scores import Scores
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.declared import (
    Declared,
    Hypothesis,
    g_name,
    hypotheses_table,
    of_groups,
    verdict_row,
)
from psychoscales.verbs.group_tables import (
    COLUMNS,
    GROUP_COLUMNS,
    HIDDEN,
    PAIR_COLUMNS,
    PAIR_HIDDEN,
    Groups,
)
from psychoscales.verbs.kept import read_with
from psychoscales.verbs.membership import Membership, membership
from psychoscales.verbs.read import ScaleSource

Row = dict[str, Any]
PAIR_NOTES = {
    "games_howell": "intervals and adjusted p: Games and Howell, of all pairs together",
    "welch_holm": "adjusted p: Holm over the pairs of one score; intervals: of each pair alone",
}


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of every score."""

    level: float
    sd: str
    pairwise: str
    redrawn: Redrawn | None


@dataclass
class _Found:
    """What is said of all scores."""

    rows: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    hypotheses: list[Row] = field(default_factory=list)
    tabulated: dict[tuple[str, str], Grouped] = field(default_factory=dict)


def groups(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    by: str,
    score: str | None = None,
    order: Sequence[Any] | None = None,
    expect: Declared | None = None,
    sd: Literal["pooled", "average"] = "pooled",
    pairwise: Literal["games_howell", "welch_holm"] = "games_howell",
    adjust: Literal["holm", "bh", "none"] = "holm",
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 1,
    binding: BindingSource | None = None,
) -> Groups:
    """Compare every score between groups of people: known-groups validity.

    Two groups: Welch's t with Hedges' g, Mann-Whitney with the rank-biserial correlation. More:
    Welch's and the classic analysis of variance with omega squared, Kruskal-Wallis with epsilon
    squared, and every two groups. Groups that have an order also: the linear contrast and the
    Jonckheere-Terpstra test. The formulas stand at the functions of
    `psychoscales.engines.validity`. Every difference is the later group minus the earlier.

    Args:
        data: what `read` returned, or a frame or a path with `scale`.
        scale: the scale, where `data` does not know it.
        by: a kept column, or a band set, rule or flag by the name it has in the frame of scores
            (`phq9_severity`); not of the items that are compared.
        score: one score only, by id or as `phq9_total`.
        order: every group, from the one expected lowest to the one expected highest; asks for
            trends. Without it numbers are by size, texts by letter, bands as declared.
        expect: hypotheses declared beforehand: {"higher": "yes"}, {"lower": "no"}, {"order":
            "severe > mild > none"}, of two groups also "g": [0.5, 1.2]; one, or a list.
        sd: what g is in units of: "pooled" (the SD within groups) or "average" (the root of the
            mean of both variances, which need not be equal).
        pairwise: "games_howell", or "welch_holm" (Welch's t, p adjusted by Holm).
        adjust: of p across scores, each test a family of its own: "holm", "bh" (Benjamini and
            Hochberg) or "none".
        level: confidence level of all intervals.
        resamples: how often people are drawn again, for intervals of epsilon squared and tau; 0
            for none.
        seed: of the random numbers; it is in the result.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Groups`, a `Table` of tests, with the tables `.groups`, `.pairs` and `.hypotheses`, the
        number `.share_confirmed`, and the picture `.plot(score)`.

    Raises:
        UnknownNameError: no column, group or score is called so.
        RefusalError: no score can be compared: one group, a group of fewer than two people,
            nobody varies. Where only some cannot, their rows are empty and say why.

    Examples:
        >>> import psychoscales as ps
        >>> frame = ps.simulate("phq9", n=200, seed=1).to_frame()
        >>> frame["arm"] = ["a", "b"] * 100
        >>> found = ps.groups(ps.read(frame, "phq9", keep="arm"), by="arm")
        >>> list(found.to_frame()["test"])
        ['welch_t', 'mann_whitney']
    """
    asked = _checked(sd, pairwise, adjust, level, resamples, seed)
    scored = score_responses(read_with(data, scale, (by,), binding))
    people = membership(scored, by, order)
    declared = of_groups(expect, people.labels)
    found, notes = _Found(), list(people.notes)
    for scale_id, one in _scores(scored, score, declared):
        notes += _add(found, scored, (scale_id, one), people, asked, declared)
    if all(row["statistic"] is None for row in found.rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in found.rows)))
    _adjust(found.rows, adjust)
    notes += _notes(found.rows, people, adjust, asked)
    labels = ", ".join(f"{each.id} {each.version}" for each in scored.scales)
    title = f"Groups by {by} ({labels}), {100 * level:g}% intervals"
    pair_note = PAIR_NOTES[pairwise] if len(people.labels) > 2 else "Welch's t"
    return Groups(
        title=title,
        columns=COLUMNS,
        rows=tuple({**dict.fromkeys(COLUMNS), **row} for row in found.rows),
        notes=tuple(notes),
        hidden=HIDDEN,
        groups=Table("Groups", GROUP_COLUMNS, tuple(found.groups), (), ("level",)),
        pairs=Table("Pairs", PAIR_COLUMNS, tuple(found.pairs), (pair_note,), PAIR_HIDDEN),
        hypotheses=hypotheses_table(found.hypotheses),
        tabulated=found.tabulated,
    )


def _checked(
    sd: str, pairwise: str, adjust: str, level: float, resamples: int, seed: int
) -> _Asked:
    for kind, name, known in (
        ("sd of a standardized difference", sd, DEVIATIONS),
        ("pairwise comparison", pairwise, PAIRWISE),
        ("adjustment of p", adjust, ADJUSTMENTS),
    ):
        if name not in known:
            raise UnknownNameError(kind, str(name), known)
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    redrawn = Redrawn(resamples, seed, level) if resamples else None
    return _Asked(level, sd, pairwise, redrawn)


def _scores(
    scored: Scores, score: str | None, declared: Sequence[Hypothesis]
) -> list[tuple[str, str]]:
    every = [(scale, one) for scale, part in scored.by_scale.items() for one in part.scores]

    def called(name: str) -> list[tuple[str, str]]:
        named = [pair for pair in every if name in (pair[1], "_".join(pair))]
        if not named:
            known = [text for pair in every for text in (pair[1], "_".join(pair))]
            raise UnknownNameError("score", name, dict.fromkeys(known))
        return named

    chosen = every if score is None else called(score)
    for each in declared:
        if each.score is not None and not {*called(each.score)} & {*chosen}:
            raise RefusalError(
                f"hypothesis '{each.expectation.expected}': it is about {each.score}, and "
                f"{score} is compared"
            )
    return chosen


def _add(
    found: _Found,
    scored: Scores,
    which: tuple[str, str],
    people: Membership,
    asked: _Asked,
    declared: Sequence[Hypothesis],
) -> Iterator[str]:
    """Add what is said of one score; yield what a reader should know of it."""
    part, name = scored.by_scale[which[0]], " ".join(which)
    where: Row = {**dict.fromkeys(WHERE), "scale": which[0], "score": which[1]}
    values = part.scores[which[1]].value
    table = Grouped.of(values, people.codes, people.labels)
    try:
        shared = people.items & {*keyed_values(part.scale, which[1])}
        if shared:
            raise RefusalError(
                f"{people.by} is made from the same answers ({len(shared)} items): its groups "
                "differ by construction"
            )
        table.check()
    except RefusalError as refusal:
        found.rows.append({**where, "statistic": None, "note": str(refusal)})
        _judge(found, which, where, declared, None, (), str(refusal))
        return
    found.tabulated[which] = table
    members = np.bincount(people.codes[people.codes >= 0], minlength=len(people.labels))
    found.groups += _described(table, members.tolist(), where, asked.level)
    rows = list(_compared(table, people.ordered, asked))
    found.rows += [{**where, **row} for row in rows]
    method = asked.pairwise if len(people.labels) > 2 else "welch_holm"
    pairs = PAIRWISE[method](table, asked.level, asked.sd)
    shown = method if len(people.labels) > 2 else "welch"
    found.pairs += [{**where, **_pair_row(pair, asked.level, shown)} for pair in pairs]
    _judge(found, which, where, declared, table, pairs)
    lost = int((np.isnan(values) & (people.codes >= 0)).sum())
    if lost:
        yield f"{name}: {lost:,} in a group have no score (missing)"


def _judge(
    found: _Found,
    which: tuple[str, str],
    where: Row,
    declared: Sequence[Hypothesis],
    table: Grouped | None,
    pairs: Sequence[Pair],
    refused: str | None = None,
) -> None:
    """Add what became of the hypotheses about one score; there is no table where it was refused."""
    known, intervals = ({}, {}) if table is None else _numbers(table, pairs)
    for each in declared:
        if each.score in (None, which[1], "_".join(which)):
            verdict = each.expectation.judged(known, intervals)
            found.hypotheses.append({**where, **verdict_row(verdict), "note": refused})


def _described(table: Grouped, members: Sequence[int], where: Row, level: float) -> Iterator[Row]:
    ends = table.mean_interval(level)
    for at, label in enumerate(table.labels):
        n = int(table.n[at])
        yield {
            **where,
            "group": label,
            "n": n,
            "missing": members[at] - n,
            "mean": float(table.mean[at]),
            **_ends(ends[at], level),
            "sd": float(np.sqrt(table.variance[at])),
            "median": float(table.median[at]),
        }


def _ends(ends: np.ndarray[Any, Any], level: float) -> Row:
    """Return the ends of an interval as columns; of a group in which nobody varies none."""
    if not ends[1] > ends[0]:
        return {"low": None, "high": None, "level": None}
    return {"low": float(ends[0]), "high": float(ends[1]), "level": level}


def _compared(table: Grouped, ordered: bool, asked: _Asked) -> Iterator[Row]:
    """Yield a row for each test that the groups allow; one that is refused says why."""
    tests: dict[str, Callable[[], Comparison]] = {
        "welch_t": lambda: welch_t(table, asked.level, asked.sd),
        "mann_whitney": lambda: mann_whitney(table, asked.level),
    }
    if len(table.labels) > 2:
        tests = {
            "welch_anova": lambda: welch_anova(table),
            "anova": lambda: anova(table, asked.level),
            "kruskal_wallis": lambda: kruskal_wallis(table, asked.redrawn),
        }
        if ordered:
            tests |= {
                "linear_contrast": lambda: linear_contrast(table, asked.level),
                "jonckheere_terpstra": lambda: jonckheere_terpstra(table, asked.redrawn),
            }
    for name, work in tests.items():
        try:
            yield _row(work())
        except RefusalError as refusal:
            yield {"test": name, "statistic": None, "note": str(refusal)}


def _row(made: Comparison) -> Row:
    row: Row = {
        "test": made.test,
        "statistic": made.statistic,
        "df": made.df,
        "df_error": made.df_error,
        "p": made.p,
        "n": made.n,
        "method": made.method,
    }
    effect = made.effect
    if effect is not None:
        row |= {"effect": effect.name, "value": effect.value, "low": effect.low}
        row |= {"high": effect.high, "level": effect.level, "interval": effect.method}
        row |= {"seed": effect.seed, "note": effect.note}
    return row


def _pair_row(pair: Pair, level: float, method: str) -> Row:
    row: Row = {name: getattr(pair, name) for name in PAIR_COLUMNS if hasattr(pair, name)}
    row |= {"contrast": f"{pair.second} - {pair.first}", "level": level, "method": method}
    if pair.effect is not None:
        row |= {"g": pair.effect.value, "g_low": pair.effect.low, "g_high": pair.effect.high}
        row["g_method"] = pair.effect.method
    return row


def _numbers(
    table: Grouped, pairs: Sequence[Pair]
) -> tuple[dict[str, float | None], dict[str, tuple[float | None, float | None]]]:
    """Return the means by group, and of two groups g in both directions, with intervals."""
    known: dict[str, float | None] = dict(zip(table.labels, table.mean.tolist(), strict=True))
    intervals: dict[str, tuple[float | None, float | None]] = {}
    effect = pairs[0].effect if len(pairs) == 1 else None
    if effect is not None and effect.low is not None and effect.high is not None:
        first, second = table.labels
        known |= {g_name(second): effect.value, g_name(first): -effect.value}
        intervals[g_name(second)] = (effect.low, effect.high)
        intervals[g_name(first)] = (-effect.high, -effect.low)
    return known, intervals


def _adjust(rows: Sequence[Row], adjust: str) -> None:
    for test in dict.fromkeys(row.get("test") for row in rows):
        family = [row for row in rows if row.get("test") == test and row.get("p") is not None]
        p = ADJUSTMENTS[adjust]([row["p"] for row in family]) if family else np.empty(0)
        for row, value in zip(family, p.tolist(), strict=True):
            row["p_adjusted"] = value


def _notes(rows: Sequence[Row], people: Membership, adjust: str, asked: _Asked) -> Iterator[str]:
    if len(people.labels) == 2:
        yield f"differences are {people.labels[1]} minus {people.labels[0]}"
    elif people.ordered:
        yield f"order: {' < '.join(people.labels)}; steps between groups are taken as equal"
    methods = {row["effect"]: row["interval"] for row in rows if row.get("interval")}
    if methods:
        yield "intervals: " + "; ".join(f"{name}, {how}" for name, how in methods.items())
    scores = len({(row["scale"], row["score"]) for row in rows if row["statistic"] is not None})
    if scores > 1:
        how = ADJUSTMENT_NAMES[adjust]
        yield f"p adjusted: {how}, over the {scores} scores; each test is a family of its own"
    if any(row.get("seed") is not None for row in rows) and asked.redrawn is not None:
        yield f"{asked.redrawn.resamples:,} resamples within groups, seed {asked.redrawn.seed}"
    if any(row.get("effect") == "epsilon_squared" for row in rows):
        yield "the interval of epsilon squared cannot reach 0: it is no test"
