"""What came in bulk is read fast at once: before autovacuum has looked, and more so after a drain has begun."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from newswire.warehouse import work
from newswire.warehouse.connection import Conn, connect

ARTICLES = 11_000  # from 10,000 changes on a drain counts a table again
FILL = """
INSERT INTO news.publishers (domain) VALUES ('paper.example');
INSERT INTO news.topics (slug, name, parent) VALUES ('grain', 'Grain', 'food'), ('food', 'Food', NULL);
INSERT INTO news.topic_versions (topic_id, sha256, definition) SELECT topic_id, '', '' FROM news.topics;
INSERT INTO news.articles (address_id, url, publisher_id, current_version_id, first_seen_at, seen_by, at, day)
SELECT n, 'https://paper.example/' || n, publisher_id, n, now(), 'archive', now(), '2026-11-25'
FROM news.publishers, generate_series(1, {articles}) AS n;
INSERT INTO news.article_versions (article_id, content_sha256, title, text, language, authors, text_source, extractor)
SELECT article_id, '', 'Wheat', repeat('Wheat is dear. ', 20), 'en', '{{}}', 'page', 'test' FROM news.articles ORDER BY article_id;
INSERT INTO news.article_topics (article_id, topic_id, topic_version_id, version_id, engine, level, score, evidence)
SELECT article_id, topic_id, topic_version_id, article_id, 'test', 'core', 5, jsonb_build_array(repeat('wheat ', 130))
FROM news.articles, news.topic_versions JOIN news.topics USING (topic_id) WHERE slug = 'grain' OR article_id % 3 = 0;
"""


@pytest.fixture
def filled(warehouse) -> Iterator[Conn]:
    """A warehouse right after a bulk load: full tables of which nothing is known."""
    with psycopg.connect(warehouse.postgres.url(database=warehouse.database), autocommit=True) as superuser:
        for table in ("articles", "article_versions", "article_topics"):
            superuser.execute(f"ALTER TABLE news.{table} SET (autovacuum_enabled = off)")
        superuser.execute("SET session_replication_role = replica")  # no search index, and keys in a circle
        superuser.execute(FILL.format(articles=ARTICLES))
        superuser.execute("SET session_replication_role = origin")
        superuser.execute("UPDATE news.topics SET parent = parent")  # makes the family
        superuser.execute("SELECT pg_stat_force_next_flush()")
    with connect(warehouse.dsn(), name="test") as conn:
        yield conn


def test_tags_that_are_not_counted_yet_are_not_looked_up_by_their_level(filled):
    """That would read all tags of a level for each tag."""
    plan = "\n".join(line for (line,) in filled.execute("EXPLAIN SELECT * FROM mart.article_topics"))
    assert "Index Scan" in plan
    assert "Index Cond: (level" not in plan


def test_a_drain_that_begins_counts_what_came_in_bulk(filled):
    assert counted(filled) == {"articles": False, "article_versions": False, "article_topics": False}
    work.hold(filled)
    assert counted(filled) == {"articles": True, "article_versions": True, "article_topics": True}


def test_what_was_counted_is_left_alone_until_half_of_it_has_changed(filled):
    work.hold(filled)
    before = analyzed(filled)
    work.hold(filled)
    assert analyzed(filled) == before


@pytest.mark.parametrize("topic", ["grain", "food"])
def test_the_tags_of_a_topic_are_joined_once_it_is_counted(filled, topic):
    """Each row of one side compared with each of the other took minutes for 20,000 articles."""
    work.hold(filled)
    query = "EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM mart.article_topics WHERE topic = %s"
    plan = "\n".join(line for (line,) in filled.execute(query, [topic]))
    removed = [int(line.split(":")[1]) for line in plan.splitlines() if "Rows Removed by Join Filter" in line]
    assert max(removed, default=0) <= 10 * ARTICLES


def counted(conn: Conn) -> dict[str, bool]:
    return {table: at is not None for table, at in analyzed(conn).items()}


def analyzed(conn: Conn) -> dict[str, object]:
    asked = """
        SELECT relname, last_analyze FROM pg_stat_user_tables
        WHERE schemaname = 'news' AND relname IN ('articles', 'article_versions', 'article_topics')
    """
    return dict(conn.execute(asked).fetchall())
