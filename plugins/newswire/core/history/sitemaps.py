"""Sitemaps of the past: which of them can hold some days, and what they claim of their pages.

A sitemap may list 50,000 pages, so those of other days are left out before anything is made of them.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from lxml import etree

from newswire.core.dates import read_date
from newswire.core.feeds.items import Channel, Item, assemble
from newswire.core.feeds.markup import Root
from newswire.core.feeds.trees import first_text, named, tree_of
from newswire.core.history.claims import latest
from newswire.core.urls import resolve, same_site
from newswire.records import Days, Passed, PastDocument, PastEntry, PastLink

_MOST_PAGES = 50_000  # of one sitemap: https://www.sitemaps.org/protocol.html
_A_DAY = timedelta(days=1)  # the days of a publisher are not those of UTC

# A year, a month or a day within a name: sitemap-2026-11.xml, /2026/11/05/, 20261105, ?yyyy=2026&mm=11&dd=05
_NAMED = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:(?P<gap>[-/_.]?|&\w{1,5}=)(?P<month>0[1-9]|1[0-2])"
    r"(?:(?:[-/_.]?|&\w{1,5}=)(?P<day>0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
_DAY_IN_PATH = re.compile(
    r"/(?P<year>(?:19|20)\d\d)([-/])(?P<month>0?[1-9]|1[0-2])\2(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
)


def can_hold(link: PastLink, days: Days) -> bool:
    """Whether a sitemap can hold pages of these days: by the time in its name, else because it was changed since then."""
    span = named_span(link.url)
    if span is not None:
        return span.since - _A_DAY <= days.until and days.since <= span.until + _A_DAY
    return link.changed is None or link.changed >= days.since - _A_DAY


def named_span(url: str) -> Days | None:
    """The year, month or day that the name of a sitemap holds; None: none, or more than one."""
    found = {
        match.group("year", "month", "day") for match in _NAMED.finditer(url.partition("://")[2].partition("/")[2])
    }
    if len(found) != 1:
        return None
    year, month, day = (int(part) if part else None for part in next(iter(found)))
    assert year is not None
    last_month = month or 12
    last_day = min(day or 31, calendar.monthrange(year, last_month)[1])
    return Days(since=date(year, month or 1, min(day or 1, last_day)), until=date(year, last_month, last_day))


def read_past_sitemap(xml: str, root: Root, *, url: str, days: Days) -> PastDocument:
    """The pages of some days, or the sitemaps that an index lists. Pages of other sites are left out: they are not its own."""
    tree = tree_of(xml)
    if root.kind == "sitemapindex":
        return PastDocument(passed=Passed(links=tuple(_children(tree, url))))
    pages = [(page, _claim(page, link)) for page, link in _pages(tree, url)]
    claimed = sorted(claim.date() for _, claim in pages if claim)
    return PastDocument(
        passed=Passed(
            oldest=claimed[0] if claimed else None,
            newest=claimed[-1] if claimed else None,
            fingerprint=hashlib.sha256(xml.encode()).digest(),
        ),
        entries=tuple(_entries([(page, claim) for page, claim in pages if claim and claim.date() in days], url)),
        items=len(pages),
        undated=len(pages) - len(claimed),
    )


def _children(tree: etree._Element, url: str) -> Iterator[PastLink]:
    for element in named(tree, "sitemap"):
        address = resolve(url, first_text(element, "loc") or "")
        changed, _ = read_date(first_text(element, "lastmod"))
        if address:
            yield PastLink(url=address, kind="sitemap", changed=changed.date() if changed else None)


def _pages(tree: etree._Element, url: str) -> Iterator[tuple[etree._Element, str]]:
    for element in named(tree, "url"):
        address = resolve(url, first_text(element, "loc") or "")
        if address and same_site(address, url):
            yield element, address


def _claim(page: etree._Element, link: str) -> datetime | None:
    """When a page was published at the latest: as its news say, as its address says, or when it was last changed."""
    news = next(named(page, "news"), None)
    said = first_text(news, "publication_date") if news is not None else None
    moment, quality = read_date(said)
    if moment is None and (named_day := _day_in_path(link)):
        moment, quality = datetime.combine(named_day, time(), UTC), "date_only"
    if moment is None:
        moment, quality = read_date(first_text(page, "lastmod"))
    return latest(moment, quality)


def _day_in_path(link: str) -> date | None:
    found = _DAY_IN_PATH.search(link)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        return None


def _entries(pages: list[tuple[etree._Element, datetime]], url: str) -> Iterator[PastEntry]:
    claims = {_item(page, url): claim for page, claim in pages}
    by_link = {item.link: claim for item, claim in claims.items()}
    for entry in assemble(Channel(format="sitemap"), claims, (), most=_MOST_PAGES).entries:
        if entry.link is not None:
            yield PastEntry(entry=entry, claimed_at=by_link[entry.link])


def _item(page: etree._Element, url: str) -> Item:
    """A page as an item. When it was last changed is no date of publication: it only says by when the page was there."""
    news = next(named(page, "news"), page)
    return Item(
        link=resolve(url, first_text(page, "loc") or ""),
        title=first_text(news, "title"),
        published_raw=first_text(news, "publication_date"),
    )
