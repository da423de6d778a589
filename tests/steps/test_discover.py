"""Looking and discovering against a server: in order, each only asked when it is reached, nothing trusted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newswire.errors import ConfigError
from newswire.steps.child import Child
from newswire.steps.discover import discover
from newswire.steps.look import Eyes, look_at_all
from newswire.web.client import Web
from newswire.web.request import WebSettings
from steps.test_bad_input import html, item, rss, whole, xml
from web.conftest import LIMITS
from web.faultserver import Faults, running

SITE = "http://paper.example/"
HOST = "paper.example"
FEED = xml(rss(item(HOST, "/a", "An entry")))
PAGE = html(b"<html><head><title>Paper</title></head><body>Nothing to see.</body></html>")
SITEMAP = xml(
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://paper.example/a</loc></url></urlset>'
)


@pytest.fixture
def server() -> Iterator[Faults]:
    with running(Faults()) as faults:
        yield faults


@pytest.fixture
def eyes(server) -> Iterator[Eyes]:
    settings = WebSettings(connect_to=("127.0.0.1", server.port), host_gap_s=0, limits=LIMITS)
    with Web(settings) as web, Child() as child:
        yield Eyes(web=web, child=child, interval_s=900, cap_s=3600)


def site(server: Faults, **paths) -> None:
    """What the site has; everything else is not found."""
    server.answers |= {(HOST, f"/{path}"): answer for path, answer in paths.items()}
    for path in ("robots.txt", "rss", "feed/", "rss.xml", "atom.xml", "index.xml", "feed.xml", "feed.json", "dead", ""):
        server.answers.setdefault((HOST, f"/{path}"), whole(b"no", status="404 Not Found"))
    for path in ("sitemap_news.xml", "news-sitemap.xml", "sitemap-news.xml", "sitemap-index.xml"):
        server.answers.setdefault((HOST, f"/{path}"), whole(b"no", status="404 Not Found"))


def naming(*links: str, anchors: str = "") -> bytes:
    head = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return html(f"<html><head>{head}</head><body>{anchors}</body></html>".encode())


def places(found) -> list[tuple[str, str]]:
    return [(feed.candidate.origin, feed.candidate.url.removeprefix(SITE)) for feed in found.feeds]


# --- Discovering -----------------------------------------------------------------------------------------------------


def test_an_address_that_is_a_feed_is_itself_the_answer(server, eyes):
    site(server, **{"": FEED})
    found = discover(eyes, SITE)
    assert (places(found), found.tried) == ([("address", "")], ())


def test_what_the_page_names_is_believed_before_all_else(server, eyes):
    site(server, **{"": naming("/one.rss", "/dead", anchors='<a href="/rss">RSS</a>'), "one.rss": FEED, "rss": FEED})
    found = discover(eyes, SITE)
    assert places(found) == [("link", "one.rss")]
    assert "feeds that the page names: 2 asked, 1 read" in found.tried
    assert "  http://paper.example/dead: nothing is at this address any more: HTTP 404; " in "\n".join(found.tried)


def test_links_of_the_page_are_tried_where_it_names_nothing_that_lives(server, eyes):
    site(server, **{"": naming("/dead", anchors='<a href="/rss">RSS</a>'), "rss": FEED})
    assert places(discover(eyes, SITE)) == [("anchor", "rss")]


def test_sitemaps_of_robots_txt_are_tried_before_the_usual_addresses(server, eyes):
    robots = whole(b"Sitemap: http://paper.example/news.xml\n", "Content-Type: text/plain")
    site(server, **{"": PAGE, "robots.txt": robots, "news.xml": SITEMAP, "feed/": FEED})
    [feed] = (found := discover(eyes, SITE)).feeds
    assert places(found) == [("robots", "news.xml")]
    assert feed.look.parsed.format == "sitemap"


def test_the_usual_addresses_come_last_and_a_guess_that_is_led_elsewhere_counts_nothing(server, eyes):
    moved = whole(b"", "Location: http://paper.example/other", status="302 Found")
    site(server, **{"": PAGE, "feed/": moved, "other": FEED, "rss.xml": FEED})
    assert places(discover(eyes, SITE)) == [("usual", "rss.xml")]


def test_looking_everywhere_does_not_stop_at_the_first_place(server, eyes):
    site(server, **{"": naming("/one.rss"), "one.rss": FEED, "rss": FEED})
    assert places(discover(eyes, SITE, everywhere=True)) == [("link", "one.rss"), ("usual", "rss")]


def test_a_site_without_feeds_says_what_was_tried(server, eyes):
    site(server, **{"": PAGE})
    found = discover(eyes, SITE)
    assert found.feeds == ()
    assert found.tried[0] == "the address itself: a page, not a feed"
    assert "usual addresses: 11 asked, 0 read" in found.tried


def test_a_page_that_kills_its_reader_names_nothing(server, eyes):
    site(server, **{"": html(b"<html>" + b"<div>" * 200_000), "rss": FEED})
    assert places(discover(eyes, SITE)) == [("usual", "rss")]


def test_a_site_that_cannot_be_read_is_an_error_with_its_mend(server, eyes):
    site(server)
    with pytest.raises(
        ConfigError, match=r"http://paper\.example/ cannot be read: nothing is at this address any more"
    ):
        discover(eyes, SITE)


# --- Looking ---------------------------------------------------------------------------------------------------------


def test_a_feed_that_moved_for_good_says_where_to(server, eyes):
    site(server, **{"rss": whole(b"", "Location: /feed/", status="301 Moved Permanently"), "feed/": FEED})
    seen = look_at_all(eyes, [f"{SITE}rss"])[0]
    assert (seen.moved_to, seen.answered_by, seen.problem) == (f"{SITE}feed/", f"{SITE}feed/", None)


def test_the_interval_is_what_the_feed_asks_for_within_bounds(server, eyes):
    ttl = rss(item(HOST, "/a", "An entry")).replace(b"<channel>", b"<channel><ttl>30</ttl>")
    site(server, **{"rss": xml(ttl), "feed/": FEED, "atom.xml": xml(ttl.replace(b"30", b"3000"))})
    assert [look_at_all(eyes, [SITE + path])[0].interval_s for path in ("rss", "feed/", "atom.xml")] == [
        1800,
        900,
        3600,
    ]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (PAGE, "what is there is not a feed: "),
        (
            whole(b"", "Retry-After: 120", status="429 Too Many Requests"),
            "the server asks for patience: HTTP 429, for 120 s;",
        ),
        (whole(b"no", status="403 Forbidden"), "the server refuses: HTTP 403: no; open it in a browser"),
        (
            whole(b"", status="304 Not Modified"),
            "the answer breaks the rules of HTTP: 304 to a request without a condition",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<rss>", "the answer ends too early"),
        (
            whole(b"", "Location: http://127.0.0.1/", status="302 Found"),
            "the host leads to an address that is not public",
        ),
    ],
)
def test_why_no_feed_can_be_read_is_said_in_words(server, eyes, answer, says):
    site(server, rss=answer)
    seen = look_at_all(eyes, [f"{SITE}rss"])[0]
    assert seen.parsed is None
    assert seen.problem.startswith(says), seen.problem
