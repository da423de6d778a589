"""Let go what is not kept any longer: months of logs, archived pages, texts; never a key by its age."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from newswire.archive import Archive
from newswire.core.retention import read_retention
from newswire.errors import ConfigError
from newswire.records import Retained, Retention
from newswire.steps import archive_care
from newswire.warehouse import pages, retention
from newswire.warehouse.connection import Conn

FILE = "retention.yaml"


def rules(folder: Path) -> Retention:
    """The rules in force. Raises ConfigError naming line and mend; a folder without the file keeps everything but old logs."""
    path = folder / FILE
    try:
        return read_retention(path.read_text(encoding="utf-8"), path=FILE) if path.exists() else Retention()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{FILE}:1: cannot be read: {error}; save it as UTF-8 text") from error


def retain(conn: Conn, archive: Archive, wanted: Retention, *, dry_run: bool) -> Retained:
    """Let go what no rule keeps, or only count it. Killed anywhere, the next run goes on."""
    months = retention.old_months(conn, wanted.logs_months, drop=not dry_run) if wanted.logs_months else []
    if dry_run:
        with conn.transaction(force_rollback=True):
            return _let_go(conn, None, wanted, months)
    return _let_go(conn, archive, wanted, months)


def _let_go(conn: Conn, archive: Archive | None, wanted: Retention, months: list[str]) -> Retained:
    """Without an archive its files are left alone (the transaction is rolled back)."""
    gone = texts = entries = 0
    if wanted.least("pages_days"):
        gone = _all(lambda: _let_pages_go(conn, archive, wanted))
    if wanted.least("text_days"):
        texts = _all(lambda: len(_in_one(conn, lambda: retention.empty_texts(conn, wanted))))
        entries = _all(lambda: retention.empty_entries(conn, wanted))
    return Retained(months=tuple(months), pages=gone, texts=texts, entries=entries)


def _all(one: Callable[[], int]) -> int:
    """Batch after batch, until one is empty."""
    total = 0
    while count := one():
        total += count
    return total


def _in_one(conn: Conn, one: Callable[[], set[int]]) -> set[int]:
    with conn.transaction():
        return one()


def _let_pages_go(conn: Conn, archive: Archive | None, wanted: Retention) -> int:
    with conn.transaction():
        archive_care.take_turn(conn)
        old = retention.old_pages(conn, wanted)
        if archive:
            archive_care.rewrite_without(conn, archive, old)
        pages.forget(conn, [page.page_id for page in old])
    if archive:
        archive_care.remove_files(archive, old)
    return len(old)
