"""The life of a work row, against the real server: claims, leases, fences, bisection, dead letters, wake-ups."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from newswire.core.retries import MAX_ATTEMPTS
from newswire.records import Again, Batch, Dead, Done, StepReport, Verdict
from newswire.warehouse import dead_letters, waking, work
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.queries import queries


@dataclass(frozen=True)
class Result:
    verdict: Verdict
    text: str = "fine"


def nothing(_: Conn, some: Sequence[Result]) -> StepReport:
    return StepReport(seen=len(some), changed=len(some))


def claim(conn: Conn, *, limit: int = 100, per_lane: int = 100, stage="tag", holder: int | None = None) -> Batch | None:
    return work.claim(conn, stage, holder=holder or work.hold(conn), limit=limit, per_lane=per_lane)


def done(batch: Batch) -> list[Result]:
    return [Result(Done(key=key)) for key in batch.keys]


def state(conn: Conn, key: int, stage: str = "tag"):
    return conn.execute(
        "SELECT mark, attempts, leased_until IS NOT NULL, cause, due_at <= now() FROM ops.work WHERE stage = %s AND key = %s",
        [stage, key],
    ).fetchone()


def letters(conn: Conn) -> list[tuple]:
    return conn.execute("SELECT stage, key, cause, attempts FROM ops.dead_letters ORDER BY key").fetchall()


@pytest.fixture
def two(warehouse) -> Iterator[tuple[Conn, Conn]]:
    """Two sessions that commit."""
    with connect(warehouse.dsn(), name="one") as one, connect(warehouse.dsn(), name="two") as other:
        yield one, other


def test_what_is_asked_is_claimed_once_and_gone_when_done(two):
    one, other = two
    work.ask(one, "tag", [3, 1, 2])
    batch = claim(one)
    assert batch
    assert batch.keys == [1, 2, 3]
    assert claim(other) is None
    assert work.settle(one, batch, done(batch), nothing).changed == 3
    assert one.execute("SELECT count(*) FROM ops.work").fetchone() == (0,)


def test_asking_while_a_row_is_leased_is_not_lost(two):
    one, other = two
    work.ask(one, "tag", [1])
    batch = claim(one)
    work.ask(other, "tag", [1])
    work.settle(one, batch, done(batch), nothing)
    again = claim(other)
    assert again is not None
    assert again.keys == [1]


def test_asking_twice_makes_one_row(two):
    one, _ = two
    work.ask(one, "tag", [1, 1])
    work.ask(one, "tag", [1])
    assert one.execute("SELECT count(*) FROM ops.work").fetchone() == (1,)


def test_asking_for_nothing_is_no_error(two):
    one, _ = two
    one.execute("SELECT ops.ask('tag', (SELECT array_agg(article_id) FROM news.articles))")
    assert one.execute("SELECT count(*) FROM ops.work").fetchone() == (0,)


def test_concurrent_claims_share_no_row(warehouse):
    with connect(warehouse.dsn(), name="ask") as conn:
        work.ask(conn, "tag", range(200))

    def take(_: int) -> list[int]:
        with connect(warehouse.dsn(), name="claim") as conn:
            taken = []
            while batch := claim(conn, limit=7):
                work.settle(conn, batch, done(batch), nothing)
                taken += batch.keys
            return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(take, range(4)) for key in keys]
    assert sorted(taken) == list(range(200))


def test_a_lane_is_worked_on_by_one_at_a_time(two):
    one, other = two
    work.ask(one, "fetch", [1, 2, 3], lanes=["a", "a", "b"])
    first = claim(one, stage="fetch", per_lane=1)
    assert first is not None
    assert first.keys == [1, 3]
    assert claim(other, stage="fetch", per_lane=1) is None
    work.settle(one, first, done(first), nothing)
    second = claim(other, stage="fetch", per_lane=1)
    assert second is not None
    assert second.keys == [2]


def test_a_host_that_is_polled_is_not_asked_for_a_page_meanwhile(two):
    one, other = two
    work.ask(one, "poll", [1], lanes=["a.example"])
    work.ask(one, "fetch", [1, 2], lanes=["a.example", "b.example"])
    polling = claim(one, stage="poll")
    assert polling is not None
    fetching = claim(other, stage="fetch")
    assert fetching is not None
    assert fetching.keys == [2]
    work.settle(one, polling, done(polling), nothing)
    later = claim(other, stage="fetch")
    assert later is not None
    assert later.keys == [1]


def test_each_host_keeps_the_distance_it_asks_for(two):
    one, _ = two
    work.ask(one, "fetch", [1], lanes=["slow.example"])
    work.keep_distance(one, {"slow.example": 30.0})
    work.pace_hosts(one, ["slow.example"], gap_s=2)
    assert claim(one, stage="fetch") is None
    assert 25 < work.next_due_s(one, "fetch") <= 30


def test_a_host_that_asked_for_patience_is_left_alone(two):
    one, _ = two
    work.ask(one, "fetch", [1, 2], lanes=["busy.example", "free.example"])
    work.block_hosts(one, {"busy.example": 60})
    batch = claim(one, stage="fetch")
    assert batch
    assert batch.keys == [2]
    assert 50 < work.next_due_s(one, "fetch") <= 60


def test_a_host_with_a_long_queue_does_not_stand_in_front_of_the_others(two):
    one, other = two
    work.ask(one, "fetch", range(100), lanes=["long.example"] * 100)
    work.ask(one, "fetch", [100], lanes=["short.example"], delay_s=0.01)
    time.sleep(0.02)
    assert claim(one, stage="fetch", limit=2, per_lane=1).keys == [0]
    assert claim(other, stage="fetch", limit=2, per_lane=1).keys == [100]


CLAIMING = {
    "poisoned": {"max_attempts": MAX_ATTEMPTS},
    "pick_suspect": {"max_attempts": MAX_ATTEMPTS},
    "pick": {"limit": 200, "per_lane": 100},
    "lease": {"keys": list(range(200)), "holder": 1, "lease": "1:x", "lease_s": 60},
}


@pytest.mark.parametrize("name", CLAIMING)
def test_a_claim_reads_little_of_a_long_queue_that_came_at_once(two, name):
    one, other = two
    one.execute("ANALYZE ops.work")  # as it is when all has been done
    work.ask(one, "tag", range(30_000))
    one.execute("SELECT pg_stat_force_next_flush()")
    work.hold(other)
    query = "EXPLAIN (ANALYZE, FORMAT JSON) " + queries()[f"work.{name}"].text
    with other.transaction(force_rollback=True):
        [plan] = other.execute(query, {"stage": "tag", **CLAIMING[name]}).fetchone()
    assert sum(rows_read(plan[0]["Plan"])) <= 10_000


def rows_read(node: dict[str, Any]) -> Iterator[float]:
    """Of every table that a plan reads, the rows."""
    if "Relation Name" in node:
        yield (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from rows_read(child)


def test_live_work_goes_before_bulk(two):
    one, _ = two
    one.execute("SELECT ops.ask('tag', ARRAY[1], NULL, now() - interval '1 hour', 10::smallint)")
    work.ask(one, "tag", [2])
    batch = claim(one, limit=1)
    assert batch
    assert batch.keys == [2]


def test_a_transient_failure_is_due_again_after_a_pause(two):
    one, _ = two
    work.ask(one, "tag", [1])
    batch = claim(one)
    work.settle(one, batch, [Result(Again(key=1, cause="timeout", detail="slow"))], nothing)
    assert state(one, 1) == (1, 1, False, "timeout", False)
    assert claim(one) is None


def test_attempts_used_up_make_a_dead_letter_with_the_last_cause(two):
    one, _ = two
    work.ask(one, "tag", [1])
    for _ in range(MAX_ATTEMPTS):
        one.execute("UPDATE ops.work SET due_at = now()")
        batch = claim(one)
        work.settle(one, batch, [Result(Again(key=1, cause="dns", detail="no address"))], nothing)
    assert letters(one) == [("tag", 1, "dns", MAX_ATTEMPTS)]
    assert state(one, 1) is None


def test_a_permanent_failure_is_a_dead_letter_and_replaying_makes_it_work_again(two):
    one, _ = two
    work.ask(one, "tag", [1])
    work.settle(one, claim(one), [Result(Dead(key=1, cause="killed", detail="too slow"))], nothing)
    assert letters(one) == [("tag", 1, "killed", 1)]
    assert dead_letters.replay(one, cause="dns") == StepReport()
    assert dead_letters.replay(one, since=datetime.now(UTC) + timedelta(hours=1)) == StepReport()
    killed = StepReport(seen=1, changed=1, outcomes={"tag killed": 1})
    assert dead_letters.replay(one, cause="killed", dry_run=True) == killed
    assert letters(one) == [("tag", 1, "killed", 1)]
    assert dead_letters.replay(one, cause="killed") == killed
    batch = claim(one)
    work.settle(one, batch, done(batch), nothing)
    assert letters(one) == []


def test_what_another_version_gave_up_is_tried_again_by_this_one_and_no_more_often(two):
    one, _ = two
    for key, stage in ((1, "tag"), (2, "extract")):
        work.ask(one, stage, [key])
        work.settle(one, claim(one, stage=stage), [Result(Dead(key=key, cause="killed", detail=""))], nothing)
    assert dead_letters.replay_outdated(one) == StepReport()
    one.execute("UPDATE ops.dead_letters SET made_by = 'the version before' WHERE stage = 'extract'")
    assert dead_letters.replay_outdated(one).outcomes == {"extract killed": 1}
    assert letters(one) == [("tag", 1, "killed", 1)]
    assert dead_letters.replay_outdated(one) == StepReport()


def test_a_dead_letter_names_the_command_that_shows_its_input(conn):
    conn.execute(
        "INSERT INTO ops.dead_letters (stage, key, cause, detail, attempts) VALUES ('publish', 20261125, 'bad_row', '', 1)"
    )
    [letter] = dead_letters.listed(conn, stage="publish")
    assert (letter.subject, letter.look) == ("2026-11-25", "newswire rebuild publish 2026-11-25 --dry-run")


def test_success_clears_an_earlier_dead_letter(two):
    one, _ = two
    work.ask(one, "tag", [1])
    work.settle(one, claim(one), [Result(Dead(key=1, cause="killed", detail=""))], nothing)
    work.ask(one, "tag", [1])
    batch = claim(one)
    work.settle(one, batch, done(batch), nothing)
    assert letters(one) == []


def test_a_feed_keeps_its_poll_row_whatever_happens(two):
    one, _ = two
    work.ask(one, "poll", [1])
    work.settle(one, claim(one, stage="poll"), [Result(Dead(key=1, cause="killed", detail=""))], nothing)
    assert letters(one) == [("poll", 1, "killed", 1)]
    assert state(one, 1, "poll") == (1, 0, False, None, False)


def test_a_stale_lease_writes_nothing(two):
    """A try that wakes up late, after its rows were taken by another, changes nothing."""
    one, other = two
    work.ask(one, "tag", [1])
    late = claim(one)
    one.execute("SELECT pg_advisory_unlock_all()")  # as if its session had died
    batch = claim(other)
    assert batch is not None
    assert batch.items[0].attempts == 2
    written: list[str] = []

    def write(_: Conn, some: Sequence[Result]) -> StepReport:
        written.extend(result.text for result in some)
        return StepReport(changed=len(some))

    assert work.settle(one, late, done(late), write).skipped == 1
    assert written == []
    assert work.settle(other, batch, done(batch), write).changed == 1


def test_whoever_asks_while_a_day_is_rolled_up_does_not_wait_and_is_not_forgotten(two):
    one, other = two
    work.ask(one, "publish", [20261125])
    batch = claim(one, stage="publish")
    other.execute("SET lock_timeout = '1s'")

    def write(_: Conn, some: Sequence[Result]) -> StepReport:
        work.ask(other, "publish", [20261125])
        return StepReport(changed=len(some))

    assert work.settle(one, batch, done(batch), write, asked_meanwhile=True).changed == 1
    assert claim(one, stage="publish").keys == [20261125]


def test_what_is_held_only_after_writing_is_not_written_by_a_stale_lease_either(two):
    one, other = two
    work.ask(one, "publish", [20261124, 20261125])
    late = claim(one, stage="publish", limit=2)
    other.execute("UPDATE ops.work SET leased_by = 'another' WHERE key = 20261124")

    def write(conn: Conn, some: Sequence[Result]) -> StepReport:
        work.ask(conn, "tag", [result.verdict.key for result in some])
        return StepReport(changed=len(some))

    report = work.settle(one, late, done(late), write, asked_meanwhile=True)
    assert (report.changed, report.skipped) == (1, 1)
    assert claim(one).keys == [20261125]


def test_one_bad_row_is_isolated_and_the_rest_is_written(two):
    one, _ = two
    one.execute("CREATE TEMP TABLE written (key bigint, text text)")
    work.ask(one, "tag", range(10))
    batch = claim(one)
    results = [Result(Done(key=key), text="a\x00b" if key == 6 else "fine") for key in batch.keys]

    def write(conn: Conn, some: Sequence[Result]) -> StepReport:
        for result in some:
            conn.execute("INSERT INTO written VALUES (%s, %s)", [result.verdict.key, result.text])
        return StepReport(changed=len(some))

    report = work.settle(one, batch, results, write)
    assert (report.changed, report.failed, report.outcomes) == (9, 1, {"bad_row": 1})
    assert one.execute("SELECT count(*) FROM written").fetchone() == (9,)
    assert letters(one) == [("tag", 6, "bad_row", 1)]


def test_a_server_error_is_no_bad_row(two):
    """Out of space, shutting down, deadlock: the batch is rolled back whole and stays leased until its holder is gone."""
    one, _ = two
    work.ask(one, "tag", [1, 2])
    batch = claim(one)

    def write(conn: Conn, _: Sequence[Result]) -> StepReport:
        raise psycopg.errors.DiskFull("no space left on device")

    with pytest.raises(psycopg.errors.DiskFull):
        work.settle(one, batch, done(batch), write)
    assert letters(one) == []
    assert one.execute("SELECT count(*) FROM ops.work WHERE leased_until IS NOT NULL").fetchone() == (2,)


KILLED = """
    import os, signal, sys
    from newswire.warehouse import work
    from newswire.warehouse.connection import connect
    conn = connect(sys.argv[1], name="victim")
    batch = work.claim(conn, "tag", holder=work.hold(conn), limit=100)
    print(batch.keys, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_a_holder(dsn: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), dsn],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "plugins"},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    return done.stdout.strip()


