"""One request, one answer: headers and body within their limits, or a Refusal with its cause."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import ContentLengthError, HttpProcessingError, LineTooLong, TransferEncodingError
from yarl import URL

from newswire.web.decoding import coding_of, decode, is_gzip
from newswire.web.doors import BlockedAddress, Doors
from newswire.web.refusal import Refusal
from newswire.web.request import KB, Limits

REDIRECTS = frozenset({301, 302, 303, 307, 308})

_HEADER_LINE_BYTES = 16 * KB
_HEADER_BLOCK_BYTES = 64 * KB
_MAX_HEADERS = 256  # lexpress.fr sends more than 100
_FIRST_FINAL_STATUS = 200
_FIRST_ERROR_STATUS = 400
_NO_BODY = REDIRECTS | {204, 205, 304}
_LOOKUP_CACHE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one request brought. The body of a redirect is not read; that of an error is empty if it cannot be had."""

    status: int
    headers: tuple[tuple[str, str], ...]
    sent: tuple[tuple[str, str], ...]
    body: bytes = b""
    wire_bytes: int = 0

    def values(self, name: str) -> list[str]:
        """All values of a header, whose name is given in lower case."""
        return [value for key, value in self.headers if key.lower() == name]


def open_session(doors: Doors) -> aiohttp.ClientSession:
    """An HTTP session without memory (no cookies, no kept connections, no proxy) that goes out through `doors` only."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            resolver=doors,
            socket_factory=doors.open_socket,
            ttl_dns_cache=_LOOKUP_CACHE_S,
            limit=0,  # turns.py bounds the requests
            force_close=True,
        ),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        response_class=_Response,
        read_bufsize=64 * KB,
        max_line_size=_HEADER_LINE_BYTES,
        max_field_size=_HEADER_LINE_BYTES,
        max_headers=_MAX_HEADERS,
    )
    # It would ask a second time at once after a reset, and break the distance that requests to a host keep.
    session._retry_connection = False  # noqa: SLF001  aiohttp 3.14 has no public name for it; its own test client sets it so
    return session


async def ask(
    session: aiohttp.ClientSession,
    url: URL,
    *,
    headers: Mapping[str, str],
    limits: Limits,
    left_s: float,
    posted: bytes | None = None,
) -> Answer:
    """The answer to one GET, or one POST, within `left_s` seconds. Raises Refusal."""
    timeout = aiohttp.ClientTimeout(total=None, connect=limits.connect_s, sock_read=limits.read_s)
    try:
        async with asyncio.timeout(left_s):
            response = await session.request(
                "GET" if posted is None else "POST",
                url,
                headers=headers,
                data=posted,
                allow_redirects=False,
                timeout=timeout,
            )
            assert isinstance(response, _Response)
            try:
                return await _answer(response, limits)
            finally:
                response.close()
    except (aiohttp.ClientError, OSError) as error:
        raise _refusal(error, limits) from error


class _Response(aiohttp.ClientResponse):
    """Keeps its line, where what aiohttp 3.14 does not tell the reader of the body can be seen."""

    line: ResponseHandler

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        assert connection.protocol is not None
        self.line = connection.protocol
        if (closed := self.line.closed) is not None:
            closed.add_done_callback(self.on_closed)
        return await super().start(connection)

    def on_closed(self, closed: asyncio.Future[None]) -> None:
        """Where a chunk breaks the rules after the first read, aiohttp closes the line and lets the reader wait for ever."""
        if not closed.cancelled():
            closed.exception()  # seen; the reader gets one of its own
        body: aiohttp.StreamReader | None = self.content
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("a chunk breaks the rules"))


# --- Headers ---------------------------------------------------------------------------------------------------------


async def _answer(response: _Response, limits: Limits) -> Answer:
    headers = tuple((_text(name), _text(value)) for name, value in response.raw_headers)
    sent = tuple((str(name), value) for name, value in response.request_info.headers.items())
    answer = Answer(status=response.status, headers=headers, sent=sent)
    _check_headers(answer, response)
    if answer.status in _NO_BODY:
        return answer
    try:
        return await _with_body(answer, response, limits)
    except (Refusal, aiohttp.ClientPayloadError):
        if answer.status < _FIRST_ERROR_STATUS:
            raise
        return answer  # 404 or 503 says enough, whatever is wrong with the page that goes with it


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _check_headers(answer: Answer, response: _Response) -> None:
    if answer.status < _FIRST_FINAL_STATUS:
        raise Refusal("protocol", f"an answer with status {answer.status}")
    if sum(len(name) + len(value) + 4 for name, value in response.raw_headers) > _HEADER_BLOCK_BYTES:
        raise Refusal("too_large", f"more than {_HEADER_BLOCK_BYTES:,} bytes of headers")


# --- Body ------------------------------------------------------------------------------------------------------------


async def _with_body(answer: Answer, response: _Response, limits: Limits) -> Answer:
    transfer = {name.strip().lower() for value in answer.values("transfer-encoding") for name in value.split(",")}
    if foreign := transfer - {"chunked", "identity"}:
        raise Refusal("bad_encoding", f"a transfer coding other than chunked: {min(foreign)[:100]!r}")
    coding = coding_of(answer.values("content-encoding"))
    most = limits.wire_bytes if coding else min(limits.wire_bytes, limits.decoded_bytes)
    body = await _wire_body(response, limits, most=most)
    if coding is None and limits.gz_files and is_gzip(body):
        coding = "gzip"
    decoded = decode(coding, body, limits) if coding else body
    return replace(answer, body=decoded, wire_bytes=len(body))


async def _wire_body(response: _Response, limits: Limits, *, most: int) -> bytes:
    """The body as it came, of `most` bytes at most, complete unless the limits say that it may be cut."""
    if (response.content_length or 0) > most and not limits.cut:
        raise Refusal("too_large", f"{response.content_length:,} bytes are announced, {most:,} are read")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            return _head_of(body, limits, most)
    _check_end(response, len(body))
    return bytes(body)


def _head_of(body: bytearray, limits: Limits, most: int) -> bytes:
    if not limits.cut:
        raise Refusal("too_large", f"more than {most:,} bytes")
    return bytes(body[:most])


def _check_end(response: _Response, received: int) -> None:
    """What aiohttp takes for the end of a body, and is none."""
    trouble = response.line.exception()
    if isinstance(trouble, OSError):  # a body without length or chunks, whose connection was reset
        raise Refusal("truncated", f"the connection broke after {received:,} bytes")
    more = isinstance(trouble, HttpProcessingError) or len(response.line)
    if more and "Content-Length" in response.headers:  # seen only if they came with the last bytes
        raise Refusal("truncated", f"more bytes than the {received:,} that were announced")


# --- What went wrong -------------------------------------------------------------------------------------------------


def _refusal(error: Exception, limits: Limits) -> Refusal:  # noqa: C901, PLR0911 - one line for each cause
    """The cause and the sentence for what the client raised."""
    origin = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    match error:
        case _ if isinstance(origin, BlockedAddress):
            return Refusal("blocked_address", str(origin))
        case aiohttp.ConnectionTimeoutError():
            return Refusal("timeout", f"no connection within {limits.connect_s:g} s")
        case aiohttp.SocketTimeoutError():
            return Refusal("timeout", f"nothing received for {limits.read_s:g} s")
        case TimeoutError():
            return Refusal("timeout", f"no complete answer within {limits.total_s:g} s")
        case aiohttp.ClientConnectorDNSError():
            return Refusal("dns", f"the host name has no address: {_line(origin)}")
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError() | ssl.SSLError():
            return Refusal("tls", f"no secure connection: {_line(origin or error)}")
        case aiohttp.ServerDisconnectedError() if not isinstance(error.message, str):
            return Refusal("truncated", "the connection was closed within the headers")
        case aiohttp.ServerDisconnectedError():
            return Refusal("connect", "the connection was closed without an answer")
        case aiohttp.ClientPayloadError() if isinstance(error.__cause__, ContentLengthError | TransferEncodingError):
            return Refusal("truncated", "the connection was closed before the announced end")
        case aiohttp.ClientResponseError():
            return _broken_answer(error)
        case OSError():
            return Refusal("connect", f"no connection: {_line(origin or error)}")
        case _:
            return Refusal("protocol", f"not an answer by the rules of HTTP: {_line(error)}")


def _broken_answer(error: aiohttp.ClientResponseError) -> Refusal:
    """The headers could not be read, or what came with them in one piece."""
    cause = error.__cause__.__cause__ if error.__cause__ else None
    if isinstance(cause, LineTooLong):
        return Refusal("too_large", f"a header line of more than {_HEADER_LINE_BYTES:,} bytes")
    if error.message.startswith("Too many headers"):
        return Refusal("too_large", f"more than {_MAX_HEADERS} headers")
    if error.message.startswith("Data after `Connection: close`"):
        return Refusal("truncated", "more bytes than were announced")
    return Refusal("protocol", f"not an answer by the rules of HTTP: {_line(error.message)}")


def _line(what: object) -> str:
    """A library's message as one short line."""
    return " ".join(str(what).split())[:200] or type(what).__name__
