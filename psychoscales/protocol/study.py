"""A study: its document, run on answers, printed, written, set beside what was published."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from psychoscales.auditing import audit
from psychoscales.auditing.context import Context, VariableFacts, context_of
from psychoscales.auditing.published import Published, RegressionModel
from psychoscales.errors import BindingError, RefusalError, SourceError
from psychoscales.frames.files import whole, write_frame
from psychoscales.frames.out import pandas_frame
from psychoscales.layouts import Grid, html, latex, text, word
from psychoscales.protocol import cohort, comparing, participation
from psychoscales.protocol.catalogue import StudySource, load
from psychoscales.protocol.document import StudyFile
from psychoscales.protocol.names import unfit
from psychoscales.protocol.sample import Sample, read_sample
from psychoscales.protocol.tables import KINDS
from psychoscales.protocol.tables.made import Made
from psychoscales.protocol.variables import value_of
from psychoscales.responses import Responses
from psychoscales.results import Table
from psychoscales.spec.binding import Binding, BindingSource
from psychoscales.spec.binding import binding as bound_to
from psychoscales.spec.model import Scale, in_language

Format = Literal["csv", "xlsx", "docx", "tex"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "docx", "tex")


@dataclass(frozen=True, eq=False, repr=False)
class StudyResult:
    """What came of running a study.

    Attributes:
        study: the document.
        made: analysis -> its tables and its grid, in the document's order, participation first.
        n: people analysed.
        dropped: entries dropped as a person's second, third ...; None where nobody could tell.
        synthetic: whether the people are made up.
        provenance: scale id -> version and SHA-256.
    """

    study: StudyFile
    made: Mapping[str, Made]
    n: int
    dropped: int | None
    synthetic: bool
    provenance: Mapping[str, str]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Name -> tidy `Table`: participation, each analysis, and ``{analysis}_models``."""
        return {name: table for made in self.made.values() for name, table in made.tables.items()}

    @property
    def grids(self) -> dict[str, Grid]:
        """Analysis -> the table as it is printed."""
        return {name: made.grid for name, made in self.made.items()}

    def __str__(self) -> str:
        return "\n\n".join(text(grid) for grid in self.grids.values())

    def __repr__(self) -> str:
        made_up = " (synthetic)" if self.synthetic else ""
        return (
            f"StudyResult of {self.study.id}{made_up}: {self.n:,} people, {len(self.tables)} tables"
        )

    def _repr_html_(self) -> str:
        return "".join(html(grid) for grid in self.grids.values())

    def write(self, folder: str | Path, formats: Sequence[Format] = FORMATS) -> list[Path]:
        """Write every table: csv and xlsx hold the unrounded numbers, Word and LaTeX the print.

        Files are called ``{study}_{table}.csv`` and so on, ``synthetic_`` before it where the
        people are made up; Word has all tables in one file too. Everything is made before
        anything is written, and each file is there whole or not at all.

        Raises:
            MissingExtraError: xlsx needs the extra [io], docx the extra [word]; nothing is
                written. ``formats`` says which to write.
            SourceError: a format nobody knows, or the folder's place is no folder.
        """
        return _write(self, Path(folder).expanduser(), formats)


class Bundled(NamedTuple):
    """A synthetic cohort that is kept beside a study file, as a form exported it.

    Attributes:
        answers: the file of answers.
        binding: the file that says how it stores them.
        note: what was assumed when it was made.
    """

    answers: Path
    binding: Path
    note: str


