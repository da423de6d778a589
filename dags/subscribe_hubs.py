"""Subscribe at hubs.

Asks the hubs that feeds name to push what is new (WebSub), asks anew before a lease ends, and leaves hubs when a feed is
paused or names another. It needs an address at which hubs can reach the API server: `NEWSWIRE_PUBLIC_URL`. Without one nothing
is asked and every feed is polled, as always.

| | |
|---|---|
| **Runs** | every five minutes, or as `NEWSWIRE_SCHEDULE_SUBSCRIBE_HUBS` says; skipped when no hub is to be asked |
| **Reads** | `news.feeds`, the hubs |
| **Writes** | `ops.hub_subscriptions`, `ops.hub_secrets`; removes what is older than 35 days from these and `ops.pushes` |
| **Leaves behind** | counts, in the task's result |
| **Safe to run again** | always: what was asked is not asked again before its time |
| **Cannot** | be backfilled: it looks at the present |

**When it fails**, nothing is lost: leases run out after two weeks at most, and their feeds are polled at their own interval again.
`SELECT hub_url, feeds, verified, denied, hit_rate FROM mart.hubs;` shows each hub. One that does not answer is asked again after
an hour, then two, four, at most a week.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import DRAIN, HOUSE, NET, Counts
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · subscribe at hubs",
    doc_md=page("subscribe_hubs", __doc__),
    schedule=by_clock("subscribe_hubs"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    default_args={**DRAIN, **NET, "execution_timeout": timedelta(minutes=20)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def subscribe_hubs() -> None:
    @task(task_display_name="Ask hubs")
    def subscribe() -> Counts:
        """Ask every hub whose time has come."""
        from newswire.orchestration.tasks import subscribe_hubs as ask_hubs

        return ask_hubs()

    subscribe()


subscribe_hubs()
