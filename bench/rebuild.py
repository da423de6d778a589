"""A week of archived articles rebuilt by a running Airflow, while the newsroom publishes: `make bench-rebuild ARTICLES=30000`.

A home of its own, removed at the end. The week's pages lie in the archive, and their articles are spoiled: other texts, no copies,
no stories, no tags. The newsroom publishes an article every two seconds, at first alone; the delay of each is the time from there
to its tagged row. Then a backfill of `rebuild_day` makes the seven days again from extract on, undisturbed. The week is spoiled
again, and while another backfill restores it, what rebuilds and drains, and later the scheduler, are killed (SIGKILL). The
rows of the week must be the same, and the warehouse must add up. With `--twice` the days are backfilled once more, everything of
them, with the live DAGs at rest: PostgreSQL may count no row written to `news` and `mart`. Ends with status 1 where any of
this fails; the delays are for people to judge. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread
from typing import NamedTuple, ParamSpec, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from archived_week import DAYS, HOSTS, SPOILED, Week, spoil, store
from kills import Kills, Moment
from pages import generated, used_s
from retag import number

from copies import state
from newswire.app import App
from newswire.core.urls import address_key
from newswire.demo import options
from newswire.runtime.databases import OWNER, warehouse_url
from newswire.runtime.home import read_json
from newswire.runtime.system import environment
from newswire.settings import Settings
from newswire.warehouse import feeds
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.reports import progress
from pipeline.conftest import System, eventually

WITHIN_S = 4 * 3600
GAP_S = 2.0  # between two articles that the newsroom publishes
ALONE = 60  # articles that it publishes before anything is rebuilt
AT_ONCE = 10  # days, as the form of a backfill proposes
AGO_DAYS = 10  # when the week began: no night's own rebuild meets it
TOLD_EVERY_S = 20
ASKED_EVERY_S = 4  # Airflow, which uses CPU to answer
P, T = ParamSpec("P"), TypeVar("T")

ROWS = {
    "articles": "SELECT url, title, md5(text), language, kind, published_at, original_url FROM mart.articles",
    "tags": "SELECT url, topic, level, score, evidence FROM mart.article_topics",
    "daily": "SELECT day, topic, language, country, articles, originals, sources, core_articles FROM mart.topic_daily",
}
WRITTEN = """
SELECT schemaname || '.' || relname, n_tup_ins, n_tup_upd, n_tup_del
FROM pg_stat_user_tables
WHERE schemaname IN ('news', 'mart')
"""
TAGGED = """
SELECT address.address_key, extract(epoch FROM entry.seen_at)::float, extract(epoch FROM page.fetched_at)::float,
    extract(epoch FROM article.created_at)::float, extract(epoch FROM tagging.first_tagged_at)::float
