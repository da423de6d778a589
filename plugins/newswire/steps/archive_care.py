"""Look after the archive: are the bytes of each page what its row says, and which files belong to no page?"""

from __future__ import annotations

from datetime import datetime, timedelta

from newswire.archive import Archive
from newswire.errors import ArchiveError
from newswire.records import StoredPage, Swept, Verified
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
