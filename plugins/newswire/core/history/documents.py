"""One document of the past, of whatever kind: the entries of some days, and where it leads further back."""

from __future__ import annotations

import hashlib

from newswire.core.discovery import in_robots
from newswire.core.feeds import parse_feed
from newswire.core.feeds.decoding import decode
from newswire.core.feeds.markup import find_root, well_behaved
from newswire.core.history.claims import latest
from newswire.core.history.links import json_links, syndication_links, usual_sitemaps
from newswire.core.history.sitemaps import read_past_sitemap
from newswire.records import Days, DocumentKind, Entry, Passed, PastDocument, PastEntry, PastLink

_SITEMAPS = frozenset({"urlset", "sitemapindex"})


def read_past(body: bytes, *, url: str, content_type: str | None, kind: DocumentKind, days: Days) -> PastDocument:
    """Read a document for the entries of some days, `url` being the address that answered.

    Raises NotAFeed and UnreadableFeed as `parse_feed` does. Like that, it is to be called in a child process.
    """
    if kind == "robots":
        return _robots(body, url)
    text, _ = decode(body, content_type)
    if text.lstrip().startswith(("{", "[")):
        return _feed(body, json_links(text, url), url, content_type, days)
    root = find_root(text)
    xml = well_behaved(text, root)
    if root.kind in _SITEMAPS:
        return read_past_sitemap(xml, root, url=url, days=days)
    return _feed(body, syndication_links(xml, url), url, content_type, days)


def _robots(body: bytes, url: str) -> PastDocument:
    """The sitemaps that robots.txt lists, or else the usual addresses."""
    listed = [candidate.url for candidate in in_robots(body, url=url)]
    links = [PastLink(url=address, kind="sitemap") for address in listed or usual_sitemaps(url)]
    return PastDocument(passed=Passed(links=tuple(links)))


def _feed(body: bytes, links: tuple[PastLink, ...], url: str, content_type: str | None, days: Days) -> PastDocument:
    parsed = parse_feed(body, url=url, content_type=content_type)
    claims = [(entry, latest(entry.published_at, entry.date_quality)) for entry in parsed.entries]
    dated = [PastEntry(entry=entry, claimed_at=claim) for entry, claim in claims if claim is not None]
    claimed = sorted(item.claimed_at.date() for item in dated)
    return PastDocument(
        passed=Passed(
            links=links,
            oldest=claimed[0] if claimed else None,
            newest=claimed[-1] if claimed else None,
            fingerprint=_fingerprint(parsed.entries),
        ),
        entries=tuple(item for item in dated if item.claimed_at.date() in days),
        items=len(parsed.entries),
        undated=len(parsed.entries) - len(dated),
    )


def _fingerprint(entries: tuple[Entry, ...]) -> bytes | None:
    """Of what a document lists, in whatever order; None where it lists nothing."""
    return hashlib.sha256(b"".join(sorted(entry.entry_key for entry in entries))).digest() if entries else None
