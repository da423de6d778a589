"""Deciding: the state of a feed after a poll, and when to ask again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from newswire.core.polling import hints, ladder, pushes, rates
from newswire.core.polling.intervals import PollPolicy, has_overflowed, interval_s
from newswire.core.polling.moves import seen_move
from newswire.core.polling.requests import trusts_conditions
from newswire.core.websub import feed_hub
from newswire.records import (
    Changed,
    DueFeed,
    Entry,
    Failed,
    FeedHub,
    FeedReply,
    Gone,
    Hints,
    ParsedFeed,
    PollPlan,
    Rate,
    Throttled,
    Unchanged,
)

_NOT_MODIFIED = 304


def plan_poll(
    feed: DueFeed,
    reply: FeedReply,
    *,
    now: datetime,
    policy: PollPolicy,
    jitter: float,
    read: ParsedFeed | Failed | None = None,
    new: Sequence[Entry] = (),
) -> PollPlan:
    """The state of a feed after a poll, and the seconds until the next.

    `read` is what a changed document came to, `new` its entries that were never seen; `jitter` in [0, 1) spreads the
    feeds. Failures climb a ladder and leave all that was learnt alone.
    """
    match read if isinstance(read, Failed) else reply:
        case Unchanged() | Changed() as answer:
            document = read if isinstance(read, ParsedFeed) else None
            plan = _learnt(feed, answer, document, new, now)
            return _schedule(plan, answer, feed=feed, now=now, policy=policy, jitter=jitter)
        case Throttled(status=status) as refusal:
            delay_s = ladder.patience_s(feed, refusal, jitter=jitter)
            return _set_back(feed, "throttled", f"HTTP {status}", weight=0.0, delay_s=delay_s)
        case Gone(status=status) as setback:
            return _set_back(feed, "gone", f"HTTP {status}", **_step(feed, setback, policy, jitter))
        case Failed(cause=cause, detail=detail) as setback:
            return _set_back(feed, cause, detail, **_step(feed, setback, policy, jitter))
        case _ as never:
            assert_never(never)


# --- After an answer: what it teaches --------------------------------------------------------------------------------


def _learnt(
    feed: DueFeed, answer: Unchanged | Changed, document: ParsedFeed | None, new: Sequence[Entry], now: datetime
) -> PollPlan:
    """The state after an answer, but for the interval."""
    etag, last_modified = _validators(feed, answer)
    overflowed = _has_overflowed(feed, document, new)
    rate = _rate(feed, document, new, now, overflowed=overflowed)
    is_whole = answer.status != _NOT_MODIFIED
    return replace(
        _as_it_was(feed),
        outcome="changed" if isinstance(answer, Changed) else "unchanged",
        etag=etag,
        last_modified=last_modified,
        body_sha256=hashlib.sha256(answer.body).digest() if isinstance(answer, Changed) else feed.body_sha256,
        failures=0,
        failure_score=0.0,
        rate=rate,
        hints=_hints(feed, answer, document),
        window_items=document.items if document else feed.window_items,
        last_whole_at=now if is_whole else feed.last_whole_at,
        ask_whole=not is_whole and _is_doubtful(feed, rate, now),
        validator_trust=feed.validator_trust - (feed.ask_whole and _was_hidden(feed, new)),
        hub=_hub(feed, answer, document),
        push_missed=pushes.missed(feed, new, now=now),
        overflowed=overflowed,
        move=seen_move(feed, answer.moved_to, same_entries=document is None or document.items > len(new), now=now),
    )


def _validators(feed: DueFeed, answer: Unchanged | Changed) -> tuple[str | None, str | None]:
    """ETag and Last-Modified are one pair: taken together from a 200, and from a 304 that carries any of them."""
    if answer.status == _NOT_MODIFIED and answer.etag is None and answer.last_modified is None:
        return feed.etag, feed.last_modified
    return answer.etag, answer.last_modified


def _rate(
    feed: DueFeed, document: ParsedFeed | None, new: Sequence[Entry], now: datetime, *, overflowed: bool
) -> Rate | None:
    if feed.rate is not None:
        moments = rates.moments(new, feed.rate.at, now)
        return rates.observed(feed.rate, new=len(new), moments=moments, now=now, overflowed=overflowed)
    if document is None:
        return None
    return rates.seeded(rates.moments(document.entries, None, now), now=now, period_s=document.period_s)


def _hub(feed: DueFeed, answer: Unchanged | Changed, document: ParsedFeed | None) -> FeedHub | None:
    """As the document's headers say, else as it says itself (WebSub, section 4); what brought no document changes nothing."""
    if document is None or isinstance(answer, Unchanged):
        return _known_hub(feed)
    topic = answer.topic_url or document.topic_url
    return feed_hub(answer.hub_url or document.hub_url, topic, base=answer.url, feed_url=feed.url)


def _known_hub(feed: DueFeed) -> FeedHub | None:
    return FeedHub(hub_url=feed.hub_url, topic_url=feed.topic_url) if feed.hub_url and feed.topic_url else None


def _hints(feed: DueFeed, answer: Unchanged | Changed, document: ParsedFeed | None) -> Hints:
    """A 304 confirms what it does not repeat (RFC 9111, 4.3.4)."""
    keeps = answer.status == _NOT_MODIFIED and answer.max_age_s is None
    heard = replace(feed.hints, max_age_s=feed.max_age_s if keeps else answer.max_age_s)
    if document is None:
        return heard
    return replace(heard, ttl_s=document.ttl_s, skip_hours=document.skip_hours, skip_days=document.skip_days)


