"""What one answer to a request for a page means: kept, gone, refused, of another kind, or to be asked again."""

from __future__ import annotations

import codecs
import re
from datetime import datetime

from newswire.core.retry_after import retry_after_s
from newswire.records import Cause, Fetch, FetchOutcome, HttpFailure, HttpReply, HttpResponse

_CONTENT = frozenset({200, 203})
_NOT_MODIFIED = 304
_GONE = frozenset({404, 410})
_REFUSED = frozenset({401, 402, 403, 451})
_THROTTLED = frozenset({429, 503})
# Answers of an overloaded or half-started server (and of the proxies before it, 520 to 530), and 202: "being prepared".
_TRANSIENT = frozenset({202, 408, 425, 500, 502, 504, *range(520, 531)})

# Seconds to wait at least; the backoff of the work row grows from there.
_SOON_S = 15
_PATIENCE_S = 60  # a host that asks for patience without saying how much

_FINAL_OUTCOMES: dict[Cause, FetchOutcome] = {"robots": "robots", "bad_url": "bad_url", "too_large": "too_large"}
_TRANSIENT_CAUSES: frozenset[Cause] = frozenset({"dns", "connect", "tls", "timeout", "truncated", "throttled"})


def page_fetch(reply: HttpReply, *, now: datetime, conditional: bool = False) -> Fetch:
    """Classify one answer. `response` is set where it says something of the page, `retry_after_s` where another try is worth it.

    `conditional`: the request carried validators, so that 304 is an answer.

    A failure without `retry_after_s` is one for good: blocked addresses, bad redirects, broken protocol or encoding.
    """
    if isinstance(reply, HttpFailure):
        return _failure(reply)
    if reply.status in _CONTENT:
        return _content(reply)
    if reply.status == _NOT_MODIFIED and conditional:
        return Fetch(outcome="unchanged", status=reply.status, response=reply)
    if reply.status in _GONE:
        return Fetch(outcome="gone", status=reply.status)
    if reply.status in _REFUSED:
        return Fetch(outcome="refused", status=reply.status)
    return _unexpected(reply, now)


def _failure(reply: HttpFailure) -> Fetch:
    outcome = _FINAL_OUTCOMES.get(reply.cause)
    if outcome is not None:
        return Fetch(outcome=outcome, cause=reply.cause, detail=reply.detail)
    wait_s = _SOON_S if reply.cause in _TRANSIENT_CAUSES else None
    return Fetch(outcome="failed", cause=reply.cause, detail=reply.detail, retry_after_s=wait_s)


def _content(reply: HttpResponse) -> Fetch:
    if not reply.body.strip():
        return _failed(reply, "http_status", "an answer without content", _SOON_S)
    if not is_html(reply.body, reply.header("Content-Type")):
        return Fetch(outcome="not_html", status=reply.status, detail=reply.header("Content-Type") or "no content type")
    return Fetch(outcome="stored", status=reply.status, response=reply)


def _unexpected(reply: HttpResponse, now: datetime) -> Fetch:
    if reply.status in _THROTTLED:
        wait_s = retry_after_s(reply.header("Retry-After"), now)
        return _failed(reply, "throttled", f"HTTP {reply.status}", _PATIENCE_S if wait_s is None else wait_s)
    return _failed(reply, "http_status", f"HTTP {reply.status}", _SOON_S if reply.status in _TRANSIENT else None)


def _failed(reply: HttpResponse, cause: Cause, detail: str, wait_s: int | None) -> Fetch:
    return Fetch(outcome="failed", status=reply.status, cause=cause, detail=detail, retry_after_s=wait_s)


# --- Is it a page? ---------------------------------------------------------------------------------------------------

_HTML_TYPES = ("text/html", "application/xhtml")
_SNIFFED_BYTES = 1_024
# What a document begins with that is no page, whatever its header says: PDF, images, archives, audio, fonts.
_FOREIGN = re.compile(
    rb"%PDF-|\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|PK\x03\x04|\x1f\x8b|ID3|OggS|\x00\x00\x00.ftyp|wOF[F2]",
    re.DOTALL,
)
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_PROLOGUE = rb"(?:<\?xml[^>]*>\s*)?"
_FEED = re.compile(_PROLOGUE + rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")
_HTML = re.compile(_PROLOGUE + rb"<(?:!doctype\s+html|html|head|body|title|meta|div|article|p|h1)[\s>]", re.IGNORECASE)


def is_html(body: bytes, content_type: str | None) -> bool:
    """Whether a body is a page: its beginning decides against the header, the header where the beginning says nothing."""
    beginning = body[:_SNIFFED_BYTES]
    markup = _COMMENT.sub(b"", beginning.removeprefix(codecs.BOM_UTF8)).lstrip()
    if _FOREIGN.match(beginning) or _FEED.match(markup):
        return False
    declared = (content_type or "").strip().lower()
    return declared.startswith(_HTML_TYPES) or _HTML.match(markup) is not None
