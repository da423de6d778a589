"""One moment of a database, held still while it is copied and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg.sql import SQL, Identifier

from newswire.warehouse import pages
from newswire.warehouse.connection import Conn, connect

# A large database is copied for hours, and nobody takes pages out of the archive meanwhile.
_PATIENCE = {"statement_timeout": "0", "lock_timeout": "10min", "idle_in_transaction_session_timeout": "0"}

_TABLES = """
SELECT space.nspname, class.relname
FROM pg_class AS class
JOIN pg_namespace AS space ON space.oid = class.relnamespace
WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition
    AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
ORDER BY space.nspname, class.relname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A moment; `name` lets pg_dump see the same while the connection stays in its transaction."""

    conn: Conn
    name: str


@contextmanager
def held(dsn: str) -> Iterator[Snapshot]:
    """The database as it is now, unchanged until the end of the block, whatever others write."""
    with connect(dsn, name="snapshot", **_PATIENCE) as conn, conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = conn.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield Snapshot(conn=conn, name=str(row[0]))


@contextmanager
def archive_held(dsn: str) -> Iterator[None]:
    """Nobody takes pages out of archive files until the end of the block; new ones come as always."""
    with connect(dsn, name="backup", **_PATIENCE) as conn, conn.transaction():
        pages.take_turn(conn)
        yield


def counts(conn: Conn) -> Mapping[str, int]:
    """Rows of every table, partitions counted with their parent."""
    return {f"{schema}.{table}": _count(conn, schema, table) for schema, table in conn.execute(_TABLES).fetchall()}


def _count(conn: Conn, schema: str, table: str) -> int:
    row = conn.execute(SQL("SELECT count(*) FROM {}").format(Identifier(schema, table))).fetchone()
    assert row is not None
    return int(row[0])
