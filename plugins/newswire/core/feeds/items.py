"""Items as the readers of the formats give them, to a feed of entries: identity, dates, digests, order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newswire.core.dates import read_date
from newswire.core.feeds.pruning import Uncertain, remembered
from newswire.core.text import clean_text
from newswire.core.urls import normalize_url
from newswire.records import Entry, FeedFormat, FeedMemory, ParsedFeed

_MAX_ENTRIES = 2_000  # a day of the busiest wire; of a longer document the newest are kept
_MAX_TITLE_CHARS = 1_000
_MAX_SUMMARY_CHARS = 20_000
_MAX_AUTHORS = 50
_MAX_GUID_CHARS = 2_000  # as stored; the key is made of all of it
_MAX_PROBLEMS = 20
_SUMMARY_IN_KEY_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a document says about itself."""

    format: FeedFormat
    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    ttl_s: int | None = None
    context: bytes | None = None  # of a memory; None: this document is not to be remembered
    hub_url: str | None = None
    topic_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item in plain text, links absolute; everything else is decided here."""

    guid: str | None = None
    link: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    published_raw: str | None = None
    digest: bytes | None = None  # of its text in the document
    known_key: bytes | None = None  # of its entry, where the item was known and is not read again


def assemble(
    channel: Channel, items: Iterable[Item], problems: Sequence[str], *, most: int = _MAX_ENTRIES
) -> ParsedFeed:
    """The feed that a document stands for: each entry once, the newest `most` of them, in the order of the document."""
    found = [item if item.known_key else _tidy(item) for item in items]
    filled = [item for item in found if not _is_empty(item)]
    identified = list(_identified(filled))
    entries = tuple(_entry(item, key) for item, key in identified if not item.known_key)
    known = len(identified) - len(entries)
    kept = _newest(entries, most)
    return ParsedFeed(
        format=channel.format,
        title=_line(channel.title),
        site_url=channel.site_url,
        language=_language(channel.language),
        ttl_s=channel.ttl_s,
        items=len(found),
        entries=kept,
        problems=(*_losses(len(found), len(filled), len(identified), len(kept) + known, most), *problems)[
            :_MAX_PROBLEMS
        ],
        known=known,
        memory=_memory(channel.context, identified),
        hub_url=channel.hub_url,
        topic_url=channel.topic_url,
    )


def _losses(found: int, filled: int, entries: int, kept: int, most: int) -> Iterator[str]:
    """What was left out, counted, so that nothing is lost without a word."""
    if filled < found:
        yield f"{found - filled} items are empty"
    if entries < filled:
        yield f"{filled - entries} items repeat another one"
    if kept < entries:
        yield f"{entries - kept} items are older than the newest {most:,}"


def _newest(entries: tuple[Entry, ...], most: int) -> tuple[Entry, ...]:
    if len(entries) <= most:
        return entries
    by_age = sorted(range(len(entries)), key=lambda place: (_moment(entries[place]), -place), reverse=True)
    return tuple(entries[place] for place in sorted(by_age[:most]))


def _moment(entry: Entry) -> datetime:
    return entry.published_at or datetime.min.replace(tzinfo=UTC)


# --- One item --------------------------------------------------------------------------------------------------------

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


def _is_empty(item: Item) -> bool:
    return not (item.known_key or item.guid or item.link or item.title or item.summary or item.content)


def _tidy(item: Item) -> Item:
    summary = _cut(item.summary, _MAX_SUMMARY_CHARS)
    return Item(
        guid=_line(item.guid, max_chars=None),
        link=item.link if _spelling(item.link) else None,
        title=_line(item.title),
        summary=None if summary == item.content else summary,
        content=item.content or None,
        authors=tuple(dict.fromkeys(filter(None, map(_line, item.authors))))[:_MAX_AUTHORS],
        language=_language(item.language),
        published_raw=_line(item.published_raw, max_chars=100),
        digest=item.digest,
    )


def _line(text: str | None, *, max_chars: int | None = _MAX_TITLE_CHARS) -> str | None:
    return " ".join(clean_text(text or "").split())[:max_chars].rstrip() or None


def _cut(text: str | None, max_chars: int) -> str | None:
    return (text or "")[:max_chars].rstrip() or None


def _language(tag: str | None) -> str | None:
    """A language tag as it is usually written; None for what is none."""
    candidate = (tag or "").strip().replace("_", "-")
    return candidate if _LANGUAGE.fullmatch(candidate) else None


# --- Identity --------------------------------------------------------------------------------------------------------


def _identified(items: Iterable[Item]) -> Iterator[tuple[Item, bytes]]:
    """Each item once, with its key. Items that share a guid or link are told apart, from the second on, by link and title."""
    taken: set[bytes] = set()
    for item in items:
        candidates = [item.known_key] if item.known_key else map(_digest, _identities(item))
        key = next((candidate for candidate in candidates if candidate not in taken), None)
        if key is not None:
            taken.add(key)
            yield item, key
        elif item.known_key:
            raise Uncertain


def _memory(context: bytes | None, identified: Sequence[tuple[Item, bytes]]) -> FeedMemory | None:
    """What the next document may be compared with. An item that gave way to another is not sure of its key: read again."""
    if context is None:
        return None
    sure = [(item.digest, key) for item, key in identified if item.digest and key == _first_key(item)]
    return remembered(context, sure)


def _first_key(item: Item) -> bytes:
    return item.known_key or _digest(next(_identities(item)))


def _identities(item: Item) -> Iterator[str]:
    link = _spelling(item.link)
    if item.guid:
        yield item.guid
        yield f"{item.guid}|{link}"
        yield f"{item.guid}|{link}|{item.title}"
    elif link:
        yield link
        yield f"{link}|{item.title}"
    else:
        summary = (item.summary or item.content or "")[:_SUMMARY_IN_KEY_CHARS]
        yield f"{item.title or ''}|{item.published_raw or ''}|{summary}"


def _spelling(link: str | None) -> str | None:
    """The normalised link; None for one that could never be requested."""
    try:
        return normalize_url(link) if link else None
    except ValueError:
        return None


def _entry(item: Item, key: bytes) -> Entry:
    published_at, quality = read_date(item.published_raw)
    return Entry(
        entry_key=key,
        guid=item.guid[:_MAX_GUID_CHARS] if item.guid else None,
        link=item.link,
        title=item.title,
        summary=item.summary,
        content=item.content,
        authors=item.authors,
        language=item.language,
        published_raw=item.published_raw,
        published_at=published_at,
        date_quality=quality,
        content_sha256=_content_digest(item),
    )


# --- Revisions -------------------------------------------------------------------------------------------------------

# What changes on its own while the text stays the same: counts of comments, points and views.
_COUNTS = re.compile(
    r"\b\d[\d.,]* (?:comments?|repl(?:y|ies)|points?|views?|likes?)\b|\b(?:comments?|points?|views?|likes?) ?: ?\d+",
    re.IGNORECASE,
)


def _content_digest(item: Item) -> bytes:
    """SHA-256 of title, summary and content, whatever their white space and counts."""
    parts = (_COUNTS.sub("", part or "") for part in (item.title, item.summary, item.content))
    return _digest("\0".join(" ".join(part.split()) for part in parts))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
