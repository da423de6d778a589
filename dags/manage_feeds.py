"""Manage feeds.

Find the feeds of a site, look at them, subscribe, keep them in order: what `newswire feeds` does at a terminal, as a form.

| | |
|---|---|
| **Runs** | when somebody starts it: *Trigger*, and the form |
| **Reads** | the web (discover, preview), `mart.feed_health` |
| **Writes** | `news.feeds`, `news.publishers`; `ops.work`, for `poll_feeds` |
| **Leaves behind** | what came of it, in lines: the log of the task and its return value |
| **Safe to run again** | always: adding or importing again changes nothing, and what is paused or removed stays so |
| **Cannot** | be backfilled: it acts on the feeds of now |

Usual order: *discover* with the address of a site, *preview* with what it found, *add*. A feed behind a login names an Airflow
connection: login and password are basic auth, a password alone is a bearer token, `{"headers": {...}}` in the extra is sent as
it is; all of it to the feed's own https origin only.

What there is: `SELECT url, groups, state, why, next_poll_at FROM mart.feed_health ORDER BY url;`

**When it fails**, the message says what was wrong with the form and how to mend it. It is not tried again: start it anew.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import BY_HAND, HOUSE, NET
from newswire.orchestration.params.feeds import manage_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · manage feeds",
    doc_md=__doc__,
    schedule=None,
    allowed_run_types=["manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=4,
    params=manage_params(),
    default_args={**BY_HAND, **NET, "execution_timeout": timedelta(minutes=15)},
    tags=[Tag.NEWS, Tag.MANAGE, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def manage_feeds() -> None:
    @task(task_display_name="Do what the form says")
    def manage() -> list[str]:
        """Find, look at, subscribe to, or put in order the feeds of the form."""
        from newswire.orchestration.tasks import manage_feeds as act

        return act()

    manage()


manage_feeds()
