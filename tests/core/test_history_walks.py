"""Walks through the past: where they lead, where they end, and what keeps them from going on for ever."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from newswire.core.feeds import NotAFeed
from newswire.core.history import Walk, after, begin, read_past, remembered
from newswire.core.history.sitemaps import can_hold, named_span
from newswire.core.urls import address_key
from newswire.records import (
    HISTORY_KINDS,
    Days,
    DocumentKind,
    KnownDocument,
    Passed,
    PastDocument,
    PastFeed,
    PastLink,
)

FEED = PastFeed(feed_id=1, url="https://paper.example/feed", domain="paper.example", for_publisher=True)
DAYS = Days(since=date(2026, 11, 10), until=date(2026, 11, 12))
ALL = frozenset(HISTORY_KINDS)
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def read(body: str, *, url: str = FEED.url, kind: DocumentKind = "feed", days: Days = DAYS) -> PastDocument:
    return read_past(body.encode(), url=url, content_type=None, kind=kind, days=days)


def link(name: str, kind: DocumentKind = "paged") -> PastLink:
    return PastLink(url=f"https://paper.example/{name}", kind=kind)


def chain(kind: DocumentKind = "paged") -> Walk:
    """A walk that stands before its second document."""
    walk = begin(FEED, DAYS, frozenset({kind}) if kind != "feed" else ALL)
    return after(walk, passed(link("2", kind), day=20))


def passed(*links: PastLink, day: int | None = None, prints: bytes | None = None) -> Passed:
    at = date(2026, 11, day) if day else None
    return Passed(links=links, oldest=at, newest=at, fingerprint=prints or str(links).encode())


# --- Walks -----------------------------------------------------------------------------------------------------------


def test_a_walk_begins_at_the_feed_and_at_the_robots_of_its_publisher():
    assert [one.url for one in begin(FEED, DAYS, ALL).pending] == [FEED.url, "https://paper.example/robots.txt"]
    assert [one.kind for one in begin(FEED, DAYS, frozenset({"sitemap"})).pending] == ["robots"]
    other = PastFeed(feed_id=2, url=FEED.url, domain=FEED.domain, for_publisher=False)
    assert [one.kind for one in begin(other, DAYS, ALL).pending] == ["feed"]


def test_of_several_ways_back_the_best_is_taken():
    walk = after(begin(FEED, DAYS, frozenset({"archived", "paged"})), passed(link("a", "archived"), link("p")))
    assert walk.next == link("a", "archived")


def test_only_wanted_kinds_are_followed():
    walk = after(begin(FEED, DAYS, frozenset({"paged"})), passed(link("a", "archived"), link("p")))
    assert walk.next == link("p")


def test_a_loop_ends():
    walk = chain()
    assert after(walk, passed(link("2"), day=19)).next is None
    assert after(walk, passed(PastLink(url="http://PAPER.example/2#x", kind="paged"), day=19)).next is None
    back_to_the_start = PastLink(url=FEED.url, kind="paged")
    assert after(walk, passed(back_to_the_start, day=19)).next is None


@pytest.mark.parametrize("url", ["https://elsewhere.example/2", "https://paper.example.evil.example/2"])
def test_another_site_is_never_asked(url: str):
    assert after(begin(FEED, DAYS, ALL), passed(PastLink(url=url, kind="paged"))).next != PastLink(
        url=url, kind="paged"
    )


def test_the_site_of_the_publisher_is_that_of_its_feed():
    """A feed may be served by somebody else, its archives by the publisher."""
    fed = PastFeed(feed_id=3, url="https://feeds.burner.example/paper", domain="paper.example", for_publisher=False)
    assert after(begin(fed, DAYS, ALL), passed(link("2"))).next == link("2")


def test_a_page_that_repeats_another_is_behind_the_last_one():
    walk = after(chain("wordpress"), passed(link("3", "wordpress"), day=19, prints=b"same"))
    assert after(walk, passed(link("4", "wordpress"), day=19, prints=b"same")).next is None


@pytest.mark.parametrize(("kind", "goes_on"), [("paged", False), ("wordpress", False), ("archived", True)])
def test_a_page_without_entries_is_the_end_but_an_archive_may_be_empty(kind: DocumentKind, goes_on):
    walk = after(chain(kind), Passed(links=(link("3", kind),)))
    assert (walk.next is not None) is goes_on


def test_a_walk_ends_behind_the_days_but_forgives_one_document_out_of_order():
    walk = after(chain(), passed(link("3"), day=9))
    assert walk.next == link("3")
    assert after(walk, passed(link("4"), day=8)).next is None
    recovered = after(walk, passed(link("4"), day=11))
    assert after(recovered, passed(link("5"), day=9)).next == link("5")


def test_endless_pages_give_one_next_address_at_a_time():
    """Whoever walks counts; the walk itself never holds more than what it was told."""
    walk = chain()
    for number in range(3, 200):
        walk = after(walk, passed(link(str(number)), day=20, prints=str(number).encode()))
        assert len(walk.pending) == 1


def test_an_index_leads_to_those_sitemaps_that_can_hold_the_days():
    walk = begin(FEED, DAYS, frozenset({"sitemap"}))
    walk = after(walk, passed(link("sitemap.xml", "sitemap")))
    children = [link(f"sitemap-2026-{month}.xml", "sitemap") for month in ("09", "10", "11", "12")]
    walk = after(walk, Passed(links=(*children, link("sitemap.xml", "sitemap"))))
    assert [one.url[-11:] for one in walk.pending] == ["2026-11.xml"]


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("sitemap-2026-11.xml", "2026-11-01", "2026-11-30"),
        ("sitemap_202602.xml.gz", "2026-02-01", "2026-02-28"),
        ("2026/11/05/sitemap.xml", "2026-11-05", "2026-11-05"),
        ("sitemap.xml?yyyy=2026&mm=11&dd=05", "2026-11-05", "2026-11-05"),
        ("sitemap-20261105.xml", "2026-11-05", "2026-11-05"),
        ("news/2026/sitemap.xml", "2026-01-01", "2026-12-31"),
        ("sitemap-2026-4.xml", "2026-01-01", "2026-12-31"),  # the fourth of the year, or April
    ],
)
def test_the_name_of_a_sitemap_says_its_time(name: str, since: str, until: str):
    expected = Days(since=date.fromisoformat(since), until=date.fromisoformat(until))
    assert named_span(f"https://paper.example/{name}") == expected


@pytest.mark.parametrize("name", ["post-sitemap12.xml", "sitemap.xml", "sitemap-19990.xml", "2025/2026.xml"])
def test_a_name_without_a_time_says_nothing(name: str):
    assert named_span(f"https://paper.example/{name}") is None


def test_a_sitemap_that_was_not_changed_since_cannot_hold_the_days():
    child = link("post-sitemap3.xml", "sitemap")
    assert can_hold(child, DAYS)
    assert not can_hold(PastLink(url=child.url, kind="sitemap", changed=date(2026, 11, 1)), DAYS)
    assert can_hold(PastLink(url=child.url, kind="sitemap", changed=date(2026, 11, 20)), DAYS)


# --- Documents -------------------------------------------------------------------------------------------------------

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"><id>x</id>
<title>Paper</title>{head}
<entry><id>1</id><title>In time</title><link href="/1"/><published>2026-11-11T08:00:00Z</published></entry>
<entry><id>2</id><title>Too late</title><link href="/2"/><published>2026-11-20T08:00:00Z</published></entry>
<entry><id>3</id><title>No date</title><link href="/3"/></entry></feed>"""


