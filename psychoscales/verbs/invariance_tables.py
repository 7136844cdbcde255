"""`Invariance`: what `psychoscales.invariance` returns, as text, page and picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.invariance import Step
from psychoscales.engines.structure.invariance_models import Design
from psychoscales.results import WHERE, Table, Tables
from psychoscales.verbs.cfa_tables import whole_index
from psychoscales.verbs.comparable import Comparable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = (
    *WHERE,
    "level",
    "chisq",
    "df",
    "chisq_scaled",
    "chisq_difference",
    "df_difference",
    "p",
    "cfi",
    "rmsea",
    "srmr",
    "delta_cfi",
    "delta_rmsea",
    "delta_srmr",
    "method",
    "against",
    "indices",
    "by",
    "n",
    "note",
)
HIDDEN = ("method", "against", "indices", "by", "n")
FIT_COLUMNS = (*WHERE, "level", "index", "value")
FACTOR_COLUMNS = (*WHERE, "level", "factor", "mean", "mean_se", "z", "p", "variance", "variance_se")
PARAMETER_COLUMNS = (
    *(*WHERE, "level", "lhs", "op", "rhs", "free", "equal"),
    *("estimate", "se", "z", "p"),
)
DELTAS = ("cfi", "rmsea", "srmr")
FLAVOURS = {"plain": "", "scaled": "_scaled", "robust": "_robust"}
MADE_OF = {
    "plain": "of the plain statistic",
    "scaled": "of the scaled statistics",
    "robust": "the robust ones: what they would be for normal answers",
}
METHODS = {
    "plain": "difference of the likelihood ratios",
    "satorra_2000": "Satorra (2000), scaled and shifted",
    "satorra_bentler_2001": "Satorra and Bentler (2001), scaled",
    "satorra_bentler_2010": "Satorra and Bentler (2010), scaled and always positive",
}


class Levels(NamedTuple):
    """One model's levels, with the answers they were fitted to."""

    of: Comparable
    design: Design
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Invariance(Tables):
    """What `psychoscales.invariance` returns: a table with a row for each level.

    `chisq` and `df` are of the level's model, `chisq_scaled` its robust statistic;
    `chisq_difference`, `df_difference` and `p` are the test against the level named `against`, by
    `method`. `cfi` and `rmsea` are of the version that `indices` names, and deltas are the level
    less the one it is tested against.

    Attributes:
        fit: level, index, value: every index of every level, by the names of `cfa`.
        factors: means and variances of the factors in each group, from the level on that makes
            them comparable.
        parameters: every parameter of every level; `equal` says whether it is one for all groups.
        tested: the fitted models with their answers.
    """

    FURTHER: ClassVar[tuple[str, ...]] = ("fit", "factors", "parameters")

    fit: Table
    factors: Table
    parameters: Table
    tested: tuple[Levels, ...] = field(default=(), repr=False, compare=False)

    @property
    def fits(self) -> Mapping[tuple[str, str], Fit]:
        """(scale id, level) -> the fitted model, for further tests."""
        return {
            (each.of.of.scale.id, step.level): step.fit
            for each in self.tested
            for step in each.steps
            if step.fit is not None and not step.untestable
        }

    def _further(self) -> Iterator[Table]:
        if self.factors.rows:
            yield self._last_factors()

    def _last_factors(self) -> Table:
        """Return the factors at the lowest level that compares them."""
        first: dict[tuple[Any, Any], Any] = {}
        for row in self.factors.rows:
            first.setdefault((row["scale"], row["score"]), row["level"])
        rows = [
            row for row in self.factors.rows if row["level"] == first[row["scale"], row["score"]]
        ]
        levels = ", ".join(dict.fromkeys(str(row["level"]) for row in rows))
        title = f"{self.factors.title} (level: {levels})"
        hidden = ("level", "mean_se", "variance_se")
        return Table(title, self.factors.columns, tuple(rows), (), hidden)

    def plot(self, scale: str | None = None) -> Figure:
        """Draw the indices by level.

        Args:
            scale: which one, where there are several.

        Raises:
            UnknownNameError: there is no such scale, or there are several and none is named.
        """
        from psychoscales.errors import UnknownNameError
        from psychoscales.plots.levels import levels_figure

        known = list(dict.fromkeys(row["scale"] for row in self.rows))
        if (scale is None and len(known) > 1) or (scale is not None and scale not in known):
            raise UnknownNameError("scale to draw", scale or "(not named)", known)
        rows = [row for row in self.rows if scale in (None, row["scale"])]
        lines = {
            f"{name.upper()}": [float("nan") if row[name] is None else row[name] for row in rows]
            for name in DELTAS
        }
        return levels_figure([str(row["level"]) for row in rows], lines, title=self.title)


def tables(
    made: Sequence[Levels], estimator: str, flavour: str, refused: Sequence[str]
) -> Invariance:
    """Return the tables of tested models, a block for each scale."""
    labels = ", ".join(dict.fromkeys(each.of.label for each in made))
    by = made[0].of.by or "occasion"
    rows = [row for each in made for row in _levels(each, flavour)]
    notes = [note for each in made for note in _notes(each)]
    methods = dict.fromkeys(str(row["method"]) for row in rows if row["method"])
    notes += [f"tests of differences: {METHODS[method]}" for method in methods]
    notes.append(f"cfi and rmsea are {MADE_OF[flavour]}; .fit has the other versions")
    if flavour == "robust" and any(each.design.ordinal for each in made):
        notes.append("where thresholds are equal there are no robust indices of ordinal items")
    title = f"Measurement invariance by {by}, {estimator} ({labels})"
    return Invariance(
        title=title,
        columns=COLUMNS,
        rows=tuple(rows),
        notes=tuple(dict.fromkeys([*notes, *refused])),
        hidden=HIDDEN,
        fit=Table("Fit of every level", FIT_COLUMNS, tuple(r for x in made for r in _fit(x))),
        factors=Table(
            f"Factors by {by}", FACTOR_COLUMNS, tuple(r for x in made for r in _factors(x))
        ),
        parameters=Table(
            "Parameters of every level",
            PARAMETER_COLUMNS,
            tuple(r for x in made for r in _parameters(x)),
        ),
        tested=tuple(made),
    )


