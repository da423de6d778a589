"""The past of feeds, imported from papers that keep it in four ways: it lands on its own days, once, and disturbs nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from test_flow import drain_all, settings

from newswire.app import App
from newswire.errors import ConfigError
from newswire.newsroom.annals import Annals
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import BULK, Days, Subscription
from newswire.settings import CHECKOUT
from newswire.warehouse import feeds, reports, work
from newswire.warehouse.connection import Conn, connect

TODAY = datetime.now(UTC).date()
FEEDS = {
    "archived": "http://annals-archive.example/feed.atom",
    "paged": "http://annals-pages.example/feed.json",
    "wordpress": "http://annals-blog.example/feed/",
    "sitemap": "http://annals-map.example/rss.xml",
}
ANNALS = Annals(TODAY)
PAST = Days(since=TODAY - timedelta(days=22), until=TODAY - timedelta(days=20))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def newsroom() -> Iterator[RunningNewsroom]:
    with running_newsroom(Newsroom(publications(), annals=ANNALS)) as running:
        yield running


@pytest.fixture
def conn(warehouse) -> Iterator[Conn]:
    with connect(warehouse.dsn(), name="test") as connection:
        yield connection


@pytest.fixture
def app(warehouse, newsroom, tmp_path) -> Iterator[App]:
    with opened(warehouse, newsroom, tmp_path) as opened_app:
        yield opened_app


@contextmanager
def opened(warehouse, newsroom, tmp_path, **changes: Any) -> Iterator[App]:
    chosen = replace(settings(warehouse, tmp_path, newsroom.port), history_gap_s=0.0, **changes)
    with App(chosen) as opened_app:
        yield opened_app


def subscribe(conn: Conn, *urls: str) -> None:
    feeds.subscribe(conn, [Subscription(url=url) for url in urls or FEEDS.values()], interval_s=3600)


def drain_bulk(conn: Conn, app: App) -> None:
    """Bulk work is claimed one by one of each host, so that a drain which does not linger leaves some of it."""
    for _ in range(50):
        drain_all(app)
        if conn.execute("SELECT count(*) FROM ops.work WHERE stage <> 'poll'").fetchone() == (0,):
            return
    raise AssertionError("work remains")


def days_of_articles(conn: Conn) -> dict[date, int]:
    return dict(conn.execute("SELECT day, count(*) FROM mart.articles GROUP BY day").fetchall())


def entries(conn: Conn) -> int:
    return conn.execute("SELECT count(*) FROM news.entries").fetchone()[0]


LIVE_STATE = """
    SELECT feed.*, work.due_at, work.mark, memory.item_digests
    FROM news.feeds AS feed
    LEFT JOIN ops.work AS work ON work.stage = 'poll' AND work.key = feed.feed_id
    LEFT JOIN news.feed_memories AS memory USING (feed_id)
    ORDER BY feed.feed_id
