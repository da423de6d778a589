"""Look at a feed without writing anything: ask now, read it, say what would be read or why nothing can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newswire.core.polling import feed_reply
from newswire.core.reasons import in_words
from newswire.core.urls import host_of
from newswire.records import (
    Changed,
    DueFeed,
    Failed,
    FeedLook,
    FeedReply,
    Gone,
    HttpReply,
    HttpResponse,
    ParsedFeed,
    Throttled,
)
from newswire.steps.child import Child
from newswire.steps.poll import read_feed
from newswire.web.client import Web
from newswire.web.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What looking needs."""

    web: Web
    child: Child
    interval_s: int  # of a feed that is new
    cap_s: int  # the longest that a feed may ask for


def look(eyes: Eyes, url: str) -> FeedLook:
    """What an address gives as a feed right now."""
    return looked(eyes, url, eyes.web.get(asking(url)))


def look_at_all(eyes: Eyes, urls: Sequence[str]) -> list[FeedLook]:
    """The same for several addresses, asked side by side."""
    replies = [eyes.web.submit(asking(url)) for url in urls]
    return [looked(eyes, url, reply.result()) for url, reply in zip(urls, replies, strict=True)]


def asking(url: str) -> Request:
    """The request for a feed, without conditions."""
    return Request(url=url, kind="feed")


def looked(eyes: Eyes, url: str, reply: HttpReply) -> FeedLook:
    """What an answer is as a feed."""
    answer = feed_reply(never_polled(url), reply, now=datetime.now(UTC))
    read = read_feed(eyes.child, answer) if isinstance(answer, Changed) else None
    parsed = read if isinstance(read, ParsedFeed) else None
    return FeedLook(
        url=url,
        answered_by=reply.url if isinstance(reply, HttpResponse) else url,
        parsed=parsed,
        problem=None if parsed else _problem(read if isinstance(read, Failed) else answer),
        interval_s=min(max(eyes.interval_s, parsed.ttl_s or 0), eyes.cap_s) if parsed else None,
        moved_to=answer.moved_to if isinstance(answer, Changed) else None,
    )


def never_polled(url: str) -> DueFeed:
    """A feed of which nothing is known but its address."""
    return DueFeed(
        feed_id=0,
        url=url,
        host=host_of(url),
        etag=None,
        last_modified=None,
        body_sha256=None,
        failures=0,
        interval_s=0,
    )


def _problem(answer: FeedReply) -> str:
    match answer:
        case Gone(status=status):
            return in_words("gone", f"HTTP {status}")
        case Throttled(status=status, retry_after_s=wait_s):
            return in_words("throttled", f"HTTP {status}" + (f", for {wait_s} s" if wait_s else ""))
        case Failed(cause=cause, detail=detail):
            return in_words(cause, detail)
        case _:
            return in_words("protocol", "the server calls unchanged what nobody has")
