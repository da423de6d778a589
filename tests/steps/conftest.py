"""What tests of several steps share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_flow import drain_all, poll_again, settings, subscribe

from databases import Warehouse, copied
from newswire.app import App
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.settings import Settings
from newswire.warehouse.connection import connect
from web.faultserver import Faults, running, whole


@pytest.fixture(scope="module")
def archive_at_work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def at_work(postgres, template, archive_at_work) -> Iterator[Warehouse]:
    """A warehouse that the steps have filled from the newsroom, revisions and copies included; shared by a module."""
    with copied(postgres, template) as warehouse:
        _fill(warehouse, archive_at_work)
        yield warehouse


def _fill(warehouse: Warehouse, archive: Path) -> None:
    with (
        running_newsroom(Newsroom(publications()), over_s=3600) as newsroom,
        App(settings(warehouse, archive, newsroom.port)) as app,
        connect(warehouse.dsn(), name="test") as conn,
    ):
        subscribe(conn, newsroom)
        drain_all(app)
        newsroom.publish()
        poll_again(conn)
        drain_all(app)


@pytest.fixture
def server():
    with running(Faults()) as faults:
        faults.answers["/robots.txt"] = whole(b"User-agent: *\nAllow: /\n")
        yield faults


@pytest.fixture
def committed(warehouse):
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


@pytest.fixture
def app(warehouse, tmp_path, server):
    env = {
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": str(tmp_path),
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{server.port}",
        "NEWSWIRE_HOST_GAP_S": "0",
    }
    with App(Settings.from_env(env)) as running_app:
        yield running_app
