"""`newswire demo`: a newsroom publishes, a real Airflow does the work, and what it came to is printed and checked."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from newswire.demo import captured, printing, sample
from newswire.demo.control import Newsroom
from newswire.records import Progress as Counts
from newswire.records import Subscription
from newswire.runtime.components import Component
from newswire.runtime.databases import WRITER, warehouse_url
from newswire.runtime.home import Home, read_json
from newswire.runtime.ports import any_free_port
from newswire.runtime.progress import Progress
from newswire.runtime.server_user import remove_server_folder
from newswire.runtime.status import stop
from newswire.runtime.system import StartOptions, up
from newswire.settings import Settings
from newswire.warehouse import feeds, reports, stories
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.migrate import migrate

_OVER_S = 20  # the newsroom publishes the rest of its articles over this time
_STORIES_SHOWN = 5
_SAMPLE_WITHIN_S = 240
_PATIENCE_S = 60  # after a kill, rows come back within a lease, a task's retry or a watcher's next wake-up
_CAPTURES_WITHIN_S = 1500

# The newsroom is ours: it may be asked every few seconds, which no real server should be.
_LOWERED = {
    "NEWSWIRE_POLL_FLOOR_S": "2",
    "NEWSWIRE_POLL_DEFAULT_S": "2",
    "NEWSWIRE_POLL_CAP_S": "3",
    "NEWSWIRE_HOST_GAP_S": "0.05",
    "NEWSWIRE_HISTORY_GAP_S": "0.2",
    "NEWSWIRE_PUBLISH_DELAY_S": "1",
}
# Hundreds of captured feeds that never change: asked once, they are left alone.
_PATIENT = _LOWERED | {
    "NEWSWIRE_POLL_FLOOR_S": "3600",
    "NEWSWIRE_POLL_DEFAULT_S": "3600",
    "NEWSWIRE_POLL_CAP_S": "7200",
}


def run_demo(*, captures: Path | None = None) -> int:
    """Run the demo and print what it came to; returns 0 only when the rows are right.

    `captures`: a folder with captured feeds and pages to be served instead of the sample publications. What a former
    demo left is removed; the system goes on running until it is stopped.
    """
    if captures is not None and not (captures / "feeds" / "real.zip").exists():
        print(
            f"newswire: skipped, there are no captures: {captures / 'feeds' / 'real.zip'} is missing", file=sys.stderr
        )
        return 0
    home = Home.named("demo")
    progress = Progress()
    _remove(home)
    newsroom = Newsroom(any_free_port())
    running = up(home, options(newsroom, captures=captures), progress=progress)
    with progress.step("newsroom"):
        newsroom.wait(within_s=60)
    port = read_json(home.ports)["postgres"]
    with connect(warehouse_url(home, port=port, role=WRITER), name="demo") as conn:
        right = _captures(conn, newsroom) if captures else _sample(conn, newsroom)
    user, password = running.login or ("", "")
    printing.doors(f"{running.ui_url}   login {user} / {password}", "make psql", until="make stop")
    return 0 if right else 1


def watch_demo() -> int:
    """The same on a system that others started, beside a newsroom, as docker/demo.env has it; 0 only when the rows are right."""
    settings = Settings.from_env()
    assert settings.newsroom is not None
    host, port = settings.newsroom
    newsroom = Newsroom(port, host)
    newsroom.wait(within_s=60)
    with connect(settings.warehouse, name="demo") as conn:
        right = _sample(conn, newsroom)
    ui = os.environ.get("NEWSWIRE_UI_URL", "")
    psql = "docker compose exec postgres psql -U newswire_reader warehouse"
    printing.doors(f"{ui}   login admin / NEWSWIRE_ADMIN_PASSWORD in .env", psql, until="docker compose down")
    return 0 if right else 1


def _remove(home: Home) -> None:
    """What a former demo left."""
    stop(home)
    remove_server_folder(home.postgres)
    shutil.rmtree(home.path, ignore_errors=True)


def options(newsroom: Newsroom, *, captures: Path | None = None, over_s: float = _OVER_S) -> StartOptions:
    """How the system of a demo is started: the newsroom beside Airflow, polls every few seconds, every host led to it."""
    arguments = ["--captures", str(captures.resolve())] if captures else ["--over", str(over_s), "--hold"]
    argv = (sys.executable, "-m", "newswire.newsroom", "--port", str(newsroom.port), *arguments)
    settings = {**(_PATIENT if captures else _LOWERED), **_newsroom_settings(newsroom)}
    return StartOptions(prepare=migrate, extra=(Component(name="newsroom", argv=argv, serves=True),), settings=settings)


def _newsroom_settings(newsroom: Newsroom) -> dict[str, str]:
    return {"NEWSWIRE_MODE": "demo", "NEWSWIRE_NEWSROOM": f"127.0.0.1:{newsroom.port}"}


def _sample(conn: Conn, newsroom: Newsroom) -> bool:
    """The sample publications: what is there first, then what appears while everything is warm."""
    _subscribe(conn, newsroom.subscriptions())
    _watch(conn, lambda counts: counts.entries > 0 and counts.in_work == 0, within_s=_SAMPLE_WITHIN_S)
    since = datetime.now(UTC)
    print(f"  everything that was there is in; the newsroom publishes the rest over {_OVER_S} s")
    newsroom.start()
    wrong: list[str] = []
    finished_at = float("inf")

    def is_settled(counts: Counts) -> bool:
        """Right, or published long enough ago for every poll and a retry."""
        nonlocal wrong, finished_at
        if counts.in_work or not newsroom.status()["finished"]:
            return False
        finished_at = min(finished_at, time.monotonic())
        wrong = sample.differences(newsroom.ledger(), reports.articles(conn), reports.outcomes(conn))
        return not wrong or time.monotonic() > finished_at + _PATIENCE_S

    settled = _watch(conn, is_settled, within_s=_SAMPLE_WITHIN_S)
    printing.articles(reports.articles(conn), reports.outcomes(conn))
    printing.stories(stories.told_by_several(conn, at_most=_STORIES_SHOWN))
    printing.delays(reports.delays(conn, since=since))
    printing.verdict(wrong if settled else ["work is left over; see `make status`"])
    printing.fingerprint(sample.fingerprint(reports.articles(conn), reports.outcomes(conn)))
    return settled and not wrong


def _captures(conn: Conn, newsroom: Newsroom) -> bool:
    """Captured feeds and pages, each once."""
    started = time.monotonic()
    subscriptions = newsroom.subscriptions()
    _subscribe(conn, subscriptions)

    def is_done(counts: Counts) -> bool:
        return counts.feeds_polled >= len(subscriptions) and counts.in_work == 0

    done = _watch(conn, is_done, within_s=_CAPTURES_WITHIN_S)
    found = captured.outcomes(newsroom.captures(), reports.feeds(conn))
    printing.lines("Captured feeds and pages", [*captured.summary(found), *printing.counts(reports.counts(conn))])
    print(f"  seconds: {time.monotonic() - started:.0f}")
    return done and captured.enough(found)


def _subscribe(conn: Conn, subscriptions: Sequence[Subscription]) -> None:
    feeds.subscribe(conn, subscriptions, interval_s=int(_LOWERED["NEWSWIRE_POLL_DEFAULT_S"]))
    print(f"  subscribed to {len(subscriptions)} feeds", flush=True)


def _watch(conn: Conn, is_done: Callable[[Counts], bool], *, within_s: float) -> bool:
    """Print how far everything has come, whenever it has moved, until it is done; False when the time is over."""
    started, before = time.monotonic(), None
    while time.monotonic() - started < within_s:
        counts = reports.progress(conn)
        if counts != before:
            printing.progress(counts, seconds=time.monotonic() - started)
        before = counts
        if is_done(counts):
            return True
        time.sleep(1)
    return False
