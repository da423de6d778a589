"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from newswire.core.feeds.items import Channel, Item, assemble
from newswire.core.feeds.refusals import NotAFeed, UnreadableFeed
from newswire.core.text import plain_text
from newswire.core.urls import resolve
from newswire.records import ParsedFeed

_VERSION = "jsonfeed.org"


def read_json_feed(text: str, *, url: str, problems: list[str]) -> ParsedFeed:
    """The feed of a JSON document. Raises NotAFeed for other JSON, UnreadableFeed for a broken feed."""
    document = _document(text)
    site_url = resolve(url, _string(document, "home_page_url") or "")
    channel = Channel(
        format="json",
        title=_string(document, "title"),
        site_url=site_url,
        language=_string(document, "language"),
        hub_url=_hub(document),
        topic_url=_string(document, "feed_url"),
    )
    items = [item for item in document["items"] if isinstance(item, dict)]
    return assemble(channel, (_item(item, site_url or url) for item in items), problems)


def _document(text: str) -> dict[str, Any]:
    """Numbers stay text: an id of 5,000 digits is a legal id, and Python refuses to make a number of it."""
    try:
        document = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        refusal = UnreadableFeed if _VERSION in text else NotAFeed
        raise refusal(f"not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed("JSON of another kind: no list of items")
    if _VERSION not in str(document.get("version")):
        raise NotAFeed("JSON of another kind: no version of JSON Feed")
    return document


def _hub(document: dict[str, Any]) -> str | None:
    """The first of its hubs that speaks WebSub."""
    hubs = document.get("hubs")
    found = (hub for hub in (hubs if isinstance(hubs, list) else []) if isinstance(hub, dict))
    return next((_string(hub, "url") for hub in found if hub.get("type") in {"WebSub", "PubSubHubbub"}), None)


def _item(item: dict[str, Any], base: str) -> Item:
    html, text = _string(item, "content_html"), _string(item, "content_text")
    return Item(
        guid=_string(item, "id"),
        link=resolve(base, _string(item, "url") or "") or resolve(base, _string(item, "external_url") or ""),
        title=_string(item, "title"),
        summary=_string(item, "summary"),
        content=plain_text(html) if html else text,
        authors=tuple(_authors(item)),
        language=_string(item, "language"),
        published_raw=_string(item, "date_published") or _string(item, "date_modified"),
    )


def _string(value: dict[str, Any], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) and found.strip() else None


def _authors(item: dict[str, Any]) -> Iterator[str]:
    """Version 1.1 has a list, version 1 a single author."""
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    yield from (name for person in people if isinstance(person, dict) and (name := _string(person, "name")))
