"""Full-text search over the current articles, in every language (`mart.search_articles`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newswire.records import Hit, Refreshed
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows


def articles(
    conn: Conn,
    query: str,
    *,
    languages: Sequence[str] = (),
    topics: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    originals_only: bool = False,
    limit: int = 50,
) -> list[Hit]:
    """What a query finds, best first: words, "a phrase", -without, begin*, OR. An empty sequence narrows nothing."""
    return rows(
        conn,
        "search.articles",
        Hit,
        query=query,
        languages=list(languages) or None,
        topics=list(topics) or None,
        since=since,
        until=until,
        originals_only=originals_only,
        limit=limit,
    )


def refresh(conn: Conn, *, limit: int) -> int:
    """Make search documents again that are missing or made by another version; returns how many."""
    return rows(conn, "search.refresh", Refreshed, limit=limit)[0].made or 0
