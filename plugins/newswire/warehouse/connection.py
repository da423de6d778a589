"""Connections to the warehouse: bounded in time, named, and dead when their process is."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg.types.array import ListBinaryDumper
from psycopg_pool import ConnectionPool

# Role-level limits of the pipeline: a lost peer or a forgotten transaction must not hold a lock for ever.
_SESSION = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "client_connection_check_interval": "5s",
    "timezone": "UTC",
}
_SOCKET = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}

# Arrays go to the server in binary: as text every quotation mark in them is escaped one by one, which was a third of what
# tagging an article costs (its evidence is JSON).
_ADAPTERS = AdaptersMap(psycopg.adapters)
_ADAPTERS.register_dumper(list, ListBinaryDumper)

Conn = Connection[TupleRow]


def connect(dsn: str, *, name: str, **session: str) -> Conn:
    """Open an autocommit connection that shows itself as `name` in pg_stat_activity.

    Transactions are opened where they are meant, with `conn.transaction()`. `session` overrides single settings.
    """
    return psycopg.connect(_conninfo(dsn, name, session), autocommit=True, context=_ADAPTERS)


def pool(dsn: str, *, name: str, size: int, wait_s: float) -> ConnectionPool[Conn]:
    """At most `size` such connections for threads that need one for a moment, opened when they are; not open yet.

    Raises psycopg_pool.PoolTimeout (an OperationalError) where none is to be had in time.
    """
    own: dict[str, Any] = {"autocommit": True, "context": _ADAPTERS}
    return ConnectionPool(
        _conninfo(dsn, name, {}),
        kwargs=own,
        min_size=0,
        max_size=size,
        timeout=wait_s,
        reconnect_timeout=wait_s,
        check=ConnectionPool.check_connection,
        name=name,
        open=False,
    )


def is_unreachable(error: Exception) -> bool:
    """Whether this says of the warehouse that it is not there, and nothing of what it was asked."""
    return isinstance(error, psycopg.OperationalError)


def _conninfo(dsn: str, name: str, session: dict[str, str]) -> str:
    settings = " ".join(f"-c {key}={value}" for key, value in {**_SESSION, **session}.items())
    return make_conninfo(dsn, application_name=f"newswire {name}"[:63], options=settings, **_SOCKET)
