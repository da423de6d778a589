"""Bad feeds and bad pages end as counted outcomes with a cause, and every other feed's rows are right."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from databases import Warehouse
from newswire.archive import Archive
from newswire.core.polling import PollPolicy
from newswire.records import Subscription
from newswire.steps.asking import Asking
from newswire.steps.child import Child
from newswire.steps.draining import Batches, drain
from newswire.steps.extract import extract
from newswire.steps.fetch import FetchPages
from newswire.steps.poll import PollFeeds
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn, connect
from newswire.web.client import Web
from newswire.web.request import LIMITS, MB, Limits, WebSettings
from web.faultserver import Faults, running, whole

HASTY = Limits(total_s=2.0, connect_s=1.0, read_s=1.0, wire_bytes=10 * MB, decoded_bytes=15 * MB)
POLICY = PollPolicy(floor_s=3600, cap_s=7200)

PARAGRAPH = "The harbour board voted on Tuesday to dredge the northern channel before the winter storms arrive. "


def item(host: str, path: str, title: str) -> str:
    return f"<item><title>{title}</title><link>http://{host}{path}</link><guid>{host}{path}</guid></item>"


def rss(*items: str) -> bytes:
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{''.join(items)}</channel></rss>"
    return body.encode()


def page(title: str, text: str = PARAGRAPH * 12) -> bytes:
    html = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body>"
    return html.encode()


def xml(body: bytes, *headers: str) -> bytes:
    return whole(body, "Content-Type: application/rss+xml", *headers)


def html(body: bytes) -> bytes:
    return whole(body, "Content-Type: text/html; charset=utf-8")


GOOD = "good.example"
ONE = rss(item("x.example", "/x", "x"))
# host -> (what its feed answers, outcome of the poll)
BAD_FEEDS: dict[str, tuple[bytes | str, str]] = {
    "html.example": (html(page("Not a feed")), "not_a_feed"),
    "empty.example": (xml(b""), "not_a_feed"),
    "cutgzip.example": (xml(gzip.compress(ONE)[:-9], "Content-Encoding: gzip"), "truncated"),
    "huge.example": (xml(b"<rss><channel>" + b"<item><title>x</title></item>" * 700_000), "too_large"),
    "short.example": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n" + ONE, "truncated"),
    "endless.example": ("/endless_body", "too_large"),
    "drip.example": ("/drip_body", "timeout"),
    "bomb.example": ("/bomb_gzip", "too_large"),
    "garbage.example": (xml(bytes(range(256)) * 50), "not_a_feed"),
    "gone.example": (whole(b"", status="410 Gone"), "gone"),
    "busy.example": (whole(b"", "Retry-After: 600", status="503 Service Unavailable"), "throttled"),
    "broken.example": (whole(b"", status="500 Internal Server Error"), "http_status"),
}
# path of a page of the good feed -> (what it answers, what becomes of its entry)
PAGES: dict[str, tuple[bytes | str, str]] = {
    "/good": (html(page("A good page about the harbour")), "article"),
    "/nul": (html(page("A page with \x00 in its title", "Text \x00 with NUL. " + PARAGRAPH * 12)), "article"),
    "/slow": ("/drip_body", "failed"),
    "/lies": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\nConnection: close\r\n\r\n<html>",
        "failed",
    ),
    "/large": ("/endless_body", "too_large"),
    "/pdf": (whole(b"%PDF-1.7 ...", "Content-Type: application/pdf"), "not_html"),
    "/wall": (whole(b"pay", status="402 Payment Required"), "refused"),
    "/gone": (whole(b"", status="404 Not Found"), "gone"),
    "/thin": (html(b"<html><body><p>Nothing here.</p></body></html>"), "no_article"),
    "/private": (whole(b"", "Location: http://127.0.0.1/secret", status="302 Found"), "failed"),
}


@pytest.fixture
def server() -> Iterator[Faults]:
    faults = Faults()
    good_feed = rss(*(item(GOOD, path, f"Entry {path}") for path in PAGES))
    faults.answers |= {(GOOD, "/feed"): xml(good_feed)} | {(GOOD, path): _answer(a) for path, (a, _) in PAGES.items()}
    faults.answers |= {(host, "/feed"): _answer(answer) for host, (answer, _) in BAD_FEEDS.items()}
    with running(faults):
        yield faults


def _answer(answer: bytes | str):
    from web.faultserver import FAULTS

    return FAULTS[answer[1:]][1] if isinstance(answer, str) else answer


def flow(conn: Conn, warehouse: Warehouse, port: int, archive: Archive) -> None:
    """Poll, fetch and extract what the server has, with limits of seconds."""
    limits = {**LIMITS, "feed": HASTY, "page": Limits(total_s=2.0, read_s=1.0, wire_bytes=1 * MB, decoded_bytes=1 * MB)}
    settings = WebSettings(connect_to=("127.0.0.1", port), host_gap_s=0, limits=limits)
    with Web(settings) as web, Child() as child:
        drain(Asking(PollFeeds(child, POLICY, per_host=20, host_gap_s=0), conn, web), conn, linger_s=0, cap_s=60)
        drain(
            Asking(FetchPages(archive, per_host=20, host_gap_s=0, bulk_gap_s=0), conn, web), conn, linger_s=0, cap_s=60
        )
        step = lambda c, batch: extract(c, batch, archive=archive, child=child, publish_delay_s=0)  # noqa: E731
        drain(Batches("extract", conn, step, limit=20), conn, linger_s=0, cap_s=60)


def test_each_bad_input_has_its_outcome_and_disturbs_nobody(warehouse, server, tmp_path):
    with connect(warehouse.dsn(), name="test") as conn:
        hosts = [GOOD, *BAD_FEEDS]
        feeds.subscribe(conn, [Subscription(url=f"http://{host}/feed") for host in hosts], interval_s=3600)
        flow(conn, warehouse, server.port, Archive(str(tmp_path)))

        polled = dict(conn.execute("SELECT host, last_outcome FROM news.feeds").fetchall())
        assert polled == {GOOD: "changed"} | {host: outcome for host, (_, outcome) in BAD_FEEDS.items()}
        causes = conn.execute("SELECT url FROM mart.feed_health WHERE failures > 0 AND last_detail IS NULL").fetchall()
        assert causes == []

        assert (
            conn.execute("SELECT subject, cause, detail FROM mart.dead_letters WHERE stage = 'extract'").fetchall()
            == []
        )
        seen = dict(conn.execute("SELECT link, outcome FROM mart.sightings").fetchall())
        expected = {f"http://{GOOD}{path}": outcome for path, (_, outcome) in PAGES.items()}
        assert {link: "failed" if outcome == "in_work" else outcome for link, outcome in seen.items()} == expected
        titles = {title for (title,) in conn.execute("SELECT title FROM mart.articles")}
        assert titles == {"A good page about the harbour", "A page with in its title"}
        unaccounted = "SELECT outcome, detail FROM mart.sightings WHERE outcome <> 'article' AND detail IS NULL"
        assert conn.execute(unaccounted).fetchall() == []
