"""Names that a study's document, or its binding, does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psychoscales.errors import Problem, did_you_mean
from psychoscales.protocol.document import StudyVariable
from psychoscales.spec.binding import Variable as Bound
from psychoscales.spec.model import Option
from psychoscales.spec.numbers import plain


def unfit(
    bound: Mapping[str, Bound | None],
    variables: Mapping[str, StudyVariable],
    options: Mapping[str, tuple[Option, ...]],
    start: str = "",
) -> list[Problem]:
    """Return what in a binding's variables is of no variable, or of none of its options."""
    found: list[Problem | None] = []
    for name, part in bound.items():
        path, variable = f"{start}variables.{name}", variables.get(name)
        if variable is None:
            found.append(unknown(path, "variable", name, variables))
        elif part is not None and variable.kind not in ("number", "multiple"):
            codes = [str(option.code) for option in options.get(variable.options or "", ())]
            for text, meaning in (part.stored or {}).items():
                code = plain(meaning) if isinstance(meaning, float) else meaning
                found.append(unknown(f"{path}.stored.{text}", "option with code", code, codes))
    return [problem for problem in found if problem is not None]


def unknown(path: str, what: str, name: str, names: Iterable[str]) -> Problem | None:
    """Return the problem that a name is not known, and which are; None where it is."""
    listed = list(names)
    if name in listed:
        return None
    allowed = f"known: {_listed(listed)}{did_you_mean(name, listed)}"
    return Problem(path, f"no {what} '{name}'", allowed)


def _listed(names: list[str], most: int = 20) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "") if names else "none"
