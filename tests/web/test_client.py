"""What a caller of the web can rely on."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import socket
import ssl
import threading
from concurrent.futures import CancelledError, wait

import pytest

from newswire import __version__
from newswire.records import HttpFailure, HttpResponse
from newswire.web import doors, guard
from newswire.web.client import Web
from newswire.web.request import LIMITS as REAL_LIMITS
from newswire.web.request import MB, Request, WebSettings
from web.conftest import LIMITS
from web.faultserver import DOCUMENT, silence, whole


def feed(url="http://planet.example/feed", **more):
    return Request(url=url, kind="feed", **more)


# --- What is asked ----------------------------------------------------------------------------------------------------


def test_an_honest_user_agent_says_who_asks_and_where_to_complain(server, open_web):
    open_web().get(feed())
    assert server.seen[0].headers["user-agent"] == (
        f"Newswire/{__version__} (+https://github.com/newswire-project/newswire; news ingestion)"
    )


def test_the_user_agent_is_a_setting(server, open_web):
    open_web(user_agent="Archive of X (mail@x.example)").get(feed())
    assert server.seen[0].headers["user-agent"] == "Archive of X (mail@x.example)"


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("feed", "application/atom+xml"), ("page", "text/html"), ("sitemap", "application/xml"), ("robots", "text/plain")],
)
def test_each_kind_asks_for_its_own_type(server, open_web, kind, wanted):
    open_web().get(Request(url="http://planet.example/x", kind=kind))
    headers = server.seen[0].headers
    assert headers["accept"].startswith(wanted)
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert headers["connection"] == "close"


def test_validators_are_sent_word_for_word_and_304_is_an_answer(server, open_web):
    server.answers["/feed"] = b'HTTP/1.1 304 Not Modified\r\nETag: "b"\r\nContent-Encoding: gzip\r\n\r\n'
    reply = open_web().get(feed(etag='W/"a b"', last_modified="Sun, 1 Mar 2026 00:00:00 +0100"))
    assert server.seen[0].headers["if-none-match"] == 'W/"a b"'
    assert server.seen[0].headers["if-modified-since"] == "Sun, 1 Mar 2026 00:00:00 +0100"
    assert (reply.status, reply.body, reply.header("etag")) == (304, b"", '"b"')


@pytest.mark.parametrize("value", ["a\r\nX: injected", "a\0", "\udce9"])
def test_a_validator_that_no_header_can_hold_is_not_sent(server, open_web, value):
    server.answers["/feed"] = whole(DOCUMENT)
    assert open_web().get(feed(etag=value, headers=(("X-Y", value), ("Accept", "text/x")))).status == 200
    assert not {"if-none-match", "x", "x-y"} & set(server.seen[0].headers)
    assert server.seen[0].headers["accept"] == "text/x"


def test_a_reply_knows_the_request_that_was_sent(server, open_web):
    server.answers["/feed"] = whole(DOCUMENT)
    reply = open_web().get(feed(etag='"a"'))
    assert {name.lower(): value for name, value in reply.sent} == server.seen[0].headers


def test_cookies_are_not_kept(server, open_web):
    server.answers["/feed"] = whole(DOCUMENT, "Set-Cookie: a=b; Path=/")
    web = open_web()
    web.get(feed())
    web.get(feed())
    assert "cookie" not in server.seen[1].headers


def test_proxies_and_logins_of_the_environment_are_ignored(server, open_web, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine planet.example login me password secret\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    server.answers["/feed"] = whole(DOCUMENT)
    assert open_web().get(feed()).status == 200
    assert "authorization" not in server.seen[0].headers


def test_with_a_newsroom_every_host_and_scheme_is_asked_there_in_plain_http(server, open_web):
    web = open_web()
    for url in [
        "http://planet.example/",
        "https://planet.example/",
        "https://a.b.comet.example:8443/",
        "http://xn--bcher-kva.example/",
    ]:
        assert web.get(feed(url)).url == url
    assert [(seen.host, seen.headers["x-forwarded-proto"]) for seen in server.seen] == [
        ("planet.example", "http"),
        ("planet.example", "https"),
        ("a.b.comet.example:8443", "https"),
        ("xn--bcher-kva.example", "http"),
    ]


# --- What is replied --------------------------------------------------------------------------------------------------


def test_a_reply_tells_bytes_on_the_wire_from_decoded_bytes(server, open_web):
    packed = gzip.compress(DOCUMENT)
    server.answers["/feed"] = whole(packed, "Content-Encoding: gzip", "X-A: 1", "x-a: 2")
    reply = open_web().get(feed("http://planet.example/feed#top"))
    assert isinstance(reply, HttpResponse)
    assert (reply.body, reply.wire_bytes, reply.url) == (DOCUMENT, len(packed), "http://planet.example/feed")
    assert [pair for pair in reply.headers if pair[0].lower() == "x-a"] == [("X-A", "1"), ("x-a", "2")]
    assert 0 < reply.seconds < 15


@pytest.mark.parametrize(("kind", "unpacked"), [("feed", True), ("page", False), ("robots", False)])
def test_a_gz_file_without_content_coding_is_unpacked_where_it_may_be_a_sitemap(server, open_web, kind, unpacked):
    packed = gzip.compress(DOCUMENT)
    server.answers["/sitemap.xml.gz"] = whole(packed, "Content-Type: application/gzip")
    reply = open_web().get(Request(url="http://planet.example/sitemap.xml.gz", kind=kind))
    assert reply.body == (DOCUMENT if unpacked else packed)


def test_a_gz_file_that_is_cut_off_is_refused_as_well(server, open_web):
    server.answers["/sitemap.xml.gz"] = whole(gzip.compress(DOCUMENT)[:-5])
    assert open_web().get(feed("http://planet.example/sitemap.xml.gz")).cause == "truncated"


def test_the_limits_are_those_of_the_design():
    assert (REAL_LIMITS["feed"].wire_bytes, REAL_LIMITS["feed"].decoded_bytes) == (10 * MB, 15 * MB)
    assert (REAL_LIMITS["page"].wire_bytes, REAL_LIMITS["page"].decoded_bytes) == (10 * MB, 5 * MB)
    assert (REAL_LIMITS["sitemap"].wire_bytes, REAL_LIMITS["sitemap"].decoded_bytes) == (50 * MB, 50 * MB)
    times = {kind: (limits.total_s, limits.connect_s, limits.read_s) for kind, limits in REAL_LIMITS.items()}
    assert times == {
        "feed": (30, 10, 15),
        "page": (30, 10, 15),
        "sitemap": (60, 10, 15),
        "robots": (30, 10, 15),
        "hub": (30, 10, 15),
        "webhook": (20, 10, 15),
    }


def test_a_refused_connection_is_connect():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with Web(WebSettings(connect_to=unused.getsockname())) as web:
            assert web.get(feed()).cause == "connect"


def test_a_mistake_of_ours_is_a_reply_as_well(server, open_web, monkeypatch):
    monkeypatch.setattr("newswire.web.async_web.ask", lambda *_args, **_named: 1 // 0)
    reply = open_web().get(feed())
    assert (reply.cause, reply.detail) == ("internal", "ZeroDivisionError: integer division or modulo by zero")


# --- Many at a time ---------------------------------------------------------------------------------------------------


def hanging(server):
    async def hang(_writer):
        await silence()

    server.answers["/hang"] = hang
    return [feed(f"http://hang{n}.example/hang") for n in range(20)]


def test_twenty_servers_that_hang_do_not_hold_two_hundred_good_ones_up(server, open_web):
    server.answers["/feed"] = whole(DOCUMENT)
    web = open_web()
    stuck = [web.submit(request) for request in hanging(server)]
    good = [web.submit(feed(f"http://good{n}.example/feed")) for n in range(200)]
    assert {reply.result().status for reply in good} == {200}
    assert not any(reply.done() for reply in stuck)


def test_thousands_may_be_submitted_from_many_threads(server, open_web):
    server.answers["/feed"] = whole(DOCUMENT)
    web, replies = open_web(), []

    def submit(thread):
        replies.extend(web.submit(feed(f"http://host{thread}-{n}.example/feed")) for n in range(250))

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {reply.result().status for reply in replies} == {200}
    assert len(replies) == 2000


def test_closing_ends_everything_that_is_under_way(server, open_web):
    web = open_web(max_in_flight=10)
    replies = [web.submit(request) for request in hanging(server)]
    replies += [web.submit(feed(f"http://host{n % 50}.example/feed", robots=True)) for n in range(2000)]
    replies[0].done()
    web.close()
    done, open_still = wait(replies, timeout=0)
    assert not open_still
    assert all(reply.cancelled() or isinstance(reply.result(), HttpResponse | HttpFailure) for reply in done)
    assert all(reply.cancelled() for reply in replies[:10])
    assert not web._thread.is_alive()


def test_a_caller_may_give_up_waiting(server, open_web):
    web = open_web()
    reply = web.submit(hanging(server)[0])
    reply.cancel()
    with pytest.raises(CancelledError):
        reply.result()


def test_a_closed_web_says_so_and_may_be_closed_again(open_web):
    web = open_web()
    web.close()
    web.close()
    with pytest.raises(RuntimeError, match="not open"):
        web.submit(feed())


def test_a_web_that_was_never_opened_says_so():
    web = Web()
    web.close()
    with pytest.raises(RuntimeError, match="with"):
        web.get(feed())


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tls_port(tmp_path, monkeypatch):
    """A TLS server with a certificate that nobody vouches for, let through the guard."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with _listening(context) as port:
        _let_through(monkeypatch, port)
        yield port


