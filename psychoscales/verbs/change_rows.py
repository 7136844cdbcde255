"""The rows of `psychoscales.change`: one score of one group of people at two occasions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from psychoscales.engines.validity.change import (
    CRITERIA,
    METHODS,
    SDC,
    Band,
    Observed,
    People,
    auc,
    clinical_cutoff,
    effect_size,
    mean_change,
    minimal_changes,
    observed,
    polyserial_r,
    resampled_effects,
    spearman_r,
    standardized_response_mean,
)
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.results import WHERE, Estimate, Table
from psychoscales.spec.model import Scale
from psychoscales.verbs.anchored import Anchored

Row = dict[str, Any]
COLUMNS = (*WHERE, "statistic", "value", "low", "high", "level", "n", "method", "seed", "note")
COUNTED = (*WHERE, "method", "category", "n", "share")
CATEGORIES = ("improved", "no_reliable_change", "deteriorated")
RECOVERED = "recovered"
EXTREME = 0.3
WEAK = 0.3


@dataclass(frozen=True)
class Asked:
    """What the caller wants of every score.

    Attributes:
        level, interval, resamples, seed: of intervals; `interval` is of effect size and SRM.
        critical: how many standard errors a reliable change is.
        practice: mean change of untreated people, later minus earlier, where known.
        norms: mean and standard deviation of functional people, where known.
        cutoff: between dysfunctional and functional scores: a criterion, a number, or the level of
            a band set.
        anchor_reliability: of the anchor, where known.
    """

    level: float
    interval: str
    resamples: int
    seed: int
    critical: float
    practice: float | None
    norms: tuple[float, float] | None
    cutoff: str | float | None
    anchor_reliability: float | None


@dataclass(frozen=True, eq=False)
class Worked:
    """One score of one group.

    Attributes:
        where: scale, score, group.
        of: the people with both scores; None where there are too few.
        anchor: what the anchor says of them.
        reliability: of the earlier scores, and what coefficient that is.
        asked: what is wanted.
        scale: whose score it is.
    """

    where: Row
    of: People | None
    anchor: Anchored | None
    reliability: tuple[float, str] | None
    asked: Asked
    scale: Scale
    why_not: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Scale, score and group, as a text."""
        parts = (self.where[key] for key in ("scale", "score", "group"))
        return " ".join(part for part in parts if part is not None)

    def rows(self) -> Iterator[Row]:
        """Yield a row for each statistic."""
        for estimate in self._estimates():
            row = estimate.row()
            row["statistic"] = row["coefficient"]
            yield {**self.where, **{name: row[name] for name in COLUMNS if name in row}}

    def _estimates(self) -> Iterator[Estimate]:
        if self.of is None:
            yield Estimate("mean_change", None, note=self.why_not)
            return
        yield from self._effects(self.of)
        if self.reliability is not None:
            yield from self._errors()
        cut, criterion = self.cutoff(), self.asked.cutoff
        if cut is not None:
            method = f"criterion {criterion}" if criterion in CRITERIA else str(criterion)
            yield Estimate("clinical_cutoff", cut, n=self.of.n, method=method)
        if self.anchor is not None:
            yield from self._anchored(self.of, self.anchor)

    def _effects(self, of: People) -> Iterator[Estimate]:
        level = self.asked.level
        yield mean_change(of.change, level)
        closed: dict[str, Callable[[], Estimate]] = {
            "effect_size": lambda: effect_size(of.before, of.change, level),
            "srm": lambda: standardized_response_mean(of.change, level),
        }
        found = {name: _or_refused(name, work) for name, work in closed.items()}
        if self.asked.interval == "bootstrap" and all(e.value is not None for e in found.values()):
            yield from resampled_effects(
                of, level=level, resamples=self.asked.resamples, seed=self.asked.seed
            )
        else:
            yield from found.values()

    def _errors(self) -> Iterator[Estimate]:
        try:
            known = self.observed()
        except RefusalError as refusal:
            yield Estimate("sem", None, note=str(refusal))
            return
        yield self._error("sem", known.sem)
        yield self._error("sdc", float(SDC) * known.sem)
        for method, band in self.bands(known).items():
            if isinstance(band, str):
                yield Estimate(f"rci_{method}", None, note=band)
            else:
                yield self._error(f"rci_{method}", band.half, band.note)

    def _error(self, name: str, value: float, note: str | None = None) -> Estimate:
        assert self.of is not None
        assert self.reliability is not None
        return Estimate(name, value, n=self.of.n, method=self.reliability[1], note=note)

    def observed(self) -> Observed:
        """Return what the methods of reliable change need."""
        assert self.of is not None
        assert self.reliability is not None
        return observed(self.of.before, self.of.after, self.reliability[0], self.asked.practice)

    def bands(self, known: Observed) -> dict[str, Band | str]:
        """Return the band of each method, or why there is none."""
        found: dict[str, Band | str] = {}
        for method, work in METHODS.items():
            if method == "chelune" and self.asked.practice is None:
                continue
            try:
                found[method] = work(known, self.asked.critical)
            except RefusalError as refusal:
                found[method] = str(refusal)
        return found

    def drawable(self) -> dict[str, Band]:
        """Return the bands that there are."""
        if self.of is None or self.reliability is None:
            return {}
        try:
            known = self.observed()
        except RefusalError:
            return {}
        bands = self.bands(known)
        return {name: band for name, band in bands.items() if not isinstance(band, str)}

    def cutoff(self) -> float | None:
        """Return where functional scores begin, in units of the score."""
        asked = self.asked.cutoff
        if asked is None or self.of is None:
            return None
        if not isinstance(asked, str):
            return float(asked)
        if asked not in CRITERIA:
            return _of_level(self.scale, str(self.where["score"]), asked)
        clinical = float(self.of.before.mean()), float(self.of.before.std(ddof=1))
        return clinical_cutoff(asked, clinical, self.asked.norms, self.of.direction)

    def categories(self, band: Band) -> tuple[tuple[str, ...], np.ndarray[Any, Any]]:
        """Return the names of categories, and each person's place among them [n]."""
        assert self.of is not None
        of, cut = self.of, self.cutoff()
        verdicts = band.verdicts(of.before, of.after, of.direction)
        places = 1 - verdicts.astype(np.int64)
        if cut is None:
            return CATEGORIES, places
        functional = [
            scores < cut if of.direction < 0 else scores >= cut for scores in (of.before, of.after)
        ]
        crossed = ~functional[0] & functional[1] & (verdicts > 0)
        return (RECOVERED, *CATEGORIES), np.where(crossed, 0, places + 1)

    def counts(self) -> Iterator[Row]:
        """Yield how many people each method puts into each category."""
        for method, band in self.drawable().items():
            names, places = self.categories(band)
            counts = np.bincount(places, minlength=len(names))
            for category, count in zip(names, counts.tolist(), strict=True):
                row = {"method": method, "category": category, "n": count}
                yield {**self.where, **row, "share": count / counts.sum()}

    def people(self) -> Iterator[Row]:
        """Yield each person's scores, change and categories, in the order of the first occasion."""
        if self.of is None:
            return
        columns: dict[str, Sequence[Any]] = {
            "before": self.of.before.tolist(),
            "after": self.of.after.tolist(),
            "change": self.of.change.tolist(),
            "improved": [None if e != e else bool(e) for e in self.of.improved.tolist()],
        }
        for method, band in self.drawable().items():
            index = band.index(self.of.before, self.of.after, self.of.direction)
            names, places = self.categories(band)
            columns[f"rci_{method}"] = index.tolist()
            columns[f"category_{method}"] = [names[place] for place in places.tolist()]
        for values in zip(*columns.values(), strict=True):
            yield {**self.where, **dict(zip(columns, values, strict=True))}

    def _anchored(self, of: People, anchor: Anchored) -> Iterator[Estimate]:
        asked, said = self.asked, ~np.isnan(of.improved)
        known = of.some(said)
        yes, no = (int((known.improved == each).sum()) for each in (1, 0))
        self.notes.append(_shares(self.name, anchor, yes, no, of.n))
        if yes and no:
            yield auc(known.change, known.improved, asked.level)
        else:
            yield Estimate("auc", None, note=f"{yes} improved, {no} not improved")
        yield from self._correlations(known, anchor.some(said))
        if not known.n:
            return
        yield from minimal_changes(
            of,
            anchor_reliability=asked.anchor_reliability,
            level=asked.level,
            resamples=asked.resamples,
            seed=asked.seed,
        )

    def _correlations(self, known: People, anchor: Anchored) -> Iterator[Estimate]:
        if anchor.ranks is None:
            why = "the order of the anchor's values is not known: order=[worst, ..., best]"
            for name in ("anchor_r_spearman", "anchor_r_polyserial"):
                yield Estimate(name, None, note=why)
            return
        ranks, level = anchor.ranks, self.asked.level
        first = _or_refused("anchor_r_spearman", lambda: spearman_r(known.change, ranks, level))
        yield first
        yield _or_refused("anchor_r_polyserial", lambda: polyserial_r(known.change, ranks, level))
        if first.value is not None and first.value < WEAK:
            self.notes.append(
                f"{self.name}: change and anchor correlate {first.value:.2f}; Revicki et al. "
                "(2008) ask for 0.30 to 0.35 or more, or the anchor is of something else"
            )


