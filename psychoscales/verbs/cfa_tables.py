"""The tables of a fitted factor model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.fiml import Missing
from psychoscales.engines.structure.cfa.fit import CONTINUOUS, Fit
from psychoscales.engines.structure.cfa.modification import modifications
from psychoscales.engines.structure.cfa.nested import difference
from psychoscales.engines.structure.cfa.residuals import residuals, unbiased_srmr
from psychoscales.engines.structure.cfa.standardized import Standardized, standardized
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import WHERE, Several, Table
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.factor_scores import factor_scores
from psychoscales.verbs.modelled import Fitted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
LOADINGS = ("factor", "item", "estimate", "se", "z", "p", "std", "std_se")
THRESHOLDS = ("item", "threshold", "below", "above", "estimate", "se", "z", "p")
CORRELATIONS = ("factor", "with_factor", "correlation", "se", "z", "p")
RESIDUALS = ("item", "with_item", "residual", "z")
MODIFICATION = ("lhs", "op", "rhs", "mi", "p", "epc", "sepc")
DIFFERENCE = ("chisq_difference", "df_difference", "p", "method")
PARAMETERS = ("lhs", "op", "rhs", "label", "free", "estimate", "se", "z", "p", "std", "std_se")
FIRST = (
    "n",
    "free",
    "chisq",
    "df",
    "p",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_low",
    "rmsea_high",
    "rmsea_close_p",
    "srmr",
    "usrmr",
    "usrmr_low",
    "usrmr_high",
)
"""The indices that come first in the table of fit, and that its text shows."""
VERSIONS = {"value": "", "scaled": "_scaled", "robust": "_robust"}
TESTS = {
    "ML": "standard errors from the expected information (observed with missing='fiml')",
    "MLM": "sandwich standard errors; scaled: Satorra and Bentler's test",
    "MLR": "Huber-White standard errors; scaled: Yuan and Bentler's test as in Mplus",
    "WLSMV": "diagonally weighted least squares of polychoric correlations, sandwich standard "
    "errors; scaled: scaled and shifted test",
    "ULSMV": "unweighted least squares of polychoric correlations, sandwich standard errors; "
    "scaled: scaled and shifted test",
    "WLS": "weighted least squares of polychoric correlations by all their covariances",
}


@dataclass(frozen=True, eq=False)
class Cfa(Several):
    """What `cfa` returns: tables, a block for each scale. Printing it shows the first ones.

    Attributes:
        fit: index, value. Scaled and robust versions of an index have its name with `_scaled`
            and `_robust`; usrmr is the unbiased SRMR with a 90 % interval.
        loadings: factor, item, estimate, se, z, p, std (completely standardized), std_se.
        thresholds: of ordinal items, between the values below and above.
        factor_correlations: a row for each pair of factors.
        residuals: for each pair of items the standardized residual, and its z.
        modification: what freeing a parameter would do, largest first: mi (by how much the plain
            chi-square would fall), epc (the parameter's value then), sepc (standardized).
        parameters: every parameter, as lhs op rhs.
        estimator, missing: how it was made.
        converged: whether every model's search for estimates ended at a minimum.
        models: each fitted model with the answers it was fitted to.
    """

    fit: Table
    loadings: Table
    thresholds: Table
    factor_correlations: Table
    residuals: Table
    modification: Table
    parameters: Table
    estimator: str
    missing: str
    converged: bool
    models: tuple[Fitted, ...] = ()

    @property
    def fits(self) -> Mapping[str, Fit]:
        """Scale id -> the fitted model, for further tests such as of nested models."""
        return {each.of.id: each.found for each in self.models}

    def scores(
        self, data: Any, method: str | None = None, binding: BindingSource | None = None
    ) -> Any:
        """Return a pandas frame of factor scores, a row for each person in input order.

        Args:
            data: what `read` returned, or a frame or a path.
            method: "ebm" (empirical Bayes modal, of ordinal items; the default there),
                "regression" (the default of continuous items) or "bartlett".
            binding: how the data store the answers, where they are still to be read.
        """
        return factor_scores(self.models, data, method, binding)

    def plot(self, scale: str | None = None) -> Figure:
        """Draw the path diagram: standardized loadings, correlations and residual variances.

        Args:
            scale: which one, where there are several.

        Raises:
            UnknownNameError: there is no such scale, or there are several and none is named.
            RefusalError: the model did not converge.
        """
        from psychoscales.plots.path_diagram import path_diagram
        from psychoscales.verbs.cfa_paths import paths_of

        each = self._to_draw(scale)
        title = f"Standardized estimates: {each.of.name}, {self.estimator}"
        return path_diagram(paths_of(each.found), title=title)

    def plot_residuals(self, scale: str | None = None) -> Figure:
        """Draw the standardized residuals as a map: what the model leaves over.

        Args:
            scale: which one, where there are several.

        Raises:
            UnknownNameError: there is no such scale, or there are several and none is named.
            RefusalError: the model did not converge.
        """
        from psychoscales.plots.residual_map import residual_map

        each = self._to_draw(scale)
        (found,) = residuals(each.found)
        title = f"Residual correlations: {each.of.name}, {self.estimator}"
        return residual_map(each.found.specification.items, found.value, title=title)

    def _to_draw(self, scale: str | None) -> Fitted:
        known = {each.of.id: each for each in self.models}
        if scale is None and len(known) > 1:
            raise UnknownNameError("scale to draw", "(not named)", known)
        if scale is not None and scale not in known:
            raise UnknownNameError("scale to draw", scale, known)
        each = known[scale] if scale is not None else self.models[0]
        if not each.found.converged:
            raise RefusalError("the model did not converge: there is nothing to draw")
        return each

    def against(self, restricted: Cfa, method: str | None = None) -> Table:
        """Test a restricted model against this one, in which it is nested.

        Args:
            restricted: the same answers and estimator, with fewer free parameters.
            method: "plain" (the default for ML), "satorra_bentler_2001" (MLM, MLR),
                "satorra_bentler_2010", or "satorra_2000" (WLSMV, ULSMV). A difference of scaled
                statistics is no test, and is never given.

        Returns:
            A `Table` with a row for each scale: chisq_difference, df_difference, p, method.

        Raises:
            RefusalError: the models are not nested, or not of the same answers.
        """
        rows = []
        for name, larger in self.fits.items():
            if name not in restricted.fits:
                raise RefusalError(f"the restricted model is not of {name}")
            found = difference(larger, restricted.fits[name], method)
            row = {"chisq_difference": found.chisq, "df_difference": found.df, "p": found.p}
            rows.append({**dict.fromkeys(WHERE), "scale": name, **row, "method": found.method})
        return Table("Test of a nested model", (*WHERE, *DIFFERENCE), tuple(rows))

    def to_frame(self) -> Any:
        """Return the loadings as a tidy pandas frame."""
        return self.loadings.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as what `json.dumps` can write."""
        names = ("fit", "loadings", "thresholds", "factor_correlations", "residuals")
        how = {"estimator": self.estimator, "missing": self.missing, "converged": self.converged}
        more = (*names, "modification", "parameters")
        return {**how, **{name: getattr(self, name).to_dict() for name in more}}

    def _shown(self) -> list[Table]:
        given, rows = self.fit, []
        values = {(row["scale"], row["index"]): row for row in given.rows}
        for row in given.rows:
            if row["index"] in FIRST:
                others = {
                    column: values.get((row["scale"], f"{row['index']}{end}"), {}).get("value")
                    for column, end in VERSIONS.items()
                }
                rows.append({**row, **others})
        columns = (*WHERE, "index", *VERSIONS)
        first = Table(given.title, columns, tuple(rows), given.notes)
        return [first, *(t for t in (self.loadings, self.factor_correlations) if t.rows)]

    def __repr__(self) -> str:
        return f"{self.fit.title}; print it for its tables"


def tables(made: Sequence[Fitted], estimator: str, missing: str, refused: Sequence[str]) -> Cfa:
    """Return the tables of fitted models, one block a scale."""
    notes = [note for each in made for note in _notes(each)]
    labels = ", ".join(dict.fromkeys(each.of.label for each in made))
    std = [standardized(each.found) for each in made]
    both = list(zip(made, std, strict=True))

    def table(title: str, columns: Sequence[str], rows: Iterator[dict[str, Any]]) -> Table:
        return Table(title, (*WHERE, *columns), tuple(rows))

    fit_rows = tuple(row for each in made for row in _indices(each))
    every = [row for each, values in both for row in _parameters(each, values)]
    kept = (*WHERE, *LOADINGS)
    loadings = ({name: row[name] for name in kept} for row in every if row["op"] == "=~")
    return Cfa(
        fit=Table(
            f"Confirmatory factor analysis, {estimator} ({labels})",
            (*WHERE, "index", "value"),
            fit_rows,
            (*notes, *refused, f"{estimator}: {TESTS[estimator]}"),
        ),
        loadings=table("Loadings", LOADINGS, loadings),
        thresholds=table(
            "Thresholds", THRESHOLDS, (row for each in made for row in _thresholds(each))
        ),
        factor_correlations=table(
            "Correlations of the factors",
            CORRELATIONS,
            (row for each, values in both for row in _correlations(each, values)),
        ),
        residuals=table(
            "Standardized residuals", RESIDUALS, (row for each in made for row in _residuals(each))
        ),
        modification=table(
            "Modification indices",
            MODIFICATION,
            (row for each in made for row in _modification(each)),
        ),
        parameters=table("Parameters", PARAMETERS, iter(every)),
        estimator=estimator,
        missing=missing,
        converged=all(each.found.converged for each in made),
        models=tuple(made),
    )


def _notes(each: Fitted) -> list[str]:
    key = each.of.key
    keyed = "answers as given" if key == "none" else f"items keyed as the score {key} does"
    said = [f"{each.of.name}: {each.notes[0]}", f"{each.of.name}: {keyed}"]
    said += [f"{each.of.name}: {note}" for note in each.notes[1:]]
    return said + [f"{each.of.name}: {warning}" for warning in each.found.warnings]


def _indices(each: Fitted) -> Iterator[dict[str, Any]]:
    found = dict(each.found.indices)
    if not found:
        found = {"n": float(sum(each.found.n)), "free": float(each.found.specification.free)}
    elif each.found.specification.df > 0:
        unbiased = unbiased_srmr(each.found)
        found |= {"usrmr": unbiased.value, "usrmr_low": unbiased.low, "usrmr_high": unbiased.high}
    (first,) = {type(sample) for sample in each.found.samples}
    if (
        "srmr" in found
        and each.found.estimator in CONTINUOUS
        and len(each.found.n) == 1
        and first != Missing
    ):
        # As lavaan's default, which has no means in such models.
        found["srmr_with_means"], found["srmr"] = found["srmr"], found.pop("srmr_no_mean")
    order = [name for name in FIRST if name in found]
    for name in (*order, *(other for other in found if other not in FIRST)):
        if not np.isnan(found[name]):
            yield {**each.of.where, "index": name, "value": whole_index(name, found[name])}


def whole_index(name: str, value: float) -> float | int:
    """Return counts among the indices as whole numbers."""
    counted = ("n", "free", "df", "df_scaled", "baseline_df")
    return int(value) if name in counted else value


def _parameters(each: Fitted, std: Standardized) -> Iterator[dict[str, Any]]:
    found = each.found
    columns = (found.estimate, found.se, found.z, found.p, std.estimate, std.se)
    rows = zip(found.specification.parameters, *columns, strict=True)
    for row, estimate, se, z, p, standard, standard_se in rows:
        free = row.free >= 0
        yield {
            **each.of.where,
            "factor": row.lhs,
            "item": row.rhs,
            "lhs": row.lhs,
            "op": row.op,
            "rhs": row.rhs,
            "label": row.label.removeprefix("label:") if row.label else None,
            "free": free,
            "estimate": float(estimate),
            "se": float(se) if free else None,
            "z": float(z),
            "p": float(p),
            "std": float(standard),
            "std_se": float(standard_se),
        }


def _thresholds(each: Fitted) -> Iterator[dict[str, Any]]:
    found = each.found
    columns = (found.estimate, found.se, found.z, found.p)
    for row, estimate, se, z, p in zip(found.specification.parameters, *columns, strict=True):
        if row.matrix == "tau":
            steps = each.steps[row.row]
            yield {
                **each.of.where,
                "item": row.lhs,
                "threshold": row.column + 1,
                "below": _shortest(steps[row.column]),
                "above": _shortest(steps[row.column + 1]),
                "estimate": float(estimate),
                "se": float(se),
                "z": float(z),
                "p": float(p),
            }


def _shortest(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _correlations(each: Fitted, std: Standardized) -> Iterator[dict[str, Any]]:
    """Yield correlations of factors: standardized covariances, with their own errors."""
    from scipy.special import ndtr

    rows = zip(each.found.specification.parameters, std.estimate, std.se, strict=True)
    for row, value, se in rows:
        if row.matrix == "psi" and row.row != row.column:
            z = value / se if se > 0 else float("nan")
            yield {
                **each.of.where,
                "factor": row.lhs,
                "with_factor": row.rhs,
                "correlation": float(value),
                "se": float(se),
                "z": float(z),
                "p": 2 * float(ndtr(-abs(z))),
            }


def _residuals(each: Fitted) -> Iterator[dict[str, Any]]:
    if not each.found.converged:
        return
    (found,) = residuals(each.found)
    items = each.found.specification.items
    for column, first in enumerate(items):
        for row in range(column + 1, len(items)):
            yield {
                **each.of.where,
                "item": first,
                "with_item": items[row],
                "residual": float(found.value[row, column]),
                "z": float(found.z[row, column]),
            }


def _modification(each: Fitted) -> Iterator[dict[str, Any]]:
    if not each.found.converged:
        return
    for one in sorted(modifications(each.found), key=lambda found: -found.mi):
        values = {name: getattr(one, name) for name in MODIFICATION}
        yield {**each.of.where, **values}
