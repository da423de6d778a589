"""An hour of 20,000 feeds on a simulated clock: the real claims, the real poll step, a PostgreSQL of its own, no network.

    python bench/scheduling.py [feeds] [minutes]

A third of the feeds stand on one host, one in ten answers slowly, one in twenty fails. Shown: feeds polled early, feeds of
the other hosts polled later than 1.5 times their interval, hosts asked too soon or twice at a time, how the big host's turns
are shared, memory. The last line is for comparison between versions.
"""

import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from databases import copied, make_roles, make_template
from newswire.core.polling import PollPolicy
from newswire.core.urls import host_of
from newswire.records import DueFeed, HttpFailure, HttpReply, HttpResponse, Subscription
from newswire.runtime.postgres import disposable_postgres
from newswire.steps import asking
from newswire.steps.asking import Asking
from newswire.steps.poll import Polled, PollFeeds
from newswire.warehouse import admin, feeds
from newswire.warehouse.connection import Conn, connect
from newswire.web.request import Request

BIG, GAP_S = "big.example", 2.0
START = datetime(2024, 6, 5, 9, tzinfo=UTC)

# Unqualified, the functions of time in the queries are found here first.
CLOCK = """
CREATE SCHEMA sim;
CREATE FUNCTION sim.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT current_setting('sim.now')::timestamptz $$;
CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT current_setting('sim.now')::timestamptz $$;
GRANT USAGE ON SCHEMA sim TO PUBLIC;
"""
# What the poller has learnt: intervals between ten minutes and some hours; on the big host a feed every six hours.
LEARNT = """
UPDATE news.feeds AS feed
SET rate_items = 14 * CASE WHEN feed.host = 'big.example' THEN 0.01 ELSE exp(ln(0.2) + random() * ln(500)) END,
    rate_days = 14, rate_hours = array_fill(0::float, ARRAY[48]), rate_squares = 0, rate_at = clock_timestamp(),
    window_items = 50, etag = 'e', last_modified = 'l', last_whole_at = clock_timestamp()
"""
FIRST_DUE = """
UPDATE ops.work SET due_at = sim.now() + random() * make_interval(secs => CASE WHEN lane = 'big.example' THEN 21600 ELSE 3600 END)
"""


@dataclass
class Sim:
    """A web that answers by the simulated clock, and notes when it is asked."""

    now: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    under_way: list[tuple[float, Future[HttpReply], Request]] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    busy: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    too_soon: int = 0
    at_once: int = 0

    def submit(self, request: Request) -> Future[HttpReply]:
        future: Future[HttpReply] = Future()
        host = host_of(request.url)
        self.too_soon += self.now < self.last.get(host, -GAP_S) + GAP_S
        self.at_once += self.busy[host] > 0
        self.last[host] = self.now
        self.busy[host] += 1
        self.asked.append((self.now, request.url))
        self.under_way.append((self.now + self._takes(request.url), future, request))
        return future

    def _takes(self, url: str) -> float:
        return 25.0 if kind(url) == "slow" else 10.0 if kind(url) == "fails" else 0.3

    def answer(self) -> None:
        """Answer what is ready by now."""
        ready = [item for item in self.under_way if item[0] <= self.now]
        self.under_way = [item for item in self.under_way if item[0] > self.now]
        for _, future, request in ready:
            self.busy[host_of(request.url)] -= 1
            future.set_result(reply(request.url))


def kind(url: str) -> str:
    return url.rpartition("/")[2].partition("-")[0]


def reply(url: str) -> HttpReply:
    if kind(url) == "fails":
        return HttpFailure(url=url, cause="timeout", detail="no answer", seconds=10)
    return HttpResponse(url=url, status=304, headers=(), body=b"", wire_bytes=0, seconds=0.3)


@dataclass
class Found:
    """What the hour showed."""

    early: int = 0
    late: int = 0
    latest: float = 0.0  # seconds after its time, of a feed of another host
    polls: Counter[str] = field(default_factory=Counter)

    def note(self, step: "Watched", now: float, url: str) -> None:
        behind = now - step.due[url]
        self.polls[url] += 1
        self.early += behind < 0
        if host_of(url) != BIG:
            self.latest = max(self.latest, behind)
            self.late += behind > 0.5 * step.interval.get(url, 3600)


