"""Reading the answer: what an HTTP reply means for a feed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from newswire.core.polling.hints import max_age_s
from newswire.core.polling.requests import conditions
from newswire.core.retry_after import retry_after_s
from newswire.core.text import plain_text
from newswire.core.websub import link_target
from newswire.records import (
    Changed,
    DueFeed,
    Failed,
    FeedReply,
    Gone,
    HttpFailure,
    HttpReply,
    HttpResponse,
    Throttled,
    Unchanged,
)

_CONTENT = frozenset({200, 203, 226})
_GONE = frozenset({404, 410})
_THROTTLED = frozenset({429, 503})
_PERMANENT = frozenset({301, 308})
_NOT_MODIFIED = 304
_READ_OF_A_REFUSAL, _SHOWN_OF_A_REFUSAL = 4_000, 200  # bytes and characters


def feed_reply(feed: DueFeed, reply: HttpReply, *, now: datetime) -> FeedReply:
    """What an HTTP answer means for a feed. The same bytes as last time are no change, whatever the status says."""
    if isinstance(reply, HttpFailure):
        return Failed(cause=reply.cause, detail=reply.detail)
    if reply.status == _NOT_MODIFIED:
        return _not_modified(feed, reply, now)
    return _content(feed, reply) if reply.status in _CONTENT else _refused(reply, now)


def _refused(reply: HttpResponse, now: datetime) -> FeedReply:
    if _is_challenge(reply):
        return Failed(cause="bot_challenge", detail=f"HTTP {reply.status}", status=reply.status)
    if reply.status in _GONE:
        return Gone(status=reply.status)
    if reply.status in _THROTTLED:
        return Throttled(status=reply.status, retry_after_s=retry_after_s(reply.header("Retry-After"), now))
    return Failed(cause="http_status", detail=f"HTTP {reply.status}{_said(reply)}", status=reply.status)


def _is_challenge(reply: HttpResponse) -> bool:
    """Whether Cloudflare wants a browser to solve something first: it says so (developers.cloudflare.com, cf-mitigated)."""
    return (reply.header("cf-mitigated") or "").strip().lower() == "challenge"


def _said(reply: HttpResponse) -> str:
    """What the server says to people with its refusal, in short: often the reason, or whom to ask."""
    words = plain_text(reply.body[:_READ_OF_A_REFUSAL].decode("utf-8", "replace")).split()
    return f": {' '.join(words)[:_SHOWN_OF_A_REFUSAL]}" if words else ""


def _not_modified(feed: DueFeed, reply: HttpResponse, now: datetime) -> FeedReply:
    if not conditions(feed, now=now):
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
        max_age_s=max_age_s(reply),
        moved_to=_moved_to(reply),
        hub_url=link_target(reply.headers_named("Link"), "hub"),
        topic_url=link_target(reply.headers_named("Link"), "self"),
    )


def _unchanged(reply: HttpResponse) -> Unchanged:
    return Unchanged(
        status=reply.status,
        etag=reply.header("ETag"),
        last_modified=reply.header("Last-Modified"),
        body_bytes=len(reply.body),
        max_age_s=max_age_s(reply),
        moved_to=_moved_to(reply),
    )


def _moved_to(reply: HttpResponse) -> str | None:
    """The new address, where every redirect on the way was permanent."""
    permanent = all(status in _PERMANENT for status, _ in reply.redirects)
    return reply.url if reply.redirects and permanent else None
