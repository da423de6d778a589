"""Content codings, decoded within limits and only when complete.

Libraries accept a stream that is cut off (measured for requests, httpx and aiohttp: 5,574 of 7,750 bytes, no
exception) and inflate bombs without bound. So the end of the stream is required here, and output comes in small pieces
that are counted. One layer only.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

import brotli  # type: ignore[import-untyped]  # it has no stubs
import zstandard

from newswire.web.refusal import Refusal
from newswire.web.request import KB, MB, Limits

_ALIASES = {"x-gzip": "gzip", "x-deflate": "deflate"}  # RFC 9110, 8.4.1
_PIECE = 64 * KB
_GZIP_MAGIC = b"\x1f\x8b"
_AUTO_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_ZSTD_WINDOW = 8 * MB  # RFC 9659: the most that a content coding may ask for
_ZSTD_SLICE = 256  # the decoder has no output limit; 4 bytes may stand for 128 KB, so this is at most 8 MB a step
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = (b"\x2a\x4d\x18", 0x50)  # RFC 8878, 3.1.2: bytes 1 to 3, and the high half of byte 0


def coding_of(values: Sequence[str]) -> str | None:
    """The one coding that the values of Content-Encoding name; None: the body is as it is. Raises Refusal."""
    names = [name.strip().lower() for value in values for name in value.split(",")]
    codings = [_ALIASES.get(name, name) for name in names if name not in {"", "identity"}]
    if not codings:
        return None
    if len(codings) > 1:
        raise Refusal("bad_encoding", f"more than one content coding: {', '.join(codings)[:100]!r}")
    if codings[0] not in _DECODERS:
        raise Refusal("bad_encoding", f"an unknown content coding: {codings[0][:100]!r}")
    return codings[0]


def is_gzip(body: bytes) -> bool:
    """Whether a body looks like a gzip file."""
    return body.startswith(_GZIP_MAGIC)


def decode(coding: str, body: bytes, limits: Limits) -> bytes:
    """The complete document behind one content coding.

    Raises Refusal: `truncated` without the end of the stream, `bad_encoding` where it breaks the rules of its coding,
    `too_large` over the limits. What follows a complete gzip, deflate or zstd stream is ignored, as browsers do.
    """
    decoded = bytearray()
    try:
        for piece in _DECODERS[coding](body):
            decoded += piece
            if (reason := _over(limits, len(decoded), len(body))) and not limits.cut:
                raise Refusal("too_large", f"{coding}: {reason}")
            if reason:
                break
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Refusal("bad_encoding", f"not a {coding} stream: {error}") from error
    return bytes(decoded[: limits.decoded_bytes])


def _over(limits: Limits, decoded: int, wire: int) -> str | None:
    if decoded > limits.decoded_bytes:
        return f"more than {limits.decoded_bytes:,} decoded bytes"
    if decoded > limits.ratio_from_bytes and decoded > limits.ratio * wire:
        return f"more than {limits.ratio} bytes for each byte on the wire"
    return None


def _cut_off(coding: str) -> Refusal:
    return Refusal("truncated", f"the {coding} stream has no end")


# --- The codings: each yields small pieces until the end of the stream -----------------------------------------------


def _gzip(data: bytes) -> Iterator[bytes]:
    """Members follow one another (RFC 1952, 2.2); only a whole member ends the stream."""
    end = yield from _inflate(data, 0, wbits=_AUTO_GZIP, coding="gzip")
    while is_gzip(data[end : end + 2]):
        end = yield from _inflate(data, end, wbits=_AUTO_GZIP, coding="gzip")


def _deflate(data: bytes) -> Iterator[bytes]:
    """With the zlib header that RFC 9110 asks for, or without it, as some servers send it."""
    has_header = len(data) > 1 and data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
    yield from _inflate(data, 0, wbits=_ZLIB if has_header else _RAW, coding="deflate")


def _inflate(data: bytes, start: int, *, wbits: int, coding: str) -> Generator[bytes, None, int]:
    """One complete zlib stream; returns where it ends."""
    decoder, waiting = zlib.decompressobj(wbits), b""
    while not decoder.eof:
        given = waiting or data[start : start + _PIECE]
        start += 0 if waiting else len(given)
        piece = decoder.decompress(given, _PIECE)
        waiting = decoder.unconsumed_tail
        if not (given or piece or decoder.eof):
            raise _cut_off(coding)
        yield piece
    return start - len(decoder.unused_data)


def _br(data: bytes) -> Iterator[bytes]:
    """The library refuses bytes after the end."""
    decoder = brotli.Decompressor()
    for start in range(0, len(data), _PIECE):
        yield decoder.process(data[start : start + _PIECE], output_buffer_limit=_PIECE)
        while not decoder.is_finished() and (piece := decoder.process(b"", output_buffer_limit=_PIECE)):
            yield piece
    if not decoder.is_finished():
        raise _cut_off("br")


def _zstd(data: bytes) -> Iterator[bytes]:
    """Frames follow one another (RFC 8878, 3.1)."""
    end = yield from _zstd_frame(data, 0)
    while _is_zstd_frame(data[end : end + 4]):
        end = yield from _zstd_frame(data, end)


def _zstd_frame(data: bytes, start: int) -> Generator[bytes, None, int]:
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    while not decoder.eof:
        given = data[start : start + _ZSTD_SLICE]
        start += len(given)
        if not given:
            raise _cut_off("zstd")
        yield decoder.decompress(given)
    return start - len(decoder.unused_data)


def _is_zstd_frame(head: bytes) -> bool:
    tail, high = _ZSTD_SKIPPABLE
    return head == _ZSTD_MAGIC or (head[1:] == tail and head[0] & 0xF0 == high)


_DECODERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}
