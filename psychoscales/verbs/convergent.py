"""`psychoscales.convergent`: do scores relate to other measures as they should?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from psychoscales.engines.reliability import COEFFICIENTS
from psychoscales.engines.validity.correlation import INTERVALS, METHODS
from psychoscales.engines.validity.htmt import INTERVALS as RATIO_INTERVALS
from psychoscales.engines.validity.htmt import Asked as AskedRatios
from psychoscales.engines.validity.htmt import ratios
from psychoscales.engines.validity.multitrait import cells
from psychoscales.engines.validity.variance_extracted import (
    average_variance_extracted,
    fornell_larcker,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.resampling import Counted
from psychoscales.results import WHERE, Table, people
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.convergent_tables import (
    AVE_COLUMNS,
    COLUMNS,
    FORNELL_COLUMNS,
    HIDDEN,
    RATIO_COLUMNS,
    RATIO_HIDDEN,
    TRAIT_COLUMNS,
    Convergent,
)
from psychoscales.verbs.declared import (
    Declared,
    Hypothesis,
    hypotheses_table,
    of_correlations,
    verdict_row,
)
from psychoscales.verbs.kept import read_with
from psychoscales.verbs.measured import Measure, joined
from psychoscales.verbs.read import ScaleSource
from psychoscales.verbs.relations import Asked, Related, matrix_rows, related

Row = dict[str, Any]
RESAMPLES = 2000


def convergent(
    data: Any,
    scale: ScaleSource | None = None,
    *,
    against: str | Sequence[str] | None = None,
    score: str | None = None,
    expect: Declared | None = None,
    method: Literal["pearson", "spearman"] = "pearson",
    interval: Literal["fisher", "distribution_free"] = "fisher",
    coefficient: str = "alpha",
    reliability: Mapping[str, float] | None = None,
    absolute: bool = False,
    bootstrap: Literal["percentile", "bca"] = "percentile",
    resamples: int = RESAMPLES,
    seed: int = 1,
    traits: Mapping[str, str] | None = None,
    methods: Mapping[str, str] | None = None,
    missing: Literal["pairwise", "complete"] = "pairwise",
    level: float = 0.95,
    binding: BindingSource | None = None,
) -> Convergent:
    """Relate scores to other scores and numbers: convergent and discriminant validity.

    Correlations, raw and corrected for attenuation; of scores of items also HTMT and HTMT2, the
    average variance extracted and Fornell and Larcker's comparison. The formulas stand at the
    functions of `psychoscales.engines.validity`.

    Args:
        data: what `read` returned, of several scales as a rule, or a frame or path with `scale`.
        scale: the scale, where `data` does not know it.
        against: scores (`gad7_total`) and kept columns of numbers; by default every other score.
        score: the score that is validated; by default every score not named in `against`.
        expect: hypotheses declared beforehand: {"with": "gad7_total", "r": [0.5, 0.8]},
            {"with": "age", "direction": "negative"}, "gad7_total > age"; one, or a list.
        method: "pearson" or "spearman".
        interval: "fisher" (for normal scores), or "distribution_free"; Spearman's is Bonett and
            Wright's.
        coefficient: the reliability that corrects, an id of `psychoscales.reliability`.
        reliability: reliabilities brought along, of kept columns say; taken as known.
        absolute: whether HTMT takes absolute correlations, as semTools does.
        bootstrap: interval of HTMT, "percentile" or "bca".
        resamples: how often people are drawn again; 0 for no interval of HTMT.
        seed: of the random numbers; it is in the result.
        traits, methods: measure -> its trait and its method, for Campbell and Fiske's rules.
        missing: "pairwise", each correlation of everybody who has both; or "complete".
        level: confidence level of all intervals.
        binding: how the data store the answers, where they are still to be read.

    Returns:
        `Convergent`, a `Table` of correlations, with the tables `.htmt`, `.ave`,
        `.fornell_larcker`, `.matrix`, `.multitrait` and `.hypotheses`, the number
        `.share_confirmed`, and the picture `.plot()`.

    Raises:
        UnknownNameError: a score, column, coefficient or method of a name that is not known.
        RefusalError: nothing to compare with; no correlation can be given. Where only some
            cannot, their rows are empty and say why.

    Examples:
        >>> import psychoscales as ps
        >>> both = ps.simulate(["phq9", "gad7"], n=200, seed=1, correlation=0.7)
        >>> found = ps.convergent(both, against=["gad7_total"], resamples=200)
        >>> list(found.htmt.to_frame()["statistic"])
        ['htmt', 'htmt2']
    """
    _check(method, interval, coefficient, bootstrap, missing, level)
    asked = Asked(
        method, interval, level, missing, COEFFICIENTS[coefficient], dict(reliability or {})
    )
    ratio = AskedRatios(absolute, bootstrap if resamples else None, level, resamples, seed)
    others = [against] if isinstance(against, str) else against
    scored = score_responses(read_with(data, scale, others or (), binding))
    all_of = related(scored, score, others, asked)
    rows = [_row(all_of, pair, asked) for pair in all_of.wanted]
    if all(row["value"] is None for row in rows):
        raise RefusalError("; ".join(dict.fromkeys(str(row["note"]) for row in rows)))
    names = [each.name for each in all_of.measures]
    ave, known = _ave(all_of)
    labels = ", ".join(f"{each.id} {each.version}" for each in scored.scales)
    matrix = tuple({**dict.fromkeys(WHERE), **row} for row in matrix_rows(all_of))
    title = f"Correlations (Pearson's r, on the diagonal {coefficient})"
    if method == "spearman":
        title = f"Correlations (Spearman's rho, on the diagonal {coefficient})"
    ratios = _ratio_table(all_of, ratio)
    return Convergent(
        title=f"Convergent validity ({labels}), {100 * level:g}% intervals",
        columns=COLUMNS,
        rows=tuple(rows),
        notes=(*_notes(asked), *(() if ratios.rows else ratios.notes)),
        hidden=HIDDEN,
        htmt=ratios,
        ave=ave,
        fornell_larcker=_fornell_larcker(all_of, known),
        matrix=Table(title, (*WHERE, "variable", *names), matrix),
        multitrait=_multitrait(all_of, traits, methods),
        hypotheses=hypotheses_table(tuple(_judged(all_of, of_correlations(expect, names)))),
    )


def _check(
    method: str, interval: str, coefficient: str, bootstrap: str, missing: str, level: float
) -> None:
    for kind, name, known in (
        ("correlation", method, METHODS),
        ("interval of a correlation", interval, INTERVALS),
        ("coefficient", coefficient, COEFFICIENTS),
        ("interval of a ratio", bootstrap, RATIO_INTERVALS),
        ("missing rule", missing, ("pairwise", "complete")),
    ):
        if name not in known:
            raise UnknownNameError(kind, str(name), known)
    if not 0 < level < 1:
        raise ValueError(f"level lies between 0 and 1, such as 0.95, not {level}")
    if method == "spearman" and interval == "distribution_free":
        raise RefusalError("the distribution-free interval is of Pearson's r")


def _where(one: Measure) -> Row:
    return {**dict.fromkeys(WHERE), "scale": one.scale, "score": one.score_id}


def _row(all_of: Related, pair: tuple[str, str], asked: Asked) -> Row:
    one = all_of.of(*pair)
    first = one.first if one.first.name == pair[0] else one.second
    row: Row = {
        **dict.fromkeys(COLUMNS),
        **_where(first),
        "against": pair[1],
        "level": asked.level,
        "method": asked.method,
        "missing": asked.missing,
        "reliability": all_of.reliability(pair[0]),
        "reliability_against": all_of.reliability(pair[1]),
        "coefficient": asked.coefficient.id,
        "note": f"{pair[1]}: {one.note}" if one.note else None,
    }
    if one.found is not None:
        row |= {name: getattr(one.found, name) for name in ("value", "low", "high", "n", "p")}
        row["interval"] = one.found.interval
    if one.corrected is not None:
        row["corrected"] = one.corrected.value
        row["corrected_low"], row["corrected_high"] = one.corrected.low, one.corrected.high
    return row


def _ratio_table(all_of: Related, asked: AskedRatios) -> Table:
    pairs, rows, notes = [], [], []
    for pair in all_of.wanted:
        one = all_of.of(*pair)
        if one.first.items and one.second.items:
            if one.shared:
                note = f"{', '.join(pair)}: no HTMT: {', '.join(one.shared)} in both scores"
                notes.append(note)
            else:
                pairs.append(pair)
    if pairs:
        used = [each for each in all_of.measures if any(each.name in pair for pair in pairs)]
        try:
            counted, places = _joined(used)
        except RefusalError as refusal:
            notes.append(f"no HTMT: {refusal}")
        else:
            items = [item for each in used for item in each.items]
            made = ratios(counted, places, pairs, asked, items)
            by_name = {each.name: each for each in used}
            for one_ratio in made:
                row = {name: getattr(one_ratio, name, None) for name in RATIO_COLUMNS}
                row |= {**_where(by_name[one_ratio.first]), "against": one_ratio.second}
                row |= {"n": counted.n, "absolute": asked.absolute}
                there = one_ratio.low is not None
                row |= {"level": asked.level, "seed": asked.seed} if there else {}
                rows.append(row)
            notes += _ratio_notes(counted, asked, rows)
    return Table(
        "Heterotrait-monotrait ratios", RATIO_COLUMNS, tuple(rows), tuple(notes), RATIO_HIDDEN
    )


def _joined(used: Sequence[Measure]) -> tuple[Counted, dict[str, list[int]]]:
    values, counts, places = joined(used)
    n = int(counts.sum())
    if n < 3:
        raise RefusalError(f"{people(n)} answered every item of all these scores")
    flat = [each for each in range(values.shape[1]) if len(np.unique(values[:, each])) < 2]
    if flat:
        items = [item for each in used for item in each.items]
        called = ", ".join(items[at] for at in flat)
        raise RefusalError(f"no variance: everybody gave the same answer to {called}")
    return Counted(values, counts), places


def _ratio_notes(counted: Counted, asked: AskedRatios, rows: Sequence[Row]) -> Iterator[str]:
    size = "absolute Pearson correlations" if asked.absolute else "Pearson correlations, signed"
    yield f"{size}, of the {people(counted.n)} who answered every item of all these scores"
    if any(row["low"] is not None for row in rows):
        yield f"{asked.interval} bootstrap, {asked.resamples:,} resamples, seed {asked.seed}"


def _ave(all_of: Related) -> tuple[Table, dict[str, float]]:
    rows, known = [], {}
    for each in all_of.measures:
        if not each.items:
            continue
        row: Row = {**_where(each), "ave": None}
        try:
            known[each.name] = average_variance_extracted(each.moments.cov, each.items)
            row |= {"ave": known[each.name], "root_ave": float(np.sqrt(known[each.name]))}
            row["n"] = each.moments.one_n
        except RefusalError as refusal:
            row["note"] = f"no AVE: {refusal}"
        rows.append(row)
    said = ("of one factor by maximum likelihood, standardized loadings",) if known else ()
    return Table("Average variance extracted", AVE_COLUMNS, tuple(rows), said), known


def _fornell_larcker(all_of: Related, known: Mapping[str, float]) -> Table:
    rows = []
    for pair in all_of.wanted:
        one = all_of.of(*pair)
        if not (pair[0] in known and pair[1] in known) or one.shared:
            continue
        first = one.first if one.first.name == pair[0] else one.second
        row: Row = {**_where(first), "against": pair[1]}
        row |= {"root_ave": float(np.sqrt(known[pair[0]]))}
        row |= {"root_ave_against": float(np.sqrt(known[pair[1]])), "distinct": None}
        if one.corrected is None:
            row["note"] = "no corrected correlation to compare with"
        else:
            made = fornell_larcker(known[pair[0]], known[pair[1]], one.corrected.value)
            row |= {"r": made.r, "distinct": made.distinct}
        rows.append(row)
    said = ("r: corrected for attenuation; distinct: both roots are above its size",)
    title = "Fornell and Larcker's comparison"
    return Table(title, FORNELL_COLUMNS, tuple(rows), said if rows else ())


def _multitrait(
    all_of: Related, traits: Mapping[str, str] | None, methods: Mapping[str, str] | None
) -> Table:
    title = "Multitrait-multimethod"
    if traits is None and methods is None:
        return Table(title, TRAIT_COLUMNS, ())
    if traits is None or methods is None:
        raise RefusalError("say both: traits= and methods= of every measure")
    names = [each.name for each in all_of.measures]
    known = {
        pair: None if one.found is None else one.found.value
        for pair, one in all_of.relations.items()
    }
    rows = []
    for cell in cells(names, known, traits, methods):
        row: Row = {**dict.fromkeys(WHERE), "first": cell.first, "second": cell.second}
        row |= {"kind": cell.kind, "value": cell.value}
        for name, counts in (("heteromethod", cell.heteromethod), ("monomethod", cell.monomethod)):
            if counts is not None:
                row |= {f"{name}_exceeded": counts[0], f"{name}_of": counts[1]}
        rows.append(row)
    said = ("exceeded: heterotrait correlations below the validity coefficient, of how many",)
    return Table(title, TRAIT_COLUMNS, tuple(rows), said)


def _judged(all_of: Related, declared: Sequence[Hypothesis]) -> Iterator[Row]:
    named = {each.name: each for each in all_of.measures}
    known = {*named, *(each.score_id for each in all_of.measures)}
    for each in declared:
        if each.score is not None and each.score not in known:
            raise UnknownNameError("score of a hypothesis", each.score, named)
    firsts = dict.fromkeys(first for first, _ in all_of.wanted)
    for each in declared:
        if not any(_is_about(each, named[name]) for name in firsts):
            raise RefusalError(
                f"hypothesis '{each.expectation.expected}': it is about no correlation of a score "
                f"that is validated here ({', '.join(firsts)}); say which is, score=..."
            )
    for name in firsts:
        one = named[name]
        values, intervals = {}, {}
        for other in named:
            found = None if other == name else all_of.of(name, other).found
            if found is not None:
                values[other] = found.value
                intervals[other] = (found.low, found.high)
        for each in declared:
            if _is_about(each, one):
                yield {**_where(one), **verdict_row(each.expectation.judged(values, intervals))}


def _is_about(declared: Hypothesis, one: Measure) -> bool:
    """Return whether a hypothesis is about a measure: none is about a measure with itself."""
    mine = declared.score in (None, one.name, one.score_id)
    return mine and one.name not in declared.expectation.names


def _notes(asked: Asked) -> Iterator[str]:
    how = {
        "fisher": "Fisher's z, for normal scores",
        "distribution_free": "distribution-free, on Fisher's z",
    }[asked.interval]
    if asked.method == "spearman":
        how = "Bonett and Wright"
    yield f"interval of the correlation: {how}"
    if asked.method == "pearson":
        given = f"; given: {', '.join(asked.reliability)}" if asked.reliability else ""
        yield (
            f"corrected: divided by the root of both reliabilities ({asked.coefficient.id}{given})"
            "; its interval counts the sampling error of those that were estimated"
        )
