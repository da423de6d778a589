"""From a publisher's click to a row of mart.articles by push (WebSub), through the running Airflow."""

from __future__ import annotations

import hmac
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from newswire import demo
from newswire.demo.control import Newsroom
from newswire.newsroom.publications import ledger
from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.status import remove
from newswire.runtime.system import up
from newswire.warehouse import feeds, pushes
from pipeline.conftest import System, eventually, last_words

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]

PUSHED = 20
TARGET_S = 5.0

# No poll may help: every feed is asked once, at the beginning.
SELDOM = {
    "NEWSWIRE_POLL_FLOOR_S": "7200",
    "NEWSWIRE_POLL_DEFAULT_S": "7200",
    "NEWSWIRE_POLL_CAP_S": "7200",
}


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Everything up, the newsroom with a hub, and every feed that names it verified."""
    home = Home(tmp_path_factory.mktemp("state") / "pushes")
    newsroom, ui_port = Newsroom(any_free_port()), any_free_port()
    options = demo.options(newsroom, over_s=86_400)
    [server] = options.extra
    settings = {**options.settings, **SELDOM, "NEWSWIRE_PUBLIC_URL": f"http://127.0.0.1:{ui_port}"}
    extra = (replace(server, argv=(*server.argv, "--hub")),)
    try:
        up(home, replace(options, ui_port=ui_port, settings=settings, extra=extra))
        newsroom.wait(within_s=60)
        system = System(home=home, newsroom=newsroom)
        with system.connect() as conn:
            feeds.subscribe(conn, newsroom.subscriptions(), interval_s=7200)
        eventually(system.is_caught_up, within_s=120)
        system.run_dag("subscribe_hubs")
        eventually(lambda: states(system) == {"pushed"}, within_s=120)
        yield system
    finally:
        print(last_words(home))
        remove(home.path.parent)


def states(system: System) -> set[str]:
    with system.connect() as conn:
        return {health.state for health in pushes.health(conn)}


def test_from_publication_to_row_within_seconds(pushed: System):
    delays = [publish_and_wait(pushed, url) for url in to_publish(pushed)]
    print(f"push: seconds={' '.join(f'{delay:.2f}' for delay in delays)}")
    print(f"push: n={len(delays)} median_s={statistics.median(delays):.2f} worst_s={max(delays):.2f}")
    assert len(delays) == PUSHED
    assert statistics.median(delays) < TARGET_S
    with pushed.connect() as conn:
        assert conn.execute(
            "SELECT count(*) FROM ops.polls WHERE new_entries > 0 AND at > %s", [started(pushed)]
        ).fetchone() == (0,)


def test_forged_unsigned_and_replayed_pushes_leave_no_trace_but_a_count(pushed: System):
    with pushed.connect() as conn:
        token, secret = conn.execute("SELECT token, secret FROM ops.hub_secrets ORDER BY 1 LIMIT 1").fetchone()
        [before] = conn.execute("SELECT count(*) FROM ops.pushes").fetchone()
    planted = b"<rss version='2.0'><channel><title>t</title><item><title>Planted</title></item></channel></rss>"
    assert push(pushed, token, planted) == 202
    assert push(pushed, token, planted, "sha256=" + "0" * 64) == 202
    assert push(pushed, "A" * 43, planted, "sha256=" + "0" * 64) == 404
    empty = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
    signature = "sha512=" + hmac.new(secret.encode(), empty, "sha512").hexdigest()
    assert [push(pushed, token, empty, signature) for _ in range(3)] == [202] * 3
    with pushed.connect() as conn:
        assert conn.execute("SELECT count(*) FROM ops.pushes").fetchone() == (before + 1,)
        assert conn.execute("SELECT count(*) FROM news.entries WHERE title = 'Planted'").fetchone() == (0,)
        drops = dict(conn.execute("SELECT reason, sum(drops)::integer FROM ops.push_drops GROUP BY reason").fetchall())
    print(f"push: dropped={drops}")
    assert drops == {"unsigned": 1, "forged": 1, "repeated": 2}


def to_publish(system: System) -> list[str]:
    """Articles that become rows, of feeds that are pushed."""
    with system.connect() as conn:
        pushed = {url for (url,) in conn.execute("SELECT url FROM news.feeds WHERE hub_url IS NOT NULL")}
    articles = {row.url for row in ledger() if row.outcome == "article" and row.feed_url in pushed}
    return [url for url in system.newsroom.status()["waiting"] if url in articles][:PUSHED]


def publish_and_wait(system: System, url: str) -> float:
    """Seconds from the publication to the row in mart.articles."""
    with system.connect() as conn:
        [before] = conn.execute("SELECT count(*) FROM mart.articles").fetchone()
        began = time.monotonic()
        system.newsroom.publish([url])
        while conn.execute("SELECT count(*) FROM mart.articles").fetchone() == (before,):
            assert time.monotonic() - began < 60, f"no row for {url}"
            time.sleep(0.02)
        return time.monotonic() - began


def started(system: System) -> object:
    with system.connect() as conn:
        [at] = conn.execute("SELECT min(at) FROM ops.pushes").fetchone()
        return at


def push(system: System, token: str, body: bytes, signature: str | None = None) -> int:
    headers = {"Content-Type": "application/rss+xml"} | ({"X-Hub-Signature": signature} if signature else {})
    request = urllib.request.Request(f"{system.ui_url}/websub/{token}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
