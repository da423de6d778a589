"""What alerts find in a warehouse that the steps have filled: articles with their proof, days, feeds, late delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newswire.core.alerts import Alert, Articles, Channel, Feeds, Late, Volume
from newswire.records import Batch, Erasure, WorkItem
from newswire.settings import CHECKOUT
from newswire.steps import alert as alert_step
from newswire.steps import alert_files, publish
from newswire.steps.alert import preview
from newswire.warehouse import erasures, work
from newswire.warehouse.connection import Conn, connect

NOW = datetime.now(UTC)


@pytest.fixture
def inside(at_work) -> Iterator[Conn]:
    with connect(at_work.dsn(), name="test") as conn, conn.transaction(force_rollback=True):
        yield conn


def asking(when: object) -> Alert:
    return Alert(id="a", description="d", enabled=True, when=when, to=(Channel(kind="log"),))  # type: ignore[arg-type]


def found(conn: Conn, when: object, days: int = 365) -> list[str]:
    return sorted(notice.subject for notice in preview(conn, asking(when), days=days, now=NOW))


def told_by_marts(conn: Conn, condition: str) -> list[str]:
    return sorted(url for (url,) in conn.execute(f"SELECT DISTINCT url FROM mart.article_topics WHERE {condition}"))


def test_an_alert_on_topics_finds_what_the_marts_say_each_article_once_with_its_proof(inside):
    whole = told_by_marts(inside, "topic IN ('rare-earths', 'critical-minerals') AND NOT is_copy")
    assert found(inside, Articles(topics=("rare-earths", "critical-minerals"))) == whole
    assert len(whole) > 5
    core = told_by_marts(inside, "topic = 'rare-earths' AND level = 'core' AND language = 'fr' AND NOT is_copy")
    assert found(inside, Articles(topics=("rare-earths",), core_only=True, languages=("fr",))) == core
    [notice] = [
        notice
        for notice in preview(inside, asking(Articles(topics=("rare-earths",), languages=("fr",))), days=365, now=NOW)
        if "terres rares" in notice.title
    ]
    assert "terres rares" in (notice.sentence or "")
    assert notice.why.startswith("tagged rare-earths (core, score")
    assert notice.facts["country"] == "FR"


def test_copies_are_left_out_unless_they_are_asked_for(inside):
    originals = set(found(inside, Articles(topics=("ukraine-negotiations",))))
    everything = set(found(inside, Articles(topics=("ukraine-negotiations",), copies=True)))
    copies = {url for (url,) in inside.execute("SELECT url FROM mart.duplicates")}
    assert everything - originals
    assert everything - originals <= copies


def test_a_saved_search_finds_what_search_finds(inside):
    query = '"terres rares" OR refinery'
    searched = "SELECT url FROM mart.search_articles(%s, originals_only => true, max_rows => 1000)"
    expected = sorted(url for (url,) in inside.execute(searched, [query]))
    assert found(inside, Articles(query=query)) == expected
    assert expected
    [first, *_] = preview(inside, asking(Articles(query="refinery")), days=365, now=NOW)
    assert "«" in (first.sentence or "")
    both = found(inside, Articles(query=query, topics=("rare-earths",)))
    assert set(both) == set(expected) & set(told_by_marts(inside, "topic = 'rare-earths'"))


def test_only_what_was_published_since_is_news(inside):
    inside.execute("UPDATE news.articles SET published_at = now() - interval '3 days', first_seen_at = now()")
    assert found(inside, Articles(topics=("rare-earths",)), days=2) == []
    assert found(inside, Articles(topics=("rare-earths",)), days=4) != []


@pytest.fixture
def desk(inside, tmp_path) -> Conn:
    """An alert on rare earths in force since long ago, none of whose articles was told."""
    (tmp_path / "alerts").mkdir()
    (tmp_path / "topics").symlink_to(CHECKOUT / "config" / "topics")
    _write(tmp_path)
    alert_files.offer_all(inside, tmp_path)
    inside.execute("UPDATE ops.alerts SET since = '2020-01-01', looked_to = '2020-01-01'")
    inside.execute("UPDATE news.articles SET published_at = now(), first_seen_at = now()")
    return inside


def _write(config: Path, **more: object) -> None:
    said = {"id": "desk", "description": "d", "when": {"articles": {"topics": ["rare-earths"]}}, "to": ["log"]}
    (config / "alerts" / "desk.yaml").write_text(json.dumps(said | {"most_per_hour": 1000} | more))


def look(conn: Conn) -> None:
    [alert_id] = conn.execute("SELECT alert_id FROM ops.alerts WHERE name = 'desk'").fetchone()
    batch = Batch(stage="alert", items=(WorkItem(key=alert_id, mark=1, attempts=1),))
    alert_step.look(conn, batch)


def messages(conn: Conn) -> int:
    return conn.execute("SELECT count(*) FROM mart.alerts").fetchone()[0]


def test_an_article_is_told_once_also_when_it_is_tagged_again_or_the_alert_is_sent_elsewhere(desk, tmp_path):
    look(desk)
    first = messages(desk)
    assert first == len(told_by_marts(desk, "topic = 'rare-earths' AND NOT is_copy"))
    desk.execute("UPDATE news.article_topics SET valid_from = now() + interval '1 hour'")
    look(desk)
    _write(tmp_path, digest="hourly", to=["log", {"webhook": {"connection": "hook"}}])
    alert_files.offer_all(desk, tmp_path)
    look(desk)
    assert messages(desk) == first


def test_another_question_begins_anew_and_tells_nothing_old(desk, tmp_path):
    _write(tmp_path, when={"articles": {"topics": ["critical-minerals"]}})
    alert_files.offer_all(desk, tmp_path)
    desk.execute("UPDATE news.articles SET published_at = now() - interval '1 hour'")
    look(desk)
    assert messages(desk) == 0


def test_publishing_a_day_has_alerts_on_articles_look(desk):
    work.ask(desk, "publish", [int(f"{NOW:%Y%m%d}")])
    batch = work.claim(desk, "publish", holder=work.hold(desk), limit=1)
    assert batch is not None
    publish.publish(desk, batch)
    assert desk.execute("SELECT count(*) FROM ops.work WHERE stage = 'alert'").fetchone() == (1,)


def test_what_is_erased_is_erased_from_what_was_told(desk):
    look(desk)
    [article_id, url] = desk.execute(
        "SELECT article_id, url FROM mart.alert_notices ORDER BY article_id LIMIT 1"
    ).fetchone()
    addresses = [
        row[0] for row in desk.execute("SELECT address_id FROM news.addresses WHERE article_id = %s", [article_id])
    ]
    doomed = erasures.Doomed(
        erasure_id=erasures.begin(desk, Erasure(asked_by="t", why="t")),
        addresses=addresses,
        entries=[],
        articles=[article_id],
        pages=[],
    )
    erasures.unset_current(desk, doomed)
    erasures.forget(desk, doomed)
    every = "SELECT concat(notice.*, message.*) FROM ops.alert_notices AS notice LEFT JOIN ops.alert_messages AS message USING (message_id)"
    assert not [text for (text,) in desk.execute(every) if url in text]
    look(desk)
    assert messages(desk) == len(desk.execute("SELECT FROM ops.alert_notices").fetchall())


# --- Days, feeds, lateness -------------------------------------------------------------------------------------------


def test_a_day_with_much_on_a_topic_is_found_by_the_rollups(inside):
    inside.execute("DELETE FROM mart.topic_daily")
    inside.execute("UPDATE news.articles SET first_seen_at = now() - interval '90 days'")
    inside.execute(
        """
        INSERT INTO mart.topic_daily (day, topic, language, country, articles, originals, sources, core_articles, core_originals)
        SELECT day::date, 'rare-earths', 'en', 'US', 40, CASE WHEN day::date = (now() AT TIME ZONE 'UTC')::date THEN 200 ELSE 40 END, 9, 9, 9
        FROM generate_series(now() AT TIME ZONE 'UTC' - interval '80 days', now() AT TIME ZONE 'UTC', interval '1 day') AS day
        """
    )
    assert found(inside, Volume(topic="rare-earths"), days=3) == [f"spike {NOW:%Y-%m-%d}"]
    yesterday = NOW.date() - timedelta(days=2)
    inside.execute("DELETE FROM mart.topic_daily WHERE day = %s", [yesterday])
    assert found(inside, Volume(topic="rare-earths"), days=3) == [f"silence {yesterday}", f"spike {NOW:%Y-%m-%d}"]


def test_all_news_is_counted_where_no_topic_is_named(inside):
    inside.execute("UPDATE news.articles SET day = (now() AT TIME ZONE 'UTC')::date")
    assert found(inside, Volume(at_least=1), days=1) == []  # the weeks before are unknown, not empty
    inside.execute("UPDATE news.articles SET first_seen_at = now() - interval '90 days'")
    assert found(inside, Volume(at_least=1), days=1) == [f"spike {NOW:%Y-%m-%d}"]


def test_a_feed_that_fails_is_told_with_its_reason(inside):
    since = NOW - timedelta(hours=8)
    inside.execute(
        "UPDATE news.feeds SET failures = 3, failing_since = %s, last_outcome = 'dns', last_detail = 'no such name'"
        " WHERE feed_id = (SELECT min(feed_id) FROM news.feeds)",
        [since],
    )
    assert found(inside, Feeds(hours=12)) == []
    [notice] = preview(inside, asking(Feeds(hours=6)), days=1, now=NOW)
    assert "no such name" in notice.why
    assert notice.subject.endswith(f"failing since {since.isoformat()}")


def test_late_delivery_is_told_with_figures_and_then_not_for_a_while(inside):
    inside.execute("UPDATE news.articles SET created_at = now()")
    rule = Late(above_s=0.000001, at_least=1)
    [notice] = preview(inside, asking(rule), days=1, now=NOW)
    assert notice.title.startswith("News comes late: ")
    assert preview(inside, asking(Late(above_s=10**9, at_least=1)), days=1, now=NOW) == []
    span = alert_step.Span(known_since=NOW, published_since=NOW, now=NOW, last_found_at=NOW - timedelta(hours=23))
    assert alert_step.find(inside, asking(rule), span) == []
    again = replace(span, last_found_at=NOW - timedelta(hours=25))
    assert len(alert_step.find(inside, asking(rule), again)) == 1
