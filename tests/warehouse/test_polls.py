"""What a poll leaves in the warehouse: the state of the feed, the log, and where it has moved to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newswire.core.polling import PollPolicy, plan_poll
from newswire.records import Changed, DueFeed, Gone, Move, ParsedFeed, PollPlan, Subscription, Unchanged
from newswire.warehouse import budget, feeds, network, work
from newswire.warehouse.connection import Conn

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
HTTP = "http://a.example/feed"
CHANGED = Changed(status=200, url=HTTP, body=b"x", content_type=None, etag='"e"', last_modified=None, max_age_s=60)
READ = ParsedFeed(
    format="rss",
    title=None,
    site_url=None,
    language=None,
    ttl_s=120,
    items=30,
    entries=(),
    skip_hours=5,
    skip_days=64,
)


def subscribe(conn: Conn, *urls: str) -> list[int]:
    return [feed.feed_id for feed in feeds.subscribe(conn, [Subscription(url=url) for url in urls], interval_s=900)]


def due(conn: Conn, feed_id: int) -> DueFeed:
    [feed] = feeds.due(conn, [feed_id])
    return feed


def plan(feed: DueFeed, *, move: Move | None = None) -> PollPlan:
    decided = plan_poll(feed, CHANGED, read=READ, now=NOW, policy=PollPolicy(), jitter=0.5)
    return replace(decided, move=move)


def record(conn: Conn, *plans: tuple[int, PollPlan]) -> None:
    feeds.record(
        conn,
        [
            feeds.Poll(
                feed_id=feed_id,
                plan=decided,
                parsed=None,
                fresh=(),
                new_entries=0,
                status=200,
                wire_bytes=1,
                seconds=0.1,
            )
            for feed_id, decided in plans
        ],
    )


def test_what_a_poll_learns_comes_back_as_it_was(conn):
    [feed_id] = subscribe(conn, HTTP)
    first = due(conn, feed_id)
    assert first.rate is None
    decided = replace(plan(first), overflowed=True, ask_whole=True, validator_trust=-2)
    record(conn, (feed_id, decided))
    feed = due(conn, feed_id)
    assert (feed.rate, feed.hints) == (decided.rate, decided.hints)
    for name in (
        "etag",
        "interval_s",
        "failure_score",
        "window_items",
        "last_whole_at",
        "ask_whole",
        "validator_trust",
    ):
        assert getattr(feed, name) == getattr(decided, name), name
    assert conn.execute("SELECT overflows FROM news.feeds").fetchone() == (1,)
    assert conn.execute("SELECT overflowed FROM ops.polls").fetchone() == (True,)


def test_a_feed_that_was_never_read_keeps_that_it_knows_nothing(conn):
    [feed_id] = subscribe(conn, HTTP)
    feed = due(conn, feed_id)
    unchanged = Unchanged(status=200, etag=None, last_modified=None)
    record(conn, (feed_id, plan_poll(feed, unchanged, now=NOW, policy=PollPolicy(), jitter=0)))
    assert due(conn, feed_id).rate is None


def test_since_when_a_feed_fails_is_kept_from_its_first_failure_to_its_next_answer(conn):
    [feed_id] = subscribe(conn, HTTP)
    gone = plan_poll(due(conn, feed_id), Gone(status=404), now=NOW, policy=PollPolicy(), jitter=0)
    times = "SELECT last_success_at IS NULL, failing_since IS NULL FROM news.feeds"
    assert conn.execute(times).fetchone() == (True, True)
    record(conn, (feed_id, gone))
    assert conn.execute(times).fetchone() == (True, False)
    conn.execute("UPDATE news.feeds SET failing_since = '2024-01-01'")
    record(conn, (feed_id, gone))
    assert conn.execute("SELECT failing_since < '2024-01-03' FROM news.feeds").fetchone() == (True,)
    record(conn, (feed_id, plan(due(conn, feed_id))))
    assert conn.execute(times).fetchone() == (False, True)


# --- Removing --------------------------------------------------------------------------------------------------------


def test_a_removed_feed_is_polled_no_more_and_what_it_brought_stays(conn):
    [feed_id] = subscribe(conn, HTTP)
    record(conn, (feed_id, plan(due(conn, feed_id))))
    conn.execute(
        "INSERT INTO news.entries (feed_id, entry_key, authors, date_quality, content_sha256)"
        " VALUES (%s, 'k', '{}', 'missing', '')",
        [feed_id],
    )
    assert feeds.remove(conn, [HTTP]) == [HTTP]
    assert feeds.due(conn, [feed_id]) == []
    assert conn.execute("SELECT count(*) FROM ops.work").fetchone() == (0,)
    assert feeds.health(conn) == []
    assert feeds.subscriptions(conn) == []
    assert feeds.poll_now(conn, [HTTP]) == []
    assert conn.execute("SELECT count(*) FROM news.entries").fetchone() == (1,)
    assert conn.execute("SELECT count(*) FROM ops.polls").fetchone() == (1,)
    assert feeds.remove(conn, [HTTP]) == []


def test_a_removed_feed_that_is_subscribed_to_again_is_found_and_read_whole(conn):
    [feed_id] = subscribe(conn, HTTP)
    record(conn, (feed_id, plan(due(conn, feed_id))))
    feeds.remove(conn, [HTTP])
    [again] = feeds.subscribe(conn, [Subscription(url=HTTP)], interval_s=900)
    assert (again.feed_id, again.is_new) == (feed_id, True)
    feed = due(conn, feed_id)
    assert (feed.etag, feed.body_sha256, feed.rate) == (None, None, None)
    assert conn.execute("SELECT lane, due_at <= statement_timestamp() FROM ops.work").fetchone() == ("a.example", True)
    [known] = feeds.subscribe(conn, [Subscription(url=HTTP)], interval_s=900)
    assert not known.is_new


def test_a_poll_under_way_of_a_removed_feed_writes_nothing(conn):
    [feed_id] = subscribe(conn, HTTP)
    batch = work.claim(conn, "poll", holder=work.hold(conn), limit=1)
    feeds.remove(conn, [HTTP])
    report = work.drop(conn, batch, [feed_id], due_in_s=60)
    assert report.seen == 0
    assert conn.execute("SELECT count(*) FROM ops.work").fetchone() == (0,)


# --- Moves -----------------------------------------------------------------------------------------------------------

NEW = "https://b.example/rss"


def history(conn: Conn):
    query = "SELECT url, sightings, adopted_at IS NOT NULL, note FROM news.feed_url_history ORDER BY feed_id, url"
    return conn.execute(query).fetchall()


def test_sightings_are_counted_until_they_are_evidence(conn):
    [feed_id] = subscribe(conn, HTTP)
    for _ in range(3):
        record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=NEW, adopt=False))))
    feed = due(conn, feed_id)
    assert (feed.url, feed.moved_to, feed.moved_sightings) == (HTTP, NEW, 3)
    assert feed.moved_since is not None
    assert history(conn) == [(NEW, 3, False, None)]


def test_an_adopted_address_takes_the_feed_and_its_lane_along(conn):
    [feed_id] = subscribe(conn, HTTP)
    record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=NEW, adopt=True))))
    feed = due(conn, feed_id)
    assert (feed.url, feed.host, feed.moved_to) == (NEW, "b.example", None)
    assert conn.execute("SELECT lane FROM ops.work").fetchone() == ("b.example",)
    assert history(conn) == [(HTTP, 0, True, "as subscribed"), (NEW, 1, True, None)]


def test_a_feed_is_known_by_each_of_its_addresses(conn):
    [feed_id] = subscribe(conn, HTTP)
    record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=NEW, adopt=True))))
    assert subscribe(conn, HTTP) == subscribe(conn, NEW) == subscribe(conn, NEW, HTTP) == [feed_id]
    assert feeds.poll_now(conn, [NEW]) == []  # asked just now
    conn.execute("UPDATE news.feeds SET last_polled_at = now() - interval '2 minutes'")
    assert [feed.feed_id for feed in feeds.poll_now(conn, [NEW])] == [feed_id]
    assert feeds.pause(conn, [NEW], paused=True) == 1


def test_a_feed_does_not_move_onto_another(conn):
    [feed_id] = subscribe(conn, HTTP)
    subscribe(conn, NEW)
    record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=NEW, adopt=True))))
    assert due(conn, feed_id).url == HTTP
    [(url, _, adopted, note)] = history(conn)
    assert (url, adopted) == (NEW, False)
    assert note.endswith("is subscribed at this address")


def test_of_two_feeds_that_move_to_one_address_one_does(conn):
    ids = [*subscribe(conn, HTTP), *subscribe(conn, "http://c.example/feed")]
    record(conn, *((feed_id, plan(due(conn, feed_id), move=Move(url=NEW, adopt=True))) for feed_id in ids))
    assert sorted(due(conn, feed_id).url for feed_id in ids) == ["http://c.example/feed", NEW]


def test_a_feed_can_move_back(conn):
    [feed_id] = subscribe(conn, HTTP)
    for url in (NEW, HTTP, NEW):
        record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=url, adopt=False))))
        assert due(conn, feed_id).moved_to == url
        record(conn, (feed_id, plan(due(conn, feed_id), move=Move(url=url, adopt=True))))
        assert due(conn, feed_id).url == url


# --- What all workers share ------------------------------------------------------------------------------------------


def test_while_the_network_is_down_one_worker_probes_at_a_time(conn):
    assert not network.is_down(conn)
    assert not network.probe(conn, every_s=0)
    network.went_down(conn)
    assert network.is_down(conn)
    assert not network.probe(conn, every_s=30)
    conn.execute("UPDATE ops.network SET probed_at = now() - interval '31 s'")
    assert [network.probe(conn, every_s=30) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("minutes", "is_due"), [(30, True), (1, False)])
def test_when_the_network_is_back_what_failed_before_the_alarm_is_due(conn, minutes, is_due):
    """Unless the alarm was so short that it may have been those hosts' own fault."""
    [feed_id] = subscribe(conn, HTTP)
    conn.execute("UPDATE ops.work SET due_at = now() + interval '1 day'")
    conn.execute("UPDATE news.feeds SET failures = 1")
    started = timedelta(minutes=minutes)
    conn.execute(
        "INSERT INTO ops.polls (at, feed_id, outcome, new_entries, revised_entries) VALUES (now() - %s, %s, 'dns', 0, 0)",
        [started + timedelta(minutes=5), feed_id],
    )
    network.went_down(conn)
    conn.execute("UPDATE ops.network SET down_since = now() - %s", [started])
    network.came_back(conn)
    assert not network.is_down(conn)
    assert (work.next_due_s(conn, "poll") == 0) is is_due


def test_the_price_is_remembered(conn):
    assert budget.price(conn) is None
    budget.set_price(conn, 3.3, polls_per_minute=10)
    budget.set_price(conn, 5.5, polls_per_minute=12)
    known = budget.price(conn)
    assert known is not None
    assert (known.price, known.polls) == (5.5, 0)
    assert known.age_s < 60
