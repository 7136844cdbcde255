"""`psychoscales.efa`: exploratory factor analysis of the items of one score or scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from psychoscales.engines.structure.efa import (
    Solution,
    likelihood_fit,
    residual_fit,
    solution,
)
from psychoscales.engines.structure.extraction import AXIS_TOLERANCE
from psychoscales.errors import RefusalError
from psychoscales.moments import MissingRule
from psychoscales.results import WHERE, Several, Table
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.correlated import CORRELATIONS, Correlated, correlated, normal_theory
from psychoscales.verbs.read import ScaleSource

SHOWN_FROM = 0.30
MOST_BESIDE = 4
"""Factors beside which a line of text has room for communality and uniqueness."""


@dataclass(frozen=True, eq=False)
class Efa(Several):
    """What `efa` returns: tables of one analysis. Printing it leaves small loadings blank.

    Attributes:
        loadings: a row for each item: the pattern loadings factor_1, factor_2, ..., then
            communality and uniqueness.
        factor_correlations: a row for each pair of factors; empty where they are uncorrelated.
        structure: correlations of items and factors, a row for each item.
        explained: for each factor the variance it explains, in items and as a share.
        fit: index, value. df, rmsr and crmsr; with method="ml" also chisq, p, rmsea (with its
            90 % interval), tli and bic.
        residuals: for each pair of items the observed correlation, the implied one and the
            difference.
        method, rotation, kaiser, seed: how it was made.
    """

    loadings: Table
    factor_correlations: Table
    structure: Table
    explained: Table
    fit: Table
    residuals: Table
    method: str
    rotation: str
    kaiser: bool
    seed: int | None

    def to_frame(self) -> Any:
        """Return the loadings as a tidy pandas frame."""
        return self.loadings.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as what `json.dumps` can write."""
        made = {name: table.to_dict() for name, table in self._tables().items()}
        how = {"method": self.method, "rotation": self.rotation, "kaiser": self.kaiser}
        return {**how, "seed": self.seed, **made}

    def plot(self, threshold: float = SHOWN_FROM) -> Any:
        """Return a matplotlib figure of the loadings; those below `threshold` are faint."""
        from psychoscales.plots.loadings import loadings_figure

        names = _factors(self.loadings)
        values = np.array([[row[name] for name in names] for row in self.loadings.rows])
        items = [str(row["item"]) for row in self.loadings.rows]
        titles = [name.replace("_", " ") for name in names]
        return loadings_figure(items, titles, values, threshold, self.loadings.title)

    def _tables(self) -> dict[str, Table]:
        names = ("loadings", "factor_correlations", "structure", "explained", "fit", "residuals")
        return {name: getattr(self, name) for name in names}

    def _shown(self) -> list[Table]:
        names = _factors(self.loadings)
        rows = tuple(
            {k: v for k, v in row.items() if k not in names or abs(v) >= SHOWN_FROM}
            for row in self.loadings.rows
        )
        given = self.loadings
        blank = f"loadings below {SHOWN_FROM:.2f} in size are left blank here"
        hidden = ("uniqueness",) if len(names) > MOST_BESIDE else ()
        first = Table(given.title, given.columns, rows, (*given.notes, blank), hidden)
        others = [self.explained, self.factor_correlations, self.fit]
        return [first, *(table for table in others if table.rows)]


