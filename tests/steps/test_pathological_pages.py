"""Pages that take extractors down: each is bounded in time and memory, ends with a cause, and the next page is read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from steps.paper import FIRST, URL, bring
from web.faultserver import whole

pytestmark = pytest.mark.slow

SENTENCE = "The harbour board voted on Tuesday to dredge the northern channel before the winter storms arrive. "
LINK = "<a href='/x'>A headline of another story</a> "
LIMIT_S = 10  # of the child; a busy machine takes a while to start another one
START_S = 30


def around(body: str, head: str = "") -> str:
    return f"<html><head><title>A page too many</title>{head}</head><body><h1>A page too many</h1>{body}</body></html>"


# Sizes just below the limit of five megabytes, where not the design's own figures say less.
PAGES = {
    "paragraphs": around(f"<p>{SENTENCE}</p>" * 45_000),
    "one-paragraph": around(f"<p>{SENTENCE * 49_000}</p>"),
    "links": around(LINK * 105_000),
    "links-in-lists": around(f"<ul>{f'<li>{LINK}</li>' * 80_000}</ul>"),
    "line-breaks": around("word<br>" * 100_000),
    "table": around(f"<table>{('<tr>' + '<td>cell</td>' * 50 + '</tr>') * 2_000}</table>"),
    "script": around(f"<p>{SENTENCE * 20}</p><script>{'var a = [1, 2, 3];' * 260_000}</script>"),
    "json-ld": around(
        f"<p>{SENTENCE * 20}</p>",
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{SENTENCE * 48_000}"}}</script>',
    ),
    "json-ld-nested": around(
        f"<p>{SENTENCE * 20}</p>", f'<script type="application/ld+json">{"[" * 500_000}{"]" * 500_000}</script>'
    ),
    "nested-divs": around("<div>" * 100_000 + SENTENCE * 20),
    "nested-lists": around("<ul><li>" * 5_000 + SENTENCE * 20),
    "nested-tables": around("<table><tr><td>" * 5_000 + SENTENCE * 20),
    "attributes": around(f"<div {' '.join(f'a{n}=b' for n in range(100_000))}><p>{SENTENCE * 20}</p></div>"),
    "comments": around(f"<!-- nothing --><p>{SENTENCE}</p>" * 3_000),
    "control-characters": around(f"<p>{SENTENCE.replace(' ', chr(0) + chr(1) + ' ')}</p>" * 20),
    "entities": around(f"<p>{'&#xD800;&#0;&#99999999999;&amp' * 100_000}</p>"),
    "too-large": around(f"<p>{SENTENCE}</p>" * 180_000),
}


def ends(committed) -> dict[str, str]:
    """What became of each page: an outcome or a cause, never nothing."""
    found = committed.execute("""
        SELECT substring(address.url FROM '[^/]+$'),
            coalesce(CASE WHEN address.article_id IS NOT NULL THEN 'article' END, address.no_article, letter.cause, address.fetch_outcome)
        FROM news.addresses AS address
        LEFT JOIN ops.dead_letters AS letter ON letter.stage = 'extract' AND letter.key = address.address_id
        WHERE address.fetched_at IS NOT NULL
    """)
    return dict(found.fetchall())


def test_each_ends_in_time_with_a_cause_and_the_worker_lives_on(app, committed, server):
    server.answers |= {
        f"/{name}": whole(html.encode(), "Content-Type: text/html; charset=utf-8") for name, html in PAGES.items()
    }
    server.answers["/ferry"] = FIRST
    before_mb = peak_mb()
    for name in PAGES:
        started = time.monotonic()
        bring(app, committed, f"https://paper.example/{name}")
        assert time.monotonic() - started < LIMIT_S + START_S, name
    bring(app, committed, URL)
    found = ends(committed)
    assert set(found) == {*PAGES, "ferry"}
    assert None not in found.values()
    assert "unreadable" not in found.values()  # killed by a limit, never a crash of ours
    assert (found["too-large"], found["ferry"]) == ("too_large", "article")
    assert found["script"] == found["comments"] == found["control-characters"] == "article"
    assert app.check().failed == 0
    assert peak_mb() - before_mb < 150  # a few times the largest page; none is read here


def peak_mb() -> float:
    """Of the worker itself, which never reads a page: the child does."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
