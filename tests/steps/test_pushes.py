"""WebSub from end to end without Airflow: a newsroom with a hub, the callback on a real server, and rows."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import uvicorn

from databases import Warehouse
from newswire import callback
from newswire.app import App
from newswire.callback import callback_app
from newswire.cli import main
from newswire.core.polling import pushes as policy
from newswire.core.websub import CALLBACK_PATH
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import Subscription
from newswire.runtime.databases import READER
from newswire.settings import CHECKOUT, Settings
from newswire.warehouse import feeds, pushes
from newswire.warehouse.connection import Conn, connect

pytestmark = pytest.mark.slow

FEED = publications()[0].feed_url


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """One feed of the newsroom, its hub, and us."""

    app: App
    conn: Conn
    newsroom: RunningNewsroom
    port: int

    def call(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """What a hub, or a stranger, is answered at the callback's door."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
        finally:
            connection.close()

    def push(self, body: bytes, *, signature: str | None = None, token: str | None = None, **headers: str) -> int:
        if signature is not None:
            headers["X_Hub_Signature"] = signature
        return self.call(f"{CALLBACK_PATH}/{token or self.token}", method="POST", body=body, **headers).status

    def signed(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.secret.encode(), body, "sha256").hexdigest()

    @property
    def token(self) -> str:
        return self.one("SELECT token FROM ops.hub_secrets ORDER BY hub_subscription_id DESC LIMIT 1")[0]

    @property
    def secret(self) -> str:
        return self.one("SELECT secret FROM ops.hub_secrets ORDER BY hub_subscription_id DESC LIMIT 1")[0]

    def poll(self) -> None:
        self.conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'poll'")
        self.app.drain("poll", linger_s=0)

    def subscribe(self) -> None:
        """Find the hub, ask it, and be verified."""
        self.poll()
        self.app.subscribe_hubs()
        self.until(lambda: self.states() == ["verified"])

    def states(self) -> list[str]:
        return [
            state
            for (state,) in self.conn.execute("SELECT state FROM ops.hub_subscriptions ORDER BY hub_subscription_id")
        ]

    def drops(self) -> dict[str, int]:
        return dict(
            self.conn.execute("SELECT reason, sum(drops)::integer FROM ops.push_drops GROUP BY reason").fetchall()
        )

    def one(self, query: str) -> tuple:
        row = self.conn.execute(query).fetchone()
        assert row is not None
        return row

    def entries(self) -> int:
        return self.one("SELECT count(*) FROM news.entries")[0]

    def publish_one(self) -> None:
        """Publish an article of the feed."""
        [url] = [url for url in self.newsroom.status()["waiting"] if url.startswith(FEED.rpartition("/")[0])][:1]
        self.newsroom.publish([url])

    def until(self, right: Callable[[], bool], *, within_s: float = 10) -> None:
        end = time.monotonic() + within_s
        while not right():
            assert time.monotonic() < end, "not in time"
            time.sleep(0.02)

    def let_pass(self, hours: float) -> None:
        """As if it were later, for all that concerns hubs."""
        self.conn.execute(
            """UPDATE ops.hub_subscriptions SET created_at = created_at - ago, asked_at = asked_at - ago,
               next_ask_at = next_ask_at - ago, verified_at = verified_at - ago, lease_until = lease_until - ago
               FROM (SELECT make_interval(secs => %s) AS ago) AS passed""",
            [hours * 3600],
        )


@pytest.fixture
def served(warehouse: Warehouse) -> Iterator[int]:
    """The callback as the API server mounts it; its port."""
    from fastapi import FastAPI

    app = callback_app(warehouse.dsn())
    outer = FastAPI(lifespan=app.router.lifespan_context)
    outer.mount(CALLBACK_PATH, app)
    server = uvicorn.Server(uvicorn.Config(outer, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def world(warehouse: Warehouse, tmp_path: Path, served: int) -> Iterator[World]:
    newsroom = Newsroom(publications(), with_hub=True)
    with running_newsroom(newsroom, over_s=86_400, hold=True) as running, connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=FEED)], interval_s=3600)
        with App(settings(warehouse, tmp_path, running.port, served)) as app:
            yield World(app, conn, running, served)


