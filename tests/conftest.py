"""Fixtures for every test: one real PostgreSQL a session, migrated once; a connection that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import Warehouse, copied, make_roles, make_template
from newswire.runtime.postgres import Postgres, disposable_postgres
from newswire.warehouse.connection import Conn, connect

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server for the whole session, with the three roles."""
    with disposable_postgres() as server:
        make_roles(server)
        yield server


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    return make_template(postgres)


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


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The public corpora beside the checkout; tests that use them skip where they are absent."""
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not there")
    return CORPUS