class Watched(PollFeeds):
    """The poll step, with a note of what it plans."""

    def __init__(self, conn: Conn, sim: Sim) -> None:
        super().__init__(None, PollPolicy(cap_s=6 * 3600), per_host=1, host_gap_s=GAP_S)
        query = "SELECT feed.url, extract(epoch FROM work.due_at)::float FROM ops.work JOIN news.feeds AS feed ON feed_id = key"
        self.due = {url: seconds - START.timestamp() for url, seconds in conn.execute(query)}
        self.interval: dict[str, float] = {}
        self.sim, self.found = sim, Found()

    def decide(self, conn: Conn, feed: DueFeed, reply: HttpReply) -> Polled:
        polled = super().decide(conn, feed, reply)
        self.due[feed.url] = self.sim.now + polled.poll.plan.next_due_s
        self.interval[feed.url] = polled.poll.plan.next_due_s
        return polled


def main() -> int:
    count, minutes = (int(argument) for argument in (sys.argv[1:] + ["20000", "60"][len(sys.argv) - 1 :])[:2])
    with warehouse() as conn:
        prepare(conn, count)
        sim, started = Sim(), time.perf_counter()
        step = Watched(conn, sim)
        asking._SETTLE_S = asking._LOOK_AGAIN_S = 0.0  # noqa: SLF001 - the clock is ours: nothing is waited for
        poller = Asking(step, conn, sim)
        memory = []
        for second in range(60 * minutes):
            run_second(conn, poller, step, second)
            if second % 600 == 300:
                memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
                print(
                    f"  {second // 60:>3} min: {len(sim.asked)} polls, {time.perf_counter() - started:.0f} s",
                    flush=True,
                )
        return report(conn, step, memory=memory, minutes=minutes, seconds=time.perf_counter() - started)


def run_second(conn: Conn, poller: Asking, step: Watched, second: int) -> None:
    """Answers first, then claims: what came back is written, and what is due is asked for."""
    sim = step.sim
    sim.now = float(second)
    conn.execute("SELECT set_config('sim.now', %s, false)", [(START + timedelta(seconds=second)).isoformat()])
    sim.answer()
    before = len(sim.asked)
    poller.turn(claim=True)
    for now, url in sim.asked[before:]:
        step.found.note(step, now, url)


def report(conn: Conn, step: Watched, *, memory: list[int], minutes: int, seconds: float) -> int:
    """Print what was found; 0 where every promise was kept."""
    sim, found = step.sim, step.found
    turns = [found.polls[url] for (url,) in conn.execute("SELECT url FROM news.feeds WHERE host = %s", [BIG])]
    others = sum(found.polls.values()) - sum(turns)
    kept = not (found.early or found.late or sim.too_soon or sim.at_once) and max(turns) - min(turns) <= 1
    print(f"other hosts: {others} polls, the latest {found.latest:.0f} s after its time")
    print(
        f"big host: {sum(turns)} polls, one every {minutes * 60 / max(sum(turns), 1):.1f} s, {min(turns)} to {max(turns)} a feed"
    )
    print(
        f"scheduling: polls={sum(found.polls.values())} early={found.early} late={found.late} too_soon={sim.too_soon}"
        f" at_once={sim.at_once} big_spread={max(turns) - min(turns)} rss_mb={memory[0]}..{memory[-1]}"
        f" polls_s={sum(found.polls.values()) / seconds:.0f} speed={minutes * 60 / seconds:.1f}x"
    )
    return 0 if kept else 1


# --- A warehouse with feeds that are known for long ------------------------------------------------------------------


@contextmanager
def warehouse() -> Iterator[Conn]:
    with disposable_postgres() as postgres:
        make_roles(postgres)
        with copied(postgres, make_template(postgres)) as made:
            with admin.superuser(postgres.url(database=made.database)) as owner:
                owner.execute(CLOCK)
            with connect(made.dsn(), name="bench", search_path="sim,pg_catalog") as conn:
                yield conn


def prepare(conn: Conn, count: int) -> None:
    """Subscribe, and spread the feeds over their intervals as they would be after some days."""
    urls = [f"http://{BIG if n % 3 == 0 else f'host{n % 4001}.example'}/{kind_of(n)}-{n}" for n in range(count)]
    conn.execute("SELECT set_config('sim.now', %s, false), setseed(0.7)", [START.isoformat()])
    for start in range(0, count, 2000):
        feeds.subscribe(conn, [Subscription(url=url) for url in urls[start : start + 2000]], interval_s=3600)
    conn.execute(LEARNT)
    conn.execute(FIRST_DUE)
    conn.execute("ANALYZE")


def kind_of(number: int) -> str:
    return "slow" if number % 10 == 1 else "fails" if number % 20 == 3 else "fine"


if __name__ == "__main__":
    sys.exit(main())
