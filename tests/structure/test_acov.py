"""Asymptotic covariances: closed forms, derivatives of the estimates, resamples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import norm

from psychoscales.engines.structure.ordinal import Ordinal
from psychoscales.engines.structure.pairs import pairs_of, resampled_pair_counts
from psychoscales.engines.structure.polychoric import ordinal, polychorics
from tests.counting.making import patterns_of
from tests.structure.cutting import answers, pair_of, table_of

CUTS = ([-0.8, 0.3, 1.0], [0.4], [-0.6, 0.5], [0.3, 1.0, 1.4])
SIZES = [len(cuts) + 1 for cuts in CUTS]


def acov_of(found: Ordinal) -> Any:
    assert found.acov is not None
    return found.acov


def test_thresholds_of_an_item_vary_like_proportions() -> None:
    found = ordinal(patterns_of(answers(500, CUTS, loading=0.7, seed=2), SIZES))
    at = 0
    for cuts in found.thresholds:
        below, density = ndtr(cuts), norm.pdf(cuts)
        wanted = np.minimum.outer(below, below) - np.outer(below, below)
        wanted /= np.outer(density, density)
        block = acov_of(found)[at : at + len(cuts), at : at + len(cuts)]
        assert np.allclose(block, wanted, rtol=1e-10)
        at += len(cuts)
    assert len(acov_of(found)) == at + 6


def test_thresholds_of_two_items_vary_like_their_cross_table() -> None:
    rows = answers(500, CUTS, loading=0.7, seed=2)
    found = ordinal(patterns_of(rows, SIZES))
    first, second = found.thresholds[0], found.thresholds[2]
    for a, low in enumerate(first):
        for b, high in enumerate(second):
            both = float(((rows[:, 0] <= a) & (rows[:, 2] <= b)).mean())
            wanted = (both - ndtr(low) * ndtr(high)) / (norm.pdf(low) * norm.pdf(high))
            assert np.isclose(acov_of(found)[a, 4 + b], wanted, rtol=1e-10)


@pytest.mark.parametrize("rho", [-0.8, 0.35, 0.75])
def test_influences_are_derivatives_of_the_estimates(rho: float) -> None:
    """In a population, what one more person of a kind changes, squared and averaged over kinds."""
    population = table_of(rho, [-0.4, 0.9], [-0.1, 0.5, 1.2])
    people = np.rint(1e12 * population).astype(np.int64)
    kinds = np.argwhere(people > 0)
    found = ordinal(patterns_of(kinds, [3, 4], weights=people[people > 0]))
    step, changes = 1e-6, []
    for kind in kinds:
        ends = []
        for sign in (1, -1):
            moved = population * (1 - sign * step)
            moved[tuple(kind)] += sign * step
            ends.append(moved)
        estimates = polychorics(pair_of(*ends), zero_cells="none")
        values = [
            [*cuts[0, :2], *cuts[1, :3], r[0, 1]]
            for cuts, r in zip(estimates.thresholds, estimates.correlation, strict=True)
        ]
        changes.append((np.array(values[0]) - values[1]) / (2 * step))
    weights = population[tuple(kinds.T)]
    wanted = (np.array(changes) * weights[:, None]).T @ np.array(changes)
    scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert np.abs((acov_of(found) - wanted) / scale).max() < 1e-5


def test_resamples_vary_as_much() -> None:
    patterns = patterns_of(answers(800, CUTS, loading=0.7, seed=6), SIZES)
    found = ordinal(patterns)
    weights = np.random.default_rng(7).multinomial(800, patterns.counts / 800, size=1000)
    batch = polychorics(resampled_pair_counts(patterns.rows, weights, SIZES))
    first, second = pairs_of(4)
    spread = batch.correlation[:, first, second].std(axis=0)
    assert np.allclose(spread, found.correlation_se[first, second], rtol=0.12)
    assert np.allclose(batch.thresholds[:, 3].std(axis=0), found.threshold_se[3], rtol=0.12)


def test_people_with_fewer_answers_make_estimates_more_certain() -> None:
    rows = answers(900, CUTS, loading=0.7, seed=12)
    rows[:300, 2:] = -1
    complete = ordinal(patterns_of(rows, SIZES))
    pairwise = ordinal(patterns_of(rows, SIZES), missing="pairwise")
    assert complete.people == 600
    assert pairwise.people == 900
    gain = pairwise.correlation_se / (complete.correlation_se + np.eye(4))
    assert abs(gain[0, 1] - np.sqrt(600 / 900)) < 0.05
    assert abs(gain[2, 3] - 1) < 0.05
    ratio = pairwise.threshold_se[0] / complete.threshold_se[0]
    assert np.all(np.abs(ratio - np.sqrt(600 / 900)) < 0.05)
    assert np.allclose(pairwise.threshold_se[3], complete.threshold_se[3], rtol=1e-10)


def test_it_is_symmetric_and_positive() -> None:
    acov = acov_of(ordinal(patterns_of(answers(500, CUTS, loading=0.5, seed=3), SIZES)))
    assert np.array_equal(acov, acov.T)
    assert np.linalg.eigvalsh(acov)[0] > 0