def wait_for_free(conn: Conn, *, holders: int = 0) -> None:
    """Until the server has noticed that the killed session is gone."""
    for _ in range(200):
        [count] = conn.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7316"
        ).fetchone()
        if count <= holders:
            return
        conn.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("the killed session still holds its lock")


def test_rows_of_a_killed_process_are_due_at_once(warehouse):
    """Killed with -9, without a word: no lease has to run out."""
    with connect(warehouse.dsn(), name="test") as conn:
        work.ask(conn, "tag", [1, 2])
        assert kill_a_holder(warehouse.dsn()) == "[1, 2]"
        wait_for_free(conn)
        batch = claim(conn)
        assert batch
        assert batch.keys == [1, 2]


def test_what_kills_its_process_is_isolated_and_at_last_a_dead_letter(warehouse):
    """After two deaths a row is claimed alone, so that it takes no others down; after five it is poison."""
    with connect(warehouse.dsn(), name="test") as conn:
        work.ask(conn, "tag", [1])
        kill_a_holder(warehouse.dsn())
        wait_for_free(conn)
        kill_a_holder(warehouse.dsn())
        wait_for_free(conn)
        work.ask(conn, "tag", [2, 3])
        for _ in range(MAX_ATTEMPTS - 2):
            assert kill_a_holder(warehouse.dsn()) == "[1]"
            wait_for_free(conn)
        batch = claim(conn)
        assert batch
        assert batch.keys == [2, 3]
        assert letters(conn) == [("tag", 1, "poison", MAX_ATTEMPTS)]


def test_an_ask_wakes_whoever_listens_once_a_batch(two):
    one, other = two
    waking.listen(other, "tag")
    assert not waking.wait(other, 0)
    work.ask(one, "tag", range(300))
    assert waking.wait(other, 5)
    assert not waking.wait(other, 0.05)


def test_a_claim_wakes_nobody_but_giving_back_does(two):
    one, other = two
    work.ask(one, "tag", [1])
    waking.listen(other, "tag")
    batch = claim(one)
    assert not waking.wait(other, 0.05)
    work.release(one, batch, batch.keys)
    assert waking.wait(other, 5)
    assert state(one, 1) == (1, 0, False, None, True)
