"""The raw archive: every page as it came, in WARC 1.1 files on a local folder or an object store (fsspec).

One file holds one batch of fetches, so files turn over by themselves and are never appended to. A response and its request
are records of their own, each compressed alone: a row's offset and length are enough to read it again. A file is complete
and durable before its name exists: a crash leaves at most a `.tmp` that nothing points to.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from base64 import b32encode
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import responses
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from newswire import __version__
from newswire.errors import ArchiveError, ConfigError
from newswire.records import ArchiveRef, HttpResponse, Page

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_PATH = re.compile(r"\d{4}/\d{2}/\d{2}/[A-Za-z0-9_-]{1,80}\.warc\.gz")
_UNFINISHED = ".tmp"
_WARC = "WARC/1.1"
_LEVEL = 6  # 9 costs twice the time for 1 % of the bytes


class Archive:
    """A place for pages: `file:///srv/newswire/archive`, `s3://bucket/prefix`, `memory://` or a plain folder."""

    def __init__(self, url: str) -> None:
        """Raises ConfigError where the package for this kind of place is not installed."""
        try:
            self._fs, root = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigError(f"NEWSWIRE_ARCHIVE={url}: {error}; s3:// needs the package s3fs, gs:// gcsfs") from error
        self._root = root.rstrip("/")

    def write(
        self, pages: Sequence[HttpResponse], *, now: datetime, name: str, dates: Sequence[datetime] | None = None
    ) -> list[ArchiveRef]:
        """Keep these answers in one new file of the day; durable when this returns. One reference each, in their order.

        `dates` are the times at which another archive captured them; None: they came just now.
        `name` must be new (a UUID): a file is never written twice. Raises ArchiveError when it is there already.
        """
        path = _path(now, name)
        if not pages:
            return []
        info, records = _members(pages, dates or [now] * len(pages), now=now, name=name)
        self._put(path, b"".join([info, *(member for record in records for member in record)]))
        return _refs(path, start=len(info), records=records, pages=pages)

    def read(self, ref: ArchiveRef) -> Page:
        """The page that a reference points to. Raises ArchiveError when it is absent or its bytes are not those kept."""
        record = _record(self._bytes(ref), ref)
        body = record.raw_stream.read()
        if hashlib.sha256(body).digest() != ref.body_sha256:
            raise ArchiveError(f"{_place(ref)}: the body does not match its digest")
        return Page(
            url=record.rec_headers.get_header("WARC-Target-URI"),
            content_type=record.http_headers.get_header("Content-Type"),
            body=body,
            fetched_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
        )

    def files(self) -> list[str]:
        """Every file that the archive wrote, finished or not, in order; what others keep beside them is not ours."""
        found = (path.removeprefix(f"{self._root}/") for path in self._fs.find(self._root))
        return sorted(path for path in found if _PATH.fullmatch(path.removesuffix(_UNFINISHED)))

    def orphans(self, known: Collection[str], *, older_than: datetime) -> list[str]:
        """Files that no row points to (`known`: the paths of all rows), last changed before `older_than`; in order.

        Younger ones may belong to a batch whose rows are being written.
        """
        unknown = [path for path in self.files() if path not in known]
        return [path for path in unknown if self._fs.modified(self._full(path)) < older_than]

    def remove(self, path: str) -> None:
        """Delete a file that `orphans` named, or that was written anew without some of its pages."""
        self._fs.rm_file(self._full(path))

    def rewrite(self, path: str, kept: Sequence[ArchiveRef], *, name: str) -> list[ArchiveRef]:
        """Write a file anew with these of its pages only, beside it under a new name; returns where they lie now.

        Their records are copied byte by byte. The file itself stays until `remove`, so that rows point to bytes at every
        moment. Raises ArchiveError when it cannot be read.
        """
        _refuse_strange_name(name)
        content = self._whole(path)
        new = f"{path.rpartition('/')[0]}/{name}.warc.gz"
        members = [_with_request(content, ref) for ref in kept]
        info = _info(_first_id(content) or _id(name, 0), datetime.now(UTC), name=name)
        self._put(new, b"".join([info, *members]))
        starts = accumulate((len(member) for member in members), initial=len(info))
        return [replace(ref, path=new, offset=start) for ref, start in zip(kept, starts, strict=False)]

    def holds(self, path: str) -> bool:
        """Whether a file is there."""
        return bool(self._fs.exists(self._full(path)))

    def probe(self, name: str) -> None:
        """Write a few bytes and take them away again. Raises OSError or ArchiveError where that is not possible."""
        path = f".probe-{name}"
        self._put(path, b"newswire")
        self.remove(path)

    def copy_out(self, path: str, folder: Path) -> bool:
        """Copy a file under its path into a folder, unless it is there in full; whether it had to be."""
        copy = folder / path
        if copy.exists() and copy.stat().st_size == self._size(path):
            return False
        copy.unlink(missing_ok=True)
        _write_durably(copy, self._whole(path))
        return True

    def take_in(self, path: str, folder: Path) -> bool:
        """Bring such a copy back, unless the file is there; whether it had to be."""
        if self.holds(path):
            return False
        self._put(path, (folder / path).read_bytes())
        return True

    def _whole(self, path: str) -> bytes:
        return self._bytes(ArchiveRef(path=path, offset=0, length=self._size(path), body_sha256=b""))

    def _size(self, path: str) -> int:
        try:
            return int(self._fs.size(self._full(path)))
        except OSError as error:
            raise ArchiveError(f"{path}: {error}") from error

    def _put(self, path: str, content: bytes) -> None:
        full = self._full(path)
        if self._fs.exists(full):
            raise ArchiveError(f"{path}: there already; a file of the archive is never written twice")
        if isinstance(self._fs, LocalFileSystem):
            _write_durably(Path(full), content)
        else:
            self._fs.pipe_file(full, content)  # an object store shows an object whole or not at all

    def _bytes(self, ref: ArchiveRef) -> bytes:
        if not _PATH.fullmatch(ref.path):
            raise ArchiveError(f"{_place(ref)}: no path of the archive")
        try:
            content: bytes = self._fs.cat_file(self._full(ref.path), start=ref.offset, end=ref.offset + ref.length)
        except OSError as error:
            raise ArchiveError(f"{_place(ref)}: {error}") from error
        return content

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"


def _path(now: datetime, name: str) -> str:
    """Where a file lies: by the day it was written, never by anything that a page says."""
    _refuse_strange_name(name)
    return f"{now.astimezone(UTC):%Y/%m/%d}/{name}.warc.gz"


def _refuse_strange_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name for a file of the archive: {name[:100]!r}")


def _refs(path: str, *, start: int, records: Sequence[_Capture], pages: Sequence[HttpResponse]) -> list[ArchiveRef]:
    refs = []
    for record, page in zip(records, pages, strict=True):
        digest = hashlib.sha256(page.body).digest()
        refs.append(ArchiveRef(path=path, offset=start, length=len(record.response), body_sha256=digest))
        start += len(record.response) + len(record.request)
    return refs


def _place(ref: ArchiveRef) -> str:
    return f"{ref.path} at {ref.offset}+{ref.length}"


# --- Writing records -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Capture:
    """One answer and the request it belongs to, each a compressed member."""

    response: bytes
    request: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield from (self.response, self.request)


def _members(
    pages: Sequence[HttpResponse], dates: Sequence[datetime], *, now: datetime, name: str
) -> tuple[bytes, list[_Capture]]:
    """The file in its compressed members: what wrote it, then a response and its request for each page."""
    dated = enumerate(zip(pages, dates, strict=True), start=1)
    captures = [_capture(page, now=at, name=name, number=n) for n, (page, at) in dated]
    return _info(_id(name, 0), now, name=name), captures


def _info(record_id: str, now: datetime, *, name: str) -> bytes:
    """What wrote a file; its records name this one as theirs."""
    about = f"software: newswire/{__version__}\r\nformat: WARC File Format 1.1\r\n".encode()
    headers = [*_headers("warcinfo", record_id, now), ("WARC-Filename", f"{name}.warc.gz")]
    return _serialized(headers, about, "application/warc-fields")


def _capture(page: HttpResponse, *, now: datetime, name: str, number: int) -> _Capture:
    """Both records, each naming the other as of the same event (WARC 1.1, 5.8)."""
    response_id, request_id = _id(name, number), _id(name, number, "request")
    target = ("WARC-Target-URI", quote(page.url, safe="%/:=&?~#+!$,;'@()*[]|", errors="replace"))
    response = [
        *_headers("response", response_id, now),
        target,
        ("WARC-Warcinfo-ID", _id(name, 0)),
        ("WARC-Concurrent-To", request_id),
        ("WARC-Payload-Digest", _digest(page.body)),
    ]
    request = [
        *_headers("request", request_id, now),
        target,
        ("WARC-Warcinfo-ID", _id(name, 0)),
        ("WARC-Concurrent-To", response_id),
        ("WARC-Payload-Digest", _digest(b"")),
    ]
    return _Capture(
        response=_serialized(response, _http_head(page) + page.body, "application/http; msgtype=response"),
        request=_serialized(request, _asked(page), "application/http; msgtype=request"),
    )


def _id(*place: object) -> str:
    """A record's identity follows from its place: the same batch makes the same bytes."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, 'newswire:' + '/'.join(map(str, place)))}>"


