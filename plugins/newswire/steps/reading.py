"""Explain: what would be read from a page and why, without writing anything."""

from __future__ import annotations

from datetime import UTC, datetime

from newswire.archive import Archive
from newswire.core.pages import page_fetch
from newswire.errors import ChildError, ConfigError
from newswire.records import Explanation, HttpResponse, Page
from newswire.steps.child import Child
from newswire.warehouse import pages
from newswire.warehouse.connection import Conn
from newswire.web.client import Web
from newswire.web.request import Request


def explain(child: Child, page: Page) -> Explanation:
    """Read a page in a process that may die of it. Raises ConfigError when it does."""
    try:
        explanation: Explanation = child.call("newswire.core.articles.explain:explain_article", page)
    except ChildError as error:
        raise ConfigError(f"{page.url} cannot be read: {error}") from error
    return explanation


def archived(conn: Conn, archive: Archive, article_id: int) -> Page | None:
    """The page that an article was read from, out of the archive; None: it was made from its entry."""
    stored = pages.of_article(conn, article_id)
    return archive.read(stored.ref) if stored else None


def asked(web: Web, url: str) -> Page:
    """The page as it is now, asked for as politely as any. Raises ConfigError where there is none."""
    reply = web.get(Request(url=url, kind="page", robots=True))
    now = datetime.now(UTC)
    fetch = page_fetch(reply, now=now)
    if fetch.outcome != "stored" or not isinstance(reply, HttpResponse):
        raise ConfigError(f"{url} gives no page: {fetch.outcome}, {fetch.detail or f'HTTP {fetch.status}'}")
    return Page(url=reply.url, content_type=reply.header("Content-Type"), body=reply.body, fetched_at=now)
