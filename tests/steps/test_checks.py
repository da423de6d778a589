"""Every check of the warehouse is silent about a warehouse that the steps made, and finds the violation it is there for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newswire.warehouse import checks
from newswire.warehouse.checks import Check, all_checks
from newswire.warehouse.connection import Conn, connect

ARTICLE = "(SELECT min(article_id) FROM news.articles)"
ADDRESS = "(SELECT min(address_id) FROM news.addresses WHERE article_id IS NOT NULL)"
FEED = "(SELECT min(feed_id) FROM news.feeds)"

# What each check is there to find: one statement that breaks just that.
PLANTS = {
    "alert_files_are_good": "INSERT INTO ops.alerts (name, problem) VALUES ('planted', 'planted')",
    "alerts_are_sent": """
        WITH alert AS (INSERT INTO ops.alerts (name) VALUES ('planted') RETURNING alert_id), message AS (
            INSERT INTO ops.alert_messages (webhook_id, alert_id, title, plain, body, notices)
            SELECT 'msg_planted', alert_id, '', '', '', 1 FROM alert RETURNING message_id)
        INSERT INTO ops.alert_deliveries (message_id, place, channel) SELECT message_id, 'log', '{}' FROM message
    """,
    "articles_are_grouped": f"DELETE FROM news.text_keys WHERE article_id = {ARTICLE}",
    "articles_are_searchable": "UPDATE news.search_documents SET search_version = 0",
    "articles_are_tagged": f"DELETE FROM news.article_taggings WHERE article_id = {ARTICLE}",
    "copies_point_to_originals": """
        UPDATE news.duplicates AS copy SET original_id = other.article_id
        FROM (SELECT article_id FROM news.duplicates ORDER BY article_id LIMIT 1) AS other
        WHERE copy.article_id = (SELECT max(article_id) FROM news.duplicates)
    """,
    "current_versions_are_their_articles": f"UPDATE news.articles SET current_version_id = NULL WHERE article_id = {ARTICLE}",
    "days_follow_their_instants": f"UPDATE news.articles SET day = day - 1 WHERE article_id = {ARTICLE}",
    "entries_add_up": f"""
        UPDATE news.addresses SET article_id = NULL, fetch_outcome = NULL, fetched_at = NULL, page_id = NULL
        WHERE address_id = {ADDRESS}
    """,
    "entries_are_kept": f"UPDATE ops.polls SET new_entries = new_entries + 1 WHERE feed_id = {FEED} AND new_entries > 0",
    "feed_books_add_up": f"UPDATE news.feeds SET entries = entries + 1 WHERE feed_id = {FEED}",
    "feeds_have_their_poll": f"DELETE FROM ops.work WHERE stage = 'poll' AND key = {FEED}",
    "leases_end": f"""
        UPDATE ops.work SET leased_until = now() - interval '11 minutes', leased_by = 'planted'
        WHERE stage = 'poll' AND key = {FEED}
    """,
    "months_are_made": "INSERT INTO ops.fetches (at, address_id, outcome) VALUES ('2099-01-01', 1, 'gone')",
    "news_comes_in": """
        WITH old AS (UPDATE ops.polls SET at = at - interval '16 minutes')
        UPDATE ops.work SET due_at = now() - interval '16 minutes' WHERE stage = 'poll'
    """,
    "news_is_on_time": "UPDATE news.feeds SET created_at = '-infinity'; UPDATE news.entries SET published_at = first_seen_at - interval '61 minutes'",
    "originals_have_their_story": f"DELETE FROM news.story_members WHERE article_id = {ARTICLE}",
    "pushes_are_taken": f"""
        INSERT INTO ops.pushes (feed_id, hub_url, body, body_sha256, bytes) VALUES ({FEED}, 'https://hub.example', 'x', 'x', 1)
    """,
    "releases_are_decided": """
        INSERT INTO news.topic_releases (topic_id, from_version_id, approve_above, proposed_at)
        SELECT topic_id, version_in_force, 0, now() - interval '25 hours' FROM news.topics ORDER BY topic_id LIMIT 1
    """,
    "rollups_equal_their_sources": "UPDATE mart.topic_daily SET articles = articles + 1",
    "runs_end_in_time": "INSERT INTO ops.late_runs (dag_id, run_id, needed_by) VALUES ('tag_articles', 'planted', now())",
    "settings_are_good": "SELECT set_config('newswire.setting_problems', '[\"planted\"]', true)",
    "stored_pages_are_kept": "UPDATE ops.fetches SET page_id = -1 WHERE page_id IS NOT NULL",
    "stored_pages_are_read": f"UPDATE news.addresses SET article_id = NULL WHERE address_id = {ADDRESS}",
    "tags_are_of_today": f"UPDATE news.article_taggings SET definitions_sha256 = 'x' WHERE article_id = {ARTICLE}",
    "the_newest_copy_rule_is_in_force": "UPDATE news.text_keys SET signature = 'copies-9999'",
    "the_world_is_reached": "UPDATE ops.network SET down_since = now(), probed_at = now()",
    "topic_files_are_good": "UPDATE news.topics SET problem = 'planted'",
    "work_is_taken": "UPDATE ops.work SET due_at = now() - interval '16 minutes' WHERE stage = 'poll'",
}


@pytest.fixture
def inside(at_work) -> Iterator[Conn]:
    with connect(at_work.dsn(), name="test") as conn, conn.transaction(force_rollback=True):
        yield conn


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.name)
def test_a_check_is_silent_until_its_violation_is_planted(inside: Conn, check: Check):
    assert inside.execute(check.text).fetchall() == []
    inside.execute(PLANTS[check.name])
    assert inside.execute(check.text).fetchall() != [], "nobody would have seen it"


def test_every_plant_has_its_check():
    assert set(PLANTS) == {check.name for check in all_checks()}


def test_dear_checks_are_asked_by_the_hour_and_cheap_ones_each_time(at_work):
    asked = all_checks()
    with connect(at_work.dsn(), name="test") as conn:
        assert checks.due(conn, asked) == asked
        checks.record(conn, checks.ask(conn, asked))
        again = checks.due(conn, asked)
        assert 0 < len(again) < len(asked)
        assert {check.every_s for check in again} == {0}
        conn.execute("UPDATE ops.checks SET asked_at = now() - interval '59 minutes 30 seconds'")
        assert checks.due(conn, asked) == asked  # a run that starts half a minute early does not cost them their turn


def test_a_finding_keeps_the_instant_since_when_it_is_wrong_until_it_is_mended(at_work):
    [check] = [check for check in all_checks() if check.name == "topic_files_are_good"]
    wrong = "SELECT state, rows, wrong_since FROM mart.checks WHERE name = 'topic_files_are_good'"
    with connect(at_work.dsn(), name="test") as conn:
        conn.execute("UPDATE news.topics SET problem = 'planted' WHERE slug = 'rare-earths'")
        checks.record(conn, checks.ask(conn, [check]))
        state, rows, since = conn.execute(wrong).fetchone()
        assert (state, rows) == ("wrong", 1)
        checks.record(conn, checks.ask(conn, [check]))
        assert conn.execute(wrong).fetchone() == ("wrong", 1, since)
        conn.execute("UPDATE news.topics SET problem = NULL")
        checks.record(conn, checks.ask(conn, [check]))
        assert conn.execute(wrong).fetchone() == ("healthy", 0, None)


def test_how_late_is_late_is_a_setting_and_the_check_says_where_news_waited(inside: Conn):
    [check] = [check for check in all_checks() if check.name == "news_is_on_time"]
    inside.execute(PLANTS[check.name])
    [[articles, median_s, late_after_s, slowest]] = inside.execute(check.text).fetchall()
    assert (articles >= 5, median_s > 3600, late_after_s, slowest) == (True, True, 3600, "poll")
    checks.know(inside, late_s=7200, setting_problems=[])
    assert inside.execute(check.text).fetchall() == []


def test_a_wrong_setting_is_found_and_told_with_its_mend(at_work):
    [check] = [check for check in all_checks() if check.name == "settings_are_good"]
    with connect(at_work.dsn(), name="test") as conn:
        checks.know(conn, late_s=3600, setting_problems=["NEWSWIRE_DRAINS=many is not a whole number"])
        checks.record(conn, checks.ask(conn, [check]))
        [wrong] = checks.wrong(conn)
    assert str(wrong).startswith("error since ")
    assert str(wrong).endswith("(1 rows, such as: problem=NEWSWIRE_DRAINS=many is not a whole number)")
