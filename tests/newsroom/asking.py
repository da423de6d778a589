"""Asking a newsroom over HTTP as the pipeline does: connect to its port, name any host."""

from __future__ import annotations

import gzip
import http.client
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import feedparser

# Longer than any test: nothing is published but what a test publishes.
NEVER_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


Ask = Callable[..., Reply]


def asking(port: int) -> Ask:
    """A function that asks the newsroom on this port for a URL of any host."""

    def ask(url: str, *, method: str = "GET", body: object = None, **headers: str) -> Reply:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(
                method,
                (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
                body=None if body is None else json.dumps(body),
                headers={"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}},
            )
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        if found.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Reply(status=answer.status, headers=found, body=content)

    return ask


def read_feed(reply: Reply):
    """A feed as another reader than our own sees it."""
    return feedparser.parse(io.BytesIO(reply.body), sanitize_html=False)  # noqa: TID251 - an independent witness
