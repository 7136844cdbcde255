"""Multiple regressions: several outcomes on the same predictors."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychoscales.errors import RefusalError
from psychoscales.layouts import Cell, Grid, plain, rich, stars
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.fitting import Fit, fit
from psychoscales.protocol.tables.made import Made, title_of
from psychoscales.results import WHERE, Table

INTERCEPT = "(intercept)"
COLUMNS = (
    *WHERE,
    "outcome",
    "predictor",
    "B",
    "se",
    "low",
    "high",
    "level",
    "beta",
    "t",
    "df",
    "p",
    "vif",
)
MODEL_COLUMNS = (
    *WHERE,
    "outcome",
    "n",
    "dropped",
    "r_squared",
    "adjusted_r_squared",
    "f",
    "df1",
    "df2",
    "p",
    "residual_sd",
    "note",
)


def regression(sample: Sample, analysis: Analysis) -> Made:
    """Regress every outcome on all the predictors, over the people who have all of them.

    Gives two tables: the coefficients (`B`, `se`, the interval `low` to `high` from Student's t,
    `beta`, `t`, `df`, two-sided `p`, `vif`), and under ``{analysis}_models`` a row a model (`n`
    that remains, how many were `dropped`, R squared, adjusted R squared, F with `df1` and `df2`,
    its `p`, the residual SD). People are dropped for each outcome on its own: who has no value of
    another outcome stays.

    The fit is `fit` of `psychoscales.protocol.tables.fitting`, and not pingouin's, which keeps too
    few digits of ill-conditioned predictors; the two agree to 1e-10 where predictors are not.
    """
    predictors = analysis.predictors or ()
    x = np.column_stack([sample.numbers(name) for name in predictors])
    coefficients: list[dict[str, Any]] = []
    models: list[dict[str, Any]] = []
    for outcome in analysis.outcomes or ():
        y = sample.numbers(outcome)
        there = ~(np.isnan(y) | np.isnan(x).any(axis=1))
        scale, score = sample.place(outcome)
        where = {"scale": scale, "score": score, "group": None, "occasion": None}
        model: dict[str, Any] = where | {"outcome": outcome, "n": int(there.sum())}
        model["dropped"] = sample.n - model["n"]
        try:
            fitted = fit(y[there], x[there], predictors, intercept=analysis.intercept is not False)
        except RefusalError as error:
            models.append(model | {"note": f"not computed: {error}"})
            continue
        rows = _coefficients(fitted, predictors, analysis.level)
        coefficients += [where | {"outcome": outcome} | row for row in rows]
        models.append(model | _whole(fitted))
    title = title_of(analysis)
    notes = ("Ordinary least squares, listwise; p is two-sided.", *sample.notes)
    hidden = (*WHERE, "level")
    tables = {
        analysis.id: Table(title, COLUMNS, tuple(coefficients), notes, hidden),
        f"{analysis.id}_models": Table(
            f"{title}: models", MODEL_COLUMNS, tuple(models), sample.notes, WHERE
        ),
    }
    return Made(tables, _grid(sample, analysis, coefficients, models, notes))


def _coefficients(fitted: Fit, names: tuple[str, ...], level: float) -> list[dict[str, Any]]:
    from scipy.special import stdtr, stdtrit

    first = len(fitted.B) - len(names)
    half = float(stdtrit(fitted.df2, (1 + level) / 2))
    rows = []
    for at, name in enumerate([INTERCEPT] * first + list(names)):
        B, se = float(fitted.B[at]), float(fitted.se[at])
        t = B / se if se > 0 else None
        vif = float(fitted.vif[at - first]) if at >= first else None
        rows.append(
            {
                "predictor": name,
                "B": B,
                "se": se,
                "low": B - half * se,
                "high": B + half * se,
                "level": level,
                "beta": float(fitted.beta[at - first]) if at >= first and first else None,
                "t": t,
                "df": fitted.df2,
                "p": None if t is None else float(2 * stdtr(fitted.df2, -abs(t))),
                "vif": vif if first else None,
            }
        )
    return rows


def _whole(fitted: Fit) -> dict[str, Any]:
    from scipy.special import fdtrc

    return {
        "r_squared": fitted.r_squared,
        "adjusted_r_squared": fitted.adjusted_r_squared,
        "f": fitted.f if np.isfinite(fitted.f) else None,
        "df1": fitted.df1,
        "df2": fitted.df2,
        "p": float(fdtrc(fitted.df1, fitted.df2, fitted.f)),
        "residual_sd": (fitted.residual / fitted.df2) ** 0.5,
    }


def _grid(
    sample: Sample,
    analysis: Analysis,
    coefficients: list[dict[str, Any]],
    models: list[dict[str, Any]],
    notes: tuple[str, ...],
) -> Grid:
    level = Cell("percent", analysis.level, decimals=0).text
    heads = ("", "*B*", "*SE*", f"{level}% CI", "beta", "*t*", "*p*", "VIF")
    lines: list[tuple[Cell, ...]] = []
    under = [rich("*B* = coefficient; beta = standardised coefficient; VIF = variance inflation.")]
    for model in models:
        lines.append((Cell("text", sample.label(model["outcome"])),))
        mine = (row for row in coefficients if row["outcome"] == model["outcome"])
        lines += [_line(sample, row) for row in mine]
        under.append(_fit_note(sample, model))
    under += [plain(note) for note in notes]
    return Grid(plain(title_of(analysis)), tuple(map(rich, heads)), tuple(lines), tuple(under))


def _line(sample: Sample, row: dict[str, Any]) -> tuple[Cell, ...]:
    name = row["predictor"]
    return (
        Cell("text", "  " + ("(Intercept)" if name == INTERCEPT else sample.label(name))),
        Cell("number", row["B"], mark=stars(row["p"]) if name != INTERCEPT else ""),
        Cell("number", row["se"]),
        Cell("interval", row["low"], row["high"]),
        Cell("bounded", row["beta"]),
        Cell("number", row["t"]),
        Cell("p", row["p"]),
        Cell("number", row["vif"]),
    )


def _fit_note(sample: Sample, model: dict[str, Any]) -> Any:
    name = sample.label(model["outcome"]).replace("*", "\\*").replace("^", "\\^")
    if model.get("note"):
        return rich(f"{name}: {model['note']}.")
    p = Cell("p", model["p"]).text
    p = p if p[:1] in "<>" else f"= {p}"
    square, adjusted = (
        Cell("bounded", model[key]).text for key in ("r_squared", "adjusted_r_squared")
    )
    n, df2 = Cell("count", model["n"]).text, Cell("count", model["df2"]).text
    return rich(
        f"{name}: *n* = {n}, *R*^2^ = {square}, adjusted *R*^2^ = {adjusted}, "
        f"*F*({model['df1']}, {df2}) = {Cell('number', model['f']).text}, *p* {p}."
    )
