"""robots.txt by RFC 9309: who is forbidden what, and what its own troubles mean."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from itertools import pairwise

import pytest
from yarl import URL

from newswire.records import HttpFailure, HttpResponse
from newswire.web.refusal import Refusal
from newswire.web.request import KB, Request
from newswire.web.robots import Robots, _for_us
from web.faultserver import DOCUMENT, whole

FOR_ALL = b"User-agent: *\nDisallow: /private\n"


def page(path, host="planet.example", scheme="http"):
    return Request(url=f"{scheme}://{host}{path}", kind="page", robots=True)


def alone(robots_txt, status=200):
    """Robots without a web: this text is the robots.txt of every site; the list fills with the readings."""
    readings = []

    async def fetch(request):
        readings.append(request)
        body = robots_txt.encode()
        return HttpResponse(url=request.url, status=status, headers=(), body=body, wire_bytes=len(body), seconds=0.0)

    return Robots("Newswire", fetch), readings


@pytest.fixture
def site(server):
    """A site whose every page is there, with the robots.txt that the test gives it."""

    def publish(robots, *, host="planet.example"):
        server.answers[(host, "/robots.txt")] = robots if robots[:5] == b"HTTP/" else whole(robots)
        for path in ("/news", "/private/x", "/private", "/a?b=1"):
            server.answers[(host, path)] = whole(DOCUMENT)
        return server

    return publish


@pytest.mark.parametrize(
    ("robots", "news", "private"),
    {
        "for all": (FOR_ALL, True, False),
        "for us, in any case": (b"User-agent: NEWSWIRE\nDisallow: /private\n", True, False),
        "for us with a version": (b"User-agent: Newswire/1.0 # ours\nDisallow: /private\n", True, False),
        "ours before that for all": (b"User-agent: *\nDisallow: /\n\nUser-agent: newswire\nAllow: /\n", True, True),
        "for a longer name": (b"User-agent: newswire-images\nDisallow: /\n", True, True),
        "for the start of our name": (b"User-agent: news\nDisallow: /\n", True, True),
        "for somebody else": (b"User-agent: GPTBot\nDisallow: /\n", True, True),
        "for somebody else and all": (b"User-agent: GPTBot\nUser-agent: *\nDisallow: /private\n", True, False),
        "two groups for us": (
            b"User-agent: newswire\nDisallow: /private\n\nUser-agent: newswire\nDisallow: /news\n",
            False,
            False,
        ),
        "the longest rule wins": (b"User-agent: *\nDisallow: /\nAllow: /news\n", True, False),
        "wildcard and end": (b"User-agent: *\nDisallow: /*x$\n", True, False),
        "everything": (b"User-agent: *\nDisallow: /\n", False, False),
        "nothing": (b"User-agent: *\nDisallow:\n", True, True),
        "empty": (b"", True, True),
        "byte order mark, CR LF": (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /private\r\n", True, False),
        "a web page": (b"<!doctype html><title>Not found</title>", True, True),
        "not text": (bytes(range(256)), True, True),
    }.values(),
)
def test_robots_txt_decides_what_is_asked(site, open_web, robots, news, private):
    site(robots)
    web = open_web()
    for path, allowed in [("/news", news), ("/private/x", private)]:
        reply = web.get(page(path))
        if allowed:
            assert reply.status == 200
        else:
            assert reply.cause == "robots"
            assert path in reply.detail


def test_a_forbidden_page_is_not_asked_at_all(site, open_web):
    server = site(FOR_ALL)
    assert open_web().get(page("/private/x")).cause == "robots"
    assert server.paths() == ["/robots.txt"]


def test_without_being_told_to_nobody_looks_at_robots_txt(site, open_web):
    server = site(FOR_ALL)
    assert open_web().get(Request(url="http://planet.example/private", kind="page")).status == 200
    assert server.paths() == ["/private"]


def test_another_product_token_has_its_own_rules(site, open_web):
    site(b"User-agent: archiver\nDisallow: /\n")
    assert open_web(robots_agent="Archiver").get(page("/news")).cause == "robots"


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 Not Found", "410 Gone", "451 No", "304 Not Modified"])
def test_refused_robots_txt_allows_everything(site, open_web, status):
    site(whole(b"", status=status))
    assert open_web().get(page("/private/x")).status == 200


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad", "503 Later", "599 Odd", "429 Slow Down"])
def test_a_troubled_server_is_not_asked_for_now(site, open_web, status):
    server = site(whole(b"", status=status))
    web = open_web()
    for path in ("/news", "/private/x"):
        reply = web.get(page(path))
        assert reply.cause == "throttled"
        assert "robots.txt" in reply.detail
        assert status[:3] in reply.detail
    assert server.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("fault", "cause"), [("rst_before_answer", "connect"), ("garbage", "protocol"), ("gzip_cut", "truncated")]
)
def test_unreadable_robots_txt_forbids_for_now_with_the_cause_that_keeps_it_from_being_read(
    server, open_web, fault, cause
):
    server.answers["/robots.txt"] = whole(b"", f"Location: /{fault}", status="302 Found")
    reply = open_web().get(page("/news"))
    assert reply.cause == cause
    assert "before robots.txt can be read" in reply.detail


def test_robots_txt_may_redirect_to_another_host(site, open_web):
    site(whole(b"", "Location: http://comet.example/robots.txt", status="301 Moved"))
    site(FOR_ALL, host="comet.example")
    assert open_web().get(page("/private/x")).cause == "robots"


@pytest.mark.parametrize("target", ["/robots.txt", "http://127.0.0.1/robots.txt", "file:///etc/passwd", ""])
def test_robots_txt_that_redirects_to_nowhere_counts_as_absent(site, open_web, target):
    site(whole(b"", f"Location: {target}", status="302 Found"))
    assert open_web().get(page("/private/x")).status == 200


def test_of_a_long_robots_txt_the_first_500_kib_count(site, open_web):
    filler = b"# nothing\n" * 60_000
    site(FOR_ALL + filler + b"User-agent: *\nDisallow: /news\n")
    web = open_web()
    assert web.get(page("/private/x")).cause == "robots"
    assert web.get(page("/news")).status == 200
    assert len(filler) > 500 * KB


def test_a_rule_that_is_cut_in_half_does_not_count(site, open_web):
    head = b"User-agent: *\n"
    filler = b"#" * (500 * KB - len(head) - len(b"\nDisallow: /")) + b"\n"
    site(head + filler + b"Disallow: /private\n")
    assert open_web().get(page("/news")).status == 200


def test_robots_txt_is_read_once_however_many_ask(site, open_web):
    server = site(FOR_ALL)
    web = open_web()
    replies = [web.submit(page(path)) for path in ["/news", "/private/x"] * 20]
    assert sum(isinstance(reply.result(), HttpFailure) for reply in replies) == 20
    assert server.paths().count("/robots.txt") == 1


def test_each_scheme_and_port_has_a_robots_txt_of_its_own(site, open_web):
    server = site(FOR_ALL)
    web = open_web()
    assert web.get(page("/private/x")).cause == "robots"
    assert web.get(page("/private/x", scheme="https")).cause == "robots"
    assert web.get(page("/private/x", host="planet.example:8080")).status == 404
    assert server.paths().count("/robots.txt") == 3


def test_each_hop_of_a_redirect_is_checked_by_the_rules_of_its_host(site, server, open_web):
    server.answers[("moon.example", "/go")] = whole(
        b"", "Location: http://planet.example/private/x", status="301 Moved"
    )
    site(FOR_ALL)
    reply = open_web().get(page("/go", host="moon.example"))
    assert reply.cause == "robots"
    assert reply.detail.startswith("after a redirect to http://planet.example/private/x: robots.txt")
    assert "/private/x" not in server.paths("planet.example")


def test_cancelling_the_first_who_asks_does_not_disturb_the_others(server, open_web):
    asked, go_on = threading.Event(), threading.Event()

    async def slow(writer):

        asked.set()
        await asyncio.to_thread(go_on.wait)
        writer.write(whole(FOR_ALL))

    server.answers["/robots.txt"] = slow
    web = open_web()
    first = web.submit(page("/private/x"))
    assert asked.wait(10)
    second = web.submit(page("/private/x"))
    first.cancel()
    go_on.set()
    assert second.result().cause == "robots"
    assert server.paths() == ["/robots.txt"]


# --- Crawl delay ------------------------------------------------------------------------------------------------------


def test_the_crawl_delay_holds_the_next_requests_to_that_host(site, open_web):
    server = site(b"User-agent: *\nCrawl-delay: 0.3\n")
    web = open_web()
    replies = [web.submit(page("/news")) for _ in range(3)]
    assert [reply.result().status for reply in replies] == [200] * 3
    starts = [seen.at for seen in server.seen]
    assert all(later - earlier > 0.25 for earlier, later in pairwise(starts))


@pytest.mark.parametrize(
    ("delay", "counts"), [("7", 7), ("2.5", 2.5), ("86400", 30), ("-1", 0), ("soon", 0), ("inf", 0), ("nan", 0)]
)
def test_the_crawl_delay_is_honoured_up_to_thirty_seconds(delay, counts):
    async def delays():
        robots, _ = alone(f"User-agent: *\nCrawl-delay: {delay}\n")
        await robots.check(URL("http://planet.example/x"))
        return robots.delay_s(URL("http://planet.example/")), robots.delay_s(URL("http://comet.example/"))

    assert asyncio.run(delays()) == (counts, 0)


# --- Time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "keep_s"), [(200, 24 * 3600), (404, 24 * 3600), (503, 300)])
def test_rules_are_kept_for_a_day_and_troubles_for_minutes(monkeypatch, status, keep_s):
    async def readings_at(*times):
        robots, readings = alone("", status)
        for at in times:
            monkeypatch.setattr("newswire.web.robots._now", lambda at=at: float(at))
            with contextlib.suppress(Refusal):
                await robots.check(URL("http://planet.example/x"))
        return len(readings)

    assert asyncio.run(readings_at(1000, 1000 + keep_s - 1)) == 1
    assert asyncio.run(readings_at(1000, 1000 + keep_s + 1)) == 2


# --- Hostile files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "robots",
    {
        "rules times agents": "".join(f"User-agent: a{n}\n" for n in range(15_000)) + "Disallow: /a\n" * 15_000,
        "agents without colon": "".join(f"User agent a{n}\n" for n in range(15_000)) + "Disallow: /a\n" * 15_000,
        "wildcards": "User-agent: *\nDisallow: " + "*a" * 200_000 + "\n",
        "blanks": "User-agent" + " " * 400_000 + "\n",
    }.values(),
)
def test_a_hostile_robots_txt_costs_little(site, open_web, robots):
    site(robots.encode())
    started_at = time.monotonic()
    assert open_web().get(page("/news")).status == 200
    assert time.monotonic() - started_at < 5


def test_all_other_agents_become_one():
    text = (
        "User-agent: a\nUseragent: B\nUSER-AGENT : Newswire # us\nuser agent *\nDisallow: /user-agent: x\nuser-agent:\n"
    )
    assert _for_us(text, "Newswire").split("\n") == [
        "User-agent: -",
        "User-agent: -",
        "User-agent: newswire",
        "User-agent: *",
        "Disallow: /user-agent: x",
        "User-agent: -",
    ]


def test_kept_rules_give_way_to_newer_ones_when_there_are_too_many(site, server, open_web, monkeypatch):
    monkeypatch.setattr("newswire.web.robots._MAX_KEPT_CHARS", 3_500)
    web = open_web()
    for host in ["a.example", "b.example", "c.example", "d.example", "a.example", "d.example"]:
        site(FOR_ALL, host=host)
        assert web.get(page("/private/x", host=host)).cause == "robots"
    assert [seen.host for seen in server.seen] == ["a.example", "b.example", "c.example", "d.example", "a.example"]
