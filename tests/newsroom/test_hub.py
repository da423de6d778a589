"""The newsroom's hub: it verifies, denies, signs and pushes as the Recommendation says, to this machine only."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from newsroom.asking import NEVER_S, asking, read_feed
from newswire.newsroom.hub import HOST, URL
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom

TOPIC = publications()[0].feed_url


@dataclass
class Subscriber:
    """A callback that echoes challenges, as long as it agrees."""

    port: int = 0
    agrees: bool = True
    status: int = 204
    asked: list[dict[str, str]] = field(default_factory=list)
    pushed: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/callback?mine=1"


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    found = Subscriber()

    class Callback(BaseHTTPRequestHandler):
        def do_GET(self):
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            found.asked.append(query)
            self.send_response(200 if found.agrees else 404)
            self.end_headers()
            self.wfile.write(query.get("hub.challenge", "").encode())

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.pushed.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Callback)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def newsroom() -> Iterator[RunningNewsroom]:
    with running_newsroom(Newsroom(publications(), with_hub=True), over_s=NEVER_S) as running:
        yield running


def subscribe(newsroom: RunningNewsroom, callback: str, *, mode: str = "subscribe", **more: str) -> int:
    form = {"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": callback, **{f"hub.{k}": v for k, v in more.items()}}
    connection = http.client.HTTPConnection("127.0.0.1", newsroom.port, timeout=20)
    headers = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/", body=urlencode(form), headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def eventually(right) -> None:
    end = time.monotonic() + 10
    while not right():
        assert time.monotonic() < end
        time.sleep(0.01)


def publish_one(newsroom: RunningNewsroom) -> None:
    newsroom.publish([next(url for url in newsroom.status()["waiting"] if url.startswith(TOPIC.rpartition("/")[0]))])


def test_every_feed_that_can_names_the_hub(newsroom):
    ask = asking(newsroom.port)
    for publication in publications():
        body = ask(publication.feed_url).text
        assert (URL in body) == (publication.feed.format != "sitemap")
    [publication] = [one for one in publications() if one.feed_url == TOPIC]
    links = {link.rel: link.href for link in read_feed(ask(TOPIC)).feed.links}
    assert (links["hub"], links["self"]) == (URL, TOPIC)


def test_a_subscriber_that_agrees_is_pushed_what_the_feed_shows_and_the_signature_is_right(newsroom, subscriber):
    assert subscribe(newsroom, subscriber.url(), secret="s", lease_seconds="60") == 202
    eventually(lambda: newsroom.hub().subscribers)
    [asked] = subscriber.asked
    assert (asked["mine"], asked["hub.mode"], asked["hub.topic"], asked["hub.lease_seconds"]) == (
        "1",
        "subscribe",
        TOPIC,
        "60",
    )
    publish_one(newsroom)
    eventually(lambda: newsroom.hub().delivered)
    [(headers, body)] = subscriber.pushed
    assert body == asking(newsroom.port)(TOPIC).body
    assert headers["x-hub-signature"] == "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert headers["content-type"].startswith("application/")
    assert f'<{TOPIC}>; rel="self"' in headers["link"]


def test_one_that_does_not_agree_is_not(newsroom, subscriber):
    subscriber.agrees = False
    assert subscribe(newsroom, subscriber.url()) == 202
    eventually(lambda: subscriber.asked)
    assert newsroom.hub().subscribers == {}


def test_whoever_leaves_is_asked_and_left_alone(newsroom, subscriber):
    subscribe(newsroom, subscriber.url())
    eventually(lambda: newsroom.hub().subscribers)
    subscribe(newsroom, subscriber.url(), mode="unsubscribe")
    eventually(lambda: not newsroom.hub().subscribers)


def test_a_push_that_fails_is_tried_again_and_one_that_is_gone_ends_it(newsroom, subscriber):
    subscribe(newsroom, subscriber.url())
    eventually(lambda: newsroom.hub().subscribers)
    subscriber.status = 503
    publish_one(newsroom)
    eventually(lambda: newsroom.hub().delivered)
    subscriber.status = 410
    eventually(lambda: not newsroom.hub().subscribers)
    assert [status for _, status in newsroom.hub().delivered] == [503, 410]


def test_a_denial_is_told_with_its_reason(newsroom, subscriber):
    newsroom.hub().denies = "closed"
    subscribe(newsroom, subscriber.url())
    eventually(lambda: subscriber.asked)
    assert (subscriber.asked[0]["hub.mode"], subscriber.asked[0]["hub.reason"]) == ("denied", "closed")


@pytest.mark.parametrize(
    ("callback", "mode", "status"),
    [("http://example.org/", "subscribe", 403), ("", "subscribe", 403), ("http://127.0.0.1/", "dance", 400)],
)
def test_the_hub_calls_nobody_outside_and_understands_two_modes(newsroom, callback, mode, status):
    assert subscribe(newsroom, callback, mode=mode) == status


def test_without_a_hub_nobody_listens_at_its_host():
    with running_newsroom(Newsroom(publications()), over_s=NEVER_S) as newsroom:
        assert subscribe(newsroom, "http://127.0.0.1/") == 404
        assert URL not in asking(newsroom.port)(TOPIC).text
