"""`psychoscales.retain`: how many factors the items of one score or scale have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure import parallel
from psychoscales.engines.structure.adequacy import bartlett, kmo
from psychoscales.engines.structure.empirical_kaiser import above, references
from psychoscales.engines.structure.hull import hull
from psychoscales.engines.structure.map_test import average_partials, fewest
from psychoscales.engines.structure.pairs import pair_counts
from psychoscales.engines.structure.parallel import Parallel
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.moments import MissingRule, values_of
from psychoscales.results import WHERE, Several, Table
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.correlated import CORRELATIONS, Correlated, correlated, normal_theory
from psychoscales.verbs.read import ScaleSource

Floats = npt.NDArray[np.float64]
REFERENCES = ("permutation", "normal")
METHODS = {
    "parallel_components": "components",
    "parallel_common_factors": "common_factors",
}
COLUMNS = (
    *("method", "factors", "n", "metric", "missing"),
    *("reference", "quantile", "resamples", "seed", "note"),
)
FEWEST_FOR_HULL = 3


@dataclass(frozen=True, eq=False)
class Retained(Several):
    """What `retain` returns: a suggestion by each method, and what they are from.

    Attributes:
        methods: a row for each method: the number of factors it suggests; null where refused.
        eigenvalues: kind, number, observed, reference_mean, reference_quantile; of components
            also empirical_kaiser, the reference of that criterion.
        partials: components, squared, fourth_power: Velicer's average partial correlations.
        hull: measure (caf, cfi), factors, df, fit, on_hull, elbow.
        adequacy: measure, item, value, df, p, n: KMO overall and of each item, Bartlett's test.
        seed: of the reference.
    """

    methods: Table
    eigenvalues: Table
    partials: Table
    hull: Table
    adequacy: Table
    seed: int

    def to_frame(self) -> Any:
        """Return the methods as a tidy pandas frame."""
        return self.methods.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all tables as what `json.dumps` can write."""
        names = ("methods", "eigenvalues", "partials", "hull", "adequacy")
        return {"seed": self.seed, **{name: getattr(self, name).to_dict() for name in names}}

    def plot(self) -> Any:
        """Return a matplotlib figure: a scree plot with the references of parallel analysis."""
        from psychoscales.plots.scree import Curve, scree_figure

        numbers = {row["method"]: row["factors"] for row in self.methods.rows}
        quantile = next(row["quantile"] for row in self.methods.rows if row["quantile"])
        curves = []
        for method, kind in METHODS.items():
            rows = [row for row in self.eigenvalues.rows if row["kind"] == kind]
            if rows:
                observed = np.array([row["observed"] for row in rows])
                line = np.array([row["reference_quantile"] for row in rows])
                curves.append(Curve(kind.replace("_", " "), observed, line, numbers[method]))
        label = f"{100 * quantile:g}th percentile of the reference"
        return scree_figure(curves, label, self.methods.title)

    def _shown(self) -> list[Table]:
        overall = [row for row in self.adequacy.rows if row["item"] is None]
        given = self.adequacy
        short = Table(given.title, given.columns, tuple(overall), given.notes)
        return [self.methods, short] if overall or given.notes else [self.methods]


