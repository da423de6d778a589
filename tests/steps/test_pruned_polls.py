"""A feed is read whole once a week; in between only what is new is read, and the rows are the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import Warehouse
from newswire.app import App
from newswire.records import StepReport, Subscription
from newswire.settings import Settings
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn, connect
from web.faultserver import Faults, running, whole

HOST = "planet.example"


@pytest.fixture
def server() -> Iterator[Faults]:
    with running(Faults()) as faults:
        yield faults


def publish(server: Faults, *titles: str) -> None:
    items = "".join(f"<item><guid>{title[0]}</guid><title>{title}</title></item>" for title in titles)
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    server.answers[(HOST, "/feed")] = whole(body, "Content-Type: application/rss+xml")


def poll(conn: Conn, warehouse: Warehouse, server: Faults) -> StepReport:
    conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'poll'")
    env = {
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": "memory://archive",
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{server.port}",
        "NEWSWIRE_HOST_GAP_S": "0",
    }
    with App(Settings.from_env(env)) as app:
        return app.drain("poll", linger_s=0)


def rows(conn: Conn) -> list[tuple[str, int]]:
    return conn.execute("SELECT title, revision FROM news.entries ORDER BY title").fetchall()


def items(conn: Conn) -> tuple[int, int, int]:
    return conn.execute("SELECT items, new_entries, revised_entries FROM ops.polls ORDER BY at DESC LIMIT 1").fetchone()


def test_the_rows_are_those_of_whole_readings(warehouse, server):
    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=f"http://{HOST}/feed")], interval_s=3600)
        publish(server, "a", "b")
        poll(conn, warehouse, server)
        publish(server, "c", "a", "b changed")
        poll(conn, warehouse, server)
        assert rows(conn) == [("a", 0), ("b changed", 1), ("c", 0)]
        assert items(conn) == (3, 1, 1)
        publish(server, "c", "a")
        poll(conn, warehouse, server)
        assert items(conn) == (2, 0, 0)
        assert len(rows(conn)) == 3


def test_only_a_whole_reading_counts_as_one(warehouse, server):
    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=f"http://{HOST}/feed")], interval_s=3600)
        publish(server, "a")
        poll(conn, warehouse, server)
        for age, read_whole in (("6 days", False), ("8 days", True)):
            conn.execute("UPDATE news.feed_memories SET read_whole_at = now() - %s::interval", [age])
            publish(server, "a", f"b after {age}")
            poll(conn, warehouse, server)
            assert conn.execute(
                "SELECT read_whole_at > now() - interval '1 hour' FROM news.feed_memories"
            ).fetchone() == (read_whole,)
