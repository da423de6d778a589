"""Backfills beside live polling: three days of the past come into the warehouse, and a day that was rebuilt stays as it is."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from newswire.records import Subscription
from newswire.warehouse import feeds
from pipeline.conftest import System, eventually

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]

TODAY = datetime.now(UTC).date()
SINCE, UNTIL = TODAY - timedelta(days=22), TODAY - timedelta(days=20)
FEEDS = [
    "http://annals-archive.example/feed.atom",
    "http://annals-pages.example/feed.json",
    "http://annals-blog.example/feed/",
    "http://annals-map.example/rss.xml",
]

# What feeds say of themselves is written with every poll, which goes on meanwhile.
WRITTEN = """
    SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del
    FROM pg_stat_user_tables
    WHERE schemaname IN ('news', 'mart') AND relname NOT IN ('feeds', 'feed_memories')
"""


@pytest.fixture(scope="module")
def imported(system: System) -> System:
    """Three days of the past are backfilled."""
    with system.connect() as conn:
        feeds.subscribe(conn, [Subscription(url=url) for url in FEEDS], interval_s=2)
    assert articles_by_day(system) == {}
    system.backfill("import_history", SINCE, UNTIL, {"feeds": FEEDS})
    eventually(lambda: articles_by_day(system) == dict.fromkeys(days(), 4), within_s=240)
    eventually(system.is_caught_up, within_s=120)
    return system


def test_what_is_backfilled_of_the_past_is_tagged_and_says_who_vouches_for_its_day(imported: System):
    with imported.connect() as conn:
        seen = conn.execute("SELECT DISTINCT seen_by FROM mart.articles WHERE day <= %s", [UNTIL]).fetchall()
        tagged = conn.execute("SELECT count(DISTINCT day) FROM mart.topic_daily WHERE day <= %s", [UNTIL]).fetchone()
    assert (seen, tagged[0] > 0) == ([("claim",)], True)


def test_a_backfill_of_a_day_that_was_just_rebuilt_looks_at_all_of_it_and_writes_nothing(imported: System):
    system = imported
    form = {"from_stage": "extract", "force": True}
    run = system.run_dag("rebuild_day", partition_key=str(SINCE), conf=form)
    eventually(lambda: system.run_state("rebuild_day", run) == "success", within_s=240)
    before = written(system)
    system.backfill("rebuild_day", SINCE, SINCE, form, again=True)
    eventually(lambda: system.backfilled("rebuild_day") == ["success"], within_s=240)
    assert written(system) == before
    with system.connect() as conn:
        seen = conn.execute("SELECT stage, seen FROM mart.rebuilds WHERE starts_with(asked_by, 'backfill')").fetchall()
    assert sorted(seen) == [("extract", 4), ("group", 4), ("publish", 1), ("tag", 4)]


def written(system: System) -> dict[str, tuple[int, ...]]:
    """Rows inserted, updated and deleted so far, by table; a moment later, when every session has told."""
    time.sleep(3)
    with system.connect() as conn:
        conn.execute("SELECT pg_stat_clear_snapshot()")
        return {name: tuple(counts) for name, *counts in conn.execute(WRITTEN)}


def days() -> list[date]:
    return [SINCE + timedelta(days=number) for number in range((UNTIL - SINCE).days + 1)]


def articles_by_day(system: System) -> dict[date, int]:
    with system.connect() as conn:
        counted = "SELECT day, count(*) FROM mart.articles WHERE day BETWEEN %s AND %s GROUP BY day"
        return dict(conn.execute(counted, [SINCE - timedelta(days=3), UNTIL + timedelta(days=3)]).fetchall())
