"""How collinear are the predictors, by the variance inflation that beta and t give away?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from psychoscales.auditing.context import Context
from psychoscales.auditing.finding import Finding
from psychoscales.auditing.printed import Span
from psychoscales.auditing.published import Model, Published, Regression

NAME = "vif"
HIGH = 5.0
UNCLEAR = 1.5


def reads(published: Published, _context: Context) -> bool:
    """Return whether beta, t and df leave a factor clear, or R squared makes it one with an end."""
    return any(
        known is not None and (model.whole.r_squared is not None or _is_clear(known[1]))
        for models in published.tables_of_regressions().values()
        for model in models
        for known in (factor(row, model) for row in model.rows)
    )


def check(published: Published, _context: Context) -> list[Finding]:
    r"""Recover the variance inflation factors of every predictor.

    .. math:: VIF_j = \left(\frac{\beta_j}{t_j}\right)^2 \frac{df}{1 - R^2}

    Without a printed R squared it is taken as 0, and the values are lower bounds. With one, a
    factor below 1 is inconsistent. Factors of 5 or more are noted, as collinearity that widens
    every interval by their square root. None of it depends on the labels being right. A model of
    one predictor has no collinearity, and is left to `one_predictor`.

    Source: Fox J, Monette G. J Am Stat Assoc 1992;87:178-183. doi:10.1080/01621459.1992.10475190
    """
    found = []
    for analysis, models in published.tables_of_regressions().items():
        rows: dict[str, list[tuple[float, Span]]] = {}
        for model in models:
            for row in model.rows:
                known = factor(row, model)
                if known is None:
                    continue
                rows.setdefault(row.predictor, []).append(known)
                if model.whole.r_squared is not None and known[1].high < 1 - 1e-9:
                    found.append(_below(row, known[1]))
        found += _collinear(analysis, models, rows)
    return found


def factor(row: Regression, model: Model) -> tuple[float, Span] | None:
    """Return VIF and what rounding leaves of it; None where beta, t or df is missing or 0.

    None as well for the only predictor of a model, and without an intercept.
    """
    if row.beta is None or row.t is None or not model.df or not row.t.value or not row.beta.value:
        return None
    if not model.centred or len(model.rows) < 2:
        return None
    explained = model.whole.r_squared
    low = high = middle = 0.0
    if explained is not None:
        low, middle, high = (
            min(1.0, max(0.0, float(end))) for end in (explained.low, explained, explained.high)
        )
    ratio = row.beta.span.over(row.t.span)
    value = (float(row.beta.value / row.t.value)) ** 2 * model.df
    return (
        _unexplained(value, middle),
        Span(
            _unexplained(ratio.low**2 * model.df, low), _unexplained(ratio.high**2 * model.df, high)
        ),
    )


def _is_clear(span: Span) -> bool:
    return span.high <= UNCLEAR * span.low


def _unexplained(value: float, explained: float) -> float:
    return value / (1 - explained) if explained < 1 else math.inf


def _below(row: Regression, span: Span) -> Finding:
    text = (
        f"beta, t, df and R squared give a variance inflation factor of at most {span.high:.3f}; "
        "none is below 1. One of them is wrong."
    )
    shown = f"beta = {row.beta}, t = {row.t}"
    return Finding(NAME, row.where, shown, "VIF of 1 or more", "inconsistent", text)


def _collinear(
    analysis: str, models: Sequence[Model], rows: dict[str, list[tuple[float, Span]]]
) -> list[Finding]:
    clear = {
        name: [value for value, span in known if _is_clear(span)] for name, known in rows.items()
    }
    shown = {name: values for name, values in clear.items() if values}
    if not any(max(values) >= HIGH for values in shown.values()):
        return []
    largest = max(max(values) for values in shown.values())
    smallest = min(min(values) for values in shown.values())
    each = ", ".join(f"{name} {_range(values)}" for name, values in shown.items())
    bound = any(model.whole.r_squared is None for model in models)
    text = (
        f"beta, t and df give these variance inflation factors{' at least' if bound else ''}, by "
        f"the label printed: {each}. Standard errors are {math.sqrt(smallest):.1f} to "
        f"{math.sqrt(largest):.1f} times what they were without collinearity, which alone makes "
        "it unsurprising if no predictor stands out."
    )
    return [Finding(NAME, analysis, "", f"VIF up to {largest:.1f}", "note", text)]


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return low if low == high else f"{low} to {high}"
