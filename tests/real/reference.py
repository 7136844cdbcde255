"""Comparing real answers with what R made of the same file (reference.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import chi2, f

import psychoscales as ps
from tests.coefficients.comparing import assert_close


def reference(folder: Path) -> Any:
    """Return the reference values that lie beside the data."""
    return json.loads((folder / "reference.json").read_text(encoding="utf-8"))


def compare(people: ps.Responses, wanted: Mapping[str, Any], columns: Sequence[str]) -> int:
    """Compare items, total and alpha of one scale's people with R's; return how much was.

    `columns` names the items as R does, in the order of the scale's scored items.
    """
    compared = _items(people, wanted, columns)
    if "total_complete" in wanted:
        compared += _total(people, wanted)
    return compared + _alpha(people, wanted)


def _items(people: ps.Responses, wanted: Mapping[str, Any], columns: Sequence[str]) -> int:
    table = ps.items(people).to_frame()
    assert len(table) == len(columns) == wanted["n_items"]
    n, (scale,) = wanted["n_rows"], people.scales
    compared = 0
    for row, name in zip(table.to_dict("records"), columns, strict=True):
        missing = wanted["missing_per_item"][name]
        counts = wanted["category_counts_available"][name]
        assert (row["missing"], row["n"]) == (missing, n - missing), name
        alpha = wanted["alpha_complete"]
        for column, value in {
            "mean": wanted["item_mean_available"][name],
            "sd": wanted["item_sd_available"][name],
            "item_rest": alpha["r_drop"][name],
            "alpha_if_dropped": alpha["alpha_drop"][name],
        }.items():
            compared += assert_close(row[column], value, f"{name}: {column}")
        values = [option.value for option in scale.option_set(row["item"])]
        known = [int(value) for value in values if value is not None]
        for column, end in (("floor", min(known)), ("ceiling", max(known))):
            share = counts.get(str(end), 0) / row["n"]
            compared += assert_close(row[column], share, f"{name}: {column}")
    assert compared == 6 * len(columns)
    return compared


def _total(people: ps.Responses, wanted: Mapping[str, Any]) -> int:
    (scale,) = people.scales
    frame = ps.score(people).to_frame()
    totals = frame.loc[frame[f"{scale.id}_total_status"] == "ok", f"{scale.id}_total"]
    assert len(totals) == wanted["n_complete"]
    found = [totals.mean(), totals.std(), totals.min(), totals.max(), totals.median()]
    total = wanted["total_complete"]
    r = [total[name] for name in ("mean", "sd", "min", "max", "median")]
    return assert_close(found, r, "total of complete people")


def _alpha(people: ps.Responses, wanted: Mapping[str, Any]) -> int:
    alpha = wanted["alpha_complete"]
    table = ps.reliability(people, interval="feldt").to_frame().set_index("coefficient")
    assert people.n == wanted["n_rows"]
    assert table.loc["alpha", "n"] == wanted["n_complete"]
    compared = assert_close(table.loc["alpha", "value"], alpha["raw"], "alpha")
    standardized = table.loc["alpha_standardized", "value"]
    compared += assert_close(standardized, alpha["std"], "standardized alpha")
    low, _, high = _feldt(alpha["raw"], wanted["n_complete"], wanted["n_items"], alpha["feldt"])
    compared += assert_close(table.loc["alpha", "low"], low, "Feldt's lower end")
    compared += assert_close(table.loc["alpha", "high"], high, "Feldt's upper end")
    if "alpha_pairwise" in wanted:
        pairs = ps.reliability(people, missing="pairwise").to_frame().set_index("coefficient")
        value, other = wanted["alpha_pairwise"]["raw"], wanted["alpha_pairwise"]["std"]
        compared += assert_close(pairs.loc["alpha", "value"], value, "pairwise alpha")
        found = pairs.loc["alpha_standardized", "value"]
        compared += assert_close(found, other, "pairwise standardized alpha")
    return compared


def _feldt(alpha: float, n: int, k: int, r: Mapping[str, float]) -> tuple[float, ...]:
    """Return R's interval; where R took a chi-square for F, check that, and return F's own.

    R's qf(p, df1, df2) is qchisq(p, df1) / df1 where df2 is above 400,000: here that is wrong in
    the fourth decimal.
    """
    df1, df2, tails = n - 1, (n - 1) * (k - 1), (0.975, 0.5, 0.025)
    if df2 <= 400_000:
        return tuple(r.values())
    by_chi2 = [1 - (1 - alpha) * chi2.ppf(p, df1) / df1 for p in tails]
    low, _, high = r.values()
    assert_close([by_chi2[0], by_chi2[2]], [low, high], "R's approximation of Feldt's interval")
    return tuple(1 - (1 - alpha) * f.ppf(p, df1, df2) for p in tails)
