"""Redirects are followed by hand: each hop is checked, recorded, counted, and gets only what is meant for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from newswire.records import Credential
from newswire.web.request import Request
from web.faultserver import DOCUMENT, whole


def to(target, status="302 Found"):
    return whole(b"moved", f"Location: {target}", status=status)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_recorded(server, open_web, status):
    server.answers["/old"] = to("/new?a=1#part", f"{status} Moved")
    server.answers["/new?a=1"] = whole(DOCUMENT)
    reply = open_web().get(Request(url="http://planet.example/old", kind="feed"))
    assert (reply.status, reply.body) == (200, DOCUMENT)
    assert reply.url == "http://planet.example/new?a=1"
    assert reply.redirects == ((status, "http://planet.example/new?a=1"),)


@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_the_other_statuses_of_their_hundred_are_answers(server, open_web, status):
    server.answers["/x"] = (
        to("/new", f"{status} Other") if status != 304 else b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    )
    reply = open_web().get(Request(url="http://planet.example/x", kind="feed"))
    assert (reply.status, reply.redirects) == (status, ())


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("//comet.example/x", ("comet.example", "/x")),
        ("https://comet.example/x", ("comet.example", "/x")),
        ("http://comet.example", ("comet.example", "/")),
        ("http://comet.example:8080/x", ("comet.example:8080", "/x")),
        ("x", ("planet.example", "/a/x")),
        ("../x", ("planet.example", "/x")),
        ("?page=2", ("planet.example", "/a/old?page=2")),
        ("/ä b", ("planet.example", "/%C3%A4%20b")),
        (" /x ", ("planet.example", "/x")),
        ("http://bücher.example/", ("xn--bcher-kva.example", "/")),
    ],
)
def test_a_target_is_read_as_browsers_read_it(server, open_web, location, asked):
    server.answers[("planet.example", "/a/old")] = to(location)
    reply = open_web().get(Request(url="http://planet.example/a/old", kind="feed"))
    assert reply.status == 404
    assert (server.seen[-1].host, server.seen[-1].path) == asked


def test_header_bytes_in_latin_1_come_back_as_the_characters_they_are(server, open_web):
    server.answers["/old"] = to("/CAFE").replace(b"CAFE", b"caf\xe9")
    reply = open_web().get(Request(url="http://planet.example/old", kind="feed"))
    assert server.seen[-1].path == "/caf%C3%A9"
    assert reply.redirects == ((302, "http://planet.example/café"),)


@pytest.mark.parametrize(("hops", "good"), [(5, True), (6, False)])
def test_five_redirects_are_followed_and_no_sixth(server, open_web, hops, good):
    for hop in range(hops):
        server.answers[f"/{hop}"] = to(f"/{hop + 1}")
    server.answers[f"/{hops}"] = whole(DOCUMENT)
    reply = open_web().get(Request(url="http://planet.example/0", kind="feed"))
    if good:
        assert (reply.status, len(reply.redirects)) == (200, 5)
    else:
        assert (reply.cause, "more than 5" in reply.detail) == ("bad_redirect", True)
        assert len(server.seen) == 6


def test_a_loop_over_two_hosts_is_seen_at_its_first_return(server, open_web):
    server.answers[("planet.example", "/a")] = to("http://comet.example/b")
    server.answers[("comet.example", "/b")] = to("http://planet.example/a#again")
    reply = open_web().get(Request(url="http://planet.example/a", kind="feed"))
    assert (reply.cause, reply.url) == ("bad_redirect", "http://planet.example/a")
    assert "loop" in reply.detail
    assert len(server.seen) == 2


def test_a_redirect_from_http_to_https_is_no_loop(server, open_web):
    async def secure_only(writer):
        secure = server.seen[-1].headers["x-forwarded-proto"] == "https"
        writer.write(whole(DOCUMENT) if secure else to("https://planet.example/a", "301 Moved"))

    server.answers["/a"] = secure_only
    reply = open_web().get(Request(url="http://planet.example/a", kind="feed"))
    assert (reply.status, reply.url) == (200, "https://planet.example/a")


def test_a_failure_behind_a_redirect_says_where(server, open_web):
    server.answers["/old"] = to("http://comet.example/gzip_cut")
    reply = open_web().get(Request(url="http://planet.example/old", kind="feed"))
    assert (reply.cause, reply.url) == ("truncated", "http://planet.example/old")
    assert reply.detail.startswith("after a redirect to http://comet.example/gzip_cut: ")


def test_the_time_limit_is_shared_by_all_hops(server, open_web):
    async def slow(writer):
        await asyncio.sleep(0.4)
        writer.write(to(f"/slow{len(server.seen)}"))

    for hop in range(9):
        server.answers[f"/slow{hop}"] = slow
    reply = open_web().get(Request(url="http://planet.example/slow0", kind="sitemap"))
    assert reply.cause == "timeout"
    assert len(server.seen) <= 3


def test_validators_and_own_headers_go_to_the_same_site_only(server, open_web):
    server.answers[("planet.example", "/a")] = to("http://www.planet.example/b")
    server.answers[("www.planet.example", "/b")] = to("http://comet.example/c")
    server.answers[("comet.example", "/c")] = to("https://planet.example/d")
    request = Request(
        url="http://planet.example/a", kind="feed", etag='W/"1"', last_modified="yesterday", headers=(("A-IM", "feed"),)
    )
    open_web().get(request)
    sent = {(seen.host, seen.path): seen.headers for seen in server.seen}
    for site in [("planet.example", "/a"), ("www.planet.example", "/b"), ("planet.example", "/d")]:
        assert (sent[site]["if-none-match"], sent[site]["if-modified-since"], sent[site]["a-im"]) == (
            'W/"1"',
            "yesterday",
            "feed",
        )
    assert not {"if-none-match", "if-modified-since", "a-im", "referer", "cookie"} & set(sent["comet.example", "/c"])


def test_a_redirect_waits_for_no_body(server, open_web):
    async def endless(writer):
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /new\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    server.answers["/old"] = endless
    server.answers["/new"] = whole(DOCUMENT)
    assert open_web().get(Request(url="http://planet.example/old", kind="feed")).status == 200


# --- Forms -----------------------------------------------------------------------------------------------------------

FORM = Request(
    url="http://hub.example/", kind="hub", form=(("hub.topic", "http://a.example/?b=ä&c"), ("hub.mode", "subscribe"))
)
SPELLED = "hub.topic=http%3A%2F%2Fa.example%2F%3Fb%3D%C3%A4%26c&hub.mode=subscribe"


def test_a_form_is_posted_as_browsers_do(server, open_web):
    server.answers["/"] = whole(b"", status="202 Accepted")
    assert open_web().get(FORM).status == 202
    [seen] = server.seen
    assert seen.method == "POST"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert int(seen.headers["content-length"]) == len(SPELLED)


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_follows_only_where_it_is_asked_for_again(server, open_web, status):
    server.answers[("hub.example", "/")] = to("http://other.example/hub", f"{status} Over there")
    server.answers[("other.example", "/hub")] = whole(b"", status="202 Accepted")
    assert open_web().get(FORM).status == 202
    assert [(seen.method, seen.host) for seen in server.seen] == [("POST", "hub.example"), ("POST", "other.example")]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_form_is_not_sent_after_other_redirects(server, open_web, status):
    server.answers["/"] = to("/elsewhere", f"{status} Moved")
    reply = open_web().get(FORM)
    assert (reply.cause, len(server.seen)) == ("bad_redirect", 1)


def test_a_form_never_goes_from_https_to_http(server, open_web):
    server.answers["/"] = to("http://hub.example/plain", "307 Plain")
    reply = open_web().get(replace(FORM, url="https://hub.example/"))
    assert (reply.cause, len(server.seen)) == ("bad_redirect", 1)


def test_a_form_reaches_public_addresses_only(open_web):
    reply = open_web().get(replace(FORM, url="http://127.0.0.1/"))
    assert reply.cause == "blocked_address"


# --- Credentials -----------------------------------------------------------------------------------------------------

SECRET = Credential(headers=(("Authorization", "Bearer s3cret"), ("X-Key", "k")))


def shown_to(server) -> dict[tuple[str, str], bool]:
    return {(seen.host, seen.path): "authorization" in seen.headers or "x-key" in seen.headers for seen in server.seen}


def test_a_credential_is_shown_to_its_origin_and_to_nobody_else(server, open_web):
    server.answers[("planet.example", "/a")] = to("/b")
    server.answers[("planet.example", "/b")] = to("https://www.planet.example/c")
    server.answers[("www.planet.example", "/c")] = to("https://comet.example/d")
    server.answers[("comet.example", "/d")] = to("http://planet.example/e")
    server.answers[("planet.example", "/e")] = to("https://planet.example:8443/f")
    open_web().get(Request(url="https://planet.example/a", kind="feed", credential=SECRET))
    assert shown_to(server) == {
        ("planet.example", "/a"): True,
        ("planet.example", "/b"): True,
        ("www.planet.example", "/c"): False,  # another host, although the same site
        ("comet.example", "/d"): False,
        ("planet.example", "/e"): False,  # plain http
        ("planet.example:8443", "/f"): False,  # another port
    }


def test_a_credential_goes_over_https_only(server, open_web):
    """Refused before anything is sent. The newsroom's plain HTTP never leaves the machine."""
    request = Request(url="http://planet.example/a", kind="feed", credential=SECRET)
    reply = open_web(connect_to=None).get(request)
    assert (reply.cause, "over https only; give the https address" in reply.detail) == ("credential", True)
    assert "s3cret" not in repr(reply) + repr(request)
    open_web().get(request)
    assert shown_to(server) == {("planet.example", "/a"): True}
