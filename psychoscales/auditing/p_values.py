"""Does every printed p belong to its r and n, or to its t and df?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.printed import Printed, Span
from psychoscales.auditing.published import Correlation, Model, Published, Regression
from psychoscales.auditing.tails import p_between, p_span_of_r, p_span_of_t

NAME = "p_values"
FEW, HARDLY_ANY = 0.8, 0.25
ANY_P, ANY_R = Span(0.0, 1.0), Span(-1.0, 1.0)


def reads(published: Published, context: Context) -> bool:
    """Return whether a p is printed beside a t, or beside an r whose n has a bound."""
    known = (most_of(row, published, context) for row in published.correlations)
    return any(n is not None for n in known) or any(True for _ in _tests_of_t(published))


def check(published: Published, context: Context) -> list[Finding]:
    r"""Recompute every two-sided p, over the rounding of r or t.

    .. math:: t = r \sqrt{\frac{n - 2}{1 - r^2}}, \quad df = n - 2

    That is Pearson's: programs differ on the p of Spearman's, and Kendall's has another. Where n of
    a correlation is not printed it is at most the smaller n of its variables. A p is
    inconsistent if no such n gives it. If only far fewer people do (below .8 of them) it is a note;
    it is implausible if these are below a quarter of them, or fewer than can be left when every
    variable's missing answers differ. Without df, the p of t lies between those of the normal
    distribution and of one degree of freedom; without any n, the p of r can be anything. A p
    outside 0 to 1 and an r outside -1 to 1 are left to `possible_values`.

    Source: Nuijten MB et al. Behav Res Methods 2016;48:1205-1226 (statcheck).
    doi:10.3758/s13428-015-0664-2
    """
    found = [each for row in published.correlations for each in _of_r(row, published, context)]
    for model, row in _tests_of_t(published):
        found += _of_t(row, model.df)
    return found


def _tests_of_t(published: Published) -> Iterator[tuple[Model, Regression]]:
    for models in published.tables_of_regressions().values():
        for model in models:
            for row in model.rows:
                if row.t is not None and row.p is not None and row.p.span.meets(ANY_P):
                    yield model, row


def _of_t(row: Regression, df: int | None) -> list[Finding]:
    if row.p is None or row.t is None:
        return []
    span = p_span_of_t(row.t, df)
    if row.p.span.meets(span):
        return []
    if not df:
        return [_finding(row.where, row.p, span, f"t = {row.t} with any df", "t")]
    return [_finding(row.where, row.p, span, f"t = {row.t} with df = {df}", "t and df")]


def most_of(row: Correlation, published: Published, context: Context) -> int | None:
    """Return the most people that a printed p can be of; None where it cannot be recomputed."""
    most = together(published, context, (row.row, row.column))[1]
    if row.n is not None:
        most = row.n.whole
    if row.p is None or not row.p.span.meets(ANY_P) or not row.r.span.meets(ANY_R):
        return None
    return most if most is not None and most >= 3 and row.is_pearson else None


def _of_r(row: Correlation, published: Published, context: Context) -> list[Finding]:
    most = most_of(row, published, context)
    if most is None or row.p is None:
        return []
    span, p = p_span_of_r(row.r, most), row.p
    if p.span.meets(span):
        return []
    if row.n is not None:
        return [_finding(row.where, p, span, f"r = {row.r} with n = {most}", "r and n")]
    n = _last(most, lambda size: p.span.meets(p_span_of_r(row.r, size)))
    if n is None:
        of = f"r = {row.r} with n = {most}, the most there can be,"
        return [_finding(row.where, p, span, of, "r and the n of the variables")]
    if n >= FEW * most:
        return []
    named = {
        name
        for c in published.correlations
        if c.analysis == row.analysis
        for name in (c.row, c.column)
    }
    fewest = together(published, context, named)[0]
    text = f"r = {row.r} has this p with {n} people or fewer; {most} can have answered both."
    few = n < max(fewest, HARDLY_ANY * most)
    verdict: Verdict = "implausible" if few else "note"
    if few:
        text += " It depends on the correlation being of about everybody who can have answered."
    return [Finding(NAME, row.where, f"P = {p}", p_between(span), verdict, text)]


def _last(most: int, fits: Callable[[int], bool]) -> int | None:
    """Return the largest n up to `most` that fits, if any from 3 on does."""
    return next((n for n in range(most, 2, -1) if fits(n)), None)


def _finding(where: str, p: Printed, span: Span, of: str, on: str) -> Finding:
    expected = p_between(span, max(p.decimals, 3) + 1)
    text = f"{of} has a two-sided p of {expected}."
    if p.span.meets(Span(span.low / 2, span.high / 2)):
        text += " The printed p fits a one-sided test."
    text += f" It depends on {on} being right."
    return Finding(NAME, where, f"P = {p}", expected, "inconsistent", text)
