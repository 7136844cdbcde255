"""The people of a study: one file of answers, each person once, every cell checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from psychoscales.errors import BadCell, ColumnError, DataError, SourceError, UnknownNameError
from psychoscales.frames.source import Column, Source
from psychoscales.protocol.document import Duplicates, StudyFile
from psychoscales.protocol.variables import Answered, read_variable
from psychoscales.responses import Block, Responses
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import Binding, ScaleBinding
from psychoscales.spec.binding import Variable as Bound
from psychoscales.spec.model import Scale, in_language
from psychoscales.spec.stored import normal
from psychoscales.verbs.read import columns_of, decode_columns, open_any

Floats = npt.NDArray[np.float64]
Kept = npt.NDArray[np.bool_]
SYNTHETIC = "synthetic"
WITHHELD = "(withheld)"


@dataclass(frozen=True, eq=False, repr=False)
class Sample:
    """What a study's tables are made of; it holds no id and no address.

    Attributes:
        study: the document.
        scales: scale id -> `Scale`, those also scored among them.
        rows: rows of the file.
        dropped: rows that were a person's second, third ... entry; None where there was no
            column to tell by.
        n: people, `rows` less `dropped`.
        scores: ``{scale}_{score}`` -> values [n], NaN where not scored.
        variables: variable id -> what was answered.
        people: the answers, each person's once, with the variables beside them.
        synthetic: whether the file says that its people are made up.
        bad: cells that were no option and became missing, where that was asked for.
        notes: what a reader of any table should know.
    """

    study: StudyFile
    scales: Mapping[str, Scale]
    rows: int
    dropped: int | None
    n: int
    scores: Mapping[str, Floats]
    variables: Mapping[str, Answered]
    people: Responses
    synthetic: bool
    bad: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        made_up = " (synthetic)" if self.synthetic else ""
        return f"Sample of {self.n:,} people of study {self.study.id}{made_up}"

    def numbers(self, name: str) -> Floats:
        """Return a score, or a variable's numbers, of everybody [n]; NaN where missing."""
        if name in self.scores:
            return self.scores[name]
        if name in self.variables:
            return self.variables[name].numbers
        raise UnknownNameError("variable or score", name, [*self.variables, *self.scores])

    def label(self, name: str) -> str:
        """Return the words for a variable or a score."""
        if name in self.variables:
            return in_language(self.variables[name].variable.label, "en")
        scale, score = self.place(name)
        if scale is None or score is None:
            return name
        found = self.scales[scale]
        return in_language(found.score(score).name, "en") or _named(found, score)

    def place(self, name: str) -> tuple[str | None, str | None]:
        """Return the scale and the score that a column is; nothing for a variable."""
        for scale, found in self.scales.items():
            for score in found.scores:
                if name == f"{scale}_{score.id}":
                    return scale, score.id
        return None, None


def _named(scale: Scale, score: str) -> str:
    name = scale.abbreviation or in_language(scale.name, "en")
    return name if len(scale.scores) == 1 else f"{name}, {score}"


def read_sample(
    study: StudyFile,
    scales: Mapping[str, Scale],
    data: Any,
    bound: Binding,
    bad: Literal["error", "missing"] = "error",
) -> Sample:
    """Read a file or a frame as a study says.

    Raises:
        ColumnError: columns are not there.
        DataError: cells hold what the scales or the variables do not know; all of them. Rows that
            are dropped as second entries are not complained of.
        SourceError: the data cannot be opened, or its rows have no order.
    """
    opened = _in_memory(data, bound)
    duplicates, notes = study.sample.duplicates, list[str]()
    column = None if duplicates is None else _identifying(opened, duplicates)
    _refuse_identifying(opened, study, scales, bound, column)
    cells: list[BadCell] = []
    advice: list[str] = []
    blocks = _blocks(study, scales, opened, bound, cells, advice)
    answered = {
        each.id: read_variable(
            opened, each, study.options, bound.variables.get(each.id, Bound()), cells
        )
        for each in study.variables
    }
    rows = _rows(blocks, answered)
    keep, held = np.ones(rows, dtype=bool), frozenset[str]()
    if duplicates is not None and column is None:
        notes.append(
            f"The file has no column '{duplicates.column}': nobody looked for second entries."
        )
    elif duplicates is not None and column is not None:
        keep, held = first_or_last(opened.column(column), duplicates.keep)
    wrong = [_masked(cell, held) for cell in cells if keep[cell.row - 1]]
    if wrong and bad == "error":
        raise DataError(
            wrong, [*advice, 'pass bad="missing" to turn exactly these cells to missing']
        )
    made_up = is_synthetic(opened)
    once = _once(study, scales, blocks, keep)
    variables = {name: each.of(keep) for name, each in answered.items()}
    kept = {name: column for each in variables.values() for name, column in _kept(each)}
    people = Responses(once, kept, None, None, (), replace(opened, index=None))
    if made_up:
        notes.insert(0, "SYNTHETIC data: these people are made up.")
    if wrong:
        notes.append(f"Values that are no option and were made missing: {len(wrong):,}.")
    return Sample(
        study,
        scales,
        rows,
        None if column is None else int((~keep).sum()),
        int(keep.sum()),
        _scored(people),
        variables,
        people,
        made_up,
        len(wrong),
        tuple(notes),
    )


