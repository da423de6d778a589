"""Sitemaps: news sitemaps, plain ones, and the indexes that list others."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from newswire.core.feeds.items import Channel, Item, assemble
from newswire.core.feeds.markup import Root
from newswire.core.feeds.trees import first_text, named, tree_of
from newswire.core.urls import resolve
from newswire.records import ParsedFeed


def read_sitemap(xml: str, root: Root, *, url: str, problems: list[str]) -> ParsedFeed:
    """Pages (or, for an index, other sitemaps) as entries: the address, its date, and what a news sitemap says of it."""
    tree = tree_of(xml)
    if root.kind == "sitemapindex":
        channel = Channel(format="sitemap_index")
        return assemble(channel, (_place(place, url) for place in named(tree, "sitemap")), problems)
    channel = Channel(format="sitemap", title=_publication(tree, "name"), language=_publication(tree, "language"))
    return assemble(channel, (_page(page, url) for page in named(tree, "url")), problems)


def _publication(tree: etree._Element, name: str) -> str | None:
    """What the first item says about the publication; all items of a news sitemap say the same."""
    return next((first_text(publication, name) for publication in named(tree, "publication")), None)


def _place(element: etree._Element, url: str) -> Item:
    return Item(link=resolve(url, first_text(element, "loc") or ""), published_raw=first_text(element, "lastmod"))


def _page(element: etree._Element, url: str) -> Item:
    news = next(named(element, "news"), None)
    if news is None:
        return _place(element, url)
    return Item(
        link=resolve(url, first_text(element, "loc") or ""),
        title=first_text(news, "title"),
        language=next(_languages(news), None),
        published_raw=first_text(news, "publication_date") or first_text(element, "lastmod"),
    )


def _languages(news: etree._Element) -> Iterator[str | None]:
    return (first_text(publication, "language") for publication in named(news, "publication"))
