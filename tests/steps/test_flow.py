"""The whole flow without Airflow: a newsroom publishes, the stages drain, and the rows are what was published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import Warehouse
from newswire.app import App
from newswire.demo import sample
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import STAGES, StepReport, Subscription
from newswire.settings import CHECKOUT, Settings
from newswire.warehouse import feeds, reports
from newswire.warehouse.connection import Conn, connect


def settings(warehouse: Warehouse, archive: Path, port: int, config: Path = CHECKOUT / "config") -> Settings:
    return Settings.from_env(
        {
            "NEWSWIRE_WAREHOUSE": warehouse.dsn(),
            "NEWSWIRE_ARCHIVE": str(archive),
            "NEWSWIRE_CONFIG": str(config),
            "NEWSWIRE_MODE": "test",
            "NEWSWIRE_NEWSROOM": f"127.0.0.1:{port}",
            "NEWSWIRE_HOST_GAP_S": "0",
            "NEWSWIRE_PUBLISH_DELAY_S": "0",
            "NEWSWIRE_POLL_FLOOR_S": "3600",
            "NEWSWIRE_POLL_DEFAULT_S": "3600",
        }
    )


def subscribe(conn: Conn, newsroom: RunningNewsroom) -> None:
    wanted = [
        Subscription(
            url=one.url, publisher=one.publication, domain=one.domain, country=one.country, language=one.language
        )
        for one in newsroom.subscriptions()
    ]
    feeds.subscribe(conn, wanted, interval_s=3600)


def drain_all(app: App) -> dict[str, StepReport]:
    return {stage: app.drain(stage, linger_s=0.5 if stage == "publish" else 0) for stage in STAGES}


def poll_again(conn: Conn) -> None:
    conn.execute("UPDATE ops.work SET due_at = now() WHERE stage = 'poll'")


@pytest.fixture
def newsroom() -> Iterator[RunningNewsroom]:
    """Part of the articles is there from the start; the rest is published when a test says so."""
    with running_newsroom(Newsroom(publications()), over_s=3600) as running:
        yield running


def test_the_rows_are_what_the_newsroom_published(warehouse, tmp_path, newsroom):
    with App(settings(warehouse, tmp_path, newsroom.port)) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        first = drain_all(app)
        assert first["poll"].seen == 12
        newsroom.publish()
        poll_again(conn)
        drain_all(app)
        assert sample.differences(newsroom.ledger(), reports.articles(conn), reports.outcomes(conn)) == []
        assert max(article.versions for article in reports.articles(conn)) >= 2
        assert_copies_are_explained(conn)
        assert app.check().failed == 0

        before = snapshot(conn)
        poll_again(conn)
        for stage in ("fetch", "extract", "group", "tag", "publish"):
            conn.execute(ASK_EVERYTHING[stage])
        drain_all(app)
        assert snapshot(conn) == before  # all of it again changes nothing


def assert_copies_are_explained(conn: Conn) -> None:
    """The wire story has three copies that say why they are; the article that quotes it is none of them."""
    found = conn.execute(
        "SELECT original_publisher, kind, is_syndicated, reason, first_reason FROM mart.duplicates ORDER BY url"
    ).fetchall()
    assert [row[:3] for row in found] == [("Halyard News Agency", "same text", True)] * 3
    assert all("same text as http" in reason and "first is http" in first for *_, reason, first in found)
    counted = "SELECT is_copy, copies, sources FROM mart.articles WHERE url LIKE %s"
    assert conn.execute(counted, ["%/growers-read-malta-agenda%"]).fetchall() == [(False, 0, 1)]
    assert conn.execute(counted, ["%/dispatch/envoys-agree-agenda-valletta"]).fetchall() == [(False, 3, 4)]


def test_rebuilding_a_day_changes_nothing_when_nothing_changed(warehouse, tmp_path, newsroom):
    newsroom.publish()
    with App(settings(warehouse, tmp_path, newsroom.port)) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        drain_all(app)
        before = snapshot(conn)
        days = [day for (day,) in conn.execute("SELECT DISTINCT day FROM news.articles ORDER BY day")]
        for day in days:
            for stage in ("extract", "group", "tag", "publish"):
                report = app.rebuild_stage(stage, day)
                assert (report.failed, report.seen > 0) == (0, True)
                assert report.changed == 0 or stage == "publish", stage
        assert snapshot(conn) == before
        assert conn.execute("SELECT count(*) FROM ops.work WHERE stage <> 'poll'").fetchone() == (0,)


def test_a_changed_topic_moves_the_tags_of_a_rebuilt_day_and_keeps_the_old_ones_as_history(
    warehouse, tmp_path, newsroom
):
    newsroom.publish()
    config = tmp_path / "config"
    (config / "topics").mkdir(parents=True)
    good = (CHECKOUT / "config" / "topics" / "rare-earths.yaml").read_text(encoding="utf-8")
    (config / "topics" / "rare-earths.yaml").write_text(good, encoding="utf-8")
    today = datetime.now(UTC).date()
    chosen = settings(warehouse, tmp_path / "archive", newsroom.port, config)
    with App(chosen) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        drain_all(app)
        tagged = "SELECT count(*) FROM mart.article_topics"
        [before] = conn.execute(tagged).fetchone()
        assert before > 5
        (config / "topics" / "rare-earths.yaml").write_text("id: rare-earths\nname: [broken\n", encoding="utf-8")
        app.rebuild_stage("tag", today)
        assert conn.execute(tagged).fetchone() == (before,)  # the last good version stays in force
        [problem] = conn.execute("SELECT problem FROM news.topics").fetchone()
        assert problem.startswith("rare-earths.yaml:3:")
        (config / "topics" / "rare-earths.yaml").write_text(
            good + "\n# a new version that says the same\n", encoding="utf-8"
        )
        preview = app.rebuild_stage("tag", today, dry_run=True)
        assert preview.changed > 0
        assert conn.execute("SELECT count(*) FROM news.article_topic_history").fetchone() == (0,)
        app.rebuild_stage("tag", today)
        assert conn.execute("SELECT count(*) > 0 FROM news.article_topic_history").fetchone() == (True,)
        assert conn.execute("SELECT problem FROM news.topics").fetchone() == (None,)


ASK_EVERYTHING = {
    "fetch": "SELECT ops.ask('fetch', array_agg(address_id), array_agg(host)) FROM news.addresses WHERE fetched_at IS NOT NULL",
    "extract": "SELECT ops.ask('extract', array_agg(address_id)) FROM news.addresses WHERE page_id IS NOT NULL",
    "group": "SELECT ops.ask('group', array_agg(article_id)) FROM news.articles",
    "tag": "SELECT ops.ask('tag', array_agg(article_id)) FROM news.articles",
    "publish": "SELECT ops.ask('publish', array_agg(DISTINCT to_char(day, 'YYYYMMDD')::bigint)) FROM news.articles",
}

FACTS = {
    "entries": "SELECT feed_id, entry_key, title, revision FROM news.entries",
    "pages": "SELECT address_id, body_sha256 FROM news.pages",
    "articles": "SELECT url, title, text, day, is_copy, original_url, versions FROM mart.articles",
    "copies": "SELECT url, original_url, kind, text_share, reason, first_reason FROM mart.duplicates",
    "tags": "SELECT url, topic, level, score, evidence, tagged_at FROM mart.article_topics",
    "daily": "SELECT day, topic, language, country, articles, originals FROM mart.topic_daily",
    "history": "SELECT * FROM news.article_topic_history",
    "dead": "SELECT stage, key FROM ops.dead_letters",
}


def snapshot(conn: Conn) -> dict[str, list[tuple]]:
    """The facts, by their natural keys."""
    return {name: sorted(conn.execute(query).fetchall(), key=repr) for name, query in FACTS.items()}
