"""Minutes of 20,000 feeds on the real clock: drains as Airflow runs them, guarded web, PostgreSQL, a local server.

    python bench/live_polling.py [minutes] [feeds] [drains]

A third of the feeds stand on one host, one in ten answers slowly, one in twenty fails. Every feed of the other hosts has its time
once within the minutes, and again as its rate says. Each drain is `newswire drain poll` in a process of its own; one that has
left at its cap is followed by the next. Shown: polls a second, and a second of CPU of the drains; how late feeds are taken; the
turns of the big host; what the server saw of the limits; memory. The last line is for comparison between versions.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from databases import copied, make_roles, make_template
from newswire.records import Subscription
from newswire.runtime.postgres import disposable_postgres
from newswire.warehouse import admin, feeds
from newswire.warehouse.connection import Conn, connect

ROOT = Path(__file__).parent.parent
BIG, GAP_S, CAP_S = "big.example", 2.0, 60
# What the poller has learnt: intervals between ten minutes and some hours; on the big host a feed every six hours.
LEARNT = """
UPDATE news.feeds AS feed
SET rate_items = 14 * CASE WHEN feed.host = 'big.example' THEN 0.01 ELSE exp(ln(0.2) + random() * ln(500)) END,
    rate_days = 14, rate_hours = array_fill(0::float, ARRAY[48]), rate_squares = 0, rate_at = now(), window_items = 20
"""
DUE = """
UPDATE ops.work
SET due_at = now() + random() * make_interval(secs => CASE WHEN lane = 'big.example' THEN 21600 ELSE %(seconds)s END)
"""
# Each claim, with how long after its time it came.
NOTED = """
CREATE TABLE ops.noted (key bigint, lane text, late_s float);
GRANT INSERT, SELECT ON ops.noted TO newswire_writer;
CREATE FUNCTION ops.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ops.noted VALUES (new.key, new.lane, extract(epoch FROM clock_timestamp() - old.due_at));
    RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION ops.note() TO newswire_writer;
CREATE TRIGGER note AFTER UPDATE ON ops.work FOR EACH ROW
WHEN (old.leased_until IS NULL AND new.leased_until IS NOT NULL) EXECUTE FUNCTION ops.note();
"""
LATENESS = """
SELECT count(*), min(late_s), percentile_cont(0.5) WITHIN GROUP (ORDER BY late_s),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY late_s), max(late_s)
FROM ops.noted WHERE lane <> 'big.example'
"""
BIG_TURNS = """
SELECT coalesce(sum(turns), 0)::integer, coalesce(max(turns), 0)
FROM (SELECT count(*) AS turns FROM ops.noted WHERE lane = 'big.example' GROUP BY key) AS taken
"""
LEFT_BEHIND = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(due_at)), 0)::float FROM ops.work
WHERE stage = 'poll' AND due_at < now() AND leased_until IS NULL AND lane <> 'big.example'
"""


@dataclass
class Drains:
    """The processes that poll, one after another in each place."""

    env: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    runs: int = 0
    failed: int = 0
    cpu_s: float = 0.0
    memory_mb: list[int] = field(default_factory=list)  # of each drain when it is looked at last

    def fill(self, places: int) -> None:
        """Let those that have left be followed by others."""
        self.running = [drain for drain in self.running if not self._has_left(drain)]
        while len(self.running) < places:
            command = [sys.executable, "-m", "newswire.cli", "drain", "poll", "--linger", str(CAP_S)]
            self.running.append(subprocess.Popen(command, env=self.env, stdout=subprocess.DEVNULL))
            self.runs += 1

    def look(self) -> None:
        self.memory_mb += [mb for drain in self.running if (mb := resident_mb(drain.pid))]

    def end(self) -> None:
        for drain in self.running:
            while not self._has_left(drain):
                time.sleep(0.2)

    def _has_left(self, drain: subprocess.Popen[bytes]) -> bool:
        pid, status, used = os.wait4(drain.pid, os.WNOHANG)
        if not pid:
            return False
        drain.returncode = os.waitstatus_to_exitcode(status)
        self.failed += drain.returncode != 0
        self.cpu_s += used.ru_utime + used.ru_stime
        return True


def main() -> int:
    minutes, count, places = (float(text) for text in [*sys.argv[1:], *("10", "20000", "2")[len(sys.argv) - 1 :]])
    with disposable_postgres() as postgres, TemporaryDirectory() as folder, serving() as server:
        make_roles(postgres)
        with copied(postgres, make_template(postgres)) as made, connect(made.dsn(), name="bench") as conn:
            prepare(conn, int(count), minutes * 60)
            with admin.superuser(postgres.url(database=made.database)) as owner:
                owner.execute(NOTED)
                owner.execute("ANALYZE")
            drains = Drains(environment(made.dsn(), server.port, Path(folder)))
            seconds = poll(conn, drains, minutes * 60, int(places), Path(folder) / "stopping")
            return report(conn, drains, server.end(), seconds, int(count))


