"""Does every printed p belong to its r and n, or to its t and df?"""

from __future__ import annotations

from collections.abc import Callable

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.printed import Printed, Span
from psychoscales.auditing.published import Correlation, Published
from psychoscales.auditing.tails import p_span_of_r, p_span_of_t

NAME = "p_values"
FEW = 0.8


def reads(published: Published, _context: Context) -> bool:
    """Return whether a correlation or a p of a t is printed."""
    return bool(published.correlations) or any(row.p for row in published.regressions)


def check(published: Published, context: Context) -> list[Finding]:
    r"""Recompute every two-sided p, over the rounding of r or t.

    .. math:: t = r \sqrt{\frac{n - 2}{1 - r^2}}, \quad df = n - 2

    That is Pearson's: programs differ on the p of Spearman's, and Kendall's has another. Where n of
    a correlation is not printed it is at most the smaller n of its variables. A p is
    inconsistent if no such n gives it, a note if only far fewer people (below .8 of them) do, and
    implausible if these are fewer than can be left when every variable's missing answers differ.

    Source: Nuijten MB et al. Behav Res Methods 2016;48:1205-1226 (statcheck).
    doi:10.3758/s13428-015-0664-2
    """
    found = [each for row in published.correlations for each in _of_r(row, published, context)]
    for models in published.tables_of_regressions().values():
        for model in models:
            for row in model.rows:
                if row.p is None or row.t is None or not model.df:
                    continue
                span = p_span_of_t(row.t, model.df)
                if not row.p.span.meets(span):
                    of = f"t = {row.t} with df = {model.df}"
                    found.append(_finding(row.where, row.p, span, of, "t and df"))
    return found


def _of_r(row: Correlation, published: Published, context: Context) -> list[Finding]:
    if row.r.low > 1 or row.r.high < -1:
        text = "A correlation lies between -1 and 1."
        return [Finding(NAME, row.where, f"r = {row.r}", "-1 to 1", "impossible", text)]
    most = together(published, context, (row.row, row.column))[1]
    if row.n is not None:
        most = row.n.whole
    if row.p is None or most is None or most < 3 or not row.is_pearson:
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
    verdict: Verdict = "implausible" if n < fewest else "note"
    expected = f"{span.low:.4f} to {span.high:.4f}"
    return [Finding(NAME, row.where, f"P = {p}", expected, verdict, text)]


def _last(most: int, fits: Callable[[int], bool]) -> int | None:
    """Return the largest n up to `most` that fits, if any from 3 on does."""
    return next((n for n in range(most, 2, -1) if fits(n)), None)


def _finding(where: str, p: Printed, span: Span, of: str, on: str) -> Finding:
    decimals = max(p.decimals, 3) + 1
    expected = f"{span.low:.{decimals}f} to {span.high:.{decimals}f}"
    text = f"{of} has a two-sided p of {expected}."
    if p.span.meets(Span(span.low / 2, span.high / 2)):
        text += " The printed p fits a one-sided test."
    text += f" It depends on {on} being right."
    return Finding(NAME, where, f"P = {p}", expected, "inconsistent", text)
