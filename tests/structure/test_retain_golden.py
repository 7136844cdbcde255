"""KMO, Bartlett's test, MAP, the empirical Kaiser criterion and the hull agree with R."""

from __future__ import annotations

import numpy as np
import pytest
from factor_analyzer import (
    calculate_bartlett_sphericity,
    calculate_kmo,
)

from psychoscales.engines.structure import parallel
from psychoscales.engines.structure.adequacy import bartlett, kmo
from psychoscales.engines.structure.empirical_kaiser import above, references
from psychoscales.engines.structure.hull import hull
from psychoscales.engines.structure.map_test import average_partials
from psychoscales.verbs.retain import retain
from tests.coefficients.comparing import assert_close
from tests.structure.bfi import answers, apart, correlation, expected, people


def test_kmo_is_psychs_and_factor_analyzers() -> None:
    golden = expected()["kmo"]
    overall, each = kmo(correlation())
    assert_close(overall, golden["overall"], "KMO")
    assert_close(each, golden["items"], "KMO of items")
    items, total = calculate_kmo(answers())
    assert_close(overall, total, "KMO of factor_analyzer")
    assert_close(each, items, "KMO of items, factor_analyzer")


def test_bartletts_test_is_psychs_and_factor_analyzers() -> None:
    golden, n = expected()["bartlett"], expected()["n"]
    chisq, df, p = bartlett(correlation(), n)
    assert_close(chisq, golden["chisq"], "chi-square")
    assert df == golden["df"]
    assert p == 0
    assert_close(chisq, calculate_bartlett_sphericity(answers())[0], "of factor_analyzer")
    few = answers()[:40, :4]
    chisq, df, p = bartlett(np.asarray(np.corrcoef(few.T)), 40)
    assert 0 < p < 1
    assert_close([chisq, p], calculate_bartlett_sphericity(few), "of forty people", 1e-9)


@pytest.mark.parametrize(("power", "name"), [(2, "squared"), (4, "fourth")])
def test_average_partials(power: int, name: str) -> None:
    golden = expected()["map"][name]
    assert len(golden) == 24
    assert_close(average_partials(correlation(), power), golden, name, 1e-9)


def test_empirical_kaiser() -> None:
    golden, n = expected()["ekc"], expected()["n"]
    observed = parallel.eigenvalues(correlation(), "components")
    found = references(observed, n)
    assert_close(found, golden["reference"], "references")
    assert above(observed, found) == golden["factors"] == 6
    assert_close(references(np.ones(6), 50), golden["flat"], "of equal eigenvalues")


@pytest.mark.parametrize("measure", ["caf", "cfi"])
def test_hull(measure: str) -> None:
    golden, n = expected()["hull"][measure], expected()["n"]
    found = hull(correlation(), 7, n if measure == "cfi" else None)
    assert found.df.tolist() == golden["df"]
    assert_close(found.fit, golden["fit"], "fit", 1e-8)
    theirs = [np.nan if value is None else value for value in golden["elbow"]]
    assert np.array_equal(np.isnan(found.elbow), np.isnan(theirs))
    inside = ~np.isnan(theirs)
    assert inside.sum() >= 2
    assert_close(found.elbow[inside], np.array(theirs)[inside], "elbows", 1e-6)
    assert found.factors == golden["factors"]


def test_normal_reference_is_that_of_simulated_answers() -> None:
    """R simulated answers; here their cross products are drawn. Five standard errors."""
    golden = expected()["normal"]
    generator = np.random.default_rng(8)
    matrices = parallel.normal(golden["items"], golden["n"], 4000, generator)
    found = parallel.reference_eigenvalues(matrices)["components"]
    assert found.shape == (4000, 8)
    se = np.array(golden["se"]) * np.sqrt(1 + 2000 / 4000)
    assert (np.abs(found.mean(axis=0) - golden["mean"]) < 5 * se).all()
    assert apart(np.quantile(found, 0.95, axis=0), golden["q95"]) < 0.03
    wrong = parallel.normal(golden["items"], golden["n"] - 6, 4000, np.random.default_rng(8))
    other = parallel.reference_eigenvalues(wrong)["components"].mean(axis=0)
    assert not (np.abs(other - golden["mean"]) < 5 * se).all(), "too blunt to see another n"


def test_the_verb_returns_the_goldens_values() -> None:
    golden, found = expected(), retain(people(), resamples=40, seed=4)
    numbers = found.to_frame().set_index("method")["factors"]
    assert numbers["map"] == int(np.argmin(golden["map"]["squared"])) == 5
    assert numbers["map_fourth_power"] == int(np.argmin(golden["map"]["fourth"])) == 5
    assert numbers["empirical_kaiser"] == 6
    assert numbers["parallel_components"] == 5
    adequacy = found.adequacy.to_frame()
    overall = adequacy[adequacy["item"].isna()].set_index("measure")
    assert_close(overall.loc["kmo", "value"], golden["kmo"]["overall"], "KMO")
    assert_close(overall.loc["bartlett", "value"], golden["bartlett"]["chisq"], "Bartlett")
    assert overall.loc["bartlett", "df"] == 300
    assert overall.loc["bartlett", "n"] == golden["n"]
    assert_close(adequacy["value"][1:26], golden["kmo"]["items"], "KMO of items")
    eigenvalues = found.eigenvalues.to_frame()
    first = eigenvalues[eigenvalues["kind"] == "components"]
    assert_close(first["empirical_kaiser"], golden["ekc"]["reference"], "references")
    assert_close(found.partials.to_frame()["squared"], golden["map"]["squared"], "MAP", 1e-9)
