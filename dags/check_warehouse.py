"""Check the warehouse.

Asks the questions of `sql/checks`: does everything add up, is anything late, stranded or lost? A healthy answer is
no row. On the way it does the housekeeping that needs no decision, such as making the next months of the growing logs.

| | |
|---|---|
| **Runs** | every ten minutes, or as `NEWSWIRE_SCHEDULE_CHECK_WAREHOUSE` says |
| **Reads** | everything |
| **Writes** | what the checks found: `ops.checks` (`mart.checks` shows it); the months of `ops.polls` and `ops.fetches`, words of `news.search_documents`, and `ops.work` for what may work by now |
| **Leaves behind** | counts per check, in the task's result |
| **Safe to run again** | always |
| **Cannot** | be backfilled: it looks at the present |

**When it fails**, a check of severity *error* found rows: the message names the checks, the log shows what they found. Each
file in `sql/checks` says in its first lines how severe that is and why. It does not try again: the next run asks anew.
`SELECT name, severity, rows, why, wrong_since FROM mart.checks WHERE state = 'wrong';` has what was found last. A setting that
cannot be meant is one of the findings (`settings_are_good`), and so is news that comes late (`news_is_on_time`, `NEWSWIRE_LATE_S`).
When it cannot ask at all (the database is down), it tries for at least 25 minutes first.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts, done_within
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · check the warehouse",
    doc_md=page("check_warehouse", __doc__),
    schedule=by_clock("check_warehouse"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    deadline=done_within(15),
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
