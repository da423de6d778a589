"""The lists in config/: the starter list is fit to be imported, and feeds.opml is read at each start."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from newswire.core.feed_lists import merged
from newswire.core.urls import registrable_domain
from newswire.errors import ConfigError
from newswire.records import Subscription
from newswire.settings import CHECKOUT
from newswire.steps import feed_files
from newswire.warehouse import feeds, publishers

CONFIG = CHECKOUT / "config"


@pytest.fixture(scope="module")
def starter() -> tuple[Subscription, ...]:
    listed = feed_files.read(CONFIG / feed_files.STARTER)
    assert listed.problems == ()
    return listed.subscriptions


def outer(feed: Subscription) -> set[str]:
    return {group.split("/")[0] for group in feed.groups}


def test_the_starter_list_covers_its_subjects_and_the_world(starter):
    assert len(starter) >= 150
    assert len({feed.language for feed in starter}) >= 25
    assert len({feed.country for feed in starter}) >= 50
    counts = Counter(group for feed in starter for group in outer(feed))
    assert set(counts) == {"raw-materials", "diplomacy", "wires", "world"}
    assert min(counts.values()) >= 30


def test_every_line_of_the_starter_list_is_complete_and_there_once(starter):
    assert len(merged(starter)) == len(starter)
    for feed in starter:
        assert all((feed.title, feed.publisher, feed.country, feed.language, feed.kind, feed.groups)), feed.url


def test_a_publisher_of_the_starter_list_is_described_once(starter):
    said = {(feed.domain or registrable_domain(feed.url), feed.publisher, feed.country, feed.kind) for feed in starter}
    assert len({domain for domain, *_ in said}) == len(said)


def test_a_group_of_the_starter_list_can_be_had_alone(conn, starter):
    listed = feed_files.read(CONFIG / feed_files.STARTER)
    came = feed_files.import_list(conn, listed, interval_s=900, group="raw-materials", said_by="starter")
    assert came.new == sum("raw-materials" in outer(feed) for feed in starter)
    again = feed_files.import_list(conn, listed, interval_s=900, group="raw-materials", said_by="starter")
    assert (again.new, len(again.feeds)) == (0, came.new)
    assert {one.name_from for one in publishers.listed(conn)} == {"starter"}


# --- config/feeds.opml -----------------------------------------------------------------------------------------------


def at_start(conn, folder: Path, *addresses: str) -> feed_files.Imported:
    outlines = "\n".join(f'<outline text="x" type="rss" xmlUrl="{address}"/>' for address in addresses)
    (folder / "feeds.opml").write_text(f'<opml version="2.0"><body>\n{outlines}</body></opml>')
    return feed_files.subscribe_new(conn, folder, interval_s=900)


def test_the_file_that_comes_with_newswire_is_good_and_empty(conn):
    assert feed_files.subscribe_new(conn, CONFIG, interval_s=900) == feed_files.Imported(feeds=(), problems=())


def test_each_start_subscribes_what_is_new_and_leaves_the_rest_alone(conn, tmp_path):
    assert at_start(conn, tmp_path, "https://a.example/").new == 1
    feeds.pause(conn, ["https://a.example/"], paused=True)
    feeds.subscribe(conn, [Subscription(url="https://a.example/", title="Mine")], interval_s=900)
    assert [feed.url for feed in at_start(conn, tmp_path, "https://a.example/", "https://b.example/").feeds] == [
        "https://b.example/"
    ]
    assert at_start(conn, tmp_path, "https://b.example/").feeds == ()
    titles = {feed.url: feed.title for feed in feeds.subscriptions(conn)}
    assert titles == {"https://a.example/": "Mine", "https://b.example/": "x"}


def test_without_the_file_nothing_is_subscribed(conn, tmp_path):
    assert feed_files.subscribe_new(conn, tmp_path, interval_s=900).feeds == ()


def test_a_broken_file_is_a_clear_error_and_changes_nothing(conn, tmp_path):
    with pytest.raises(ConfigError, match=r"^feeds\.opml:3: not well-formed .*; a bare & is written &amp;"):
        at_start(conn, tmp_path, "https://a.example/", "https://b.example/?a&b")
    assert feeds.subscriptions(conn) == []


def test_a_wrong_line_is_told_and_the_others_are_subscribed(conn, tmp_path):
    came = at_start(conn, tmp_path, "https://a.example/", "b.example")
    assert came.new == 1
    assert came.problems[0].startswith("feeds.opml:3: 'b.example' is not a web address")
