"""Do B and beta imply the SDs of predictors that the paper prints elsewhere?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.label_orders import (
    MOST_LABELS,
    Floats,
    by_order,
    labels_of,
    named,
    orders,
    rank,
)
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Model, Published
from psychoscales.auditing.subsets import ANY, change_of_sd, sd_of_counts, sd_of_some

NAME = "implied_sds"
USUAL = 0.10
ERRORS, FEW_PEOPLE = 4, 100
UNCLEAR = 0.15
TOLERANCES = (0.03, 0.05, 0.10)
BETTER = 3.0


@dataclass(frozen=True)
class Known:
    """What the paper prints about a predictor: its SD, and what part of its people can have."""

    sd: float
    some: Span
    people: int | None


@dataclass(frozen=True)
class Implied:
    """What one row implies: beta SD(y) / B, and what rounding leaves open."""

    value: float
    span: Span

    @property
    def clear(self) -> bool:
        """Whether rounding leaves 15 per cent or less either way."""
        if not self.span.low or math.isinf(self.span.high):
            return False
        return math.log(self.span.high / self.span.low) / 2 <= UNCLEAR


@dataclass(frozen=True)
class Case:
    """One model: what each row implies, what SDs its people can have, and by what SD(y) changes."""

    model: Model
    implied: tuple[Implied | None, ...]
    known: tuple[Known | None, ...]
    change: Span

    def possible(self, order: Sequence[int], rows: Sequence[int]) -> bool:
        """Return whether one change of SD(y) makes every implied SD one that some people have."""
        low, high = self.change.low, self.change.high
        for row in rows:
            one, label = self.implied[row], self.known[order[row]]
            if one is None or label is None:
                continue
            allowed = label.some.over(one.span)
            low, high = max(low, allowed.low), min(high, allowed.high)
        return low <= high * (1 + 1e-9)

    def excess(self, row: int, label: int) -> float:
        """Return the log ratio of implied and printed SD that rounding and chance leave over."""
        one, known = self.implied[row], self.known[label]
        if one is None or known is None:
            return 0.0
        beyond = max(
            math.log(one.span.low / known.sd) if one.span.low else -math.inf,
            -math.log(one.span.high / known.sd),
            0.0,
        )
        return max(0.0, beyond - self._usual(known))

    def fits(self, order: Sequence[int], rows: Sequence[int] | None = None) -> bool:
        """Return whether rows, all by default, agree with labels in this order, by both tests."""
        rows = range(len(self.implied)) if rows is None else rows
        return self.possible(order, rows) and not any(self.excess(row, order[row]) for row in rows)

    def _usual(self, known: Known) -> float:
        """What leaving people out usually does: four standard errors of a log SD, 10 % or more.

        Where the n of an SD is not known it may be of endlessly many; where that of the regression
        is not known, it may be of a quarter of them.
        """
        kept, people = self.model.people, known.people
        if kept is None:
            return ERRORS * math.sqrt(3 / (people or FEW_PEOPLE))
        if people is None:
            return max(2 * USUAL, ERRORS * math.sqrt(1 / kept))
        return (
            max(USUAL, ERRORS * math.sqrt(1 / kept - 1 / people)) if kept <= people else 2 * USUAL
        )


def reads(published: Published, context: Context) -> bool:
    """Return whether there are B, beta, SD(y) and the SD of the predictor of one row."""
    tables = published.tables_of_regressions().values()
    return any(
        implied and known
        for models in tables
        for case in cases(models, published, context)
        for implied, known in zip(case.implied, case.known, strict=True)
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare the SDs of predictors that B and beta imply with the printed ones.

    .. math:: SD(x_j) = \beta_j \, SD(y) / B_j

    The SDs of predictors are those of their frequencies (of rows that sum to their n), else
    printed ones. A regression is often of fewer people than the other tables, so that a
    contradiction is certain (inconsistent) only if no choice of that many people, with one SD(y)
    for all rows, gives the implied SDs; where they differ by more than rounding and chance
    usually make (four standard errors, 10 per cent or more) it is implausible.

    Where they disagree, every order of the labels (up to 8) is tried on all outcomes at once, on
    rows whose rounding leaves 15 per cent or less either way. If the one with the smallest root
    mean square log ratio passes this check, at a third of the printed order's or less, the finding
    is about the labels; else it is about the rows that do not fit.

    Source: the definition of standardized coefficients; Cohen J, Cohen P, West SG, Aiken LS.
    Applied multiple regression/correlation analysis, 3rd ed. 2003, chapter 3.
    doi:10.4324/9780203774441
    """
    found = []
    for analysis, models in published.tables_of_regressions().items():
        known = cases(models, published, context)
        wrong = [case for case in known if not case.fits(range(len(case.implied)))]
        if not wrong:
            continue
        moved = _permuted(analysis, known)
        found += [moved] if moved else [each for case in wrong for each in _rows(case)]
    return found


