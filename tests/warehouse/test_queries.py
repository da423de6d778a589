"""Every named query is prepared against the migrated schema; its columns are the fields of the record after the arrow."""

from __future__ import annotations

import types
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

from newswire.warehouse.checks import all_checks
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import Query, queries, record_named, sql_folder

PYTHON_TYPES = {
    "int2": int,
    "int4": int,
    "int8": int,
    "text": str,
    "bytea": bytes,
    "bool": bool,
    "float4": float,
    "float8": float,
    "timestamptz": datetime,
    "date": date,
    "jsonb": dict,
    "_int4": tuple,
    "_text": tuple,
    "_date": tuple,
    "_float8": tuple,
    "_int8": tuple,
    "_int2": tuple,
}


@pytest.mark.parametrize("query", queries().values(), ids=lambda query: query.name)
def test_a_query_returns_exactly_the_fields_of_its_record(conn: Conn, query: Query):
    """Names in order and types; a query without an arrow returns rows to nobody."""
    described = describe(conn, query.text)
    if query.record is None:
        assert [kind for _, kind in described] in ([], ["void"]) or query.name.startswith("work.")
        return
    record = record_named(query.record)
    hints = get_type_hints(record)
    assert [name for name, _ in described] == [field.name for field in fields(record)]
    for name, kind in described:
        assert PYTHON_TYPES[kind] in python_types(hints[name]), f"{name} is {kind}"


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_a_check_fits_the_schema(conn: Conn, check):
    """What cannot be prepared would fail at night."""
    assert describe(conn, check.text)


def test_every_query_file_is_a_noun_of_the_warehouse():
    """Two guesses: the table's noun is the file's name."""
    assert {name.split(".")[0] for name in queries()} == {
        path.stem for path in (sql_folder() / "queries").glob("*.sql")
    }


def describe(conn: Conn, text: str) -> list[tuple[str, str]]:
    query = PostgresQuery(Transformer(conn))
    query.convert(text, _Anything())
    conn.pgconn.send_prepare(b"contract", query.query)
    raise_on_error(conn, fetch(conn))
    conn.pgconn.send_describe_prepared(b"contract")
    result = fetch(conn)
    raise_on_error(conn, result)
    conn.execute("DEALLOCATE contract")
    kinds = dict(conn.execute("SELECT oid, typname FROM pg_type").fetchall())
    return [(result.fname(i).decode(), kinds[result.ftype(i)]) for i in range(result.nfields)]


def fetch(conn: Conn) -> Any:
    from psycopg import generators, waiting

    [result] = waiting.wait(generators.execute(conn.pgconn), conn.pgconn.socket)
    return result


def raise_on_error(conn: Conn, result: Any) -> None:
    message = result.error_message.decode()
    assert not message, message


class _Anything(dict):
    """Any parameter is NULL of its cast type."""

    def __missing__(self, key: str) -> None:
        return None

    def __contains__(self, key: object) -> bool:
        return True


def python_types(hint: Any) -> set[type]:
    """The plain types that a field may hold: `int | None` gives {int, NoneType}, Literal strings give {str}."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return set().union(*(python_types(part) for part in get_args(hint)))
    if origin is Literal:
        return {type(value) for value in get_args(hint)}
    return {origin or hint}
