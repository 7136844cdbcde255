"""What must hold of precision whatever the answers are, and where the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, special, stats

import psychoscales as ps
from psychoscales.counts import Patterns
from psychoscales.engines.reliability import classification
from psychoscales.engines.reliability.classification import (
    Decisions,
    bivariate_normal,
    effective_length,
    livingston_lewis,
    true_scores_beta,
)
from psychoscales.engines.reliability.estimation import Answers, Asked, estimates
from psychoscales.engines.reliability.precision import (
    Distribution,
    Interval,
    binomial_errors,
    carried,
    distribution,
    errors,
    of_the_sum,
    sem_interval,
    true_scores,
)
from psychoscales.moments import moments
from psychoscales.verbs.precision import precision
from tests.coefficients.comparing import assert_close
from tests.counting.making import answers_of, item_names, patterns_of
from tests.precision.making import banded, frame_of, population

CODES = (0, 1, 2, 3)
VALUES = [tuple(float(code) for code in CODES)] * 6
EXACT = 1e-12
Positions = npt.NDArray[np.int8]


def six(seed: int = 5, missing: float = 0.1) -> Patterns:
    return patterns_of(answers_of(300, 6, seed=seed, missing=missing))


def alpha_of(patterns: Patterns) -> float:
    cov = moments(patterns, VALUES).cov
    return float(6 / 5 * (1 - np.trace(cov) / cov.sum()))


def scored(seed: int = 5) -> tuple[Distribution, float]:
    return distribution(six(seed), VALUES, 1.0, 0.0), alpha_of(six(seed))


# ------------------------------------------------------------------ standard errors


def test_the_distribution_has_the_variance_of_the_sum() -> None:
    known, _ = scored()
    complete = moments(six(), VALUES)
    assert known.n == complete.one_n < 300
    assert_close(known.variance, float(complete.cov.sum()), "variance")
    assert_close(known.mean, float(complete.mean.sum()), "mean")


@pytest.mark.parametrize("seed", range(5))
def test_conditional_errors_add_up_to_the_sem_of_alpha(seed: int) -> None:
    known, alpha = scored(seed)
    added = float(np.nansum(known.error_variance * known.counts)) / (known.n - 1)
    assert_close(added, known.variance * (1 - alpha), "SEM^2", EXACT)


def test_binomial_errors_average_to_the_sem_and_follow_the_effective_length() -> None:
    known, alpha = scored()
    sem = errors(known.variance, alpha, known.n, 0.95).sem
    at = binomial_errors(known, sem)
    assert at[0] == at[-1] == 0
    assert_close(float(known.counts @ at**2) / known.n, sem**2, "mean", EXACT)
    many = Distribution(known.values, known.counts * 10**6, known.error_variance)
    length = effective_length(many, alpha)
    lord = known.values * (known.values[-1] - known.values) / (length - 1)
    assert_close(binomial_errors(many, np.sqrt(many.variance * (1 - alpha))) ** 2, lord, "", 1e-6)


def test_the_ends_of_reliability() -> None:
    everything = errors(16.0, 1.0, 25, 0.9)
    assert (everything.sem, everything.sdc, everything.see) == (0, 0, 0)
    nothing = errors(16.0, 0.0, 25, 0.9)
    assert (nothing.sem, nothing.see) == (4, 0)
    assert_close(nothing.sdc, 1.6448536269514722 * np.sqrt(2) * 4, "SDC")
    assert_close(nothing.sdc_group, nothing.sdc / 5, "SDC of a group")
    same, low, high = true_scores(np.array([0.0, 9.0]), 3.0, 0.0, 0.0, 0.95)
    assert same.tolist() == low.tolist() == high.tolist() == [3, 3]


def test_a_mean_and_a_percentage_are_the_sum_in_other_units() -> None:
    items = item_names(6)
    frame = frame_of(answers_of(200, 6, seed=8), items, CODES)
    total = precision(frame, banded(items, CODES, [5, 9]))
    found = {
        1 / 6: banded(items, CODES, [5 / 6, 9 / 6], score={"method": "mean", "range": [0.0, 3.0]}),
        100 / 18: banded(
            items, CODES, [500 / 18, 50], score={"method": "pomp", "range": [0.0, 100.0]}
        ),
        4.0: banded(items, CODES, [20, 36], score={"multiply": 4.0, "range": [0.0, 72.0]}),
    }
    for factor, scale in found.items():
        other = precision(frame, scale)
        for mine, theirs in zip(other.rows, total.rows, strict=True):
            unit = 1 if mine["coefficient"] == "alpha" else factor
            for column in ("value", "low", "high"):
                if theirs[column] is not None:
                    wanted = theirs[column] * unit
                    assert_close(mine[column], wanted, f"{factor} {mine['coefficient']}", 1e-9)
        for mine, theirs in zip(other.cutoffs.rows, total.cutoffs.rows, strict=True):
            for column in ("consistency", "kappa", "accuracy", "false_positive"):
                assert_close(mine[column], theirs[column], f"{factor} {column}", 1e-6)


def test_nothing_depends_on_the_order_of_people_or_items() -> None:
    items, positions = item_names(6), answers_of(200, 6, seed=2, missing=0.05)
    scale = banded(items, CODES, [4, 8])
    order = np.random.default_rng(1).permutation(200)
    one = precision(frame_of(positions, items, CODES), scale)
    two = precision(frame_of(positions[order][:, ::-1], items, CODES), scale)
    for mine, theirs in zip(
        [*one.rows, *one.scores.rows, *one.cutoffs.rows],
        [*two.rows, *two.scores.rows, *two.cutoffs.rows],
        strict=True,
    ):
        numbers = [(k, v) for k, v in theirs.items() if isinstance(v, float)]
        for column, value in numbers:
            assert mine[column] == pytest.approx(value, rel=1e-9, abs=1e-12), column


def test_patterns_and_answers_say_the_same() -> None:
    read = ps.simulate("gad7", n=150, seed=4, missing=0.02)
    counted = ps.count(read.to_frame(), "gad7")
    assert precision(counted).rows == precision(read).rows
    assert precision(counted).cutoffs.rows == precision(read).cutoffs.rows


def sem_of(patterns: Patterns) -> tuple[float, Interval, Interval]:
    """Return SEM, its own interval, and the one carried over from alpha's, as factors."""
    from psychoscales.engines.reliability import COEFFICIENTS

    known = moments(patterns, VALUES)
    answers, alpha = Answers.of(known, patterns, VALUES), COEFFICIENTS["alpha"]
    (row,) = estimates({"alpha": alpha}, answers, Asked("distribution_free", 0.95))
    assert row.value is not None
    assert row.low is not None
    assert row.high is not None
    own = sem_interval(row.value, alpha.slope(known.cov), answers, 0.95)
    sem = float(np.sqrt(known.cov.sum() * (1 - row.value)))
    return sem, own, carried(row.value, row.low, row.high)


