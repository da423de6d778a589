"""Look after the archive: are the bytes of each page what its row says, which files belong to no page, and what goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import uuid4

from newswire.archive import Archive
from newswire.errors import ArchiveError
from newswire.records import ArchiveRef, StoredPage, Swept, Verified
from newswire.warehouse import pages
from newswire.warehouse.connection import Conn

# A file gets its rows within a lease, two minutes; the rest allows for clocks of object stores and for a long night.
MIN_AGE = timedelta(days=1)
_MOST_ORPHANS = 0.5


def verify(conn: Conn, archive: Archive, *, sample: int | None = None) -> Verified:
    """Read the bytes of every page (or of so many, by chance) and hold them against their digest."""
    count, problems = 0, []
    for page in pages.stored(conn, sample=sample):
        count += 1
        if problem := _problem(archive, page):
            problems.append(problem)
    return Verified(pages=count, problems=tuple(problems))


def _problem(archive: Archive, page: StoredPage) -> str | None:
    try:
        archive.read(page.ref)
    except ArchiveError as error:
        return f"page {page.page_id}, {page.url}: {error}"
    return None


def sweep(conn: Conn, archive: Archive, *, now: datetime, dry_run: bool, min_age: timedelta = MIN_AGE) -> Swept:
    """Remove files that no page points to and that are too old to be still waiting for their rows.

    They are what a crash between file and row left. Raises ArchiveError, with nothing removed, when most files belong to
    no page: that is the archive of another warehouse.
    """
    files = archive.files()
    orphans = archive.orphans(pages.archive_paths(conn), older_than=now - min_age)
    if not dry_run:
        if len(orphans) > _MOST_ORPHANS * len(files):
            raise ArchiveError(
                f"{len(orphans)} of {len(files)} files belong to no page; is this the archive of this warehouse? "
                "Nothing was removed"
            )
        for path in orphans:
            archive.remove(path)
    return Swept(files=len(files), orphans=tuple(orphans), removed=not dry_run)


def take_turn(conn: Conn) -> None:
    """Be the only one who takes pages out of files, until the transaction ends."""
    pages.take_turn(conn)


def rewrite_without(conn: Conn, archive: Archive, gone: Sequence[StoredPage]) -> None:
    """Write the files of these pages anew without them, and have the rows of the others point there.

    The files themselves go with `remove_files`, once the transaction has ended. Raises ArchiveError where one cannot be
    read; a file that is not there holds nothing that could go.
    """
    moved: dict[int, ArchiveRef] = {}
    for path, some in groupby(pages.neighbours(conn, gone), key=lambda page: page.archive_path):
        kept = list(some)
        if archive.holds(path):
            refs = archive.rewrite(path, [page.ref for page in kept], name=uuid4().hex)
            moved |= {page.page_id: ref for page, ref in zip(kept, refs, strict=True)}
    pages.move(conn, moved)


def remove_files(archive: Archive, gone: Sequence[StoredPage]) -> None:
    """Remove the files in which these pages lay: no row points there any more."""
    for path in sorted({page.archive_path for page in gone}):
        if archive.holds(path):
            archive.remove(path)
