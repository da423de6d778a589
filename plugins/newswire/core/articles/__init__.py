"""Articles out of pages: bytes -> text and metadata, decided without network, clock or chance.

decoding -> parse -> claims (what the page says of itself) -> headline, authors, date, address
                 +-> body (the extractors; the publisher's articleBody and the feed as witnesses) -> lines that tell the story
                 +-> kind, score and flags of the page
`rules.py` names every rule; what the articles of a site have in common is `site_blocks.py`, because it needs their memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import trafilatura
from lxml.html import HtmlElement

from newswire.core.articles.body import Body, read_body
from newswire.core.articles.bylines import read_authors
from newswire.core.articles.canonical import article_url, original_url
from newswire.core.articles.claims import PageClaims, read_claims
from newswire.core.articles.decoding import decode_html
from newswire.core.articles.headline import read_headline
from newswire.core.articles.kinds import NO_ARTICLE, PageFacts, flags_of, kind_of, score_of
from newswire.core.articles.lines import Dropped, repeats_title, sort_lines, story
from newswire.core.articles.published import read_modified, read_published, reconcile
from newswire.core.articles.rules import ALL_RULES, EXTRACTOR, Rules
from newswire.core.articles.substance import content_digest, is_enough, is_text, readable
from newswire.core.language import language_of, prepare
from newswire.core.urls import normalize_url, resolve
from newswire.records import Article, ArticleKind, Dated, EntryWitness, NoArticle, Page

__all__ = ["EXTRACTOR", "article_from_entry", "extract_article", "prepare", "read_page"]

_MAX_BYTES = 5_000_000  # the largest of 591 real news pages has 2.2 MB; a link farm of 10 MB takes 20 s
_MAX_TEXT_CHARS = 500_000  # longer than any story: a book, a log, an archive of links


def extract_article(page: Page, *, entry: EntryWitness | None = None, rules: Rules = ALL_RULES) -> Article | NoArticle:
    """Read a page into an article, or say in a word why it holds none; `entry` is what the feed said of it.

    Reasons: `too_large`, `undecodable`, `not_html`, `no_title`, `too_short`, and the kinds that are provably no article.
    Hostile pages can take seconds and hundreds of megabytes: call it in a child process (`steps/child.py`). Raises nothing
    for any bytes.
    """
    return read_page(page, entry=entry, rules=rules).result


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page was read into, and what was left out on the way, rule by rule."""

    result: Article | NoArticle
    text: str = ""  # what was read, also where it is no article
    body: Body | None = None  # None: nothing on the page could be parsed
    dropped: tuple[Dropped, ...] = ()


def read_page(page: Page, *, entry: EntryWitness | None = None, rules: Rules = ALL_RULES) -> Reading:
    """As `extract_article`, with the reasons."""
    if len(page.body) > _MAX_BYTES:
        return Reading(result=NoArticle(reason="too_large"))
    text = decode_html(page.body, page.content_type)
    if _is_garbage(text):
        return Reading(result=NoArticle(reason="undecodable"))
    tree = _parsed(text)
    if tree is None:
        return Reading(result=NoArticle(reason="not_html"))
    return _read(page, tree, read_claims(tree), entry or _NO_WITNESS, rules)


_MARKUP = re.compile(r"<(?:head|body|title|meta|article|div|table|p)\b", re.IGNORECASE)


def _parsed(text: str) -> HtmlElement | None:
    """The tree of a page; the tags `html` and `head` may be missing, which the standard allows and the parser doubts."""
    tree = trafilatura.load_html(text) if text.strip() else None
    return trafilatura.load_html(f"<html>{text}") if tree is None and _MARKUP.search(text) else tree


_NO_WITNESS = EntryWitness(title=None, content=None, published=None)


def article_from_entry(
    *,
    url: str,
    title: str | None,
    summary: str | None,
    content: str | None,
    language: str | None,
    authors: tuple[str, ...],
    published: Dated | None,
) -> Article | NoArticle:
    """Make an article of what a feed says, where its page cannot be had. Reasons: `no_title`, `too_short`."""
    fullest = readable(story(max(content or "", summary or "", key=len), titles=(title or "",), authors=authors))
    if not readable(title or ""):
        return NoArticle(reason="no_title")
    if not is_enough(fullest):
        return NoArticle(reason="too_short")
    article = _article(url=normalize_url(url), title=title or "", text=fullest, language=language, authors=authors)
    return replace(article, text_source="entry", method="entry", **_published(published))


