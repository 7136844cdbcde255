"""Correlations of rows with columns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.auditing.published import CorrelationMethod
from psychoscales.intervals import normal_quantile
from psychoscales.layouts import STARS_NOTE, Cell, Grid, Rich, plain, rich, stars
from psychoscales.protocol.document import Analysis
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.made import Made, title_of
from psychoscales.results import WHERE, Table, people
from psychoscales.verbs.declared import hypotheses_table, of_correlations, verdict_row

Floats = npt.NDArray[np.float64]
COLUMNS = (
    "row",
    "column",
    "method",
    "n",
    "r",
    "low",
    "high",
    "level",
    "p",
    "p_holm",
    "p_bh",
    "note",
)
FEWEST = {"pearson": 4, "spearman": 4, "kendall": 5}


def correlations(sample: Sample, analysis: Analysis) -> Made:
    """Correlate every row with every column.

    The coefficient and its p (two-sided, no correlation) are pingouin's, which are SciPy's;
    `p_holm` and `p_bh` are adjusted over all pairs of the table, those on both sides of a diagonal
    counted once (Holm 1979; Benjamini and Hochberg 1995). The interval is `interval` below:
    pingouin's is rounded unless a global option is changed, and is Pearson's whatever the method.

    "pairwise": `n` is the people who have both; "listwise": those who have every row and column.
    A pair that everybody answered alike, or fewer than three people answered, has no number and a
    note that says why.
    """
    method: CorrelationMethod = analysis.method or "pearson"
    rows_, columns_ = analysis.rows or (), analysis.columns or ()
    everything = {name: sample.numbers(name) for name in (*rows_, *columns_)}
    keep = np.ones(sample.n, dtype=bool)
    if analysis.missing == "listwise":
        for values in everything.values():
            keep &= ~np.isnan(values)
    done: list[dict[str, Any]] = []
    for row in rows_:
        for column in columns_:
            if row != column:
                x, y = everything[row][keep], everything[column][keep]
                done.append({"row": row, "column": column} | pair(x, y, method, analysis.level))
    tests = {frozenset((each["row"], each["column"])): each["p"] for each in done}
    for name, method_ in (("p_holm", "holm"), ("p_bh", "fdr_bh")):
        adjusted = dict(zip(tests, _adjusted(list(tests.values()), method_), strict=True))
        for each in done:
            each[name] = adjusted[frozenset((each["row"], each["column"]))]
    which = "pairwise" if analysis.missing == "pairwise" else "listwise"
    notes = (f"{method.capitalize()} correlations, {which}; p is two-sided.", *sample.notes)
    table = Table(title_of(analysis), COLUMNS, tuple(done), notes, hidden=("method",))
    tables = {analysis.id: table}
    grid = _grid(sample, analysis, table)
    if analysis.expect:
        tables[f"{analysis.id}_hypotheses"] = told = _hypotheses(analysis, done)
        grid = replace(grid, notes=(*grid.notes, *_verdicts(sample, told)))
    return Made(tables, grid)


def _verdicts(sample: Sample, told: Table) -> Iterator[Rich]:
    """Yield a note for each hypothesis, so that the printed table has them too."""
    yield plain(f"{told.title}.")
    words = {True: "confirmed", False: "not confirmed", None: "not judged"}
    for row in told.rows:
        of = "" if row["score"] is None else f"{sample.label(row['score'])}: "
        found = f" ({row['found']})" if row["found"] else ""
        yield plain(f"{of}{row['hypothesis']}: {words[row['confirmed']]}{found}.")


def _hypotheses(analysis: Analysis, done: Sequence[Mapping[str, Any]]) -> Table:
    """Return whether what was declared beforehand was found, row by row."""
    names = list(analysis.columns or ())
    declared = of_correlations([each.declared for each in analysis.expect or ()], names)
    rows = []
    for row in analysis.rows or ():
        mine = {each["column"]: each for each in done if each["row"] == row}
        values = {name: each["r"] for name, each in mine.items()}
        intervals = {name: (each["low"], each["high"]) for name, each in mine.items()}
        for one in declared:
            if one.score in (None, row):
                verdict = one.expectation.judged(values, intervals)
                rows.append({**dict.fromkeys(WHERE), "score": row, **verdict_row(verdict)})
    return hypotheses_table(rows)


def pair(x: Floats, y: Floats, method: CorrelationMethod, level: float) -> dict[str, Any]:
    """Correlate two columns over the people who have both."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    found: dict[str, Any] = dict.fromkeys(COLUMNS[2:])
    found |= {"method": method, "n": len(x), "level": level}
    if len(x) < 3:
        return found | {
            "level": None,
            "note": f"both are known of {people(len(x))}; three are needed",
        }
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return found | {"level": None, "note": "everybody has the same value of one of the two"}
    import pingouin

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of its interval and power for 3 or 4 people: not used
        stats = pingouin.corr(x, y, method=method).iloc[0]
    r = max(-1.0, min(1.0, float(stats["r"])))
    ends = interval(r, len(x), method, level)
    low, high = (None, None) if ends is None else ends
    return found | {
        "r": r,
        "p": float(stats["p_val"]),
        "low": low,
        "high": high,
        "level": None if ends is None else level,
    }


