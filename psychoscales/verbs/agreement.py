"""`psychoscales.agreement`: do two occasions, or raters, say the same of a person?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement import (
    CATEGORICAL,
    FORMS,
    icc,
    limits_of_agreement,
    measurement_error,
)
from psychoscales.engines.reliability.agreement.limits import LimitsMethod
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.plots.bland_altman import bland_altman
from psychoscales.responses import Responses
from psychoscales.results import WHERE, Estimate, Table, people
from psychoscales.scores import TRUTHS, levels_of
from psychoscales.spec.model import Scale
from psychoscales.verbs.occasions import Occasions, occasions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Where = tuple[str, str, str | None]
COLUMNS = (
    *WHERE,
    "coefficient",
    "alias",
    "value",
    "low",
    "high",
    "level",
    "n",
    "method",
    "missing",
    "seed",
    "note",
)
HIDDEN = ("alias", "level", "missing", "seed")
ERROR = ("sem_agreement", "sdc_agreement", "sem_consistency", "sdc_consistency")
LIMITS = ("bias", "limit_lower", "limit_upper")
ADVICE = (
    "ICC(A,1) is of single scores, and counts a shift between occasions as error: for retest "
    "agreement. ICC(C,1) leaves the shift out. ICC(1,1) is for raters that differ from person to "
    "person. The forms with k are of the mean of all occasions. Shrout and Fleiss call "
    "ICC(1,1) ICC1, ICC(A,1) ICC2 and ICC(C,1) ICC3, and add k for means"
)
UNITS = (
    "sem, sdc, bias and limits are in units of the score; sdc = 1.96 x sqrt(2) x sem, and is of "
    "one person; bias is the later occasion minus the earlier"
)


@dataclass(frozen=True)
class Agreement(Table):
    """The table that `agreement` returns, and the picture of the differences.

    Attributes:
        ratings: scale, score and group -> the scores [n, r] that the coefficients are of.
    """

    ratings: Mapping[Where, Floats] = field(default_factory=dict, repr=False, compare=False)

    def plot(
        self,
        score: str | None = None,
        *,
        scale: str | None = None,
        group: str | None = None,
        occasions: tuple[int, int] = (1, 2),
        limits: LimitsMethod = "exact",
        level: float = 0.95,
    ) -> Figure:
        """Return the Bland-Altman plot of one score: differences against means.

        Args:
            score, scale, group: which one, where the table has several.
            occasions: which two, counted from 1.
            limits: the intervals of the limits, as in `agreement`.
            level: their confidence level.
        """
        asked = (scale, score, group)
        found = [
            key
            for key in self.ratings
            if all(each in (None, part) for each, part in zip(asked, key, strict=True))
        ]
        if len(found) != 1:
            known = [
                " ".join(str(part) for part in key if part is not None) for key in self.ratings
            ]
            text = " ".join(part for part in asked if part is not None)
            if not found:
                raise UnknownNameError("score in this table", text, known)
            raise ValueError(f"say which score to plot: {', '.join(known)}")
        (key,) = found
        table = self.ratings[key]
        if len(set(occasions)) < 2 or not all(1 <= at <= table.shape[1] for at in occasions):
            raise ValueError(f"occasions are two different ones of 1 to {table.shape[1]}")
        pair = table[:, [at - 1 for at in occasions]]
        pair = pair[~np.isnan(pair).any(axis=1)]
        drawn = limits_of_agreement(pair, level=level, method=limits)
        values = (drawn.bias, drawn.lower, drawn.upper)
        where = " ".join(part for part in key if part is not None)
        return bland_altman(
            pair.mean(axis=1),
            pair[:, 1] - pair[:, 0],
            lines=tuple(zip(values, drawn.ends, strict=True)),
            title=f"{where}: {people(drawn.n)}",
            across=f"mean of occasions {occasions[0]} and {occasions[1]}",
            upwards=f"occasion {occasions[1]} minus occasion {occasions[0]}",
        )


def agreement(
    first: Responses,
    second: Responses,
    *more: Responses,
    by: str | None = None,
    score: str | None = None,
    level: float = 0.95,
    missing: Literal["complete", "available"] = "complete",
    limits: LimitsMethod = "exact",
    seed: int | None = None,
) -> Agreement:
    r"""Return the agreement of occasions or raters about the same people, matched by id.

    For every score: the six forms of the intraclass correlation, the standard error of
    measurement and the smallest detectable change (of agreement, and of consistency), and for
    each two occasions the bias and the limits of agreement. For every band set and rule: kappa
    for each two occasions, Fleiss' kappa for more than two, Gwet's AC, Krippendorff's alpha; of
    bands, whose levels have an order, also the weighted ones. The formulas stand at the functions
    of `psychoscales.engines.reliability.agreement`, which take arrays of ratings [n, r].

    Args:
        first, second, more: what `read` returned for each occasion or rater, with ids.
        by: a kept column; a block for each of its values.
        score: one score, band set or rule only, by id or as `phq9_total`.
        level: confidence level of all intervals.
        missing: "complete" uses people with a score at every occasion, by analysis of variance;
            "available" everybody with any, by REML where scores are missing.
        limits: intervals of the limits of agreement, "exact" (noncentral t) or "approximate"
            (Bland and Altman 1999).
        seed: of the bootstrap of Krippendorff's alpha, which has no interval without it.

    Returns:
        `Agreement`, a `Table` with a row for each coefficient; its `.plot(score)` is the
        Bland-Altman plot. The column score names the score, band set or rule. No id is in it.

    Raises:
        RefusalError: other scales or versions, no ids, an id twice, nobody in common, or no
            coefficient can be given. Where only some cannot, their rows say why.

    Examples:
        >>> import numpy as np
        >>> import psychoscales as ps
        >>> first = ps.simulate("phq2", n=80, seed=1).to_frame().assign(pid=range(80))
        >>> second = ps.simulate("phq2", n=80, seed=2).to_frame().assign(pid=range(80))
        >>> same = np.random.default_rng(3).random(80) < 0.7
        >>> second[same] = first[same]
        >>> both = [ps.read(each, "phq2", id="pid") for each in (first, second)]
        >>> table = ps.agreement(*both, score="total").to_frame()
        >>> list(table["coefficient"][:3])
        ['ICC(1,1)', 'ICC(A,1)', 'ICC(C,1)']
    """
    asked = _Asked(level, missing, limits, seed)
    together = occasions([first, second, *more], everybody=missing == "available")
    rows, said, ratings = _blocks(_results(first.scales, score), together, by, asked)
    if rows and all(row["value"] is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    labels = ", ".join(f"{scale.id} {scale.version}" for scale in first.scales)
    title = f"Agreement of {together.r} occasions ({labels}), {100 * level:g}% intervals"
    notes = (*together.notes, *said, *_advice(rows))
    return Agreement(title, COLUMNS, tuple(rows), notes, HIDDEN, ratings)


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of every result."""

    level: float
    missing: str
    limits: LimitsMethod
    seed: int | None

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"level lies between 0 and 1, such as 0.95, not {self.level}")
        if self.missing not in ("complete", "available"):
            raise ValueError(f"missing is 'complete' or 'available', not {self.missing!r}")
        if self.limits not in ("exact", "approximate"):
            raise ValueError(f"limits is 'exact' or 'approximate', not {self.limits!r}")


