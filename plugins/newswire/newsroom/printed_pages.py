"""The pages of a publication: HTML around a manuscript, in one of the layouts of `chrome/`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from newswire.newsroom.model import Chrome, Manuscript, Printed, PrintedFormat, Publication

PAGE_TYPE = "text/html; charset=utf-8"

_CHROME = Path(__file__).parent / "chrome"
_RIGHT_TO_LEFT = frozenset({"ar"})
_RELATED = 3
_ALTERNATE_TYPES: dict[PrintedFormat, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


def print_page(item: Printed) -> bytes:
    """The page of one published article."""
    publication, manuscript, text = item.publication, item.manuscript, item.text
    page = _template(publication.chrome).substitute(
        language=manuscript.language,
        direction=_direction(manuscript.language),
        title=escape(text.title),
        site=escape(publication.name),
        meta=_meta(item),
        section=escape(manuscript.section),
        section_name=escape(publication.sections[manuscript.section]),
        sections=_sections(publication),
        authors=escape(", ".join(manuscript.authors)),
        published=publication.local(item.published_at).isoformat(),
        clock=publication.local(item.published_at).strftime("%d.%m.%Y %H:%M"),
        paragraphs="\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in text.paragraphs),
        related=_related(publication, manuscript),
        related_label=escape(publication.labels.related),
        home=escape(publication.labels.home),
        about=escape(publication.labels.about),
        footer=escape(publication.labels.footer),
    )
    return page.encode()


def print_home(publication: Publication, printed: Sequence[Printed]) -> bytes:
    """The front page: where the feed is, and links to what is published."""
    links = "\n".join(f'<li><a href="{escape(item.link)}">{escape(item.text.title)}</a></li>' for item in printed)
    page = (
        f'<!DOCTYPE html>\n<html lang="{publication.language}" dir="{_direction(publication.language)}">\n'
        f'<head><meta charset="utf-8"><title>{escape(publication.name)}</title>{_alternate(publication)}</head>\n'
        f"<body><h1>{escape(publication.name)}</h1><ul>\n{links}\n</ul></body></html>\n"
    )
    return page.encode()


@cache
def _template(chrome: Chrome) -> Template:
    return Template((_CHROME / f"{chrome}.html").read_text("utf-8"))


def _direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def _meta(item: Printed) -> str:
    """What the head says about the article to machines."""
    properties = {
        "og:type": "article",
        "og:site_name": item.publication.name,
        "og:title": item.text.title,
        "og:description": item.text.summary,
        "og:url": item.url,
        "article:published_time": item.publication.local(item.published_at).isoformat(),
        "article:modified_time": item.publication.local(item.updated_at).isoformat(),
    }
    return "\n".join(
        [
            f'<meta name="description" content="{escape(item.text.summary)}">',
            *[f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()],
            f'<link rel="canonical" href="{escape(item.url)}">',
            _alternate(item.publication),
            f'<script type="application/ld+json">{_linked_data(item)}</script>',
        ]
    )


def _alternate(publication: Publication) -> str:
    media_type = _ALTERNATE_TYPES.get(publication.feed.format)
    if media_type is None:  # a sitemap is not announced in pages
        return ""
    return f'<link rel="alternate" type="{media_type}" href="{escape(publication.feed.path)}">'


def _linked_data(item: Printed) -> str:
    """schema.org's NewsArticle, safe inside a script element."""
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.text.title,
        "description": item.text.summary,
        "inLanguage": item.manuscript.language,
        "datePublished": item.publication.local(item.published_at).isoformat(),
        "dateModified": item.publication.local(item.updated_at).isoformat(),
        "mainEntityOfPage": item.url,
        "author": [{"@type": "Person", "name": author} for author in item.manuscript.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": item.publication.name},
    }
    return json.dumps(article, ensure_ascii=False).replace("</", "<\\/")


def _sections(publication: Publication) -> str:
    return "".join(
        f'<li><a href="/{escape(section)}">{escape(name)}</a></li>' for section, name in publication.sections.items()
    )


def _related(publication: Publication, manuscript: Manuscript) -> str:
    """Links to articles that stand before this one in the publication, so that they exist whenever the page does."""
    before = publication.manuscripts[: publication.manuscripts.index(manuscript)]
    return "".join(
        f'<li><a href="{escape(publication.url_of(other))}">{escape(other.versions[0].title)}</a></li>'
        for other in before[-_RELATED:]
    )
