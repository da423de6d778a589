"""Retries, timeouts and what every DAG of the house shares: the one place where such a policy is decided."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any, NewType

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from newswire import schedules
from newswire.errors import ConfigError, MigrationError
from newswire.schedules import number

OWNER = "newswire"

# What a task returns: the counts of its report. Not a plain dict, which Airflow would store once more for every key.
Counts = NewType("Counts", dict[str, Any])

_FAIL_AT_ONCE = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[ConfigError, MigrationError],
            action=RetryAction.FAIL,
            reason="a setting, a topic or the schema is wrong: somebody must mend it, trying again does not",
        )
    ]
)


def _queue(kind: str) -> dict[str, Any]:
    return {"queue": os.environ.get(f"NEWSWIRE_QUEUE_{kind}") or "default"}


# On which workers a task runs, if there are several kinds (docs/containers.md); one machine has one kind and takes no notice.
CONTROL = _queue("CONTROL")  # a few statements in the warehouse
NET = _queue("NET")  # waits for the web
CPU = _queue("CPU")  # reads pages and compares texts

# Drains of one stage at the same time. More of them make use of more workers: claims never meet, and hosts are paced together.
DRAINS = number(schedules.DRAINS)

# Days that are rebuilt at the same time, and as many that are imported.
DAYS = number(schedules.DAYS)

# A backfill has a limit of its own, ten runs unless somebody says less: each stage of them works on so many days all the same, so
# that processors and slots are left for what is new.
PAST: dict[str, Any] = {"max_active_tis_per_dag": DAYS}

# Passed to every @dag. Live DAGs and replays run from the start; nothing catches up on dates by itself.
HOUSE: dict[str, Any] = {
    "catchup": False,
    "is_paused_upon_creation": False,
    "owner_links": {OWNER: os.environ.get("NEWSWIRE_OWNER_LINK", "mailto:newswire@localhost")},
}

# A drain is woken again by its watcher anyway, so it gives up soon and fails visibly.
DRAIN: dict[str, Any] = {
    "owner": OWNER,
    "retries": 2,
    "retry_delay": timedelta(seconds=10),
    "retry_policy": _FAIL_AT_ONCE,
    "execution_timeout": timedelta(minutes=10),  # the longest `cap_s` and one batch more
}

# Somebody sits before it: what a form says wrong is told at once, and started again by hand.
BY_HAND: dict[str, Any] = {"owner": OWNER, "retries": 0, "retry_policy": _FAIL_AT_ONCE}

# Nobody wakes these again, so they outlast a restart of the database or a deploy: 30 s, 1, 2, 4, 8 and 10 minutes at least.
PATIENT: dict[str, Any] = {
    "owner": OWNER,
    "retries": 6,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": _FAIL_AT_ONCE,
}


def done_within(minutes: int) -> DeadlineAlert:
    """A deadline for the runs of a DAG: one that is missed shows on the run's page and in the check `runs_end_in_time`.

    For runs that begin when they are due. Those of a backfill wait for each other, and an approval for a person: both may.
    """
    return DeadlineAlert(
        name=f"done within {minutes} minutes",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback("newswire.orchestration.deadlines.tell"),
    )
