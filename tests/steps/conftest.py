"""A pipeline without Airflow before a site that answers what a test says."""

from __future__ import annotations

import pytest

from newswire.app import App
from newswire.settings import Settings
from newswire.warehouse.connection import connect
from web.faultserver import Faults, running, whole


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
