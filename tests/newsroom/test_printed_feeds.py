"""The feeds are what their formats say: read here by other people's parsers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest

from newsroom.asking import asking, read_feed
from newswire.newsroom.model import ledger_of
from newswire.newsroom.publications import publications

SITEMAP = {
    "sm": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}

BY_FORMAT = {
    name: [publication for publication in publications() if publication.feed.format == name]
    for name in ("rss", "atom", "json", "sitemap")
}


def each(*formats):
    found = [publication for name in formats for publication in BY_FORMAT[name]]
    return pytest.mark.parametrize("publication", found, ids=lambda publication: publication.domain)


def rows_of(publication):
    return ledger_of((publication,))


@each("rss", "atom")
def test_feedparser_reads_every_item_without_complaint(ask, publication):
    feed = read_feed(ask(publication.feed_url))
    assert not feed.bozo
    assert feed.feed.title == publication.name
    assert {entry.link for entry in feed.entries} == {row.link for row in rows_of(publication)}
    assert {entry.title for entry in feed.entries} == {row.title for row in rows_of(publication)}
    assert all(entry.published_parsed and entry.summary for entry in feed.entries)


@each("json")
def test_json_feeds_have_what_version_1_1_asks_for(ask, publication):
    feed = ask(publication.feed_url).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["url"] for item in feed["items"]} == {row.link for row in rows_of(publication)}
    assert {item["language"] for item in feed["items"]} == {row.language for row in rows_of(publication)}
    assert all(item["id"] and (item.get("content_text") or item.get("content_html")) for item in feed["items"])


@each("sitemap")
def test_news_sitemaps_name_publication_language_date_and_title(ask, publication):
    urls = ET.fromstring(ask(publication.feed_url).body).findall("sm:url", SITEMAP)
    assert {url.findtext("sm:loc", None, SITEMAP) for url in urls} == {row.link for row in rows_of(publication)}
    for url in urls:
        assert url.findtext("news:news/news:publication/news:name", None, SITEMAP) == publication.name
        assert url.findtext("news:news/news:publication/news:language", None, SITEMAP) == publication.language
        assert datetime.fromisoformat(url.findtext("news:news/news:publication_date", None, SITEMAP)).tzinfo


def test_the_newest_article_stands_first(ask):
    [publication] = [publication for publication in BY_FORMAT["atom"] if publication.language == "de"]
    feed = read_feed(ask(publication.feed_url))
    assert [entry.link for entry in feed.entries][-1] == publication.link_of(publication.manuscripts[0])


def test_one_publication_puts_the_whole_text_into_its_feed(ask):
    [publication] = [publication for publication in publications() if publication.feed.full_text]
    feed = read_feed(ask(publication.feed_url))
    contents = {entry.link: entry.content[0].value for entry in feed.entries}
    for manuscript in publication.manuscripts:
        assert contents[publication.link_of(manuscript)].count("<p>") == len(manuscript.versions[-1].paragraphs)


def test_links_may_carry_campaign_tags_and_the_page_is_the_same(ask):
    [publication] = [publication for publication in publications() if publication.feed.link_suffix]
    manuscript = publication.manuscripts[0]
    assert publication.link_of(manuscript) != publication.url_of(manuscript)
    assert ask(publication.link_of(manuscript)).body == ask(publication.url_of(manuscript)).body


def test_dates_carry_the_zone_of_the_publication(ask):
    [publication] = [publication for publication in publications() if publication.country == "IN"]
    for item in json.loads(ask(publication.feed_url).body)["items"]:
        assert datetime.fromisoformat(item["date_published"]).utcoffset() == timedelta(hours=5.5)


def test_a_revision_changes_title_summary_and_updated_date_but_not_the_identity(opened):
    ask_opened = asking(opened.port)
    [publication] = [p for p in publications() if any(len(m.versions) > 1 for m in p.manuscripts)]
    [manuscript] = [manuscript for manuscript in publication.manuscripts if len(manuscript.versions) > 1]

    def entry():
        feed = read_feed(ask_opened(publication.feed_url))
        return next(entry for entry in feed.entries if entry.link == publication.link_of(manuscript))

    before = entry()
    opened.publish([publication.url_of(manuscript)])
    after = entry()
    assert (before.title, after.title) == (manuscript.versions[0].title, manuscript.versions[-1].title)
    assert (before.summary, after.summary) == (manuscript.versions[0].summary, manuscript.versions[-1].summary)
    assert after.updated_parsed > before.updated_parsed
    assert (after.id, after.published) == (before.id, before.published)
