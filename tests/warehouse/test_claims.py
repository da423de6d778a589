"""Who vouches for the day of an article: a poll, an archive, or only its publisher."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from newswire.records import Article, SeenBy, Source, Subscription
from newswire.warehouse import addresses, articles, feeds
from newswire.warehouse.connection import Conn

URL = "https://paper.example/news/1"
CLAIMED = datetime(2026, 11, 11, 23, 59, 59, tzinfo=UTC)


def save(conn: Conn, *, seen_by: SeenBy, stated: datetime | None) -> tuple[str, datetime]:
    """Day and first sight of an article whose source was first seen when `CLAIMED` says; its page states a date."""
    addresses.ensure(conn, [URL])
    [address_id] = conn.execute("SELECT address_id FROM news.addresses").fetchone()
    source = Source(
        address_id=address_id,
        url=URL,
        fetch_outcome="stored",
        page_id=None,
        final_url=URL,
        content_type=None,
        fetched_at=None,
        archive_path=None,
        archive_offset=None,
        archive_length=None,
        body_sha256=None,
        entry_title=None,
        entry_summary=None,
        entry_content=None,
        entry_language=None,
        entry_authors=(),
        entry_published_at=None,
        entry_date_quality=None,
        first_seen_at=CLAIMED,
        seen_by=seen_by,
    )
    article = Article(
        url=URL,
        title="News",
        text="News.",
        language="en",
        authors=(),
        published_at=stated,
        site_name=None,
        text_source="page",
        extractor="test",
        content_sha256=hashlib.sha256(b"News").digest(),
    )
    articles.save(conn, [articles.ReadArticle(source=source, article=article)])
    return conn.execute("SELECT day::text, first_seen_at FROM news.articles").fetchone()


@pytest.mark.parametrize(
    ("seen_by", "stated", "day"),
    [
        ("claim", None, "2026-11-11"),
        ("claim", CLAIMED - timedelta(hours=9), "2026-11-11"),
        ("claim", CLAIMED - timedelta(days=400), "2025-10-07"),  # a last change says only by when it was there
        ("claim", CLAIMED + timedelta(days=3), "2026-11-11"),
        ("claim", datetime(1970, 1, 2, tzinfo=UTC), "2026-11-11"),
        (
            "archive",
            CLAIMED - timedelta(days=400),
            "2026-11-11",
        ),  # captured then, perhaps old by then, as live articles are
        ("archive", CLAIMED - timedelta(days=2), "2026-11-09"),
        ("live", CLAIMED - timedelta(days=400), "2026-11-11"),
    ],
)
def test_the_day_of_an_article_follows_from_who_saw_it(conn, seen_by, stated, day):
    assert save(conn, seen_by=seen_by, stated=stated)[0] == day


def test_who_saw_an_entry_live_is_believed_over_an_older_claim(conn):
    feeds.subscribe(conn, [Subscription(url=f"https://paper.example/{n}.xml") for n in range(2)], interval_s=900)
    addresses.ensure(conn, [URL])
    now = conn.execute("SELECT now()").fetchone()[0]
    for seen_by, at in (("claim", CLAIMED), ("live", now)):
        conn.execute(
            "INSERT INTO news.entries (feed_id, entry_key, address_id, authors, date_quality, content_sha256, first_seen_at, seen_by)"
            " SELECT feed_id, '\\x01', address_id, '{}', 'exact', '\\x01', %(at)s, %(by)s"
            " FROM news.feeds, news.addresses WHERE feeds.url LIKE %(like)s",
            {"at": at, "by": seen_by, "like": "%0.xml" if seen_by == "claim" else "%1.xml"},
        )
    [address_id] = conn.execute("SELECT address_id FROM news.addresses").fetchone()
    [source] = addresses.sources(conn, [address_id])
    assert (source.seen_by, source.first_seen_at) == ("live", now)
