"""Derive NIST's certified values from the data, in exact rational arithmetic, and compare.

``python3 exact.py`` in this folder; needs nothing but Python. Exit 1 where a certified number is
not the exact one rounded to its 15 digits.
"""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Matrix = list[list[Fraction]]


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse, by Gauss and Jordan."""
    size = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(size))] for i, row in enumerate(matrix)]
    for at in range(size):
        pivot = next(row for row in range(at, size) if rows[row][at] != 0)
        rows[at], rows[pivot] = rows[pivot], rows[at]
        lead = rows[at][at]
        rows[at] = [value / lead for value in rows[at]]
        for other in range(size):
            factor = rows[other][at]
            if other != at and factor != 0:
                pairs = zip(rows[other], rows[at], strict=True)
                rows[other] = [one - factor * two for one, two in pairs]
    return [row[size:] for row in rows]


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def exact_of(data_set: dict[str, Any]) -> list[tuple[str, Decimal, str]]:
    """Return (what, exact value, certified text) for every certified number of a set."""
    with (HERE / data_set["file"]).open(encoding="utf-8") as handle:
        table = list(csv.reader(handle))[1:]
    y = [Fraction(row[0]) for row in table]
    powers = range(1, data_set["degree"] + 1)
    one = [Fraction(1)] if data_set["intercept"] else []
    if data_set["degree"] > 1:
        x = [[*one, *(Fraction(row[1]) ** power for power in powers)] for row in table]
    else:
        x = [[*one, *map(Fraction, row[1:])] for row in table]
    n, p = len(y), len(x[0])
    cross = [[sum(row[i] * row[j] for row in x) for j in range(p)] for i in range(p)]
    right = [sum(row[i] * value for row, value in zip(x, y, strict=True)) for i in range(p)]
    turned = inverse([[Fraction(value) for value in row] for row in cross])
    b = [sum(a * c for a, c in zip(row, right, strict=True)) for row in turned]
    fitted = [sum(a * c for a, c in zip(row, b, strict=True)) for row in x]
    residual = sum(((v - w) ** 2 for v, w in zip(y, fitted, strict=True)), Fraction(0))
    centre = sum(y, Fraction(0)) / n if one else Fraction(0)
    total = sum(((value - centre) ** 2 for value in y), Fraction(0))
    variance = residual / (n - p)
    found = []
    for at in range(p):
        found.append((f"b{at}", decimal(Fraction(b[at])), data_set["estimates"][at]))
        sd = decimal(variance * turned[at][at]).sqrt()
        found.append((f"sd{at}", sd, data_set["standard_deviations"][at]))
    found.append(("residual sd", decimal(variance).sqrt(), data_set["residual_sd"]))
    found.append(("R squared", decimal(1 - residual / total), data_set["r_squared"]))
    if data_set["f"] is not None:
        f = ((total - residual) / (p - len(one))) / variance
        found.append(("F", decimal(f), data_set["f"]))
    return found


def main() -> int:
    getcontext().prec = 60
    sets = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))["data_sets"]
    seen = wrong = 0
    for name, data_set in sets.items():
        for what, exact, text in exact_of(data_set):
            certified = Decimal(text)
            unit = Decimal(1).scaleb(certified.adjusted() - 14) if certified else Decimal(0)
            seen += 1
            if abs(exact - certified) > unit * Decimal("0.5"):
                wrong += 1
                print(f"{name} {what}: certified {text}, exact {exact:.20g}")
    print(f"{seen} certified values, {wrong} not exact")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
