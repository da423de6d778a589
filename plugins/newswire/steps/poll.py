"""Poll feeds: ask whether something changed, read what did, keep what is new, and ask for its pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newswire.core.feeds import NotAFeed, UnreadableFeed
from newswire.core.polling import PollPolicy, feed_reply, plan_poll, request_headers
from newswire.errors import ChildFailed, ChildKilled
from newswire.records import (
    Changed,
    Done,
    DueFeed,
    Entry,
    Failed,
    FeedMemory,
    FeedReply,
    HttpFailure,
    HttpReply,
    HttpResponse,
    ParsedFeed,
    Stage,
    StepReport,
    Throttled,
    Verdict,
)
from newswire.steps.child import Child
from newswire.steps.signing import Credentials, no_credentials, signed
from newswire.warehouse import feed_memories, feeds, work
from newswire.warehouse.connection import Conn
from newswire.web.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One poll, decided on."""

    poll: feeds.Poll
    host: str
    blocked_s: float | None  # the host asked for patience
    verdict: Verdict


class PollFeeds:
    """The poll step (a `WebStep`)."""

    stage: Stage = "poll"

    def __init__(
        self,
        child: Child,
        policy: PollPolicy,
        *,
        per_host: int,
        host_gap_s: float,
        credentials: Credentials = no_credentials,
    ) -> None:
        self.per_host = per_host
        self._credentials = credentials
        self._child = child
        self._policy = policy
        self._host_gap_s = host_gap_s

    def subjects(self, conn: Conn, keys: Sequence[int]) -> list[tuple[int, DueFeed]]:
        """The feeds (paused ones are left out), and the earliest next request to their hosts for every other worker."""
        due = feeds.due(conn, keys)
        work.pace_hosts(conn, [feed.host for feed in due], gap_s=self._host_gap_s)
        return [(feed.feed_id, feed) for feed in due]

    def request(self, feed: DueFeed) -> Request | HttpFailure:
        """A conditional request, with both validators as they were given."""
        headers = request_headers(feed, now=datetime.now(UTC))
        return signed(Request(url=feed.url, kind="feed", headers=headers), feed.connection, self._credentials)

    def decide(self, conn: Conn, feed: DueFeed, reply: HttpReply) -> Polled:
        """Read the answer, and compare it with what is known of the feed."""
        now = datetime.now(UTC)
        answer = feed_reply(feed, reply, now=now)
        read = self._read(conn, feed, answer) if isinstance(answer, Changed) else None
        known = feeds.known_entries(conn, feed.feed_id, read.entries) if isinstance(read, ParsedFeed) else {}
        return decide(feed, reply, answer, read, known=known, now=now, policy=self._policy, jitter=random.random())

    def write(self, conn: Conn, polled: Sequence[Polled]) -> StepReport:
        """Entries, addresses, work for fetch, and the state of each feed."""
        feeds.record(conn, [item.poll for item in polled])
        feed_memories.remember(conn, {item.poll.feed_id: item.poll.parsed for item in polled if item.poll.parsed})
        # The next worker keeps its distance from here, not from the claim, which was before the request.
        work.pace_hosts(conn, [item.host for item in polled], gap_s=self._host_gap_s)
        work.block_hosts(conn, {item.host: item.blocked_s for item in polled if item.blocked_s is not None})
        return sum((_report(item.poll) for item in polled), StepReport())

    def _read(self, conn: Conn, feed: DueFeed, answer: Changed) -> ParsedFeed | Failed:
        """The document, less the items that an earlier one of the feed had already."""
        return read_feed(self._child, answer, memory=feed_memories.recall(conn, feed.feed_id))


def decide(
    feed: DueFeed,
    reply: HttpReply,
    answer: FeedReply,
    read: ParsedFeed | Failed | None,
    *,
    known: dict[bytes, bytes],
    now: datetime,
    policy: PollPolicy,
    jitter: float,
) -> Polled:
    """What one answer means: which entries are new or revised, and when to ask again.

    `known` gives the digest of the content of those entries that the warehouse has.
    """
    parsed = read if isinstance(read, ParsedFeed) else None
    fresh = fresh_entries(parsed.entries if parsed else (), known)
    new = [entry for entry in fresh if entry.entry_key not in known]
    plan = plan_poll(feed, answer, read=read, new=new, now=now, policy=policy, jitter=jitter)
    response = reply if isinstance(reply, HttpResponse) else None
    poll = feeds.Poll(
        feed_id=feed.feed_id,
        plan=plan,
        parsed=parsed,
        fresh=fresh,
        new_entries=len(new),
        status=response.status if response else None,
        wire_bytes=response.wire_bytes if response else None,
        seconds=reply.seconds,
    )
    return Polled(
        poll=poll,
        host=feed.host,
        blocked_s=plan.next_due_s if isinstance(answer, Throttled) else None,
        verdict=Done(key=feed.feed_id, due_in_s=plan.next_due_s),
    )


def fresh_entries(entries: Sequence[Entry], known: dict[bytes, bytes]) -> tuple[Entry, ...]:
    """Entries that are new or say something else than before."""
    return tuple(entry for entry in entries if known.get(entry.entry_key) != entry.content_sha256)


def read_feed(child: Child, answer: Changed, *, memory: FeedMemory | None = None) -> ParsedFeed | Failed:
    """The feed that a document is, or why it is none."""
    parsed: ParsedFeed | Failed = read_document(child, "newswire.core.feeds:parse_feed", answer, memory=memory)
    return parsed


def read_document(child: Child, function: str, answer: Changed, **more: object) -> Any:
    """Read a document of a feed in a process that may die of it: what `function` makes of it, or `Failed`."""
    try:
        return child.call(function, answer.body, url=answer.url, content_type=answer.content_type, **more)
    except NotAFeed as error:
        return Failed(cause="not_a_feed", detail=str(error), status=answer.status)
    except (UnreadableFeed, ChildFailed) as error:
        return Failed(cause="unreadable", detail=str(error), status=answer.status)
    except ChildKilled as error:
        return Failed(cause="killed", detail=str(error), status=answer.status)


def _report(poll: feeds.Poll) -> StepReport:
    changed = bool(poll.fresh)
    failed = poll.plan.failures > 0
    return StepReport(
        seen=1,
        changed=int(changed),
        failed=int(failed),
        unchanged=int(not changed and not failed),
        outcomes={poll.plan.outcome: 1, "new_entries": poll.new_entries},
    )
