"""Articles out of pages: bytes -> text and metadata, decided without network, clock or chance.

decoding -> parse -> claims (what the page says of itself) -> headline, authors, date, address
                 +-> body (the extractors, and the publisher's own articleBody as witness) -> lines that tell the story
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import trafilatura
from lxml.html import HtmlElement

from newswire.core.articles.body import read_body
from newswire.core.articles.bylines import read_authors
from newswire.core.articles.canonical import article_url
from newswire.core.articles.claims import PageClaims, read_claims
from newswire.core.articles.decoding import decode_html
from newswire.core.articles.headline import read_headline
from newswire.core.articles.lines import story
from newswire.core.articles.published import read_published
from newswire.core.articles.substance import is_enough, readable
from newswire.core.language import detect_language, prepare
from newswire.core.urls import normalize_url
from newswire.records import Article, NoArticle, Page

__all__ = ["EXTRACTOR", "article_from_entry", "extract_article", "prepare"]

# Name and version of the rules and of the library beneath: what another one made is stale and can be read again.
EXTRACTOR = f"newswire-1 trafilatura-{trafilatura.__version__}"

_MAX_BYTES = 5_000_000  # the largest of 591 real news pages has 2.2 MB; a link farm of 10 MB takes 20 s
_MAX_TEXT_CHARS = 500_000  # longer than any story: a book, a log, an archive of links


def extract_article(page: Page) -> Article | NoArticle:
    """Read a page into an article, or say in a word why it holds none.

    Reasons: `too_large`, `undecodable`, `not_html`, `no_title`, `too_short`. Hostile pages can take seconds and hundreds
    of megabytes: call it in a child process (`steps/child.py`). Raises nothing for any bytes.
    """
    if len(page.body) > _MAX_BYTES:
        return NoArticle(reason="too_large")
    text = decode_html(page.body, page.content_type)
    if _is_garbage(text):
        return NoArticle(reason="undecodable")
    tree = trafilatura.load_html(text) if text.strip() else None
    if tree is None:
        return NoArticle(reason="not_html")
    return _read(page, tree, read_claims(tree))


def article_from_entry(
    *,
    url: str,
    title: str | None,
    summary: str | None,
    content: str | None,
    language: str | None,
    authors: tuple[str, ...],
    published_at: datetime | None,
) -> Article | NoArticle:
    """Make an article of what a feed says, where its page cannot be had. Reasons: `no_title`, `too_short`."""
    fullest = max(content or "", summary or "", key=len)
    return _article(
        url=normalize_url(url),
        title=title,
        text=story(fullest, titles=(title or "",), authors=authors),
        language=language,
        authors=authors,
        published_at=published_at,
        site_name=None,
        text_source="entry",
    )


def _read(page: Page, tree: HtmlElement, claims: PageClaims) -> Article | NoArticle:
    """Everything that needs the whole page is read before the body takes it apart."""
    title = read_headline(tree, claims)
    authors = read_authors(tree, claims)
    published_at = read_published(tree, claims, url=page.url, fetched_at=page.fetched_at)
    body = read_body(tree, article_body=claims.article_body)
    return _article(
        url=article_url(page.url, claims.canonical),
        title=title or _first_line(body),
        text=story(body, titles=claims.titles, authors=authors),
        language=claims.language,
        authors=authors,
        published_at=published_at,
        site_name=claims.site_name,
        text_source="page",
    )


_TITLE_CHARS = 120


def _first_line(body: str) -> str | None:
    """What stands in for the headline of a page that has none: its first line, if it is short."""
    line = body.partition("\n")[0]
    return line if len(line) <= _TITLE_CHARS else None


def _article(
    *,
    url: str,
    title: str | None,
    text: str,
    language: str | None,
    authors: tuple[str, ...],
    published_at: datetime | None,
    site_name: str | None,
    text_source: Literal["page", "entry"],
) -> Article | NoArticle:
    title = readable(title or "")
    if not title:
        return NoArticle(reason="no_title")
    text = readable(text)
    if not is_enough(text):
        return NoArticle(reason="too_short")
    if len(text) > _MAX_TEXT_CHARS:
        return NoArticle(reason="too_large")
    return Article(
        url=url,
        title=title,
        text=text,
        language=detect_language(f"{title}\n{text}", hint=language),
        authors=authors,
        published_at=published_at,
        site_name=site_name,
        text_source=text_source,
        extractor=EXTRACTOR,
        content_sha256=hashlib.sha256(f"{title}\n{text}".encode()).digest(),
    )


_MANY = 50
_GARBAGE_SHARE = 0.1


def _is_garbage(text: str) -> bool:
    """Whether a good part of what is not ASCII could not be decoded: another encoding than declared, or no text at all."""
    lost = text.count("\ufffd")
    return lost > _MANY and lost > _GARBAGE_SHARE * (len(text) - len(text.encode("ascii", "ignore")))
