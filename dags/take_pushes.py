"""Take pushes.

Reads what hubs have pushed (WebSub) and keeps every entry that was not seen before: news that nobody had to ask for. The same
code reads it that reads a poll's answer; what a feed's own server said last (its validators) stays as it is.

| | |
|---|---|
| **Wakes up** | when a push was kept (`pushes`), within a second; a drain that lingers takes it within milliseconds |
| **Reads** | `ops.pushes`, `news.feeds` |
| **Writes** | `news.entries`, `news.entry_revisions`, `news.addresses`; the outcome of each push in `ops.pushes` |
| **Leaves work for** | `fetch_pages`: addresses never fetched, entries that were revised |
| **Safe to run again** | always. Pushes of one feed take turns; with nothing kept it ends as skipped |
| **Cannot** | be backfilled: a push comes once. What it brought is polled, too, as long as the feed shows it |

**When it fails**, news that was pushed is late: each feed is polled all the same, at most 12 hours later.
* A push cannot be read: that is data, not a failed task, and its feed is polled at once.
  `SELECT outcome, detail, count(*) FROM ops.pushes GROUP BY outcome, detail;`
* Nothing is ever pushed: `SELECT url, state, why FROM mart.feed_pushes;` says why.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ENTRIES, PAGE_REQUESTS, PUSHES
from newswire.orchestration.defaults import CPU, DRAIN, DRAINS, HOUSE, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · take pushes",
    doc_md=__doc__,
    schedule=[PUSHES],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(linger_s=60),
    default_args=DRAIN | CPU,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_2],
    **HOUSE,
)
def take_pushes() -> None:
    @task(task_display_name="Take pushes", outlets=[ENTRIES, PAGE_REQUESTS])
    def push() -> Counts:
        """Take pushes until none waits, then wait a little for the next."""
        from newswire.orchestration.tasks import drain

        return drain("push")

    push()


take_pushes()
