"""Correlations that no people can have at once, and those that only look like it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychoscales.auditing import audit
from psychoscales.auditing.context import Context
from psychoscales.auditing.correlation_matrix import least_variance
from tests.auditing.synthetic import text
from tests.conftest import laws

Floats = npt.NDArray[np.float64]
NAMES = "abcdefghij"


def cells(r: dict[str, str], **more: str) -> list[dict[str, str]]:
    """Return cells from pairs such as {"ab": ".90"}."""
    return [
        {"analysis": "t", "row": pair[0], "column": pair[1], "r": value} | more
        for pair, value in r.items()
    ]


def found(rows: list[dict[str, str]], context: Context | None = None) -> list[Any]:
    return list(audit({"correlations": rows}, context, check="correlation_matrix").rows)


def table(data: Floats, places: int, n: str | None = "1") -> list[dict[str, str]]:
    r: Floats = np.asarray(np.corrcoef(data))
    pairs = combinations(range(len(data)), 2)
    more = {"n": str(data.shape[1])} if n else {}
    return cells({NAMES[i] + NAMES[j]: text(float(r[i, j]), places) for i, j in pairs}, **more)


THREE = {"ab": ".90", "ac": ".90", "bc": "-.90"}


def test_three_correlations_that_no_people_have() -> None:
    (one,) = found(cells(THREE, n="100"))
    assert (one["verdict"], one["where"]) == ("impossible", "t: a, b, c")
    assert one["expected"] == "r(b, c) of 0.62 to 1.00, by the others"
    assert "variance of -0.800, below 0" in one["explanation"]


def test_pairwise_people_are_allowed_for() -> None:
    assert [one["verdict"] for one in found(cells(THREE))] == ["implausible"]
    people = [row | {"n": n} for row, n in zip(cells(THREE), ("100", "99", "98"), strict=True)]
    assert [one["verdict"] for one in found(people, Context(people=100))] == ["implausible"]
    slight = {"ab": ".90", "ac": ".90", "bc": ".55"}
    assert [one["verdict"] for one in found(cells(slight, n="100"))] == ["impossible"]
    assert found(cells(slight)) == []
    assert (
        found([row | {"n": n} for row, n in zip(cells(slight), ("90", "99", "98"), strict=True)])
        == []
    )


def test_so_few_people_that_anything_goes_are_not_asked() -> None:
    rows = [row | {"n": n} for row, n in zip(cells(THREE), ("9", "8", "9"), strict=True)]
    assert found(rows) == []
    notes = audit({"correlations": rows}, check="correlation_matrix").notes
    assert notes == ("Not enough is printed or known for: correlation_matrix.",)


@pytest.mark.parametrize(
    ("r", "broken"),
    [
        ({"ab": ".90", "ac": ".90", "bc": ".62"}, False),
        ({"ab": ".90", "ac": ".90", "bc": ".60"}, False),
        ({"ab": ".90", "ac": ".90", "bc": ".59"}, True),
        ({"ab": ".9", "ac": ".9", "bc": ".4"}, False),
        ({"ab": ".9", "ac": ".9", "bc": ".3"}, True),
    ],
)
def test_rounding_is_honoured(r: dict[str, str], broken: bool) -> None:
    """The least is 2 x .895^2 - 1 = .60205, or 2 x .85^2 - 1 = .445: .605 and .45 are above it."""
    assert bool(found(cells(r, n="100"))) is broken


def test_the_cell_that_alone_explains_it_is_named() -> None:
    draw = np.random.default_rng(5)
    rows = table(draw.normal(size=80) * 2 + draw.normal(size=(6, 80)), 2)
    assert found(rows) == []
    next(row for row in rows if (row["row"], row["column"]) == ("b", "e"))["r"] = "-.70"
    (one,) = found(rows)
    assert one["verdict"] == "impossible"
    assert (
        "If one of the table's correlations is wrong, it is that of b with e." in one["explanation"]
    )


def test_tables_and_methods_are_kept_apart() -> None:
    rows = cells(THREE, n="100")
    assert found([*rows[:2], rows[2] | {"analysis": "u"}]) == []
    assert found([*rows[:2], rows[2] | {"method": "spearman"}]) == []
    assert len(found([row | {"method": "kendall"} for row in rows])) == 1


@pytest.mark.parametrize(
    ("first", "second", "verdicts"),
    [
        ({}, {}, ["implausible"]),
        ({"n": "90"}, {"n": "90"}, ["inconsistent"]),
        ({"n": "90"}, {"n": "60"}, []),
        ({"n": "90"}, {}, []),
    ],
)
def test_a_pair_has_one_correlation(
    first: dict[str, str], second: dict[str, str], verdicts: list[str]
) -> None:
    for again, expected in (({"ba": ".40"}, verdicts), ({"ba": ".904"}, [])):
        rows = [*cells({"ab": ".90"}, **first), *cells(again, **second)]
        assert [one["verdict"] for one in found(rows)] == expected


@laws(150)
@given(st.integers(0, 2**32 - 1), st.integers(3, 9), st.integers(1, 3), st.booleans())
def test_correlations_of_the_same_people_are_never_blamed(
    seed: int, size: int, places: int, total: bool
) -> None:
    """Not even where one variable is the sum of others, and the matrix is at the very edge."""
    draw = np.random.default_rng(seed)
    data = draw.normal(size=(size, int(draw.integers(size, 40))))
    data += draw.uniform(0, 4) * draw.normal(size=data.shape[1])
    if total:
        data[-1] = data[:-1].sum(axis=0)
        data[0] = data[1] * draw.choice([-1, 1])
    assert found(table(data, places)) == []


@pytest.mark.parametrize("seed", range(40))
def test_pairwise_correlations_are_not_blamed(seed: int) -> None:
    """One variable is the sum of others, and each pair is of those who answered both."""
    draw = np.random.default_rng(seed)
    data = draw.normal(size=(5, int(draw.integers(40, 200)))) + draw.normal()
    data[-1] = data[:-1].sum(axis=0)
    there = draw.random(data.shape) > draw.choice([0.02, 0.1, 0.2])
    rows = []
    for i, j in combinations(range(5), 2):
        both = there[i] & there[j]
        r = text(float(np.corrcoef(data[i, both], data[j, both])[0, 1]), 2)
        rows += cells({NAMES[i] + NAMES[j]: r}, n=str(int(both.sum())))
    without = [{key: one for key, one in row.items() if key != "n"} for row in rows]
    known = Context(people=data.shape[1])
    assert found(rows) == found(rows, known) == found(without, known) == found(without) == []


@given(st.integers(0, 2**32 - 1))
def test_the_bound_is_above_the_smallest_eigenvalue_of_every_matrix_in_reach(seed: int) -> None:
    draw = np.random.default_rng(seed)
    size = int(draw.integers(3, 7))
    r: Floats = np.asarray(np.corrcoef(draw.normal(size=(size, size + 1))))
    room = np.full((size, size), 0.05) * (1 - np.eye(size))
    least = least_variance(r, room)
    for _ in range(20):
        off = np.triu(draw.uniform(-0.05, 0.05, size=(size, size)), 1)
        other = np.clip(r + off + off.T, -1, 1)
        assert np.linalg.eigvalsh(other)[0] <= least + 1e-9