def test_the_interval_of_the_sem_holds_the_truth_and_a_carried_one_is_too_wide() -> None:
    def skewed(n: int, seed: int) -> Patterns:
        rng = np.random.default_rng(seed)
        latent = 0.7 * rng.standard_normal((n, 1)) + np.sqrt(0.51) * rng.standard_normal((n, 6))
        return patterns_of(np.searchsorted([0.4, 1.0, 1.6], latent.ravel()).reshape(n, 6))

    true, _, _ = sem_of(skewed(1_000_000, 0))
    held, by_carrying, widths = 0, 0, []
    for seed in range(1, 401):
        sem, own, other = sem_of(skewed(250, seed))
        held += sem * own[0] <= true <= sem * own[1]
        by_carrying += sem * other[0] <= true <= sem * other[1]
        widths.append((other[1] - other[0]) / (own[1] - own[0]))
    assert 0.92 <= held / 400 <= 0.98
    assert by_carrying / 400 >= 0.99
    assert np.mean(widths) > 1.4


def test_a_coefficient_of_standardized_items_is_known_by_what_it_does() -> None:
    from psychoscales.engines.reliability import COEFFICIENTS

    cov = moments(six(), VALUES).cov
    assert of_the_sum(COEFFICIENTS["alpha"].value, cov)
    assert not of_the_sum(COEFFICIENTS["alpha_standardized"].value, cov)


# ------------------------------------------------------------------ decisions


Truth = Callable[[float], float]
Average = Callable[..., float]
Method = Callable[[Distribution, float, Sequence[float]], Decisions]
BETAS = [(3.0, 2.0, 0.15, 0.9, 4), (0.7, 2.5, 0.0, 1.0, 2), (5.0, 5.0, 0.2, 0.8, 4)]


