"""Do the numbers of a regression with one predictor agree, since they are all one number?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Correlation, Model, Published

NAME = "one_predictor"
ERRORS = 5
SHARE = Span(0.0, 1.0)
DEPENDS = "It depends on every predictor being printed, and on ordinary least squares."


@dataclass(frozen=True)
class Size:
    """A printed number, and the sizes of t or of r that it allows."""

    shown: str
    span: Span


def reads(published: Published, _context: Context) -> bool:
    """Return whether a regression with one predictor has two numbers that must agree."""
    return any(
        any(len(sizes) > 1 for sizes in groups(model).values()) or _beside(model, published)
        for model in models(published)
    )


def check(published: Published, _context: Context) -> list[Finding]:
    r"""Compare what beta, R squared, t and F of a single predictor, and its r, say.

    .. math:: |\beta| = |r| = \sqrt{R^2} = \frac{|t|}{\sqrt{t^2 + df}}, \quad F = t^2

    so that a variance inflation of anything but 1 shows here too. Without df, t agrees with F only.
    A correlation of the same people is beta; where it is of more people, it may be five standard
    errors, sqrt(1/m - 1/n) each, off, and beyond them is implausible. Where df and n show that
    there are more predictors than are printed, nothing is compared; where they are not both
    printed, there may be more, and numbers that differ are implausible.

    Source: Cohen J, Cohen P, West SG, Aiken LS. Applied multiple regression/correlation analysis,
    3rd ed. 2003, chapter 2. doi:10.4324/9780203774441
    """
    found = []
    for model in models(published):
        apart = [(of, sizes) for of, sizes in groups(model).items() if not _agree(sizes)]
        found += [_apart(model, of, sizes) for of, sizes in apart]
        cell = _beside(model, published)
        if cell is not None and not apart:
            found += _from_r(model, cell)
    return found


def models(published: Published) -> list[Model]:
    """Return the models with one predictor, as far as is printed."""
    every = [one for table in published.tables_of_regressions().values() for one in table]
    return [one for one in every if len(one.rows) == 1 and not _has_more(one)]


def _verdict(model: Model) -> Verdict:
    """Return how certain it is: papers also print one row of a model of several predictors."""
    whole = model.whole
    proven = whole.n is not None and whole.df is not None
    return "inconsistent" if proven else "implausible"


def _has_more(model: Model) -> bool:
    whole = model.whole
    if whole.n is None or whole.df is None:
        return False
    return whole.n.whole - whole.df.whole > model.parameters


def groups(model: Model) -> dict[str, list[Size]]:
    """Return the printed numbers that must agree, by what they are sizes of: t, or r."""
    row, whole = model.rows[0], model.whole
    of_t, of_r = [], []
    if row.t is not None:
        of_t.append(Size(f"t = {row.t}", row.t.span.magnitude()))
    if whole.f is not None and whole.f.high >= 0:
        of_t.append(Size(f"F = {whole.f}", _root(whole.f.span)))
    if not model.centred:
        return {"t": of_t}
    if row.beta is not None:
        of_r.append(Size(f"beta = {row.beta}", row.beta.span.magnitude()))
    if whole.r_squared is not None and whole.r_squared.span.meets(SHARE):
        of_r.append(Size(f"R squared = {whole.r_squared}", _root(whole.r_squared.span)))
    df = model.df
    if not df:
        return {"t": of_t, "r": of_r}
    ends = [(one.shown, _r_of(one.span.low, df), _r_of(one.span.high, df)) for one in of_t]
    return {"r": [*of_r, *(Size(shown, Span(low, high)) for shown, low, high in ends)]}


def _root(span: Span) -> Span:
    return Span(math.sqrt(max(0.0, span.low)), math.sqrt(span.high))


def _r_of(t: float, df: int) -> float:
    return t / math.sqrt(t * t + df)


def _agree(sizes: Sequence[Size]) -> bool:
    """Whether one number lies in every span."""
    if len(sizes) < 2:
        return True
    low, high = max(one.span.low for one in sizes), min(one.span.high for one in sizes)
    return Span(low, low).meets(Span(-math.inf, high))


def _apart(model: Model, what: str, sizes: Sequence[Size]) -> Finding:
    said = ", ".join(f"{one.shown} ({one.span.low:.4f} to {one.span.high:.4f})" for one in sizes)
    text = f"With one predictor each of these gives the size of {what}, and they differ: {said}."
    odd = [one for one in sizes if _agree([each for each in sizes if each is not one])]
    if len(sizes) > 2 and len(odd) == 1:
        text += f" All but {odd[0].shown} agree."
    shown = ", ".join(one.shown for one in sizes)
    where = model.rows[0].where
    expected = f"one size of {what}"
    return Finding(NAME, where, shown, expected, _verdict(model), f"{text} {DEPENDS}")


def _beside(model: Model, published: Published) -> Correlation | None:
    """Return the correlation with the predictor, where beta and the n of both are printed."""
    row = model.rows[0]
    cell = published.correlations_of(model.outcome, row.predictor)
    if row.beta is None or cell is None or not cell.is_pearson or not model.centred:
        return None
    return cell if model.people and cell.n is not None and cell.n.whole else None


def _from_r(model: Model, cell: Correlation) -> list[Finding]:
    row, kept = model.rows[0], model.people
    if row.beta is None or not kept or cell.n is None:
        return []
    noise = math.sqrt(abs(1 / kept - 1 / cell.n.whole))
    span, more = cell.r.span, ERRORS * noise
    if row.beta.span.meets(Span(span.low - more, span.high + more)):
        return []
    same = cell.n.whole == kept
    text = f"With one predictor beta is its correlation with the outcome, r = {cell.r}. "
    if not same:
        text += (
            f"They are of {cell.n} and {kept} people; {ERRORS} standard errors of {noise:.4f} are "
            "allowed for. "
        )
    verdict = _verdict(model) if same else "implausible"
    shown, expected = f"beta = {row.beta}", f"beta = {cell.r}"
    return [Finding(NAME, row.where, shown, expected, verdict, text + DEPENDS)]
