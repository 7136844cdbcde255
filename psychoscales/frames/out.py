"""Arrays into frames: pandas for results, the caller's own kind for scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from psychoscales.frames.source import Array, Source

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Labels:
    """A column of labels to be put into a frame: `codes` [n] into `levels`, below 0 for none."""

    levels: tuple[str, ...]
    codes: Array
    ordered: bool = False


@dataclass(frozen=True)
class Truths:
    """A column of 1, 0 and -1 (undetermined) to be put into a frame as true, false and null."""

    values: Array


OutColumn = Array | Labels | Truths


def pandas_frame(columns: Mapping[str, OutColumn], index: Any = None) -> pd.DataFrame:
    """Build a pandas frame; labels become categories, truths nullable booleans."""
    import pandas as pd

    data: dict[str, Any] = {}
    for name, column in columns.items():
        if isinstance(column, Labels):
            levels = pd.CategoricalDtype(list(column.levels), ordered=column.ordered)
            codes: Any = column.codes
            data[name] = pd.Categorical.from_codes(codes, dtype=levels, validate=False)
        elif isinstance(column, Truths):
            data[name] = pd.arrays.BooleanArray(column.values == 1, column.values < 0)
        else:
            data[name] = column
    return pd.DataFrame(data, index=index, copy=True)


def native_frame(columns: Mapping[str, OutColumn], source: Source) -> Any:
    """Build a frame of the kind that the caller gave; pandas where that was a file."""
    if source.kind in (None, "pandas"):
        return pandas_frame(columns, source.index)
    import narwhals as nw

    if source.kind in ("polars", "pyarrow"):
        data = {name: _listed(column) for name, column in columns.items()}
        backend = nw.Implementation.from_string(source.kind)
        built: Any = nw.from_dict(data, backend=backend)  # type: ignore[arg-type]
        numbers = [name for name, dtype in built.schema.items() if dtype.is_float()]
        built = built.with_columns(nw.col(numbers).fill_nan(None)) if numbers else built
        return (built.lazy() if source.lazy else built).to_native()
    plain = pandas_frame(columns)
    for name, column in columns.items():
        if isinstance(column, Labels):
            plain[name] = plain[name].astype(object)
    if source.kind == "dask":
        import dask.dataframe

        library: Any = dask.dataframe
        return library.from_pandas(plain, npartitions=source.frame.npartitions)
    if source.kind == "pyspark":
        import pyarrow

        session = source.frame.to_native().sparkSession
        return session.createDataFrame(pyarrow.Table.from_pandas(plain, preserve_index=False))
    eager: Any = nw.from_native(plain, eager_only=True)
    return eager.lazy(backend=source.kind).to_native()


def _listed(column: OutColumn) -> Any:
    if isinstance(column, Labels):
        padded = np.array([*column.levels, None], dtype=object)
        return padded[np.maximum(column.codes, -1)].tolist()
    if isinstance(column, Truths):
        return np.array([False, True, None], dtype=object)[column.values].tolist()
    return column.tolist() if column.dtype == object else column


def rows_frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Build a tidy pandas frame of result rows, with these columns in this order."""
    import pandas as pd

    return pd.DataFrame({name: [row.get(name) for row in rows] for name in columns})
