"""What stands first on the page of a run: its report in words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from newswire.warehouse.connection import connect


@pytest.fixture
def in_words(orchestration):
    return orchestration("run_notes").in_words


def test_counts_are_told_without_what_is_nothing(in_words):
    counts = {
        "seen": 5,
        "changed": 4,
        "unchanged": 0,
        "skipped": 1,
        "failed": 0,
        "outcomes": {"stored": 4, "robots": 1},
    }
    assert in_words([("Fetch wanted pages", counts)]) == (
        "**Fetch wanted pages**: seen 5, changed 4, skipped 1 (stored 4, robots 1)"
    )
    assert in_words([("Check", {"seen": 0, "outcomes": {}})]) == "**Check**: nothing to do"


def test_lines_are_a_list_and_tasks_stand_in_their_order(in_words):
    told = in_words([("Look", ["  paper.example: 1 feed", "other.example"]), ("Subscribe", {"changed_subjects": 1})])
    assert told == "**Look**\n* paper.example: 1 feed\n* other.example\n\n**Subscribe**: changed subjects 1"


def test_what_a_task_told_and_what_it_returned_stand_under_its_name(in_words):
    results = [("Check", ["error x"]), ("Look", ["nothing"]), ("Check", {"failed": 1}), ("Look", [{"subject": "?"}])]
    assert in_words(results) == "**Check**: failed 1\n* error x\n\n**Look**\n* nothing"


def test_what_is_no_report_is_not_told(in_words):
    assert in_words([("Ask", [{"subject": "?"}]), ("Other", None), ("Number", 3), ("None", [])]) == ""


def test_a_note_is_no_longer_than_airflow_keeps_and_ends_with_a_whole_line(in_words):
    told = in_words([("Look", [f"line {number}" for number in range(500)])])
    assert len(told) <= 750  # the rest is for links
    *lines, _, last = told.splitlines()
    assert last == "(more in the task's XCom)"
    assert lines[-1] == f"* line {len(lines) - 2}"


def test_a_note_leads_to_the_assets_that_the_run_wrote_to_and_fits_with_the_most_of_them(orchestration, dags):
    links = orchestration("run_notes").links
    assert links(["pages", "pages"]) == "\n\nWrites to [pages](/assets?name_pattern=pages)"
    assert links([]) == ""
    written = {
        name: [asset["name"] for task in dag["tasks"].values() for asset in task["outlets"]]
        for name, dag in dags.items()
    }
    assert max(len(links(assets)) for assets in written.values()) <= 250


# --- Deadlines -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tell(orchestration, warehouse, monkeypatch):
    """What the triggerer calls, with the context that Airflow gives."""
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_WAREHOUSE", warehouse.dsn())

    def call(needed_by: datetime, *, end_date: str | None = None) -> str:
        run = {"dag_id": "tag_articles", "dag_run_id": "scheduled__1", "end_date": end_date}
        context = {"dag_run": run, "deadline": {"deadline_time": needed_by.isoformat()}}
        return asyncio.run(orchestration("deadlines").tell(context))

    return call


def late_runs(warehouse) -> list[tuple]:
    with connect(warehouse.dsn(), name="test") as conn:
        return conn.execute("SELECT dag_id, run_id, needed_by FROM ops.late_runs").fetchall()


def test_a_run_that_passes_its_deadline_is_known_to_the_warehouse_once(tell, warehouse):
    needed_by = datetime.now(UTC) - timedelta(seconds=5)
    for _ in range(2):
        assert tell(needed_by) == f"tag_articles scheduled__1 is not done by {needed_by:%Y-%m-%d %H:%M:%S} UTC"
    assert late_runs(warehouse) == [("tag_articles", "scheduled__1", needed_by)]


def test_a_run_that_failed_in_time_is_not_late(tell, warehouse):
    now = datetime.now(UTC)
    assert tell(now, end_date=(now - timedelta(minutes=9)).isoformat()) == "the run failed in time"
    assert late_runs(warehouse) == []


def test_a_system_that_was_stopped_over_night_wakes_up_without_late_runs(tell, warehouse):
    assert tell(datetime.now(UTC) - timedelta(hours=8)) == "the system was stopped when the run was due"
    assert late_runs(warehouse) == []