@dataclass(frozen=True)
class _Result:
    """A score, a band set or a rule of a scale.

    `categories` is the number of levels, None of a score; `ordered` whether they have an order.
    """

    scale: Scale
    id: str
    categories: int | None = None
    ordered: bool = False

    def ratings(self, together: Occasions) -> Floats:
        """Return its values, or the numbers of its levels [n, r]."""
        if self.categories is None:
            return together.values(self.scale.id, self.id)
        return together.places(self.scale.id, self.id)

    def rows(self, table: Floats, group: str | None, asked: _Asked) -> Iterator[dict[str, Any]]:
        """Yield the rows of all coefficients of ratings [n, r]."""
        where = {"scale": self.scale.id, "score": self.id, "group": group}
        of_result = _of_score(table, asked)
        if self.categories is not None:
            of_result = _of_categories(table, self.categories, self.ordered, asked)
        for occasion, estimate in of_result:
            form = FORMS.get(estimate.coefficient)
            row = {**where, "occasion": occasion, **estimate.row(), "missing": asked.missing}
            yield {**row, "alias": None if form is None else form.alias}


def _blocks(
    results: Sequence[_Result], together: Occasions, by: str | None, asked: _Asked
) -> tuple[list[dict[str, Any]], list[str], dict[Where, Floats]]:
    """Return the rows of every result and group, the notes, and the scores they are of."""
    groups: list[tuple[str | None, npt.NDArray[np.bool_]]]
    groups = [(None, np.ones(len(together.rows), dtype=bool))]
    notes: list[str] = []
    if by is not None:
        found, notes = together.groups(by)
        groups = list(found)
    rows: list[dict[str, Any]] = []
    ratings: dict[Where, Floats] = {}
    for result in results:
        table = result.ratings(together)
        for group, members in groups:
            used, note = _used(table[members], result, group, asked.missing)
            notes.append(note)
            rows += result.rows(used, group, asked)
            if result.categories is None:
                ratings[result.scale.id, result.id, group] = used
    return rows, notes, ratings


