"""One cell of a paper changed beyond rounding, and the checks that the numbers let find it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from psychoscales.auditing.grids import grid
from psychoscales.auditing.printed import printed
from tests.auditing.synthetic import Paper

Tree = dict[str, Any]


@dataclass(frozen=True)
class Corrupted:
    """A changed block; `checks` of which one must report a place that begins with `where`."""

    tree: Tree
    where: str
    checks: tuple[str, ...]


Change = Callable[[Paper, random.Random], Corrupted | None]


def moved(text: str, units: int) -> str:
    """Move a printed number by so many units of its last decimal."""
    number = printed(text)
    return number.like(number.value + 2 * units * number.half)


def _count(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the row's sum."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["frequencies"])
    at = draw.randrange(5)
    row["counts"][at] = str(int(row["counts"][at]) + draw.randint(1, 9))
    return Corrupted(tree, f"table1: {row['variable']}", ("row_sums",))


def _n_of_row(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the row's sum."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["frequencies"])
    row["n"] = str(int(row["n"]) + draw.choice([-3, -1, 1, 2]))
    return Corrupted(tree, f"table1: {row['variable']}", ("row_sums",))


def _percent(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by count and n: two units are beyond any rounding."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["frequencies"])
    at = draw.randrange(5)
    row["percents"][at] = moved(row["percents"][at], draw.choice([2, 7, 50]))
    return Corrupted(tree, f"table1: {row['variable']}", ("percentages",))


def _proportion(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by count and denominator."""
    tree = copy.deepcopy(made.tree)
    row = tree["proportions"][0]
    row["percent"] = moved(row["percent"], draw.choice([-2, 2, 13]))
    return Corrupted(tree, "treated", ("percentages",))


def _copied_row(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined where n differs and a coincidence is improbable."""
    tree = copy.deepcopy(made.tree)
    one, two = draw.sample(tree["frequencies"], 2)
    if one["n"] == two["n"] or sum(int(count) >= 3 for count in one["counts"]) < 5:
        return None
    two["counts"], two["percents"] = one["counts"], one["percents"]
    return Corrupted(tree, f"table1: {two['variable']}", ("row_sums",))


def _p_of_r(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined by r and n where n is printed; a smaller p by the most there can be."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["correlations"])
    if row["p"].startswith("<") or float(row["p"]) < 0.03:
        return None
    row["p"] = f"{float(row['p']) * 0.5:.3f}" if float(row["p"]) > 0.3 else "0.900"
    if not made.recipe.says_n and row["p"] == "0.900":
        return None
    return Corrupted(tree, f"table2: {row['row']}, {row['column']}", ("p_values",))


def _r_above_one(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by itself."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["correlations"])
    row["r"] = draw.choice(["1.48", "-2.310"])
    return Corrupted(tree, f"table2: {row['row']}, {row['column']}", ("possible_values",))


def _p_of_t(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by t and df."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regressions"])
    row["p"] = "0.020" if float(row["p"]) > 0.3 else "0.700"
    return Corrupted(
        tree, f"{row['analysis']}: {row['outcome']}, {row['predictor']}", ("p_values",)
    )


def _sign(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined where B, beta and t all have a sign."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regressions"])
    if not all(printed(row[name]).sign for name in ("B", "beta", "t")):
        return None
    name = draw.choice(["B", "beta", "t"])
    row[name] = row[name].removeprefix("-") if row[name].startswith("-") else f"-{row[name]}"
    return Corrupted(tree, f"{row['analysis']}: {row['outcome']}, {row['predictor']}", ("signs",))


def _df(made: Paper, draw: random.Random) -> Corrupted:
    """Determined upwards only: no more people than answered every variable."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regression_models"])
    row["df"] = str(made.recipe.people + draw.randint(0, 9))
    return Corrupted(tree, f"{row['analysis']}: {row['outcome']}", ("degrees_of_freedom",))


def _f(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by R squared and df."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regression_models"])
    row["f"] = text_of(float(row["f"]) * 2 + 3)
    return Corrupted(tree, f"{row['analysis']}: {row['outcome']}", ("r_squared", "one_predictor"))


def text_of(value: float) -> str:
    """Write a number with two decimals."""
    return f"{value:.2f}"


