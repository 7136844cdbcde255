"""An opened table: any frame, its columns as arrays, its distinct rows counted where they are."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import ColumnError, SourceError, nearest

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[Any]
BLANK_TEXTS = frozenset({"", "NA", "NaN"})
PEOPLE = "__people"
MISSING = "missing_ranges"
Ranges = tuple[tuple[Any, Any], ...]


def _no_codes() -> Array:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Column:
    """One column as arrays: `numbers` [n], NaN where blank; or `levels` and `codes`, -1 blank.

    `written` says that the cells were read as text, so that "NA" may be how a blank was written;
    `missing` holds the ranges of values that the file itself says are missing.
    """

    name: str
    numbers: Array | None = None
    levels: tuple[Any, ...] = ()
    codes: Array = field(default_factory=_no_codes)
    written: bool = False
    missing: Ranges = ()

    def says_missing(self, value: Any) -> bool:
        """Return whether the file says that `value` means missing."""
        return any(type(low) is type(value) and low <= value <= high for low, high in self.missing)

    def __len__(self) -> int:
        return len(self.codes if self.numbers is None else self.numbers)


@dataclass(frozen=True)
class Source:
    """An opened table: a caller's frame, or a file read into one.

    Attributes:
        frame: a narwhals frame, eager or lazy; or a Dask frame, which is mapped over.
        label: what to call it in results: the file's name, or the kind of frame.
        names: its columns.
        lazy: whether its rows are somewhere else, and have no order.
        text: whether every cell was read as text, so that "NA" is how a blank was written.
        twice: columns that the table has more than once.
        missing: column -> ranges of values that the file itself says are missing.
        kind: the narwhals backend that the caller's frame belongs to; None for a file.
        index: the row labels of a pandas frame, given back with the scores.
    """

    frame: Any
    label: str
    names: tuple[str, ...]
    lazy: bool = False
    text: bool = False
    kind: str | None = None
    index: Any = None
    twice: frozenset[str] = frozenset()
    missing: Mapping[str, Ranges] = field(default_factory=dict)

    def find(self, name: str) -> str | None:
        """Return the column called `name`; case and outer spaces are forgiven where unique."""
        if name in self.twice:
            raise ColumnError(f"{self.label} has more than one column '{name}': which is meant?")
        if name in self.names:
            return name
        wanted = name.strip().casefold()
        folded = [each for each in self.names if each.strip().casefold() == wanted]
        return folded[0] if len(folded) == 1 else None

    def near(self, name: str, taken: Collection[str | None] = ()) -> tuple[str, ...]:
        """Return the columns that `name` may be a misspelling of, and that are not taken."""
        free = [each for each in self.names if each not in taken]
        number = re.search(r"\d+$", name)
        alike = [each for each in free if number and re.search(rf"(?<!\d){number.group()}$", each)]
        return tuple(dict.fromkeys([*nearest(name, alike), *nearest(name, free)]))[:3]

    def collected(self, names: Sequence[str]) -> Source:
        """Return a source that holds these columns in memory."""
        if not self.lazy:
            return self
        names = list(dict.fromkeys(names))
        if self.kind == "dask":
            frame = _narwhals(self.frame[names].compute())
        else:
            frame = _gather(self.frame.select(names))
        return Source(frame, self.label, tuple(names), False, self.text, self.kind)

    def column(self, name: str) -> Column:
        """Return one column of an eager source as arrays."""
        found = _column(self.frame[name], name, text=self.text)
        return replace(found, missing=self.missing.get(name, ()))

    def as_given(self, name: str) -> Array:
        """Return one column of an eager source as it is: numbers, truths, dates, or texts."""
        series = self.frame[name]
        if name in self.missing:
            column = self.column(name)
            found = [None if column.says_missing(value) else value for value in series.to_list()]
            series = _narwhals_series(found, name)
        kind = series.dtype
        zoned = getattr(kind, "time_zone", None) is not None
        if kind.is_numeric() and not (kind.is_integer() and series.null_count() > 0):
            return np.array(series.to_numpy())
        if (kind.is_boolean() and series.null_count() == 0) or (kind.is_temporal() and not zoned):
            return np.array(series.to_numpy())
        nulls = series.is_null().to_list()
        listed = zip(series.to_list(), nulls, strict=True)
        values = [None if null or (isinstance(v, str) and v == "") else v for v, null in listed]
        return np.array([*values, None], dtype=object)[:-1]

    def distinct(self, names: Sequence[str]) -> tuple[list[Column], npt.NDArray[np.int64]]:
        """Return the distinct rows of some columns, and how many people each is."""
        names = list(names)
        if self.kind == "dask":
            meta = {name: self.frame._meta[name].dtype for name in names} | {PEOPLE: "int64"}
            counted = self.frame[names].map_partitions(_count_partition, meta=meta).compute()
            grouped = _narwhals(_count_again(counted, names))
        else:
            import narwhals as nw

            lazy = self.frame if self.lazy else self.frame.lazy()
            people = nw.len().cast(nw.Int64).alias(PEOPLE)
            grouped = _gather(lazy.group_by(names).agg(people))
        weights = grouped[PEOPLE].to_numpy().astype(np.int64)
        return [_column(grouped[name], name, text=self.text) for name in names], weights


def from_frame(native: Any) -> Source:
    """Return the source that a caller's frame is: pandas, polars, pyarrow, DuckDB, Spark, Dask."""
    module = type(native).__module__.split(".")[0]
    label = f"{'Spark' if module == 'pyspark' else module} frame"
    if module == "dask":
        native = native.rename(columns=str)
        names = tuple(str(name) for name in native.columns)
        return Source(native, label, names, lazy=True, kind="dask")
    import pandas as pd

    if isinstance(native, pd.DataFrame):
        source = from_pandas(native, label, text=False)
        return replace(source, kind="pandas", index=native.index)
    import narwhals as nw

    try:
        frame = nw.from_native(native)
    except nw.exceptions.DuplicateError as error:
        raise ColumnError(f"{label} has more than one column of a name: {error}") from error
    except TypeError as error:
        found = type(native).__name__
        raise SourceError(f"{found} is neither a file's path nor a data frame") from error
    lazy = isinstance(frame, nw.LazyFrame)
    names = tuple(frame.collect_schema().names())
    kind = frame.implementation.name.lower()
    return Source(frame, label, names, lazy, False, kind)