def _results(scales: Sequence[Scale], score: str | None) -> list[_Result]:
    found = []
    for scale in scales:
        found += [_Result(scale, each.id) for each in scale.scores]
        for band in dict.fromkeys(each.id for each in scale.bands):
            levels = len(levels_of(scale, band))
            found.append(_Result(scale, band, levels, ordered=levels > 2))
        rules = [rule.id for rule in scale.rules if not rule.is_count]
        found += [_Result(scale, rule, len(TRUTHS) - 1) for rule in rules]
    wanted = [each for each in found if score in (None, each.id, f"{each.scale.id}_{each.id}")]
    if not wanted:
        raise UnknownNameError("score, band or rule", str(score), [each.id for each in found])
    return wanted


def _used(table: Floats, result: _Result, group: str | None, missing: str) -> tuple[Floats, str]:
    """Return the ratings of the people that are used, and how many these are."""
    there = ~np.isnan(table)
    keep = there.all(axis=1) if missing == "complete" else there.any(axis=1)
    lacking = [f"{int(n):,}" for n in (~there).sum(axis=0)]
    name = " ".join(part for part in (result.scale.id, result.id, group) if part is not None)
    which = "every occasion" if missing == "complete" else "any occasion"
    note = f"{name}: {people(int(keep.sum()))} with a result at {which}"
    if not there.all():
        note += f"; without one at each occasion: {', '.join(lacking)}"
    return table[keep], note


def _of_score(table: Floats, asked: _Asked) -> Iterator[tuple[str | None, Estimate]]:
    wholes: tuple[tuple[Sequence[str], Callable[[], Sequence[Estimate]]], ...] = (
        (tuple(FORMS), lambda: icc(table, level=asked.level)),
        (ERROR, lambda: measurement_error(table, level=asked.level)),
    )
    for names, work in wholes:
        for estimate in _or_refused(names, work):
            yield None, estimate
    for one, two in combinations(range(table.shape[1]), 2):
        pair = table[:, [one, two]]

        def drawn(pair: Floats = pair) -> Sequence[Estimate]:
            found = limits_of_agreement(pair, level=asked.level, method=asked.limits)
            return found.estimates()

        for estimate in _or_refused(LIMITS, drawn):
            yield f"{one + 1} and {two + 1}", estimate


def _of_categories(
    table: Floats, categories: int, ordered: bool, asked: _Asked
) -> Iterator[tuple[str | None, Estimate]]:
    r = table.shape[1]
    for name, known in CATEGORICAL.items():
        if (known.ordered and not ordered) or (name == "kappa_fleiss" and r == 2):
            continue
        wholes: list[tuple[str | None, Floats]] = [(None, table)]
        if known.pairs:
            wholes = [
                (f"{one + 1} and {two + 1}", table[:, [one, two]])
                for one, two in combinations(range(r), 2)
            ]
        for occasion, ratings in wholes:

            def made(ratings: Floats = ratings, work: Any = known.estimate) -> Sequence[Estimate]:
                return (work(ratings, categories, asked.level, asked.seed),)

            for estimate in _or_refused((name,), made):
                yield occasion, estimate


def _or_refused(names: Sequence[str], work: Callable[[], Sequence[Estimate]]) -> Sequence[Estimate]:
    try:
        return work()
    except RefusalError as refusal:
        return [Estimate(name, None, note=str(refusal)) for name in names]


def _advice(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    given = {row["coefficient"] for row in rows if row["value"] is not None}
    if given & set(FORMS):
        yield ADVICE
    if given & {*ERROR, *LIMITS}:
        yield UNITS