def settings(warehouse: Warehouse, archive: Path, newsroom: int, callback: int | None) -> Settings:
    public = {} if callback is None else {"NEWSWIRE_PUBLIC_URL": f"http://127.0.0.1:{callback}/"}
    return Settings.from_env(
        {
            "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
            "NEWSWIRE_ARCHIVE": str(archive),
            "NEWSWIRE_CONFIG": str(CHECKOUT / "config"),
            "NEWSWIRE_MODE": "test",
            "NEWSWIRE_NEWSROOM": f"127.0.0.1:{newsroom}",
            "NEWSWIRE_HOST_GAP_S": "0",
            "NEWSWIRE_POLL_FLOOR_S": "3600",
            **public,
        }
    )


# --- The way of a push -----------------------------------------------------------------------------------------------


def test_what_the_hub_pushes_becomes_entries_and_work_without_a_poll(world):
    world.subscribe()
    before = world.one("SELECT etag, last_modified, body_sha256, last_polled_at, window_items FROM news.feeds")
    due = world.one("SELECT due_at FROM ops.work WHERE stage = 'poll'")
    entries = world.entries()
    world.publish_one()
    world.until(lambda: world.one("SELECT count(*) FROM ops.work WHERE stage = 'push'") == (1,))
    report = world.app.drain("push", linger_s=0)
    assert (report.seen, report.changed, report.outcomes["new_entries"]) == (1, 1, 1)
    assert world.entries() == entries + 1
    newest = "SELECT address_id FROM news.entries ORDER BY entry_id DESC LIMIT 1"
    assert world.one(f"SELECT count(*) FROM ops.work WHERE stage = 'fetch' AND key = ({newest})") == (1,)
    assert before == world.one("SELECT etag, last_modified, body_sha256, last_polled_at, window_items FROM news.feeds")
    assert due == world.one("SELECT due_at FROM ops.work WHERE stage = 'poll'")
    assert world.one("SELECT outcome, body IS NULL, new_entries FROM ops.pushes") == ("changed", True, 1)
    world.until(lambda: world.newsroom.hub().delivered == [(FEED, 202)])
    world.poll()  # finds nothing that the push had not brought
    assert world.one("SELECT last_outcome, overflows FROM news.feeds") == ("changed", 0)
    assert world.entries() == entries + 1
    [health] = pushes.health(world.conn)
    assert (health.state, health.seen_14d, health.missed_14d, health.hit_rate) == ("pushed", 1, 0, 1.0)


def test_two_pushes_of_one_feed_are_taken_in_their_order(world):
    world.subscribe()
    world.publish_one()
    world.publish_one()
    world.until(lambda: world.one("SELECT count(*) FROM ops.pushes") == (2,))
    assert world.app.drain("push", linger_s=0).outcomes["new_entries"] == 2
    assert world.conn.execute("SELECT new_entries FROM ops.pushes ORDER BY push_id").fetchall() == [(1,), (1,)]


def test_a_push_stands_in_for_no_poll_that_failed(world):
    """The feed's own server may be down for weeks while its hub pushes; the ladder stays where it is."""
    world.subscribe()
    world.conn.execute("UPDATE news.feeds SET failures = 3, failure_score = 3, last_outcome = 'timeout'")
    world.publish_one()
    world.until(lambda: world.one("SELECT count(*) FROM ops.work WHERE stage = 'push'") == (1,))
    world.app.drain("push", linger_s=0)
    assert world.one("SELECT failures, last_outcome FROM news.feeds") == (3, "timeout")


def test_a_blocked_host_holds_no_push_up(world):
    world.subscribe()
    world.conn.execute(
        "INSERT INTO ops.hosts (host, blocked_until) SELECT host, now() + interval '1 day' FROM news.feeds"
        " ON CONFLICT (host) DO UPDATE SET blocked_until = excluded.blocked_until"
    )
    world.publish_one()
    world.until(lambda: world.one("SELECT count(*) FROM ops.work WHERE stage = 'push'") == (1,))
    assert world.app.drain("push", linger_s=0).changed == 1