def cases(models: Sequence[Model], published: Published, context: Context) -> list[Case]:
    """Return what every model of a table implies, where the SD of its outcome is printed."""
    found = []
    for model in models:
        outcome = published.descriptives_of(model.outcome)
        if outcome is None or outcome.sd is None or outcome.sd.value <= 0 or not model.centred:
            continue
        implied: list[Implied | None] = []
        for row in model.rows:
            if row.B is None or row.beta is None or not row.B.value or not row.beta.value:
                implied.append(None)
                continue
            value = abs(float(row.beta.value / row.B.value)) * float(outcome.sd)
            span = row.beta.span.over(row.B.span)
            span = Span(span.low * float(outcome.sd.low), span.high * float(outcome.sd.high))
            implied.append(Implied(value, span))
        known = [_known(name, model.people, published, context) for name in model.predictors]
        change = change_of_sd(published, context, model.outcome, model.people)
        found.append(Case(model, tuple(implied), tuple(known), change))
    return found


def _known(name: str, kept: int | None, published: Published, context: Context) -> Known | None:
    row = published.frequencies_of(name)
    if row is not None:
        codes = context.codes(name, len(row.counts))
        if codes is None or not row.adds_up or context.multiple(name):
            return None
        sd = sd_of_counts(row.numbers, codes)
        some = ANY if kept is None else sd_of_some(row.numbers, codes, kept)
        return Known(sd, some, sum(row.numbers)) if sd > 0 else None
    described = published.descriptives_of(name)
    if described is None or described.sd is None or described.sd.value <= 0:
        return None
    sd, change = float(described.sd), change_of_sd(published, context, name, kept)
    some = Span(change.low * float(described.sd.low), change.high * float(described.sd.high))
    return Known(sd, some, described.n.whole if described.n is not None else None)


def log_ratios(known: Sequence[Case]) -> Floats:
    """Return log(implied / printed SD) [outcome, row, label]; nan where either is not known."""
    size = len(known[0].implied)
    table: Floats = np.full((len(known), size, size), np.nan)
    for number, case in enumerate(known):
        for row, one in enumerate(case.implied):
            for label, sd in enumerate(case.known):
                if one is not None and sd is not None and one.clear:
                    table[number, row, label] = math.log(one.value / sd.sd)
    return table


def _permuted(analysis: str, known: list[Case]) -> Finding | None:
    labels = labels_of([case.model for case in known])
    if not 2 <= len(labels) <= MOST_LABELS:
        return None
    every = orders(len(labels))
    ratios = np.abs(by_order(log_ratios(known), every)).reshape(len(every), -1)
    counted = ~np.isnan(ratios)
    if not counted.any(axis=1).all():
        return None
    squares = np.where(counted, ratios, 0.0) ** 2
    off = np.sqrt(squares.sum(axis=1) / counted.sum(axis=1))
    most = np.where(counted, ratios, 0.0).max(axis=1)
    best = int(off.argmin())
    order = every[best]
    if BETTER * off[best] > off[0] or not all(case.fits(order) for case in known):
        return None
    certain = not all(case.possible(every[0], every[0]) for case in known)
    within = [f"{int((most <= end + 1e-12).sum())} within {end:.0%}" for end in TOLERANCES]
    text = (
        f"{_ratios(known, every[0])} With the labels in the order {named(order, labels)} the "
        f"largest difference is {most[best]:.3f} (log ratio; printed order {most[0]:.3f}). Of "
        f"{len(every)} orders {', '.join(within)}; by root mean square this one is first "
        f"({off[best]:.3f}) and the printed one number {rank(off)} ({off[0]:.3f})."
        f"{_unknown(known, order, labels)} It depends on the frequencies being labelled rightly; "
        "p and the conclusions drawn from it do not depend on the labels."
    )
    verdict: Verdict = "inconsistent" if certain else "implausible"
    where = f"{analysis}: labels of the rows"
    return Finding(NAME, where, named(every[0], labels), named(order, labels), verdict, text)