def beta_binomial(
    a: float, b: float, low: float, high: float, n: int
) -> tuple[Distribution, float, Average]:
    """Return a whole population, its reliability, and how to average over its true scores."""

    def over(what: Truth, start: float = 0.0, end: float = 1.0) -> float:
        def inner(q: float) -> float:
            return what(low + (high - low) * float(special.betaincinv(a, b, q)))

        return float(integrate.quad(inner, start, end, epsabs=1e-13, limit=200)[0])

    scores = np.arange(n + 1.0)

    def share(k: int) -> float:
        return over(lambda t: float(stats.binom.pmf(k, n, t)))

    shares = np.array([share(k) for k in range(n + 1)])
    mean = shares @ scores
    spread = shares @ (scores - mean) ** 2
    true = (n * (high - low)) ** 2 * a * b / ((a + b) ** 2 * (a + b + 1))
    return population(scores, shares), float(true / spread), over


@pytest.mark.parametrize(("a", "b", "low", "high", "parameters"), BETAS)
def test_livingston_and_lewis_find_the_truth_of_a_beta_binomial_population(
    a: float, b: float, low: float, high: float, parameters: int
) -> None:
    n, cuts = 20, (7, 12)
    known, rho, over = beta_binomial(a, b, low, high, n)
    found, beta = livingston_lewis(known, rho, cuts)
    assert (beta.length, beta.parameters) == (n, parameters)
    assert_close([beta.a, beta.b, beta.high], [a, b, high], "beta", 1e-6)
    assert beta.low == pytest.approx(low, abs=1e-6)

    def classes(t: float) -> list[float]:
        first, second = (float(stats.binom.sf(cut - 1, n, t)) for cut in cuts)
        return [1 - first, first - second, second]

    assert_close(found.consistency, over(lambda t: sum(p * p for p in classes(t))), "", 1e-8)

    def classed(j: int, start: float = 0.0, end: float = 1.0) -> float:
        return over(lambda t: classes(t)[j], start, end)

    margin = [classed(j) for j in range(3)]
    assert_close(found.chance, sum(share**2 for share in margin), "chance", 1e-8)
    ends = [0.0, *(float(special.betainc(a, b, (c / n - low) / (high - low))) for c in cuts), 1.0]
    joint = np.array([[classed(j, *ends[i : i + 2]) for j in range(3)] for i in range(3)])
    assert_close(found.accuracy, float(np.trace(joint)), "accuracy", 1e-7)
    assert_close(found.false_positive, float(np.triu(joint, 1).sum()), "too high", 1e-7)
    assert_close(found.false_negative, float(np.tril(joint, -1).sum()), "too low", 1e-7)


def test_the_truth_is_missed_if_true_scores_are_classed_one_point_off() -> None:
    known, rho, _ = beta_binomial(3, 2, 0.15, 0.9, 20)
    right, _ = livingston_lewis(known, rho, [7])
    wrong, _ = livingston_lewis(known, rho, [8])
    assert abs(right.accuracy - wrong.accuracy) > 1e-3


def test_an_infinite_density_at_both_ends_is_integrated() -> None:
    for a, b in ((0.05, 0.3), (0.3, 0.3), (2000.0, 3000.0)):
        for start, end in ((0.0, 1.0), (0.0, 0.4), (0.4, 1.0)):
            points, weights = classification._beta_rule(a, b, start, end)
            share = special.betainc(a, b, end) - special.betainc(a, b, start)
            assert float(weights.sum()) == pytest.approx(share, abs=1e-9)
            assert ((points >= start) & (points <= end)).all()


@pytest.mark.parametrize("rho", [0.05, 0.6, 0.97])
def test_the_bivariate_normal_is_its_distribution_function(rho: float) -> None:
    known, _ = scored()
    cut, sd = 9, np.sqrt(known.variance)
    z, true = (cut - 0.5 - known.mean) / sd, (cut - known.mean) / (sd * np.sqrt(rho))

    def both(x: float, y: float, r: float) -> float:
        def inner(t: float) -> float:
            return float(stats.norm.pdf(t) * stats.norm.cdf((y - r * t) / np.sqrt(1 - r * r)))

        edge = y / r
        near = [edge] if -8 < edge < x else None
        return float(integrate.quad(inner, -9, x, points=near, epsabs=1e-13, limit=400)[0])

    found = bivariate_normal(known, rho, [cut])
    below = float(stats.norm.cdf(z))
    assert found.consistency == pytest.approx(1 - 2 * (below - both(z, z, rho)), abs=1e-8)
    too_low = below - both(z, true, np.sqrt(rho))
    assert found.false_negative == pytest.approx(too_low, abs=1e-8)
    assert found.expected == pytest.approx(1 - below, abs=1e-12)


