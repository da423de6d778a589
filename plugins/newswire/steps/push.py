"""Take pushes: what a hub sent is read as if a poll had brought it, but the feed's validators stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newswire.core.polling import plan_push
from newswire.records import Batch, Changed, Done, DueFeed, Entry, Failed, PushPlan, StepReport, Verdict, WaitingPush
from newswire.steps.child import Child
from newswire.steps.poll import fresh_entries, read_feed
from newswire.warehouse import feed_memories, feeds, pushes, work
from newswire.warehouse.connection import Conn

BATCH = 20  # pushes a claim


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    taken: pushes.Taken
    verdict: Verdict
    poll_url: str | None = None  # a feed that is to be asked, because its push cannot be read


def take(conn: Conn, batch: Batch, *, child: Child) -> StepReport:
    """Take pushes one after the other: each is compared with what the one before has brought."""
    waiting = pushes.waiting(conn, batch.keys)
    gone = sorted(set(batch.keys) - {push.push_id for push in waiting})
    report = work.drop(conn, batch, gone)
    for push in waiting:
        report += work.settle(conn, batch, [_read(conn, push, child)], _write)
    return report


def _read(conn: Conn, push: WaitingPush, child: Child) -> _Result:
    feed = next(iter(feeds.due(conn, [push.feed_id])), None)
    if feed is None:
        return _result(push, PushPlan(outcome="paused"))
    document = Changed(
        status=200, url=feed.url, body=push.body, content_type=push.content_type, etag=None, last_modified=None
    )
    read = read_feed(child, document, memory=feed_memories.recall(conn, push.feed_id))
    if isinstance(read, Failed):
        return _result(push, PushPlan(outcome=read.cause, detail=read.detail), poll_url=feed.url)
    return _compared(conn, push, feed, read.entries)


def _compared(conn: Conn, push: WaitingPush, feed: DueFeed, entries: Sequence[Entry]) -> _Result:
    known = feeds.known_entries(conn, feed.feed_id, entries)
    fresh = fresh_entries(entries, known)
    new = [entry for entry in fresh if entry.entry_key not in known]
    plan = plan_push(feed, new, revised=len(fresh) - len(new), now=datetime.now(UTC))
    return _result(push, plan, fresh=fresh, new_entries=len(new))


def _result(
    push: WaitingPush,
    plan: PushPlan,
    *,
    fresh: tuple[Entry, ...] = (),
    new_entries: int = 0,
    poll_url: str | None = None,
) -> _Result:
    taken = pushes.Taken(push_id=push.push_id, feed_id=push.feed_id, plan=plan, fresh=fresh, new_entries=new_entries)
    return _Result(taken=taken, verdict=Done(key=push.push_id), poll_url=poll_url)


def _write(conn: Conn, results: Sequence[_Result]) -> StepReport:
    pushes.record(conn, [result.taken for result in results])
    feeds.poll_now(conn, [result.poll_url for result in results if result.poll_url])
    return sum((_report(result.taken) for result in results), StepReport())


def _report(taken: pushes.Taken) -> StepReport:
    outcome = taken.plan.outcome
    return StepReport(
        seen=1,
        changed=int(outcome == "changed"),
        unchanged=int(outcome == "unchanged"),
        skipped=int(outcome == "paused"),
        failed=int(outcome not in {"changed", "unchanged", "paused"}),
        outcomes={outcome: 1, "new_entries": taken.new_entries},
    )
