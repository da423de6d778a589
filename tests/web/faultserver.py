"""A web server that misbehaves on purpose: `/name` plays the fault of that name, byte by byte, on a raw socket.

It also plays a well-behaved site where a test needs one (`Faults.answer`), and remembers every request it got.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import brotli
import zstandard

Writer = asyncio.StreamWriter
Fault = Callable[[Writer], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DOCUMENT = b"<rss><channel><title>Complete to the last byte</title></channel></rss>\n" * 20
CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
_FOREVER_S = 3600

FAULTS: dict[str, tuple[str, Fault]] = {}  # name -> (cause it must lead to, what the server does)


def fault(cause: str) -> Callable[[Fault], Fault]:
    def register(play: Fault) -> Fault:
        FAULTS[play.__name__] = (cause, play)
        return play

    return register


def says(name: str, cause: str, *pieces: bytes, hold: bool = False) -> None:
    """A fault that is nothing but bytes, each piece in a packet of its own; `hold` keeps the connection open after."""

    async def play(writer: Writer) -> None:
        await send(writer, *pieces)
        if hold:
            await silence()

    FAULTS[name] = (cause, play)


async def send(writer: Writer, *pieces: bytes) -> None:
    for number, piece in enumerate(pieces):
        if number:
            await asyncio.sleep(0.02)
        writer.write(piece)
        await writer.drain()


async def silence() -> None:
    await asyncio.sleep(_FOREVER_S)


async def drip(writer: Writer, piece: bytes) -> None:
    while True:
        await send(writer, piece)
        await asyncio.sleep(0.05)


async def flood(writer: Writer, piece: bytes) -> None:
    while True:
        await send(writer, piece)


def reset(writer: Writer) -> None:
    """Close with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# --- The connection ---------------------------------------------------------------------------------------------------

says("fin_before_answer", "connect")
says("fin_in_status_line", "truncated", b"HTTP/1.1 20")
says("fin_in_headers", "truncated", OK + b"Content-Type: text/xm")
says("fin_in_body", "truncated", OK + b"Content-Length: 5000\r\n\r\n" + DOCUMENT)
says("fin_in_chunk", "truncated", CHUNKED + b"ffff\r\n" + DOCUMENT)
says("chunks_without_end", "truncated", CHUNKED + b"3\r\nabc\r\n")


@fault("connect")
async def rst_before_answer(writer: Writer) -> None:
    reset(writer)


@fault("connect")
async def rst_in_headers(writer: Writer) -> None:
    await send(writer, OK + b"Content-Type: text/xm", b"l")
    reset(writer)


@fault("truncated")
async def rst_in_body(writer: Writer) -> None:
    await send(writer, OK + b"Content-Length: 5000\r\n\r\n", DOCUMENT, b"x")
    await asyncio.sleep(0.05)
    reset(writer)


@fault("truncated")
async def rst_in_body_without_length(writer: Writer) -> None:
    await send(writer, OK + b"\r\n", DOCUMENT, b"x")
    await asyncio.sleep(0.05)
    reset(writer)


# --- Time -------------------------------------------------------------------------------------------------------------

says("stall_before_answer", "timeout", hold=True)
says("stall_in_headers", "timeout", OK + b"Content-Type: text/xm", hold=True)
says("stall_in_body", "timeout", OK + b"Content-Length: 5000\r\n\r\n" + DOCUMENT, hold=True)
says("stall_in_chunk", "timeout", CHUNKED + b"ffff\r\n" + DOCUMENT, hold=True)


@fault("timeout")
async def drip_status_line(writer: Writer) -> None:
    await send(writer, b"HTTP/1.1 200 ")
    await drip(writer, b"O")


@fault("timeout")
async def drip_headers(writer: Writer) -> None:
    await send(writer, OK)
    await drip(writer, b"X: y\r\n")


