"""Import WARC files: what another archive captured becomes pages of ours, and is read as bulk work.

A batch of records is written with the place where it ends, in one transaction: killed anywhere, the import goes on there,
and what is read a second time is known.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from uuid import uuid4

from newswire import warc_files
from newswire.archive import Archive
from newswire.core.captures import Wanted, capture, may_hold
from newswire.records import Batch, DeadRecord, Done, Fetch, StepReport, Verdict, WarcRecord
from newswire.warehouse import pages, warc, work
from newswire.warehouse.connection import Conn

log = logging.getLogger(__name__)

_BATCH_RECORDS = 200  # with requests and metadata in between: about 70 pages
_BATCH_BYTES = 16 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A captured page, as it is written (the key is its place in the file)."""

    record: WarcRecord
    fetch: Fetch

    @property
    def verdict(self) -> Verdict:
        return Done(key=self.record.offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file, and which of its captures are imported."""

    url: str
    wanted: Wanted

    @property
    def part(self) -> str:
        return str(self.wanted)


def import_warc(
    conn: Conn,
    urls: Sequence[str],
    wanted: Wanted,
    *,
    archive: Archive,
    again: bool = False,
    dry_run: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> StepReport:
    """Import the wanted captures of these files; a file that was imported already is not opened, unless `again`."""
    chosen = [_File(url=url, wanted=wanted) for url in urls if may_hold(url, wanted)]
    reports = (
        _import_file(conn, file, archive=archive, again=again, dry_run=dry_run, stopping=stopping)
        for file in chosen
        if not stopping()
    )
    return sum(reports, StepReport(outcomes={"files": len(chosen)}))


def replay(
    conn: Conn,
    *,
    archive: Archive,
    cause: str | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
) -> StepReport:
    """Read records that are dead letters again, each at its place in its file, and import what they hold if it was asked for.

    Those of a file that is not there stay dead letters. A dry run counts them.
    """
    dead = warc.dead(conn, cause=cause, since=since)
    causes = [f"import {record.cause}" for record in dead]
    chosen = StepReport(outcomes={name: causes.count(name) for name in sorted(set(causes))})
    if dry_run:
        return chosen + StepReport(seen=len(dead), changed=len(dead))
    files = groupby(dead, key=lambda record: record.url)
    return sum((_replay_file(conn, url, list(records), archive) for url, records in files), chosen)


def _replay_file(conn: Conn, url: str, dead: Sequence[DeadRecord], archive: Archive) -> StepReport:
    wanted = [Wanted.read(part) for part in dead[0].parts]
    total = StepReport()
    try:
        for records in _batches(_again(url, dead)):
            with conn.transaction():
                total += _keep(conn, url, records, wanted, archive)
    except OSError as error:
        log.warning("%s cannot be opened, its records stay dead letters: %s", url, error)
        left = len(dead) - total.seen - total.skipped - total.failed
        return total + StepReport(failed=left, outcomes={"file_missing": left})
    return total


def _again(url: str, dead: Sequence[DeadRecord]) -> Iterator[WarcRecord]:
    for record in dead:
        yield from islice(warc_files.read(url, start=record.record_offset), 1)


def _import_file(
    conn: Conn,
    file: _File,
    *,
    archive: Archive,
    again: bool,
    dry_run: bool,
    stopping: Callable[[], bool],
) -> StepReport:
    with conn.transaction(force_rollback=dry_run):
        progress = warc.begin(conn, file.url, file.part, again=again)
    if progress.is_finished:
        return StepReport(outcomes={"files_done_before": 1})
    total, end = StepReport(), progress.next_offset
    for records in _batches(warc_files.read(file.url, start=progress.next_offset)):
        if stopping():
            return total + StepReport(outcomes={"not_finished": 1})
        end = records[-1].end
        total += _dry(file, records) if dry_run else _write(conn, file, records, archive)
    if not dry_run:
        warc.advance(conn, file.url, file.part, next_offset=end, page_count=0, broken=0, finished=True)
    return total


def _batches(records: Iterable[WarcRecord]) -> Iterator[list[WarcRecord]]:
    """Records in portions that fit into memory."""
    batch: list[WarcRecord] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.response.body) if record.response else 0
        if len(batch) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _dry(file: _File, records: Sequence[WarcRecord]) -> StepReport:
    captures, others = _judged(records, [file.wanted])
    return _report(records, others, seen=len(captures), changed=0)


def _write(conn: Conn, file: _File, records: Sequence[WarcRecord], archive: Archive) -> StepReport:
    """Store one batch: its pages, its dead letters, and where to go on."""
    with conn.transaction():
        report = _keep(conn, file.url, records, [file.wanted], archive)
        count = report.changed + report.unchanged
        warc.advance(conn, file.url, file.part, next_offset=records[-1].end, page_count=count, broken=report.failed)
    return report


def _keep(
    conn: Conn, url: str, records: Sequence[WarcRecord], wanted: Sequence[Wanted], archive: Archive
) -> StepReport:
    """Store the pages among these records that any of the imports wanted, and bury what cannot be read."""
    captures, others = _judged(records, wanted)
    written: set[int] = set()

    def store(conn: Conn, some: Sequence[Capture]) -> StepReport:
        new = _store(conn, some, archive)
        written.update(item.record.offset for item in some)
        return StepReport(changed=new)

    stored = work.settle(conn, Batch(stage="extract", items=()), captures, store)
    refused = [item.record for item in captures if item.record.offset not in written]
    broken = [record for record in records if record.cause] + list(map(_refused, refused))
    warc.bury(conn, url, broken)
    warc.unbury(conn, url, sorted({record.offset for record in records} - {record.offset for record in broken}))
    return _report(records, others, seen=len(captures), changed=stored.changed, refused=len(refused))


def _refused(record: WarcRecord) -> WarcRecord:
    return replace(record, cause="bad_row", detail="the warehouse refuses it")


def _judged(records: Sequence[WarcRecord], wanted: Sequence[Wanted]) -> tuple[list[Capture], list[str]]:
    """The pages among records, and a word for each of the others."""
    judged = [(record, capture(record, *wanted)) for record in records if record.cause is None]
    captures = [Capture(record=record, fetch=fetch) for record, fetch in judged if isinstance(fetch, Fetch)]
    return captures, [word for _, word in judged if isinstance(word, str)]


def _store(conn: Conn, captures: Sequence[Capture], archive: Archive) -> int:
    """Archive new bodies, then index them under the time of their capture; what was erased stays away."""
    ids = warc.address_ids(conn, [_url(item) for item in captures])
    captures = [item for item in captures if _url(item) in ids]
    keys = [(ids[_url(item)], hashlib.sha256(_body(item)).digest()) for item in captures]
    known = pages.known(conn, keys)
    new = {key: item for key, item in zip(keys, captures, strict=True) if key not in known}
    responses = [item.fetch.response for item in new.values() if item.fetch.response]
    dates = [item.record.captured_at or datetime.now(UTC) for item in new.values()]
    refs = archive.write(responses, now=datetime.now(UTC), name=uuid4().hex, dates=dates) if new else []
    captured = [
        pages.FetchedPage(
            address_id=address_id,
            fetch=item.fetch,
            archived=ref,
            known_page_id=None,
            captured_at=item.record.captured_at,
        )
        for ((address_id, _), item), ref in zip(new.items(), refs, strict=True)
    ]
    return warc.save(conn, captured) if captured else 0


def _url(item: Capture) -> str:
    assert item.record.response is not None
    return item.record.response.url


def _body(item: Capture) -> bytes:
    assert item.record.response is not None
    return item.record.response.body


def _report(
    records: Sequence[WarcRecord], others: Sequence[str], *, seen: int, changed: int, refused: int = 0
) -> StepReport:
    broken = [record.cause for record in records if record.cause]
    words = [*others, *broken]
    return StepReport(
        seen=seen,
        changed=changed,
        unchanged=seen - changed - refused,
        skipped=len(others),
        failed=len(broken) + refused,
        outcomes={word: words.count(word) for word in sorted(set(words))} | ({"bad_row": refused} if refused else {}),
    )
