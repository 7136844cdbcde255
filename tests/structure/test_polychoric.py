"""Polychoric correlations: laws that have to hold, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.structure.likelihood import LIMIT, Tables
from psychoscales.engines.structure.ordinal import Ordinal, smooth
from psychoscales.engines.structure.pairs import PairCounts, pair_counts, resampled_pair_counts
from psychoscales.engines.structure.polychoric import ordinal, polychorics
from psychoscales.errors import RefusalError
from tests.counting.making import patterns_of
from tests.structure.cutting import answers, pair_of, table_of

CUTS = ([-1.0, 0.2, 1.1], [0.4], [-0.6, 0.5], [0.3, 1.0, 1.4], [-1.2, 0.1])
SIZES = [len(cuts) + 1 for cuts in CUTS]


def counted(n: int = 600, missing: float = 0.0, seed: int = 21) -> Patterns:
    rows = answers(n, CUTS, loading=0.7, seed=seed)
    rows[np.random.default_rng(seed).random(rows.shape) < missing] = -1
    return patterns_of(rows, SIZES)


def same(found: Ordinal, wanted: Ordinal, tolerance: float = 1e-12) -> None:
    assert np.allclose(found.correlation, wanted.correlation, rtol=0, atol=tolerance)
    for mine, theirs in zip(found.thresholds, wanted.thresholds, strict=True):
        assert np.allclose(mine, theirs, rtol=0, atol=tolerance)
    assert found.acov is not None
    assert wanted.acov is not None
    assert np.allclose(found.acov, wanted.acov, rtol=0, atol=1e3 * tolerance)


@pytest.mark.parametrize("rho", [-0.995, -0.93, -0.6, -0.05, 0.0, 0.3, 0.75, 0.925, 0.98, 0.999])
@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([0.0], [0.0]),
        ([1.3], [-0.4]),
        ([-0.5, 0.7], [0.2]),
        ([0.8, 1.4, 2.0], [0.7, 1.5, 2.1]),
        ([-2.0, -1.0, 0.0, 1.0, 2.0], [-1.5, -0.4, 0.1, 1.2, 2.5]),
    ],
)
def test_a_population_gives_its_own_correlation(
    rho: float, rows: list[float], columns: list[float]
) -> None:
    # Cells that a strong correlation leaves empty hold rounding of the reference, not people.
    population = table_of(rho, rows, columns)
    population = np.where(population > 1e-13, population, 0.0)
    found = polychorics(pair_of(population), zero_cells="none")
    tested = float(found.correlation[0, 0, 1])
    if np.count_nonzero(population) == len(rows) + len(columns) + 1:
        assert found.at_limit[0, 0]  # no two cells contradict a perfect correlation
    else:
        assert abs(tested - rho) < 1e-10
    assert np.abs(found.thresholds[0, 0, : len(rows)] - rows).max() < 1e-10


def test_of_a_thousand_times_the_people_it_is_the_same() -> None:
    population = table_of(0.55, [-0.3, 0.9], [0.1, 0.6])
    found = polychorics(pair_of(population, 1000 * population))
    assert abs(found.correlation[0, 0, 1] - found.correlation[1, 0, 1]) < 1e-14


def test_independent_answers_do_not_correlate() -> None:
    table = np.outer([4, 10], [3, 9])
    assert abs(polychorics(pair_of(table)).correlation[0, 0, 1]) < 1e-13
    table = np.outer([7, 5, 2, 9], [3, 9, 4])
    assert abs(polychorics(pair_of(table)).correlation[0, 0, 1]) < 1e-13


def test_medians_give_the_cosine() -> None:
    table = np.array([[31, 19], [19, 31]])
    wanted = -np.cos(2 * np.pi * 31 / 100)
    assert abs(polychorics(pair_of(table)).correlation[0, 0, 1] - wanted) < 1e-13


def test_order_of_items_does_not_matter() -> None:
    patterns = counted(missing=0.05)
    order = [3, 0, 4, 2, 1]
    for missing in ("complete", "pairwise"):
        first = ordinal(patterns, missing=missing)
        other = ordinal(patterns.select([patterns.items[at] for at in order]), missing=missing)
        assert np.allclose(
            other.correlation, first.correlation[np.ix_(order, order)], rtol=0, atol=1e-12
        )
        assert np.array_equal(other.n, first.n[np.ix_(order, order)])
        for at, place in enumerate(order):
            assert np.array_equal(other.thresholds[at], first.thresholds[place])
            assert np.allclose(other.threshold_se[at], first.threshold_se[place], rtol=1e-12)
        wanted = first.correlation_se[np.ix_(order, order)]
        assert np.allclose(other.correlation_se, wanted, rtol=0, atol=1e-12)


def test_a_reversed_item_changes_signs_only() -> None:
    patterns = counted()
    rows = patterns.rows.copy()
    rows[:, 3] = 3 - rows[:, 3]
    found, first = ordinal(patterns_of(rows, SIZES, weights=patterns.counts)), ordinal(patterns)
    sign = np.array([1, 1, 1, -1, 1])
    assert np.allclose(found.correlation, np.outer(sign, sign) * first.correlation, atol=1e-12)
    assert np.allclose(found.thresholds[3], -first.thresholds[3][::-1], atol=1e-14)
    assert np.allclose(found.correlation_se, first.correlation_se, rtol=0, atol=1e-12)


def test_counts_of_two_places_are_counts_of_all() -> None:
    rows = answers(700, CUTS, loading=0.6, seed=8)
    halves = patterns_of(rows[:250], SIZES) + patterns_of(rows[250:], SIZES)
    same(ordinal(halves), ordinal(patterns_of(rows, SIZES)))


def test_twice_the_people_have_smaller_standard_errors_only() -> None:
    patterns = counted()
    twice = ordinal(patterns + patterns)
    once = ordinal(patterns)
    same(twice, once)
    assert np.allclose(twice.correlation_se, once.correlation_se / np.sqrt(2), rtol=1e-10)
    assert twice.one_n == 2 * once.one_n == 1200


def test_complete_people_are_their_own_pairwise_answers() -> None:
    complete, pairwise = (ordinal(counted(), missing=rule) for rule in ("complete", "pairwise"))
    same(pairwise, complete)
    assert pairwise.one_n == complete.one_n == 600


def test_missing_answers() -> None:
    patterns = counted(missing=0.1) + patterns_of([[-1] * 5] * 4, SIZES)
    complete = ordinal(patterns)
    assert complete.one_n == patterns.complete.n
    assert complete.dropped == patterns.n - patterns.complete.n > 100
    pairwise = ordinal(patterns, missing="pairwise")
    assert pairwise.dropped >= 4
    assert pairwise.people == patterns.n - pairwise.dropped
    there = patterns.rows >= 0
    assert pairwise.n[1, 2] == patterns.counts[there[:, 1] & there[:, 2]].sum()
    assert pairwise.n[2, 2] == patterns.counts[there[:, 2]].sum()
    with pytest.raises(RefusalError, match="have no single n: 4"):
        _ = pairwise.one_n


def test_a_batch_gives_what_a_loop_gives() -> None:
    patterns = counted(200)
    weights = np.random.default_rng(9).multinomial(200, patterns.counts / 200, size=12)
    weights[5, patterns.rows[:, 3] == 2] = 0
    batch = polychorics(resampled_pair_counts(patterns.rows, weights, SIZES))
    assert batch.correlation.shape == (12, 5, 5)
    assert batch.thresholds.shape == (12, 5, 3)
    for at, people in enumerate(weights):
        sample = patterns_of(patterns.rows[people > 0], SIZES, weights=people[people > 0])
        alone = ordinal(sample, acov=False)
        assert np.allclose(batch.correlation[at], alone.correlation, rtol=0, atol=1e-12)
        for item in range(5):
            finite = batch.thresholds[at, item][np.isfinite(batch.thresholds[at, item])]
            assert np.allclose(np.unique(finite), alone.thresholds[item], rtol=0, atol=1e-13)
    assert (weights[5] > 0).any()
    assert "nobody chose option 3 of 4" in " ".join(ordinal(sample_of(patterns, weights[5])).notes)


def sample_of(patterns: Patterns, people: Any) -> Patterns:
    return patterns_of(patterns.rows, SIZES, weights=people)


def test_more_leading_axes_are_kept() -> None:
    tables = pair_of(*(table_of(rho, [0.2, 1.0], [0.5]) for rho in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)))
    shaped = PairCounts(tables.tables.reshape(2, 3, 1, 3, 3), tables.margins.reshape(2, 3, 2, 3))
    found = polychorics(shaped)
    assert found.at_limit.shape == (2, 3, 1)
    assert abs(found.correlation[1, 2, 0, 1] - 0.6) < 1e-10
    assert abs(found.correlation[0, 1, 1, 0] - 0.2) < 1e-10


def test_options_that_nobody_chose_are_left_out() -> None:
    patterns = counted()
    rows = patterns.rows.copy()
    rows[:, 0] = np.array([1, 3, 4, 6])[rows[:, 0]]
    wide = ordinal(patterns_of(rows, [8, *SIZES[1:]], weights=patterns.counts))
    same(wide, ordinal(patterns))
    assert wide.used[0] == (1, 3, 4, 6)
    assert "i1: nobody chose option 1, 3, 6, 8 of 8" in wide.notes[0]


def likelihood(counts: Any, rho: float) -> Any:
    margins = np.stack([counts.sum(2), counts.sum(1)], axis=1)
    cuts = ndtri(np.cumsum(margins, axis=2)[..., :-1] / counts.sum((1, 2))[:, None, None])
    cuts = cuts.clip(-40, 40)
    at = Tables.at(counts, cuts[:, 0], cuts[:, 1], np.full(len(counts), rho))
    logs = np.log(np.maximum(at.grids()[0], 1e-150))
    return np.where(counts > 0, counts * logs, 0.0).sum((1, 2))


def random_tables(size: int, seed: int) -> Any:
    """Tables of few and of many people, some with one person who contradicts all others."""
    rng = np.random.default_rng(seed)
    tables = np.zeros((size, 5, 5))
    for table in tables:
        n, rho = int(rng.choice([8, 20, 60, 400, 3000])), np.tanh(1.3 * rng.standard_normal())
        z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=n)
        places = [np.searchsorted(np.sort(1.2 * rng.standard_normal(4)), each) for each in z.T]
        if rng.random() < 0.2:
            places[0][0], places[1][0] = 0, 4
        np.add.at(table, tuple(places), 1)
    return tables


def test_nowhere_is_the_likelihood_larger() -> None:
    tables = random_tables(800, 5)
    found = polychorics(pair_of(*tables), zero_cells="none")
    rho, at_limit = found.correlation[:, 0, 1], found.at_limit[:, 0]
    varied = (tables.any(2).sum(1) > 1) & (tables.any(1).sum(1) > 1)
    assert np.array_equal(np.isnan(rho), ~varied)
    assert 20 < at_limit.sum() < 300
    grid = [*np.linspace(-0.995, 0.995, 100), -0.999, 0.999, -LIMIT, LIMIT]
    best = np.max([likelihood(tables, value) for value in grid], axis=0)
    highest = np.array(
        [
            float(likelihood(table[None], float(value))[0])
            for table, value in zip(tables[varied], rho[varied], strict=True)
        ]
    )
    assert (best[varied] - highest).max() < 1e-9


def test_one_person_who_contradicts_the_others_counts() -> None:
    """Where lavaan has a floor, the estimate would be as if the person were not there."""
    table = np.array([[424, 9, 0, 0, 1], [18, 73, 0, 0, 0], [0, 442, 558, 287, 0]])
    without = table.copy()
    without[0, 4] = 0
    found = polychorics(pair_of(np.vstack([table, [[0, 0, 0, 29, 159]]])))
    other = polychorics(pair_of(np.vstack([without, [[0, 0, 0, 29, 159]]])))
    assert found.correlation[0, 0, 1] < other.correlation[0, 0, 1] - 0.01


def test_perfect_association_is_refused_by_name() -> None:
    rows = np.array([[0, 0, 1], [1, 1, 0], [2, 2, 1], [2, 1, 0], [0, 0, 0], [1, 1, 1]])
    with pytest.raises(RefusalError, match=r"answers to i1 and i2 go together perfectly.*0\.9999"):
        ordinal(patterns_of(rows, 3))
    batch = polychorics(pair_counts(rows.astype(np.int8), None, [3, 3, 3]))
    assert batch.correlation[0, 1] == LIMIT
    assert batch.at_limit.tolist() == [True, False, False]
    turned = rows * [1, -1, 1] + [0, 2, 0]
    with pytest.raises(RefusalError, match=r"beyond -0\.9999"):
        ordinal(patterns_of(turned, 3))


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(RefusalError, match="needs two items"):
        ordinal(patterns_of([[0], [1]], 2))
    with pytest.raises(RefusalError, match="everybody gave the same answer to i2"):
        ordinal(patterns_of([[0, 1], [1, 1], [1, 1]], 3))
    with pytest.raises(RefusalError, match="everybody left out i2"):
        ordinal(patterns_of([[0, -1], [1, -1], [1, -1]], 3), missing="pairwise")
    rows = [[0, 1, -1], [1, 0, -1], [0, 0, 0], [1, 1, 1], [0, -1, 1]]
    with pytest.raises(RefusalError, match="2 people answered both i2 and i3"):
        ordinal(patterns_of(rows, 2), missing="pairwise")
    rows = [[0, 0, -1], [1, 0, 0], [1, 1, 0], [0, 1, -1], [1, 0, 1], [1, 1, 1], [0, 0, -1]]
    with pytest.raises(
        RefusalError, match="of i1 and i3: the people who answered both gave one and the"
    ):
        ordinal(patterns_of(rows, 2), missing="pairwise")
    with pytest.raises(RefusalError, match="thresholds of its own"):
        ordinal(counted(), zero_cells="half_margins")
    with pytest.raises(ValueError, match="zero_cells is one of lavaan, none"):
        ordinal(counted(), zero_cells="0.5")
    with pytest.raises(ValueError, match="missing is"):
        ordinal(counted(), missing="fiml")  # type: ignore[arg-type]
    with pytest.raises(RefusalError, match="were not computed"):
        _ = ordinal(counted(), acov=False).correlation_se
    assert issubclass(RefusalError, ps.PsychoscalesError)


def test_what_is_done_to_empty_cells() -> None:
    empty = np.array([[48, 25], [0, 7]])
    kept = polychorics(pair_of(empty)).correlation[0, 0, 1]
    half_moved = np.array([[-0.5, 0.5], [0.5, -0.5]])
    moved = polychorics(pair_of(empty + half_moved), zero_cells="none")
    assert abs(kept - moved.correlation[0, 0, 1]) < 1e-12
    assert polychorics(pair_of(empty), zero_cells="none").at_limit[0, 0]
    half = polychorics(pair_of(empty), zero_cells="half").correlation[0, 0, 1]
    assert 0.5 < half < 0.95
    assert abs(half - kept) > 1e-4
    mirrored = polychorics(pair_of(empty[::-1])).correlation[0, 0, 1]
    assert abs(mirrored + kept) < 1e-12


def test_two_options_of_more_are_no_two_by_two_table() -> None:
    wide = np.array([[20, 0, 3], [9, 8, 2]])
    first = polychorics(pair_of(wide)).correlation[0, 0, 1]
    assert first == polychorics(pair_of(wide), zero_cells="none").correlation[0, 0, 1]


IMPROPER = np.array([[1, 0.9, -0.3], [0.9, 1, 0.4], [-0.3, 0.4, 1]])


def improper() -> Patterns:
    """Pairs of different people, whose correlations together are those of nobody."""
    rows = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        table = np.rint(2000 * table_of(IMPROPER[i, j], [0.0, 0.8], [-0.2, 0.5])).astype(int)
        for (a, b), count in np.ndenumerate(table):
            row = [-1, -1, -1]
            row[i], row[j] = a, b
            rows += [row] * int(count)
    return patterns_of(rows, 3)


def test_an_improper_matrix_is_reported_and_smoothed_on_request_only() -> None:
    found = ordinal(improper(), missing="pairwise")
    assert found.smallest_eigenvalue < -0.1
    assert "not positive definite (smallest eigenvalue -0." in found.notes[-1]
    assert found.acov is not None
    better = found.smoothed()
    assert better.smallest_eigenvalue > 0
    assert better.acov is None
    assert "was smoothed" in better.notes[-1]
    assert np.array_equal(np.diag(better.correlation), np.ones(3))
    proper = ordinal(counted())
    assert proper.smoothed() is proper
    assert smooth(proper.correlation) is proper.correlation


def test_a_result_cannot_be_changed() -> None:
    found = ordinal(counted())
    for array in (found.correlation, found.acov, found.n, found.thresholds[0]):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
