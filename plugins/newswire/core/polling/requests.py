"""Asking: the headers that make a request for a feed conditional."""

from __future__ import annotations

from datetime import datetime, timedelta

from newswire.core.dates import read_date
from newswire.records import DueFeed

_TRUSTED_FUTURE = timedelta(days=1)
_NO_ETAG_BELOW, _NO_CONDITION_BELOW = -1, -3  # times that a 304 hid news: two cost the ETag, four the date as well


def request_headers(feed: DueFeed, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """The validators as they came, as far as they are trusted, and `A-IM: feed` (RFC 3229)."""
    return (("A-IM", "feed"), *conditions(feed, now=now))


def conditions(feed: DueFeed, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """What may be answered with 304; nothing when the whole document is wanted.

    A Last-Modified in the future would be answered by 304 until that day comes, so it is not sent back.
    """
    if feed.ask_whole or not trusts_conditions(feed.validator_trust):
        return ()
    found = []
    if feed.etag and feed.validator_trust >= _NO_ETAG_BELOW:
        found.append(("If-None-Match", feed.etag))
    if feed.last_modified and not _lies_ahead(feed.last_modified, now):
        found.append(("If-Modified-Since", feed.last_modified))
    return tuple(found)


def trusts_conditions(validator_trust: int) -> bool:
    """Whether a 304 of this server is still believed at all."""
    return validator_trust >= _NO_CONDITION_BELOW


def _lies_ahead(http_date: str, now: datetime) -> bool:
    moment, _ = read_date(http_date)
    return moment is not None and moment > now + _TRUSTED_FUTURE