def test_a_document_is_read_for_the_entries_of_the_days():
    document = read(ATOM.format(head=""))
    assert [item.entry.title for item in document.entries] == ["In time"]
    assert (document.items, document.undated) == (3, 1)
    assert (document.passed.oldest, document.passed.newest) == (date(2026, 11, 11), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("head", "links"),
    [
        ('<link rel="prev-archive" href="/a/7"/>', [link("a/7", "archived")]),
        ('<link rel="next" href="?p=2"/>', [link("feed?p=2")]),
        ('<link rel="next" href="/2"/><link rel="prev-archive" href="/a"/>', [link("a", "archived"), link("2")]),
        ('<link rel="next-archive" href="/a/9"/><link rel="self" href="/feed"/>', []),
        ('<fh:complete/><link rel="next" href="/2"/>', []),
        ('<link rel="next" href="javascript:alert(1)"/>', []),
    ],
)
def test_the_links_of_rfc_5005_lead_back(head: str, links: list[PastLink]):
    assert list(read(ATOM.format(head=head)).passed.links) == links


def test_an_rss_feed_has_them_as_links_of_atom():
    rss = (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>P</title><link>/</link>'
        '<atom:link rel="next" href="https://paper.example/feed?page=2"/><item><title>x</title>'
        '<atom:link rel="next" href="/not-of-the-feed"/></item></channel></rss>'
    )
    assert list(read(rss).passed.links) == [link("feed?page=2")]


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("https://paper.example/feed", "feed?paged=2"),
        ("https://paper.example/feed?cat=7&paged=2", "feed?cat=7&paged=3"),
        ("https://paper.example/feed?paged=none", "feed?paged=2"),
    ],
)
def test_wordpress_has_further_pages_and_does_not_say_so(url: str, following: str):
    rss = '<rss version="2.0"><channel><generator>https://wordpress.org/?v=6.8</generator><item><title>x</title></item></channel></rss>'
    assert list(read(rss, url=url).passed.links) == [link(following, "wordpress")]