def test_a_signed_push_that_is_no_feed_is_a_fact_and_the_feed_is_asked_itself(world):
    world.subscribe()
    world.conn.execute("UPDATE news.feeds SET last_polled_at = now() - interval '1 hour'")
    assert world.push(b"<html>something is new</html>", signature=world.signed(b"<html>something is new</html>")) == 202
    assert world.app.drain("push", linger_s=0).failed == 1
    assert world.one("SELECT outcome, body FROM ops.pushes") == ("not_a_feed", None)
    assert world.one("SELECT due_at <= now() FROM ops.work WHERE stage = 'poll'") == (True,)
    assert world.one("SELECT count(*) FROM ops.dead_letters") == (0,)


# --- What is dropped -------------------------------------------------------------------------------------------------


def test_unsigned_forged_and_replayed_pushes_are_acknowledged_counted_and_dropped(world):
    world.subscribe()
    body = b"<rss version='2.0'><channel><title>t</title><item><title>Planted</title></item></channel></rss>"
    assert world.push(body) == 202
    assert world.push(body, signature="sha256=" + hashlib.sha256(body).hexdigest()) == 202
    assert world.push(body + b" ", signature=world.signed(body)) == 202
    assert world.one("SELECT count(*) FROM ops.pushes") == (0,)
    assert world.push(body, signature=world.signed(body)) == 202
    assert world.push(body, signature=world.signed(body)) == 202
    assert world.drops() == {"unsigned": 1, "forged": 2, "repeated": 1}
    assert world.app.drain("push", linger_s=0).seen == 1
    assert world.push(body, signature=world.signed(body)) == 202  # also when it was taken
    assert world.app.drain("push", linger_s=0).seen == 0
    assert world.one("SELECT count(*) FROM news.entries WHERE title = 'Planted'") == (1,)
    [health] = pushes.health(world.conn)
    assert health.drops_14d == 5


def test_a_push_that_is_too_large_is_not_kept_whether_it_says_so_or_not(world):
    world.subscribe()
    large = b"x" * (3 * 1024 * 1024 + 1)
    assert world.push(large, signature=world.signed(large)) == 202
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=20)
    pieces = (b"x" * 65_536 for _ in range(80))
    with contextlib.suppress(ConnectionError):  # it does not want to hear the rest
        headers = {"X-Hub-Signature": world.signed(large)}
        connection.request("POST", f"{CALLBACK_PATH}/{world.token}", body=pieces, headers=headers, encode_chunked=True)
        assert connection.getresponse().status == 202
    connection.close()
    world.until(lambda: world.drops() == {"too_large": 2})
    assert world.one("SELECT count(*) FROM ops.pushes") == (0,)


def test_a_compressed_push_is_dropped_because_it_could_be_a_bomb(world):
    world.subscribe()
    assert world.push(b"x", signature=world.signed(b"x"), Content_Encoding="gzip") == 202
    assert world.drops() == {"encoded": 1}


def test_a_body_that_does_not_come_is_not_waited_for(world, monkeypatch):
    world.subscribe()
    monkeypatch.setattr(callback, "_BODY_WITHIN_S", 0.3)
    head = f"POST {CALLBACK_PATH}/{world.token} HTTP/1.1\r\nHost: a\r\nX-Hub-Signature: sha1=0\r\nContent-Length: 9\r\n\r\nslow"
    with socket.create_connection(("127.0.0.1", world.port), timeout=10) as line:
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 408")
    assert world.drops() == {}


def test_no_more_bodies_are_read_than_fit_into_memory(world, monkeypatch):
    world.subscribe()
    monkeypatch.setattr(callback, "_AT_A_TIME", 0)
    assert world.push(b"x", signature=world.signed(b"x")) == 503
    monkeypatch.setattr(callback, "_AT_A_TIME", 1)
    assert [world.push(b"x", signature=world.signed(b"x")) for _ in range(2)] == [202, 202]


