"""What a superuser does once on a new server: roles and databases. Grants inside the warehouse are migrations.

Every function may be called again: it brings what exists to the wanted state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from newswire.errors import WarehouseError
from newswire.warehouse.connection import Conn, connect


@contextmanager
def superuser(url: str) -> Iterator[Conn]:
    """A connection that commits each statement; raises WarehouseError when the server does not let us in."""
    try:
        conn = connect(url, name="admin")
    except psycopg.OperationalError as error:
        raise WarehouseError(f"PostgreSQL does not let us in: {error}") from error
    with conn:
        yield conn


def create_role(
    conn: Conn, name: str, *, password: str, settings: Mapping[str, str], connections: int | None = None
) -> None:
    """A role that may log in with the password, so often at a time; `settings` hold in each of its sessions."""
    if not _exists(conn, "SELECT 1 FROM pg_roles WHERE rolname = %s", name):
        conn.execute(SQL("CREATE ROLE {}").format(Identifier(name)))
    conn.execute(SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(Identifier(name), Literal(password)))
    limit = SQL("ALTER ROLE {} CONNECTION LIMIT {}")
    conn.execute(limit.format(Identifier(name), Literal(-1 if connections is None else connections)))
    for setting, value in settings.items():
        conn.execute(SQL("ALTER ROLE {} SET {} = {}").format(Identifier(name), Identifier(setting), Literal(value)))


def create_database(conn: Conn, name: str, *, owner: str, guests: Sequence[str] = ()) -> None:
    """A database of `owner` that only the owner and the `guests` may connect to."""
    database = Identifier(name)
    if not _exists(conn, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        conn.execute(SQL("CREATE DATABASE {} OWNER {}").format(database, Identifier(owner)))
    conn.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for guest in guests:
        conn.execute(SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, Identifier(guest)))


def count_statements(conn: Conn) -> None:
    """Make what is asked visible, on a server that was started with pg_stat_statements."""
    if conn.execute("SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'").fetchone() == (
        True,
    ):
        conn.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def counts_statements(conn: Conn) -> bool:
    """Whether `count_statements` has been able to."""
    return _exists(conn, "SELECT 1 FROM pg_extension WHERE extname = %s", "pg_stat_statements")


def _exists(conn: Conn, question: str, name: str) -> bool:
    return conn.execute(question, [name]).fetchone() is not None
