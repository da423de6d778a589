"""A walk through the past: what is asked next, and when there is nothing more to ask. Pure: every step is a new value.

What keeps it from going on for ever: no document twice, no other site, no list that repeats another, no further back once
two documents in a row are older than the days (one may be out of order), and whoever walks counts the documents.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from newswire.core.history.sitemaps import can_hold
from newswire.core.urls import address_key, same_site
from newswire.records import Days, DocumentKind, HistoryKind, Passed, PastFeed, PastLink

_PATIENCE = 2  # documents in a row that are older than the days


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far a walk has come."""

    feed: PastFeed
    days: Days
    kinds: frozenset[HistoryKind]
    pending: tuple[PastLink, ...]  # to be asked, in this order
    seen: frozenset[bytes]  # addresses that were asked or are pending
    fingerprints: frozenset[bytes] = frozenset()  # of the documents passed
    older: int = 0  # documents of the feed in a row that are older than the days

    @property
    def next(self) -> PastLink | None:
        """What to ask now; None: the walk is over."""
        return self.pending[0] if self.pending else None


def begin(feed: PastFeed, days: Days, kinds: frozenset[HistoryKind]) -> Walk:
    """A walk begins at the feed itself, and at the robots.txt of its publisher, which names the sitemaps."""
    starts = []
    if kinds - {"sitemap"} or not feed.for_publisher:
        starts.append(PastLink(url=feed.url, kind="feed"))
    if "sitemap" in kinds and feed.for_publisher:
        scheme = feed.url.partition("://")[0]
        starts.append(PastLink(url=f"{scheme}://{feed.domain}/robots.txt", kind="robots"))
    return Walk(feed=feed, days=days, kinds=kinds, pending=tuple(starts), seen=frozenset(map(_key, starts)))


def after(walk: Walk, passed: Passed) -> Walk:
    """The walk behind its next document."""
    link, *rest = walk.pending
    older = walk.older + 1 if passed.newest and passed.newest < walk.days.since else 0
    further = [one for one in passed.links if _leads_on(walk, one)]
    if _is_chain(link.kind):
        further = [] if older >= _PATIENCE or _is_end(walk, link.kind, passed) else _chain(further)
    return replace(
        walk,
        pending=(*rest, *further),
        seen=walk.seen | {_key(one) for one in further},
        fingerprints=walk.fingerprints | ({passed.fingerprint} if passed.fingerprint else set()),
        older=older if _is_chain(link.kind) else walk.older,
    )


def _is_chain(kind: DocumentKind) -> bool:
    """The documents of a feed follow one another; sitemaps are a tree."""
    return kind not in {"robots", "sitemap"}


def _is_end(walk: Walk, kind: DocumentKind, passed: Passed) -> bool:
    """A page that lists nothing, or what another has listed, is behind the last one. An archive may be empty in between."""
    if passed.fingerprint is None:
        return kind in {"paged", "wordpress"}
    return passed.fingerprint in walk.fingerprints


def _chain(links: list[PastLink]) -> list[PastLink]:
    """One way back only, the best; a feed that is a sitemap leads to all of its sitemaps."""
    sitemaps = [link for link in links if link.kind == "sitemap"]
    return sitemaps or links[:1]


def _leads_on(walk: Walk, link: PastLink) -> bool:
    """Whether a link is of a wanted kind, of the same site, new, and can hold the days."""
    wanted = link.kind in walk.kinds and _same_site(walk, link.url) and _key(link) not in walk.seen
    return wanted and (link.kind != "sitemap" or can_hold(link, walk.days))


def _same_site(walk: Walk, url: str) -> bool:
    return same_site(url, walk.feed.url) or same_site(url, f"http://{walk.feed.domain}/")


def _key(link: PastLink) -> bytes:
    return address_key(link.url)
