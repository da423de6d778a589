"""Where no request may ever go: by the text of the address, by the answer of the name server, by the socket."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newswire.errors import ConfigError
from newswire.records import HttpFailure
from newswire.web import addresses, doors, guard
from newswire.web.addresses import why_not_public
from newswire.web.client import Web
from newswire.web.doors import BlockedAddress, Doors
from newswire.web.guard import checked_url
from newswire.web.refusal import Refusal
from newswire.web.request import Request, WebSettings
from web.conftest import LIMITS
from web.faultserver import whole

HOSTILE_ADDRESSES = [
    *("127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "017700000001", "0x7f000001", "0x7f.1"),
    *(
        "0x7f.0.0.0x1",
        "0177.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "①②⑦.⓪.⓪.①",
        "\uff11\uff12\uff17\u3002\uff10\u3002\uff10\u3002\uff11",
    ),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "3232235777", "100.64.0.1", "100.100.100.200"),
    *("169.254.169.254", "2852039166", "0xA9FEA9FE", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
    *(
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
    ),
    *("[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]"),
    *("[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]"),
    *("[4000::1]", "[5f00::1]", "[2001:20::1]", "[0:0:0:0:0:0:0:1]"),
]

NEVER_ASKED = [
    *(
        "",
        " ",
        "planet.example/feed",
        "//planet.example/feed",
        "http:",
        "http://",
        "http:///feed",
        "https://?q",
        "http://./",
    ),
    *(
        "file:///etc/passwd",
        "ftp://planet.example/",
        "gopher://planet.example:70/1",
        "data:text/html,x",
        "javascript:alert(1)",
    ),
    *("mailto:a@planet.example", "ws://planet.example/", "unix:///run/docker.sock", "jar:http://planet.example!/"),
    *(
        "http://user@planet.example/",
        "http://user:secret@planet.example/",
        "http://127.0.0.1@planet.example/",
        "http://@planet.example/",
    ),
    *(
        "http://planet.example:22/",
        "http://planet.example:25/",
        "http://planet.example:6379/",
        "http://planet.example:5432/",
    ),
    *(
        "http://planet.example:0x50/",
        "http://planet.example:99999/",
        "http://planet.example:-80/",
        "http://planet.example:80:80/",
    ),
    *(
        "http://localhost/",
        "http://intranet/",
        "http://loc\u00adalhost/",
        "http://planet.example\\@evil.example/",
        "http://planet.example\\.evil.example/",
        "http://[::1/",
    ),
    *(
        "http://[fe80::1%25eth0]/",
        "http://[2606:4700::1111%eth0]/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://1.2.3.999/",
        "http://planet.exa mple/",
    ),
    *(
        "http://planet..example/",
        "http://planet.example/\r\nX: y",
        "http://planet.example/\0",
        "http://pla\tnet.example/",
    ),
    *("http://" + "a" * 64 + ".example/", "http://" + "a." * 150 + "example/", "http://planet.example/" + "a" * 9000),
    *("http://planet.example/\ud800", "http://pla\ud800net.example/", "http://plan$t.example/", "http://[v1.planet]/"),
]

ASKED = {
    "http://planet.example": "http://planet.example/",
    " HTTPS://Planet.EXAMPLE/Feed?a=1&b=2#top ": "https://planet.example/Feed?a=1&b=2",
    "http://planet.example:80/": "http://planet.example/",
    "https://planet.example:443/": "https://planet.example/",
    "http://planet.example:8080/x": "http://planet.example:8080/x",
    "https://planet.example:80/": "https://planet.example:80/",
    "http://planet.example./x": "http://planet.example/x",
    "http://my_site.planet.example/": "http://my_site.planet.example/",
    "http://bücher.example/ä b?q=ü": "http://xn--bcher-kva.example/%C3%A4%20b?q=%C3%BC",
    "http://пример.example/": "http://xn--e1afmkfd.example/",
    "http://planet.example/a%2Fb%7Ec%zz": "http://planet.example/a%2Fb%7Ec%zz",
    "http://planet.example/a;b=1,2/(c)|d?e=[f]&g=h+i": "http://planet.example/a;b=1,2/(c)|d?e=[f]&g=h+i",
    'http://planet.example/<a>"b"': "http://planet.example/%3Ca%3E%22b%22",
    "http://planet.example/caf\udce9": "http://planet.example/caf%E9",
    "http://planet.example?q=1": "http://planet.example/?q=1",
    "http://8.8.8.8/": "http://8.8.8.8/",
    "http://134744072/": "http://8.8.8.8/",
    "http://[2606:4700::1111]/": "http://[2606:4700::1111]/",
    "http://[64:ff9b::8.8.8.8]/": "http://[64:ff9b::808:808]/",
}


# --- By the text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", HOSTILE_ADDRESSES)
def test_an_address_that_is_not_public_is_blocked_in_every_notation(host):
    with pytest.raises(Refusal) as refused:
        checked_url(f"http://{host}/")
    assert refused.value.cause == "blocked_address"


@pytest.mark.parametrize("url", NEVER_ASKED)
def test_what_is_no_public_web_address_is_never_asked(url):
    with pytest.raises(Refusal) as refused:
        checked_url(url)
    assert refused.value.cause == "bad_url"
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) < 300


@pytest.mark.parametrize(("url", "asked"), ASKED.items())
def test_a_public_address_is_asked_as_it_is_written(url, asked):
    assert str(checked_url(url)) == asked
    assert str(checked_url(asked)) == asked


def test_a_web_refuses_what_the_guard_refuses(open_web):
    web = open_web()
    for url in [*NEVER_ASKED, *(f"http://{host}/" for host in HOSTILE_ADDRESSES)]:
        reply = web.get(Request(url=url, kind="page"))
        assert isinstance(reply, HttpFailure)
        assert reply.cause in {"bad_url", "blocked_address"}
        assert reply.url == url


@settings(deadline=None)  # on a busy machine
@given(st.text() | st.text().map("http://{}".format) | st.text().map("http://planet.example/{}".format))
@example("http://[")
@example("http://planet.example:\u0661/")
@example("http://\u2100/")
@example("http://xn--a.example/")
def test_any_text_is_either_refused_or_a_plain_ascii_address(text):
    try:
        url = checked_url(text)
    except Refusal:
        return
    assert str(url).isascii()
    assert url.scheme in {"http", "https"}
    assert url.port in {80, 443, 8080, 8443}
    assert url.user is None
    assert not set("\r\n\0 ") & set(str(url))


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [network for network, _ in addresses._IPV4_NETWORKS + addresses._IPV6_NETWORKS])
def test_a_network_that_is_not_public_is_blocked_from_its_first_to_its_last_address(network):
    assert why_not_public(str(network[0]))
    assert why_not_public(str(network[-1]))


@pytest.mark.parametrize(
    "ip", ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"]
)
def test_the_neighbours_of_those_networks_are_public(ip):
    assert why_not_public(ip) is None


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_no_address_is_public_that_python_knows_not_to_be(ip):
    if why_not_public(str(ip)) is None:
        embedded = ip.ipv4_mapped if ip.version == 6 else None
        nat64 = ip.version == 6 and str(ip).startswith("64:ff9b::")
        assert (embedded or ip).is_global or nat64


@given(st.ip_addresses(v=4))
def test_an_embedded_ipv4_address_is_judged_like_the_address_itself(ip):
    for prefix in ("::ffff:", "64:ff9b::"):
        assert why_not_public(f"{prefix}{ip}") == why_not_public(str(ip))


# --- By the answer of the name server, and by the socket --------------------------------------------------------------


def answers(*replies):
    """A lookup that gives one reply after the other, the last one for ever."""
    waiting = list(replies)

    async def lookup(_host):
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(reply, OSError):
            raise reply
        return reply

    return lookup


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "64:ff9b::7f00:1"]
)
def test_a_name_that_leads_to_an_address_that_is_not_public_is_blocked(address):
    with Web(WebSettings(), lookup=answers([address])) as web:
        reply = web.get(Request(url="http://planet.example/", kind="page"))
    assert reply.cause == "blocked_address"
    assert "planet.example leads to" in reply.detail


def test_of_mixed_addresses_only_the_public_ones_are_connected():
    resolved = asyncio.run(Doors(lookup=answers(["127.0.0.1", "8.8.8.8", "10.0.0.1"])).resolve("planet.example", 80))
    assert [found["host"] for found in resolved] == ["8.8.8.8"]


def test_a_name_that_changes_its_answer_is_checked_each_time():
    gate = Doors(lookup=answers(["8.8.8.8"], ["127.0.0.1"]))
    assert asyncio.run(gate.resolve("planet.example", 80))[0]["host"] == "8.8.8.8"
    with pytest.raises(BlockedAddress):
        asyncio.run(gate.resolve("planet.example", 80))


def test_the_socket_is_a_wall_of_its_own_behind_a_lookup_that_lets_everything_pass(server, monkeypatch):
    monkeypatch.setattr(doors, "_public_only", lambda _host, addresses: addresses)
    with Web(WebSettings(), lookup=answers(["127.0.0.1"])) as web:
        reply = web.get(Request(url="http://planet.example:8080/", kind="page"))
    assert reply.cause == "blocked_address"
    assert "127.0.0.1 is not a public address: loopback" in reply.detail


@pytest.mark.parametrize("inside", ["10.0.0.1", "169.254.169.254", "::1"])
def test_a_redirect_to_a_name_that_leads_to_an_address_that_is_not_public_is_blocked(server, monkeypatch, inside):
    """Only for this test the loopback address, at the server's port, counts as public."""
    monkeypatch.setattr(doors, "why_not_public", lambda ip: None if ip == "127.0.0.1" else why_not_public(ip))
    monkeypatch.setattr(guard, "_PORTS", {server.port, 80})
    server.answers["/"] = whole(b"moved", "Location: http://inside.example/", status="302 Found")

    async def lookup(host):
        return [inside if host == "inside.example" else "127.0.0.1"]

    with Web(WebSettings(host_gap_s=0), lookup=lookup) as web:
        reply = web.get(Request(url=f"http://planet.example:{server.port}/", kind="page"))
    assert reply.cause == "blocked_address"
    assert "after a redirect to http://inside.example/: inside.example leads to" in reply.detail


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fe80::1", "::ffff:7f00:1"]
)
def test_no_socket_is_made_for_an_address_that_is_not_public(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(BlockedAddress):
        Doors().open_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))


