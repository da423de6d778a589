"""Connections to the warehouse: bounded in time, named, and dead when their process is."""

from __future__ import annotations

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

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

Conn = Connection[TupleRow]


def connect(dsn: str, *, name: str, **session: str) -> Conn:
    """Open an autocommit connection that shows itself as `name` in pg_stat_activity.

    Transactions are opened where they are meant, with `conn.transaction()`. `session` overrides single settings.
    """
    settings = " ".join(f"-c {key}={value}" for key, value in {**_SESSION, **session}.items())
    return psycopg.connect(
        make_conninfo(dsn, application_name=f"newswire {name}"[:63], options=settings, **_SOCKET), autocommit=True
    )
