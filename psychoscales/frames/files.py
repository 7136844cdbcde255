"""Data files: read into a source, written from a frame, whole or not at all."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from psychoscales.errors import MissingExtraError, SourceError, nearest
from psychoscales.frames.source import MISSING, Source, from_pandas

if TYPE_CHECKING:
    import pandas as pd

Tick = Callable[[int, int], None]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHUNK_ROWS = 100_000
SMALLEST_XPORT = 1e-70
DELIMITERS = (",", ";", "\t")
COMPRESSED = (".gz",)
BROKEN = (gzip.BadGzipFile, zlib.error, EOFError)


def open_file(
    path: str | os.PathLike[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    tick: Tick | None = None,
) -> Source:
    """Read a csv, tsv, xlsx, sav, dta, xpt or parquet file (csv and tsv also as .gz).

    Args:
        path: the file; its ending says what it is.
        encoding: of a text file; UTF-8, with or without a byte-order mark, unless said.
        delimiter: of a text file; found in its first line unless said.
        sheet: of a workbook; its first unless said.
        tick: called with (bytes read, bytes in all) while a text file is read.

    Raises:
        SourceError: there is no such file, or it is not what its ending says.
        MissingExtraError: the kind of file needs a library that is not installed.
    """
    place = Path(os.fspath(path)).expanduser()
    if place.is_dir():
        raise SourceError(f"{place} is a folder, not a file of answers")
    if not place.is_file():
        raise SourceError(f"there is no file {place}{_neighbour(place)}")
    kind = _suffix(place)
    if kind in (".csv", ".tsv", ".txt"):
        frame = _read_text(place, encoding, delimiter, tick)
        return from_pandas(frame, place.name, text=True)
    if kind not in READERS:
        listed = ", ".join([".csv", ".tsv", ".txt", *READERS])
        raise SourceError(f"{place.name}: files that can be read end in {listed}")
    try:
        frame = READERS[kind](place, sheet)
    except ImportError as error:
        raise MissingExtraError(f"reading {kind} files", "io") from error
    except (ValueError, OSError, KeyError, EOFError, struct.error) as error:
        raise SourceError(f"{place.name} cannot be read as {kind}: {error}") from error
    return from_pandas(frame, place.name, text=kind == ".xlsx")


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _neighbour(path: Path) -> str:
    with suppress(OSError):
        near = nearest(path.name, [other.name for other in path.parent.iterdir()], most=1)
        if near:
            return f"; did you mean '{near[0]}'?"
    return ""


def _read_text(
    path: Path, encoding: str | None, delimiter: str | None, tick: Tick | None
) -> pd.DataFrame:
    import pandas as pd

    name = encoding or "utf-8"
    try:
        if codecs.lookup(name).name == "utf-8":
            name = "utf-8-sig"
        with _opened(path, name) as (_, handle):
            mark = delimiter or _delimiter(handle.readline())
        with _opened(path, name) as (_, handle):
            names = next(csv.reader(handle, delimiter=mark), [])
        with _opened(path, name) as (_, handle):
            _refuse_short_rows(handle, mark, len(names), path.name)
        with _opened(path, name) as (raw, handle):
            reader = pd.read_csv(
                handle,
                sep=mark,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                skip_blank_lines=len(names) > 1,
                chunksize=CHUNK_ROWS,
            )
            parts, size = [], path.stat().st_size
            for part in reader:
                parts.append(part)
                if tick is not None:
                    tick(min(raw.tell(), size), size)
    except LookupError as error:
        raise SourceError(f"{path.name}: there is no encoding called '{encoding}'") from error
    except (UnicodeDecodeError, UnicodeError) as error:
        advice = 'say which it is in a binding, such as encoding = "cp932" for Japanese Excel'
        raise SourceError(f"{path.name} is not {encoding or 'UTF-8'} text; {advice}") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, *BROKEN) as error:
        raise SourceError(f"{path.name}: {error}") from error
    frame = pd.concat(parts, ignore_index=False)
    if not isinstance(frame.index, pd.RangeIndex) and frame.index.dtype != "int64":
        raise SourceError(f"{path.name}: its rows have more fields than its header has names")
    frame = frame.reset_index(drop=True)
    return frame.set_axis(names, axis=1) if len(names) == len(frame.columns) else frame


def _refuse_short_rows(handle: Iterable[str], mark: str, fields: int, name: str) -> None:
    """Refuse a row with too few fields, as in a file that was cut off; it is not filled up."""
    record, row = "", -1
    for line in handle:
        record += line
        if record.count('"') % 2:
            continue
        if record.strip("\r\n"):
            row += 1
            outside = "".join(record.split('"')[::2]) if '"' in record else record
            if row > 0 and outside.count(mark) + 1 < fields:
                raise SourceError(f"{name}: row {row} has fewer fields than the header has names")
        record = ""


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[tuple[IO[bytes], IO[str]]]:
    """Open a text file; yield the file as it lies on the disk, and its text."""
    with path.open("rb") as raw:
        inner: Any = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
        with io.TextIOWrapper(inner, encoding=encoding, newline="") as text:
            yield raw, text


def _delimiter(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _read_xlsx(path: Path, sheet: str | None) -> pd.DataFrame:
    import pandas as pd

    cells = pd.read_excel(
        path, sheet_name=sheet or 0, dtype=object, header=None, keep_default_na=False
    )
    if cells.empty:
        raise ValueError("the sheet is empty")
    return cells.iloc[1:].set_axis(list(cells.iloc[0]), axis=1).reset_index(drop=True)


def _read_sav(path: Path, _sheet: str | None) -> pd.DataFrame:
    """Values that the file says are missing stay, so that a binding can give their reasons."""
    import pyreadstat

    try:
        frame, meta = pyreadstat.read_sav(str(path), user_missing=True)
    except pyreadstat.ReadstatError as error:
        raise ValueError(str(error)) from error
    frame.attrs[MISSING] = {
        name: tuple((each["lo"], each["hi"]) for each in ranges)
        for name, ranges in meta.missing_ranges.items()
    }
    marked: pd.DataFrame = frame
    return marked


def _read_dta(path: Path, _sheet: str | None) -> pd.DataFrame:
    import pandas as pd

    return pd.read_stata(path, convert_categoricals=False)


def _read_xpt(path: Path, _sheet: str | None) -> pd.DataFrame:
    """SAS transport stores zero so that some readers give 5.4e-79; it is zero."""
    import pandas as pd

    opened: Any = pd.read_sas(path, format="xport", encoding="utf-8", iterator=True)
    with opened as reader:
        nobody = reader.nobs == 0
        frame = pd.DataFrame(columns=list(reader.columns)) if nobody else reader.read()
    for name in frame.select_dtypes("number"):
        frame[name] = frame[name].mask(frame[name].abs() < SMALLEST_XPORT, 0.0)
    return frame


def _read_parquet(path: Path, _sheet: str | None) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


READERS: Mapping[str, Callable[[Path, str | None], Any]] = {
    ".xlsx": _read_xlsx,
    ".sav": _read_sav,
    ".dta": _read_dta,
    ".xpt": _read_xpt,
    ".parquet": _read_parquet,
}


def write_frame(
    frame: pd.DataFrame, path: str | os.PathLike[str], tick: Tick | None = None
) -> Path:
    """Write a frame as csv, parquet or xlsx, by the file's ending, whole or not at all.

    `tick` is called with (rows written, rows in all) while a csv is written.
    """
    place = check_can_write(path)
    kind = place.suffix.lower()
    try:
        with whole(place) as unfinished:
            WRITERS[kind](frame, unfinished, tick)
    except ImportError as error:
        raise MissingExtraError(f"writing {kind} files", "io") from error
    return place


def check_can_write(path: str | os.PathLike[str]) -> Path:
    """Return the place that `path` names, or refuse its ending or its folder before any work."""
    place = Path(os.fspath(path)).expanduser()
    if place.suffix.lower() not in WRITERS:
        raise SourceError(f"{place.name}: files that can be written end in {', '.join(WRITERS)}")
    if not place.parent.is_dir():
        raise SourceError(f"there is no folder {place.parent}")
    if place.is_dir():
        raise SourceError(f"{place} is a folder")
    return place.resolve()


def _write_csv(frame: pd.DataFrame, path: Path, tick: Tick | None) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        for start in range(0, max(len(frame), 1), CHUNK_ROWS):
            part = _inert(frame.iloc[start : start + CHUNK_ROWS])
            part.to_csv(handle, index=False, header=start == 0, lineterminator="\n")
            if tick is not None:
                tick(min(start + CHUNK_ROWS, len(frame)), len(frame))


def _write_parquet(frame: pd.DataFrame, path: Path, _tick: Tick | None) -> None:
    frame.to_parquet(path, index=False)


def _write_xlsx(frame: pd.DataFrame, path: Path, _tick: Tick | None) -> None:
    """Categories and nullable booleans are not all known to the writer; plain objects are."""
    plain = frame.astype(dict.fromkeys(frame.select_dtypes(["category", "boolean"]), object))
    import pandas as pd

    with path.open("wb") as handle, pd.ExcelWriter(handle, engine="openpyxl") as writer:
        plain.to_excel(writer, index=False)
        for row in writer.book.active.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run as formulas."""
    safe = frame.rename(columns=_inert_text)
    for column in frame.select_dtypes(["object", "category", "string"]):
        texts = frame[column]
        if texts.dtype.name == "category":
            shown = texts.cat.rename_categories(
                [_inert_text(each) for each in texts.cat.categories]
            )
        else:
            shown = texts.map(_inert_text)
        safe[_inert_text(column)] = shown
    return safe


def _inert_text(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


WRITERS: Mapping[str, Callable[[Any, Path, Tick | None], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_xlsx,
}


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes its name only if all went well."""
    if not path.parent.is_dir():
        raise SourceError(f"there is no folder {path.parent}")
    number, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(number)
    unfinished = Path(name)
    try:
        yield unfinished
        mask = os.umask(0)
        os.umask(mask)
        unfinished.chmod(0o666 & ~mask)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
