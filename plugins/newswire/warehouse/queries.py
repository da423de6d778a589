"""Named queries: SQL lives in `sql/queries/<noun>.sql`, Python holds its names only.

Each query stands under a header `-- name: claim -> WorkItem`; the record after the arrow is what its rows are. A test
prepares every query against the migrated schema and compares the columns with the record.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, TypeVar, cast

from psycopg.rows import class_row

from newswire import records
from newswire.warehouse.connection import Conn

_HEADER = re.compile(r"^-- name: (?P<name>\w+)(?: -> (?P<record>\w+))?$", re.MULTILINE)

T = TypeVar("T")

_STREAMED = 2_000  # rows that are here at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One named query: `noun.name`, the record that its rows become (None: no rows), its text."""

    name: str
    record: str | None
    text: LiteralString


def sql_folder() -> Path:
    """The folder `sql/` of the checkout, or $NEWSWIRE_SQL where the library is installed without it."""
    return Path(os.environ.get("NEWSWIRE_SQL") or Path(__file__).resolve().parents[3] / "sql")


@cache
def queries() -> Mapping[str, Query]:
    """Every named query by `noun.name`."""
    files = sorted((sql_folder() / "queries").glob("*.sql"))
    return {query.name: query for path in files for query in read_queries(path)}


def run(conn: Conn, name: str, /, **parameters: object) -> int:
    """Execute a query for its effect; returns the number of rows it touched."""
    return conn.execute(queries()[name].text, parameters).rowcount


def rows(conn: Conn, name: str, record: type[T], /, **parameters: object) -> list[T]:
    """Execute a query and return its rows as records."""
    query = queries()[name]
    assert query.record == record.__name__, f"{name} returns {query.record}, not {record.__name__}"
    with conn.cursor(row_factory=class_row(record)) as cursor:
        return cursor.execute(query.text, parameters).fetchall()


def stream(conn: Conn, name: str, record: type[T], /, **parameters: object) -> Iterator[T]:
    """The same of a query with more rows than memory should hold; in a transaction, and one at a time."""
    query = queries()[name]
    assert query.record == record.__name__, f"{name} returns {query.record}, not {record.__name__}"
    with conn.cursor(name="stream", row_factory=class_row(record)) as cursor:
        cursor.itersize = _STREAMED
        yield from cursor.execute(query.text, parameters)


def columns(items: Sequence[object], *names: str) -> dict[str, list[Any]]:
    """Turn records into one list a field: the arrays that a set-based statement unnests."""
    return {name: [getattr(item, name) for item in items] for name in names}


def record_named(name: str) -> type[Any]:
    """The record that a query header names."""
    return cast("type[Any]", getattr(records, name))


def read_queries(path: Path) -> list[Query]:
    """The named queries of one file."""
    text = path.read_text(encoding="utf-8")
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    return [
        Query(
            name=f"{path.stem}.{header['name']}",
            record=header["record"],
            text=text[header.end() : end].strip(),
        )
        for header, end in zip(headers, ends, strict=True)
    ]