@fault("timeout")
async def drip_body(writer: Writer) -> None:
    await send(writer, OK + b"Content-Length: 5000\r\n\r\n")
    await drip(writer, b"x")


@fault("timeout")
async def drip_chunks(writer: Writer) -> None:
    await send(writer, CHUNKED)
    await drip(writer, b"1\r\nx\r\n")


@fault("timeout")
async def drip_gzip(writer: Writer) -> None:
    await send(writer, OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08")
    await drip(writer, b"\0")


@fault("timeout")
async def drip_error_page(writer: Writer) -> None:
    await send(writer, b"HTTP/1.1 404 Not Found\r\n\r\n")
    await drip(writer, b"x")


@fault("timeout")
async def endless_continue(writer: Writer) -> None:
    await drip(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@fault("timeout")
async def endless_early_hints(writer: Writer) -> None:
    await drip(writer, b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 100)


# --- Size -------------------------------------------------------------------------------------------------------------

says("long_header_line", "too_large", OK + b"X: " + b"y" * 17_000 + b"\r\n\r\n")
says("long_header_name", "too_large", OK + b"X" * 17_000 + b": y\r\n\r\n")
says("long_status_line", "too_large", b"HTTP/1.1 200 " + b"O" * 17_000 + b"\r\n\r\n")
says("too_many_headers", "too_large", OK + b"".join(b"X-%d: y\r\n" % n for n in range(300)) + b"\r\n")
says("large_header_block", "too_large", OK + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 7_000) for n in range(10)) + b"\r\n")
says("announces_too_much", "too_large", OK + b"Content-Length: 99999999999\r\n\r\n" + DOCUMENT, hold=True)


@fault("too_large")
async def endless_headers(writer: Writer) -> None:
    await send(writer, OK)
    await flood(writer, b"X: y\r\n" * 1000)


@fault("too_large")
async def endless_header_line(writer: Writer) -> None:
    await send(writer, OK + b"X: ")
    await flood(writer, b"y" * 10_000)


@fault("too_large")
async def endless_body(writer: Writer) -> None:
    await send(writer, OK + b"\r\n")
    await flood(writer, b"x" * 100_000)