def test_strangers_cannot_fill_the_disk(world, monkeypatch):
    world.subscribe()
    monkeypatch.setattr(pushes, "_MOST_AN_HOUR", 2)
    answers = [world.push(bytes([n]), signature=world.signed(bytes([n]))) for n in range(4)]
    assert answers == [202, 202, 503, 503]
    monkeypatch.setattr(pushes, "_MOST_AN_HOUR", 100)
    monkeypatch.setattr(pushes, "_MOST_WAITING_BYTES", 2)
    assert world.push(b"three", signature=world.signed(b"three")) == 503
    world.app.drain("push", linger_s=0)
    monkeypatch.setattr(pushes, "_MOST_WAITING_BYTES", 5)
    assert world.push(b"three", signature=world.signed(b"three")) == 202
    assert world.drops() == {"no_room": 3}


def test_digests_are_forgotten_when_no_lease_can_replay_them(world):
    world.subscribe()
    world.push(b"old", signature=world.signed(b"old"))
    world.app.drain("push", linger_s=0)
    world.conn.execute("UPDATE ops.pushes SET at = at - interval '36 days'")
    assert pushes.forget(world.conn) == 1


# --- The callback's door ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42, "%2e%2e", "A" * 43 + "/x", "é" * 43, ""])
def test_an_address_that_we_did_not_make_is_nothing(world, token):
    path = f"{CALLBACK_PATH}/{quote(token, safe='/%')}"
    assert world.call(path).status == 404
    assert world.call(path, method="POST", body=b"x", X_Hub_Signature="sha1=0").status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_get_and_post_is_answered(world, method):
    assert world.call(f"{CALLBACK_PATH}/{'A' * 43}", method=method).status == 405


def intent(world: World, **query: str) -> Answer:
    asked = "&".join(f"hub.{name}={quote(value)}" for name, value in query.items())
    return world.call(f"{CALLBACK_PATH}/{world.token}?{asked}")


@pytest.fixture
def asked(world: World) -> World:
    """A hub was asked that says nothing: its answer is what the test sends."""
    world.poll()
    world.newsroom.hub().denies = None
    world.conn.execute("UPDATE news.feeds SET hub_url = 'http://nobody.example/'")
    world.app.subscribe_hubs()
    return world


def test_a_challenge_is_echoed_as_plain_text_only_for_what_was_asked(asked):
    assert (
        intent(asked, mode="subscribe", topic="http://other.example/", challenge="c", lease_seconds="60").status == 404
    )
    assert intent(asked, mode="unsubscribe", topic=FEED, challenge="c").status == 404
    assert intent(asked, mode="subscribe", topic=FEED).status == 404
    assert intent(asked, mode="publish", topic=FEED, challenge="c").status == 404
    assert asked.states() == ["asked"]
    echoed = intent(asked, mode="subscribe", topic=FEED, challenge="<b>c</b>", lease_seconds="86400")
    assert (echoed.status, echoed.body) == (200, b"<b>c</b>")
    assert echoed.headers["content-type"].startswith("text/plain")
    assert echoed.headers["x-content-type-options"] == "nosniff"
    [health] = pushes.health(asked.conn)
    assert health.lease_until is not None
    assert asked.one("SELECT lease_until - verified_at FROM ops.hub_subscriptions")[0].total_seconds() == 86_400


def test_what_no_row_can_hold_is_no_error_of_ours(asked):
    assert intent(asked, mode="subscribe", topic=f"{FEED}\0", challenge="c").status == 404
    assert intent(asked, mode="denied", topic=FEED, reason="n\0o").status == 200
    assert asked.one("SELECT detail FROM ops.hub_subscriptions") == ("no",)


def test_a_hub_may_ask_twice_but_not_an_hour_later(asked):
    question = {"mode": "subscribe", "topic": FEED, "challenge": "c", "lease_seconds": "86400"}
    assert [intent(asked, **question).status for _ in range(2)] == [200, 200]
    asked.let_pass(hours=2)
    assert intent(asked, **question).status == 404


