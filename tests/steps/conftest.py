"""What tests of several steps share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_flow import drain_all, poll_again, settings, subscribe

from databases import Warehouse, copied
from newswire.app import App
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.warehouse.connection import connect


@pytest.fixture(scope="module")
def at_work(postgres, template, tmp_path_factory) -> Iterator[Warehouse]:
    """A warehouse that the steps have filled from the newsroom, revisions and copies included; shared by a module."""
    with (
        copied(postgres, template) as warehouse,
        running_newsroom(Newsroom(publications()), over_s=3600) as newsroom,
        App(settings(warehouse, tmp_path_factory.mktemp("archive"), newsroom.port)) as app,
        connect(warehouse.dsn(), name="test") as conn,
    ):
        subscribe(conn, newsroom)
        drain_all(app)
        newsroom.publish()
        poll_again(conn)
        drain_all(app)
        yield warehouse
