"""Warehouses for tests: a real server, a template that is migrated once, a copy for whoever commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from newswire.runtime.databases import OWNER, READER, WRITER
from newswire.runtime.postgres import Postgres
from newswire.warehouse import admin
from newswire.warehouse.migrate import migrate

PASSWORD = "for-tests-only"
TEMPLATE = "newswire_template"


@dataclass(frozen=True)
class Warehouse:
    """A migrated warehouse of its own, and the addresses of its three roles."""

    postgres: Postgres
    database: str

    def dsn(self, role: str = WRITER) -> str:
        return self.postgres.url(database=self.database, role=role, password=PASSWORD)


def make_roles(postgres: Postgres) -> None:
    """The three roles of every warehouse."""
    with admin.superuser(postgres.url()) as conn:
        for role in (OWNER, WRITER, READER):
            admin.create_role(conn, role, password=PASSWORD, settings={})


def make_template(postgres: Postgres) -> str:
    """The database that each warehouse is a copy of: migrated once."""
    with admin.superuser(postgres.url()) as conn:
        admin.create_database(conn, TEMPLATE, owner=OWNER, guests=(WRITER, READER))
    migrate(postgres.url(database=TEMPLATE, role=OWNER, password=PASSWORD))
    return TEMPLATE


def make_empty(postgres: Postgres) -> str:
    """The owner's address of an empty database."""
    name = f"empty_{uuid4().hex[:8]}"
    with admin.superuser(postgres.url()) as conn:
        admin.create_database(conn, name, owner=OWNER)
    return postgres.url(database=name, role=OWNER, password=PASSWORD)


@contextmanager
def copied(postgres: Postgres, template: str, *, keep: bool = False) -> Iterator[Warehouse]:
    """A warehouse of one's own, gone at the end of the block unless it is to be kept."""
    name = f"test_{uuid4().hex[:12]}"
    with admin.superuser(postgres.url()) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
    yield Warehouse(postgres=postgres, database=name)
    if not keep:
        with admin.superuser(postgres.url()) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
