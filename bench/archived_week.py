"""A week of generated articles whose pages lie in the archive, and whose rows say something else than their pages.

All is written by the functions of the warehouse, as fetching and extracting write it, but in one go: what a rebuild has to
restore are texts and titles, and everything that was decided about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from copies_live import FORGET

from newswire.archive import Archive
from newswire.core.urls import address_key
from newswire.newsroom.answers import Document
from newswire.newsroom.generator import Generator
from newswire.newsroom.model import Publication
from newswire.newsroom.press import Press
from newswire.newsroom.timeline import Release, plan_releases
from newswire.records import Article, Fetch, HttpResponse
from newswire.warehouse import addresses, articles, warc
from newswire.warehouse.connection import Conn
from newswire.warehouse.pages import FetchedPage

DAYS = 7
HOSTS = "://week-"  # in all addresses of the week, and in nobody else's
SPOILED = "spoiled"  # the extractor that made what is not right
_ARTICLES_PER_PAPER = 100
_NEAR_COPIES = 0.05
_BATCH = 200
_FORGET_TAGS = """
WITH week AS (SELECT article_id FROM news.articles WHERE strpos(url, %(hosts)s) > 0),
    tags AS (DELETE FROM news.article_topics WHERE article_id IN (SELECT article_id FROM week)),
    past AS (DELETE FROM news.article_topic_history WHERE article_id IN (SELECT article_id FROM week))
DELETE FROM news.article_taggings WHERE article_id IN (SELECT article_id FROM week)
"""
_GROUP_THE_OTHERS = """
SELECT ops.ask('group', coalesce(array_agg(article_id), '{}')) FROM news.articles WHERE strpos(url, %(hosts)s) = 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page as it was fetched, and the title that it has."""

    response: HttpResponse
    at: datetime
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """So many articles, evenly over seven days."""

    articles: int
    seed: int
    since: date

    @property
    def until(self) -> date:
        return self.since + timedelta(days=DAYS - 1)

    def captures(self) -> Iterator[Capture]:
        """The pages in the order in which they appeared."""
        papers = max(2, self.articles // _ARTICLES_PER_PAPER)
        edition = Generator(self.seed).edition(
            feeds=papers, articles=self.articles, near_copies=_NEAR_COPIES, updates=0
        )
        press = Press([_moved(publication) for publication in edition.publications])
        urls = [release.url for release in plan_releases(press.publications, opening_share=1).opening]
        began, step = datetime.combine(self.since, time(), UTC), timedelta(days=DAYS) / len(urls)
        instants = [began + (number + 0.5) * step for number in range(len(urls))]
        for url, at in zip(urls, instants, strict=True):
            press.release(Release(url=url, version=0), at)
        printed = press.printed
        for url, at in zip(urls, instants, strict=True):
            yield Capture(response=_response(press, url), at=at, title=printed[url].text.title)


def store(conn: Conn, archive: Archive, week: Week) -> dict[bytes, str]:
    """Put the pages into the archive and index them; returns the title of each, by its address."""
    titles: dict[bytes, str] = {}
    for batch in _batches(list(week.captures())):
        _store(conn, archive, batch)
        titles |= {address_key(one.response.url): one.title for one in batch}
    return titles


def spoil(writer: Conn, owner: Conn) -> None:
    """Have the week's articles say something else, and forget what was decided about them."""
    found = writer.execute("SELECT address_id FROM news.addresses WHERE strpos(url, %s) > 0 ORDER BY 1", [HOSTS])
    for batch in _batches([address_id for (address_id,) in found]):
        with writer.transaction():
            sources = addresses.sources(writer, batch)
            articles.save(writer, [articles.ReadArticle(source=one, article=_spoiled(one.url)) for one in sources])
    owner.execute(FORGET)
    owner.execute("TRUNCATE news.site_blocks")
    owner.execute(_FORGET_TAGS, {"hosts": HOSTS})
    writer.execute(_GROUP_THE_OTHERS, {"hosts": HOSTS})


def _moved(publication: Publication) -> Publication:
    """The same newspaper at an address that no other edition has."""
    manuscripts = tuple(
        replace(one, copy_of=_elsewhere(one.copy_of), near_copy_of=_elsewhere(one.near_copy_of))
        for one in publication.manuscripts
    )
    domain = f"{HOSTS.removeprefix('://')}{publication.domain}"
    return replace(publication, domain=domain, manuscripts=manuscripts)


def _elsewhere(url: str | None) -> str | None:
    return url and url.replace("://", HOSTS)


def _response(press: Press, url: str) -> HttpResponse:
    parts = urlsplit(url)
    page = press.answer(parts.netloc, unquote(parts.path), "")
    assert isinstance(page, Document)
    headers = (("Content-Type", page.content_type),)
    return HttpResponse(url=url, status=200, headers=headers, body=page.body, wire_bytes=len(page.body), seconds=0)


def _batches(items: Sequence) -> Iterator[Sequence]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))


def _store(conn: Conn, archive: Archive, captures: Sequence[Capture]) -> None:
    """As an import stores them, but nobody is asked to read them."""
    refs = archive.write(
        [one.response for one in captures],
        now=captures[0].at,
        name=uuid4().hex,
        dates=[one.at for one in captures],
    )
    with conn.transaction():
        ids = warc.address_ids(conn, [one.response.url for one in captures])
        warc.save(
            conn,
            [
                FetchedPage(
                    address_id=ids[one.response.url],
                    fetch=Fetch(outcome="stored", response=one.response, status=200),
                    archived=ref,
                    known_page_id=None,
                    captured_at=one.at,
                )
                for one, ref in zip(captures, refs, strict=True)
            ],
        )
        conn.execute("DELETE FROM ops.work WHERE stage = 'extract' AND key = ANY (%s)", [list(ids.values())])


def _spoiled(url: str) -> Article:
    text = f"Of {url} this is not what its page says."
    return Article(
        url=url,
        title="Spoiled",
        text=text,
        language="und",
        authors=(),
        published_at=None,
        site_name=None,
        text_source="page",
        extractor=SPOILED,
        content_sha256=hashlib.sha256(text.encode()).digest(),
    )
