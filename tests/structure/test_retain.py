"""`psychoscales.retain`: laws of the references, tables, notes and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import psychoscales as ps
from psychoscales.engines.structure import parallel
from psychoscales.engines.structure.adequacy import bartlett, kmo
from psychoscales.engines.structure.empirical_kaiser import above, references
from psychoscales.engines.structure.hull import hull
from psychoscales.engines.structure.map_test import average_partials, fewest
from psychoscales.engines.structure.pairs import pair_counts
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import Moments
from psychoscales.verbs.retain import retain
from tests.counting.making import scale_of
from tests.structure.bfi import Floats, answers, apart, correlation, people, simple_structure

WHERE = ["scale", "score", "group", "occasion"]
METHODS = ["parallel_components", "parallel_common_factors", "map", "map_fourth_power"]
METHODS += ["hull_caf", "hull_cfi", "empirical_kaiser"]


def numbers(found: Any) -> dict[str, int | None]:
    return {row["method"]: row["factors"] for row in found.methods.rows}


def sample(r: Floats, n: int, seed: int) -> Floats:
    """Return the correlations of n normal answers from a population."""
    root = np.linalg.cholesky(r)
    draws = np.random.default_rng(seed).standard_normal((n, len(r))) @ root.T
    return np.asarray(np.corrcoef(draws.T))


def moments_of(r: Floats, n: int) -> Moments:
    names = tuple(f"i{at}" for at in range(len(r)))
    return Moments(names, np.full(r.shape, n), np.zeros(len(r)), r, "complete")


def test_columns() -> None:
    found = retain(ps.simulate("phq9", n=200, seed=1), resamples=50, quantile=0.9, seed=3)
    columns = ["method", "factors", "n", "metric", "missing", "reference", "quantile"]
    assert list(found.to_frame().columns) == [*WHERE, *columns, "resamples", "seed", "note"]
    assert list(found.to_frame()["method"]) == METHODS
    first = found.methods.rows[0]
    assert (first["reference"], first["quantile"]) == ("permutation", 0.9)
    assert (first["resamples"], first["seed"], first["n"]) == (50, 3, 200)
    assert found.methods.rows[2]["seed"] is None
    names = ["kind", "number", "observed", "reference_mean", "reference_quantile"]
    assert list(found.eigenvalues.to_frame().columns) == [*WHERE, *names, "empirical_kaiser"]
    assert len(found.eigenvalues.rows) == 18
    columns = ["measure", "factors", "df", "fit", "on_hull", "elbow"]
    assert list(found.hull.to_frame().columns) == [*WHERE, *columns]
    columns = ["measure", "item", "value", "df", "p", "n"]
    assert list(found.adequacy.to_frame().columns) == [*WHERE, *columns]
    json.dumps(found.to_dict())


def test_text_fits_and_kaisers_criterion_is_no_row() -> None:
    found = retain(people(), resamples=20)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert "eigenvalues above 1: 6 (Kaiser's criterion" in flat
    assert "permutation, 20 resamples, quantile 0.95, seed 1" in flat
    assert not [row for row in found.methods.rows if row["method"].startswith("kaiser")]
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize(("factors", "items"), [(1, 8), (2, 10), (3, 15)])
def test_clear_factors_are_counted_by_every_method(factors: int, items: int) -> None:
    r = sample(simple_structure(items, factors, 0.75, 0.2), 1500, seed=factors)
    found = numbers(retain(moments_of(r, 1500), resamples=100))
    assert found.pop("parallel_common_factors") in (factors, factors + 1)
    if found["hull_cfi"] is None:
        del found["hull_cfi"]
    assert set(found.values()) == {factors}, found


def test_parallel_analysis_of_independent_items_suggests_none() -> None:
    found = [
        numbers(retain(moments_of(sample(np.eye(8), 200, seed), 200), resamples=100, seed=seed))
        for seed in range(40)
    ]
    for method in ("parallel_components", "parallel_common_factors"):
        wrong = sum(one[method] != 0 for one in found)
        assert wrong <= 6, f"{wrong} of 40 above the 95th percentile"
    scale = scale_of([f"q{at}" for at in range(8)])
    loose = ps.simulate(scale, n=300, seed=4, loading=0.0)
    for metric in ("raw", "polychoric"):
        one = numbers(retain(loose, metric=metric, resamples=100))
        assert one["parallel_components"] == 0


def test_seeds_reproduce() -> None:
    made = ps.simulate("gad7", n=150, seed=5)
    for metric in ("raw", "polychoric"):
        asked: dict[str, Any] = {"metric": metric, "resamples": 30}
        one, same, other = (retain(made, seed=seed, **asked) for seed in (11, 11, 12))
        assert one.to_dict() == same.to_dict()
        assert one.eigenvalues.rows != other.eigenvalues.rows
        assert one.seed == 11


def test_the_order_and_keying_of_items_do_not_matter() -> None:
    order = np.random.default_rng(1).permutation(25)
    sign = np.where(np.arange(25) % 3 == 0, -1.0, 1.0)
    r = (correlation() * np.outer(sign, sign))[np.ix_(order, order)]
    one = retain(moments_of(correlation(), 2436), resamples=30)
    other = retain(moments_of(r, 2436), resamples=30)
    assert numbers(one) == numbers(other)
    for name in ("eigenvalues", "partials", "hull"):
        for left, right in zip(getattr(one, name).rows, getattr(other, name).rows, strict=True):
            for key in left:
                if isinstance(left[key], float) and np.isfinite(left[key]):
                    assert left[key] == pytest.approx(right[key], rel=1e-6, abs=1e-9)


def test_permuted_answers_keep_their_distribution_and_lose_the_rest() -> None:
    (r,) = parallel.permuted(answers()[:400], 60, np.random.default_rng(3))
    assert r.shape == (60, 25, 25)
    off = r[:, *np.triu_indices(25, 1)]
    assert abs(off.mean()) < 4 / np.sqrt(off.size * 399)
    assert off.std() == pytest.approx(1 / np.sqrt(399), rel=0.02)
    assert apart(r[:, 0, 0], np.ones(60)) == 0


def test_normal_and_permutation_references_agree_for_many_people() -> None:
    generator = np.random.default_rng(4)
    kinds = [
        parallel.reference_eigenvalues(matrices)
        for matrices in (
            parallel.permuted(answers(), 150, generator),
            parallel.normal(25, len(answers()), 150, generator),
        )
    ]
    for kind in parallel.KINDS:
        one, other = (found[kind].mean(axis=0) for found in kinds)
        assert apart(one, other) < 0.01


def test_polychoric_references_agree_for_many_people_and_are_wider_than_normal() -> None:
    scale = scale_of([f"q{at}" for at in range(6)])
    shares = dict.fromkeys(scale.options, (0.75, 0.15, 0.07, 0.03))
    made = ps.simulate(scale, n=3000, seed=6, probabilities=shares)
    patterns = made.blocks["tiny"].patterns()
    rows = patterns.rows, patterns.counts, patterns.categories
    generator = np.random.default_rng(5)
    permuted = np.concatenate(list(parallel.permuted_ordinal(*rows, 150, generator)))
    drawn = np.concatenate(list(parallel.normal_ordinal(pair_counts(*rows), 2000, generator)))
    pairs = np.triu_indices(6, 1)
    spreads = [r[:, *pairs].std() for r in (permuted, drawn)]
    assert spreads[0] == pytest.approx(spreads[1], rel=0.05)
    assert spreads[0] > 1.2 / np.sqrt(3000), "a normal reference would find too many factors"
    found = retain(made, metric="polychoric", reference="normal", resamples=50)
    assert found.methods.rows[0]["reference"] == "normal"


def test_with_many_people_the_reference_is_the_normal_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = ps.simulate("phq9", n=260, seed=2)
    assert retain(made, resamples=20).methods.rows[0]["reference"] == "permutation"
    monkeypatch.setattr(parallel, "MOST_PERMUTED", 250)
    assert retain(made, resamples=20).methods.rows[0]["reference"] == "normal"
    asked = retain(made, resamples=20, reference="permutation")
    assert asked.methods.rows[0]["reference"] == "permutation"


def test_chunks_are_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "CELLS", 5_000)
    generator = np.random.default_rng(1)
    for matrices in (
        parallel.normal(10, 50, 73, generator),
        parallel.permuted(answers()[:100, :10], 73, generator),
    ):
        parts = list(matrices)
        assert len(parts) > 1
        assert sum(map(len, parts)) == 73


def test_eigenvalues_stop_counting_at_the_first_that_is_not_above() -> None:
    assert above(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0])) == 1
    assert above(np.array([0.5, 2.0]), np.array([1.0, 1.0])) == 0
    assert above(np.array([3.0, 2.0]), np.array([1.0, 1.0])) == 2


def test_common_factor_eigenvalues_have_multiple_correlations_on_the_diagonal() -> None:
    r = correlation()
    smc = 1 - 1 / np.diag(np.linalg.inv(r))
    wanted = np.linalg.eigvalsh(r - np.diag(1 - smc))[::-1]
    assert apart(parallel.eigenvalues(r, "common_factors"), wanted) < 1e-12
    assert parallel.eigenvalues(r, "common_factors").sum() == pytest.approx(smc.sum())
    assert parallel.eigenvalues(np.stack([r, r]), "components").shape == (2, 25)


def test_the_reference_of_empirical_kaiser_of_nothing_is_that_of_marchenko_and_pastur() -> None:
    found = references(np.ones(10), 90)
    assert apart(found, np.full(10, (1 + np.sqrt(10 / 90)) ** 2)) < 1e-12
    assert (references(np.array([4.0, 0.5, 0.5, 0.5, 0.5]), 500)[1:] == 1).all()


def test_partial_correlations_of_one_perfect_component() -> None:
    r = simple_structure(6, 1, 0.8, 0.0)
    found = average_partials(r)
    assert found[0] == pytest.approx(0.64**2)
    assert fewest(found) == 1
    assert average_partials(r, 4)[0] == pytest.approx(0.64**4)


def test_kmo_of_one_strong_factor_is_near_one_and_of_none_refused() -> None:
    assert kmo(simple_structure(20, 1, 0.9, 0.0))[0] > 0.97
    with pytest.raises(RefusalError, match="no item correlates"):
        kmo(np.eye(4))
    assert bartlett(np.eye(4), 60) == (0.0, 6, 1.0)
    with pytest.raises(RefusalError, match="positive definite"):
        bartlett(np.ones((3, 3)), 60)
    with pytest.raises(RefusalError, match="3 people are too few"):
        bartlett(correlation(), 3)


def test_a_hull_of_exact_factors_has_its_elbow_there() -> None:
    r = sample(simple_structure(12, 3, 0.7, 0.1), 4000, seed=2)
    assert hull(r, 5).factors == 3
    assert hull(r, 5, 4000).factors == 3
    one = hull(simple_structure(6, 1, 0.7, 0.0), 1)
    assert one.factors == 1
    assert np.isnan(one.elbow).all()
    with pytest.raises(RefusalError, match="CFI is 1 from 3 factors on"):
        hull(simple_structure(12, 3, 0.7, 0.1), 5, 300)


def test_pairs_of_different_people() -> None:
    made = ps.simulate("phq9", n=200, seed=8, missing=0.05)
    found = retain(made, missing="pairwise", resamples=30)
    notes = " ".join(found.methods.notes)
    assert "that of the smallest pair" in notes
    first = found.methods.rows[0]
    assert first["reference"] == "normal"
    assert 150 < first["n"] < 200
    refused = {row["method"]: row["note"] for row in found.methods.rows if row["factors"] is None}
    assert list(refused) == ["hull_cfi"]
    assert "different people" in refused["hull_cfi"]
    assert "different people" in found.adequacy.notes[0]
    with pytest.raises(RefusalError, match="a permutation needs complete answers"):
        retain(made, missing="pairwise", reference="permutation", resamples=30)
    poly = retain(made, missing="pairwise", metric="polychoric", resamples=20)
    assert poly.methods.rows[0]["reference"] == "permutation"


def test_refusals() -> None:
    made = ps.simulate("gad7", n=100, seed=1)
    with pytest.raises(UnknownNameError, match="reference"):
        retain(made, reference="bootstrap")  # type: ignore[arg-type]
    with pytest.raises(RefusalError, match="three items or more"):
        retain(ps.simulate("phq2", n=100, seed=1))
    with pytest.raises(ValueError, match="resamples is 20"):
        retain(made, resamples=5)
    with pytest.raises(ValueError, match="quantile"):
        retain(made, quantile=95)
    poly = replace(moments_of(correlation(), 9), metric="polychoric")
    with pytest.raises(RefusalError, match="needs the answers, not moments"):
        retain(poly, metric="polychoric")
    with pytest.raises(RefusalError, match="8 people are too few"):
        retain(moments_of(np.eye(7), 8))


def test_a_matrix_without_an_inverse_leaves_what_can_be_said() -> None:
    r = simple_structure(6, 1, 0.7, 0.0)
    r[0, 1] = r[1, 0] = 1.0
    found = retain(moments_of(r, 400), resamples=30)
    refused = [row["method"] for row in found.methods.rows if row["factors"] is None]
    assert refused == ["parallel_common_factors", "hull_caf", "hull_cfi"]
    assert "not positive definite" in found.adequacy.notes[0]
    assert len(found.plot().axes[0].lines) == 3


def test_the_picture_shows_eigenvalues_and_references() -> None:
    found = retain(people(), resamples=30)
    (axes,) = found.plot().axes
    frame = found.eigenvalues.to_frame()
    lines = iter(axes.lines)
    for kind in parallel.KINDS:
        part = frame[frame["kind"] == kind]
        for column in ("observed", "reference_quantile"):
            assert apart(next(lines).get_ydata(), part[column]) == 0
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[:1] == ["components: 5"]
    assert labels[-1] == "95th percentile of the reference (dashed)"
