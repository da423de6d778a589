"""Logins of people who ask the warehouse: each a role of its own that may do what `newswire_reader` may, and what they asked.

Every function takes a superuser's connection to the database `postgres`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier

from newswire.errors import ConfigError
from newswire.warehouse import admin
from newswire.warehouse.connection import Conn

_PREFIX = "analyst_"  # so that no name is a role of the pipeline
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONNECTIONS = 10  # of one login: a tool with its pool, and a terminal

# Not among the named queries: it asks the server's own books, in another database than the warehouse.
_ASKED = """
SELECT asker.rolname::text AS role,
    counted.calls,
    counted.rows,
    counted.total_exec_time / 1000 AS total_s,
    counted.query
FROM pg_stat_statements AS counted
JOIN pg_roles AS asker ON asker.oid = counted.userid
JOIN pg_database AS asked ON asked.oid = counted.dbid
WHERE asked.datname = %(database)s AND pg_has_role(asker.oid, %(group)s, 'MEMBER') AND NOT asker.rolsuper
ORDER BY counted.total_exec_time DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A statement that a reader has asked, constants left out: how often, with how many rows in all, in how many seconds."""

    role: str
    calls: int
    rows: int
    total_s: float
    query: str


def add(conn: Conn, name: str, *, group: str, password: str, settings: Mapping[str, str]) -> str:
    """A login, or a new password for it; returns the role. Raises ConfigError for what is no name."""
    role = _role(name)
    admin.create_role(conn, role, password=password, settings=settings, connections=_CONNECTIONS)
    conn.execute(SQL("GRANT {} TO {}").format(Identifier(group), Identifier(role)))
    return role


def listed(conn: Conn) -> list[str]:
    """The names of all logins."""
    found = conn.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) ORDER BY rolname", [_PREFIX])
    return [role.removeprefix(_PREFIX) for (role,) in found]


def remove(conn: Conn, name: str) -> None:
    """The login is gone, and its sessions end. Raises ConfigError where there is none."""
    if name not in listed(conn):
        raise ConfigError(f"there is no analyst {name!r}; `newswire analysts list` shows all")
    role = _role(name)
    conn.execute(SQL("ALTER ROLE {} NOLOGIN").format(Identifier(role)))
    conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", [role])
    conn.execute(SQL("DROP ROLE {}").format(Identifier(role)))


def asked(conn: Conn, *, group: str, database: str, limit: int) -> list[Asked]:
    """What readers have asked of a database, what took most time first. Raises ConfigError where nothing is counted."""
    if not admin.counts_statements(conn):
        raise ConfigError(
            "this server does not count statements; add pg_stat_statements to its shared_preload_libraries, start it again,"
            " and CREATE EXTENSION pg_stat_statements in its database postgres"
        )
    with conn.cursor(row_factory=class_row(Asked)) as cursor:
        return cursor.execute(_ASKED, {"group": group, "database": database, "limit": limit}).fetchall()


def _role(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name for a login; use lower-case letters, digits and _, a letter first")
    return f"{_PREFIX}{name}"
