"""Kobori and Yoshinaga 2021: what must be found, and what must not be."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import psychoscales as ps
from psychoscales.auditing import audit
from psychoscales.auditing.context import Context, VariableFacts, context_of
from psychoscales.auditing.published import Published, read_published

FILE = Path(__file__).parents[2] / "psychoscales" / "studies" / "kobori2021.toml"
SCALES = ("phq9", "dd_kobori2021", "dd_kobori2021_1to6", "ghsq_kobori2021")
FUNCTIONS = ("signing_in", "reaction", "u2friend", "u2cycle", "funcan", "column")
DD, FORMAL, INFORMAL = (
    "dd_kobori2021_1to6_total",
    "ghsq_kobori2021_formal",
    "ghsq_kobori2021_informal",
)
PRINTED = "signing_in, reaction, u2friend, funcan, column, u2cycle"
MEANT = "signing_in, funcan, column, u2cycle, reaction, u2friend"
FOUND = [
    ("percentages", "response_rate", "1.47", "inconsistent"),
    ("percentages", "table1: column", "n = 333", "inconsistent"),
    ("row_sums", "table1: column", "n = 333", "inconsistent"),
    ("identical_rows", "table1: column", "other counts, of n = 336", "inconsistent"),
    ("grim", "sample_age, table2_descriptives", "", "no_power"),
    ("grimmer", "sample_age, table2_descriptives", "", "no_power"),
    ("coding", f"table2_descriptives: {DD}", "36.97, if coded 12 to 72", "implausible"),
    ("signs", f"table3: {INFORMAL}, u2friend", "t = -0.223", "inconsistent"),
    ("implied_sds", "table3: labels of the rows", MEANT, "inconsistent"),
    ("r_squared", f"table3: {DD}", "at least 0.00176", "implausible"),
    ("r_squared", "table3: labels of the rows", MEANT, "implausible"),
    ("vif", "table3", "VIF up to 10.4", "note"),
    ("multiplicity", "table2", "0 of 24", "note"),
    ("stated_counts", "frequency_options", "6", "inconsistent"),
]
NUMBERS = {
    ("percentages", "response_rate"): ["1.4666", "cut off"],
    ("percentages", "table1: column"): ["3 of 6", "53.2 (177/336)", "24.9 (83/336)", "17.7"],
    ("row_sums", "table1: column"): ["sum to 333", "3 fewer than n = 336"],
    ("identical_rows", "table1: column"): ["the counts of u2cycle", "0.161 and 0.125"],
    ("grim", "sample_age, table2_descriptives"): ["0.0029 apart", "0.0010 apart", "at most 350"],
    ("coding", f"table2_descriptives: {DD}"): [
        "81.6 per cent",
        "1.06 SD from the maximum",
        "beta 3.24, 0.73",
        "61.6 per cent",
        "2.21 SD",
        "beta 4.22, 2.63",
        "36.97",
    ],
    ("implied_sds", "table3: labels of the rows"): [
        "u2friend 1.03 to 1.08 against 1.30",
        "against 1.53",
        "u2cycle 1.31 to 1.33 against 0.94",
        "0.024 (log ratio; printed order 0.493)",
        "Of 720 orders 1 within 3%, 2 within 5%, 4 within 10%",
        "column then has an SD of 1.04 to 1.06",
    ],
    ("r_squared", f"table3: {DD}"): ["-0.00688", "negative", "0.00176"],
    ("r_squared", "table3: labels of the rows"): [
        "0.00545",
        "0.01637",
        "0.00653",
        "Of 720 orders 12 do",
        "number 482",
    ],
    ("vif", "table3"): ["column 10.0 to 10.4", "reaction 8.6 to 8.8", "1.8 to 3.2 times"],
    ("multiplicity", "table2"): ["4 of 24", "P = 0.0031", "0.0740 by Holm", "0 and 0 stay"],
}


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    with FILE.open("rb") as file:
        block: dict[str, Any] = tomllib.load(file)["published"]
    return block


@pytest.fixture(scope="module")
def context() -> Context:
    codes: dict[str, Any] = {name: range(1, 7) for name in FUNCTIONS}
    codes |= {"tenure": range(1, 6), "age": VariableFacts("age", step=1)}  # type: ignore[arg-type]
    return context_of([ps.scale(name) for name in SCALES], codes, people=350)


@pytest.fixture(scope="module")
def rows(tree: dict[str, Any], context: Context) -> tuple[Any, ...]:
    return audit(tree, context).rows


def test_everything_is_found_and_nothing_else(rows: tuple[Any, ...]) -> None:
    found = [(row["check"], row["where"], row["expected"], row["verdict"]) for row in rows]
    assert found == FOUND


@pytest.mark.parametrize("place", NUMBERS, ids=str)
def test_findings_say_their_numbers(rows: tuple[Any, ...], place: tuple[str, str]) -> None:
    said = next(row["explanation"] for row in rows if (row["check"], row["where"]) == place)
    assert not [number for number in NUMBERS[place] if number not in said]


def test_labels_are_as_printed_and_as_meant(rows: tuple[Any, ...]) -> None:
    about = [row for row in rows if row["where"] == "table3: labels of the rows"]
    assert [row["check"] for row in about] == ["implied_sds", "r_squared"]
    assert [(row["printed"], row["expected"]) for row in about] == [(PRINTED, MEANT)] * 2


def test_nothing_is_left_of_the_errors_once_they_are_put_right(
    tree: dict[str, Any], context: Context
) -> None:
    """The same block with the facts' corrections: only notes and checks without power stay."""
    right = {key: [dict(row) for row in rows] for key, rows in tree.items()}
    label = dict(zip(PRINTED.split(", "), MEANT.split(", "), strict=True))
    for row in right["regressions"]:
        if row["t"] == "0.223":
            row["t"] = "-0.223"
        row["predictor"] = label[row["predictor"]]
    right["frequencies"] = [row for row in right["frequencies"] if row["variable"] != "column"]
    right["proportions"][0]["percent"] = "1.47"
    right["lists"][1]["stated"] = "6"
    right["descriptives"][2]["stated"] = DD
    found = [(row["check"], row["verdict"]) for row in audit(right, context).rows]
    assert found == [
        ("grim", "no_power"),
        ("grimmer", "no_power"),
        ("vif", "note"),
        ("multiplicity", "note"),
    ]


