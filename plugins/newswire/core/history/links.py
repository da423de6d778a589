"""Where a feed's document says that its past is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import etree

from newswire.core.feeds.trees import first_text, local_name, named, tree_of
from newswire.core.urls import resolve
from newswire.records import DocumentKind, PastLink

_RELATIONS: dict[str, DocumentKind] = {"prev-archive": "archived", "next": "paged"}  # RFC 5005; in order of preference
_USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml")


def syndication_links(xml: str, url: str) -> tuple[PastLink, ...]:
    """The links of an RSS, RDF or Atom document into its past, the best first; none from a complete feed."""
    tree = tree_of(xml)
    head = next(named(tree, "channel"), tree)
    if any(local_name(child) == "complete" for child in head):  # RFC 5005, section 2: there is no more
        return ()
    return (*_related(head, url), *_further_of_wordpress(head, url))


def json_links(text: str, url: str) -> tuple[PastLink, ...]:
    """The next page of a JSON Feed (https://www.jsonfeed.org/version/1.1/, next_url)."""
    try:
        document = json.loads(text, strict=False, parse_int=str)
    except (ValueError, RecursionError):
        return ()  # the reader of the feed says what is wrong
    said = document.get("next_url") if isinstance(document, dict) else None
    return tuple(_links(url, said if isinstance(said, str) else None, "paged"))


def usual_sitemaps(url: str) -> list[str]:
    """Where sitemaps are when robots.txt names none (https://www.sitemaps.org/protocol.html, and WordPress)."""
    return [address for path in _USUAL_SITEMAPS if (address := resolve(url, path))]


def _related(head: etree._Element, url: str) -> Iterator[PastLink]:
    links = [child for child in head if local_name(child) == "link" and child.get("href")]
    for relation, kind in _RELATIONS.items():
        for link in links:
            if relation in (link.get("rel") or "").lower().split():
                yield from _links(url, link.get("href"), kind)


def _further_of_wordpress(head: etree._Element, url: str) -> Iterator[PastLink]:
    """WordPress serves older posts at ?paged=2, 3 ... of each of its feeds, and names none of them."""
    if "wordpress" not in (first_text(head, "generator") or "").lower():
        return
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = query.get("paged", "1")
    number = int(page) if page.isascii() and page.isdigit() else 1
    yield from _links(url, parts._replace(query=urlencode({**query, "paged": number + 1})).geturl(), "wordpress")


def _links(url: str, said: str | None, kind: DocumentKind) -> Iterator[PastLink]:
    address = resolve(url, said) if said else None
    if address:
        yield PastLink(url=address, kind=kind)
