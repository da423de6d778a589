"""Look at young articles again.

What was published an hour ago is still being mended, and some of it is taken down. This asks for such pages again: when an
article is 10 minutes, 1, 6, 24 and 72 hours old, twice as soon where the last look found it changed, and only after 1 and
24 hours where a site hardly ever changes anything. The fetch stage does the asking, behind everything that is new, and by
the page's own validators, so that an unchanged page costs its server a 304.

| | |
|---|---|
| **Runs** | every five minutes, or as `NEWSWIRE_SCHEDULE_RECHECK_ARTICLES` says |
| **Reads** | `news.addresses`: whose time has come |
| **Writes** | `ops.work`, for `fetch_pages` |
| **Leaves behind** | how many were asked for, in the task's result |
| **Safe to run again** | always: what is asked for already is not asked for twice |
| **Cannot** | be backfilled: the web shows today's page |

`NEWSWIRE_RECHECKS_PER_MINUTE` is its budget, `0` turns it off.

**When it fails**, changes are seen late; nothing is lost.
* What was found: `SELECT url, seen_at, why, changed_share, paragraphs_added FROM mart.revisions WHERE version > 1 ORDER BY seen_at DESC LIMIT 20;`
* What was taken down: `SELECT url, gone_since FROM mart.articles WHERE gone_since IS NOT NULL;`
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CONTROL, HOUSE, PATIENT, Counts
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · look at young articles again",
    doc_md=page("recheck_articles", __doc__),
    schedule=by_clock("recheck_articles"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    default_args={**PATIENT, **CONTROL, "execution_timeout": timedelta(minutes=4)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def recheck_articles() -> None:
    @task(task_display_name="Ask for pages whose time has come")
    def recheck() -> Counts:
        """Turn due looks into work for fetch, within the budget."""
        from newswire.orchestration.tasks import recheck

        return recheck()

    recheck()


recheck_articles()