def _read(page: Page, tree: HtmlElement, claims: PageClaims, entry: EntryWitness, rules: Rules) -> Reading:
    """Everything that needs the whole page is read before the body takes it apart."""
    headline = read_headline(tree, claims) or entry.title
    authors = read_authors(tree, claims)
    published = read_published(tree, claims, url=page.url, fetched_at=page.fetched_at)
    body = read_body(
        tree, article_body=claims.article_body, feed_body=entry.content or "", is_typed=claims.is_typed, rules=rules
    )
    text, dropped = sort_lines(body.text, titles=claims.titles, authors=authors, rules=rules)
    text = readable(text)
    title = readable(headline or _first_line(body.text))
    facts = PageFacts(url=page.url, title=title, text=text, body=body, claims=claims)
    kind = kind_of(facts) if "kinds" in rules else "article"
    reason = _no_article(facts, kind)
    if reason is not None:
        return Reading(result=NoArticle(reason=reason), text=text, body=body, dropped=dropped)
    date, differ = reconcile(published, entry.published) if "dates" in rules else (published, False)
    article = _article(
        url=article_url(page.url, claims.canonical), title=title, text=text, language=claims.language, authors=authors
    )
    article = replace(
        article,
        **_published(date),
        site_name=claims.site_name,
        kind=kind,
        score=score_of(facts),
        flags=flags_of(facts, has_headline=headline is not None, dates_differ=differ),
        method=body.method,
        modified_at=read_modified(claims, published=date, fetched_at=page.fetched_at),
        standfirst=_standfirst(claims.summary, title),
        section=claims.section,
        image_url=resolve(page.url, claims.image) if claims.image else None,
        is_free=claims.is_free,
        syndicated_from=original_url(page.url, claims.canonical),
    )
    return Reading(result=article, text=text, body=body, dropped=dropped)


def _no_article(page: PageFacts, kind: ArticleKind) -> str | None:
    """Why a page holds no article; None: it may hold one."""
    if kind in NO_ARTICLE:
        return kind
    if not page.title:
        return "no_title"
    if not is_text(page.text):
        return "too_short"
    return "too_large" if len(page.text) > _MAX_TEXT_CHARS else None


_TITLE_CHARS = 120


def _first_line(body: str) -> str:
    """What stands in for the headline of a page that has none: its first line, cut at a word."""
    line = body.partition("\n")[0].strip()
    return line if len(line) <= _TITLE_CHARS else f"{line[:_TITLE_CHARS].rpartition(' ')[0] or line[:_TITLE_CHARS]}…"


_STANDFIRST_CHARS = range(40, 1_001)  # shorter ones are names of sections, longer ones are no summary


def _standfirst(summary: str | None, title: str) -> str | None:
    """The publisher's summary of the article, if it says more than the headline. Its first paragraph often says the same, so
    the text keeps that.
    """
    line = readable(summary or "")
    return line if len(line) in _STANDFIRST_CHARS and not repeats_title(line, title) else None


def _published(date: Dated | None) -> dict[str, Any]:
    if date is None:
        return {"published_at": None}
    return {"published_at": date.at, "published_source": date.source, "published_precision": date.precision}


def _article(*, url: str, title: str, text: str, language: str | None, authors: tuple[str, ...]) -> Article:
    """What every article has, wherever it comes from."""
    title = readable(title)
    tag, confidence = language_of(f"{title}\n{text}", hint=language)
    return Article(
        url=url,
        title=title,
        text=text,
        language=tag,
        language_confidence=round(confidence, 2),
        authors=authors,
        published_at=None,
        site_name=None,
        text_source="page",
        extractor=EXTRACTOR,
        content_sha256=content_digest(title, text),
    )


_MANY = 50
_GARBAGE_SHARE = 0.1


def _is_garbage(text: str) -> bool:
    """Whether a good part of what is not ASCII could not be decoded: another encoding than declared, or no text at all."""
    lost = text.count("\ufffd")
    return lost > _MANY and lost > _GARBAGE_SHARE * (len(text) - len(text.encode("ascii", "ignore")))
