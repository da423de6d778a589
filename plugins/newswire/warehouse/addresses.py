"""Addresses: every link that was ever seen, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newswire.core.urls import address_key, host_of
from newswire.records import AddressKey, KnownAddress, PageRequest, Rebuild, Source
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


def erased(conn: Conn, urls: Sequence[str]) -> set[str]:
    """Which of these addresses were erased."""
    keys = {url: address_key(url) for url in urls}
    found = rows(conn, "addresses.erased", KnownAddress, address_keys=list(keys.values()))
    gone = {bytes(address.address_key) for address in found}
    return {url for url, key in keys.items() if key in gone}


def of_day(conn: Conn, rebuild: Rebuild, *, extractor: str) -> list[int]:
    """Addresses that a rebuild reads again: all in its scope, or those read by another extractor."""
    found = rows(conn, "addresses.of_day", AddressKey, extractor=extractor, **scope(rebuild))
    return [row.address_id for row in found]


def scope(rebuild: Rebuild) -> dict[str, Any]:
    """The parameters that narrow a rebuild, for every query that lists its keys."""
    return {
        "day": rebuild.day,
        "publishers": list(rebuild.publishers),
        "feeds": list(rebuild.feeds),
        "languages": list(rebuild.languages),
        "limit": rebuild.limit,
        "force": rebuild.force,
    }
