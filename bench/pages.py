"""Newsroom pages through a running Airflow, from feed to tagged row: `make bench-pages PAGES=2000`.

Twice, each time in a home of its own that is removed at the end. First undisturbed: pages per second, and per second of CPU of
everything that runs (PostgreSQL and Airflow's own processes included, the newsroom not). Then tasks and the scheduler are
killed at random points: the rows must be the same, every page must be read from the archive as its row says, and none may be
there twice. Linux only.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from usage import cpu_s, pids

from newswire.app import App
from newswire.demo import options
from newswire.demo.control import Newsroom
from newswire.records import Progress
from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.postgres import Postgres
from newswire.runtime.status import remove, status
from newswire.runtime.system import StartOptions, environment, up
from newswire.settings import Settings
from newswire.warehouse import feeds, reports
from newswire.warehouse.pages import archive_paths
from pipeline.conftest import System, eventually

POLL_S = 30
WITHIN_S = 1200
KILLED = ("task", "task", "task", "scheduler")  # three times as many tasks

FACTS = {
    "articles": "SELECT url, title, md5(text), language, original_url, versions FROM mart.articles ORDER BY url",
    "tags": "SELECT url, topic, level, score, evidence FROM mart.article_topics ORDER BY url, topic",
    "entries": "SELECT link, outcome FROM mart.sightings ORDER BY link",
}
TWICE = """
SELECT (SELECT count(*) - count(DISTINCT (archive_path, archive_offset)) FROM news.pages)
    + (SELECT count(*) - count(DISTINCT address_id) FROM news.pages)
    + (SELECT count(*) - count(DISTINCT url) FROM news.articles)
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run came to."""

    rows: dict[str, list[tuple]]
    articles: int
    seconds: float
    cpu_s: float
    killed: int
    problems: int  # pages that cannot be read from the archive as their rows say
    twice: int
    files: int  # of the archive
    orphans: int  # of them, what a kill left without rows
    failed_checks: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=8)
    arguments = parser.parse_args()
    calm = run(arguments.pages, seed=arguments.seed, kills=0)
    print(f"undisturbed: {calm.articles} articles in {calm.seconds:.0f} s, {calm.cpu_s:.0f} CPU s", flush=True)
    killed = run(arguments.pages, seed=arguments.seed, kills=arguments.kills)
    print(f"killed {killed.killed} times: {killed.articles} articles in {killed.seconds:.0f} s", flush=True)
    different = [name for name in FACTS if calm.rows[name] != killed.rows[name]]
    for name in different:
        _show(name, calm.rows[name], killed.rows[name])
    print(
        f"pages: pages={arguments.pages} articles={calm.articles} pages_per_s={calm.articles / calm.seconds:.1f}"
        f" pages_per_core_s={calm.articles / calm.cpu_s:.2f} ms_cpu_a_page={1000 * calm.cpu_s / calm.articles:.0f}"
        f" kills={killed.killed} same_rows={not different} killed_s={killed.seconds:.0f}"
        f" unverified={calm.problems + killed.problems} twice={calm.twice + killed.twice} files={calm.files} orphans={killed.orphans}"
        f" failed_checks={calm.failed_checks + killed.failed_checks}"
    )
    sys.exit(bool(different or calm.problems + killed.problems + calm.twice + killed.twice))


def run(pages: int, *, seed: int, kills: int) -> Run:
    """All pages are there from the start; from the subscription until nothing is in work any more."""
    with generated(pages, seed) as system:
        expected = sum(row["outcome"] == "article" for row in system.newsroom.ledger())
        before, started = used_s(system), time.monotonic()
        with system.connect() as conn:
            feeds.subscribe(conn, system.newsroom.subscriptions(), interval_s=POLL_S)
        killed = _kill(system, kills, random.Random(seed), expected)
        eventually(lambda: _is_done(system, expected), within_s=WITHIN_S)
        seconds = time.monotonic() - started
        used = {name: now_s - before.get(name, 0) for name, now_s in used_s(system).items()}
        print("  CPU s: " + ", ".join(f"{name} {name_s:.0f}" for name, name_s in used.items()), flush=True)
        return _judged(system, seconds=seconds, used_s=sum(used.values()), killed=killed)


def used_s(system: System) -> dict[str, float]:
    """CPU seconds of each program with its children, also those it has buried; tasks are children of the scheduler."""
    programs = pids(status(system.home))
    return {name: cpu_s(group) for name, group in programs.items() if name != "newsroom"}


def _is_done(system: System, expected: int) -> bool:
    counts = _progress(system)
    return counts.articles >= expected and counts.in_work == 0


def _progress(system: System) -> Progress:
    with system.connect() as conn:
        counts = reports.progress(conn)
    print(
        f"  pages {counts.pages:5}  articles {counts.articles:5}  in work {counts.in_work:5}  dead {counts.dead}",
        flush=True,
    )
    return counts


def _kill(system: System, kills: int, chance: random.Random, expected: int) -> int:
    """A kill at each of so many random points of the way from the first page to the last article."""
    points = sorted(chance.uniform(1, 2 * expected) for _ in range(kills))
    for number, point in enumerate(points, start=1):
        what = chance.choice(KILLED)
        eventually(partial(_has_passed, system, point), within_s=WITHIN_S)
        eventually(partial(_is_killed, system, what, chance), within_s=60)
        print(f"  kill {number}: a {what}", flush=True)
    return len(points)


def _has_passed(system: System, point: float) -> bool:
    counts = _progress(system)
    return counts.pages + counts.articles >= point


def _is_killed(system: System, what: str, chance: random.Random) -> bool:
    """False where none runs just now."""
    try:
        victims = system.drains() if what == "task" else [system.component(what)]
        for victim in chance.sample(victims, min(1, len(victims))):
            victim.kill()
            return True
    except (psutil.NoSuchProcess, AssertionError):
        pass  # it ended by itself, or waits for its restart
    return False


def _judged(system: System, *, seconds: float, used_s: float, killed: int) -> Run:
    with system.connect() as conn, App(Settings.from_env(environment(system.home, _options(system.newsroom)))) as app:
        rows = {name: conn.execute(query).fetchall() for name, query in FACTS.items()}
        [twice] = conn.execute(TWICE).fetchone()
        verified, known = app.verify_archive(), archive_paths(conn)
        files = app.archive.files()
        for problem in verified.problems:
            print(f"  {problem}")
        return Run(
            rows=rows,
            articles=len(rows["articles"]),
            seconds=seconds,
            cpu_s=used_s,
            killed=killed,
            problems=len(verified.problems),
            twice=twice,
            files=len(files),
            orphans=sum(path not in known for path in files),
            failed_checks=app.check().failed,
        )


@contextmanager
def generated(
    pages: int,
    seed: int,
    *,
    near_copies: float = 0,
    held: bool = False,
    postgres: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[System]:
    """The whole system with a newsroom of so many pages, all of them published.

    `held`: two fifths of them are, and feeds are asked every few seconds for what the bench has it publish. `postgres`: more
    settings of the server.
    """
    with tempfile.TemporaryDirectory(prefix="newswire-bench-") as folder:
        home, newsroom = Home(Path(folder, "live")), Newsroom(any_free_port())
        if postgres:
            _set(home, postgres)
        try:
            edition = ("--generate", str(pages), "--seed", str(seed), "--near-copies", str(near_copies))
            up(home, _options(newsroom, *edition, patient=not held))
            newsroom.wait(within_s=60)
            if not held:
                newsroom.start()
                eventually(lambda: newsroom.status()["finished"], within_s=120)
            yield System(home=home, newsroom=newsroom)
        finally:
            remove(Path(folder))


def _set(home: Home, settings: Mapping[str, str]) -> None:
    home.create()
    server = Postgres.in_home(home, port=any_free_port())
    server.initialize()
    with (server.data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())


def _options(newsroom: Newsroom, *generated: str, patient: bool = True) -> StartOptions:
    """As the demo starts it, but with generated pages. `patient`: polled seldom, the first poll brings all there is."""
    usual = options(newsroom, over_s=1)
    [component] = usual.extra
    seldom = {
        "NEWSWIRE_POLL_FLOOR_S": str(POLL_S),
        "NEWSWIRE_POLL_DEFAULT_S": str(POLL_S),
        "NEWSWIRE_POLL_CAP_S": "60",
    }
    return StartOptions(
        prepare=usual.prepare,
        extra=(replace(component, argv=(*component.argv, *generated)),),
        settings={**usual.settings, **(seldom if patient else {})},
    )


def _show(name: str, calm: list[tuple], killed: list[tuple]) -> None:
    print(f"{name} differ:")
    for sign, rows in (("-", set(calm) - set(killed)), ("+", set(killed) - set(calm))):
        for row in sorted(rows, key=repr)[:5]:
            print(f"  {sign} {row}")


if __name__ == "__main__":
    main()
