"""Feeds that a hub pushes (WebSub): polled in its shadow, as seldom as is safe, for as long as the pushes prove complete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from newswire.core.polling import rates
from newswire.records import DueFeed, Entry, PushPlan, Rate

_RELIABLE = 0.95  # of what is new comes by push
_FEWEST = 10  # entries, before that is believed
_SHADOW_CAP_S = 12 * 3600
_WINDOW_SHARE = 0.5  # of the document may have changed: if the pushes stopped, nothing is lost yet
_GRACE = timedelta(minutes=5)  # a push may still be on its way
_OF_THE_LEASE = 0.9  # the poll that follows is spread by a tenth


def missed(feed: DueFeed, new: Sequence[Entry], *, now: datetime) -> int:
    """How many of the new entries that a poll found should have come by push."""
    return sum(_was_due(feed, entry, now) for entry in new)


def _was_due(feed: DueFeed, entry: Entry, now: datetime) -> bool:
    """Whether it appeared while a hub pushed, and long enough ago. One without a date appeared since the last poll."""
    appeared_at = entry.published_at or feed.last_polled_at
    if feed.push_since is None or appeared_at is None:
        return False
    return feed.push_since <= appeared_at <= now - _GRACE


def is_reliable(*, seen: int, missed: int) -> bool:
    """Whether pushes bring all but a few of the entries; until enough came, they are not believed to."""
    return seen >= _FEWEST and seen >= _RELIABLE * (seen + missed)


def shadow_s(feed: DueFeed, rate: Rate, *, window_items: int | None, missed_now: int, now: datetime) -> float:
    """How seldom a feed that is pushed need be polled; 0: the pushes are no reason to poll it less.

    Until half of its window is to be expected, at most 12 hours, and before the lease ends. One poll that finds what was
    not pushed is enough to fall back; the pushes then have to bring more than they miss.
    """
    if feed.push_until is None or missed_now or not is_reliable(seen=feed.push_seen, missed=feed.push_missed):
        return 0
    lease_s = (feed.push_until - now).total_seconds() * _OF_THE_LEASE
    window = window_items or 1
    half_s = 60 * rates.minutes_until_items(rate, _WINDOW_SHARE * window, now=now, most_min=_SHADOW_CAP_S / 60)
    return max(0.0, min(half_s, lease_s))


def plan_push(feed: DueFeed, new: Sequence[Entry], *, revised: int, now: datetime) -> PushPlan:
    """What a push teaches. It moves no validators: those belong to what the publisher's own server sent."""
    rate = feed.rate and rates.observed(feed.rate, new=len(new), moments=rates.moments(new, feed.rate.at, now), now=now)
    return PushPlan(outcome="changed" if new or revised else "unchanged", rate=rate)
