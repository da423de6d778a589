"""Fetch the pages that entries lead to.

Asks for each address that somebody wants, within limits of time and size and as robots.txt allows, and archives the bytes
as they came before anything reads them.

| | |
|---|---|
| **Wakes up** | when an address waits to be fetched (`page_requests`) |
| **Reads** | `news.addresses`, the web |
| **Writes** | WARC files in the archive, `news.pages`, redirects in `news.addresses`; the log `ops.fetches` |
| **Leaves work for** | `extract_articles`: pages with new bytes |
| **Safe to run again** | always. The same bytes again make a line in the log, not a page |
| **Cannot** | be backfilled: the web shows today's page. Stored pages are read again by `rebuild_day` |

**When it fails**, news is late and pages may be gone by then.
* A page that is gone, forbidden by robots.txt or too large is an outcome, not a failure:
  `SELECT outcome, count(*) FROM ops.fetches WHERE at > now() - interval '1 day' GROUP BY 1;`
* What failed for good is kept with its cause: `SELECT * FROM mart.dead_letters WHERE stage = 'fetch';`
* The queue grows: `SELECT * FROM mart.queues;` shows how long the oldest address waits. One slow host holds up only
  its own pages.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from newswire.orchestration.assets import PAGE_REQUESTS, PAGES
from newswire.orchestration.defaults import DRAIN, DRAINS, HOUSE, NET, Counts, done_within
from newswire.orchestration.params.drains import drain_params
from newswire.orchestration.tags import Tag


@dag(
    dag_display_name="News · fetch pages",
    doc_md=__doc__,
    schedule=[PAGE_REQUESTS],
    max_active_runs=DRAINS,
    deadline=done_within(30),
    params=drain_params(),
    default_args=DRAIN | NET,
    tags=[Tag.NEWS, Tag.LIVE, Tag.FACTS, Tag.TIER_2],
    **HOUSE,
)
def fetch_pages() -> None:
    @task(task_display_name="Fetch wanted pages", outlets=[PAGES])
    def fetch() -> Counts:
        """Fetch pages until no address waits, then wait a little for more."""
        from newswire.orchestration.tasks import drain

        return drain("fetch")

    fetch()


fetch_pages()
