"""The migration runner: `sql/migrations/` forward only, then `sql/repeatable/` whenever a file's checksum changed.

One advisory lock for the whole run, one transaction a file, a short lock_timeout with retries, so that a migration never
stands in the way of readers for longer than half a second at a time.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from newswire.errors import MigrationError
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.queries import sql_folder

_LOCK = 7_316_521  # any number, the same for every runner
_LOCK_TIMEOUT = "500ms"  # an ALTER that waits longer blocks every reader behind it (measured: 3 s and more)
_TRIES = 20
_PAUSE_S = 0.5

_LEDGER = """
CREATE SCHEMA IF NOT EXISTS migrations;
CREATE TABLE IF NOT EXISTS migrations.applied (
    name text PRIMARY KEY,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlFile:
    """One file to apply: its name within `sql/`, its text and digest."""

    name: str
    text: str
    repeatable: bool

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()


def migrate(dsn: str, *, folder: Path | None = None, dry_run: bool = False) -> list[str]:
    """Bring the warehouse to the state of `sql/`; returns the names of the files that were (or would be) applied.

    Raises MigrationError when an applied migration was changed or is missing, or when a file fails.
    """
    with connect(dsn, name="migrate", lock_timeout=_LOCK_TIMEOUT, statement_timeout="10min") as conn:
        _lock(conn)
        conn.execute(_LEDGER)
        pending = list(_pending(_files(folder or sql_folder()), _applied(conn)))
        for file in pending if not dry_run else ():
            _apply(conn, file)
        return [file.name for file in pending]


def _lock(conn: Conn) -> None:
    """Wait for another runner to finish: a lock that is tried, not waited for, so that lock_timeout does not end it."""
    _retry(
        lambda: _try_lock(conn),
        problem="another migration has been running for too long; look for it in pg_stat_activity",
    )


def _try_lock(conn: Conn) -> None:
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    if row is None or not row[0]:
        raise psycopg.errors.LockNotAvailable


def _files(folder: Path) -> list[SqlFile]:
    return [
        SqlFile(name=f"{kind}/{path.name}", text=path.read_text(encoding="utf-8"), repeatable=kind == "repeatable")
        for kind in ("migrations", "repeatable")
        for path in sorted((folder / kind).glob("*.sql"))
    ]


def _applied(conn: Conn) -> dict[str, bytes]:
    return {str(name): bytes(sha) for name, sha in conn.execute("SELECT name, sha256 FROM migrations.applied")}


def _pending(files: list[SqlFile], applied: dict[str, bytes]) -> Iterator[SqlFile]:
    missing = [name for name in applied if name.startswith("migrations/") and name not in {f.name for f in files}]
    if missing:
        raise MigrationError(
            f"applied but not in sql/: {', '.join(sorted(missing))}; this checkout is older than the warehouse, update it"
        )
    changed = False  # a new migration may drop what a view needs: every repeatable file is applied again after one
    for file in files:
        known = applied.get(file.name)
        if not file.repeatable and known not in (None, file.sha256):
            raise MigrationError(f"{file.name} was changed after it was applied; migrations go forward: add a new file")
        if known != file.sha256 or (file.repeatable and changed):
            changed = True
            yield file


def _apply(conn: Conn, file: SqlFile) -> None:
    try:
        _retry(
            lambda: _apply_once(conn, file),
            problem=f"{file.name} cannot get its lock; stop long transactions and try again",
        )
    except psycopg.Error as error:
        raise MigrationError(f"{file.name}: {error}") from error


def _apply_once(conn: Conn, file: SqlFile) -> None:
    with conn.transaction():
        conn.execute(file.text)
        conn.execute(
            "INSERT INTO migrations.applied AS applied (name, sha256) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()",
            [file.name, file.sha256],
        )


def _retry(action: Callable[[], None], *, problem: str) -> None:
    for _ in range(_TRIES):
        try:
            return action()
        except psycopg.errors.LockNotAvailable:
            time.sleep(_PAUSE_S)
    raise MigrationError(problem)
