"""The past of feeds: whose it is, what was read of it, what was found there."""

from __future__ import annotations

from collections.abc import Sequence

from newswire.core.urls import address_key
from newswire.records import (
    BULK,
    Days,
    KnownDocument,
    Passed,
    PastDocument,
    PastEntry,
    PastFeed,
    PastLink,
    SavedEntry,
    Turn,
)
from newswire.warehouse import entries
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_NOTHING = PastDocument(passed=Passed())


def feeds(conn: Conn, days: Days, *, urls: Sequence[str], domains: Sequence[str], everything: bool) -> list[PastFeed]:
    """These feeds and those of these publishers, or all; where nothing is said, those that overflowed on these days."""
    return rows(
        conn,
        "history.feeds",
        PastFeed,
        feed_keys=[address_key(url) for url in urls],
        domains=list(domains),
        everything=everything,
        overflowed=not (urls or domains),
        since=days.since,
        until=days.until,
    )


def known(conn: Conn, feed_id: int) -> dict[bytes, KnownDocument]:
    """The documents that were read of a feed's past, by the key of their address."""
    found = rows(conn, "history.documents", KnownDocument, feed_id=feed_id)
    return {bytes(document.address_key): document for document in found}


def save(conn: Conn, feed: PastFeed, link: PastLink, document: PastDocument, days: Days) -> int:
    """Keep a document's entries, ask for their pages as bulk work, and say that its days are taken. Returns the new entries."""
    saved = _save_entries(conn, feed.feed_id, document.entries) if document.entries else []
    _save_document(conn, feed, link, document, days=days, new_entries=len(saved))
    return len(saved)


def fail(conn: Conn, feed: PastFeed, link: PastLink, outcome: str, detail: str | None) -> None:
    """Say that a document gave nothing, and why; the next import asks for it again."""
    _save_document(conn, feed, link, _NOTHING, outcome=outcome, detail=detail)


def take_turn(conn: Conn, host: str, *, gap_s: float) -> float:
    """Take the next turn of bulk work at a host; returns the seconds until it comes."""
    return rows(conn, "history.take_turn", Turn, host=host, gap_s=gap_s)[0].wait_s


def _save_entries(conn: Conn, feed_id: int, found: Sequence[PastEntry]) -> list[SavedEntry]:
    columns = entries.columns(conn, [item.entry for item in found])
    claimed_ats = [item.claimed_at for item in found]
    saved = rows(conn, "history.save_entries", SavedEntry, feed_id=feed_id, claimed_ats=claimed_ats, **columns)
    entries.ask_fetches(conn, saved, priority=BULK)
    return saved


def _save_document(
    conn: Conn,
    feed: PastFeed,
    link: PastLink,
    document: PastDocument,
    *,
    days: Days | None = None,
    new_entries: int = 0,
    outcome: str = "read",
    detail: str | None = None,
) -> None:
    passed = document.passed
    run(
        conn,
        "history.save_document",
        feed_id=feed.feed_id,
        address_key=address_key(link.url),
        url=link.url,
        kind=link.kind,
        outcome=outcome,
        detail=detail,
        items=document.items,
        new_entries=new_entries,
        oldest=passed.oldest,
        newest=passed.newest,
        fingerprint=passed.fingerprint,
        next_urls=[one.url for one in passed.links],
        next_kinds=[one.kind for one in passed.links],
        next_changed=[one.changed for one in passed.links],
        taken_since=days and days.since,
        taken_until=days and days.until,
    )
