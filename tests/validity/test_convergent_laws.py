"""What has to be true of correlations, their correction and HTMT, whatever the numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.reliability.alpha import alpha, alpha_gradient
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.engines.validity.attenuation import Reliability, disattenuated
from psychoscales.engines.validity.correlation import correlation, ranks
from psychoscales.engines.validity.htmt import Asked, Ratio, htmt, htmt2, ratio, ratios
from psychoscales.engines.validity.multitrait import cells
from psychoscales.engines.validity.variance_extracted import (
    average_variance_extracted,
    fornell_larcker,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.resampling import Counted
from tests.coefficients.consistency import one_factor, parallel

Floats = npt.NDArray[np.float64]
FIRST, SECOND = [0, 1, 2], [3, 4, 5, 6]


def two_factors(phi: float, loadings: Floats | None = None) -> Floats:
    """Return correlations of three and four items of two factors that correlate phi."""
    lam = np.full(7, 0.7) if loadings is None else loadings
    factor = np.repeat([0, 1], [3, 4])
    r: Floats = np.outer(lam, lam) * np.where(factor[:, None] == factor, 1.0, phi)
    np.fill_diagonal(r, 1.0)
    return r


def answers(n: int, phi: float, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(two_factors(phi))
    return np.round(rng.standard_normal((n, 7)) @ root.T).clip(-2, 2)


@pytest.mark.parametrize("phi", [0.3, -0.4, 0.85])
def test_htmt_is_the_correlation_of_tau_equivalent_constructs(phi: float) -> None:
    assert htmt(two_factors(phi), FIRST, SECOND) == pytest.approx(phi, rel=1e-12)
    assert htmt(two_factors(phi), FIRST, SECOND, absolute=True) == pytest.approx(abs(phi))


def test_htmt2_is_the_correlation_whatever_the_loadings() -> None:
    r = two_factors(0.6, np.array([0.9, 0.5, 0.7, 0.4, 0.8, 0.6, 0.75]))
    assert htmt2(r, FIRST, SECOND) == pytest.approx(0.6, rel=1e-12)
    assert abs(float(htmt(r, FIRST, SECOND)) - 0.6) > 1e-3


def test_halves_of_one_construct_are_one() -> None:
    r = parallel(7, 0.37, 1.0)
    for work in (htmt, htmt2):
        assert work(r, FIRST, SECOND) == pytest.approx(1.0, rel=1e-12)


def test_htmt_is_symmetric_and_takes_items_in_any_order() -> None:
    r = correlations(np.cov(answers(150, 0.5, 4).T))
    for work in (htmt, htmt2):
        value = work(r, FIRST, SECOND)
        assert work(r, SECOND, FIRST) == pytest.approx(value, rel=1e-13)
        assert work(r, [2, 0, 1], [6, 3, 5, 4]) == pytest.approx(value, rel=1e-13)


def test_a_stack_is_each_matrix_for_itself() -> None:
    stack = np.stack([two_factors(phi) for phi in (0.2, 0.5, 0.7)])
    assert htmt(stack, FIRST, SECOND) == pytest.approx([0.2, 0.5, 0.7])
    assert htmt2(stack, FIRST, SECOND) == pytest.approx([0.2, 0.5, 0.7])


@pytest.mark.parametrize("wrong", [0.0, -0.1])
def test_no_geometric_mean_of_what_is_not_positive(wrong: float) -> None:
    r = two_factors(0.5)
    r[1, 4] = r[4, 1] = wrong
    constructs, names = {"a": FIRST, "b": SECOND}, [f"q{at}" for at in range(7)]
    assert np.isnan(htmt2(r, FIRST, SECOND))
    with pytest.raises(RefusalError, match=r"q1 and q4 \(-?0\.\d0\)"):
        ratio(r, constructs, ("a", "b"), "htmt2", names=names)
    assert np.isfinite(ratio(r, constructs, ("a", "b"), "htmt"))
    if wrong:
        value = ratio(r, constructs, ("a", "b"), "htmt2", absolute=True)
        assert value == pytest.approx(float(htmt2(np.abs(r), FIRST, SECOND)))
    else:
        with pytest.raises(RefusalError, match="no geometric mean"):
            ratio(r, constructs, ("a", "b"), "htmt2", absolute=True)


def test_ratios_that_do_not_exist_are_refused() -> None:
    r = two_factors(0.5)
    for constructs, says in (
        ({"a": [0], "b": SECOND}, "a has one item"),
        ({"a": [0, 1, 3], "b": SECOND}, "item 4: in both"),
    ):
        with pytest.raises(RefusalError, match=says):
            ratio(r, constructs, ("a", "b"), "htmt")
    against = np.eye(7)
    against[0, 1] = against[1, 0] = -0.5
    with pytest.raises(RefusalError, match="do not correlate positively"):
        ratio(against, {"a": FIRST, "b": SECOND}, ("a", "b"), "htmt")
    with pytest.raises(UnknownNameError):
        Asked(interval="basic")


def test_bootstrap_intervals_hold_the_value_and_depend_on_the_seed_alone() -> None:
    rows, counts = np.unique(answers(260, 0.6, 9), axis=0, return_counts=True)
    counted, constructs = Counted(rows, counts), {"a": FIRST, "b": SECOND}
    found: dict[tuple[str, int], list[Ratio]] = {}
    for kind in ("percentile", "bca"):
        for seed in (3, 3, 4):
            made = ratios(counted, constructs, [("a", "b")], Asked(False, kind, 0.9, 300, seed))
            for one in made:
                assert one.value is not None
                assert one.low is not None
                assert one.high is not None
                assert one.low < one.value < one.high
                assert one.method == kind
            found.setdefault((kind, seed), made)
            assert found[kind, seed] == made
    assert found["percentile", 3] != found["percentile", 4]
    assert found["percentile", 3] != found["bca", 3]


def test_the_bootstrap_is_as_wide_as_the_normal_interval() -> None:
    """Of tau-equivalent normal items, the percentile interval is about that of many samples."""
    drawn = [
        float(htmt(correlations(np.cov(answers(300, 0.5, seed).T)), FIRST, SECOND))
        for seed in range(200)
    ]
    rows, counts = np.unique(answers(300, 0.5, 1000), axis=0, return_counts=True)
    asked = Asked(False, "percentile", 0.95, 500, 2)
    made = ratios(Counted(rows, counts), {"a": FIRST, "b": SECOND}, [("a", "b")], asked)[0]
    assert made.low is not None
    assert made.high is not None
    assert (made.high - made.low) / (2 * 1.96) == pytest.approx(np.std(drawn), rel=0.25)


def test_a_correlation_is_the_same_in_any_units_and_order() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(0, 28, 90).astype(float)
    y = x + rng.integers(0, 15, 90).astype(float)
    for method in ("pearson", "spearman"):
        made = correlation(x, y, method=method)
        for other in (
            correlation(y, x, method=method),
            correlation(3 * x + 7, y / 4 - 2, method=method),
            correlation(x[::-1], y[::-1], method=method),
        ):
            assert (other.value, other.p) == pytest.approx((made.value, made.p), rel=1e-10)
            assert (other.low, other.high) == pytest.approx((made.low, made.high), rel=1e-10)
        turned = correlation(x, -y, method=method)
        assert turned.value == pytest.approx(-made.value)
    monotone = correlation(np.exp(x / 9), y, method="spearman")
    assert monotone.value == pytest.approx(correlation(x, y, method="spearman").value)
    assert ranks(np.array([3.0, 1.0, 3.0])).tolist() == [2.5, 1.0, 2.5]


def test_correlations_that_do_not_exist() -> None:
    x = np.arange(6.0)
    for wrong in (x[:2], np.ones(6)):
        with pytest.raises(RefusalError):
            correlation(wrong, x[: len(wrong)])
    perfect = correlation(x, 2 * x)
    assert perfect.value == pytest.approx(1.0)
    assert (perfect.p, perfect.low) == (0.0, None)
    assert perfect.note is not None
    assert correlation(x[:3], np.array([1.0, 3.0, 2.0])).low is None


def test_reliability_one_corrects_nothing() -> None:
    rng = np.random.default_rng(2)
    x = rng.standard_normal(200)
    y = 0.5 * x + rng.standard_normal(200)
    made = correlation(x, y, interval="distribution_free")
    corrected = disattenuated(made.value, made.influence, Reliability(1.0), Reliability(1.0))
    assert corrected.value == made.value
    assert corrected.low is not None
    assert made.low is not None
    assert corrected.low == pytest.approx(made.low, abs=0.01)
    half = disattenuated(made.value, made.influence, Reliability(0.5), Reliability(0.5))
    assert half.value == pytest.approx(2 * made.value)
    assert half.low == pytest.approx(2 * corrected.low)


def test_a_correction_beyond_one_is_shown_and_said() -> None:
    low = Reliability(0.6)
    made = disattenuated(0.9, np.random.default_rng(1).standard_normal(50), low, low)
    assert made.value == pytest.approx(1.5)
    assert made.high is not None
    assert made.high > made.value
    assert "beyond 1" in (made.note or "")


def test_the_corrected_interval_is_that_of_samples() -> None:
    """Its half-width, against the spread of corrected correlations over samples."""
    values, halves = [], []
    for seed in range(150):
        x = answers(250, 0.5, 5000 + seed)
        known = []
        for places in (FIRST, SECOND):
            cov = np.cov(x[:, places].T)
            away = x[:, places] - x[:, places].mean(axis=0)
            influence = ((away @ alpha_gradient(cov)) * away).sum(axis=1)
            known.append(Reliability(float(alpha(cov)), influence))
        r = correlation(x[:, FIRST].sum(axis=1), x[:, SECOND].sum(axis=1))
        made = disattenuated(r.value, r.influence, known[0], known[1])
        assert made.high is not None
        values.append(made.value)
        halves.append((made.high - made.value) / 1.959964)
    assert np.mean(values) == pytest.approx(0.5, abs=0.03)
    assert np.mean(halves) == pytest.approx(np.std(values), rel=0.2)


def test_average_variance_extracted_of_a_population() -> None:
    loadings, errors = np.array([0.9, 0.4, 0.7, 1.3]), np.array([0.5, 0.9, 1.1, 0.6])
    shares = loadings**2 / (loadings**2 + errors)
    found = average_variance_extracted(one_factor(loadings, errors))
    assert found == pytest.approx(shares.mean(), rel=1e-8)
    made = fornell_larcker(0.49, 0.64, -0.69)
    assert [made.root_first, made.root_second] == pytest.approx([0.7, 0.8])
    assert made.distinct
    assert not fornell_larcker(0.49, 0.64, -0.71).distinct
    with pytest.raises(RefusalError, match="3 items"):
        average_variance_extracted(np.eye(2))


NAMES = ("a_self", "b_self", "a_other", "b_other")
TRAITS = {name: name[0] for name in NAMES}
METHODS = {name: name[2:] for name in NAMES}
TABLE = {
    frozenset(("a_self", "b_self")): 0.45,
    frozenset(("a_self", "a_other")): 0.5,
    frozenset(("a_self", "b_other")): 0.2,
    frozenset(("b_self", "a_other")): 0.25,
    frozenset(("b_self", "b_other")): 0.4,
    frozenset(("a_other", "b_other")): 0.35,
}


def test_campbell_and_fiske() -> None:
    found = cells(NAMES, TABLE, TRAITS, METHODS)
    kinds = [cell.kind for cell in found]
    assert kinds == [
        *["monotrait_heteromethod"] * 2,
        *["heterotrait_monomethod"] * 2,
        *["heterotrait_heteromethod"] * 2,
    ]
    a, b = found[:2]
    assert (a.heteromethod, a.monomethod) == ((2, 2), (2, 2))
    # .40 is above both correlations of other traits across methods, and above one of two within.
    assert (b.heteromethod, b.monomethod) == ((2, 2), (1, 2))


def test_traits_and_methods_have_to_be_whole() -> None:
    with pytest.raises(UnknownNameError):
        cells(NAMES, TABLE, {**TRAITS, "c_self": "c"}, METHODS)
    with pytest.raises(RefusalError, match="no method is given for b_other"):
        cells(NAMES, TABLE, TRAITS, {k: v for k, v in METHODS.items() if k != "b_other"})
    with pytest.raises(RefusalError, match="same trait and method"):
        cells(NAMES, TABLE, dict.fromkeys(NAMES, "a"), METHODS)
