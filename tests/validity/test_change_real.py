"""The change of real people through a scale of their own, against R's paired values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

import psychoscales as ps
from psychoscales.verbs.change import change
from tests.coefficients.comparing import assert_close
from tests.counting.making import scale_of


def test_epi_retest_is_change_without_a_reason(shared: Path) -> None:
    folder = shared / "rpkg_benchmarks"
    keys = json.loads((folder / "keys.json").read_text(encoding="utf-8"))["epi.keys"]
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["epi_retest"]
    given = pd.read_csv(folder / "epiR_retest.csv.gz").rename(columns=str.lower)
    given["pid"] = given["study"] + " " + given["id"].astype(str)
    compared = 0
    for name in ("E", "N"):
        items = [item.lower().lstrip("-") for item in keys[name]]
        against = [item[1:].lower() for item in keys[name] if item.startswith("-")]
        scale = scale_of(items, (1, 2), reverse=against)
        first, second = (ps.read(given[given["time"] == time], scale, id="pid") for time in (1, 2))
        wanted = reference[name]["retest"]
        table = change(
            first, second, improvement="higher", reliability={"ICC(C,1)": wanted["ICC"]["ICC3"]}
        )
        rows = {row["statistic"]: row for row in table.rows}
        assert rows["srm"]["n"] == wanted["n"]
        mean, sd, t = wanted["mean_diff"], wanted["sd_diff"], wanted["paired_t"]
        found = abs(rows["mean_change"]["value"])
        compared += assert_close(found, abs(mean), f"{name} mean")
        compared += assert_close(abs(rows["srm"]["value"]), abs(mean) / sd, f"{name} srm")
        root = np.sqrt(wanted["n"])
        compared += assert_close(abs(rows["srm"]["value"]) * root, abs(t), f"{name} t")
        counts = table.counts.to_frame()
        share = counts[
            (counts["method"] == "jacobson_truax") & (counts["category"] == "no_reliable_change")
        ]["share"].iloc[0]
        assert 0.9 < share < 0.99
    assert compared == 6