def test_nothing_is_taken_before_the_hub_has_verified(asked):
    body = b"x"
    assert asked.push(body, signature=asked.signed(body)) == 410
    assert asked.drops() == {}


def test_without_the_warehouse_hubs_are_told_to_come_again(world, warehouse):
    world.subscribe()
    token, signature = world.token, world.signed(b"x")
    with psycopg.connect(warehouse.postgres.url(), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {warehouse.database} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'newswire callback'"
        )
        try:
            assert world.push(b"x", signature=signature, token=token) == 503
        finally:
            admin.execute(f"ALTER DATABASE {warehouse.database} ALLOW_CONNECTIONS true")
    assert world.push(b"x", signature=signature, token=token) == 202


# --- Subscribing -----------------------------------------------------------------------------------------------------


def test_without_a_public_address_nothing_is_asked_and_the_warehouse_says_so(warehouse, tmp_path, world):
    world.poll()
    with App(settings(warehouse, tmp_path, world.newsroom.port, None)) as app:
        assert app.subscribe_hubs().seen == 0
    [health] = pushes.health(world.conn)
    assert health.state == "off"
    assert "NEWSWIRE_PUBLIC_URL" in health.why
    world.app.subscribe_hubs()
    world.until(lambda: pushes.health(world.conn)[0].state == "pushed")


def test_readers_cannot_see_the_secrets(world, warehouse):
    world.subscribe()
    with connect(warehouse.dsn(READER), name="reader") as reader:
        assert reader.execute("SELECT state FROM ops.hub_subscriptions").fetchall() == [("verified",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT token FROM ops.hub_secrets")


def test_asking_again_asks_nothing(world):
    world.subscribe()
    assert world.app.subscribe_hubs().seen == 0
    assert world.states() == ["verified"]


def test_a_lease_is_followed_by_another_before_it_ends_with_a_callback_and_secret_of_its_own(world):
    world.subscribe()
    first = world.token, world.secret
    world.let_pass(hours=24 * 8 + 1)  # of ten days
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["leaving", "verified"])
    assert not set(first) & {world.token, world.secret}
    assert world.push(b"x", signature=world.signed(b"x"), token=first[0]) == 410
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["ended", "verified"])
    world.until(lambda: len(world.newsroom.hub().subscribers) == 1)


def test_a_lease_that_ran_out_ends_and_its_feed_is_due(world):
    world.subscribe()
    world.conn.execute("UPDATE news.feeds SET hub_url = NULL, topic_url = NULL")
    world.conn.execute("UPDATE ops.hub_subscriptions SET lease_until = now()")
    world.app.subscribe_hubs()
    assert world.states() == ["ended"]
    assert world.one("SELECT due_at <= now() FROM ops.work WHERE stage = 'poll'") == (True,)


def test_pausing_a_feed_leaves_its_hub_and_resuming_asks_again(world):
    world.subscribe()
    feeds.pause(world.conn, [FEED], paused=True)
    assert world.push(b"x", signature=world.signed(b"x")) == 410
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["ended"])
    world.until(lambda: world.newsroom.hub().subscribers == {})
    feeds.pause(world.conn, [FEED], paused=False)
    world.let_pass(hours=1)
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["ended", "verified"])


def test_a_feed_that_names_another_hub_leaves_the_first(world):
    world.subscribe()
    world.conn.execute("UPDATE news.feeds SET hub_url = 'http://other.example/'")
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["ended"])
    world.until(lambda: world.newsroom.hub().subscribers == {})
    world.let_pass(hours=1)
    world.app.subscribe_hubs()
    assert world.states() == ["ended", "asked"]


def test_a_feed_that_calls_itself_otherwise_each_time_does_not_keep_us_asking(world):
    world.subscribe()
    for number in range(3):
        world.conn.execute("UPDATE news.feeds SET topic_url = %s", [f"http://paper.example/?{number}"])
        world.app.subscribe_hubs()
    assert len(world.states()) == 1


