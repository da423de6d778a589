"""Check the feeds.

Says in words how all feeds are: which fail and why, which are silent against their habit, whose window overflowed, whose "not
modified" hid news. One broken feed is everyday and only reported; the task fails when that is too many.

| | |
|---|---|
| **Runs** | every hour, or as `NEWSWIRE_SCHEDULE_CHECK_FEEDS` says |
| **Reads** | `mart.feed_health` |
| **Writes** | nothing |
| **Leaves behind** | the report, in the log of the task and its return value |
| **Safe to run again** | always |
| **Cannot** | be backfilled: it looks at the present |

**When it fails**, too many feeds are in trouble at once, or none has answered although some were due: rather a matter of this
machine, its network or its name than of each feed. Nothing waits for this DAG, and the next hour asks anew. The limits are in its
form. `SELECT url, why, failing_since, retries FROM mart.feed_health WHERE state = 'failing' ORDER BY failing_since;`
* All at once: is this machine cut off? `SELECT down_since FROM ops.network;`
* Those of one host: it may want another name or more patience: `NEWSWIRE_USER_AGENT`, `NEWSWIRE_HOST_GAP_S`.
* Single ones: `newswire feeds check URL` says what to do; `newswire feeds pause` or `remove` ends it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT
from newswire.orchestration.params.feeds import check_feeds_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · check the feeds",
    doc_md=page("check_feeds", __doc__),
    schedule=by_clock("check_feeds"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    params=check_feeds_params(),
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(minutes=9)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def check_feeds() -> None:
    @task(task_display_name="Look at every feed")
    def check() -> list[str]:
        """Say how the feeds are."""
        from newswire.orchestration.tasks import check_feeds as look

        return look()

    check()


check_feeds()
