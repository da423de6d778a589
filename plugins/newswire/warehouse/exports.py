"""What can be exported, row by row: a mart, an example, a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import sql

from newswire.errors import ConfigError
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import sql_folder

_BATCH = 1_000  # rows a round trip: memory stays at a few megabytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A mart by its name (`article_topics`), an example of `sql/examples` by its file's, or a search by its query.

    `since` and `until` narrow a mart by its `day`, and a search; an example says itself what it is about.
    """

    kind: str  # mart, example, search
    name: str
    since: date | None = None
    until: date | None = None  # not included

    @property
    def title(self) -> str:
        return f"Newswire: {self.name}"


@dataclass(frozen=True, slots=True)
class Stream:
    """The columns of a source with their types in PostgreSQL's names (`int8`, `timestamptz`), and its rows as they come."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


@contextmanager
def stream(conn: Conn, source: Source) -> Iterator[Stream]:
    """Read a source through a cursor of the server, in one snapshot. Raises ConfigError for one that is not there."""
    with conn.transaction(), conn.cursor(name="export") as cursor:
        cursor.itersize = _BATCH
        cursor.execute(_statement(conn, source), {"since": source.since, "until": source.until, "query": source.name})
        described = cursor.description or ()
        yield Stream(
            tuple(column.name for column in described),
            tuple(_type_name(conn, column.type_code) for column in described),
            iter(cursor),
        )


def examples() -> list[str]:
    """The names of the examples."""
    return sorted(path.stem for path in (sql_folder() / "examples").glob("*.sql"))


def marts(conn: Conn) -> list[str]:
    """The names of the marts."""
    found = conn.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'mart'::regnamespace AND relkind IN ('r', 'v', 'p') ORDER BY relname"
    )
    return [name for (name,) in found]


def _type_name(conn: Conn, oid: int) -> str:
    known = conn.adapters.types.get(oid)
    if known is None:
        return "text"
    return known.name if known.oid == oid else f"{known.name}[]"


def _statement(conn: Conn, source: Source) -> sql.SQL | sql.Composed:
    match source.kind:
        case "mart":
            return _of_mart(conn, source)
        case "example":
            return _of_example(source.name)
        case "search":
            return sql.SQL(
                "SELECT * FROM mart.search_articles(%(query)s::text, since => %(since)s::date, until => %(until)s::date,"
                " max_rows => 2000)"
            )
        case _:
            raise ConfigError(f"{source.kind!r} is no kind of source; choose mart, example or search")


def _of_mart(conn: Conn, source: Source) -> sql.SQL | sql.Composed:
    known = marts(conn)
    if source.name not in known:
        raise ConfigError(f"there is no mart {source.name!r}; choose from {', '.join(known)}")
    table = sql.Identifier("mart", source.name)
    if source.since is None and source.until is None:
        return sql.SQL("SELECT * FROM {}").format(table)
    return sql.SQL(
        "SELECT * FROM {} WHERE day >= coalesce(%(since)s::date, '-infinity') AND day < coalesce(%(until)s::date, 'infinity')"
    ).format(table)


def _of_example(name: str) -> sql.SQL | sql.Composed:
    if name not in examples():
        raise ConfigError(f"there is no example {name!r}; choose from {', '.join(examples())}")
    text = (sql_folder() / "examples" / f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
    return sql.SQL(text.replace("%", "%%"))
