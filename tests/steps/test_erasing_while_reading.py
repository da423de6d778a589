"""Erasing and retention write archive files anew and take pages away: whoever reads or writes of them just then loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from newswire.archive import Archive
from newswire.records import ArchiveRef, Batch, Erasure, Page, StepReport, WorkItem
from newswire.steps.child import Child
from newswire.steps.extract import extract
from newswire.warehouse.connection import Conn
from steps.paper import FIRST, SECOND, bring

STAYS, GOES = "https://paper.example/stays", "https://paper.example/goes"


class Interrupted(Archive):
    """An archive in which something happens between a reader's question where a page lies and its first read."""

    def __init__(self, url: str, happens: Callable[[], object]) -> None:
        super().__init__(url)
        self._happens: Callable[[], object] | None = happens

    def read(self, ref: ArchiveRef) -> Page:
        if happens := self._happens:
            self._happens = None
            happens()
        return super().read(ref)


def read_while(
    conn: Conn, folder: Path, happens: Callable[[], object], archive: Callable[..., Archive] = Interrupted
) -> StepReport:
    """Rebuild the article that stays, while something happens."""
    [key] = conn.execute("SELECT address_id FROM news.addresses WHERE url = %s", [STAYS]).fetchone()
    batch = Batch(stage="extract", items=(WorkItem(key=key, mark=0, attempts=1),))
    with Child() as child:
        return extract(conn, batch, archive=archive(str(folder), happens), child=child, publish_delay_s=0)


def test_a_page_whose_file_is_written_anew_under_the_reader_is_read(app, committed, server, tmp_path):
    server.answers |= {"/stays": FIRST, "/goes": SECOND}
    bring(app, committed, STAYS, GOES)
    wanted = Erasure(asked_by="Ada", why="the author asked for it", article=GOES)
    report = read_while(committed, tmp_path, lambda: app.erase(wanted, dry_run=False))
    assert (report.seen, report.unchanged, report.failed) == (1, 1, 0)


def test_a_page_whose_bytes_are_lost_is_still_named(app, committed, server, tmp_path):
    server.answers |= {"/stays": FIRST}
    bring(app, committed, STAYS)
    [file] = tmp_path.rglob("*.warc.gz")
    assert read_while(committed, tmp_path, file.unlink).outcomes == {"archive_missing": 1}
