"""Poll the feeds that are due.

Asks each feed for what is new, politely (conditional requests, one request a host at a time), and keeps every entry it
has not seen. Each poll also decides when the feed is asked next.

| | |
|---|---|
| **Wakes up** | when a feed is due (`feeds_due`), at most a few seconds late |
| **Reads** | `news.feeds`, the web |
| **Writes** | `news.entries`, `news.entry_revisions`, `news.addresses`, the feed's state; the log `ops.polls` |
| **Leaves work for** | `fetch_pages`: addresses never fetched, entries that were revised |
| **Safe to run again** | always. A second run at the same time takes other feeds; with nothing due it ends as skipped |
| **Cannot** | be backfilled: a feed shows today's entries only. The past is made again by `rebuild_day` from stored pages |

**When it fails**, news is lost for good once a feed has pushed out its older entries: look today.
* One feed fails: that is data, not a failed task. `SELECT * FROM mart.feed_health ORDER BY failures DESC;`
* The task fails: its log names the cause. A wrong setting fails at once, anything else is tried twice more and then again
  with the next wake-up.
* Nothing runs although feeds are due: see that the triggerer is healthy and this DAG is not paused; a run started by
  hand polls whatever is due.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import ENTRIES, FEEDS_DUE, PAGE_REQUESTS
from newswire.orchestration.defaults import DRAIN, DRAINS, HOUSE, NET, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · poll feeds",
    doc_md=__doc__,
    schedule=[FEEDS_DUE],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(linger_s=60),
    default_args=DRAIN | NET,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_1],
    **HOUSE,
)
def poll_feeds() -> None:
    @task(task_display_name="Poll due feeds", outlets=[ENTRIES, PAGE_REQUESTS])
    def poll() -> Counts:
        """Poll feeds until none is due, then wait a little for the next."""
        from newswire.orchestration.tasks import drain

        return drain("poll")

    poll()


poll_feeds()
