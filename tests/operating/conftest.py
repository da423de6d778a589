"""A site of one's own: a warehouse that the steps have filled, and a database as Airflow makes it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from databases import PASSWORD, Warehouse, copied
from newswire.app import App
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.operating.installation import Site
from newswire.runtime.airflow_env import Installation, Keys, variables
from newswire.runtime.components import airflow_command
from newswire.runtime.databases import OWNER
from newswire.runtime.postgres import Postgres
from newswire.warehouse import admin
from newswire.warehouse.connection import connect
from steps.test_flow import drain_all, settings, subscribe

AIRFLOW_TEMPLATE = "airflow_template"


@pytest.fixture(scope="session")
def airflow_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that the real `airflow db migrate` has made."""
    with admin.superuser(postgres.url()) as conn:
        admin.create_role(conn, "airflow", password=PASSWORD, settings={})
        admin.create_database(conn, AIRFLOW_TEMPLATE, owner="airflow")
    folder = tmp_path_factory.mktemp("airflow")
    env = _variables(
        folder, airflow=_airflow_url(postgres, AIRFLOW_TEMPLATE), warehouse="postgresql://nobody/", archive=""
    )
    subprocess.run(
        airflow_command("db", "migrate"), env={"PATH": "/usr/bin:/bin", **env}, check=True, capture_output=True
    )
    return AIRFLOW_TEMPLATE


@pytest.fixture
def airflow_database(postgres: Postgres, airflow_template: str) -> Iterator[str]:
    """The address of a copy of one's own."""
    name = f"airflow_{uuid4().hex[:8]}"
    with admin.superuser(postgres.url()) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {airflow_template} OWNER airflow")
    yield _airflow_url(postgres, name)
    with admin.superuser(postgres.url()) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(warehouse: Warehouse, airflow_database: str, tmp_path: Path) -> Site:
    """An installation whose warehouse is empty."""
    return site_of(warehouse, airflow_database, tmp_path)


def site_of(warehouse: Warehouse, airflow: str, folder: Path) -> Site:
    (folder / "archive").mkdir(exist_ok=True)
    env = _variables(folder, airflow=airflow, warehouse=warehouse.dsn(), archive=str(folder / "archive"))
    return Site(env={**env, "NEWSWIRE_OWNER": warehouse.dsn(OWNER)})


@pytest.fixture(scope="module")
def filled(
    postgres: Postgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Warehouse, Path]]:
    """A warehouse that the steps have filled from the newsroom, and the folder with its archive."""
    folder = tmp_path_factory.mktemp("filled")
    with copied(postgres, template) as warehouse:
        with (
            running_newsroom(Newsroom(publications()), over_s=3600) as newsroom,
            App(settings(warehouse, folder / "archive", newsroom.port)) as app,
            connect(warehouse.dsn(), name="test") as conn,
        ):
            subscribe(conn, newsroom)
            drain_all(app)
            # As if the feeds had been there before what they bring: only then is a delay one.
            conn.execute("UPDATE news.feeds SET created_at = created_at - interval '10 years'")
        yield warehouse, folder


def _airflow_url(postgres: Postgres, database: str) -> str:
    return postgres.url(database=database, role="airflow", password=PASSWORD)


def _variables(folder: Path, *, airflow: str, warehouse: str, archive: str) -> dict[str, str]:
    return variables(
        Installation(
            folder=folder,
            dags=Path(__file__).resolve().parents[2] / "dags",
            logs=folder / "logs",
            logins=folder / "logins.json",
            host="127.0.0.1",
            port=1,
            ui_url="http://127.0.0.1:1",
            api_url="http://127.0.0.1:1",
            keys=Keys(fernet=Fernet.generate_key().decode(), secret="s" * 64, jwt="j" * 64),
            airflow=airflow,
            warehouse=warehouse,
            archive=archive,
        )
    )
