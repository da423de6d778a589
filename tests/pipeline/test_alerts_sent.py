"""From publication to a receiver's door through the running Airflow: each alert once by its id, whatever fails or is killed."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from newswire import demo
from newswire.demo.control import Newsroom
from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.status import remove
from newswire.runtime.system import up
from newswire.settings import CHECKOUT
from newswire.warehouse import feeds
from pipeline.conftest import System, eventually, last_words
from receiver import Receiver, receiving

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOPICS = ["critical-minerals", "rare-earths", "ukraine-negotiations"]
TARGET_S = (
    60  # the median from publication to the receiver: poll, page, four stages, the day's rollup (5 s), two more DAGs
)

# What the alert is about, by what the marts say of it.
WANTED = """
    SELECT DISTINCT tag.url, article.published_at
    FROM mart.article_topics AS tag
    JOIN mart.articles AS article USING (article_id)
    CROSS JOIN ops.alerts AS alert
    WHERE tag.topic = ANY (%s) AND NOT tag.is_copy AND coalesce(article.published_at, article.first_seen_at) >= alert.since
"""


@dataclass
class Watched:
    system: System
    receiver: Receiver
    arrived: list[datetime]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("state")
    home, newsroom, arrived = Home(folder / "alerts"), Newsroom(any_free_port()), []
    with receiving() as receiver:
        receiver.before_answering = lambda: arrived.append(datetime.now(UTC))
        config = _config(folder, receiver)
        options = demo.options(newsroom, over_s=60)
        hook = {"conn_type": "http", "password": SECRET}
        settings = {**options.settings, "NEWSWIRE_CONFIG": str(config), "AIRFLOW_CONN_HOOK": json.dumps(hook)}
        try:
            up(home, replace(options, settings=settings))
            newsroom.wait(within_s=60)
            system = System(home=home, newsroom=newsroom)
            eventually(lambda: _in_force(system), within_s=60)
            with system.connect() as conn:
                feeds.subscribe(conn, newsroom.subscriptions(), interval_s=2)
            eventually(system.is_caught_up, within_s=120)
            yield Watched(system, receiver, arrived)
        finally:
            print(last_words(home))
            remove(home.path.parent)


def _config(folder: Path, receiver: Receiver) -> Path:
    config = folder / "config"
    (config / "alerts").mkdir(parents=True)
    (config / "topics").symlink_to(CHECKOUT / "config" / "topics")
    channel = {"webhook": {"connection": "hook", "url": receiver.url, "internal": True}}
    alert = {
        "id": "desk",
        "description": "What is new.",
        "when": {"articles": {"topics": TOPICS}},
        "to": [channel],
        "most_per_hour": 1000,
    }
    (config / "alerts" / "desk.yaml").write_text(json.dumps(alert))
    return config


def _in_force(system: System) -> bool:
    """The watcher of the files has had it read."""
    with system.connect() as conn:
        return conn.execute("SELECT count(*) FROM ops.alerts WHERE looks_at = 'articles'").fetchone() == (1,)


def test_what_is_published_is_told_once_each_although_the_receiver_fails_twice_and_a_sender_is_killed(watched: Watched):
    system, receiver = watched.system, watched.receiver
    receiver.answers = [500, 500]
    system.newsroom.start()
    eventually(lambda: len(receiver.came) >= 4, within_s=120)
    for process in _senders(system):
        process.kill()
    eventually(lambda: bool(system.newsroom.status()["finished"]) and _all_is_sent(system), within_s=240)
    with system.connect() as conn:
        wanted = dict(conn.execute(WANTED, [TOPICS]).fetchall())
        log = conn.execute("SELECT webhook_id, state FROM mart.alerts").fetchall()
    told = {json.loads(body)["data"]["notices"][0]["url"]: headers["webhook-id"] for headers, body in receiver.came}
    assert set(told) == set(wanted)
    assert sorted(log) == sorted((webhook_id, "sent") for webhook_id in set(receiver.ids()))
    assert len(log) == len(told)
    assert all(_verified()(SECRET, headers, body) for headers, body in receiver.came[-5:])
    _tell_delays(watched, wanted)


def _senders(system: System) -> list[psutil.Process]:
    with system.connect() as conn:
        asked = "SELECT client_port FROM pg_stat_activity WHERE application_name = 'newswire drain send'"
        ports = {port for (port,) in conn.execute(asked)}
    return [psutil.Process(one.pid) for one in psutil.net_connections("tcp4") if one.pid and one.laddr.port in ports]


def _all_is_sent(system: System) -> bool:
    with system.connect() as conn:
        left = conn.execute("SELECT count(*) FROM ops.work WHERE stage <> 'poll'").fetchone()
        waiting = conn.execute("SELECT count(*) FROM mart.alerts WHERE state <> 'sent'").fetchone()
    return left == waiting == (0,)


def _verified():
    [code] = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "alerts.md").read_text(), re.DOTALL)
    scope: dict = {}
    exec(code, scope)
    return lambda secret, headers, body: (
        abs(time.time() - int(headers["webhook-timestamp"])) > 299 or scope["verified"](secret, headers, body)
    )


def _tell_delays(watched: Watched, wanted: dict[str, datetime]) -> None:
    """From publication to the first knock at the receiver's door."""
    first: dict[str, datetime] = {}
    for (_, body), at in zip(watched.receiver.came, watched.arrived, strict=True):
        first.setdefault(json.loads(body)["data"]["notices"][0]["url"], at)
    delays = sorted((first[url] - published).total_seconds() for url, published in wanted.items())
    print(f"alerts: n={len(delays)} median_s={statistics.median(delays):.1f} worst_s={delays[-1]:.1f}")
    assert statistics.median(delays) < TARGET_S
