"""Run by the tests in a process of its own: reads every DAG as Airflow's DAG processor does and prints what it found, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization


def describe(folder: str) -> dict[str, Any]:
    bag = DagBag(dag_folder=folder)
    return {"errors": bag.import_errors, "dags": {dag.dag_id: _dag(dag) for dag in bag.dags.values()}}


def _dag(dag: Any) -> dict[str, Any]:
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    condition = stored.timetable.asset_condition
    return {
        "file": dag.fileloc,
        "doc": dag.doc_md,
        "display_name": dag.dag_display_name,
        "owner": dag.owner,
        "owner_links": dag.owner_links,
        "tags": sorted(dag.tags),
        "timetable": type(stored.timetable).__name__,
        "schedule": stored.timetable.serialize() if not _assets(condition) else None,
        "woken_by": _assets(condition),
        "max_active_runs": dag.max_active_runs,
        "done_within_min": [alert.interval.total_seconds() / 60 for alert in dag.deadline or ()],
        "catchup": dag.catchup,
        "born_paused": dag.is_paused_upon_creation,
        "allowed_run_types": sorted(kind.value for kind in dag.allowed_run_types or ()),
        "params": {name: param.serialize() for name, param in dag.params.items()},
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _assets(condition: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": asset.name,
            "uri": asset.uri,
            "group": asset.group,
            "watchers": [watcher.trigger["kwargs"] for watcher in asset.watchers],
        }
        for _, asset in condition.iter_assets()
    ]


def _task(task: Any) -> dict[str, Any]:
    return {
        "display_name": task.task_display_name,
        "doc": task.doc_md,
        "owner": task.owner,
        "queue": task.queue,
        "at_once": task.max_active_tis_per_dag,
        "retries": task.retries,
        "retry_delay_s": task.retry_delay.total_seconds(),
        "backoff": task.retry_exponential_backoff,
        "max_retry_delay_s": task.max_retry_delay and task.max_retry_delay.total_seconds(),
        "fails_at_once": task.retry_policy and task.retry_policy.serialize(),
        "timeout_s": task.execution_timeout and task.execution_timeout.total_seconds(),
        "trigger_rule": task.trigger_rule.value,
        "multiple_outputs": task.multiple_outputs,
        "after": sorted(task.upstream_task_ids),
        "outlets": [{"name": asset.name, "uri": asset.uri, "group": asset.group} for asset in task.outlets],
    }


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1]), default=str))