METHODS: dict[str, Method] = {
    "livingston_lewis": lambda known, rho, cuts: livingston_lewis(known, rho, cuts)[0],
    "bivariate_normal": bivariate_normal,
}


@pytest.mark.parametrize("method", METHODS)
def test_more_reliable_scores_decide_more_safely(method: str) -> None:
    known, _ = scored()
    found: list[Decisions] = [METHODS[method](known, rho, [9]) for rho in (0.3, 0.6, 0.9)]
    for less, more in pairwise(found):
        assert less.kappa < more.kappa
        assert less.consistency < more.consistency
        assert less.accuracy < more.accuracy


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_of_decisions_add_up(method: str) -> None:
    known, rho = scored()
    every: Decisions = METHODS[method](known, rho, [4, 8, 12])
    each: list[Decisions] = [METHODS[method](known, rho, [cut]) for cut in (4, 8, 12)]
    for one in (every, *each):
        whole = one.accuracy + one.false_positive + one.false_negative
        assert whole == pytest.approx(1, abs=1e-9)
        assert one.chance < one.consistency < 1
    assert every.consistency < min(one.consistency for one in each)
    assert every.false_positive <= sum(one.false_positive for one in each)
    assert every.expected == pytest.approx(each[0].expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_turning_the_score_round_swaps_false_positives_and_negatives(method: str) -> None:
    known, rho = scored()
    top = known.values[-1]
    turned = Distribution(top - known.values[::-1], known.counts[::-1], known.error_variance[::-1])
    # observed cuts mirror (9 and up is 9 and down); true cut-offs lie between the scores here
    cut = 9
    one, two = METHODS[method](known, rho, [cut]), METHODS[method](turned, rho, [top - cut + 1])
    assert two.consistency == pytest.approx(one.consistency, abs=1e-9)
    assert two.expected == pytest.approx(1 - one.expected, abs=1e-9)


def test_a_cutoff_between_two_scores_classes_as_the_next_one_does() -> None:
    known, rho = scored()
    whole, between = (livingston_lewis(known, rho, [cut])[0] for cut in (9, 8.4))
    assert between.consistency == pytest.approx(whole.consistency, abs=1e-12)
    assert between.accuracy != pytest.approx(whole.accuracy, abs=1e-6)


def test_answers_of_a_population_twice_are_classed_as_consistently_as_the_model_says() -> None:
    """Graded answers, so that no part of the model is exactly true: within 1.5 points."""
    rng = np.random.default_rng(3)
    n, k, loading = 100_000, 9, 0.7
    cuts = np.array([0.5, 1.2, 1.8])
    latent = rng.standard_normal((n, 1))

    def form() -> Positions:
        error = rng.standard_normal((n, k))
        shifted = loading * latent + np.sqrt(1 - loading**2) * error - np.linspace(-0.4, 0.4, k)
        places = np.searchsorted(cuts, shifted.ravel()).reshape(n, k)
        return np.asarray(places, dtype=np.int8)

    first, second = form(), form()
    items = item_names(k)
    scale = banded(items, CODES, [5, 10, 15])
    rows = precision(frame_of(first, items, CODES), scale).cutoffs.rows
    one, two = first.sum(axis=1), second.sum(axis=1)
    for row in rows[:3]:
        assert row["method"].startswith("livingston_lewis")
        again = float(((one >= row["cutoff"]) == (two >= row["cutoff"])).mean())
        assert row["consistency"] == pytest.approx(again, abs=0.015)


def test_where_four_moments_fail_two_are_fitted_and_are_right() -> None:
    values = np.arange(13.0)
    counts = np.array([300, 180, 120, 90, 60, 50, 40, 30, 20, 15, 10, 6, 4])
    known, rho = Distribution(values, counts, np.full(13, np.nan)), 0.8
    found = true_scores_beta(known, rho)
    assert (found.parameters, found.low, found.high) == (2, 0.0, 1.0)
    raw = classification.true_moments(known, found.length, 2)
    mean = found.a / (found.a + found.b)
    spread = mean * (1 - mean) / (found.a + found.b + 1)
    assert_close([mean, spread + mean**2], raw, "moments", EXACT)
