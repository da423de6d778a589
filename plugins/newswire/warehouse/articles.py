"""Articles and their versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from newswire.core.urls import address_key, is_address, registrable_domain
from newswire.errors import ConfigError
from newswire.records import (
    Article,
    ArticleDay,
    ArticleKey,
    ArticleText,
    KnownArticle,
    Rebuild,
    RelatedUrl,
    SavedArticle,
    Source,
    Subscription,
    TagLine,
    VersionText,
)
from newswire.warehouse import addresses, publishers
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_LARGEST = 2**63 - 1  # of a bigint: a larger number is no article's either


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArticle:
    """An article and what it was read from."""

    source: Source
    article: Article


def save(conn: Conn, read: Sequence[ReadArticle]) -> list[SavedArticle]:
    """Store articles, append their versions, make the newest reading current, and link the addresses that lead to them."""
    if not read:
        return []
    articles = [item.article for item in read]
    domains = [registrable_domain(article.url) for article in articles]
    addresses.ensure(conn, [article.url for article in articles])
    publishers.ensure(conn, domains, [Subscription(url=article.url) for article in articles])
    publishers.learn_from_pages(conn, domains, [article.site_name for article in articles])
    saved = rows(
        conn,
        "articles.save",
        SavedArticle,
        address_ids=[item.source.address_id for item in read],
        own_keys=[address_key(article.url) for article in articles],
        urls=[article.url for article in articles],
        domains=domains,
        page_ids=[item.source.page_id if item.article.text_source == "page" else None for item in read],
        titles=[article.title for article in articles],
        texts=[article.text for article in articles],
        summaries=[item.source.entry_summary for item in read],
        languages=[article.language for article in articles],
        authors=[json.dumps(article.authors) for article in articles],
        site_names=[article.site_name for article in articles],
        text_sources=[article.text_source for article in articles],
        extractors=[article.extractor for article in articles],
        content_sha256s=[article.content_sha256 for article in articles],
        published_ats=[article.published_at for article in articles],
        published_sources=[article.published_source for article in articles],
        published_precisions=[article.published_precision for article in articles],
        kinds=[article.kind for article in articles],
        scores=[article.score for article in articles],
        flags=[json.dumps(article.flags) for article in articles],
        methods=[article.method for article in articles],
        language_confidences=[article.language_confidence for article in articles],
        modified_ats=[article.modified_at for article in articles],
        standfirsts=[article.standfirst for article in articles],
        sections=[article.section for article in articles],
        image_urls=[article.image_url for article in articles],
        are_free=[article.is_free for article in articles],
        syndicated_froms=[article.syndicated_from for article in articles],
        first_seen_ats=[item.source.first_seen_at for item in read],
        seen_bys=[item.source.seen_by for item in read],
    )
    article_ids = [article.article_id for article in saved]
    run(conn, "articles.make_current", article_ids=article_ids, version_ids=[article.version_id for article in saved])
    run(
        conn,
        "articles.link_addresses",
        address_ids=[article.address_id for article in saved],
        article_ids=article_ids,
    )
    return saved


def count_revisions(conn: Conn, article_ids: Sequence[int]) -> None:
    """Note for their publishers that these articles were found changed."""
    if article_ids:
        run(conn, "articles.count_revisions", article_ids=list(article_ids))


def record_no_article(conn: Conn, reasons: dict[int, str]) -> None:
    """Why these addresses gave no article."""
    if reasons:
        run(conn, "articles.record_no_article", address_ids=list(reasons), reasons=list(reasons.values()))


def texts(conn: Conn, article_ids: Sequence[int]) -> list[ArticleText]:
    """The current versions of these articles."""
    return rows(conn, "articles.texts", ArticleText, keys=list(article_ids))


def newest(conn: Conn, *, limit: int) -> list[ArticleText]:
    """The current versions of the newest articles."""
    return rows(conn, "articles.newest", ArticleText, limit=limit)


def to_group(conn: Conn, rebuild: Rebuild, *, signature: str) -> list[int]:
    """Articles that a rebuild groups again: all in its scope, or those grouped by another rule."""
    parameters = {"signature": signature, **addresses.scope(rebuild)}
    return [row.article_id for row in rows(conn, "articles.to_group", ArticleKey, **parameters)]


def to_tag(conn: Conn, rebuild: Rebuild, *, definitions_sha256: bytes, engine: str) -> list[int]:
    """Articles that a rebuild tags again: all in its scope, or those tagged by other definitions."""
    parameters = {"definitions_sha256": definitions_sha256, "engine": engine, **addresses.scope(rebuild)}
    return [row.article_id for row in rows(conn, "articles.to_tag", ArticleKey, **parameters)]


def known_at(conn: Conn, url: str) -> KnownArticle | None:
    """The article that an address leads to."""
    return next(iter(rows(conn, "articles.known_at", KnownArticle, address_key=address_key(url))), None)


def named(conn: Conn, article: str) -> ArticleDay:
    """The article that somebody names, by its number or an address that leads to it. Raises ConfigError where there is none."""
    by_number = article.isdecimal()
    found = rows(
        conn,
        "articles.named",
        ArticleDay,
        article_id=min(int(article), _LARGEST) if by_number else None,
        address_key=address_key(article) if is_address(article) else None,
    )
    if not found:
        raise ConfigError(f"no article is {article!r}; give its number or its address as in mart.articles")
    return found[0]


def versions_of(conn: Conn, article_id: int) -> list[VersionText]:
    """Every version of an article, the first one first."""
    return rows(conn, "articles.versions_of", VersionText, article_id=article_id)


def tags_of(conn: Conn, article_id: int) -> list[TagLine]:
    """Its tags, the strongest first."""
    return rows(conn, "articles.tags_of", TagLine, article_id=article_id)


def related_to(conn: Conn, article_id: int) -> list[RelatedUrl]:
    """Its other addresses, and the articles that repeat it."""
    return rows(conn, "articles.related_to", RelatedUrl, article_id=article_id)


def days(conn: Conn, article_ids: Sequence[int]) -> set[date]:
    """The days that these articles count for."""
    return {row.day for row in rows(conn, "articles.days", ArticleDay, keys=list(article_ids))}
