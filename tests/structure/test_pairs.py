"""Counts of pairs: three ways to the same cross tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychoscales.engines.structure import pairs
from psychoscales.engines.structure.pairs import pair_counts, resampled_pair_counts
from tests.counting.making import patterns_of
from tests.structure.cutting import answers

CUTS = ([-1.0, 0.0, 1.0, 1.5], [0.3], [-0.5, 0.5], [0.1, 0.9], [-1.2], [0.0, 0.4, 0.8])
SIZES = [5, 2, 3, 3, 2, 4]


def rows(missing: float, n: int = 900) -> Any:
    found = answers(n, CUTS, loading=0.6, seed=3)
    found[np.random.default_rng(4).random(found.shape) < missing] = -1
    return found


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("levels", [6, 40, 400])
def test_both_ways_of_counting_give_what_a_loop_gives(
    missing: float, levels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = patterns_of(rows(missing), SIZES)
    quick = pair_counts(counted.rows, counted.counts, SIZES)
    monkeypatch.setattr(pairs, "SMALL", 0)
    monkeypatch.setattr(pairs, "LEVELS", levels)
    coded = pair_counts(counted.rows, counted.counts, SIZES)
    assert np.array_equal(quick.tables, coded.tables)
    assert np.array_equal(quick.margins, coded.margins)
    x, at = rows(missing), 0
    for i in range(6):
        assert np.array_equal(coded.margins[i], np.bincount(x[:, i] + 1, minlength=6)[1:6])
        for j in range(i + 1, 6):
            both = (x[:, i] >= 0) & (x[:, j] >= 0)
            table = np.zeros((5, 5), dtype=int)
            np.add.at(table, (x[both, i], x[both, j]), 1)
            assert np.array_equal(coded.tables[at], table)
            at += 1
    assert at == len(coded.tables) == 15


def test_resamples_are_counted_like_their_rows() -> None:
    counted = patterns_of(rows(0.05, 120), SIZES)
    weights = np.random.default_rng(5).multinomial(
        120, counted.counts / counted.counts.sum(), size=7
    )
    found = resampled_pair_counts(counted.rows, weights, SIZES)
    for at in range(7):
        wanted = pair_counts(counted.rows, weights[at], SIZES)
        assert np.array_equal(found.tables[at], wanted.tables)
        assert np.array_equal(found.margins[at], wanted.margins)