def _ratios(known: Sequence[Case], order: Sequence[int]) -> str:
    """Say, for each printed label, what SD its rows imply and what SD it has."""
    said = []
    for row, label in enumerate(order):
        sd = known[0].known[label]
        values = [one.value for case in known if (one := case.implied[row]) and one.clear]
        if sd is None or not values:
            continue
        low, high = min(values), max(values)
        implied = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
        said.append(f"{known[0].model.predictors[label]} {implied} against {sd.sd:.2f}")
    return f"The rows imply SDs that the variables do not have: {'; '.join(said)}."


def _unknown(known: Sequence[Case], order: Sequence[int], labels: Sequence[str]) -> str:
    """Say what the order implies about predictors whose SD the paper does not give."""
    said = []
    for row, label in enumerate(order):
        if known[0].known[label] is None:
            common = common_sd([one for case in known if (one := case.implied[row])])
            if common is not None:
                said.append(
                    f"{labels[label]} then has an SD of {common.low:.2f} to {common.high:.2f}"
                )
    return f" {'; '.join(said)} (its counts do not give one)." if said else ""


def common_sd(implied: Sequence[Implied]) -> Span | None:
    """Return the SDs that every outcome's rounding allows; if there is none, their whole range."""
    if not implied:
        return None
    low, high = max(one.span.low for one in implied), min(one.span.high for one in implied)
    if low > high:
        low, high = min(one.span.low for one in implied), max(one.span.high for one in implied)
    return Span(low, high)


def _rows(case: Case) -> list[Finding]:
    """Return the rows without which the rest of the model agrees, the farthest off first."""
    printed = range(len(case.implied))
    found, left = [], list(printed)
    while left and not case.fits(printed, left):
        worst = max(left, key=lambda row: _distance(case, row, left))
        verdict: Verdict = "implausible" if case.possible(printed, left) else "inconsistent"
        left.remove(worst)
        row, one, sd = case.model.rows[worst], case.implied[worst], case.known[worst]
        if one is None or sd is None:
            continue
        certain = "no choice" if verdict == "inconsistent" else "no usual choice"
        text = (
            f"B, beta and the SD of {case.model.outcome} imply an SD of {one.value:.3g} for "
            f"{row.predictor} ({one.span.low:.3g} to {one.span.high:.3g} by rounding); its own is "
            f"{sd.sd:.3g}, and {certain} of people explains it. B or beta, or the label, is wrong, "
            "if the frequencies are right."
        )
        shown = f"B = {row.B}, beta = {row.beta}"
        expected = f"SD {sd.sd:.3g}, not {one.value:.3g}"
        found.append(Finding(NAME, row.where, shown, expected, verdict, text))
    return found


def _distance(case: Case, row: int, left: Sequence[int]) -> float:
    """Return how far a row's log ratio lies, beyond rounding, from the middle of the others'."""
    logs = {
        each: math.log(one.value / sd.sd)
        for each in left
        if (one := case.implied[each]) and (sd := case.known[each])
    }
    one = case.implied[row]
    if row not in logs or one is None:
        return -1.0
    others = [value for each, value in logs.items() if each != row] or [0.0]
    away = abs(logs[row] - float(np.median([*others, 0.0])))
    return away - (math.log(one.value / one.span.low) if one.span.low else away)