def prepare(conn: Conn, count: int, seconds: float) -> None:
    """Subscribe to feeds that are known for long."""
    urls = [f"http://{BIG if n % 3 == 0 else f'host{n % 4001}.example'}/{kind_of(n)}-{n}" for n in range(count)]
    for start in range(0, count, 2000):
        feeds.subscribe(conn, [Subscription(url=url) for url in urls[start : start + 2000]], interval_s=3600)
    conn.execute("SELECT setseed(0.7)")
    conn.execute(LEARNT)
    conn.execute(DUE, {"seconds": seconds})


def kind_of(number: int) -> str:
    return "slow" if number % 10 == 1 else "fails" if number % 20 == 3 else "fine"


def environment(dsn: str, port: int, folder: Path) -> dict[str, str]:
    """What a drain finds: the settings of the house, every host at the local server."""
    return os.environ | {
        "PYTHONPATH": str(ROOT / "plugins"),
        "NEWSWIRE_WAREHOUSE": dsn,
        "NEWSWIRE_ARCHIVE": f"file://{folder}/archive",
        "NEWSWIRE_MODE": "test",
        "NEWSWIRE_NEWSROOM": f"127.0.0.1:{port}",
        "NEWSWIRE_HOST_GAP_S": str(GAP_S),
        "NEWSWIRE_CAP_S": str(CAP_S),
        "NEWSWIRE_STOPPING": str(folder / "stopping"),
    }


def poll(conn: Conn, drains: Drains, seconds: float, places: int, stopping: Path) -> float:
    """Keep the drains at work; a line a minute."""
    started = told = time.monotonic()
    while time.monotonic() - started < seconds:
        drains.fill(places)
        time.sleep(1)
        if time.monotonic() - told >= 60:
            told = time.monotonic()
            drains.look()
            [(behind, oldest_s)] = conn.execute(LEFT_BEHIND).fetchall()
            [(polls,)] = conn.execute("SELECT count(*) FROM ops.polls").fetchall()
            print(
                f"  {(told - started) / 60:.0f} min: {polls} polls, {behind} wait, the first for {oldest_s:.0f} s",
                flush=True,
            )
    took = time.monotonic() - started
    drains.look()
    stopping.touch()
    drains.end()
    return took


def report(conn: Conn, drains: Drains, seen: dict[str, Any], seconds: float, count: int) -> int:
    """Print what was found; 0 where every promise was kept."""
    [(others, earliest, median, p95, latest)] = conn.execute(LATENESS).fetchall()
    [(big, most)] = conn.execute(BIG_TURNS).fetchall()
    [(behind, _)] = conn.execute(LEFT_BEHIND).fetchall()
    [(polls,)] = conn.execute("SELECT count(*) FROM ops.polls").fetchall()
    outcomes = conn.execute(
        "SELECT outcome, count(*) FROM ops.polls GROUP BY outcome ORDER BY count(*) DESC"
    ).fetchall()
    print(", ".join(f"{outcome} {number}" for outcome, number in outcomes))
    print(
        f"big host: {big} polls, one every {seconds / max(big, 1):.1f} s, at most {most} of a feed; {behind} feeds of others wait"
    )
    memory = f"{min(drains.memory_mb)}..{max(drains.memory_mb)}"
    print(
        f"live: feeds={count} seconds={seconds:.0f} polls={polls} polls_s={polls / seconds:.1f}"
        f" polls_core_s={polls / drains.cpu_s:.0f} late_median_s={median:.1f} late_p95_s={p95:.1f} late_max_s={latest:.0f}"
        f" early={int(earliest < 0)} big_polls={big} at_once={seen['at_once']} shortest_gap_s={seen['shortest_gap_s']}"
        f" drains={drains.runs} failed_drains={drains.failed} rss_mb={memory}"
    )
    kept = earliest >= 0 and not seen["at_once"] and not drains.failed and most <= 1
    return 0 if kept and others and (seen["shortest_gap_s"] or GAP_S) > GAP_S / 2 else 1


def resident_mb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just left, or this system tells elsewhere
        return 0
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


class Server:
    """The local server, in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.port = int(self._line())

    def end(self) -> dict[str, Any]:
        """What it saw."""
        self._process.send_signal(signal.SIGTERM)
        return json.loads(self._line())

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def serving() -> Iterator[Server]:
    command = [sys.executable, str(Path(__file__).with_name("live_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield Server(process)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
