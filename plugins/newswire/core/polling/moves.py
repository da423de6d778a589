"""Permanent redirects: followed at every poll, adopted only with evidence, because some are mistakes of an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from newswire.core.urls import same_site
from newswire.records import DueFeed, Move

_SIGHTINGS = 5
_OVER = timedelta(days=3)


def seen_move(feed: DueFeed, moved_to: str | None, *, same_entries: bool, now: datetime) -> Move | None:
    """What a chain of permanent redirects to a readable feed means; `same_entries`: it shows entries of this feed.

    The same address with https is adopted at once. Any other after five sightings over three days, when it shows the same
    entries or belongs to the same registrable domain. A feed that is asked with a credential never leaves its origin:
    the credential is that one's, and a user must say that another may have it.
    """
    if moved_to is None or moved_to == feed.url:
        return None
    adopt = _only_secured(feed.url, moved_to) or _is_proven(feed, moved_to, same_entries, now)
    return Move(url=moved_to, adopt=adopt and (feed.connection is None or _keeps_origin(feed.url, moved_to)))


def _keeps_origin(before: str, after: str) -> bool:
    """The same scheme, host and port, or the same with https."""
    (scheme, place), (then, there) = urlsplit(before)[:2], urlsplit(after)[:2]
    return place == there and then in {scheme, "https"}


def _only_secured(before: str, after: str) -> bool:
    return before.startswith("http://") and after == "https://" + before.removeprefix("http://")


def _is_proven(feed: DueFeed, moved_to: str, same_entries: bool, now: datetime) -> bool:  # noqa: FBT001
    if feed.moved_to != moved_to or feed.moved_since is None:
        return False
    often = feed.moved_sightings + 1 >= _SIGHTINGS and now - feed.moved_since >= _OVER
    return often and (same_entries or same_site(feed.url, moved_to))
