"""The watchers, against a real PostgreSQL: no work is overlooked, and little is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import pytest

from newswire.errors import WarehouseError
from newswire.records import QueueState
from newswire.steps import topic_files
from newswire.warehouse import topics, work
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.listening import patience_s, queue_states

pytestmark = pytest.mark.slow

SOON_S = 3.0  # a wake-up takes a tenth of a second; a loaded machine may be slower
QUIET_S = 1.2  # long enough for a second look


@pytest.fixture
def triggers(orchestration) -> Any:
    return orchestration("triggers")


@pytest.fixture
def writer(warehouse, monkeypatch) -> Iterator[Conn]:
    """Whoever asks for work, in a warehouse of one's own to which Airflow's connection leads; each statement commits."""
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn())
    with connect(warehouse.dsn(), name="test") as conn:
        yield conn


@asynccontextmanager
async def watching(trigger: Any) -> AsyncIterator[list[dict[str, Any]]]:
    """The payloads of the events that a trigger has fired so far, as Airflow's triggerer would collect them."""
    fired: list[dict[str, Any]] = []

    async def collect() -> None:
        async for event in trigger.run():
            fired.append(event.payload)  # noqa: PERF401 - it never ends

    task = asyncio.create_task(collect())
    try:
        yield fired
        assert not task.done(), "the watcher ended"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool], *, within_s: float = SOON_S) -> float:
    """Wait for something to come true; returns how many seconds it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < within_s, "it did not come true in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def take_all(conn: Conn, stage: str) -> int:
    """What a drain does to a queue, in one step."""
    return conn.execute("DELETE FROM ops.work WHERE stage = %s", [stage]).rowcount


def test_rows_that_came_while_nobody_listened_wake_at_once(triggers, writer):
    async def scene() -> None:
        work.ask(writer, "fetch", [1, 2, 3])
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await until(lambda: fired == [{"stage": "fetch", "pending": 3}])

    asyncio.run(scene())


def test_a_watcher_is_silent_until_its_own_stage_has_work(triggers, writer):
    async def scene() -> None:
        async with watching(triggers.WorkDue(stage="group")) as fired:
            work.ask(writer, "tag", [1])
            await asyncio.sleep(QUIET_S)
            assert fired == []
            work.ask(writer, "group", [1])
            await until(lambda: len(fired) == 1)

    asyncio.run(scene())


def test_many_announcements_at_once_are_one_reason_to_look(warehouse, writer):
    """Each of them ends the wait, not each of them begins one."""

    async def scene() -> None:
        async with aclosing(queue_states(warehouse.dsn(), "fetch")) as states:
            await anext(states)
            for key in range(100):
                work.ask(writer, "fetch", [key])
            state = await asyncio.wait_for(anext(states), 1.0)
            assert state.pending == 100

    asyncio.run(scene())


def test_a_burst_of_300_is_one_or_two_wakeups(triggers, writer):
    async def scene() -> None:
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await asyncio.sleep(0.3)
            for key in range(300):
                work.ask(writer, "fetch", [key])
                await asyncio.sleep(0.003)
            await asyncio.sleep(QUIET_S)
            assert 1 <= len(fired) <= 2

    asyncio.run(scene())


def test_work_that_a_running_drain_takes_at_once_wakes_nobody(triggers, writer):
    async def scene() -> None:
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await asyncio.sleep(0.3)
            for key in range(5):
                work.ask(writer, "fetch", [key])
                await asyncio.sleep(0.03)  # a drain hears of it, claims and commits
                assert take_all(writer, "fetch") == 1
                await asyncio.sleep(0.2)
            assert fired == []

    asyncio.run(scene())


def test_a_wakeup_that_led_to_nothing_is_repeated(triggers, writer, monkeypatch):
    """A paused DAG's events start nothing, not even when it is unpaused; so the watcher must not rest."""
    monkeypatch.setattr(triggers, "REFIRE_S", 1.0)

    async def scene() -> None:
        work.ask(writer, "fetch", [1])
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await until(lambda: len(fired) == 3, within_s=6)

    asyncio.run(scene())


