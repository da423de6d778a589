"""Check the warehouse.

Asks the questions of `sql/checks`: does everything add up, is anything late, stranded or lost? A healthy answer is
no row. On the way it does the housekeeping that needs no decision, such as making the next months of the growing logs.

| | |
|---|---|
| **Runs** | every ten minutes |
| **Reads** | everything |
| **Writes** | partitions of `ops.polls` and `ops.fetches` |
| **Leaves behind** | counts per check, in the task's result |
| **Safe to run again** | always |
| **Cannot** | be backfilled: it looks at the present |

**When it fails**, a check of severity *error* found rows: the message names the checks, the log shows what they found. Each
file in `sql/checks` says in its first lines how severe that is and why. It does not try again: the next run asks anew.
When it cannot ask at all (the database is down), it tries for at least 25 minutes first.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · check the warehouse",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(minutes=9)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.OPS, Tag.TIER_2],
    **HOUSE,
)
def check_warehouse() -> None:
    @task(task_display_name="Ask every check")
    def check() -> Counts:
        """Ask every question whose time has come."""
        from newswire.orchestration.tasks import run_checks

        return run_checks()

    check()


check_warehouse()
