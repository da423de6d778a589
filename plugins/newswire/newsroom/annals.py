"""Papers with a past: each has published one article a day for weeks, shows the newest five, and keeps the rest in a way of its own.

http://annals-archive.example/feed.atom  Atom with archive documents (RFC 5005, section 4)
http://annals-pages.example/feed.json    JSON Feed with next_url
http://annals-blog.example/feed/         RSS of WordPress: ?paged=2, and 404 behind the last page
http://annals-map.example/rss.xml        RSS; robots.txt names an index of sitemaps by month

Nobody is subscribed to them from the start: they are there to try the import of history with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qs

from newswire.newsroom.answers import Answer, Document
from newswire.newsroom.generator import Generator
from newswire.newsroom.model import FeedPlan, Printed, Publication
from newswire.newsroom.printed_feeds import FEED_TYPES, Further, print_feed, print_sitemap, print_sitemap_index
from newswire.newsroom.printed_pages import PAGE_TYPE, print_page

DAYS = 40  # of the past, one article each
SHOWN = 5  # in one document
WORDPRESS = "https://wordpress.org/?v=6.8"

_SEED = 5005
_PLANS = {
    "annals-archive.example": FeedPlan(format="atom", path="/feed.atom"),
    "annals-pages.example": FeedPlan(format="json", path="/feed.json"),
    "annals-blog.example": FeedPlan(format="rss", path="/feed/", full_text=True),
    "annals-map.example": FeedPlan(format="rss", path="/rss.xml"),
}
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """A publication and all that it has published, newest first."""

    publication: Publication
    printed: tuple[Printed, ...]

    def url(self, path: str) -> str:
        return f"http://{self.publication.domain}{path}"

    def feed(self, items: Sequence[Printed], further: Further) -> Document:
        body = print_feed(self.publication, items, further)
        return Document(body=body, content_type=FEED_TYPES[self.publication.feed.format])

    def page(self, number: int) -> Sequence[Printed]:
        """The items of a page of the feed, which begins at 1."""
        return self.printed[(number - 1) * SHOWN : number * SHOWN]


class Annals:
    """Answers for the papers with a past (`Hosts`), which ends on the day before `today`."""

    def __init__(self, today: date) -> None:
        self._papers = {paper.publication.domain: paper for paper in _papers(today)}

    @property
    def printed(self) -> list[Printed]:
        """Every article, paper by paper, newest first."""
        return [item for paper in self._papers.values() for item in paper.printed]

    def answer(self, host: str, path: str, query: str) -> Answer | None:
        """What the host has at this path; None: not our host, or not there."""
        paper = self._papers.get(host)
        if paper is None:
            return None
        page = next((item for item in paper.printed if item.url == paper.url(path)), None)
        if page is not None:
            return Document(body=print_page(page), content_type=PAGE_TYPE, modified_at=page.updated_at)
        return _KEEPERS[host](paper, path, query)


def _papers(today: date) -> list[_Paper]:
    edition = Generator(_SEED).edition(
        feeds=len(_PLANS), articles=len(_PLANS) * DAYS, copies=0, updates=0, stories=0, topics=0.5
    )
    named = zip(edition.publications, _PLANS.items(), strict=True)
    return [_paper(replace(publication, domain=domain, feed=feed), today) for publication, (domain, feed) in named]


def _paper(publication: Publication, today: date) -> _Paper:
    days = (today - timedelta(days=age) for age in range(1, len(publication.manuscripts) + 1))
    noons = (datetime.combine(day, time(12), UTC) for day in days)
    return _Paper(
        publication=publication,
        printed=tuple(
            Printed(publication=publication, manuscript=manuscript, version=0, published_at=at, updated_at=at)
            for manuscript, at in zip(publication.manuscripts, noons, strict=False)
        ),
    )


# --- Four ways to keep a past ----------------------------------------------------------------------------------------


def _archived(paper: _Paper, path: str, _: str) -> Answer | None:
    """Archives are numbered from the oldest, so that what an archive holds never changes."""
    archives = -(-max(0, len(paper.printed) - SHOWN) // SHOWN)
    if path == paper.publication.feed.path:
        return paper.feed(paper.printed[:SHOWN], _before(paper, archives + 1))
    number = int(found[1]) if (found := re.fullmatch(r"/archive/(\d{1,4})\.atom", path)) else 0
    if not 1 <= number <= archives:
        return None
    oldest_first = paper.printed[: SHOWN - 1 : -1]
    items = oldest_first[(number - 1) * SHOWN : number * SHOWN][::-1]
    return paper.feed(items, _before(paper, number))


def _before(paper: _Paper, number: int) -> Further:
    return Further(prev_archive=paper.url(f"/archive/{number - 1}.atom") if number > 1 else None)


def _paged(paper: _Paper, path: str, query: str) -> Answer | None:
    number = _number(query, "page")
    if path != paper.publication.feed.path or not paper.page(number):
        return None
    following = paper.url(f"{path}?page={number + 1}") if paper.page(number + 1) else None
    return paper.feed(paper.page(number), Further(next_url=following))


def _blog(paper: _Paper, path: str, query: str) -> Answer | None:
    items = paper.page(_number(query, "paged"))
    is_there = path.rstrip("/") == paper.publication.feed.path.rstrip("/") and items
    return paper.feed(items, Further(generator=WORDPRESS)) if is_there else None


def _mapped(paper: _Paper, path: str, _: str) -> Answer | None:
    months = {paper.url(f"/sitemap-{item.published_at:%Y-%m}.xml"): item for item in reversed(paper.printed)}
    if path == paper.publication.feed.path:
        return paper.feed(paper.page(1), Further())
    if path == "/robots.txt":
        text = f"User-agent: *\nDisallow:\n\nSitemap: {paper.url('/sitemap.xml')}\n"
        return Document(body=text.encode(), content_type="text/plain; charset=utf-8")
    if path == "/sitemap.xml":
        index = {url: item.updated_at for url, item in months.items()}
        return Document(body=print_sitemap_index(index), content_type=_XML)
    if paper.url(path) in months:
        month = [item for item in paper.printed if path == f"/sitemap-{item.published_at:%Y-%m}.xml"]
        return Document(body=print_sitemap(month), content_type=_XML)
    return None


def _number(query: str, name: str) -> int:
    value = parse_qs(query).get(name, ["1"])[0]
    return int(value) if value.isascii() and value.isdigit() and value != "0" else 1


_KEEPERS: Mapping[str, Callable[[_Paper, str, str], Answer | None]] = {
    "annals-archive.example": _archived,
    "annals-pages.example": _paged,
    "annals-blog.example": _blog,
    "annals-map.example": _mapped,
}
