"""Which feeds has a site? Candidates from what it serves, each with the reason for it, and what makes one better than another.

In the order in which they are believed: the address is a feed itself, the page names it (`<link rel=alternate>`), the page links
to it, robots.txt lists it as a sitemap, the usual addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import lxml.html
from lxml.etree import LxmlError

from newswire.core.urls import address_key, host_of, normalize_url, resolve, same_site
from newswire.records import CandidateOrigin, FeedCandidate, FeedLook, FoundFeed, ParsedFeed

# --- Candidates ------------------------------------------------------------------------------------------------------

_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf)\+xml|application/(?:feed\+)?json|(?:application|text)/xml", re.IGNORECASE
)
# WordPress names its programming interface, embedding and comments beside its feeds.
_NO_NEWS = re.compile(r"/wp-json/|oembed|/comments?/(?:feed|default)|[?&]feed=comments", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b|\bkommentare?\b|\bcommentaires?\b|\bcomentarios?\b", re.IGNORECASE)
_LIKE_A_FEED = re.compile(
    r"(?:^|[/._?=&-])(?:rss2?|atom|rdf|feeds?)(?:[/._?=&-]|$)|\.(?:rss|atom|rdf)$|^https?://feeds?2?\.", re.IGNORECASE
)
_SAYS_FEED = re.compile(r"\W*(?:rss(?:[ -]?feeds?)?|atom|xml[ -]?feed|feed)\W*", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_MANY = 30  # of one origin; a page that lists all feeds of a paper names hundreds

_USUAL_SITEMAPS = ("/sitemap_news.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap-index.xml")
_USUAL_FEEDS = ("/feed/", "/rss.xml", "/atom.xml", "/index.xml", "/feed.xml", "/rss", "/feed.json")


def in_page(body: bytes, *, url: str) -> tuple[FeedCandidate, ...]:
    """What a page names or links to as a feed, `url` being the address that answered. For a child: pages may be hostile."""
    try:
        document = lxml.html.document_fromstring(body)
    except (LxmlError, ValueError):  # no markup at all
        return ()
    declared = document.find(".//base")
    base = resolve(url, (declared.get("href") or "") if declared is not None else "") or url
    return _distinct([*_named(document, base), *_linked(document, base)])


def _named(document: lxml.html.HtmlElement, base: str) -> Iterator[FeedCandidate]:
    for link in document.iter("link"):
        title, address = _words(link.get("title")), _address(base, link.get("href"))
        is_feed = "alternate" in (link.get("rel") or "").lower().split() and _FEED_TYPES.match(link.get("type") or "")
        if is_feed and address and not _NO_NEWS.search(address) and not _COMMENTS.search(title):
            yield FeedCandidate(url=address, origin="link", why=f"the page names it{_quoted(title)}")


def _linked(document: lxml.html.HtmlElement, base: str) -> Iterator[FeedCandidate]:
    for anchor in document.iter("a"):
        text, address = _words(anchor.text_content() or anchor.get("title")), _address(base, anchor.get("href"))
        if address and not _NO_NEWS.search(address) and (_LIKE_A_FEED.search(address) or _SAYS_FEED.fullmatch(text)):
            yield FeedCandidate(url=address, origin="anchor", why=f"the page links to it{_quoted(text)}")


def in_robots(body: bytes, *, url: str) -> tuple[FeedCandidate, ...]:
    """The sitemaps that a robots.txt lists, those of news first."""
    found = _SITEMAP_LINE.findall(body.decode("utf-8", "replace"))
    addresses = sorted(
        filter(None, (resolve(url, link) for link in found)), key=lambda link: "news" not in link.lower()
    )
    return _distinct(
        FeedCandidate(url=address, origin="robots", why="robots.txt lists it as a sitemap") for address in addresses
    )


def usual(url: str) -> tuple[FeedCandidate, ...]:
    """Where sites have their feeds when they say nothing."""
    found = (resolve(url, path) for path in (*_USUAL_SITEMAPS, *_USUAL_FEEDS))
    return _distinct(
        FeedCandidate(url=address, origin="usual", why="it is a usual address, and a feed is there")
        for address in found
        if address
    )


def of_origin(candidates: Iterable[FeedCandidate], origin: CandidateOrigin) -> tuple[FeedCandidate, ...]:
    """Those of one origin."""
    return tuple(candidate for candidate in candidates if candidate.origin == origin)


def _distinct(candidates: Iterable[FeedCandidate]) -> tuple[FeedCandidate, ...]:
    """Each address once, with the first reason for it, and of each origin not too many."""
    kept: dict[bytes, FeedCandidate] = {}
    counts: dict[str, int] = {}
    for one in candidates:
        if counts.get(one.origin, 0) < _MANY and (key := address_key(one.url)) not in kept:
            kept[key] = one
            counts[one.origin] = counts.get(one.origin, 0) + 1
    return tuple(kept.values())


def _address(base: str, link: str | None) -> str | None:
    address = resolve(base, link) if link else None
    return address.partition("#")[0] if address else None


def _words(text: str | None) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text or "").split())[:100]


def _quoted(text: str) -> str:
    return f" ({text})" if text else ""


# --- Which of them are good ------------------------------------------------------------------------------------------

_HOUR = timedelta(hours=1)
_MOSTLY = 0.5


def is_where_it_was_asked(look: FeedLook) -> bool:
    """Whether an answer came from the address asked for: a guess that is led elsewhere found something else."""
    return normalize_url(look.url) == normalize_url(look.answered_by)


def found_feed(candidate: FeedCandidate, look: FeedLook, parsed: ParsedFeed, *, site: str) -> FoundFeed:
    """What speaks for a feed that was read: how much it brings, and whether it leads to the site."""
    links = [entry.link for entry in parsed.entries if entry.link]
    own = sum(same_site(link, site) for link in links if _has_host(link))
    return FoundFeed(
        candidate=candidate,
        look=look,
        items_a_day=_items_a_day(parsed),
        own_links=own / len(links) if links else 0.0,
    )


def ranked(found: Sequence[FoundFeed]) -> tuple[FoundFeed, ...]:
    """The best first: those that lead to the site, then those that bring more. One document at two addresses counts once."""
    by_answer: dict[bytes, FoundFeed] = {}
    for one in found:
        by_answer.setdefault(address_key(one.look.answered_by), one)
    return tuple(sorted(by_answer.values(), key=lambda one: (one.own_links < _MOSTLY, -(one.items_a_day or 0))))


def _items_a_day(parsed: ParsedFeed) -> float | None:
    dates = sorted(entry.published_at for entry in parsed.entries if entry.published_at)
    span = dates[-1] - dates[0] if dates else timedelta()
    return None if span < _HOUR else (len(dates) - 1) / (span / timedelta(days=1))


def _has_host(link: str) -> bool:
    try:
        return bool(host_of(link))
    except ValueError:
        return False
