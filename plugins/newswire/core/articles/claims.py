"""What a page says about itself: JSON-LD (schema.org) and the meta elements of its head."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from newswire.core.text import clean_text, plain_text

_MAX_BLOCK_CHARS = 1_000_000  # one real page carries 0.8 MB of JSON-LD; 8 MB would cost 4 s and 1 GB
_MAX_DEPTH = 12
_MAX_NODES = 2_000
_ARTICLE_TYPES = re.compile(r"(article|posting|report|claimreview)$", re.IGNORECASE)
_NOT_AN_ARTICLE = re.compile(r"job|itemlist|webpage", re.IGNORECASE)

_PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "published_at",
    "publishdate",
    "publish-date",
    "pubdate",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dc.date.created",
    "date.issued",
    "rnews:datepublished",
    "date",
)
_MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
    "lastmod",
)
_SECTION_META = ("article:section", "og:article:section", "section", "parsely-section", "cxenseparse:recs:category")
_IMAGE_META = ("og:image", "og:image:url", "twitter:image", "twitter:image:src")
_SUMMARY_META = ("og:description", "description", "twitter:description", "dc.description")
_AUTHOR_META = ("author", "parsely-author", "sailthru.author", "article:author", "dc.creator", "dcterms.creator", "byl")
_TITLE_META = ("og:title", "twitter:title", "dc.title", "parsely-title", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClaims:
    """The claims of one page, cleaned but not yet believed. Tuples hold the best source first."""

    titles: tuple[str, ...]  # headline of the JSON-LD, og:title and its relatives, <title>
    headline: str | None  # of the JSON-LD alone
    authors: tuple[str, ...]
    published: tuple[str, ...]  # as written, in the JSON-LD
    published_meta: tuple[str, ...]  # as written, in meta elements
    modified: tuple[str, ...]  # as written
    summary: str | None
    section: str | None
    image: str | None  # address as written
    is_free: bool | None  # isAccessibleForFree; None: not said
    kinds: frozenset[str]  # types of all objects of the JSON-LD and og:type, lower case
    canonical: str | None
    site_name: str | None
    language: str | None  # as written
    article_body: str  # plain text, paragraphs separated by one newline; "" when the page has none

    @property
    def is_typed(self) -> bool:
        """Whether the page says that it is an article."""
        return any(_ARTICLE_TYPES.search(kind) and not _NOT_AN_ARTICLE.search(kind) for kind in self.kinds)


def read_claims(tree: HtmlElement) -> PageClaims:
    """Read the claims of a parsed page; damaged JSON-LD counts as absent."""
    objects = tuple(_ld_objects(tree))
    nodes = tuple(node for node in objects if _is_article(node))
    meta = _meta(tree)
    headline = _first(_text(node.get("headline")) for node in nodes)
    return PageClaims(
        titles=_distinct([headline, *(meta.get(name) for name in _TITLE_META), _text(tree.findtext(".//title"))]),
        headline=headline,
        authors=_first_group([*(_names(node.get("author")) for node in nodes), *_meta_authors(meta)]),
        published=_distinct(_text(node.get("datePublished")) for node in nodes),
        published_meta=_distinct(meta.get(name) for name in _PUBLISHED_META),
        modified=_distinct(
            [*(_text(node.get("dateModified")) for node in nodes), *(meta.get(name) for name in _MODIFIED_META)]
        ),
        summary=_first(
            [*(meta.get(name) for name in _SUMMARY_META), *(_text(node.get("description")) for node in nodes)]
        ),
        section=_first([*(_section(node) for node in nodes), *(meta.get(name) for name in _SECTION_META)]),
        image=_first([*(meta.get(name) for name in _IMAGE_META), *(_address(node.get("image")) for node in nodes)]),
        is_free=next(
            (free for node in nodes if (free := _yes_or_no(node.get("isAccessibleForFree"))) is not None), None
        ),
        kinds=frozenset(
            kind.lower() for kind in [*(kind for node in objects for kind in _kinds(node)), meta.get("og:type", "")]
        ),
        canonical=_canonical(tree, meta),
        site_name=_first([meta.get("og:site_name"), *(_name(node.get("publisher")) for node in nodes)]),
        language=_first([tree.get("lang"), tree.get("xml:lang"), *(_text(node.get("inLanguage")) for node in nodes)]),
        article_body=_article_body(nodes),
    )


# --- JSON-LD ---------------------------------------------------------------------------------------------------------


def _ld_objects(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD that can be its subject, in document order."""
    blocks = (
        script.text or "" for script in tree.iterfind(".//script[@type]") if "ld+json" in script.get("type", "").lower()
    )
    yield from islice((node for block in blocks for node in _objects(_parsed(block), _MAX_DEPTH)), _MAX_NODES)