def test_a_denial_is_told_and_asked_again_after_a_week(world):
    world.newsroom.hub().denies = "not for robots"
    world.poll()
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["denied"])
    [health] = pushes.health(world.conn)
    assert health.state == "denied"
    assert "not for robots" in health.why
    world.let_pass(hours=24 * 6)
    assert world.app.subscribe_hubs().seen == 0
    world.newsroom.hub().denies = None
    world.let_pass(hours=24 * 2)
    world.app.subscribe_hubs()
    world.until(lambda: world.states() == ["verified"])


def test_a_denial_at_any_time_brings_the_polls_back(world):
    world.subscribe()
    assert intent(world, mode="denied", topic=FEED, reason="no more").status == 200
    assert world.states() == ["denied"]
    assert world.one("SELECT due_at <= now() FROM ops.work WHERE stage = 'poll'") == (True,)


def test_a_hub_that_does_not_answer_is_asked_less_and_less_often_and_says_why(world):
    world.poll()
    world.conn.execute("UPDATE news.feeds SET hub_url = 'http://nobody.example/'")
    assert world.app.subscribe_hubs().failed == 1
    [health] = pushes.health(world.conn)
    assert health.state == "asked"
    assert "HTTP 404" in health.why
    assert world.app.subscribe_hubs().seen == 0
    world.let_pass(hours=1.3)
    assert world.app.subscribe_hubs().seen == 1
    world.let_pass(hours=1.3)
    assert world.app.subscribe_hubs().seen == 0
    world.let_pass(hours=1.2)
    assert world.app.subscribe_hubs().seen == 1


def test_the_command_line_tells_how_pushes_are(world, warehouse, monkeypatch, capsys):
    for name, value in (("WAREHOUSE", warehouse.dsn()), ("ARCHIVE", "/nowhere")):
        monkeypatch.setenv(f"NEWSWIRE_{name}", value)
    assert main(["feeds", "push-status"]) == 0
    assert "WebSub is off" in capsys.readouterr().out
    world.subscribe()
    world.publish_one()
    world.until(lambda: world.one("SELECT count(*) FROM ops.work WHERE stage = 'push'") == (1,))
    world.app.drain("push", linger_s=0)
    assert main(["feeds", "push-status"]) == 0
    shown = capsys.readouterr().out
    assert f"hubs reach us at http://127.0.0.1:{world.port}" in shown
    assert f"pushed     {FEED}" in shown
    assert "1 pushes brought 1 entries, 100% of what was new; 0 dropped" in shown


# --- Polls in the shadow ---------------------------------------------------------------------------------------------


def test_the_view_and_the_policy_mean_the_same_by_relied_on(world):
    world.subscribe()
    world.conn.execute("UPDATE ops.hub_subscriptions SET verified_at = verified_at - interval '1 day'")
    world.conn.execute(
        "INSERT INTO ops.pushes (feed_id, hub_url, body_sha256, bytes, outcome, new_entries, revised_entries)"
        " SELECT feed_id, hub_url, 'x', 1, 'changed', 95, 0 FROM news.feeds"
    )
    for missed, state in ((5, "relied on"), (6, "unreliable")):
        world.conn.execute("UPDATE ops.polls SET push_missed = %s", [missed])
        assert pushes.health(world.conn)[0].state == state
        [feed] = feeds.due(world.conn, [world.one("SELECT feed_id FROM news.feeds")[0]])
        assert (feed.push_seen, feed.push_missed) == (95, missed)
        assert feed.push_since < feed.push_until


def test_a_poll_that_finds_what_was_not_pushed_counts_it(world, monkeypatch):
    world.subscribe()
    world.newsroom.hub().subscribers.clear()
    world.conn.execute("UPDATE ops.hub_subscriptions SET verified_at = verified_at - interval '1 minute'")
    world.publish_one()
    world.poll()
    assert world.one("SELECT sum(push_missed) FROM ops.polls") == (0,)  # published a moment ago: it may be on its way
    world.publish_one()
    monkeypatch.setattr(policy, "_GRACE", timedelta(0))
    time.sleep(1.1)  # feeds tell whole seconds
    world.poll()
    [health] = pushes.health(world.conn)
    assert (health.state, health.missed_14d) == ("unreliable", 1)
