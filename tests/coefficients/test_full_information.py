"""Omega of one factor by full information: R's numbers, and laws."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import psychoscales as ps
from psychoscales.engines.reliability import COEFFICIENTS, EVERY
from psychoscales.engines.reliability.estimation import INTERVALS, Answers, Asked, estimates
from psychoscales.engines.reliability.full_information import (
    FullInformation,
    FullInformationCoefficient,
)
from psychoscales.moments import moments
from tests.coefficients.categorical_data import (
    SETS,
    answers_to,
    counted,
    expected,
    simulated,
    table,
)
from tests.coefficients.comparing import assert_close

Floats = npt.NDArray[np.float64]
FIML = {name: one for name, one in EVERY.items() if isinstance(one, FullInformationCoefficient)}
each_fiml = pytest.mark.parametrize("one", FIML.values(), ids=FIML)
Z = 1.959963984540054


def with_holes(answers: Floats, share: float, seed: int) -> Floats:
    holed = answers.copy()
    holed[np.random.default_rng(seed).random(answers.shape) < share] = np.nan
    return holed


def fitted(answers: Floats) -> FullInformation:
    return FullInformation.of(*counted(answers))


def asked_of(one: FullInformationCoefficient, answers: Floats, asked: Asked) -> ps.Estimate:
    return estimates({one.id: one}, answers_to(answers), asked)[0]


def test_the_registry_has_them() -> None:
    assert list(FIML) == ["omega_total_fiml", "omega_total_fiml_model"]


@pytest.mark.parametrize("name", SETS)
def test_they_are_those_of_semtools(name: str) -> None:
    known, wanted = fitted(table(name)), expected()[name]
    assert known.n == wanted["n_fiml"]
    # lavaan's saturated model, which the observed form divides by, stops earlier than its fits.
    for id_, tolerance in (("omega_total_fiml", 1e-5), ("omega_total_fiml_model", 1e-7)):
        assert_close(FIML[id_].value(known), wanted[id_], id_, tolerance)
    low, high = FIML["omega_total_fiml_model"].ends("distribution_free", 0.0, known, 0.95)
    n = known.n
    # The sandwich divides by n, the interval by n - 1.
    se = (high - low) / (2 * Z) * np.sqrt((n - 1) / n)
    assert_close(se, wanted["omega_total_fiml_model_se"], "standard error", 1e-5)


@pytest.mark.parametrize("name", SETS)
def test_the_variance_extracted_is_that_of_lavaan(name: str) -> None:
    answers = answers_to(table(name))
    one = COEFFICIENTS["ave"]
    assert_close(one.of(answers.moments.cov), expected()[name]["ave"], "ave", 1e-7)


@pytest.mark.parametrize("name", SETS)
def test_of_complete_people_they_are_the_coefficients_of_their_covariances(name: str) -> None:
    answers = table(name)
    whole = answers[~np.isnan(answers).any(axis=1)]
    given = answers_to(whole)
    n = len(whole)
    for mine, plain in (
        ("omega_total_fiml", "omega_total_ml"),
        ("omega_total_fiml_model", "omega_total_ml_model"),
    ):
        found, wanted = estimates({mine: EVERY[mine], plain: EVERY[plain]}, given, Asked())
        assert found.value == pytest.approx(wanted.value, rel=1e-9)
        assert found.high is not None
        assert wanted.high is not None
        assert found.value is not None
        assert wanted.value is not None
        ratio = (found.high - found.value) / (wanted.high - wanted.value)
        # Full information divides covariances by n, moments by n - 1.
        assert ratio == pytest.approx(n / (n - 1), rel=1e-6)


@each_fiml
def test_the_influence_is_the_change_that_a_person_makes(one: FullInformationCoefficient) -> None:
    answers = with_holes(simulated(300, 3, cuts=(-1.0, 0.0, 1.0)), 0.1, 4)
    known = fitted(answers)
    value, influence = one.value(known), known.influence(*one.slopes(known))
    patterns, values = counted(answers)
    step, compared = 1000, 0
    for row in (0, len(patterns.rows) // 2, len(patterns.rows) - 1):
        weights = patterns.counts * step
        weights[row] += 1
        again = ps.Patterns.of(
            patterns.rows, patterns.items, patterns.categories, patterns.key, weights=weights
        )
        moved = one.value(FullInformation.of(again, values))
        change = (moved - value) * (step * patterns.n + 1)
        # Rows are in the order of the sets of items that were answered: find this one.
        answered = patterns.rows[row] >= 0
        held = np.array(values)[np.arange(4), patterns.rows[row]]
        at = 0
        for each in known.sample.seen:
            if each.items.tolist() == np.flatnonzero(answered).tolist():
                place = np.flatnonzero((each.values == held[answered]).all(axis=1))
                expected_change = influence[at + int(place[0])]
                assert change == pytest.approx(float(expected_change), rel=0.02, abs=1e-3)
                compared += 1
            at += len(each.values)
    assert compared == 3


@each_fiml
def test_answers_that_are_missing_at_random_are_made_up_for(
    one: FullInformationCoefficient,
) -> None:
    whole = simulated(20_000, 5, cuts=(-1.0, -0.3, 0.3, 1.0))
    selected = whole.copy()
    # Who has a low first answer leaves out the last two, mostly: complete people are a selection.
    low = (whole[:, 0] <= 1) & (np.random.default_rng(1).random(len(whole)) < 0.9)
    selected[low, 2:] = np.nan
    wanted = asked_of(one, whole, Asked(None)).value
    found = asked_of(one, selected, Asked(None))
    of_complete = asked_of(one, selected[~low], Asked(None)).value
    assert wanted is not None
    assert found.value is not None
    assert of_complete is not None
    assert found.value == pytest.approx(wanted, abs=0.01)
    assert abs(of_complete - wanted) > 0.025
    assert (found.n, found.missing) == (20_000, "fiml")


@each_fiml
def test_an_interval_that_there_is_and_those_there_are_not(
    one: FullInformationCoefficient,
) -> None:
    answers = with_holes(simulated(250, 6), 0.1, 2)
    for interval in INTERVALS:
        found = asked_of(one, answers, Asked(interval, 0.9, 100, 1))
        assert found.value is not None
        if interval == "distribution_free":
            assert found.low is not None
            assert found.high is not None
            assert found.low < found.value < found.high
            assert (found.method, found.level, found.seed) == (interval, 0.9, None)
            continue
        assert found.low is None
        assert found.note is not None
        assert "ask for interval='distribution_free'" in found.note


@each_fiml
def test_pairwise_moments_do_not_change_them(one: FullInformationCoefficient) -> None:
    patterns, values = counted(with_holes(simulated(250, 7), 0.1, 3))
    found = [
        estimates({one.id: one}, Answers.of(moments(patterns, values, rule), patterns, values), to)
        for rule in ("complete", "pairwise")
        for to in (Asked(),)
    ]
    assert found[0] == found[1]
    assert found[0][0].low is not None


@each_fiml
def test_people_without_any_answer_are_nobody(one: FullInformationCoefficient) -> None:
    answers = with_holes(simulated(250, 8), 0.1, 3)
    blank = np.vstack([answers, np.full((40, 4), np.nan)])
    kept = int((~np.isnan(answers)).any(axis=1).sum())
    found, wanted = (asked_of(one, each, Asked()) for each in (blank, answers))
    assert (found.n, wanted.n) == (kept, kept)
    assert found.value == pytest.approx(wanted.value, rel=1e-9)
    assert found.low == pytest.approx(wanted.low, rel=1e-9)


def test_refusals_say_what_is_wrong() -> None:
    two = simulated(200, 9)[:, :2]
    r = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.2], [0.6, 0.2, 1.0]])
    latent = np.random.default_rng(1).standard_normal((500, 3)) @ np.linalg.cholesky(r).T
    heywood = np.digitize(latent, np.linspace(-2, 2, 9)).astype(np.float64)
    apart = simulated(200, 10)
    apart[:100, 0] = np.nan
    apart[100:, 1] = np.nan
    for answers, why in (
        (two, "needs 3 items or more"),
        (heywood, r"Heywood case: .*i1"),
        (apart, "answered by fewer than two people"),
    ):
        with pytest.raises(ps.RefusalError, match=why):
            fitted(answers)


def test_moments_alone_are_refused() -> None:
    known = answers_to(simulated(100, 1)).moments
    (found,) = estimates({"x": FIML["omega_total_fiml"]}, Answers(known), Asked())
    assert found.note == "it needs answers or patterns, not only moments"