def _has_overflowed(feed: DueFeed, document: ParsedFeed | None, new: Sequence[Entry]) -> bool:
    """The first document brings everything and so says nothing."""
    if document is None or feed.rate_at is None:
        return False
    return has_overflowed(new=len(new), items=document.items)


# --- Servers that answer 304 whatever happened -----------------------------------------------------------------------

_LONGEST_304 = timedelta(days=8)  # NetNewsWire drops its validators as often: some servers always answer 304
_UNLIKELY_SILENCE = 8.0  # items to be expected: e^-8 is one in 3,000


def _is_doubtful(feed: DueFeed, rate: Rate | None, now: datetime) -> bool:
    """Whether nothing but 304 has come for longer than is likely."""
    if feed.last_whole_at is None:
        return False
    silence = now - feed.last_whole_at
    expected = (
        rates.expected_items(rate, feed.last_whole_at, min(now, feed.last_whole_at + _LONGEST_304)) if rate else 0
    )
    return silence > _LONGEST_304 or expected > _UNLIKELY_SILENCE


def _was_hidden(feed: DueFeed, new: Sequence[Entry]) -> bool:
    """Whether the document that was asked for without condition has news from before the last 304."""
    last = feed.last_polled_at
    return any(last and entry.published_at and entry.published_at < last for entry in new)


# --- After an answer: when to ask again ------------------------------------------------------------------------------

_UNCONDITIONAL_S = 3600  # a feed that always sends everything is asked once an hour ...
_LARGE_BYTES, _LARGE_S = 1_000_000, 6 * 3600  # ... and every six hours if that is a lot
_MOST_LATE_S = 600  # feeds that wait for the same hour do not all come at its first second


def _schedule(
    plan: PollPlan, answer: Unchanged | Changed, *, feed: DueFeed, now: datetime, policy: PollPolicy, jitter: float
) -> PollPlan:
    least_s = max(policy.floor_s, hints.floor_s(plan.hints, feed.host))
    wanted_s = max(_interval_s(plan, _size(answer), now, policy), least_s, _shadow_s(feed, plan, now))
    next_due_s = max(round(wanted_s * (0.9 + 0.2 * jitter)), least_s)
    held_s = hints.until_allowed_s(plan.hints, now + timedelta(seconds=next_due_s))
    late_s = round(_MOST_LATE_S * jitter) if held_s else 0
    return replace(plan, interval_s=wanted_s, next_due_s=next_due_s + held_s + late_s)


def _interval_s(plan: PollPlan, size: int, now: datetime, policy: PollPolicy) -> int:
    if plan.rate is None:
        return min(plan.interval_s, policy.cap_s)
    seconds = interval_s(
        plan.rate,
        window_items=plan.window_items,
        now=now,
        policy=policy,
        courtesy_s=_courtesy_s(plan, size),
        overflowed=plan.overflowed,
    )
    return round(seconds)


def _shadow_s(feed: DueFeed, plan: PollPlan, now: datetime) -> int:
    """The interval that pushes allow; 0: they are no reason to poll less."""
    if plan.rate is None:
        return 0
    window, missed = plan.window_items, plan.push_missed
    return round(pushes.shadow_s(feed, plan.rate, window_items=window, missed_now=missed, now=now))


def _courtesy_s(plan: PollPlan, size: int) -> int:
    """The least time between two full documents, for a server that knows no conditions and says nothing of freshness."""
    has_conditions = (plan.etag or plan.last_modified) and trusts_conditions(plan.validator_trust)
    if has_conditions or plan.hints.max_age_s:
        return 0
    return _LARGE_S if size > _LARGE_BYTES else _UNCONDITIONAL_S


def _size(answer: Unchanged | Changed) -> int:
    return len(answer.body) if isinstance(answer, Changed) else answer.body_bytes


# --- After a failure -------------------------------------------------------------------------------------------------


def _step(feed: DueFeed, setback: Failed | Gone, policy: PollPolicy, jitter: float) -> dict[str, float]:
    weight = ladder.weight(setback)
    delay_s = ladder.retry_s(
        feed.failure_score + weight,
        interval_s=feed.interval_s,
        gone=isinstance(setback, Gone),
        cap_s=policy.error_cap_s,
        jitter=jitter,
    )
    return {"weight": weight, "delay_s": max(delay_s, hints.floor_s(feed.hints, feed.host))}


def _set_back(feed: DueFeed, outcome: str, detail: str, *, weight: float, delay_s: float) -> PollPlan:
    return replace(
        _as_it_was(feed),
        outcome=outcome,
        detail=detail,
        failures=feed.failures + 1,
        failure_score=feed.failure_score + weight,
        next_due_s=round(delay_s),
    )


def _as_it_was(feed: DueFeed) -> PollPlan:
    return PollPlan(
        outcome="",
        etag=feed.etag,
        last_modified=feed.last_modified,
        body_sha256=feed.body_sha256,
        failures=feed.failures,
        failure_score=feed.failure_score,
        interval_s=feed.interval_s,
        next_due_s=feed.interval_s,
        rate=feed.rate,
        hints=feed.hints,
        window_items=feed.window_items,
        last_whole_at=feed.last_whole_at,
        ask_whole=feed.ask_whole,
        validator_trust=feed.validator_trust,
        hub=_known_hub(feed),
    )
