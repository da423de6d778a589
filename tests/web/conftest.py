from __future__ import annotations

from dataclasses import replace

import pytest

from newswire.web.client import Web
from newswire.web.request import KB, MB, Limits, WebSettings
from web.faultserver import Faults, running

PATIENT = Limits(total_s=15, connect_s=5, read_s=10, wire_bytes=1 * MB, decoded_bytes=2 * MB)
HASTY = Limits(total_s=1.0, connect_s=0.8, read_s=0.6, wire_bytes=1 * MB, decoded_bytes=2 * MB)
HEAD = Limits(total_s=15, connect_s=5, read_s=10, wire_bytes=500 * KB, decoded_bytes=500 * KB, cut=True)
LIMITS = {"feed": replace(PATIENT, gz_files=True), "page": PATIENT, "sitemap": HASTY, "robots": HEAD, "hub": HEAD}


@pytest.fixture(autouse=True)
def _nothing_is_logged_as_an_error(caplog):
    """Asyncio only logs what nobody waits for: lost exceptions, broken callbacks."""
    yield
    assert not [record for record in caplog.get_records("call") if record.levelname in {"ERROR", "CRITICAL"}]


@pytest.fixture
def server():
    with running(Faults()) as faults:
        yield faults


@pytest.fixture
def open_web(server):
    """Opens a Web whose every host is the local server; closed after the test."""
    opened = []

    def open_one(**changes):
        web = Web(
            WebSettings(**{"connect_to": ("127.0.0.1", server.port), "host_gap_s": 0.0, "limits": LIMITS} | changes)
        )
        opened.append(web)
        return web.__enter__()

    yield open_one
    for web in opened:
        web.close()
