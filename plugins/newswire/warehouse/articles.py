"""Articles and their versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from newswire.core.urls import address_key, registrable_domain
from newswire.records import Article, ArticleDay, ArticleKey, ArticleText, SavedArticle, Source, Subscription
from newswire.warehouse import addresses, publishers
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


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
        published_ats=[item.article.published_at or item.source.entry_published_at for item in read],
        first_seen_ats=[item.source.first_seen_at for item in read],
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


def record_no_article(conn: Conn, reasons: dict[int, str]) -> None:
    """Why these addresses gave no article."""
    if reasons:
        run(conn, "articles.record_no_article", address_ids=list(reasons), reasons=list(reasons.values()))


def texts(conn: Conn, article_ids: Sequence[int]) -> list[ArticleText]:
    """The current versions of these articles."""
    return rows(conn, "articles.texts", ArticleText, keys=list(article_ids))


def to_group(conn: Conn, day: date, *, domains: Sequence[str], force: bool, signature: str) -> list[int]:
    """Articles of a day to group again: of these publishers (none: of all); all, or those grouped by another rule."""
    parameters = {"day": day, "domains": list(domains), "force": force, "signature": signature}
    return [row.article_id for row in rows(conn, "articles.to_group", ArticleKey, **parameters)]


def to_tag(
    conn: Conn, day: date, *, domains: Sequence[str], force: bool, definitions_sha256: bytes, engine: str
) -> list[int]:
    """Articles of a day to tag again: of these publishers (none: of all); all, or those tagged by other definitions."""
    parameters = {
        "day": day,
        "domains": list(domains),
        "force": force,
        "definitions_sha256": definitions_sha256,
        "engine": engine,
    }
    return [row.article_id for row in rows(conn, "articles.to_tag", ArticleKey, **parameters)]


def days(conn: Conn, article_ids: Sequence[int]) -> set[date]:
    """The days that these articles count for."""
    return {row.day for row in rows(conn, "articles.days", ArticleDay, keys=list(article_ids))}
