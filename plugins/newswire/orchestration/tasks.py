"""What the tasks do: each body of a DAG file is one call of a function here.

Imported inside the task, so that a DAG file parses without the library behind it. What is returned crosses XCom:
counts, never documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from newswire.app import running
from newswire.orchestration.connections import warehouse_dsn
from newswire.orchestration.defaults import Counts
from newswire.orchestration.params import REBUILD_STAGES
from newswire.records import Days, Stage, StepReport


def drain(stage: Stage) -> Counts:
    """Work off a stage's queue, linger for more, and say what was done.

    A drain that found nothing ends as skipped, so that its outlets do not wake the stages behind it for nothing.
    """
    context = get_current_context()
    params = context["params"]
    with running(warehouse=warehouse_dsn()) as app:
        report = app.drain(stage, linger_s=params["linger_s"], cap_s=params["cap_s"])
    if not report.seen:
        raise AirflowSkipException(f"nothing was due in the queue of {stage}")
    return _told(context, report)


def rebuild(stage: Stage) -> Counts:
    """Run one stage again for the day of the run, unless the run begins with a later stage."""
    context = get_current_context()
    params = context["params"]
    day = day_of(context["dag_run"].partition_key)
    if not belongs_to_rebuild(stage, from_stage=params["from_stage"], dry_run=params["dry_run"]):
        raise AirflowSkipException(f"{stage} is no part of this rebuild")
    with running(warehouse=warehouse_dsn()) as app:
        report = app.rebuild_stage(
            stage,
            day,
            topics=params["topics"],
            sources=params["sources"],
            force=params["force"],
            dry_run=params["dry_run"],
        )
    return _told(context, report)


def import_history() -> Counts:
    """Import what feeds and sites keep of the day of the run."""
    context = get_current_context()
    params = context["params"]
    if params["warc"] and not (params["feeds"] or params["everything"]):
        raise AirflowSkipException("only WARC files were asked for")
    day = day_of(context["dag_run"].partition_key)
    with running(warehouse=warehouse_dsn()) as app:
        report = app.import_history(
            Days(since=day, until=day),
            feeds=params["feeds"],
            publishers=[] if params["warc"] else params["publishers"],
            everything=params["everything"],
            kinds=params["kinds"],
            most_documents=params["max_documents"],
            dry_run=params["dry_run"],
        )
    if not report.outcomes["feeds"]:
        raise AirflowSkipException(f"no feed was chosen, and none overflowed on {day}")
    return _finished(context, report)


def import_warc() -> Counts:
    """Import what WARC files hold of the day of the run."""
    context = get_current_context()
    params = context["params"]
    if not params["warc"]:
        raise AirflowSkipException("no WARC files were asked for")
    day = day_of(context["dag_run"].partition_key)
    with running(warehouse=warehouse_dsn()) as app:
        report = app.import_warc(
            params["warc"],
            days=Days(since=day, until=day),
            publishers=params["publishers"],
            dry_run=params["dry_run"],
        )
    return _finished(context, report)


def run_checks() -> Counts:
    """Ask every question of `sql/checks`, mend what can be mended, and fail, without a retry, where an answer is wrong."""
    context = get_current_context()
    with running(warehouse=warehouse_dsn()) as app:
        report = app.check()
    if report.failed:
        context["ti"].xcom_push(key="report", value=report.as_dict())
        raise AirflowFailException(f"{report.failed} checks found something wrong: {_wrong(report.outcomes)}")
    return Counts(report.as_dict())


def day_of(partition_key: str | None) -> date:
    """The day that a run is about. Raises AirflowFailException for a run without one: a retry would not find it either."""
    try:
        return date.fromisoformat(partition_key or "")
    except ValueError:
        raise AirflowFailException(
            f"{partition_key!r} is no day; start this DAG with a partition key such as 2026-11-10, or as a backfill"
        ) from None


def belongs_to_rebuild(stage: Stage, *, from_stage: Stage, dry_run: bool) -> bool:
    """Whether a stage runs in a rebuild. A dry run changes nothing, so that there is nothing to publish."""
    if stage == "publish":
        return not dry_run
    return REBUILD_STAGES.index(stage) >= REBUILD_STAGES.index(from_stage)


def _finished(context: Any, report: StepReport) -> Counts:
    """The report of an import that came to its end. One that did not raises, so that a retry goes on where it was."""
    counts = _told(context, report)
    left = report.outcomes.get("not_finished", 0) + report.outcomes.get("throttled", 0)
    if left:
        context["ti"].xcom_push(key="report", value=report.as_dict())
        raise AirflowException(f"{left} walks are not finished; the next try goes on where they are")
    return counts


def _told(context: Any, report: StepReport) -> Counts:
    """The report as the task's result, its counts also on the asset events that the task is about to cause."""
    counts = Counts(report.as_dict())
    for asset in context["outlets"]:
        context["outlet_events"][asset].extra = counts
    return counts


def _wrong(outcomes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({rows} rows)" for name, rows in outcomes.items() if rows)