def efa(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    factors: int = 1,
    rotation: str = "oblimin",
    method: Literal["minres", "ml", "principal_axis"] = "minres",
    kaiser: bool | None = None,
    metric: Literal["raw", "polychoric"] = "raw",
    missing: MissingRule = "complete",
    score: str | None = None,
    starts: int = 10,
    seed: int = 1,
    tolerance: float = AXIS_TOLERANCE,
    binding: BindingSource | None = None,
) -> Efa:
    r"""Return an exploratory factor analysis: :math:`R = \Lambda \Phi \Lambda' + \Psi`.

    Factors are in the order of the variance they explain; each has the sign that makes the sum
    of its loadings positive. Factor correlations are those of the factors (:math:`\Phi`), not of
    scores on them. Communalities, residuals and fit do not depend on the rotation.

    Args:
        data: what `read` returned, a frame or a path with `scale`, `Patterns`, or `Moments`.
        scale: the scale, where `data` does not know it, or holds several.
        factors: how many; see `retain`.
        rotation: "oblimin" (direct quartimin, gamma = 0), "geomin" (delta = .01), "promax"
            (psych's), "promax_spss" (SPSS's; power 4 both), "varimax", or "none".
        method: "minres", "ml" (maximum likelihood), or "principal_axis".
        kaiser: normalise rows while rotating. None for psych's habit: varimax and promax only.
            SPSS always does.
        metric: "raw" values (Pearson correlations), or "polychoric".
        missing: "complete" uses the people who answered every item; "pairwise" every answer, and
            gives no chi-square, because pairs are of different people.
        score: the items of this score, as keyed by it. Without it: the score that holds all
            scored items; if there is none, all scored items as answered.
        starts: places that oblimin, geomin and varimax begin at: the unrotated loadings, then
            random turns of them. The lowest minimum is kept.
        seed: of the random turns.
        tolerance: principal axis factoring ends when no communality changes by more. SPSS ends
            at .001, up to .08 of a loading away from where it leads.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Efa`.

    Raises:
        RefusalError: more factors than the items can tell; no convergence; a matrix that is not
            positive definite, with "ml"; no correlations.

    Source:
        Harman HH, Jones WH. Psychometrika 1966;31:351-368. doi:10.1007/BF02289468 (minres).
        Jennrich RI, Sampson PF. Rotation for simple loadings. Psychometrika 1966;31:313-323.
        doi:10.1007/BF02289465 (direct quartimin). Agrees with R code that takes each solution to
        its end to 1e-8; with psych::fa to 3e-5 (oblimin) and 1.5e-3 (varimax, promax), where
        psych stops; with SPSS 27 to 1e-7 (principal axis, tolerance .001).

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq9", n=400, seed=3, loading=0.6)
        >>> found = ps.efa(answers, method="ml")
        >>> bool((found.to_frame()["factor_1"] > 0.4).all())
        True
        >>> list(found.fit.to_frame()["index"])[:3]
        ['n', 'chisq', 'df']
    """
    if starts < 1:
        raise ValueError(f"starts is 1 or more, not {starts}")
    given = correlated(data, scale, score, metric, missing, binding)
    found = solution(
        given.correlation,
        factors,
        method=method,
        rotation=rotation,
        kaiser=kaiser,
        starts=starts,
        seed=seed,
        tolerance=tolerance,
    )
    return _tables(given, found)


def _tables(given: Correlated, found: Solution) -> Efa:
    names = [f"factor_{number}" for number in range(1, len(found.explained) + 1)]
    what = "Exploratory factor analysis"
    own = {"communality": found.communality, "uniqueness": found.uniqueness}
    loadings, rows = _items(given, names, found.loadings), []
    for at, row in enumerate(loadings):
        rows.append(row | {name: float(values[at]) for name, values in own.items()})
    notes = (*given.notes, *_how(given, found), *_warnings(given, found))
    return Efa(
        loadings=_table(f"{what} ({given.label})", ["item", *names, *own], rows, notes),
        factor_correlations=_table(
            "Correlations of the factors",
            ["factor", "with_factor", "correlation"],
            _pairs(given, names, found),
        ),
        structure=_table(
            "Structure: correlations of items and factors",
            ["item", *names],
            _items(given, names, found.structure),
        ),
        explained=_explained(given, names, found),
        fit=_fit(given, found),
        residuals=_residuals(given, found),
        method=found.extraction.method,
        rotation=found.rotation.rotation,
        kaiser=found.rotation.kaiser,
        seed=found.rotation.seed,
    )


def _table(
    title: str, columns: list[str], rows: list[dict[str, Any]], notes: tuple[str, ...] = ()
) -> Table:
    return Table(title, (*WHERE, *columns), tuple(rows), notes)


