"""What earlier imports have read need not be asked for again: how a walk goes on where it was, after a crash or for other days.

In a list with the newest first, items only move to later pages. So a page that was all newer than some day is so for
ever, and a page whose share of the days was taken has nothing more of them, if the days were over when it was read.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast

from newswire.records import Days, DocumentKind, KnownDocument, Passed, PastLink

_SITEMAP_STAYS = timedelta(days=1)  # pages are added to sitemaps, and may be of any day


def remembered(known: KnownDocument, link: PastLink, days: Days, *, now: datetime) -> Passed | None:
    """What a walk has to know of a document that it need not ask for; None: it has to."""
    is_spent = _of_tree(known, days, now=now) if link.kind in {"robots", "sitemap"} else _of_chain(known, days)
    return _passed(known) if is_spent else None


def _of_tree(known: KnownDocument, days: Days, *, now: datetime) -> bool:
    """A sitemap without pages of the days that are left, or an index: for a while, if it was read when the days were over."""
    if now - known.read_at > _SITEMAP_STAYS or days.until >= known.read_at.date():
        return False
    if known.oldest is None or known.newest is None:
        return True
    return known.newest < days.since or days.until < known.oldest or _taken(known, known.oldest, known.newest, days)


def _of_chain(known: KnownDocument, days: Days) -> bool:
    if known.oldest is None or known.newest is None:
        return False
    return days.until < known.oldest or _taken(known, known.oldest, known.newest, days)


def _taken(known: KnownDocument, oldest: date, newest: date, days: Days) -> bool:
    """Whether all that the document has of the days was taken when the days were over."""
    since, until = max(days.since, oldest), min(days.until, newest)
    if since > until or known.taken_since is None or known.taken_until is None:
        return False
    return known.taken_since <= since and until <= known.taken_until and until < known.read_at.date()


def _passed(known: KnownDocument) -> Passed:
    links = (
        PastLink(url=url, kind=cast("DocumentKind", kind), changed=changed)
        for url, kind, changed in zip(known.next_urls, known.next_kinds, known.next_changed, strict=True)
    )
    return Passed(links=tuple(links), oldest=known.oldest, newest=known.newest, fingerprint=known.fingerprint)
