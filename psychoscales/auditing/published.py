"""The `[published]` block of a study: what a paper prints, table by table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from psychoscales.auditing.printed import Bound, Count, Value
from psychoscales.errors import DocumentError
from psychoscales.spec.document import validate
from psychoscales.spec.scalars import Bool, Id, Int, Part, Str

CorrelationMethod = Literal["pearson", "spearman", "kendall"]


class PublishedError(DocumentError):
    """A block of published numbers does not fit its form."""


class Frequencies(Part):
    """One row of a frequency table; `n` is the denominator of its percentages."""

    analysis: Id
    variable: Id
    n: Count
    counts: Annotated[tuple[Count, ...], Field(min_length=1)]
    percents: tuple[Value, ...] | None = None

    @model_validator(mode="after")
    def _as_many_percents(self) -> Frequencies:
        if self.percents is not None and len(self.percents) != len(self.counts):
            raise PydanticCustomError(
                "as_many",
                "as many percents as counts; found {percents} and {counts}",
                {"percents": len(self.percents), "counts": len(self.counts)},
            )
        return self

    @property
    def numbers(self) -> tuple[int, ...]:
        """The counts as whole numbers."""
        return tuple(count.whole for count in self.counts)

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.variable}"

    @property
    def adds_up(self) -> bool:
        """Whether the counts sum to n."""
        return sum(self.numbers) == self.n.whole


class Descriptives(Part):
    """Mean and SD of a score or a variable.

    `stated` names the score whose coding the paper says it used, where `variable` is another
    coding of the same answers.
    """

    analysis: Id
    variable: Id
    mean: Value
    sd: Value | None = None
    n: Count | None = None
    min: Value | None = None
    max: Value | None = None
    stated: Id | None = None

    @property
    def coded(self) -> str:
        """The score or variable whose coding the paper says it used."""
        return self.stated or self.variable

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.variable}"


class Correlation(Part):
    """One cell of a table of correlations.

    `method` is the analysis's where a study has one, else Pearson's.
    """

    analysis: Id
    row: Id
    column: Id
    r: Value
    p: Bound | None = None
    n: Count | None = None
    method: CorrelationMethod | None = None

    @property
    def is_pearson(self) -> bool:
        """Whether p follows from r and n by Student's t, and R squared from r and beta."""
        return self.method in (None, "pearson")

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.row}, {self.column}"


class Regression(Part):
    """One row of a multiple regression; what was not printed is left out."""

    analysis: Id
    outcome: Id
    predictor: Id
    B: Value | None = None
    beta: Value | None = None
    t: Value | None = None
    p: Bound | None = None

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.outcome}, {self.predictor}"


class RegressionModel(Part):
    """What was printed of a whole regression.

    `df` is that of t: n - predictors - 1, or n - predictors where there is no `intercept`, which
    is as the study's analysis says, else taken to be there.
    """

    analysis: Id
    outcome: Id
    df: Count | None = None
    n: Count | None = None
    r_squared: Value | None = None
    f: Value | None = None
    intercept: Bool | None = None

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.outcome}"


class Proportion(Part):
    """A count, what it is of, and the percentage, anywhere in the paper."""

    id: Id
    count: Count
    of: Count
    percent: Value
    quote: Str | None = None


class StatedList(Part):
    """How many things the text says it lists, and how many it lists."""

    id: Id
    stated: Count
    listed: Int
    quote: Str | None = None


class Alpha(Part):
    """Cronbach's alpha of a score, with the number of items and their mean correlation."""

    score: Id
    alpha: Value
    items: Count | None = None
    mean_r: Value | None = None


