"""Means, spreads and shapes of scores and numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.layouts import Cell, Grid, plain, rich
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.made import Made, title_of
from psychoscales.results import WHERE, Table

Floats = npt.NDArray[np.float64]
COLUMNS = (
    *WHERE,
    "variable",
    "label",
    "n",
    "missing",
    "mean",
    "sd",
    "median",
    "min",
    "max",
    "skew",
    "kurtosis",
)
SHAPE_NOTE = "Skew and kurtosis are the adjusted G1 and G2 of SPSS and SAS; normal: 0."


def descriptives(sample: Sample, analysis: Analysis) -> Made:
    """Describe scores and variables, each over everybody who has a value.

    `sd` has the divisor n - 1; `skew` and `kurtosis` are `skewness` and `kurtosis` below. A number
    that does not exist (the SD of one person, the skew of values that are all equal) is null.
    """
    rows = [_row(sample, name) for name in analysis.variables or ()]
    hidden = (*WHERE, "variable")
    notes = (SHAPE_NOTE, *sample.notes)
    table = Table(title_of(analysis), COLUMNS, tuple(rows), notes, hidden)
    heads = ("", "*n*", "*M*", "*SD*", "*Mdn*", "Min", "Max", "Skew", "Kurtosis")
    lines = tuple(
        (
            Cell("text", row["label"]),
            Cell("count", row["n"]),
            *(Cell("number", row[key]) for key in ("mean", "sd")),
            *(Cell("end", row[key]) for key in ("median", "min", "max")),
            *(Cell("number", row[key]) for key in ("skew", "kurtosis")),
        )
        for row in rows
    )
    grid = Grid(
        plain(table.title), tuple(map(rich, heads)), lines, tuple(plain(note) for note in notes)
    )
    return Made({analysis.id: table}, grid)


def _row(sample: Sample, name: str) -> dict[str, Any]:
    values = sample.numbers(name)
    there = values[~np.isnan(values)]
    scale, score = sample.place(name)
    return {
        "scale": scale,
        "score": score,
        "group": None,
        "occasion": None,
        "variable": name,
        "label": sample.label(name),
        "n": len(there),
        "missing": len(values) - len(there),
        "mean": float(there.mean()) if len(there) else None,
        "sd": float(there.std(ddof=1)) if len(there) > 1 else None,
        "median": float(np.median(there)) if len(there) else None,
        "min": float(there.min()) if len(there) else None,
        "max": float(there.max()) if len(there) else None,
        "skew": skewness(there),
        "kurtosis": kurtosis(there),
    }


def skewness(values: Floats) -> float | None:
    r"""Return the adjusted Fisher-Pearson skewness G1; None below three values or without spread.

    .. math:: G_1 = \frac{\sqrt{n (n - 1)}}{n - 2}\, \frac{m_3}{m_2^{3/2}}, \quad
              m_j = \tfrac1n \sum (x_i - \bar x)^j

    Source:
        Joanes DN, Gill CA. Comparing measures of sample skewness and kurtosis. The Statistician
        1998;47:183-189. doi:10.1111/1467-9884.00122. As SPSS, SAS, Excel and pandas.
    """
    n = len(values)
    if n < 3 or values.min() == values.max():
        return None
    centred = values - values.mean()
    m2, m3 = float((centred**2).mean()), float((centred**3).mean())
    return math.sqrt(n * (n - 1)) / (n - 2) * m3 / math.sqrt(m2) ** 3


def kurtosis(values: Floats) -> float | None:
    r"""Return the adjusted excess kurtosis G2; None below four values or without spread.

    .. math:: G_2 = \frac{n - 1}{(n - 2)(n - 3)} \left[(n + 1)\left(\frac{m_4}{m_2^2} - 3\right)
              + 6\right]

    Source:
        Joanes and Gill 1998, as for `skewness`.
    """
    n = len(values)
    if n < 4 or values.min() == values.max():
        return None
    centred = values - values.mean()
    m2, m4 = float((centred**2).mean()), float((centred**4).mean())
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6)
