"""Do degrees of freedom, and the n of correlations, agree with how many answered?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.published import Model, Published

NAME = "degrees_of_freedom"


@dataclass(frozen=True)
class Size:
    """How many people something is of, and the fewest and the most that can have answered."""

    where: str
    shown: str
    n: int
    fewest: int
    most: int | None
    said: str = ""


def reads(published: Published, context: Context) -> bool:
    """Return whether df comes with n, or either of them with the n of variables."""
    sizes = (*_of_correlations(published, context), *_of_models(published, context))
    return any(one.fewest or one.most is not None for one in sizes) or any(
        model.whole.df is not None and model.whole.n is not None for model in _models(published)
    )


def check(published: Published, context: Context) -> list[Finding]:
    r"""Compare df = n - k - 1 of a regression, and n of a correlation, with the n of variables.

    A regression of k predictors is of n = df + k + 1 people (df + k without an intercept). No more
    can have answered all of its variables than answered the least answered one; and no fewer than
    are left if nobody who left one out left out another, which needs the n of every variable of the
    table and of the sample; fewer are implausible only, because people can be left out for other
    reasons.
    """
    wrong = {model.where: text for model in _models(published) for text in _against_n(model)}
    found = list(wrong.values())
    for one in _of_models(published, context):
        found += [] if one.where in wrong else _outside(one)
    return found + [each for one in _of_correlations(published, context) for each in _outside(one)]


def _models(published: Published) -> list[Model]:
    return [one for table in published.tables_of_regressions().values() for one in table]


def _against_n(model: Model) -> list[Finding]:
    whole, size = model.whole, len(model.rows)
    if whole.df is None or whole.n is None:
        return []
    right = whole.n.whole - model.parameters
    if whole.df.whole == right:
        return []
    one, shown = " - 1" if model.centred else "", f"df = {whole.df}"
    text = (
        f"n - predictors{one} is {whole.n} - {size}{one} = {right}. It depends on every predictor "
        "being printed."
    )
    return [Finding(NAME, model.where, shown, f"df = {right}", "inconsistent", text)]


def _of_models(published: Published, context: Context) -> Iterator[Size]:
    for models in published.tables_of_regressions().values():
        named = [name for model in models for name in (model.outcome, *model.predictors)]
        fewest = together(published, context, named)[0]
        for model in models:
            if model.people is None:
                continue
            most = together(published, context, (model.outcome, *model.predictors))[1]
            said = f"df = {model.df} with {len(model.rows)} predictors means n = {model.people}. "
            yield Size(model.where, f"df = {model.df}", model.people, fewest, most, said)


def _of_correlations(published: Published, context: Context) -> Iterator[Size]:
    named_in: dict[str, set[str]] = {}
    for row in published.correlations:
        named_in.setdefault(row.analysis, set()).update((row.row, row.column))
    for row in published.correlations:
        if row.n is not None:
            fewest = together(published, context, named_in[row.analysis])[0]
            most = together(published, context, (row.row, row.column))[1]
            yield Size(row.where, f"n = {row.n}", row.n.whole, fewest, most)


def _outside(one: Size) -> list[Finding]:
    if one.most is not None and one.n > one.most:
        text = f"{one.said}No more than {one.most} can have answered every variable."
        expected = f"n at most {one.most}"
        return [Finding(NAME, one.where, one.shown, expected, "inconsistent", text)]
    if one.n < one.fewest:
        text = (
            f"{one.said}At least {one.fewest} answered every variable of the table; it depends on "
            "nobody being left out for another reason."
        )
        expected = f"n at least {one.fewest}"
        return [Finding(NAME, one.where, one.shown, expected, "implausible", text)]
    return []