def test_new_work_after_the_old_was_taken_wakes_without_waiting(triggers, writer):
    """The drain may have left just before."""

    async def scene() -> None:
        work.ask(writer, "fetch", [1])
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await until(lambda: len(fired) == 1)
            with writer.transaction():  # the watcher never sees the queue empty
                take_all(writer, "fetch")
                work.ask(writer, "fetch", [2])
            await until(lambda: len(fired) == 2)

    asyncio.run(scene())


def test_a_row_wakes_when_its_time_has_come(triggers, writer):
    """A feed's next poll, or a retry: nothing announces it but the clock."""

    async def scene() -> None:
        async with watching(triggers.WorkDue(stage="poll")) as fired:
            await asyncio.sleep(0.3)
            work.ask(writer, "poll", [1], delay_s=1.5)
            await asyncio.sleep(1.0)
            assert fired == []
            assert await until(lambda: len(fired) == 1) < 2

    asyncio.run(scene())


def test_pages_of_a_host_that_asked_for_patience_wake_nobody_until_then(triggers, writer):
    async def scene() -> None:
        work.block_hosts(writer, {"slow.example": 1.5})
        work.ask(writer, "fetch", [1], lanes=["slow.example"])
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await asyncio.sleep(1.0)
            assert fired == []
            await until(lambda: len(fired) == 1)

    asyncio.run(scene())


def test_leased_rows_wake_nobody_while_their_holder_lives_and_wake_when_it_is_gone(triggers, writer, warehouse):
    async def scene() -> None:
        with holding(warehouse, writer, "fetch", [1, 2]):
            async with watching(triggers.WorkDue(stage="fetch")) as fired:
                await asyncio.sleep(QUIET_S)
                assert fired == []
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await until(lambda: fired == [{"stage": "fetch", "pending": 2}])

    asyncio.run(scene())


def test_a_row_whose_lane_somebody_works_on_waits(triggers, writer, warehouse):
    """A drain could not claim it, so that a wake-up would start a run for nothing."""

    async def scene() -> None:
        with holding(warehouse, writer, "fetch", [1], lane="one.example"):
            work.ask(writer, "fetch", [2], lanes=["one.example"])
            async with watching(triggers.WorkDue(stage="fetch")) as fired:
                await asyncio.sleep(QUIET_S)
                assert fired == []
                work.ask(writer, "fetch", [3], lanes=["two.example"])
                await until(lambda: fired == [{"stage": "fetch", "pending": 1}])

    asyncio.run(scene())


@contextmanager
def holding(warehouse: Any, writer: Conn, stage: Any, keys: list[int], *, lane: str | None = None) -> Iterator[None]:
    """Keys leased by a process that is alive."""
    work.ask(writer, stage, keys, lanes=lane and [lane] * len(keys))
    with connect(warehouse.dsn(), name="holder") as holder:
        batch = work.claim(holder, stage, holder=work.hold(holder), limit=100)
        assert batch is not None
        assert sorted(batch.keys) == keys
        yield


def test_the_watcher_comes_back_after_the_server_ended_its_session(triggers, writer):
    async def scene() -> None:
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await asyncio.sleep(0.5)
            [[ended]] = writer.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'newswire watcher fetch'"
            )
            assert ended == 1
            work.ask(writer, "fetch", [1])
            await until(lambda: len(fired) == 1, within_s=triggers.RECONNECT_S + SOON_S)

    asyncio.run(scene())


def test_a_warehouse_that_is_not_there_yet_is_asked_again(triggers, writer, warehouse, monkeypatch):
    """The connection is looked up each time, so that a new password or place is found too."""
    monkeypatch.setattr(triggers, "RECONNECT_S", 0.2)
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn() + "_not_made_yet")

    async def scene() -> None:
        work.ask(writer, "fetch", [1])
        async with watching(triggers.WorkDue(stage="fetch")) as fired:
            await asyncio.sleep(1)
            assert fired == []
            monkeypatch.delenv("AIRFLOW_CONN_NEWS_WAREHOUSE")
            await asyncio.sleep(1)
            assert fired == []
            monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn())
            await until(lambda: len(fired) == 1)

    asyncio.run(scene())


