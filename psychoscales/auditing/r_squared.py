"""Is R squared, as beta and r give it, one that can be?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychoscales.auditing.context import Context, together
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
from psychoscales.auditing.printed import Printed, Span
from psychoscales.auditing.published import Model, Published

NAME = "r_squared"
SAME_NOISE, UNKNOWN_NOISE = 0.02, 0.1
BOUND_ERRORS, PRINTED_ERRORS = 2, 5
SHARE = Span(0.0, 1.0)


@dataclass(frozen=True)
class Case:
    """One model whose beta and r are all printed.

    Attributes:
        betas: of its rows.
        r: of the outcome with the variable each label names.
        same: whether r and beta are known to be of the same people.
        noise: the standard error of one r among fewer people; 0 where they are the same.
    """

    model: Model
    betas: tuple[Printed, ...]
    r: tuple[Printed, ...]
    same: bool
    noise: float

    @property
    def value(self) -> float:
        """The sum of beta r."""
        return sum(float(b) * float(r) for b, r in zip(self.betas, self.r, strict=True))

    def span(self, errors: float) -> Span:
        """Return the sums of beta r that rounding, and r being of more people, leave open.

        `errors` is how many standard errors each r may be off.
        """
        parts = [b.span.times(r.span) for b, r in zip(self.betas, self.r, strict=True)]
        more = errors * self.noise * sum(abs(float(beta)) for beta in self.betas)
        return Span(sum(p.low for p in parts) - more, sum(p.high for p in parts) + more)

    @property
    def least(self) -> float:
        """The largest squared r, at least: no regression explains less than its best predictor."""
        sizes = [r.span.magnitude().low - self.noise for r in self.r]
        return max(0.0, *sizes) ** 2


def reads(published: Published, context: Context) -> bool:
    """Return whether beta and r of all predictors of a model, or R squared, F and df, are there."""
    models = [one for table in published.tables_of_regressions().values() for one in table]
    return bool(cases(models, published, context)) or any(_f_span(model) for model in models)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare the sum of beta r with what R squared can be.

    .. math:: \max_j r_{jy}^2 \le R^2 = \sum_j \beta_j r_{jy} \le 1, \quad
        F = \frac{R^2 / k}{(1 - R^2) / df}

    It holds exactly among the same people. Correlations are often of more people than the
    regression: each r then has a standard error of about sqrt(1/m - 1/n). In a printed R squared
    five times its sum with the absolute betas is allowed for, in the bounds twice that, and once in
    the largest r; what is beyond is implausible instead of inconsistent. In 19,000 simulated
    regressions of 40 to 220 people with 3 to 30 per cent of each variable missing, five times was
    never exceeded by normal variables nor by rare yes-or-no answers (three times by 0.03 and 0.4
    per cent), and by 0.6 per cent of regressions of log-normal variables, for which that standard
    error is too small. The bounds were broken by 3 of 14,000 regressions of questionnaire answers.
    A model of one predictor is left to `one_predictor`.

    Where a table breaks the bound, every order of its labels (up to 8) is tried; the order whose
    smallest margin over the bound is largest is reported. It reads no frequencies, so that it is
    independent of `implied_sds`.

    Source: Cohen J, Cohen P, West SG, Aiken LS. Applied multiple regression/correlation analysis,
    3rd ed. 2003, chapter 3. doi:10.4324/9780203774441
    """
    found = []
    for analysis, models in published.tables_of_regressions().items():
        known = cases(models, published, context)
        broken = [each for case in known for each in _bound(case)]
        found += broken
        if broken:
            found += _by_order(analysis, known)
        for case in known:
            found += _printed(case)
        for model in models:
            found += _f(model)
    return found


def cases(models: Sequence[Model], published: Published, context: Context) -> list[Case]:
    """Return the models whose beta and r are printed for every predictor."""
    found = []
    for model in models:
        if not model.centred or len(model.rows) < 2:
            continue
        cells = [published.correlations_of(model.outcome, name) for name in model.predictors]
        betas = [row.beta for row in model.rows if row.beta is not None]
        r = [cell.r for cell in cells if cell is not None and cell.is_pearson]
        if not len(betas) == len(r) == len(model.rows) or not r:
            continue
        sizes = [
            cell.n.whole
            if cell.n is not None
            else together(published, context, (cell.row, cell.column))[1]
            for cell in cells
            if cell is not None
        ]
        printed = all(cell is not None and cell.n is not None for cell in cells)
        same = printed and model.people is not None and set(sizes) == {model.people}
        noise = 0.0 if same else noise_of(model.people, sizes)
        found.append(Case(model, tuple(betas), tuple(r), same, noise))
    return found


