"""Laws of the tests of differential item functioning: what must coincide, flip, or stay."""

from __future__ import annotations

import itertools
from math import factorial, prod

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from psychoscales.engines.validity.dif import classes
from psychoscales.engines.validity.dif.effect import effects
from psychoscales.engines.validity.dif.generalized import (
    general_association,
    mantel,
    mean_difference,
)
from psychoscales.engines.validity.dif.liu_agresti import covariances, liu_agresti
from psychoscales.engines.validity.dif.mantel_haenszel import mantel_haenszel
from psychoscales.engines.validity.dif.nested import nested_models
from psychoscales.engines.validity.dif.ordinal_logistic import _derivatives, _loglik
from psychoscales.engines.validity.dif.purification import Criterion, purified
from psychoscales.engines.validity.dif.studied import TESTS, Design, Studied
from psychoscales.engines.validity.dif.tables import ItemTable
from psychoscales.engines.validity.multiplicity import benjamini_hochberg, holm
from tests.validity.dif_cases import answers_of, random_counts, simulated

Floats = npt.NDArray[np.float64]
SEEDS = range(8)


def table_of(counts: npt.NDArray[np.int64]) -> ItemTable:
    s, _, j = counts.shape
    return ItemTable(np.arange(s, dtype=float), np.arange(j, dtype=float), counts)


def studied(counts: npt.NDArray[np.int64], groups: tuple[str, ...] = ("r", "f")) -> Studied:
    return Studied("item", groups, table_of(counts))


# ------------------------------------------------------------- special cases that must coincide


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_answers_and_groups_all_stratified_tests_are_one(seed: int) -> None:
    counts = random_counts(np.random.default_rng(seed), 7, 2, 2, people=3 + seed)
    found = mantel_haenszel(counts)
    assert mantel(counts, np.array([0.0, 1.0])).chisq == pytest.approx(found.chisq, rel=1e-12)
    assert general_association(counts).chisq == pytest.approx(found.chisq, rel=1e-12)
    odds = liu_agresti(counts)
    assert odds.odds_ratio == pytest.approx(found.alpha, rel=1e-12)
    assert odds.se_log == pytest.approx(found.se_log_alpha, rel=1e-12)
    assert found.chisq_corrected < found.chisq


def test_of_one_stratum_the_odds_ratio_is_that_of_the_table_and_its_variance_woolfs() -> None:
    counts = np.array([[[20, 31], [17, 9]]])
    found = mantel_haenszel(counts)
    assert found.alpha == pytest.approx(31 * 17 / (20 * 9), rel=1e-14)
    woolf = np.sqrt((1 / counts).sum())
    assert found.se_log_alpha == pytest.approx(woolf, rel=1e-12)


def test_of_one_stratum_mantels_test_is_the_trend_test() -> None:
    rng = np.random.default_rng(4)
    counts = random_counts(rng, 1, 2, 4, people=9)
    answers = np.repeat(np.tile(np.arange(4), 2), counts.ravel())
    group = np.repeat(np.repeat([0, 1], 4), counts.ravel())
    r = np.corrcoef(answers, group)[0, 1]
    found = mantel(counts, np.arange(4.0))
    assert found.chisq == pytest.approx((len(group) - 1) * r**2, rel=1e-12)


def test_of_several_groups_with_two_answers_mantel_is_the_general_test() -> None:
    counts = random_counts(np.random.default_rng(3), 6, 4, 2)
    one, two = mantel(counts, np.array([0.0, 2.5])), general_association(counts)
    assert one.chisq == pytest.approx(two.chisq, rel=1e-12)
    assert one.df == two.df == 3


# ----------------------------------------------------------------------------- flips and stays