def _items(given: Correlated, names: list[str], values: Any) -> list[dict[str, Any]]:
    return [
        {**given.where, "item": item, **dict(zip(names, map(float, row), strict=True))}
        for item, row in zip(given.items, values, strict=True)
    ]


def _pairs(given: Correlated, names: list[str], found: Solution) -> list[dict[str, Any]]:
    phi = found.factor_correlations
    if np.array_equal(phi, np.eye(len(phi))):
        return []
    return [
        {**given.where, "factor": a, "with_factor": b, "correlation": float(phi[i, j])}
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i < j
    ]


def _explained(given: Correlated, names: list[str], found: Solution) -> Table:
    k = len(given.items)
    rows = [
        {
            **given.where,
            "factor": name,
            "variance": float(variance),
            "share": float(variance) / k,
            "cumulative": float(found.explained[: at + 1].sum()) / k,
        }
        for at, (name, variance) in enumerate(zip(names, found.explained, strict=True))
    ]
    return _table("Variance explained", ["factor", "variance", "share", "cumulative"], rows)


def _fit(given: Correlated, found: Solution) -> Table:
    values: dict[str, float | int | None] = {"n": given.one_n}
    notes = []
    try:
        values |= likelihood_fit(given.correlation, found, normal_theory(given))
    except RefusalError as refusal:
        notes.append(f"no chi-square, RMSEA or TLI: {refusal}")
    values |= residual_fit(found)
    values["df"] = int(values["df"] or 0)
    rows = [{**given.where, "index": name, "value": value} for name, value in values.items()]
    return _table("Fit", ["index", "value"], rows, tuple(notes))


def _residuals(given: Correlated, found: Solution) -> Table:
    rows = []
    for i, j in zip(*np.triu_indices(len(given.items), 1), strict=True):
        observed, left = float(given.correlation[i, j]), float(found.residual[i, j])
        pair = {"item": given.items[i], "with_item": given.items[j]}
        values = {"observed": observed, "implied": observed - left, "residual": left}
        rows.append({**given.where, **pair, **values})
    columns = ["item", "with_item", "observed", "implied", "residual"]
    return _table("Residual correlations", columns, rows)


def _how(given: Correlated, found: Solution) -> list[str]:
    turned, method = found.rotation, found.extraction.method.replace("_", " ")
    text = f"{CORRELATIONS[given.metric]} correlations, {method}, "
    if turned.rotation == "none":
        return [text + "not rotated"]
    detail = {"oblimin": " (gamma 0)", "geomin": " (delta .01)"}.get(turned.rotation, "")
    text += f"{turned.rotation}{detail} {'with' if turned.kaiser else 'without'} Kaiser's "
    text += "normalisation"
    if turned.starts > 1:
        text += f"; {turned.reached} of {turned.starts} starts (seed {turned.seed}) led here"
    notes = [text]
    if turned.criterion is not None and turned.first is not None:
        lower = turned.first - turned.criterion
        if lower > 1e-6 * max(1.0, abs(turned.criterion)):
            notes.append(
                "the start from the unrotated loadings, the only one of psych and SPSS, leads to "
                "another solution with a larger criterion; starts=1 shows it"
            )
    return notes


def _warnings(given: Correlated, found: Solution) -> list[str]:
    """Return warnings that name items: communalities of 1 and above, matrices with no inverse."""
    notes = []
    for at in np.flatnonzero(found.heywood):
        value = float(found.communality[at])
        notes.append(
            f"Heywood case: {given.items[at]} has the communality {value:.3f}; no loading of its "
            "factor is to be trusted; take fewer factors"
        )
    lowest = float(np.linalg.eigvalsh(given.correlation)[0])
    if lowest < 1e-10:
        notes.append(
            f"the correlation matrix is not positive definite (smallest eigenvalue {lowest:.2g})"
        )
    return notes


def _factors(table: Table) -> list[str]:
    return [name for name in table.columns if name.startswith("factor_")]