def _in_memory(data: Any, bound: Binding) -> Source:
    opened = open_any(data, bound)
    if opened.lazy:
        raise SourceError(
            f"a {opened.label} is lazy and its rows have no order: bring it into memory first"
        )
    return opened


def _identifying(opened: Source, duplicates: Duplicates) -> str | None:
    found = opened.find(duplicates.column)
    if found is None and opened.near(duplicates.column):
        near = " or ".join(repr(name) for name in opened.near(duplicates.column))
        raise ColumnError(
            f"{opened.label} has no column '{duplicates.column}' to find second entries by; "
            f"did you mean {near}?"
        )
    return found


def _refuse_identifying(
    opened: Source,
    study: StudyFile,
    scales: Mapping[str, Scale],
    bound: Binding,
    column: str | None,
) -> None:
    """What tells people apart is neither an item nor a variable, so that no message shows it."""
    used = [bound.variables.get(each.id, Bound()).column or each.id for each in study.variables]
    for each in study.variables:
        if each.kind == "multiple":
            used += [each.column_of(option.code) for option in study.options[each.options or ""]]
    for name in study.scales:
        part = bound.scales.get(name, ScaleBinding())
        used += [part.column_of(item) for item in scales[name].item_ids]
    if column is not None and column in [opened.find(name) for name in used]:
        raise ColumnError(f"column '{column}' tells people apart: it is no item and no variable")


def first_or_last(column: Column, keep: Literal["first", "last"]) -> tuple[Kept, frozenset[str]]:
    """Return which rows [n] to keep, one a person, and the values that must not be shown.

    Addresses are one where they differ in case, outer spaces or full-width letters only. Rows
    without one, blank or a dash, are all kept.
    """
    size = len(column)
    if column.numbers is not None:
        values: list[Any] = [None if v != v else v for v in column.numbers.tolist()]
    else:
        values = [None if code < 0 else column.levels[code] for code in column.codes.tolist()]
    texts = ["" if value is None else _address(str(value)) for value in values]
    keys = [text if any(map(str.isalnum, text)) else None for text in texts]
    order = range(size) if keep == "first" else range(size - 1, -1, -1)
    seen: set[str] = set()
    kept = np.zeros(size, dtype=bool)
    for row in order:
        key = keys[row]
        kept[row] = key is None or key not in seen
        if key is not None:
            seen.add(key)
    return kept, frozenset(seen)


def _address(text: str) -> str:
    """Return a text without case, outer spaces and full-width forms, letters and signs too."""
    return normal(unicodedata.normalize("NFKC", text))


def _masked(cell: BadCell, held: frozenset[str]) -> BadCell:
    bare = _address(cell.found.strip("'"))
    return cell._replace(found=WITHHELD) if bare in held or "@" in bare else cell


def _blocks(
    study: StudyFile,
    scales: Mapping[str, Scale],
    opened: Source,
    bound: Binding,
    cells: list[BadCell],
    advice: list[str],
) -> dict[str, Block]:
    blocks = {}
    for name in study.scales:
        part = bound.scales.get(name, ScaleBinding())
        place = columns_of(opened, scales[name], part)
        columns = [opened.column(each) for each in place if each is not None]
        decoded = decode_columns(columns, scales[name], part, place)
        blocks[name] = Block(scales[name], decoded.positions, decoded.reasons)
        cells += decoded.bad
        advice += decoded.advice
    return blocks


def _rows(blocks: Mapping[str, Block], answered: Mapping[str, Answered]) -> int:
    sizes = [len(block.positions) for block in blocks.values()]
    sizes += [len(each) for each in answered.values()]
    return max(sizes, default=0)


def _once(
    study: StudyFile, scales: Mapping[str, Scale], blocks: Mapping[str, Block], keep: Kept
) -> dict[str, Block]:
    """Each person once, under every scale that their answers are scored by."""
    once = {
        name: Block(block.scale, np.asfortranarray(block.positions[keep]), block.reasons)
        for name, block in blocks.items()
    }
    for name, other in study.also_scored.items():
        once[name] = Block(scales[name], once[other].positions, once[other].reasons)
    return once


def _kept(answered: Answered) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield a variable as columns [n]: codes, numbers, or ticks of each option of a list."""
    variable, codes = answered.variable, [option.code for option in answered.options]
    if variable.kind == "number":
        yield variable.id, answered.numbers
    elif variable.kind == "multiple":
        for at, code in enumerate(codes):
            ticks = answered.places[:, at].astype(np.float64)
            yield f"{variable.id}_{code}", np.where(ticks < 0, np.nan, ticks)
    else:
        yield variable.id, np.array([*codes, None], dtype=object)[answered.places]


def _scored(people: Responses) -> dict[str, Floats]:
    if not people.blocks:
        return {}
    scored = score_responses(people)
    return {
        f"{name}_{score}": column.value
        for name, part in scored.by_scale.items()
        for score, column in part.scores.items()
    }


def is_synthetic(opened: Source) -> bool:
    """Return whether a file says, in a column `synthetic`, that its people are made up."""
    name = opened.find(SYNTHETIC)
    if name is None:
        return False
    column = opened.column(name)
    values: Sequence[Any] = column.levels if column.numbers is None else column.numbers.tolist()
    return any(normal(str(value)) in ("true", "1", "1.0", "yes", "synthetic") for value in values)
