"""Pages: the index of the raw archive, and the log of fetches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newswire.records import (
    ArchivePath,
    ArchiveRef,
    Fetch,
    KnownPage,
    MadeMonths,
    PagePlan,
    RecheckedAddress,
    SavedPage,
    StoredPage,
)
from newswire.warehouse.connection import Conn
from newswire.warehouse.queries import rows, run

_ROWS = 1_000
_ANSWERED = {"stored", "returned", "unchanged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """One fetch as it is recorded; `archived` says where new bytes lie, `known_page_id` which page the bytes are."""

    address_id: int
    fetch: Fetch
    archived: ArchiveRef | None
    known_page_id: int | None
    plan: PagePlan | None = None  # None: imported, nobody asks for it again
    captured_at: datetime | None = None  # by another archive; None: we fetched it just now


def known(conn: Conn, bodies: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], int]:
    """Page by (address, body digest), for those bodies that are in the archive already."""
    found = rows(
        conn,
        "pages.known",
        KnownPage,
        address_ids=[address_id for address_id, _ in bodies],
        body_sha256s=[digest for _, digest in bodies],
    )
    return {(page.address_id, bytes(page.body_sha256)): page.page_id for page in found}


def record(conn: Conn, fetched: Sequence[FetchedPage]) -> dict[int, int]:
    """Write fetches and the pages they brought; returns the page of each address that has one."""
    page_ids = {page.address_id: page.known_page_id for page in fetched if page.known_page_id is not None}
    page_ids |= save(conn, [page for page in fetched if page.archived is not None])
    run(
        conn,
        "pages.record_fetches",
        address_ids=[page.address_id for page in fetched],
        outcomes=[page.fetch.outcome for page in fetched],
        statuses=[page.fetch.status for page in fetched],
        causes=[page.fetch.cause for page in fetched],
        details=[page.fetch.detail for page in fetched],
        page_ids=[page_ids.get(page.address_id) for page in fetched],
        wire_bytes=[page.fetch.response and page.fetch.response.wire_bytes for page in fetched],
        seconds=[page.fetch.response and page.fetch.response.seconds for page in fetched],
    )
    _plan(conn, fetched)
    return page_ids


def save(conn: Conn, fetched: Sequence[FetchedPage]) -> dict[int, int]:
    """Index archived pages; returns those that are new, by address."""
    new = [(page, page.fetch.response, page.archived) for page in fetched]
    whole = [(page, response, ref) for page, response, ref in new if response is not None and ref is not None]
    if not whole:
        return {}
    saved = rows(
        conn,
        "pages.save",
        SavedPage,
        address_ids=[page.address_id for page, _, _ in whole],
        body_sha256s=[ref.body_sha256 for _, _, ref in whole],
        final_urls=[response.url for _, response, _ in whole],
        statuses=[response.status for _, response, _ in whole],
        content_types=[response.header("content-type") for _, response, _ in whole],
        archive_paths=[ref.path for _, _, ref in whole],
        archive_offsets=[ref.offset for _, _, ref in whole],
        archive_lengths=[ref.length for _, _, ref in whole],
        captured_ats=[page.captured_at for page, _, _ in whole],
    )
    return {page.address_id: page.page_id for page in saved}


def _plan(conn: Conn, fetched: Sequence[FetchedPage]) -> None:
    """When each is asked for again, and what is known of it then."""
    planned = [(page, page.plan) for page in fetched if page.plan is not None]
    absences = [plan.absence for _, plan in planned]
    run(
        conn,
        "pages.plan",
        address_ids=[page.address_id for page, _ in planned],
        answered=[page.fetch.outcome in _ANSWERED for page, _ in planned],
        etags=[plan.etag for _, plan in planned],
        last_modifieds=[plan.last_modified for _, plan in planned],
        rechecks_in_s=[plan.recheck_in_s for _, plan in planned],
        gone_answers=[absence.answers if absence else 0 for absence in absences],
        gone_first_ats=[absence and absence.first_at for absence in absences],
        gone_sinces=[absence and absence.since for absence in absences],
    )


def hold(conn: Conn, page_ids: Sequence[int]) -> set[int]:
    """Which of these pages are there (still), and are sure to stay until the transaction ends."""
    return {row.page_id for row in rows(conn, "pages.hold", SavedPage, pages=sorted(page_ids))}


def ask_again(conn: Conn, *, limit: int) -> list[int]:
    """Ask for pages whose time for another look has come; at most so many may wait at a time. Returns their addresses."""
    return [row.address_id for row in rows(conn, "pages.ask_again", RecheckedAddress, limit=limit)]


def make_months(conn: Conn) -> int:
    """Make the partitions of the growing logs ahead of time; returns how many were missing."""
    return rows(conn, "pages.make_months", MadeMonths)[0].made


def stored(conn: Conn, *, sample: int | None = None) -> Iterator[StoredPage]:
    """Every page, a batch of rows at a time; or so many of them by chance."""
    if sample is not None:
        yield from rows(conn, "pages.sample", StoredPage, limit=sample)
        return
    after = 0
    while batch := rows(conn, "pages.stored", StoredPage, after=after, limit=_ROWS):
        yield from batch
        after = batch[-1].page_id


def of_article(conn: Conn, article_id: int) -> StoredPage | None:
    """The page that an article's current text was read from; None: it was made from its entry."""
    return next(iter(rows(conn, "pages.of_article", StoredPage, article_id=article_id)), None)


def archive_paths(conn: Conn) -> set[str]:
    """Every archive file that some page points to."""
    return {row.path for row in rows(conn, "pages.archive_paths", ArchivePath)}


def take_turn(conn: Conn) -> None:
    """Be the only one who writes archive files anew, until the transaction ends."""
    run(conn, "pages.take_turn")


def neighbours(conn: Conn, gone: Sequence[StoredPage]) -> list[StoredPage]:
    """The pages that stay, of the archive files in which pages go."""
    paths = sorted({page.archive_path for page in gone})
    return rows(conn, "pages.neighbours", StoredPage, paths=paths, pages=[page.page_id for page in gone])


def move(conn: Conn, moved: Mapping[int, ArchiveRef]) -> None:
    """Pages whose bytes lie elsewhere now."""
    refs = list(moved.values())
    run(
        conn,
        "pages.move",
        page_ids=list(moved),
        paths=[ref.path for ref in refs],
        offsets=[ref.offset for ref in refs],
        lengths=[ref.length for ref in refs],
    )


def forget(conn: Conn, page_ids: Sequence[int], *, fetched: Sequence[int] = ()) -> None:
    """Take pages out of the index, and what the log of fetches says of them and of the addresses `fetched`."""
    run(conn, "pages.forget", pages=list(page_ids), addresses=list(fetched))
