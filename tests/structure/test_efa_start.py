"""factor_analyzer runs with the scikit-learn that is installed, and only starts the search."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from factor_analyzer import FactorAnalyzer, factor_analyzer

from psychoscales.engines.structure import extraction as room
from psychoscales.engines.structure.extraction import extraction
from psychoscales.engines.structure.start import packaged_loadings, uniquenesses
from tests.structure.bfi import Floats, apart, correlation, simple_structure


def test_its_fit_is_run_with_either_scikit_learn() -> None:
    before = factor_analyzer.check_array
    found = packaged_loadings(correlation(), 5, "minres")
    assert factor_analyzer.check_array is before, "the package was changed"
    plain = FactorAnalyzer(n_factors=5, rotation=None, method="minres", is_corr_matrix=True)
    plain._arg_checker()
    assert apart(np.abs(found), np.abs(plain._fit_factor_analysis(correlation().copy()))) < 1e-12


@pytest.mark.skipif(
    "force_all_finite" in inspect.signature(factor_analyzer.check_array).parameters,
    reason="this scikit-learn still knows the argument",
)
def test_without_it_the_fit_fails() -> None:
    plain = FactorAnalyzer(n_factors=1, rotation=None, is_corr_matrix=True)
    with pytest.raises(TypeError, match="force_all_finite"):
        plain.fit(correlation())


def test_threads_do_not_meet() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda m: packaged_loadings(correlation(), m, "ml"), [1, 3, 1, 3]))
    assert apart(found[0], found[2]) == 0
    assert apart(found[1], found[3]) == 0


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_the_end_does_not_depend_on_the_start(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = extraction(correlation(), 4, method).loadings

    def flat(r: Floats, *_: Any) -> Floats:
        return np.full(len(r), 0.35)

    monkeypatch.setattr(room, "uniquenesses", flat)
    found = extraction(correlation(), 4, method).loadings
    assert apart(np.abs(found), np.abs(wanted)) < 1e-8


def test_factor_analyzer_alone_stops_before_the_end() -> None:
    ours = extraction(correlation(), 5, "ml").loadings
    theirs = packaged_loadings(correlation(), 5, "ml")
    far = apart((ours**2).sum(axis=1), (theirs**2).sum(axis=1))
    assert 1e-9 < far < 1e-3


def test_long_scales_start_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Floats:
        raise AssertionError("factor_analyzer was asked")

    monkeypatch.setattr("psychoscales.engines.structure.start.packaged_loadings", never)
    r = simple_structure(60, 3, 0.6, 0.2)
    assert apart(uniquenesses(r, 3, "ml"), 1 / np.diag(np.linalg.inv(r))) < 1e-12
    with pytest.raises(AssertionError, match="asked"):
        uniquenesses(r[:12, :12], 3, "ml")
    found = extraction(r, 3, "ml").loadings
    assert apart((found**2).sum(axis=1), np.full(60, 0.36)) < 1e-8
