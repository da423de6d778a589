"""The whole flow without Airflow: a newsroom publishes, the stages drain, and the rows are what was published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import Warehouse
from newswire.app import App
from newswire.demo import sample
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom
from newswire.records import STAGES, Rebuild, StepReport, Subscription
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


def test_rebuilding_a_day_writes_no_row_when_nothing_changed(warehouse, tmp_path, newsroom):
    """By PostgreSQL's own counters, and although every article is looked at again (`force`)."""
    newsroom.publish()
    chosen = settings(warehouse, tmp_path, newsroom.port)
    with connect(warehouse.dsn(), name="test") as conn:
        with App(chosen) as app:
            subscribe(conn, newsroom)
            drain_all(app)
        before, written = snapshot(conn), rows_written(conn)
        days = [day for (day,) in conn.execute("SELECT DISTINCT day FROM news.articles ORDER BY day")]
        with App(chosen) as app:
            for day in days:
                for stage in ("extract", "group", "tag", "publish"):
                    rebuilt = app.rebuild(Rebuild(stage=stage, day=day, force=True))
                    report = rebuilt.report
                    assert (rebuilt.changed_subjects, rebuilt.changes) == (0, ())
                    assert (report.failed, report.changed, report.seen > 0) == (0, 0, True), stage
        assert snapshot(conn) == before
        assert rows_written(conn) == written
        assert conn.execute("SELECT count(*) FROM ops.work WHERE stage <> 'poll'").fetchone() == (0,)


def rows_written(conn) -> dict[str, int]:
    """Rows inserted, updated and deleted in each table of facts and marts; a session has told all of its own when it is gone."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while conn.execute(others).fetchone() != (0,):
        assert time.monotonic() < deadline, "another session stays"
        time.sleep(0.05)
    conn.execute("SELECT pg_stat_force_next_flush()")
    counted = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE schemaname IN ('news', 'mart')"
    return dict(conn.execute(counted).fetchall())


def test_a_changed_topic_moves_the_tags_of_a_rebuilt_day_once_it_is_released_and_keeps_the_old_ones_as_history(
    warehouse, tmp_path, newsroom
):
    newsroom.publish()
    config = tmp_path / "config"
    (config / "topics").mkdir(parents=True)
    file = config / "topics" / "rare-earths.yaml"
    good = (CHECKOUT / "config" / "topics" / file.name).read_text(encoding="utf-8")
    file.write_text(good, encoding="utf-8")
    today = datetime.now(UTC).date()
    chosen = settings(warehouse, tmp_path / "archive", newsroom.port, config)
    with App(chosen) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        drain_all(app)
        tagged = "SELECT count(*) FROM mart.article_topics"
        [before] = conn.execute(tagged).fetchone()
        assert before > 5
        file.write_text("id: rare-earths\nname: [broken\n", encoding="utf-8")
        assert app.propose_releases() == []
        app.rebuild(Rebuild(stage="tag", day=today))
        assert conn.execute(tagged).fetchone() == (before,)  # the last good version stays in force
        [problem] = conn.execute("SELECT problem FROM news.topics").fetchone()
        assert problem.startswith("rare-earths.yaml:3:")
        file.write_text(good + "cap_per_zone: 3\n", encoding="utf-8")
        [difference] = app.propose_releases()
        app.rebuild(Rebuild(stage="tag", day=today))
        assert conn.execute("SELECT count(*) FROM news.article_topic_history").fetchone() == (0,)
        outcome = app.decide_release(difference.release.release_id, approved=True, decided_by="Ada", note=None)
        assert outcome.touched >= difference.total("proof") > 0
        preview = app.rebuild(Rebuild(stage="tag", day=today, dry_run=True)).report
        assert preview.changed > 0
        assert conn.execute("SELECT count(*) FROM news.article_topic_history").fetchone() == (0,)
        assert app.rebuild(Rebuild(stage="tag", day=today)).report.changed == preview.changed
        assert conn.execute("SELECT count(*) > 0 FROM news.article_topic_history").fetchone() == (True,)
        assert conn.execute("SELECT problem FROM news.topics").fetchone() == (None,)


def test_a_rebuild_covers_what_its_scope_says_and_tells_what_it_changes(warehouse, tmp_path, newsroom):
    newsroom.publish()
    with App(settings(warehouse, tmp_path, newsroom.port)) as app, connect(warehouse.dsn(), name="test") as conn:
        subscribe(conn, newsroom)
        drain_all(app)
        [day] = conn.execute("SELECT mode() WITHIN GROUP (ORDER BY day) FROM mart.article_topics").fetchone()
        whole = Rebuild(stage="tag", day=day, dry_run=True)
        count = "SELECT count(*) FROM mart.articles WHERE day = %s"
        of_french = conn.execute(f"{count} AND language = 'fr'", [day]).fetchone()
        assert (app.rebuild(replace(whole, languages=("fr",))).report.seen,) == of_french
        [domain] = conn.execute(
            "SELECT domain FROM mart.articles WHERE day = %s AND language = 'fr' LIMIT 1", [day]
        ).fetchone()
        of_publisher = conn.execute(f"{count} AND domain = %s", [day, domain]).fetchone()
        assert (app.rebuild(replace(whole, publishers=(domain,))).report.seen,) == of_publisher
        [feed] = conn.execute("SELECT min(feed_url) FROM mart.sightings WHERE article_id IS NOT NULL").fetchone()
        assert 0 < app.rebuild(replace(whole, feeds=(feed,))).report.seen < app.rebuild(whole).report.seen
        assert app.rebuild(replace(whole, limit=2)).report.seen == 2
        assert app.rebuild(replace(whole, force=False)).report.seen == 0

        conn.execute("DELETE FROM news.article_topics")  # as if another definition had tagged nothing
        preview = app.rebuild(replace(whole, languages=("fr",)))
        assert conn.execute("SELECT count(*) FROM news.article_topics").fetchone() == (0,)
        [seed] = [change for change in preview.changes if "terres-rares" in change.subject]
        assert seed.before == ()
        assert any(said.startswith("rare-earths core") for said in seed.after)
        log = conn.execute("SELECT dry_run, seen, scope FROM mart.rebuilds ORDER BY at DESC LIMIT 1").fetchone()
        assert log == (True, preview.report.seen, {"force": True, "languages": ["fr"]})


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
