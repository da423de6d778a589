"""Extract learns what a site repeats, in the transaction that stores the articles; a rebuild mends the first ones."""

from __future__ import annotations

import pytest

from newswire.archive import Archive
from newswire.records import Batch, Subscription, WorkItem
from newswire.steps.child import Child
from newswire.steps.extract import extract
from newswire.warehouse import addresses, feeds

BOX = "Our work is paid for by readers like you. Ring 0800 123 456 to become one of them."
SITE = "https://harbour-post.example"


@pytest.fixture
def read(conn, tmp_path):
    """Extract articles of these names, each out of its entry, in one batch; gives back how the step reported."""
    feeds.subscribe(conn, [Subscription(url=f"{SITE}/feed.xml")], interval_s=3600)
    feed_id = conn.execute("SELECT feed_id FROM news.feeds").fetchone()[0]
    child = Child()

    def extracted(*names, ago="0 days"):
        keys = [address_of(conn, feed_id, name, ago) for name in names]
        batch = Batch(stage="extract", items=tuple(WorkItem(key=key, mark=0, attempts=0) for key in keys))
        return extract(conn, batch, archive=Archive(str(tmp_path)), child=child, publish_delay_s=0)

    return extracted


def address_of(conn, feed_id, name, ago):
    url = f"{SITE}/news/{name}"
    addresses.ensure(conn, [url])
    [(address_id,)] = conn.execute("SELECT address_id FROM news.addresses WHERE url = %s", [url]).fetchall()
    content = f"{f'The {name} left the quay at dawn and the {name} was back by noon. ' * 3}\n{BOX}\nNobody in {name} had expected it."
    conn.execute(
        """INSERT INTO news.entries (feed_id, entry_key, address_id, title, content, authors, date_quality, content_sha256,
               first_seen_at)
           VALUES (%s, sha256(%s), %s, %s, %s, '{}', 'missing', sha256(%s), now() - %s::interval)
           ON CONFLICT DO NOTHING""",
        [feed_id, name.encode(), address_id, f"The {name}", content, content.encode(), ago],
    )
    return address_id


def with_box(conn):
    found = conn.execute(
        "SELECT article.url, version.text FROM news.articles AS article "
        "JOIN news.article_versions AS version ON version.version_id = article.current_version_id ORDER BY article.url"
    ).fetchall()
    return [url.rpartition("/")[2] for url, text in found if BOX in text]


def test_three_stories_of_one_batch_profit_at_once(conn, read):
    read("bittern", "egret", "heron")
    assert with_box(conn) == []
    [(sample,)] = conn.execute("SELECT sample FROM news.site_blocks WHERE is_repeated").fetchall()
    assert sample == BOX


def test_the_first_two_keep_it_until_their_day_is_read_again(conn, read):
    for name in ("bittern", "egret", "heron"):
        read(name)
    assert with_box(conn) == ["bittern", "egret"]
    assert read("bittern", "egret", "heron").changed == 2
    assert with_box(conn) == []
    assert read("bittern", "egret", "heron").changed == 0


def test_reading_one_story_again_and_again_is_one_sighting(conn, read):
    for _ in range(4):
        read("bittern")
    assert with_box(conn) == ["bittern"]


def test_what_was_seen_once_is_forgotten_after_two_months(conn, read):
    read("bittern", ago="61 days")
    read("egret")
    days = conn.execute("SELECT count(*) FROM news.site_blocks WHERE last_day < current_date - 60").fetchone()
    assert days == (0,)