def from_pandas(frame: pd.DataFrame, label: str, *, text: bool) -> Source:
    """Return the source that a pandas frame, perhaps read from a file, is."""
    names = [str(name) for name in frame.columns]
    twice = frozenset(name for name, count in Counter(names).items() if count > 1)
    unique = [f"{name} #{n}" if name in twice else name for n, name in enumerate(names)]
    renamed = frame if unique == list(frame.columns) else frame.set_axis(unique, axis=1)
    missing = frame.attrs.get(MISSING, {})
    named = tuple(unique)
    return Source(_narwhals(renamed), label, named, text=text, twice=twice, missing=missing)


def _narwhals(native: Any) -> Any:
    import narwhals as nw

    return nw.from_native(native, eager_only=True)


def _narwhals_series(values: list[Any], name: str) -> Any:
    import pandas as pd

    return _narwhals(pd.DataFrame({name: values}))[name]


def _gather(lazy: Any) -> Any:
    """Bring a lazy frame into memory: a database's in pandas, Spark's in the Arrow it sends."""
    kind = lazy.implementation.name.lower()
    if kind in ("polars", "pandas", "pyarrow"):
        return lazy.collect()
    return lazy.collect("pyarrow" if kind == "pyspark" else "pandas")


def _count_partition(part: pd.DataFrame) -> pd.DataFrame:
    names = list(part.columns)
    return part.groupby(names, dropna=False, observed=True).size().reset_index(name=PEOPLE)


def _count_again(counted: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    grouped = counted.groupby(names, dropna=False, observed=True)[PEOPLE].sum()
    return grouped.reset_index()


def _column(series: Any, name: str, *, text: bool) -> Column:
    if series.dtype.is_numeric():
        import narwhals as nw

        wide = series.dtype.is_decimal() or series.dtype in (nw.Int128, nw.UInt128)
        return Column(name, numbers=(series.cast(nw.Float64) if wide else series).to_numpy())
    levels, codes = _factorized(series)
    return Column(name, levels=tuple(levels), codes=codes, written=text)


def _factorized(series: Any) -> tuple[list[Any], Array]:
    """Return the distinct values and each row's place among them; True is not 1 here."""
    import pandas as pd

    native = series.to_native()
    if not isinstance(native, pd.Series):
        native = pd.Series(np.array([*series.to_list(), None], dtype=object)[:-1], dtype=object)
    if native.dtype == object:
        plain = np.array([*map(_hashable, native.tolist()), None], dtype=object)[:-1]
        native = pd.Series(plain, dtype=object)
    codes, levels = pd.factorize(native)
    return [level.value if isinstance(level, _Truth) else level for level in levels], codes


def _hashable(value: object) -> object:
    """A truth is told from the number it equals; a list is no answer, but its text can be shown."""
    if isinstance(value, bool | np.bool_):
        return _Truth(value)
    return str(value) if isinstance(value, list | dict | set | np.ndarray) else value


@dataclass(frozen=True)
class _Truth:
    """A truth that does not equal the number it is made of."""

    value: object


def is_path(source: object) -> bool:
    """Return whether a data source is a file's name, not a frame."""
    return isinstance(source, str | os.PathLike)
