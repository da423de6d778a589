"""Export: stream a mart, an example or a search into a file or an object store, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from newswire.core.exports import WRITERS
from newswire.core.exports.tables import said
from newswire.errors import ConfigError
from newswire.warehouse.connection import Conn
from newswire.warehouse.exports import Source, Stream, stream

FORMATS = (*WRITERS, "parquet")
_ROW_GROUP = 2_000  # rows; a group lies in memory as a whole, and articles have some 5 KB each


def export(conn: Conn, source: Source, *, to: str, format_: str) -> int:
    """Write a source to `to`, a path or an fsspec address such as `s3://bucket/file.csv`; returns the number of rows.

    Raises ConfigError for a format or a source that is not there, days that are no range, and a place that cannot be written.
    """
    if format_ not in FORMATS:
        raise ConfigError(f"{format_!r} is no format; choose from {', '.join(FORMATS)}")
    if source.since and source.until and source.since >= source.until:
        raise ConfigError(f"no day is from {source.since} on and before {source.until}; the second is not included")
    with stream(conn, source) as found, _told_of(to), _new_file(to) as file:
        return write(found, file, format_=format_, title=source.title)


def write(found: Stream, file: IO[bytes], *, format_: str, title: str) -> int:
    """Write the rows of a stream into an open file; returns their number."""
    counted = _Counted(found.rows)
    if format_ == "parquet":
        _write_parquet(found, counted, file)
    else:
        for piece in WRITERS[format_](found.columns, counted, title):
            file.write(piece)
    return counted.rows


class _Counted:
    """An iterator that knows how many it has given."""

    def __init__(self, rows: Iterator[Sequence[Any]]) -> None:
        self._rows = rows
        self.rows = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.rows += 1
            yield row


@contextmanager
def _told_of(to: str) -> Iterator[None]:
    """Trouble with the place, in words. What an object store has against it is its own kind of error."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{to} cannot be written: {error.strerror or error}; give another place with --to") from error


@contextmanager
def _new_file(to: str) -> Iterator[IO[bytes]]:
    """A file that has its name only when it is whole: an object store would complete what an error cut short."""
    try:
        system, path = url_to_fs(to)
    except (
        ValueError,
        ImportError,
    ) as error:  # as fsspec says that it does not know, or lacks, what speaks to such a place
        raise ConfigError(
            f"{to} is no place to write to: {error}; give a path, or an address such as s3://bucket/file.csv"
        ) from error
    if not isinstance(system, LocalFileSystem):
        with system.transaction, system.open(path, "wb") as file:
            yield file
        return
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(f"{final.name}.tmp")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.rename(final)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_parquet(found: Stream, rows: Iterable[Sequence[Any]], file: IO[bytes]) -> None:
    """Typed by the columns; what Parquet has no type for (JSON, ranges) is text."""
    import pyarrow as pa  # noqa: PLC0415  a heavy import that only this format needs
    from pyarrow import parquet  # noqa: PLC0415

    types = {
        **dict.fromkeys(("int2", "int4", "int8"), pa.int64()),
        **dict.fromkeys(("float4", "float8", "numeric"), pa.float64()),
        "bool": pa.bool_(),
        "timestamptz": pa.timestamp("us", "UTC"),
        "date": pa.date32(),
        "text[]": pa.list_(pa.string()),
    }
    columns = list(zip(found.columns, found.types, strict=True))
    schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                pa.array(_values(group, at, field.type == pa.string()), field.type) for at, field in enumerate(schema)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _values(group: Sequence[Sequence[Any]], at: int, as_text: bool) -> list[Any]:  # noqa: FBT001
    """One column of a group of rows."""
    values = [row[at] for row in group]
    if as_text:
        return [
            value if value is None or isinstance(value, str) else json.dumps(value, default=said) for value in values
        ]
    return [float(value) if isinstance(value, Decimal) else value for value in values]


def _groups(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    every = iter(rows)
    while group := list(islice(every, _ROW_GROUP)):
        yield group
