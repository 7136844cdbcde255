"""What must hold of measurement invariance, whatever the answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import psychoscales as ps
from psychoscales.engines.structure.cfa import identification
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import fit
from psychoscales.engines.structure.cfa.normal import complete
from psychoscales.engines.structure.invariance import steps
from psychoscales.engines.structure.invariance_models import ORDINAL, Design
from psychoscales.verbs.invariance import invariance
from tests.counting.making import document_of
from tests.structure.cfa_cases import THREE, X, counted, schools, table
from tests.structure.invariance_cases import A, E, Y, by_gender, by_site, made, mixed, occasions

KEPT = ["df", "chisq", "chisq_scaled", "srmr"]
TESTED = ["chisq_difference", "df_difference"]


def numbers(found: Any, columns: list[str]) -> Any:
    return found.to_frame()[columns].astype(float).fillna(-1.0).to_numpy()


def close(left: Any, right: Any, allowed: float = 2e-5) -> None:
    np.testing.assert_allclose(left, right, rtol=allowed, atol=allowed)


def test_the_same_people_in_both_groups_are_alike() -> None:
    (block,) = mixed().blocks.values()
    twice = {"a": block.patterns(), "b": block.patterns()}
    found = invariance(twice, block.scale, by="copy", model={"f": Y})
    rows = found.to_frame()
    close(rows["chisq"], rows["chisq"].iloc[0])
    assert rows["p"].dropna().min() > 0.99
    close(found.factors.to_frame()["mean"], 0.0, 1e-4)
    close(found.factors.to_frame()["variance"], 1.0, 1e-3)


def test_order_of_groups_and_items_does_not_matter() -> None:
    turned = invariance(mixed(), by="site", groups=["south", "north"], model={"f": Y[::-1]})
    usual = by_site()
    close(numbers(turned, KEPT), numbers(usual, KEPT))
    close(numbers(turned, TESTED), numbers(usual, TESTED), 1e-4)
    assert turned.factors.rows[0]["group"] == "south"


def test_order_of_occasions_does_not_matter() -> None:
    first, second = occasions()
    turned = invariance(second, first, model={"f": A})
    close(numbers(turned, [*KEPT, *TESTED]), numbers(made("occasions"), [*KEPT, *TESTED]), 1e-4)


def test_identification_does_not_matter() -> None:
    marked = by_gender(identification="marker")
    close(numbers(marked, [*KEPT, *TESTED]), numbers(made("gender"), [*KEPT, *TESTED]), 1e-4)
    variance = made("gender").factors.to_frame()["variance"]
    assert list(marked.factors.to_frame()["variance"]) != pytest.approx(list(variance))


def test_units_of_items_do_not_matter() -> None:
    groups = [
        complete(*counted(each[X].to_numpy(float) * np.arange(1, 10)))
        for _, each in table("cfa", "HolzingerSwineford1939.csv").groupby("school", sort=False)
    ]
    design = Design(THREE, tuple(X), 2)
    for scaled, plain in zip(
        steps(design, groups, "MLR", design.levels),
        steps(design, schools(), "MLR", design.levels),
        strict=True,
    ):
        assert scaled.fit is not None
        assert plain.fit is not None
        close(scaled.fit.tests[1].chisq, plain.fit.tests[1].chisq)


def test_skipped_levels_become_equal_with_the_next() -> None:
    rows, whole = by_gender(levels=["configural", "residuals"]).to_frame(), made("gender")
    assert rows["df_difference"].iloc[-1] == whole.to_frame()["df_difference"].sum()
    close(rows["chisq"].iloc[-1], whole.to_frame()["chisq"].iloc[-1])
    assert list(rows["against"].fillna("")) == ["", "configural"]


def test_all_released_leaves_nothing_to_test() -> None:
    released = [f"{item} ~~ {item}" for item in E]
    found = by_gender(estimator="MLR", release=released).to_frame().set_index("level")
    row, before = found.loc["residuals"], found.loc["intercepts"]
    assert "not testable: nothing is left" in row["note"]
    assert (row["df"], row["chisq"]) == (before["df"], before["chisq"])
    assert pd.isna(row["p"])


@pytest.mark.parametrize("count", [2, 3, 4])
def test_few_options_leave_levels_untestable(count: int) -> None:
    """Two options: neither thresholds nor loadings alone; three: no thresholds; four: all."""
    thresholds = (count - 1,) * 6
    design = Design({"f": Y}, tuple(Y), 2, thresholds)
    df = [design.specification(level).df for level in ORDINAL]
    gained = dict(zip(ORDINAL[1:], np.diff(df).tolist(), strict=True))
    # Six items, one factor: each equality but those that take the factor's scale and mean.
    assert gained == {
        "thresholds": max(count - 3, 0) * 6,
        "loadings": 5 if count > 2 else 0,
        "intercepts": 5 if count > 2 else 4,
        "residuals": 6,
        "means": 1,
    }


def test_an_item_of_two_options_says_nothing_about_loadings() -> None:
    """Its scale is unknown until its intercept is equal; then it gives both at once."""
    four = Design({"f": Y}, tuple(Y), 2, (3, 3, 3, 3, 3, 3))
    one = Design({"f": Y}, tuple(Y), 2, (3, 3, 3, 3, 3, 1))
    for level, less in (("thresholds", 1), ("loadings", 1), ("intercepts", 0), ("residuals", 0)):
        before = ORDINAL[ORDINAL.index(level) - 1]
        gains = [of.specification(level).df - of.specification(before).df for of in (four, one)]
        assert gains[0] - gains[1] == less, level


def test_releasing_what_differs_restores_fit() -> None:
    """Item y3 is easier in the south, and nothing else is."""
    strict, partial = by_site(), by_site(release=["y3 ~1"])
    p = [found.to_frame().set_index("level").loc["intercepts", "p"] for found in (strict, partial)]
    assert p[0] < 1e-4
    assert p[1] > 0.01
    shifted = partial.parameters.to_frame().query(
        "level == 'intercepts' and lhs == 'y3' and op == '~1' and group == 'south'"
    )
    assert float(shifted["estimate"].iloc[0]) > 0.15
    assert shifted["free"].all()


def test_a_factor_at_a_second_occasion_has_its_scale_from_the_first() -> None:
    """A loading that equals one of a factor of variance 1 is a scale."""
    factors = {"f": X[:3], "g": X[3:6]}
    labels = {f"{f} =~ {x}": str(at) for f in factors for at, x in enumerate(factors[f])}
    of = specify(factors, labels=labels, free=["g ~~ g"])
    sample = complete(*counted(table("cfa", "HolzingerSwineford1939.csv")[X[:6]].to_numpy(float)))
    assert fit(of, [sample], "ML").converged
    with pytest.raises(ps.RefusalError, match="'g' has no scale"):
        identification._scaled(specify(factors, free=["g ~~ g"]))


def test_merging_an_option_is_reading_fewer() -> None:
    frame = mixed().to_frame()
    frame["site"] = mixed().kept["site"]
    north = frame["site"] == "north"
    frame.loc[north, "y2"] = frame.loc[north, "y2"].clip(upper=2)
    frame.loc[north, "y3"] = frame.loc[north, "y3"].clip(lower=1)
    scale = ps.scale(document_of(Y, range(4)))
    read = ps.read(frame, scale, keep=["site"])
    with pytest.raises(ps.RefusalError, match="y2: nobody of site north chose 3; y3: nobody"):
        invariance(read, by="site", model={"f": Y})
    found = invariance(read, by="site", model={"f": Y}, collapse=True)
    assert any("y2: the options of value 2 and 3 are taken as one" in note for note in found.notes)
    assert any("y3: the options of value 0 and 1 are taken as one" in note for note in found.notes)
    frame["y2"], frame["y3"] = frame["y2"].clip(upper=2), frame["y3"].clip(lower=1)
    by_hand = invariance(ps.read(frame, scale, keep=["site"]), by="site", model={"f": Y})
    close(numbers(found, [*KEPT, *TESTED]), numbers(by_hand, [*KEPT, *TESTED]), 1e-9)
    invariance(read, by="site", model={"f": Y}, estimator="ML")


def test_three_groups() -> None:
    frame = mixed().to_frame()
    frame["part"] = [["a", "b", "c"][at % 3] for at in range(len(frame))]
    read = ps.read(frame, ps.scale(document_of(Y, range(4))), keep=["part"])
    found = invariance(read, by="part", model={"f": Y}, estimator="MLR")
    rows = found.to_frame()
    assert list(rows["df_difference"].dropna()) == [10, 10, 12]
    assert rows["p"].dropna().min() > 0.001
    assert list(found.factors.to_frame()["group"][:3]) == ["a", "b", "c"]


@pytest.mark.parametrize("repeated", [False, True])
def test_uncorrelated_factors_have_no_covariance_in_any_place(repeated: bool) -> None:
    factors = {"f": Y[:3], "g": Y[3:]}
    free, bound = (
        Design(factors, tuple(Y), 2, (3,) * 6, repeated, orthogonal=orthogonal)
        for orthogonal in (False, True)
    )
    for level in ("configural", "residuals"):
        assert bound.specification(level).df - free.specification(level).df == 2
    names = {row.key for row in bound.specification("configural").parameters if row.free >= 0}
    between = {"f@1 ~~ f@2", "g@1 ~~ g@2", "y2@1 ~~ y2@2"} if repeated else set()
    assert between <= names
    assert not {"f ~~ g", "f@1 ~~ g@1", "f@2 ~~ g@2"} & names
