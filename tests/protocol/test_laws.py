"""Laws of the tables: they add up, agree with one another, and do not depend on the rows' order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from psychoscales.errors import RefusalError
from psychoscales.protocol.study import study
from psychoscales.protocol.tables.correlations import interval
from psychoscales.protocol.tables.descriptives import kurtosis, skewness
from psychoscales.protocol.tables.fitting import fit
from tests.conftest import laws
from tests.protocol.making import NUMBERS, of_numbers, people, small

Floats = npt.NDArray[np.float64]
STUDY = of_numbers()
seeds = st.integers(0, 2**32 - 1)
slow = laws(25)


def numbers(seed: int, n: int = 40, holes: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    table = np.round(10 + 4 * (0.6 * common + rng.normal(size=(n, 5))), 1)
    table[rng.random(table.shape) < holes] = np.nan
    return pd.DataFrame(table, columns=list(NUMBERS))


def frames(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {name: table.to_frame() for name, table in STUDY.run(frame).tables.items()}


@slow
@given(seeds)
def test_frequencies_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = people(30, seed % 1000)
    frame["often"] = frame["often"].astype(float).where(rng.random(30) > 0.2)
    frame["sex"] = rng.choice(np.array(["f", "m", "x", ""]), 30)
    found = study(small()).run(frame).tables["counts"].to_frame()
    for name in ("often", "sex"):
        mine = found[found["variable"] == name]
        assert mine["count"].sum() == mine["n"].iloc[0]
        assert mine["n"].iloc[0] + mine["missing"].iloc[0] == 30
        assert mine["share"].sum() == pytest.approx(1)
    ticked = found[found["variable"] == "help"].set_index("option")["count"]
    assert ticked["drugs"] == frame["help_drugs"].sum()


@slow
@given(seeds)
def test_pairwise_correlations_are_numpys(seed: int) -> None:
    frame = numbers(seed)
    found = frames(frame)["pairs"].set_index(["row", "column"])
    for row in NUMBERS[:2]:
        for column in NUMBERS[2:]:
            both = frame[[row, column]].dropna()
            mine: Any = found.loc[(row, column)]
            assert mine["n"] == len(both)
            wanted = np.corrcoef(both.to_numpy().T)[0, 1]
            assert mine["r"] == pytest.approx(wanted, abs=1e-12)
            assert mine["low"] < mine["r"] < mine["high"]
    assert (found["p_holm"] >= found["p_bh"]).all()
    assert (found["p_bh"] >= found["p"]).all()
    assert (found["p_holm"] <= 1).all()


@slow
@given(seeds, st.sampled_from(["pearson", "spearman", "kendall"]))
def test_listwise_is_pairwise_of_complete_rows(seed: int, method: str) -> None:
    frame = numbers(seed)
    listwise = of_numbers(method, "listwise").run(frame).tables["pairs"].to_frame()
    pairwise = of_numbers(method, "pairwise").run(frame.dropna()).tables["pairs"].to_frame()
    pd.testing.assert_frame_equal(listwise, pairwise)


@slow
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    frame = numbers(seed)
    turned = frame.sample(frac=1, random_state=seed % 2**31)
    one, two = frames(frame), frames(turned)
    assert set(one) == set(two)
    for name in one:
        pd.testing.assert_frame_equal(one[name], two[name], rtol=1e-9, atol=1e-12)


@slow
@given(seeds)
def test_regression_is_least_squares(seed: int) -> None:
    frame = numbers(seed)
    found = frames(frame)
    for outcome in NUMBERS[:2]:
        whole = frame[[outcome, *NUMBERS[2:]]].dropna()
        x = np.column_stack([np.ones(len(whole)), whole[list(NUMBERS[2:])]])
        wanted = np.linalg.lstsq(x, whole[outcome].to_numpy(), rcond=None)[0]
        lines, models = found["lines"], found["lines_models"].set_index("outcome")
        mine = lines[lines["outcome"] == outcome]
        np.testing.assert_allclose(mine["B"], wanted, rtol=1e-9, atol=1e-9)
        spread = whole[list(NUMBERS[2:])].std().to_numpy() / whole[outcome].std()
        np.testing.assert_allclose(mine["beta"].iloc[1:], mine["B"].iloc[1:] * spread, atol=1e-12)
        model = models.loc[outcome]
        assert model["n"] == len(whole)
        assert model["n"] + model["dropped"] == len(frame)
        assert set(mine["df"]) == {len(whole) - 4}
        r = whole[list(NUMBERS[2:])].corrwith(whole[outcome]).to_numpy()
        assert model["r_squared"] == pytest.approx(float(mine["beta"].iloc[1:] @ r), abs=1e-10)
        f = model["r_squared"] / 3 / ((1 - model["r_squared"]) / (len(whole) - 4))
        assert model["f"] == pytest.approx(f, rel=1e-8)


@slow
@given(seeds)
def test_regression_agrees_with_pingouin(seed: int) -> None:
    import pingouin

    whole = numbers(seed, holes=0)
    y, x = whole["y1"].to_numpy(), whole[list(NUMBERS[2:])].to_numpy()
    wanted = pingouin.linear_regression(x, y, as_dataframe=False)
    found = fit(y, x)
    np.testing.assert_allclose(found.B, wanted["coef"], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found.se, wanted["se"], rtol=1e-10)
    assert found.r_squared == pytest.approx(wanted["r2"], rel=1e-10)
    assert found.adjusted_r_squared == pytest.approx(wanted["adj_r2"], rel=1e-8, abs=1e-10)


@slow
@given(seeds, st.floats(0.01, 1000), st.floats(-1e6, 1e6))
def test_beta_knows_no_units(seed: int, factor: float, shift: float) -> None:
    whole = numbers(seed, holes=0)
    y, x = whole["y1"].to_numpy(), whole[list(NUMBERS[2:])].to_numpy()
    moved = x.copy()
    moved[:, 0] = x[:, 0] * factor + shift
    one, two = fit(y, x), fit(y, moved)
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(one.vif, two.vif, rtol=1e-5)
    assert one.r_squared == pytest.approx(two.r_squared, rel=1e-5)


@given(st.lists(st.integers(-50, 50), min_size=4, max_size=60))
def test_shape_is_scipys_and_pandas(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    assume(x.min() < x.max())
    skew, kurt = skewness(x), kurtosis(x)
    assert skew is not None
    assert kurt is not None
    assert skew == pytest.approx(float(stats.skew(x, bias=False)), abs=1e-9)
    assert kurt == pytest.approx(float(stats.kurtosis(x, bias=False)), abs=1e-9, rel=1e-9)
    assert skew == pytest.approx(float(pd.Series(x).skew()), abs=1e-9)  # type: ignore[arg-type]


@given(st.floats(-0.99, 0.99), st.integers(5, 500))
def test_intervals_are_about_r_and_mirror(r: float, n: int) -> None:
    for method in ("pearson", "spearman", "kendall"):
        ends = interval(r, n, method, 0.95)
        mirrored = interval(-r, n, method, 0.95)
        assert ends is not None
        assert mirrored is not None
        assert -1 <= ends[0] <= r <= ends[1] <= 1
        assert mirrored == pytest.approx((-ends[1], -ends[0]))


@pytest.mark.parametrize(
    ("x", "why"),
    [
        ([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0], [6.0, 5.0]], "same value of b"),
        ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0], [6.0, 12.0]], "follows from"),
        ([[1.0, 2.0], [2.0, 3.0], [3.0, 3.0]], "too few"),
    ],
)
def test_refusals(x: list[list[float]], why: str) -> None:
    with pytest.raises(RefusalError, match=why):
        fit(np.arange(len(x), dtype=np.float64) ** 2, np.array(x), ("a", "b"))


def test_a_refusal_leaves_the_other_tables_whole() -> None:
    frame = numbers(3)
    frame["x3"] = 1.0
    found = frames(frame)
    assert found["lines"].empty
    assert "same value of x3" in found["lines_models"]["note"].iloc[0]
    pairs: Any = found["pairs"]
    flat = pairs[pairs["column"] == "x3"]
    assert flat["r"].isna().all()
    assert flat["note"].str.contains("same value").all()
    assert pairs[pairs["column"] == "x1"]["r"].notna().all()
    assert len(found["means"]) == 5