def _let_through(monkeypatch, port):
    monkeypatch.setattr(guard, "_PORTS", {port})
    monkeypatch.setattr(doors, "why_not_public", lambda _address: None)


def _self_signed(folder):
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "planet.example")]),
    )
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem)
    return folder / "server.pem"


@contextlib.contextmanager
def _listening(context):
    """Accepts connections in a thread: with TLS, in clear text, or (`context` is None) never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener, context), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _shake_hands(listener, context):
    with contextlib.suppress(OSError), contextlib.ExitStack() as connections:
        while True:
            connection = connections.enter_context(listener.accept()[0])
            if context == "clear text":
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            elif context is not None:
                with contextlib.suppress(OSError):
                    context.wrap_socket(connection, server_side=True).close()


async def _loopback(_host):
    return ["127.0.0.1"]


def test_a_certificate_that_nobody_vouches_for_is_tls(tls_port):
    with Web(lookup=_loopback) as web:
        reply = web.get(feed(f"https://planet.example:{tls_port}/"))
    assert (reply.cause, "certificate" in reply.detail) == ("tls", True)


def test_clear_text_on_a_tls_port_is_tls(monkeypatch):
    with _listening("clear text") as port, Web(lookup=_loopback) as web:
        _let_through(monkeypatch, port)
        assert web.get(feed(f"https://planet.example:{port}/")).cause == "tls"


def test_a_handshake_that_hangs_ends_by_the_connect_limit(monkeypatch):
    with _listening(None) as port, Web(WebSettings(limits=LIMITS), lookup=_loopback) as web:
        _let_through(monkeypatch, port)
        reply = web.get(Request(url=f"https://planet.example:{port}/", kind="sitemap"))
    assert (reply.cause, "no connection within" in reply.detail) == ("timeout", True)
