"""Analysts have logins of their own that can read and nothing else, within bounds, and what they ask is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newswire.errors import ConfigError
from newswire.runtime import databases
from newswire.runtime.databases import READER, ROLES, WAREHOUSE
from newswire.runtime.postgres import disposable_postgres
from newswire.warehouse import admin, analysts
from newswire.warehouse.connection import Conn
from newswire.warehouse.migrate import migrate

PLUGINS = Path(__file__).parents[2] / "plugins"
COUNTING = {"shared_preload_libraries": "pg_stat_statements"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server as a home has it, with a migrated warehouse: its superuser's address."""
    with disposable_postgres(**COUNTING) as postgres:
        databases.create_on(postgres.url(), dict.fromkeys(ROLES, "for-tests-only"))
        migrate(postgres.url(database=WAREHOUSE, role=databases.OWNER, password="for-tests-only"))
        yield postgres.url()


@pytest.fixture
def root(server: str) -> Iterator[Conn]:
    with admin.superuser(server) as conn:
        yield conn


def newswire(server: str, *arguments: str) -> str:
    env = {**os.environ, "NEWSWIRE_SERVER": server, "PYTHONPATH": str(PLUGINS)}
    command = [
        sys.executable,
        "-c",
        "import sys; from newswire.cli import main; sys.exit(main())",
        "analysts",
        *arguments,
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_an_analyst_reads_what_is_there_and_changes_nothing(server):
    address = newswire(server, "add", "grete").split()[-1]
    with psycopg.connect(address, autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM mart.articles").fetchone() == (0,)
        assert conn.execute("SELECT count(*) FROM mart.search_articles('wheat')").fetchone() == (0,)
        conn.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM ops.work", "CREATE TABLE mart.mine (a int)", "SELECT * FROM ops.hub_secrets"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


def test_a_question_has_its_bounds(server):
    address = newswire(server, "add", "bounded").split()[-1]
    with psycopg.connect(address) as conn:
        said = {name: conn.execute(f"SHOW {name}").fetchone()[0] for name in ROLES[READER]}
    assert (said["statement_timeout"], said["default_transaction_read_only"]) == ("1min", "on")


def test_one_login_cannot_take_all_connections(server):
    address = newswire(server, "add", "greedy").split()[-1]
    held = [psycopg.connect(address) for _ in range(10)]
    with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
        psycopg.connect(address)
    for one in held:
        one.close()


def test_a_login_that_is_removed_ends_at_once(server):
    address = newswire(server, "add", "gone").split()[-1]
    with psycopg.connect(address, autocommit=True) as conn:
        assert "gone may not read" in newswire(server, "remove", "gone")
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")
    assert "gone" not in newswire(server, "list").split()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)


def test_what_readers_ask_is_counted_with_its_rows(server):
    address = newswire(server, "add", "curious").split()[-1]
    with psycopg.connect(address, autocommit=True) as conn:
        for _ in range(3):
            conn.execute("SELECT * FROM generate_series(1, 7) AS asked_by_the_curious").fetchall()
    [line] = [line for line in newswire(server, "log", "--limit", "100").splitlines() if "asked_by_the_curious" in line]
    assert line.split()[:3] == ["analyst_curious", "3", "21"]


@pytest.mark.parametrize("name", ["", "A", "1a", 'a"; DROP ROLE x', "a" * 60, "a-b"])
def test_what_is_no_name_is_refused(root, name):
    with pytest.raises(ConfigError, match="no name for a login"):
        analysts.add(root, name, group=READER, password="x", settings={})


def test_removing_whom_nobody_knows_says_so(root):
    with pytest.raises(ConfigError, match="no analyst 'nobody'"):
        analysts.remove(root, "nobody")


def test_a_server_that_counts_nothing_says_how_it_would(postgres):
    with (
        admin.superuser(postgres.url()) as conn,
        pytest.raises(ConfigError, match="shared_preload_libraries"),
    ):
        analysts.asked(conn, group=READER, database=WAREHOUSE, limit=1)