def test_every_cell_of_the_paper_was_read(tree: dict[str, Any]) -> None:
    block: Published = read_published(tree)
    assert len([row for row in block.frequencies if row.analysis == "table1"]) == 6
    assert sum(len(row.counts) for row in block.frequencies if row.analysis == "table1") == 36
    assert (len(block.correlations), len(block.regressions)) == (24, 18)
    assert [row.df.whole for row in block.regression_models if row.df] == [321] * 3


def test_numbers_agree_with_the_shared_transcription(tree: dict[str, Any], facts: Any) -> None:
    names = dict(
        zip(
            ("Signing in", "Reaction", "U2Friend", "U2Cycle", "FunCan", "Column"),
            FUNCTIONS,
            strict=True,
        )
    )
    block = read_published(tree)
    for row in facts["table1"]["rows"]:
        mine = block.frequencies_of(names[row["function"]])
        assert mine is not None
        assert mine.percents is not None
        assert (list(mine.numbers), mine.n.whole) == (row["counts"], row["n"])
        assert [float(percent) for percent in mine.percents] == row["pct"]
    scales = dict(
        zip(
            ("PHQ-9", "D-D scale", "GHSQ-formal", "GHSQ-informal"),
            ("phq9_total", DD, FORMAL, INFORMAL),
            strict=True,
        )
    )
    columns = [names[name] for name in facts["table2"]["columns"]]
    for row in facts["table2"]["rows"]:
        mine_r = [block.correlations_of(scales[row["scale"]], name) for name in columns]
        assert [float(cell.r) for cell in mine_r if cell] == row["r"]
        described = block.descriptives_of(scales[row["scale"]])
        assert described is not None
        assert described.sd is not None
        assert (float(described.mean), float(described.sd)) == (row["mean"], row["sd"])
    for model in block.tables_of_regressions()["table3"]:
        name = next(name for name, column in scales.items() if column == model.outcome)
        expected = facts["table3"]["outcomes"][name]
        for number in ("B", "beta", "t"):
            assert [float(getattr(row, number)) for row in model.rows] == expected[number]


def test_as_text_findings_stand_by_verdict_with_their_numbers() -> None:
    lines = str(ps.study("kobori2021").audit()).splitlines()
    assert max(map(len, lines)) <= 80
    heads = [line.split(":")[0].strip() for line in lines if re.match(r"  [a-z_]+: ", line)]
    assert heads == ["inconsistent", "implausible", "note", "no_power"]
    at = lines.index("    percentages, response_rate")
    assert lines[at + 1] == "      printed 1.46 (350/23,864); expected 1.47"
    assert lines[at + 2].startswith("      350 of 23864 is 1.4666 per cent.")
    assert "".join(lines[-2:]).strip().startswith("Note. Not enough is printed or known for:")
    assert sum("1.4666" in line for line in lines) == 1
