"""Fixtures for every test: one real PostgreSQL a session, migrated once; a connection that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from newswire.runtime.databases import OWNER, READER, WRITER
from newswire.runtime.postgres import Postgres, disposable_postgres
from newswire.warehouse import admin
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.migrate import migrate

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
PASSWORD = "for-tests-only"
TEMPLATE = "newswire_template"


@dataclass(frozen=True)
class Warehouse:
    """A migrated warehouse of its own, and the addresses of its three roles."""

    postgres: Postgres
    database: str

    def dsn(self, role: str = WRITER) -> str:
        return self.postgres.url(database=self.database, role=role, password=PASSWORD)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server for the whole session, with the three roles."""
    with disposable_postgres() as server:
        with admin.superuser(server.url()) as conn:
            for role in (OWNER, WRITER, READER):
                admin.create_role(conn, role, password=PASSWORD, settings={})
        yield server


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The database that each warehouse is a copy of: migrated once."""
    with admin.superuser(postgres.url()) as conn:
        admin.create_database(conn, TEMPLATE, owner=OWNER, guests=(WRITER, READER))
    migrate(postgres.url(database=TEMPLATE, role=OWNER, password=PASSWORD))
    return TEMPLATE


@pytest.fixture(scope="session")
def shared_warehouse(postgres: Postgres, template: str) -> Warehouse:
    """One warehouse for all tests that roll back."""
    with copied(postgres, template, keep=True) as warehouse:
        return warehouse


@pytest.fixture
def conn(shared_warehouse: Warehouse) -> Iterator[Conn]:
    """The writer, inside a transaction that is rolled back: tests are isolated and take a millisecond."""
    with connect(shared_warehouse.dsn(), name="test") as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def warehouse(postgres: Postgres, template: str) -> Iterator[Warehouse]:
    """A warehouse of one's own, for tests in which commits matter."""
    with copied(postgres, template) as made:
        yield made


@contextmanager
def copied(postgres: Postgres, template: str, *, keep: bool = False) -> Iterator[Warehouse]:
    name = f"test_{uuid4().hex[:12]}"
    with admin.superuser(postgres.url()) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
    yield Warehouse(postgres=postgres, database=name)
    if not keep:
        with admin.superuser(postgres.url()) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The public corpora beside the checkout; tests that use them skip where they are absent."""
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not there")
    return CORPUS
