"""The golden models of confirmatory factor analysis, as this package says them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from psychoscales.counts import Key, Patterns
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fiml import Missing, missing
from psychoscales.engines.structure.cfa.fit import Fit, fit
from psychoscales.engines.structure.cfa.normal import Complete, complete
from psychoscales.engines.structure.cfa.ordered import Ordered, ordered
from psychoscales.engines.structure.cfa.specification import Specification
from psychoscales.engines.structure.polychoric import ordinal
from psychoscales.moments import MissingRule

Floats = npt.NDArray[np.float64]
GOLDEN = Path(__file__).parents[1] / "golden"
N = [f"N{at}" for at in range(1, 6)]
E = [f"E{at}" for at in range(1, 6)]
X = [f"x{at}" for at in range(1, 10)]
ONE = {"f": N}
THREE = {"visual": X[:3], "textual": X[3:6], "speed": X[6:]}
EQUAL = {"f =~ N1": "a", "f =~ N2": "a", "f =~ N3": "b", "f =~ N4": "b"}
SCALAR = ("loadings", "intercepts")
INDICES = {
    "chisq": "chisq",
    "df": "df",
    "p": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower",
    "rmsea_high": "rmsea.ci.upper",
    "rmsea_close_p": "rmsea.pvalue",
}
ONCE = {
    "baseline_chisq": "baseline.chisq",
    "baseline_df": "baseline.df",
    "baseline_p": "baseline.pvalue",
    "baseline_chisq_scaled": "baseline.chisq.scaled",
    "baseline_p_scaled": "baseline.pvalue.scaled",
    "scaling_factor": "chisq.scaling.factor",
    "srmr": "srmr",
    "srmr_no_mean": "srmr_bentler_nomean",
    "srmr_mplus": "srmr_mplus",
    "crmr": "crmr_nomean",
    "loglik": "logl",
    "aic": "aic",
    "bic": "bic",
    "sabic": "bic2",
    "free": "npar",
    "n": "ntotal",
}
LAVAAN = {
    **INDICES,
    **{f"{ours}_scaled": f"{theirs}.scaled" for ours, theirs in INDICES.items()},
    **{f"{ours}_robust": f"{theirs}.robust" for ours, theirs in INDICES.items()},
    **ONCE,
}
"""The names of the indices here, and in lavaan."""


@functools.cache
def expected(folder: str) -> Any:
    """Return a golden's values."""
    return json.loads((GOLDEN / folder / "expected.json").read_text(encoding="utf-8"))


@functools.cache
def table(folder: str, file: str) -> pd.DataFrame:
    """Return a golden's data."""
    return pd.read_csv(GOLDEN / folder / file)