def interval(
    r: float, n: int, method: CorrelationMethod, level: float
) -> tuple[float, float] | None:
    r"""Return the interval of a correlation by Fisher's transformation; None for too small an n.

    .. math:: \tanh(\operatorname{artanh} r \pm z_{(1 + level)/2}\, s)

    with :math:`s^2 = 1/(n - 3)` for Pearson, :math:`(1 + r^2/2)/(n - 3)` for Spearman and
    :math:`.437/(n - 4)` for Kendall's tau-b. A correlation of 1 or -1 has itself as interval.

    Source:
        Fisher RA. Metron 1921;1:3-32. Bonett DG, Wright TA. Sample size requirements for
        estimating Pearson, Kendall and Spearman correlations. Psychometrika 2000;65:23-28.
        doi:10.1007/BF02294183; for Kendall with Fieller, Hartley and Pearson 1957,
        doi:10.1093/biomet/44.3-4.470. Pearson's agrees with R's cor.test to 1e-12.
    """
    if n < FEWEST[method]:
        return None
    if abs(r) >= 1:
        return r, r
    variance = {
        "pearson": 1 / (n - 3),
        "spearman": (1 + r**2 / 2) / (n - 3),
        "kendall": 0.437 / (n - 4) if n > 4 else math.inf,
    }[method]
    half = normal_quantile(level) * math.sqrt(variance)
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def _adjusted(values: Sequence[float | None], method: str) -> list[float | None]:
    """Adjust the p values there are; the others stay none."""
    there = [p for p in values if p is not None]
    if not there:
        return list(values)
    import pingouin

    adjusted = iter(pingouin.multicomp(there, method=method)[1].tolist())
    return [None if p is None else min(1.0, max(p, next(adjusted))) for p in values]


def _grid(sample: Sample, analysis: Analysis, table: Table) -> Grid:
    cells = {(row["row"], row["column"]): row for row in table.rows}
    lines = []
    for row in analysis.rows or ():
        line = [Cell("text", sample.label(row))]
        for column in analysis.columns or ():
            found = cells.get((row, column))
            r, p = (found["r"], found["p"]) if found else (None, None)
            line.append(Cell("bounded", r, mark=stars(p)))
        lines.append(tuple(line))
    heads = [plain(""), *(plain(sample.label(column)) for column in analysis.columns or ())]
    sizes = sorted({row["n"] for row in table.rows})
    ns = Cell("count", sizes[0]).text if sizes else ""
    if len(sizes) > 1:
        ns += f" to {Cell('count', sizes[-1]).text}"
    tests = {frozenset((row["row"], row["column"])): row["p_holm"] for row in table.rows}
    there = [p for p in tests.values() if p is not None]
    left = sum(p < 0.05 for p in there)
    notes = [plain(note) for note in table.notes]
    notes[:1] = [rich(f"*n* = {ns}. "), notes[0]]
    notes += [rich(f"{STARS_NOTE} Not adjusted; {left} of {len(there)} stay below .05 after Holm.")]
    why = dict.fromkeys(row["note"] for row in table.rows if row["note"])
    notes += [plain(f"Left out: {reason}.") for reason in why]
    return Grid(plain(table.title), tuple(heads), tuple(lines), tuple(notes))