def _levels(each: Levels, flavour: str) -> Iterator[dict[str, Any]]:
    before: dict[str, dict[str, Any]] = {}
    for step in each.steps:
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row |= {**each.of.of.where, "level": step.level, "against": step.against}
        row |= {"indices": flavour, "by": each.of.by or "occasion"}
        row["note"] = f"{step.level}: {step.note}" if step.note else None
        if step.fit is not None:
            row |= _indices(step.fit, flavour)
        if step.untestable:
            row["df_difference"] = 0
        elif step.against is not None and step.fit is not None:
            last = before[step.against]
            row |= {f"delta_{name}": _less(row[name], last[name]) for name in DELTAS}
        if step.difference is not None:
            tested = step.difference
            row |= {"chisq_difference": tested.chisq, "df_difference": _whole(tested.df)}
            row |= {"p": tested.p, "method": tested.method}
        before[step.level] = row
        yield row


def _indices(found: Fit, flavour: str) -> dict[str, Any]:
    end = FLAVOURS[flavour]
    values = found.indices
    return {
        "chisq": values["chisq"],
        "df": int(values["df"]),
        "chisq_scaled": values.get("chisq_scaled"),
        "cfi": values.get(f"cfi{end}"),
        "rmsea": values.get(f"rmsea{end}"),
        "srmr": values["srmr"],
        "n": sum(found.n),
    }


def _less(value: float | None, last: float | None) -> float | None:
    return None if value is None or last is None else value - last


def _whole(df: float) -> float | int:
    return int(df) if float(df).is_integer() else df


def _fit(each: Levels) -> Iterator[dict[str, Any]]:
    for step in each.steps:
        if step.fit is None or step.untestable:
            continue
        for name, value in step.fit.indices.items():
            if value == value:
                whole = whole_index(name, value)
                yield {**each.of.of.where, "level": step.level, "index": name, "value": whole}


def _place(each: Levels, place: int) -> dict[str, Any]:
    what = "group" if each.of.by else "occasion"
    return {**each.of.of.where, what: each.of.places[place]}


def _factors(each: Levels) -> Iterator[dict[str, Any]]:
    """Yield means and variances where loadings and intercepts are equal."""
    levels = each.design.levels
    for step in each.steps:
        comparable = levels.index(step.level) >= levels.index("intercepts")
        if step.fit is None or step.untestable or not comparable:
            continue
        rows = _by_name(step.fit)
        for place in range(each.design.places):
            group = 0 if each.design.repeated else place
            for factor in each.design.factors:
                name = each.design.named(factor, place)
                mean, spread = rows[f"{name} ~1", group], rows[f"{name} ~~ {name}", group]
                yield {
                    **_place(each, place),
                    "level": step.level,
                    "factor": factor,
                    "mean": mean["estimate"],
                    "mean_se": mean["se"],
                    "z": mean["z"],
                    "p": mean["p"],
                    "variance": spread["estimate"],
                    "variance_se": spread["se"],
                }


def _by_name(found: Fit) -> dict[tuple[str, int], dict[str, Any]]:
    columns = zip(found.estimate, found.se, found.z, found.p, strict=True)
    return {
        (row.key, row.group): {
            "estimate": float(estimate),
            "se": float(se) if row.free >= 0 else None,
            "z": float(z),
            "p": float(p),
        }
        for row, (estimate, se, z, p) in zip(found.specification.parameters, columns, strict=True)
    }


def _parameters(each: Levels) -> Iterator[dict[str, Any]]:
    for step in each.steps:
        if step.fit is None or step.untestable:
            continue
        known = _by_name(step.fit)
        for row in step.fit.specification.parameters:
            at = {**each.of.of.where} if each.design.repeated else _place(each, row.group)
            names = {"lhs": row.lhs, "op": row.op, "rhs": row.rhs}
            free = {"free": row.free >= 0, "equal": row.label is not None}
            yield {**at, "level": step.level, **names, **free, **known[row.key, row.group]}


def _notes(each: Levels) -> Iterator[str]:
    name, key = each.of.of.name, each.of.of.key
    keyed = "answers as given" if key == "none" else f"items keyed as the score {key} does"
    yield each.notes[0]
    yield from each.of.notes
    yield f"{name}: {keyed}"
    yield from each.notes[1:]
    for release in sorted(each.design.released):
        yield f"{name}: released, equal nowhere: {release}"
    if each.design.ordinal:
        yield (
            f"{name}: levels identified after Wu and Estabrook (2016): an equal threshold frees "
            "an item's intercept, a second one its scale"
        )
    for step in each.steps:
        if step.fit is not None and not step.untestable:
            for warning in step.fit.warnings:
                yield f"{name}, {step.level}: {_grouped(each.of, warning)}"


def _grouped(of: Comparable, warning: str) -> str:
    """Name the groups of a warning, which knows their numbers only."""
    for place in reversed(range(len(of.places))):
        warning = warning.replace(f" in group {place + 1}", f" in {of.said(place)}")
    return warning
