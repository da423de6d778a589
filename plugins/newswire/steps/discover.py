"""Discover the feeds of a site: ask for what it names, then for what it links to, then for what sites usually have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import urljoin

from newswire.core import discovery
from newswire.errors import ChildError, ConfigError
from newswire.records import CandidateOrigin, Discovered, FeedCandidate, FeedLook, FoundFeed, HttpResponse
from newswire.steps.look import Eyes, asking, look_at_all, looked
from newswire.web.request import Request

_AT_ONCE = 12  # candidates of one origin that are asked: a site is asked one after the other, with its gap

_NAMES: dict[CandidateOrigin, str] = {
    "link": "feeds that the page names",
    "anchor": "links of the page that look like feeds",
    "robots": "sitemaps in robots.txt",
    "usual": "usual addresses",
}


def discover(eyes: Eyes, site: str, *, everywhere: bool = False) -> Discovered:
    """The feeds of a site, best first. Stops at the first place that has any, unless it is to look everywhere.

    Raises ConfigError where the site itself cannot be read: there is nothing to discover then.
    """
    reply = eyes.web.get(asking(site))
    itself = looked(eyes, site, reply)
    if itself.parsed is not None:
        why = FeedCandidate(url=site, origin="address", why="the address is a feed itself")
        return Discovered(site=site, feeds=tuple(_found([(why, itself)], site)), tried=())
    if not isinstance(reply, HttpResponse) or not reply.body or reply.status >= 400:  # noqa: PLR2004  HTTP's errors
        raise ConfigError(f"{site} cannot be read: {itself.problem}")
    return _search(eyes, reply, everywhere=everywhere)


def _search(eyes: Eyes, reply: HttpResponse, *, everywhere: bool) -> Discovered:
    site, feeds, tried = reply.url, list[FoundFeed](), ["the address itself: a page, not a feed"]
    for origin, candidates in _places(eyes, reply):
        asked = candidates()[:_AT_ONCE]
        looks = look_at_all(eyes, [candidate.url for candidate in asked])
        found = list(_found(zip(asked, looks, strict=True), site))
        feeds += found
        tried += [f"{_NAMES[origin]}: {len(asked)} asked, {len(found)} read"]
        tried += [f"  {look.url}: {look.problem}" for look in looks if look.problem and origin != "usual"]
        if feeds and not everywhere:
            break
    return Discovered(site=site, feeds=discovery.ranked(feeds), tried=tuple(tried))


def _places(eyes: Eyes, reply: HttpResponse) -> Iterator[tuple[CandidateOrigin, Callable[[], Sequence[FeedCandidate]]]]:
    """Where to look, in order; each is only asked for when it is reached."""
    in_page = _in_page(eyes, reply)
    yield "link", lambda: discovery.of_origin(in_page, "link")
    yield "anchor", lambda: discovery.of_origin(in_page, "anchor")
    yield "robots", lambda: _in_robots(eyes, reply.url)
    yield "usual", lambda: discovery.usual(reply.url)


def _in_page(eyes: Eyes, reply: HttpResponse) -> Sequence[FeedCandidate]:
    try:
        candidates: Sequence[FeedCandidate] = eyes.child.call(
            "newswire.core.discovery:in_page", reply.body, url=reply.url
        )
    except ChildError:  # a hostile page names nothing
        return ()
    return candidates


def _in_robots(eyes: Eyes, site: str) -> Sequence[FeedCandidate]:
    url = urljoin(site, "/robots.txt")
    reply = eyes.web.get(Request(url=url, kind="robots"))
    match reply:
        case HttpResponse(status=200):
            return discovery.in_robots(reply.body, url=url)
        case _:
            return ()


def _found(looks: Iterable[tuple[FeedCandidate, FeedLook]], site: str) -> Iterator[FoundFeed]:
    """Those that gave a feed; a guess only where it was not led elsewhere."""
    for candidate, look in looks:
        if look.parsed and (candidate.origin != "usual" or discovery.is_where_it_was_asked(look)):
            yield discovery.found_feed(candidate, look, look.parsed, site=site)
