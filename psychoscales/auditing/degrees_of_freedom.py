"""Do degrees of freedom, and the n of correlations, agree with how many answered?"""

from __future__ import annotations

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Model, Published

NAME = "degrees_of_freedom"


def reads(published: Published, _context: Context) -> bool:
    """Return whether there are degrees of freedom, or n of correlations."""
    return any(row.df or row.n for row in published.regression_models) or any(
        row.n for row in published.correlations
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare df = n - k - 1 of a regression, and n of a correlation, with the n of variables.

    A regression of k predictors is of n = df + k + 1 people (df + k without an intercept). No more
    can have answered all of its variables than answered the least answered one; and no fewer than
    are left if nobody who left one out left out another, which needs the n of every variable of the
    table and of the sample; fewer are implausible only, because people can be left out for other
    reasons.
    """
    found = []
    for models in published.tables_of_regressions().values():
        named = [name for model in models for name in (model.outcome, *model.predictors)]
        fewest = together(published, context, named)[0]
        for model in models:
            most = together(published, context, (model.outcome, *model.predictors))[1]
            found += _of_model(model, fewest, most)
    named_in: dict[str, set[str]] = {}
    for row in published.correlations:
        named_in.setdefault(row.analysis, set()).update((row.row, row.column))
    for row in published.correlations:
        if row.n is not None:
            fewest = together(published, context, named_in[row.analysis])[0]
            most = together(published, context, (row.row, row.column))[1]
            found += _outside(row.where, f"n = {row.n}", row.n.whole, fewest, most)
    return found


def _of_model(model: Model, fewest: int, most: int | None) -> list[Finding]:
    whole, size = model.whole, len(model.rows)
    if whole.df is not None and whole.n is not None:
        right = whole.n.whole - model.parameters
        if whole.df.whole != right:
            one, shown = " - 1" if model.centred else "", f"df = {whole.df}"
            text = (
                f"n - predictors{one} is {whole.n} - {size}{one} = {right}. It depends on every "
                "predictor being printed."
            )
            return [Finding(NAME, model.where, shown, f"df = {right}", "inconsistent", text)]
    if model.people is None:
        return []
    said = f"df = {model.df} with {size} predictors means n = {model.people}. "
    return _outside(model.where, f"df = {model.df}", model.people, fewest, most, said)


def _outside(
    where: str, printed: str, n: int, fewest: int, most: int | None, said: str = ""
) -> list[Finding]:
    if most is not None and n > most:
        text = f"{said}No more than {most} can have answered every variable."
        return [Finding(NAME, where, printed, f"n at most {most}", "inconsistent", text)]
    if n < fewest:
        text = (
            f"{said}At least {fewest} answered every variable of the table; it depends on nobody "
            "being left out for another reason."
        )
        return [Finding(NAME, where, printed, f"n at least {fewest}", "implausible", text)]
    return []
