"""Newsroom articles through the containers: `make bench-containers ARTICLES=5000 WORKERS="1 2 3"`; needs Docker and the built image.

Each time a system of its own from empty volumes (the project newswire-bench), with two drains a stage for each worker; all articles
are there from the start. Seconds from the subscription until nothing is in work any more. With KILL="worker redis scheduler postgres"
these are killed in turn meanwhile, as for a lack of memory: nobody starts them again but Docker. The rows must be the same each
time, each page be in the archive as its row says, every check well; `closest_s` is the shortest time between two requests to a host.

Beside the seconds stand the processor's: `cpu_s` of each service, since its start. Two machines under different loads differ in the former.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))

from newswire.app import running
from newswire.demo.control import Newsroom
from newswire.runtime.container import environment
from newswire.settings import Settings
from newswire.warehouse import feeds, reports
from newswire.warehouse.connection import connect, is_unreachable

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT = "newswire-bench"
POLL_S = 30
WITHIN_S = 1500
DRAINS_A_WORKER = 2

FACTS = (
    "SELECT url, title, md5(text), language, original_url, versions FROM mart.articles ORDER BY url",
    "SELECT url, topic, level, score, evidence FROM mart.article_topics ORDER BY url, topic",
    "SELECT link, outcome FROM mart.sightings ORDER BY link",
)


# --- On the machine ---------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kill", nargs="+", default=[], metavar="SERVICE")
    parser.add_argument("--gap", type=float, default=0.05, help="seconds between two requests to one host")
    arguments = parser.parse_args()
    runs = {
        workers: run(arguments.articles, workers, kill=arguments.kill, gap_s=arguments.gap)
        for workers in arguments.workers
    }
    same = len({one["rows"] for one in runs.values()}) == 1
    print(
        f"containers: articles={arguments.articles} kills={len(arguments.kill)} "
        + " ".join(
            f"seconds_{workers}={one['seconds']:.0f} cpu_s_{workers}={one['cpu_s']}" for workers, one in runs.items()
        )
        + f" same_rows={same} closest_s={min(one['closest_s'] for one in runs.values())} unverified={sum(one['unverified'] for one in runs.values())}"
        f" failed_checks={sum(one['failed_checks'] for one in runs.values())} dead={sum(one['dead'] for one in runs.values())}"
        f" rows={next(iter(runs.values()))['rows'][:12]}"
    )
    sys.exit(not same)


def run(articles: int, workers: int, *, kill: Sequence[str], gap_s: float) -> dict[str, Any]:
    """One system, from its start to its removal; what it came to."""
    with _system(articles, workers, gap_s) as compose:
        watcher = _watcher(compose)
        _kill_in_turn(compose, kill, articles)
        said, _ = watcher.communicate(timeout=WITHIN_S)
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        used = _cpu_s(compose)
        print(f"{workers} workers: {found}\n  load {os.getloadavg()}  processor seconds {used}", flush=True)
        return {**found, "cpu_s": sum(used.values())}


@contextmanager
def _system(articles: int, workers: int, gap_s: float) -> Iterator[Callable[..., list[str]]]:
    with tempfile.TemporaryDirectory(prefix="newswire-bench-") as folder:
        settings = Path(folder, "bench.env")
        settings.write_text(_settings(settings, articles, workers, gap_s))
        os.environ["COMPOSE_ENV_FILES"] = f"{CHECKOUT / '.env'},{settings}"
        try:
            _do(_compose("up", "--detach", "--quiet-pull"))
            yield _compose
        finally:
            _do(_compose("down", "--volumes", "--timeout", "10"))


def _settings(file: Path, articles: int, workers: int, gap_s: float) -> str:
    """As the demo has them, but with generated pages, polled seldom: the first poll brings all there is."""
    demo = (CHECKOUT / "docker" / "demo.env").read_text()
    more = {
        "COMPOSE_PROJECT_NAME": PROJECT,
        "NEWSWIRE_SETTINGS": file,
        "NEWSWIRE_UI_PORT": 8082,
        "NEWSWIRE_NEWSROOM_OPTIONS": f"--over 1 --hold --generate {articles}",
        "NEWSWIRE_WORKERS": workers,
        "NEWSWIRE_DRAINS": DRAINS_A_WORKER * workers,
        "NEWSWIRE_HOST_GAP_S": gap_s,
        "NEWSWIRE_POLL_FLOOR_S": POLL_S,
        "NEWSWIRE_POLL_DEFAULT_S": POLL_S,
        "NEWSWIRE_POLL_CAP_S": 2 * POLL_S,
    }
    return demo + "".join(f"{name}={value}\n" for name, value in more.items())


def _watcher(compose: Callable[..., list[str]]) -> subprocess.Popen[str]:
    """This file, run in a container beside the others, where it reaches the newsroom and the warehouse."""
    command = compose("run", "--rm", "--no-deps", "-T", "--entrypoint", "python", "newswire", "-", "--inside")
    with Path(__file__).open() as itself:
        return subprocess.Popen(command, stdin=itself, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)


def _kill_in_turn(compose: Callable[..., list[str]], services: Sequence[str], articles: int) -> None:
    """Each once, evenly over the way to the last page and the last article."""
    for number, service in enumerate(services, start=1):
        while _pages_and_articles(compose) < 2 * articles * number / (len(services) + 1):
            time.sleep(1)
        [container, *_] = _do(compose("ps", "--quiet", service)).split()
        restarts, _, pid = _state(container)
        in_work = _in_work(compose)
        os.kill(int(pid), 9)  # not `docker kill`, after which Docker leaves it alone
        killed = time.monotonic()
        while (now := _state(container))[0] == restarts or now[1] != "healthy":
            time.sleep(1)
        after = time.monotonic() - killed
        print(f"  {service} killed with {in_work} in work; healthy again after {after:.0f} s", flush=True)


def _state(container: str) -> list[str]:
    """How often it was started again, its health, its process."""
    return _do(
        ["docker", "inspect", "--format", "{{.RestartCount}} {{.State.Health.Status}} {{.State.Pid}}", container]
    ).split()


def _pages_and_articles(compose: Callable[..., list[str]]) -> int:
    return int(_asked(compose, "SELECT (SELECT count(*) FROM news.pages) + (SELECT count(*) FROM news.articles)"))


def _in_work(compose: Callable[..., list[str]]) -> int:
    return int(_asked(compose, "SELECT sum(due + leased) FROM mart.queues WHERE stage <> 'poll'"))


def _asked(compose: Callable[..., list[str]], question: str) -> str:
    psql = ("psql", "-U", "newswire_reader", "-tAc", question, "warehouse")
    return _do(compose("exec", "-T", "postgres", *psql)).strip()


def _cpu_s(compose: Callable[..., list[str]]) -> dict[str, int]:
    """Of each service, all its containers together; from the control groups, which Linux has in two versions."""
    second = "sed -n 's/usage_usec //p' /sys/fs/cgroup/cpu.stat 2>/dev/null"
    first = "echo $(($(cat /sys/fs/cgroup/cpuacct/cpuacct.usage) / 1000))"
    used: dict[str, int] = {}
    for container in _do(compose("ps", "--quiet")).split():
        service = _do(
            ["docker", "inspect", "--format", '{{index .Config.Labels "com.docker.compose.service"}}', container]
        )
        found = _do(["docker", "exec", container, "sh", "-c", f"{second} | grep . || {first}"])
        used[service.strip()] = used.get(service.strip(), 0) + int(found) // 1_000_000
    return used


def _compose(*arguments: str) -> list[str]:
    return ["docker", "compose", "--progress", "quiet", *arguments]


def _do(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout


# --- In a container ---------------------------------------------------------------------------------------------------


def inside() -> None:
    """Subscribe, wait until all is done, and print what it came to as JSON."""
    os.environ.update(environment(os.environ))
    settings = Settings.from_env()
    host, port = settings.newsroom
    newsroom = Newsroom(port, host)
    newsroom.start()
    while not newsroom.status()["finished"]:
        time.sleep(1)
    seconds = _seconds(settings.warehouse, newsroom)
    print(json.dumps({"seconds": round(seconds, 1), "closest_s": _closest_s(newsroom), **_judged(settings.warehouse)}))


def _seconds(warehouse: str, newsroom: Newsroom) -> float:
    expected = sum(row["outcome"] == "article" for row in newsroom.ledger())
    with connect(warehouse, name="bench") as conn:
        feeds.subscribe(conn, newsroom.subscriptions(), interval_s=POLL_S)
    started = time.monotonic()
    while not _is_done(warehouse, expected):
        time.sleep(1)
    return time.monotonic() - started


def _is_done(warehouse: str, expected: int) -> bool:
    """False also while PostgreSQL is away."""
    try:
        with connect(warehouse, name="bench") as conn:
            counts = reports.progress(conn)
    except Exception as error:
        if not is_unreachable(error):
            raise
        print("  PostgreSQL is away", file=sys.stderr, flush=True)
        return False
    line = f"  entries {counts.entries:5}  pages {counts.pages:5}  articles {counts.articles:5}  in work {counts.in_work:5}"
    print(f"{line}  dead {counts.dead}", file=sys.stderr, flush=True)
    return counts.articles >= expected and counts.in_work == 0


def _closest_s(newsroom: Newsroom) -> float:
    asked: dict[str, list[float]] = {}
    for host, _, at in newsroom.requests():
        asked.setdefault(host, []).append(at)
    return round(min(later - before for times in asked.values() for before, later in pairwise(sorted(times))), 3)


def _judged(warehouse: str) -> dict[str, Any]:
    with connect(warehouse, name="bench") as conn:
        rows = [conn.execute(query).fetchall() for query in FACTS]
        counts = reports.progress(conn)
    with running() as app:
        return {
            "articles": counts.articles,
            "dead": counts.dead,
            "unverified": len(app.verify_archive().problems),
            "failed_checks": app.check(whole=True).failed,
            "rows": hashlib.sha256(repr(rows).encode()).hexdigest(),
        }


if __name__ == "__main__":
    inside() if sys.argv[1:] == ["--inside"] else main()