@fault("too_large")
async def endless_chunks(writer: Writer) -> None:
    await send(writer, CHUNKED)
    await flood(writer, b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


@fault("too_large")
async def endless_gzip(writer: Writer) -> None:
    await send(writer, OK + b"Content-Encoding: gzip\r\n\r\n")
    await flood(writer, gzip.compress(b"member after member" * 1000) * 100)


def bomb(coding: str, megabytes: int) -> bytes:
    """An answer that inflates to so many megabytes of zeros."""
    zeros = b"\0" * (megabytes << 20)
    return whole(CODERS[coding](zeros), f"Content-Encoding: {coding}")


def barely_compressed(coding: str, megabytes: int) -> bytes:
    """An answer that inflates to so many megabytes at a ratio that real pages have, too."""
    noise = random.Random(7).randbytes(1000)
    return whole(CODERS[coding]((noise + b"\0" * 31_000) * 32 * megabytes), f"Content-Encoding: {coding}")


says("bomb_gzip", "too_large", bomb("gzip", 30))
says("bomb_deflate", "too_large", bomb("deflate", 30))
says("bomb_br", "too_large", bomb("br", 30))
says("bomb_zstd", "too_large", bomb("zstd", 30))
says("bomb_by_ratio", "too_large", bomb("gzip", 1))
says("too_long_when_decoded", "too_large", barely_compressed("gzip", 30))
says("too_long_as_it_is", "too_large", OK + b"\r\n" + b"x" * (20 << 20))

# --- Not by the rules -------------------------------------------------------------------------------------------------

says("http_0_9", "protocol", DOCUMENT)
says("garbage", "protocol", bytes(range(256)) * 4)
says("ssh_banner", "protocol", b"SSH-2.0-OpenSSH_9.6\r\n", hold=True)
says("smtp_banner", "protocol", b"220 mail.example ESMTP\r\n", hold=True)
says("icecast", "protocol", b"ICY 200 OK\r\n\r\n", hold=True)
says("tls_alert", "protocol", b"\x15\x03\x01\x00\x02\x02\x46")
says("http_2", "protocol", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\0" * 18)
says("status_in_words", "protocol", b"HTTP/1.1 fine OK\r\n\r\n")
says("status_below_100", "protocol", b"HTTP/1.1 099 Odd\r\nContent-Length: 3\r\n\r\nabc")
says("unasked_upgrade", "protocol", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nabc", hold=True)
says("unknown_version", "protocol", b"HTTP/9.9 200 OK\r\nContent-Length: 3\r\n\r\nabc")
says("header_without_colon", "protocol", OK + b"Content-Type text/xml\r\n\r\nabc")
says("nul_in_header", "protocol", OK + b"X: a\0b\r\n\r\nabc")
says(
    "length_and_chunks",
    "protocol",
    OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
)
says("two_lengths", "protocol", OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
says("negative_length", "protocol", OK + b"Content-Length: -3\r\n\r\nabc")
says("length_in_words", "protocol", OK + b"Content-Length: many\r\n\r\nabc")
says("length_overflow", "protocol", OK + b"Content-Length: 99999999999999999999999\r\n\r\nabc")
says("bad_chunk_size", "protocol", CHUNKED + b"3\r\nabc\r\nxyz\r\n", hold=True)
says("bad_chunk_size_later", "protocol", CHUNKED + b"3\r\nabc\r\n", b"xyz\r\n", hold=True)
says("chunk_size_overflow", "protocol", CHUNKED + b"3\r\nabc\r\n", b"f" * 30 + b"\r\n", hold=True)
says("chunk_longer_than_said", "protocol", CHUNKED, b"3\r\nabcdef\r\n0\r\n\r\n", hold=True)

# --- Not what was announced -------------------------------------------------------------------------------------------

# So long that its headers are read before its end. In one short packet, aiohttp tells it only from a closing server.
says("more_than_announced", "truncated", OK + b"Content-Length: 700000\r\n\r\n" + b"x" * 760_000, hold=True)
says("more_than_announced_in_one_packet", "protocol", OK + b"Content-Length: 9\r\n\r\n" + DOCUMENT, hold=True)
says("more_than_announced_at_once", "truncated", OK + b"Connection: close\r\nContent-Length: 9\r\n\r\n" + DOCUMENT)
says("second_answer", "truncated", OK + b"Content-Length: 3\r\n\r\n", b"abc" + OK + b"Content-Length: 3\r\n\r\nxyz")

for _coding, _encode in CODERS.items():
    _coded = _encode(DOCUMENT)
    says(f"{_coding}_cut", "truncated", whole(_coded[:-9], f"Content-Encoding: {_coding}"))
    says(f"{_coding}_cut_in_half", "truncated", whole(_coded[: len(_coded) // 2], f"Content-Encoding: {_coding}"))
    says(f"{_coding}_empty", "truncated", whole(b"", f"Content-Encoding: {_coding}"))
    says(f"{_coding}_that_is_none", "bad_encoding", whole(DOCUMENT, f"Content-Encoding: {_coding}"))

says("gzip_bad_checksum", "bad_encoding", whole(gzip.compress(DOCUMENT)[:-8] + b"\0" * 8, "Content-Encoding: gzip"))
says(
    "gzip_second_member_cut",
    "truncated",
    whole(gzip.compress(b"a") + gzip.compress(b"b")[:-4], "Content-Encoding: gzip"),
)
says("br_with_more_after", "bad_encoding", whole(brotli.compress(DOCUMENT) + b"more", "Content-Encoding: br"))
says("two_layers", "bad_encoding", whole(gzip.compress(gzip.compress(DOCUMENT)), "Content-Encoding: gzip, gzip"))
says("two_layers_two_headers", "bad_encoding", whole(b"", "Content-Encoding: gzip", "Content-Encoding: br"))
says("unknown_coding", "bad_encoding", whole(DOCUMENT, "Content-Encoding: compress"))
says("transfer_gzip", "bad_encoding", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


def wide_window() -> bytes:
    """A zstd frame that asks the decoder for 128 MB of memory."""
    coder = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27)
    ).compressobj()
    return coder.compress(DOCUMENT) + coder.flush()


says("zstd_wide_window", "bad_encoding", whole(wide_window(), "Content-Encoding: zstd"))

# --- Redirects --------------------------------------------------------------------------------------------------------


def redirects(name: str, cause: str, *headers: str, status: str = "302 Found") -> None:
    says(name, cause, whole(b"moved", *headers, status=status))


redirects("redirect_to_nowhere", "bad_redirect")
redirects("redirect_to_nothing", "bad_redirect", "Location: ")
redirects("redirect_to_itself", "bad_redirect", "Location: /redirect_to_itself", status="301 Moved Permanently")
redirects("redirect_to_brackets", "bad_redirect", "Location: http://[half/")
redirects("redirect_to_file", "bad_url", "Location: file:///etc/passwd")
redirects("redirect_to_gopher", "bad_url", "Location: gopher://planet.example/1")
redirects("redirect_to_data", "bad_url", "Location: data:text/html,hello")
redirects("redirect_to_other_port", "bad_url", "Location: http://planet.example:6379/")
redirects("redirect_to_login", "bad_url", "Location: http://user:secret@planet.example/")
redirects("redirect_to_loopback", "blocked_address", "Location: http://127.0.0.1/")
redirects("redirect_to_ipv6_loopback", "blocked_address", "Location: http://[::1]/")
redirects("redirect_to_metadata", "blocked_address", "Location: http://169.254.169.254/latest/", status="307 Again")
redirects("redirect_to_number", "blocked_address", "Location: //2130706433/", status="308 For Good")


# --- The server -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    host: str
    path: str
    headers: dict[str, str]
    at: float
    method: str = "GET"


@dataclass
class Faults:
    """The running server. `answers` holds the well-behaved pages of a test: (host, path) or path -> bytes to send."""

    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    answers: dict[tuple[str, str] | str, bytes | Fault] = field(default_factory=dict)
    sent_bytes: dict[str, int] = field(default_factory=dict)  # by path
    open_now: int = 0
    most_open: dict[str, int] = field(default_factory=dict)  # by host, at the same time
    _open: dict[str, int] = field(default_factory=dict)

    def paths(self, host: str | None = None) -> list[str]:
        return [request.path for request in self.seen if host in {None, request.host}]

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        host = "?"
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            request = _request(await reader.readuntil(b"\r\n\r\n"))
            host = request.host
            self.seen.append(request)
            self._count(host, 1)
            await self._play(request, writer)
        self._count(host, -1)
        writer.close()

    def _count(self, host: str, change: int) -> None:
        self._open[host] = self._open.get(host, 0) + change
        self.most_open[host] = max(self.most_open.get(host, 0), self._open[host])

    async def _play(self, request: Seen, writer: Writer) -> None:
        answer = self.answers.get((request.host, request.path), self.answers.get(request.path))
        if answer is None and request.path[1:] in FAULTS:
            answer = FAULTS[request.path[1:]][1]
        if answer is None:
            answer = whole(b"nothing here", status="404 Not Found")
        if isinstance(answer, bytes):
            await send(writer, answer)
        else:
            await answer(writer)


def _request(head: bytes) -> Seen:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, path, _ = first.split(" ")
    return Seen(host=headers["host"], path=path, headers=headers, at=time.monotonic(), method=method)


@contextlib.contextmanager
def running(faults: Faults):
    """Serve in a thread until the block ends."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(faults.serve, "127.0.0.1", 0, backlog=512))
    faults.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