class Study:
    """A study document and its scales; `psychoscales.study` finds one.

    Attributes:
        document: what the file says.
        scales: scale id -> `Scale`, those also scored among them.
    """

    def __init__(
        self, document: StudyFile, scales: Mapping[str, Scale], folder: Path | None = None
    ) -> None:
        self.document, self.scales, self._folder = document, dict(scales), folder

    @property
    def id(self) -> str:
        """The study's id."""
        return self.document.id

    def __repr__(self) -> str:
        return f"Study {self.id} {self.document.version}: {in_language(self.document.title, 'en')}"

    def run(
        self,
        data: Any,
        *,
        binding: BindingSource | None = None,
        bad: Literal["error", "missing"] = "error",
        progress: Callable[[int, int], None] | None = None,
    ) -> StudyResult:
        """Make the study's tables from a file of answers.

        Args:
            data: path of a data file, or an eager frame; it is never changed.
            binding: how this file stores the answers, where it is not as the study says.
            bad: "error" raises one `DataError` with every cell that is no option; "missing" makes
                those cells missing.
            progress: called with (steps done, steps in all): reading, then each analysis.

        Returns:
            `StudyResult`: `.tables`, `str()` for all of them in print, `.write(folder)`.

        Raises:
            ColumnError, DataError, SourceError, BindingError: as `psychoscales.read`.
        """
        tick, steps = progress or (lambda _done, _of: None), len(self.document.analyses) + 1
        tick(0, steps)
        sample = read_sample(self.document, self.scales, data, self._bound(binding), bad)
        made = {participation.NAME: participation.participation(self.document, sample)}
        for done, each in enumerate(self.document.analyses, start=1):
            tick(done, steps)
            made[each.id] = KINDS[each.kind](sample, each)
        tick(steps, steps)
        return self._result(sample, made)

    def read(
        self,
        data: Any,
        *,
        binding: BindingSource | None = None,
        bad: Literal["error", "missing"] = "error",
    ) -> Responses:
        """Return the answers to the study's scales, each person's once, as `run` takes them.

        They are `Responses`, for every function that takes what `psychoscales.read` returns; the
        study's variables are kept beside them. There are no ids.

        Args:
            data, binding, bad: as in `run`.
        """
        return read_sample(self.document, self.scales, data, self._bound(binding), bad).people

    def _bound(self, binding: BindingSource | None) -> Binding:
        if binding is None:
            return self.document.binding
        bound = bound_to(binding, [self.scales[name] for name in self.document.scales])
        variables = {each.id: each for each in self.document.variables}
        problems = unfit(bound.variables, variables, self.document.options)
        if problems:
            path = os.fspath(binding) if isinstance(binding, str | os.PathLike) else "<binding>"
            raise BindingError(path, problems)
        return bound

    def _result(self, sample: Sample, made: Mapping[str, Made]) -> StudyResult:
        known = {name: f"{scale.version} {scale.sha256}" for name, scale in self.scales.items()}
        return StudyResult(self.document, made, sample.n, sample.dropped, sample.synthetic, known)

    def participation(self) -> Table:
        """Return the participation figures that the study states, with their rates."""
        return participation.participation(self.document).tables[participation.NAME]

    def audit(self) -> Table:
        """Return whether the published numbers can be right, from the published block alone.

        Returns:
            A `Table`: check, where, printed, expected, verdict, explanation.
        """
        context = _context(self.document, self.scales)
        return audit(_printed(self.document), context, title=f"Audit of {self.id}")

    def simulate(self, *, seed: int) -> Any:
        """Return a synthetic cohort that has the published numbers, as a pandas frame.

        Frequencies, numbers of missing answers, means and SDs are exact; correlations and slopes
        as near as they can be. The study's `[cohort]` says what had to be assumed.

        Args:
            seed: of the random numbers; the same seed gives the same people.

        Raises:
            RefusalError: the study does not say enough for a cohort.
        """
        section = self.document.cohort
        if section is None:
            raise RefusalError(f"study {self.id} has no [cohort]: nothing says what to assume")
        columns = cohort.simulate(section, self.document.published, self.scales, seed)
        for variable in self.document.variables:
            places = columns.get(variable.id)
            if variable.options is not None and isinstance(places, np.ndarray):
                codes = [option.code for option in self.document.options[variable.options]]
                if places.dtype != np.float64:
                    columns[variable.id] = np.array(codes, dtype=object)[places]
        return pandas_frame(columns)

    def bundled(self) -> Bundled:
        """Return where the synthetic cohort lies that is kept with the study.

        ``study.run(kept.answers, binding=kept.binding)`` makes the study's tables of it.

        Raises:
            RefusalError: none is kept.
        """
        section, folder = self.document.cohort, self._folder
        if section is None or section.answers is None or section.binding is None or folder is None:
            raise RefusalError(f"study {self.id} keeps no synthetic cohort: see simulate(seed=...)")
        note = " ".join(in_language(section.note, "en").split())
        return Bundled(folder / section.answers, folder / section.binding, note)

    def compare(self, result: StudyResult) -> Table:
        """Set the published values beside those of a result.

        Returns:
            A `Table`: table, row, column, statistic, published, computed, difference, decimals,
            agrees (whether the computed number rounds to the printed one).

        Raises:
            RefusalError: the result is another study's.
        """
        if result.study.id != self.id:
            raise RefusalError(f"this is a result of study {result.study.id}, not of {self.id}")
        return comparing.compare(self.document, result.tables)


