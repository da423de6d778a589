"""Look at a feed without writing anything: ask now, read it, say what would be read or why nothing can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

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
from newswire.steps.signing import Credentials, no_credentials, signed
from newswire.web.client import Web
from newswire.web.request import Request

NO_CONNECTIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """What looking needs."""

    web: Web
    child: Child
    interval_s: int  # of a feed that is new
    cap_s: int  # the longest that a feed may ask for
    credentials: Credentials = no_credentials


def look_at_all(eyes: Eyes, urls: Sequence[str], connections: Mapping[str, str] = NO_CONNECTIONS) -> list[FeedLook]:
    """What addresses give as feeds right now, asked side by side; `connections` has those that are asked with a credential."""
    requests = [signed(asking(url), connections.get(url), eyes.credentials) for url in urls]
    replies = [eyes.web.submit(request) if isinstance(request, Request) else request for request in requests]
    answered = [reply.result() if isinstance(reply, Future) else reply for reply in replies]
    return [looked(eyes, url, reply) for url, reply in zip(urls, answered, strict=True)]


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