@pytest.mark.parametrize("seed", SEEDS)
def test_swapping_groups_flips_signs_only(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    counts = random_counts(rng, 9, 2, 2 + seed % 4, people=4)
    swapped = counts[:, ::-1]
    for name, test in TESTS.items():
        if "haenszel_" in name and counts.shape[2] != 2:
            continue
        one, two = test(studied(counts)), test(studied(swapped, ("f", "r")))
        assert two.statistic == pytest.approx(one.statistic, rel=1e-8, abs=1e-9), name
        if name == "mantel":
            continue
        assert (one.higher, one.dif_class) == (two.higher, two.dif_class), name
        if one.effect_name in ("mh_d_dif", "log_odds_ratio"):
            assert two.effect == pytest.approx(-float(one.effect or 0), rel=1e-9), name
            assert two.se == pytest.approx(one.se, rel=1e-9), name


def test_the_standardized_difference_flips_where_groups_are_spread_alike() -> None:
    counts = random_counts(np.random.default_rng(8), 5, 1, 4)
    both = np.concatenate([counts, counts[:, :, [1, 0, 2, 3]]], axis=1)
    values = np.array([0.0, 1.0, 2.0, 4.0])
    one, two = mean_difference(both, values), mean_difference(both[:, ::-1], values)
    assert two.smd == pytest.approx(-one.smd, rel=1e-12)
    assert one.smd != 0


@pytest.mark.parametrize("seed", SEEDS)
def test_reversing_the_answers_turns_every_effect_round(seed: int) -> None:
    counts = random_counts(np.random.default_rng(200 + seed), 8, 2, 4, people=5)
    back = counts[:, :, ::-1]
    values = np.array([0.0, 1.0, 3.0, 4.0])
    one, two = liu_agresti(counts), liu_agresti(back)
    assert two.log == pytest.approx(-one.log, rel=1e-9)
    assert two.se_log == pytest.approx(one.se_log, rel=1e-12)
    turned = mean_difference(back, 4.0 - values[::-1])
    assert turned.smd == pytest.approx(-mean_difference(counts, values).smd, rel=1e-9)
    assert turned.se == pytest.approx(mean_difference(counts, values).se, rel=1e-12)


def test_units_of_answers_and_scores_change_no_test() -> None:
    counts = random_counts(np.random.default_rng(11), 8, 2, 4)
    values = np.array([0.0, 1.0, 2.0, 3.0])
    plain, wide = mantel(counts, values), mantel(counts, 10 + 2.5 * values)
    assert wide.chisq == pytest.approx(plain.chisq, rel=1e-12)
    one, two = mean_difference(counts, values), mean_difference(counts, 10 + 2.5 * values)
    assert two.smd == pytest.approx(2.5 * one.smd, rel=1e-12)
    assert two.standardized == pytest.approx(one.standardized, rel=1e-12)
    table = table_of(counts)
    other = ItemTable(7 - 3.0 * table.scores, values, counts)
    a, b = nested_models(table, ("r", "f")), nested_models(other, ("r", "f"))
    for name in ("matching", "group", "interaction"):
        assert getattr(b, name).fit.loglik == pytest.approx(getattr(a, name).fit.loglik, rel=1e-13)
    slope = {term.name: term.estimate for term in a.group.parameters()}["matching"]
    turned = {term.name: term.estimate for term in b.group.parameters()}["matching"]
    assert turned == pytest.approx(-slope / 3.0, rel=1e-8)


def test_the_order_of_items_and_the_way_people_are_split_up_change_nothing() -> None:
    rng = np.random.default_rng(12)
    groups = {"r": simulated(rng, 300, 5, 4), "f": simulated(rng, 260, 5, 4, shift=0.6)}
    names = ["a", "b", "c", "d", "e"]
    answers = answers_of(groups, names, (0, 1, 2, 3))
    turned = answers_of({k: each[:, ::-1] for k, each in groups.items()}, names[::-1], (0, 1, 2, 3))
    design = Design(("a", "c", "e"), "total")
    mixed = {key: each[rng.permutation(len(each))] for key, each in groups.items()}
    shuffled = answers_of(mixed, names, (0, 1, 2, 3))
    for item in names:
        wanted = Studied.of(answers, item, design)
        for other in (turned, shuffled):
            found = Studied.of(other, item, design)
            assert np.array_equal(found.table.counts, wanted.table.counts)
            assert np.array_equal(found.table.scores, wanted.table.scores)


# ------------------------------------------------------- Liu and Agresti: no bias, counted through


def outcomes(n: int, shares: Floats) -> list[tuple[npt.NDArray[np.int64], float]]:
    """Return every table of n people over the answers, and its probability."""
    found = []
    for cells in itertools.product(range(n + 1), repeat=len(shares)):
        if sum(cells) == n:
            ways = factorial(n) / prod(factorial(cell) for cell in cells)
            chance = ways * float(np.prod(shares ** np.array(cells)))
            found.append((np.array(cells), chance))
    return found


def shares_of(thresholds: Floats, shift: float) -> Floats:
    below = expit(thresholds - shift)
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


@pytest.mark.parametrize(("people", "psi"), [((3, 2), 2.3), ((1, 4), 0.4), ((2, 2), 1.0)])
def test_covariances_of_splits_have_no_bias_in_small_strata(
    people: tuple[int, int], psi: float
) -> None:
    """By enumeration of every outcome of a stratum, under one cumulative odds ratio."""
    thresholds = np.array([-0.7, 0.4, 1.1])
    reference = outcomes(people[0], shares_of(thresholds, np.log(psi)))
    focal = outcomes(people[1], shares_of(thresholds, 0.0))
    n, splits = sum(people), len(thresholds)
    mean, square = np.zeros(splits), np.zeros((splits, splits))
    estimated = np.zeros((splits, splits))
    for (r, one), (f, two) in itertools.product(reference, focal):
        above = np.array([[row[j + 1 :].sum() for j in range(splits)] for row in (r, f)])
        below = np.array(people)[:, None] - above
        part = (above[0] * below[1] - psi * below[0] * above[1]) / n
        mean += one * two * part
        square += one * two * np.outer(part, part)
        estimated += one * two * covariances(np.array([[r, f]]), psi)
    assert mean == pytest.approx(np.zeros(splits), abs=1e-12)
    assert estimated == pytest.approx(square, rel=1e-10)
    assert square[0, 1] > 0.01


# -------------------------------------------------------------------------- the ordinal models


def population(scores: Floats, terms: Floats, thresholds: Floats, people: int) -> ItemTable:
    """Return counts in exact proportion to a model: slope, group and product."""
    counts = np.empty((len(scores), 2, len(thresholds) + 1))
    for at, score in enumerate(scores):
        for group in (0, 1):
            shift = terms @ np.array([score, group, score * group])
            counts[at, group] = shares_of(thresholds, shift) * people
    return ItemTable(scores, np.arange(len(thresholds) + 1.0), np.round(counts).astype(np.int64))


def test_a_population_gives_its_own_parameters_back() -> None:
    terms, thresholds = np.array([0.4, -0.8, 0.1]), np.array([-1.0, 0.5, 2.2])
    table = population(np.arange(12.0), terms, thresholds, 10**12)
    models = nested_models(table, ("r", "f"))
    found = [term.estimate for term in models.interaction.parameters()]
    assert found == pytest.approx([*thresholds, *terms], abs=1e-8)


def test_an_item_without_dif_has_none_in_the_population() -> None:
    terms, thresholds = np.array([0.4, 0.0, 0.0]), np.array([-1.0, 0.5])
    table = population(np.arange(10.0), terms, thresholds, 10**7)
    item = Studied("item", ("r", "f"), table)
    for name in ("logistic_uniform", "logistic_nonuniform", "logistic_total", "mantel"):
        found = TESTS[name](item)
        assert found.statistic == pytest.approx(0, abs=1e-3), name
        assert found.dif_class in classes.NEGLIGIBLE


def test_uniform_dif_alone_is_no_interaction() -> None:
    table = population(np.arange(10.0), np.array([0.4, 0.9, 0.0]), np.array([-1.0, 0.5]), 10**4)
    item = Studied("item", ("r", "f"), table)
    assert TESTS["logistic_uniform"](item).p < 1e-20
    assert TESTS["logistic_nonuniform"](item).p > 0.9
    assert TESTS["logistic_uniform"](item).odds_ratio == pytest.approx(np.exp(-0.9), rel=1e-3)
    assert liu_agresti(table.counts).odds_ratio == pytest.approx(np.exp(-0.9), rel=1e-3)
    assert TESTS["logistic_uniform"](item).higher == "f"


def test_derivatives_are_those_of_the_likelihood() -> None:
    rng = np.random.default_rng(6)
    counts, x = rng.poisson(4, (9, 4)).astype(float), rng.normal(size=(9, 2))
    place = np.array([-0.9, 0.2, 1.3, 0.4, -0.7])
    gradient, information = _derivatives(place, counts, x)
    step = 1e-5
    for at in range(5):
        there, back = place.copy(), place.copy()
        there[at] += step
        back[at] -= step
        slope = (_loglik(there, counts, x) - _loglik(back, counts, x)) / (2 * step)
        assert gradient[at] == pytest.approx(slope, rel=1e-7)
        bend = _derivatives(there, counts, x)[0] - _derivatives(back, counts, x)[0]
        assert information[at] == pytest.approx(-bend / (2 * step), rel=1e-6, abs=1e-6)


def test_the_tests_of_three_models_add_up() -> None:
    counts = random_counts(np.random.default_rng(9), 8, 3, 4)
    item = studied(counts, ("r", "f", "g"))
    parts = [TESTS[f"logistic_{name}"](item) for name in ("uniform", "nonuniform", "total")]
    assert parts[0].statistic + parts[1].statistic == pytest.approx(parts[2].statistic)
    assert [each.df for each in parts] == [2, 2, 4]
    assert all(each.higher is None for each in parts)
    changes = [np.array(each.change) for each in parts]
    assert changes[0] + changes[1] == pytest.approx(changes[2])


# ----------------------------------------------------------------------------- whole data sets


def test_without_dif_p_values_are_about_uniform() -> None:
    rng = np.random.default_rng(20)
    names = [f"i{at}" for at in range(8)]
    p: dict[str, list[float]] = {"mantel": [], "liu_agresti": [], "logistic_total": []}
    for _ in range(15):
        groups = {"r": simulated(rng, 250, 8, 3), "f": simulated(rng, 250, 8, 3, mean=0.3)}
        answers = answers_of(groups, names, (0, 1, 2))
        for item in names:
            each = Studied.of(answers, item, Design(tuple(names), "total"))
            for name, values in p.items():
                values.append(TESTS[name](each).p)
    for name, values in p.items():
        assert len(values) == 120
        share = np.mean(np.array(values) < 0.05)
        assert 0.005 < share < 0.12, name
        assert 0.4 < np.mean(values) < 0.6, name
        assert 0.2 < np.std(values) < 0.38, name


@pytest.mark.parametrize(("shift", "higher"), [(0.9, "f"), (-0.9, "r")])
def test_dif_that_was_built_in_is_found_and_has_its_direction(shift: float, higher: str) -> None:
    rng = np.random.default_rng(21)
    names = [f"i{at}" for at in range(8)]
    groups = {"r": simulated(rng, 600, 8, 4), "f": simulated(rng, 600, 8, 4, shift=shift)}
    answers = answers_of(groups, names, (0, 1, 2, 3))
    each = Studied.of(answers, "i0", Design(tuple(names[1:]), "total"))
    for name in ("mantel", "liu_agresti", "logistic_uniform"):
        found = TESTS[name](each)
        assert found.p < 1e-4, name
        assert found.higher == higher, name
        if name != "logistic_uniform":
            assert found.dif_class not in classes.NEGLIGIBLE


def test_dif_of_slopes_is_nonuniform() -> None:
    rng = np.random.default_rng(22)
    names = [f"i{at}" for at in range(8)]
    groups = {"r": simulated(rng, 900, 8, 4), "f": simulated(rng, 900, 8, 4, slope=0.4)}
    answers = answers_of(groups, names, (0, 1, 2, 3))
    each = Studied.of(answers, "i0", Design(tuple(names[1:]), "rest"))
    assert TESTS["logistic_nonuniform"](each).p < 1e-6


def test_purification_takes_out_what_was_built_in_and_brings_back_the_rest() -> None:
    rng = np.random.default_rng(23)
    names = tuple(f"i{at}" for at in range(7))
    reference, focal = simulated(rng, 1500, 7, 4), simulated(rng, 1500, 7, 4, shift=1.2)
    answers = answers_of({"r": reference, "f": focal}, names, (0, 1, 2, 3))
    design = Design(names, "total")
    found = purified(answers, design, Criterion("logistic_total", "p", 0.01), 10)
    assert found.converged
    assert set(found.rounds[0]) > {"i0"}, "items that work alike are flagged by bad anchors"
    assert found.anchors == names[1:]
    assert found.rounds[-1] == ("i0",)
    short = purified(answers, design, Criterion("logistic_total", "p", 0.01), 1)
    assert not short.converged
    assert len(short.rounds) == 1
    large = purified(answers, design, Criterion("mantel", "class"), 10)
    assert large.anchors == names[1:]
    by_holm = purified(answers, design, Criterion("logistic_total", "p_holm", 0.05), 10)
    assert set(by_holm.rounds[0]) <= set(
        purified(answers, design, Criterion("logistic_total", "p", 0.05), 10).rounds[0]
    )


def test_effects_on_the_sum_are_of_the_studied_items() -> None:
    rng = np.random.default_rng(24)
    names = tuple(f"i{at}" for at in range(6))
    groups = {"r": simulated(rng, 800, 6, 4), "f": simulated(rng, 800, 6, 4, shift=1.0)}
    answers = answers_of(groups, names, (0, 1, 2, 3))
    design = Design(names[2:], "total")
    items = {name: Studied.of(answers, name, design) for name in names}
    models = {name: each.nested.interaction for name, each in items.items()}
    found = effects(answers, models, design, ("i0", "i1"))
    one, two = found[0], found[1]
    whole = found[-1]
    assert (whole.item, whole.items, whole.n) == (None, 2, 800)
    assert whole.signed == pytest.approx(one.signed + two.signed, rel=1e-12)
    assert whole.uncancelled == pytest.approx(one.unsigned + two.unsigned, rel=1e-12)
    assert abs(whole.signed) <= whole.unsigned + 1e-12 <= float(whole.uncancelled or 0) + 2e-12
    assert one.signed > 0.2 > abs(two.signed)
    smd = mean_difference(items["i0"].table.counts, items["i0"].table.values)
    assert one.signed == pytest.approx(smd.smd, abs=0.05)


def test_pooling_keeps_everybody_and_makes_strata_large_enough() -> None:
    rng = np.random.default_rng(25)
    table = table_of(random_counts(rng, 30, 3, 2, people=1))
    for fewest in (1, 4, 11):
        pooled = table.pooled(fewest)
        assert pooled.sum() == table.n
        assert np.array_equal(pooled.sum(axis=0), table.counts.sum(axis=0))
        assert pooled.sum(axis=2).min() >= fewest
        assert 1 < len(pooled) < 30
    assert table.pooled(None) is table.counts
    assert len(table.pooled(10**6)) == 1


# ------------------------------------------------------------------------------ rules, families


@pytest.mark.parametrize(
    ("delta", "se", "p", "wanted"),
    [
        (1.2, 0.2, 0.05, "A"),
        (1.2, 0.2, 0.049, "B"),
        (0.99, 0.2, 0.001, "A"),
        (-1.0, 0.2, 0.001, "B"),
        (-1.6, 0.3, 0.001, "C"),
        (1.6, 0.4, 0.001, "B"),
        (1.49, 0.1, 0.001, "B"),
        (1.5, 0.1, 0.001, "C"),
    ],
)
def test_ets_classes_of_delta(delta: float, se: float, p: float, wanted: str) -> None:
    assert classes.ets_delta(delta, se, p) == wanted


@pytest.mark.parametrize(
    ("size", "p", "wanted"),
    [
        (0.3, 0.06, "AA"),
        (-0.17, 0.01, "AA"),
        (0.2, 0.01, "BB"),
        (0.25, 0.01, "BB"),
        (-0.26, 0.01, "CC"),
    ],
)
def test_ets_classes_of_smd(size: float, p: float, wanted: str) -> None:
    assert classes.ets_smd(size, p) == wanted


@pytest.mark.parametrize(
    ("change", "p", "jodoin", "zumbo"),
    [
        (0.034, 0.001, "A", "A"),
        (0.035, 0.001, "B", "A"),
        (0.07, 0.001, "C", "A"),
        (0.13, 0.02, "C", "A"),
        (0.13, 0.01, "C", "B"),
        (0.26, 0.001, "C", "C"),
        (0.3, 0.2, "A", "A"),
    ],
)
def test_classes_of_r_squared(change: float, p: float, jodoin: str, zumbo: str) -> None:
    assert classes.jodoin_gierl(change, p) == jodoin
    assert classes.zumbo_thomas(change, p) == zumbo


def test_adjusted_p_values_keep_order_and_are_known() -> None:
    p = np.array([0.04, 0.001, 0.02, 0.5])
    assert holm(p) == pytest.approx([0.08, 0.004, 0.06, 0.5])
    assert benjamini_hochberg(p) == pytest.approx([0.16 / 3, 0.004, 0.04, 0.5])
    assert len(holm(np.array([]))) == len(benjamini_hochberg(np.array([]))) == 0
    rng = np.random.default_rng(1)
    for _ in range(20):
        p = rng.random(7) ** 3
        for adjusted in (holm(p), benjamini_hochberg(p)):
            assert (adjusted >= p).all()
            assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
        assert (holm(p) >= benjamini_hochberg(p) - 1e-15).all()
