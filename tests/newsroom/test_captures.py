"""Captured feeds and pages, served as they are."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

from newsroom.asking import asking, read_feed
from newswire.newsroom.captures import ITEMS_PER_FEED, captures
from newswire.newsroom.running import running_newsroom
from newswire.newsroom.server import Newsroom

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

# A feed in Latin-1 with a stray byte at its end: whoever recodes it, changes it.
LATIN_1 = (
    '<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>Été</title></channel></rss>'.encode(
        "latin-1"
    )
    + b"\xff"
)
COLUMNS = [
    "file",
    "source_repo",
    "format",
    "kind",
    "lang",
    "entries",
    "bozo",
    "declared_encoding",
    "host",
    "sha256",
]
FEEDS = [
    ("one+paper/feeds/été.xml", "rss2.0", "news.site.org", 0, LATIN_1),
    ("other+paper/feeds/été.xml", "rss2.0", "news.site.org", 3, b"<rss/>"),
    ("lab/atom", "atom1.0", "Blog.Site.org", 1, b"<feed/>"),
    ("lab/old.rdf", "rss1.0", "localhost:8090", 2, b"<rdf/>"),
    ("lab/feed.json", "jsonfeed", ":s:", 1, b"{}"),
]
PAGES = [
    {"id": "a-1", "url": "https://www.daily.org/2024/story.html?id=7&utm_source=x", "html": "<p>one</p>"},
    {"id": "a-2", "url": "http://www.daily.org/%C3%A4rger/", "html": "<p>two ä</p>"},
    {"id": "a-3", "url": "https://seite.köln.org/text mit lücke", "html": "<p>three</p>"},
    {"id": "b_1", "url": "http://front.org/", "html": "<p>four</p>"},
    {"id": "b_2", "url": "http://shared.org/page", "html": "<p>five</p>"},
    {"id": "b_3", "url": "http://shared.org/page", "html": "<p>six</p>"},
    {"id": "c:1", "url": None, "html": "<p>seven</p>"},
    {"id": "d1", "url": "http://cgi.org/view?id=1", "html": "<p>eight</p>"},
    {"id": "d2", "url": "http://cgi.org/view?id=2", "html": "<p>nine</p>"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of captures in the form of the corpus."""
    folder = tmp_path_factory.mktemp("captures")
    (folder / "feeds").mkdir()
    (folder / "pages").mkdir()
    with ZipFile(folder / "feeds" / "real.zip", "w") as archive:
        for file, *_, body in FEEDS:
            archive.writestr(file, body)
    with (folder / "feeds" / "real.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        for file, form, host, entries, _ in FEEDS:
            writer.writerow([file, "repo", form, "real", "fr", entries, 0, "", host, ""])
    with gzip.open(folder / "pages" / "some.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(page) + "\n" for page in PAGES)
    return folder


@pytest.fixture(scope="module")
def served(folder):
    return captures(folder)


@pytest.fixture(scope="module")
def ask(served):
    with running_newsroom(Newsroom((), captures=served)) as running:
        yield asking(running.port)


def test_each_feed_has_an_address_of_its_own_on_its_host(served):
    assert len({feed.url for feed in served.feeds}) == len(FEEDS)
    assert [urlsplit(feed.url).netloc for feed in served.feeds[:3]] == [
        "news.site.org",
        "news.site.org",
        "blog.site.org",
    ]


def test_a_host_that_no_pipeline_may_ask_is_replaced(served):
    assert all(urlsplit(feed.url).netloc.endswith(".example") for feed in served.feeds[3:])


def test_feeds_are_served_byte_for_byte(served, ask):
    for feed, (*_, body) in zip(served.feeds, FEEDS, strict=True):
        reply = ask(feed.url)
        assert (reply.status, reply.body, reply.headers["content-type"]) == (200, body, feed.content_type)


def test_content_types_follow_the_format(served):
    assert [feed.content_type for feed in served.feeds] == [
        "application/rss+xml",
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
    ]


def test_the_expected_number_of_entries_is_known(served, ask):
    assert [feed.entries for feed in served.feeds] == [0, 3, 1, 2, 1]
    listing = ask("http://127.0.0.1/-/newsroom/captures").json()
    assert [feed["entries"] for feed in listing["feeds"]] == [0, 3, 1, 2, 1]


def test_every_page_is_found_where_its_feed_announces_it(served, ask):
    bodies = {page["id"]: page["html"] for page in PAGES}
    feed = read_feed(ask(served.announcements[0].url))
    assert len(feed.entries) == len(PAGES)
    for entry in feed.entries:
        assert ask(entry.link).text == bodies[entry.title]


def test_a_page_keeps_its_own_address_over_http(served):
    urls = {page.id: page.url for page in served.pages}
    assert urls["a-1"] == "http://www.daily.org/2024/story.html?id=7&utm_source=x"
    assert urls["a-2"] == "http://www.daily.org/%C3%A4rger/"
    assert urls["a-3"] == "http://seite.xn--kln-sna.org/text%20mit%20l%C3%BCcke"
    assert urls["d2"] == "http://cgi.org/view?id=2"


def test_a_page_without_an_address_of_its_own_gets_one(served):
    urls = {page.id: page.url for page in served.pages}
    assert urls["b_1"] == "http://front.org/captured/b-1.html"
    assert (urls["b_2"], urls["b_3"]) == ("http://shared.org/captured/b-2.html", "http://shared.org/captured/b-3.html")
    assert urls["c:1"] == "http://c-1.example/article.html"


def test_a_page_is_found_without_its_campaign_tags_where_that_is_unambiguous(ask):
    assert ask("http://www.daily.org/2024/story.html?id=7").text == "<p>one</p>"
    assert ask("http://cgi.org/view").status == 404


@pytest.mark.parametrize("url", ["http://www.daily.org/other", "http://www.daily.org/robots.txt", "http://nobody.org/"])
def test_other_addresses_answer_404(ask, url):
    assert ask(url).status == 404


def test_a_long_list_of_pages_is_announced_in_several_feeds(folder, tmp_path):
    (tmp_path / "feeds").symlink_to(folder / "feeds")
    (tmp_path / "pages").mkdir()
    with gzip.open(tmp_path / "pages" / "many.jsonl.gz", "wt") as lines:
        lines.writelines(
            json.dumps({"id": f"p{n}", "url": f"http://x.org/{n}", "html": ""}) + "\n"
            for n in range(2 * ITEMS_PER_FEED + 1)
        )
    announcements = captures(tmp_path).announcements
    assert [len(announcement.pages) for announcement in announcements] == [ITEMS_PER_FEED, ITEMS_PER_FEED, 1]
    assert len({announcement.url for announcement in announcements}) == 3


def test_captures_stand_beside_the_publications_in_the_subscriptions(served):
    newsroom = Newsroom((), captures=served)
    assert [subscription.url for subscription in newsroom.subscriptions()] == [
        *[feed.url for feed in served.feeds],
        *[announcement.url for announcement in served.announcements],
    ]


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpus")
def test_the_whole_corpus_is_served():
    served = captures(CORPUS)
    assert len({feed.url for feed in served.feeds}) == len(served.feeds) == 675
    assert len({page.url for page in served.pages}) == len(served.pages) == 1_066
    with running_newsroom(Newsroom((), captures=served)) as running:
        ask = asking(running.port)
        with ZipFile(CORPUS / "feeds" / "real.zip") as archive:
            wrong_feeds = [feed.url for feed in served.feeds if ask(feed.url).body != archive.read(feed.file)]
        missing_pages = [page.url for page in served.pages if ask(page.url).status != 200]
    assert (wrong_feeds, missing_pages) == ([], [])
