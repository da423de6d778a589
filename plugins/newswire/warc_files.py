"""WARC files of other archives, read in constant memory: CC-NEWS, or whatever writes one gzip member a record.

A file is read member by member (https://iipc.github.io/warc-specifications/, annex D), so that a broken one costs only
itself: reading goes on at the next member that begins as a record does.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import IO, cast

import fsspec
from fsspec.core import url_to_fs
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from newswire.errors import ConfigError
from newswire.records import HttpResponse, WarcRecord

_SUFFIX = ".warc.gz"
_CHUNK = 64 * 1024
_MAX_RECORD_BYTES = 16 * 1024**2  # a page of 5 MB, the most that is kept, with its headers and as it was on the wire
_MAX_BODY_BYTES = 5 * 1024**2  # as of pages that we fetch
_MAGIC = b"\x1f\x8b\x08"  # RFC 1952: gzip, deflate
_FIRST_WORD = b"WARC/"


def find(address: str) -> list[str]:
    """The WARC files at an address, in the order of their names: a file, or all below a folder or prefix."""
    try:
        fs, root = url_to_fs(address)
        files = [root] if fs.isfile(root) else sorted(fs.find(root))
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(
            f"{address} cannot be looked at: {error}; give a folder, a file or an fsspec address"
        ) from error
    found = [path for path in files if path.endswith(_SUFFIX)]
    if not found:
        raise ConfigError(
            f"no WARC file at {address}; their names end in {_SUFFIX} (`warcio recompress` makes such files)"
        )
    return [str(fs.unstrip_protocol(path)) for path in found]


def read(url: str, *, start: int = 0) -> Iterator[WarcRecord]:
    """The records of a file from an offset on, each with where it begins and ends."""
    with fsspec.open(url, "rb") as file:
        for member in _members(cast("IO[bytes]", file), start):
            yield _record(member)


# --- Members ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    offset: int
    end: int
    content: bytes = b""  # empty: the problem says why
    problem: str | None = None
    is_too_large: bool = False


def _members(file: IO[bytes], start: int) -> Iterator[_Member]:
    offset = start
    while (member := _member(file, offset)) is not None:
        yield member
        offset = member.end


def _member(file: IO[bytes], offset: int) -> _Member | None:
    """The member at an offset; None at the end of the file."""
    file.seek(offset)
    data = file.read(_CHUNK)
    if not data:
        return None
    inflater, content, size = zlib.decompressobj(zlib.MAX_WBITS + 16), bytearray(), 0
    try:
        while not inflater.eof:
            data = data or file.read(_CHUNK)
            if not data:
                return _Member(offset=offset, end=file.tell(), problem="the file ends within the record")
            part = inflater.decompress(data, _MAX_RECORD_BYTES)
            size += len(part)
            content += part if size <= _MAX_RECORD_BYTES else b""
            data = inflater.unconsumed_tail
    except zlib.error as error:
        return _Member(offset=offset, end=_next_member(file, offset + 1), problem=f"not readable as gzip: {error}")
    end = file.tell() - len(inflater.unused_data)
    return _Member(offset=offset, end=end, content=bytes(content), is_too_large=size > _MAX_RECORD_BYTES)


def _next_member(file: IO[bytes], start: int) -> int:
    """Where the next record begins, behind damage; the end of the file where none does."""
    offset, kept = start, b""
    file.seek(start)
    while chunk := file.read(_CHUNK):
        window = kept + chunk
        for found in re.finditer(re.escape(_MAGIC), window):
            place = offset - len(kept) + found.start()
            if _begins_a_record(file, place):
                return place
        offset += len(chunk)
        kept = window[-len(_MAGIC) + 1 :]
        file.seek(offset)
    return offset


def _begins_a_record(file: IO[bytes], offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(file.read(_CHUNK), len(_FIRST_WORD)) == _FIRST_WORD
    except zlib.error:
        return False


# --- Records ---------------------------------------------------------------------------------------------------------


def _record(member: _Member) -> WarcRecord:
    """What a member holds. A record that is too large is no page of ours, whatever it is."""
    nothing = WarcRecord(offset=member.offset, end=member.end, outcome="broken")
    if member.problem:
        return replace(
            nothing, cause="truncated" if "ends within" in member.problem else "unreadable", detail=member.problem
        )
    if member.is_too_large:
        return replace(nothing, outcome="too_large")
    try:
        record = next(ArchiveIterator(BytesIO(member.content)))
        return (
            _response(record, nothing) if record.rec_type == "response" else replace(nothing, outcome=record.rec_type)
        )
    except Exception as error:  # noqa: BLE001 - warcio meets garbage with a dozen kinds, AttributeError among them
        return replace(nothing, cause="unreadable", detail=f"{type(error).__name__}: {error}"[:500])


def _response(record: ArcWarcRecord, nothing: WarcRecord) -> WarcRecord:
    """A response over HTTP, decoded. Raises ValueError for one without what every response has."""
    url, moment = (record.rec_headers.get_header(name) for name in ("WARC-Target-URI", "WARC-Date"))
    if record.http_headers is None or not url or not moment:
        raise ValueError("a response without an address, a date or a status")
    if record.rec_headers.get_header("WARC-Truncated"):
        return replace(nothing, cause="truncated", detail="the archive says that it did not keep all of it")
    body = record.content_stream().read(_MAX_BODY_BYTES + 1)
    if len(body) > _MAX_BODY_BYTES:
        return replace(nothing, outcome="too_large")
    response = HttpResponse(
        url=url.strip("<>"),
        status=int(record.http_headers.get_statuscode()),
        headers=tuple((str(name), str(value)) for name, value in record.http_headers.headers),
        body=body,
        wire_bytes=nothing.end - nothing.offset,
        seconds=0.0,
    )
    return replace(nothing, outcome="page", response=response, captured_at=_moment(moment))


def _moment(text: str) -> datetime:
    """WARC-Date: ISO 8601 in UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC)
