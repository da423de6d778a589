"""Sources as people manage them: who is believed about a publisher, and how a feed is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from newswire.core.reasons import REASONS
from newswire.records import Cause, FeedHealth, Subscription
from newswire.warehouse import checks, feeds, publishers
from newswire.warehouse.connection import Conn

MINER = Subscription(url="https://www.miner.ca/feed", groups=("metals",), tags=("a",))


def subscribe(conn: Conn, *wanted: Subscription, **how) -> list[bool]:
    return [feed.is_new for feed in feeds.subscribe(conn, wanted, interval_s=900, **how)]


def publisher(conn: Conn, domain: str = "miner.ca") -> dict[str, tuple]:
    [found] = [one for one in publishers.listed(conn) if one.domain == domain]
    return {
        "name": (found.name, found.name_from),
        "country": (found.country, found.country_from),
        "languages": (list(found.languages), found.languages_from),
        "kind": (found.kind, found.kind_from),
    }


# --- Feeds -----------------------------------------------------------------------------------------------------------


def test_subscribing_again_adds_groups_and_tags_and_forgets_nothing(conn):
    assert subscribe(conn, replace(MINER, owner="ann", note="late")) == [True]
    assert subscribe(conn, replace(MINER, groups=("canada",), tags=("b",), title="Miner")) == [False]
    [feed] = feeds.subscriptions(conn)
    assert (feed.groups, feed.tags) == (["canada", "metals"], ["a", "b"])
    assert (feed.owner, feed.note, feed.title) == ("ann", "late", "Miner")


def test_what_a_list_says_can_take_the_place_of_what_was_there(conn):
    subscribe(conn, MINER)
    subscribe(conn, replace(MINER, groups=("canada",), tags=()), replace=True)
    [feed] = feeds.subscriptions(conn)
    assert (feed.groups, feed.tags) == (["canada"], [])


def test_a_group_holds_the_feeds_of_the_groups_within_it(conn):
    world = [replace(MINER, url=f"https://a.example/{name}", groups=(name,)) for name in ("w", "w/asia", "wx")]
    subscribe(conn, *world)
    assert feeds.in_group(conn, "w") == ["https://a.example/w", "https://a.example/w/asia"]


def test_one_list_may_name_a_feed_twice(conn):
    assert subscribe(conn, MINER, replace(MINER, url="http://www.miner.ca/feed", groups=("x",))) == [True]


def test_a_feed_stays_with_the_publisher_that_somebody_named(conn):
    """A feed on another host, such as a feed service, is still its publisher's after it is touched again."""
    feed = Subscription(url="https://feeds.service.example/miner", domain="miner.ca")
    subscribe(conn, feed)
    subscribe(conn, Subscription(url=feed.url, publisher="The Miner"))
    assert [one.domain for one in feeds.subscriptions(conn)] == ["miner.ca"]
    assert publisher(conn)["name"] == ("The Miner", "user")


# --- Publishers ------------------------------------------------------------------------------------------------------


def test_a_better_source_replaces_what_a_lesser_one_said_and_never_the_other_way(conn):
    subscribe(conn, MINER)
    assert publisher(conn)["country"] == ("CA", "domain")
    subscribe(conn, replace(MINER, publisher="Miner", country="US", language="en", kind="trade"), said_by="starter")
    assert publisher(conn) == {
        "name": ("Miner", "starter"),
        "country": ("US", "starter"),
        "languages": (["en"], "starter"),
        "kind": ("trade", "starter"),
    }
    subscribe(conn, replace(MINER, publisher="The Miner"))
    subscribe(conn, replace(MINER, publisher="Miner", country="GB"), said_by="starter")
    assert publisher(conn)["name"] == ("The Miner", "user")
    assert publisher(conn)["country"] == ("GB", "starter")


def test_a_publisher_has_the_languages_of_its_feeds(conn):
    subscribe(conn, replace(MINER, language="fr"), Subscription(url="https://miner.ca/en", language="en"))
    subscribe(conn, Subscription(url="https://miner.ca/es", language="es"))
    assert publisher(conn)["languages"] == (["en", "es", "fr"], "user")