def retain(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    metric: Literal["raw", "polychoric"] = "raw",
    missing: MissingRule = "complete",
    score: str | None = None,
    reference: Literal["permutation", "normal"] | None = None,
    resamples: int = 500,
    quantile: float = 0.95,
    seed: int = 1,
    binding: BindingSource | None = None,
) -> Retained:
    """Return how many factors to retain, by several methods that need not agree.

    - parallel_components, parallel_common_factors: eigenvalues of the correlations, and of the
      correlations with squared multiple correlations in the diagonal, that are above a quantile
      of those of independent answers. With Pearson correlations the reference are the people's
      own answers with every column shuffled (or normal answers); with polychoric ones too, and
      their polychoric correlations are estimated.
    - map, map_fourth_power: the smallest average squared (fourth power) partial correlation.
    - hull_caf, hull_cfi: the sharpest elbow of fit against degrees of freedom, of solutions up to
      one factor more than parallel_components, and at least three. The fit is the common part
      accounted for (minres), and CFI (ml; Pearson correlations of one group of people only).
    - empirical_kaiser: eigenvalues above those expected of sampling error, in turn.

    Args:
        data: what `read` returned, a frame or a path with `scale`, `Patterns`, or `Moments`.
        scale: the scale, where `data` does not know it, or holds several.
        metric: "raw" values (Pearson correlations), or "polychoric".
        missing: "complete" or "pairwise"; with "pairwise" n is that of the smallest pair.
        score: the items of this score; without it as in `efa`.
        reference: "permutation" or "normal"; None for "permutation" of up to 10,000 people and
            "normal", its limit, above, and where there are moments only.
        resamples: of the reference.
        quantile: of the reference eigenvalues.
        seed: of the reference.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Retained`.

    Raises:
        RefusalError: fewer than three items; no correlations; a permutation of answers that are
            not there. A method that can give no number has a row that says why.

    Source:
        Horn JL. A rationale and test for the number of factors in factor analysis. Psychometrika
        1965;30:179-185. doi:10.1007/BF02289447. Lubbe D. Psychol Methods 2019;24:339-351.
        doi:10.1037/met0000171. Velicer WF. Psychometrika 1976;41:321-327.
        doi:10.1007/BF02293557. Lorenzo-Seva U, Timmerman ME, Kiers HAL. Multivariate Behav Res
        2011;46:340-364. doi:10.1080/00273171.2011.564527. Braeken J, van Assen MALM. Psychol
        Methods 2017;22:450-466. doi:10.1037/met0000074. KMO and Bartlett's test agree with
        psych to 1e-10, map to 1e-9.

    Examples:
        >>> import psychoscales as ps
        >>> answers = ps.simulate("phq9", n=400, seed=3, loading=0.6)
        >>> found = ps.retain(answers, resamples=100, seed=8).to_frame()
        >>> int(found.set_index("method").loc["parallel_components", "factors"])
        1
    """
    if reference is not None and reference not in REFERENCES:
        raise UnknownNameError("reference", reference, REFERENCES)
    if not 0 < quantile < 1 or resamples < 20:
        raise ValueError("quantile lies between 0 and 1, and resamples is 20 or more")
    given = correlated(data, scale, score, metric, missing, binding)
    kind, matrices = _reference(given, reference, resamples, seed)
    known = parallel.reference_eigenvalues(matrices)
    asked = {"reference": kind, "quantile": quantile, "resamples": resamples, "seed": seed}
    found: dict[str, Parallel] = {}
    rows = []
    for method, eigenvalues in METHODS.items():
        row = {"method": method, "factors": None, **asked}
        try:
            (one,) = parallel.compared(
                given.correlation, {eigenvalues: known[eigenvalues]}, quantile
            )
            found[eigenvalues] = one
            row |= {"factors": one.factors, "resamples": one.resamples}
        except RefusalError as refusal:
            row["note"] = f"{method}: {refusal}"
        rows.append(row)
    partials = {power: average_partials(given.correlation, power) for power in (2, 4)}
    rows += [{"method": "map", "factors": fewest(partials[2])}]
    rows += [{"method": "map_fourth_power", "factors": fewest(partials[4])}]
    components = found["components"]
    chosen, elbows = _hulls(given, components.factors + 1)
    kaiser = references(components.observed, given.fewest)
    rows += [*chosen, {"method": "empirical_kaiser", "factors": above(components.observed, kaiser)}]
    return Retained(
        methods=_methods(given, rows, components.observed),
        eigenvalues=_eigenvalues(given, found, kaiser),
        partials=_partials(given, partials),
        hull=elbows,
        adequacy=_adequacy(given),
        seed=seed,
    )


def _reference(
    given: Correlated, asked: str | None, resamples: int, seed: int
) -> tuple[str, Iterator[Floats]]:
    """Return what the reference is called, and its correlation matrices."""
    if len(given.items) < 3:
        raise RefusalError("how many factors there are can be told of three items or more")
    generator = np.random.default_rng(seed)
    k, n = len(given.items), given.fewest
    whole = given.answers is not None and (
        given.missing == "complete" or given.metric == "polychoric"
    )
    few = n <= parallel.MOST_PERMUTED
    kind = asked or ("permutation" if whole and few else "normal")
    if kind == "permutation" and not whole:
        raise RefusalError(
            "a permutation needs complete answers, not moments or pairs of different people; use "
            "reference='normal', or missing='complete'"
        )
    if given.answers is None:
        if given.metric == "polychoric":
            raise RefusalError(
                "parallel analysis of polychoric correlations needs the answers, not moments"
            )
        return kind, parallel.normal(k, n, resamples, generator)
    patterns, values = given.answers
    if given.missing == "complete":
        patterns = patterns.complete
    if given.metric == "polychoric":
        if kind == "normal":
            pairs = pair_counts(patterns.rows, patterns.counts, patterns.categories)
            return kind, parallel.normal_ordinal(pairs, resamples, generator)
        rows = patterns.rows, patterns.counts, patterns.categories
        return kind, parallel.permuted_ordinal(*rows, resamples, generator)
    if kind == "normal":
        return kind, parallel.normal(k, n, resamples, generator)
    answers = np.repeat(values_of(patterns, values), patterns.counts, axis=0)
    return kind, parallel.permuted(answers, resamples, generator)


