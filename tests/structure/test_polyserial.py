"""The polyserial correlation: laws, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from psychoscales.engines.structure.polyserial import polyserial
from psychoscales.errors import RefusalError


def sample(n: int, rho: float, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    y = rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(n)
    return 50 + 10 * x, np.searchsorted([-0.7, 0.4, 1.3], y).astype(np.int8)


@pytest.mark.parametrize("rho", [-0.85, 0.0, 0.6])
def test_a_large_sample_gives_about_its_correlation(rho: float) -> None:
    values, positions = sample(40_000, rho, 3)
    found = polyserial(values, positions)
    assert found.se is not None
    assert abs(found.correlation - rho) < 4 * found.se < 0.03
    assert np.abs(np.array(found.thresholds) - [-0.7, 0.4, 1.3]).max() < 0.04
    assert abs(polyserial(values, positions, method="ad_hoc").correlation - rho) < 0.03


def test_standard_errors_are_those_of_samples() -> None:
    found = [polyserial(*sample(300, 0.6, seed)) for seed in range(300)]
    spread = np.std([each.correlation for each in found])
    assert abs(np.mean([each.se or 0 for each in found]) / spread - 1) < 0.12


def test_scale_and_direction() -> None:
    values, positions = sample(500, 0.5, 4)
    first = polyserial(values, positions)
    scaled = polyserial(0.01 * values - 3, positions)
    assert abs(scaled.correlation - first.correlation) < 1e-12
    turned = polyserial(values, (3 - positions).astype(np.int8))
    assert abs(turned.correlation + first.correlation) < 1e-12
    assert np.allclose(turned.thresholds, [-cut for cut in first.thresholds[::-1]], atol=1e-13)
    assert turned.se == pytest.approx(first.se, rel=1e-10)


@pytest.mark.parametrize("method", ["two_step", "ad_hoc"])
def test_weights_are_people(method: str) -> None:
    values, positions = sample(200, 0.4, 5)
    values = np.round(values)
    people = np.random.default_rng(6).integers(1, 4, 200)
    found = polyserial(values, positions, people, method=method)
    wanted = polyserial(np.repeat(values, people), np.repeat(positions, people), method=method)
    assert found.correlation == pytest.approx(wanted.correlation, rel=1e-11)
    assert found.n == wanted.n == people.sum()
    assert (found.se is None) == (method == "ad_hoc")
    if found.se is not None:
        assert found.se == pytest.approx(wanted.se, rel=1e-10)


def test_missing_numbers_and_answers_are_left_out() -> None:
    values, positions = sample(300, 0.4, 7)
    first = polyserial(values[20:], positions[20:])
    values[:12] = np.nan
    positions[10:20] = -1
    assert polyserial(values, positions) == first
    assert first.n == 280


def test_what_cannot_be_estimated_is_refused() -> None:
    values, positions = sample(50, 0.5, 8)
    with pytest.raises(RefusalError, match="2 people have both"):
        polyserial(values[:2], positions[:2])
    with pytest.raises(RefusalError, match="gave the same answer"):
        polyserial(values, np.zeros(50, dtype=np.int8))
    with pytest.raises(RefusalError, match="has the same number"):
        polyserial(np.full(50, 2.0), positions)
    with pytest.raises(RefusalError, match="go together perfectly"):
        polyserial(ndtri((np.arange(50) + 0.5) / 50), (np.arange(50) > 20).astype(np.int8))
    with pytest.raises(ValueError, match="method is"):
        polyserial(values, positions, method="ml")


@pytest.mark.parametrize("heavy", [3, 1000])
def test_a_rare_answer_of_a_skewed_number_is_no_perfect_correlation(heavy: float) -> None:
    """The maximum is that of the log likelihood, written with logarithms of tails."""
    from scipy.optimize import minimize_scalar
    from scipy.stats import norm

    rng = np.random.default_rng(int(heavy))
    for n in (50, 97):
        for _ in range(15):
            z = rng.standard_t(heavy, n)
            y = 0.2 * z + rng.standard_normal(n)
            answers = (y > np.quantile(y, 0.95)).astype(np.int8)
            own = (z - z.mean()) / z.std()
            cut = norm.ppf(float((answers == 0).mean()))

            def lost(rho: float, own: Any = own, cut: float = cut, answers: Any = answers) -> float:
                u = (cut - rho * own) / np.sqrt(1 - rho * rho)
                return -float(np.where(answers == 0, norm.logcdf(u), norm.logsf(u)).sum())

            grid = np.linspace(-0.999, 0.999, 300)
            at = int(np.argmin([lost(rho) for rho in grid]))
            ends = grid[max(at - 1, 0)], grid[min(at + 1, 299)]
            best = minimize_scalar(lost, bounds=ends, method="bounded", options={"xatol": 1e-9}).x
            assert polyserial(z, answers).correlation == pytest.approx(best, abs=1e-6)
