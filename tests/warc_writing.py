"""WARC files as other archives write them, for tests: one gzip member a record (ISO 28500)."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True)
class Captured:
    """A response that an archive has."""

    url: str
    body: bytes
    at: datetime = datetime(2026, 11, 11, 8, tzinfo=UTC)
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)


def write_warc(path: Path, captures: Iterable[Captured], *, with_requests: bool = True) -> list[int]:
    """Write a file in the layout of CC-NEWS; returns where each response begins."""
    places, content = [], bytearray(record("warcinfo", b"software: a crawler\r\n", kind="application/warc-fields"))
    for capture in captures:
        about = {"WARC-Target-URI": capture.url, "WARC-Date": f"{capture.at:%Y-%m-%dT%H:%M:%SZ}"}
        if with_requests:
            asked = b"GET / HTTP/1.1\r\nUser-Agent: a crawler\r\n\r\n"
            content += record("request", asked, about, kind="application/http; msgtype=request")
        places += [len(content)]
        content += response(capture, about)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return places


def response(capture: Captured, about: dict[str, str]) -> bytes:
    """One response over HTTP."""
    head = "".join(f"{name}: {value}\r\n" for name, value in capture.headers)
    block = f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + capture.body
    return record("response", block, about, kind="application/http; msgtype=response")


def record(type_: str, block: bytes, about: dict[str, str] | None = None, *, kind: str) -> bytes:
    """One record as a gzip member."""
    fields = {
        "WARC-Type": type_,
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        "WARC-Date": "2026-11-11T08:00:00Z",
        **(about or {}),
        "Content-Type": kind,
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return gzip.compress(f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n", mtime=0)