def _context(document: StudyFile, scales: Mapping[str, Scale]) -> Context:
    """What the audit may know: the scales, the variables' codes, how many took part."""
    known: dict[str, VariableFacts] = {}
    for variable in document.variables:
        if variable.options is None:
            step = Fraction(1) if variable.whole else None
            known[variable.id] = VariableFacts(variable.id, step=step)
            continue
        options = document.options[variable.options]
        codes = tuple(value_of(option) for option in options if option.missing is None)
        known[variable.id] = VariableFacts(
            variable.id,
            None if np.isnan(codes).any() else codes,
            multiple=variable.kind == "multiple",
        )
    return context_of(scales.values(), known, document.sample.answered)


def _printed(document: StudyFile) -> Published:
    """What was published, and of which kind the analyses say that it is."""
    block, analyses = document.published, {each.id: each for each in document.analyses}
    correlations = tuple(
        row.model_copy(update={"method": row.method or analyses[row.analysis].method})
        for row in block.correlations
    )
    there = {(row.analysis, row.outcome): row for row in block.regression_models}
    for row in block.regressions:
        blank = RegressionModel(analysis=row.analysis, outcome=row.outcome)
        there.setdefault((row.analysis, row.outcome), blank)
    models = tuple(
        row.model_copy(update={"intercept": analyses[row.analysis].intercept})
        if row.intercept is None
        else row
        for row in there.values()
    )
    return block.model_copy(update={"correlations": correlations, "regression_models": models})


def study(source: StudySource) -> Study:
    """Return a `Study` by its id, by the path of a file, or from a mapping of the same form.

    Raises:
        StudyError: the document is not a valid study; every problem is listed at once.
        UnknownNameError: no study has this id; the nearest ids are named.

    Examples:
        >>> import psychoscales as ps
        >>> ps.study("kobori2021")
        Study kobori2021 1.0.0: ...
    """
    return Study(*load(source))


def _write(result: StudyResult, folder: Path, formats: Sequence[Format]) -> list[Path]:
    unknown = [each for each in formats if each not in FORMATS]
    if unknown:
        raise SourceError(f"tables can be written as {', '.join(FORMATS)}, not '{unknown[0]}'")
    if folder.exists() and not folder.is_dir():
        raise SourceError(f"{folder} is no folder")
    _need(formats)
    jobs = dict(_jobs(result, formats))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, job in jobs.items():
        job(folder / name)
        written.append(folder / name)
    return written


def _need(formats: Sequence[Format]) -> None:
    """Refuse before any work what needs a library that is not installed."""
    from importlib.util import find_spec

    from psychoscales.errors import MissingExtraError

    for name, module, extra in (("xlsx", "openpyxl", "io"), ("docx", "docx", "word")):
        if name in formats and find_spec(module) is None:
            raise MissingExtraError(f"writing .{name} files", extra)


def _jobs(
    result: StudyResult, formats: Sequence[Format]
) -> Iterator[tuple[str, Callable[[Path], object]]]:
    start = ("synthetic_" if result.synthetic else "") + result.study.id
    for name, table in result.tables.items():
        for ending in ("csv", "xlsx"):
            if ending in formats:
                yield f"{start}_{name}.{ending}", _frame_job(table, result.synthetic)
    for name, grid in result.grids.items():
        if "docx" in formats:
            yield f"{start}_{name}.docx", _bytes_job(word([grid]))
        if "tex" in formats:
            label = f"tab:{result.study.id}_{name}"
            yield f"{start}_{name}.tex", _bytes_job(latex(grid, label).encode("utf-8"))
    if "docx" in formats:
        yield f"{start}_all.docx", _bytes_job(word(list(result.grids.values())))


def _frame_job(table: Table, synthetic: bool) -> Callable[[Path], object]:
    """Tables of made-up people say so in a column of their own: a csv has no notes."""
    frame = table.to_frame()
    if synthetic:
        frame["synthetic"] = True
    return lambda path: write_frame(frame, path)


def _bytes_job(content: bytes) -> Callable[[Path], object]:
    def job(path: Path) -> None:
        with whole(path) as unfinished:
            unfinished.write_bytes(content)

    return job