def test_what_is_announced_while_the_watcher_is_busy_is_not_missed(warehouse, writer):
    """Between a look and the next wait nobody reads the socket."""

    async def scene() -> None:
        async with aclosing(queue_states(warehouse.dsn(), "fetch")) as states:
            assert (await anext(states)).pending == 0
            work.ask(writer, "fetch", [1])
            writer.execute("SELECT pg_sleep(0.3)")
            state = await asyncio.wait_for(anext(states), SOON_S)
            assert state.pending == 1

    asyncio.run(scene())


def test_a_warehouse_that_refuses_is_an_error_of_ours(shared_warehouse):
    async def scene() -> None:
        with pytest.raises(WarehouseError, match="queue of fetch"):
            await anext(queue_states(shared_warehouse.dsn() + "_not_there", "fetch"))

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("pending", "next_s", "patience"),
    [(5, None, 1.0), (0, None, 30.0), (0, 0.25, 0.25), (0, 900.0, 5.0), (0, -0.5, 0.0)],
)
def test_patience_depends_on_what_may_change(pending, next_s, patience):
    assert patience_s(QueueState(pending=pending, oldest_s=0.0 if pending else None, next_s=next_s)) == patience


@pytest.mark.parametrize(
    ("pending", "oldest_s", "fired_s", "wakes"),
    [
        (0, None, None, False),  # nothing to do
        (7, 3.0, None, True),  # first sight
        (7, 3.0, 2.0, False),  # the same rows that the last wake-up was about: it is under way
        (7, 1.0, 2.0, True),  # those are gone, these are new: the drain may have left
        (7, 19.0, 18.0, False),
        (7, 21.0, 20.0, True),  # it led to nothing
    ],
)
def test_when_to_wake_again(triggers, pending, oldest_s, fired_s, wakes):
    state = QueueState(pending=pending, oldest_s=oldest_s, next_s=None)
    assert triggers.calls_for_wakeup(state, fired_s=fired_s) is wakes


def test_what_airflow_stores_of_a_watcher_builds_it_again_and_holds_no_secret(triggers):
    path, arguments = triggers.WorkDue(stage="fetch").serialize()
    assert path == "newswire.orchestration.triggers.WorkDue"
    assert arguments == {"stage": "fetch", "conn_id": "news_warehouse"}
    assert triggers.WorkDue(**arguments).serialize() == (path, arguments)


# --- Topic files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(monkeypatch, tmp_path):
    (tmp_path / "topics").mkdir()
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(tmp_path))
    return tmp_path / "topics"


def test_a_changed_topic_file_is_told_once_and_again_only_when_it_led_to_nothing(triggers, writer, folder, monkeypatch):
    monkeypatch.setattr(triggers, "LOOK_AT_FILES_S", 0.05)

    async def scenario() -> None:
        async with watching(triggers.FilesChanged(folder="topics")) as fired:
            await asyncio.sleep(QUIET_S)
            assert fired == []  # no file, and none known
            (folder / "grain.yaml").write_text("broken")
            await until(lambda: len(fired) == 1)
            await asyncio.sleep(QUIET_S)
            assert len(fired) == 1
            topics.report_problem(
                writer, slug="grain", problem="broken", file_sha256=triggers.folder_digests(folder)["grain"]
            )
            (folder / "grain.yaml").unlink()
            await until(lambda: len(fired) == 2)

    asyncio.run(scenario())


def test_the_files_of_a_folder_have_the_digests_that_the_warehouse_keeps(triggers, folder):
    (folder / "grain.yaml").write_bytes(b"id: grain\r\n")
    assert triggers.folder_digests(folder) == {"grain": topic_files.digest(folder / "grain.yaml")}
