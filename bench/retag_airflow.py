"""A topic released over many articles by a running Airflow, undisturbed and killed: `make bench-retag AIRFLOW=1`.

    python bench/retag_airflow.py [ARTICLES]

A home of its own, removed at the end; articles are loaded in bulk. `tag_articles` tags them all with a first version. Then the
file of a topic is edited so that the tag of every article changes: `release_topics` looks and releases, `tag_articles` tags
again, undisturbed. Then the file is put back as it was, and on the way the look, the drains and the scheduler are killed
(SIGKILL). At the end everything must be as the first version had left it, and each tag once in the history.

CPU seconds are those of everything that runs, PostgreSQL and Airflow's own processes included; `work` is what the release took
beyond an idle Airflow. Memory is that of the tasks, sampled. Ends with status 1 where the rows differ. Linux only.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generated_articles import load
from kills import Kills, Moment
from retag import NATURAL, digest, half_looked_at, number, write_topic, write_topics
from usage import cpu_s, pids

from newswire.demo.control import Newsroom
from newswire.runtime.databases import WAREHOUSE
from newswire.runtime.home import Home
from newswire.runtime.ports import any_free_port
from newswire.runtime.status import remove, status
from newswire.runtime.system import StartOptions, up
from newswire.warehouse.connection import Conn
from newswire.warehouse.migrate import migrate
from pipeline.conftest import System, eventually

WITHIN_S = 7200
IDLE_S = 30
WORKERS = ("topic files", "drain tag")  # the look, and the tagging
FIRST, EDITED = 5, 6  # what the title counts in the two versions


@dataclass
class Pass:
    """What it took until nothing was in work any more."""

    wall_s: float = 0.0
    used_s: dict[str, float] = field(default_factory=dict)
    rss_mb: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # by process
    kills: int = 0

    @property
    def cpu_s(self) -> float:
        return sum(self.used_s.values())

    @property
    def growth(self) -> float:
        """Of the tasks that were seen for a while: the most they used to what they used after a quarter of their time."""
        return max((max(seen) / seen[len(seen) // 4] for seen in self.rss_mb.values() if len(seen) >= 8), default=0.0)

    @property
    def most_mb(self) -> float:
        return max((max(seen) for seen in self.rss_mb.values()), default=0.0)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with running() as (system, topics):
        eventually(
            lambda: is_true(system, "SELECT count(*) = 9 FROM news.topics WHERE version_in_force > 0"), within_s=300
        )
        idle_share = idle(system)
        fill(system, count)
        first = until_done(system, released=0, count=count)
        show("tagged", first)
        expected = rows(system)
        write_topic(topics, title=EDITED)
        clean = until_done(system, released=1, count=count)
        show("released", clean)
        edited = rows(system)
        write_topic(topics, title=FIRST)
        killed = until_done(system, released=2, count=count, kill=moments(count))
        show(f"released, killed {killed.kills} times", killed)
        same = report(system, expected, edited, count)
    work_s = clean.cpu_s - idle_share * clean.wall_s
    print(
        f"retag_airflow: articles={count} same={same} kills={killed.kills} cpu_min={clean.cpu_s / 60:.2f}"
        f" work_min={work_s / 60:.2f} work_min_for_a_million={work_s / 60 * 1e6 / count:.1f} wall_s={clean.wall_s:.0f}"
        f" killed_wall_s={killed.wall_s:.0f} rss_mb={clean.most_mb:.0f} rss_growth={clean.growth:.2f}"
    )
    return 0 if same and killed.kills == len(moments(count)) else 1


@contextmanager
def running() -> Iterator[tuple[System, Path]]:
    """The system, and its folder of topics."""
    with tempfile.TemporaryDirectory(prefix="newswire-bench-") as folder:
        topics = Path(folder, "config", "topics")
        topics.mkdir(parents=True)
        write_topics(topics)
        home = Home(Path(folder, "home"))
        settings = {"NEWSWIRE_CONFIG": str(topics.parent), "NEWSWIRE_PUBLISH_DELAY_S": "1"}
        try:
            up(home, StartOptions(prepare=migrate, settings=settings))
            yield System(home=home, newsroom=Newsroom(any_free_port())), topics
        finally:
            remove(Path(folder))


def idle(system: System) -> float:
    """CPU seconds a second of a system with nothing to do."""
    before = used_s(system)
    time.sleep(IDLE_S)
    after = used_s(system)
    return sum(after[name] - before.get(name, 0) for name in after) / IDLE_S


def used_s(system: System) -> dict[str, float]:
    """Of each program with its children, also those it has buried; tasks are children of the scheduler."""
    return {name: cpu_s(group) for name, group in pids(status(system.home)).items()}


def fill(system: System, count: int) -> None:
    """The articles, and the request to tag them as bulk work."""
    load(system.postgres().url(database=WAREHOUSE), count)
    with system.connect() as conn:
        conn.execute("SELECT ops.ask('tag', array_agg(article_id), NULL, now(), 1::smallint) FROM news.articles")


def until_done(system: System, *, released: int, count: int, kill: Sequence[Moment] = ()) -> Pass:
    """Until so many releases are decided and nothing is in work; each moment kills once."""
    measured, before, started = Pass(), used_s(system), time.monotonic()
    kills = Kills(list(kill))

    def is_done() -> bool:
        sample(system, measured)
        with system.connect() as conn:
            kills.look(system, conn)
            return done(conn, released, count)

    eventually(is_done, within_s=WITHIN_S)
    measured.wall_s, measured.kills = time.monotonic() - started, kills.done
    measured.used_s = {name: used - before.get(name, 0) for name, used in used_s(system).items()}
    return measured


def moments(count: int) -> list[Moment]:
    """When what is killed: the look, both drains, the scheduler."""
    return [
        Moment("the look", half_looked_at(count), lambda system: system.at_work("topic files")),
        Moment("the drains", left(count * 2 // 3), lambda system: system.at_work("drain tag")),
        Moment("the scheduler", left(count // 3), lambda system: [system.component("scheduler")]),
    ]


def left(count: int) -> Callable[[Conn], bool]:
    """Whether fewer articles than that wait for their tags, and some do."""
    return lambda conn: 0 < number(conn, "SELECT count(*) FROM ops.work WHERE stage = 'tag'") < count


def done(conn: Conn, released: int, count: int) -> bool:
    tagged, decided, waiting = (
        number(conn, query)
        for query in (
            "SELECT count(*) FROM news.article_taggings",
            "SELECT count(*) FROM news.topic_releases WHERE outcome = 'released'",
            "SELECT count(*) FROM ops.work WHERE stage IN ('tag', 'publish')",
        )
    )
    return (tagged, decided, waiting) == (count, released, 0)


def sample(system: System, measured: Pass) -> None:
    for name in WORKERS:
        for process in system.at_work(name):
            try:
                measured.rss_mb[process.pid].append(process.memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                continue


def is_true(system: System, query: str) -> bool:
    with system.connect() as conn:
        return bool(number(conn, query))


def rows(system: System) -> dict[str, tuple[int, str]]:
    with system.connect() as conn:
        conn.execute("SET statement_timeout = '30min'")
        return {name: digest(conn, query) for name, query in NATURAL.items()}


def show(name: str, measured: Pass) -> None:
    used = ", ".join(f"{program} {seconds:.0f}" for program, seconds in measured.used_s.items())
    print(
        f"{name}: {measured.wall_s:.0f} s, CPU s {used}; tasks at most {measured.most_mb:.0f} MB,"
        f" grown {measured.growth:.2f} times; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def report(
    system: System, expected: dict[str, tuple[int, str]], edited: dict[str, tuple[int, str]], count: int
) -> bool:
    """Whether the tags are again those of the first version, and the history has each version's tags once."""
    found = rows(system)
    for name in NATURAL:
        print(f"{name}: first {expected[name]}, edited {edited[name]}, put back {found[name]}")
    with system.connect() as conn:
        twice = number(
            conn,
            "SELECT count(*) - count(DISTINCT (article_id, topic_id, topic_version_id)) FROM news.article_topic_history",
        )
    current = [name for name in NATURAL if name != "history"]
    return (
        all(found[name] == expected[name] for name in current)
        and edited["tags"] != expected["tags"]
        and (edited["history"][0], found["history"][0], twice) == (count, 2 * count, 0)
    )


if __name__ == "__main__":
    sys.exit(main())