def _sd(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by range and mean: no SD is larger than about half the range."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["descriptives"][:2])
    row["sd"] = {"mood_total": "13.01", "help_mean": "4.39"}[row["variable"]]
    return Corrupted(tree, f"table2_descriptives: {row['variable']}", ("largest_sd",))


def _mean_out_of_range(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the range."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["descriptives"][:2])
    row["mean"] = {"mood_total": "18.52", "help_mean": "0.97"}[row["variable"]]
    return Corrupted(tree, f"table2_descriptives: {row['variable']}", ("coding",))


def _mean_off_grid(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined where n is printed and no sum of n whole numbers gives the new mean."""
    tree = copy.deepcopy(made.tree)
    row = tree["descriptives"][0]
    row["mean"] = moved(row["mean"], draw.choice([-3, -1, 1, 2]))
    if not made.recipe.says_n:
        return None
    n, mean = int(row["n"]), printed(row["mean"])
    if any(mean.holds(Fraction(total, n)) for total in range(18 * n + 1)):
        return None
    assert not grid(made.context.possible("mood_total"), n, Fraction(1)).sums(mean)
    return Corrupted(tree, "table2_descriptives: mood_total", ("grim",))


def _binary_sd(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined by the mean where n is printed."""
    tree = copy.deepcopy(made.tree)
    row = tree["descriptives"][2]
    if not made.recipe.says_n or float(row["sd"]) < 0.2:
        return None
    row["sd"] = moved(row["sd"], draw.choice([-9, -6, 9]))
    return Corrupted(tree, "table2_descriptives: treated", ("debit",))


def _slipped_point(made: Paper, draw: random.Random) -> Corrupted | None:
    """A B ten times too large: determined, as far as it is precise, by the predictor's SD."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regressions"])
    if abs(float(row["B"])) < 0.02 or abs(float(row["beta"])) < 0.02:
        return None
    row["B"] = f"{10 * float(row['B']):.3f}"
    return Corrupted(
        tree, f"{row['analysis']}: {row['outcome']}, {row['predictor']}", ("implied_sds",)
    )


def _impossible_p(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by itself."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["correlations"])
    row["p"] = draw.choice(["1.37", "-.10", "> 1.2"])
    return Corrupted(tree, f"table2: {row['row']}, {row['column']}", ("possible_values",))


def _impossible_whole(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by itself, with and without rows of coefficients."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["regression_models"])
    name, value = draw.choice([("r_squared", "1.20"), ("r_squared", "-.30"), ("f", "-2.0")])
    row[name] = value
    if draw.random() < 0.5:
        tree["regressions"] = []
    return Corrupted(tree, f"{row['analysis']}: {row['outcome']}", ("possible_values",))


def _negative_sd(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by itself."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["descriptives"])
    row["sd"] = "-3.0"
    return Corrupted(tree, f"table2_descriptives: {row['variable']}", ("possible_values",))


def _percent_above(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by itself."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["frequencies"])
    row["percents"][draw.randrange(5)] = draw.choice(["101.3", "-4.0"])
    return Corrupted(tree, f"table1: {row['variable']}", ("possible_values",))


def _end_out_of_range(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the range of the score."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["descriptives"])
    ends = {"mood_total": ("-1", "19"), "help_mean": ("0.00", "7.5"), "treated": ("-1", "2")}
    at = draw.randrange(2)
    row[("min", "max")[at]] = ends[row["variable"]][at]
    return Corrupted(tree, f"table2_descriptives: {row['variable']}", ("possible_values",))


def _end_past_the_mean(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the mean."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["descriptives"])
    name, sign = draw.choice([("min", 1), ("max", -1)])
    row[name] = moved(row["mean"], 2 * sign)
    return Corrupted(tree, f"table2_descriptives: {row['variable']}", ("possible_values",))


def _r_of_three(made: Paper, draw: random.Random) -> Corrupted | None:
    """Determined by two other correlations, where all are of the same people."""
    tree = copy.deepcopy(made.tree)
    if not made.recipe.says_n or made.recipe.missing:
        return None
    a, b, c = draw.sample(["mood_total", "help_mean", "use1", "use2"], 3)
    cells = {frozenset((row["row"], row["column"])): row for row in tree["correlations"]}
    ab, ac = (float(cells[frozenset(pair)]["r"]) for pair in ((a, b), (a, c)))
    lowest = ab * ac - ((1 - ab**2) * (1 - ac**2)) ** 0.5
    if lowest < -0.88:
        return None
    cells[frozenset((b, c))]["r"] = f"{lowest - 0.04:.3f}"
    return Corrupted(tree, "table2: ", ("correlation_matrix",))


def _pair_twice(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the same cell, printed again."""
    tree = copy.deepcopy(made.tree)
    row = draw.choice(tree["correlations"])
    off = 0.05 if float(row["r"]) < 0 else -0.05
    again = {**row, "row": row["column"], "column": row["row"], "r": f"{float(row['r']) + off:.3f}"}
    tree["correlations"].append(again)
    where = f"table2: {again['row']}, {again['column']}"
    return Corrupted(tree, where, ("correlation_matrix",))


def _only_predictor(made: Paper, draw: random.Random) -> Corrupted:
    """Beta, t, F or R squared: determined by each other where there is one predictor."""
    tree = copy.deepcopy(made.tree)
    row = next(row for row in tree["regressions"] if row["analysis"] == "table4")
    whole = next(row for row in tree["regression_models"] if row["analysis"] == "table4")
    name = draw.choice(["beta", "t", "f", "r_squared"])
    here = row if name in row else whole
    if name in ("beta", "r_squared"):
        value = abs(float(here[name]))
        here[name] = f"{value + 0.2 if value < 0.5 else value - 0.2:.3f}"
    else:
        here[name] = text_of(1.5 * abs(float(here[name])) + 3)
    return Corrupted(tree, "table4: help_mean, mood_total", ("one_predictor",))


def _stated(made: Paper, draw: random.Random) -> Corrupted:
    """Determined by the list."""
    tree = copy.deepcopy(made.tree)
    tree["lists"][0]["stated"] = str(draw.choice([4, 6, 7]))
    return Corrupted(tree, "options", ("stated_counts",))


CHANGES: dict[str, Change] = {
    "a count": _count,
    "n of a row": _n_of_row,
    "a percentage": _percent,
    "a percentage in the text": _proportion,
    "a copied row": _copied_row,
    "p of r": _p_of_r,
    "r above 1": _r_above_one,
    "p of t": _p_of_t,
    "a sign": _sign,
    "df": _df,
    "F": _f,
    "an SD": _sd,
    "a mean out of range": _mean_out_of_range,
    "a mean off the grid": _mean_off_grid,
    "the SD of a yes or no": _binary_sd,
    "a slipped point in B": _slipped_point,
    "a stated number": _stated,
    "p above 1 or below 0": _impossible_p,
    "R squared or F that cannot be": _impossible_whole,
    "an SD below 0": _negative_sd,
    "a percentage above 100 or below 0": _percent_above,
    "a minimum or maximum beyond the range": _end_out_of_range,
    "a minimum above the mean": _end_past_the_mean,
    "r, given two others": _r_of_three,
    "r, printed twice": _pair_twice,
    "a number of the only predictor": _only_predictor,
}
