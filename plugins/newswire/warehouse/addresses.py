"""Addresses: every link that was ever seen, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newswire.core.urls import address_key, host_of
from newswire.records import AddressKey, PageRequest, Source
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def ensure(conn: Conn, urls: Sequence[str]) -> None:
    """A row for each of these normalised addresses."""
    if urls:
        run(
            conn,
            "addresses.ensure",
            address_keys=[address_key(url) for url in urls],
            urls=list(urls),
            hosts=[host_of(url) for url in urls],
        )


def requests(conn: Conn, address_ids: Sequence[int]) -> list[PageRequest]:
    """What a fetch needs to know of these addresses."""
    return rows(conn, "addresses.requests", PageRequest, keys=list(address_ids))


def sources(conn: Conn, address_ids: Sequence[int]) -> list[Source]:
    """What these addresses have to make an article of."""
    return rows(conn, "addresses.sources", Source, keys=list(address_ids))


def of_day(conn: Conn, day: date, *, domains: Sequence[str], force: bool, extractor: str) -> list[int]:
    """Addresses to read again for a day: of these publishers (none: of all); all pages, or those read by another extractor."""
    parameters = {"day": day, "domains": list(domains), "force": force, "extractor": extractor}
    return [row.address_id for row in rows(conn, "addresses.of_day", AddressKey, **parameters)]
