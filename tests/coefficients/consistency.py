"""Covariance matrices to try coefficients on: those of the goldens, and made ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GOLDEN = Path(__file__).parents[1] / "golden" / "consistency"
SETS = ("bfi_N", "bfi_A", "bfi_E", "bfi_C", "bfi_O", "ability16", "hs9", "three", "two")
LOADINGS = (0.9, 0.4, 0.7, 1.3, 0.55, 0.8)
ERRORS = (0.5, 0.9, 1.1, 0.6, 0.3, 1.4)


@cache
def goldens() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
    return found


def golden(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = goldens()["data_sets"][name]
    return found


def covariance(name: str) -> Floats:
    """Return the covariance matrix of a golden set."""
    path = GOLDEN / f"cov_{name}.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float64)


def correlation(name: str) -> Floats:
    cov = covariance(name)
    sd = np.sqrt(np.diag(cov))
    r: Floats = cov / np.outer(sd, sd)
    return r


def parallel(k: int, r: float, variance: float) -> Floats:
    """Return covariances of parallel items that correlate `r`."""
    cov: Floats = variance * ((1 - r) * np.eye(k) + r * np.ones((k, k)))
    return cov


def one_factor(loadings: Any = LOADINGS, errors: Any = ERRORS) -> Floats:
    """Return the population covariances of a one-factor model."""
    cov: Floats = np.outer(loadings, loadings) + np.diag(errors)
    return cov


def samples(k: int, many: int, seed: int, n: int = 200) -> Floats:
    """Return covariances [many, k, k] of samples of items with one strong and one weak factor."""
    rng = np.random.default_rng(seed)
    strong, weak = rng.uniform(0.4, 1.2, k), rng.uniform(-0.4, 0.4, k)
    scale = rng.uniform(0.5, 3.0, k)
    shape = (many, n, 1)
    rows = rng.standard_normal(shape) * strong + rng.standard_normal(shape) * weak
    rows = scale * (rows + rng.standard_normal((many, n, k)))
    rows -= rows.mean(axis=1, keepdims=True)
    cov: Floats = rows.transpose(0, 2, 1) @ rows / (n - 1)
    return cov
