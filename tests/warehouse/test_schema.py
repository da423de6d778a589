"""The schema explains itself, roles keep to their part, and migrations are safe to repeat."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest

from databases import make_empty
from newswire.errors import MigrationError
from newswire.runtime.databases import READER
from newswire.warehouse import migrate as runner
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.dictionary import dictionary
from newswire.warehouse.migrate import migrate

DOCS = Path(__file__).parents[2] / "docs"


def test_the_data_dictionary_is_what_the_catalog_says(conn: Conn):
    """Mend with `newswire dictionary > docs/warehouse.md`."""
    assert (DOCS / "warehouse.md").read_text() == dictionary(conn)


def test_every_table_and_column_has_a_comment(conn: Conn):
    assert [line for line in dictionary(conn).splitlines() if line.endswith("|  |")] == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO news.publishers (domain) VALUES ('a.example')",
        "UPDATE news.feeds SET paused = true",
        "DELETE FROM ops.work",
        "TRUNCATE mart.topic_daily",
        "CREATE TABLE mart.mine (a int)",
        "SELECT ops.ask('poll', ARRAY[1])",
    ],
)
def test_the_reader_cannot_write(shared_warehouse, statement):
    with connect(shared_warehouse.dsn(READER), name="reader") as reader:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            reader.execute(statement)
        assert reader.execute("SELECT count(*) FROM mart.articles").fetchone() is not None


@pytest.mark.parametrize("statement", ["ALTER TABLE news.feeds ADD mine int", "DROP VIEW mart.articles"])
def test_the_writer_cannot_change_tables(shared_warehouse, statement):
    with connect(shared_warehouse.dsn(), name="writer") as writer, pytest.raises(psycopg.errors.InsufficientPrivilege):
        writer.execute(statement)


def test_the_writer_can_make_the_months_of_the_logs(conn: Conn):
    assert conn.execute("SELECT ops.make_months(5)").fetchone() == (4,)  # 3 ahead are there, 2 logs x 2 months are not


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("migrations", "repeatable"):
        (tmp_path / name).mkdir()
    (tmp_path / "migrations" / "0001_a.sql").write_text("-- why\nCREATE TABLE a (x int);")
    (tmp_path / "repeatable" / "10_v.sql").write_text("-- why\nCREATE OR REPLACE VIEW v AS SELECT x FROM a;")
    return tmp_path


@pytest.fixture
def empty(postgres) -> str:
    return make_empty(postgres)


def applied(dsn: str) -> int:
    with connect(dsn, name="test") as conn:
        row = conn.execute("SELECT count(*) FROM migrations.applied").fetchone()
        assert row is not None
        return int(row[0])


def test_migrating_twice_applies_nothing_the_second_time(empty, folder):
    assert migrate(empty, folder=folder) == ["migrations/0001_a.sql", "repeatable/10_v.sql"]
    assert migrate(empty, folder=folder) == []


def test_a_dry_run_says_what_would_be_applied_and_applies_nothing(empty, folder):
    assert migrate(empty, folder=folder, dry_run=True) == ["migrations/0001_a.sql", "repeatable/10_v.sql"]
    assert applied(empty) == 0


def test_a_changed_migration_is_refused_and_a_changed_view_is_applied_again(empty, folder):
    migrate(empty, folder=folder)
    (folder / "repeatable" / "10_v.sql").write_text("CREATE OR REPLACE VIEW v AS SELECT x, 1 AS y FROM a;")
    assert migrate(empty, folder=folder) == ["repeatable/10_v.sql"]
    (folder / "migrations" / "0001_a.sql").write_text("CREATE TABLE a (x bigint);")
    with pytest.raises(MigrationError, match=r"0001_a\.sql was changed"):
        migrate(empty, folder=folder)


def test_an_older_checkout_does_not_touch_a_newer_warehouse(empty, folder):
    migrate(empty, folder=folder)
    (folder / "migrations" / "0001_a.sql").unlink()
    with pytest.raises(MigrationError, match="older than the warehouse"):
        migrate(empty, folder=folder)


def test_a_failing_file_leaves_nothing_of_itself_and_keeps_what_came_before(empty, folder):
    (folder / "migrations" / "0002_b.sql").write_text("CREATE TABLE b (x int); SELECT 1/0;")
    with pytest.raises(MigrationError, match=r"0002_b\.sql: division by zero"):
        migrate(empty, folder=folder)
    assert applied(empty) == 1
    with connect(empty, name="test") as conn:
        assert conn.execute("SELECT to_regclass('a') IS NOT NULL, to_regclass('b') IS NULL").fetchone() == (True, True)


def test_a_migration_waits_for_its_lock_in_short_tries(empty, folder, monkeypatch):
    """A long transaction delays a migration; the migration delays nobody for long, and gets its turn."""
    migrate(empty, folder=folder)
    (folder / "migrations" / "0002_b.sql").write_text("ALTER TABLE a ADD y int;")
    monkeypatch.setattr(runner, "_PAUSE_S", 0.05)
    with connect(empty, name="reader") as reader:
        with reader.transaction():
            reader.execute("SELECT * FROM a")
            waiting = threading.Thread(target=migrate, args=[empty], kwargs={"folder": folder})
            waiting.start()
            waiting.join(0.8)
            assert waiting.is_alive()
        waiting.join(10)
    assert applied(empty) == 3


def test_two_runners_at_once_apply_each_file_once(empty, folder, monkeypatch):
    monkeypatch.setattr(runner, "_PAUSE_S", 0.05)
    runners = [threading.Thread(target=migrate, args=[empty], kwargs={"folder": folder}) for _ in range(3)]
    for thread in runners:
        thread.start()
    for thread in runners:
        thread.join(20)
    assert applied(empty) == 2
