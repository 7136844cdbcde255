"""Laws of confirmatory factor analysis: what must hold whatever another program says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from psychoscales.engines.structure.cfa import matrices
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.estimation import (
    LeastSquares,
    MaximumLikelihood,
    minimise,
)
from psychoscales.engines.structure.cfa.fiml import missing
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.matrices import Layout
from psychoscales.engines.structure.cfa.modification import modifications
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.engines.structure.cfa.normal import Complete, complete, moments
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.engines.structure.cfa.robust import Piece, information, meat, traces
from psychoscales.engines.structure.cfa.scores import scores
from psychoscales.engines.structure.cfa.specification import Specification
from psychoscales.engines.structure.cfa.standardized import standardized
from psychoscales.engines.structure.cfa.starts import start
from tests.structure.cfa_cases import (
    EQUAL,
    ONE,
    SCALAR,
    THREE,
    E,
    N,
    X,
    counted,
    fits,
    genders,
    holzinger,
    missing_holzinger,
    neuroticism,
    ordinal_items,
    schools,
    table,
)

Floats = npt.NDArray[np.float64]
FIT = ("chisq", "df", "cfi", "tli", "rmsea", "srmr")


def models() -> list[tuple[str, Specification]]:
    """Models with every kind of free parameter."""
    five = [5] * 5
    return [
        ("one factor", specify(ONE)),
        ("marker", specify(THREE, identification="marker", covariances=[("x1", "x7")])),
        ("second order", specify(THREE, second_order={"g": list(THREE)})),
        ("groups", specify(THREE, groups=2, equal=SCALAR, labels={"visual ~~ speed": "c"})),
        ("ordinal", specify(ONE, thresholds=five, covariances=[("N1", "N5")])),
        ("delta", specify({"f": E}, thresholds=five, groups=2, equal=("thresholds", *SCALAR))),
        (
            "theta",
            specify(
                {"f": E, "g": E[1:4]},
                thresholds=five,
                groups=2,
                equal=("thresholds", "loadings"),
                parameterization="theta",
                second_order={"h": ["f", "g"]},
            ),
        ),
    ]


def somewhere(of: Specification, seed: int = 7) -> Floats:
    """Return parameters away from anything special."""
    p = len(of.items)
    cov = 0.4 * np.ones((p, p)) + 0.9 * np.eye(p)
    steps = [np.linspace(-1.2, 1.3, count) for count in of.thresholds]
    begin = start(
        of,
        [cov] * of.groups,
        [np.linspace(-1, 1, p)] * of.groups,
        [np.concatenate(steps)] * of.groups if steps else (),
    )
    return np.asarray(begin + np.random.default_rng(seed).uniform(-0.1, 0.1, len(begin)))


def central(function: Callable[[Floats], Any], x: Floats, step: float = 1e-5) -> Floats:
    """Return a derivative by central differences, the parameter last."""
    columns = []
    for at in range(len(x)):
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        columns.append((np.asarray(function(up)) - np.asarray(function(down))) / (2 * step))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize(("name", "of"), models())
def test_jacobian_is_the_derivative(name: str, of: Specification) -> None:
    layout, x = Layout(of), somewhere(of)
    found = np.vstack(layout.jacobian(x))
    numeric = central(lambda y: np.concatenate([at.vector for at in layout.implied(y)]), x)
    assert found.shape == (of.moments, of.free)
    np.testing.assert_allclose(found, numeric, atol=1e-8, err_msg=name)


def test_a_wrong_jacobian_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    of = specify(THREE, identification="marker")
    layout, x = Layout(of), somewhere(of)
    monkeypatch.setattr("numpy.where", lambda *given: given[2])
    found = np.vstack(layout.jacobian(x))
    monkeypatch.undo()
    numeric = central(lambda y: np.concatenate([at.vector for at in layout.implied(y)]), x)
    assert np.abs(found - numeric).max() > 0.1


def continuous() -> list[tuple[Specification, Sequence[Any]]]:
    return [
        (models()[1][1], [holzinger()]),
        (models()[2][1], [holzinger()]),
        (models()[2][1], [missing_holzinger()]),
        (models()[3][1], schools()),
    ]


@pytest.mark.parametrize("case", range(4))
def test_slopes_and_curvature_of_the_likelihood(case: int) -> None:
    of, samples = continuous()[case]
    objective = MaximumLikelihood(Layout(of), samples)
    begin = start(of, [each.cov for each in samples], [each.mean for each in samples])
    x = begin + np.random.default_rng(3).uniform(-0.05, 0.05, len(begin))
    np.testing.assert_allclose(objective.gradient(x), central(objective.value, x), atol=1e-7)
    numeric = central(objective.gradient, x)
    np.testing.assert_allclose(objective.exact(x), numeric, atol=1e-6)


def test_slopes_of_least_squares() -> None:
    of = specify({"f": E}, thresholds=[5] * 5, groups=2, equal=("thresholds", *SCALAR))
    samples = genders()
    weights = [1 / np.diag(each.gamma) for each in samples]
    n = [each.n for each in samples]
    objective = LeastSquares(Layout(of), [each.vector for each in samples], weights, n)
    x = somewhere(of)
    numeric = central(objective.value, x)
    np.testing.assert_allclose(objective.gradient(x), numeric, rtol=1e-6, atol=1e-7)
    assert objective.exact(x) is None


def test_curvature_of_least_squares() -> None:
    above = {"h": ["f", "g", "k"]}
    of = specify(
        {"f": E[:3], "g": [*E[2:], N[0]], "k": N[1:]},
        items=[*E, *N],
        thresholds=[5] * 10,
        second_order=above,
        free=["k ~1"],
        labels={"f =~ E1": "a", "f =~ E2": "a"},
    )
    sample = ordinal_items(*E, *N)
    weight = 1 / np.diag(sample.gamma)
    objective = LeastSquares(Layout(of), [sample.vector], [weight], [sample.n])
    x = somewhere(of)
    found = objective.exact(x)
    assert found is not None
    np.testing.assert_allclose(found, central(objective.gradient, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "of"), [model for model in models() if not model[1].ordinal])
def test_population_moments_fit_perfectly(name: str, of: Specification) -> None:
    x = np.abs(somewhere(of)) + 0.2
    implied = Layout(of).implied(x)
    samples = [moments(300 + at, each.mean, each.cov) for at, each in enumerate(implied)]
    found = fit(of, samples, "ML")
    assert found.converged, name
    assert found.indices["chisq"] == pytest.approx(0, abs=1e-8)
    assert found.indices["cfi"] == 1
    assert found.indices["srmr"] == pytest.approx(0, abs=1e-8)
    if of.second_order == () and of.groups == 1:
        np.testing.assert_allclose(found.x, x, atol=1e-6)


@pytest.mark.parametrize("estimator", ["WLSMV", "ULSMV"])
def test_population_thresholds_and_correlations_fit_perfectly(estimator: str) -> None:
    of = specify({"f": E}, thresholds=[5] * 5, groups=2, equal=("thresholds", *SCALAR))
    x = fits("cfa_ordinal")["gender_intercepts"].x
    samples = [
        replace(each, vector=at.vector, correlation=at.correlation)
        for each, at in zip(genders(), Layout(of).implied(x), strict=True)
    ]
    found = fit(of, samples, estimator)
    assert found.indices["chisq"] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(found.x, x, atol=1e-6)


def same_fit(left: Fit, right: Fit, but: tuple[str, ...] = ()) -> None:
    assert set(left.indices) == set(right.indices)
    for name in left.indices:
        if name not in but and not np.isnan(left.indices[name]):
            assert left.indices[name] == pytest.approx(right.indices[name], rel=1e-7, abs=1e-9), (
                name
            )


@pytest.mark.parametrize("estimator", ["ML", "MLM", "MLR", "WLSMV", "ULSMV"])
def test_fit_is_the_same_under_marker_and_unit_variance(estimator: str) -> None:
    ordinal = estimator.endswith("SMV")
    steps = [5] * 5 if ordinal else []
    sample: Any = ordinal_items(*N) if ordinal else neuroticism()
    found = [
        fit(specify(ONE, thresholds=steps, identification=way), [sample], estimator)
        for way in ("variance", "marker")
    ]
    same_fit(found[0], found[1])
    first, second = (
        {row.key: value for row, value in zip(each.specification.parameters, values, strict=True)}
        for each, values in ((each, standardized(each).estimate) for each in found)
    )
    for name, value in first.items():
        assert value == pytest.approx(second[name], abs=1e-7), name


def test_theta_and_delta_fit_alike() -> None:
    made = fits("cfa_ordinal")
    same_fit(made["N_WLSMV"], made["N_theta"])
    same_fit(made["gender_thresholds"], made["gender_theta_thresholds"])


def shuffled(sample: Complete, order: Sequence[int]) -> Complete:
    """Return the moments of the items in another order."""
    p = len(order)
    rows, columns = matrices.lower(p, True)
    place = {(int(r), int(c)): at for at, (r, c) in enumerate(zip(rows, columns, strict=True))}
    index = list(order)
    for r, c in zip(rows, columns, strict=True):
        a, b = order[r], order[c]
        index.append(p + place[max(a, b), min(a, b)])
    assert sample.gamma is not None
    gamma = sample.gamma[np.ix_(index, index)]
    return moments(sample.n, sample.mean[list(order)], sample.cov[np.ix_(order, order)], gamma)


def test_item_order_does_not_matter() -> None:
    order = [3, 0, 4, 1, 2]
    turned = specify({"f": [N[at] for at in order]})
    plain = fits("cfa")["N_MLR"]
    found = fit(turned, [shuffled(neuroticism(), order)], "MLR")
    same_fit(plain, found)
    values = dict(zip([row.key for row in turned.parameters], found.estimate, strict=True))
    for row, value in zip(plain.specification.parameters, plain.estimate, strict=True):
        assert values[row.key] == pytest.approx(value, rel=1e-6)


def test_units_do_not_matter() -> None:
    frame = table("cfa", "HolzingerSwineford1939.csv")[X].to_numpy(float)
    unit = np.array([0.1, 3.0, -2.0, 1.0, 10.0, 0.5, 7.0, 1.0, 2.0])
    turned = complete(*counted(frame * unit + 5.0))
    plain, found = fits("cfa")["HS_MLR"], fit(specify(THREE), [turned], "MLR")
    same_fit(plain, found, but=("loglik", "aic", "bic", "sabic", "srmr_mplus"))
    a, b = standardized(plain), standardized(found)
    loading = [row.op == "=~" for row in plain.specification.parameters]
    np.testing.assert_allclose(np.abs(a.estimate[loading]), np.abs(b.estimate[loading]), atol=1e-7)
    np.testing.assert_allclose(a.se[loading], b.se[loading], atol=1e-7)


def test_people_counted_together_or_apart_are_the_same() -> None:
    rows = table("cfa", "bfi.csv")[N].dropna().to_numpy(float)
    each = complete(rows, np.ones(len(rows), dtype=np.int64))
    same_fit(fit(specify(ONE), [each], "MLR"), fits("cfa")["N_MLR"])


@pytest.mark.parametrize("estimator", ["ML", "MLM", "MLR"])
def test_groups_with_nothing_equal_are_the_sum_of_groups(estimator: str) -> None:
    both = fit(specify(THREE, groups=2), schools(), estimator)
    alone = [fit(specify(THREE), [each], estimator) for each in schools()]
    for name in ("chisq", "df", "baseline_chisq", "baseline_df", "loglik", "free", "n"):
        total = sum(each.indices[name] for each in alone)
        assert both.indices[name] == pytest.approx(total, rel=1e-8), name
    np.testing.assert_allclose(both.x, np.concatenate([each.x for each in alone]), atol=1e-6)
    se = [each.se[[row.free >= 0 for row in each.specification.parameters]] for each in alone]
    mine = both.se[[row.free >= 0 for row in both.specification.parameters]]
    np.testing.assert_allclose(mine, np.concatenate(se), rtol=1e-6)


def test_ordinal_groups_with_nothing_equal_are_the_sum_of_groups() -> None:
    steps = [5] * 5
    both = fit(specify({"f": E}, thresholds=steps, groups=2), genders(), "WLSMV")
    alone = [fit(specify({"f": E}, thresholds=steps), [each], "WLSMV") for each in genders()]
    for name in ("chisq", "df", "baseline_chisq"):
        assert both.indices[name] == pytest.approx(sum(one.indices[name] for one in alone))


def test_complete_answers_are_missing_answers_without_missing_ones() -> None:
    rows = table("cfa", "HolzingerSwineford1939.csv")[X].to_numpy(float)
    as_missing = missing(*counted(rows))
    np.testing.assert_allclose(as_missing.cov, holzinger().cov, atol=1e-10)
    left, right = fits("cfa")["HS_MLR"], fit(specify(THREE), [as_missing], "MLR")
    np.testing.assert_allclose(left.x, right.x, atol=1e-7)
    np.testing.assert_allclose(left.se, right.se, atol=1e-8)
    for name in ("chisq", "chisq_scaled", "cfi", "cfi_scaled", "rmsea", "loglik", "srmr"):
        assert left.indices[name] == pytest.approx(right.indices[name], rel=1e-7), name


def test_second_order_of_three_is_the_correlated_model() -> None:
    plain, above = fits("cfa")["HS_MLR"], fits("cfa")["HS_second_order"]
    assert above.indices["df"] == plain.indices["df"]
    assert above.indices["chisq"] == pytest.approx(plain.indices["chisq"], rel=1e-9)


@pytest.mark.parametrize("folder", ["cfa", "cfa_ordinal"])
def test_traces_are_those_of_u_gamma_written_out(folder: str) -> None:
    name = {"cfa": "school_scalar", "cfa_ordinal": "gender_loadings"}[folder]
    pieces = fits(folder)[name].pieces
    bread = np.asarray(np.linalg.inv(information(pieces)))
    assert len(pieces) == 2
    weight = block([piece.share * square(piece) for piece in pieces])
    gamma = block([piece.gamma / piece.share for piece in pieces])
    jacobian = np.vstack([piece.jacobian for piece in pieces])
    inner = np.linalg.inv(jacobian.T @ weight @ jacobian)
    np.testing.assert_allclose(inner, bread, rtol=1e-6, atol=1e-8)
    u = weight - weight @ jacobian @ inner @ jacobian.T @ weight
    found = traces(pieces, bread)
    assert found.first == pytest.approx(np.trace(u @ gamma), rel=1e-8)
    assert found.second == pytest.approx(np.trace(u @ gamma @ u @ gamma), rel=1e-8)
    spread = jacobian.T @ weight @ gamma @ weight @ jacobian
    np.testing.assert_allclose(meat(pieces), spread, rtol=1e-8, atol=1e-8)


def square(piece: Piece) -> Floats:
    return np.diag(piece.weight) if piece.weight.ndim == 1 else piece.weight


def block(parts: Sequence[Floats]) -> Floats:
    size = sum(map(len, parts))
    whole, at = np.zeros((size, size)), 0
    for part in parts:
        whole[at : at + len(part), at : at + len(part)] = part
        at += len(part)
    return whole


def test_normal_moments_need_no_scaling() -> None:
    """Where Gamma is that of normal answers, robust and plain results are the same."""
    at = fits("cfa")["HS_ML"].implied[0]
    gamma = np.asarray(np.linalg.inv(holzinger().expected(at.mean, at.cov)))
    normal = replace(holzinger(), mean=at.mean, cov=at.cov, gamma=gamma)
    normal = replace(normal, log_det=float(np.linalg.slogdet(at.cov)[1]))
    found = {name: fit(specify(THREE), [normal], name) for name in ("ML", "MLM", "MLR")}
    for name in ("MLM", "MLR"):
        assert found[name].indices["scaling_factor"] == pytest.approx(1, rel=1e-9)
        np.testing.assert_allclose(found[name].se, found["ML"].se, rtol=1e-7)


def test_freeing_a_parameter_lowers_chi_square_by_about_its_modification_index() -> None:
    of = fits("cfa")["HS_ML"]
    best = max(modifications(of), key=lambda each: each.mi)
    assert (best.lhs, best.rhs) == ("visual", "x9")
    cross = {**THREE, "visual": [*X[:3], "x9"]}
    wider = fit(specify(cross, items=X), [holzinger()], "ML")
    fall = of.indices["chisq"] - wider.indices["chisq"]
    assert best.mi == pytest.approx(fall, rel=0.2)
    row = next(at for at in wider.specification.parameters if at.key == "visual =~ x9")
    assert best.epc == pytest.approx(wider.x[row.free], rel=0.5)
    assert difference(wider, of).chisq == pytest.approx(fall)


def test_modification_index_of_a_parameter_set_free_at_zero_gain_is_zero() -> None:
    found = {(each.lhs, each.rhs): each.mi for each in modifications(population())}
    assert max(found.values()) == pytest.approx(0, abs=1e-8)


def population() -> Fit:
    at = fits("cfa")["HS_ML"].implied[0]
    return fit(specify(THREE), [moments(301, at.mean, at.cov)], "ML")


def test_equal_parameters_are_equal_and_cost_degrees_of_freedom() -> None:
    of = fits("cfa")["N_ML_equal_loadings"]
    values = dict(zip([row.key for row in of.specification.parameters], of.estimate, strict=True))
    assert values["f =~ N1"] == values["f =~ N2"] != values["f =~ N3"] == values["f =~ N4"]
    assert of.specification.df == fits("cfa")["N_ML"].specification.df + 2
    assert len(EQUAL) == 4


def test_bartlett_scores_are_unbiased_and_regression_scores_shrunken() -> None:
    of = fits("cfa")["HS_ML"]
    layout = of.matrices[0]
    eta = np.array([[1.0, -0.5, 2.0]])
    answers = of.implied[0].mean + eta @ layout.lam.T
    np.testing.assert_allclose(scores(of, answers, "bartlett"), eta, atol=1e-10)
    assert np.linalg.norm(scores(of, answers, "regression")) < np.linalg.norm(eta)


def test_modal_scores_rise_with_answers_and_leave_missing_ones_out() -> None:
    of = fits("cfa_ordinal")["N_WLSMV"]
    rows = np.repeat(np.arange(6.0)[:, None], 5, axis=1)
    found = scores(of, rows)[:, 0]
    assert (np.diff(found) > 0).all()
    part = np.array([[5.0, np.nan, np.nan, np.nan, np.nan], [np.nan] * 5])
    shrunk = scores(of, part)[:, 0]
    assert 0 < shrunk[0] < found[-1]
    assert np.isnan(shrunk[1])


def test_search_does_not_depend_on_where_it_starts() -> None:
    of = specify(THREE)
    objective = MaximumLikelihood(Layout(of), [holzinger()])
    best = fits("cfa")["HS_ML"]
    rng = np.random.default_rng(11)
    for _ in range(5):
        begin = start(of, [holzinger().cov], [holzinger().mean]) * rng.uniform(0.6, 1.4, of.free)
        found = minimise(objective, begin)
        assert found.converged
        assert 2 * 301 * found.value == pytest.approx(best.indices["chisq"], rel=1e-9)


def test_two_groups_of_the_same_people_are_one_group_twice() -> None:
    one: Ordered = ordinal_items(*N)
    of = specify(ONE, thresholds=[5] * 5, groups=2, equal=("thresholds", *SCALAR))
    both = fit(of, [one, one], "WLSMV")
    alone = fits("cfa_ordinal")["N_WLSMV"]
    values = {
        (row.key, row.group): value for row, value in zip(of.parameters, both.estimate, strict=True)
    }
    for row, value in zip(alone.specification.parameters, alone.estimate, strict=True):
        assert values[row.key, 0] == pytest.approx(value, abs=1e-6)
    assert values["f ~1", 1] == pytest.approx(0, abs=1e-6)
    assert values["f ~~ f", 1] == pytest.approx(1, abs=1e-6)
    assert both.indices["chisq"] == pytest.approx(2 * alone.indices["chisq"], rel=1e-8)