"""


@pytest.mark.parametrize("kind", FEEDS)
def test_each_source_brings_the_articles_of_the_days_and_no_others(conn, app, kind):
    subscribe(conn, FEEDS[kind])
    report = app.import_history(PAST, feeds=[FEEDS[kind]], kinds=[kind])
    assert (report.seen, report.changed, report.failed) == (3, 3, 0)
    found = conn.execute("SELECT link FROM mart.sightings ORDER BY link").fetchall()
    expected = [
        (item.link,)
        for item in ANNALS.printed
        if item.published_at.date() in PAST and item.publication.domain in FEEDS[kind]
    ]
    assert found == sorted(expected)


def test_imported_articles_land_on_their_own_days_and_leave_today_as_it_is(conn, app, newsroom):
    wanted = [Subscription(url=one.url, domain=one.domain, country=one.country) for one in newsroom.subscriptions()]
    feeds.subscribe(conn, wanted, interval_s=3600)
    subscribe(conn)
    drain_bulk(conn, app)
    recent = days_of_articles(conn)
    rollup = "SELECT * FROM mart.topic_daily WHERE day >= %s ORDER BY day, topic, language, country"
    before = conn.execute(rollup, [ago(10)]).fetchall()
    live = conn.execute(LIVE_STATE).fetchall()
    assert before
    assert not recent.keys() & {ago(20), ago(21), ago(22)}

    assert app.import_history(PAST, everything=True).changed == 12
    assert conn.execute("SELECT DISTINCT priority FROM ops.work WHERE stage = 'fetch'").fetchall() == [(BULK,)]
    assert conn.execute(LIVE_STATE).fetchall() == live
    drain_bulk(conn, app)

    assert days_of_articles(conn) == recent | {ago(20): 4, ago(21): 4, ago(22): 4}
    seen = conn.execute(
        "SELECT DISTINCT seen_by, first_seen_at = published_at FROM mart.articles WHERE day < %s", [ago(10)]
    )
    assert seen.fetchall() == [("claim", True)]
    assert conn.execute(rollup, [ago(10)]).fetchall() == before
    assert conn.execute("SELECT count(*) > 0 FROM mart.topic_daily WHERE day <= %s", [ago(20)]).fetchone() == (True,)
    assert conn.execute("SELECT count(*) FROM mart.delays WHERE day <= %s", [ago(20)]).fetchone() == (0,)
    assert app.check().failed == 0


def test_the_same_days_again_change_nothing_and_ask_little(conn, app):
    subscribe(conn)
    first = app.import_history(PAST, everything=True)
    facts = conn.execute("SELECT * FROM news.entries ORDER BY entry_id").fetchall()
    again = app.import_history(PAST, everything=True)
    assert (again.seen, again.changed) == (0, 0)
    assert again.outcomes["documents"] < first.outcomes["documents"] / 2
    assert again.outcomes["remembered"] > 10
    assert conn.execute("SELECT * FROM news.entries ORDER BY entry_id").fetchall() == facts


def test_the_days_one_by_one_are_the_same_as_all_at_once(conn, app):
    subscribe(conn)
    for days in (21, 22, 20):
        app.import_history(Days(since=ago(days), until=ago(days)), everything=True)
    found = conn.execute("SELECT link FROM mart.sightings ORDER BY link").fetchall()
    assert found == sorted((item.link,) for item in ANNALS.printed if item.published_at.date() in PAST)


def test_an_import_that_was_cut_short_goes_on_where_it_was(conn, app):
    subscribe(conn)
    long = Days(since=ago(40), until=ago(6))
    reports_ = [app.import_history(long, everything=True, most_documents=2)]
    while reports_[-1].outcomes.get("not_finished"):
        assert len(reports_) < 10
        reports_.append(app.import_history(long, everything=True, most_documents=2))
    assert len(reports_) >= 4
    assert sum(report.changed for report in reports_) == sum(report.seen for report in reports_) == 4 * 35
    asked = [report.outcomes.get("documents", 0) for report in reports_]
    # Each document once: eight of each feed, and robots.txt of each site; of the map its feed, index and two months.
    assert sum(asked) == 8 * 3 + 4 + 4


def test_a_process_that_is_killed_loses_and_doubles_nothing(conn, app, warehouse, newsroom, tmp_path):
    subscribe(conn)
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT / "plugins"),
        "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
        "NEWSWIRE_ARCHIVE": str(tmp_path),
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{newsroom.port}",
        "NEWSWIRE_HOST_GAP_S": "0",
        "NEWSWIRE_HISTORY_GAP_S": "0.2",
    }
    since, until = str(ago(40)), str(ago(6))
    argv = [sys.executable, "-m", "newswire.cli", "history", "--everything", "--since", since, "--until", until]
    with subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL) as importing:
        deadline = time.monotonic() + 60
        while entries(conn) < 20 and time.monotonic() < deadline:
            time.sleep(0.02)
        importing.kill()
    before = entries(conn)
    assert 20 <= before < 4 * 35
    report = app.import_history(Days(since=ago(40), until=ago(6)), everything=True)
    assert entries(conn) == 4 * 35
    assert report.changed == 4 * 35 - before
    assert report.outcomes["remembered"] >= 8  # it went on, and did not begin again


def test_an_article_that_two_sources_or_a_poll_brought_is_one(conn, app):
    subscribe(conn)
    drain_bulk(conn, app)
    assert entries(conn) == 20  # what the feeds show
    app.import_history(Days(since=ago(12), until=ago(1)), everything=True)
    assert entries(conn) == 4 * 12
    drain_bulk(conn, app)
    assert conn.execute("SELECT count(*), count(DISTINCT url) FROM mart.articles").fetchone() == (48, 48)
    assert conn.execute("SELECT seen_by, count(*) FROM mart.articles GROUP BY 1 ORDER BY 1").fetchall() == [
        ("claim", 28),
        ("live", 20),
    ]


def test_a_dry_run_counts_and_writes_nothing(conn, app):
    subscribe(conn)
    report = app.import_history(PAST, everything=True, dry_run=True)
    assert (report.seen, report.changed) == (12, 12)
    assert entries(conn) == 0
    for table in ("news.history_documents", "news.addresses"):
        assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_bulk_work_keeps_a_distance_of_its_own_and_live_work_does_not_wait_for_it(conn, warehouse, newsroom, tmp_path):
    subscribe(conn, FEEDS["paged"])
    with opened(warehouse, newsroom, tmp_path) as app:
        app.import_history(PAST, everything=True)
    with opened(warehouse, newsroom, tmp_path) as app:
        slow = App(replace(app.settings, history_gap_s=600.0))
        with slow:
            assert slow.drain("fetch", linger_s=0).seen == 1  # the others of its host wait for ten minutes
            [host] = conn.execute("SELECT DISTINCT lane FROM ops.work WHERE stage = 'fetch'").fetchone()
            assert work.next_due_s(conn, "fetch") > 500
            key = conn.execute(
                "INSERT INTO news.addresses (address_key, url, host) VALUES ('\\x01', %s, %s) RETURNING address_id",
                [f"http://{host}/news/nothing", host],
            ).fetchone()
            work.ask(conn, "fetch", list(key), lanes=[host])
            assert slow.drain("fetch", linger_s=0).seen == 1
            assert conn.execute("SELECT fetch_outcome FROM news.addresses WHERE address_id = %s", key).fetchone() == (
                "gone",
            )


def test_documents_are_asked_for_with_a_gap(conn, warehouse, newsroom, tmp_path):
    subscribe(conn, FEEDS["archived"])
    started = datetime.now(UTC)
    with opened(warehouse, newsroom, tmp_path) as app, App(replace(app.settings, history_gap_s=0.3)) as slow:
        report = slow.import_history(PAST, everything=True, kinds=["archived"])
    assert (datetime.now(UTC) - started).total_seconds() >= 0.3 * (report.outcomes["documents"] - 1)


def test_a_host_that_asks_for_patience_is_left_to_the_next_import(conn, app):
    subscribe(conn, FEEDS["archived"])
    work.block_hosts(conn, {"annals-archive.example": 3600})
    report = app.import_history(PAST, everything=True)
    assert (report.seen, report.outcomes["throttled"]) == (0, 1)


def test_what_failed_is_kept_with_its_cause_and_asked_for_again(conn, app):
    url = "http://annals-archive.example/nothing.xml"
    subscribe(conn, url)
    report = app.import_history(PAST, feeds=[url], kinds=["archived"])
    assert report.outcomes["gone"] == 1
    assert conn.execute("SELECT kind, documents, failed, problem FROM mart.history").fetchall() == [
        ("feed", 1, 1, "gone: HTTP 404")
    ]


def test_nothing_said_means_the_feeds_that_overflowed_on_these_days(conn, app):
    subscribe(conn)
    assert app.import_history(PAST).outcomes == {"feeds": 0}
    conn.execute(
        "INSERT INTO ops.polls (at, feed_id, outcome, new_entries, revised_entries, overflowed)"
        " SELECT %s, feed_id, 'changed', 5, 0, true FROM news.feeds WHERE url = %s",
        [datetime.combine(PAST.since, datetime.min.time(), UTC), FEEDS["paged"]],
    )
    assert app.import_history(PAST).changed == 3


@pytest.mark.parametrize(
    ("days", "chosen", "says"),
    [
        (Days(since=TODAY, until=TODAY), {}, "not over yet"),
        (Days(since=ago(2), until=ago(3)), {}, "no range of days"),
        (
            PAST,
            {"feeds": ["http://nobody.example/"]},
            "no feed is subscribed to at http://nobody.example/; `newswire feeds list`",
        ),
        (PAST, {"publishers": ["nobody.example"]}, "no feed is subscribed to at nobody.example"),
    ],
)
def test_what_cannot_be_imported_is_said_with_the_mend(app, days, chosen, says):
    with pytest.raises(ConfigError, match=says):
        app.import_history(days, **chosen)


def test_the_articles_are_what_the_papers_published(conn, app):
    subscribe(conn)
    app.import_history(PAST, everything=True)
    drain_bulk(conn, app)
    shown = {item.text.title for item in ANNALS.printed if item.published_at.date() >= ago(5)}
    found = {article.title for article in reports.articles(conn)}
    assert found == {item.text.title for item in ANNALS.printed if item.published_at.date() in PAST} | shown