FROM news.addresses AS address
JOIN news.articles AS article USING (article_id)
JOIN news.article_taggings AS tagging USING (article_id)
CROSS JOIN LATERAL (SELECT min(first_seen_at) AS seen_at FROM news.entries WHERE address_id = address.address_id) AS entry
CROSS JOIN LATERAL (SELECT min(fetched_at) AS fetched_at FROM news.pages WHERE address_id = address.address_id) AS page
WHERE address.address_key = ANY (%s)
"""
LEFT = """
SELECT count(*) FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE version.extractor = '{}'
"""


class Delay(NamedTuple):
    """Of a live article: seconds from its publication to its tagged row, and what each stage took of them."""

    total: float
    poll: float
    fetch: float
    extract: float
    tag: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one backfill came to."""

    rows: Mapping[str, tuple[int, str]]
    wall_s: float
    delays: list[Delay]
    cpu_s: Mapping[str, float]

    def show(self, name: str, count: int) -> None:
        used = ", ".join(f"{program} {seconds:.0f}" for program, seconds in self.cpu_s.items())
        print(f"{name}: {self.wall_s:.0f} s, {count / self.wall_s:.1f} articles/s, CPU s {used}, {told(self.delays)}")
        print("\n".join(f"  {what}: {found}" for what, found in self.rows.items()), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--twice", action="store_true", help="backfill once more, which may write nothing")
    arguments = parser.parse_args()
    week = Week(
        articles=arguments.articles, seed=arguments.seed, since=datetime.now(UTC).date() - timedelta(days=AGO_DAYS)
    )
    with generated(live_articles(week), arguments.seed + 1, held=True) as system:
        titles = fill(system, week)
        alone = live_alone(system)
        clean = rebuilt(system, week)
        clean.show("undisturbed", week.articles)
        spoil_week(system)
        kills = Kills(moments(week.articles))
        killed = rebuilt(system, week, kills)
        killed.show(f"killed {kills.done} times", week.articles)
        right = count_right(system, titles)
        ledger = wrong_checks(system)
        written = twice(system, week) if arguments.twice else {}
    same = clean.rows == killed.rows
    alone_s, beside_s = ([delay.total for delay in some] for some in (alone, clean.delays))
    print(
        f"rebuild: articles={week.articles} per_s={week.articles / clean.wall_s:.1f}"
        f" ms_cpu_an_article={1000 * sum(clean.cpu_s.values()) / week.articles:.0f}"
        f" delay_alone_s={median(alone_s):.2f} delay_beside_s={median(beside_s):.2f}"
        f" delay_p95_alone_s={most(alone_s):.2f} delay_p95_beside_s={most(beside_s):.2f}"
        f" delay_ratio={median(beside_s) / median(alone_s):.2f} delay_p95_ratio={most(beside_s) / most(alone_s):.2f}"
        f" right={right} same={same} kills={kills.done} killed_s={killed.wall_s:.0f}"
        f" {f'written_twice={len(written)} ' if arguments.twice else ''}ledger={'clean' if not ledger else len(ledger)}"
    )
    return int(not same or right < week.articles or bool(kills.waiting) or bool(ledger) or bool(written))


# --- The week and the newsroom -----------------------------------------------------------------------------------------


def live_articles(week: Week) -> int:
    """Of the newsroom: three fifths of them are held back, enough for both passes."""
    return 600 + week.articles // 15


def fill(system: System, week: Week) -> dict[bytes, str]:
    """The week into archive and warehouse, spoiled, and the newsroom subscribed to; returns the titles of the week."""
    started = time.monotonic()
    with system.connect() as conn, opened_app(system) as app:
        titles = store(conn, app.archive, week)
    spoil_week(system)
    print(
        f"{len(titles)} pages of {week.since} to {week.until} archived in {time.monotonic() - started:.0f} s",
        flush=True,
    )
    with system.connect() as conn:
        feeds.subscribe(conn, system.newsroom.subscriptions(), interval_s=2)
    eventually(system.is_caught_up, within_s=1200)
    return titles


def spoil_week(system: System) -> None:
    port = read_json(system.home.ports)["postgres"]
    with (
        system.connect() as writer,
        connect(warehouse_url(system.home, port=port, role=OWNER), name="bench", statement_timeout="30min") as owner,
    ):
        spoil(writer, owner)
    eventually(system.is_caught_up, within_s=600)


@contextmanager
def opened_app(system: System) -> Iterator[App]:
    with App(Settings.from_env(environment(system.home, options(system.newsroom)))) as app:
        yield app


class Publishing(Thread):
    """Publishes an article every few seconds, and knows when."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True)
        self.at: dict[bytes, float] = {}
        self._newsroom = system.newsroom
        self._waiting = iter(system.newsroom.status()["waiting"])
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(GAP_S) and (url := next(self._waiting, None)):
            self.at[address_key(url)] = time.time()
            self._newsroom.publish([url])

    def stop(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def publishing(system: System) -> Iterator[Publishing]:
    thread = Publishing(system)
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


def live_alone(system: System) -> list[Delay]:
    """The delays of what is published with nothing beside it."""
    with publishing(system) as published:
        eventually(lambda: len(published.at) >= ALONE, within_s=ALONE * GAP_S * 3)
    delays = delays_of(system, published.at)
    print(f"alone: {told(delays)}", flush=True)
    return delays


def delays_of(system: System, published: Mapping[bytes, float]) -> list[Delay]:
    """Of all that was published."""

    def tagged() -> list[Delay]:
        with system.connect() as conn:
            found = conn.execute(TAGGED, [list(published)]).fetchall()
        return [_delay(published[bytes(key)], *instants) for key, *instants in found]

    eventually(lambda: len(tagged()) == len(published), within_s=900)
    return tagged()


def _delay(published: float, *instants: float) -> Delay:
    stages = [later - earlier for earlier, later in pairwise((published, *instants))]
    return Delay(sum(stages), *stages)


def told(delays: list[Delay]) -> str:
    stages = [
        f"{stage} {median(some):.2f}/{most(some):.2f}"
        for stage, some in zip(Delay._fields, zip(*delays, strict=True), strict=True)
    ]
    return f"{len(delays)} live articles, median/95 % in s: {', '.join(stages)}"


def median(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=2)[0]


def most(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1]


# --- Rebuilding --------------------------------------------------------------------------------------------------------


def rebuilt(system: System, week: Week, kills: Kills | None = None) -> Pass:
    """A backfill of the week from extract on, while the newsroom publishes."""
    eventually(lambda: system.may_backfill("rebuild_day"), within_s=300)
    with system.connect() as conn:
        assert spoiled(conn) == week.articles
    before, started = used_s(system), time.monotonic()
    with publishing(system) as published:
        backfill(system, week, {"from_stage": "extract"}, kills)
    wall_s, after = time.monotonic() - started, used_s(system)
    delays = delays_of(system, published.at)
    eventually(system.is_caught_up, within_s=1200)
    return Pass(
        rows=rows(system, week),
        wall_s=wall_s,
        delays=delays,
        cpu_s={name: used - before.get(name, 0) for name, used in after.items()},
    )


def backfill(system: System, week: Week, conf: Mapping[str, object], kills: Kills | None = None) -> None:
    """As a person at a terminal does; returns when its last run has succeeded."""
    expected = len(system.backfilled("rebuild_day")) + DAYS
    system.backfill("rebuild_day", week.since, week.until, conf, again=True, at_once=AT_ONCE)
    started = time.monotonic()

    def tell(conn: Conn) -> None:
        print(
            f"  {time.monotonic() - started:5.0f} s  read {week.articles - spoiled(conn):6}  grouped {grouped(conn):6}"
            f"  in work {progress(conn).in_work:4}  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )

    def has_ended() -> bool:
        states = system.backfilled("rebuild_day")
        assert "failed" not in states, f"a run failed: {states}; see {system.home.logs}"
        return states.count("success") == expected

    tells, asks = every(TOLD_EVERY_S, tell), every(ASKED_EVERY_S, has_ended)

    def is_done() -> bool:
        with system.connect() as conn:
            tells(conn)
            if kills:
                kills.look(system, conn)
        return bool(asks())

    eventually(is_done, within_s=WITHIN_S)


def every(seconds: float, act: Callable[P, T]) -> Callable[P, T | None]:
    """The same, but done at most so often: nothing in between."""
    last = -seconds

    def seldom(*args: P.args, **kwargs: P.kwargs) -> T | None:
        nonlocal last
        if time.monotonic() - last < seconds:
            return None
        last = time.monotonic()
        return act(*args, **kwargs)

    return seldom


def spoiled(conn: Conn) -> int:
    return number(conn, LEFT.format(SPOILED))


def grouped(conn: Conn) -> int:
    return number(
        conn,
        f"SELECT count(*) FROM news.text_keys JOIN news.articles USING (article_id) WHERE strpos(url, '{HOSTS}') > 0",
    )


def moments(count: int) -> list[Moment]:
    """Everything that works, while a third is read; the scheduler with all its tasks, when half is grouped."""
    return [
        Moment("rebuilds and drains", lambda conn: spoiled(conn) < count * 2 // 3, at_work),
        Moment(
            "the scheduler", lambda conn: grouped(conn) > count // 2, lambda system: [system.component("scheduler")]
        ),
    ]


def at_work(system: System) -> list:
    """The rebuilds and the drains; nobody, as long as there is no rebuild."""
    rebuilding = system.at_work("rebuild %")
    return [*rebuilding, *system.drains()] if rebuilding else []


# --- What it came to ---------------------------------------------------------------------------------------------------


def rows(system: System, week: Week) -> dict[str, tuple[int, str]]:
    """Number and digest of the week's rows, under natural keys."""
    with system.connect() as conn:
        conn.execute("SET statement_timeout = '10min'")
        between = f"WHERE day BETWEEN '{week.since}' AND '{week.until}'"
        asked = {name: sorted(map(repr, conn.execute(f"{query} {between}"))) for name, query in ROWS.items()}
        decided = {name: [repr(row) for row in some if HOSTS in str(row[0])] for name, some in state(conn).items()}
    return {name: digest(some) for name, some in {**asked, **decided}.items()}


def digest(some: list[str]) -> tuple[int, str]:
    return len(some), hashlib.sha256("\n".join(some).encode()).hexdigest()[:16]


def count_right(system: System, titles: Mapping[bytes, str]) -> int:
    """How many articles of the week have the title that their page has."""
    with system.connect() as conn:
        found = conn.execute("SELECT url, title FROM mart.articles WHERE strpos(url, %s) > 0", [HOSTS]).fetchall()
    return sum(titles.get(address_key(url)) == title for url, title in found)


def wrong_checks(system: System) -> list[str]:
    """What `newswire check` says of the warehouse."""
    with opened_app(system) as app:
        report = app.check(whole=True)
        print(f"checks: {report.seen} asked, {report.failed} failed {dict(report.outcomes)}", flush=True)
        return [f"{one.name}: {one.sample}" for one in app.wrong_checks() if one.severity == "error"]


def twice(system: System, week: Week) -> dict[str, tuple[int, ...]]:
    """Backfill all of the week once more, with the live DAGs at rest; returns the tables that were written to."""
    eventually(lambda: system.may_backfill("rebuild_day"), within_s=300)
    for dag in system.dags():
        system.pause(dag, paused=dag != "rebuild_day")
    eventually(lambda: not system.drains(), within_s=700)
    before = row_counts(system)
    backfill(system, week, {"from_stage": "extract", "force": True})
    after = row_counts(system)
    found = {name: counts for name, counts in after.items() if counts != before[name]}
    print(f"a second time: {found or 'no row written'}", flush=True)
    return found


def row_counts(system: System) -> dict[str, tuple[int, ...]]:
    """Rows inserted, updated and deleted so far, by table; a moment later, when every session has told."""
    time.sleep(3)
    with system.connect() as conn:
        conn.execute("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()")
        return {name: tuple(counts) for name, *counts in conn.execute(WRITTEN)}


if __name__ == "__main__":
    sys.exit(main())
