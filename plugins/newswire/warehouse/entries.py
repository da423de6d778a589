"""Entries on their way into the warehouse, whether a poll saw them or an import found them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from newswire.core.urls import address_key, is_address
from newswire.records import Entry, SavedEntry
from newswire.warehouse import addresses
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import run


def columns(conn: Conn, entries: Sequence[Entry]) -> dict[str, list[Any]]:
    """What is stored of entries, one list a column; their addresses are there afterwards.

    An entry without a usable link is stored too, with the outcome `no_link`.
    """
    links = [entry.link if is_address(entry.link) else None for entry in entries]
    addresses.ensure(conn, [link for link in links if link])
    return {
        "entry_keys": [entry.entry_key for entry in entries],
        "content_sha256s": [entry.content_sha256 for entry in entries],
        "guids": [entry.guid for entry in entries],
        "address_keys": [address_key(link) if link else None for link in links],
        "titles": [entry.title for entry in entries],
        "summaries": [entry.summary for entry in entries],
        "contents": [entry.content for entry in entries],
        "authors": [json.dumps(entry.authors) for entry in entries],
        "languages": [entry.language for entry in entries],
        "published_raws": [entry.published_raw for entry in entries],
        "published_ats": [entry.published_at for entry in entries],
        "date_qualities": [entry.date_quality for entry in entries],
    }


def ask_fetches(conn: Conn, saved: Sequence[SavedEntry], *, priority: int) -> None:
    """Ask for the pages of entries that are new or revised, where nobody has or asked for them."""
    linked = [entry for entry in saved if entry.address_id is not None]
    run(
        conn,
        "entries.ask_fetches",
        address_ids=[entry.address_id for entry in linked],
        revisions=[entry.revision for entry in linked],
        priority=priority,
    )
