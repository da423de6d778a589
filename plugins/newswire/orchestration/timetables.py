"""The timetables of the DAGs that run by the clock, as their settings say (`schedules.py`)."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronPartitionTimetable, CronTriggerTimetable

from newswire.core.cron import OFF
from newswire.schedules import schedule, schedule_problem


def by_clock(dag_id: str) -> CronTriggerTimetable | None:
    """Runs at these times; None: only when somebody starts it."""
    expression = schedule(dag_id)
    return None if expression == OFF else CronTriggerTimetable(expression, timezone="UTC")


def by_day() -> CronPartitionTimetable:
    """A run is a day, `2026-11-10`: each night that of yesterday, and any other as a backfill."""
    return CronPartitionTimetable(
        "0 0 * * *",
        timezone="UTC",
        run_offset=-1,  # the day before
        key_format="%Y-%m-%d",
        run_immediately=timedelta(0),  # a new installation waits for its first night
    )


def page(dag_id: str, doc: str | None) -> str:
    """The page of a DAG; where its setting is wrong, that stands before all else."""
    wrong = schedule_problem(dag_id)
    return f"**A setting is wrong.** {wrong}.\n\n{doc}" if wrong else doc or ""
