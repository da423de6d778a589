"""What servers do wrong: every kind ends in time, with its cause, within its memory."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from newswire.records import HttpFailure, HttpResponse
from newswire.web.client import Web
from newswire.web.request import Request, WebSettings
from web import fault_table
from web.conftest import HASTY, LIMITS
from web.faultserver import DOCUMENT, FAULTS, Faults, running, whole

_PEAK_MB = 80
_SLACK_S = 2.0  # two busy cores


@pytest.fixture(scope="module")
def replies():
    """All faults at once, each on a host of its own."""
    with running(Faults()) as server:
        settings = WebSettings(connect_to=("127.0.0.1", server.port), host_gap_s=0, limits=LIMITS, max_in_flight=200)
        with Web(settings) as web:
            yield {name: web.submit(_request(name)).result for name in FAULTS}


def _request(name):
    cause, _ = FAULTS[name]
    host = name.replace("_", "-")
    return Request(url=f"http://{host}.example/{name}", kind="sitemap" if cause == "timeout" else "feed")


def test_there_are_more_than_forty_kinds_of_faults():
    assert len(FAULTS) > 40


def test_the_table_of_the_manual_has_them_all():
    page = fault_table.PAGE.read_text(encoding="utf-8")
    assert fault_table.with_table(page) == page, "run tests/web/fault_table.py"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_in_time_with_its_cause_and_one_sentence(replies, name):
    cause, _ = FAULTS[name]
    reply = replies[name](30)
    assert isinstance(reply, HttpFailure)
    assert reply.cause == cause, reply
    assert reply.url == _request(name).url
    assert 10 < len(reply.detail) < 400
    assert reply.detail.isprintable()
    assert "Traceback" not in reply.detail
    assert reply.seconds < (HASTY.total_s if cause == "timeout" else LIMITS["feed"].total_s) + _SLACK_S


def test_an_endless_body_is_left_soon_after_the_limit(server, open_web):
    got = []

    async def count(writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()
            got.append(10_000)

    server.answers["/endless"] = count
    assert open_web().get(Request(url="http://a.example/endless", kind="feed")).cause == "too_large"
    assert sum(got) < LIMITS["feed"].decoded_bytes + 20_000_000  # what the sockets of both sides hold


@pytest.mark.parametrize("status", ["404 Not Found", "503 Slow Down", "410 Gone"])
@pytest.mark.parametrize("keep", [-1, -5, None])
def test_an_error_status_counts_whatever_is_wrong_with_its_page(server, open_web, status, keep):
    answer = whole(b"\x1f\x8bno gzip", "Content-Encoding: gzip", "Retry-After: 60", status=status)
    server.answers["/cut"] = answer[:keep]
    reply = open_web().get(Request(url="http://a.example/cut", kind="page"))
    assert (reply.status, reply.body, reply.header("retry-after")) == (int(status[:3]), b"", "60")


@pytest.mark.parametrize(
    ("name", "answer"),
    {
        "more than 100 headers": whole(DOCUMENT, *(f"X-{n}: y" for n in range(200))),
        "long but legal header line": whole(DOCUMENT, "X: " + "y" * 15_000),
        "no length, closed at the end": b"HTTP/1.0 200 OK\r\n\r\n" + DOCUMENT,
        "no reason phrase": b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n" % len(DOCUMENT) + DOCUMENT,
        "line feeds only": b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(DOCUMENT) + DOCUMENT,
        "line break after the body": whole(DOCUMENT) + b"\r\n",
        "hints before the answer": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + whole(DOCUMENT),
        "identity coding": whole(DOCUMENT, "Content-Encoding: identity"),
        "empty coding": whole(DOCUMENT, "Content-Encoding: "),
        "header bytes that are not UTF-8": whole(DOCUMENT).replace(b"Connection", b"X: caf\xe9\r\nConnection"),
        "same header twice": whole(DOCUMENT, "Server: a", "Server: b"),
        "uncommon status": whole(DOCUMENT, status="299 Odd"),
    }.items(),
)
def test_what_is_odd_but_whole_is_read(server, open_web, name, answer):
    server.answers["/odd"] = answer
    reply = open_web().get(Request(url="http://a.example/odd", kind="feed"))
    assert isinstance(reply, HttpResponse), reply
    assert (reply.body, reply.wire_bytes) == (DOCUMENT, len(DOCUMENT))
    assert all((key + value).isprintable() for key, value in reply.headers)


def test_a_body_without_coding_must_keep_both_limits(server, open_web):
    # More than the limit on the wire, less than the limit decoded.
    body = random.Random(3).randbytes(600_000) + b"x" * 600_000
    server.answers["/plain"] = whole(body)
    server.answers["/packed"] = whole(gzip.compress(body), "Content-Encoding: gzip")
    web = open_web()
    assert web.get(Request(url="http://a.example/plain", kind="feed")).cause == "too_large"
    assert web.get(Request(url="http://a.example/packed", kind="feed")).body == body


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_memory_stays_within_eighty_megabytes_above_the_base_whatever_the_server_does():
    kinds = [f"{name}={cause}" for name, (cause, _) in FAULTS.items()]
    with running(Faults()) as server:
        probe = [sys.executable, str(Path(__file__).with_name("memory_probe.py")), str(server.port), *kinds]
        done = subprocess.run(probe, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    growth_mb = json.loads(done.stdout)
    assert set(growth_mb) == {name for name, (cause, _) in FAULTS.items() if cause != "timeout"} | {"all that time out"}
    assert max(growth_mb.values()) < _PEAK_MB, growth_mb
