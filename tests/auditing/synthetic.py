"""A paper's tables from simulated answers, rounded as papers round: nothing in them is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from psychoscales.auditing.context import Context, ScoreFacts, VariableFacts
from psychoscales.auditing.tails import p_of_r, p_of_t

Floats = npt.NDArray[np.float64]
Tree = dict[str, Any]
SCORES = {
    "mood_total": ScoreFacts("mood_total", 6, 0, 18, Fraction(1), Fraction(1)),
    "help_mean": ScoreFacts("help_mean", 3, 1, 7, Fraction(1, 3), Fraction(1, 6)),
}


@dataclass(frozen=True)
class Recipe:
    """How to make a paper: whose answers, and how they are printed."""

    seed: int
    people: int
    predictors: int
    missing: float
    decimals: int
    to_even: bool
    says_n: bool
    divisor_n: bool


recipes = st.builds(
    Recipe,
    seed=st.integers(0, 2**32 - 1),
    people=st.integers(40, 220),
    predictors=st.integers(2, 4),
    missing=st.sampled_from([0.0, 0.03, 0.15]),
    decimals=st.integers(2, 3),
    to_even=st.booleans(),
    says_n=st.booleans(),
    divisor_n=st.booleans(),
)


@dataclass(frozen=True)
class Paper:
    """A block of published numbers, what is known besides, and how it was made."""

    tree: Tree
    context: Context
    recipe: Recipe


def text(exact: Fraction | float, decimals: int, to_even: bool = False) -> str:
    """Round as papers do, ties up or to the even digit, and keep the decimals."""
    scaled = Fraction(exact) * 10**decimals
    units = round(scaled) if to_even else math.floor(abs(scaled) + Fraction(1, 2))
    sign = "-" if scaled < 0 and units else ""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def answers(recipe: Recipe) -> dict[str, Floats]:
    """Return predictors coded 1 to 5, a sum, a mean of three, and a yes or no; nan if missing."""
    draw = np.random.default_rng(recipe.seed)
    n = recipe.people
    trait = draw.normal(size=n)

    def item(low: int, high: int, weight: float) -> Floats:
        raw = weight * trait + draw.normal(size=n) + draw.normal() / 2
        scaled = (high - low) * (0.5 + raw / 5) + low
        return np.asarray(np.clip(np.round(scaled), low, high), dtype=float)

    data = {f"use{j + 1}": item(1, 5, draw.uniform(0, 1.5)) for j in range(recipe.predictors)}
    data["mood_total"] = np.sum([item(0, 3, 0.8) for _ in range(6)], axis=0)
    help_items = np.array([item(1, 7, 0.6) for _ in range(3)])
    first_out = draw.random(n) < recipe.missing
    data["help_mean"] = np.where(first_out, help_items[1:].mean(axis=0), help_items.mean(axis=0))
    data["treated"] = item(0, 1, 0.5)
    for name in data:
        data[name] = np.where(draw.random(n) < recipe.missing, np.nan, data[name])
    return data


def paper(recipe: Recipe) -> Paper | None:
    """Return the tables of a recipe; None where the answers allow no regression."""
    data = answers(recipe)
    uses = [name for name in data if name.startswith("use")]
    complete = np.all([~np.isnan(data[name]) for name in (*uses, *SCORES)], axis=0)
    matrix = np.array([data[name][complete] for name in (*uses, *SCORES)])
    if complete.sum() < len(uses) + 12 or np.linalg.matrix_rank(np.cov(matrix)) < len(matrix):
        return None
    if any(_undefined(data[a], data[b]) for a, b in combinations(data, 2)):
        return None
    tree: Tree = {
        "frequencies": [_frequencies(name, data[name], recipe) for name in uses],
        "descriptives": [_descriptives(name, data[name], recipe) for name in (*SCORES, "treated")],
        "correlations": [
            _correlation(one, two, data, recipe)
            for one, two in combinations((*SCORES, *uses, "treated"), 2)
        ],
        "regressions": [],
        "regression_models": [],
        "proportions": [_proportion(data["treated"], recipe)],
        "lists": [{"id": "options", "stated": "5", "listed": 5}],
        "alphas": [],
    }
    models = [("table3", score, uses) for score in SCORES]
    for analysis, score, predictors in (*models, ("table4", "help_mean", ["mood_total"])):
        rows, whole = _regression(analysis, score, predictors, data, recipe)
        tree["regressions"] += rows
        tree["regression_models"].append(whole)
    variables = {name: VariableFacts(name, (1.0, 2.0, 3.0, 4.0, 5.0)) for name in uses}
    variables["treated"] = VariableFacts("treated", (0.0, 1.0))
    return Paper(tree, Context(SCORES, variables, recipe.people), recipe)


def _frequencies(name: str, values: Floats, recipe: Recipe) -> Tree:
    counts = [int((values == code).sum()) for code in range(1, 6)]
    n = sum(counts)
    return {
        "analysis": "table1",
        "variable": name,
        "n": str(n),
        "counts": [str(count) for count in counts],
        "percents": [text(Fraction(100 * count, n), 1, recipe.to_even) for count in counts],
    }


def _descriptives(name: str, values: Floats, recipe: Recipe) -> Tree:
    known = [Fraction(value).limit_denominator(1000) for value in values[~np.isnan(values)]]
    mean = sum(known, Fraction(0)) / len(known)
    squares = sum((value - mean) ** 2 for value in known)
    divisor = len(known) - (0 if recipe.divisor_n else 1)
    row = {
        "analysis": "table2_descriptives",
        "variable": name,
        "mean": text(mean, 2, recipe.to_even),
        "sd": text(math.sqrt(squares / divisor), 2),
        "min": text(min(known), 2, recipe.to_even),
        "max": text(max(known), 2, recipe.to_even),
    }
    return row | ({"n": str(len(known))} if recipe.says_n else {})


def _undefined(one: Floats, two: Floats) -> bool:
    """Whether one of two variables is constant among those who answered both."""
    both = ~np.isnan(one) & ~np.isnan(two)
    return not (np.ptp(one[both]) and np.ptp(two[both]))


def _correlation(score: str, use: str, data: dict[str, Floats], recipe: Recipe) -> Tree:
    both = ~np.isnan(data[score]) & ~np.isnan(data[use])
    n, r = int(both.sum()), float(np.corrcoef(data[score][both], data[use][both])[0, 1])
    p = p_of_r(r, n)
    row = {
        "analysis": "table2",
        "row": score,
        "column": use,
        "r": text(r, recipe.decimals),
        "p": "<.001" if p < 0.001 else text(p, 3),
    }
    return row | ({"n": str(n)} if recipe.says_n else {})


def _regression(
    analysis: str, score: str, uses: list[str], data: dict[str, Floats], recipe: Recipe
) -> tuple[list[Tree], Tree]:
    kept = np.all([~np.isnan(data[name]) for name in (*uses, score)], axis=0)
    y, x = data[score][kept], np.array([data[name][kept] for name in uses]).T
    n, k = x.shape
    design = np.column_stack([np.ones(n), x])
    b = np.linalg.lstsq(design, y, rcond=None)[0]
    left = y - design @ b
    df = n - k - 1
    error = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (left @ left) / df)
    explained = 1 - float(left @ left) / float(((y - y.mean()) ** 2).sum())
    t, beta = b / error, b[1:] * x.std(axis=0) / y.std()
    whole = {"analysis": analysis, "outcome": score}
    rows = [
        {
            **whole,
            "predictor": name,
            "B": text(float(b[j + 1]), 3),
            "beta": text(float(beta[j]), 3),
            "t": text(float(t[j + 1]), recipe.decimals),
            "p": text(p_of_t(float(t[j + 1]), df), 3),
        }
        for j, name in enumerate(uses)
    ]
    f = explained / k / ((1 - explained) / df)
    more = {"df": str(df), "r_squared": text(explained, recipe.decimals), "f": text(f, 2)}
    return rows, whole | more


def _proportion(values: Floats, recipe: Recipe) -> Tree:
    count, of = int(np.nansum(values)), int((~np.isnan(values)).sum())
    percent = text(Fraction(100 * count, of), 1, recipe.to_even)
    return {"id": "treated", "count": str(count), "of": str(of), "percent": percent}
