"""Reliability of ordinal answers: R's numbers, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.reliability import COEFFICIENTS, EVERY, categorical
from psychoscales.engines.reliability.alpha import alpha
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.reliability.estimation import INTERVALS, Answers, Asked, estimates
from psychoscales.engines.reliability.latent_responses import Latent, LatentResponses
from psychoscales.engines.reliability.one_factor import minres, weighted_least_squares
from psychoscales.engines.reliability.ordinal_coefficient import OrdinalCoefficient
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import fit
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.moments import moments
from psychoscales.resampling import Counted
from tests.coefficients.categorical_data import (
    SETS,
    answers_to,
    counted,
    expected,
    latent_of,
    simulated,
    table,
)
from tests.coefficients.comparing import assert_close

Floats = npt.NDArray[np.float64]
ORDINAL = {name: one for name, one in EVERY.items() if isinstance(one, OrdinalCoefficient)}
GREEN_YANG = ("omega_categorical", "omega_categorical_model")
each_ordinal = pytest.mark.parametrize("one", ORDINAL.values(), ids=ORDINAL)
each_set = pytest.mark.parametrize("name", SETS)


def test_the_registry_has_them() -> None:
    assert list(ORDINAL) == list(categorical.ESTIMANDS)
    assert len(ORDINAL) == 5
    assert {one.metric for one in ORDINAL.values()} == {"raw", "polychoric"}


@each_set
def test_coefficients_are_those_of_semtools_and_psych(name: str) -> None:
    responses, wanted = latent_of(table(name)), expected()[name]
    assert responses.n == wanted["n"]
    compared = 0
    for one in ORDINAL.values():
        tolerance = 1e-5 if one.id == "omega_total_minres_polychoric" else 1e-7
        compared += assert_close(one.of(responses), wanted[one.id], one.id, tolerance)
    loadings = categorical.wlsmv(responses.latent).loadings
    compared += assert_close(loadings, wanted["loadings"], "loadings", 1e-7)
    assert compared == 5 + len(wanted["loadings"])


@each_set
def test_options_of_unequal_steps_are_weighed_by_their_values(name: str) -> None:
    ranks = [np.unique(column, return_inverse=True)[1] for column in complete(name).T]
    unequal = np.stack([rank * (rank + 1) / 2 for rank in ranks], axis=1)
    responses, wanted = latent_of(unequal), expected()[name]
    for id_ in GREEN_YANG:
        found = ORDINAL[id_].of(responses)
        assert_close(found, wanted["unequal"][id_], id_, 1e-6)
        if name.startswith("bfi"):
            assert abs(found - wanted[id_]) > 1e-4


def test_an_unkeyed_item_would_be_seen() -> None:
    answers = table("bfi_E").copy()
    answers[:, 0] = 7 - answers[:, 0]
    for one in ORDINAL.values():
        with pytest.raises(AssertionError):
            assert_close(one.of(latent_of(answers)), expected()["bfi_E"][one.id], one.id, 1e-4)


def complete(name: str) -> Floats:
    answers = table(name)
    return answers[~np.isnan(answers).any(axis=1)]


@each_set
def test_weighted_loadings_are_those_of_the_wlsmv_model(name: str) -> None:
    responses = latent_of(table(name))
    known = responses.ordinal
    assert known.acov is not None
    sample = ordered(known.one_n, known.thresholds, known.correlation, known.acov)
    model = specify({"f": known.names}, thresholds=[len(each) for each in known.thresholds])
    loadings = fit(model, [sample], "WLSMV").matrices[0].lam[:, 0]
    assert np.allclose(categorical.wlsmv(responses.latent).loadings, loadings, rtol=1e-7)


def test_equal_weights_are_no_weights() -> None:
    stack = np.array([np.corrcoef(simulated(300, seed).T) for seed in range(4)]).reshape(2, 2, 4, 4)
    plain = minres(stack)
    for weights in (np.full((4, 4), 3.0), np.full((2, 2, 4, 4), 0.1)):
        found = weighted_least_squares(stack, weights)
        assert np.allclose(found.loadings, plain.loadings, rtol=1e-9)
    other = np.arange(16.0).reshape(4, 4)
    moved = weighted_least_squares(stack, other + other.T + 1).loadings
    assert np.abs(moved - plain.loadings).max() > 1e-3


def test_each_of_a_stack_has_its_own_weights_and_its_own_fate() -> None:
    rng = np.random.default_rng(3)
    stack = np.array([np.corrcoef(simulated(300, seed).T) for seed in range(5)])
    weights = rng.uniform(0.5, 2.0, (5, 4, 4))
    weights += np.swapaxes(weights, 1, 2)
    weights[1, 0, 2] = np.nan
    stack[3, 0, 1] = np.nan
    found = weighted_least_squares(stack, weights)
    assert found.converged.tolist() == [True, False, True, False, True]
    for at in (0, 2, 4):
        alone = weighted_least_squares(stack[at], weights[at])
        assert np.allclose(found.loadings[at], alone.loadings, rtol=1e-10)
    assert np.isnan(found.loadings[[1, 3]]).all()


@each_ordinal
def test_the_order_of_items_and_of_options_does_not_matter(one: OrdinalCoefficient) -> None:
    answers = table("bfi_A")
    wanted = one.of(latent_of(answers))
    assert one.of(latent_of(answers[:, [3, 0, 4, 2, 1]])) == pytest.approx(wanted, rel=1e-7)
    assert one.of(latent_of(answers, falling=(1, 3))) == pytest.approx(wanted, rel=1e-7)
    assert one.of(latent_of(7 - answers)) == pytest.approx(wanted, rel=1e-7)


@each_ordinal
def test_another_unit_changes_nothing_but_another_spacing_what_is_of_raw_items(
    one: OrdinalCoefficient,
) -> None:
    answers = simulated(500, 5)
    wanted = one.of(latent_of(answers))
    assert one.of(latent_of(3 * answers - 7)) == pytest.approx(wanted, rel=1e-9)
    wider = one.of(latent_of(np.where(answers == 2, 6.0, answers)))
    assert (wider == pytest.approx(wanted, rel=1e-9)) == (one.metric == "polychoric")


def test_many_options_give_what_the_latent_responses_have() -> None:
    rng = np.random.default_rng(8)
    lam = np.array([0.5, 0.6, 0.7, 0.8])
    factor, own = rng.standard_normal((4000, 1)), rng.standard_normal((4000, 4))
    latent = lam * factor + own * np.sqrt(1 - lam**2)
    found = latent_of(np.digitize(latent, np.linspace(-3, 3, 41)).astype(np.float64))
    by_options = ORDINAL["omega_categorical_model"].of(found)
    unobserved = ORDINAL["omega_latent_response"].of(found)
    assert by_options == pytest.approx(unobserved, abs=0.01)
    few = latent_of(np.digitize(latent, [0.8]).astype(np.float64))
    assert ORDINAL["omega_categorical_model"].of(few) < unobserved - 0.1


def test_the_sum_has_the_variance_that_people_have() -> None:
    answers = complete("skewed")
    latent = latent_of(answers).latent
    variances = float(categorical._variances(latent))
    assert variances == pytest.approx(answers.var(axis=0).sum(), rel=1e-10)


def test_categorical_omega_is_the_correlation_of_two_forms() -> None:
    rng = np.random.default_rng(11)
    lam, cuts, n = np.array([0.5, 0.65, 0.8]), (-0.3, 1.1), 400_000
    factor = rng.standard_normal((n, 1))
    forms = [
        np.digitize(lam * factor + rng.standard_normal((n, 3)) * np.sqrt(1 - lam**2), cuts)
        for _ in range(2)
    ]
    r = np.corrcoef(forms[0].sum(axis=1), forms[1].sum(axis=1))[0, 1]
    found = ORDINAL["omega_categorical"].of(latent_of(forms[0].astype(np.float64)))
    # The error of r is .001; alpha and the latent form lie farther away than ten of these.
    assert found == pytest.approx(r, abs=0.005)
    assert ORDINAL["alpha_ordinal"].of(latent_of(forms[0].astype(np.float64))) > r + 0.03


def test_alpha_is_that_of_the_correlations() -> None:
    responses = latent_of(table("bfi_N"))
    assert ORDINAL["alpha_ordinal"].of(responses) == float(alpha(responses.ordinal.correlation))


@each_ordinal
def test_a_resample_of_everybody_once_is_the_value(one: OrdinalCoefficient) -> None:
    for name in ("bfi_A", "skewed"):
        responses = latent_of(complete(name), falling=(2,))
        draws = np.stack([responses.counts, 2 * responses.counts]).astype(np.float64)
        found = one.value(responses.resampled(draws))
        assert np.allclose(found, one.of(responses), rtol=1e-7)


@each_ordinal
def test_a_resample_is_what_its_people_alone_give(one: OrdinalCoefficient) -> None:
    """Also its weights: with those of the whole sample its fit would be another."""
    patterns, values = counted(simulated(150, 2, cuts=(-1.2, 0.3, 2.1)))
    responses = LatentResponses.of(patterns, values, "complete")
    compared, without = 0, 0
    for draws in Counted(responses.rows.astype(np.float64), responses.counts).draws(40, 3):
        found = one.value(responses.resampled(draws))
        for drawn, value in zip(draws, found, strict=True):
            keep = drawn > 0
            rows = patterns.rows[keep]
            without += int(rows.max(axis=0).min()) < 3
            again = (patterns.items, patterns.categories, patterns.key, patterns.keying)
            people = Patterns(rows, drawn[keep].astype(np.int64), *again)
            alone = LatentResponses.of(people, values, "complete")
            if np.isnan(value):
                with pytest.raises(ps.RefusalError, match="Heywood"):
                    one.of(alone)
                continue
            assert value == pytest.approx(one.of(alone), rel=1e-6)
            compared += 1
    assert compared >= 30
    assert without >= 1, "no resample lacked an option"


@each_ordinal
def test_intervals_that_there_are(one: OrdinalCoefficient) -> None:
    answers = answers_to(simulated(250, 4))
    for interval in INTERVALS:
        (found,) = estimates({one.id: one}, answers, Asked(interval, 0.9, 200, 7))
        assert found.value is not None
        assert found.metric == one.metric
        if interval in ("bootstrap", "bca"):
            assert found.low is not None
            assert found.high is not None
            assert found.low < found.value < found.high
            assert (found.method, found.level, found.seed, found.n) == (interval, 0.9, 7, 250)
            continue
        assert found.low is None
        assert found.note is not None
        assert f"no {interval} interval is made from polychoric correlations" in found.note


def test_resamples_are_the_same_people_for_every_kind() -> None:
    answers = answers_to(simulated(200, 6))
    asked = Asked("bootstrap", 0.95, 300, 2)
    both = estimates({name: EVERY[name] for name in ("alpha", "alpha_ordinal")}, answers, asked)
    for one in both:
        assert estimates({one.coefficient: EVERY[one.coefficient]}, answers, asked)[0] == one


def test_the_bootstrap_has_the_standard_error_of_many_samples() -> None:
    one = ORDINAL["omega_categorical"]
    values = [one.of(latent_of(simulated(300, seed))) for seed in range(150)]
    spread = float(np.std(values))
    widths = []
    for seed in range(4):
        answers = answers_to(simulated(300, seed))
        (found,) = estimates({one.id: one}, answers, Asked("bootstrap", 0.95, 400, 1))
        assert found.low is not None
        assert found.high is not None
        widths.append((found.high - found.low) / (2 * 1.96))
    assert np.mean(widths) == pytest.approx(spread, rel=0.25)


def test_bca_of_too_many_patterns_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psychoscales.engines.reliability.ordinal_coefficient.MOST_LEFT_OUT", 10)
    one = ORDINAL["alpha_ordinal"]
    (found,) = estimates({one.id: one}, answers_to(simulated(200, 6)), Asked("bca", 0.95, 50, 2))
    assert found.note is not None
    assert "takes too long: ask for interval='bootstrap'" in found.note


def test_too_many_items_are_not_resampled() -> None:
    few = replace(ORDINAL["omega_categorical"], resampled=3)
    answers = answers_to(simulated(200, 6))
    (found,) = estimates({few.id: few}, answers, Asked("bootstrap", 0.95, 50, 2))
    assert found.note is not None
    assert "with more than 3 items it takes too long" in found.note


@each_ordinal
def test_moments_alone_are_refused(one: OrdinalCoefficient) -> None:
    known = answers_to(simulated(100, 1)).moments
    with pytest.raises(ps.RefusalError, match="needs answers or patterns, not only moments"):
        ps.reliability(known, coefficients=one.id)


@each_ordinal
def test_pairwise_answers_have_a_value_and_no_interval(one: OrdinalCoefficient) -> None:
    answers = simulated(300, 12)
    answers[:60, 0] = np.nan
    patterns, values = counted(answers)
    known = moments(patterns, values, "pairwise")
    given = Answers.of(known, patterns, values)
    (found,) = estimates({one.id: one}, given, Asked("bootstrap", 0.95, 50, 2))
    assert (found.n, found.missing, found.low) == (None, "pairwise", None)
    assert found.value is not None
    (complete_,) = estimates({one.id: one}, answers_to(answers), Asked(None))
    assert complete_.n == 240
    assert found.value != complete_.value


def test_a_heywood_case_is_called_so() -> None:
    r = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.2], [0.6, 0.2, 1.0]])
    latent = Latent(np.zeros((3, 1)), r, np.ones((3, 1)), lambda: np.ones((3, 3)))
    for id_ in ("omega_categorical", "omega_latent_response", "omega_total_minres_polychoric"):
        one = ORDINAL[id_]
        assert np.isnan(one.value(latent))
        assert one.why is not None
        assert "Heywood" in one.why(latent)


def test_items_that_go_together_perfectly_are_named() -> None:
    answers = simulated(200, 13)
    answers[:, 1] = answers[:, 0]
    (found,) = estimates({"a": ORDINAL["alpha_ordinal"]}, answers_to(answers), Asked(None))
    assert found.value is None
    assert found.note is not None
    assert "i1 and i2" in found.note


def test_options_that_nobody_chose_are_said() -> None:
    patterns, values = counted(simulated(200, 14))
    wider = Patterns.of(
        patterns.rows, patterns.items, (5, 3, 3, 3), patterns.key, weights=patterns.counts
    )
    more = ((0.0, 1.0, 2.0, 3.0, 4.0), *values[1:])
    plain = LatentResponses.of(patterns, values, "complete")
    found = LatentResponses.of(wider, more, "complete")
    assert plain.note() is None
    assert found.note() == "nobody chose some option of i1; it is left out"
    for one in ORDINAL.values():
        assert one.of(found) == pytest.approx(one.of(plain), rel=1e-12)


def test_they_are_no_functions_of_covariances() -> None:
    assert not any(isinstance(one, Coefficient) for one in ORDINAL.values())


def test_one_registry_holds_every_kind_in_the_order_people_see() -> None:
    of_covariances = [name for name, one in EVERY.items() if isinstance(one, Coefficient)]
    assert list(COEFFICIENTS) == of_covariances
    assert len(EVERY) == len(COEFFICIENTS) + len(ORDINAL) + 2
    assert all(name == one.id for name, one in EVERY.items())
    rows = ps.reliability(ps.simulate("gad7", n=250, seed=3), coefficients="all", groups=2).rows
    shown = [row["coefficient"] for row in rows]
    assert shown == [name for name in EVERY if name != "kr20"]
    assert len({one.estimand for one in EVERY.values()}) == len(EVERY)
    assert all(len(one.estimand) > 20 for one in EVERY.values())
