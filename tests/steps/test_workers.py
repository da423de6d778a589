"""Several workers at once, as on containers: processes that share nothing but the warehouse and the archive."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from test_flow import settings, subscribe

from newswire.app import App
from newswire.newsroom.publications import publications
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.warehouse.connection import connect

pytestmark = pytest.mark.slow

Asked = tuple[str, str, float]  # host, path, seconds

WORKERS = 3
GAP_S = 1.5
LATE_S = 1.0  # a request may be that late on its way on a busy machine; without a common clock they would come together


def test_hosts_are_paced_across_workers_and_no_page_is_asked_for_twice(warehouse, tmp_path):
    newsroom = Newsroom(publications())
    with (
        running_newsroom(newsroom) as running,
        App(settings(warehouse, tmp_path, running.port)) as app,
        connect(warehouse.dsn(), name="test") as conn,
    ):
        subscribe(conn, running)
        app.drain("poll", linger_s=0)
        newsroom.requests.clear()
        workers = [start(warehouse, tmp_path, running.port) for _ in range(WORKERS)]
        assert [worker.wait(timeout=120) for worker in workers] == [0] * WORKERS
        assert conn.execute("SELECT count(*) FROM ops.work WHERE stage = 'fetch'").fetchone() == (0,)
        next_at = dict(
            conn.execute("SELECT host, extract(epoch FROM next_request_at)::float FROM ops.hosts").fetchall()
        )
    asked = sorted(newsroom.requests, key=lambda one: one[2])
    pages = Counter((host, path) for host, path, _ in asked if path != "/robots.txt")
    assert len(pages) > 50
    assert max(pages.values()) == 1
    assert [pair for pair in pairs(asked) if pair[1][2] - pair[0][2] < GAP_S - LATE_S] == []
    assert [
        one for one in asked if next_at[one[0]] < one[2] + GAP_S
    ] == []  # however slow: after the last request, not the claim


def start(warehouse, archive, port: int) -> subprocess.Popen[bytes]:
    """A worker: it drains the queue of pages and leaves."""
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": str(archive),
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{port}",
        "NEWSWIRE_HOST_GAP_S": str(GAP_S),
    }
    return subprocess.Popen([sys.executable, "-m", "newswire.cli", "drain", "fetch", "--linger", "5"], env=env)


def pairs(asked: list[Asked]) -> list[tuple[Asked, Asked]]:
    """Two requests to one host, one after the other."""
    hosts = {host for host, *_ in asked}
    return [pair for host in hosts for pair in pairwise(one for one in asked if one[0] == host)]
