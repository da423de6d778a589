"""A backfill of import_history brings three days of the past into the warehouse, beside live polling."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from newswire.records import Subscription
from newswire.settings import CHECKOUT
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


def test_three_days_of_the_past_are_backfilled(system: System):
    with system.connect() as conn:
        feeds.subscribe(conn, [Subscription(url=url) for url in FEEDS], interval_s=2)
    assert articles_by_day(system) == {}
    backfill(system, {"feeds": FEEDS})
    eventually(lambda: articles_by_day(system) == dict.fromkeys(days(), 4), within_s=240)
    with system.connect() as conn:
        seen = conn.execute("SELECT DISTINCT seen_by FROM mart.articles WHERE day <= %s", [UNTIL]).fetchall()
        tagged = conn.execute("SELECT count(DISTINCT day) FROM mart.topic_daily WHERE day <= %s", [UNTIL]).fetchone()
    assert (seen, tagged[0] > 0) == ([("claim",)], True)


def backfill(system: System, conf: dict[str, object]) -> None:
    """As a person at a terminal does."""
    command = ["backfill", "create", "--dag-id", "import_history", "--from-date", str(SINCE), "--to-date", str(UNTIL)]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "newswire.cli",
            "airflow",
            *command,
            "--max-active-runs",
            "1",
            "--dag-run-conf",
            json.dumps(conf),
        ],
        env={**os.environ, "NEWSWIRE_HOME": str(system.home.path.parent), "PYTHONPATH": str(CHECKOUT / "plugins")},
        check=True,
        timeout=120,
    )


def days() -> list[date]:
    return [SINCE + timedelta(days=number) for number in range((UNTIL - SINCE).days + 1)]


def articles_by_day(system: System) -> dict[date, int]:
    with system.connect() as conn:
        counted = "SELECT day, count(*) FROM mart.articles WHERE day BETWEEN %s AND %s GROUP BY day"
        return dict(conn.execute(counted, [SINCE - timedelta(days=3), UNTIL + timedelta(days=3)]).fetchall())