@pytest.mark.parametrize(("said", "links"), [("/feed.json?p=2", [link("feed.json?p=2")]), ([7], []), (None, [])])
def test_a_json_feed_says_its_next_page(said: object, links: list[PastLink]):
    items = [{"id": "1", "content_text": "x", "date_published": "2026-11-11T08:00:00Z"}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": items, "next_url": said}
    document = read(json.dumps(feed))
    assert list(document.passed.links) == links
    assert len(document.entries) == 1


def test_robots_names_the_sitemaps_or_the_usual_ones_are_tried():
    named = read("User-agent: *\nSitemap: /maps/all.xml", url="https://paper.example/robots.txt", kind="robots")
    assert list(named.passed.links) == [link("maps/all.xml", "sitemap")]
    usual = read("", url="https://paper.example/robots.txt", kind="robots")
    assert [one.url for one in usual.passed.links] == [
        "https://paper.example/sitemap.xml",
        "https://paper.example/sitemap_index.xml",
    ]


def sitemap(*pages: str) -> PastDocument:
    urls = "".join(f"<url>{page}</url>" for page in pages)
    namespaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return read(f"<urlset {namespaces}>{urls}</urlset>", url="https://paper.example/s.xml", kind="sitemap")


@pytest.mark.parametrize(
    ("page", "claim"),
    [
        ("<loc>/a</loc><lastmod>2026-11-11T08:00:00Z</lastmod>", "2026-11-11T08:00:00+00:00"),
        ("<loc>/a</loc><lastmod>2026-11-11</lastmod>", "2026-11-11T23:59:59+00:00"),
        ("<loc>/2026/11/11/a</loc><lastmod>2026-11-24</lastmod>", "2026-11-11T23:59:59+00:00"),
        (
            "<loc>/2026/11/24/a</loc><news:news><news:publication_date>2026-11-11T08:00Z</news:publication_date></news:news>",
            "2026-11-11T08:00:00+00:00",
        ),
    ],
)
def test_the_best_claim_of_a_sitemap_counts(page: str, claim: str):
    """What the news say, the day in the address, the last change, in this order; of a mere day its end."""
    [item] = sitemap(page).entries
    assert item.claimed_at.isoformat() == claim


def test_a_last_change_is_no_date_of_publication():
    [item] = sitemap("<loc>/a</loc><lastmod>2026-11-11T08:00:00Z</lastmod>").entries
    assert (item.entry.published_at, item.entry.date_quality) == (None, "missing")


def test_a_sitemap_speaks_for_its_own_site_only():
    document = sitemap(
        "<loc>https://elsewhere.example/a</loc><lastmod>2026-11-11</lastmod>",
        "<loc>/b</loc><lastmod>2026-11-11</lastmod>",
        "<loc>/c</loc>",
        "<loc></loc>",
    )
    assert [item.entry.link for item in document.entries] == ["https://paper.example/b"]
    assert (document.items, document.undated) == (2, 1)


def test_fifty_thousand_pages_are_read_for_those_of_the_days():
    pages = [f"<loc>/p{n}</loc><lastmod>2026-11-{1 + n % 25:02}</lastmod>" for n in range(50_000)]
    assert len(sitemap(*pages).entries) == 3 * 2_000


def test_what_is_no_feed_is_said():
    with pytest.raises(NotAFeed):
        read("<html><body>Nothing here</body></html>")


# --- Memory ----------------------------------------------------------------------------------------------------------


def known(
    oldest: int | None, newest: int | None, *, taken: Days | None = None, read_at: datetime = NOW
) -> KnownDocument:
    return KnownDocument(
        address_key=address_key(FEED.url),
        oldest=date(2026, 11, oldest) if oldest else None,
        newest=date(2026, 11, newest) if newest else None,
        fingerprint=b"x",
        next_urls=("https://paper.example/2",),
        next_kinds=("paged",),
        next_changed=(None,),
        taken_since=taken and taken.since,
        taken_until=taken and taken.until,
        read_at=read_at,
    )


@pytest.mark.parametrize(
    ("document", "is_spent"),
    [
        (known(13, 20), True),  # all of it is newer, and always will be
        (known(12, 20), False),
        (known(11, 12, taken=DAYS), True),
        (known(5, 20, taken=DAYS), True),
        (known(11, 12, taken=Days(since=date(2026, 11, 10), until=date(2026, 11, 11))), False),
        (known(11, 12, taken=DAYS, read_at=datetime(2026, 11, 12, 23, tzinfo=UTC)), False),  # the day was not over
        (known(1, 9), False),  # newer entries may have moved here since
        (known(None, None), False),
    ],
)
def test_what_of_a_feed_need_not_be_asked_again(document: KnownDocument, is_spent):
    assert (remembered(document, link("1"), DAYS, now=NOW) is not None) is is_spent


def test_what_is_remembered_leads_on_as_what_was_read():
    assert remembered(known(13, 20), link("1"), DAYS, now=NOW) == Passed(
        links=(link("2"),), oldest=date(2026, 11, 13), newest=date(2026, 11, 20), fingerprint=b"x"
    )


@pytest.mark.parametrize(
    ("document", "is_spent"),
    [
        (known(None, None), True),  # an index
        (known(None, None, read_at=NOW - timedelta(days=2)), False),
        (known(1, 9), True),
        (known(10, 20), False),
        (known(10, 20, taken=DAYS), True),
        (known(1, 9, read_at=datetime(2026, 11, 12, 23, tzinfo=UTC)), False),
    ],
)
def test_sitemaps_are_remembered_for_a_day(document: KnownDocument, is_spent):
    assert (remembered(document, link("s.xml", "sitemap"), DAYS, now=NOW) is not None) is is_spent