def side_by_side(counts: Table) -> Table:
    """Return the counts with a row for each method, and a column for each category."""
    rows: dict[tuple[Any, ...], Row] = {}
    categories: dict[str, None] = {}
    for row in counts.rows:
        own = {name: row[name] for name in (*WHERE, "method")}
        rows.setdefault(tuple(own.values()), own)[row["category"]] = row["n"]
        categories[row["category"]] = None
    return Table(counts.title, (*WHERE, "method", *categories), tuple(rows.values()))


def _shares(name: str, anchor: Anchored, yes: int, no: int, n: int) -> str:
    text = f"{name}: {anchor.name}: {yes:,} improved ({anchor.means}), {no:,} not improved"
    if n > yes + no:
        text += f"; {n - yes - no:,} without an answer"
    share = yes / max(yes + no, 1)
    if EXTREME <= share <= 1 - EXTREME:
        return text
    return (
        f"{text}. A share improved of {share:.2f} is far from one half: the further, the more ROC "
        "and predictive MIC are biased (Terluin et al. 2017), and the adjusted one may fail too"
    )


def _of_level(scale: Scale, score: str, asked: str) -> float:
    """Return the lower bound of a level, named "band.level"."""
    known = {
        f"{bands.id}.{level.id}": level.from_
        for bands in scale.bands
        if bands.score == score and bands.for_ is None
        for level in bands.levels
    }
    if asked not in known:
        raise UnknownNameError("cut-off", asked, [*CRITERIA, *known])
    return float(known[asked])


def _or_refused(name: str, work: Callable[[], Estimate]) -> Estimate:
    try:
        return work()
    except RefusalError as refusal:
        return Estimate(name, None, note=str(refusal))
