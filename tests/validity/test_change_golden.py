"""Change agrees with R: glm, pROC and formulas written again (golden/change)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychoscales.engines.validity.change import (
    METHODS,
    SDC,
    auc,
    clinical_cutoff,
    effect_size,
    mean_change,
    mic,
    minimal_changes,
    observed,
    polyserial_r,
    reliable,
    spearman_r,
    standardized_response_mean,
)
from psychoscales.engines.validity.change.occasions import People
from psychoscales.results import Estimate
from tests.coefficients.comparing import assert_close
from tests.validity.change_data import columns, golden, known

OPTIMISED = 1e-6
LOGISTIC = 1e-8
NONCENTRAL = 1e-8
NAMES = ("sai", "made")


def three(estimate: Estimate) -> list[Any]:
    return [estimate.value, estimate.low, estimate.high]


def effects(name: str) -> int:
    """Compare mean change, effect size and response mean; return how many numbers were."""
    of, wanted = known(name), golden()[name]
    level = wanted["level"]
    assert of.n == wanted["n"]
    found = mean_change(of.change, level)
    compared = assert_close(three(found), wanted["mean_change"], "mean change")
    found = effect_size(of.before, of.change, level)
    compared += assert_close(three(found), wanted["effect_size"], "effect size")
    found = standardized_response_mean(of.change, level)
    compared += assert_close(found.value, wanted["srm"][0], "response mean")
    return compared + assert_close(three(found), wanted["srm"], "its interval", NONCENTRAL)


def bands(name: str) -> int:
    """Compare the methods of reliable change; return how many numbers were."""
    of, wanted = known(name), golden()[name]["reliable"]
    what = observed(of.before, of.after, wanted["reliability"], wanted["practice"])
    compared = assert_close([what.sem, SDC * what.sem], [wanted["sem"], wanted["sdc"]], "error")
    assert list(METHODS) == list(wanted["methods"])
    for half, (method, values) in zip(wanted["half"], wanted["methods"].items(), strict=True):
        band = METHODS[method](what, wanted["critical"])
        index = band.index(of.before, of.after, of.direction)
        compared += assert_close(band.half, half, f"{method} half")
        compared += assert_close(index[:12], values["index"], f"{method} index", 1e-9)
        compared += assert_close(np.abs(index).sum(), values["total"], f"{method} total")
        verdicts = band.verdicts(of.before, of.after, of.direction)
        assert [int((verdicts == kind).sum()) for kind in (1, 0, -1)] == values["counts"]
    clinical = float(of.before.mean()), float(of.before.std(ddof=1))
    norms = tuple(wanted["norms"])
    cuts = [clinical_cutoff(each, clinical, norms, of.direction) for each in "abc"]
    return compared + assert_close(cuts, wanted["cutoffs"], "cut-offs")


def anchored(name: str) -> int:
    """Compare what is of an anchor; return how many numbers were."""
    of, wanted = known(name), golden()[name]["anchor"]
    level, said = golden()[name]["level"], ~np.isnan(of.improved)
    some = of.some(said)
    ranks = columns(name)[2][said].astype(np.int64)
    assert (some.n, int(some.improved.sum())) == (wanted["n"], wanted["improved"])
    compared = assert_close(three(auc(some.change, some.improved, level)), wanted["auc"], "auc")
    found = spearman_r(some.change, ranks, level)
    compared += assert_close(three(found), wanted["anchor_r_spearman"], "spearman")
    value = polyserial_r(some.change, ranks, level).value
    compared += assert_close(value, wanted["anchor_r_polyserial"], "polyserial", OPTIMISED)
    rows = minimal_changes(
        of, anchor_reliability=wanted["anchor_reliability"], level=level, resamples=50, seed=2
    )
    by_name = {row.coefficient: row for row in rows}
    for cut, best in (("mic_roc_youden", "youden"), ("mic_roc_squares", "closest")):
        compared += assert_close(by_name[cut].value, np.median(wanted[best]), cut)
    for one in ("mic_predictive", "mic_adjusted", "mic_improved_adjusted"):
        compared += assert_close(by_name[one].value, wanted[one], one, LOGISTIC)
        assert by_name[one].n == wanted["n"]
    for one in ("mic_mean_change", "guyatt"):
        if wanted[one] is None:
            assert by_name[one].value is None
            assert "minimal=" in str(by_name[one].note)
        else:
            compared += assert_close(by_name[one].value, wanted[one], one)
    if wanted["guyatt"] is not None:
        assert by_name["mic_mean_change"].n == wanted["n_minimal"]
        assert by_name["guyatt"].n == wanted["n_minimal"] + wanted["n_stable"]
    return compared


@pytest.mark.parametrize("name", NAMES)
def test_effects_agree_with_r(name: str) -> None:
    assert effects(name) == 10


@pytest.mark.parametrize("name", NAMES)
def test_reliable_change_agrees_with_r(name: str) -> None:
    assert bands(name) == 2 + 6 * 14 + 3


@pytest.mark.parametrize(("name", "count"), [("sai", 14), ("made", 12)])
def test_anchored_values_agree_with_r(name: str, count: int) -> None:
    assert anchored(name) == count


def test_a_wrong_adjustment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mic.Curve, "odds", property(lambda self: np.log(self.yes.sum(1)) * 0))
    with pytest.raises(AssertionError, match="mic_predictive"):
        anchored("sai")


def test_a_wrong_divisor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_n(before: Any, after: Any, reliability: float, practice: float) -> reliable.Observed:
        right = reliable.observed(before, after, reliability, practice)
        n = len(before)
        return reliable.Observed(
            right.mean_before,
            right.sd_before * float(np.sqrt((n - 1) / n)),
            right.mean_after,
            right.sd_after,
            right.covariance,
            reliability,
            practice,
        )

    monkeypatch.setattr("tests.validity.test_change_golden.observed", with_n)
    with pytest.raises(AssertionError, match="error"):
        bands("sai")


def test_wrong_people_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    of = known("made")
    turned = People(of.before, of.after, -1, of.improved, of.minimal, of.stable)
    monkeypatch.setattr("tests.validity.test_change_golden.known", lambda _: turned)
    with pytest.raises(AssertionError):
        effects("made")


def test_jacobson_and_truax_printed_example() -> None:
    """Their couple: 32.5 before, 47.5 after, sd 7.5, reliability .80; means 40 and 60."""
    what = reliable.Observed(40.0, 7.5, 40.0, 7.5, 0.0, 0.80)
    band = METHODS["jacobson_truax"](what, 1.96)
    assert round(what.sem, 2) == 3.35
    assert round(band.error, 2) == 4.74
    assert round(float(band.index(np.array([32.5]), np.array([47.5]), 1)[0]), 2) == 3.16
    cuts = [clinical_cutoff(each, (40.0, 7.5), (60.0, 7.5), 1) for each in "abc"]
    assert cuts == [55.0, 45.0, 50.0]