def _headers(kind: str, record_id: str, now: datetime) -> list[tuple[str, str]]:
    return [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"),
    ]


def _digest(content: bytes) -> str:
    return f"sha256:{b32encode(hashlib.sha256(content).digest()).decode()}"


# They describe the bytes on the wire. The body is kept decoded, so they are renamed, as other archives do, and readers take
# the body as it is.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_LINE_ENDS = re.compile("[\r\n\0]")


def _asked(page: HttpResponse) -> bytes:
    """The request for it, as it was sent."""
    url = urlsplit(page.url)
    lines = [f"GET {urlunsplit(('', '', url.path or '/', url.query, ''))} HTTP/1.1"]
    lines += [_LINE_ENDS.sub(" ", f"{name}: {value}") for name, value in page.sent]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


def _http_head(page: HttpResponse) -> bytes:
    """Status line and headers as received; the length is that of the kept body."""
    lines = [f"HTTP/1.1 {page.status} {responses.get(page.status, '')}".strip()]
    for name, value in page.headers:
        kept = f"X-Archive-Orig-{name}" if name.lower() in _OF_THE_WIRE else name
        lines.append(_LINE_ENDS.sub(" ", f"{kept}: {value}"))
    lines += [f"Content-Length: {len(page.body)}", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _serialized(headers: list[tuple[str, str]], block: bytes, content_type: str) -> bytes:
    """One record as a gzip member of its own."""
    kind = dict(headers)["WARC-Type"]
    record_headers = StatusAndHeaders("", [*headers, ("WARC-Block-Digest", _digest(block))], protocol=_WARC)
    record = ArcWarcRecord("warc", kind, record_headers, BytesIO(block), None, content_type, len(block))
    plain = BytesIO()
    WARCWriter(plain, gzip=False, warc_version=_WARC).write_record(record)
    return gzip.compress(plain.getvalue(), _LEVEL, mtime=0)


# --- Writing files ---------------------------------------------------------------------------------------------------


def _write_durably(path: Path, content: bytes) -> None:
    """Write beside the name, force to disk, rename, force the folder: the name never shows half a file."""
    _make_folders(path.parent)
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _make_folders(folder: Path) -> None:
    """Make the folders that are missing; each becomes durable in the one above it."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _sync_folder(new.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _record(member: bytes, ref: ArchiveRef) -> ArcWarcRecord:
    """The one response record in a gzip member."""
    try:
        record = next(ArchiveIterator(BytesIO(_inflated(member))))
    except (
        ValueError,
        StopIteration,
        EOFError,
        zlib.error,
        ArchiveLoadFailed,
        StatusAndHeadersParserException,
    ) as error:
        raise ArchiveError(f"{_place(ref)}: no readable record ({error})") from error
    if record.rec_type != "response" or record.http_headers is None:
        raise ArchiveError(f"{_place(ref)}: no response")
    return record


def _first_id(content: bytes) -> str | None:
    """The identity of a file's first record, which those behind it name as theirs; None where it is damaged."""
    try:
        record = next(ArchiveIterator(BytesIO(_first_member(content))))
    except (StopIteration, EOFError, ArchiveLoadFailed, StatusAndHeadersParserException):
        return None
    return str(record.rec_headers.get_header("WARC-Record-ID"))


def _with_request(content: bytes, ref: ArchiveRef) -> bytes:
    """The member of a page, and the one behind it if that is its request."""
    end = ref.offset + ref.length
    behind = _first_member(content[end:])
    is_request = b"\r\nWARC-Type: request\r\n" in zlib.decompress(behind, zlib.MAX_WBITS + 16) if behind else False
    return content[ref.offset : end + (len(behind) if is_request else 0)]


def _first_member(content: bytes) -> bytes:
    """The gzip member at the beginning of these bytes; nothing, where none is whole."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        inflater.decompress(content)
    except zlib.error:
        return b""
    return content[: len(content) - len(inflater.unused_data)] if inflater.eof else b""


def _inflated(member: bytes) -> bytes:
    """Exactly one complete gzip member; its checksum is verified."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    content = inflater.decompress(member)
    if not inflater.eof or inflater.unused_data:
        raise ValueError("not one complete gzip member")
    return content
