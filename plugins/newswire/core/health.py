"""How all feeds are, in words: what deserves somebody's eye, and when it is so much that somebody must be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from newswire.records import FeedHealth

_SURELY = timedelta(days=1)  # a server may be down for a night
_SHOWN = 50  # of each kind; `mart.feed_health` has them all


def alarms(feeds: Sequence[FeedHealth], *, now: datetime, most_percent: float, quiet_min: float) -> Iterator[str]:
    """What must not wait: more than `most_percent` of the feeds in trouble, or none that answered in `quiet_min` minutes."""
    troubled = sum(_is_troubled(feed, now) for feed in feeds)
    if feeds and 100 * troubled > most_percent * len(feeds):
        yield f"{troubled} of {len(feeds)} feeds are in trouble, more than {most_percent:g} %"
    last = max((feed.last_success_at for feed in feeds if feed.last_success_at), default=None)
    was_due = any(feed.next_poll_at and feed.next_poll_at < now - timedelta(minutes=quiet_min) for feed in feeds)
    if was_due and (last is None or now - last > timedelta(minutes=quiet_min)):
        yield f"no feed has answered since {last:%Y-%m-%d %H:%M} UTC" if last else "no feed has ever answered"


def report(feeds: Sequence[FeedHealth], *, now: datetime) -> Iterator[str]:
    """All of it: counts, then feeds by what is wrong with them."""
    counts = Counter(feed.state for feed in feeds)
    yield f"{len(feeds)} feeds are polled: {', '.join(f'{count} {state}' for state, count in counts.most_common()) or 'none'}"
    yield from _listed("in trouble", [(feed, feed.why or feed.state) for feed in feeds if _is_troubled(feed, now)])
    yield from _listed(
        "with a window that overflowed: entries may have come and gone unseen",
        [(feed, f"{feed.overflows_28d} times in 28 days") for feed in feeds if feed.overflows_28d],
    )
    yield from _listed(
        "whose 304 hid news", [(feed, f"{feed.hidden_304s} times") for feed in feeds if feed.hidden_304s > 0]
    )


def _is_troubled(feed: FeedHealth, now: datetime) -> bool:
    return feed.state == "silent" or (feed.failing_since is not None and now - feed.failing_since > _SURELY)


def _listed(what: str, feeds: Sequence[tuple[FeedHealth, str]]) -> Iterator[str]:
    if feeds:
        yield f"{len(feeds)} {what}:"
    yield from (f"  {feed.url}: {why}" for feed, why in feeds[:_SHOWN])
    if len(feeds) > _SHOWN:
        yield f"  and {len(feeds) - _SHOWN} more, in mart.feed_health"
