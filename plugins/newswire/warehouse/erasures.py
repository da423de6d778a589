"""Erasures: what one covers, what is taken away, what stays as a tombstone, and the log.

What writes is called in one transaction, by whoever has the matchers' turn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from newswire.core.urls import address_key
from newswire.records import (
    AddressKey,
    ArticleDay,
    EntryKey,
    Erased,
    Erasure,
    ErasureKey,
    Mention,
    StoredPage,
)
from newswire.warehouse import pages as pages_of_archive
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What one transaction erases, by its numbers."""

    erasure_id: int
    addresses: list[int]
    entries: list[int]  # besides those that lead to the addresses
    articles: list[int]
    pages: list[int]

    def keys(self, *names: str) -> dict[str, list[int]]:
        """These numbers, as parameters of a query."""
        return {name: getattr(self, name) for name in names}


def begin(conn: Conn, erasure: Erasure) -> int:
    """A line in the log; its counts follow. Returns its number."""
    asked = {"asked_by": erasure.asked_by, "why": erasure.why, "scope": json.dumps(erasure.scope())}
    return rows(conn, "erasures.begin", ErasureKey, **asked)[0].erasure_id


def count(conn: Conn, erasure_id: int, erased: Erased) -> None:
    """Add to the counts of an erasure, in the transaction that erases."""
    run(
        conn,
        "erasures.count",
        erasure_id=erasure_id,
        articles=erased.articles,
        addresses=erased.addresses,
        entries=erased.entries,
        pages=erased.pages,
    )


def finish(conn: Conn, erasure_id: int) -> None:
    """All of it is gone."""
    run(conn, "erasures.finish", erasure_id=erasure_id)


def chosen(conn: Conn, erasure: Erasure) -> list[int]:
    """The addresses that an erasure covers."""
    key = address_key(erasure.article) if erasure.article else None
    return _addresses(conn, "chosen", address_key=key, **_narrowed(erasure))


def chosen_entries(conn: Conn, erasure: Erasure) -> list[int]:
    """Entries of a publisher's feeds that it covers, wherever they lead."""
    if erasure.publisher is None:
        return []
    return [row.entry_id for row in rows(conn, "erasures.chosen_entries", EntryKey, **_narrowed(erasure))]


def come_back(conn: Conn) -> list[int]:
    """Addresses that turned out to lead to an erased article."""
    return _addresses(conn, "come_back")


def articles(conn: Conn, addresses: Sequence[int]) -> list[ArticleDay]:
    """The articles that these addresses lead to."""
    return rows(conn, "erasures.articles", ArticleDay, addresses=list(addresses))


def pages(conn: Conn, addresses: Sequence[int], article_ids: Sequence[int]) -> list[StoredPage]:
    """Their pages."""
    return rows(conn, "erasures.pages", StoredPage, addresses=list(addresses), articles=list(article_ids))


def stop_work(conn: Conn, addresses: Sequence[int], article_ids: Sequence[int]) -> None:
    """Whoever works on these has lost his lease."""
    run(conn, "erasures.drop_work", addresses=list(addresses), articles=list(article_ids))


def unset_current(conn: Conn, doomed: Doomed) -> None:
    """From here on the articles have no text, and take part in no group."""
    run(conn, "erasures.unset_current", **doomed.keys("articles"))
    run(conn, "erasures.forget_copies", **doomed.keys("articles"))


def forget(conn: Conn, doomed: Doomed) -> int:
    """Take all of it away, from what points to what is pointed to; returns the number of entries that say nothing now."""
    urls = [
        row.url for row in rows(conn, "erasures.mentions", Mention, **doomed.keys("addresses", "articles", "pages"))
    ]
    for leaves in ("forget_stories", "forget_tags"):
        run(conn, f"erasures.{leaves}", **doomed.keys("articles"))
    run(conn, "erasures.forget_site_blocks", **doomed.keys("addresses"))
    run(conn, "erasures.forget_articles", **doomed.keys("articles"))
    pages_of_archive.forget(conn, doomed.pages, fetched=doomed.addresses)
    run(conn, "erasures.silence_addresses", erasure_id=doomed.erasure_id, **doomed.keys("addresses"))
    silent = rows(
        conn,
        "erasures.silence_entries",
        EntryKey,
        erasure_id=doomed.erasure_id,
        **doomed.keys("addresses", "entries"),
    )
    run(conn, "erasures.forget_pushes", erasure_id=doomed.erasure_id)
    run(conn, "erasures.forget_letters", **doomed.keys("addresses", "articles"))
    run(conn, "erasures.forget_notices", **doomed.keys("articles"))
    run(conn, "erasures.forget_mentions", urls=urls)
    return len(silent)


def _narrowed(erasure: Erasure) -> dict[str, object]:
    return {"domain": erasure.publisher, "since": erasure.since, "until": erasure.until}


def _addresses(conn: Conn, name: str, **parameters: object) -> list[int]:
    return [row.address_id for row in rows(conn, f"erasures.{name}", AddressKey, **parameters)]
