"""Which feeds are worth a person's time, what is another offer, and what a person is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newswire.core.proposals import as_markdown, in_lines, worth_proposing
from newswire.records import (
    Entry,
    FeedCandidate,
    FeedLook,
    FoundFeed,
    ParsedFeed,
    Proposed,
    SiteToLook,
)

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
SITE = SiteToLook(domain="paper.example", url="https://paper.example/", reason="its feed is *silent*")


def entry(title: str | None, *, days_ago: float | None = 1) -> Entry:
    return Entry(
        entry_key=(title or "").encode(),
        guid=None,
        link="https://paper.example/a",
        title=title,
        summary=None,
        content=None,
        authors=(),
        language="en",
        published_raw=None,
        published_at=None if days_ago is None else NOW - timedelta(days=days_ago),
        date_quality="missing" if days_ago is None else "exact",
        content_sha256=b"",
    )


def feed(*entries: Entry, title: str = "Paper", moved_to: str | None = None) -> FoundFeed:
    url = "https://paper.example/rss"
    parsed = ParsedFeed(
        format="rss", title=title, site_url=None, language="en", ttl_s=None, items=len(entries), entries=entries
    )
    return FoundFeed(
        candidate=FeedCandidate(url=url, origin="link", why="the page names it"),
        look=FeedLook(url=url, answered_by=moved_to or url, parsed=parsed, moved_to=moved_to),
        items_a_day=3.25,
        own_links=1.0,
    )


def proposed(*feeds: FoundFeed, topics=()):
    return worth_proposing(feeds, topics_of=lambda _: topics, now=NOW)


@pytest.mark.parametrize(
    ("days_ago", "kept"), [(29, 1), (31, 0), (None, 1)], ids=["lately", "asleep for a month", "without dates"]
)
def test_a_feed_that_sleeps_is_not_worth_a_question(days_ago, kept):
    assert len(proposed(feed(entry("One", days_ago=days_ago)))) == kept


def test_an_empty_feed_is_not_worth_a_question():
    assert proposed(feed()) == ()


def test_a_feed_that_moved_for_good_is_proposed_at_its_new_address():
    [one] = proposed(feed(entry("One"), moved_to="https://paper.example/new"))
    assert one.url == "https://paper.example/new"


def test_new_items_are_no_other_offer_a_new_title_or_language_is():
    [before] = proposed(feed(entry("One")))
    [later] = proposed(feed(entry("Two"), entry("Three")))
    assert later.offer_sha256 == before.offer_sha256
    [renamed] = proposed(feed(entry("One"), title="Paper: all news"))
    [elsewhere] = proposed(replace(feed(entry("One")), own_links=0.1))
    assert len({before.offer_sha256, renamed.offer_sha256, elsewhere.offer_sha256}) == 3


def test_headlines_are_the_newest_and_topics_those_that_apply_to_most():
    found = {"Old": ["b"], "New": ["a", "b"]}
    [one] = worth_proposing(
        [feed(entry("Old", days_ago=5), entry(None), entry("New"), entry("Undated", days_ago=None))],
        topics_of=lambda item: found.get(item.title, []),
        now=NOW,
    )
    assert one.samples == ("New", "Old", "Undated")
    assert one.topics == ("b 2", "a 1")


def test_a_person_reads_what_speaks_for_a_feed_and_nothing_of_the_web_acts_in_it():
    one = Proposed(
        site=SITE, feeds=proposed(feed(entry("<b>Mine</b> [x](javascript:1)"), title="Pa|per"), topics=["x"])
    )
    text = as_markdown(one)
    assert text.startswith("Looked at because its feed is \\*silent\\*.")
    assert "**Pa\\|per** · `https://paper.example/rss`" in text
    assert (
        "- rss, 1 items; newest 2026-11-24 08:00 UTC; about 3.2 a day; language en; 100% of its links lead to the site"
        in text
    )
    assert "- “\\<b\\>Mine\\</b\\> \\[x\\](javascript:1)”" in text
    assert "- topics: x 1" in text


def test_a_log_says_why_there_is_nothing_to_decide():
    assert list(in_lines(Proposed(site=SITE, problem="it cannot be read"))) == [
        "paper.example (its feed is *silent*): it cannot be read"
    ]