def test_a_socket_is_made_for_a_public_address():
    Doors().open_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("8.8.8.8", 80))).close()


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (socket.gaierror(-2, "Name or service not known"), "dns"),
        (socket.gaierror(-3, "Temporary failure"), "dns"),
        ([], "dns"),
    ],
)
def test_a_name_without_address_is_dns(trouble, cause):
    with Web(WebSettings(), lookup=answers(trouble)) as web:
        reply = web.get(Request(url="http://planet.example/", kind="page"))
    assert reply.cause == cause


def test_a_name_server_that_never_answers_ends_by_the_connect_limit():
    async def sleepy(_host):
        await asyncio.sleep(3600)

    with Web(WebSettings(limits=LIMITS), lookup=sleepy) as web:
        reply = web.get(Request(url="http://planet.example/", kind="sitemap"))
    assert (reply.cause, reply.seconds < 5) == ("timeout", True)


# --- The newsroom -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["8.8.8.8", "100.64.0.1", "0.0.0.0", "169.254.169.254", "168.63.129.16", "fe80::1"])
def test_only_an_address_of_our_own_may_stand_for_all_hosts(address):
    with pytest.raises(ConfigError, match="loopback or private"):
        WebSettings(connect_to=(address, 80))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "172.20.0.3", "192.168.1.1", "fd00::1"])
def test_a_newsroom_may_stand_on_this_machine_or_in_a_private_network(address):
    assert WebSettings(connect_to=(address, 80)).connect_to == (address, 80)


def test_with_a_newsroom_nothing_else_is_connected(open_web):
    reply = open_web().get(Request(url="http://8.8.8.8/", kind="page"))
    assert reply.cause == "blocked_address"
    assert "not the newsroom" in reply.detail


def test_without_a_newsroom_its_address_is_blocked(server):
    with Web() as web:
        reply = web.get(Request(url="http://127.0.0.1:8080/", kind="page"))
    assert reply.cause == "blocked_address"
    assert server.seen == []
