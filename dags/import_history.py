r"""Import a day of the past.

Takes what feeds and their sites still keep of a day: the archives and further pages of a feed, the sitemaps of its publisher;
and, where an address is given, what WARC files of another archive captured on that day. The pages are then fetched and read by
the live DAGs as bulk work: behind everything new, and with a distance of its own to the last request to the same host.

| | |
|---|---|
| **A run is** | one day (UTC), the partition key of the run: `2026-11-10`; today is left to `poll_feeds` |
| **Reads** | the web, politely: at least `NEWSWIRE_HISTORY_GAP_S` (5 s) between two requests to a host, as robots.txt allows; WARC files |
| **Writes** | `news.entries`, `news.pages`; how far it has come: `news.history_documents`, `ops.warc_files` |
| **Leaves work for** | `fetch_pages`: addresses that were never fetched; `extract_articles`: captured pages |
| **Safe to run again** | always: what is known stays as it is, and documents whose share of the day was taken are not asked for again |

**To import days**, use *Backfill* on this page, or
```
newswire airflow backfill create --dag-id import_history --from-date 2026-11-01 --to-date 2026-11-10 \
  --reprocess-behavior completed --max-active-runs 1 --dag-run-conf '{"publishers": ["example.org"]}'
```
* Tick *Override parameters on existing runs*: without it Airflow shows the form and does not send it. A backfill without
  parameters does nothing and says so.
* Choose *all runs* (`completed`) as reprocess behaviour: the default skips each day that has a run already, and every day
  got one in its night.
* Say whose past: feeds, publishers, or everything. A run for which nothing is said, such as that of each night, looks only
  after the feeds that overflowed on its day, where something is known to be missing.
* One active run at a time: two would wait for each other's turns at the same hosts.
* Try *dry run* first: it asks for the documents and counts, but writes nothing.
* What is there: `SELECT * FROM mart.history;` What of it are articles, and who vouches for their day:
  `SELECT day, seen_by, count(*) FROM mart.articles GROUP BY 1, 2 ORDER BY 1, 2;`

**When it fails**, a host asked for patience, or a feed has more documents than the run was allowed: each retry goes on where
the last one was, and so does the day when it is started again. Records of WARC files that cannot be read are kept with their
cause: `SELECT * FROM mart.dead_letters WHERE stage = 'import';`
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.assets import ENTRIES, PAGE_REQUESTS, PAGES
from newswire.orchestration.defaults import DAYS, HOUSE, NET, PAST, PATIENT, Counts
from newswire.orchestration.params.past import history_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_day


@dag(
    dag_display_name="News · import the past",
    doc_md=__doc__,
    schedule=by_day(),
    max_active_runs=DAYS,
    params=history_params(),
    default_args={**PATIENT, **PAST, **NET, "execution_timeout": timedelta(hours=12)},
    tags=[Tag.NEWS, Tag.REPLAY, Tag.FACTS, Tag.TIER_3],
    **HOUSE,
)
def import_history() -> None:
    @task(task_display_name="Import what feeds and sites keep of the day", outlets=[ENTRIES, PAGE_REQUESTS])
    def feeds() -> Counts:
        """Walk through archives, further pages and sitemaps, and ask for the pages of the day."""
        from newswire.orchestration.tasks import import_history

        return import_history()

    @task(task_display_name="Import captures of the day", outlets=[PAGES])
    def captures() -> Counts:
        """Take the pages that WARC files hold of the day."""
        from newswire.orchestration.tasks import import_warc

        return import_warc()

    feeds()
    captures()


import_history()
