"""CPU time of one poll: TLS with a new connection, the guarded client, reading in the child. The database is not in it.

Each capture is served without its two newest items, and later whole. Only two things differ from a real poll: the guard
lets the loopback address through, and the certificate that a program made a moment ago is believed.
"""

import datetime as dt
import gzip
import hashlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import aiohttp.connector
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from newswire.core.feeds import parse_feed
from newswire.core.feeds.decoding import decode
from newswire.core.feeds.markup import find_root
from newswire.core.feeds.pruning import outline_of
from newswire.core.polling import feed_reply, request_headers
from newswire.records import Changed, DueFeed, FeedMemory
from newswire.steps.child import Child
from newswire.web import async_web
from newswire.web.client import Web
from newswire.web.doors import Doors
from newswire.web.request import Request, WebSettings

DOMAIN = "feeds.example"
NEWEST = 2  # items that a changed document has more than the one before
FRESH = 0.3  # share of polls that find news


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A capture, as it was and as it is, and what is known of it."""

    due: DueFeed
    old: bytes
    new: bytes
    memory: FeedMemory


class Costs(NamedTuple):
    """CPU milliseconds of one poll, by what it finds."""

    not_modified: float
    same_body: float
    pruned: float
    whole: float

    @property
    def polls_per_core_s(self) -> float:
        """At 30 % fresh: the others are answered with 304."""
        return 1000 / ((1 - FRESH) * self.not_modified + FRESH * self.pruned)


def measure(bodies: Iterator[bytes], *, feeds: int = 100, rounds: int = 3) -> Costs:
    """The best of some rounds over the first captures that can be pruned."""
    chosen = list(_feeds(bodies, feeds))
    with tempfile.TemporaryDirectory() as folder, Child(also_allowed=("time:",)) as child:
        child.warm("newswire.core.feeds")
        certificate = _self_signed(Path(folder))
        with _serving(chosen, certificate, Path(folder)) as ports:
            cost = partial(_best, chosen, child, rounds=rounds)
            return Costs(
                not_modified=cost(ports["304"], _nothing),
                same_body=cost(ports["old"], _nothing),
                pruned=cost(ports["new"], _read_new),
                whole=cost(ports["new"], _read_whole),
            )


# --- What is polled --------------------------------------------------------------------------------------------------


def _feeds(bodies: Iterator[bytes], most: int) -> Iterator[Feed]:
    found = 0
    for body in bodies:
        if feed := _feed(body, found):
            yield feed
            found += 1
        if found == most:
            return


def _feed(body: bytes, number: int) -> Feed | None:
    text, _ = decode(body, None)
    outline = outline_of(text, find_root(text))
    if outline is None or len(outline.spans) <= NEWEST:
        return None
    host = f"n{number}.{DOMAIN}"
    old = _without(text, outline.spans[:NEWEST]).encode()
    memory = parse_feed(old, url=f"https://{host}/{number}").memory
    if memory is None:
        return None
    due = DueFeed(
        feed_id=number,
        url=f"https://{host}/{number}",
        host=host,
        etag='"e"',
        last_modified=None,
        body_sha256=hashlib.sha256(old).digest(),
        failures=0,
        interval_s=900,
    )
    return Feed(due=due, old=old, new=text.encode(), memory=memory)


def _without(text: str, spans: tuple[slice, ...]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + text[span.stop :]
    return text


# --- One poll --------------------------------------------------------------------------------------------------------

Read = Callable[[Child, Feed, Changed], None]


def _nothing(_: Child, feed: Feed, answer: Changed) -> None:
    raise AssertionError(f"{feed.due.url} was to be unchanged, and gave {len(answer.body)} bytes")


def _read_new(child: Child, feed: Feed, answer: Changed) -> None:
    read = child.call("newswire.core.feeds:parse_feed", answer.body, url=answer.url, memory=feed.memory)
    assert read.known + len(read.entries) <= read.items


def _read_whole(child: Child, _: Feed, answer: Changed) -> None:
    child.call("newswire.core.feeds:parse_feed", answer.body, url=answer.url)


def _best(feeds: list[Feed], child: Child, port: int, read: Read, *, rounds: int) -> float:
    return min(_round(feeds, child, port, read) for _ in range(rounds))


def _round(feeds: list[Feed], child: Child, port: int, read: Read) -> float:
    """CPU milliseconds a poll, of this process and the child."""
    async_web.Doors = partial(_Loopback, port=port)  # type: ignore[misc]
    with Web(WebSettings(host_gap_s=0)) as web:
        started = time.process_time() + child.call("time:process_time")
        asked = [(feed, web.submit(_request(feed))) for feed in feeds]
        for feed, reply in asked:
            answer = feed_reply(feed.due, reply.result(), now=_now())
            if isinstance(answer, Changed):
                read(child, feed, answer)
            else:
                assert type(answer).__name__ == "Unchanged", answer
        used = time.process_time() + child.call("time:process_time") - started
    return 1000 * used / len(feeds)


def _request(feed: Feed) -> Request:
    return Request(url=feed.due.url, kind="feed", headers=request_headers(feed.due, now=_now()))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


# --- The server ------------------------------------------------------------------------------------------------------


class _Loopback(Doors):
    """Doors that lead to one port of this machine."""

    def __init__(self, *, port: int, **_: object) -> None:
        super().__init__()
        self._port = port

    async def resolve(self, host: str, *_: object, **__: object):
        found = {"hostname": host, "host": "127.0.0.1", "port": self._port, "family": socket.AF_INET, "proto": 0}
        return [found | {"flags": socket.AI_NUMERICHOST}]

    def open_socket(self, addr_info) -> socket.socket:
        return socket.socket(*addr_info[:3])


@contextmanager
def _serving(feeds: list[Feed], certificate: Path, folder: Path) -> Iterator[dict[str, int]]:
    for number, feed in enumerate(feeds):
        (folder / f"{number}.old").write_bytes(gzip.compress(feed.old))
        (folder / f"{number}.new").write_bytes(gzip.compress(feed.new))
    command = [sys.executable, str(Path(__file__).with_name("feed_server.py")), str(certificate), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            yield json.loads(server.stdout.readline())
        finally:
            server.terminate()


def _self_signed(folder: Path) -> Path:
    """A certificate for all the hosts, which the HTTP client is made to believe."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DOMAIN)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(_now()).not_valid_after(_now() + dt.timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName(f"*.{DOMAIN}")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    aiohttp.connector._SSL_CONTEXT_VERIFIED.load_verify_locations(cadata=pem.decode())  # noqa: SLF001
    return folder / "server.pem"
