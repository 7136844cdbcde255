"""The binding: how one file stores the answers to a scale. The scale never hears of it.

A binding says which columns hold the items, what is stored for which option, which codes mean
that an answer is missing and why, and which items the file has reversed already.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from psychoscales.errors import BindingError, Problem, did_you_mean, nearest
from psychoscales.spec import document
from psychoscales.spec.model import Scale
from psychoscales.spec.numbers import reflected
from psychoscales.spec.scalars import Code, Frozen, Id, Number, Part, Str, nothing
from psychoscales.spec.stored import same

MOST_REASONS = 100
Stored = Annotated[Mapping[Str, Code], *Frozen]
Reasons = Annotated[Mapping[Str, Id], *Frozen]
Columns = Annotated[Mapping[Id, Str], *Frozen]


class ScaleBinding(Part):
    """How one scale's items are stored.

    Attributes:
        columns: item id -> column name; an item left out is in a column called as its id.
        question: the text before the bracket where a form export calls the columns of a grid
            ``question [row]``; `columns` then holds the rows.
        stored: option set -> {what is stored: the option's code}. Where an option set is listed,
            nothing but what is listed is one of its options.
        missing: what is stored -> why the answer is missing ("refused", "dont_know", ...).
        reversed: items that the file holds reversed already; they are turned back when read.
    """

    columns: Columns = nothing()
    question: Str | None = None
    stored: Annotated[Mapping[Id, Stored], *Frozen] = nothing()
    missing: Reasons = nothing()
    reversed: tuple[Id, ...] = ()

    def column_of(self, item: str) -> str:
        """Return the name of the column that holds `item`."""
        name = self.columns.get(item, item)
        if self.question is not None and item in self.columns:
            return f"{self.question} [{name}]"
        return name


class Variable(Part):
    """A column beside the scales: age, sex, a criterion.

    Attributes:
        column: its name in the file, where that is not the variable's own name.
        stored: what is stored -> what it means, a number or a text.
        unit: a text that may stand behind a number, such as "years" or "歳".
        missing: what is stored where nothing is known.
    """

    column: Str | None = None
    stored: Annotated[Mapping[Str, Number | Str], *Frozen] | None = None
    unit: Str | None = None
    missing: tuple[Str, ...] = ()


class Binding(Part):
    """A binding file: how to open the data, and how each scale and variable is stored."""

    format: Literal["1.0"] = "1.0"
    encoding: Str | None = None
    delimiter: Annotated[str, StringConstraints(strict=True, pattern="^.$")] | None = None
    sheet: Str | None = None
    scales: Annotated[Mapping[Id, ScaleBinding], *Frozen] = nothing()
    variables: Annotated[Mapping[Id, Variable], *Frozen] = nothing()


BindingSource = str | os.PathLike[str] | Mapping[str, Any] | Binding


def binding(
    source: BindingSource | None, scales: Iterable[Scale], others: Collection[str] = ()
) -> Binding:
    """Return the binding that `source` (a path, a mapping of the same form) says for `scales`.

    It may bind `others` too, which are not read this time.

    Raises:
        BindingError: with everything in it that does not fit its form or the scales.
    """
    if source is None:
        return Binding()
    problems: list[Problem] = []
    if isinstance(source, Binding):
        bound, file = source, "<binding>"
    else:
        if isinstance(source, Mapping):
            tree, file = dict(source), "<binding>"
        else:
            file = os.fspath(source)
            tree = document.read(Path(file), BindingError)
        read, problems = document.validate(Binding, tree)
        if read is None:
            raise BindingError(file, problems)
        bound = read
    known = {scale.id: scale for scale in scales}
    for name, part in bound.scales.items():
        if name in known:
            problems += _misfits(f"scales.{name}", part, known[name])
        elif name not in others and (
            nearest(name, set(known) - set(bound.scales)) or known.keys().isdisjoint(bound.scales)
        ):
            # Beside a scale that is read, another name may be of a further reading.
            listed = ", ".join(dict.fromkeys([*known, *others]))
            allowed = f"known: {listed}{did_you_mean(name, known)}"
            problems.append(Problem(f"scales.{name}", f"no scale '{name}'", allowed))
    if problems:
        raise BindingError(file, problems)
    return bound


def _misfits(path: str, part: ScaleBinding, scale: Scale) -> list[Problem]:
    problems: list[Problem] = []

    def known(place: str, what: str, name: str, names: Iterable[object]) -> bool:
        listed = [str(each) for each in names]
        if name in listed:
            return True
        allowed = f"allowed: {', '.join(listed)}{did_you_mean(name, listed)}"
        problems.append(Problem(f"{path}.{place}", f"{scale.id} has no {what} '{name}'", allowed))
        return False

    owners: dict[str, str] = {}
    for name, column in part.columns.items():
        known(f"columns.{name}", "item", name, scale.item_ids)
        first = owners.setdefault(column, name)
        if first != name:
            found = f"column '{column}' is bound to '{first}' already"
            problems.append(Problem(f"{path}.columns.{name}", found))
    if len(set(part.missing.values())) > MOST_REASONS:
        found = f"{len(set(part.missing.values()))} reasons"
        problems.append(Problem(f"{path}.missing", found, f"at most {MOST_REASONS}"))
    for stated in part.missing:
        for name in _meanings(part, scale, stated):
            found = f"'{stated}' is also an answer of '{name}'"
            problems.append(Problem(f"{path}.missing.{stated}", found, "it cannot mean both"))
    for number, name in enumerate(part.reversed):
        there = known(f"reversed[{number}]", "item", name, scale.item_ids)
        if there and not _mirrored(scale, name):
            found = f"the answers to '{name}' have no values that mirror each other"
            problems.append(Problem(f"{path}.reversed[{number}]", found))
    for name, stored in part.stored.items():
        if known(f"stored.{name}", "option set", name, scale.options):
            codes = [option.code for option in scale.options[name]]
            seen: dict[object, str] = {}
            for text, code in stored.items():
                known(f"stored.{name}.{text}", "option with code", str(code), codes)
                first = seen.setdefault(same(text), text)
                if first != text:
                    found = f"'{text}' is read like '{first}'"
                    problems.append(Problem(f"{path}.stored.{name}.{text}", found))
    return problems


def _meanings(part: ScaleBinding, scale: Scale, code: str) -> list[str]:
    """Return the option sets in which a missing code is what an option is stored as."""
    found = []
    for name, options in scale.options.items():
        answers = [option for option in options if option.missing is None]
        stored: list[object] = list(part.stored.get(name, ()))
        if name not in part.stored:
            stored += [option.code for option in answers]
            stored += [label for option in answers for label in (option.label or {}).values()]
        if same(code) in {same(each) for each in stored}:
            found.append(name)
    return found


def _mirrored(scale: Scale, item: str) -> bool:
    """Whether every answer has another one whose value is its reflection."""
    values = [option.value for option in scale.option_set(item) if option.missing is None]
    known = [value for value in values if value is not None]
    return bool(known) and len(known) == len(values) and set(reflected(known)) == set(known)