class Model(Part):
    """One outcome of a table of regressions: its rows, and what was printed of the whole."""

    analysis: Id
    outcome: Id
    rows: tuple[Regression, ...]
    whole: RegressionModel

    @property
    def where(self) -> str:
        """The place in the paper."""
        return f"{self.analysis}: {self.outcome}"

    @property
    def predictors(self) -> tuple[str, ...]:
        """The labels of the rows, in the order printed."""
        return tuple(row.predictor for row in self.rows)

    @property
    def centred(self) -> bool:
        """Whether it has an intercept, so that beta, r and R squared are about the means."""
        return self.whole.intercept is not False

    @property
    def parameters(self) -> int:
        """How many coefficients it has, the intercept among them."""
        return len(self.rows) + int(self.centred)

    @property
    def people(self) -> int | None:
        """How many people it is of: n, else df + parameters; None if neither is printed."""
        if self.whole.n is not None:
            return self.whole.n.whole
        return None if self.whole.df is None else self.whole.df.whole + self.parameters

    @property
    def df(self) -> int | None:
        """The degrees of freedom of t: as printed, else n - parameters."""
        if self.whole.df is not None:
            return self.whole.df.whole
        return None if self.people is None else self.people - self.parameters


class Published(Part):
    """Everything of a paper that the audit reads."""

    frequencies: tuple[Frequencies, ...] = ()
    descriptives: tuple[Descriptives, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    regressions: tuple[Regression, ...] = ()
    regression_models: tuple[RegressionModel, ...] = ()
    proportions: tuple[Proportion, ...] = ()
    lists: tuple[StatedList, ...] = ()
    alphas: tuple[Alpha, ...] = ()

    @model_validator(mode="after")
    def _each_model_once(self) -> Published:
        rows = Counter((row.analysis, row.outcome, row.predictor) for row in self.regressions)
        wholes = Counter((row.analysis, row.outcome) for row in self.regression_models)
        twice = [" ".join(key) for found in (rows, wholes) for key, n in found.items() if n > 1]
        if twice:
            raise PydanticCustomError(
                "model_twice",
                "each row of a regression once, and each model in an analysis of its own; "
                "there twice: {twice}",
                {"twice": ", ".join(twice)},
            )
        return self

    def frequencies_of(self, variable: str) -> Frequencies | None:
        """Return the frequencies of a variable; None where rows of it differ, as of two groups."""
        rows = [row for row in self.frequencies if row.variable == variable]
        return rows[0] if len({row.numbers for row in rows}) == 1 else None

    def descriptives_of(self, variable: str) -> Descriptives | None:
        """Return the mean and SD of a variable; None where rows of it differ."""
        rows = [row for row in self.descriptives if row.variable == variable]
        differ = len({(row.mean.value, row.sd and row.sd.value) for row in rows}) != 1
        return None if differ else rows[0]

    def correlations_of(self, one: str, two: str) -> Correlation | None:
        """Return the correlation of two variables, either way round; None where rows differ."""
        rows = [row for row in self.correlations if {row.row, row.column} == {one, two}]
        return rows[0] if len({row.r.value for row in rows}) == 1 else None

    def people_of(self, variable: str) -> tuple[int, ...]:
        """Return every n that is printed of a variable or a score, the smallest first."""
        counted = [row.n for row in self.frequencies if row.variable == variable]
        described = [row.n for row in self.descriptives if row.variable == variable]
        return tuple(sorted(n.whole for n in (*counted, *described) if n is not None))

    def tables_of_regressions(self) -> dict[str, tuple[Model, ...]]:
        """Return, for each analysis, its models in the order printed."""
        wholes = {(one.analysis, one.outcome): one for one in self.regression_models}
        found: dict[str, tuple[Model, ...]] = {}
        seen = {(row.analysis, row.outcome): None for row in self.regressions}
        for analysis, keys in groupby(seen, key=lambda key: key[0]):
            models = []
            for _, outcome in keys:
                rows = [
                    r for r in self.regressions if (r.analysis, r.outcome) == (analysis, outcome)
                ]
                blank = RegressionModel(analysis=analysis, outcome=outcome)
                whole = wholes.get((analysis, outcome), blank)
                models.append(
                    Model(analysis=analysis, outcome=outcome, rows=tuple(rows), whole=whole)
                )
            found[analysis] = (*found.get(analysis, ()), *models)
        return found


def read_published(tree: Mapping[str, Any], file: str = "[published]") -> Published:
    """Return the block as a `Published`.

    Raises:
        PublishedError: it does not fit its form; every mistake is listed at once.
    """
    found, problems = validate(Published, tree)
    if found is None:
        raise PublishedError(file, problems)
    return found
