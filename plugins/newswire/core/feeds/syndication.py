"""RSS, RDF and Atom: the one door to feedparser, and a plain reader for the documents that it cannot take."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin
from lxml import etree

from newswire.core.feeds.items import Channel, Item, assemble
from newswire.core.feeds.markup import Root
from newswire.core.feeds.pruning import Outline, Uncertain, context_of
from newswire.core.feeds.refusals import UnreadableFeed
from newswire.core.feeds.trees import child_texts, first_of, first_text, local_name, named, text_of, tree_of
from newswire.core.text import paragraphs, plain_text
from newswire.core.urls import host_of, resolve, without_referrer
from newswire.records import FeedFormat, FeedMemory, ParsedFeed

_FORMATS: dict[str, FeedFormat] = {"rss": "rss", "channel": "rss", "rdf": "rdf", "feed": "atom"}

# feedparser joins relative links and ids with the address it is told, so identities would change whenever a feed moves.
# With a constant one it can be taken off again; its depth keeps "/a", "a" and "../a" apart.
_SENTINEL_HOST = "https://feed.invalid"
_SENTINELS = {
    f"{_SENTINEL_HOST}/n/e/w/": "",
    f"{_SENTINEL_HOST}/n/e/": "../",
    f"{_SENTINEL_HOST}/n/": "../../",
    f"{_SENTINEL_HOST}/": "/",
}
_HEADERS = {
    "content-location": f"{_SENTINEL_HOST}/n/e/w/",
    "content-type": "application/xml; charset=utf-8",  # keeps feedparser from guessing the encoding
}


# An id is a name, not an address: joined with an xml:base it would change too.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}


def _start_item(parser: Any, attributes: Any, start: Any = _FeedParserMixin._start_item) -> None:  # noqa: SLF001
    """Every item begins afresh: after a channel with two descriptions feedparser reads its first item unlike the others."""
    parser.hasContent = 0
    start(parser, attributes)


_FeedParserMixin._start_item = _FeedParserMixin._start_entry = _start_item  # noqa: SLF001

_MOST_FOR_FEEDPARSER = 3_000  # it takes a millisecond or more an item, and a document has ten seconds
_MAIL = re.compile(r"[\s<(\[]*(?:mailto:)?[^\s<>()]+@[^\s<>()]+[\s>)\]]*")
_MARKUP = re.compile(
    r"</(?:a|b|div|em|i|li|p|span|strong)>|<br ?/?>|<p>|&(?:#\d+|#x[\da-f]+|[a-z]{2,6});", re.IGNORECASE
)


def read_syndication(xml: str, root: Root, *, url: str, problems: list[str], outline: Outline | None) -> ParsedFeed:
    """The feed of a well-behaved RSS, RDF or Atom document. Raises UnreadableFeed where no reader finds anything."""
    if (count := xml.count("<item") + xml.count("<entry")) > _MOST_FOR_FEEDPARSER:
        return _salvage(xml, root, url=url, problems=[*problems, f"about {count:,} items, read without feedparser"])
    try:
        parsed = _parse(xml)
    except Exception as error:  # noqa: BLE001 - feedparser#599: it raises about a dozen kinds, and the feed must not be lost
        return _salvage(
            xml, root, url=url, problems=[*problems, f"feedparser gave up: {type(error).__name__}: {error}"]
        )
    if not parsed.entries and "<item" in xml + "<entry" in xml:
        return _salvage(xml, root, url=url, problems=[*problems, "feedparser found no items"])
    channel = _channel(parsed.feed, root, url)
    items = [_item(entry, channel, url) for entry in parsed.entries]
    if parsed.bozo:
        return assemble(channel, items, [*problems, f"not well-formed: {parsed.bozo_exception}"])
    if outline is None or len(outline.keys) != len(items):
        return assemble(channel, items, problems)
    context = context_of(outline.text, root, url, channel.site_url)
    return assemble(replace(channel, context=context), _outlined(items, outline), problems)


def read_new_items(
    xml: str, root: Root, *, url: str, problems: list[str], outline: Outline, memory: FeedMemory
) -> ParsedFeed:
    """The same from a document without the items that are known. Raises Uncertain where those might have mattered."""
    try:
        parsed = _parse(xml)
    except Exception as error:
        raise Uncertain from error
    channel = _channel(parsed.feed, root, url)
    context = context_of(outline.text, root, url, channel.site_url)
    if parsed.bozo or len(parsed.entries) != outline.keys.count(None) or context != memory.context:
        raise Uncertain
    items = [_item(entry, channel, url) for entry in parsed.entries]
    return assemble(replace(channel, context=context), _outlined(items, outline), problems)


def _outlined(items: list[Item], outline: Outline) -> Iterator[Item]:
    """The items that were read and those that were cut, in the order of the document."""
    read = iter(items)
    for key, digest in zip(outline.keys, outline.digests, strict=True):
        yield Item(known_key=key, digest=digest) if key else replace(next(read), digest=digest)


def _parse(xml: str) -> Any:
    """What feedparser makes of it. A stream, never a string: it would take that for a file name or an address."""
    return feedparser.parse(  # noqa: TID251 - the one door
        io.BytesIO(xml.encode()), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
    )


# --- What feedparser says --------------------------------------------------------------------------------------------
# Its dictionaries answer for keys that they do not have ("updated" gives "published"): they are asked as plain ones.


def _channel(feed: dict[str, Any], root: Root, url: str) -> Channel:
    return Channel(
        format=_FORMATS[root.kind],
        title=_text(feed, "title"),
        site_url=resolve(url, _unsentinel(dict.get(feed, "link") or "")),
        language=dict.get(feed, "language"),
        ttl_s=_ttl_s(dict.get(feed, "ttl")),
        hub_url=_related(feed, "hub"),
        topic_url=_related(feed, "self"),
    )


def _related(feed: dict[str, Any], relation: str) -> str | None:
    """The target of the channel's first link with this relation, as it stands there."""
    links = (link for link in dict.get(feed, "links") or [] if (dict.get(link, "rel") or "").lower() == relation)
    return next((_unsentinel(target) for link in links if (target := dict.get(link, "href"))), None)