def noise_of(kept: int | None, sizes: Sequence[int | None]) -> float:
    """Return the standard error of an r among `kept` people, given the r of `sizes` people.

    Where an n is not known the r may be of endlessly many; where `kept` is not known, it may be
    half of them.
    """
    known = [n for n in sizes if n]
    if not kept:
        return math.sqrt(1 / max(known)) if len(known) == len(sizes) else UNKNOWN_NOISE
    if len(known) < len(sizes):
        return math.sqrt(1 / kept)
    return math.sqrt(1 / kept - 1 / max(known)) if kept < max(known) else SAME_NOISE


def _verdict(case: Case) -> Verdict:
    return "inconsistent" if case.same else "implausible"


def _depends(case: Case, errors: int = BOUND_ERRORS) -> str:
    if case.same:
        return " It depends on beta and r being of the same labels."
    return (
        f" It depends on the labels, and on r and beta being of nearly the same people; {errors} "
        f"standard errors of {case.noise:.4f} of each r are allowed for."
    )


def _bound(case: Case) -> list[Finding]:
    span, least = case.span(BOUND_ERRORS), case.least
    largest = max(float(r) ** 2 for r in case.r)
    printed = f"sum of beta r = {case.value:.5f}"
    if span.high < least or span.high < 0:
        words = "negative" if case.value < 0 else "too small"
        text = (
            f"The betas and correlations give R squared = {case.value:.5f}, which is {words}: the "
            f"largest squared r is {largest:.5f}.{_depends(case)}"
        )
        expected = f"at least {largest:.5f}"
        return [Finding(NAME, case.model.where, printed, expected, _verdict(case), text)]
    if span.low > 1:
        text = f"The betas and correlations give R squared above 1.{_depends(case)}"
        return [Finding(NAME, case.model.where, printed, "at most 1", _verdict(case), text)]
    return []


def margins(known: Sequence[Case]) -> Floats:
    """Return R squared less the largest squared r, for every order of labels [order, model]."""
    every = orders(len(known[0].r))
    products: Floats = np.array(
        [[[float(b) * float(r) for r in case.r] for b in case.betas] for case in known]
    )
    least = np.array([max(float(r) ** 2 for r in case.r) for case in known])
    found: Floats = by_order(products, every).sum(axis=2) - least
    return found


def _by_order(analysis: str, known: list[Case]) -> list[Finding]:
    labels = labels_of([case.model for case in known])
    if not 2 <= len(labels) <= MOST_LABELS:
        return []
    every, over = orders(len(labels)), margins(known)
    smallest: Floats = over.min(axis=1)
    best = int(smallest.argmax())
    if smallest[best] < 0:
        return []
    least = [max(float(r) ** 2 for r in case.r) for case in known]
    values = ", ".join(
        f"{case.model.outcome} {over[best, at] + least[at]:.5f}" for at, case in enumerate(known)
    )
    text = (
        f"With the labels in the order {named(every[best], labels)} R squared is {values}, and "
        f"exceeds the largest squared r everywhere. Of {len(every)} orders "
        f"{int((smallest >= 0).sum())} do; by the smallest margin this one is first and the "
        f"printed one number {rank(-smallest)}. It depends on the correlations being labelled "
        "rightly; the frequencies are not used."
    )
    where, shown = f"{analysis}: labels of the rows", named(every[0], labels)
    return [Finding(NAME, where, shown, named(every[best], labels), "implausible", text)]


def _printed(case: Case) -> list[Finding]:
    stated = case.model.whole.r_squared
    span = case.span(PRINTED_ERRORS)
    if stated is None or not stated.span.meets(SHARE) or stated.span.meets(span):
        return []
    text = f"The betas and correlations give R squared = {case.value:.5f}."
    text += _depends(case, PRINTED_ERRORS)
    shown, expected = f"R squared = {stated}", f"{span.low:.4f} to {span.high:.4f}"
    return [Finding(NAME, case.model.where, shown, expected, _verdict(case), text)]


def _f_span(model: Model) -> Span | None:
    """Return every F that R squared and df allow; None where one of the three is not printed."""
    whole = model.whole
    if whole.r_squared is None or whole.f is None or not model.df or len(model.rows) < 2:
        return None
    if not whole.r_squared.span.meets(SHARE) or whole.f.high < 0:
        return None
    span = whole.r_squared.span
    return Span(_f_of(max(0.0, span.low), model), _f_of(min(1.0, span.high), model))


def _f(model: Model) -> list[Finding]:
    whole, span = model.whole, _f_span(model)
    if span is None or whole.f is None or whole.f.span.meets(span):
        return []
    expected = f"F = {span.low:.3f} to {span.high:.3f}"
    text = (
        f"R squared = {whole.r_squared} with {len(model.rows)} predictors and df = {model.df} "
        f"gives {expected}. One of them is wrong, if every predictor is printed."
    )
    return [Finding(NAME, model.where, f"F = {whole.f}", expected, "inconsistent", text)]


def _f_of(r_squared: float, model: Model) -> float:
    if r_squared >= 1:
        return math.inf
    return r_squared / len(model.rows) / ((1 - r_squared) / (model.df or 1))
