"""A backup is one moment, and all that cannot be made again comes back from it."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from databases import Warehouse
from newswire.errors import ArchiveError, ConfigError, RuntimeTrouble
from newswire.operating import backup
from newswire.operating.installation import Site
from newswire.operating.restore import empty_home, restore
from newswire.runtime.home import Home
from newswire.runtime.status import remove
from newswire.warehouse import checks, pages, snapshots
from newswire.warehouse.connection import connect
from operating.conftest import site_of


@pytest.fixture
def full(filled: tuple[Warehouse, Path], airflow_database: str) -> Site:
    warehouse, folder = filled
    return site_of(warehouse, airflow_database, folder)


def test_a_restore_into_an_empty_home_gives_every_row_and_page_back(full: Site, tmp_path: Path):
    taken, copied_files = backup.take(full, tmp_path / "backup")
    assert copied_files == len(taken.files) > 0
    home = Home(tmp_path / "state" / "live")
    try:
        with empty_home(home, tmp_path / "backup") as site:
            restored = restore(site, tmp_path / "backup")
            assert restored.problems == ()
            assert (restored.files, restored.pages) == (len(taken.files), taken.warehouse["news.pages"])
            assert _what_is_read(site.warehouse) == _what_is_read(full.warehouse)
            with connect(site.warehouse, name="test") as conn:
                wrong = [finding for finding in checks.ask(conn, checks.all_checks()) if finding.rows]
            assert not [str(finding) for finding in wrong if finding.check.severity == "error"]
    finally:
        remove(tmp_path / "state")


def test_what_is_made_again_is_not_in_the_dump_and_equals_what_it_was(full: Site, site: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    restore(_with_key_of(site, full), tmp_path / "backup")
    for table in backup.MADE_AGAIN:
        columns = (
            "article_id, dialect, document"
            if "search" in table
            else "day, topic, language, country, articles, originals"
        )
        assert _rows(site.warehouse, table, columns) == _rows(full.warehouse, table, columns) != []


def test_a_backup_taken_while_rows_come_is_one_moment(full: Site, site: Site, tmp_path: Path):
    with _writing(full.warehouse) as written:
        taken, _ = backup.take(full, tmp_path / "backup")
    restored = restore(_with_key_of(site, full), tmp_path / "backup")
    assert restored.problems == ()
    with connect(full.owner, name="test") as conn:
        assert snapshots.counts(conn)["ops.polls"] > taken.warehouse["ops.polls"], "rows came after the moment"
    assert written.is_set()


def test_nobody_takes_pages_out_of_the_archive_while_it_is_copied(full: Site):
    with (
        snapshots.archive_held(full.owner),
        connect(full.warehouse, name="test", lock_timeout="100ms") as conn,
        pytest.raises(psycopg.errors.LockNotAvailable),
        conn.transaction(),
    ):
        pages.take_turn(conn)


def test_the_second_backup_copies_nothing_again_and_drops_what_no_row_names(full: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    erased = tmp_path / "backup" / "archive" / "2020" / "01" / "01" / "gone.warc.gz"
    erased.parent.mkdir(parents=True)
    erased.write_bytes(b"what was erased since")
    _, again = backup.take(full, tmp_path / "backup")
    assert again == 0
    assert not erased.exists()


def test_only_its_owner_can_read_a_backup(full: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    for name in (backup.WAREHOUSE_DUMP, backup.AIRFLOW_DUMP, backup.KEY, backup.MANIFEST):
        assert stat.S_IMODE((tmp_path / "backup" / name).stat().st_mode) == 0o600, name


def test_a_dump_that_was_cut_off_changes_nothing(full: Site, site: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    dump = tmp_path / "backup" / backup.WAREHOUSE_DUMP
    dump.write_bytes(dump.read_bytes()[:-20_000])
    before = _counts(site.owner)
    with pytest.raises(Exception, match=r"warehouse\.dump cannot be"):
        restore(_with_key_of(site, full), tmp_path / "backup")
    assert _counts(site.owner) == before


def test_a_page_that_was_damaged_in_the_backup_is_named(full: Site, site: Site, tmp_path: Path):
    taken, _ = backup.take(full, tmp_path / "backup")
    damaged = tmp_path / "backup" / "archive" / taken.files[0]
    damaged.write_bytes(b"\0" * damaged.stat().st_size)
    restored = restore(_with_key_of(site, full), tmp_path / "backup")
    assert any("page" in problem and taken.files[0] in problem for problem in restored.problems)


def test_rows_are_not_replaced_without_being_asked_to(full: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    with pytest.raises(ConfigError, match="--replace"):
        restore(full, tmp_path / "backup")


def test_another_key_is_refused_because_connections_would_be_unreadable(full: Site, site: Site, tmp_path: Path):
    backup.take(full, tmp_path / "backup")
    with pytest.raises(ConfigError, match="NEWSWIRE_FERNET_KEY"):
        restore(site, tmp_path / "backup")


def test_a_home_that_holds_something_is_not_restored_into(tmp_path: Path):
    home = Home(tmp_path / "live")
    home.create()
    home.postgres.mkdir()
    with pytest.raises(RuntimeTrouble, match="is not empty"), empty_home(home, tmp_path):
        pass


def test_a_folder_without_a_backup_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="holds no backup"):
        backup.Backup.read(tmp_path)


def test_a_page_whose_bytes_are_gone_ends_the_backup_and_leaves_the_earlier_one(
    postgres, template, filled, full: Site, tmp_path: Path
):
    backup.take(full, tmp_path / "backup")
    broken = replace(full, env={**full.env, "NEWSWIRE_ARCHIVE": str(tmp_path / "nothing")})
    with pytest.raises(ArchiveError):
        backup.take(broken, tmp_path / "backup")
    assert backup.Backup.read(tmp_path / "backup").files


def _with_key_of(site: Site, other: Site) -> Site:
    key = "AIRFLOW__CORE__FERNET_KEY"
    return replace(site, env={**site.env, key: other.env[key]})


@contextmanager
def _writing(dsn: str) -> Iterator[threading.Event]:
    """Somebody who adds rows all the time, as ingestion does."""
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        with connect(dsn, name="test") as conn:
            while not stop.is_set():
                conn.execute(
                    "INSERT INTO ops.polls (feed_id, outcome, new_entries, revised_entries)"
                    " SELECT feed_id, 'unchanged', 0, 0 FROM news.feeds LIMIT 1"
                )
                written.set()

    thread = threading.Thread(target=write)
    thread.start()
    written.wait(10)
    try:
        yield written
    finally:
        stop.set()
        thread.join()


def _what_is_read(dsn: str) -> object:
    with connect(dsn, name="test") as conn:
        return conn.execute("SELECT url, title, text, is_copy FROM mart.articles ORDER BY url").fetchall()


def _rows(dsn: str, table: str, columns: str) -> object:
    with connect(dsn, name="test") as conn:
        return conn.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()


def _counts(dsn: str) -> object:
    with connect(dsn, name="test") as conn:
        return snapshots.counts(conn)
