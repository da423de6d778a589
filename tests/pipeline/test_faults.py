"""Whatever is killed in the middle, the rows are what was published, once each, and nothing is left over."""

from __future__ import annotations

import contextlib
import time

import psutil
import pytest

from newswire.app import App
from newswire.demo import options
from newswire.runtime.system import environment
from newswire.settings import Settings
from newswire.warehouse import reports, work
from pipeline.conftest import System, eventually

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]


def is_settled(system: System) -> bool:
    """All published, nothing in work, and the rows are right."""
    with system.connect() as conn:
        return (
            system.newsroom.status()["finished"] and reports.progress(conn).in_work == 0 and system.differences() == []
        )


def test_kills_of_tasks_scheduler_and_database_change_nothing(system: System):
    system.newsroom.start()
    time.sleep(5)
    killed = system.drains()
    assert killed, "no task is running that could be killed"
    for process in killed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    time.sleep(8)
    system.component("scheduler").kill()
    time.sleep(12)
    crash_postgres(system, for_s=5)
    # Long enough for a component that hangs to be found (120 s), started again, and for a task's retry after that.
    eventually(lambda: is_settled(system), within_s=360)
    with App(Settings.from_env(environment(system.home, options(system.newsroom)))) as app:
        assert app.check().failed == 0


def test_the_page_of_a_run_says_first_what_it_came_to_and_leads_to_what_it_wrote(system: System):
    eventually(lambda: bool(system.notes("fetch_pages")), within_s=150)
    note = system.notes("fetch_pages")[0]
    assert note.startswith("**Fetch wanted pages**: seen ")
    assert note.endswith("\n\nWrites to [pages](/assets?name_pattern=pages)")


def test_work_of_a_paused_dag_is_done_after_unpausing(system: System):
    system.pause("tag_articles", paused=True)
    try:
        eventually(lambda: not is_draining(system, "tag"), within_s=150)
        ask_everything(system, "tag")
        time.sleep(3)
        assert rows(system, "tag") > 0
    finally:
        system.pause("tag_articles", paused=False)
    assert eventually(lambda: rows(system, "tag") == 0, within_s=30)


def test_three_hundred_rows_at_once_are_drained(system: System):
    with system.connect() as conn:
        for key in range(1_000_000, 1_000_300):
            work.ask(conn, "group", [key])
    assert eventually(lambda: rows(system, "group") == 0, within_s=30) < 30


def test_a_killed_triggerer_delays_but_loses_nothing(system: System):
    eventually(lambda: not is_draining(system, "publish"), within_s=150)
    system.component("triggerer").kill()
    with system.connect() as conn:
        work.ask(conn, "publish", [20260101, 20260102])
    assert eventually(lambda: rows(system, "publish") == 0, within_s=30) < 30


def crash_postgres(system: System, *, for_s: float) -> None:
    """No database for so long: whenever the supervisor has brought it back, it crashes again."""
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        system.postgres().stop(at_once=True)
        time.sleep(0.1)


def rows(system: System, stage: str) -> int:
    with system.connect() as conn:
        [count] = conn.execute("SELECT count(*) FROM ops.work WHERE stage = %s", [stage]).fetchone()
        return count


def is_draining(system: System, stage: str) -> bool:
    with system.connect() as conn:
        name = f"newswire drain {stage}"
        [found] = conn.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name]).fetchone()
        return found > 0


def ask_everything(system: System, stage: str) -> None:
    with system.connect() as conn:
        conn.execute("SELECT ops.ask(%s, array_agg(article_id)) FROM news.articles", [stage])
