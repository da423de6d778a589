"""Whose past is imported: the feeds that were named, or those that overflowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newswire.core.urls import is_address
from newswire.errors import ConfigError
from newswire.records import Days, PastFeed, Subscription
from newswire.warehouse import feeds as warehouse_feeds
from newswire.warehouse import history
from newswire.warehouse.connection import Conn


def feeds(
    conn: Conn, days: Days, *, urls: Sequence[str], publishers: Sequence[str], everything: bool
) -> Sequence[PastFeed]:
    """These feeds, those of these publishers (domains), or `everything`; where nothing is said, what overflowed on these days.

    Raises ConfigError for days that are not over, and for a feed that nobody subscribed to.
    """
    _refuse_unfinished(days)
    _refuse_no_address(urls)
    chosen = history.feeds(conn, days, urls=urls, domains=publishers, everything=everything)
    _refuse_unknown(conn, urls, set(publishers) - {feed.domain for feed in chosen})
    return chosen


def _refuse_unfinished(days: Days) -> None:
    """Today belongs to live polling: only what is over can be imported once and for all."""
    if days.since > days.until:
        raise ConfigError(f"{days} is no range of days; the first comes first")
    if days.until >= datetime.now(UTC).date():
        raise ConfigError(
            f"{days.until} is not over yet, and live polling takes care of it; import days up to yesterday"
        )


def _refuse_unknown(conn: Conn, urls: Sequence[str], publishers: set[str]) -> None:
    unknown = [one.url for one in warehouse_feeds.unknown(conn, [Subscription(url=url) for url in urls])]
    if unknown or publishers:
        raise ConfigError(
            f"no feed is subscribed to at {', '.join([*unknown, *sorted(publishers)])}; `newswire feeds list` shows those that are"
        )


def _refuse_no_address(urls: Sequence[str]) -> None:
    wrong = [url for url in urls if not is_address(url)]
    if wrong:
        raise ConfigError(f"{wrong[0]!r} is not a web address; give the whole address of a feed, or --publisher DOMAIN")
