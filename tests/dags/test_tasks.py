"""What tasks do, in a real context of Airflow and over a real warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from newswire.records import Subscription
from newswire.warehouse import feeds, marts, work
from newswire.warehouse.connection import connect

DRAIN = {"linger_s": 0, "cap_s": 60}
REBUILD = {"from_stage": "tag", "topics": [], "sources": [], "force": False, "dry_run": False}


@pytest.fixture
def tasks(orchestration) -> Any:
    return orchestration("tasks")


@pytest.fixture
def inside(orchestration, warehouse, monkeypatch, tmp_path) -> Callable[..., Any]:
    """Stand inside a task, over a warehouse and an archive of one's own, with the params and the partition key of a run."""
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn())
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", f"file://{tmp_path}")
    from airflow.sdk.execution_time.context import OutletEventAccessors, set_current_context

    outlets = [orchestration("assets").TOUCHED_DAYS]

    @contextmanager
    def enter(params: dict[str, Any], *, partition_key: str | None = None) -> Iterator[Any]:
        pushed: dict[str, Any] = {}
        context = {
            "params": params,
            "dag_run": SimpleNamespace(partition_key=partition_key),
            "ti": SimpleNamespace(xcom_push=lambda *, key, value: pushed.update({key: value})),
            "outlets": outlets,
            "outlet_events": OutletEventAccessors(),
            "pushed": pushed,
        }
        with set_current_context(context):
            yield context

    return enter


def counts_on_events(context: Any) -> list[Any]:
    return [context["outlet_events"][asset].extra for asset in context["outlets"]]


def test_a_drain_that_found_nothing_ends_as_skipped_so_that_its_outlets_wake_nobody(tasks, inside):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside(DRAIN), pytest.raises(AirflowSkipException, match="queue of group"):
        tasks.drain("group")


def test_a_drain_returns_counts_and_puts_them_on_the_events_it_causes(tasks, inside, warehouse):
    with connect(warehouse.dsn(), name="test") as conn:
        work.ask(conn, "publish", [marts.day_key(date(2026, 11, 10))])
    with inside(DRAIN) as context:
        counts = tasks.drain("publish")
    assert counts["seen"] == 1
    assert set(counts) == {"seen", "changed", "unchanged", "skipped", "failed", "outcomes"}
    assert counts_on_events(context) == [counts]


def test_a_rebuild_works_on_the_day_of_its_run(tasks, inside):
    with inside(REBUILD, partition_key="2026-11-10") as context:
        counts = tasks.rebuild("publish")
    assert counts["seen"] == 1
    assert counts_on_events(context) == [counts]


def test_a_rebuild_leaves_out_the_stages_before_its_first(tasks, inside):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside(REBUILD, partition_key="2026-11-10"), pytest.raises(AirflowSkipException, match="extract"):
        tasks.rebuild("extract")


@pytest.mark.parametrize(
    ("stage", "from_stage", "dry_run", "runs"),
    [
        ("extract", "extract", False, True),
        ("extract", "group", False, False),
        ("group", "extract", False, True),
        ("group", "tag", False, False),
        ("tag", "tag", True, True),
        ("publish", "tag", False, True),
        ("publish", "extract", True, False),  # nothing changed, so there is nothing to publish and nobody to tell
    ],
)
def test_which_stages_belong_to_a_rebuild(tasks, stage, from_stage, dry_run, runs):
    assert tasks.belongs_to_rebuild(stage, from_stage=from_stage, dry_run=dry_run) is runs


HISTORY = {
    "feeds": [],
    "publishers": [],
    "everything": False,
    "kinds": ["archived"],
    "warc": None,
    "max_documents": 10,
    "dry_run": False,
}


@pytest.mark.parametrize(
    ("task", "params", "why"),
    [
        ("import_history", {}, "no feed was chosen, and none overflowed on 2026-11-10"),
        ("import_history", {"warc": "/captures"}, "only WARC files were asked for"),
        ("import_warc", {"everything": True}, "no WARC files were asked for"),
    ],
)
def test_an_import_that_nobody_asked_for_ends_as_skipped(tasks, inside, task, params, why):
    from airflow.sdk.exceptions import AirflowSkipException

    with inside({**HISTORY, **params}, partition_key="2026-11-10"), pytest.raises(AirflowSkipException, match=why):
        getattr(tasks, task)()


def test_an_import_that_did_not_come_to_its_end_is_tried_again(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowException

    url = "https://paper.example/feed"
    with connect(warehouse.dsn(), name="test") as conn:
        feeds.subscribe(conn, [Subscription(url=url)], interval_s=900)
        work.block_hosts(conn, {"paper.example": 3600})
    with inside({**HISTORY, "feeds": [url]}, partition_key="2026-11-10") as context:
        with pytest.raises(AirflowException, match="the next try goes on"):
            tasks.import_history()
        assert context["pushed"]["report"]["outcomes"]["throttled"] == 1


@pytest.mark.parametrize("key", [None, "", "crawl-2026-47", "2026-13-01"])
def test_a_run_without_a_day_fails_at_once_and_says_how_to_start_it(tasks, key):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="partition key such as"):
        tasks.day_of(key)


def test_the_day_of_a_run_is_its_partition_key(tasks):
    assert tasks.day_of("2026-11-10") == date(2026, 11, 10)


def test_a_healthy_warehouse_passes_its_checks(tasks, inside):
    with inside({}):
        assert tasks.run_checks()["failed"] == 0


def test_a_wrong_answer_fails_the_check_at_once_after_it_was_reported(tasks, inside, warehouse):
    from airflow.sdk.exceptions import AirflowFailException

    with connect(warehouse.dsn(), name="test") as conn:  # a feed that nobody will ever poll
        feeds.subscribe(conn, [Subscription(url="https://forgotten.example/feed")], interval_s=900)
        conn.execute("DELETE FROM ops.work")
    with inside({}) as context, pytest.raises(AirflowFailException, match=r"feeds_have_their_poll \(1 rows\)"):
        tasks.run_checks()
    assert context["pushed"]["report"]["failed"] == 1
