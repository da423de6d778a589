"""WARC files of other archives: how far their import has come, and the pages that were captured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newswire.core.urls import address_key
from newswire.records import BULK, AddressKey, DeadRecord, KnownAddress, WarcProgress, WarcRecord
from newswire.warehouse import addresses, pages, work
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run


def begin(conn: Conn, url: str, part: str, *, again: bool) -> WarcProgress:
    """Where the import of a file goes on; `again` makes it begin anew."""
    return rows(conn, "warc.begin", WarcProgress, url=url, part=part, again=again)[0]


def advance(
    conn: Conn, url: str, part: str, *, next_offset: int, page_count: int, broken: int, finished: bool = False
) -> None:
    """Say how far it has come."""
    run(
        conn,
        "warc.advance",
        url=url,
        part=part,
        next_offset=next_offset,
        pages=page_count,
        broken=broken,
        finished=finished,
    )


def address_ids(conn: Conn, urls: Sequence[str]) -> dict[str, int]:
    """The addresses of captured pages, made where they are new; one that was erased is left out."""
    addresses.ensure(conn, urls)
    keys = {url: address_key(url) for url in urls}
    found = rows(conn, "warc.addresses", KnownAddress, address_keys=list(keys.values()))
    by_key = {bytes(address.address_key): address.address_id for address in found}
    return {url: by_key[key] for url, key in keys.items() if key in by_key}


def save(conn: Conn, captured: Sequence[pages.FetchedPage]) -> int:
    """Index captured pages, and ask for reading those that are now the newest of their address. Returns the new ones."""
    saved = pages.save(conn, captured)
    newest = rows(conn, "warc.point_addresses", AddressKey, keys=sorted({page.address_id for page in captured}))
    work.ask(conn, "extract", [address.address_id for address in newest], priority=BULK)
    return len(saved)


def dead(conn: Conn, *, cause: str | None, since: datetime | None) -> list[DeadRecord]:
    """Records that are dead letters, file by file, in their order. None: any."""
    return rows(conn, "warc.dead", DeadRecord, cause=cause, since=since)


def bury(conn: Conn, url: str, broken: Sequence[WarcRecord]) -> None:
    """Keep records that cannot be read as dead letters with their cause."""
    if broken:
        run(
            conn,
            "warc.bury",
            url=url,
            offsets=[record.offset for record in broken],
            causes=[record.cause or "internal" for record in broken],
            details=[record.detail or "no detail" for record in broken],
        )


def unbury(conn: Conn, url: str, offsets: Sequence[int]) -> None:
    """What could be read now is no dead letter any more."""
    if offsets:
        run(conn, "warc.unbury", url=url, offsets=list(offsets))
