"""One poll, decided: what to ask with, what the answer means, and when to ask again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from newswire.core.dates import read_date
from newswire.core.retry_after import retry_after_s
from newswire.records import (
    Changed,
    DueFeed,
    Failed,
    FeedReply,
    Gone,
    HttpFailure,
    HttpReply,
    HttpResponse,
    PollPlan,
    Throttled,
    Unchanged,
)

# --- Asking ----------------------------------------------------------------------------------------------------------

_TRUSTED_FUTURE = timedelta(days=1)


def request_headers(feed: DueFeed, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """The headers that make a request for a feed conditional: the validators as they came, and `A-IM: feed` (RFC 3229).

    A Last-Modified in the future would be answered by 304 until that day comes, so it is not sent back.
    """
    headers = [("A-IM", "feed")]
    if feed.etag:
        headers.append(("If-None-Match", feed.etag))
    if feed.last_modified and not _lies_ahead(feed.last_modified, now):
        headers.append(("If-Modified-Since", feed.last_modified))
    return tuple(headers)


def _lies_ahead(http_date: str, now: datetime) -> bool:
    moment, _ = read_date(http_date)
    return moment is not None and moment > now + _TRUSTED_FUTURE


# --- Reading the answer ----------------------------------------------------------------------------------------------

_CONTENT = frozenset({200, 203, 226})
_GONE = frozenset({404, 410})
_THROTTLED = frozenset({429, 503})
_PERMANENT = frozenset({301, 308})
_NOT_MODIFIED = 304


def feed_reply(feed: DueFeed, reply: HttpReply, *, now: datetime) -> FeedReply:
    """What an HTTP answer means for a feed. The same bytes as last time are no change, whatever the status says."""
    if isinstance(reply, HttpFailure):
        return Failed(cause=reply.cause, detail=reply.detail)
    if reply.status == _NOT_MODIFIED:
        return _not_modified(feed, reply)
    if reply.status in _CONTENT:
        return _content(feed, reply)
    if reply.status in _GONE:
        return Gone(status=reply.status)
    if reply.status in _THROTTLED:
        return Throttled(status=reply.status, retry_after_s=retry_after_s(reply.header("Retry-After"), now))
    return Failed(cause="http_status", detail=f"HTTP {reply.status}", status=reply.status)


def _not_modified(feed: DueFeed, reply: HttpResponse) -> FeedReply:
    if feed.etag is None and feed.last_modified is None:
        return Failed(cause="protocol", detail="304 to a request without a condition", status=reply.status)
    return _unchanged(reply)


def _content(feed: DueFeed, reply: HttpResponse) -> FeedReply:
    if hashlib.sha256(reply.body).digest() == feed.body_sha256:
        return _unchanged(reply)
    return Changed(
        status=reply.status,
        url=reply.url,
        body=reply.body,
        content_type=reply.header("Content-Type"),
        etag=reply.header("ETag"),
        last_modified=reply.header("Last-Modified"),
        moved_to=_moved_to(reply),
    )


def _unchanged(reply: HttpResponse) -> Unchanged:
    return Unchanged(status=reply.status, etag=reply.header("ETag"), last_modified=reply.header("Last-Modified"))


def _moved_to(reply: HttpResponse) -> str | None:
    """The new address, where every redirect on the way was permanent."""
    permanent = all(status in _PERMANENT for status, _ in reply.redirects)
    return reply.url if reply.redirects and permanent else None


# --- Deciding when to ask again --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """The bounds of polling, in seconds."""

    floor_s: int = 5 * 60
    default_s: int = 30 * 60  # until a feed has shown how often it changes
    cap_s: int = 24 * 3600
    error_cap_s: int = 24 * 3600


_FASTER, _SLOWER = 0.5, 1.5
_FIRST_RETRY_S = 15 * 60
_FIRST_PATIENCE_S = 10 * 60  # after 429 or 503 without Retry-After
_PATIENCE_CAP_S = 6 * 3600
_MOST_DOUBLINGS = 10
_LOST_AFTER = 12  # failures in a row; then, and for what is gone, the cap of a day becomes a week
_LOST_CAP_FACTOR = 7
_GONE_FOR_GOOD = 410  # the server says so itself: four steps of the ladder at once
_STEPS_OF_A_410 = 4


def plan_poll(
    feed: DueFeed,
    reply: FeedReply,
    *,
    new_entries: int,
    read_failure: Failed | None,
    policy: PollPolicy,
    jitter: float,
    hint_s: int | None = None,
) -> PollPlan:
    """The state of a feed after a poll, and the seconds until the next.

    `new_entries` counts what the document brought; `read_failure` says that a changed document could not be read;
    `hint_s` is the pause that the feed itself asks for (its ttl); `jitter` in [0, 1) spreads the feeds by a fifth.
    The interval halves with news and grows by half without. Failures climb a ladder and leave all that was learnt alone.
    """
    match read_failure or reply:
        case Unchanged() | Changed() as answer:
            floor_s = max(policy.floor_s, min(hint_s or 0, policy.cap_s))
            return _answered(feed, answer, _interval_s(feed, new_entries, floor_s, policy), floor_s, jitter)
        case Throttled(status=status) as refusal:
            return _set_back(feed, "throttled", f"HTTP {status}", 1, _patience_s(feed, refusal, jitter))
        case Gone(status=status):
            steps = _STEPS_OF_A_410 if status == _GONE_FOR_GOOD else 1
            return _set_back(feed, "gone", f"HTTP {status}", steps, _ladder_s(feed, steps, policy, jitter, lost=True))
        case Failed(cause=cause, detail=detail):
            return _set_back(feed, cause, detail, 1, _ladder_s(feed, 1, policy, jitter))
        case _ as never:
            assert_never(never)


def _interval_s(feed: DueFeed, new_entries: int, floor_s: int, policy: PollPolicy) -> int:
    """Half with news, half as much again without; the first document brings everything and so says nothing."""
    last_s = feed.interval_s or policy.default_s
    factor = 1.0 if feed.body_sha256 is None else _FASTER if new_entries else _SLOWER
    return min(max(floor_s, round(last_s * factor)), policy.cap_s)


def _answered(feed: DueFeed, answer: Unchanged | Changed, interval_s: int, floor_s: int, jitter: float) -> PollPlan:
    etag, last_modified = _validators(feed, answer)
    return PollPlan(
        outcome="changed" if isinstance(answer, Changed) else "unchanged",
        etag=etag,
        last_modified=last_modified,
        body_sha256=hashlib.sha256(answer.body).digest() if isinstance(answer, Changed) else feed.body_sha256,
        failures=0,
        interval_s=interval_s,
        next_due_s=max(floor_s, _spread(interval_s, jitter)),
    )


def _validators(feed: DueFeed, answer: Unchanged | Changed) -> tuple[str | None, str | None]:
    """ETag and Last-Modified are one pair: taken together from a 200, and from a 304 that carries any of them."""
    if answer.status == _NOT_MODIFIED and answer.etag is None and answer.last_modified is None:
        return feed.etag, feed.last_modified
    return answer.etag, answer.last_modified


def _set_back(feed: DueFeed, outcome: str, detail: str, steps: int, delay_s: int) -> PollPlan:
    return PollPlan(
        outcome=outcome,
        etag=feed.etag,
        last_modified=feed.last_modified,
        body_sha256=feed.body_sha256,
        failures=feed.failures + steps,
        interval_s=feed.interval_s,
        next_due_s=delay_s,
        detail=detail,
    )


def _ladder_s(feed: DueFeed, steps: int, policy: PollPolicy, jitter: float, *, lost: bool = False) -> int:
    """15 minutes, doubled with every step, never less than the interval, at most the cap. Never for ever."""
    failures = feed.failures + steps
    cap_s = policy.error_cap_s * (_LOST_CAP_FACTOR if lost or failures >= _LOST_AFTER else 1)
    return _spread(min(max(feed.interval_s, _doubled(_FIRST_RETRY_S, failures - 1)), cap_s), jitter)


def _patience_s(feed: DueFeed, refusal: Throttled, jitter: float) -> int:
    """Never sooner than asked; without a word, ten minutes doubled with each refusal, at most six hours."""
    asked_s = refusal.retry_after_s
    wait_s = min(_doubled(_FIRST_PATIENCE_S, feed.failures), _PATIENCE_CAP_S) if asked_s is None else asked_s
    return round(max(feed.interval_s, wait_s) * (1 + 0.1 * jitter))


def _doubled(seconds: int, times: int) -> int:
    return seconds << min(times, _MOST_DOUBLINGS)


def _spread(seconds: int, jitter: float) -> int:
    return round(seconds * (0.9 + 0.2 * jitter))
