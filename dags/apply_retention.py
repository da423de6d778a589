"""Let go what `config/retention.yaml` does not keep.

Drops months of the logs of polls and fetches, takes archived pages out of their files (a file of which nothing is kept goes
whole), and empties texts. Titles, digests, tags and the keys that keep an article from coming in twice stay in any case. As
shipped, only logs older than 13 months go.

| | |
|---|---|
| **Runs** | every day at 03:50 UTC, or as `NEWSWIRE_SCHEDULE_APPLY_RETENTION` says |
| **Reads** | `config/retention.yaml`, `news.pages`, `news.articles`, `news.entries` |
| **Writes** | `news.pages`, `news.article_versions`, `news.entries`, months of `ops.polls` and `ops.fetches`, the archive |
| **Leaves behind** | counts, as the result of its task |
| **Safe to run again** | always; killed anywhere, the next run goes on |
| **Cannot** | be backfilled: it looks at the present. What went is gone: look at a *dry run* first |

`newswire retention --dry-run` says the same at the command line. A day whose texts went is not grouped or tagged again, one
whose pages went not read again: `SELECT day, count(*) FROM mart.articles WHERE text = '' GROUP BY day ORDER BY day LIMIT 20;`

**When it fails**
* `retention.yaml:LINE: ...` names what is wrong there, and the mend; nothing went.
* An archive file cannot be read: nothing of that batch went. Mend the place (`NEWSWIRE_ARCHIVE`), and run it again.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import HOUSE, PATIENT, Counts
from newswire.orchestration.params.keeping import retention_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · let go what is not kept",
    doc_md=page("apply_retention", __doc__),
    schedule=by_clock("apply_retention"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    params=retention_params(),
    default_args={**PATIENT, "execution_timeout": timedelta(hours=2)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def apply_retention() -> None:
    @task(task_display_name="Let go what is not kept")
    def retain() -> Counts:
        """Drop old months of logs, take old pages out of the archive, empty old texts."""
        from newswire.orchestration.tasks import apply_retention

        return apply_retention()

    retain()


apply_retention()