def counted(rows: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return distinct rows and how often each occurs."""
    values, counts = np.unique(rows, axis=0, return_counts=True)
    return values, counts.astype(np.int64)


@functools.cache
def neuroticism() -> Complete:
    """bfi N1 to N5, complete answers."""
    return complete(*counted(table("cfa", "bfi.csv")[N].dropna().to_numpy(float)))


@functools.cache
def holzinger() -> Complete:
    """Holzinger and Swineford's nine tests."""
    return complete(*counted(table("cfa", "HolzingerSwineford1939.csv")[X].to_numpy(float)))


@functools.cache
def schools() -> tuple[Complete, ...]:
    """The same in two schools, in the order of lavaan's groups."""
    frame = table("cfa", "HolzingerSwineford1939.csv")
    groups = [frame.loc[frame["school"] == name, X] for name in expected("cfa")["groups"]]
    return tuple(complete(*counted(group.to_numpy(float))) for group in groups)


def _ordered(rows: pd.DataFrame, missing: MissingRule = "complete") -> Ordered:
    positions = rows.fillna(0).to_numpy().astype(np.int8) - np.int8(1)
    patterns = Patterns.of(positions, list(rows.columns), [6] * rows.shape[1], Key("bfi", "1", ""))
    made = ordinal(patterns, missing=missing)
    assert made.acov is not None
    assert made.people is not None
    return ordered(made.people, made.thresholds, made.correlation, made.acov)


@functools.cache
def ordinal_items(*items: str) -> Ordered:
    """Complete answers to items of the bfi, E1 and E2 reversed."""
    return _ordered(_bfi()[list(items)].dropna())


@functools.cache
def genders() -> tuple[Ordered, ...]:
    """bfi E1 to E5 of two groups, in the order of lavaan's groups."""
    frame = _bfi()[[*E, "gender"]].dropna()
    groups = [int(name) for name in expected("cfa_ordinal")["groups"]]
    return tuple(_ordered(frame.loc[frame["gender"] == group, E]) for group in groups)


@functools.cache
def missing_holzinger() -> Missing:
    """The nine tests with answers taken out."""
    frame = table("cfa_fiml", "HolzingerSwineford1939_missing.csv")
    return missing(*counted(frame[X].to_numpy(float)))


@functools.cache
def missing_neuroticism() -> Missing:
    """bfi N1 to N5, everybody."""
    return missing(*counted(table("cfa_fiml", "bfi.csv")[N].to_numpy(float)))


@functools.cache
def missing_schools() -> tuple[Missing, ...]:
    """The nine tests with answers taken out, of two schools in the order of lavaan's groups."""
    frame = table("cfa_fiml", "HolzingerSwineford1939_missing.csv")
    groups = [frame.loc[frame["school"] == name, X] for name in expected("cfa_fiml")["groups"]]
    return tuple(missing(*counted(group.to_numpy(float))) for group in groups)


def _fiml() -> Iterator[tuple[str, Specification, Sequence[Missing], str]]:
    for estimator in ("ML", "MLR"):
        yield f"HS_{estimator}", specify(THREE), [missing_holzinger()], estimator
        yield f"N_{estimator}", specify(ONE), [missing_neuroticism()], estimator
    yield "school_scalar", specify(THREE, groups=2, equal=SCALAR), missing_schools(), "MLR"


def _bfi() -> pd.DataFrame:
    frame = table("cfa_ordinal", "bfi.csv").copy()
    for item in ("E1", "E2"):
        frame[item] = 7 - frame[item]
    return frame


def _continuous() -> Iterator[tuple[str, Specification, Sequence[Complete], str]]:
    one, three = specify(ONE), specify(THREE)
    yield "N_ML", one, [neuroticism()], "ML"
    yield "N_MLM", one, [neuroticism()], "MLM"
    yield "N_MLR", one, [neuroticism()], "MLR"
    yield "N_MLR_marker", specify(ONE, identification="marker"), [neuroticism()], "MLR"
    pair = specify(ONE, covariances=[("N1", "N2")])
    yield "N_MLR_residual_covariance", pair, [neuroticism()], "MLR"
    yield "N_ML_equal_loadings", specify(ONE, labels=EQUAL), [neuroticism()], "ML"
    yield "HS_ML", three, [holzinger()], "ML"
    yield "HS_MLR", three, [holzinger()], "MLR"
    above = specify(THREE, second_order={"g": list(THREE)})
    yield "HS_second_order", above, [holzinger()], "MLR"
    yield "HS_orthogonal", specify(THREE, orthogonal=True), [holzinger()], "MLM"
    general = {"g": X, "textual": X[3:6], "speed": X[6:]}
    yield "HS_bifactor", specify(general, orthogonal=True), [holzinger()], "MLR"
    for level, equal in SCHOOL.items():
        yield f"school_{level}", specify(THREE, groups=2, equal=equal), schools(), "MLR"
    partial = specify(THREE, groups=2, equal=SCALAR, free=["x3 ~1", "x7 ~1"])
    yield "school_partial", partial, schools(), "MLR"


SCHOOL: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": SCALAR,
    "strict": (*SCALAR, "residuals"),
}
GENDER: dict[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "loadings": ("thresholds", "loadings"),
    "intercepts": ("thresholds", "loadings", "intercepts"),
}


def _ordinal() -> Iterator[tuple[str, Specification, Sequence[Ordered], str]]:
    five, answers = [5] * 5, [ordinal_items(*N)]
    one = specify(ONE, thresholds=five)
    yield "N_WLSMV", one, answers, "WLSMV"
    yield "N_ULSMV", one, answers, "ULSMV"
    yield "N_pairwise", one, [_ordered(_bfi()[N], "pairwise")], "WLSMV"
    yield "N_marker", specify(ONE, thresholds=five, identification="marker"), answers, "WLSMV"
    yield "N_theta", specify(ONE, thresholds=five, parameterization="theta"), answers, "WLSMV"
    pair = specify(ONE, thresholds=five, covariances=[("N2", "N1")])
    yield "N_residual_covariance", pair, answers, "WLSMV"
    yield "N_equal_loadings", specify(ONE, thresholds=five, labels=EQUAL), answers, "WLSMV"
    two = specify({"e": E, "n": N}, thresholds=[5] * 10)
    yield "EN_WLSMV", two, [ordinal_items(*E, *N)], "WLSMV"
    for level, equal in GENDER.items():
        of = specify({"f": E}, thresholds=five, groups=2, equal=equal)
        yield f"gender_{level}", of, genders(), "WLSMV"
    for level, equal in (
        ("thresholds", ("thresholds",)),
        ("strict", ("thresholds", *SCALAR, "residuals")),
    ):
        of = specify({"f": E}, thresholds=five, groups=2, equal=equal, parameterization="theta")
        yield f"gender_theta_{level}", of, genders(), "WLSMV"


@functools.cache
def fits(folder: str) -> dict[str, Fit]:
    """Return every golden model of a folder, fitted."""
    cases: dict[str, Callable[[], Iterator[tuple[str, Specification, Sequence[Any], str]]]] = {
        "cfa": _continuous,
        "cfa_ordinal": _ordinal,
        "cfa_fiml": _fiml,
    }
    return {name: fit(of, people, estimator) for name, of, people, estimator in cases[folder]()}