def _ttl_s(minutes: str | None) -> int | None:
    digits = (minutes or "").strip()
    return int(digits) * 60 if digits.isdecimal() and len(digits) < len("1000000") else None


def _item(entry: dict[str, Any], channel: Channel, url: str) -> Item:
    content = _content(entry)
    return Item(
        guid=dict.get(entry, "id"),
        link=_link(entry, channel, url),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=content,
        authors=tuple(_authors(entry)),
        language=_language(entry),
        published_raw=next((dict.get(entry, key) for key in ("published", "updated", "created") if key in entry), None),
    )


def _unsentinel(address: str) -> str:
    """The address as it stands in the document."""
    for sentinel, written in _SENTINELS.items():
        if address.startswith(sentinel):
            return written + address.removeprefix(sentinel)
    return address


def _link(entry: dict[str, Any], channel: Channel, url: str) -> str | None:
    """Where the item leads: the publisher's own link before a counting detour, then the link, then a guid that is one."""
    for candidate in _links(entry):
        if target := resolve(channel.site_url or url, _unsentinel(candidate)):
            return without_referrer(target, host_of(url))
    return None


def _links(entry: dict[str, Any]) -> Iterator[str]:
    guid = dict.get(entry, "id") or ""
    link = dict.get(entry, "link") or ""
    yield dict.get(entry, "feedburner_origlink") or ""
    if link != guid or _is_absolute(link):  # feedparser takes any guid for a link, if there is none
        yield link
    yield from (dict.get(other, "href") or "" for other in dict.get(entry, "links") or [] if _is_alternate(other))
    if _is_absolute(guid):
        yield guid


def _is_absolute(address: str) -> bool:
    return address.startswith(("http://", "https://")) and not address.startswith(_SENTINEL_HOST)


def _is_alternate(link: dict[str, Any]) -> bool:
    return dict.get(link, "rel") in {"alternate", "related", "via", None}


def _content(entry: dict[str, Any]) -> str | None:
    """The longest content that is text."""
    texts = (_plain(dict.get(part, "value"), dict.get(part, "type")) for part in dict.get(entry, "content") or [])
    return max((text for text in texts if text), key=len, default=None)


def _text(element: dict[str, Any], key: str) -> str | None:
    detail = dict.get(element, f"{key}_detail") or {}
    return _plain(dict.get(element, key), dict.get(detail, "type"))


def _plain(value: str | None, content_type: str | None) -> str | None:
    """Plain text of a value; one declared as plain text is taken at its word, unless it is full of tags."""
    if not value or not isinstance(value, str):
        return None
    if content_type == "text/plain" and not _MARKUP.search(value):
        return paragraphs(value)
    return plain_text(value)


def _authors(entry: dict[str, Any]) -> list[str]:
    """Names; an address of mail only where there is no name. Of a single author the element as written is read."""
    people = dict.get(entry, "authors") or []
    if len(people) > 1:
        return [_name(dict.get(person, "name") or dict.get(person, "email") or "") for person in people]
    return [_name(str(dict.get(entry, "author") or ""))]


def _name(author: str) -> str:
    """The name in `mail@host (Name)` or `Name <mail@host>`."""
    name, addresses = _MAIL.subn(" ", plain_text(author) if "&" in author else author)
    return (name.strip(" ()<>") if addresses else name) or author


def _language(entry: dict[str, Any]) -> str | None:
    details: Iterable[Any] = (dict.get(entry, f"{key}_detail") for key in ("title", "summary"))
    return next((dict.get(detail, "language") for detail in details if detail and dict.get(detail, "language")), None)


# --- What is left when feedparser gives up ---------------------------------------------------------------------------


def _salvage(xml: str, root: Root, *, url: str, problems: list[str]) -> ParsedFeed:
    """The feed as a forgiving tree shows it: no namespaces, no details, but every item."""
    tree = tree_of(xml)
    items = list(named(tree, "item", "entry"))
    if not items:
        raise UnreadableFeed("; ".join(["no items can be read from it", *problems]))
    head = next(named(tree, "channel"), tree)
    site_url = resolve(url, _href(head) or "")
    channel = Channel(
        format=_FORMATS[root.kind],
        title=_plain(first_text(head, "title"), None),
        site_url=site_url,
        language=first_text(head, "language"),
        ttl_s=_ttl_s(first_text(head, "ttl")),
    )
    return assemble(channel, (_salvaged(item, site_url or url) for item in items), problems)


def _salvaged(item: etree._Element, base: str) -> Item:
    texts = child_texts(item)
    guid = first_of(texts, "guid", "id")
    return Item(
        guid=guid,
        link=resolve(base, first_of(texts, "origlink") or _href(item) or guid or ""),
        title=_plain(texts.get("title"), None),
        summary=_plain(first_of(texts, "description", "summary"), None),
        content=_plain(first_of(texts, "encoded", "content"), None),
        authors=tuple(_name(text_of(child)) for child in named(item, "creator", "author")),
        published_raw=first_of(texts, "pubdate", "published", "date", "updated", "issued", "modified"),
    )


def _href(element: etree._Element) -> str | None:
    """The address of the first link that leads to a page: the text of RSS, the attribute of Atom."""
    links = [link for link in element if local_name(link) == "link" and link.get("rel", "alternate") == "alternate"]
    return next((address for link in links if (address := link.get("href") or text_of(link))), None)