def test_feeds_and_pages_fill_what_nobody_said(conn):
    [feed] = feeds.subscribe(conn, [MINER], interval_s=900)
    conn.execute("UPDATE news.feeds SET title = 'Miner | latest', language = 'en-CA'")
    publishers.learn_from_feeds(conn, [feed.feed_id])
    assert publisher(conn)["name"] == ("Miner | latest", "feed")
    assert publisher(conn)["languages"] == (["en-CA"], "feed")
    publishers.learn_from_pages(conn, ["miner.ca"] * 3, ["The Miner", None, "The Miner"])
    assert publisher(conn)["name"] == ("The Miner", "page")
    publishers.learn_from_feeds(conn, [feed.feed_id])
    assert publisher(conn)["name"] == ("The Miner", "page")


def test_what_a_user_sets_replaces_all(conn):
    subscribe(conn, replace(MINER, language="fr", country="CA"), said_by="starter")
    assert publishers.say(conn, "miner.ca", languages=["en"], kind="newspaper")
    assert publisher(conn)["languages"] == (["en"], "user")
    assert publisher(conn)["country"] == ("CA", "starter")
    assert not publishers.say(conn, "nobody.example", name="x")


def test_saying_the_same_again_writes_nothing(conn):
    subscribe(conn, replace(MINER, publisher="Miner", language="en"))
    before = conn.execute("SELECT xmin, ctid FROM news.publishers").fetchall()
    subscribe(conn, replace(MINER, publisher="Miner", language="en"))
    assert conn.execute("SELECT xmin, ctid FROM news.publishers").fetchall() == before


# --- Health ----------------------------------------------------------------------------------------------------------

NOW = datetime.now(UTC)


@pytest.fixture
def feed_id(conn) -> int:
    [feed] = feeds.subscribe(conn, [MINER], interval_s=900)
    conn.execute("UPDATE news.feeds SET created_at = now() - interval '90 days', last_polled_at = now()")
    return feed.feed_id


def poll(conn: Conn, feed_id: int, outcome: str, *, hours_ago: float, status: int = 200, wire_bytes: int = 0) -> None:
    conn.execute(
        "INSERT INTO ops.polls (feed_id, at, outcome, status, wire_bytes, new_entries, revised_entries)"
        " VALUES (%s, now() - %s, %s, %s, %s, 0, 0)",
        [feed_id, timedelta(hours=hours_ago), outcome, status, wire_bytes],
    )


def publish(conn: Conn, feed_id: int, days_ago: list[float], *, seen_after_s: float = 60, quality="exact") -> None:
    for number, days in enumerate(days_ago):
        conn.execute(
            "INSERT INTO news.entries (feed_id, entry_key, authors, published_at, date_quality, content_sha256, first_seen_at)"
            " VALUES (%s, sha256(%s::text::bytea), '{}', now() - %s, %s, '', now() - %s)",
            [
                feed_id,
                f"{quality} {number}",
                timedelta(days=days),
                quality,
                timedelta(days=days, seconds=-seen_after_s),
            ],
        )


def health(conn: Conn) -> FeedHealth:
    [found] = feeds.health(conn, [MINER.url])
    return found


def column(conn: Conn, name: str):
    return conn.execute(f"SELECT {name} FROM mart.feed_health").fetchone()[0]


def test_a_failing_feed_says_since_when_and_why_in_words(conn, feed_id):
    conn.execute(
        "UPDATE news.feeds SET failures = 2, failure_score = 2, last_outcome = 'tls', last_detail = 'expired yesterday',"
        " last_success_at = now() - interval '30 hours', failing_since = now() - interval '20 hours'"
    )
    found = health(conn)
    assert (found.state, found.why) == ("failing", "the server's certificate is not accepted: expired yesterday")
    assert round((NOW - found.last_success_at).total_seconds() / 3600) == 30
    assert round((NOW - found.failing_since).total_seconds() / 3600) == 20
    assert found.retries == "within a day"


@pytest.mark.parametrize(
    ("outcome", "score", "retries"),
    [
        ("timeout", 2, "within a day"),
        ("gone", 1, "within a week"),
        ("tls", 12, "within a week"),
        ("tls", 30, "once a month"),
        ("throttled", 0, "when its host allows"),
    ],
)
def test_a_failing_feed_says_how_often_it_is_still_tried(conn, feed_id, outcome, score, retries):
    """The stages of `core/polling/ladder.py`."""
    conn.execute("UPDATE news.feeds SET failures = 1, failure_score = %s, last_outcome = %s", [score, outcome])
    assert health(conn).retries == retries


