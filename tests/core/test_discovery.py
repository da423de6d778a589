"""Discovering feeds: what a page, a robots.txt and habit propose, and which of the feeds found is better."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newswire.core.discovery import found_feed, in_page, in_robots, is_where_it_was_asked, of_origin, ranked, usual
from newswire.core.feeds import parse_feed
from newswire.records import FeedCandidate, FeedLook, FoundFeed

SITE = "https://paper.example/news/"
RSS = "application/rss+xml"


def page(head: str = "", body: str = "", url: str = SITE) -> list[tuple[str, str]]:
    candidates = in_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url=url)
    return [(one.origin, one.url) for one in candidates]


# --- A page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [RSS, "application/atom+xml", "application/feed+json", "APPLICATION/RSS+XML; charset=utf-8"]
)
def test_a_feed_that_the_page_names_is_found(kind: str):
    head = f'<link rel="home alternate" type="{kind}" href="feed.xml#top">'
    assert page(head) == [("link", "https://paper.example/news/feed.xml")]


def test_the_reason_names_the_title():
    head = f'<link rel="alternate" type="{RSS}" title=" World\n news " href="/rss">'
    [candidate] = in_page(f"<html><head>{head}</head></html>".encode(), url=SITE)
    assert candidate.why == "the page names it (World news)"


@pytest.mark.parametrize(
    "link",
    [
        f'rel="alternate" type="{RSS}" title="Paper » Comments Feed" href="/x"',
        f'rel="alternate" type="{RSS}" href="/comments/feed/"',
        'rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1"',
        'rel="alternate" type="application/json+oembed" href="/oembed?url=x"',
        'rel="alternate" hreflang="fr" type="text/html" href="/fr/"',
        f'rel="stylesheet" type="{RSS}" href="/x"',
        f'rel="alternate" type="{RSS}"',
        f'rel="alternate" type="{RSS}" href="javascript:void(0)"',
    ],
)
def test_what_the_page_names_that_is_no_news_feed_is_left_out(link: str):
    assert page(f"<link {link}>") == []


def test_links_to_feeds_are_found_by_address_and_by_text():
    body = """<a href="/feed/">all</a> <a href="https://feeds.host.example/paper">news</a> <a href="x.php?n=1">RSS</a>
    <a href="/world.rss">w</a> <a href="/feedback">write to us</a> <a href="/press">Press</a> <a href="/brass">Brass</a>"""
    assert page(body=body) == [
        ("anchor", "https://paper.example/feed/"),
        ("anchor", "https://feeds.host.example/paper"),
        ("anchor", "https://paper.example/news/x.php?n=1"),
        ("anchor", "https://paper.example/world.rss"),
    ]


def test_an_address_is_proposed_once_for_its_best_reason():
    head = f'<link rel="alternate" type="{RSS}" href="/rss">'
    assert page(head, '<a href="http://paper.example/rss">RSS</a>') == [("link", "https://paper.example/rss")]


def test_the_base_of_the_page_is_respected():
    assert page('<base href="https://other.example/a/">', '<a href="rss.xml">RSS</a>') == [
        ("anchor", "https://other.example/a/rss.xml")
    ]


def test_a_page_that_names_hundreds_gives_the_first_thirty():
    assert len(page(body="".join(f'<a href="/{n}.rss">x</a>' for n in range(200)))) == 30


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"plain words", b"<<<>>>", b"\xff\xfe<\x00h\x00"])
def test_what_is_no_page_proposes_nothing(body: bytes):
    assert in_page(body, url=SITE) == ()


# --- Other places ----------------------------------------------------------------------------------------------------


def test_robots_txt_gives_its_sitemaps_those_of_news_first():
    robots = (
        b"User-agent: *\nDisallow:\nSitemap: https://paper.example/pages.xml\nsitemap : /news.xml\n# Sitemap: /no.xml"
    )
    candidates = in_robots(robots, url="https://paper.example/robots.txt")
    assert [one.url for one in candidates] == ["https://paper.example/news.xml", "https://paper.example/pages.xml"]


def test_the_usual_addresses_are_those_of_the_host():
    addresses = [one.url for one in usual(SITE)]
    assert addresses[0] == "https://paper.example/sitemap_news.xml"
    assert "https://paper.example/feed/" in addresses


# --- Which is better -------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def found(name: str, links: list[str], *, hours: float, answered_by: str | None = None) -> FoundFeed:
    items = "".join(
        f"<item><title>{n}</title><link>{link}</link><pubDate>{NOW - timedelta(hours=hours * n):%a, %d %b %Y %H:%M:%S +0000}"
        "</pubDate></item>"
        for n, link in enumerate(links)
    )
    url = f"https://paper.example/{name}"
    parsed = parse_feed(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode(), url=url)
    look = FeedLook(url=url, answered_by=answered_by or url, parsed=parsed)
    candidate = FeedCandidate(url=url, origin="link", why="")
    return found_feed(candidate, look, parsed, site=SITE)


OWN = [f"https://paper.example/{n}" for n in range(5)]
OTHERS = [f"https://other{n}.example/" for n in range(5)]


def test_the_pace_and_the_share_of_own_links_are_counted():
    feed = found("a", [*OWN[:3], OTHERS[0]], hours=6)
    assert (feed.items_a_day, feed.own_links) == (4, 0.75)
    assert found("a", OWN[:1], hours=6).items_a_day is None
    assert (found("a", [], hours=6).items_a_day, found("a", [], hours=6).own_links) == (None, 0)


def test_feeds_that_lead_to_the_site_come_first_then_those_that_bring_more():
    slow, fast, foreign = found("slow", OWN, hours=24), found("fast", OWN, hours=2), found("foreign", OTHERS, hours=1.5)
    assert ranked([foreign, slow, fast]) == (fast, slow, foreign)


def test_one_document_at_two_addresses_counts_once_at_the_first():
    first = found("feed/", OWN, hours=2)
    second = found("rss", OWN, hours=2, answered_by="https://paper.example/feed/")
    assert ranked([first, second]) == (first,)


def test_a_guess_that_is_led_elsewhere_found_something_else():
    assert is_where_it_was_asked(found("a", OWN, hours=2, answered_by="http://paper.example/a").look)
    assert not is_where_it_was_asked(found("a", OWN, hours=2, answered_by="https://paper.example/").look)


def test_candidates_are_taken_by_origin():
    assert of_origin(usual(SITE), "link") == ()
