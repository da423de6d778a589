"""Polling through a network that fails, and within a budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from newswire.core.polling import DEFAULT_PRICE, PollPolicy
from newswire.records import Credential, Subscription
from newswire.steps.asking import Asking
from newswire.steps.child import Child
from newswire.steps.draining import drain
from newswire.steps.poll import PollFeeds
from newswire.steps.price import price
from newswire.steps.signing import no_credentials
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn, connect
from newswire.web.client import Web
from newswire.web.request import WebSettings
from web.faultserver import Faults, running, whole

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title><item><title>a</title></item></channel></rss>"
NOWHERE = 9  # nobody listens at the discard port


@dataclass
class World:
    """Thirty feeds of thirty hosts, and a network that can be cut."""

    conn: Conn
    port: int
    child: Child

    def poll(self, *, cut: bool = False) -> dict[str, int]:
        settings = WebSettings(connect_to=("127.0.0.1", NOWHERE if cut else self.port), host_gap_s=0)
        with Web(settings) as web:
            step = PollFeeds(self.child, PollPolicy(floor_s=3600), per_host=1, host_gap_s=0)
            return drain(Asking(step, self.conn, web), self.conn, linger_s=0, cap_s=20).outcomes

    def one(self, query: str) -> tuple:
        row = self.conn.execute(query).fetchone()
        assert row is not None
        return row

    def let_pass(self, minutes: int) -> None:
        """As if it were later, for the network's state and for what was put off."""
        self.conn.execute("UPDATE ops.network SET probed_at = probed_at - make_interval(mins => %s)", [minutes])
        self.conn.execute("UPDATE ops.network SET down_since = down_since - make_interval(mins => %s)", [minutes])
        self.conn.execute("UPDATE ops.work SET due_at = due_at - make_interval(mins => %s)", [minutes])


@pytest.fixture
def world(warehouse) -> Iterator[World]:
    hosts = [f"host{number}.example" for number in range(30)]
    faults = Faults()
    faults.answers |= {(host, "/feed"): whole(FEED, "Content-Type: application/rss+xml") for host in hosts}
    with running(faults), connect(warehouse.dsn(), name="test") as conn, Child() as child:
        feeds.subscribe(conn, [Subscription(url=f"http://{host}/feed") for host in hosts], interval_s=3600)
        yield World(conn, faults.port, child)


def test_a_cut_network_counts_against_nobody_and_its_end_makes_up_for_it(world):
    world.poll(cut=True)
    failures, untouched = world.one(
        "SELECT count(*) FILTER (WHERE failures > 0), count(*) FILTER (WHERE failures = 0) FROM news.feeds"
    )
    assert (failures, untouched) == (19, 11)  # the twentieth host raised the alarm
    assert world.one("SELECT down_since IS NOT NULL FROM ops.network") == (True,)

    world.let_pass(5)
    world.poll(cut=True)  # some probes, no more
    assert world.one("SELECT count(*) FROM news.feeds WHERE failures > 0") == (19,)

    world.let_pass(5)
    world.poll()
    assert world.one("SELECT down_since IS NULL FROM ops.network") == (True,)
    world.poll()
    assert world.one("SELECT count(*) FROM news.feeds WHERE failures = 0 AND last_outcome = 'changed'") == (30,)


def test_a_few_dead_hosts_are_their_own_fault(world):
    world.conn.execute("UPDATE news.feeds SET paused = true WHERE feed_id % 2 = 0")
    world.poll(cut=True)
    assert world.one("SELECT count(*) FROM news.feeds WHERE failures = 1 AND last_outcome = 'connect'") == (15,)
    assert world.one("SELECT down_since IS NULL FROM ops.network") == (True,)


def test_without_a_budget_the_price_is_the_default(conn):
    assert price(conn, polls_per_minute=None) == DEFAULT_PRICE


def test_with_a_budget_the_price_is_set_once_an_hour_by_what_was_polled(conn):
    assert price(conn, polls_per_minute=10) == DEFAULT_PRICE
    conn.execute(
        "INSERT INTO ops.polls (feed_id, outcome, new_entries, revised_entries)"
        " SELECT 1, 'unchanged', 0, 0 FROM generate_series(1, 900)"
    )
    assert price(conn, polls_per_minute=10) == DEFAULT_PRICE  # not yet
    conn.execute("UPDATE ops.budget SET set_at = now() - interval '61 minutes'")
    assert price(conn, polls_per_minute=10) == pytest.approx(DEFAULT_PRICE * 1.5**2)
    assert price(conn, polls_per_minute=10) == pytest.approx(DEFAULT_PRICE * 1.5**2)


# --- Credentials -----------------------------------------------------------------------------------------------------


def test_a_feed_is_asked_with_its_credential_and_a_missing_connection_fails_that_feed_only(warehouse):
    faults = Faults()
    faults.answers["/feed"] = whole(FEED, "Content-Type: application/rss+xml")
    known = {"wire": Credential(headers=(("Authorization", "Bearer s3cret"),))}

    def credentials(connection: str) -> Credential:
        return known.get(connection) or no_credentials(connection)

    with running(faults), connect(warehouse.dsn(), name="test") as conn, Child() as child:
        wanted = [
            Subscription(url="https://paid.example/feed", connection="wire"),
            Subscription(url="https://lost.example/feed", connection="nowhere"),
            Subscription(url="https://free.example/feed"),
        ]
        feeds.subscribe(conn, wanted, interval_s=3600)
        with Web(WebSettings(connect_to=("127.0.0.1", faults.port), host_gap_s=0)) as web:
            step = PollFeeds(child, PollPolicy(), per_host=1, host_gap_s=0, credentials=credentials)
            drain(Asking(step, conn, web), conn, linger_s=0, cap_s=20)
        health = {feed.url: (feed.state, feed.why, feed.connection) for feed in feeds.health(conn)}
        stored = conn.execute("SELECT string_agg(row_to_json(polls)::text, '') FROM ops.polls").fetchone()
    assert {seen.host: seen.headers.get("authorization") for seen in faults.seen} == {
        "paid.example": "Bearer s3cret",
        "free.example": None,
    }
    assert health["https://paid.example/feed"] == ("good", None, "wire")
    assert health["https://lost.example/feed"] == (
        "failing",
        "its credential cannot be used: the connection 'nowhere' is not known here; define it in Airflow",
        "nowhere",
    )
    assert "s3cret" not in str(stored)
