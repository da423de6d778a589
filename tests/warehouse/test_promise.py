"""What readers build on stays: the columns of the schema `mart`, their types, and the search (docs/warehouse.md says for how long)."""

from __future__ import annotations

from pathlib import Path

from newswire.warehouse.connection import Conn

PROMISED = Path(__file__).parent / "promised.txt"
COLUMNS = """
SELECT format('mart.%s.%s %s', relname, attname, format_type(atttypid, atttypmod))
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'mart'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
ORDER BY relname COLLATE "C", attnum
"""
SEARCH = """
SELECT format('mart.search_articles(%s) %s', pg_get_function_arguments(oid), pg_get_function_result(oid))
FROM pg_proc WHERE oid = 'mart.search_articles'::regproc
"""
# Lists and objects beside the main columns; tools that know none leave them out. The marts with one row a thing have them unnested:
# article_topics, story_articles.
SIDE_COLUMNS = {
    "mart.articles.authors", "mart.articles.flags", "mart.checks.sample", "mart.feed_health.date_quality",
    "mart.feed_health.groups", "mart.feed_health.tags", "mart.judged_tags.evidence", "mart.publishers.languages",
    "mart.erasures.scope", "mart.feed_proposals.samples", "mart.feed_proposals.topics", "mart.rebuilds.changes", "mart.rebuilds.scope", "mart.revisions.paragraphs_added",
    "mart.revisions.paragraphs_removed", "mart.stories.countries", "mart.stories.languages", "mart.stories.publishers",
    "mart.stories.topics",
}  # fmt: skip
# One row a thing that stands for no day, or a day in a table of its own.
WITHOUT_DAY = {
    "checks", "delays_by_hour", "erasures", "feed_health", "feed_proposals", "feed_pushes", "history", "hubs", "judged_tags", "outcomes_by_minute", "publishers", "queues", "site_looks", "story_aliases",
    "topic_ancestors", "topic_releases",
}  # fmt: skip


def lines(conn: Conn) -> list[str]:
    return [line for (line,) in [*conn.execute(COLUMNS), *conn.execute(SEARCH)]]


def promised() -> list[str]:
    return PROMISED.read_text(encoding="utf-8").splitlines()


def test_nothing_that_was_promised_is_gone_or_of_another_type(conn: Conn):
    """A line may leave the file only as docs/warehouse.md says: after it stood in the CHANGELOG for a minor version."""
    assert [line for line in promised() if line not in lines(conn)] == []


def test_what_is_added_is_promised_from_now_on(conn: Conn):
    """Add the lines to promised.txt where the mart has them, and a line to the CHANGELOG."""
    assert [line for line in lines(conn) if line not in promised()] == []


def test_new_columns_come_last(conn: Conn):
    assert lines(conn) == promised()


def test_main_columns_are_plain(conn: Conn):
    kinds = dict(line.split(" ", 1) for line in lines(conn)[:-1])
    assert {name for name, kind in kinds.items() if kind.endswith(("[]", "json", "jsonb"))} == SIDE_COLUMNS


def test_every_mart_has_its_day(conn: Conn):
    marts = {line.split(".")[1] for line in lines(conn)[:-1]}
    dated = {line.split(".")[1] for line in lines(conn)[:-1] if line.endswith(".day date")}
    assert marts - dated == WITHOUT_DAY
