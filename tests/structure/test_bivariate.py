"""Bivariate normal probabilities: another road to them, and identities of the distribution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtr

from psychoscales.engines.structure.bivariate import (
    angle_integral,
    bivariate_cdf,
    bivariate_density,
    shortfall,
)
from tests.structure.cutting import owen

GOLDEN = Path(__file__).parents[1] / "golden" / "polychoric" / "expected.json"


def points(n: int, seed: int) -> tuple[Any, Any, Any]:
    """Points of which many are nearly equal, or opposite, and strong correlations among them."""
    rng = np.random.default_rng(seed)
    h, k = 2 * rng.standard_normal((2, n))
    near = rng.random(n) < 0.3
    k[near] = h[near] + 10.0 ** -rng.uniform(0, 8, near.sum())
    k[rng.random(n) < 0.2] *= -1
    return h, k, np.tanh(1.5 * rng.standard_normal(n))


def test_probabilities_are_those_by_owens_t() -> None:
    h, k, rho = points(40_000, 11)
    assert (np.abs(rho) > 0.925).sum() > 2000
    assert np.abs(bivariate_cdf(h, k, rho) - owen(h, k, rho)).max() < 2e-14
    mild = np.abs(rho) < 0.99
    assert np.abs(bivariate_cdf(h, k, rho) - owen(h, k, rho))[mild].max() < 1e-15


def test_probabilities_are_those_of_mnormt() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["bivariate"]
    found = bivariate_cdf(golden["h"], golden["k"], golden["r"])
    assert len(found) == 34
    assert np.abs(found - golden["p"]).max() < 1e-14


@pytest.mark.parametrize("rho", [0.99999, 1 - 1e-9, -0.999999])
@pytest.mark.parametrize(("h", "k"), [(0.4, 0.4), (0.3, 0.3001), (-1.2, 1.2), (1.0, -0.999)])
def test_nearly_perfect_correlations(h: float, k: float, rho: float) -> None:
    root = np.sqrt((1 - rho) * (1 + rho))

    def conditional(x: float) -> float:
        return float(np.exp(-x * x / 2) * ndtr((k - rho * x) / root))

    # Around k / rho the integrand falls from the density to nothing, or rises.
    ends = np.array([-12, k / rho - 10 * root, k / rho, k / rho + 10 * root, h]).clip(-12, h)
    parts = [
        quad(conditional, low, high, epsabs=1e-15, limit=200)[0]
        for low, high in zip(np.sort(ends)[:-1], np.sort(ends)[1:], strict=True)
    ]
    assert abs(bivariate_cdf(h, k, rho) - sum(parts) / np.sqrt(2 * np.pi)) < 1e-13


def test_at_the_origin_it_is_an_angle() -> None:
    rho = np.array([-1, -0.97, -0.5, 0, 0.2, 0.8, 0.93, 1])
    wanted = 0.25 + np.arcsin(rho) / (2 * np.pi)
    assert np.abs(bivariate_cdf(0.0, 0.0, rho) - wanted).max() < 1e-15


def test_limits() -> None:
    h = np.array([-1.3, 0.2, 2.5])
    assert np.array_equal(bivariate_cdf(h, np.inf, 0.7), ndtr(h))
    assert not bivariate_cdf(h, -np.inf, -0.95).any()
    assert np.allclose(bivariate_cdf(h, 0.5, 1.0), ndtr(np.minimum(h, 0.5)), rtol=0, atol=1e-15)
    expected = np.maximum(0, ndtr(h) + ndtr(0.5) - 1)
    assert np.allclose(bivariate_cdf(h, 0.5, -1.0), expected, rtol=0, atol=1e-15)
    assert np.allclose(bivariate_cdf(h, 0.5, 0.0), ndtr(h) * ndtr(0.5), rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="between -1 and 1"):
        bivariate_cdf(h, 0.5, 1.01)
    with pytest.raises(ValueError, match="between -1 and 1"):
        bivariate_cdf(h, 0.5, np.nan)


def test_symmetry_and_reflection() -> None:
    h, k, rho = points(5000, 12)
    first = bivariate_cdf(h, k, rho)
    assert np.abs(first - bivariate_cdf(k, h, rho)).max() < 1e-15
    assert np.abs(first + bivariate_cdf(h, -k, -rho) - ndtr(h)).max() < 1e-15


def test_shapes_are_broadcast() -> None:
    table = bivariate_cdf(np.array([[0.1], [0.9]]), np.array([-1.0, 0.3, 2.0]), 0.6)
    assert table.shape == (2, 3)
    assert table[1, 2] == bivariate_cdf(0.9, 2.0, 0.6)
    assert bivariate_cdf(0.9, 2.0, 0.6).shape == ()


def test_the_density_is_the_slope_and_has_its_own() -> None:
    h, k, rho = points(400, 13)
    rho = 0.9 * rho
    density, slope = bivariate_density(h, k, rho)
    step = 1e-4
    rise = bivariate_cdf(h, k, rho + step) - bivariate_cdf(h, k, rho - step)
    assert np.abs(rise / (2 * step) - density).max() < 1e-4
    up, down = bivariate_density(h, k, rho + step)[0], bivariate_density(h, k, rho - step)[0]
    assert np.abs((up - down) / (2 * step) - slope).max() < 1e-3 * np.abs(slope).max()


def test_a_short_way_is_integrated_with_few_nodes() -> None:
    h, k, _ = points(200, 14)
    start, stop = np.full(200, np.arcsin(0.6)), np.full(200, np.arcsin(0.63))
    change = angle_integral((h * k)[:, None], (0.5 * (h * h + k * k))[:, None], start, stop, 6)
    wanted = owen(h, k, 0.63) - owen(h, k, 0.6)
    assert np.abs(change[:, 0] - wanted).max() < 1e-15


@pytest.mark.parametrize(
    ("h", "k", "rho"),
    [(-1.5, 1.5, 0.9), (-2.0, 1.0, 0.96), (0.5, -1.0, 0.99), (-1.0, -2.0, -0.97), (-2.0, 0.0, 0.8)],
)
def test_shortfalls_have_a_small_relative_error(h: float, k: float, rho: float) -> None:
    low, high = sorted((h, k if rho > 0 else -k))
    strength = abs(rho)
    root = np.sqrt(1 - rho * rho)
    area = quad(
        lambda x: np.exp(-x * x / 2 + log_ndtr((strength * x - high) / root)),
        low - 8,
        low,
        points=[low - 0.5, low - 0.1],
        epsabs=0,
        epsrel=1e-12,
    )[0] / np.sqrt(2 * np.pi)
    found = float(shortfall(np.array([h]), np.array([k]), np.array([rho]))[0])
    assert area < 1e-4
    assert abs(found / area - 1) < 1e-10
