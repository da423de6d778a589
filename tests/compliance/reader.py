"""The poller under test, as servers see it: what it asked in each of five rounds, and what it decided to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from psycopg.rows import dict_row

from databases import OWNER, PASSWORD, Warehouse
from newswire.app import App
from newswire.records import Subscription
from newswire.settings import Settings
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.migrate import migrate
from web.faultserver import Fault, Faults, Seen, send, whole

ROUNDS = 5
ETAG, MODIFIED = '"v1"', "Sat, 01 Jun 2024 10:00:00 GMT"
VALIDATORS = (f"ETag: {ETAG}", f"Last-Modified: {MODIFIED}")
Answer = bytes | Fault


@dataclass
class Diary:
    """What happened, by address of the feed: requests, and the feed's row after each round."""

    server: Faults
    requests: list[list[Seen]] = field(default_factory=list)  # of each round
    states: list[dict[str, dict[str, Any]]] = field(default_factory=list)  # after each round, by address

    def asked(self, host: str, path: str | None = "/feed") -> list[list[Seen]]:
        """The requests for an address, by round; path None: for anything of that host."""
        return [[seen for seen in some if seen.host == host and path in {None, seen.path}] for some in self.requests]

    def headers(self, host: str, round_: int) -> dict[str, str]:
        """The headers of the one request that a host got in a round."""
        [seen] = self.asked(host)[round_ - 1]
        return seen.headers

    def all_requests(self) -> list[Seen]:
        return [seen for some in self.requests for seen in some]

    def state(self, url: str, round_: int = ROUNDS) -> dict[str, Any]:
        return self.states[round_ - 1][url if "://" in url else f"http://{url}/feed"]

    def waits(self, host: str) -> list[float]:
        """Seconds from each poll to the next that was planned after it."""
        return [state[f"http://{host}/feed"]["due_in_s"] for state in self.states]


def rss(*items: str, head: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>t</title>{head}{''.join(items)}</channel></rss>".encode()


def item(name: str, *, host: str = "pages.example", published: datetime | None = None) -> str:
    date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    return f"<item><guid>{name}</guid><title>{name}</title><link>http://{host}/{name}</link>{date}</item>"


def says(status: str, *headers: str, body: bytes = b"") -> bytes:
    return whole(body, *headers, status=status)


def gives(body: bytes, *headers: str) -> bytes:
    return whole(body, "Content-Type: application/rss+xml", *headers)


def unchanged(*headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 304 Not Modified", "Connection: close", *headers]).encode() + b"\r\n\r\n"


def in_turn(*answers: Answer) -> Fault:
    """One answer a request; the last one again and again."""
    left = list(answers)

    async def play(writer: Any) -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, bytes):
            await send(writer, answer)
        else:
            await answer(writer)

    return play


def settings(warehouse: Warehouse, port: int, **more: str) -> Settings:
    return Settings.from_env(
        {
            "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
            "NEWSWIRE_ARCHIVE": "memory://compliance",
            "NEWSWIRE_MODE": "test",
            "NEWSWIRE_NEWSROOM": f"127.0.0.1:{port}",
            "NEWSWIRE_HOST_GAP_S": "0",
            "NEWSWIRE_POLL_FLOOR_S": "60",
            "NEWSWIRE_POLL_DEFAULT_S": "900",
            "NEWSWIRE_POLL_CAP_S": "86400",
            **more,
        }
    )


def keep_diary(
    warehouse: Warehouse, server: Faults, scenes: Mapping[tuple[str, str], Answer], urls: Sequence[str]
) -> Diary:
    """Poll all feeds five times, each time in a new process's state, with a migration before the last."""
    server.answers |= scenes
    diary = Diary(server=server)
    with connect(warehouse.dsn(), name="test") as conn:
        subscribed = feeds.subscribe(conn, [Subscription(url=url) for url in urls], interval_s=900)
        names = {feed.feed_id: feed.url for feed in subscribed}  # an address may change later
        for number in range(1, ROUNDS + 1):
            if number == ROUNDS:
                _upgrade(conn, warehouse)
            before = len(server.seen)
            conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'poll'")
            with App(settings(warehouse, server.port)) as app:
                app.drain("poll", linger_s=0)
                app.drain("fetch", linger_s=0)
            diary.requests.append(server.seen[before:])
            diary.states.append(_states(conn, names))
    return diary


def _upgrade(conn: Conn, warehouse: Warehouse) -> None:
    """A new version arrives, and every host's time of patience is over."""
    migrate(warehouse.postgres.url(database=warehouse.database, role=OWNER, password=PASSWORD))
    conn.execute("UPDATE ops.hosts SET blocked_until = NULL")


_STATES = """
SELECT feed.feed_id, feed.url, feed.etag, feed.last_modified, feed.failures, feed.interval_s, health.last_outcome, health.last_detail,
    extract(epoch FROM work.due_at - feed.last_polled_at)::float AS due_in_s,
    (SELECT count(*) FROM news.entries AS entry WHERE entry.feed_id = feed.feed_id) AS entries
FROM news.feeds AS feed
JOIN mart.feed_health AS health USING (feed_id)
JOIN ops.work AS work ON work.stage = 'poll' AND work.key = feed.feed_id
"""


def _states(conn: Conn, names: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return {names[row["feed_id"]]: row for row in cursor.execute(_STATES).fetchall()}


def ago(**delta: float) -> datetime:
    return datetime.now(UTC) - timedelta(**delta)
