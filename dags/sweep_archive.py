"""Look after the archive of raw pages.

Reads a sample of pages again and holds the bytes against the digest in their rows. Then removes the files that no page
points to: what a crash between file and row left behind. A file younger than a day is never touched, because its rows may
still be coming.

| | |
|---|---|
| **Runs** | every day at 03:20 UTC, or as `NEWSWIRE_SCHEDULE_SWEEP_ARCHIVE` says |
| **Reads** | `news.pages`, the archive |
| **Writes** | nothing in the warehouse; removes orphaned files |
| **Leaves behind** | counts, in the results of its tasks; the names of the files, in the log |
| **Safe to run again** | always |
| **Cannot** | be backfilled: it looks at the present |

`newswire archive verify` reads every page; `newswire archive sweep` only names what this would remove.

**When it fails**, a page is not what its row says, or the archive is not the one of this warehouse.
* A page that cannot be read any more: restore the file from a backup, then `newswire archive verify`. Its article stays as it is:
  `SELECT page_id, final_url, archive_path FROM news.pages ORDER BY page_id DESC LIMIT 20;`
* Most files belong to no page: `NEWSWIRE_ARCHIVE` and the warehouse do not fit together. Nothing was removed.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from newswire.orchestration.defaults import CPU, HOUSE, PATIENT, Counts
from newswire.orchestration.params.keeping import archive_params
from newswire.orchestration.tags import Tag
from newswire.orchestration.timetables import by_clock, page


@dag(
    dag_display_name="News · look after the archive",
    doc_md=page("sweep_archive", __doc__),
    schedule=by_clock("sweep_archive"),
    allowed_run_types=["scheduled", "manual"],  # type: ignore[list-item]  # Airflow converts the names
    max_active_runs=1,
    params=archive_params(),
    default_args={**PATIENT, **CPU, "execution_timeout": timedelta(hours=2)},
    tags=[Tag.NEWS, Tag.CHECK, Tag.OPS, Tag.TIER_3],
    **HOUSE,
)
def sweep_archive() -> None:
    @task(task_display_name="Verify a sample of pages")
    def verify() -> Counts:
        """Read pages again and hold the bytes against their digest."""
        from newswire.orchestration.tasks import verify_archive

        return verify_archive()

    @task(task_display_name="Remove files that belong to no page")
    def sweep() -> Counts:
        """Remove what a crash between file and row left behind, a day later."""
        from newswire.orchestration.tasks import sweep_archive

        return sweep_archive()

    verify() >> sweep()


sweep_archive()
