"""The feed documents of a publication: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1, Google news sitemap."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from newswire.newsroom.model import Printed, PrintedFormat, Publication

FEED_TYPES: dict[PrintedFormat, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",  # JSON is always UTF-8 (RFC 8259)
    "sitemap": "application/xml; charset=utf-8",
}

_RSS_NAMESPACES = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
_SITEMAP_NAMESPACES = {
    "xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "xmlns:news": "http://www.google.com/schemas/sitemap-news/0.9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Where a feed leads to its older articles."""

    prev_archive: str | None = None  # RFC 5005, section 4 (of Atom)
    next_url: str | None = None  # of JSON Feed
    generator: str | None = None  # WordPress serves ?paged=2 (of RSS)


def print_feed(publication: Publication, printed: Sequence[Printed], further: Further | None = None) -> bytes:
    """The feed of a publication, with its published articles in the order given."""
    return _PRINTERS[publication.feed.format](publication, printed, further or Further()).encode()


def print_sitemap(printed: Sequence[Printed]) -> bytes:
    """A plain sitemap: addresses and when they were last changed."""
    pages = [_nested("url", [_tag("loc", item.url), _tag("lastmod", item.updated_at.isoformat())]) for item in printed]
    return _document("urlset", "\n".join(pages), {"xmlns": _SITEMAP_NAMESPACES["xmlns"]}).encode()


def print_sitemap_index(sitemaps: Mapping[str, datetime]) -> bytes:
    """An index: sitemaps and when each was last changed."""
    places = [_nested("sitemap", [_tag("loc", url), _tag("lastmod", at.isoformat())]) for url, at in sitemaps.items()]
    return _document("sitemapindex", "\n".join(places), {"xmlns": _SITEMAP_NAMESPACES["xmlns"]}).encode()


def _rss(publication: Publication, printed: Sequence[Printed], further: Further) -> str:
    channel = [
        _tag("title", publication.name),
        _tag("link", publication.home_url),
        _tag("description", publication.labels.footer),
        _tag("language", publication.language),
        *[_tag("lastBuildDate", format_datetime(publication.local(at))) for at in _last_update(printed)],
        _empty("atom:link", rel="self", href=publication.feed_url, type="application/rss+xml"),
        *[_empty("atom:link", rel="hub", href=hub) for hub in _hubs(publication)],
        *([_tag("generator", further.generator)] if further.generator else []),
        *[_rss_item(item) for item in printed],
    ]
    return _document("rss", _nested("channel", channel), {"version": "2.0", **_RSS_NAMESPACES})


def _rss_item(item: Printed) -> str:
    guid = item.manuscript.guid
    return _nested(
        "item",
        [
            _tag("title", item.text.title),
            _tag("link", item.link),
            _tag("guid", item.link) if guid is None else _tag("guid", guid, isPermaLink="false"),
            _tag("description", item.text.summary),
            *[_tag("dc:creator", author) for author in item.manuscript.authors],
            _tag("category", item.publication.sections[item.manuscript.section]),
            _tag("pubDate", format_datetime(item.publication.local(item.published_at))),
            *([_tag("content:encoded", _markup(item))] if item.publication.feed.full_text else []),
        ],
    )


def _atom(publication: Publication, printed: Sequence[Printed], further: Further) -> str:
    feed = [
        _tag("id", publication.feed_url),
        _tag("title", publication.name),
        _empty("link", rel="alternate", href=publication.home_url),
        _empty("link", rel="self", href=publication.feed_url),
        *[_empty("link", rel="hub", href=hub) for hub in _hubs(publication)],
        *([_empty("link", rel="prev-archive", href=further.prev_archive)] if further.prev_archive else []),
        # An Atom feed needs a date even before its first entry.
        _tag("updated", publication.local(*_last_update(printed) or [datetime(1970, 1, 1, tzinfo=UTC)]).isoformat()),
        *[_atom_entry(item) for item in printed],
    ]
    attributes = {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": publication.language}
    return _document("feed", "\n".join(feed), attributes)


def _atom_entry(item: Printed) -> str:
    local = item.publication.local
    return _nested(
        "entry",
        [
            _tag("id", item.manuscript.guid or f"tag:{item.publication.domain},2020:{item.manuscript.slug}"),
            _tag("title", item.text.title),
            _empty("link", rel="alternate", type="text/html", href=item.link),
            _tag("published", local(item.published_at).isoformat()),
            _tag("updated", local(item.updated_at).isoformat()),
            *[_nested("author", [_tag("name", author)]) for author in item.manuscript.authors],
            _empty("category", term=item.manuscript.section),
            _tag("summary", item.text.summary),
            *([_tag("content", _markup(item), type="html")] if item.publication.feed.full_text else []),
        ],
    )


def _json(publication: Publication, printed: Sequence[Printed], further: Further) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publication.name,
        "home_page_url": publication.home_url,
        "feed_url": publication.feed_url,
        **({"next_url": further.next_url} if further.next_url else {}),
        "language": publication.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in _hubs(publication)],
        "items": [_json_item(item) for item in printed],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def _json_item(item: Printed) -> dict[str, object]:
    full_text = {"content_html": _markup(item)} if item.publication.feed.full_text else {}
    return {
        "id": item.manuscript.guid or item.link,
        "url": item.link,
        "title": item.text.title,
        "summary": item.text.summary,
        "language": item.manuscript.language,
        "authors": [{"name": author} for author in item.manuscript.authors],
        "date_published": item.publication.local(item.published_at).isoformat(),
        "date_modified": item.publication.local(item.updated_at).isoformat(),
        # The format asks every item for content, be it only its summary.
        **(full_text or {"content_text": item.text.summary}),
    }


def _sitemap(_: Publication, printed: Sequence[Printed], __: Further) -> str:
    return _document("urlset", "\n".join(_sitemap_url(item) for item in printed), _SITEMAP_NAMESPACES)


def _sitemap_url(item: Printed) -> str:
    news = [
        _nested(
            "news:publication",
            [_tag("news:name", item.publication.name), _tag("news:language", item.manuscript.language)],
        ),
        _tag("news:publication_date", item.publication.local(item.published_at).isoformat()),
        _tag("news:title", item.text.title),
    ]
    modified = item.publication.local(item.updated_at).isoformat()
    return _nested("url", [_tag("loc", item.link), _tag("lastmod", modified), _nested("news:news", news)])


def _hubs(publication: Publication) -> list[str]:
    """The hub in a list of its own, which is empty where nobody pushes."""
    return [publication.feed.hub_url] if publication.feed.hub_url else []


def _last_update(printed: Sequence[Printed]) -> list[datetime]:
    """The newest change in a list of its own, which is empty before the first article."""
    return sorted(item.updated_at for item in printed)[-1:]


def _markup(item: Printed) -> str:
    return "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in item.text.paragraphs)


def _document(name: str, content: str, attributes: dict[str, str]) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}{_attributes(attributes)}>\n{content}\n</{name}>\n'


def _nested(name: str, children: Sequence[str]) -> str:
    return f"<{name}>\n" + "\n".join(children) + f"\n</{name}>"


def _tag(name: str, text: str, **attributes: str) -> str:
    return f"<{name}{_attributes(attributes)}>{escape(text, quote=False)}</{name}>"


def _empty(name: str, **attributes: str) -> str:
    return f"<{name}{_attributes(attributes)}/>"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())


_PRINTERS: dict[PrintedFormat, Callable[[Publication, Sequence[Printed], Further], str]] = {
    "rss": _rss,
    "atom": _atom,
    "json": _json,
    "sitemap": _sitemap,
}
