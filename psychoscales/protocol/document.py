"""What a study file says: frozen pieces that it is checked against and turned into.

A study is data: which scales, which columns of which file, which tables, and what was published.
Another paper is another file; there is no code in it and no formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from psychoscales.auditing.published import CorrelationMethod, Published
from psychoscales.errors import StudyError
from psychoscales.protocol.cohort import CohortSection
from psychoscales.spec.binding import Binding
from psychoscales.spec.document import read
from psychoscales.spec.model import Citation, Option
from psychoscales.spec.scalars import (
    Bool,
    Frozen,
    Id,
    Int,
    Number,
    Part,
    Sources,
    Str,
    Text,
    Version,
    nothing,
)

Count = Annotated[Int, Field(ge=0)]
VariableKind = Literal["ordinal", "nominal", "number", "multiple"]
AnalysisKind = Literal["frequencies", "descriptives", "reliability", "correlations", "regression"]


class Duplicates(Part):
    """The column that tells people apart, and which of a person's entries counts.

    What the column holds is compared and forgotten: it reaches no output and no message.
    """

    column: Str
    keep: Literal["first", "last"]


class SampleSection(Part):
    """How many people there were at each step, in the terms of CHERRIES.

    Attributes:
        registered: people who could have been asked.
        invited: people who were.
        visited: unique visitors of the survey's first page.
        agreed: visitors who agreed to take part.
        answered: people whose answers were analysed.
        completed: people who reached the last page.
        duplicates: how double entries are found.

    Source:
        Eysenbach G. Improving the quality of Web surveys: the Checklist for Reporting Results of
        Internet E-Surveys (CHERRIES). J Med Internet Res 2004;6(3):e34. doi:10.2196/jmir.6.3.e34
    """

    registered: Count | None = None
    invited: Count | None = None
    visited: Count | None = None
    agreed: Count | None = None
    answered: Count | None = None
    completed: Count | None = None
    duplicates: Duplicates | None = None


class StudyVariable(Part):
    """One thing asked beside the scales.

    Attributes:
        id: its name, and its column's unless the binding names another.
        kind: "ordinal" and "nominal" have an option set; "number" has none; "multiple" is a list
            to tick, its options in a column each.
        options: the option set.
        columns: of a "multiple" variable: option code -> column; a code left out is in a column
            called ``{id}_{code}``.
        blank: of a "multiple" variable: is a blank cell an option not ticked, or not known?
        range: of a "number": what it can be; anything else is reported.
        whole: of a "number": whether it is always a whole one, as age in years; a fraction is then
            reported, and the audit can ask whether a mean is possible.
    """

    id: Id
    label: Text
    kind: VariableKind
    options: Id | None = None
    columns: Annotated[Mapping[Str, Str], *Frozen] = nothing()
    blank: Literal["not_ticked", "missing"] | None = None
    range: tuple[Number, Number] | None = None
    whole: Bool | None = None
    note: Str | None = None

    def column_of(self, code: int | str) -> str:
        """Return the name of the column that holds one option of a "multiple" variable."""
        return self.columns.get(str(code), f"{self.id}_{code}")


class Expectation(Part):
    """A hypothesis about a row's correlations with columns, declared before the data were seen.

    Attributes:
        score: the row it is about; every row where it is left out.
        with_: the column that `r` (a range, both ends belong to it) or `direction` is about.
        order, stronger: columns from the highest correlation to the lowest ("a > b"), with their
            signs or without.
    """

    score: Id | None = None
    with_: Id | None = Field(default=None, alias="with")
    r: tuple[Number, Number] | None = None
    direction: Literal["positive", "negative"] | None = None
    order: Str | None = None
    stronger: Str | None = None

    @property
    def declared(self) -> dict[str, Any]:
        """The same as a mapping."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Analysis(Part):
    """One table that the study asks for; `kind` decides which of the keys it has."""

    id: Id
    title: Text
    kind: AnalysisKind
    variables: tuple[Id, ...] | None = None
    rows: tuple[Id, ...] | None = None
    columns: tuple[Id, ...] | None = None
    method: CorrelationMethod | None = None
    missing: Literal["pairwise", "listwise"] | None = None
    outcomes: tuple[Id, ...] | None = None
    predictors: tuple[Id, ...] | None = None
    intercept: Bool | None = None
    expect: tuple[Expectation, ...] | None = None
    level: Annotated[Number, Field(gt=0, lt=1)] = 0.95
    note: Str | None = None


class StudyFile(Part):
    """A whole study document."""

    format: Literal["1.0"]
    id: Id
    version: Version
    title: Text
    source: Sources | None = None
    licence: Str | None = None
    note: Text | None = None
    citations: tuple[Citation, ...] = ()
    sample: SampleSection = Field(default_factory=SampleSection)
    scales: tuple[Id, ...] = ()
    also_scored: Annotated[Mapping[Id, Id], *Frozen] = nothing()
    binding: Binding = Field(default_factory=Binding)
    options: Annotated[Mapping[Id, tuple[Option, ...]], *Frozen] = nothing()
    variables: tuple[StudyVariable, ...] = ()
    analyses: Annotated[tuple[Analysis, ...], Field(min_length=1)]
    published: Published = Field(default_factory=Published)
    cohort: CohortSection | None = None

    def analysis(self, name: str) -> Analysis:
        """Return the analysis called `name`."""
        return next(each for each in self.analyses if each.id == name)

    def variable(self, name: str) -> StudyVariable | None:
        """Return the variable called `name`, if it is one."""
        return next((each for each in self.variables if each.id == name), None)


def read_tree(path: Path) -> dict[str, Any]:
    """Read a study file into a tree."""
    return read(path, StudyError)
