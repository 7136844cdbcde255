"""Decisions at the cut-offs that a scale declares, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psychoscales.engines.reliability.classification import (
    Decisions,
    bivariate_normal,
    livingston_lewis,
)
from psychoscales.engines.reliability.precision import Distribution
from psychoscales.errors import RefusalError
from psychoscales.spec.claims import Bands
from psychoscales.verbs.keyed import Keyed
from psychoscales.verbs.precision_tables import DECISIONS, METHODS, Row


def cutoff_rows(each: Keyed, known: Distribution, rho: float) -> Iterator[Row]:
    """Yield a row for each declared cut-off of a score, each method, and each set as a whole."""
    for bands in each.scale.bands:
        if bands.score != each.score:
            continue
        base = {"band": bands.id, "source": "; ".join(bands.source), "n": known.n}
        if bands.for_ is not None:
            group = ", ".join(f"{name} = {value}" for name, value in bands.for_.items())
            note = (
                f"these bands are for {group} only, and the answers are of everybody: give the "
                "answers of these people to a scale whose bands are for everybody"
            )
            yield from ({**base, **row, "n": None, "note": note} for row in _levels(bands))
            continue
        for method in ("livingston_lewis", "bivariate_normal"):
            for row in _levels(bands):
                every = [level.from_ for level in bands.levels[1:]]
                cuts = every if row["cutoff"] is None else [row["cutoff"]]
                yield {**base, **row, **_decided(known, rho, cuts, method)}


def _levels(bands: Bands) -> Iterator[Row]:
    for level in bands.levels[1:]:
        yield {"level": level.id, "cutoff": float(level.from_)}
    if len(bands.levels) > 2:
        yield {"level": None, "cutoff": None}


def _decided(known: Distribution, rho: float, cuts: Sequence[float], method: str) -> Row:
    found: Decisions
    try:
        if method == "bivariate_normal":
            found = bivariate_normal(known, rho, cuts)
        else:
            found, beta = livingston_lewis(known, rho, cuts)
            method = f"{method}_{beta.parameters}p"
    except RefusalError as refusal:
        return {"method": method, "note": f"{METHODS[method]}: {refusal}"}
    row = {name: getattr(found, name) for name in DECISIONS}
    if len(cuts) == 1:
        above = known.counts[known.values >= cuts[0] - 1e-9].sum()
        row |= {"share": float(above) / known.n, "share_expected": found.expected}
    if found.chance == 1:
        row |= {"kappa": None, "note": "no kappa: everybody is expected in one class"}
    return {**row, "method": method}


CUTOFF_NOTES = (
    "a cut-off belongs to the upper class. consistency: classed the same on two parallel "
    "occasions; chance: the same by margins alone; accuracy: classed as the true score is; "
    "too high, too low: false positives and negatives, of all people. Occasions are assumed "
    "to be independent given an unchanged true score, and the errors binomial (Livingston "
    "and Lewis) or normal",
)