def test_expected_entries_come_from_the_weeks_before(conn, feed_id):
    publish(conn, feed_id, [day / 2 for day in range(1, 70)])  # two a day
    found = health(conn)
    assert found.state == "good"
    assert 12 <= found.entries_7d <= 14  # today is not over
    assert found.entries_7d == pytest.approx(found.expected_7d, abs=1.5)


def test_what_is_usual_of_a_new_feed_is_not_known_yet(conn, feed_id):
    conn.execute("UPDATE news.feeds SET created_at = now()")
    publish(conn, feed_id, [0.5, 1])
    assert health(conn).expected_7d is None
    publish(conn, feed_id, [8, 9], quality="date_only")  # but its first document may tell
    assert health(conn).expected_7d > 0


def test_a_feed_is_silent_when_so_long_a_pause_is_too_unlikely(conn, feed_id):
    publish(conn, feed_id, [10 + day for day in range(28)])  # one a day, until ten days ago
    found = health(conn)
    assert found.state == "silent"
    assert found.why.startswith("it answers, but nothing new has come for 10.0 days; 6.")


@pytest.mark.parametrize(
    "days_ago",
    [
        [2.5 + week * 7 + day / 5 for week in range(4) for day in range(25)],  # rests at weekends, and now
        [20, 30, 44],  # three entries say little
        [],
    ],
    ids=["weekend", "rare", "empty"],
)
def test_a_pause_that_is_usual_is_no_silence(conn, feed_id, days_ago):
    publish(conn, feed_id, days_ago)
    assert health(conn).state == "good"


def test_dates_delay_and_saved_bytes_are_counted(conn, feed_id):
    publish(conn, feed_id, [1, 2, 3], seen_after_s=120)
    publish(conn, feed_id, [1], quality="missing")
    for hours in (1, 2, 3):
        poll(conn, feed_id, "unchanged", hours_ago=hours, status=304)
    poll(conn, feed_id, "changed", hours_ago=4, wire_bytes=10_000)
    quality = column(conn, "date_quality")
    assert {name: count for name, count in quality.items() if count} == {"exact": 3, "missing": 1}
    assert column(conn, "discovery_delay_s") == 120
    assert column(conn, "bytes_28d") == 10_000
    assert column(conn, "bytes_saved_28d") == 30_000
    assert (column(conn, "polls_28d"), column(conn, "not_modified_28d")) == (4, 3)


def test_the_books_add_up_to_what_is_stored(conn, feed_id):
    publish(conn, feed_id, [0.1, 1, 1, 9])
    publish(conn, feed_id, [9, 40], quality="date_only")
    assert (
        conn.execute(
            "SELECT day, entries, exact, date_only FROM ops.feed_days WHERE entries > 0 ORDER BY day"
        ).fetchall()
        == conn.execute(
            "SELECT (least(published_at, first_seen_at) AT TIME ZONE 'UTC')::date, count(*),"
            " count(*) FILTER (WHERE date_quality = 'exact'), count(*) FILTER (WHERE date_quality = 'date_only')"
            " FROM news.entries GROUP BY 1 ORDER BY 1"
        ).fetchall()
    )
    assert health(conn).entries == 6
    [check] = [one for one in checks.all_checks() if one.name == "feed_books_add_up"]
    assert conn.execute(check.text).fetchall() == []
    conn.execute("UPDATE ops.feed_days SET entries = entries + 1 WHERE entries = 2")
    assert len(conn.execute(check.text).fetchall()) == 1


def test_warehouse_and_command_line_use_the_same_words(conn):
    for outcome, (words, _) in REASONS.items():
        assert conn.execute("SELECT news.in_words(%s)", [outcome]).fetchone() == (words,)


def test_every_cause_that_a_poll_can_have_is_put_in_words():
    """The rest are causes of pages, of rows, of alerts, and our own errors."""
    others = {"archive_missing", "bad_row", "poison", "internal", "refused"}
    assert set(get_args(Cause)) - others <= REASONS.keys()
