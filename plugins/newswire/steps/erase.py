"""Erase for good: texts, entries and archived bytes. What stays are keys, so that nothing of it comes back, and who wanted it.

A batch is one transaction. The archive files in which pages go are written anew beside the old ones before it ends, and the
old ones are removed after it: killed anywhere, every row points to bytes, and what no row points to is swept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newswire.archive import Archive
from newswire.errors import ConfigError
from newswire.records import Erased, Erasure
from newswire.steps import archive_care, stories
from newswire.warehouse import articles, duplicates, erasures, marts, work
from newswire.warehouse.connection import Conn
from newswire.warehouse.erasures import Doomed

_BATCH = 200
_BY_ITSELF = Erasure(asked_by="newswire", why="another address of what was erased")


def erase(conn: Conn, archive: Archive, erasure: Erasure, *, dry_run: bool) -> Erased:
    """Erase what this covers, or only count it. Raises ConfigError where it covers nothing."""
    addresses, entries = erasures.chosen(conn, erasure), erasures.chosen_entries(conn, erasure)
    if not addresses and not entries:
        raise ConfigError("nothing is left to erase there; look with `newswire article URL` or in mart.articles")
    return _erase(conn, archive, erasure, addresses, entries, dry_run=dry_run)


def erase_come_back(conn: Conn, archive: Archive) -> Erased:
    """Erase what extract found to be another way to an erased article."""
    addresses = erasures.come_back(conn)
    return _erase(conn, archive, _BY_ITSELF, addresses, [], dry_run=False) if addresses else Erased()


def _erase(
    conn: Conn, archive: Archive, erasure: Erasure, addresses: Sequence[int], entries: Sequence[int], *, dry_run: bool
) -> Erased:
    with conn.transaction(force_rollback=dry_run):
        erasure_id = erasures.begin(conn, erasure)
        if dry_run:
            return _erase_all(conn, None, erasure_id, addresses, entries)
    total = _erase_all(conn, archive, erasure_id, addresses, entries)
    erasures.finish(conn, erasure_id)
    return total


def _erase_all(
    conn: Conn, archive: Archive | None, erasure_id: int, addresses: Sequence[int], entries: Sequence[int]
) -> Erased:
    return sum(
        (_erase_batch(conn, archive, erasure_id, *batch) for batch in _batches(addresses, entries)),
        Erased(),
    )


def _batches(addresses: Sequence[int], entries: Sequence[int]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    yield from ((addresses[at : at + _BATCH], ()) for at in range(0, len(addresses), _BATCH))
    yield from (((), entries[at : at + _BATCH]) for at in range(0, len(entries), _BATCH))


def _erase_batch(
    conn: Conn, archive: Archive | None, erasure_id: int, addresses: Sequence[int], entries: Sequence[int]
) -> Erased:
    """Erase in one transaction; without an archive its files are left alone (the transaction is rolled back)."""
    with conn.transaction():
        duplicates.wait_for_turn(conn)
        archive_care.take_turn(conn)
        erasures.stop_work(conn, addresses, [])
        found = erasures.articles(conn, addresses)
        article_ids = [article.article_id for article in found]
        erasures.stop_work(conn, [], article_ids)
        pages = erasures.pages(conn, addresses, article_ids)
        doomed = Doomed(
            erasure_id=erasure_id,
            addresses=list(addresses),
            entries=list(entries),
            articles=article_ids,
            pages=[page.page_id for page in pages],
        )
        company = _leave_company(conn, doomed)
        if archive:
            archive_care.rewrite_without(conn, archive, pages)
        silent = erasures.forget(conn, doomed)
        marts.touch(conn, {article.day for article in found} | set(articles.days(conn, company)), delay_s=0)
        erased = Erased(articles=len(found), addresses=len(addresses), entries=silent, pages=len(pages))
        erasures.count(conn, erasure_id, erased)
    if archive:
        archive_care.remove_files(archive, pages)
    return erased


def _leave_company(conn: Conn, doomed: Doomed) -> list[int]:
    """Take articles out of their groups and stories; returns those that are left, whose groups are asked for anew."""
    members = duplicates.members(conn, doomed.articles)
    company = sorted({member.article_id for member in members} - set(doomed.articles))
    erasures.unset_current(conn, doomed)
    stories.place(conn, doomed.articles)
    work.ask(conn, "group", company)
    return company