def _parsed(block: str) -> Any:
    if len(block) > _MAX_BLOCK_CHARS:
        return None
    try:
        return json.loads(_without_wrapping(block), strict=False)  # publishers put raw line breaks into strings
    except (ValueError, RecursionError):
        return None


_OPENINGS = ("//", "/*", "<!--", "<![CDATA[", "*/")
_CLOSINGS = ("*/", "-->", "]]>", "/*", "//", ";")


def _without_wrapping(block: str) -> str:
    """The JSON without the comment and CDATA marks that hid scripts from the browsers of the nineties."""
    for mark in _OPENINGS:
        block = block.strip().removeprefix(mark)
    for mark in _CLOSINGS:
        block = block.strip().removesuffix(mark)
    return block.strip()


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """All objects that can be the page's subject: of lists and graphs, not the articles that another one mentions."""
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth - 1)


def _is_article(node: dict[str, Any]) -> bool:
    return any(_ARTICLE_TYPES.search(kind) and not _NOT_AN_ARTICLE.search(kind) for kind in _kinds(node))


def _kinds(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _article_body(nodes: Iterable[dict[str, Any]]) -> str:
    bodies = [body for node in nodes if isinstance(body := node.get("articleBody"), str)]
    return plain_text(max(bodies, key=len, default=""))


def _name(value: Any) -> str | None:
    return next(iter(_names(value)), None)


def _names(value: Any) -> tuple[str, ...]:
    """The names of a person, an organisation or a list of them, however the publisher wrote it."""
    if isinstance(value, list):
        return _distinct(name for item in value[:50] for name in _names(item))
    if isinstance(value, dict):
        return _names(value.get("name"))
    return _distinct([_text(value)])


def _section(node: dict[str, Any]) -> str | None:
    value = node.get("articleSection")
    return _text(value[0] if isinstance(value, list) and value else value)


def _address(value: Any) -> str | None:
    """The address of an image, written as itself, as an object or as a list of either."""
    if isinstance(value, list):
        return _first(_address(item) for item in value[:1])
    return _text(value.get("url") if isinstance(value, dict) else value)


_YES_OR_NO = {"true": True, "false": False}


def _yes_or_no(value: Any) -> bool | None:
    """A truth value as publishers write it: `false`, "False", "http://schema.org/False"."""
    return _YES_OR_NO.get(str(value).rpartition("/")[2].lower())


# --- Meta elements ---------------------------------------------------------------------------------------------------


def _meta(tree: HtmlElement) -> dict[str, str]:
    """Content of each named meta element, by lower-case name; the first one counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = _text(element.get("content"))
        if name and content:
            found.setdefault(name.strip().lower(), content)
    return found


def _meta_authors(meta: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for name in _AUTHOR_META:
        if (content := meta.get(name)) is not None:
            yield (content,)


def _canonical(tree: HtmlElement, meta: dict[str, str]) -> str | None:
    for link in tree.iterfind(".//link[@rel][@href]"):
        if link.get("rel", "").strip().lower() == "canonical":
            return _text(link.get("href"))
    return meta.get("og:url")


# --- Values ----------------------------------------------------------------------------------------------------------

_SPACES = re.compile(r"\s+")


def _text(value: Any) -> str | None:
    """One clean line; None for what is no text or empty. References are resolved: JSON-LD often holds HTML."""
    if not isinstance(value, str):
        return None
    line = plain_text(value) if "<" in value or "&" in value else clean_text(value)
    return _SPACES.sub(" ", line).strip() or None


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _first_group(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((group for group in groups if group), ())


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