def _methods(given: Correlated, rows: list[dict[str, Any]], observed: Floats) -> Table:
    known = {"n": given.fewest, "metric": given.metric, "missing": given.missing}
    whole = [{**given.where, **dict.fromkeys(COLUMNS), **known, **row} for row in rows]
    notes = list(given.notes)
    if given.one_n is None:
        notes.append(f"n is that of the smallest pair, {given.fewest:,}")
    if given.metric == "polychoric":
        notes.append("empirical_kaiser is made for Pearson correlations")
    first = next(row for row in rows if row.get("reference"))
    notes.append(
        f"parallel analysis: {first['reference']}, {first['resamples']:,} resamples, quantile "
        f"{first['quantile']:g}, seed {first['seed']}"
    )
    notes.append(
        f"eigenvalues above 1: {int((observed > 1).sum())} (Kaiser's criterion, which takes too "
        "many factors; it is not a suggestion)"
    )
    hidden = ("metric", "missing", "reference", "quantile", "resamples", "seed")
    title = f"How many factors ({given.label}, {CORRELATIONS[given.metric]} correlations)"
    return Table(title, (*WHERE, *COLUMNS), tuple(whole), tuple(notes), hidden)


def _hulls(given: Correlated, most: int) -> tuple[list[dict[str, Any]], Table]:
    """Return the hulls' rows among the methods, and their table."""
    chosen: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for measure in ("caf", "cfi"):
        row: dict[str, Any] = {"method": f"hull_{measure}", "factors": None}
        chosen.append(row)
        try:
            if measure == "cfi":
                normal_theory(given)
            n = given.one_n if measure == "cfi" else None
            found = hull(given.correlation, max(most, FEWEST_FOR_HULL), n)
        except RefusalError as refusal:
            row["note"] = f"hull_{measure}: {refusal}"
            continue
        row["factors"] = found.factors
        if not np.isfinite(found.elbow).any():
            row["note"] = f"hull_{measure}: only two solutions are on the hull; the better one"
        columns = {"df": found.df, "fit": found.fit, "on_hull": found.on_hull, "elbow": found.elbow}
        for m in range(len(found.df)):
            values = {name: column[m].item() for name, column in columns.items()}
            rows.append({**given.where, "measure": measure, "factors": m, **values})
    named = (*WHERE, "measure", "factors", "df", "fit", "on_hull", "elbow")
    return chosen, Table("Hull", named, tuple(rows))


def _eigenvalues(given: Correlated, found: dict[str, Parallel], kaiser: Floats) -> Table:
    rows = []
    for kind, one in found.items():
        for at, value in enumerate(one.observed):
            own = float(kaiser[at]) if kind == "components" else None
            rows.append(
                {
                    **given.where,
                    "kind": kind,
                    "number": at + 1,
                    "observed": float(value),
                    "reference_mean": float(one.mean[at]),
                    "reference_quantile": float(one.quantile[at]),
                    "empirical_kaiser": own,
                }
            )
    columns = ("kind", "number", "observed", "reference_mean", "reference_quantile")
    return Table("Eigenvalues", (*WHERE, *columns, "empirical_kaiser"), tuple(rows))


def _partials(given: Correlated, partials: dict[int, Floats]) -> Table:
    rows = tuple(
        {
            **given.where,
            "components": m,
            "squared": float(partials[2][m]),
            "fourth_power": float(partials[4][m]),
        }
        for m in range(len(partials[2]))
    )
    columns = (*WHERE, "components", "squared", "fourth_power")
    return Table("Average partial correlations (MAP)", columns, rows)


def _adequacy(given: Correlated) -> Table:
    columns = (*WHERE, "measure", "item", "value", "df", "p", "n")
    title = "Adequacy"
    empty = {**given.where, **dict.fromkeys(("item", "df", "p"))}
    rows: list[dict[str, Any]] = []
    notes = []
    try:
        overall, each = kmo(given.correlation)
        rows.append({**empty, "measure": "kmo", "value": overall, "n": given.one_n})
        rows += [
            {**empty, "measure": "kmo", "item": item, "value": float(value), "n": given.one_n}
            for item, value in zip(given.items, each, strict=True)
        ]
        chisq, df, p = bartlett(given.correlation, normal_theory(given))
        found = {"value": chisq, "df": df, "p": p, "n": given.one_n}
        rows.append({**empty, "measure": "bartlett", **found})
    except RefusalError as refusal:
        notes.append(f"no Bartlett's test: {refusal}" if rows else str(refusal))
    return Table(title, columns, tuple(rows), tuple(notes))
